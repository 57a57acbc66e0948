"""One policy in every format gives the same findings: the same rules, on the same statements."""

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from kms_lint import examples, library
from kms_lint.engine import lint
from kms_lint.files import File
from kms_lint.load import load
from kms_lint.load.options import Options
from kms_lint.model import Accounts, Policy, PolicyKind, Statement, World
from kms_lint.rule import Rule

FOLDER = Path(__file__).parents[1] / "rules"
NAMES = sorted(path.stem for path in FOLDER.glob("*.yaml"))
ABOUT_THE_SPELLING = {"duplicate-json-key", "malformed-policy", "repeated-principal", "void-statement"}
"""Rules about what only some formats can say; the others write it differently, or not at all."""

Data = dict[str, Any]


@cache
def rules() -> tuple[Rule, ...]:
    return tuple(
        rule for rule in library.built_in() if rule.subject in (Statement, Policy) and rule.id not in ABOUT_THE_SPELLING
    )


@cache
def policies(name: str) -> tuple[tuple[str, Data], ...]:
    """The examples of a rule file that are one policy, as plain data."""
    found = []
    for example in examples.read(str(FOLDER / f"{name}.yaml")).examples:
        said = library.plain(example.node)
        if "with" in said or not {"Effect", "Statement"} & said.keys():
            continue
        policy = said if "Statement" in said else {"Statement": [said]}
        found.append((example.name, {"Version": "2012-10-17", **policy}))
    return tuple(found)


def as_json(policy: Data) -> str:
    return json.dumps(policy, indent=2)


def as_compact_json(policy: Data) -> str:
    return json.dumps(policy, separators=(",", ":"))


def as_yaml(policy: Data) -> str:
    return block(policy, 0)


def template(policy: Data) -> Data:
    properties = {"KeyPolicy": policy} if is_key_policy(policy) else {"PolicyDocument": policy}
    type = "AWS::KMS::Key" if is_key_policy(policy) else "AWS::IAM::ManagedPolicy"
    return {"Resources": {"It": {"Type": type, "Properties": properties}}}


def as_cloudformation_json(policy: Data) -> str:
    return json.dumps(template(policy), indent=4)


def as_cloudformation_yaml(policy: Data) -> str:
    return block(template(policy), 0)


def resource(policy: Data, expression: str, before: str = "") -> str:
    type = "aws_kms_key" if is_key_policy(policy) else "aws_iam_policy"
    return f'{before}resource "{type}" "it" {{\n  policy = {expression}\n}}\n'


def as_heredoc(policy: Data) -> str:
    return resource(policy, f"<<POLICY\n{escaped(json.dumps(policy, indent=2))}\nPOLICY")


def as_indented_heredoc(policy: Data) -> str:
    text = "\n".join(f"    {line}" for line in escaped(json.dumps(policy, indent=2)).splitlines())
    return resource(policy, f"<<-POLICY\n{text}\n    POLICY")


def as_jsonencode(policy: Data) -> str:
    return resource(policy, f"jsonencode({hcl(policy, 2)})")


def as_policy_document(policy: Data) -> str:
    statements = policy["Statement"] if isinstance(policy["Statement"], list) else [policy["Statement"]]
    body = "\n".join(statement_block(statement) for statement in statements)
    id = f'  policy_id = "{policy["Id"]}"\n' if "Id" in policy else ""
    data = f'data "aws_iam_policy_document" "it" {{\n  version = "{policy["Version"]}"\n{id}{body}\n}}\n\n'
    return resource(policy, "data.aws_iam_policy_document.it.json", data)


FORMATS: dict[str, tuple[str, Callable[[Data], str]]] = {
    "compact JSON": ("json", as_compact_json),
    "YAML": ("yaml", as_yaml),
    "CloudFormation JSON": ("json", as_cloudformation_json),
    "CloudFormation YAML": ("yaml", as_cloudformation_yaml),
    "Terraform heredoc": ("tf", as_heredoc),
    "Terraform indented heredoc": ("tf", as_indented_heredoc),
    "Terraform jsonencode": ("tf", as_jsonencode),
    "Terraform policy document": ("tf", as_policy_document),
}


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("name", NAMES)
def test_a_policy_has_the_same_findings_in_every_format(name: str, format: str) -> None:
    ending, write = FORMATS[format]
    for example, policy in policies(name):
        if write is as_policy_document and not can_be_a_policy_document(policy):
            continue
        assert found(write(policy), ending, policy) == in_json(example), example


@cache
def in_json(example: str) -> frozenset[tuple[str, str | None, str]]:
    """What is found in an example when it is a JSON file."""
    policy = dict(policies(example.split()[0]))[example]
    return found(as_json(policy), "json", policy)


