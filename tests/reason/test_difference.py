"""Verdicts on pairs of policies, and the engine against the reference evaluator on sampled requests."""

import random
from typing import Any

import pytest

from kms_lint.reason import reference
from kms_lint.reason.compared import Compared, Settings, replay
from kms_lint.reason.difference import Verdict, difference
from kms_lint.reason.formula import holds
from kms_lint.reason.request import Caller, CallerKind, Request
from kms_lint.reason.statements import Reading
from tests.reason.cases import ACCOUNT, cases, dimensions, policy, try_case

CASES = cases("semantic_cases.jsonl")


@pytest.mark.parametrize("reading", list(Reading))
@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_a_published_case(case: dict[str, Any], reading: Reading) -> None:
    try_case(case, reading)


REQUEST = Request(Caller(CallerKind.USER, "user/ann", ACCOUNT), "kms:Decrypt", "arn:aws:kms:::key/1")


@pytest.mark.parametrize(
    ("operator", "present", "absent"),
    [
        ("StringEquals", (True, False), False),
        ("StringNotEquals", (False, True), True),
        ("StringEqualsIfExists", (True, False), True),
        ("StringNotEqualsIfExists", (False, True), True),
        ("ForAnyValue:StringEquals", (True, False), False),
        ("ForAnyValue:StringNotEquals", (False, True), False),
        ("ForAllValues:StringEquals", (True, False), True),
        ("ForAllValues:StringNotEquals", (False, True), True),
        ("ForAnyValue:StringEqualsIfExists", (True, False), True),
    ],
)
def test_the_truth_table(operator: str, present: tuple[bool, bool], absent: bool) -> None:
    def answer(*values: str) -> bool | None:
        context = {"aws:tagkeys": values} if values else {}
        request = Request(REQUEST.caller, REQUEST.action, REQUEST.resource, context)
        return reference.condition(operator, "aws:TagKeys", ["a"], request)

    assert (answer("a"), answer("b"), answer()) == (*present, absent)


