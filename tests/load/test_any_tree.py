"""Whatever stands in a policy or a template, reading it ends, and every place it names exists."""

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from kms_lint import syntax
from kms_lint.files import File
from kms_lint.load import Options, load
from kms_lint.load.policy import guessed, policies
from kms_lint.model import Document, PolicyKind
from kms_lint.source import Passage, Source
from kms_lint.syntax.json import parse

WORDS = [
    "Effect",
    "Allow",
    "Action",
    "NotAction",
    "Principal",
    "AWS",
    "Resource",
    "Condition",
    "kms:*",
    "*",
    "Sid",
    "Version",
]
FUNCTIONS = [
    "Ref",
    "Fn::Sub",
    "Fn::Join",
    "Fn::If",
    "Fn::GetAtt",
    "Fn::FindInMap",
    "Fn::Select",
    "Fn::Split",
    "Fn::Transform",
]
TEXTS = [
    *WORDS,
    "${Key.Arn}",
    "${!x}",
    "${",
    "Key",
    "Key.Arn",
    "AWS::NoValue",
    "AWS::AccountId",
    "{{resolve:ssm:x}}",
    ",",
    "0",
]
LEAVES = st.one_of(st.sampled_from(TEXTS), st.none(), st.booleans(), st.integers(-9, 9))
NAMES = st.sampled_from([*WORDS, *FUNCTIONS, "Statement", "Properties", "PolicyDocument"])
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(NAMES, inner, max_size=4)),
    max_leaves=20,
)


def all_places_exist(document: Document) -> None:
    for policy in document.every_policy():
        for problem in policy.problems:
            syntax.locate(problem.at)
        for unresolved in policy.unresolved:
            syntax.locate(unresolved.at)
        for statement in policy.statements:
            syntax.locate(statement.at)
            for patterns in (statement.actions, statement.resources):
                for value in patterns.values if patterns else ():
                    syntax.locate(value.at)


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(NAMES, VALUES, max_size=6), st.sampled_from(list(PolicyKind)))
def test_any_statement_is_read(statement: dict[str, object], kind: PolicyKind) -> None:
    text = json.dumps({"Statement": [statement, statement]})
    node = parse(Passage(Source("a.json", text), text))
    guessed(node)
    all_places_exist(Document("a.json", "json", "", policies=policies(node, kind, "a")))


@settings(max_examples=150, deadline=None)
@given(VALUES, VALUES, VALUES)
def test_any_template_is_read(policy: object, name: object, statement: object) -> None:
    resources = {
        "Key": {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": policy, "EnableKeyRotation": name}},
        "Alias": {"Type": "AWS::KMS::Alias", "Properties": {"AliasName": name, "TargetKeyId": policy}},
        "Role": {"Type": "AWS::IAM::Role", "Properties": {"RoleName": name, "Policies": policy, "Path": name}},
        "Inline": {
            "Type": "AWS::IAM::Policy",
            "Properties": {"Roles": name, "PolicyDocument": {"Statement": statement}},
            "Metadata": {"kms-lint": {"ignore": name}},
        },
        "Any": policy,
    }
    text = json.dumps({"Resources": resources, "Parameters": {"Key": name}, "Mappings": policy})
    (document,) = load([File("a.json", "/nowhere/a.json", True, text.encode())], Options())
    all_places_exist(document)


@settings(max_examples=100, deadline=None)
@given(
    VALUES,
    st.sampled_from(["Policy", "PolicyVersion", "Grants", "KeyMetadata", "Aliases", "PolicyDocument", "Resources"]),
)
def test_any_answer_is_read(value: object, name: str) -> None:
    text = json.dumps({name: value, "PolicyName": "kms:"})
    (document,) = load([File("a.json", "/nowhere/a.json", True, text.encode())])
    all_places_exist(document)
