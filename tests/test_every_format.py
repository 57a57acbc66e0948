"""One policy gives the same findings wherever it is written: in modules, plans, templates of several files, answers, docs.

`test_formats.py` does the same for formats that are one text.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kms_lint.discovery import discover
from kms_lint.engine import lint
from kms_lint.load import load
from kms_lint.load.options import Options
from kms_lint.model import Accounts, PolicyKind, World
from tests.test_formats import (
    NAMES,
    Data,
    as_cloudformation_yaml,
    as_heredoc,
    as_json,
    as_jsonencode,
    block,
    can_be_a_policy_document,
    document_text,
    escaped,
    hcl,
    in_json,
    is_key_policy,
    kind_of,
    many,
    policies,
    resource,
    rules,
    statement_block,
    template,
)

Files = dict[str, str]
ACCOUNT = "111122223333"


def type_of(policy: Data) -> str:
    return "aws_kms_key" if is_key_policy(policy) else "aws_iam_policy"


def as_file(policy: Data) -> Files:
    return {"main.tf": resource(policy, 'file("${path.module}/policy.txt")'), "policy.txt": as_json(policy)}


def as_templatefile(policy: Data) -> Files:
    """Each `kms:` of the policy is put in by the template."""
    text = escaped(json.dumps(policy, indent=2)).replace('"kms:', '"${service}:')
    expression = 'templatefile("policy.json.tftpl", { service = "kms" })'
    return {"main.tf": resource(policy, expression), "policy.json.tftpl": text}


def as_jsondecode(policy: Data) -> Files:
    return {
        "main.tf": resource(policy, 'jsonencode(jsondecode(file("policy.txt")))'),
        "policy.txt": as_json(policy),
    }


def as_for(policy: Data) -> Files:
    """The statements go through a `for` expression and a `merge`."""
    statements = hcl(many(policy["Statement"]), 0)
    rest = hcl({name: value for name, value in policy.items() if name != "Statement"}, 0)
    expression = f"jsonencode(merge({rest}, {{ Statement = [for each in local.statements : each] }}))"
    return {"main.tf": resource(policy, expression), "locals.tf": f"locals {{\n  statements = {statements}\n}}\n"}


def as_for_each(policy: Data) -> Files:
    text = f'resource "{type_of(policy)}" "it" {{\n  for_each = {{ one = jsonencode({hcl(policy, 2)}) }}\n'
    return {"main.tf": text + "  policy = each.value\n}\n"}


def as_count(policy: Data) -> Files:
    text = f'resource "{type_of(policy)}" "it" {{\n  count = 2\n  policy = jsonencode({hcl(policy, 2)})\n}}\n'
    return {"main.tf": text}


def as_module(policy: Data) -> Files:
    """The policy is handed to a local module as an object."""
    call = f'module "it" {{\n  source = "./modules/it"\n  policy = {hcl(policy, 2)}\n}}\n'
    inside = f'variable "policy" {{}}\n{resource(policy, "jsonencode(var.policy)")}'
    return {"main.tf": call, "modules/it/main.tf": inside}


def as_module_output(policy: Data) -> Files:
    """The policy comes out of a local module."""
    call = f'module "it" {{\n  source = "./it"\n}}\n{resource(policy, "module.it.policy")}'
    return {"main.tf": call, "it/main.tf": f'output "policy" {{\n  value = jsonencode({hcl(policy, 2)})\n}}\n'}


def as_dynamic(policy: Data) -> Files:
    """A policy document whose conditions and principals come from `dynamic` blocks over one element."""
    statements = many(policy["Statement"])
    body = "\n".join(statement_block(each) for each in statements)
    for name in ("principals", "not_principals", "condition"):
        body = body.replace(f"    {name} {{\n", f'    dynamic "{name}" {{\n      for_each = [1]\n      content {{\n')
    lines: list[str] = []
    nested = False
    for line in body.split("\n"):
        nested = nested or line.startswith("    dynamic ")
        lines.append(line)
        if nested and line == "    }":
            lines.append("    }")
            nested = False
    id = f'  policy_id = "{policy["Id"]}"\n' if "Id" in policy else ""
    data = (
        f'data "aws_iam_policy_document" "it" {{\n  version = "{policy["Version"]}"\n{id}' + "\n".join(lines) + "\n}\n"
    )
    return {"main.tf": resource(policy, "data.aws_iam_policy_document.it.json", data)}


def as_source_document(policy: Data) -> Files:
    """A policy document made of another one."""
    version = f'  version = "{policy["Version"]}"\n'  # else that of the source is raised to the newest
    data = f'data "aws_iam_policy_document" "it" {{\n{version}  source_policy_documents = [jsonencode({hcl(policy, 2)})]\n}}\n'
    return {"main.tf": resource(policy, "data.aws_iam_policy_document.it.json", data)}


def as_terraform_json(policy: Data) -> Files:
    said = {"resource": {type_of(policy): {"it": {"policy": "${jsonencode(local.policy)}"}}}}
    within = json.loads(escaped(json.dumps(policy)))
    return {"main.tf.json": json.dumps({"locals": {"policy": within}, **said}, indent=2)}


def as_terraform_json_text(policy: Data) -> Files:
    said = {"resource": {type_of(policy): {"it": [{"policy": escaped(json.dumps(policy))}]}}}
    return {"main.tf.json": json.dumps(said, indent=2)}


def planned(policy: Data) -> Data:
    values: Data = {"policy": json.dumps(policy), "description": None}
    return {
        "address": f"{type_of(policy)}.it",
        "mode": "managed",
        "type": type_of(policy),
        "name": "it",
        "provider_name": "registry.terraform.io/hashicorp/aws",
        "schema_version": 0,
        "values": values,
        "sensitive_values": {},
    }


def as_plan(policy: Data) -> Files:
    one = planned(policy)
    change = {
        **{name: one[name] for name in ("address", "mode", "type", "name", "provider_name")},
        "change": {
            "actions": ["create"],
            "before": None,
            "after": one["values"],
            "after_unknown": {"arn": True, "id": True},
            "before_sensitive": False,
            "after_sensitive": {},
        },
    }
    configuration = {
        **{name: one[name] for name in ("address", "mode", "type", "name")},
        "provider_config_key": "aws",
        "expressions": {"policy": {}},
        "schema_version": 0,
    }
    said = {
        "format_version": "1.2",
        "terraform_version": "1.11.4",
        "planned_values": {"root_module": {"resources": [one]}},
        "resource_changes": [change],
        "configuration": {"root_module": {"resources": [configuration]}},
    }
    return {"plan.json": json.dumps(said)}


def as_shown_state(policy: Data) -> Files:
    values = {"root_module": {"child_modules": [{"address": "module.m", "resources": [planned(policy)]}]}}
    return {"state.json": json.dumps({"format_version": "1.0", "terraform_version": "1.11.4", "values": values})}


def as_state(policy: Data) -> Files:
    instance = {"schema_version": 0, "attributes": planned(policy)["values"], "sensitive_attributes": []}
    managed = {
        "mode": "managed",
        "type": type_of(policy),
        "name": "it",
        "provider": 'provider["registry.terraform.io/hashicorp/aws"]',
        "instances": [instance],
    }
    said = {
        "version": 4,
        "terraform_version": "1.11.4",
        "serial": 1,
        "lineage": "a",
        "outputs": {},
        "resources": [managed],
    }
    return {"terraform.tfstate": json.dumps(said, indent=2)}


def as_text_in_template(policy: Data) -> Files:
    """The policy is a JSON string inside of a template."""
    said = template(policy)
    properties = said["Resources"]["It"]["Properties"]
    (name,) = properties
    properties[name] = json.dumps(policy)
    return {"template.json": json.dumps(said, indent=2)}


def as_nested_stack(policy: Data) -> Files:
    stack = {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": "./nested/it.yaml"}}
    return {"parent.yaml": block({"Resources": {"Nested": stack}}, 0), "nested/it.yaml": as_cloudformation_yaml(policy)}


def as_sam(policy: Data) -> Files:
    said = template(policy)
    if not is_key_policy(policy):
        function = {"CodeUri": ".", "Handler": "a.b", "Runtime": "python3.13", "Policies": [policy]}
        said = {"Resources": {"It": {"Type": "AWS::Serverless::Function", "Properties": function}}}
    return {"template.yaml": block({"Transform": "AWS::Serverless-2016-10-31", **said}, 0)}


def as_cdk(policy: Data) -> Files:
    said = template(policy)
    said["Resources"]["It"]["Metadata"] = {"aws:cdk:path": "Stack/It/Resource"}
    artifact = {
        "type": "aws:cloudformation:stack",
        "environment": "aws://unknown-account/unknown-region",
        "properties": {"templateFile": "Stack.template.json"},
        "metadata": {"/Stack/It/Resource": [{"type": "aws:cdk:logicalId", "data": "It"}]},
    }
    manifest = {"version": "36.0.0", "artifacts": {"Stack": artifact}}
    return {
        "cdk.out/Stack.template.json": json.dumps(said, indent=1),
        "cdk.out/manifest.json": json.dumps(manifest),
        "cdk.out/cdk.out": '{"version":"36.0.0"}',
    }


def as_fragment(policy: Data) -> Files:
    return {"resources.yaml": block(template(policy)["Resources"], 0)}


def as_answer(policy: Data) -> Files:
    if is_key_policy(policy):
        return {"answer.json": json.dumps({"Policy": json.dumps(policy), "PolicyName": "default"}, indent=4)}
    version = {"Document": policy, "VersionId": "v1", "IsDefaultVersion": True, "CreateDate": "2026-01-01T00:00:00Z"}
    return {"answer.json": json.dumps({"PolicyVersion": version}, indent=4)}


def as_encoded_answer(policy: Data) -> Files:
    from urllib.parse import quote

    if is_key_policy(policy):
        return {"answer.json": json.dumps({"Policy": quote(json.dumps(policy)), "PolicyName": "default"})}
    return {"answer.json": json.dumps({"PolicyVersion": {"Document": quote(json.dumps(policy)), "VersionId": "v1"}})}


def as_answer_lines(policy: Data) -> Files:
    """JSON lines, one answer in each."""
    (answer,) = as_answer(policy).values()
    return {"answers.jsonl.json": json.dumps({"Aliases": []}) + "\n" + json.dumps(json.loads(answer)) + "\n"}


def as_configuration_item(policy: Data) -> Files:
    if is_key_policy(policy):
        item: Data = {
            "resourceType": "AWS::KMS::Key",
            "resourceId": "1234abcd-12ab-34cd-56ef-1234567890ab",
            "ARN": f"arn:aws:kms:us-east-1:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab",
            "awsAccountId": ACCOUNT,
            "configuration": {"keyId": "1234abcd-12ab-34cd-56ef-1234567890ab", "keyManager": "CUSTOMER"},
            "supplementaryConfiguration": {"Policy": json.dumps(policy), "KeyRotationStatus": True},
        }
    else:
        version = {"document": json.dumps(policy), "versionId": "v1", "isDefaultVersion": True}
        item = {
            "resourceType": "AWS::IAM::Policy",
            "resourceId": "ANPAIOSFODNN7EXAMPLE",
            "ARN": f"arn:aws:iam::{ACCOUNT}:policy/it",
            "awsAccountId": ACCOUNT,
            "configuration": {"policyName": "it", "policyVersionList": [version]},
            "supplementaryConfiguration": {},
        }
    return {"config.json": json.dumps({"fileVersion": "1.0", "configurationItems": [item]}, indent=2)}


def as_authorization_details(policy: Data) -> Files:
    role = {
        "RoleName": "app",
        "Arn": f"arn:aws:iam::{ACCOUNT}:role/app",
        "RolePolicyList": [{"PolicyName": "it", "PolicyDocument": policy}],
        "AttachedManagedPolicies": [],
    }
    said = {"UserDetailList": [], "GroupDetailList": [], "RoleDetailList": [role], "Policies": []}
    return {"details.json": json.dumps(said, indent=2)}


def as_markdown(language: str, text: str) -> Files:
    return {"README.md": f"# The policy\n\nIt says:\n\n```{language}\n{text.rstrip()}\n```\n\nThat is all.\n"}


def as_markdown_json(policy: Data) -> Files:
    return as_markdown("json", as_json(policy))


def as_markdown_terraform(policy: Data) -> Files:
    return as_markdown("hcl", as_jsonencode(policy))


def as_markdown_heredoc(policy: Data) -> Files:
    return as_markdown("terraform", as_heredoc(policy))


def as_markdown_yaml(policy: Data) -> Files:
    return as_markdown("yaml", as_cloudformation_yaml(policy))


def as_serverless(policy: Data) -> Files:
    if is_key_policy(policy):
        return {
            "serverless.yml": block({"service": "it", "provider": {"name": "aws"}, "resources": template(policy)}, 0)
        }
    role = {"role": {"statements": many(policy["Statement"])}}
    return {"serverless.yml": block({"service": "it", "provider": {"name": "aws", "iam": role}}, 0)}


ONE_KIND_OF_POLICY: dict[Callable[[Data], Files], bool] = {as_authorization_details: False}
"""Formats that hold key policies only (true) or identity policies only (false)."""
TRANSPARENT: dict[str, Callable[[Data], Files]] = {
    "a file": as_file,
    "templatefile": as_templatefile,
    "jsondecode": as_jsondecode,
    "for": as_for,
    "for_each": as_for_each,
    "count": as_count,
    "module": as_module,
    "output of a module": as_module_output,
    "dynamic": as_dynamic,
    "source document": as_source_document,
    ".tf.json": as_terraform_json,
    ".tf.json, as text": as_terraform_json_text,
    "plan": as_plan,
    "shown state": as_shown_state,
    "state": as_state,
    "text in a template": as_text_in_template,
    "nested stack": as_nested_stack,
    "SAM": as_sam,
    "CDK": as_cdk,
    "fragment": as_fragment,
    "answer": as_answer,
    "encoded answer": as_encoded_answer,
    "lines of answers": as_answer_lines,
    "item of AWS Config": as_configuration_item,
    "authorization details": as_authorization_details,
    "JSON in Markdown": as_markdown_json,
    "jsonencode in Markdown": as_markdown_terraform,
    "heredoc in Markdown": as_markdown_heredoc,
    "CloudFormation in Markdown": as_markdown_yaml,
    "Serverless Framework": as_serverless,
}
DOCUMENTS = {as_dynamic, as_source_document}
TOLD_BY_THE_USER = {as_markdown_json}
"""What a policy is that stands alone is not always told by what it says: as in `test_formats.py`, the user says it."""
MORE_IS_KNOWN = {as_configuration_item}
"""An item of AWS Config tells the ARN of its key: what was only possible may be sure, or surely not so."""


@pytest.mark.parametrize("format", TRANSPARENT)
def test_a_policy_has_the_same_findings_wherever_it_is_written(
    format: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = TRANSPARENT[format]
    wrong: dict[str, Any] = {}
    for name in NAMES:
        for example, policy in policies(name):
            if write in DOCUMENTS and not can_be_a_policy_document(policy):
                continue
            if ONE_KIND_OF_POLICY.get(write, is_key_policy(policy)) is not is_key_policy(policy):
                continue
            folder = tmp_path / example.replace("/", "-").replace(" ", "-")
            kind = kind_of(policy) if write in TOLD_BY_THE_USER else None
            here, there = found(write(policy), folder, policy, kind, monkeypatch), in_json(example)
            if write in MORE_IS_KNOWN:
                here, there = definite(here), definite(there)
            if here != there:
                wrong[example] = {"more": sorted(map(str, here - there)), "fewer": sorted(map(str, there - here))}
    assert wrong == {}


def definite(findings: frozenset[tuple[str, str | None, str]]) -> frozenset[tuple[str, str | None, str]]:
    return frozenset(each for each in findings if each[2] == "definite")


def found(
    files: Files, folder: Path, policy: Data, told: PolicyKind | None, monkeypatch: pytest.MonkeyPatch
) -> frozenset[tuple[str, str | None, str]]:
    """Rules, statements and confidence, of the policy as one finds it in the folder."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    monkeypatch.chdir(folder)
    names, _ = discover(["."])
    documents = load(names, Options(ACCOUNT, kind=told))
    said = [problem.message for document in documents for problem in document.problems]
    assert said == [], files
    world = World(documents, Accounts(own=frozenset({ACCOUNT})))
    kind = kind_of(policy).value
    report = lint(world, rules(), include_possible=True)
    return frozenset(
        (each.about.id, each.statement, each.confidence.value) for each in report.findings if each.kind == kind
    )


def test_values_of_policy_documents_are_escaped() -> None:
    assert document_text(["${aws:username}"]) == '["&{aws:username}"]'
