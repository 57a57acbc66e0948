"""What the comparison of effective access with the reference evaluator has shown, case by case."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from kms_lint.model import Constraint, Grant, Policy, PolicyKind
from kms_lint.reason import confirmed
from kms_lint.reason.composed import Composed
from kms_lint.reason.parties import Estate, HeldKey, Party, Standing
from kms_lint.reason.questions import Verdict, answers
from kms_lint.reason.reference_world import Decision
from kms_lint.reason.request import Caller, CallerKind
from kms_lint.reason.rows import Certainty, Row, pair
from kms_lint.syntax.tree import Text
from tests.reason.cases import policy
from tests.reason.estates import ALL, LINKED, ROOTS
from tests.reason.strategies import ACCOUNT, FOREIGN, KEY, OTHER, ROLE

Json = dict[str, Any]
ROOT: Json = {**ALL, "Principal": {"AWS": ROOTS[ACCOUNT]}}
NOTHING: Json = {**ALL, "Effect": "Deny"}


def paper(kind: PolicyKind, *statements: Json) -> Policy:
    return replace(policy({"Version": "2012-10-17", "Statement": list(statements)}, kind), address=kind.value)


def identity(arn: str, *statements: Json) -> Party:
    account, name = arn.split(":", 5)[4:]
    kind = CallerKind.USER if name.startswith("user/") else CallerKind.ROLE
    own = (paper(PolicyKind.IDENTITY, *statements),) if statements else ()
    return Party(Standing.IDENTITY, arn, account, Caller(kind, name, account), name, None, own)


def grant(grantee: str, *operations: str, retiring: str = "", **constraint: Any) -> Grant:
    at = paper(PolicyKind.KEY, ROOT).at

    def text(value: str) -> Text:
        return Text(value, at)

    found: list[Constraint] = []
    for type_, value in constraint.items():
        pairs = {"": value} if isinstance(value, str) else value
        texts = tuple((text(name), text(each)) for name, each in pairs.items())
        found.append(Constraint(type_, None if isinstance(value, str) else len(pairs), at, texts))
    return Grant(
        "g",
        at,
        text(grantee),
        tuple(map(text, operations)),
        at,
        retiring=text(retiring) if retiring else None,
        constraints=tuple(found),
    )


def world(*parties: Party, key: tuple[Json, ...] = (ROOT,), grants: tuple[Grant, ...] = (), **limits: Json) -> Estate:
    own = paper(PolicyKind.KEY, *key)
    held = HeldKey("key", ACCOUNT, own.at, Text(KEY, own.at), (own,), grants=grants)
    of = {name: (paper(PolicyKind(name), statement),) for name, statement in limits.items()}
    return Estate(ACCOUNT, (held,), parties, of.get("scp", ()), of.get("rcp", ()))


def rows(estate: Estate, at: int = 0) -> list[Row]:
    return list(pair(Composed(estate), estate.keys[0], estate.parties[at]))


def actions(estate: Estate, at: int = 0) -> set[str]:
    return {action for row in rows(estate, at) for action in row.actions}


@pytest.mark.parametrize("kind", ["scp", "rcp"])
@pytest.mark.parametrize(("arn", "kept"), [(ROLE, False), (LINKED, True)])
def test_service_linked_roles_are_under_no_policy_of_the_organization(kind: str, arn: str, kept: bool) -> None:
    """https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html"""
    deny = {**NOTHING, "Principal": "*"} if kind == "rcp" else NOTHING
    found = actions(world(identity(arn, ALL), **{kind: deny}))
    assert ("kms:Decrypt" in found) is kept


def test_the_roles_of_services_are_in_no_class() -> None:
    """What is denied to one is no condition for the principals of its account."""
    deny = {**NOTHING, "Principal": {"AWS": LINKED}}
    estate = world(Party(Standing.ACCOUNT, f"any principal of {ACCOUNT}", ACCOUNT), key=(ROOT, deny))
    assert {row.certainty for row in rows(estate)} == {Certainty.ALWAYS}


def test_scps_hold_for_all_accounts_of_the_input() -> None:
    """Also for who uses the key of another of them."""
    shared = {**ALL, "Principal": {"AWS": ROOTS[OTHER]}}
    assert "kms:Decrypt" in actions(world(identity(FOREIGN, ALL), key=(shared,)))
    assert actions(world(identity(FOREIGN, ALL), key=(shared,), scp=NOTHING)) == set()


def test_a_constraint_that_a_deny_contradicts_leaves_nothing() -> None:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_GrantConstraints.html"""
    deny = {**NOTHING, "Principal": "*", "Condition": {"StringEquals": {"kms:EncryptionContext:app": "pay"}}}
    given = grant(ROLE, "Decrypt", "DescribeKey", EncryptionContextSubset={"App": "pay"})
    assert actions(world(identity(ROLE), key=(ROOT, deny), grants=(given,))) == {"kms:DescribeKey"}


