"""Facts about a statement of a policy. Each function makes a fact of the words that a rule file says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from kms_lint.iam import actions, conditions, principals, resources
from kms_lint.iam.conditions import Limit
from kms_lint.iam.wildcards import matches
from kms_lint.match.words import Places, Words, whom
from kms_lint.model import Condition, Effect, Operator, Patterns, PolicyKind, Statement, World
from kms_lint.source import At

StatementFact: TypeAlias = Callable[[Statement, World], Places]


def policy(words: Words) -> StatementFact:
    """The statement stands in a policy of one of these kinds."""
    kinds = frozenset(PolicyKind(str(word)) for word in words)
    return lambda statement, world: [(statement.at, True)] if statement.kind in kinds else []


def effect(words: Words) -> StatementFact:
    """The statement has this effect."""
    wanted = frozenset(Effect(word) for word in words)

    def fact(statement: Statement, world: World) -> Places:
        if statement.effect in wanted:
            return [(statement.effect_text.at if statement.effect_text else statement.at, not statement.unknown)]
        text = statement.effect_text
        return [(text.at, False)] if statement.effect is None and text is not None and not text.known else []

    return fact


def principal(words: Words) -> StatementFact:
    """Someone of these is a principal."""
    sure, maybe = whom(words)

    def fact(statement: Statement, world: World) -> Places:
        if statement.principals is None or statement.principals.negated:
            return
        for principal in statement.principals.values:
            who = principals.who(principal, statement.owner, world.accounts)
            if who in sure or who in maybe:
                yield principal.value.at, who in sure and not statement.unknown

    return fact


def written_with(words: Words) -> StatementFact:
    """The statement has one of these elements."""

    def fact(statement: Statement, world: World) -> Places:
        for element in (statement.principals, statement.actions, statement.resources):
            if element is not None and element.name in words:
                yield element.name.at, True
        if statement.conditions and "Condition" in words:
            yield statement.conditions[0].at, True

    return fact


def action(words: Words) -> StatementFact:
    """One of these actions is covered, by name, by wildcard or by `NotAction`."""
    wanted = frozenset(str(word) for word in words)

    def fact(statement: Statement, world: World) -> Places:
        if statement.actions is None:
            return []
        if wanted & actions.covered(statement.actions):
            return [(_pattern_at(statement.actions, wanted), True)]
        return [(statement.actions.at, False)] if wanted & actions.reachable(statement.actions) else []

    return fact


def _pattern_at(patterns: Patterns, wanted: frozenset[str]) -> At:
    """The pattern that covers one of some actions; the whole element when it is `NotAction`."""
    if not patterns.negated:
        for value in patterns.values:
            if value.known and wanted & actions.expand(value.form):
                return value.at
    return patterns.name.at if patterns.negated else patterns.at


def action_named(words: Words) -> StatementFact:
    """One of these is a value of `Action`, as it stands, letter case aside."""
    wanted = frozenset(str(word).lower() for word in words)

    def fact(statement: Statement, world: World) -> Places:
        if statement.actions is None or statement.actions.negated:
            return []
        return [(value.at, True) for value in statement.actions.values if value.form.lower() in wanted]

    return fact


def resource(words: Words) -> StatementFact:
    """A resource reaches as far as one of these."""
    wanted = frozenset(resources.Kind[str(word).replace("-", "_").upper()] for word in words)

    def fact(statement: Statement, world: World) -> Places:
        if statement.resources is None or statement.resources.negated:
            return
        for value in statement.resources.values:
            kind = resources.reach(value).kind
            if kind in wanted or kind is resources.Kind.UNKNOWN:
                yield value.at, kind in wanted

    return fact


def condition_key(words: Words) -> StatementFact:
    """A condition looks at one of these keys."""

    def fact(statement: Statement, world: World) -> Places:
        for condition in statement.conditions:
            if not condition.key.known:
                yield condition.at, False
            elif _looks_at(condition, words):
                yield condition.at, True

    return fact


def _looks_at(condition: Condition, words: Words) -> bool:
    return any(matches(str(word).lower(), condition.key.form.lower()) for word in words)


OPERATORS: Final[Mapping[str, Callable[[Operator], bool]]] = {
    "if-exists": lambda operator: operator.if_exists,
    "for-all-values": lambda operator: operator.quantifier == conditions.FOR_ALL,
    "for-any-value": lambda operator: operator.quantifier == conditions.FOR_ANY,
    "negated": lambda operator: "Not" in (operator.comparison or ""),
    "null": lambda operator: operator.comparison == "Null",
}
"""What an operator may be like."""


def condition_operator(words: Words) -> StatementFact:
    """A condition has an operator like one of these."""
    wanted = [OPERATORS[str(word)] for word in words]

    def fact(statement: Statement, world: World) -> Places:
        for condition in statement.conditions:
            if not condition.operator.text.known:
                yield condition.at, False
            elif any(like(conditions.parse(condition.operator.text)) for like in wanted):
                yield condition.operator.text.at, True

    return fact


def unless_limited_by(words: Words) -> StatementFact:
    """No condition limits the statement in one of these ways; what is unknown may limit it."""
    wanted = frozenset(Limit[str(word).upper()] for word in words)

    def fact(statement: Statement, world: World) -> Places:
        if wanted & conditions.surely_limited(statement.conditions):
            return []
        return [(statement.at, not wanted & conditions.possibly_limited(statement.conditions))]

    return fact


def unless_condition(words: Words) -> StatementFact:
    """No condition looks at one of these keys; what is unknown may."""

    def fact(statement: Statement, world: World) -> Places:
        if any(condition.key.known and _looks_at(condition, words) for condition in statement.conditions):
            return []
        return [(statement.at, all(condition.key.known for condition in statement.conditions))]

    return fact