ROLE, EXTERNAL = f"arn:aws:iam::{ACCOUNT}:role/app", "arn:aws:iam::444455556666:role/x"
PRINCIPALS: list[Any] = [
    "*",
    {"AWS": "*"},
    {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
    {"AWS": ["444455556666", ROLE]},
    {"AWS": ROLE},
    {"AWS": [EXTERNAL, f"arn:aws:iam::{ACCOUNT}:user/ann"]},
    {"AWS": f"arn:aws:sts::{ACCOUNT}:assumed-role/app/i-1"},
    {"AWS": f"arn:aws:sts::{ACCOUNT}:federated-user/bob"},
    {"Service": "logs.us-east-1.amazonaws.com"},
]
ACTIONS = [
    "kms:*",
    "kms:Decrypt",
    "kms:De*",
    "kms:*Key*",
    ["kms:CreateGrant", "kms:TagResource"],
    "kms:?ign",
    "kms:List*",
]
ENTRIES: list[tuple[str, str, Any]] = [
    (f"{operator}{optional}", key, values)
    for optional in ("", "IfExists")
    for operator, key, values in [
        ("StringEquals", "kms:ViaService", ["s3.us-east-1.amazonaws.com", "a*b"]),
        ("StringNotEquals", "kms:ViaService", "s3.us-east-1.amazonaws.com"),
        ("StringLike", "kms:ViaService", ["s3.*.amazonaws.com", "*ab*"]),
        ("StringNotLike", "kms:ViaService", "?3.*"),
        ("StringEqualsIgnoreCase", "kms:EncryptionContext:App", ["Blue", "green"]),
        ("StringEquals", "kms:encryptioncontext:app", "blue"),
        ("ForAnyValue:StringLike", "aws:TagKeys", ["a*", "*b"]),
        ("ForAllValues:StringEquals", "aws:TagKeys", ["a", "ab"]),
        ("ForAllValues:StringNotLike", "kms:GrantOperations", "De*"),
        ("ForAnyValue:StringEquals", "kms:GrantOperations", ["Decrypt"]),
        ("StringEquals", "kms:GrantOperations", ["Decrypt"]),
        ("ForAllValues:StringLike", "aws:SourceVpc", "vpc-*"),
        ("NumericLessThan", "aws:MultiFactorAuthAge", "300"),
        ("NumericNotEquals", "aws:MultiFactorAuthAge", ["300", "60.5"]),
        ("DateGreaterThan", "aws:TokenIssueTime", "2026-01-01T00:00:00Z"),
        ("DateLessThanEquals", "aws:TokenIssueTime", ["1767225600", "2026-02-01T00:00:00+02:00"]),
        ("IpAddress", "aws:SourceIp", ["10.0.0.0/8", "2001:db8::/32"]),
        ("NotIpAddress", "aws:SourceIp", ["10.1.0.0/16", "192.0.2.7"]),
        ("Bool", "aws:SecureTransport", "false"),
        ("Bool", "aws:PrincipalIsAWSService", "true"),
        ("ArnLike", "aws:PrincipalArn", [f"arn:aws:iam::{ACCOUNT}:role/a*", "arn:aws:iam::*:user/*"]),
        ("ArnNotEquals", "aws:PrincipalArn", ROLE),
        ("StringLike", "aws:PrincipalArn", ["*:role/app", "arn:aws:iam::444455556666:*"]),
        ("StringNotEquals", "aws:PrincipalAccount", ACCOUNT),
        ("StringLike", "kms:CallerAccount", "4444*"),
        ("ArnLike", "aws:SourceArn", "arn:aws:logs:*:111122223333:*"),
        ("StringEquals", "aws:SourceArn", "arn:aws:logs:us-east-1:111122223333:log-group:x"),
    ]
] + [("Null", "kms:ViaService", "true"), ("Null", "aws:TagKeys", "false"), ("Null", "aws:PrincipalArn", "true")]


def some_statement(chance: random.Random) -> dict[str, Any]:
    found: dict[str, Any] = {"Effect": chance.choice(["Allow", "Allow", "Deny"]), "Resource": "*"}
    listed = chance.choice(PRINCIPALS)
    limited = found["Effect"] == "Deny" and isinstance(listed, dict) and chance.random() < 0.2
    found["NotPrincipal" if limited else "Principal"] = listed
    found["NotAction" if chance.random() < 0.15 else "Action"] = chance.choice(ACTIONS)
    entries = chance.sample(ENTRIES, chance.choice([0, 1, 1, 2]))
    if entries:
        found["Condition"] = {}
        for operator, key, values in entries:
            found["Condition"].setdefault(operator, {})[key] = values
    return found


def some_policy(chance: random.Random) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": [some_statement(chance) for _ in range(chance.randint(1, 4))]}


def some_pair(chance: random.Random) -> tuple[dict[str, Any], dict[str, Any]]:
    """A policy, and most often the same with one statement changed, more or fewer."""
    old = some_policy(chance)
    if chance.random() < 0.3:
        return old, some_policy(chance)
    statements = list(old["Statement"])
    statements[chance.randrange(len(statements))] = some_statement(chance)
    if chance.random() < 0.3:
        statements.append(some_statement(chance))
    return old, {**old, "Statement": statements}


@pytest.mark.parametrize("reading", list(Reading))
def test_the_engine_agrees_with_the_reference_evaluator(reading: Reading) -> None:
    chance = random.Random(7)
    for _ in range(300):
        old, new = (policy(each) for each in some_pair(chance))
        compared = Compared(old, new, Settings(reading, ACCOUNT), reading is Reading.KMS)
        for side, formula in ((old, compared.old_allows), (new, compared.new_allows)):
            literals = {each.dimension: each for each in dimensions(formula)}
            for _ in range(20):
                point = {name: chance.randrange(each.full.bit_length()) for name, each in literals.items()}
                request, around = compared.request(point), compared.around(point)
                said = replay(side, request, around).allowed
                if said is not None:
                    assert holds(formula, point) is said, (side.statements, request, around)


def test_every_counterexample_replays_and_nothing_is_left_to_chance() -> None:
    chance = random.Random(11)
    for _ in range(200):
        documents = some_pair(chance)
        old, new = (policy(each) for each in documents)
        found = difference(old, new, Settings(account=ACCOUNT))
        assert not found.reason.startswith(("budget", "unsupported")), (documents, found)
        for group in found.groups:
            assert replay(new, group.request, group.around).allowed is True
            assert replay(old, group.request, group.around).allowed is False


def grants_nothing_new(old: dict[str, Any], new: dict[str, Any]) -> bool:
    return difference(policy(old), policy(new), Settings(account=ACCOUNT)).verdict is Verdict.NO_NEW_ACCESS


def test_laws() -> None:
    chance = random.Random(3)
    for _ in range(60):
        old, more = some_policy(chance), some_statement(chance)
        statements = old["Statement"]
        assert grants_nothing_new(old, old)
        assert grants_nothing_new(old, {**old, "Statement": statements[::-1]})
        assert grants_nothing_new(old, {**old, "Statement": [*statements, *statements]})
        assert grants_nothing_new({**old, "Statement": [*statements, {**more, "Effect": "Allow"}]}, old)
        assert grants_nothing_new(old, {**old, "Statement": [*statements, {**more, "Effect": "Deny"}]})
