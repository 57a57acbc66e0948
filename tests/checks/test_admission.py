"""Whom a key policy lets in: which findings a statement gets, and in which words."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import pytest

from kms_lint.engine import lint
from kms_lint.library import built_in
from kms_lint.load.policy import policies
from kms_lint.model import Accounts, Document, PolicyKind, World
from kms_lint.rule import Rule
from kms_lint.source import Passage, Source
from kms_lint.syntax.json import parse

OWN = "111122223333"
OTHER = "444455556666"
ROOT = {"AWS": f"arn:aws:iam::{OWN}:root"}
APP = {"AWS": f"arn:aws:iam::{OWN}:role/app"}
PARTNER = {"AWS": f"arn:aws:iam::{OTHER}:role/partner"}
EVERYONE = {"AWS": "*"}
ORGANIZATION = {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}
Said = dict[str, Any]


@cache
def rules() -> tuple[Rule, ...]:
    return built_in(
        {
            *("public-principal", "not-principal-allow", "condition-fails-open", "cross-account-use"),
            *("cross-account-grants", "whole-key-access", "missing-via-service", "confused-deputy"),
            *("deleted-principal", "invalid-principal"),
        }
    )


def allow(principal: object, action: object = "kms:Decrypt", **condition: Said) -> Said:
    said: Said = {"Effect": "Allow", "Principal": principal, "Action": action, "Resource": "*"}
    return {**said, "Condition": condition} if condition else said


def deny(principal: object, action: object = "kms:*", **condition: Said) -> Said:
    return {**allow(principal, action, **condition), "Effect": "Deny"}


def found(*statements: Said, owner: str | None = OWN, trusted: str = "") -> list[tuple[str, str, str]]:
    """Rule, severity or `possible`, and message."""
    text = json.dumps({"Version": "2012-10-17", "Statement": statements})
    source = Source("key.json", text)
    read = policies(parse(Passage(source, text)), PolicyKind.KEY, "key", owner=owner)
    document = Document("key.json", "json", "policy", source, policies=read)
    accounts = Accounts(frozenset({owner} if owner else ()), frozenset({trusted} if trusted else ()))
    findings = lint(World((document,), accounts), rules(), include_possible=True).findings
    return [
        (each.about.id, str(each.severity) if each.confidence.value == "definite" else "possible", each.message)
        for each in findings
    ]


OPEN: dict[str, tuple[Said, str]] = {
    "an operator that passes by absence": (
        {"StringEqualsIfExists": ORGANIZATION},
        "anyone: the condition passes when aws:PrincipalOrgID is absent, because of IfExists",
    ),
    "a quantifier that passes by absence": (
        {"ForAllValues:StringEquals": ORGANIZATION},
        "anyone: the condition passes when aws:PrincipalOrgID is absent, because of ForAllValues",
    ),
    "a negated operator": (
        {"StringNotEquals": {"aws:PrincipalAccount": OTHER}},
        "anyone: the condition passes for every other aws:PrincipalAccount, because of StringNotEquals",
    ),
    "the service it comes through": (
        {"StringEquals": {"kms:ViaService": ["s3.us-east-1.amazonaws.com", "sqs.us-east-1.amazonaws.com"]}},
        "anyone, through s3.us-east-1.amazonaws.com or sqs.us-east-1.amazonaws.com",
    ),
    "an encryption context": (
        {"StringEquals": {"kms:EncryptionContext:tenant": "a"}},
        "anyone in any AWS account",
    ),
    "an account that is a wildcard": (
        {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/admin"}},
        "anyone: the condition lets arn:aws:iam::*:role/admin pass, and anybody can make one in an account of theirs",
    ),
}


@pytest.mark.parametrize("case", OPEN)
@pytest.mark.parametrize("principal", ["*", EVERYONE, {"AWS": [APP["AWS"], "*"]}, {"Service": "*"}], ids=str)
def test_everyone_stays_public_under_conditions_that_do_not_pin_the_caller(case: str, principal: object) -> None:
    condition, words = OPEN[case]
    assert ("public-principal", "critical", words) in found(allow(principal, **condition))


CLOSED: dict[str, Said] = {
    "an organization": {"StringEquals": ORGANIZATION},
    "an organization by paths": {"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-a1b2c3d4e5/r-ab12/*"}},
    "an account": {"StringEquals": {"kms:CallerAccount": OWN}},
    "a role": {"ArnEquals": {"aws:PrincipalArn": f"arn:aws:iam::{OWN}:role/app"}},
    "a key in other letters": {"StringEquals": {"AWS:PRINCIPALORGID": "o-a1b2c3d4e5"}},
    "a quantifier with a test that the key is there": {
        "ForAllValues:StringEquals": ORGANIZATION,
        "Null": {"aws:PrincipalOrgID": "false"},
    },
    "an endpoint": {"StringEquals": {"aws:SourceVpce": "vpce-0a1b2c3d4e5f6a7b8"}},
}


@pytest.mark.parametrize("case", CLOSED)
def test_everyone_is_not_public_when_the_caller_is_pinned(case: str) -> None:
    assert "public-principal" not in {rule for rule, _, _ in found(allow(EVERYONE, **CLOSED[case]))}


def test_a_deny_closes_a_statement_for_everyone_when_it_covers_all_of_it() -> None:
    outside = {"StringNotEquals": ORGANIZATION}
    assert found(allow(EVERYONE), deny("*", **outside)) == []
    assert [rule for rule, _, _ in found(allow(EVERYONE), deny("*", "kms:Encrypt", **outside))] == ["public-principal"]
    assert [rule for rule, _, _ in found(allow(EVERYONE), deny(PARTNER))] == ["public-principal"]


def test_a_statement_without_resource_lets_nobody_in() -> None:
    statement = allow(EVERYONE)
    del statement["Resource"]
    assert found(statement) == []


def test_one_accusation_for_everything_given_to_everyone_or_to_a_stranger() -> None:
    assert [rule for rule, _, _ in found(allow("*", "kms:*"))] == ["public-principal"]
    assert found(allow(PARTNER, "kms:*")) == [
        (
            "whole-key-access",
            "high",
            "role/partner may do everything with the key; the account is not among those in the configuration of kms-lint",
        )
    ]
    assert [rule for rule, _, _ in found(allow(PARTNER, ["kms:Decrypt", "kms:CreateGrant"]))] == [
        "cross-account-grants"
    ]


def test_an_account_that_is_trusted_may_use_the_key() -> None:
    assert found(allow(PARTNER), trusted=OTHER) == []


def test_a_bare_key_policy_belongs_to_the_account_that_may_change_it() -> None:
    statements = (allow(ROOT, "kms:*"), allow(APP), allow(PARTNER))
    assert found(*statements, owner=None) == [
        (
            "cross-account-use",
            "possible",
            f"role/partner of account {OTHER} may use the key: kms:Decrypt; the account may be the key's own: "
            "nothing tells which that is",
        )
    ]


DEPUTIES: dict[str, tuple[Said, list[str]]] = {
    "nothing": ({}, ["medium"]),
    "the account": ({"StringEquals": {"aws:SourceAccount": OWN}}, []),
    "the resource": ({"ArnLike": {"aws:SourceArn": f"arn:aws:cloudtrail:*:{OWN}:trail/*"}}, []),
    "a resource of any account": ({"ArnLike": {"aws:SourceArn": "arn:aws:cloudtrail:*:*:trail/*"}}, ["medium"]),
    "the service's own encryption context": (
        {"StringLike": {"kms:EncryptionContext:aws:cloudtrail:arn": f"arn:aws:cloudtrail:*:{OWN}:trail/*"}},
        [],
    ),
    "only the name of the service": (
        {"StringEquals": {"aws:PrincipalServiceName": "cloudtrail.amazonaws.com"}},
        ["medium"],
    ),
}


@pytest.mark.parametrize("case", DEPUTIES)
def test_a_service_has_to_be_tied_to_whom_it_works_for(case: str) -> None:
    condition, severities = DEPUTIES[case]
    statement = allow({"Service": "cloudtrail.amazonaws.com"}, "kms:GenerateDataKey*", **condition)
    assert [severity for rule, severity, _ in found(statement) if rule == "confused-deputy"] == severities


def test_a_service_that_we_do_not_know_is_only_possibly_a_confused_deputy() -> None:
    (only,) = found(allow({"Service": "brand-new.amazonaws.com"}))
    assert only[:2] == ("confused-deputy", "possible")
