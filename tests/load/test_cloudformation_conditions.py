"""Conditions: which branches are read, how they are named, and that those that exclude each other are never combined."""

from __future__ import annotations

import pytest

from kms_lint.load.options import Options
from tests.load.test_cloudformation_intrinsics import read

TEMPLATE = """
Parameters:
  Env: {Type: String, Default: prod}
  Size: {Type: String, AllowedValues: [small, large]}
  Only: {Type: String, AllowedValues: [one]}
  Name: {Type: String, Default: ""}
Rules:
  Small: {RuleCondition: !Equals [!Ref Env, test], Assertions: [{Assert: !Contains [[small], !Ref Size]}]}
Conditions:
  IsProd: !Equals [!Ref Env, prod]
  IsTest: !Equals [test, !Ref Env]
  NotProd: !Not [!Condition IsProd]
  AlsoProd: !And [!Condition IsProd, !Condition IsProd]
  ProdOrTest: !Or [!Condition IsProd, !Condition IsTest]
  ProdAndTest: !And [!Condition IsProd, !Condition IsTest]
  IsLarge: !Equals [!Ref Size, large]
  IsSmall: !Equals [!Ref Size, small]
  IsOne: !Equals [!Ref Only, one]
  Named: !Not [!Equals [!Ref Name, ""]]
  Here: !Equals [!Ref AWS::Region, us-east-1]
  Joined: !Equals [!Join ["-", [!Ref Env, !Ref Name]], "prod-x"]
  JoinedToo: !Not [!Equals ["prod-x", !Join ["-", [!Ref Env, !Ref Name]]]]
  Loop: !Not [!Condition Pool]
  Pool: !Not [!Condition Loop]
Resources:
  Policy:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument:
        Statement: {Effect: Allow, Action: "kms:Decrypt", Resource: [VALUE]}
"""


def branches(value: str, options: Options | None = None) -> list[tuple[str, str]]:
    """Each branch with the values in it."""
    found = []
    for policy in read(TEMPLATE.replace("VALUE", value), options or Options()).policies:
        (statement,) = policy.statements
        found.append((policy.branch, " ".join(statement.resources.values if statement.resources else ())))
    return found


TABLE = [
    ("a condition on a default is open", "!If [IsProd, a, b]", [("IsProd is true", "a"), ("IsProd is false", "b")]),
    ("a negated condition goes by the other one's name", "!If [NotProd, a, b]", [("IsProd is true", "b"), ("IsProd is false", "a")]),
    ("an equal condition goes by the first one's name", "!If [AlsoProd, a, b]", [("IsProd is true", "a"), ("IsProd is false", "b")]),
    ("two values of one parameter", "!If [IsProd, a, b], !If [IsTest, c, d]", [
        ("IsProd is true and IsTest is false", "a d"),
        ("IsProd is false and IsTest is true", "b c"),
        ("IsProd is false and IsTest is false", "b d"),
    ]),
    ("one that follows from others", "!If [IsProd, a, b], !If [ProdOrTest, c, d]", [
        ("IsProd is true and ProdOrTest is true", "a c"),
        ("IsProd is false and ProdOrTest is true", "b c"),
        ("IsProd is false and ProdOrTest is false", "b d"),
    ]),
    ("one that can never hold", "!If [ProdAndTest, a, b]", [("", "b")]),
    ("the only value", "!If [IsOne, a, b]", [("", "a")]),
    ("the values that are allowed", "!If [IsLarge, a, b], !If [IsSmall, c, d]", [
        ("IsLarge is true and IsSmall is false", "a d"),
        ("IsLarge is false and IsSmall is true", "b c"),
    ]),
    ("what a rule excludes", "!If [IsTest, a, b], !If [IsLarge, c, d]", [
        ("IsTest is true and IsLarge is false", "a d"),
        ("IsTest is false and IsLarge is true", "b c"),
        ("IsTest is false and IsLarge is false", "b d"),
    ]),
    ("the same text put together", "!If [Joined, a, b], !If [JoinedToo, c, d]", [
        ("Joined is true", "a d"),
        ("Joined is false", "b c"),
    ]),
    ("conditions that lead back to themselves", "!If [Loop, a, b]", [("Loop is true", "a"), ("Loop is false", "b")]),
    ("a condition that is not written", "!If [Nobody, a, b]", [("Nobody is true", "a"), ("Nobody is false", "b")]),
]  # fmt: skip


