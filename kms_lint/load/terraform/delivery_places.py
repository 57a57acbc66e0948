"""Which resources of the AWS provider have a service write to others as itself, and which share what is encrypted, as data.

https://registry.terraform.io/providers/hashicorp/aws/latest/docs
"""

from __future__ import annotations

from typing import Final, NamedTuple

from kms_lint.load.terraform.arguments import Path


class Delivering(NamedTuple):
    """The service that writes, and the arguments that name what it writes to.

    `unless` is an argument beside them with which a role writes instead, `only_with` one without which nothing is written.
    """

    service: str
    paths: tuple[Path, ...]
    unless: str | None = None
    only_with: str | None = None


class Sharing(NamedTuple):
    """The arguments that name other accounts; `of` names what is shared, which is the resource itself where it is `None`."""

    accounts: tuple[Path, ...]
    of: str | None = None


def _delivering(
    service: str, *paths: str, unless: str | None = None, only_with: str | None = None
) -> tuple[Delivering, ...]:
    return (Delivering(service, tuple(tuple(path.split(".")) for path in paths), unless, only_with),)


_ALARMS: Final = _delivering("cloudwatch", "alarm_actions", "ok_actions", "insufficient_data_actions")

DELIVERIES: Final = {
    "aws_budgets_budget": _delivering("budgets", "notification.subscriber_sns_topic_arns"),
    "aws_ce_anomaly_subscription": _delivering("costalerts", "subscriber.address"),
    "aws_cloudfront_distribution": _delivering(
        "cloudfront", "origin.domain_name", only_with="origin_access_control_id"
    ),
    "aws_cloudwatch_composite_alarm": _ALARMS,
    "aws_cloudwatch_event_target": _delivering("events", "arn", unless="role_arn"),
    "aws_cloudwatch_log_delivery_destination": _delivering(
        "delivery.logs", "delivery_destination_configuration.destination_resource_arn"
    ),
    "aws_cloudwatch_metric_alarm": _ALARMS,
    "aws_codecommit_trigger": _delivering("codecommit", "trigger.destination_arn"),
    "aws_db_event_subscription": _delivering("rds", "sns_topic"),
    "aws_dms_event_subscription": _delivering("dms", "sns_topic_arn"),
    "aws_flow_log": _delivering("delivery.logs", "log_destination"),
    "aws_glacier_vault": _delivering("glacier", "notification.sns_topic"),
    "aws_redshift_event_subscription": _delivering("redshift", "sns_topic_arn"),
    "aws_s3_bucket_notification": _delivering("s3", "topic.topic_arn", "queue.queue_arn"),
    "aws_ses_identity_notification_topic": _delivering("ses", "topic_arn"),
    "aws_ses_receipt_rule": _delivering("ses", "sns_action.topic_arn"),
    "aws_sns_topic_subscription": _delivering("sns", "endpoint"),
}
"""By type of resource."""

SHARES: Final = {
    "aws_ami_launch_permission": Sharing(
        (("account_id",), ("group",), ("organization_arn",), ("organizational_unit_arn",)), "image_id"
    ),
    "aws_db_cluster_snapshot": Sharing((("shared_accounts",),), "db_cluster_identifier"),
    "aws_db_snapshot": Sharing((("shared_accounts",),), "db_instance_identifier"),
    "aws_db_snapshot_copy": Sharing((("shared_accounts",),)),
    "aws_rds_cluster_snapshot_copy": Sharing((("shared_accounts",),)),
    "aws_snapshot_create_volume_permission": Sharing((("account_id",),), "snapshot_id"),
}
"""By type of resource."""

MADE_FROM: Final[dict[str, Path]] = {
    "aws_ami": ("ebs_block_device", "snapshot_id"),
    "aws_ebs_snapshot": ("volume_id",),
}
"""The arguments that name what a snapshot or an image was made from, and takes its key from."""

BY_DEFAULT: Final = {"aws_db_instance": "alias/aws/rds", "aws_rds_cluster": "alias/aws/rds"}
"""The key of what asks for `storage_encrypted` and names none.

https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html
"""

KEY_FROM_ELSEWHERE: Final = (
    "kms_key_id",
    "snapshot_identifier",
    "replicate_source_db",
    "replication_source_identifier",
    "restore_to_point_in_time",
    "s3_import",
    "global_cluster_identifier",
)
"""What takes the key of a database from somewhere else."""
