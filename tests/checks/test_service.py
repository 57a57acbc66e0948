"""Services that write to encrypted topics, queues and buckets, and are not let in; snapshots that AWS refuses to share."""

from __future__ import annotations

from pathlib import Path

import pytest

from kms_lint.api import lint
from kms_lint.finding import Confidence, Finding

SURE, MAYBE = Confidence.DEFINITE, Confidence.POSSIBLE
KEY = 'resource "aws_kms_key" "k" {\n  enable_key_rotation = true\n}\n'
ALARM = 'resource "aws_cloudwatch_metric_alarm" "a" {\n  alarm_actions = [aws_sns_topic.t.arn]\n}\n'


def topic(key: str) -> str:
    return f'resource "aws_sns_topic" "t" {{\n  kms_master_key_id = {key}\n}}\n'


def found(folder: Path, rule: str, **files: str) -> list[Finding]:
    for name, text in files.items():
        (folder / f"{name}.tf").write_text(text)
    report = lint(folder, include_possible=True)
    return [finding for finding in report.findings if finding.about.id == rule]


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        pytest.param("aws_kms_key.k.arn", [SURE], id="a key without a policy"),
        pytest.param('"alias/aws/sns"', [SURE], id="an AWS managed key"),
        pytest.param('"arn:aws:kms:us-east-1:111122223333:alias/aws/sns"', [SURE], id="by its ARN"),
        pytest.param("var.own ? aws_kms_key.k.arn : null", [SURE], id="perhaps not encrypted"),
        pytest.param('var.own ? aws_kms_key.k.arn : "alias/aws/sns"', [MAYBE, MAYBE], id="one of two keys"),
        pytest.param("var.key", [], id="a key that is not known"),
        pytest.param('"1234abcd-12ab-34cd-56ef-1234567890ab"', [], id="a key from elsewhere"),
    ],
)
def test_the_key_of_a_topic(key: str, expected: list[Confidence], tmp_path: Path) -> None:
    hits = found(tmp_path, "service-lacks-access", main=KEY + topic(key) + ALARM)
    assert [each.confidence for each in hits] == expected


def test_who_writes_may_stand_in_a_file_that_says_nothing_about_keys(tmp_path: Path) -> None:
    (hit,) = found(tmp_path, "service-lacks-access", keys=KEY + topic("aws_kms_key.k.arn"), alarms=ALARM)
    assert Path(hit.span.source.path).name == "keys.tf"
    assert (
        "cloudwatch.amazonaws.com call kms:Decrypt, kms:GenerateDataKey, as aws_cloudwatch_metric_alarm.a"
        in hit.message
    )


MODULE = KEY + topic("aws_kms_key.k.arn") + 'output "arn" {\n  value = aws_sns_topic.t.arn\n}\n'
CALL = 'module "topic" {\n  source = "SOURCE"\n}\n' + ALARM.replace("aws_sns_topic.t.arn", "module.topic.arn")


def test_a_topic_that_a_module_makes(tmp_path: Path) -> None:
    (tmp_path / "topic").mkdir()
    (tmp_path / "topic" / "main.tf").write_text(MODULE)
    (hit,) = found(tmp_path, "service-lacks-access", main=CALL.replace("SOURCE", "./topic"))
    assert Path(hit.span.source.path).parts[-2:] == ("topic", "main.tf")


def test_topics_of_the_same_address_are_not_told_apart(tmp_path: Path) -> None:
    for name in ("topic", "dev", "prod"):
        (tmp_path / name).mkdir()
    (tmp_path / "topic" / "main.tf").write_text(MODULE)
    (tmp_path / "dev" / "main.tf").write_text(CALL.replace("SOURCE", "../topic"))
    (tmp_path / "prod" / "main.tf").write_text(CALL.replace("SOURCE", "../topic").partition("resource")[0])
    assert found(tmp_path, "service-lacks-access") == []


