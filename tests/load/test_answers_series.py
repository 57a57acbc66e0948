"""Answers of the AWS CLI as people keep them: in lists, on lines, one after another, under names."""

from __future__ import annotations

import json
from textwrap import dedent

import pytest

from kms_lint.model import PolicyKind, Status
from tests.load.reading import document, place, told, under

ID = "1234abcd-12ab-34cd-56ef-1234567890ab"
ARN = f"arn:aws:kms:us-east-1:111122223333:key/{ID}"
PUBLIC = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"}],
}
ANSWER = {"Policy": json.dumps(PUBLIC), "PolicyName": "default"}
GRANT = {
    "KeyId": ARN,
    "GrantId": "g1",
    "GranteePrincipal": "arn:aws:iam::444455556666:role/x",
    "Operations": ["Decrypt"],
}
GRANTS = {"Grants": [GRANT]}
METADATA = {
    "KeyMetadata": {
        "KeyId": ID,
        "Arn": ARN,
        "AWSAccountId": "111122223333",
        "KeySpec": "SYMMETRIC_DEFAULT",
        "KeyManager": "CUSTOMER",
    }
}
ROTATION = {"KeyId": ARN, "KeyRotationEnabled": False}
PUBLIC_PRINCIPAL = {"public-principal"}


def lines(*values: object) -> str:
    return "".join(json.dumps(value) + "\n" for value in values)


def printed(*values: object) -> str:
    return "\n".join(json.dumps(value, indent=4) for value in values) + "\n"


SERIES = [
    ("JSON lines", "a.jsonl", lines(ANSWER, ANSWER), [1, 2]),
    (
        "JSON lines under the name of JSON",
        "a.json",
        lines({"PolicyNames": ["default"]}, ANSWER, GRANTS, ANSWER),
        [2, 4],
    ),
    ("lines with blank ones between", "a.json", "\n" + lines(ANSWER) + "\r\n\n" + lines(ANSWER), [2, 5]),
    ("values printed one after another", "a.json", printed(ANSWER, ANSWER, ANSWER), [2, 6, 10]),
    ("values without anything between", "a.json", json.dumps(ANSWER) + json.dumps(ANSWER), [1, 1]),
    ("bare policies printed one after another", "a.json", printed(PUBLIC, PUBLIC), [6, 17]),
    ("a list of answers", "a.json", "[\n" + ",\n".join(json.dumps(ANSWER) for _ in range(2)) + "\n]", [2, 3]),
    ("answers and policies in one list", "a.json", f"[{json.dumps(ANSWER)},\n{json.dumps(PUBLIC)}]", [1, 2]),
    ("a list on each line", "a.json", lines([ANSWER], [PUBLIC]), [1, 2]),
    ("answers under names", "a.json", json.dumps({"alias/a": ANSWER, "alias/b": [ANSWER]}), [1, 1]),
    (
        "YAML",
        "a.yaml",
        'Policy: |\n  {"Version": "2012-10-17", "Statement": [\n'
        '    {"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"}]}\nPolicyName: default\n',
        [3],
    ),
    (
        "YAML printed one after another",
        "a.yaml",
        f"Policy: '{json.dumps(PUBLIC)}'\nPolicyName: default\n" * 3,
        [1, 3, 5],
    ),
    ("a stream of YAML", "a.yaml", f"- Policy: '{json.dumps(PUBLIC)}'\n  PolicyName: default\n" * 2, [1, 3]),
    ("the policy as an object", "a.json", json.dumps({"Policy": PUBLIC, "PolicyName": "default"}, indent=1), [7]),
]


@pytest.mark.parametrize(("name", "text", "expected"), [row[1:] for row in SERIES], ids=[row[0] for row in SERIES])
def test_each_value_is_judged_at_its_line(name: str, text: str, expected: list[int]) -> None:
    found = document(name, text)
    assert found.status is Status.JUDGED
    assert not found.problems
    principals = [policy.statements[0].principals for policy in found.every_policy()]
    places = [place(each.values[0].value.at) for each in principals if each is not None]
    assert sorted(int(each.split(":")[1]) for each in places) == expected
    assert {under(each.values[0].value.at) for each in principals if each is not None} <= {'"*"', r"\"*\""}
    assert all(policy.kind is PolicyKind.KEY for policy in found.every_policy())


def test_columns_are_those_of_the_line() -> None:
    text = lines(ANSWER, GRANTS)
    (grant,) = document("a.jsonl", text).grants
    assert (place(grant.at), under(grant.operations[0].at)) == ("a.jsonl:2:13", '"Decrypt"')
    column = text.splitlines()[0].index('Principal\\": \\"*\\"') + len('Principal\\": ') + 1
    assert told(document("a.jsonl", text), rules=PUBLIC_PRINCIPAL) == [f"a.jsonl:1:{column} public-principal *"]


