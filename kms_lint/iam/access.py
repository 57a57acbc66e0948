"""What a policy allows once its Denies are taken off: questions about a policy as a whole.

https://docs.aws.amazon.com/kms/latest/developerguide/policy-evaluation.html
https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html

*Surely* is for whatever the unknown parts are, *possibly* for some content of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Final, NamedTuple

from kms_lint.iam import actions, denies, keys, resources
from kms_lint.iam.comparisons import passes_when_absent
from kms_lint.iam.conditions import (
    WHO_CALLS,
    Limit,
    accounts_named,
    limits,
    possibly_limited,
    surely_limited,
)
from kms_lint.iam.principals import NOBODY, Side, Who, account, side, who
from kms_lint.model import Accounts, Condition, Effect, Policy, PolicyKind, Principal, Statement
from kms_lint.syntax.tree import ANYTHING, DEPLOYMENT_ACCOUNT


class Exposure(NamedTuple):
    """Actions that a statement leaves open: for sure, and for some content of what is unknown."""

    surely: frozenset[str]
    possibly: frozenset[str]


class Keeper(NamedTuple):
    """Somebody who may keep an action, and the statement that gives it; `principal` is `None` when not known."""

    statement: Statement
    principal: Principal | None


class _Fence(NamedTuple):
    """A Deny: the actions that it surely and possibly covers, and what it leaves; `None` when that is unknown."""

    covered: frozenset[str]
    reachable: frozenset[str]
    left: frozenset[Limit] | None


_MAY_ADMINISTER: Final = frozenset(
    {Who.EVERYONE, Who.OWN_ACCOUNT, Who.SOME_ACCOUNT, Who.IDENTITY, Who.SOME_IDENTITY, Who.UNKNOWN}
)
"""Principals that can change a key policy; those of other accounts cannot, nor can services."""

_NO_ACCOUNT: Final = frozenset({Who.SERVICE, Who.FEDERATED, Who.DELETED, Who.INVALID})


def taken_back(policy: Policy, statement: Statement, wanted: frozenset[str]) -> frozenset[str]:
    """Those of the actions that Denies surely take from everybody that a statement lets in."""
    return wanted & _union(denies.denied(deny, statement) for deny in _denies(policy))


def possibly_taken_back(policy: Policy, statement: Statement, wanted: frozenset[str]) -> frozenset[str]:
    """Those of the actions that Denies take from everybody that a statement lets in, for some unknown content."""
    return wanted & _union(denies.possibly_denied(deny, statement) for deny in _denies(policy))


def limits_by_denies(policy: Policy, statement: Statement, wanted: frozenset[str]) -> frozenset[Limit]:
    """What Denies surely limit a statement to, for every one of these actions.

    `Deny * … StringNotEquals aws:PrincipalOrgID o-x` limits an Allow for everyone to the callers of an organization.
    """
    fences = _fences(policy, statement)
    each = [_limits_of(fences, action)[0] for action in wanted]
    return frozenset.intersection(*each) if each else frozenset()


@lru_cache(maxsize=64)  # many checks of a policy ask about the same of its statements
def exposed(policy: Policy, statement: Statement, keeping_out: frozenset[Limit] = WHO_CALLS) -> Exposure:
    """The actions that a statement gives to all its principals without any of these limits, Denies taken off.

    Actions that no key policy decides do not count in a key policy.
    """
    nothing: frozenset[str] = frozenset()
    if not _may_be_allow(statement) or surely_limited(statement.conditions) & keeping_out:
        return Exposure(nothing, nothing)
    without_effect = actions.WITHOUT_EFFECT_IN_KEY_POLICY if statement.kind is PolicyKind.KEY else nothing
    possibly = actions.reachable(statement.actions) - without_effect
    possibly -= taken_back(policy, statement, possibly)
    surely = actions.covered(statement.actions) & possibly
    surely -= possibly_taken_back(policy, statement, surely)
    fences = _fences(policy, statement)
    for action in possibly if fences else ():
        found, perhaps = _limits_of(fences, action)
        if found & keeping_out:
            possibly -= {action}
        if (found | perhaps) & keeping_out:
            surely -= {action}
    if statement.unknown or possibly_limited(statement.conditions) & keeping_out:
        surely = nothing
    return Exposure(surely, possibly)


@lru_cache(maxsize=32)  # many checks of a policy ask about the same few actions
def keepers(policy: Policy, action: str, accounts: Accounts = NOBODY) -> tuple[Keeper, ...]:
    """Everybody of the key's own account who possibly keeps an action after all Denies. Doubt counts for the author.

    Principals of other accounts, services, deleted and invalid principals do not count; a condition does not count
    when it can never hold for the action.
    """
    found: list[Keeper] = []
    owner = presumed_owner(policy) or policy.owner
    for statement in policy.statements:
        if statement.unknown and _may_be_allow(statement):
            found.append(Keeper(statement, None))
        elif statement.effect is Effect.ALLOW and _may_allow(statement, action, owner, accounts):
            found.extend(_keepers_of(policy, statement, action, owner, accounts))
    return tuple(found)


def may_keep(policy: Policy, action: str, accounts: Accounts = NOBODY) -> bool:
    """Whether anybody of the key's own account possibly keeps an action after all Denies."""
    return bool(keepers(policy, action, accounts))


