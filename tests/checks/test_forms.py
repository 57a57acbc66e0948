"""Findings and what is not decided, in files of Terraform, CloudFormation and plans, as rules see them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kms_lint import api
from kms_lint.source import Span


def write(folder: Path, files: dict[str, str]) -> Path:
    """The folder, with files of these texts in it."""
    for name, text in files.items():
        folder.joinpath(name).write_text(text, encoding="utf-8")
    return folder


def found(folder: Path, main: str) -> tuple[list[str], list[str]]:
    """The findings of a `main.tf`, the possible ones with a question mark, and the expressions that are not known."""
    report = api.lint(write(folder, {"main.tf": main}), include_possible=True)
    findings = [
        f"{each.about.id}{'?' if each.confidence.name == 'POSSIBLE' else ''}:{line(each.span)}"
        for each in report.findings
        if each.about.id not in ("key-policy-missing", "rotation-disabled")
    ]
    return findings, [each.expression for each in report.unresolved]


def line(span: Span) -> int:
    """The line that a finding begins in."""
    return span.source.position(span.start).line


KEY = """resource "aws_kms_key" "orders" {
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::111122223333:root" }
      Action    = "kms:*"
      Resource  = "*"
    }]
  })
}
"""


def test_an_account_that_alone_can_change_a_key_is_the_key_s_own_in_terraform_as_in_json(tmp_path: Path) -> None:
    assert found(tmp_path, KEY) == ([], [])


UNKNOWN = {
    "the constraints of a grant": (
        """variable "pairs" {}
resource "aws_kms_grant" "orders" {
  key_id             = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
  grantee_principal  = "arn:aws:iam::111122223333:role/app"
  retiring_principal = "arn:aws:iam::111122223333:role/app"
  operations         = ["Decrypt"]
  dynamic "constraints" {
    for_each = length(var.pairs) > 0 ? [1] : []
    content {
      encryption_context_equals = { a = "b" }
    }
  }
}
""",
        ["grant-without-constraint?:2"],
        ["length(var.pairs) > 0"],
    ),
    "whether a grant has a constraint": (
        """variable "strict" {}
resource "aws_kms_grant" "orders" {
  key_id             = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
  grantee_principal  = "arn:aws:iam::111122223333:role/app"
  retiring_principal = "arn:aws:iam::111122223333:role/app"
  operations         = ["Decrypt"]
  constraints {
    encryption_context_equals = var.strict ? { a = "b" } : null
  }
}
""",
        ["grant-without-constraint?:2"],
        ["var.strict"],
    ),
    "who retires a grant": (
        """variable "retiring" {}
resource "aws_kms_grant" "orders" {
  key_id             = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
  grantee_principal  = "arn:aws:iam::111122223333:role/app"
  retiring_principal = var.retiring
  operations         = ["Decrypt"]
  constraints {
    encryption_context_equals = { a = "b" }
  }
}
""",
        [],
        ["var.retiring"],
    ),
    "the name of an alias": (
        """variable "name" {}
resource "aws_kms_alias" "orders" {
  name          = var.name
  target_key_id = "1234abcd-12ab-34cd-56ef-1234567890ab"
}
resource "aws_kms_alias" "bills" {
  name          = "alias/${var.name}"
  target_key_id = "1234abcd-12ab-34cd-56ef-1234567890ab"
}
""",
        [],
        ["var.name"],
    ),
    "what a trail leaves out": (
        """variable "sources" {}
resource "aws_cloudtrail" "all" {
  name           = "all"
  s3_bucket_name = "logs"
  event_selector {
    exclude_management_event_sources = var.sources
  }
}
""",
        [],
        ["var.sources"],
    ),
    "the end of key material": (
        """variable "end" {}
resource "aws_kms_external_key" "orders" {
  valid_to = var.end
}
resource "aws_kms_alias" "orders" {
  name          = "alias/orders"
  target_key_id = aws_kms_external_key.orders.id
}
""",
        [],
        ["var.end"],
    ),
    "the kind of a policy": (
        """variable "type" {}
