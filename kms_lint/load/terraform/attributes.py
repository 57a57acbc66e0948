"""The forms of what the AWS provider works out: ARNs, ids and names of things that will exist.

`{name}` is another attribute of the same resource, written or worked out; one that nobody knows stays `<…>`.
https://registry.terraform.io/providers/hashicorp/aws/latest/docs and
https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

from __future__ import annotations

from typing import Final

OPAQUE: Final = "<>"

_KEY: Final = {
    "arn": "arn:{partition}:kms:{region}:{account}:key/{key_id}",
    "key_id": OPAQUE,
    "id": "{key_id}",
}
_CLUSTER: Final = {
    "arn": "arn:{partition}:rds:{region}:{account}:cluster:{cluster_identifier}",
    "cluster_identifier": OPAQUE,
    "id": "{cluster_identifier}",
}


def _with_arn(resource: str, name: str, **others: str) -> dict[str, str]:
    """The forms of something that has a name and an ARN, which ends as given."""
    return {"arn": f"arn:{{partition}}:{resource}", name: OPAQUE, **others}


FORMS: Final[dict[str, dict[str, str]]] = {
    "aws_kms_key": _KEY,
    "aws_kms_external_key": _KEY,
    "aws_kms_replica_key": _KEY,
    "aws_kms_replica_external_key": _KEY,
    "aws_kms_alias": {
        "arn": "arn:{partition}:kms:{region}:{account}:{name}",
        "name": "alias/<>",
        "id": "{name}",
    },
    "data.aws_vpc_endpoint_service": {"service_name": "com.amazonaws.{region}.{service}", "service": OPAQUE},
    "data.aws_kms_alias": {
        "arn": "arn:{partition}:kms:{region}:{account}:{name}",
        "name": "alias/<>",
        "target_key_id": OPAQUE,
        "target_key_arn": "arn:{partition}:kms:{region}:{account}:key/{target_key_id}",
        "id": "{arn}",
    },
    "aws_iam_role": {
        "arn": "arn:{partition}:iam::{account}:role{path}{name}",
        "path": "/",
        "name": OPAQUE,
        "id": "{name}",
        "unique_id": OPAQUE,
    },
    "aws_iam_user": {
        "arn": "arn:{partition}:iam::{account}:user{path}{name}",
        "path": "/",
        "name": OPAQUE,
        "id": "{name}",
        "unique_id": OPAQUE,
    },
    "aws_iam_group": {
        "arn": "arn:{partition}:iam::{account}:group{path}{name}",
        "path": "/",
        "name": OPAQUE,
        "id": "{name}",
        "unique_id": OPAQUE,
    },
    "aws_iam_policy": {
        "arn": "arn:{partition}:iam::{account}:policy{path}{name}",
        "path": "/",
        "name": OPAQUE,
        "id": "{arn}",
        "policy_id": OPAQUE,
    },
    "aws_iam_instance_profile": {
        "arn": "arn:{partition}:iam::{account}:instance-profile{path}{name}",
        "path": "/",
        "name": OPAQUE,
        "id": "{name}",
    },
    "aws_iam_service_linked_role": {
        "arn": "arn:{partition}:iam::{account}:role{path}{name}",
        "path": "/aws-service-role/{aws_service_name}/",
        "name": OPAQUE,
        "id": "{arn}",
        "unique_id": OPAQUE,
    },
    "aws_iam_saml_provider": {
        "arn": "arn:{partition}:iam::{account}:saml-provider/{name}",
        "id": "{arn}",
    },
    "aws_iam_openid_connect_provider": {
        "arn": "arn:{partition}:iam::{account}:oidc-provider/{host}",
        "id": "{arn}",
    },
    # The path of a role or user that exists already is part of its ARN, and nobody has written it down.
    "data.aws_iam_role": {
        "arn": "arn:{partition}:iam::{account}:role/{path_and_name}",
        "id": "{name}",
        "unique_id": OPAQUE,
    },
    "data.aws_iam_user": {
        "arn": "arn:{partition}:iam::{account}:user/{path_and_name}",
        "id": "{unique_id}",
        "user_id": OPAQUE,
    },
    "data.aws_caller_identity": {
        "account_id": "{account}",
        "id": "{account}",
        "arn": "arn:{partition}:{?}::{account}:{?}",
    },
    "data.aws_iam_session_context": {"issuer_arn": "arn:{partition}:iam::{account}:{?}"},
    "data.aws_partition": {
        "partition": "{partition}",
        "id": "{partition}",
        "dns_suffix": "{dns_suffix}",
    },
    "data.aws_region": {"name": "{region}", "region": "{region}", "id": "{region}"},
    "data.aws_organizations_organization": {"id": OPAQUE, "master_account_id": "{?}", "arn": "{?}"},
    "aws_organizations_organization": {"id": OPAQUE},
    "aws_vpc": {"id": OPAQUE, "arn": "arn:{partition}:ec2:{region}:{account}:vpc/{id}"},
    "data.aws_vpc": {"id": OPAQUE, "arn": "arn:{partition}:ec2:{region}:{account}:vpc/{id}"},
    "aws_vpc_endpoint": {"id": OPAQUE, "arn": "arn:{partition}:ec2:{region}:{account}:vpc-endpoint/{id}"},
    "data.aws_vpc_endpoint": {"id": OPAQUE},
    "aws_s3_bucket": {"arn": "arn:{partition}:s3:::{bucket}", "bucket": OPAQUE, "id": "{bucket}"},
    "aws_sns_topic": {"arn": "arn:{partition}:sns:{region}:{account}:{name}", "name": OPAQUE, "id": "{arn}"},
    "aws_sqs_queue": {"arn": "arn:{partition}:sqs:{region}:{account}:{name}", "name": OPAQUE},
    "aws_dynamodb_table": {"arn": "arn:{partition}:dynamodb:{region}:{account}:table/{name}", "name": OPAQUE},
    "aws_lambda_function": {
        "arn": "arn:{partition}:lambda:{region}:{account}:function:{function_name}",
        "function_name": OPAQUE,
    },
    "aws_cloudwatch_log_group": {"arn": "arn:{partition}:logs:{region}:{account}:log-group:{name}", "name": OPAQUE},
    "aws_cloudtrail": {"arn": "arn:{partition}:cloudtrail:{region}:{account}:trail/{name}", "name": OPAQUE},
    "aws_cloudfront_distribution": {"arn": "arn:{partition}:cloudfront::{account}:distribution/{id}", "id": OPAQUE},
    "aws_secretsmanager_secret": {
        "arn": "arn:{partition}:secretsmanager:{region}:{account}:secret:{name}-{suffix}",
        "name": OPAQUE,
        "id": "{arn}",
    },
    "aws_kinesis_stream": {"arn": "arn:{partition}:kinesis:{region}:{account}:stream/{name}", "name": OPAQUE},
    "aws_ecr_repository": {"arn": "arn:{partition}:ecr:{region}:{account}:repository/{name}", "name": OPAQUE},
    "aws_db_instance": {"arn": "arn:{partition}:rds:{region}:{account}:db:{identifier}", "identifier": OPAQUE},
    "aws_rds_cluster": _CLUSTER,
    "aws_docdb_cluster": _CLUSTER,
    "aws_neptune_cluster": _CLUSTER,
    "aws_kms_custom_key_store": {"id": OPAQUE},
    "data.aws_iam_policy": {"arn": "arn:{partition}:iam::{?}:policy/{?}", "id": "{arn}"},
    "data.aws_iam_group": {"arn": "arn:{partition}:iam::{account}:group/{path_and_name}", "id": "{group_id}"},
    "aws_ssoadmin_permission_set": {
        "arn": "arn:{partition}:sso:::permissionSet/{?}/{permission_set_id}",
        "id": "{?}",
    },
    "aws_athena_workgroup": _with_arn("athena:{region}:{account}:workgroup/{name}", "name", id="{name}"),
    "aws_backup_vault": _with_arn("backup:{region}:{account}:backup-vault:{name}", "name", id="{name}"),
    "aws_cloudwatch_event_bus": _with_arn("events:{region}:{account}:event-bus/{name}", "name"),
    "aws_codebuild_project": _with_arn("codebuild:{region}:{account}:project/{name}", "name"),
    "aws_codecommit_repository": _with_arn("codecommit:{region}:{account}:{repository_name}", "repository_name"),
    "aws_codepipeline": _with_arn("codepipeline:{region}:{account}:{name}", "name"),
    "aws_ecs_cluster": _with_arn("ecs:{region}:{account}:cluster/{name}", "name", id="{arn}"),
    "aws_efs_file_system": _with_arn("elasticfilesystem:{region}:{account}:file-system/{id}", "id"),
    "aws_eks_cluster": _with_arn("eks:{region}:{account}:cluster/{name}", "name", id="{name}"),
    "aws_instance": _with_arn("ec2:{region}:{account}:instance/{id}", "id"),
    "aws_kinesis_firehose_delivery_stream": _with_arn(
        "firehose:{region}:{account}:deliverystream/{name}", "name", id="{arn}"
    ),
    "aws_opensearch_domain": _with_arn("es:{region}:{account}:domain/{domain_name}", "domain_name"),
    "aws_redshift_cluster": _with_arn("redshift:{region}:{account}:cluster:{cluster_identifier}", "cluster_identifier"),
    "aws_sfn_state_machine": _with_arn("states:{region}:{account}:stateMachine:{name}", "name", id="{arn}"),
    "awscc_kms_key": _KEY,
    "awscc_kms_replica_key": _KEY,
    "awscc_kms_alias": {"alias_name": "alias/<>", "id": "{alias_name}"},
    "awscc_iam_role": _with_arn("iam::{account}:role{path}{role_name}", "role_name", path="/", id="{role_name}"),
    "awscc_iam_user": _with_arn("iam::{account}:user{path}{user_name}", "user_name", path="/", id="{user_name}"),
    "awscc_iam_group": _with_arn("iam::{account}:group{path}{group_name}", "group_name", path="/", id="{group_name}"),
    "awscc_iam_managed_policy": {
        "policy_arn": "arn:{partition}:iam::{account}:policy{path}{managed_policy_name}",
        "managed_policy_name": OPAQUE,
        "path": "/",
        "id": "{policy_arn}",
    },
    "awscc_dynamodb_table": _with_arn("dynamodb:{region}:{account}:table/{table_name}", "table_name"),
    "awscc_lambda_function": _with_arn("lambda:{region}:{account}:function:{function_name}", "function_name"),
    "awscc_logs_log_group": _with_arn("logs:{region}:{account}:log-group:{log_group_name}", "log_group_name"),
    "awscc_s3_bucket": _with_arn("s3:::{bucket_name}", "bucket_name", id="{bucket_name}"),
    "awscc_sns_topic": {
        "topic_arn": "arn:{partition}:sns:{region}:{account}:{topic_name}",
        "topic_name": OPAQUE,
        "id": "{topic_arn}",
    },
    "awscc_sqs_queue": _with_arn("sqs:{region}:{account}:{queue_name}", "queue_name"),
}
"""By type of resource or data source, the form of each attribute that the provider works out."""

_LOOKED_UP: Final = (
    "aws_s3_bucket",
    "aws_sns_topic",
    "aws_sqs_queue",
    "aws_dynamodb_table",
    "aws_lambda_function",
    "aws_cloudwatch_log_group",
    "aws_kinesis_stream",
    "aws_ecr_repository",
)


def form_of(type: str, attribute: str) -> str | None:
    """The form of an attribute that is not written, `None` when nothing is known about it."""
    forms = FORMS.get(type)
    if forms is not None:
        return forms.get(attribute)
    plain = type.removeprefix("data.")
    if plain != type:
        return FORMS[plain].get(attribute) if plain in _LOOKED_UP else None
    if attribute == "arn" and plain.startswith("aws_") and not plain.startswith(("aws_kms_", "aws_iam_")):
        return "arn:{partition}:{service}:{region}:{account}:{id}"
    return None


DNS_SUFFIXES: Final = {
    "aws-cn": "amazonaws.com.cn",
    "aws-iso": "c2s.ic.gov",
    "aws-iso-b": "sc2s.sgov.gov",
    "aws-iso-e": "cloud.adc-e.uk",
    "aws-iso-f": "csp.hci.ic.gov",
    "aws-eusc": "amazonaws.eu",
}
"""The suffix of a partition, where it is not that of `aws` and `aws-us-gov`."""
