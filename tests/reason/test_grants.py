"""Grants: what the reference evaluator says of them, and how `diff` compares them with key policies."""

from __future__ import annotations

import random
from collections import Counter
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from kms_lint.model import Constraint, Grant, Policy, PolicyKind
from kms_lint.reason import branches, granted, plain
from kms_lint.reason.compared import Settings
from kms_lint.reason.difference import Difference, Verdict
from kms_lint.reason.reference_grants import allows
from kms_lint.reason.reference_world import Paper, World, decide
from kms_lint.reason.request import Caller, CallerKind, Request
from kms_lint.reason.sides import Held
from kms_lint.syntax.tree import Text
from tests.reason.cases import policy
from tests.reason.estates import ALL, ROOTS, grants, papers
from tests.reason.strategies import ACCOUNT, FOREIGN, KEY, OTHER, ROLE

APP = Caller(CallerKind.ROLE, "role/app", ACCOUNT, session="i-1")
SNS = Caller(CallerKind.SERVICE, "sns.amazonaws.com")
TOPIC = f"arn:aws:sns:us-east-1:{ACCOUNT}:topic"


def request(action: str = "Decrypt", caller: Caller = APP, **context: str) -> Request:
    """A request; `App="a"` is a pair of its encryption context."""
    pairs = {f"kms:encryptioncontext:{name.lower()}": (value,) for name, value in context.items()}
    names = {"kms:encryptioncontextkeys": tuple(context)} if context else {}
    return Request(caller, f"kms:{action}", KEY, {**pairs, **names})


def listed(grantee: str = ROLE, operations: str = "Decrypt", **more: Any) -> dict[str, Any]:
    return {"GranteePrincipal": grantee, "Operations": operations.split(), **more}


EQUALS = {"Constraints": {"EncryptionContextEquals": {"App": "a"}}}
SUBSET = {"Constraints": {"EncryptionContextSubset": {"App": "a"}}}
SOURCE = {"Constraints": {"SourceArn": TOPIC}}


@pytest.mark.parametrize(
    ("grant", "asked", "expected"),
    [
        (listed(), request(), True),
        (listed(), request("Encrypt"), False),
        (listed(FOREIGN), request(), False),
        (listed(f"arn:aws:sts::{ACCOUNT}:assumed-role/app/i-1"), request(), True),
        (listed(f"arn:aws:sts::{ACCOUNT}:assumed-role/app/i-2"), request(), False),
        (listed(**EQUALS), request(), False),
        (listed(**EQUALS), request(App="a"), True),
        (listed(**EQUALS), request(app="a"), True),
        (listed(**EQUALS), request(App="A"), False),
        (listed(**EQUALS), request(App="a", More="b"), False),
        (listed(**SUBSET), request(App="a", More="b"), True),
        (listed(**SUBSET), request(More="b"), False),
        (listed(operations="DescribeKey RetireGrant Sign", **EQUALS), request("DescribeKey"), True),
        (listed(operations="DescribeKey RetireGrant Sign", **EQUALS), request("RetireGrant"), True),
        (listed(operations="DescribeKey RetireGrant Sign", **EQUALS), request("Sign"), True),
        (listed(operations="CreateGrant", **EQUALS), request("CreateGrant"), False),
        (listed(operations="CreateGrant", **EQUALS), request("CreateGrant", App="a"), None),
        (listed(Constraints=None), request(), None),
        (listed("sns.amazonaws.com"), request(caller=SNS), True),
        ({"GranteeServicePrincipal": SNS.name, "Operations": ["Decrypt"]}, request(caller=SNS), True),
        (listed("sns.amazonaws.com", **SOURCE), request(caller=SNS), False),
        (listed(**SOURCE), request(), True),
        (listed(FOREIGN, RetiringPrincipal=ROLE), request("RetireGrant"), True),
        (listed(FOREIGN, RetiringPrincipal=ROLE), request(), False),
    ],
)
def test_what_a_grant_says(grant: dict[str, Any], asked: Request, expected: bool | None) -> None:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_GrantConstraints.html"""
    assert allows(grant, asked, by_iam=False) is expected


def test_the_source_of_a_call_of_a_service_is_compared() -> None:
    """https://docs.aws.amazon.com/kms/latest/developerguide/create-grant-overview.html"""
    from_topic = Request(SNS, "kms:Decrypt", KEY, {"aws:sourcearn": (TOPIC,)})
    elsewhere = Request(SNS, "kms:Decrypt", KEY, {"aws:sourcearn": (f"{TOPIC}2",)})
    grant = listed("sns.amazonaws.com", **SOURCE)
    assert [allows(grant, each, by_iam=False) for each in (from_topic, elsewhere)] == [True, False]