BROKEN = [
    ("in JSON lines", "a.jsonl", lines(ANSWER) + '{"Policy": \n' + lines(ANSWER), "a.jsonl:2:11", [1, 3]),
    ("in the first line", "a.jsonl", '{"Policy" "x"}\n' + lines(ANSWER, ANSWER), "a.jsonl:1:11", [2, 3]),
    ("words of a shell", "a.jsonl", lines(ANSWER) + "An error occurred: kms:x\n" + lines(ANSWER), "a.jsonl:2:1", [1, 3]),
    (
        "in values printed one after another",
        "a.json",
        printed(ANSWER) + '{\n    "Policy": "x"\n    "PolicyName": "default"\n}\n' + printed(ANSWER),
        "a.json:7:5",
        [2, 10],
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "text", "broken", "others"), [row[1:] for row in BROKEN], ids=[row[0] for row in BROKEN]
)
def test_one_broken_value_hides_no_other(name: str, text: str, broken: str, others: list[int]) -> None:
    found = document(name, text)
    assert [(problem.rule, place(problem.at)) for problem in found.problems] == [("malformed-document", broken)]
    policies = [place(policy.statements[0].at) for policy in found.every_policy()]
    assert [int(each.split(":")[1]) for each in policies] == others


@pytest.mark.parametrize(
    "text",
    ['{"Statement": ["kms:"}\n', '{"Policy": "kms:"}}', '{"kms:": 1} x'],
    ids=["one broken value", "a bracket too many", "words after a value"],
)
def test_one_broken_value_is_no_series(text: str) -> None:
    found = document("a.json", text)
    assert (found.status, len(found.problems)) == (Status.MALFORMED, 1)


def test_of_very_many_broken_lines_the_first_are_told() -> None:
    found = document("a.jsonl", lines(ANSWER) + '{"kms:": \n' * 150)
    assert [place(problem.at) for problem in found.problems] == [f"a.jsonl:{n}:9" for n in range(2, 102)]
    assert [each.message for each in found.unresolved] == ["what follows after 100 broken values is not read"]


def test_what_says_nothing_about_access_is_passed_over_quietly() -> None:
    for value in ({"PolicyNames": ["default"]}, {"KeyId": ARN, "KeyLastUsage": {"kms:": 1}, "TrackingStartDate": 1.0}):
        assert document("a.json", json.dumps(value)).status is Status.SKIPPED


@pytest.mark.parametrize(
    ("value", "address", "of"),
    [
        ({"RoleName": "app", "PolicyName": "use"}, "role/app:use", "role/app"),
        ({"UserName": "ann", "PolicyName": "use"}, "user/ann:use", "user/ann"),
        ({"GroupName": "ops", "PolicyName": "use"}, "group/ops:use", "group/ops"),
    ],
    ids=["a role", "a user", "a group"],
)
def test_inline_policies_belong_to_identities(value: dict[str, str], address: str, of: str) -> None:
    statement = {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*"}
    (policy,) = document("a.json", json.dumps({**value, "PolicyDocument": {"Statement": statement}})).policies
    assert (policy.kind, policy.address, policy.of) == (PolicyKind.IDENTITY, address, of)


def test_get_role_tells_its_trust_policy_and_boundary() -> None:
    role = {
        "Role": {
            "RoleName": "app",
            "Arn": "arn:aws:iam::111122223333:role/app",
            "AssumeRolePolicyDocument": {
                "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}]
            },
            "PermissionsBoundary": {
                "PermissionsBoundaryType": "Policy",
                "PermissionsBoundaryArn": "arn:aws:iam::111122223333:policy/edge",
            },
        }
    }
    found = document("a.json", json.dumps(role))
    (identity,), (policy,) = found.identities, found.policies
    assert (identity.address, identity.type, identity.owner) == ("role/app", "role", "111122223333")
    assert (identity.boundary, identity.arn) == ("arn:aws:iam::111122223333:policy/edge", role["Role"]["Arn"])
    assert (policy.kind, policy.address, policy.of) == (
        PolicyKind.TRUST,
        "role/app:AssumeRolePolicyDocument",
        "role/app",
    )


def test_answers_about_one_key_in_one_object() -> None:
    text = json.dumps({"main": {**METADATA, **ANSWER, **GRANTS, **ROTATION}}, indent=1)
    found = document("a.json", text)
    (key,), (grant,) = found.keys, found.grants
    (policy,) = key.policies
    assert (key.address, key.owner, policy.address, policy.of, policy.owner) == (
        ID,
        "111122223333",
        ID,
        ID,
        "111122223333",
    )
    assert {statement.owner for statement in policy.statements} == {"111122223333"}
    assert (key.settings["rotation"].value, key.settings["spec"].value, grant.of) == (False, "SYMMETRIC_DEFAULT", ID)
    assert not found.policies


def test_answers_of_several_keys_are_not_mixed() -> None:
    other = {"KeyMetadata": {**METADATA["KeyMetadata"], "KeyId": "other", "Arn": ARN.replace(ID, "other")}}
    found = document("a.jsonl", lines(METADATA, other, ANSWER))
    assert [key.address for key in found.keys] == [ID, "other"]
    assert [(policy.address, policy.of) for policy in found.every_policy()] == [("default", None)]


def test_yaml_of_list_grants() -> None:
    text = dedent(f"""\
        Grants:
        - GrantId: g1
          GranteePrincipal: arn:aws:iam::444455556666:role/x
          KeyId: {ARN}
          Operations:
          - Decrypt
    """)
    (grant,) = document("a.yaml", text).grants
    assert (place(grant.at), grant.key, place(grant.operations[0].at)) == ("a.yaml:2:3", ARN, "a.yaml:6:5")


def test_what_is_told_by_a_name_is_looked_into() -> None:
    from kms_lint.load.answers import NAMES
    from kms_lint.load.answers.printed import _ANSWERS, _QUIET

    assert {name for name, _, _ in _ANSWERS} | set(_QUIET) <= NAMES