def test_each_service_is_told_once_and_with_what_it_lacks(tmp_path: Path) -> None:
    statement = (
        '{ Effect = "Allow", Principal = { Service = "s3.amazonaws.com" }, Action = "kms:Decrypt", Resource = "*" }'
    )
    policy = f'policy = jsonencode({{ Version = "2012-10-17", Statement = [{statement}] }})'
    key = f'resource "aws_kms_key" "k" {{\n  {policy}\n}}\n'
    events = 'resource "aws_s3_bucket_notification" "n" {\n  topic {\n    topic_arn = aws_sns_topic.t.arn\n  }\n}\n'
    again = ALARM.replace('"a"', '"b"')
    (hit,) = found(tmp_path, "service-lacks-access", main=key + topic("aws_kms_key.k.arn") + ALARM + again + events)
    assert hit.message == (
        "the key policy does not let cloudwatch.amazonaws.com call kms:Decrypt, kms:GenerateDataKey, as "
        "aws_cloudwatch_metric_alarm.a needs; nor s3.amazonaws.com call kms:GenerateDataKey, as aws_s3_bucket_notification.n needs"
    )


def test_the_key_of_one_object_is_not_that_of_its_bucket(tmp_path: Path) -> None:
    text = """
    resource "aws_s3_bucket" "b" {}
    resource "aws_s3_object" "o" {
      bucket     = aws_s3_bucket.b.id
      kms_key_id = aws_kms_key.k.arn
    }
    resource "aws_flow_log" "f" { log_destination = aws_s3_bucket.b.arn }
    """
    assert found(tmp_path, "service-lacks-access", main=KEY + text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('resource "aws_ssm_resource_data_sync" "s" {\n  s3_destination {\n    kms_key_arn = KEY\n  }\n}', "ssm"),
        ('resource "aws_ssm_parameter" "s" {\n  key_id = KEY\n}', None),
        ('resource "aws_ses_receipt_rule" "s" {\n  s3_action {\n    kms_key_arn = KEY\n  }\n}', "ses"),
        (
            'resource "aws_ses_receipt_rule" "s" {\n  s3_action {\n    kms_key_arn  = KEY\n    iam_role_arn = "r"\n  }\n}',
            None,
        ),
        (
            'resource "aws_ecs_cluster" "s" {\n  configuration {\n    managed_storage_configuration {\n'
            "      fargate_ephemeral_storage_kms_key_id = KEY\n    }\n  }\n}",
            "fargate",
        ),
        (
            'resource "aws_ecs_cluster" "s" {\n  configuration {\n    managed_storage_configuration {\n'
            "      kms_key_id = KEY\n    }\n  }\n}",
            None,
        ),
        (
            'resource "aws_s3_bucket_inventory" "s" {\n  destination {\n    bucket {\n      encryption {\n        sse_kms {\n'
            "          key_id = KEY\n        }\n      }\n    }\n  }\n}",
            "s3",
        ),
        (
            'resource "aws_s3vectors_vector_bucket" "s" {\n  encryption_configuration = [{ kms_key_arn = KEY }]\n}',
            "indexing.s3vectors",
        ),
    ],
)
def test_what_of_a_service_needs_the_service_to_be_let_in(text: str, expected: str | None, tmp_path: Path) -> None:
    hits = found(tmp_path, "service-lacks-access", main=KEY + text.replace("KEY", "aws_kms_key.k.arn"))
    assert len(hits) == (expected is not None)
    assert all(f"does not let {expected}.amazonaws.com call" in hit.message for hit in hits)


@pytest.mark.parametrize(
    ("accounts", "expected"),
    [
        ('["444455556666"]', [SURE]),
        ('["all"]', [SURE]),
        ("[data.aws_caller_identity.me.account_id]", []),
        ("var.accounts", [MAYBE]),
        ("[var.account]", [MAYBE]),
        ('["444455556666", var.account]', [SURE]),
        ("[]", []),
    ],
)
def test_whom_a_snapshot_is_shared_with(accounts: str, expected: list[Confidence], tmp_path: Path) -> None:
    text = f"""
    data "aws_caller_identity" "me" {{}}
    resource "aws_db_snapshot_copy" "s" {{
      kms_key_id      = "alias/aws/rds"
      shared_accounts = {accounts}
    }}
    """
    hits = found(tmp_path, "aws-managed-key-shared", main=text)
    assert [each.confidence for each in hits] == expected