def delegated(policy: Policy, accounts: Accounts = NOBODY) -> frozenset[str]:
    """The actions that IAM policies of the key's account can allow, for some content of what is unknown."""
    owner = presumed_owner(policy) or policy.owner
    found = [frozenset[str]()]
    for statement in policy.statements:
        if statement.unknown and statement.effect is None:
            return actions.ALL - actions.WITHOUT_EFFECT_IN_KEY_POLICY
        if statement.effect is Effect.ALLOW and _whose(statement, owner, accounts) & {
            *(Who.OWN_ACCOUNT, Who.SOME_ACCOUNT, Who.EVERYONE, Who.UNKNOWN)
        }:
            reachable = actions.reachable(statement.actions)
            found.append(reachable - taken_back(policy, statement, reachable))
    return frozenset().union(*found) - actions.WITHOUT_EFFECT_IN_KEY_POLICY


def surely_delegated(policy: Policy, accounts: Accounts = NOBODY) -> frozenset[str]:
    """The actions that IAM policies of the key's account can surely allow, without any condition."""
    found = [frozenset[str]()]
    for statement in policy.statements:
        if is_delegation(statement, accounts) and not statement.conditions:
            covered = actions.covered(statement.actions)
            found.append(covered - possibly_taken_back(policy, statement, covered))
    return frozenset().union(*found) - actions.WITHOUT_EFFECT_IN_KEY_POLICY


def is_delegation(statement: Statement, accounts: Accounts = NOBODY, owner: str | None = None) -> bool:
    """Whether a statement hands decisions to IAM: it allows the key's own account, and nobody else.

    That is AWS's default statement. `owner` is the key's account when the statement does not know it.
    """
    return _is_for(statement, accounts, owner, {Who.OWN_ACCOUNT})


def may_be_delegation(statement: Statement, accounts: Accounts = NOBODY, owner: str | None = None) -> bool:
    """Whether a statement is for a whole account, which is the key's own as far as we know."""
    return _is_for(statement, accounts, owner, {Who.OWN_ACCOUNT, Who.SOME_ACCOUNT})


@lru_cache(maxsize=8)  # most checks of a policy ask
def presumed_owner(policy: Policy) -> str | None:
    """The account of the key: as known, else the only account that the policy lets change it.

    Nobody of another account can change a key policy, and AWS refuses a policy that its author cannot change.
    """
    if policy.owner not in (None, DEPLOYMENT_ACCOUNT) or policy.kind is not PolicyKind.KEY:
        return policy.owner
    found: set[str] = set()
    for statement in policy.statements:
        if not _may_be_allow(statement):
            continue
        if statement.unknown or (statement.principals is not None and statement.principals.negated):
            return policy.owner
        if statement.principals is not None and "kms:PutKeyPolicy" in actions.reachable(statement.actions):
            found.update(
                account(each) or ANYTHING for each in statement.principals.values if who(each, None) not in _NO_ACCOUNT
            )
    return found.pop() if len(found) == 1 and not any(ANYTHING in each for each in found) else policy.owner