def test_a_grant_to_an_account_needs_an_iam_policy() -> None:
    """Its principals get from their own account what it may use."""
    assert [allows(listed(ROOTS[ACCOUNT]), request(), by_iam) for by_iam in (False, True)] == [False, True]


def made(like: Policy, grantee: str, *operations: str, **equal: str) -> Grant:
    at = like.at
    pairs = tuple((Text(name, at), Text(value, at)) for name, value in equal.items())
    constraints = (Constraint("EncryptionContextEquals", len(pairs), at, pairs),) if pairs else ()
    texts = tuple(Text(each, at) for each in operations)
    return Grant("g", at, Text(grantee, at), texts, at, constraints=constraints)


def compared(old: list[Any], new: list[Any], before: tuple[Grant, ...], after: tuple[Grant, ...]) -> Difference:
    sides = [(Held(policy({"Version": "2012-10-17", "Statement": each})),) for each in (old, new)]
    return branches.compared(*sides, Settings(account=ACCOUNT, key_arn=KEY), granted.given(before, after))


PLAIN = [{**ALL, "Principal": {"AWS": ROOTS[ACCOUNT]}}]
ANY = policy({"Statement": PLAIN})


def test_a_grant_to_another_account_needs_no_iam_policy_there() -> None:
    """What the key policy leaves to IAM policies of the other account, a grant gives without them."""
    shared = [*PLAIN, {**ALL, "Principal": {"AWS": ROOTS[OTHER]}}]
    found = compared(shared, shared, (), (made(ANY, FOREIGN, "Decrypt"),))
    assert found.verdict is Verdict.NEW_ACCESS
    assert found.groups[0].around is not None
    assert not found.groups[0].around.identity_allows


def test_a_grant_may_give_the_right_to_retire_it() -> None:
    """Key policies do not decide about kms:RetireGrant; grants do."""
    found = compared(PLAIN, PLAIN, (made(ANY, ROLE, "Decrypt"),), (made(ANY, ROLE, "Decrypt", "RetireGrant"),))
    assert [group.actions for group in found.groups] == [("kms:RetireGrant",)]


def test_an_equal_context_holds_nothing_that_a_deny_asks_for_besides() -> None:
    """A Deny of all requests without another pair leaves nothing of a grant whose context is to be equal."""
    deny = {**ALL, "Effect": "Deny", "Principal": "*", "Action": "kms:Decrypt"}
    guarded = [*PLAIN, {**deny, "Condition": {"StringNotEquals": {"kms:EncryptionContext:Other": "b"}}}]
    found = compared(guarded, guarded, (), (made(ANY, ROLE, "Decrypt", App="a"),))
    assert found.verdict is Verdict.NO_NEW_ACCESS, found


def test_an_equal_context_lists_no_other_name() -> None:
    """A Deny of all requests whose context lacks another name leaves nothing of a grant whose context is to be equal."""
    deny = {**ALL, "Effect": "Deny", "Principal": "*", "Action": "kms:Decrypt"}
    lacking = {"ForAllValues:StringNotEquals": {"kms:EncryptionContextKeys": "Other"}}
    guarded = [*PLAIN, {**deny, "Condition": lacking}]
    found = compared(guarded, guarded, (), (made(ANY, ROLE, "Decrypt", App="a"),))
    assert found.verdict is Verdict.NO_NEW_ACCESS, found