def test_an_equal_context_has_no_pair_that_a_deny_asks_for() -> None:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_GrantConstraints.html"""
    deny = {**NOTHING, "Principal": "*", "Condition": {"StringNotEquals": {"kms:EncryptionContext:Other": "b"}}}
    for type_, kept in (("EncryptionContextEquals", False), ("EncryptionContextSubset", True)):
        given = grant(ROLE, "Decrypt", **{type_: {"App": "pay"}})
        found = actions(world(identity(ROLE), key=(ROOT, deny), grants=(given,)))
        assert ("kms:Decrypt" in found) is kept


def test_the_source_of_a_grant_bounds_services_only() -> None:
    """https://docs.aws.amazon.com/kms/latest/developerguide/create-grant-overview.html"""
    source = f"arn:aws:sns:us-east-1:{ACCOUNT}:topic"
    for name, party, certainty in (
        (ROLE, identity(ROLE), Certainty.ALWAYS),
        (
            "sns.amazonaws.com",
            Party(Standing.SERVICE, "service", None, Caller(CallerKind.SERVICE, "sns.amazonaws.com")),
            Certainty.CONDITIONAL,
        ),
    ):
        found = rows(world(party, grants=(grant(name, "Decrypt", SourceArn=source),)))
        assert [(row.certainty, row.condition) for row in found] == [
            (certainty, "the constraint SourceArn of g" if certainty is Certainty.CONDITIONAL else "")
        ]


def test_who_is_named_as_a_whole_account_retires_a_grant_with_an_iam_policy_only() -> None:
    """The account of a retiring principal leaves it to its IAM policies."""
    given = grant(LINKED, "Decrypt", retiring=ROOTS[ACCOUNT])
    assert actions(world(identity(ROLE), grants=(given,))) == set()
    retire = {**ALL, "Action": "kms:RetireGrant"}
    assert actions(world(identity(ROLE, retire), grants=(given,))) == {"kms:RetireGrant"}


def test_a_row_carries_a_request_that_shows_it() -> None:
    """It is of the party, and in the words of the condition."""
    use = {
        **ALL,
        "Action": "kms:Decrypt",
        "Condition": {"StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}},
    }
    (row,) = rows(world(identity(ROLE, use)))
    assert row.example is not None
    assert (row.example.caller.arn, row.example.action, row.example.resource) == (ROLE, "kms:Decrypt", KEY)
    assert row.example.context == {"kms:viaservice": ("s3.us-east-1.amazonaws.com",)}


@pytest.mark.parametrize(("said", "allowing"), [(False, ALL), (True, NOTHING)])
def test_nothing_is_claimed_where_two_readings_disagree(
    monkeypatch: pytest.MonkeyPatch, said: bool, allowing: Json
) -> None:
    """Neither that it is allowed, nor that it is not; and nothing breaks."""
    monkeypatch.setattr(confirmed, "decide", lambda *_: Decision(said, {}, ()))
    estate = world(identity(ROLE, allowing))
    for answer in answers(Composed(estate), estate.keys[0], estate.parties[0], ["kms:Decrypt"]):
        assert answer.verdict is Verdict.POSSIBLE
        words = answer.row.condition if answer.row else answer.obstacle and answer.obstacle.words
        assert words == confirmed.DISAGREE


def test_what_is_not_known_is_not_replayed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A policy that is there under a condition only cannot be put before the second reading."""
    monkeypatch.setattr(confirmed, "decide", lambda *_: pytest.fail("was replayed"))
    party = identity(ROLE, ALL)
    branched = replace(party, policies=(replace(party.policies[0], branch="Prod"),))
    assert {row.certainty for row in rows(world(branched))} == {Certainty.POSSIBLE}
