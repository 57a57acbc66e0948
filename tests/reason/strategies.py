"""Policies, pairs of policies and requests to ask about them, with all that is hard about conditions and principals."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from hypothesis import strategies as st

from kms_lint.iam import actions, keys
from kms_lint.model import PolicyKind
from kms_lint.reason.request import Caller, CallerKind, Request, Surroundings
from kms_lint.reason.space import carries

ACCOUNT, OTHER = "111122223333", "444455556666"
ROLE, DEEP = f"arn:aws:iam::{ACCOUNT}:role/app", f"arn:aws:iam::{ACCOUNT}:role/team/deploy"
USER, FOREIGN = f"arn:aws:iam::{ACCOUNT}:user/ann", f"arn:aws:iam::{OTHER}:role/partner"
KEY = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"

Document = dict[str, Any]

PRINCIPALS: tuple[Any, ...] = (
    "*",
    {"AWS": "*"},
    {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
    {"AWS": ACCOUNT},
    {"AWS": OTHER},
    {"AWS": ROLE},
    {"AWS": [ROLE, f"arn:aws:sts::{ACCOUNT}:assumed-role/app/i-1"]},
    {"AWS": f"arn:aws:sts::{ACCOUNT}:assumed-role/app/i-1"},
    {"AWS": f"arn:aws:sts::{ACCOUNT}:assumed-role/deploy/ci"},
    {"AWS": [DEEP, USER]},
    {"AWS": [USER, FOREIGN]},
    {"AWS": [f"arn:aws:iam::{ACCOUNT}:root", ROLE]},
    {"AWS": f"arn:aws:sts::{ACCOUNT}:federated-user/bob"},
    {"AWS": "AROAEXAMPLEEXAMPLE1"},
    {"Service": "logs.us-east-1.amazonaws.com"},
    {"Service": ["sns.amazonaws.com", "s3.amazonaws.com"], "AWS": ROLE},
    {"AWS": FOREIGN, "Service": "sns.amazonaws.com"},
)
ACTIONS: tuple[Any, ...] = (
    *("kms:*", "*", "kms:Decrypt", "KMS:decrypt", "kms:De*", "kms:*Key*", "kms:?ign", "kms:List*", "kms:ReEncrypt*"),
    *("kms:*Grant*", "kms:Describe*", "kms:CreateKey", "kms:PutKeyPolicy"),
    ["kms:CreateGrant", "kms:TagResource"],
    ["kms:Encrypt", "kms:GenerateDataKey*", "kms:Decrypt"],
)
RESOURCES: tuple[Any, ...] = (
    *("*", "*", "*", KEY, f"arn:aws:kms:*:{ACCOUNT}:key/*", "arn:aws:kms:us-*:*:key/*", "arn:*:kms:*:*:*"),
    [KEY, f"arn:aws:kms:eu-west-1:{OTHER}:key/a?c"],
)
_TEXTS = ("a", "ab", "A", "a*b", "*ab*", "?b", "b*", "abb")
_VALUES: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    # what is compared: operators, and what is written
    "text": (
        (
            "StringEquals",
            "StringNotEquals",
            "StringLike",
            "StringNotLike",
            "StringEqualsIgnoreCase",
            "StringNotEqualsIgnoreCase",
        ),
        _TEXTS,
    ),
    "via": (
        ("StringEquals", "StringNotEquals", "StringLike", "StringNotLike"),
        ("s3.us-east-1.amazonaws.com", "s3.*.amazonaws.com", "*.us-east-1.*", "rds.us-east-1.amazonaws.com", "s?.*"),
    ),
    "number": (
        (
            "NumericEquals",
            "NumericNotEquals",
            "NumericLessThan",
            "NumericLessThanEquals",
            "NumericGreaterThan",
            "NumericGreaterThanEquals",
        ),
        ("300", "60.5", "3600", "0", "300.0"),
    ),
    "date": (
        (
            "DateEquals",
            "DateNotEquals",
            "DateLessThan",
            "DateLessThanEquals",
            "DateGreaterThan",
            "DateGreaterThanEquals",
        ),
        ("2026-01-01T00:00:00Z", "1767225600", "2026-02-01T00:00:00+02:00", "2026-01-01T00:00:01Z"),
    ),
    "address": (
        ("IpAddress", "NotIpAddress"),
        ("10.0.0.0/8", "10.1.0.0/16", "192.0.2.7", "2001:db8::/32", "2001:db8:1::/48", "0.0.0.0/0", "::/0"),
    ),
    "bool": (("Bool",), ("true", "false")),
    "arn": (
        ("ArnEquals", "ArnNotEquals", "ArnLike", "ArnNotLike", "StringEquals", "StringLike", "StringNotLike"),
        (f"arn:aws:logs:*:{ACCOUNT}:*", f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:x", "arn:aws:s3:::a*b"),
    ),
    "caller": (
        ("ArnEquals", "ArnNotEquals", "ArnLike", "ArnNotLike", "StringEquals", "StringLike", "StringNotEquals"),
        (ROLE, DEEP, f"arn:aws:iam::{ACCOUNT}:role/*", "arn:aws:iam::*:user/*", f"arn:aws:iam::{OTHER}:*"),
    ),
    "account": (("StringEquals", "StringNotEquals", "StringLike"), (ACCOUNT, OTHER, "4444*", "777788889999")),
}
KEYS: Mapping[str, str] = {
    "kms:EncryptionContext:App": "text",
    "KMS:encryptioncontext:app": "text",
    "aws:PrincipalTag/team": "text",
    "aws:TagKeys": "text",
    "kms:EncryptionContextKeys": "text",
    "example:Thing": "text",
    "aws:SourceVpc": "text",
    "kms:ViaService": "via",
    "aws:MultiFactorAuthAge": "number",
    "aws:TokenIssueTime": "date",
    "aws:CurrentTime": "date",
    "aws:SourceIp": "address",
    "aws:SecureTransport": "bool",
    "aws:SourceArn": "arn",
    "kms:GrantIsForAWSResource": "bool",
    "aws:PrincipalIsAWSService": "bool",
    "aws:PrincipalArn": "caller",
    "aws:PrincipalAccount": "account",
    "kms:CallerAccount": "account",
    "aws:SourceAccount": "account",
}
ABOUT_CALLERS = ("aws:principalisawsservice", "aws:principalarn", "aws:principalaccount", "kms:calleraccount")
_HELD: Mapping[str, tuple[str, ...]] = {
    "text": ("a", "ab", "A", "a*b", "axb", "b", "abb", "xaby", "zz"),
    "via": ("s3.us-east-1.amazonaws.com", "s3.eu-west-1.amazonaws.com", "rds.us-east-1.amazonaws.com", "sq.x"),
    "number": ("300", "60.5", "60", "3600", "3601", "0", "-1"),
    "date": ("2026-01-01T00:00:00Z", "1767225599", "2026-01-01T00:00:01Z", "2026-01-31T22:00:00Z", "1900000000"),
    "address": ("10.0.0.1", "10.1.2.3", "192.0.2.7", "192.0.2.8", "2001:db8::1", "2001:db8:1::1", "2001:dead::"),
    "bool": ("true", "false"),
    "arn": (f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:x", f"arn:aws:logs:eu-west-1:{ACCOUNT}:y", "arn:aws:s3:::axb"),
    "account": (ACCOUNT, OTHER, "777788889999", "123456789012"),
}
KINDS = (PolicyKind.KEY, PolicyKind.IDENTITY, PolicyKind.RESOURCE, PolicyKind.RCP, PolicyKind.SCP)
_WITHOUT_PRINCIPAL = (PolicyKind.IDENTITY, PolicyKind.SCP)


@st.composite
def entries(draw: st.DrawFn) -> tuple[str, str, list[str]]:
    """An entry of a condition: operator, key, values."""
    key = draw(st.sampled_from(list(KEYS)))
    if draw(st.integers(0, 7)) == 0:
        return "Null", key, [draw(st.sampled_from(["true", "false"]))]
    operators, written = _VALUES[KEYS[key]]
    found = keys.find(key)
    several = found is not None and found.many
    before = ["ForAnyValue:", "ForAllValues:", ""] if several else ["", "", "", "ForAnyValue:", "ForAllValues:"]
    quantifier = draw(st.sampled_from(before))
    optional = draw(st.sampled_from(["", "", "IfExists"]))
    values = draw(st.lists(st.sampled_from(written), min_size=1, max_size=2, unique=True))
    return f"{quantifier}{draw(st.sampled_from(operators))}{optional}", key, values


@st.composite
def statements(draw: st.DrawFn, kind: PolicyKind = PolicyKind.KEY) -> Document:
    effect = "Deny" if kind is PolicyKind.RCP else draw(st.sampled_from(["Allow", "Allow", "Deny"]))
    found: Document = {"Effect": effect}
    if kind not in _WITHOUT_PRINCIPAL:
        named = "*" if kind is PolicyKind.RCP else draw(st.sampled_from(PRINCIPALS))
        negated = effect == "Deny" and isinstance(named, dict) and draw(st.integers(0, 4)) == 0
        found["NotPrincipal" if negated else "Principal"] = named
    found["NotAction" if draw(st.integers(0, 6)) == 0 else "Action"] = draw(st.sampled_from(ACTIONS))
    resource = draw(st.sampled_from(RESOURCES))
    negated = resource != "*" and draw(st.integers(0, 3)) == 0
    found["NotResource" if negated else "Resource"] = resource
    condition: dict[str, dict[str, list[str]]] = {}
    for operator, key, values in draw(st.lists(entries(), max_size=2)):
        condition.setdefault(operator, {})[key] = values
    if condition:
        found["Condition"] = condition
    return found


@st.composite
def policies(draw: st.DrawFn, kind: PolicyKind = PolicyKind.KEY, most: int = 3) -> Document:
    return {"Version": "2012-10-17", "Statement": draw(st.lists(statements(kind), min_size=1, max_size=most))}


@st.composite
def pairs(draw: st.DrawFn, kind: PolicyKind = PolicyKind.KEY) -> tuple[Document, Document]:
    """Two policies: in seven of ten cases the second is the first with something changed."""
    old = draw(policies(kind))
    if draw(st.integers(0, 9)) < 3:
        return old, draw(policies(kind))
    listed = list(old["Statement"])
    at = draw(st.integers(0, len(listed) - 1))
    change = draw(st.sampled_from(["element", "condition", "statement", "more", "fewer", "effect"]))
    other = draw(statements(kind))
    if change == "statement":
        listed[at] = other
    elif change == "more":
        listed.insert(at, other)
    elif change == "fewer" and len(listed) > 1:
        del listed[at]
    elif change == "effect" and kind is not PolicyKind.RCP and "NotPrincipal" not in listed[at]:
        listed[at] = {**listed[at], "Effect": "Deny" if listed[at]["Effect"] == "Allow" else "Allow"}
    elif change == "element":
        names = draw(st.sampled_from([("Action", "NotAction"), ("Resource", "NotResource")]))
        kept = {name: value for name, value in listed[at].items() if name not in names}
        listed[at] = {**kept, **{name: other[name] for name in names if name in other}}
    else:
        kept = {name: value for name, value in listed[at].items() if name != "Condition"}
        listed[at] = {**kept, **({"Condition": other["Condition"]} if "Condition" in other else {})}
    return old, {**old, "Statement": listed}


_CALLERS = (
    Caller(CallerKind.ROLE, "role/app", ACCOUNT, session="i-1"),
    Caller(CallerKind.ROLE, "role/app", ACCOUNT, session="other"),
    Caller(CallerKind.ROLE, "role/team/deploy", ACCOUNT, session="ci"),
    Caller(CallerKind.ROLE, "role/third", ACCOUNT, session="i-1"),
    Caller(CallerKind.USER, "user/ann", ACCOUNT),
    Caller(CallerKind.USER, "user/zoe", ACCOUNT),
    Caller(CallerKind.ROOT, "root", ACCOUNT),
    Caller(CallerKind.FEDERATED_USER, "federated-user/bob", ACCOUNT),
    Caller(CallerKind.ROLE, "role/partner", OTHER, session="x"),
    Caller(CallerKind.USER, "user/max", OTHER),
    Caller(CallerKind.ROOT, "root", OTHER),
    Caller(CallerKind.ROLE, "role/app", "777788889999", session="i-1"),
    Caller(CallerKind.SERVICE, "logs.us-east-1.amazonaws.com"),
    Caller(CallerKind.SERVICE, "sns.amazonaws.com"),
    Caller(CallerKind.SERVICE, "unheard.amazonaws.com"),
    Caller(CallerKind.UNIQUE_ID, "AROAEXAMPLEEXAMPLE1"),
)
_ASKED = tuple(
    f"kms:{name}"
    for name in [
        "Decrypt",
        "Encrypt",
        "CreateGrant",
        "TagResource",
        "PutKeyPolicy",
        "DescribeKey",
        "Sign",
        "ListKeys",
        "CreateKey",
        "ReEncryptTo",
        "GenerateDataKey",
        "RetireGrant",
        "ListResourceTags",
        "ScheduleKeyDeletion",
    ]
)
assert set(_ASKED) <= actions.ALL


def requests(
    kind: PolicyKind, facts: bool, documents: Sequence[Document], chance: random.Random
) -> Iterator[tuple[Request, Surroundings]]:
    """Requests that have nothing to do with how the engine sees the policies, as AWS could get them."""
    used = {name.lower(): KEYS[name] for name in _named(documents)}
    several = {key for key in used if _several(key, documents)}
    while True:
        caller, action = chance.choice(_CALLERS), chance.choice(_ASKED)
        context: dict[str, tuple[str, ...]] = {}
        for key, type_ in used.items():
            if key in ABOUT_CALLERS or (facts and not carries(key, action)):
                continue
            count = chance.choice([0, 1, 1, 2]) if key in several else chance.choice([0, 1, 1])
            if count:
                context[key] = tuple(chance.sample(_HELD[type_], count))
        if kind is PolicyKind.KEY:
            resource = KEY
        else:
            resource = chance.choice([KEY, f"arn:aws:kms:eu-west-1:{OTHER}:key/abc", "arn:aws-cn:kms:us-x:1:alias/y"])
        yield (
            Request(caller, action, resource, context),
            Surroundings(ACCOUNT, chance.random() < 0.6, chance.random() < 0.7, chance.random() < 0.3),
        )


def _named(documents: Sequence[Document]) -> list[str]:
    found: dict[str, None] = {}
    for document in documents:
        for statement in document["Statement"]:
            for entries_ in statement.get("Condition", {}).values():
                found.update(dict.fromkeys(entries_))
    return list(found)


def _several(key: str, documents: Sequence[Document]) -> bool:
    """Whether a request may carry several values for a key: what AWS says, and for other keys what the operators say."""
    known = keys.find(key)
    if known is not None:
        return known.many
    return any(
        operator.startswith("For") and key in (name.lower() for name in names)
        for document in documents
        for statement in document["Statement"]
        for operator, names in statement.get("Condition", {}).items()
    )
