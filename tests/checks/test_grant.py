"""Checks of grants: who gets what, and what AWS KMS refuses."""

from __future__ import annotations

from dataclasses import replace

import pytest

import kms_lint.checks  # fills CHECKS
from kms_lint.finding import Confidence, Hit
from kms_lint.model import Accounts, Constraint, Document, Grant, Key, Setting, World
from kms_lint.rule import CHECKS
from kms_lint.source import Source, Span
from kms_lint.syntax import locate
from kms_lint.syntax.tree import ANYTHING, Text

assert kms_lint.checks

OWN = "111122223333"
ROLE = f"arn:aws:iam::{OWN}:role/app"
STRANGER = "arn:aws:iam::444455556666:role/partner"
KEY = f"arn:aws:kms:us-east-1:{OWN}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
ROOT = f"arn:aws:iam::{OWN}:root"
SERVICE = "dynamodb.us-east-1.amazonaws.com"
SCALING = f"arn:aws:iam::{OWN}:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling"
VOLUMES = f"arn:aws:sts::{OWN}:assumed-role/aws:ec2-infrastructure/i-1234567890abcdef0"
SCALING_NEEDS = (
    "Encrypt Decrypt ReEncryptFrom ReEncryptTo GenerateDataKey GenerateDataKeyWithoutPlaintext DescribeKey CreateGrant"
)
EVERYTHING = (
    "CreateGrant Decrypt DescribeKey Encrypt GenerateDataKey GenerateDataKeyPair GenerateDataKeyPairWithoutPlaintext "
    "GenerateDataKeyWithoutPlaintext ReEncryptFrom ReEncryptTo RetireGrant"
)
SURE, MAYBE = Confidence.DEFINITE, Confidence.POSSIBLE
OURS = Accounts(frozenset({OWN}))


def grant(
    grantee: str = ROLE, operations: str = "Decrypt", address: str = "grants[0]", owner: str | None = OWN
) -> Grant:
    """A grant that is written as its address, its grantee and its operations, one line each."""
    source = Source("grants.json", f"{address}\n{grantee}\n{operations}\n")
    first, second = len(address) + 1, len(address) + len(grantee) + 2
    at, texts = second, []
    for each in operations.split():
        texts.append(Text(each, Span(source, at, at + len(each))))
        at += len(each) + 1
    return Grant(
        address,
        Span(source, 0, len(address)),
        Text(grantee, Span(source, first, first + len(grantee))),
        tuple(texts),
        Span(source, second, second + len(operations)),
        owner=owner,
        service=grantee.endswith(".amazonaws.com"),
    )


def hits(check: str, of: Grant, accounts: Accounts = OURS, *keys: Key) -> list[Hit]:
    world = World((Document("grants.json", "cli", "grants", keys=keys, grants=(of,)),), accounts)
    return list(CHECKS[check].run(of, world))


def found(check: str, of: Grant, accounts: Accounts = OURS) -> list[tuple[str, Confidence]]:
    return [(written(hit), hit.confidence) for hit in hits(check, of, accounts)]


def written(hit: Hit) -> str:
    span = locate(hit.at)
    return span.source.text[span.start : span.end]


def setting(value: str | None) -> Setting:
    return Setting(value, value is not None, Span(Source("main.tf", "spec"), 0, 4), "spec")


def unknown(grantee: Grant) -> Grant:
    assert grantee.grantee is not None
    return replace(grantee, grantee=Text("<var.grantee>", grantee.grantee.at, ANYTHING))


ACCOUNTS = {
    "a role": (ROLE, []),
    "a session": (VOLUMES, []),
    "the own account": (ROOT, [(ROOT, SURE)]),
    "another account": ("arn:aws:iam::444455556666:root", [("arn:aws:iam::444455556666:root", SURE)]),
    "everyone": ("*", [("*", SURE)]),
    "every account": ("arn:aws:iam::*:root", [("arn:aws:iam::*:root", SURE)]),
    "a service": (SERVICE, []),
}


@pytest.mark.parametrize(("grantee", "expected"), ACCOUNTS.values(), ids=ACCOUNTS.keys())
def test_grant_to_account(grantee: str, expected: list[tuple[str, Confidence]]) -> None:
    assert found("grant_to_account", grant(grantee)) == expected


STRANGERS = {
    "own": (ROLE, OWN, Accounts(frozenset({OWN})), []),
    "stranger": (STRANGER, OWN, Accounts(frozenset({OWN})), [(STRANGER, SURE)]),
    "stranger by the key's account alone": (STRANGER, OWN, Accounts(), [(STRANGER, SURE)]),
    "partner": (STRANGER, OWN, Accounts(frozenset({OWN}), frozenset({"444455556666"})), []),
    "another own account": (STRANGER, OWN, Accounts(frozenset({OWN, "444455556666"})), []),
    "no account known": (STRANGER, "<account>", Accounts(), [(STRANGER, MAYBE)]),
    "service": (SERVICE, OWN, Accounts(), []),
    "deleted": ("AROA1234567890EXAMPLE", OWN, Accounts(), []),
}


