"""One policy in every form that a CloudFormation template can give it: the same rules, on the same statements."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from kms_lint.engine import lint
from kms_lint.load.options import Options
from kms_lint.model import Accounts, World
from tests.load.cloudformation_folder import world, written
from tests.test_formats import NAMES, Data, in_json, is_key_policy, kind_of, policies, rules, template

Files = dict[str, str]


def properties(policy: Data) -> str:
    return "KeyPolicy" if is_key_policy(policy) else "PolicyDocument"


def around(policy: Data, value: object) -> Data:
    """The template with a value in the place of its policy."""
    type = "AWS::KMS::Key" if is_key_policy(policy) else "AWS::IAM::ManagedPolicy"
    return {"Type": type, "Properties": {properties(policy): value}}


def as_sub(policy: Data) -> Files:
    text = json.dumps(policy, indent=2).replace("${", "${!")
    return {"t.json": json.dumps({"Resources": {"It": around(policy, {"Fn::Sub": text})}})}


def as_json_string(policy: Data) -> Files:
    return {"t.json": json.dumps({"Resources": {"It": around(policy, {"Fn::ToJsonString": policy})}})}


def as_loop(policy: Data) -> Files:
    return {
        "t.json": json.dumps(
            {"Resources": {"Fn::ForEach::Its": ["Name", ["a"], {"It${Name}": around(policy, policy)}]}}
        )
    }


def as_branch(policy: Data) -> Files:
    conditions = {"Never": {"Fn::Equals": ["a", "b"]}}
    value = {"Fn::If": ["Never", {"Ref": "AWS::NoValue"}, policy]}
    return {"t.json": json.dumps({"Conditions": conditions, "Resources": {"It": around(policy, value)}})}


def as_include(policy: Data) -> Files:
    include = {"Fn::Transform": {"Name": "AWS::Include", "Parameters": {"Location": "p/policy.txt"}}}
    return {"t.json": json.dumps({"Resources": {"It": around(policy, include)}}), "p/policy.txt": json.dumps(policy)}


def as_nested_stack(policy: Data) -> Files:
    stack = {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": "./child.json"}}
    return {"t.json": json.dumps({"Resources": {"Child": stack}}), "child.json": json.dumps(template(policy))}


def as_cdk(policy: Data) -> Files:
    made = {**around(policy, policy), "Metadata": {"aws:cdk:path": "App/It/Resource"}}
    return {"cdk.out/App.template.json": json.dumps({"Resources": {"It": made}})}


def as_serverless(policy: Data) -> Files:
    function = {"Type": "AWS::Serverless::Function", "Properties": {"Policies": [policy]}}
    return {"t.json": json.dumps({"Transform": "AWS::Serverless-2016-10-31", "Resources": {"It": function}})}


FORMATS: dict[str, Callable[[Data], Files]] = {
    "text for Fn::Sub": as_sub,
    "Fn::ToJsonString": as_json_string,
    "Fn::ForEach": as_loop,
    "Fn::If": as_branch,
    "AWS::Include": as_include,
    "nested stack": as_nested_stack,
    "CDK output": as_cdk,
    "SAM function": as_serverless,
}


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("name", NAMES)
def test_a_policy_has_the_same_findings_in_every_form(name: str, format: str, tmp_path: Path) -> None:
    for index, (example, policy) in enumerate(policies(name)):
        if format == "SAM function" and is_key_policy(policy):
            continue
        folder = written(tmp_path / str(index), FORMATS[format](policy))
        read = world(folder, options=Options("111122223333")).documents
        assert [each.kind for document in read for each in document.every_policy()] == [kind_of(policy)]
        report = lint(World(read, Accounts(own=frozenset({"111122223333"}))), rules(), include_possible=True)
        found = frozenset((each.about.id, each.statement, each.confidence.value) for each in report.findings)
        assert found == in_json(example), example
