"""Principals that are everyone, nobody, or refused."""

from __future__ import annotations

from collections.abc import Iterator

from kms_lint.checks.admission import any_of, left, lets_in, without_taken
from kms_lint.checks.callers import anyone, limited_to, severity_for_everyone
from kms_lint.finding import Hit, Severity
from kms_lint.iam import access, actions, kms, principals, trust
from kms_lint.iam.conditions import WHO_CALLS
from kms_lint.iam.principals import Who
from kms_lint.iam.trust import Home, Trust
from kms_lint.model import Effect, Policy, PolicyKind, Principal, Statement, World
from kms_lint.rule import check


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
                label, severity = anyone(policy, statement, open_), severity_for_everyone(open_)
                at = principal.value.at
                yield Hit(at, label, severity=severity, confidence=confidence, statement=statement.index)


@check(Policy)
def not_principal_allow(policy: Policy, world: World) -> Iterator[Hit]:
    """An Allow is written with NotPrincipal; less grave where conditions or Denies keep strangers out.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
    """
    for statement in policy.statements:
        if statement.effect is not Effect.ALLOW or statement.principals is None or not statement.principals.negated:
            continue
        label, severity = "everyone in every AWS account, except those named", Severity.CRITICAL
        if policy.kind is PolicyKind.KEY and statement.actions is not None:
            open_ = without_taken(policy, statement, access.exposed(policy, statement, WHO_CALLS), strangers=True)
            severity = severity_for_everyone(open_) if open_.possibly else Severity.MEDIUM
            if not open_.possibly:
                whom = limited_to(policy, statement)
                whoever = f"of {whom}" if whom else "whom conditions and Denies let pass"
                label = f"everyone {whoever}, except those named"
        yield Hit(statement.principals.name.at, label, severity=severity, statement=statement.index)


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
