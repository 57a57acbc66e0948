"""Principals that are everyone, nobody, or refused."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from kms_lint.checks.admission import any_of, left, lets_in
from kms_lint.finding import Hit, Severity
from kms_lint.iam import actions, conditions, kms, principals, trust
from kms_lint.iam.access import Exposure
from kms_lint.iam.conditions import WHO_CALLS, Limit
from kms_lint.iam.principals import Who
from kms_lint.iam.trust import Home, Trust
from kms_lint.model import Condition, Policy, PolicyKind, Principal, Statement, World
from kms_lint.rule import check

_TELLING: Final = actions.READING | {"kms:Verify", "kms:VerifyMac"}


@check(Policy)
def public_principal(policy: Policy, world: World) -> Iterator[Hit]:
    """A key policy lets in everyone, and nothing limits who calls."""
    if policy.kind is not PolicyKind.KEY:
        return
    for statement in policy.statements:
        if not lets_in(statement):
            continue
        for principal in everyone(statement):
            open_ = left(policy, statement, principal, WHO_CALLS)
            confidence = any_of(actions.ALL, open_)
            if confidence is not None:
                label, severity = _anyone(statement.conditions), severity_for_everyone(open_)
                at = principal.value.at
                yield Hit(at, label, severity=severity, confidence=confidence, statement=statement.index)


@check(Statement)
def deleted_principal(statement: Statement, world: World) -> Iterator[Hit]:
    """A principal is the unique id that is left of a user or role."""
    if statement.principals is None or statement.kind is not PolicyKind.KEY:
        return
    for principal in statement.principals.values:
        if trust.standing(principal, Home(statement.owner, world.accounts)).trust is Trust.DELETED:
            kind = kms.UNIQUE_IDS[principal.value.form[:4]]
            label = f"what is left of a {kind} that was deleted"
            if statement.principals.negated:
                label += ": it exempts nobody"
            yield Hit(principal.value.at, label)


@check(Statement)
def invalid_principal(statement: Statement, world: World) -> Iterator[Hit]:
    """A principal is written in a way that AWS refuses."""
    if statement.principals is None or statement.kind is not PolicyKind.KEY:
        return
    for principal in statement.principals.values:
        if principal.type.form not in principals.TYPES or principal.type.at == principal.value.at:
            continue  # reported with the structure of the policy
        fault = principals.fault(principal, statement.kind)
        if fault is not None and principals.who(principal, statement.owner, world.accounts) is not Who.EVERYONE:
            yield Hit(principal.value.at, fault)


def everyone(statement: Statement) -> tuple[Principal, ...]:
    """The principals of a statement that are everyone."""
    found = statement.principals
    return tuple(each for each in found.values if principals.who(each, None) is Who.EVERYONE) if found else ()


def severity_for_everyone(given: Exposure) -> Severity:
    """How grave it is that everyone is given actions: less when they only tell about the key, or check what it signed."""
    return Severity.CRITICAL if given.possibly - _TELLING else Severity.MEDIUM


def _anyone(found: tuple[Condition, ...]) -> str:
    """Who everyone is: through which service, or past which condition."""
    about_callers = [each for each in found if conditions.limit(each) in WHO_CALLS]
    for condition in about_callers:
        why = conditions.why_open(condition, found)
        if why:
            return f"anyone: the condition {why}"
    through = [value for each in found if _limits_path(each, found) for value in each.values]
    if through:
        return f"anyone, through {' or '.join(through)}"
    return "anyone in any AWS account"


def _limits_path(condition: Condition, among: tuple[Condition, ...]) -> bool:
    via_service = conditions.on((condition,), "kms:ViaService", "aws:CalledVia*")
    return bool(via_service) and conditions.limit(condition) is Limit.PATH and bool(conditions.limits(condition, among))
