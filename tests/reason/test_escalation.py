"""What principals can make themselves able to do: the steps, in their order, and what stops them."""

from __future__ import annotations

from pathlib import Path

import pytest

from kms_lint.api import load
from kms_lint.reason.escalation import Chain, escalations
from kms_lint.reason.estate import estate

HEAD = """
resource "aws_kms_key" "pay" {
  policy = jsonencode({ Version = "2012-10-17", Statement = [%s] })
}
"""
ALL, PUT, GRANT, DECRYPT = '"kms:*"', '"kms:PutKeyPolicy"', '"kms:CreateGrant"', '"kms:Decrypt"'
ROOT = '{ Sid = "Root", Effect = "Allow", Principal = { AWS = "arn:aws:iam::111122223333:root" }, Action = "kms:*", Resource = "*" }'


def role(name: str, trusted: str = "", more: str = "", service: str = "") -> str:
    who = f'AWS = "{trusted}"' if trusted else f'Service = "{service}"'
    trust = f'[{{ Effect = "Allow", Principal = {{ {who} }}, Action = "sts:AssumeRole" }}]'
    trust = trust if trusted or service else "[]"
    return (
        f'resource "aws_iam_role" "{name}" {{\n  name = "{name}"\n'
        f"  assume_role_policy = jsonencode({{ Statement = {trust} }})\n  {more}\n}}\n"
    )


def inline(name: str, action: str, resource: str = '"*"', condition: str = "") -> str:
    return (
        f'resource "aws_iam_role_policy" "{name}" {{\n  role = aws_iam_role.{name}.id\n'
        f'  policy = jsonencode({{ Version = "2012-10-17", Statement = [{{ Effect = "Allow", Action = {action}, '
        f"Resource = {resource}{condition} }}] }})\n}}\n"
    )


def named(name: str, action: str, more: str = "") -> str:
    return (
        f'{{ Sid = "{name}", Effect = "Allow", Principal = {{ AWS = aws_iam_role.{name}.arn }}, '
        f'Action = {action}, Resource = "*"{more} }}'
    )


def chains(folder: Path, statements: str, rest: str) -> list[Chain]:
    (folder / "main.tf").write_text(HEAD % statements + rest)
    return list(escalations(estate(load(str(folder), account="111122223333").documents)))


def told(found: list[Chain], role: str, action: str) -> list[list[str]]:
    """The steps of the chains of a role that give an action."""
    wanted = [each for each in found if each.party.shown.endswith(f"role/{role}") and action in each.actions]
    return [[f"{step.action} {step.target.rpartition('/')[2]}" for step in each.steps] for each in wanted]


def test_who_may_write_the_key_policy_may_do_everything(tmp_path: Path) -> None:
    found = chains(tmp_path, f"{ROOT}, {named('keys', PUT)}", role("keys"))
    assert told(found, "keys", "kms:Decrypt") == [["kms:PutKeyPolicy aws_kms_key.pay"]]
    assert told(found, "keys", "kms:ScheduleKeyDeletion") == [["kms:PutKeyPolicy aws_kms_key.pay"]]


def test_a_grant_gives_the_operations_that_the_condition_leaves(tmp_path: Path) -> None:
    condition = ', Condition = { "ForAllValues:StringEquals" = { "kms:GrantOperations" = ["Encrypt"] } }'
    found = chains(tmp_path, f"{ROOT}, {named('ci', GRANT, condition)}", role("ci"))
    assert told(found, "ci", "kms:Encrypt") == [["kms:CreateGrant aws_kms_key.pay"]]
    assert told(found, "ci", "kms:Decrypt") == []


def test_a_grant_that_only_a_service_may_make_gives_nothing(tmp_path: Path) -> None:
    condition = ', Condition = { Bool = { "kms:GrantIsForAWSResource" = "true" } }'
    found = chains(tmp_path, f"{ROOT}, {named('ci', GRANT, condition)}", role("ci"))
    assert told(found, "ci", "kms:Decrypt") == []