@pytest.mark.parametrize(("grantee", "owner", "accounts", "expected"), STRANGERS.values(), ids=STRANGERS.keys())
def test_grant_to_stranger(
    grantee: str, owner: str | None, accounts: Accounts, expected: list[tuple[str, Confidence]]
) -> None:
    assert found("grant_to_stranger", grant(grantee, owner=owner), accounts) == expected


@pytest.mark.parametrize("grantee", [SERVICE, SCALING, VOLUMES])
def test_what_aws_services_hold_is_theirs(grantee: str) -> None:
    of = grant(grantee, SCALING_NEEDS)
    for check in ("grant_of_grants", "grant_too_broad", "grant_without_constraint", "invalid_grant"):
        assert found(check, of) == []


def test_grant_of_grants_points_to_the_operation() -> None:
    assert found("grant_of_grants", grant(operations="Decrypt CreateGrant")) == [("CreateGrant", SURE)]
    assert found("grant_of_grants", grant(operations="Decrypt RetireGrant")) == []


def test_a_grantee_that_is_not_known_may_be_a_service() -> None:
    assert found("grant_of_grants", unknown(grant(operations="Decrypt CreateGrant"))) == [("CreateGrant", MAYBE)]


BROAD = {
    "all that a symmetric key can do": (EVERYTHING, "SYMMETRIC_DEFAULT", [EVERYTHING]),
    "both directions": ("Encrypt Decrypt DescribeKey RetireGrant", "SYMMETRIC_DEFAULT", []),
    "both directions and grants": (
        "GenerateDataKey Decrypt CreateGrant",
        None,
        ["GenerateDataKey Decrypt CreateGrant"],
    ),
    "one direction and grants": ("Decrypt CreateGrant", None, []),
    "all that an HMAC key can do": (
        "GenerateMac VerifyMac DescribeKey CreateGrant RetireGrant",
        "HMAC_256",
        ["GenerateMac VerifyMac DescribeKey CreateGrant RetireGrant"],
    ),
    "the same of a key that nobody knows": ("GenerateMac VerifyMac DescribeKey CreateGrant RetireGrant", None, []),
}


@pytest.mark.parametrize(("operations", "spec", "expected"), BROAD.values(), ids=BROAD.keys())
def test_grant_too_broad(operations: str, spec: str | None, expected: list[str]) -> None:
    of = replace(grant(operations=operations), spec=setting(spec) if spec else None)
    assert [written(hit) for hit in hits("grant_too_broad", of)] == expected


def constrained(*constraints: tuple[str, int | None]) -> tuple[Constraint, ...]:
    at = Span(Source("grants.json", "constraint"), 0, 10)
    return tuple(Constraint(type, pairs, at) for type, pairs in constraints)


CONSTRAINTS = {
    "symmetric": ("Decrypt", "SYMMETRIC_DEFAULT", (), [SURE]),
    "symmetric by its operations": ("GenerateDataKey", None, (), [SURE]),
    "perhaps symmetric": ("Decrypt", None, (), [MAYBE]),
    "RSA": ("Decrypt", "RSA_4096", (), []),
    "no cryptographic operation": ("DescribeKey RetireGrant", "SYMMETRIC_DEFAULT", (), []),
    "signatures": ("Sign", None, (), []),
    "equals": ("Decrypt", "SYMMETRIC_DEFAULT", (("EncryptionContextEquals", 1),), []),
    "subset that is not known": ("Decrypt", "SYMMETRIC_DEFAULT", (("EncryptionContextSubset", None),), []),
    "empty": ("Decrypt", "SYMMETRIC_DEFAULT", (("EncryptionContextEquals", 0),), [SURE]),
    "source of a service": ("Decrypt", "SYMMETRIC_DEFAULT", (("SourceArn", None),), [SURE]),
}


@pytest.mark.parametrize(
    ("operations", "spec", "constraints", "expected"), CONSTRAINTS.values(), ids=CONSTRAINTS.keys()
)
def test_grant_without_constraint(
    operations: str, spec: str | None, constraints: tuple[tuple[str, int | None], ...], expected: list[Confidence]
) -> None:
    of = replace(
        grant(operations=operations), spec=setting(spec) if spec else None, constraints=constrained(*constraints)
    )
    assert [confidence for _, confidence in found("grant_without_constraint", of)] == expected


def test_constraints_that_are_not_known_may_be_there() -> None:
    of = replace(grant(operations="GenerateDataKey"), constraints_unknown=True)
    assert found("grant_without_constraint", of) == [("grants[0]", MAYBE)]


