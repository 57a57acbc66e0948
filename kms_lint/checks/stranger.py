"""Principals of other accounts, and what they may do with a key.

https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-modifying-external-accounts.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final, NamedTuple

from kms_lint.checks.admission import any_of, because, left, lets_in
from kms_lint.checks.listed import listed_callers, listed_sources
from kms_lint.checks.strange_use import USE, given_of, limited_to_listed, lists, narrowed, severity_of, shown
from kms_lint.finding import Confidence, Hit, Severity
from kms_lint.iam import access, actions, conditions, principals, trust
from kms_lint.iam.access import Exposure
from kms_lint.iam.conditions import Limit
from kms_lint.iam.trust import STRANGE, Fence, Home, Part, Standing, Trust
from kms_lint.model import Effect, Policy, PolicyKind, Principal, Statement, World
from kms_lint.rule import check
from kms_lint.syntax.tree import ANYTHING, Text

_GRANT: Final = frozenset({"kms:CreateGrant"})
_CONSTRAINING: Final = frozenset({Limit.GRANT, Limit.PATH, Limit.CONTEXT})
_CALLER: Final = frozenset({Limit.CALLER})
_NOTHING: Final = Exposure(frozenset(), frozenset())
_ABROAD: Final = STRANGE | {Trust.UNRESOLVED, Trust.TRUSTED}


class Stranger(NamedTuple):
    """A principal of another account, what it is to the user, and those of the wanted actions that it is given.

    `listed` are those for which a condition, or a Deny, lets only accounts in that it lists.
    """

    statement: Statement
    principal: Principal
    standing: Standing
    given: frozenset[str]
    confidence: Confidence
    listed: frozenset[str]


@check(Policy)
def cross_account_use(policy: Policy, world: World) -> Iterator[Hit]:
    """A principal of an account that nobody vouches for may use the key."""
    for statement, principal, standing, given, confidence, listed in strangers(policy, world, USE):
        if standing.trust is Trust.TRUSTED:
            continue
        label = f"{described(principal)} may use the key: {shown(given)}{because(principal, standing)}"
        others = given - listed
        severity = severity_of(standing, others, narrowed(statement)) if others else Severity.INFO
        yield Hit(principal.value.at, label, severity=severity, confidence=confidence, statement=statement.index)
    yield from listed_callers(policy, world)
    yield from listed_sources(policy, world)


@check(Policy)
def cross_account_grants(policy: Policy, world: World) -> Iterator[Hit]:
    """A principal of another account may create grants that nothing constrains."""
    for statement, principal, standing, _, confidence, _ in strangers(policy, world, _GRANT):
        if _CONSTRAINING & conditions.surely_limited(statement.conditions):
            continue
        if _CONSTRAINING & conditions.possibly_limited(statement.conditions):
            confidence = Confidence.POSSIBLE
        severity = Severity.MEDIUM if standing.trust is Trust.TRUSTED else None
        label = f"{described(principal)} may create grants, and so let anyone use the key{because(principal, standing)}"
        yield Hit(principal.value.at, label, severity=severity, confidence=confidence, statement=statement.index)


def strangers(policy: Policy, world: World, wanted: frozenset[str]) -> Iterator[Stranger]:
    """The principals of other accounts that a key policy allows some of the wanted actions, trusted ones too.

    Those of the user's own accounts and organizations are left out. While nothing tells the key's account, an account
    that may change the key policy is taken to be it, since that never works from another account. Without a Deny, what
    is open is the same for all principals of a statement.
    """
    if policy.kind is not PolicyKind.KEY:
        return
    at = trust.home(policy, world.accounts)
    simple = all(each.effect is Effect.ALLOW and not each.unknown for each in policy.statements)
    for statement in policy.statements:
        if not lets_in(statement) or statement.principals is None or not wanted & actions.reachable(statement.actions):
            continue
        parts: list[Part] = [(wanted, {})] if simple else trust.parts(policy, statement, wanted)
        alike: dict[frozenset[str], Exposure] | None = {} if simple else None
        for principal in statement.principals.values:
            if principals.account(principal) is None:
                continue
            for standing, exposure, listed in _by_standing(policy, statement, principal, at, parts, alike):
                confidence = any_of(wanted, exposure)
                if confidence is not None:
                    confidence = confidence if standing.sure and not statement.unknown else Confidence.POSSIBLE
                    given = given_of(exposure, wanted)
                    yield Stranger(statement, principal, standing, given, confidence, listed & given)


def _by_standing(
    policy: Policy,
    statement: Statement,
    principal: Principal,
    at: Home,
    parts: Sequence[Part],
    alike: dict[frozenset[str], Exposure] | None,
) -> Iterator[tuple[Standing, Exposure, frozenset[str]]]:
    """What a statement gives to a principal of another account, by what Denies leave of it, and for what accounts are listed.

    `alike` keeps what is open where that is the same for all principals.
    """
    found: dict[Standing, tuple[Exposure, frozenset[str]]] = {}
    for part, fences in parts:
        standing = trust.standing(principal, at, statement, tuple(fences.values()))
        if standing.trust not in _ABROAD:
            continue
        exposure = alike.get(part) if alike is not None else None
        if exposure is None:
            exposure = _open(_without(policy, fences), statement, principal)
        if alike is not None:
            alike[part] = exposure
        by_list = limited_to_listed(statement.conditions) or any(map(lists, fences.values()))
        before, listed = found.get(standing, (_NOTHING, frozenset()))
        open_ = Exposure(before.surely | exposure.surely & part, before.possibly | exposure.possibly & part)
        found[standing] = (open_, listed | part if by_list else listed)
    for standing, (exposure, listed) in found.items():
        yield standing, exposure, listed


def _without(policy: Policy, fences: Mapping[Statement, Fence]) -> Policy:
    """A policy without Denies that are looked at already."""
    if not fences:
        return policy
    return replace(policy, statements=tuple(each for each in policy.statements if each not in fences))


def described(principal: Principal) -> str:
    """A principal of another account in words."""
    named = principals.account(principal) or ANYTHING
    account = "an account that is not known yet" if ANYTHING in named else f"account {named}"
    if principals.is_account(principal):
        return f"{account}, and whomever it lets in,"
    return f"{_name(principal.value)} of {account}"


def _name(arn: Text) -> str:
    return str(arn).rpartition(":")[2]


def _open(policy: Policy, statement: Statement, principal: Principal) -> Exposure:
    """What Denies leave open that do not limit a statement to certain callers, such as those of an organization."""
    bare = replace(statement, conditions=()) if statement.conditions else statement
    return left(policy, bare, principal, _CALLER)


@check(Policy)
def cross_account_dead_action(policy: Policy, world: World) -> Iterator[Hit]:
    """Only principals of other accounts are given an operation by name that does not work across accounts.

    Where nothing tells the key's account, it is the only one that may change the key policy, as far as that is one.
    https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-modifying-external-accounts.html
    """
    dead = actions.ALL - actions.CROSS_ACCOUNT - actions.WITHOUT_EFFECT_IN_KEY_POLICY
    for statement in policy.statements:
        named = {name: value for name, value in actions.names(statement.actions).items() if name in dead}
        confidence = _all_abroad(policy, statement, world) if named else None
        if confidence is None or statement.principals is None:
            continue
        accounts = sorted({str(principals.account(each)) for each in statement.principals.values})
        whence = f"account{'s' if len(accounts) > 1 else ''} {' and '.join(', '.join(accounts).rsplit(', ', 1))}"
        for name, value in named.items():
            label = f"{name} never works from {whence}"
            yield Hit(value.at, label, confidence=confidence, statement=statement.index)


def _all_abroad(policy: Policy, statement: Statement, world: World) -> Confidence | None:
    """Whether an Allow names principals of other accounts only: for certain, as far as one can tell, or not."""
    if not lets_in(statement) or statement.effect is not Effect.ALLOW or statement.unknown:
        return None
    named = statement.principals.values if statement.principals is not None else ()
    sides = (
        (statement.owner, Confidence.DEFINITE),
        (access.presumed_owner(policy), Confidence.POSSIBLE),
    )
    for owner, confidence in sides:
        found = {principals.who(each, owner, world.accounts) for each in named}
        if found and found <= principals.FOREIGN:
            return confidence
    return None