def test_a_deny_of_the_key_policy_stops_a_grant(tmp_path: Path) -> None:
    deny = '{ Effect = "Deny", Principal = "*", Action = "kms:Decrypt", Resource = "*" }'
    found = chains(tmp_path, f"{ROOT}, {named('ci', GRANT)}, {deny}", role("ci"))
    assert told(found, "ci", "kms:Decrypt") == []
    assert told(found, "ci", "kms:Encrypt") == [["kms:CreateGrant aws_kms_key.pay"]]


@pytest.mark.parametrize(
    ("trusted", "own", "expected"),
    [
        ("arn:aws:iam::111122223333:role/ops", "", [["sts:AssumeRole keys"]]),
        ("arn:aws:iam::111122223333:root", inline("ops", '"sts:AssumeRole"'), [["sts:AssumeRole keys"]]),
        ("arn:aws:iam::111122223333:root", "", []),
        ("arn:aws:iam::111122223333:role/other", inline("ops", '"sts:AssumeRole"'), []),
    ],
    ids=["named", "the account, and IAM allows", "the account alone", "somebody else"],
)
def test_acting_as_a_role(tmp_path: Path, trusted: str, own: str, expected: list[list[str]]) -> None:
    statements = f"{ROOT}, {named('keys', DECRYPT)}"
    found = chains(tmp_path, statements, role("keys", trusted) + role("ops") + own)
    assert told(found, "ops", "kms:Decrypt") == expected


def test_two_roles_away(tmp_path: Path) -> None:
    rest = (
        role("keys", "arn:aws:iam::111122223333:role/ops")
        + role("ops", "arn:aws:iam::111122223333:role/dev")
        + role("dev")
    )
    found = chains(tmp_path, f"{ROOT}, {named('keys', PUT)}", rest)
    assert told(found, "dev", "kms:Decrypt") == [
        ["sts:AssumeRole ops", "sts:AssumeRole keys", "kms:PutKeyPolicy aws_kms_key.pay"]
    ]


def test_iam_helps_only_where_the_key_policy_delegates(tmp_path: Path) -> None:
    rest = role("dev") + inline("dev", '"iam:PutRolePolicy"', "aws_iam_role.dev.arn")
    found = chains(tmp_path, ROOT, rest)
    assert told(found, "dev", "kms:Decrypt") == [["iam:PutRolePolicy dev"]]
    (tmp_path / "closed").mkdir()
    alone = '{ Effect = "Allow", Principal = { AWS = "arn:aws:iam::111122223333:role/keys" }, Action = "kms:*", Resource = "*" }'
    assert told(chains(tmp_path / "closed", alone, rest), "dev", "kms:Decrypt") == []


EDGE = """
resource "aws_iam_policy" "edge" {
  name = "edge"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = %s, Resource = "*" }] })
}
"""
BOUNDED = "permissions_boundary = aws_iam_policy.edge.arn\n"


def test_a_permissions_boundary_stays(tmp_path: Path) -> None:
    edge = EDGE % '["iam:PutRolePolicy", "kms:Encrypt"]'
    rest = role("dev", more=BOUNDED) + edge + inline("dev", '"iam:PutRolePolicy"', "aws_iam_role.dev.arn")
    found = chains(tmp_path, ROOT, rest)
    assert told(found, "dev", "kms:Encrypt") == [["iam:PutRolePolicy dev"]]
    assert told(found, "dev", "kms:Decrypt") == []


def test_a_boundary_that_allows_to_take_it_away_stops_nothing(tmp_path: Path) -> None:
    edge = EDGE % '["iam:*RolePolicy", "iam:DeleteRolePermissionsBoundary", "kms:Encrypt"]'
    rest = role("dev", more=BOUNDED) + edge + inline("dev", '"iam:PutRolePolicy"', "aws_iam_role.dev.arn")
    found = chains(tmp_path, ROOT, rest)
    assert told(found, "dev", "kms:Encrypt") == [["iam:PutRolePolicy dev"]]
    assert told(found, "dev", "kms:Decrypt") == [["iam:PutRolePolicy dev", "iam:DeleteRolePermissionsBoundary dev"]]


