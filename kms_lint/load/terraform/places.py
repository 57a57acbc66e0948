"""Where policies stand in the resources of the AWS providers, as data: one line for each argument that holds one.

https://registry.terraform.io/providers/hashicorp/aws/latest/docs and
https://registry.terraform.io/providers/hashicorp/awscc/latest/docs
"""

from __future__ import annotations

from typing import Final, NamedTuple

from kms_lint.load.terraform.arguments import Path
from kms_lint.model import PolicyKind
from kms_lint.syntax.expression import Block


class Place(NamedTuple):
    """An argument that holds a policy.

    `of` is the argument that names the identity, or the resource, that the policy is for; `itself` is whether that is
    the resource itself.
    `named` is whether the address of the policy names the argument, too, because the resource has several.
    """

    path: Path
    kind: PolicyKind
    of: str | None = None
    itself: bool = False
    named: bool = False


def _argument(name: str, kind: PolicyKind, of: str | None = None) -> tuple[Place, ...]:
    return (Place((name,), kind, of),)


def _within(*paths: str) -> tuple[Place, ...]:
    """The inline policies of an identity itself, and its trust policy."""
    return tuple(
        Place(
            tuple(path.split(".")),
            PolicyKind.TRUST if path.startswith("assume") else PolicyKind.IDENTITY,
            itself=True,
            named=True,
        )
        for path in paths
    )


_IDENTITY: Final = PolicyKind.IDENTITY
_ENDPOINT: Final = PolicyKind.VPC_ENDPOINT
_RESOURCE: Final = PolicyKind.RESOURCE

POLICIES: Final[dict[str, tuple[Place, ...]]] = {
    "aws_iam_policy": _argument("policy", _IDENTITY),
    "aws_iam_role_policy": _argument("policy", _IDENTITY, "role"),
    "aws_iam_user_policy": _argument("policy", _IDENTITY, "user"),
    "aws_iam_group_policy": _argument("policy", _IDENTITY, "group"),
    "aws_iam_role": _within("assume_role_policy", "inline_policy.policy"),
    "aws_ssoadmin_permission_set_inline_policy": _argument("inline_policy", _IDENTITY, "permission_set_arn"),
    "aws_vpc_endpoint": _argument("policy", _ENDPOINT),
    "aws_vpc_endpoint_policy": _argument("policy", _ENDPOINT),
    "aws_backup_vault_policy": _argument("policy", _RESOURCE, "backup_vault_name"),
    "aws_cloudwatch_event_bus_policy": _argument("policy", _RESOURCE, "event_bus_name"),
    "aws_dynamodb_resource_policy": _argument("policy", _RESOURCE, "resource_arn"),
    "aws_ecr_repository_policy": _argument("policy", _RESOURCE, "repository"),
    "aws_efs_file_system_policy": _argument("policy", _RESOURCE, "file_system_id"),
    "aws_kinesis_resource_policy": _argument("policy", _RESOURCE, "resource_arn"),
    "aws_s3_bucket_policy": _argument("policy", _RESOURCE, "bucket"),
    "aws_secretsmanager_secret_policy": _argument("policy", _RESOURCE, "secret_arn"),
    "aws_sns_topic_policy": _argument("policy", _RESOURCE, "arn"),
    "aws_sqs_queue_policy": _argument("policy", _RESOURCE, "queue_url"),
    "aws_sagemaker_model_package_group_policy": _argument("resource_policy", _RESOURCE),
    "aws_cloudwatch_log_resource_policy": _argument("policy_document", _RESOURCE),
    "aws_cloudwatch_log_destination_policy": _argument("access_policy", _RESOURCE),
    "aws_opensearch_domain_policy": _argument("access_policies", _RESOURCE),
    "aws_elasticsearch_domain_policy": _argument("access_policies", _RESOURCE),
    "aws_opensearch_domain": _argument("access_policies", _RESOURCE),
    "aws_elasticsearch_domain": _argument("access_policies", _RESOURCE),
    "awscc_iam_managed_policy": _argument("policy_document", _IDENTITY),
    "awscc_iam_role_policy": _argument("policy_document", _IDENTITY, "role_name"),
    "awscc_iam_user_policy": _argument("policy_document", _IDENTITY, "user_name"),
    "awscc_iam_group_policy": _argument("policy_document", _IDENTITY, "group_name"),
    "awscc_iam_role": _within("assume_role_policy_document", "policies.policy_document"),
    "awscc_iam_user": _within("policies.policy_document"),
    "awscc_iam_group": _within("policies.policy_document"),
    "awscc_sso_permission_set": _within("inline_policy"),
    "awscc_ec2_vpc_endpoint": _argument("policy_document", _ENDPOINT),
    "awscc_s3_bucket_policy": _argument("policy_document", _RESOURCE, "bucket"),
    "awscc_sqs_queue_policy": _argument("policy_document", _RESOURCE),
    "awscc_sns_topic_policy": _argument("policy_document", _RESOURCE),
    "awscc_secretsmanager_resource_policy": _argument("resource_policy", _RESOURCE, "secret_id"),
}
"""By type of resource. Another resource with an argument `policy` has a policy of its own: a resource policy."""

CONTROLS: Final = {
    "SERVICE_CONTROL_POLICY": PolicyKind.SCP,
    "RESOURCE_CONTROL_POLICY": PolicyKind.RCP,
}
"""The kinds of policy of an organization that speak of permissions, by `type`."""

ORGANIZATIONS: Final = frozenset({"aws_organizations_policy", "awscc_organizations_policy"})
"""The resources whose `content` is a policy of an organization, a service control policy when nothing else is said."""

_OTHERS: Final = _argument("policy", _RESOURCE)


def places(type: str) -> tuple[Place, ...]:
    """Where policies stand in a resource of a type."""
    return POLICIES.get(type, _OTHERS)


def as_objects(type: str) -> bool:
    """Whether a policy may be given as an object; the AWS provider takes text only."""
    return type.startswith("awscc_")


def may_hold(block: Block) -> bool:
    """Whether a resource may hold a policy: a look at its text, as most do not and are not read any further."""
    type = block.labels[0]
    return type in POLICIES or type in ORGANIZATIONS or block.at.source.text.find("policy", *block.at[1:]) >= 0
