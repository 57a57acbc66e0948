"""Small whole worlds as hypothesis strategies: keys, principals with their policies, limits and grants."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from kms_lint.model import Constraint, Grant, Policy, PolicyKind
from kms_lint.reason import plain
from kms_lint.reason.parties import Estate, HeldKey, Party, Standing
from kms_lint.reason.request import Caller, CallerKind
from kms_lint.syntax.tree import Text
from tests.reason.cases import policy
from tests.reason.strategies import ACCOUNT, FOREIGN, KEY, OTHER, ROLE, USER, Document, statements

SECOND = f"arn:aws:kms:eu-west-1:{OTHER}:key/99999999-12ab-34cd-56ef-1234567890ab"
LINKED = f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX"
ALL: Document = {"Effect": "Allow", "Action": "kms:*", "Resource": "*"}
ROOTS = {ACCOUNT: f"arn:aws:iam::{ACCOUNT}:root", OTHER: f"arn:aws:iam::{OTHER}:root"}

_PRINCIPALS: tuple[Any, ...] = (
    *({"AWS": each} for each in (ROOTS[ACCOUNT], ROOTS[OTHER], ROLE, USER, FOREIGN, LINKED)),
    *(
        {"AWS": "*"},
        {"AWS": f"arn:aws:sts::{ACCOUNT}:assumed-role/app/i-1"},
        {"Service": "logs.us-east-1.amazonaws.com"},
    ),
)
_GRANTEES = (ROLE, USER, FOREIGN, LINKED, ROOTS[ACCOUNT], ROOTS[OTHER], f"arn:aws:sts::{ACCOUNT}:assumed-role/app/i-1")
_SERVICE = "sns.amazonaws.com"
_OPERATIONS = ("Decrypt", "Encrypt", "DescribeKey", "GenerateDataKey", "Sign", "CreateGrant", "RetireGrant")
_CONTEXTS = ({"App": "a"}, {"app": "ab"}, {"App": "a", "Other": "b"}, {})
_RESOURCES = (
    *(KEY, f"arn:aws:kms:us-east-1:{ACCOUNT}:key/1234*", f"arn:aws:kms:*:{OTHER}:key/*", "arn:aws-cn:kms:*:*:key/*"),
    *(
        "arn:aws:kms:eu-west-1:*:*",
        "arn:aws:kms:*",
        "arn:aws*:kms:*:*:key/*",
        f"arn:aws:kms:us-east-1:{ACCOUNT}:alias/*",
    ),
)
_TIED: tuple[Document, ...] = (
    # what grants and policies say of the same encryption context
    {"StringEquals": {"kms:EncryptionContext:App": "a"}},
    {"StringNotEquals": {"kms:EncryptionContext:App": "a"}},
    {"StringEquals": {"kms:EncryptionContext:Other": "b"}},
    {"ForAnyValue:StringEquals": {"kms:EncryptionContextKeys": ["App", "Third"]}},
    {"ForAllValues:StringEquals": {"kms:EncryptionContextKeys": "app"}},
    {"ArnLike": {"aws:SourceArn": f"arn:aws:sns:*:{ACCOUNT}:*"}},
    {"ArnNotLike": {"aws:PrincipalArn": ROLE}},
    {"Null": {"kms:EncryptionContextKeys": "true"}},
)


@st.composite
def said(draw: st.DrawFn, kind: PolicyKind) -> Document:
    """A statement: any, or one that has to do with the principals and grants of the worlds."""
    if draw(st.booleans()):
        return draw(statements(kind))
    found = {**ALL, "Effect": draw(st.sampled_from(["Allow", "Allow", "Deny"]))}
    if kind is PolicyKind.KEY:
        found["Principal"] = draw(st.sampled_from(_PRINCIPALS))
    if kind is PolicyKind.RCP:
        found |= {"Effect": "Deny", "Principal": "*"}
    if draw(st.booleans()):
        found["Action"] = ["kms:Decrypt", "kms:RetireGrant", "kms:CreateGrant"]
    if draw(st.integers(0, 4)) == 0:
        found["Resource"] = draw(st.sampled_from(_RESOURCES))
    if draw(st.booleans()) or found["Effect"] == "Deny":
        found["Condition"] = draw(st.sampled_from(_TIED))
    return found


@st.composite
def papers(draw: st.DrawFn, kind: PolicyKind, address: str, least: int = 1, of: str | None = None) -> Policy:
    """A policy as it is loaded."""
    listed = draw(st.lists(said(kind), min_size=least, max_size=2))
    if kind is PolicyKind.KEY and draw(st.booleans()):
        listed.append({**ALL, "Principal": {"AWS": ROOTS[ACCOUNT]}})
    if kind in (PolicyKind.SCP, PolicyKind.VPC_ENDPOINT, PolicyKind.IDENTITY) and draw(st.booleans()):
        listed.append(ALL)
    if kind is PolicyKind.VPC_ENDPOINT:
        listed = [{**each, "Principal": "*"} for each in listed]
    listed = listed or [ALL if kind is not PolicyKind.KEY else {**ALL, "Principal": {"AWS": ROLE}}]
    found = policy({"Version": "2012-10-17", "Statement": json.loads(json.dumps(listed))}, kind)
    return replace(found, address=address, of=of)


@st.composite
def grants(draw: st.DrawFn, like: Policy, number: int) -> Grant:
    """A grant, to somebody of these worlds."""
    at = like.at

    def text(value: str) -> Text:
        return Text(value, at)

    grantee = draw(st.sampled_from((*_GRANTEES, _SERVICE)))
    operations = draw(st.lists(st.sampled_from(_OPERATIONS), min_size=1, max_size=4, unique=True))
    constraints: list[Constraint] = []
    kind = draw(st.sampled_from(["EncryptionContextEquals", "EncryptionContextSubset", ""]))
    if kind:
        pairs = tuple((text(name), text(value)) for name, value in draw(st.sampled_from(_CONTEXTS)).items())
        constraints.append(Constraint(kind, len(pairs), at, pairs))
    if draw(st.integers(0, 3)) == 0:
        source = text(f"arn:aws:sns:us-east-1:{ACCOUNT}:topic")
        constraints.append(Constraint("SourceArn", None, at, ((text(""), source),)))
    retiring = draw(st.sampled_from([None, None, *_GRANTEES, _SERVICE]))
    return Grant(
        f"grant-{number}",
        at,
        text(grantee),
        tuple(map(text, operations)),
        at,
        retiring=None if retiring is None else text(retiring),
        constraints=tuple(constraints),
        service=grantee == _SERVICE and draw(st.booleans()),
    )


@st.composite
def identities(draw: st.DrawFn, arn: str) -> Party:
    """A user or a role with its policies and, now and then, a permissions boundary."""
    _, partition, _, _, account, name = arn.split(":", 5)
    kind = CallerKind.USER if name.startswith("user/") else CallerKind.ROLE
    own = draw(st.lists(papers(PolicyKind.IDENTITY, f"policy of {name}"), max_size=1))
    boundary = draw(st.lists(papers(PolicyKind.IDENTITY, f"boundary of {name}"), max_size=1))
    caller = Caller(kind, name, account, partition)
    return Party(
        Standing.IDENTITY, arn, account, caller, name, None, tuple(own), (), bool(boundary), boundary=tuple(boundary)
    )


def _others() -> list[Party]:
    """Parties without policies in the input, and classes."""
    session = Caller(CallerKind.ROLE, "role/app", ACCOUNT, session="i-1")
    services = [Caller(CallerKind.SERVICE, name) for name in ("logs.us-east-1.amazonaws.com", _SERVICE)]
    return [
        Party(Standing.NAMED, str(session.shown), ACCOUNT, session),
        Party(Standing.NAMED, "bob", ACCOUNT, Caller(CallerKind.FEDERATED_USER, "federated-user/bob", ACCOUNT)),
        Party(Standing.NAMED, "max", OTHER, Caller(CallerKind.USER, "user/max", OTHER)),
        *(Party(Standing.SERVICE, f"service {each.name}", None, each) for each in services),
        *(Party(Standing.ROOT, f"root user of {each}", each, Caller(CallerKind.ROOT, "root", each)) for each in ROOTS),
        *(Party(Standing.ACCOUNT, f"any principal of {each}", each) for each in ROOTS),
        Party(Standing.STRANGER, "anyone"),
    ]


@st.composite
def estates(draw: st.DrawFn) -> Estate:
    """A world of one or two keys, in which everything that can decide about a request may stand."""
    own = draw(papers(PolicyKind.KEY, "key", of="key"))
    own_grants = [draw(grants(own, each)) for each in range(draw(st.integers(0, 2)))]
    keys = [HeldKey("key", ACCOUNT, own.at, Text(KEY, own.at), (own,), grants=tuple(own_grants))]
    if draw(st.integers(0, 2)) == 0:
        other = draw(papers(PolicyKind.KEY, "second", of="second"))
        keys.append(HeldKey("second", OTHER, other.at, Text(SECOND, other.at), (other,)))
    chosen = draw(st.lists(st.sampled_from([ROLE, USER, FOREIGN, LINKED]), min_size=1, max_size=3, unique=True))
    parties = [draw(identities(arn)) for arn in chosen]
    if draw(st.booleans()):
        held = (draw(papers(PolicyKind.IDENTITY, "lone")),)
        parties.append(Party(Standing.HOLDER, "whoever has lone", ACCOUNT, None, "lone", None, held))
    limits = {
        kind: tuple(draw(st.lists(papers(kind, kind.value), max_size=1)))
        for kind in (PolicyKind.SCP, PolicyKind.RCP, PolicyKind.VPC_ENDPOINT)
    }
    scps, rcps, endpoints = limits.values()
    return Estate(ACCOUNT, tuple(keys), (*parties, *_others()), scps, rcps, endpoints)


def shown(estate: Estate) -> str:
    """A world in few words, for whoever has to look into it."""
    policies = [each for key in estate.keys for each in key.policies]
    policies += [each for party in estate.parties for each in (*party.policies, *party.boundary)]
    policies += [*estate.scps, *estate.rcps, *estate.endpoints]
    lines = [f"{each.address}: {json.dumps(plain.document(each))}" for each in policies]
    lines += [f"{each.address}: {json.dumps(plain.grant(each))}" for key in estate.keys for each in key.grants]
    return "\n".join(lines)