def test_a_boundary_that_is_taken_away_is_a_step(tmp_path: Path) -> None:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteRolePermissionsBoundary.html"""
    edge = EDGE % '["iam:*", "kms:Encrypt"]'
    given = '["iam:DeleteRolePermissionsBoundary", "kms:Decrypt", "kms:CreateGrant"]'
    found = chains(tmp_path, ROOT, role("dev", more=BOUNDED) + edge + inline("dev", given))
    assert told(found, "dev", "kms:Decrypt") == [["iam:DeleteRolePermissionsBoundary dev"]]
    away, granted = "iam:DeleteRolePermissionsBoundary dev", "kms:CreateGrant aws_kms_key.pay"
    assert told(found, "dev", "kms:Sign") == [[away, granted]]


def test_a_question_that_is_too_large_is_unsure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kms_lint.reason.identity_access.satisfiable", lambda formula: None)
    rest = role("dev") + inline("dev", '"iam:PutRolePolicy"', "aws_iam_role.dev.arn")
    (found,) = [each for each in chains(tmp_path, ROOT, rest) if "kms:Decrypt" in each.actions]
    assert found.certainty.value == "possible"


PASSING = '["iam:PassRole", "lambda:CreateFunction", "lambda:InvokeFunction"]'
LAMBDA = "lambda.amazonaws.com"


def test_a_role_that_is_passed_to_a_service(tmp_path: Path) -> None:
    rest = role("keys", service=LAMBDA) + role("dev") + inline("dev", PASSING)
    found = chains(tmp_path, f"{ROOT}, {named('keys', DECRYPT)}", rest)
    assert told(found, "dev", "kms:Decrypt") == [["iam:PassRole and lambda:CreateFunction keys"]]
    assert found[0].certainty.value == "always"


@pytest.mark.parametrize(
    ("service", "actions", "condition", "expected"),
    [
        ("ec2.amazonaws.com", PASSING, "", None),
        (LAMBDA, '["iam:PassRole", "lambda:CreateFunction"]', "", "possible"),
        (LAMBDA, '["iam:PassRole", "lambda:InvokeFunction"]', "", None),
        (LAMBDA, PASSING, '{ StringEquals = { "iam:PassedToService" = "ec2.amazonaws.com" } }', None),
        (LAMBDA, PASSING, '{ StringEqualsIfExists = { "iam:PassedToService" = "lambda.amazonaws.com" } }', "always"),
    ],
    ids=["another service is trusted", "nothing runs it", "nothing is made", "passed to another", "passed to this one"],
)
def test_what_passing_a_role_needs(
    tmp_path: Path, service: str, actions: str, condition: str, expected: str | None
) -> None:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html"""
    passing = inline("dev", actions, condition=f", Condition = {condition}" if condition else "")
    found = chains(tmp_path, f"{ROOT}, {named('keys', DECRYPT)}", role("keys", service=service) + role("dev") + passing)
    assert [each.certainty.value for each in found] == ([] if expected is None else [expected])


def test_conditions_of_steps_are_told(tmp_path: Path) -> None:
    condition = ', Condition = { Bool = { "aws:MultiFactorAuthPresent" = "true" } }'
    rest = role("dev") + inline("dev", '"iam:PutRolePolicy"', "aws_iam_role.dev.arn", condition)
    (found,) = [each for each in chains(tmp_path, ROOT, rest) if "kms:Decrypt" in each.actions]
    assert (found.certainty.value, found.steps[0].condition) == ("conditional", "Bool aws:MultiFactorAuthPresent true")


def test_who_has_everything_gains_nothing(tmp_path: Path) -> None:
    found = chains(tmp_path, f"{ROOT}, {named('admin', ALL)}", role("admin"))
    assert found == []


TAGGED = '"*", Condition = { StringEquals = { "aws:ResourceTag/Team" = "blue" } }'


def steps_of(found: list[Chain], role: str, action: str) -> list[tuple[str, str, str]]:
    wanted = [each for each in found if each.party.shown.endswith(f"role/{role}") and action in each.actions]
    return [(step.action, step.gain, step.condition) for each in wanted for step in each.steps]


