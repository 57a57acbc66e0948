"""Templates that grow without bounds end as unresolved, with a reason, soon and in little memory."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from kms_lint.files import File
from kms_lint.load import load
from kms_lint.model import Document
from tests.load.cloudformation_folder import not_known, world, written

SECONDS = 10
POLICY = {"Statement": {"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "VALUE"}}


@pytest.fixture(autouse=True)
def soon() -> Iterator[None]:
    """Each of them ends within seconds."""
    started = time.process_time()
    yield
    assert time.process_time() - started < SECONDS


def read(template: dict[str, object]) -> Document:
    (document,) = load([File("t.json", "/nowhere/t.json", True, json.dumps(template).encode())])
    return document


def with_value(value: object, **sections: object) -> Document:
    policy = {"Statement": {"Effect": "Allow", "Action": "kms:*", "Resource": value}}
    resources = {"P": {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": policy}}}
    own = sections.pop("Resources", {})
    assert isinstance(own, dict)
    return read({"Resources": {**resources, **own}, **sections})


def reasons(document: Document) -> set[str]:
    return {each.message for policy in document.policies for each in policy.unresolved} | {
        each.message for each in document.unresolved
    }


def named(name: object) -> dict[str, object]:
    return {"Type": "AWS::IAM::Role", "Properties": {"RoleName": name}}


def test_names_that_lead_in_a_circle() -> None:
    roles = {f"R{index}": named({"Fn::Sub": f"${{R{(index + 1) % 50}}}"}) for index in range(50)}
    assert reasons(with_value({"Ref": "R0"}, Resources=roles)) == {
        "part of `Resource` is only known when it is deployed"
    }


def test_names_that_double() -> None:
    roles = {f"R{index}": named({"Fn::Sub": f"${{R{index + 1}}}${{R{index + 1}}}"}) for index in range(19)}
    roles["R19"] = named("x" * 100)
    assert reasons(with_value({"Ref": "R0"}, Resources=roles)) == {
        "part of `Resource` is only known when it is deployed"
    }


def test_functions_within_functions() -> None:
    value: object = "x"
    for _ in range(45):
        value = {"Fn::Join": ["", [value, value]]} if _ < 12 else {"Fn::Join": ["", [value]]}
    document = with_value(value)
    assert not reasons(document) or reasons(document) <= {
        "its functions lead through too many others, or back to themselves",
        "part of `Resource` is only known when it is deployed",
    }


def test_functions_that_take_too_much_work() -> None:
    value: object = {"Ref": "AWS::Region"}
    for _ in range(3):
        value = {"Fn::Join": ["", [value] * 25]}
    assert reasons(with_value(value)) == {"the text grows too long"}
    assert reasons(with_value([{"Ref": "AWS::Region"}] * 201_000)) == {"the template takes too much to work out"}


def test_a_loop_of_a_million_rounds() -> None:
    inner: dict[str, object] = {"K${A}${B}${C}": {"Type": "AWS::KMS::Key"}}
    for name in "CBA":
        inner = {f"Fn::ForEach::{name}": [name, [f"v{index}" for index in range(100)], inner]}
    document = read({"Resources": inner})
    assert reasons(document) == {
        "the resources that it makes are not known: the loops of the template make more than 1000 rounds"
    }
    assert len(document.keys) < 1000


def test_a_loop_in_itself() -> None:
    body: object = {"K${A}": {"Type": "AWS::KMS::Key"}}
    for _ in range(60):
        body = {"Fn::ForEach::L": ["A", ["x", "y"], body]}
    assert len(read({"Resources": body}).unresolved) > 0


def test_maps_that_look_themselves_up() -> None:
    value: object = "Map"
    for _ in range(45):
        value = {"Fn::FindInMap": ["Map", value, "b", {"DefaultValue": "a"}]}
    document = with_value(value, Mappings={"Map": {"a": {"b": "a"}}})
    assert [policy.address for policy in document.policies] == ["P"]


def test_a_thousand_conditions() -> None:
    conditions = {f"C{index}": {"Fn::Equals": [{"Ref": "P"}, f"v{index}"]} for index in range(1000)}
    chained: dict[str, object] = {
        f"D{index}": {"Fn::Or": [{"Condition": f"D{index + 1}"}, {"Condition": f"C{index}"}]} for index in range(999)
    }
    value = [{"Fn::If": [f"{kind}{index}", "a", "b"]} for index in range(990) for kind in "CD"]
    document = with_value(value, Parameters={"P": {"Type": "String"}}, Conditions={**conditions, **chained})
    assert len(document.policies) <= 50
    assert any("too many conditions to combine" in reason for reason in reasons(document))


def test_conditions_that_double() -> None:
    conditions: dict[str, object] = {"C0": {"Fn::Equals": [{"Ref": "P"}, "x"]}}
    for index in range(1, 200):
        before = {"Condition": f"C{index - 1}"}
        conditions[f"C{index}"] = {"Fn::Or": [{"Fn::And": [before, before]}, {"Fn::Not": [{"Fn::Not": [before]}]}]}
    document = with_value({"Fn::If": ["C199", "a", "b"]}, Parameters={"P": {"Type": "String"}}, Conditions=conditions)
    assert [policy.branch for policy in document.policies] == ["C0 is true", "C0 is false"]


def test_many_conditions_in_one_text() -> None:
    parts = [{"Fn::If": [f"C{index}", "a" * 1000, "b"]} for index in range(40)]
    assert reasons(with_value({"Fn::Join": ["", parts]})) == {"it depends on too many conditions"}


def test_stacks_that_nest_each_other(tmp_path: Path) -> None:
    folder = written(tmp_path, {"a.json": stack("b.json"), "b.json": stack("a.json")})
    assert not_known(world(folder)) == [
        "a.json: Inner.Inner: the nested stack is not read: `a.json` leads back to a template that it is nested in",
        "b.json: Inner.Inner: the nested stack is not read: `b.json` leads back to a template that it is nested in",
    ]


def test_stacks_that_multiply(tmp_path: Path) -> None:
    files = {f"s{index}.json": stack(*[f"s{index + 1}.json"] * 10) for index in range(12)}
    folder = written(tmp_path, {**files, "s12.json": json.dumps({"Resources": {"Key": {"Type": "AWS::KMS::Key"}}})})
    found = world(folder, "s0.json")
    assert any("more than 200 nested stacks and included files are not read" in each for each in not_known(found))


def test_files_that_include_themselves(tmp_path: Path) -> None:
    include = {"Fn::Transform": {"Name": "AWS::Include", "Parameters": {"Location": "i.json"}}}
    folder = written(
        tmp_path,
        {
            "t.json": json.dumps({"Resources": {"Key": {"Type": "AWS::KMS::Key", "Properties": include}}}),
            "i.json": json.dumps(include),
        },
    )
    assert not_known(world(folder, "t.json")) == [
        "t.json: AWS::Include i.json: a macro makes `Key`: `i.json` includes itself"
    ]


def stack(*children: str) -> str:
    names = ["Inner"] if len(children) == 1 else [f"Inner{index}" for index in range(len(children))]
    return json.dumps(
        {
            "Resources": {
                name: {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": child}}
                for name, child in zip(names, children, strict=True)
            }
        }
    )


def test_stacks_that_pass_each_other_their_outputs(tmp_path: Path) -> None:
    def child(other: str) -> dict[str, object]:
        out = {"Fn::GetAtt": [other, "Outputs.Out"]}
        given = {"P": {"Fn::Join": ["", [out, out]]}, "Q": out}
        return {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": "c.json", "Parameters": given}}

    policy = {"Statement": {"Effect": "Allow", "Action": "kms:*", "Resource": {"Ref": "P"}}}
    inner = {
        "Parameters": {"P": {"Type": "String"}, "Q": {"Type": "String"}},
        "Conditions": {"Same": {"Fn::Equals": [{"Ref": "P"}, {"Ref": "Q"}]}},
        "Resources": {"M": {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": policy}}},
        "Outputs": {"Out": {"Value": {"Fn::If": ["Same", {"Ref": "P"}, {"Fn::Sub": "${P}${Q}"}]}}},
    }
    root = {"Resources": {"A": child("B"), "B": child("A")}}
    folder = written(tmp_path, {"root.json": json.dumps(root), "c.json": json.dumps(inner)})
    found = [policy for document in world(folder).documents for policy in document.policies]
    assert {policy.address for policy in found} == {"A.M", "B.M"}
    assert all(policy.unresolved for policy in found)


def test_conditions_within_conditions() -> None:
    conditions: dict[str, object] = {}
    for index in range(60):
        inner: object = {"Condition": f"C{index + 1}"}
        for _ in range(40):
            inner = {"Fn::Not": [inner]}
        conditions[f"C{index}"] = inner
    conditions["C60"] = {"Fn::Equals": [{"Ref": "P"}, "x"]}
    document = with_value({"Fn::If": ["C0", "a", "b"]}, Parameters={"P": {"Type": "String"}}, Conditions=conditions)
    assert len(document.policies) == 2


def test_a_loop_over_a_large_body() -> None:
    statements = [{"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"}] * 900
    key = {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": {"Statement": statements}}}
    document = read({"Resources": {"Fn::ForEach::L": ["N", [f"v{index}" for index in range(900)], {"K${N}": key}]}})
    assert reasons(document) == {
        "the resources that it makes are not known: the loops of the template make more than 200000 values"
    }


def test_a_large_template_that_is_nested_often(tmp_path: Path) -> None:
    key = {"Type": "AWS::KMS::Key", "Properties": {"Description": "x" * 1000}}
    child = json.dumps({"Resources": {f"K{index}": key for index in range(500)}})
    folder = written(tmp_path, {"root.json": stack(*["child.json"] * 100), "child.json": child})
    assert any("of more than 5000000 characters are not read" in each for each in not_known(world(folder)))


def test_conditions_that_depend_on_values_that_depend_on_conditions() -> None:
    choice = {"Fn::Join": ["", [{"Fn::If": [f"C{index}", "a", "b"]} for index in range(30)]]}
    conditions = {f"C{index}": {"Fn::Equals": [choice, "a" * 30]} for index in range(30)}
    document = with_value({"Fn::If": ["C0", "a", "b"]}, Conditions=conditions)
    assert [policy.branch for policy in document.policies] == ["C0 is true", "C0 is false"]
