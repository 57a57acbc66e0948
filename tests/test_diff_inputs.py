"""`kms-lint diff` over what policies are written in: each is the same policy before and after, in folders and revisions."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import kms_lint
from tests.test_diff_worlds import changed, diff, put

ROOT = "arn:aws:iam::111122223333:root"
APP = "arn:aws:iam::111122223333:role/app"
KEY_ARN = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
LESS, MORE = "kms:Decrypt", ["kms:Decrypt", "kms:Encrypt"]
Files = dict[str, str]


def policy(action: Any, who: Any = APP) -> dict[str, Any]:
    whole = {"Sid": "Root", "Effect": "Allow", "Principal": {"AWS": ROOT}, "Action": "kms:*", "Resource": "*"}
    use = {"Sid": "Use", "Effect": "Allow", "Principal": {"AWS": who}, "Action": action, "Resource": "*"}
    return {"Version": "2012-10-17", "Statement": [whole, use]}


def key(action: Any) -> dict[str, Any]:
    return {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": policy(action)}}


BESIDE = f'resource "aws_kms_key" "beside" {{\n  policy = jsonencode({json.dumps(policy("kms:Sign"))})\n}}\n'


def terraform(expression: str, more: str = "", **files: str) -> Files:
    written = f'{more}resource "aws_kms_key" "this" {{\n  policy = {expression}\n}}\n{BESIDE}'
    return {"main.tf": written, **{name.replace("_", "."): text for name, text in files.items()}}


def template(**resources: Any) -> str:
    return json.dumps({"Resources": {"Beside": key("kms:Sign"), **resources}}, indent=1)


def json_syntax(action: Any) -> Files:
    resource = {"aws_kms_key": {"this": {"policy": json.dumps(policy(action))}}}
    return {"main.tf.json": json.dumps({"resource": resource}), "beside.tf": BESIDE}


def key_policy_resource(action: Any) -> Files:
    made = f'resource "aws_kms_key_policy" "p" {{\n  key_id = aws_kms_key.this.id\n  policy = jsonencode({json.dumps(policy(action))})\n}}\n'
    return {"main.tf": f'resource "aws_kms_key" "this" {{\n}}\n{made}{BESIDE}'}


def for_each(action: Any) -> Files:
    fragment = {"Key${Name}": key(action)}
    body = {"Beside": key("kms:Sign"), "Fn::ForEach::Keys": ["Name", ["A", "B"], fragment]}
    return {"template.json": json.dumps({"Transform": "AWS::LanguageExtensions", "Resources": body}, indent=1)}


def included(action: Any) -> Files:
    include = {"Fn::Transform": {"Name": "AWS::Include", "Parameters": {"Location": "./policy.json"}}}
    made = template(Key={"Type": "AWS::KMS::Key", "Properties": include})
    return {"template.json": made, "policy.json": json.dumps({"KeyPolicy": policy(action)})}


def nested(action: Any) -> Files:
    stack = {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": "./child.json"}}
    return {"root.json": template(Child=stack), "child.json": json.dumps({"Resources": {"Key": key(action)}}, indent=1)}


def synthesized(action: Any) -> Files:
    made = key(action) | {"Metadata": {"aws:cdk:path": "App/Key/Resource"}}
    return {"cdk.out/App.template.json": template(Key3B1A=made)}


def replica(action: Any) -> Files:
    made = f'resource "aws_kms_replica_key" "this" {{\n  primary_key_arn = aws_kms_key.beside.arn\n  policy = jsonencode({json.dumps(policy(action))})\n}}\n'
    return {"main.tf": made + BESIDE}


def called(action: Any) -> Files:
    return {
        "main.tf": f'module "keys" {{\n  source = "./keys"\n  for_each = toset(["a"])\n}}\n{BESIDE}',
        "keys/main.tf": f'resource "aws_kms_key" "this" {{\n  policy = jsonencode({json.dumps(policy(action))})\n}}\n',
    }


WRITTEN: dict[str, tuple[Callable[[Any], Files], str]] = {
    "Terraform in JSON": (json_syntax, "aws_kms_key.this"),
    "file()": (
        lambda action: terraform('file("${path.module}/p.json")', p_json=json.dumps(policy(action))),
        "aws_kms_key.this",
    ),
    "templatefile()": (
        lambda action: terraform(
            f'templatefile("p.tftpl", {{ who = "{APP}" }})', p_tftpl=json.dumps(policy(action, "${who}"))
        ),
        "aws_kms_key.this",
    ),
    "jsondecode()": (
        lambda action: terraform(
            "jsonencode(local.p)",
            'locals {\n  p = jsondecode(file("p.json"))\n}\n',
            p_json=json.dumps(policy(action)),
        ),
        "aws_kms_key.this",
    ),
    "aws_kms_key_policy": (key_policy_resource, "aws_kms_key_policy.p"),
    "a replica": (replica, "aws_kms_replica_key.this"),
    "a module": (called, 'module.keys["a"].aws_kms_key.this'),
    "a nested stack": (nested, "Child.Key"),
    "Fn::ForEach": (for_each, "KeyA"),
    "AWS::Include": (included, "Key"),
    "CDK": (synthesized, "Key3B1A"),
}


@pytest.mark.parametrize("revision", [False, True], ids=["folders", "revisions"])
@pytest.mark.parametrize("name", WRITTEN)
def test_only_the_action_that_was_added_is_new(tmp_path: Path, name: str, revision: bool) -> None:
    write, address = WRITTEN[name]
    if revision:
        found = changed(tmp_path, write(LESS), write(MORE))
    else:
        put(tmp_path / "old", write(LESS))
        put(tmp_path / "new", write(MORE))
        found = diff(tmp_path, "old", "new")
    wider = {each["address"]: each for each in found["policies"] if each["verdict"] != "no_new_access"}
    assert (found["verdict"], found["relation"], address in wider) == ("new_access", "wider", True), found
    assert len(wider) == (2 if name == "Fn::ForEach" else 1)
    (group,) = wider[address]["groups"]
    assert (group["actions"], group["statement"]["name"], group["nearest"]["elements"]) == (
        ["kms:Encrypt"],
        "Use",
        ["Action"],
    )


@pytest.mark.parametrize("name", WRITTEN)
def test_the_way_back_is_proved(tmp_path: Path, name: str) -> None:
    write, _ = WRITTEN[name]
    found = changed(tmp_path, write(MORE), write(LESS))
    assert (found["verdict"], found["relation"]) == ("no_new_access", "narrower"), found


def test_a_file_that_a_key_reads_is_told_once(tmp_path: Path) -> None:
    write, _ = WRITTEN["file()"]
    found = changed(tmp_path, write(LESS), write(MORE))
    assert [each["address"] for each in found["policies"]] == ["aws_kms_key.this", "aws_kms_key.beside"]


def test_a_file_that_nothing_reads_any_more_is_the_file_that_it_was(tmp_path: Path) -> None:
    write, _ = WRITTEN["file()"]
    found = changed(tmp_path, write(LESS), {**write(LESS), "main.tf": BESIDE})
    assert found["verdict"] == "no_new_access", found


UNREAD = {
    "a macro": {"template.json": json.dumps({"Transform": ["Macro"], "Resources": {"Key": key(LESS)}}, indent=1)},
    "a policy in a bucket": {
        "template.json": template(
            Key={
                "Type": "AWS::KMS::Key",
                "Properties": {
                    "KeyPolicy": {
                        "Fn::Transform": {"Name": "AWS::Include", "Parameters": {"Location": "s3://bucket/p.json"}}
                    }
                },
            }
        )
    },
    "a file that is not there": terraform('file("${path.module}/gone.json")'),
    "a template of a nested stack that is elsewhere": {
        "root.json": template(
            Child={"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": "https://example.com/c.json"}},
            Key=key({"Fn::GetAtt": ["Child", "Outputs.Action"]}),
        )
    },
}


@pytest.mark.parametrize("name", UNREAD)
def test_what_is_not_read_is_not_taken_for_equal(tmp_path: Path, name: str) -> None:
    found = changed(tmp_path, UNREAD[name], UNREAD[name])
    assert found["verdict"] == "unknown", found
    assert all(each["reason"] for each in found["policies"] if each["verdict"] == "unknown")


def conditional(action: str) -> Files:
    made = {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": {"Fn::If": ["C", policy(MORE), policy(action)]}}}
    parameters = {"On": {"Type": "String", "Default": "no"}}
    conditions = {"C": {"Fn::Equals": [{"Ref": "On"}, "yes"]}}
    return {
        "template.json": json.dumps(
            {"Parameters": parameters, "Conditions": conditions, "Resources": {"Key": made}}, indent=1
        )
    }


def variable(action: str) -> Files:
    return {
        "main.tf": 'variable "action" {\n}\n'
        f'resource "aws_kms_key" "this" {{\n  policy = jsonencode({{ Version = "2012-10-17", Statement = [{{ Effect = "Allow", '
        f'Principal = {{ AWS = "{APP}" }}, Action = [var.action, "{action}"], Resource = "*" }}] }})\n}}\n'
    }


OPTIONS = [
    (conditional, (), "new_access"),
    (conditional, ("--parameter", "On=yes"), "no_new_access"),
    (conditional, ("--parameter", "On=no"), "new_access"),
    (conditional, ("--parameter-file", "parameters.json"), "no_new_access"),
    (variable, (), "new_access"),
    (variable, ("--var", "action=kms:Sign"), "no_new_access"),
    (variable, ("--var", "action=kms:Verify"), "new_access"),
    (variable, ("--var-file", "values.tfvars"), "no_new_access"),
]


@pytest.mark.parametrize(("write", "options", "verdict"), OPTIONS)
def test_values_from_options_hold_for_both_sides(
    tmp_path: Path, write: Callable[[str], Files], options: tuple[str, ...], verdict: str
) -> None:
    put(tmp_path / "old", write("kms:Decrypt"))
    put(tmp_path / "new", write("kms:Sign"))
    put(tmp_path, {"values.tfvars": 'action = "kms:Sign"\n'})
    put(tmp_path, {"parameters.json": json.dumps([{"ParameterKey": "On", "ParameterValue": "yes"}])})
    assert diff(tmp_path, "old", "new", *options)["verdict"] == verdict
    if "action=kms:Sign" not in options and "--var-file" not in options:
        return
    assert diff(tmp_path, "new", "old", *options)["verdict"] == "new_access"  # and the value is there on the old side


def test_two_formats_on_standard_output_are_refused(tmp_path: Path) -> None:
    put(tmp_path, {"main.tf": BESIDE})
    done = kms_lint("diff", ".", ".", "--format", "json", "--format", "text", cwd=tmp_path)
    assert (done.returncode, len(done.stdout)) == (2, 0)
    assert b"two formats would both go to standard output" in done.stderr


def test_sarif_names_the_file_of_a_key_of_which_nothing_is_known(tmp_path: Path) -> None:
    described = {"KeyMetadata": {"KeyId": "1234abcd-12ab-34cd-56ef-1234567890ab", "Arn": KEY_ARN}}
    for folder in ("old", "new"):
        put(tmp_path / folder, {"key.json": json.dumps(described)})
    done = kms_lint("diff", "old", "new", "--format", "sarif", cwd=tmp_path)
    results = json.loads(done.stdout)["runs"][0]["results"]
    assert {each["ruleId"] for each in results} == {"not-proved"}
    uris = {each["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for each in results}
    assert uris == {"new/key.json"}
