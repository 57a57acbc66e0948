"""Whatever stands in a template, reading it ends, every place it names exists, and no two branches contradict each other."""

from __future__ import annotations

import json

from hypothesis import example, given, settings
from hypothesis import strategies as st

from kms_lint import syntax
from kms_lint.files import File
from kms_lint.load import load
from kms_lint.load.cloudformation.formulas import Formulas

TEXTS = [
    "Key",
    "Key.Arn",
    "P",
    "L",
    "C",
    "D",
    "0",
    "1",
    ",",
    "a,b",
    "${P}",
    "${N}",
    "&{N}",
    "AWS::NoValue",
    "AWS::Region",
    "*",
    "",
    "10.0.0.0/8",
]
FUNCTIONS = ["Ref", "Condition", *(f"Fn::{name}" for name in (
    "GetAtt", "Sub", "Join", "Split", "Select", "If", "And", "Or", "Not", "Equals", "FindInMap", "Base64", "Cidr", "GetAZs",
    "ToJsonString", "Length", "ForEach::N", "Transform", "ImportValue", "Contains",
))]  # fmt: skip
NAMES = st.sampled_from([*FUNCTIONS, "Type", "Properties", "Statement", "Value", "DefaultValue", "Name", "Default"])
VALUES = st.recursive(
    st.one_of(st.sampled_from(TEXTS), st.booleans(), st.integers(0, 9), st.none()),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(NAMES, inner, max_size=3),
        st.builds(lambda n, v: {n: v}, NAMES, inner),
    ),
    max_leaves=15,
)


@settings(max_examples=200, deadline=None)
@given(VALUES, VALUES, VALUES, VALUES)
@example(None, [], {"Fn::Cidr": []}, {})
@example(None, [], {"Fn::Select": []}, {"Fn::Select": [[], []]})
@example({"Fn::Sub": []}, {"Fn::Join": []}, {"Fn::GetAZs": []}, {"Fn::FindInMap": []})
def test_any_sections_are_read(first: object, second: object, third: object, fourth: object) -> None:
    template = {
        "Transform": fourth,
        "Parameters": {
            "P": {"Type": "String", "Default": first},
            "L": {"Type": "CommaDelimitedList", "Default": "a,b"},
        },
        "Mappings": {"P": {"Key": first}, "Fn::Transform": third},
        "Conditions": {"C": first, "D": second, "Fn::ForEach::N": third},
        "Rules": {"R": {"RuleCondition": first, "Assertions": [{"Assert": second}]}},
        "Globals": {"Function": fourth},
        "Resources": {
            "Key": {"Type": "AWS::KMS::Key", "Condition": "C", "Properties": {"KeyPolicy": second, "KeySpec": third}},
            "Stack": {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": first, "Parameters": second}},
            "F": {"Type": "AWS::Serverless::Function", "Properties": {"Policies": third, "KmsKeyArn": first}},
            "R": {
                "Type": "AWS::IAM::Role",
                "Condition": first,
                "Properties": {"ManagedPolicyArns": second, "Fn::ForEach::N": fourth},
            },
            "Q": {"Type": "AWS::SQS::Queue", "Properties": {"KmsMasterKeyId": third}},
            "Fn::ForEach::N": fourth,
        },
        "Outputs": {"O": {"Value": first}},
    }
    (document,) = load([File("a.json", "/nowhere/a.json", True, json.dumps(template).encode())])
    for policy in document.every_policy():
        for item in (*policy.problems, *policy.unresolved, *policy.statements):
            syntax.locate(item.at)
    for each in (*document.unresolved, *document.consumers, *document.identities, *document.aliases):
        syntax.locate(each.at)


@st.composite
def formulas(draw: st.DrawFn) -> tuple[Formulas, list[int]]:
    """A few formulas over a few variables, one of which has only certain values."""
    made = Formulas()
    made.close("closed", ["x", "y"])
    found = [made.equal(draw(st.sampled_from(["a", "b", "closed"])), draw(st.sampled_from("xyz"))) for _ in range(4)]
    for _ in range(draw(st.integers(0, 6))):
        parts = draw(st.lists(st.sampled_from(found), min_size=1, max_size=3))
        signs = draw(st.lists(st.booleans(), min_size=3, max_size=3))
        signed = [part if sign else -part for part, sign in zip(parts, signs, strict=False)]
        found.append(made.all(signed) if draw(st.booleans()) else made.any(signed))
    return made, found


@settings(max_examples=200, deadline=None)
@given(formulas(), st.data())
def test_what_is_implied_is_what_all_worlds_say(made: tuple[Formulas, list[int]], data: st.DataObject) -> None:
    ours, found = made
    known = data.draw(st.lists(st.sampled_from(found), max_size=3))
    target = data.draw(st.sampled_from(found))
    answers = set()
    for a in "xyzo":
        for b in "xyzo":
            for closed in "xy":
                world = {"a": a, "b": b, "closed": closed}
                if all(_true(ours, each, world) for each in known):
                    answers.add(_true(ours, target, world))
    assert ours.implied(target, known) == (answers.pop() if len(answers) == 1 else None)


def _true(made: Formulas, formula: int, world: dict[str, str]) -> bool:
    """Whether a formula is true in one world: asked of nothing but its parts."""
    node = made._nodes[abs(formula)]
    parts = getattr(node, "parts", None)
    if parts is not None:
        holds = all(_true(made, part, world) for part in parts)
    else:
        holds = world[node.variable] == node.value  # type: ignore[union-attr]
    return holds if formula > 0 else not holds
