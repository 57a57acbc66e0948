"""Conditions that limit less than they seem to, and limits that are missing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from kms_lint.checks.admission import any_of, left, lets_in
from kms_lint.checks.allowed import allowances
from kms_lint.checks.principal import everyone
from kms_lint.checks.reach import GRAVE
from kms_lint.finding import Confidence, Hit, Severity
from kms_lint.iam import actions, conditions, keys, trust
from kms_lint.iam.conditions import WHO_CALLS, Limit
from kms_lint.iam.resources import Kind
from kms_lint.iam.trust import Trust
from kms_lint.model import Condition, Effect, Policy, PolicyKind, Statement, World
from kms_lint.rule import check
from kms_lint.source import At

_JUDGED: Final = frozenset({PolicyKind.KEY, PolicyKind.IDENTITY})
_THROUGH: Final = frozenset({Limit.PATH, Limit.CONTEXT})
_NARROWED: Final = frozenset({Limit.PATH, Limit.CONTEXT, Limit.KEY})
_USING: Final = actions.CRYPTOGRAPHIC - actions.CHECKING
_TELLING: Final = actions.READING | actions.CHECKING
_GRANT_TEST: Final = "kms:grantisforawsresource"
_TAG_NAMES: Final = "aws:tagkeys"
_TAGGING: Final = frozenset({"kms:TagResource", "kms:UntagResource"})
_WHOLESALE: Final = (*conditions.BY_ACCOUNT, *conditions.BY_ORGANIZATION)

_ON_GRANTS: Final = ("grant-condition-misused", "unrestricted-grants")
"""The rules that say of the test for grants that it is open."""


@check(Statement)
def condition_fails_open(statement: Statement, world: World) -> Iterator[Hit]:
    """An Allow is limited by a condition that also holds for requests which lack its key.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
    """
    if statement.effect is not Effect.ALLOW or not statement.conditions or statement.kind not in _JUDGED:
        return
    if not actions.covered(statement.actions) or statement.unknown:
        return
    for condition in statement.conditions:
        why = _opening(condition, statement.conditions)
        of_tags_only = _of_tags_only(condition, statement)
        if why is not None and of_tags_only is not True:
            label = f"passes when {condition.key} is absent, because of {why}"
            severity = _remaining(condition, statement)
            confidence = certainty_of_opening(condition, statement.conditions)
            confidence = Confidence.POSSIBLE if of_tags_only is None else confidence
            of_grants = _ON_GRANTS if condition.key.form.lower() == _GRANT_TEST else ()
            yield Hit(
                condition.key.at,
                label,
                str(condition.key),
                severity=severity,
                confidence=confidence,
                implied_by=of_grants,
            )


@check(Policy)
def missing_via_service(policy: Policy, world: World) -> Iterator[Hit]:
    """A whole account or organization, or an identity on all keys, uses keys through whatever it likes.

    https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-via-service
    """
    for statement in policy.statements:
        if statement.effect is not Effect.ALLOW or statement.unknown or _THROUGH & _surely(statement):
            continue
        if policy.kind is PolicyKind.KEY and lets_in(statement):
            yield from _wholesale(policy, statement, world)
        elif policy.kind is PolicyKind.IDENTITY:
            yield from _on_all_keys(policy, statement)


def _opening(condition: Condition, among: tuple[Condition, ...]) -> str | None:
    """What makes a condition hold for requests that lack its key; `None` when none does, or none is let through."""
    if not condition.key.known or not condition.operator.text.known or not keys.can_be_absent(condition.key.form):
        return None
    if condition.key.form.lower() in keys.SAFE_WHEN_ABSENT:
        return None
    if conditions.passes_when_absent(condition) is not True or conditions.guarded(condition, among):
        return None
    operator = conditions.parse(condition.operator.text)
    if operator.if_exists:
        return "IfExists"
    if operator.quantifier == conditions.FOR_ALL:
        vacuous = condition.key.form.lower() != "kms:grantoperations"
        return conditions.FOR_ALL if vacuous else None
    return f"Null {condition.values[0]}" if operator.comparison == "Null" else operator.comparison


def _of_tags_only(condition: Condition, statement: Statement) -> bool | None:
    """Whether a test of the names of tags is about requests alone that do nothing without such names.

    `None` when that depends on what is unknown.
    https://docs.aws.amazon.com/kms/latest/developerguide/tag-permissions.html
    """
    if condition.key.form.lower() != _TAG_NAMES or not actions.covered(statement.actions) <= _TAGGING:
        return False
    return True if actions.reachable(statement.actions) <= _TAGGING else None


def certainty_of_opening(condition: Condition, among: tuple[Condition, ...]) -> Confidence:
    """Only possible when another condition, of which not all is known, may ask for the key."""
    for other in among:
        may_be_the_same = not other.key.known or other.key.form.lower() == condition.key.form.lower()
        if other is not condition and may_be_the_same and conditions.passes_when_absent(other) is None:
            return Confidence.POSSIBLE
    return Confidence.DEFINITE


def _remaining(condition: Condition, statement: Statement) -> Severity:
    """How grave it is that one condition stands open, given the others."""
    others = tuple(each for each in statement.conditions if each is not condition)
    held = conditions.surely_limited(others)
    if held & WHO_CALLS or actions.covered(statement.actions) <= _TELLING:
        return Severity.LOW
    return Severity.MEDIUM if held & _THROUGH else Severity.HIGH


def _surely(statement: Statement) -> frozenset[Limit]:
    return conditions.surely_limited(statement.conditions)


def _wholesale(policy: Policy, statement: Statement, world: World) -> Iterator[Hit]:
    """A statement for everyone whose conditions let in a whole account or organization."""
    found = statement.conditions
    held = {each: conditions.limits(each, found) for each in found if conditions.limit(each) in WHO_CALLS}
    callers = [each for each, limits in held.items() if limits is True]
    if not callers or len(conditions.on(callers, *_WHOLESALE)) < len(callers) or any(map(_of_nobody, callers)):
        return
    names = [_names_identities(each) for each in found]
    if True in names:
        return
    unsure = None in (*held.values(), *names)
    at = trust.home(policy, world.accounts)
    whole = "the whole account" if conditions.on(callers, *conditions.BY_ACCOUNT) else "the whole organization"
    for principal in everyone(statement):
        severity = Severity.LOW if trust.standing(principal, at, statement).trust is Trust.OWN else None
        confidence = any_of(actions.CRYPTOGRAPHIC, left(policy, statement, principal))
        if confidence is not None:
            confidence = Confidence.POSSIBLE if unsure else confidence
            yield _without_service(principal.value.at, whole, confidence, severity, statement)


def _names_identities(condition: Condition) -> bool | None:
    """Whether a condition leaves identities of certain names, if of any account: `arn:aws:iam::*:role/deployer-*`.

    `None` when that depends on what is unknown.
    """
    if not conditions.on((condition,), "aws:PrincipalArn"):
        return False if condition.key.known else None
    passes = conditions.passes_when_absent(condition)
    if passes is None or not all(value.known for value in condition.values):
        return None
    names = [value.form.split(":", 5)[-1].partition("/") for value in condition.values]
    return not passes and all(kind.strip("*?") and rest.strip("*?/") for kind, _, rest in names)


def _of_nobody(condition: Condition) -> bool:
    """Whether a condition asks for an account that cannot be: a wildcard or a variable that is read as it stands."""
    return bool(conditions.on((condition,), *conditions.BY_ACCOUNT)) and all(
        "*" in value.form or conditions.matches_nothing(condition, value.form) for value in condition.values
    )


def _on_all_keys(policy: Policy, statement: Statement) -> Iterator[Hit]:
    """A statement of an identity policy that uses all keys, or all keys of an account, after all Denies."""
    given = next((each for each in allowances(policy) if each.statement is statement and each.broad), None)
    if given is None or _NARROWED & _surely(statement) or not given.surely & _USING:
        return
    at = next((value.at for value in actions.meaning(statement.actions, _USING)), statement.at)
    only_encrypts = given.kind is Kind.ACCOUNT_KEYS and not given.surely & GRAVE
    severity = Severity.LOW if only_encrypts else None
    yield _without_service(at, "this identity", Confidence.DEFINITE, severity, statement)


def _without_service(at: At, whom: str, confidence: Confidence, severity: Severity | None, statement: Statement) -> Hit:
    if _NARROWED & conditions.possibly_limited(statement.conditions):
        confidence = Confidence.POSSIBLE
    label = f"{whom} may use the key through any service, or directly"
    return Hit(at, label, severity=severity, confidence=confidence, statement=statement.index)
