"""Trails, endpoints of VPCs, and records of CloudTrail: what stands around the keys."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kms_lint.api import load
from kms_lint.model import Document
from kms_lint.syntax import locate

TRAILS = """
resource "aws_cloudtrail" "basic" {
  event_selector {
    exclude_management_event_sources = ["kms.amazonaws.com"]
  }
}
resource "aws_cloudtrail" "advanced" {
  advanced_event_selector {
    field_selector {
      field  = "eventCategory"
      equals = ["Management"]
    }
    field_selector {
      field      = "eventSource"
      not_equals = ["kms.amazonaws.com", "rdsdata.amazonaws.com"]
    }
  }
}
resource "aws_cloudtrail" "whole" {
  name = "whole"
}
"""
ENDPOINTS = """
resource "aws_vpc_endpoint" "attached" {
  service_name = "com.amazonaws.us-east-1.kms"
}
resource "aws_vpc_endpoint" "own" {
  service_name = "com.amazonaws.us-east-1.kms"
  policy       = jsonencode({ Statement = [] })
}
resource "aws_vpc_endpoint" "open" {
  service_name = "com.amazonaws.us-east-1.kms"
}
resource "aws_vpc_endpoint_policy" "attached" {
  vpc_endpoint_id = aws_vpc_endpoint.attached.id
  policy          = jsonencode({ Statement = [] })
}
"""
TEMPLATE = """
Resources:
  Trail:
    Type: AWS::CloudTrail::Trail
    Properties:
      EventSelectors: [{ExcludeManagementEventSources: [kms.amazonaws.com]}]
  Advanced:
    Type: AWS::CloudTrail::Trail
    Properties:
      AdvancedEventSelectors:
        - FieldSelectors: [{Field: eventSource, NotEquals: [kms.amazonaws.com]}, {Field: eventName, NotEquals: [x]}]
  Endpoint:
    Type: AWS::EC2::VPCEndpoint
    Properties: {ServiceName: !Sub "com.amazonaws.${AWS::Region}.kms"}
  Key:
    Type: AWS::KMS::Key
    DeletionPolicy: Retain
    UpdateReplacePolicy: Delete