def test_the_key_of_a_grant_is_looked_up_in_the_input() -> None:
    at = Span(Source("main.tf", "key"), 0, 3)
    arn = Text("arn", at, "arn:<partition>:kms:<region>:<account>:key/<aws_kms_key.a.key_id>")
    key = Key("aws_kms_key.a", at, "terraform", arn=arn)
    of = replace(grant(operations="Decrypt Sign"), key=Text("<aws_kms_key.a.key_id>", at))
    accounts = OURS
    assert [hit.confidence for hit in hits("grant_without_constraint", of, accounts, key)] == [SURE]
    assert [written(hit) for hit in hits("invalid_grant", of, accounts, key)] == ["Sign"]
    signing = replace(key, settings={"spec": setting("ECC_NIST_P256"), "usage": setting("SIGN_VERIFY")})
    assert [written(hit) for hit in hits("invalid_grant", of, accounts, signing)] == ["Decrypt"]
    hidden = replace(key, settings={"spec": setting(None)})
    assert hits("invalid_grant", of, accounts, hidden) == []


INVALID = {
    "right": (ROLE, EVERYTHING, []),
    "no operations of grants": (ROLE, "Decrypt ListGrants RevokeGrant", ["ListGrants", "RevokeGrant"]),
    "letter case": (ROLE, "decrypt", ["decrypt"]),
    "as in policies": (ROLE, "kms:Decrypt", ["kms:Decrypt"]),
    "nothing but grants": (ROLE, "CreateGrant", ["CreateGrant"]),
    "everyone": ("*", "Decrypt", ["*"]),
    "a group": (f"arn:aws:iam::{OWN}:group/all", "Decrypt", [f"arn:aws:iam::{OWN}:group/all"]),
    "a pattern": (f"arn:aws:iam::{OWN}:role/*", "Decrypt", [f"arn:aws:iam::{OWN}:role/*"]),
    "a service that is listed": (SERVICE, "Decrypt", []),
}


@pytest.mark.parametrize(("grantee", "operations", "expected"), INVALID.values(), ids=INVALID.keys())
def test_invalid_grant(grantee: str, operations: str, expected: list[str]) -> None:
    assert [written(hit) for hit in hits("invalid_grant", grant(grantee, operations))] == expected


def test_a_service_is_no_grantee_in_terraform() -> None:
    assert found("invalid_grant", grant(SERVICE, address="aws_kms_grant.table")) == [(SERVICE, SURE)]


def test_an_operation_in_another_spelling_is_corrected_by_an_edit() -> None:
    ((edit,),) = (hit.edits for hit in hits("invalid_grant", grant(operations="kms:decrypt")))
    span = locate(edit.at)
    assert (span.source.text[span.start : span.end], edit.text) == ("kms:decrypt", "Decrypt")


def test_both_kinds_of_constraint_exclude_each_other() -> None:
    both = constrained(("EncryptionContextEquals", 1), ("EncryptionContextSubset", 1))
    (hit,) = hits("invalid_grant", replace(grant(), constraints=both))
    assert hit.label == "a grant takes EncryptionContextEquals or EncryptionContextSubset, not both"


def test_what_is_not_known_is_not_refused() -> None:
    of = unknown(grant(operations="Decrypt"))
    named = Text("<var.operation>", of.operations[0].at, ANYTHING)
    assert found("invalid_grant", replace(of, operations=(named,))) == []


def constraint(type: str = "EncryptionContextSubset", pairs: int | None = 1, **values: str) -> Constraint:
    at = Span(Source("grants.json", "constraint"), 0, 10)
    texts = tuple((Text(name, at), Text(value, at)) for name, value in values.items())
    return Constraint(type, pairs if pairs != 1 else len(texts), at, texts)


@pytest.mark.parametrize(
    ("first", "second", "repeated"),
    [
        pytest.param([constraint(a="b", c="d")], [constraint(c="d", a="b")], True, id="the same pairs"),
        pytest.param([constraint(a="b")], [constraint(a="B")], False, id="letter case of a value"),
        pytest.param([constraint(a="b")], [constraint("EncryptionContextEquals", a="b")], False, id="other types"),
        pytest.param([constraint(a="b")], [], False, id="one is free"),
        pytest.param([constraint(pairs=0)], [], True, id="a context without pairs"),
        pytest.param([constraint(pairs=None)], [constraint(pairs=None)], False, id="pairs that are not known"),
        pytest.param([constraint(a=ANYTHING)], [constraint(a=ANYTHING)], False, id="a value that is not known"),
        pytest.param([constraint(pairs=2, a="b")], [constraint(pairs=2, a="b")], False, id="a pair that is not known"),
    ],
)
def test_grants_repeat_one_another_with_all_their_constraints(
    first: list[Constraint], second: list[Constraint], repeated: bool
) -> None:
    key = Text(KEY, Span(Source("grants.json", KEY), 0, len(KEY)))
    grants = [
        replace(grant(address=f"grants[{index}]"), key=key, constraints=tuple(constraints))
        for index, constraints in enumerate((first, second))
    ]
    world = World((Document("grants.json", "cli", "grants", grants=tuple(grants)),), OURS)
    hits_of = [list(CHECKS["duplicate_grant"].run(each, world)) for each in grants]
    assert [bool(each) for each in hits_of] == [False, repeated]