@pytest.mark.parametrize(("value", "expected"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_branches(value: str, expected: list[tuple[str, str]]) -> None:
    assert branches(value) == expected


def test_what_the_user_says_decides_a_condition() -> None:
    options = Options(region="us-east-1", parameters={"Env": "test", "Name": "x"})
    value = "!If [IsProd, a, b], !If [IsTest, c, d], !If [Here, e, f], !If [Joined, g, h], !If [IsLarge, i, j]"
    assert branches(value, options) == [("", "b c e h j")]


FIVE = "".join(f"  Is{name}: !Equals [!Ref Env, {name}]\n" for name in "ABCDE")


def test_conditions_that_exclude_each_other_are_combined_however_many_they_are() -> None:
    text = TEMPLATE.replace("Conditions:\n", f"Conditions:\n{FIVE}")
    value = ", ".join(f"!If [Is{name}, {name}, no]" for name in "ABCDE")
    policies = read(text.replace("VALUE", value)).policies
    assert [
        " ".join(policy.statements[0].resources.values) for policy in policies if policy.statements[0].resources
    ] == [
        "A no no no no",
        "no B no no no",
        "no no C no no",
        "no no no D no",
        "no no no no E",
        "no no no no no",
    ]
    assert [policy.unresolved for policy in policies] == [()] * 6


CONDITIONAL = """
Parameters: {Env: {Type: String, Default: prod}}
Conditions:
  IsProd: !Equals [!Ref Env, prod]
  NotProd: !Not [!Condition IsProd]
  Never: !Equals [a, b]
Resources:
  Key:
    Type: AWS::KMS::Key
    Condition: NotProd
    Properties:
      EnableKeyRotation: !If [IsProd, true, false]
      KeySpec: !If [Big, RSA_4096, RSA_2048]
      KeyPolicy: {Statement: {Effect: Allow, Principal: "*", Action: "kms:*", Resource: !If [IsProd, a, b]}}
  Gone: {Type: AWS::KMS::Key, Condition: Never}
"""


def test_a_resource_under_a_condition_is_read_where_it_holds() -> None:
    (key,) = read(CONDITIONAL, Options()).keys
    assert [(each.branch, each.settings["rotation"].value, each.settings["spec"].value) for each in key.variants] == [
        ("IsProd is false and Big is true", False, "RSA_4096"),
        ("IsProd is false and Big is false", False, "RSA_2048"),
    ]
    assert [
        (each.branch, each.statements[0].resources and each.statements[0].resources.values) for each in key.policies
    ] == [("IsProd is false", ("b",))]
    assert read(CONDITIONAL, Options(parameters={"Env": "prod"})).keys == ()


DOUBTED = [
    ("an empty default", "!If [Named, !Ref Name, none]", [("Named is true", "<!Ref Name>"), ("Named is false", "none")]),
    ("the default", "!If [IsProd, !Ref Env, x]", [("IsProd is true", "prod"), ("IsProd is false", "x")]),
    ("another value", '!If [IsProd, x, !Sub "${Env}/y"]', [("IsProd is true", "x"), ("IsProd is false", "<Env>/y")]),
    ("one of two", "!If [Joined, [!Ref Env, !Ref Name], x]", [
        ("Joined is true", "<!Ref Env> <!Ref Name>"),
        ("Joined is false", "x"),
    ]),
]  # fmt: skip


@pytest.mark.parametrize(("value", "expected"), [row[1:] for row in DOUBTED], ids=[row[0] for row in DOUBTED])
def test_a_default_does_not_count_where_the_condition_fails_with_it(
    value: str, expected: list[tuple[str, str]]
) -> None:
    found = read(TEMPLATE.replace("[VALUE]", value), Options()).policies
    assert [
        (policy.branch, " ".join(policy.statements[0].resources.values))
        for policy in found
        if policy.statements[0].resources
    ] == expected


def test_a_default_does_not_count_in_a_resource_whose_condition_fails_with_it() -> None:
    text = """
Parameters: {Admin: {Type: String, Default: ""}}
Conditions: {HasAdmin: !Not [!Equals [!Ref Admin, ""]]}
Resources:
  Policy:
    Type: AWS::IAM::ManagedPolicy
    Condition: HasAdmin
    Properties: {PolicyDocument: {Statement: {Effect: Allow, Action: "kms:*", Resource: !Ref Admin}}}
"""
    (policy,) = read(text, Options()).policies
    assert [each.expression for each in policy.unresolved] == ["!Ref Admin"]