def _may_be_allow(statement: Statement) -> bool:
    return statement.effect is Effect.ALLOW or (statement.effect is None and statement.unknown)


def _is_for(statement: Statement, accounts: Accounts, owner: str | None, kinds: set[Who]) -> bool:
    principals = statement.principals
    if statement.effect is not Effect.ALLOW or principals is None or principals.negated or not principals.values:
        return False
    return _whose(statement, statement.owner or owner, accounts) <= kinds


def _whose(statement: Statement, owner: str | None, accounts: Accounts) -> set[Who]:
    """Who a statement's principals are; everyone for `NotPrincipal`."""
    if statement.principals is None:
        return set()
    if statement.principals.negated:
        return {Who.EVERYONE}
    return {who(each, statement.owner or owner, accounts) for each in statement.principals.values}


def _fences(policy: Policy, statement: Statement) -> list[_Fence]:
    """The Denies of a policy that limit a statement, or may."""
    found = []
    for deny in _denies(policy):
        left = denies.limits_left(deny, statement)
        if left is None or left:
            reachable = actions.ALL if deny.unknown else actions.reachable(deny.actions)
            found.append(_Fence(actions.covered(deny.actions), reachable, left))
    return found


@lru_cache(maxsize=8)  # asked for each Allow, and most policies have none
def _denies(policy: Policy) -> tuple[Statement, ...]:
    """The statements of a policy that deny, or may."""
    return tuple(each for each in policy.statements if denies.may_deny(each))


def _limits_of(fences: list[_Fence], action: str) -> tuple[frozenset[Limit], frozenset[Limit]]:
    """What Denies limit an action to: surely, and for some content of what is unknown."""
    surely: frozenset[Limit] = frozenset()
    perhaps: frozenset[Limit] = frozenset()
    for fence in fences:
        if fence.left is not None and action in fence.covered:
            surely |= fence.left
        elif action in fence.reachable:
            perhaps |= frozenset(Limit) if fence.left is None else fence.left
    return surely, perhaps


def _may_allow(statement: Statement, action: str, owner: str | None, accounts: Accounts) -> bool:
    """Whether a statement can allow an action on the key to somebody of its account."""
    if action not in actions.reachable(statement.actions) or not _may_serve(statement, owner, accounts):
        return False
    return not any(_never_holds(each, action) for each in statement.conditions)


@lru_cache(maxsize=32)  # asked for one action after another
def _may_serve(statement: Statement, owner: str | None, accounts: Accounts) -> bool:
    """Whether a statement can be about the key, and about callers of its account."""
    if statement.resources is None:
        return False
    hits = [resources.is_key(value, None, owner) for value in statement.resources.values]
    if (True in hits) if statement.resources.negated else all(hit is False for hit in hits):
        return False
    pinned = tuple(each for each in statement.conditions if limits(each, statement.conditions) is True)
    named = accounts_named(pinned)
    return named is None or any(side(each, owner, accounts) is not Side.FOREIGN for each in named)


def _never_holds(condition: Condition, action: str) -> bool:
    """Whether a condition of a key policy never holds for an action of an identity, because its key is never there."""
    name = condition.key.form
    key = keys.find(name)
    absent = name.lower() in keys.SERVICE_ONLY or keys.in_request(name, action) is False
    return (absent or (key is not None and key.identity_only)) and passes_when_absent(condition) is False


def _keepers_of(
    policy: Policy, statement: Statement, action: str, owner: str | None, accounts: Accounts
) -> Iterable[Keeper]:
    if statement.principals is None:
        return
    if statement.principals.negated:
        if action not in taken_back(policy, statement, frozenset({action})):
            yield Keeper(statement, None)
        return
    for principal in statement.principals.values:
        if who(principal, statement.owner or owner, accounts) not in _MAY_ADMINISTER:
            continue
        if not any(action in denies.denied(deny, statement, principal) for deny in _denies(policy)):
            yield Keeper(statement, principal)


def _union(sets: Iterable[frozenset[str]]) -> frozenset[str]:
    return frozenset[str]().union(*sets)