resource "aws_organizations_policy" "fence" {
  name    = "fence"
  type    = var.type
  content = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Deny", Principal = "*", Action = "kms:*", Resource = "*" }]
  })
}
""",
        [],
        ["var.type"],
    ),
}


@pytest.mark.parametrize(("text", "findings", "unknown"), UNKNOWN.values(), ids=UNKNOWN)
def test_what_is_not_known_accuses_nobody_and_is_told(
    tmp_path: Path, text: str, findings: list[str], unknown: list[str]
) -> None:
    assert found(tmp_path, text) == (findings, unknown)


def test_what_a_template_leaves_open_is_told(tmp_path: Path) -> None:
    text = """Parameters:
  Name: {Type: String}
Resources:
  Alias:
    Type: AWS::KMS::Alias
    Properties: {AliasName: !Ref Name, TargetKeyId: 1234abcd-12ab-34cd-56ef-1234567890ab}
  Trail:
    Type: AWS::CloudTrail::Trail
    Properties:
      IsLogging: true
      S3BucketName: logs
      EventSelectors: [{ExcludeManagementEventSources: !Ref Name}]
  Fence:
    Type: AWS::Organizations::Policy
    Properties:
      Name: fence
      Type: !Ref Name
      Content: {Version: "2012-10-17", Statement: [{Effect: Deny, Principal: "*", Action: "kms:*", Resource: "*"}]}
"""
    report = api.lint(write(tmp_path, {"template.yaml": text}), include_possible=True)
    assert not report.findings
    assert {(each.resource.rpartition("/")[2], each.line) for each in report.unresolved} == {
        ("Alias", 6),
        ("Trail", 12),
        ("template.yaml", 17),
    }


def test_a_policy_of_which_a_plan_knows_nothing_is_told_though_nothing_speaks_of_keys(tmp_path: Path) -> None:
    resource = {"address": "aws_iam_policy.app", "mode": "managed", "type": "aws_iam_policy", "name": "app"}
    change = {"actions": ["create"], "before": None, "after": {"name": "app"}, "after_unknown": {"policy": True}}
    expressions = {"policy": {"references": ["module.app.policy", "module.app"]}}
    plan = {
        "format_version": "1.2",
        "terraform_version": "1.9.0",
        "planned_values": {"root_module": {"resources": [{**resource, "values": {"name": "app"}}]}},
        "resource_changes": [{**resource, "change": change}],
        "configuration": {"root_module": {"resources": [{**resource, "expressions": expressions}]}},
    }
    report = api.lint(write(tmp_path, {"plan.json": json.dumps(plan)}))
    assert [each.resource for each in report.unresolved] == ["aws_iam_policy.app"]


def test_a_service_that_is_let_in_for_too_little_is_told_of_in_every_form(tmp_path: Path) -> None:
    text = KEY.replace(
        "    }]",
        """      }, {
      Effect    = "Allow"
      Principal = { Service = "cloudwatch.amazonaws.com" }
      Action    = "kms:Encrypt"
      Resource  = "*"
      Condition = { StringEquals = { "aws:SourceAccount" = "111122223333" } }
    }]""",
    )
    assert found(tmp_path, text) == (["service-lacks-access:11"], [])


def test_the_name_of_an_alias_is_wrong_where_it_stands_for_the_key(tmp_path: Path) -> None:
    text = """resource "aws_kms_key" "orders" {}
resource "aws_kms_alias" "orders" {
  name          = "alias/orders"
  target_key_id = aws_kms_key.orders.id
}
locals {
  key = aws_kms_alias.orders.name
}
resource "aws_iam_policy" "app" {
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Effect = "Allow", Action = "kms:Decrypt", Resource = aws_kms_alias.orders.name },
      { Effect = "Allow", Action = "kms:Encrypt", Resource = local.key },
    ]
  })
}
"""
    assert found(tmp_path, text) == (["dead-resource:7", "dead-resource:13"], [])
    report = api.lint(tmp_path, select=["dead-resource"])
    assert {each.fix for each in report.findings} == {"Write `aws_kms_alias.orders.target_key_arn`."}