@pytest.mark.parametrize(
    ("tagging", "condition", "expected"),
    [
        ("kms:TagResource", "", [("kms:TagResource", "it carries the tag Team = blue", "")]),
        ("kms:TagResource", '{ StringEquals = { "aws:RequestTag/Team" = "red" } }', []),
        ("kms:TagResource", '{ StringNotEquals = { "aws:ResourceTag/Team" = "red" } }', "conditional"),
        ("kms:TagResource", '{ StringEquals = { "aws:ResourceTag/Team" = "blue" } }', []),
        ("kms:TagResource", '{ "ForAnyValue:StringEquals" = { "aws:TagKeys" = ["Cost"] } }', []),
        ("kms:TagResource", '{ "ForAllValues:StringEquals" = { "aws:TagKeys" = ["Team"] } }', "conditional"),
        ("kms:UntagResource", "", []),
    ],
    ids=["any tag", "another value", "not where it is red", "only where it is so", "other names", "this name", "untag"],
)
def test_a_tag_that_access_trusts(
    tmp_path: Path, tagging: str, condition: str, expected: str | list[tuple[str, str, str]]
) -> None:
    """https://docs.aws.amazon.com/kms/latest/developerguide/tag-authorization.html"""
    rest = role("dev") + inline("dev", DECRYPT, TAGGED)
    more = inline("dev", f'"{tagging}"', condition=f", Condition = {condition}" if condition else "")
    rest += more.replace('"aws_iam_role_policy" "dev"', '"aws_iam_role_policy" "tags"')
    found = chains(tmp_path, ROOT, rest)
    if isinstance(expected, list):
        assert steps_of(found, "dev", "kms:Decrypt") == expected
    else:
        assert [each.certainty.value for each in found if "kms:Decrypt" in each.actions] == [expected]


def test_a_tag_that_must_not_be_there_is_taken_away(tmp_path: Path) -> None:
    missing = '"*", Condition = { Null = { "aws:ResourceTag/Secret" = "true" } }'
    rest = role("dev") + inline("dev", DECRYPT, missing)
    rest += inline("dev", '"kms:UntagResource"').replace('_policy" "dev"', '_policy" "tags"')
    found = chains(tmp_path, ROOT, rest)
    expected = [("kms:UntagResource", "it no longer carries the tag Secret", "")]
    assert steps_of(found, "dev", "kms:Decrypt") == expected


ALIASED = '"*", Condition = { "ForAnyValue:StringEquals" = { "kms:ResourceAliases" = "alias/app" } }'
ALIAS = 'resource "aws_kms_alias" "a" {\n  name = "alias/%s"\n  target_key_id = aws_kms_key.%s.key_id\n}\n'


@pytest.mark.parametrize(
    ("more", "resource", "aliases", "expected"),
    [
        ('"kms:CreateAlias"', '"*"', "", ["kms:CreateAlias"]),
        ('"kms:CreateAlias"', '"arn:aws:kms:*:*:key/*"', "", []),
        ('"kms:CreateAlias"', '"arn:aws:kms:*:*:alias/*"', "", []),
        ('"kms:UpdateAlias"', '"*"', "", []),
        ('"kms:CreateAlias"', '"*"', ALIAS % ("app", "pay"), []),
        ('"kms:UpdateAlias"', '"*"', ALIAS % ("app", "other"), ["kms:UpdateAlias"]),
        ('"kms:CreateAlias"', '"*"', ALIAS % ("app", "other"), []),
    ],
    ids=["both halves", "the key alone", "the alias alone", "nothing to move", "it has it", "moved", "taken"],
)
def test_an_alias_that_access_trusts(
    tmp_path: Path, more: str, resource: str, aliases: str, expected: list[str]
) -> None:
    """https://docs.aws.amazon.com/kms/latest/developerguide/alias-access.html"""
    rest = role("dev") + inline("dev", DECRYPT, ALIASED)
    rest += inline("dev", more, resource).replace('_policy" "dev"', '_policy" "aliases"') + aliases
    other = f'resource "aws_kms_key" "other" {{\n  policy = jsonencode({{ Version = "2012-10-17", Statement = [{ROOT}] }})\n}}\n'
    found = [each for each in chains(tmp_path, ROOT, rest + other) if each.key.address == "aws_kms_key.pay"]
    assert [action for action, _, _ in steps_of(found, "dev", "kms:Decrypt")] == expected


REPLICATE = '"kms:ReplicateKey"'