def found(text: str, ending: str, policy: Data) -> frozenset[tuple[str, str | None, str]]:
    """Rules, statements and confidence."""
    kind = None if ending == "tf" or "Resources" in text else kind_of(policy)
    path = f"policy.{ending}"
    documents = load([File(path, str(Path(path).absolute()), True, text.encode())], Options("111122223333", kind=kind))
    assert [problem.message for document in documents for problem in document.problems] == []
    assert [each.kind for document in documents for each in document.every_policy()] == [kind_of(policy)]
    world = World(documents, Accounts(own=frozenset({"111122223333"})))
    report = lint(world, rules(), include_possible=True)
    return frozenset((each.about.id, each.statement, each.confidence.value) for each in report.findings)


def kind_of(policy: Data) -> PolicyKind:
    return PolicyKind.KEY if is_key_policy(policy) else PolicyKind.IDENTITY


def is_key_policy(policy: Data) -> bool:
    statements = policy["Statement"] if isinstance(policy["Statement"], list) else [policy["Statement"]]
    return any({"Principal", "NotPrincipal"} & statement.keys() for statement in statements)


def escaped(text: str) -> str:
    """Text within which HCL shall find no templates."""
    return text.replace("${", "$${").replace("%{", "%%{")


def hcl(value: Any, indent: int) -> str:
    """A value as an expression of HCL."""
    inside = " " * (indent + 2)
    if isinstance(value, dict):
        entries = [f"{inside}{json.dumps(key)} = {hcl(each, indent + 2)}\n" for key, each in value.items()]
        return "{\n" + "".join(entries) + " " * indent + "}"
    if isinstance(value, list):
        return "[" + ", ".join(hcl(each, indent) for each in value) + "]"
    return escaped(json.dumps(value))


def block(value: Any, indent: int) -> str:
    """A value as YAML in block style."""
    before = " " * indent
    if isinstance(value, dict) and value:
        return "".join(f"{before}{json.dumps(key)}:{below(each, indent)}" for key, each in value.items())
    return "".join(f"{before}-{below(each, indent)}" for each in value)


def below(value: Any, indent: int) -> str:
    if isinstance(value, dict | list) and value:
        return f"\n{block(value, indent + 2)}"
    return f" {json.dumps(value)}\n"


def statement_block(statement: Data) -> str:
    lines = [f"    sid = {json.dumps(statement['Sid'])}"] if "Sid" in statement else []
    lines.append(f'    effect = "{statement["Effect"]}"')
    for element, argument in ARGUMENTS.items():
        if element in statement:
            lines.append(f"    {argument} = {document_text(many(statement[element]))}")
    for element, argument in (("Principal", "principals"), ("NotPrincipal", "not_principals")):
        written = statement.get(element, {})
        typed: Data = {"*": "*"} if written == "*" else written
        for type, values in typed.items():
            inner = f'type = "{type}"\n      identifiers = {document_text(many(values))}'
            lines.append(f"    {argument} {{\n      {inner}\n    }}")
    for test, entries in statement.get("Condition", {}).items():
        for variable, values in entries.items():
            texts = [value if isinstance(value, str) else json.dumps(value) for value in many(values)]
            held = [f'test = "{test}"', f'variable = "{variable}"', f"values = {document_text(texts)}"]
            lines.append("    condition {\n" + "".join(f"      {line}\n" for line in held) + "    }")
    return "  statement {\n" + "\n".join(lines) + "\n  }"


ARGUMENTS = {"Action": "actions", "NotAction": "not_actions", "Resource": "resources", "NotResource": "not_resources"}


def document_text(values: list[str]) -> str:
    """In a policy document, `&{…}` is written for what is to become `${…}`."""
    return json.dumps([value.replace("${", "&{") for value in values])


def many(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def can_be_a_policy_document(policy: Data) -> bool:
    """Whether the data source can say the same: it fills in what is missing, and cannot say what is malformed."""
    statements = policy["Statement"] if isinstance(policy["Statement"], list) else [policy["Statement"]]
    sids = [statement["Sid"] for statement in statements if "Sid" in statement]
    if len(set(sids)) < len(sids) or not {"Version", "Statement", "Id"} >= policy.keys():
        return False
    for statement in statements:
        for principals in (statement.get("Principal", {}), statement.get("NotPrincipal", {})):
            if not isinstance(principals, dict) and principals != "*":
                return False
        if statement.get("Effect") not in ("Allow", "Deny") or {"Action", "NotAction"} <= statement.keys():
            return False
    return True