def test_a_principal_without_a_known_name_is_no_account() -> None:
    """What is written `<…>` for a unique id stands for a user or a role; both readings take it so."""
    named = {**ALL, "Principal": {"AWS": "<aws_iam_user.ann.unique_id>"}}
    found = compared(PLAIN, [*PLAIN, named], (), ())
    assert found.verdict is Verdict.NEW_ACCESS, found.reason


def test_grants_before_and_after_agree_with_the_reference_evaluator() -> None:
    """New access is allowed after and not before by the second reading of whole worlds; a proof has no exception."""
    verdicts: Counter[Verdict] = Counter()

    @seed(20261124)
    @settings(
        max_examples=150, database=None, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck)
    )
    @given(data=st.data(), number=st.integers(0, 2**20))
    def each(data: st.DataObject, number: int) -> None:
        one = data.draw(papers(PolicyKind.KEY, "key", of="key"))
        other = data.draw(st.sampled_from([one, data.draw(papers(PolicyKind.KEY, "key", of="key"))]))
        old, new = ([data.draw(grants(one, at)) for at in range(data.draw(st.integers(0, 2)))] for _ in range(2))
        gave = granted.given(old, new)
        found = branches.compared((Held(one),), (Held(other),), Settings(account=ACCOUNT, key_arn=KEY), gave)
        assert "two readings" not in found.reason, found.reason
        verdicts[found.verdict] += 1
        sides = (one, gave.before), (other, gave.after)
        for group in found.groups:
            assert [_allowed(*side, group.request, group.around) for side in sides] == [False, True], group
        if found.verdict is Verdict.NO_NEW_ACCESS and gave is not granted.NOTHING and not gave.left_out:
            for asked in _requests(random.Random(number), (*gave.before, *gave.after)):
                for iam in (False, True):
                    before, after = (_by(*side, asked, iam) for side in sides)
                    assert not (after is True and before is False), (asked, iam)

    each()
    assert verdicts[Verdict.NEW_ACCESS] > 12
    assert verdicts[Verdict.NO_NEW_ACCESS] > 12


def _allowed(key_policy: Policy, given: tuple[Grant, ...], asked: Request, around: Any) -> bool | None:
    assert around is not None
    bounds = None if around.limits_allow and not around.bounded else around.limits_allow
    return _by(key_policy, given, asked, around.identity_allows, bounds)


def _by(
    key_policy: Policy, given: tuple[Grant, ...], asked: Request, iam: bool, bounds: bool | None = None
) -> bool | None:
    """The decision of KMS; with `bounds` the caller has a permissions boundary, which allows all or nothing."""
    everything = (Paper("all", {"Statement": [ALL]}),)
    boundary = None if bounds is None else everything if bounds else ()
    listed_ = tuple(Paper(each.address, plain.grant(each)) for each in given)
    document = Paper("key policy", plain.document(key_policy))
    return decide(World(ACCOUNT, document, everything if iam else (), boundary, grants=listed_), asked).allowed


def _requests(chance: random.Random, given: tuple[Grant, ...]) -> list[Request]:
    callers = [
        APP,
        SNS,
        Caller(CallerKind.ROLE, "role/partner", OTHER, session="x"),
        Caller(CallerKind.USER, "user/ann", ACCOUNT),
    ]
    contexts: list[dict[str, str]] = [{}, {"App": "a"}, {"app": "ab"}, {"App": "a", "Other": "b"}, {"Third": "c"}]
    operations = sorted({str(each) for grant in given for each in grant.operations} | {"Decrypt"})
    return [request(chance.choice(operations), chance.choice(callers), **chance.choice(contexts)) for _ in range(20)]
