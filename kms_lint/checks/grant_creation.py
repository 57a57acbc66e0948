"""Statements of key policies and identity policies that let grants be created for anybody and any operation.

https://docs.aws.amazon.com/kms/latest/developerguide/create-grant-overview.html
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from kms_lint.checks.admission import without_taken
from kms_lint.checks.callers import limited_to
from kms_lint.checks.reach import concerns_keys, never_allowed
from kms_lint.finding import Confidence, Hit, Severity
from kms_lint.iam import access, actions, conditions, principals, service_access, trust
from kms_lint.iam.access import Exposure
from kms_lint.iam.conditions import Limit
from kms_lint.iam.principals import Who
from kms_lint.iam.service_access import Use
from kms_lint.iam.trust import NEAR, Home, Trust
from kms_lint.model import Effect, Policy, PolicyKind, Principal, Statement, World
from kms_lint.rule import check
from kms_lint.source import At
from kms_lint.syntax.tree import Text

_GRANT: Final = frozenset({"kms:CreateGrant"})
_USING: Final = frozenset(f"kms:{name}" for name in actions.GRANT_OPERATIONS) & actions.CRYPTOGRAPHIC
_LIMITING: Final = frozenset({Limit.GRANT, Limit.PATH, Limit.CONTEXT})
_KINDS: Final = frozenset({PolicyKind.KEY, PolicyKind.IDENTITY})
_OWN_IDENTITIES: Final = frozenset({Who.IDENTITY, Who.SOME_IDENTITY})
_ANYBODY: Final = "anybody"
_NO_CALLERS: Final = frozenset({Who.SERVICE, Who.FEDERATED, Who.DELETED, Who.INVALID})


@check(Policy)
def unrestricted_grants(policy: Policy, world: World) -> Iterator[Hit]:
    """A statement allows kms:CreateGrant, and no condition limits the grant, who makes it, or for which data."""
    for statement in policy.statements:
        confidence = _given(policy, statement) if policy.kind in _KINDS else None
        if confidence is None or not _by_somebody(policy, statement, world):
            continue
        if not _surely_by_somebody(policy, statement, world):
            confidence = Confidence.POSSIBLE
        users = _grantees(policy, statement)
        whom = _ANYBODY if users is None else f"{_ANYBODY} of {limited_to(policy, users, _USING)}"
        near = users is not None and _near(policy, users, world)
        shown = _shown_by_aws(policy, statement, world)
        beside = f"; AWS shows this for {shown.of} ({shown.page})" if shown is not None else ""
        yield Hit(
            _place(statement),
            _label(statement, whom) + beside,
            severity=Severity.INFO if shown is not None else Severity.MEDIUM if near else None,
            confidence=confidence,
            statement=statement.index,
        )


def _grantees(policy: Policy, statement: Statement) -> Statement | None:
    """An Allow for everyone to use the key, where a Deny of the key policy leaves certain callers of that only.

    A grant gives nothing that a Deny takes.
    """
    if policy.kind is not PolicyKind.KEY or statement.actions is None or statement.principals is None:
        return None
    star, everything = Text("*", statement.at), Text("kms:*", statement.at)
    users = replace(
        statement,
        principals=statement.principals._replace(values=(Principal(star, star),), negated=False),
        actions=statement.actions._replace(values=(everything,), negated=False),
        conditions=(),
    )
    return users if limited_to(policy, users, _USING) else None


def _shown_by_aws(policy: Policy, statement: Statement, world: World) -> Use | None:
    """The use of a service for which AWS shows such a statement: named identities of the own account, and what it needs."""
    named = statement.principals.values if statement.principals is not None else ()
    owner = statement.owner or access.presumed_owner(policy)
    found = {principals.who(each, owner, world.accounts) for each in named}
    if policy.kind is not PolicyKind.KEY or not found or not found <= {*_OWN_IDENTITIES, Who.SERVICE}:
        return None
    exact = actions.covered(statement.actions)
    return service_access.shown_with_grants(exact) if exact == actions.reachable(statement.actions) else None


def _near(policy: Policy, users: Statement, world: World) -> bool:
    """Whether Denies leave only callers of the user's own accounts and organizations."""
    at = trust.home(policy, world.accounts)
    fences = trust.fences(policy, users, _USING)
    (anybody,) = users.principals.values if users.principals is not None else ()
    return trust.standing(anybody, at, users, tuple(fences.values())).trust in NEAR


