"""Statements of key policies and identity policies that let grants be created for anybody and any operation.

https://docs.aws.amazon.com/kms/latest/developerguide/create-grant-overview.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from kms_lint.checks.reach import allowances, doubtful, never_allowed
from kms_lint.finding import Confidence, Hit
from kms_lint.iam import access, actions, conditions, principals
from kms_lint.iam.conditions import Limit
from kms_lint.iam.principals import Who
from kms_lint.model import Effect, Policy, PolicyKind, Statement, World
from kms_lint.rule import check
from kms_lint.source import At

_GRANT: Final = frozenset({"kms:CreateGrant"})
_LIMITING: Final = frozenset({Limit.GRANT, Limit.PATH, Limit.CONTEXT})
_OWN_IDENTITIES: Final = frozenset({Who.IDENTITY, Who.SOME_IDENTITY})
_DELEGATION: Final = frozenset({Who.OWN_ACCOUNT})
_NO_CALLERS: Final = frozenset({Who.SERVICE, Who.FEDERATED, Who.DELETED, Who.INVALID})


@check(Policy)
def unrestricted_grants(policy: Policy, world: World) -> Iterator[Hit]:
    """A statement allows kms:CreateGrant, and no condition limits the grant or who makes it for whom."""
    for statement, confidence in _creating(policy, world):
        limits = conditions.surely_limited(statement.conditions)
        if _LIMITING & (limits | access.limits_by_denies(policy, statement, _GRANT)):
            continue
        if _LIMITING & conditions.possibly_limited(statement.conditions):
            confidence = Confidence.POSSIBLE
        yield Hit(_place(statement), _label(statement), confidence=confidence, statement=statement.index)


def _creating(policy: Policy, world: World) -> Iterator[tuple[Statement, Confidence]]:
    """The statements that let somebody create grants who is not the key's own account as a whole."""
    for each in allowances(policy):
        if each.concerns_keys is not False and each.possibly & _GRANT:
            sure = each.surely & _GRANT and each.concerns_keys and not doubtful(each.statement)
            yield each.statement, Confidence.DEFINITE if sure else Confidence.POSSIBLE
    if policy.kind is PolicyKind.KEY:
        yield from _creating_by_key_policy(policy, world)


def _creating_by_key_policy(policy: Policy, world: World) -> Iterator[tuple[Statement, Confidence]]:
    owner = access.presumed_owner(policy)
    for statement in policy.statements:
        given = _given(policy, statement)
        found = _callers(statement, owner, world) if given else set()
        if found - {Who.UNKNOWN, Who.SOME_ACCOUNT} and given:
            yield statement, given
        elif found:
            yield statement, Confidence.POSSIBLE


def _given(policy: Policy, statement: Statement) -> Confidence | None:
    """Whether a statement of a key policy gives kms:CreateGrant: for certain, possibly, or not."""
    if statement.effect is not Effect.ALLOW or statement.resources is None:
        return None
    without = access.taken_back(policy, statement, _GRANT) | never_allowed(statement, _GRANT)
    if not _GRANT & actions.reachable(statement.actions) - without:
        return None
    sure = _GRANT & actions.covered(statement.actions) - access.possibly_taken_back(policy, statement, _GRANT)
    return Confidence.DEFINITE if sure and not statement.unknown and not doubtful(statement) else Confidence.POSSIBLE


def _callers(statement: Statement, owner: str | None, world: World) -> set[Who]:
    """Who may create grants by a statement of a key policy, but for the key's own account and its administrators.

    Who may rewrite the key policy needs no grants to give access away: AWS's console writes `kms:Create*` for them.
    """
    if statement.principals is None or statement.principals.negated:
        return set()
    account = statement.owner or owner
    found = {principals.who(each, account, world.accounts) for each in statement.principals.values}
    found -= _NO_CALLERS | _DELEGATION
    if "kms:PutKeyPolicy" in actions.reachable(statement.actions):
        found -= _OWN_IDENTITIES | {Who.UNKNOWN}
    return found


def _place(statement: Statement) -> At:
    """The value of `Action` that means kms:CreateGrant."""
    patterns = statement.actions
    assert patterns is not None
    found = actions.meaning(patterns, _GRANT)
    return patterns.name.at if patterns.negated else found[0].at if found else patterns.at


def _label(statement: Statement) -> str:
    """What can be granted, and why a condition that looks like a limit is none."""
    found = actions.meaning(statement.actions, _GRANT)
    includes = f"`{found[0]}` includes kms:CreateGrant: " if found and "kms:creategrant" != found[0].lower() else ""
    for condition in statement.conditions:
        why = conditions.why_open(condition, statement.conditions)
        if why and conditions.limit(condition) in _LIMITING:
            return f"{includes}grants any operation to anybody: the condition {why}"
    return f"{includes}grants any operation to anybody, in any account"