"""
RECORD = """{"eventName": "GetPublicKey", "eventSource": "kms.amazonaws.com", %s
 "resources": [{"ARN": "arn:aws:kms:us-west-2:111122223333:key/one"}]}"""


def document(folder: Path, name: str, text: str) -> Document:
    (folder / name).write_text(text)
    return load(str(folder / name)).documents[0]


def excluded(found: Document) -> dict[str, list[str]]:
    return {trail.address: [str(each) for each in trail.excluded] for trail in found.trails}


def test_what_trails_of_terraform_leave_out(tmp_path: Path) -> None:
    found = document(tmp_path, "trails.tf", TRAILS)
    assert excluded(found) == {
        "aws_cloudtrail.basic": ["kms.amazonaws.com"],
        "aws_cloudtrail.advanced": ["kms.amazonaws.com", "rdsdata.amazonaws.com"],
        "aws_cloudtrail.whole": [],
    }
    span = locate(found.trails[0].excluded[0].at)
    assert span.source.position(span.start).line == 4


def test_endpoints_of_terraform_with_and_without_policies(tmp_path: Path) -> None:
    found = document(tmp_path, "endpoints.tf", ENDPOINTS)
    assert {each.address.rpartition(".")[2]: each.has_policy for each in found.endpoints} == {
        "attached": True,
        "own": True,
        "open": False,
    }


def test_a_policy_of_an_endpoint_that_is_not_known_leaves_them_all_open(tmp_path: Path) -> None:
    found = document(tmp_path, "endpoints.tf", ENDPOINTS.replace("aws_vpc_endpoint.attached.id", "var.endpoint"))
    assert {each.address.rpartition(".")[2]: each.has_policy for each in found.endpoints} == {
        "attached": None,
        "own": True,
        "open": None,
    }


def test_what_stands_around_keys_in_a_template(tmp_path: Path) -> None:
    found = document(tmp_path, "template.yaml", TEMPLATE)
    assert excluded(found) == {"Trail": ["kms.amazonaws.com"], "Advanced": ["kms.amazonaws.com"]}
    assert [(each.address, str(each.service), each.has_policy) for each in found.endpoints] == [
        ("Endpoint", "com.amazonaws.<region>.kms", False)
    ]
    settings = found.keys[0].settings
    assert (settings["deletion_policy"].value, settings["update_replace_policy"].value) == ("Retain", "Delete")


def test_a_key_of_terraform_that_must_not_be_destroyed(tmp_path: Path) -> None:
    found = document(
        tmp_path, "key.tf", 'resource "aws_kms_key" "a" {\n  lifecycle {\n    prevent_destroy = true\n  }\n}\n'
    )
    assert found.keys[0].settings["prevent_destroy"].value is True


def test_the_selectors_that_the_command_line_prints(tmp_path: Path) -> None:
    trail = '{"TrailARN": "arn:aws:cloudtrail:us-east-1:111122223333:trail/all", "EventSelectors": [%s]}'
    found = document(tmp_path, "t.json", trail % '{"ExcludeManagementEventSources": ["kms.amazonaws.com"]}')
    assert excluded(found) == {"arn:aws:cloudtrail:us-east-1:111122223333:trail/all": ["kms.amazonaws.com"]}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"Records": [%s]}' % (RECORD % ""), ["arn:aws:kms:us-west-2:111122223333:key/one"]),
        ('{"Records": [%s]}' % (RECORD % '"errorCode": "AccessDenied",'), []),
        ('{"Records": [%s]}' % (RECORD.replace("GetPublicKey", "Decrypt") % ""), []),
        (
            json.dumps({"Events": [{"EventName": "GetPublicKey", "CloudTrailEvent": RECORD % ""}]}),
            ["arn:aws:kms:us-west-2:111122223333:key/one"],
        ),
    ],
    ids=["a file of records", "refused", "another event", "lookup-events"],
)
def test_who_has_got_a_public_key(tmp_path: Path, text: str, expected: list[str]) -> None:
    assert [str(each.key) for each in document(tmp_path, "records.json", text).public_keys_read] == expected


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("alone.tf", 'resource "aws_vpc_endpoint" "a" {\n  service_name = "com.amazonaws.us-east-1.kms"\n}\n'),
        (
            "alone.yaml",
            "Resources:\n  A:\n    Type: AWS::EC2::VPCEndpoint\n    Properties: {ServiceName: com.amazonaws.us-east-1.kms}\n",
        ),
    ],
)
def test_an_endpoint_in_a_file_of_its_own(tmp_path: Path, name: str, text: str) -> None:
    assert [str(each.service) for each in document(tmp_path, name, text).endpoints] == ["com.amazonaws.us-east-1.kms"]


def of_plan(written: dict[str, object], policies: list[object], values: dict[str, object]) -> str:
    """A plan that makes an endpoint, whose policy is not known before."""
    named = {"mode": "managed", "type": "aws_vpc_endpoint", "name": "a", "address": "aws_vpc_endpoint.a"}
    change = {"actions": ["create"], "before": None, "after": values, "after_unknown": {"policy": True}}
    said = [{**named, "expressions": written}, *policies]
    plan = {"format_version": "1.2", "terraform_version": "1.9.0"}
    planned = {"root_module": {"resources": [{**named, "values": values}]}}
    changes = [{**named, "change": change}]
    return json.dumps(
        {
            **plan,
            "planned_values": planned,
            "resource_changes": changes,
            "configuration": {"root_module": {"resources": said}},
        }
    )


@pytest.mark.parametrize(
    ("written", "expected"),
    [({"service_name": {}}, False), ({"service_name": {}, "policy": {"references": ["var.policy"]}}, True)],
    ids=["nobody wrote one", "one that is worked out"],
)
def test_the_endpoint_of_a_plan_whose_policy_aws_will_make(
    tmp_path: Path, written: dict[str, object], expected: bool
) -> None:
    """Found in a folder too, where nothing else speaks of keys."""
    (tmp_path / "plan.json").write_text(of_plan(written, [], {"service_name": "com.amazonaws.us-east-1.kms"}))
    (found,) = load(str(tmp_path)).documents[0].endpoints
    assert found.has_policy is expected


def test_the_trail_of_a_plan_that_uses_no_key(tmp_path: Path) -> None:
    values = {"event_selector": [{"exclude_management_event_sources": ["kms.amazonaws.com"]}]}
    trail = {"address": "aws_cloudtrail.a", "mode": "managed", "type": "aws_cloudtrail", "name": "a", "values": values}
    plan = {
        "format_version": "1.2",
        "terraform_version": "1.9.0",
        "planned_values": {"root_module": {"resources": [trail]}},
    }
    assert excluded(document(tmp_path, "plan.json", json.dumps(plan))) == {"aws_cloudtrail.a": ["kms.amazonaws.com"]}


def test_an_endpoint_for_a_service_that_is_looked_up(tmp_path: Path) -> None:
    text = """
    data "aws_vpc_endpoint_service" "kms" {
      service = "kms"
    }
    resource "aws_vpc_endpoint" "a" {
      service_name = data.aws_vpc_endpoint_service.kms.service_name
    }
    """
    (found,) = document(tmp_path, "main.tf", text).endpoints
    assert found.service is not None
    assert found.service.form == "com.amazonaws.<region>.kms"
