"""Repositories that are made as the documentation of AWS and of well-known modules advises are quiet at default settings."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kms_lint.api import lint
from kms_lint.finding import Severity
from tests.conftest import PROJECT

MODULE = """
data "aws_caller_identity" "current" {}

module "kms" {
  source                  = "terraform-aws-modules/kms/aws"
  version                 = "~> 3.0"
  description             = "the orders"
  deletion_window_in_days = 30
  enable_key_rotation     = true
  key_owners              = [data.aws_caller_identity.current.arn]
  key_administrators      = [aws_iam_role.admin.arn]
  key_users               = [aws_iam_role.app.arn]
  key_service_roles_for_autoscaling = [
    "arn:aws:iam::${data.aws_caller_identity.current.account_id}:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling",
  ]
  aliases = ["orders"]
}

resource "aws_iam_role" "admin" {
  name               = "admin"
  assume_role_policy = "{}"
}

resource "aws_iam_role" "app" {
  name               = "app"
  assume_role_policy = "{}"
}
"""

CLOUDPOSSE = """
module "kms_key" {
  source                  = "cloudposse/kms-key/aws"
  version                 = "0.12.2"
  namespace               = "eg"
  stage                   = "test"
  name                    = "chamber"
  description             = "KMS key for chamber"
  deletion_window_in_days = 30
  enable_key_rotation     = true
  alias                   = "alias/parameter_store_key"
}
"""

HAND_WRITTEN = """
data "aws_caller_identity" "current" {}
data "aws_region" "current" {}
data "aws_partition" "current" {}

locals {
  root = "arn:${data.aws_partition.current.partition}:iam::${data.aws_caller_identity.current.account_id}:root"
}

data "aws_iam_policy_document" "key" {
  statement {
    sid       = "EnableIAM"
    actions   = ["kms:*"]
    resources = ["*"]
    principals {
      type        = "AWS"
      identifiers = [local.root]
    }
  }
  statement {
    sid       = "Use"
    actions   = ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"]
    resources = ["*"]
    principals {
      type        = "AWS"
      identifiers = [aws_iam_role.app.arn]
    }
  }
  statement {
    sid       = "Attach"
    actions   = ["kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant"]
    resources = ["*"]
    principals {
      type        = "AWS"
      identifiers = [aws_iam_role.app.arn]
    }
    condition {
      test     = "Bool"
      variable = "kms:GrantIsForAWSResource"
      values   = ["true"]
    }
  }
  statement {
    sid       = "Logs"
    actions   = ["kms:Encrypt*", "kms:Decrypt*", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*"]
    resources = ["*"]
    principals {
      type        = "Service"
      identifiers = ["logs.${data.aws_region.current.name}.amazonaws.com"]
    }
    condition {
      test     = "ArnLike"
      variable = "kms:EncryptionContext:aws:logs:arn"
      values   = ["arn:${data.aws_partition.current.partition}:logs:${data.aws_region.current.name}:${data.aws_caller_identity.current.account_id}:*"]
    }
  }
}

resource "aws_kms_key" "orders" {
  description             = "orders"
  enable_key_rotation     = true
  deletion_window_in_days = 30
  policy                  = data.aws_iam_policy_document.key.json
}

resource "aws_kms_alias" "orders" {
  name          = "alias/orders"
  target_key_id = aws_kms_key.orders.key_id
}

resource "aws_cloudwatch_log_group" "orders" {
  name       = "orders"
  kms_key_id = aws_kms_key.orders.arn
}

resource "aws_iam_role" "app" {
  name               = "app"
  assume_role_policy = "{}"
}

data "aws_iam_policy_document" "app" {
  statement {
    actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
    resources = [aws_kms_key.orders.arn]
  }
}

resource "aws_iam_role_policy" "app" {
  role   = aws_iam_role.app.id
  policy = data.aws_iam_policy_document.app.json
}
"""

TEMPLATE = """
Resources:
  Key:
    Type: AWS::KMS::Key
    DeletionPolicy: Retain
    UpdateReplacePolicy: Retain
    Properties:
      EnableKeyRotation: true
      PendingWindowInDays: 30
      KeyPolicy:
        Version: "2012-10-17"
        Statement:
          - Sid: EnableIAM
            Effect: Allow
            Principal: {AWS: !Sub "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"}
            Action: kms:*
            Resource: "*"
          - Sid: Queue
            Effect: Allow
            Principal: {Service: sns.amazonaws.com}
            Action: [kms:Decrypt, kms:GenerateDataKey*]
            Resource: "*"
            Condition: {StringEquals: {aws:SourceAccount: !Ref AWS::AccountId}}
  Alias:
    Type: AWS::KMS::Alias
    Properties: {AliasName: alias/orders, TargetKeyId: !Ref Key}
  Queue:
    Type: AWS::SQS::Queue
    Properties: {KmsMasterKeyId: !Ref Key}
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: {Statement: [{Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: sts:AssumeRole}]}
      Policies:
        - PolicyName: use
          PolicyDocument:
            Version: "2012-10-17"
            Statement: [{Effect: Allow, Action: [kms:Decrypt, kms:GenerateDataKey], Resource: !GetAtt Key.Arn}]
"""

CDK = {
    "Resources": {
        "Key961B73FD": {
            "Type": "AWS::KMS::Key",
            "Properties": {
                "EnableKeyRotation": True,
                "KeyPolicy": {
                    "Statement": [
                        {
                            "Action": "kms:*",
                            "Effect": "Allow",
                            "Principal": {
                                "AWS": {
                                    "Fn::Join": [
                                        "",
                                        [
                                            "arn:",
                                            {"Ref": "AWS::Partition"},
                                            ":iam::",
                                            {"Ref": "AWS::AccountId"},
                                            ":root",
                                        ],
                                    ]
                                }
                            },
                            "Resource": "*",
                        }
                    ],
                    "Version": "2012-10-17",
                },
            },
            "UpdateReplacePolicy": "Retain",
            "DeletionPolicy": "Retain",
        }
    }
}

WELL_MADE = {
    "terraform-aws-modules/kms": ("main.tf", MODULE),
    "cloudposse/kms-key": ("main.tf", CLOUDPOSSE),
    "a key, its users and its logs": ("main.tf", HAND_WRITTEN),
    "a template": ("template.yaml", TEMPLATE),
    "what CDK makes of new Key": ("Stack.template.json", json.dumps(CDK)),
}


@pytest.mark.parametrize("name", WELL_MADE)
def test_nothing_above_low_is_found(name: str, tmp_path: Path) -> None:
    file, text = WELL_MADE[name]
    (tmp_path / file).write_text(text)
    report = lint(str(tmp_path))
    shown = [
        f"{each.severity} {each.about.id} {each.message}" for each in report.findings if each.severity > Severity.INFO
    ]
    assert shown == []


FOLDERS = sorted(each.name for each in (PROJECT / "fixtures" / "well-made").iterdir() if each.is_dir())


@pytest.mark.parametrize("account", [None, "111122223333"])
@pytest.mark.parametrize("name", FOLDERS)
def test_nothing_above_low_is_found_in_a_folder(name: str, account: str | None) -> None:
    report = lint(PROJECT / "fixtures" / "well-made" / name, account=account)
    shown = [f"{each.severity} {each.about.id} {each.message}" for each in report.findings]
    assert [each for each in shown if not each.startswith(("low ", "info "))] == []
    assert report.summary.policies >= 1
    assert report.unresolved == ()


def test_the_folders_are_told_of() -> None:
    written = (PROJECT / "fixtures" / "well-made" / "README.md").read_text()
    assert [name for name in FOLDERS if f"| `{name}` |" not in written] == []
