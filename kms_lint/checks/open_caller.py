"""Everybody is let in, and the condition that should keep strangers out names something that strangers can have.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-sensitive
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from kms_lint.checks.admission import any_of, left, lets_in
from kms_lint.checks.callers import severity_for_everyone
from kms_lint.checks.principal import everyone
from kms_lint.finding import Confidence, Hit, Severity
from kms_lint.iam import actions, comparisons, conditions, pins, wildcards
from kms_lint.iam.conditions import WHO_CALLS
from kms_lint.model import Condition, Policy, PolicyKind, Statement, World
from kms_lint.rule import check
from kms_lint.syntax.tree import ANYTHING, Text

_ARNS: Final = ("aws:PrincipalArn", "aws:SourceArn", "aws:SourceVpcArn", "lambda:SourceFunctionArn")
_ORGANIZATIONS: Final = ("aws:PrincipalOrgID", "aws:SourceOrgID", "aws:VpceOrgID")
_PATHS: Final = ("aws:PrincipalOrgPaths", "aws:SourceOrgPaths", "aws:VpceOrgPaths")
_CALLERS: Final = (*_ARNS, *_ORGANIZATIONS, *_PATHS, "aws:PrincipalAccount", "kms:CallerAccount", "aws:SourceAccount")

Judge = Callable[[Condition, bool], Iterator[tuple[Text, str]]]
"""The values of a condition that strangers can have, each with why; it is told whether wildcards are read."""


@check(Policy)
def account_wildcard_condition(policy: Policy, world: World) -> Iterator[Hit]:
    """The caller has to have an ARN of a form that anybody can make in an account of their own."""
    yield from _open(policy, _ARNS, _any_account)


@check(Policy)
def caller_chosen_condition(policy: Policy, world: World) -> Iterator[Hit]:
    """The caller is compared with something that the caller's own account sets."""
    yield from _open(policy, _CALLERS, _chosen)


@check(Policy)
def open_organization_condition(policy: Policy, world: World) -> Iterator[Hit]:
    """The caller's organization may be any, or the path to its unit goes on into others."""
    yield from _open(policy, _ORGANIZATIONS, _any_organization)
    if policy.kind is PolicyKind.KEY:
        for statement in policy.statements:
            yield from _paths(policy, statement)


def _open(policy: Policy, names: tuple[str, ...], judge: Judge) -> Iterator[Hit]:
    """The statements that let in everybody but for such a condition."""
    if policy.kind is not PolicyKind.KEY:
        return
    for statement in policy.statements:
        found = conditions.on(statement.conditions, *names)
        if not found or not lets_in(statement):
            continue
        exposures = [left(policy, statement, each, WHO_CALLS) for each in everyone(statement)]
        known = [each for each in exposures if any_of(actions.ALL, each) is not None]
        if known:
            sure = any(any_of(actions.ALL, each) is Confidence.DEFINITE for each in known)
            confidence = Confidence.DEFINITE if sure else Confidence.POSSIBLE
            severity = max(severity_for_everyone(each) for each in known)
            yield from (
                each._replace(severity=severity, confidence=confidence) for each in _hits(statement, found, judge)
            )


def _hits(statement: Statement, found: tuple[Condition, ...], judge: Judge) -> Iterator[Hit]:
    for condition in found:
        compared = comparisons.comparison(comparisons.parse(condition.operator.text))
        if compared is None or compared.negated or compared.type == "Null":
            continue
        if conditions.limits(condition, statement.conditions) is not False:
            continue
        for value, why in judge(condition, compared.wildcards):
            yield Hit(value.at, why, str(value), statement=statement.index)


def _any_account(condition: Condition, like: bool) -> Iterator[tuple[Text, str]]:
    for value in condition.values if like else ():
        parts = value.form.split(":", 5)
        account = parts[4] if len(parts) == 6 else value.form
        if wildcards.has_wildcard(account) and "${" not in account and ANYTHING not in account:
            yield value, "anybody can make such an ARN in an account of theirs"


def _chosen(condition: Condition, like: bool) -> Iterator[tuple[Text, str]]:
    for value in condition.values:
        if pins.chosen_by_caller(value.form):
            yield value, pins.why(condition.key, (value,), like)


def _any_organization(condition: Condition, like: bool) -> Iterator[tuple[Text, str]]:
    for value in condition.values if like else ():
        if wildcards.has_wildcard(value.form) and "${" not in value.form:
            yield value, "anybody's organization has an id of this form"


def _paths(policy: Policy, statement: Statement) -> Iterator[Hit]:
    """Paths of units that lack their end: a sibling whose id begins alike is let in as well, or nobody is."""
    if not lets_in(statement) or statement.unknown:
        return
    for condition in conditions.on(statement.conditions, *_PATHS):
        operator = comparisons.parse(condition.operator.text)
        compared = comparisons.comparison(operator)
        if compared is None or compared.negated or compared.type != "String":
            continue
        for value in condition.values:
            form = value.form
            fixed = form.rstrip("*")
            if ANYTHING in form or "$" in form or "<" in form or fixed.endswith("/") or "/" not in fixed:
                continue
            if compared.wildcards and form.endswith("*"):
                label = f"units whose id goes on from here are let in as well: write `{fixed}/*`"
                yield Hit(value.at, label, str(value), statement=statement.index)
            elif "*" not in form and "?" not in form:
                label = f"the path of a unit ends in `/`, so this is none: write `{form}/`"
                yield Hit(value.at, label, str(value), severity=Severity.MEDIUM, statement=statement.index)
