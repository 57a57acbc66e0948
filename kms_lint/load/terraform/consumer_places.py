"""Which resources of the AWS providers use a key, and the arguments that name it, as data.

https://registry.terraform.io/providers/hashicorp/aws/latest/docs and
https://registry.terraform.io/providers/hashicorp/awscc/latest/docs
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from kms_lint.load.terraform.arguments import Path


class Uses(NamedTuple):
    """The service of a resource, in the spelling of its ARNs, and the arguments that name keys.

    `about` is the argument that names the resource whose data is encrypted, when that is another one. `use` is what of the
    service uses the key, by the argument that names it, where the service alone does not tell; `unless` is an argument beside
    it with which a role uses the key instead.
    """

    service: str
    paths: tuple[Path, ...]
    about: str | None = None
    use: Mapping[str, str] = {}
    unless: str | None = None


def _uses(service: str, *paths: str, about: str | None = None, unless: str | None = None, **use: str) -> Uses:
    return Uses(service, tuple(tuple(path.split(".")) for path in paths), about, use, unless)


_DISKS: Final = ("root_block_device.kms_key_id", "ebs_block_device.kms_key_id")
_BY_DEFAULT: Final = "rule.apply_server_side_encryption_by_default.kms_master_key_id"
_SECURITY: Final = "encryption_configuration"

CONSUMERS: Final = {
    "aws_ami_copy": _uses("ec2", "kms_key_id"),
    "aws_appflow_connector_profile": _uses("appflow", "kms_arn"),
    "aws_appflow_flow": _uses("appflow", "kms_arn"),
    "aws_apprunner_service": _uses("apprunner", "encryption_configuration.kms_key"),
    "aws_athena_database": _uses("athena", "encryption_configuration.kms_key"),
    "aws_athena_workgroup": _uses("athena", "configuration.result_configuration.encryption_configuration.kms_key_arn"),
    "aws_backup_vault": _uses("backup", "kms_key_arn"),
    "aws_bedrock_custom_model": _uses("bedrock", "custom_model_kms_key_id"),
    "aws_bedrock_guardrail": _uses("bedrock", "kms_key_arn"),
    "aws_bedrockagent_agent": _uses("bedrock", "customer_encryption_key_arn"),
    "aws_cloudtrail": _uses("cloudtrail", "kms_key_id"),
    "aws_cloudtrail_event_data_store": _uses("cloudtrail", "kms_key_id"),
    "aws_cloudwatch_event_bus": _uses("events", "kms_key_identifier"),
    "aws_cloudwatch_log_group": _uses("logs", "kms_key_id"),
    "aws_codeartifact_domain": _uses("codeartifact", "encryption_key"),
    "aws_codebuild_project": _uses("codebuild", "encryption_key"),
    "aws_codebuild_report_group": _uses("codebuild", "export_config.s3_destination.encryption_key"),
    "aws_codecommit_repository": _uses("codecommit", "kms_key_id"),
    "aws_codepipeline": _uses("codepipeline", "artifact_store.encryption_key.id"),
    "aws_config_delivery_channel": _uses("config", "s3_kms_key_arn"),
    "aws_connect_instance_storage_config": _uses(
        "connect",
        "storage_config.s3_config.encryption_config.key_id",
        "storage_config.kinesis_video_stream_config.encryption_config.key_id",
    ),
    "aws_db_instance": _uses("rds", "kms_key_id", "performance_insights_kms_key_id", "master_user_secret_kms_key_id"),
    "aws_db_instance_automated_backups_replication": _uses("rds", "kms_key_id"),
    "aws_db_snapshot_copy": _uses("rds", "kms_key_id"),
    "aws_dms_endpoint": _uses("dms", "kms_key_arn"),
    "aws_dms_replication_instance": _uses("dms", "kms_key_arn"),
    "aws_docdb_cluster": _uses("rds", "kms_key_id"),
    "aws_docdbelastic_cluster": _uses("docdb-elastic", "kms_key_id"),
    "aws_dynamodb_table": _uses("dynamodb", "server_side_encryption.kms_key_arn", "replica.kms_key_arn"),
    "aws_dynamodb_table_replica": _uses("dynamodb", "kms_key_arn"),
    "aws_ebs_default_kms_key": _uses("ec2", "key_arn"),
    "aws_ebs_snapshot_copy": _uses("ec2", "kms_key_id"),
    "aws_ebs_volume": _uses("ec2", "kms_key_id"),
    "aws_ecr_repository": _uses("ecr", "encryption_configuration.kms_key"),
    "aws_ecr_repository_creation_template": _uses("ecr", "encryption_configuration.kms_key"),
    "aws_ecs_cluster": _uses(
        "ecs",
        "configuration.execute_command_configuration.kms_key_id",
        "configuration.managed_storage_configuration.kms_key_id",
        "configuration.managed_storage_configuration.fargate_ephemeral_storage_kms_key_id",
        fargate_ephemeral_storage_kms_key_id="fargate",
    ),
    "aws_efs_file_system": _uses("elasticfilesystem", "kms_key_id"),
    "aws_efs_replication_configuration": _uses("elasticfilesystem", "destination.kms_key_id"),
    "aws_eks_cluster": _uses("eks", "encryption_config.provider.key_arn"),
    "aws_elasticache_replication_group": _uses("elasticache", "kms_key_id"),
    "aws_elasticache_serverless_cache": _uses("elasticache", "kms_key_id"),
    "aws_elasticsearch_domain": _uses("es", "encrypt_at_rest.kms_key_id"),
    "aws_fsx_file_cache": _uses("fsx", "kms_key_id"),
    "aws_fsx_lustre_file_system": _uses("fsx", "kms_key_id"),
    "aws_fsx_ontap_file_system": _uses("fsx", "kms_key_id"),
    "aws_fsx_openzfs_file_system": _uses("fsx", "kms_key_id"),
    "aws_fsx_windows_file_system": _uses("fsx", "kms_key_id"),
    "aws_glue_data_catalog_encryption_settings": _uses(
        "glue",
        "data_catalog_encryption_settings.connection_password_encryption.aws_kms_key_id",
        "data_catalog_encryption_settings.encryption_at_rest.sse_aws_kms_key_id",
    ),
    "aws_glue_security_configuration": _uses(
        "glue",
        f"{_SECURITY}.cloudwatch_encryption.kms_key_arn",
        f"{_SECURITY}.job_bookmarks_encryption.kms_key_arn",
        f"{_SECURITY}.s3_encryption.kms_key_arn",
    ),
    "aws_guardduty_publishing_destination": _uses("guardduty", "kms_key_arn"),
    "aws_imagebuilder_component": _uses("imagebuilder", "kms_key_id"),
    "aws_imagebuilder_container_recipe": _uses("imagebuilder", "kms_key_id"),
    "aws_imagebuilder_distribution_configuration": _uses(
        "imagebuilder", "distribution.ami_distribution_configuration.kms_key_id"
    ),
    "aws_imagebuilder_image_recipe": _uses("imagebuilder", "block_device_mapping.ebs.kms_key_id"),
    "aws_instance": _uses("ec2", *_DISKS),
    "aws_kendra_index": _uses("kendra", "server_side_encryption_configuration.kms_key_id"),
    "aws_keyspaces_table": _uses("cassandra", "encryption_specification.kms_key_identifier"),
    "aws_kinesis_firehose_delivery_stream": _uses(
        "firehose",
        "server_side_encryption.key_arn",
        "extended_s3_configuration.kms_key_arn",
        "extended_s3_configuration.s3_backup_configuration.kms_key_arn",
    ),
    "aws_kinesis_stream": _uses("kinesis", "kms_key_id"),
    "aws_kinesis_video_stream": _uses("kinesisvideo", "kms_key_id"),
    "aws_lambda_function": _uses("lambda", "kms_key_arn"),
    "aws_launch_template": _uses("ec2", "block_device_mappings.ebs.kms_key_id"),
    "aws_macie2_classification_export_configuration": _uses("macie2", "s3_destination.kms_key_arn"),
    "aws_memorydb_cluster": _uses("memorydb", "kms_key_arn"),
    "aws_mq_broker": _uses("mq", "encryption_options.kms_key_id"),
    "aws_msk_cluster": _uses("kafka", "encryption_info.encryption_at_rest_kms_key_arn"),
    "aws_mwaa_environment": _uses("airflow", "kms_key"),
    "aws_neptune_cluster": _uses("rds", "kms_key_arn"),
    "aws_opensearch_domain": _uses("es", "encrypt_at_rest.kms_key_id"),
    "aws_rds_cluster": _uses("rds", "kms_key_id", "performance_insights_kms_key_id", "master_user_secret_kms_key_id"),
    "aws_rds_cluster_snapshot_copy": _uses("rds", "kms_key_id"),
    "aws_rds_cluster_activity_stream": _uses("rds", "kms_key_id"),
    "aws_rds_cluster_instance": _uses("rds", "performance_insights_kms_key_id"),
    "aws_redshift_cluster": _uses("redshift", "kms_key_id", "master_password_secret_kms_key_id"),
    "aws_redshift_snapshot_copy_grant": _uses("redshift", "kms_key_id"),
    "aws_redshiftserverless_namespace": _uses("redshift-serverless", "kms_key_id", "admin_password_secret_kms_key_id"),
    "aws_route53_key_signing_key": _uses("route53", "key_management_service_arn"),
    "aws_s3_bucket": _uses("s3", f"server_side_encryption_configuration.{_BY_DEFAULT}"),
    "aws_s3_bucket_inventory": _uses("s3", "destination.bucket.encryption.sse_kms.key_id", key_id="inventory"),
    "aws_s3_bucket_object": _uses("s3", "kms_key_id", about="bucket", kms_key_id="object"),
    "aws_s3_bucket_replication_configuration": _uses(
        "s3", "rule.destination.encryption_configuration.replica_kms_key_id"
    ),
    "aws_s3_bucket_server_side_encryption_configuration": _uses("s3", _BY_DEFAULT, about="bucket"),
    "aws_s3_object": _uses("s3", "kms_key_id", about="bucket", kms_key_id="object"),
    "aws_s3_object_copy": _uses("s3", "kms_key_id", about="bucket", kms_key_id="object"),
    "aws_s3tables_table": _uses("s3tables", "encryption_configuration.kms_key_arn"),
    "aws_s3tables_table_bucket": _uses("s3tables", "encryption_configuration.kms_key_arn"),
    "aws_s3vectors_index": _uses("s3vectors", "encryption_configuration.kms_key_arn"),
    "aws_s3vectors_vector_bucket": _uses("s3vectors", "encryption_configuration.kms_key_arn"),
    "aws_sagemaker_domain": _uses("sagemaker", "kms_key_id"),
    "aws_sagemaker_endpoint_configuration": _uses("sagemaker", "kms_key_arn"),
    "aws_sagemaker_notebook_instance": _uses("sagemaker", "kms_key_id"),
    "aws_scheduler_schedule": _uses("scheduler", "kms_key_arn"),
    "aws_secretsmanager_secret": _uses("secretsmanager", "kms_key_id", "replica.kms_key_id"),
    "aws_ses_receipt_rule": _uses("ses", "s3_action.kms_key_arn", unless="iam_role_arn", kms_key_arn="receipt-rule"),
    "aws_sfn_state_machine": _uses("states", "encryption_configuration.kms_key_id"),
    "aws_sns_topic": _uses("sns", "kms_master_key_id"),
    "aws_spot_instance_request": _uses("ec2", *_DISKS),
    "aws_sqs_queue": _uses("sqs", "kms_master_key_id"),
    "aws_ssm_parameter": _uses("ssm", "key_id"),
    "aws_ssm_resource_data_sync": _uses("ssm", "s3_destination.kms_key_arn", kms_key_arn="resource-data-sync"),
    "aws_storagegateway_nfs_file_share": _uses("storagegateway", "kms_key_arn"),
    "aws_storagegateway_smb_file_share": _uses("storagegateway", "kms_key_arn"),
    "aws_timestreamwrite_database": _uses("timestream", "kms_key_id"),
    "aws_workspaces_workspace": _uses("workspaces", "volume_encryption_key"),
    "aws_xray_encryption_config": _uses("xray", "key_id"),
    "awscc_dynamodb_table": _uses("dynamodb", "sse_specification.kms_master_key_id"),
    "awscc_ecr_repository": _uses("ecr", "encryption_configuration.kms_key"),
    "awscc_lambda_function": _uses("lambda", "kms_key_arn"),
    "awscc_logs_log_group": _uses("logs", "kms_key_id"),
    "awscc_s3_bucket": _uses(
        "s3",
        "bucket_encryption.server_side_encryption_configuration.server_side_encryption_by_default.kms_master_key_id",
    ),
    "awscc_secretsmanager_secret": _uses("secretsmanager", "kms_key_id"),
    "awscc_sns_topic": _uses("sns", "kms_master_key_id"),
    "awscc_sqs_queue": _uses("sqs", "kms_master_key_id"),
}
"""By type of resource. A path leads through blocks, or through objects in an argument, to the argument."""
