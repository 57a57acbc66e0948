"""Statements as formulas, and policies as what their statements give together."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Final

from kms_lint.iam import actions
from kms_lint.model import Effect, Patterns, Policy, PolicyKind, Statement
from kms_lint.reason import callers
from kms_lint.reason.callers import crossing, with_colons
from kms_lint.reason.entries import entry, variables
from kms_lint.reason.formula import Formula, Literal, conjunction, disjunction, negation
from kms_lint.reason.granted import OfGrant
from kms_lint.reason.request import Way
from kms_lint.reason.space import ACTION, RESOURCE, Space, Word, literally, open_question
from kms_lint.reason.variables import read
from kms_lint.record import dataclass
from kms_lint.syntax.tree import ANYTHING, Text


class Reading(StrEnum):
    """Whether a key policy is read as KMS does, with IAM policies and limits beside it, or on its own."""

    KMS = "kms"
    POLICY_ONLY = "policy-only"


IDENTITY_ALLOWS: Final = Literal("identity", 2, 3)
LIMITS_ALLOW: Final = Literal("limits", 1, 3)
WITH_PRINCIPAL: Final = frozenset({PolicyKind.KEY, PolicyKind.RESOURCE, PolicyKind.RCP, PolicyKind.TRUST})


@dataclass(frozen=True, slots=True)
class Meant:
    """The requests that a statement is about: for each way to a caller who, and of them which requests."""

    statement: Statement
    ways: dict[Way, Formula]
    scope: Formula
    allows: Formula
    denies: Formula

    @property
    def whole(self) -> Formula:
        """All its requests."""
        return conjunction((disjunction(self.ways.values()), self.scope))


def meant(space: Space, policy: Policy, facts: bool, side: str, whole: frozenset[str] = frozenset()) -> list[Meant]:
    """What each statement of a policy is about; what is unknown as a whole is another on each `side`.

    Wildcards of the resources in `whole` cross colons.
    """
    return [_meant(space, statement, facts, side, whole) for statement in read(policy).statements]


def _meant(space: Space, statement: Statement, facts: bool, side: str, whole: frozenset[str]) -> Meant:
    if statement.unknown and statement.effect is None:
        guard = f"statement {statement.index} of unknown content {side}"
        scope = (
            True
            if statement.actions is None and statement.principals is None
            else _scope(space, statement, facts, whole)
        )
        allows = open_question("hole", f"{guard} allows")
        denies = conjunction((negation(allows), open_question("hole", f"{guard} denies")))
        ways = _ways(space, statement) if statement.principals else _everybody()
        return Meant(statement, ways, conjunction((scope, open_question("hole", guard))), allows, denies)
    allows, scope = statement.effect is Effect.ALLOW, _scope(space, statement, facts, whole)
    return Meant(statement, _ways(space, statement), scope, allows, statement.effect is Effect.DENY)


def _ways(space: Space, statement: Statement) -> dict[Way, Formula]:
    named = statement.principals
    if named is None:
        return {Way.DIRECT: statement.kind not in WITH_PRINCIPAL}
    if named.negated:
        return {Way.DIRECT: callers.others(space, named, statement.effect is Effect.DENY)}
    return callers.ways(space, named)


def _scope(space: Space, statement: Statement, facts: bool, whole: frozenset[str]) -> Formula:
    return conjunction(
        (
            _actions(space, statement.actions),
            _resources(space, statement.resources, whole) if statement.kind is not PolicyKind.TRUST else True,
            *(entry(space, each, facts) for each in statement.conditions),
        )
    )


def _actions(space: Space, patterns: Patterns | None) -> Formula:
    if patterns is None:
        return False
    found = disjunction([_action(space, value) for value in patterns.values])
    return negation(found) if patterns.negated else found


def _action(space: Space, value: Text) -> Formula:
    form = value.form
    matched = space.word(ACTION, Word(form.replace(ANYTHING, "*"), True, True))
    return conjunction((matched, open_question("hole", f"action {value}"))) if ANYTHING in form else matched


def _resources(space: Space, patterns: Patterns | None, whole: frozenset[str]) -> Formula:
    if patterns is None:
        return False
    found = disjunction([_resource(space, value, value.form in whole) for value in patterns.values])
    return negation(found) if patterns.negated else found


def _resource(space: Space, value: Text, whole: bool) -> Formula:
    form = value.form
    if form == "*":
        return True
    reason = "hole" if ANYTHING in form else "relational" if variables(form) else ""
    form = literally(form.replace(ANYTHING, "*"))
    if "${" in form:
        form = form[: form.index("${")] + "*"
    found = disjunction([_arn(space, each) for each in (crossing(form) if whole else with_colons(form))])
    return conjunction((found, open_question(reason, f"resource {value}"))) if reason else found


def _arn(space: Space, text: str) -> Formula:
    """Each part of the ARN matches its part of the pattern."""
    arn, *parts = text.split(":", 5)
    if not Word(arn, True).matches("arn"):
        return False
    return conjunction(
        [space.word(name, Word(part, True)) for name, part in zip(RESOURCE, parts, strict=True) if part != "*"]
    )


def decision(space: Space, kind: PolicyKind, statements: Sequence[Meant], account: str | None, facts: bool) -> Formula:
    """The requests that a policy allows. With an account it is a key policy, read as KMS does for a key of it."""
    denied = disjunction([conjunction((each.denies, each.whole)) for each in statements])
    if account is None:
        return conjunction((_allowed(kind, statements), negation(denied)))
    return conjunction((_by_kms(space, statements, account, facts), negation(denied)))


def _allowed(kind: PolicyKind, statements: Sequence[Meant]) -> Formula:
    if kind is PolicyKind.RCP:
        return True
    return disjunction([conjunction((each.allows, each.whole)) for each in statements])


def _by_kms(space: Space, statements: Sequence[Meant], account: str, facts: bool) -> Formula:
    """Directly, within the limits of the role, by IAM policies of the account, or together with another account.

    https://docs.aws.amazon.com/kms/latest/developerguide/policy-evaluation.html
    """
    policy = [each for each in statements if not isinstance(each.statement, OfGrant)]
    by = {way: _by(policy, way) for way in Way}
    foreign = conjunction((callers.has_account(space), negation(callers.of_account(space, account))))
    both = conjunction((IDENTITY_ALLOWS, LIMITS_ALLOW))
    own = disjunction(
        (
            by[Way.DIRECT],
            conjunction((by[Way.BOUNDED], LIMITS_ALLOW)),
            conjunction((by[Way.DELEGATED], disjunction((both, callers.is_root(space))))),
        )
    )
    across = space.among(ACTION, actions.CROSS_ACCOUNT.__contains__) if facts else True
    other = conjunction((foreign, across, both, disjunction(by.values())))
    effective = space.among(ACTION, lambda name: name not in actions.WITHOUT_EFFECT_IN_KEY_POLICY) if facts else True
    by_policy = conjunction((effective, disjunction((conjunction((negation(foreign), own)), other))))
    return disjunction((by_policy, _by_grant(space, statements)))


def _by_grant(space: Space, statements: Sequence[Meant]) -> Formula:
    """By a grant alone, from whichever account; who is meant as a whole account needs an IAM policy as well.

    https://docs.aws.amazon.com/kms/latest/developerguide/grants.html
    """
    grants = [each for each in statements if isinstance(each.statement, OfGrant)]
    alone = disjunction((_by(grants, Way.DIRECT), _by(grants, Way.BOUNDED)))
    both = disjunction((conjunction((IDENTITY_ALLOWS, LIMITS_ALLOW)), callers.is_root(space)))
    return disjunction((alone, conjunction((_by(grants, Way.DELEGATED), both))))


def _by(statements: Sequence[Meant], way: Way) -> Formula:
    return disjunction([conjunction((each.allows, each.ways.get(way, False), each.scope)) for each in statements])


def _everybody() -> dict[Way, Formula]:
    """Every caller, in every way."""
    return {way: True for way in Way}  # noqa: C420 - the values are formulas