@pytest.mark.parametrize(
    ("own", "creating", "settings", "expected"),
    [
        ("", '"*"', "multi_region = true", "always"),
        ("", '"arn:aws:kms:*:*:key/*"', "multi_region = true", None),
        ("", '"*"', "", None),
        ("", '"*"', "multi_region = var.several", "possible"),
        (
            ', Condition = { StringEquals = { "kms:ReplicaRegion" = ["eu-west-3", "eu-west-2"] } }',
            '"*"',
            None,
            "conditional",
        ),
    ],
    ids=["a primary key", "no key may be created", "one Region", "perhaps", "in one of two Regions"],
)
def test_a_replica_has_a_policy_of_its_own(
    tmp_path: Path, own: str, creating: str, settings: str | None, expected: str | None
) -> None:
    """https://docs.aws.amazon.com/kms/latest/developerguide/multi-region-keys-auth.html"""
    settings = "multi_region = true" if settings is None else settings
    deny = '{ Effect = "Deny", Principal = "*", Action = "kms:Decrypt", Resource = "*" }'
    policy = f"{ROOT}, {named('dev', REPLICATE, own)}, {deny}"
    rest = role("dev") + inline("dev", '"kms:CreateKey"', creating) + 'variable "several" {}\n'
    (tmp_path / "main.tf").write_text((HEAD % policy).replace('"pay" {', f'"pay" {{\n  {settings}') + rest)
    found = list(escalations(estate(load(str(tmp_path), account="111122223333").documents)))
    mine = [each for each in found if "kms:Decrypt" in each.actions]
    assert [each.certainty.value for each in mine] == ([] if expected is None else [expected])
    for each in mine:
        assert [step.action for step in each.steps] == ["kms:ReplicateKey"]
        assert "kms:PutKeyPolicy" not in each.actions


GROUP = (
    'resource "aws_iam_group" "team" {\n  name = "team"\n}\nresource "aws_iam_user" "ann" {\n  name = "ann"\n}\n'
    'resource "aws_iam_group_policy" "team" {\n  group = aws_iam_group.team.name\n  policy = jsonencode({ Version = '
    '"2012-10-17", Statement = [{ Effect = "Allow", Action = "kms:Decrypt", Resource = "*" }] })\n}\n'
)


def of_user(found: list[Chain], action: str) -> list[tuple[list[str], str]]:
    mine = [each for each in found if each.party.shown.endswith("user/ann") and action in each.actions]
    return [([step.action for step in each.steps], each.certainty.value) for each in mine]


def user_may(action: str, resource: str = '"*"', condition: str = "") -> str:
    said = inline("ann", action, resource, condition).replace("aws_iam_role_policy", "aws_iam_user_policy")
    return said.replace("role = aws_iam_role.ann.id", "user = aws_iam_user.ann.name")


