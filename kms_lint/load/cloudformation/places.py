"""Where the resources of a template hold policies, and which of their properties name a key: tables, by type.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-template-resource-type-ref.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from kms_lint.model import PolicyKind


class Place(NamedTuple):
    """A property that holds a policy, as a way of names.

    `attached` are the properties that name what the policy belongs to; none where that is the resource itself.
    """

    way: str
    kind: PolicyKind
    attached: tuple[str, ...] = ()


_TO: Final = ("RoleName", "UserName", "GroupName", "Roles", "Users", "Groups")
_IDENTITY: Final = PolicyKind.IDENTITY
_RESOURCE: Final = PolicyKind.RESOURCE

PLACES: Final[dict[str, Place]] = {
    "AWS::IAM::Policy": Place("PolicyDocument", _IDENTITY, _TO),
    "AWS::IAM::ManagedPolicy": Place("PolicyDocument", _IDENTITY, _TO),
    "AWS::IAM::RolePolicy": Place("PolicyDocument", _IDENTITY, _TO),
    "AWS::IAM::UserPolicy": Place("PolicyDocument", _IDENTITY, _TO),
    "AWS::IAM::GroupPolicy": Place("PolicyDocument", _IDENTITY, _TO),
    "AWS::SSO::PermissionSet": Place("InlinePolicy", _IDENTITY),
    "AWS::EC2::VPCEndpoint": Place("PolicyDocument", PolicyKind.VPC_ENDPOINT),
    "AWS::ApiGateway::RestApi": Place("Policy", _RESOURCE),
    "AWS::Backup::BackupVault": Place("AccessPolicy", _RESOURCE),
    "AWS::CodeArtifact::Domain": Place("PermissionsPolicyDocument", _RESOURCE),
    "AWS::CodeArtifact::Repository": Place("PermissionsPolicyDocument", _RESOURCE),
    "AWS::DynamoDB::Table": Place("ResourcePolicy.PolicyDocument", _RESOURCE),
    "AWS::ECR::RegistryPolicy": Place("PolicyText", _RESOURCE),
    "AWS::ECR::Repository": Place("RepositoryPolicyText", _RESOURCE),
    "AWS::EFS::FileSystem": Place("FileSystemPolicy", _RESOURCE),
    "AWS::Elasticsearch::Domain": Place("AccessPolicies", _RESOURCE),
    "AWS::Events::EventBus": Place("Policy", _RESOURCE),
    "AWS::Kinesis::ResourcePolicy": Place("ResourcePolicy", _RESOURCE, ("ResourceArn",)),
    "AWS::Logs::ResourcePolicy": Place("PolicyDocument", _RESOURCE),
    "AWS::MediaStore::Container": Place("Policy", _RESOURCE),
    "AWS::OpenSearchService::Domain": Place("AccessPolicies", _RESOURCE),
    "AWS::Organizations::ResourcePolicy": Place("Content", _RESOURCE),
    "AWS::S3::AccessPoint": Place("Policy", _RESOURCE),
    "AWS::S3::BucketPolicy": Place("PolicyDocument", _RESOURCE, ("Bucket",)),
    "AWS::S3::MultiRegionAccessPointPolicy": Place("Policy", _RESOURCE, ("MrapName",)),
    "AWS::S3ObjectLambda::AccessPointPolicy": Place("PolicyDocument", _RESOURCE, ("ObjectLambdaAccessPoint",)),
    "AWS::S3Outposts::BucketPolicy": Place("PolicyDocument", _RESOURCE, ("Bucket",)),
    "AWS::S3Tables::TableBucketPolicy": Place("ResourcePolicy", _RESOURCE, ("TableBucketARN",)),
    "AWS::SecretsManager::ResourcePolicy": Place("ResourcePolicy", _RESOURCE, ("SecretId",)),
    "AWS::SNS::TopicPolicy": Place("PolicyDocument", _RESOURCE, ("Topics",)),
    "AWS::SQS::QueuePolicy": Place("PolicyDocument", _RESOURCE, ("Queues",)),
    "AWS::VpcLattice::AuthPolicy": Place("Policy", _RESOURCE, ("ResourceIdentifier",)),
    "AWS::VpcLattice::ResourcePolicy": Place("Policy", _RESOURCE, ("ResourceArn",)),
}
"""The property of each type that holds a policy."""

ORGANIZATION: Final = {"SERVICE_CONTROL_POLICY": PolicyKind.SCP, "RESOURCE_CONTROL_POLICY": PolicyKind.RCP}
"""The types of `AWS::Organizations::Policy` that say what identities or resources may."""

IDENTITIES: Final = {
    "AWS::IAM::Role": "role",
    "AWS::IAM::User": "user",
    "AWS::IAM::Group": "group",
    "AWS::SSO::PermissionSet": "permission set",
    "AWS::Serverless::Function": "serverless",
    "AWS::Serverless::StateMachine": "serverless",
}
"""The types of resources that are identities, or for which SAM makes a role, in the words of the model."""


class Consumer(NamedTuple):
    """The service that a resource has use a key, and the properties that name the key, as ways of names.

    `*` in a way is every value of a list. `use` is what of the service uses the key, by the property that names it, where the
    service alone does not tell; `unless` is a property beside it with which a role uses the key instead.
    """

    service: str
    ways: tuple[str, ...]
    use: Mapping[str, str] = {}
    unless: str | None = None


def _uses(service: str, *ways: str, unless: str | None = None, **use: str) -> Consumer:
    return Consumer(service, ways, use, unless)


_BUCKET: Final = "BucketEncryption.ServerSideEncryptionConfiguration.*.ServerSideEncryptionByDefault.KMSMasterKeyID"
_DATABASE: Final = ("KmsKeyId", "PerformanceInsightsKmsKeyId", "MasterUserSecret.KmsKeyId")

CONSUMERS: Final[dict[str, Consumer]] = {
    "AWS::AppRunner::Service": _uses("apprunner", "EncryptionConfiguration.KmsKey"),
    "AWS::Athena::WorkGroup": _uses(
        "athena", "WorkGroupConfiguration.ResultConfiguration.EncryptionConfiguration.KmsKey"
    ),
    "AWS::Backup::BackupVault": _uses("backup", "EncryptionKeyArn"),
    "AWS::CloudTrail::EventDataStore": _uses("cloudtrail", "KmsKeyId"),
    "AWS::CloudTrail::Trail": _uses("cloudtrail", "KMSKeyId"),
    "AWS::CodeBuild::Project": _uses("codebuild", "EncryptionKey"),
    "AWS::CodePipeline::Pipeline": _uses(
        "codepipeline", "ArtifactStore.EncryptionKey.Id", "ArtifactStores.*.ArtifactStore.EncryptionKey.Id"
    ),
    "AWS::DocDB::DBCluster": _uses("rds", "KmsKeyId"),
    "AWS::DynamoDB::GlobalTable": _uses("dynamodb", "Replicas.*.SSESpecification.KMSMasterKeyId"),
    "AWS::DynamoDB::Table": _uses("dynamodb", "SSESpecification.KMSMasterKeyId"),
    "AWS::EC2::Volume": _uses("ec2", "KmsKeyId"),
    "AWS::ECR::Repository": _uses("ecr", "EncryptionConfiguration.KmsKey"),
    "AWS::ECS::Cluster": _uses(
        "ecs",
        "Configuration.ManagedStorageConfiguration.KmsKeyId",
        "Configuration.ManagedStorageConfiguration.FargateEphemeralStorageKmsKeyId",
        FargateEphemeralStorageKmsKeyId="fargate",
    ),
    "AWS::EFS::FileSystem": _uses("elasticfilesystem", "KmsKeyId"),
    "AWS::EKS::Cluster": _uses("eks", "EncryptionConfig.*.Provider.KeyArn"),
    "AWS::ElastiCache::ReplicationGroup": _uses("elasticache", "KmsKeyId"),
    "AWS::ElastiCache::ServerlessCache": _uses("elasticache", "KmsKeyId"),
    "AWS::Elasticsearch::Domain": _uses("es", "EncryptionAtRestOptions.KmsKeyId"),
    "AWS::Events::EventBus": _uses("events", "KmsKeyIdentifier"),
    "AWS::FSx::FileSystem": _uses("fsx", "KmsKeyId"),
    "AWS::GuardDuty::PublishingDestination": _uses("guardduty", "DestinationProperties.KmsKeyArn"),
    "AWS::Kinesis::Stream": _uses("kinesis", "StreamEncryption.KeyId"),
    "AWS::KinesisFirehose::DeliveryStream": _uses("firehose", "DeliveryStreamEncryptionConfigurationInput.KeyARN"),
    "AWS::Lambda::EventSourceMapping": _uses("lambda", "KmsKeyArn"),
    "AWS::Lambda::Function": _uses("lambda", "KmsKeyArn"),
    "AWS::Logs::LogGroup": _uses("logs", "KmsKeyId"),
    "AWS::MSK::Cluster": _uses("kafka", "EncryptionInfo.EncryptionAtRest.DataVolumeKMSKeyId"),
    "AWS::MWAA::Environment": _uses("airflow", "KmsKey"),
    "AWS::Neptune::DBCluster": _uses("rds", "KmsKeyId"),
    "AWS::OpenSearchService::Domain": _uses("es", "EncryptionAtRestOptions.KmsKeyId"),
    "AWS::RDS::DBCluster": _uses("rds", *_DATABASE),
    "AWS::RDS::DBInstance": _uses("rds", "KmsKeyId", "PerformanceInsightsKMSKeyId", "MasterUserSecret.KmsKeyId"),
    "AWS::Redshift::Cluster": _uses("redshift", "KmsKeyId"),
    "AWS::Route53::KeySigningKey": _uses("route53", "KeyManagementServiceArn"),
    "AWS::S3::Bucket": _uses("s3", _BUCKET),
    "AWS::S3Tables::Table": _uses("s3tables", "EncryptionConfiguration.KMSKeyArn"),
    "AWS::S3Tables::TableBucket": _uses("s3tables", "EncryptionConfiguration.KMSKeyArn"),
    "AWS::S3Vectors::Index": _uses("s3vectors", "EncryptionConfiguration.KmsKeyArn"),
    "AWS::S3Vectors::VectorBucket": _uses("s3vectors", "EncryptionConfiguration.KmsKeyArn"),
    "AWS::SES::ReceiptRule": _uses(
        "ses", "Rule.Actions.*.S3Action.KmsKeyArn", unless="IamRoleArn", KmsKeyArn="receipt-rule"
    ),
    "AWS::SNS::Topic": _uses("sns", "KmsMasterKeyId"),
    "AWS::SQS::Queue": _uses("sqs", "KmsMasterKeyId"),
    "AWS::SSM::ResourceDataSync": _uses("ssm", "KMSKeyArn", "S3Destination.KMSKeyArn", KMSKeyArn="resource-data-sync"),
    "AWS::SageMaker::NotebookInstance": _uses("sagemaker", "KmsKeyId"),
    "AWS::SecretsManager::Secret": _uses("secretsmanager", "KmsKeyId", "ReplicaRegions.*.KmsKeyId"),
    "AWS::Serverless::Function": _uses("lambda", "KmsKeyArn"),
    "AWS::Serverless::SimpleTable": _uses("dynamodb", "SSESpecification.KMSMasterKeyId"),
    "AWS::StepFunctions::StateMachine": _uses("states", "EncryptionConfiguration.KmsKeyId"),
    "AWS::WorkSpaces::Workspace": _uses("workspaces", "VolumeEncryptionKey"),
}
"""What has a service of AWS use a key."""

_ALARMS: Final = ("cloudwatch", ("AlarmActions.*", "OKActions.*", "InsufficientDataActions.*"))
_EVENTS: Final = "NotificationConfiguration"

DELIVERIES: Final[dict[str, tuple[str, tuple[str, ...]]]] = {
    "AWS::Budgets::Budget": ("budgets", ("NotificationsWithSubscribers.*.Subscribers.*.Address",)),
    "AWS::CE::AnomalySubscription": ("costalerts", ("Subscribers.*.Address",)),
    "AWS::CloudWatch::Alarm": _ALARMS,
    "AWS::CloudWatch::CompositeAlarm": _ALARMS,
    "AWS::DMS::EventSubscription": ("dms", ("SnsTopicArn",)),
    "AWS::EC2::FlowLog": ("delivery.logs", ("LogDestination",)),
    "AWS::Events::Rule": ("events", ("Targets.*.Arn",)),
    "AWS::Logs::DeliveryDestination": ("delivery.logs", ("DestinationResourceArn",)),
    "AWS::RDS::EventSubscription": ("rds", ("SnsTopicArn",)),
    "AWS::S3::Bucket": ("s3", (f"{_EVENTS}.TopicConfigurations.*.Topic", f"{_EVENTS}.QueueConfigurations.*.Queue")),
    "AWS::SES::ReceiptRule": ("ses", ("Rule.Actions.*.SNSAction.TopicArn",)),
    "AWS::SNS::Subscription": ("sns", ("Endpoint",)),
    "AWS::SNS::Topic": ("sns", ("Subscription.*.Endpoint",)),
}
"""What has a service write to another resource as itself: the service, and the ways to what names that resource."""

BY_A_ROLE: Final = "RoleArn"
"""The property beside a target with which a role writes there, and not the service."""
