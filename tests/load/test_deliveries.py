"""What has services write to encrypted topics, queues and buckets, and what shares encrypted snapshots, in every format."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kms_lint.api import load
from kms_lint.load.cloudformation.places import DELIVERIES as OF_TEMPLATES
from kms_lint.load.terraform.delivery_places import DELIVERIES, SHARES
from kms_lint.model import Document, Status
from tests.load import plans, terraform_folder
from tests.load.plans import Instance, plan, refers
from tests.load.test_cloudformation_intrinsics import read as template

TARGET = 'resource "aws_sns_topic" "t" { kms_master_key_id = var.key }\n'


def one(text: str) -> Document:
    (document,) = terraform_folder.read(text)
    return document


def to(document: Document) -> list[tuple[str, str, str]]:
    return [(each.address, each.service, each.to) for each in document.deliveries]


def shared(document: Document) -> list[tuple[str, str, list[str], str | None]]:
    return [
        (
            each.address,
            each.of,
            [str(account) for account in each.accounts],
            None if each.key is None else str(each.key),
        )
        for each in document.shares
    ]


def nested(path: tuple[str, ...], value: str, beside: str = "") -> str:
    *blocks, last = path
    text = f"{last} = {value}\n{beside}"
    for name in reversed(blocks):
        text = f"{name} {{\n{text}\n}}"
    return text


PATHS = [(type, each, path) for type, found in DELIVERIES.items() for each in found for path in each.paths]


@pytest.mark.parametrize(("type", "each", "path"), PATHS, ids=lambda it: it if isinstance(it, str) else "")
def test_a_delivery_of_terraform(type: str, each: object, path: tuple[str, ...]) -> None:
    (delivering,) = DELIVERIES[type]
    beside = "" if delivering.only_with is None else f'{delivering.only_with} = "x"'
    text = nested(path, "[aws_sns_topic.t.arn]", beside)
    document = one(f'{TARGET}resource "{type}" "it" {{\n{text}\n}}')
    assert to(document) == [(f"{type}.it", delivering.service, "aws_sns_topic.t")]
    (*_, other) = terraform_folder.read({"a.tf": TARGET, "b.tf": f'resource "{type}" "it" {{\n{text}\n}}'})
    assert to(other) == to(document)
    assert other.status is Status.SKIPPED, "it is no reason to judge a file"


def test_a_role_writes_instead_or_an_origin_is_open() -> None:
    text = """
    resource "aws_cloudwatch_event_target" "role" {
      arn      = aws_sns_topic.t.arn
      role_arn = aws_iam_role.r.arn
    }
    resource "aws_cloudwatch_event_target" "none" {
      arn      = aws_sns_topic.t.arn
      role_arn = null
    }
    resource "aws_cloudfront_distribution" "open" {
      origin { domain_name = aws_s3_bucket.b.bucket_regional_domain_name }
    }
    """
    assert to(one(TARGET + text)) == [("aws_cloudwatch_event_target.none", "events", "aws_sns_topic.t")]


def test_targets_by_text_in_folders_of_a_bucket_and_of_other_kinds() -> None:
    text = """
    variable "other" {}
    resource "aws_s3_bucket" "logs" {}
    resource "aws_flow_log" "into_a_folder" { log_destination = "${aws_s3_bucket.logs.arn}/vpc/" }
    resource "aws_flow_log" "elsewhere" { log_destination = "arn:aws:s3:::logs" }
    resource "aws_cloudwatch_metric_alarm" "many" {
      alarm_actions = [var.other, aws_sns_topic.t.arn, "arn:aws:swf:us-east-1:111122223333:action/x"]
      ok_actions    = var.other
    }
    """
    assert to(one(TARGET + text)) == [
        ("aws_flow_log.into_a_folder", "delivery.logs", "aws_s3_bucket.logs"),
        ("aws_cloudwatch_metric_alarm.many", "cloudwatch", "aws_sns_topic.t"),
    ]


def test_a_delivery_in_another_file_and_in_a_module(tmp_path: Path) -> None:
    files = {
        "main.tf": 'module "topic" {\n  source = "./topic"\n}\n',
        "alarm.tf": 'resource "aws_cloudwatch_metric_alarm" "a" {\n  alarm_actions = [module.topic.arn]\n}\n',
        "topic/main.tf": TARGET + 'output "arn" {\n  value = aws_sns_topic.t.arn\n}\n',
    }
    (tmp_path / "topic").mkdir()
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    found = [each for document in load(tmp_path).documents for each in to(document)]
    assert found == [("aws_cloudwatch_metric_alarm.a", "cloudwatch", "module.topic.aws_sns_topic.t")]


def test_a_plan_knows_targets_by_reference_and_by_arn() -> None:
    arn = "arn:aws:sns:us-east-1:111122223333:t"
    topic = Instance("aws_sns_topic.t", {"arn": arn, "id": arn, "kms_master_key_id": "alias/app"})
    new = Instance("aws_sqs_queue.q", {"kms_master_key_id": "alias/app"}, {"arn": True, "id": True})
    instances = (
        topic,
        new,
        Instance("aws_cloudwatch_metric_alarm.a", {"alarm_actions": [arn]}),
        Instance("aws_sns_topic_subscription.s", {}, {"endpoint": True}, {"endpoint": refers("aws_sqs_queue.q.arn")}),
        Instance("aws_cloudwatch_event_target.e", {"arn": arn, "role_arn": None}),
    )
    assert sorted(to(plans.read(plan(*instances)))) == [
        ("aws_cloudwatch_event_target.e", "events", "aws_sns_topic.t"),
        ("aws_cloudwatch_metric_alarm.a", "cloudwatch", "aws_sns_topic.t"),
        ("aws_sns_topic_subscription.s", "sns", "aws_sqs_queue.q"),
    ]


@pytest.mark.parametrize(("type", "way"), [(type, way) for type, (_, ways) in OF_TEMPLATES.items() for way in ways])
def test_a_delivery_of_a_template(type: str, way: str) -> None:
    value: object = {"Fn::GetAtt": ["Queue", "Arn"]}
    for name in reversed(way.split(".")):
        value = [value] if name == "*" else {name: value}
    resources = {
        "Key": {"Type": "AWS::KMS::Key"},
        "Queue": {"Type": "AWS::SQS::Queue", "Properties": {"KmsMasterKeyId": {"Ref": "Key"}}},
        "It": {"Type": type, "Properties": value},
    }
    document = template(json.dumps({"Resources": resources}))
    assert to(document) == [("It", OF_TEMPLATES[type][0], "Queue")]


def test_deliveries_of_a_template_to_what_is_encrypted_and_by_the_service_itself() -> None:
    text = """
    Resources:
      Key: {Type: AWS::KMS::Key}
      Topic: {Type: AWS::SNS::Topic, Properties: {KmsMasterKeyId: !Ref Key}}
      Plain: {Type: AWS::SNS::Topic}
      Alarm: {Type: AWS::CloudWatch::Alarm, Properties: {AlarmActions: [!Ref Topic, !Ref Plain, "arn:aws:sns:x"]}}
      Rule:
        Type: AWS::Events::Rule
        Properties:
          Targets: [{Id: role, Arn: !Ref Topic, RoleArn: arn}, {Id: none, Arn: !Ref Plain}]
      Broken: {Type: AWS::CloudWatch::Alarm, Properties: [1]}
    """
    document = template(text)
    assert to(document) == [("Alarm", "cloudwatch", "Topic")]
    assert document.problems == (), "how an alarm is written is not for us to say"


@pytest.mark.parametrize("type", SHARES)
def test_a_share(type: str) -> None:
    sharing = SHARES[type]
    of = "" if sharing.of is None else f"{sharing.of} = aws_db_instance.it.id"
    for (argument,) in sharing.accounts:
        text = f'resource "{type}" "s" {{\n{of}\n{argument} = "444455556666"\n}}'
        whole = f'resource "aws_db_instance" "it" {{}}\n{text}'
        origin = f"{type}.s" if sharing.of is None else "aws_db_instance.it"
        assert shared(one(whole)) == [(f"{type}.s", origin, ["444455556666"], None)]
    assert shared(one(f'resource "{type}" "s" {{\n{of}\n}}')) == []


def test_a_share_is_followed_to_what_names_the_key() -> None:
    text = """
    resource "aws_ebs_volume" "v" {}
    resource "aws_ebs_snapshot" "s" { volume_id = aws_ebs_volume.v.id }
    resource "aws_ami" "a" {
      ebs_block_device { snapshot_id = aws_ebs_snapshot.s.id }
    }
    resource "aws_ami_launch_permission" "p" {
      image_id = aws_ami.a.id
      group    = "all"
    }
    """
    assert shared(one(text)) == [("aws_ami_launch_permission.p", "aws_ebs_volume.v", ["all"], None)]


@pytest.mark.parametrize(
    ("database", "key"),
    [
        ("storage_encrypted = true", "alias/aws/rds"),
        ("storage_encrypted = false", None),
        ("storage_encrypted = var.encrypted", None),
        ("storage_encrypted = true\nkms_key_id = var.key", None),
        ("storage_encrypted = true\nsnapshot_identifier = var.from", None),
        ("", None),
    ],
)
def test_the_key_of_a_database_that_names_none(database: str, key: str | None) -> None:
    text = f"""
    resource "aws_db_instance" "d" {{
      {database}
    }}
    resource "aws_db_snapshot" "s" {{
      db_instance_identifier = aws_db_instance.d.identifier
      shared_accounts        = ["444455556666"]
    }}
    """
    assert shared(one(text)) == [("aws_db_snapshot.s", "aws_db_instance.d", ["444455556666"], key)]


def test_the_alias_by_which_a_key_is_looked_up() -> None:
    text = """
    data "aws_kms_alias" "ebs" { name = "alias/aws/ebs" }
    data "aws_kms_key" "ebs" { key_id = "alias/aws/ebs" }
    data "aws_kms_key" "by_id" { key_id = "1234abcd-12ab-34cd-56ef-1234567890ab" }
    data "aws_kms_key" "unknown" { key_id = var.key }
    resource "aws_ebs_volume" "a" { kms_key_id = data.aws_kms_alias.ebs.target_key_arn }
    resource "aws_ebs_volume" "b" { kms_key_id = data.aws_kms_key.ebs.arn }
    resource "aws_ebs_volume" "c" { kms_key_id = data.aws_kms_key.by_id.arn }
    resource "aws_ebs_volume" "d" { kms_key_id = data.aws_kms_key.unknown.arn }
    """
    found = [(each.address[-1], each.alias) for each in one(text).consumers]
    assert found == [("a", "alias/aws/ebs"), ("b", "alias/aws/ebs"), ("c", None), ("d", None)]
