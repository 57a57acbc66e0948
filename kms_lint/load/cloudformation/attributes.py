"""What `Ref` and `Fn::GetAtt` of a resource give, for the resources that policies speak of.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-template-resource-type-ref.html
"""

from __future__ import annotations

from typing import Final, NamedTuple


class Identity(NamedTuple):
    """How a type of resource is named.

    `name` is the property that holds its name. `reference` is what `Ref` gives and `attributes` what `Fn::GetAtt` gives, as
    patterns: `{name}`, `{path}`, `{account}`, `{region}`, `{partition}` and `{id}` (the logical id) are filled in.
    """

    name: str | None
    reference: str
    attributes: dict[str, str]


def _arn(service: str, rest: str, place: str = "{region}:{account}") -> str:
    return f"arn:{{partition}}:{service}:{place}:{rest}"


_KEY: Final = Identity(None, "<{id}>", {"Arn": _arn("kms", "key/<{id}>"), "KeyId": "<{id}>"})
_GLOBAL: Final = ":{account}"


def _identity(name: str, kind: str) -> Identity:
    return Identity(name, "{name}", {"Arn": _arn("iam", f"{kind}{{path}}{{name}}", _GLOBAL)})


IDENTITIES: Final = {
    "AWS::KMS::Key": _KEY,
    "AWS::KMS::ReplicaKey": _KEY,
    "AWS::KMS::Alias": Identity("AliasName", "{name}", {}),
    "AWS::IAM::Role": _identity("RoleName", "role"),
    "AWS::IAM::User": _identity("UserName", "user"),
    "AWS::IAM::Group": _identity("GroupName", "group"),
    "AWS::IAM::InstanceProfile": _identity("InstanceProfileName", "instance-profile"),
    "AWS::IAM::ManagedPolicy": Identity(
        "ManagedPolicyName",
        _arn("iam", "policy{path}{name}", _GLOBAL),
        {"PolicyArn": _arn("iam", "policy{path}{name}", _GLOBAL)},
    ),
    "AWS::S3::Bucket": Identity("BucketName", "{name}", {"Arn": _arn("s3", "{name}", ":")}),
    "AWS::SQS::Queue": Identity(
        "QueueName", _arn("sqs", "{name}"), {"Arn": _arn("sqs", "{name}"), "QueueName": "{name}"}
    ),
    "AWS::SNS::Topic": Identity(
        "TopicName", _arn("sns", "{name}"), {"TopicArn": _arn("sns", "{name}"), "TopicName": "{name}"}
    ),
    "AWS::Lambda::Function": Identity("FunctionName", "{name}", {"Arn": _arn("lambda", "function:{name}")}),
    "AWS::Serverless::Function": Identity("FunctionName", "{name}", {"Arn": _arn("lambda", "function:{name}")}),
    "AWS::Logs::LogGroup": Identity("LogGroupName", "{name}", {"Arn": _arn("logs", "log-group:{name}:*")}),
    "AWS::CloudTrail::Trail": Identity("TrailName", "{name}", {"Arn": _arn("cloudtrail", "trail/{name}")}),
    "AWS::DynamoDB::Table": Identity("TableName", "{name}", {"Arn": _arn("dynamodb", "table/{name}")}),
    "AWS::CodeBuild::Project": Identity("Name", "{name}", {"Arn": _arn("codebuild", "project/{name}")}),
    "AWS::CodePipeline::Pipeline": Identity("Name", "{name}", {}),
    "AWS::Backup::BackupVault": Identity(
        "BackupVaultName", "{name}", {"BackupVaultArn": _arn("backup", "backup-vault:{name}")}
    ),
}

SERVERLESS_ROLE: Final = _identity("RoleName", "role")
"""The role that SAM makes for a function, under the function's logical id followed by `Role`."""