@pytest.mark.parametrize(
    ("resource", "expected"),
    [("aws_iam_group.team.arn", [(["iam:AddUserToGroup"], "always")]), ("aws_iam_user.ann.arn", [])],
    ids=["the group", "the user, of whom nothing is asked"],
)
def test_joining_a_group(tmp_path: Path, resource: str, expected: list[tuple[list[str], str]]) -> None:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_AddUserToGroup.html"""
    found = chains(tmp_path, ROOT, GROUP + user_may('"iam:AddUserToGroup"', resource))
    assert of_user(found, "kms:Decrypt") == expected


def test_a_new_version_of_a_policy_is_for_all_that_carry_it(tmp_path: Path) -> None:
    attached = 'resource "aws_iam_role_policy_attachment" "a" {\n  role = aws_iam_role.keys.name\n  policy_arn = aws_iam_policy.edge.arn\n}\n'
    rest = role("keys", "arn:aws:iam::111122223333:role/dev") + role("dev") + EDGE % '"s3:*"' + attached
    version = inline("dev", '"iam:CreatePolicyVersion"', "aws_iam_policy.edge.arn")
    found = chains(tmp_path, ROOT, rest + version)
    assert told(found, "dev", "kms:Decrypt") == [["sts:AssumeRole keys", "iam:CreatePolicyVersion aws_iam_policy.edge"]]
    other = inline("dev", '"iam:SetDefaultPolicyVersion"', "aws_iam_policy.edge.arn")
    (tmp_path / "other").mkdir()
    mine = [each for each in chains(tmp_path / "other", ROOT, rest + other) if "kms:Decrypt" in each.actions]
    assert {each.certainty.value for each in mine} == {"possible"}


@pytest.mark.parametrize(
    ("pinned", "action"),
    [("aws_iam_policy.edge.arn", "kms:Encrypt"), ('"arn:aws:iam::aws:policy/ReadOnlyAccess"', "kms:DescribeKey")],
)
def test_only_a_given_policy_may_be_attached(tmp_path: Path, pinned: str, action: str) -> None:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html"""
    condition = f', Condition = {{ ArnEquals = {{ "iam:PolicyARN" = {pinned} }} }}'
    rest = role("dev") + EDGE % '"kms:Encrypt"' + inline("dev", '"iam:AttachRolePolicy"', '"*"', condition)
    found = chains(tmp_path, ROOT, rest)
    assert told(found, "dev", action) == [["iam:AttachRolePolicy dev"]]
    assert told(found, "dev", "kms:Decrypt") == []


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("", [["iam:PutRolePermissionsBoundary dev"]]),
        (', Condition = { ArnEquals = { "iam:PermissionsBoundary" = aws_iam_policy.edge.arn } }', []),
    ],
    ids=["any boundary", "this one only"],
)
def test_another_boundary(tmp_path: Path, condition: str, expected: list[list[str]]) -> None:
    put = inline("dev", '"iam:PutRolePermissionsBoundary"', '"*"', condition)
    more = inline("dev", DECRYPT).replace('_policy" "dev"', '_policy" "more"')
    rest = role("dev", more=BOUNDED) + EDGE % '["iam:Put*", "kms:Encrypt"]' + put + more
    assert told(chains(tmp_path, ROOT, rest), "dev", "kms:Decrypt") == expected


def test_what_keeps_a_policy_from_being_changed(tmp_path: Path) -> None:
    scp = (
        'resource "aws_organizations_policy" "p" {\n  type = "SERVICE_CONTROL_POLICY"\n  content = jsonencode({ Version = '
        '"2012-10-17", Statement = [{ Effect = "Allow", Action = "kms:*", Resource = "*" }] })\n}\n'
    )
    rest = role("dev") + inline("dev", '"iam:PutRolePolicy"', "aws_iam_role.dev.arn") + scp
    assert chains(tmp_path, ROOT, rest) == []


def test_who_passes_on_a_grant_has_no_more_than_the_grant(tmp_path: Path) -> None:
    grant = (
        'resource "aws_kms_grant" "g" {\n  key_id = aws_kms_key.pay.key_id\n  grantee_principal = aws_iam_role.dev.arn\n'
        '  operations = ["CreateGrant", "Encrypt"]\n}\n'
    )
    assert chains(tmp_path, ROOT, role("dev") + grant) == []


def test_denies_that_were_attached_stay_until_they_are_detached(tmp_path: Path) -> None:
    deny = (EDGE % '"kms:Decrypt"').replace("Allow", "Deny")
    attached = 'resource "aws_iam_role_policy_attachment" "a" {\n  role = aws_iam_role.dev.name\n  policy_arn = aws_iam_policy.edge.arn\n}\n'
    rest = role("dev") + deny + attached
    found = chains(tmp_path, ROOT, rest + inline("dev", '"iam:PutRolePolicy"', "aws_iam_role.dev.arn"))
    # What the caller writes lets it detach the policy as well.
    assert told(found, "dev", "kms:Encrypt") == [["iam:PutRolePolicy dev"]]
    assert len(told(found, "dev", "kms:Decrypt")[0]) == 2


def test_the_boundary_that_is_not_in_the_input_may_allow_a_step(tmp_path: Path) -> None:
    bounded = 'permissions_boundary = "arn:aws:iam::111122223333:policy/elsewhere"\n'
    rest = role("dev", more=bounded) + inline("dev", '"iam:DeleteRolePermissionsBoundary"')
    rest += inline("dev", DECRYPT).replace('_policy" "dev"', '_policy" "more"')
    found = [each for each in chains(tmp_path, ROOT, rest) if "kms:Decrypt" in each.actions]
    assert {each.certainty.value for each in found} <= {"possible"}