def _given(policy: Policy, statement: Statement) -> Confidence | None:
    """Whether a statement gives kms:CreateGrant without limits: for certain, possibly, or not."""
    if statement.effect is not Effect.ALLOW or statement.resources is None:
        return None
    if not _GRANT & actions.reachable(statement.actions) or never_allowed(statement, _GRANT):
        return None
    open_ = access.exposed(policy, statement, _LIMITING)
    if _GRANT & open_.possibly:
        open_ = without_taken(policy, statement, Exposure(_GRANT & open_.surely, _GRANT))
    if _GRANT & open_.surely:
        return Confidence.DEFINITE
    return Confidence.POSSIBLE if _GRANT & open_.possibly else None


def _by_somebody(policy: Policy, statement: Statement, world: World) -> bool:
    """Whether somebody can make such grants by a statement who is not the key's own account as a whole."""
    if policy.kind is PolicyKind.KEY:
        return bool(_callers(statement, access.presumed_owner(policy), world))
    return not _negated(statement) and concerns_keys(statement) is not False


def _surely_by_somebody(policy: Policy, statement: Statement, world: World) -> bool:
    if policy.kind is PolicyKind.KEY:
        return bool(_callers(statement, access.presumed_owner(policy), world) - {Who.UNKNOWN, Who.SOME_ACCOUNT})
    return concerns_keys(statement) is True


def _negated(statement: Statement) -> bool:
    """Whether it is written with NotAction, which is a matter of its own."""
    return statement.actions is not None and statement.actions.negated


def _callers(statement: Statement, owner: str | None, world: World) -> set[Who]:
    """Who may create grants by a statement of a key policy, but for whole accounts of the user's and administrators.

    Who may rewrite the key policy needs no grants to give access away: AWS's console writes `kms:Create*` for them.
    """
    if statement.principals is None or statement.principals.negated:
        return set()
    account = owner or statement.owner
    named = [
        each for each in statement.principals.values if not _delegated(each, statement, Home(account, world.accounts))
    ]
    found = {principals.who(each, account, world.accounts) for each in named} - _NO_CALLERS
    if "kms:PutKeyPolicy" in actions.reachable(statement.actions):
        found -= _OWN_IDENTITIES | {Who.UNKNOWN}
    return found


def _delegated(principal: Principal, statement: Statement, at: Home) -> bool:
    """Whether a principal is a whole account of the user's, which decides by IAM policies.

    That an account is in the organization is not enough: grants can be made for principals outside of it.
    """
    return principals.is_account(principal) and trust.standing(principal, at, statement).trust is Trust.OWN


def _place(statement: Statement) -> At:
    """The value of `Action` that means kms:CreateGrant."""
    patterns = statement.actions
    assert patterns is not None
    found = actions.meaning(patterns, _GRANT)
    return patterns.name.at if patterns.negated else found[0].at if found else patterns.at


def _label(statement: Statement, whom: str) -> str:
    """What can be granted, to whom, and why a condition that looks like a limit is none."""
    found = actions.meaning(statement.actions, _GRANT)
    includes = f"`{found[0]}` includes kms:CreateGrant: " if found and found[0].lower() != "kms:creategrant" else ""
    for condition in statement.conditions:
        why = conditions.why_open(condition, statement.conditions)
        if why and conditions.limit(condition) in _LIMITING:
            return f"{includes}grants any operation to {whom}: the condition {why}"
    if conditions.on(statement.conditions, "kms:GrantConstraintSourceArn"):
        return f"{includes}grants any operation to {whom}: a SourceArn binds services only, and the grantee need not be one"
    anywhere = ", in any account" if whom == _ANYBODY else ""
    return f"{includes}grants any operation to {whom}{anywhere}"
