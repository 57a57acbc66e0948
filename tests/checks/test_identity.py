"""What identity policies give away: which findings a statement gets, how grave they are, and at which value."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import pytest

from kms_lint.engine import lint
from kms_lint.finding import Confidence, Finding
from kms_lint.library import built_in
from kms_lint.load.policy import policies
from kms_lint.model import Accounts, Document, PolicyKind, World
from kms_lint.rule import Rule
from kms_lint.source import Passage, Source, Span
from kms_lint.syntax.json import parse
from kms_lint.syntax.tree import Unknown

OWN = "111122223333"
KEY = f"arn:aws:kms:us-east-1:{OWN}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
ACCOUNT = f"arn:aws:kms:*:{OWN}:key/*"
EVERY = "arn:aws:kms:*:*:key/*"
ROLE = f"arn:aws:iam::{OWN}:role/app"
ROOT = f"arn:aws:iam::{OWN}:root"
HOLE = chr(0xF0000)
Said = dict[str, Any]

SECTION = frozenset(
    {
        *("wildcard-resource", "account-wide-resource", "full-kms-access", "administrator-access"),
        *("unneeded-create-key", "unrestricted-grants", "policy-takeover", "destructive-action", "not-action-allow"),
        *("missing-via-service", "whole-key-access", "public-principal", "cross-account-grants"),
    }
)


@cache
def rules() -> tuple[Rule, ...]:
    return built_in(SECTION)


def found(*statements: Said, kind: PolicyKind = PolicyKind.IDENTITY) -> tuple[Finding, ...]:
    """What the rules find on a policy; `HOLE` in it is a value that only exists at apply time."""
    text = json.dumps({"Version": "2012-10-17", "Statement": statements}, ensure_ascii=False)
    source = Source("policy.json", text)
    holes = [Unknown("var.x", Span(source, 0, 1))] if HOLE in text else []
    read = policies(parse(Passage(source, text), holes), kind, "policy", owner=OWN)
    document = Document("policy.json", "json", "policy", source, policies=read)
    return lint(World((document,), Accounts(frozenset({OWN}))), rules(), include_possible=True).findings


def sure(*statements: Said, kind: PolicyKind = PolicyKind.IDENTITY) -> list[tuple[str, str, str | None]]:
    """The certain findings: rule, severity, and the value they lie at."""
    return [
        (each.about.id, str(each.severity), each.value)
        for each in found(*statements, kind=kind)
        if each.confidence is Confidence.DEFINITE
    ]


def allow(action: object, resource: object = "*", **condition: object) -> Said:
    said: Said = {"Effect": "Allow", "Action": action, "Resource": resource}
    return {**said, "Condition": condition} if condition else said


def deny(action: object, resource: object = "*", **condition: object) -> Said:
    return {**allow(action, resource, **condition), "Effect": "Deny"}


REACHES = {
    "star": ("*", "wildcard-resource"),
    "all parts wild": ("arn:*:kms:*:*:*", "wildcard-resource"),
    "filled up after the service": ("arn:aws:kms", "wildcard-resource"),
    "filled up after a wildcard": ("arn:aws:kms:*", "wildcard-resource"),
    "filled up after the Region": ("arn:aws:kms:eu-west-1", "wildcard-resource"),
    "every account": (EVERY, "wildcard-resource"),
    "every account by question marks": ("arn:aws:kms:us-east-1:????????????:key/*", "wildcard-resource"),
    "every account and every id": ("arn:aws:kms:us-east-1:*:key/????????-????-????-????-????????????", "wildcard-resource"),
    "accounts by a pattern": ("arn:aws:kms:*:1111*:key/*", "wildcard-resource"),
    "all keys of an account": (ACCOUNT, "account-wide-resource"),
    "all keys of an account in one Region": (f"arn:aws:kms:us-east-1:{OWN}:key/*", "account-wide-resource"),
    "everything of an account": (f"arn:aws:kms:us-east-1:{OWN}:*", "account-wide-resource"),
    "all multi-Region keys": (f"arn:aws:kms:*:{OWN}:key/mrk-*", None),
    "one key": (KEY, None),
    "one key in each Region": (f"arn:aws:kms:*:{OWN}:key/mrk-1234abcd12ab34cd56ef1234567890ab", None),
    "an alias": (f"arn:aws:kms:us-east-1:{OWN}:alias/*", None),
    "an empty account": ("arn:aws:kms:us-east-1::key/*", None),
    "another service": ("arn:aws:s3:::*", None),
}  # fmt: skip


@pytest.mark.parametrize(("resource", "rule"), REACHES.values(), ids=REACHES)
def test_how_far_a_resource_reaches(resource: str, rule: str | None) -> None:
    severity = {"wildcard-resource": "high", "account-wide-resource": "medium"}.get(rule or "")
    expected = [(rule, severity, resource)] if rule else []
    assert sure(allow("kms:Decrypt", resource)) == expected
    assert sure(allow("kms:Decrypt", [KEY, resource])) == expected


GRAVITY = {
    "decryption": ("kms:Decrypt", "high", "medium"),
    "decryption in capitals": ("KMS:DECRYPT", "high", "medium"),
    "decryption by a question mark": ("kms:?ecrypt", "high", "medium"),
    "moving data under another key": ("kms:ReEncryptFrom", "high", "medium"),
    "shared secrets": ("kms:DeriveSharedSecret", "high", "medium"),
    "signing": ("kms:Sign", "high", "medium"),
    "administration": ("kms:UpdateAlias", "high", "medium"),
    "replicas with policies of their own": ("kms:ReplicateKey", "high", "medium"),
    "encryption": ("kms:Encrypt", "medium", None),
    "data keys": ("kms:GenerateDataKey*", "medium", None),
    "reading": ("kms:DescribeKey", "info", None),
    "verifying": ("kms:Verify", "info", None),
    "no key at all": ("kms:ListKeys", None, None),
    "numbers": ("kms:GenerateRandom", None, None),
    "key stores": ("kms:ConnectCustomKeyStore", None, None),
    "retiring, which policies do not decide": ("kms:RetireGrant", None, None),
    "another service": ("s3:GetObject", None, None),
}


@pytest.mark.parametrize(("action", "everywhere", "in_account"), GRAVITY.values(), ids=GRAVITY)
def test_gravity_goes_by_the_gravest_operation(action: str, everywhere: str | None, in_account: str | None) -> None:
    assert sure(allow(action, EVERY)) == ([("wildcard-resource", everywhere, EVERY)] if everywhere else [])
    on_account = [each for each in sure(allow(action, ACCOUNT)) if each[0] != "missing-via-service"]
    assert on_account == ([("account-wide-resource", in_account, ACCOUNT)] if in_account else [])


TAGS = {"aws:ResourceTag/team": "payments"}
ALIASES = {"ForAnyValue:StringEquals": {"kms:ResourceAliases": "alias/payments"}}
VIA = {"kms:ViaService": "s3.us-east-1.amazonaws.com"}
LIMITS: dict[str, tuple[Said, str, str | None]] = {
    "nothing": ({}, "high", "medium"),
    "service": ({"StringEquals": VIA}, "medium", "low"),
    "encryption context": ({"StringEquals": {"kms:EncryptionContext:app": "a"}}, "medium", "low"),
    "own account's keys": ({"StringEquals": {"aws:ResourceAccount": OWN}}, "medium", "medium"),
    "the caller's account's keys": (
        {"StringEquals": {"aws:ResourceAccount": "${aws:PrincipalAccount}"}}, "medium", "medium",
    ),
    "keys by alias": (ALIASES, "medium", None),
    "keys by any alias": ({"ForAnyValue:StringLike": {"kms:ResourceAliases": "alias/*"}}, "high", "medium"),
    "keys by alias, or without any": (
        {"ForAllValues:StringEquals": {"kms:ResourceAliases": "alias/payments"}}, "high", "medium",
    ),
    "keys by tag": ({"StringEquals": TAGS}, "medium", None),
    "keys by tag, if they have it": ({"StringEqualsIfExists": TAGS}, "high", "medium"),
    "keys without a tag": ({"StringNotEquals": TAGS}, "high", "medium"),
    "account and tag": ({"StringEquals": {"aws:ResourceAccount": OWN, **TAGS}}, "low", None),
    "everything, never below low": (
        {"StringEquals": {"aws:ResourceAccount": OWN, **TAGS, **VIA, "kms:EncryptionContext:app": "a"}}, "low", None,
    ),
    "multi-factor authentication": ({"Bool": {"aws:MultiFactorAuthPresent": "true"}}, "high", "medium"),
    "any service": ({"StringLike": {"kms:ViaService": "*"}}, "high", "medium"),
}  # fmt: skip


@pytest.mark.parametrize(("condition", "everywhere", "in_account"), LIMITS.values(), ids=LIMITS)
def test_conditions_on_keys_services_and_contexts_lower_it(
    condition: Said, everywhere: str, in_account: str | None
) -> None:
    assert sure(allow("kms:Decrypt", EVERY, **condition)) == [("wildcard-resource", everywhere, EVERY)]
    expected = [("account-wide-resource", in_account, ACCOUNT)] if in_account else []
    assert sure(allow("kms:Decrypt", ACCOUNT, **condition)) == expected


NOT_WITHOUT_MFA = {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}
TAKEN_BACK: dict[str, tuple[list[Said], list[tuple[str, str, str]]]] = {
    "by the same name": ([allow("kms:Decrypt"), deny("kms:Decrypt")], []),
    "by a pattern": ([allow("kms:Decrypt"), deny("KMS:D*")], []),
    "by NotAction": ([allow("kms:Decrypt"), {"Effect": "Deny", "NotAction": "kms:Encrypt", "Resource": "*"}], []),
    "what is grave, not what encrypts": (
        [allow(["kms:Decrypt", "kms:Encrypt"]), deny("kms:Decrypt")], [("wildcard-resource", "medium", "*")],
    ),
    "for one other key only": ([allow("kms:Decrypt"), deny("kms:Decrypt", KEY)], [("wildcard-resource", "high", "*")]),
    "for all keys but one": (
        [allow("kms:Decrypt"), {"Effect": "Deny", "Action": "kms:*", "NotResource": KEY}], [],
    ),
    "for all keys but one, under a condition": (
        [allow("kms:Decrypt"), {"Effect": "Deny", "Action": "kms:*", "NotResource": KEY, "Condition": NOT_WITHOUT_MFA}],
        [("wildcard-resource", "high", "*")],
    ),
    "for all keys but those of the account": (
        [allow("kms:Decrypt"), {"Effect": "Deny", "Action": "kms:*", "NotResource": ACCOUNT}],
        [("wildcard-resource", "high", "*")],
    ),
    "under a condition": (
        [allow("kms:Decrypt"), deny("kms:*", **NOT_WITHOUT_MFA)], [("wildcard-resource", "high", "*")],
    ),
    "for keys of other accounts": (
        [allow("kms:Decrypt"), deny("kms:*", StringNotEquals={"aws:ResourceAccount": OWN})],
        [("wildcard-resource", "medium", "*")],
    ),
    "all of KMS from an administrator": ([allow("*"), deny("kms:*")], []),
    "decryption from all of KMS": (
        [allow("kms:*"), deny(["kms:Decrypt", "kms:PutKeyPolicy", "kms:Create*", "kms:*Delet*"])],
        [("wildcard-resource", "high", "*"), ("destructive-action", "medium", "kms:*")],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("statements", "expected"), TAKEN_BACK.values(), ids=TAKEN_BACK)
def test_denies_take_back(statements: list[Said], expected: list[tuple[str, str, str]]) -> None:
    assert sorted(sure(*statements)) == sorted(expected)


CONSOLE = ["kms:Create*", "kms:Describe*", "kms:Enable*", "kms:Put*", "kms:Update*", "kms:Disable*", "kms:Delete*"]
FEWEST: dict[str, tuple[Said, list[tuple[str, str, str]]]] = {
    "everything": (allow("*"), [("administrator-access", "info", "*")]),
    "everything, written out": (allow("*:*"), [("administrator-access", "info", "*:*")]),
    "all of KMS": (allow("kms:*"), [("full-kms-access", "high", "kms:*")]),
    "all of KMS on all keys": (allow("kms:*", EVERY), [("full-kms-access", "high", "kms:*")]),
    "all of KMS on an account": (allow("kms:*", ACCOUNT), [("policy-takeover", "high", "kms:*")]),
    "everything on an account's keys": (allow("*", ACCOUNT), [("policy-takeover", "high", "*")]),
    "all of KMS on one key": (allow("kms:*", KEY), [("unrestricted-grants", "high", "kms:*")]),
    "administrators as the console writes them": (
        allow(CONSOLE), [("policy-takeover", "high", "kms:Put*"), ("unneeded-create-key", "high", "kms:Create*")],
    ),
    "policies and decryption": (
        allow(["kms:Decrypt", "kms:PutKeyPolicy"]), [("policy-takeover", "high", "kms:PutKeyPolicy")],
    ),
    "keys, aliases and grants": (
        allow("kms:Create*"),
        [
            ("wildcard-resource", "high", "*"),
            ("unneeded-create-key", "medium", "kms:Create*"),
            ("unrestricted-grants", "high", "kms:Create*"),
        ],
    ),
    "grants of AWS services": (allow("kms:CreateGrant", Bool={"kms:GrantIsForAWSResource": "true"}), []),
    "grants of AWS services, and their list": (
        allow(["kms:CreateGrant", "kms:ListGrants"], Bool={"kms:GrantIsForAWSResource": True}),
        [("wildcard-resource", "info", "*")],
    ),
    "everything but some": (
        {"Effect": "Allow", "NotAction": ["iam:*"], "Resource": "*"}, [("not-action-allow", "high", "NotAction")],
    ),
    "all keys but one": (
        {"Effect": "Allow", "Action": "kms:Decrypt", "NotResource": KEY}, [("wildcard-resource", "high", "NotResource")],
    ),
    "a request that never carries what the condition asks for": (
        allow("kms:PutKeyPolicy", StringEquals={"kms:EncryptionContext:app": "a"}), [],
    ),
    "a condition that only calls of services meet": (
        allow("kms:Decrypt", ArnLike={"aws:SourceArn": "arn:aws:s3:::b"}), [],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("statement", "expected"), FEWEST.values(), ids=FEWEST)
def test_a_statement_gets_the_fewest_findings_that_tell_the_truth(
    statement: Said, expected: list[tuple[str, str, str]]
) -> None:
    assert sorted(sure(statement)) == sorted(expected)


MESSAGES = {
    "all of it": (
        allow("kms:Decrypt"),
        "decrypts with every key of every account that trusts this identity, directly and through any service",
    ),
    "filled up": (
        allow("kms:Encrypt", "arn:aws:kms:eu-west-1", StringEquals=VIA),
        "AWS fills it up to `arn:aws:kms:eu-west-1:*:*`: encrypts with every key in eu-west-1 of every account that "
        "trusts this identity",
    ),
    "an account": (
        allow(["kms:Sign", "kms:Decrypt", "kms:TagResource"], f"arn:aws:kms:us-east-1:{OWN}:key/*"),
        f"decrypts with, signs with and administers every key of account {OWN} in us-east-1, directly and through any "
        "service",
    ),
    "what is deleted": (
        allow("kms:Delete*", ACCOUNT),
        f"kms:DeleteImportedKeyMaterial on every key of account {OWN}; kms:DisableKey can be undone",
    ),
    "what is left": (
        {"Effect": "Allow", "NotAction": "kms:Decrypt", "Resource": KEY},
        "leaves kms:PutKeyPolicy, kms:ReEncryptFrom, kms:CreateGrant and 52 more operations",
    ),
    "why the condition is none": (
        allow("kms:CreateGrant", KEY, BoolIfExists={"kms:GrantIsForAWSResource": "true"}),
        "grants any operation to anybody: the condition passes when kms:GrantIsForAWSResource is absent, because of "
        "IfExists",
    ),
}


@pytest.mark.parametrize(("statement", "message"), MESSAGES.values(), ids=MESSAGES)
def test_messages_say_what_it_means(statement: Said, message: str) -> None:
    assert message in [each.message for each in found(statement)]


UNKNOWN = {
    "resource": allow("kms:Decrypt", HOLE),
    "end of the resource": allow("kms:Decrypt", f"arn:aws:kms:us-east-1:{OWN}:{HOLE}"),
    "action": allow(HOLE, EVERY),
    "effect": {"Effect": HOLE, "Action": "kms:*", "Resource": "*"},
    "statement": HOLE,
    "NotAction": {"Effect": "Allow", "NotAction": HOLE, "Resource": "*"},
    "NotResource": {"Effect": "Allow", "Action": "kms:Decrypt", "NotResource": HOLE},
    "condition key": allow("kms:*", ACCOUNT, StringEquals={HOLE: "a"}),
    "condition key on everything": allow("kms:CreateKey", "*", StringEquals={HOLE: "a"}),
    "condition operator": allow("kms:PutKeyPolicy", ACCOUNT, **{HOLE: TAGS}),
    "condition value": allow("kms:PutKeyPolicy", ACCOUNT, StringEquals={"aws:ResourceTag/team": HOLE}),
    "value of a grant condition": allow("kms:CreateGrant", KEY, Bool={"kms:GrantIsForAWSResource": HOLE}),
}


@pytest.mark.parametrize("statement", UNKNOWN.values(), ids=UNKNOWN)
def test_what_is_unknown_never_accuses_for_certain(statement: Any) -> None:
    assert sure(statement) == []


def test_a_statement_of_which_nothing_is_known_hides_no_other() -> None:
    assert sure(allow("kms:Decrypt"), HOLE) == sure(allow("kms:Decrypt")) != []  # type: ignore[arg-type]


def test_an_unknown_deny_may_take_everything_back() -> None:
    possible = [(each.about.id, each.confidence) for each in found(allow("kms:Decrypt"), deny(HOLE))]
    assert possible == [("wildcard-resource", Confidence.POSSIBLE)]


def in_key_policy(principal: object, action: object, **condition: object) -> Said:
    return {**allow(action, "*", **condition), "Principal": principal}


GRANTS: dict[str, tuple[Said, list[str]]] = {
    "the account itself": (in_key_policy({"AWS": ROOT}, "kms:*"), []),
    "the account by number": (in_key_policy({"AWS": OWN}, "kms:Create*"), []),
    "an administrator": (in_key_policy({"AWS": ROLE}, ["kms:Create*", "kms:Put*"]), []),
    "a user of the key": (in_key_policy({"AWS": ROLE}, "kms:CreateGrant"), ["unrestricted-grants"]),
    "a user of the key, by a service": (in_key_policy({"AWS": ROLE}, "kms:CreateGrant", StringEquals=VIA), []),
    "a service": (in_key_policy({"Service": "dynamodb.amazonaws.com"}, "kms:CreateGrant"), []),
    "callers of the account through a service": (
        in_key_policy({"AWS": "*"}, "kms:CreateGrant", StringEquals={"kms:CallerAccount": OWN, **VIA}), [],
    ),
    "callers of the account": (
        in_key_policy({"AWS": "*"}, "kms:CreateGrant", StringEquals={"kms:CallerAccount": OWN}), ["unrestricted-grants"],
    ),
    "another account, whose own rule says more": (
        in_key_policy({"AWS": "444455556666"}, "kms:CreateGrant"), ["cross-account-grants"],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("statement", "expected"), GRANTS.values(), ids=GRANTS)
def test_who_may_create_grants_by_a_key_policy(statement: Said, expected: list[str]) -> None:
    rules_found = [rule for rule, _, _ in sure(statement, kind=PolicyKind.KEY)]
    assert [rule for rule in rules_found if rule.endswith("grants")] == expected


def test_findings_name_their_statement_and_the_value() -> None:
    statements = [{"Sid": "Read", **allow("kms:ListKeys")}, {"Sid": "Use", **allow("kms:Decrypt", [KEY, "*"])}]
    assert [(each.statement, each.value) for each in found(*statements)] == [("Use", "*")]
