"""What `match` in a rule file may say of one statement, key or grant.

The vocabulary is closed: all facts must hold, a list means any of these, and there is no `or`, no `not`, no nesting.
A fact yields the places that make it true, and none when it is false, so that truth and place are one thing. A place
is unsure when it only makes the fact true for some values of what is unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final, TypeAlias

from kms_lint.finding import Confidence, Hit
from kms_lint.iam import actions, conditions, principals, resources
from kms_lint.iam.conditions import Limit
from kms_lint.iam.principals import Who
from kms_lint.iam.wildcards import matches
from kms_lint.model import (
    Condition,
    Effect,
    Grant,
    Key,
    Operator,
    Patterns,
    PolicyKind,
    Principal,
    Statement,
    World,
)
from kms_lint.rule import Subject
from kms_lint.source import At
from kms_lint.syntax.tree import Text

Word: TypeAlias = "str | bool | int"
Places: TypeAlias = Iterable[tuple[At, bool]]
"""Where a fact holds, and whether it surely does."""

StatementFact: TypeAlias = Callable[[Statement, World], Places]
KeyFact: TypeAlias = Callable[[Key, World], Places]
GrantFact: TypeAlias = Callable[[Grant, World], Places]
Run: TypeAlias = Callable[..., Iterable[Hit]]


def subject(spec: Mapping[str, object]) -> type[Subject]:
    """The type of thing that a `match` is about."""
    return SUBJECTS[next(iter(spec))]


def compile(spec: Mapping[str, Mapping[str, Word | Sequence[Word]]], label: str) -> Run:
    """The check that a `match` means; its hits are at the places of the first fact."""
    (about, facts), *_ = spec.items()
    if about == "statement":
        return _statement(facts, label)
    return _check([FACTS[about][name](many(value)) for name, value in facts.items()], label)


def many(value: Word | Sequence[Word]) -> tuple[Word, ...]:
    """The words of a fact, whether one was given or a list."""
    return (value,) if isinstance(value, str | bool | int) else tuple(value)


def _statement(facts: Mapping[str, Word | Sequence[Word]], label: str) -> Run:
    """Looks at the kind of the policy and the effect before anything else: nearly all statements end there."""
    kinds = frozenset(PolicyKind(str(word)) for word in many(facts.get("policy", tuple(PolicyKind))))
    other = {Effect.ALLOW: Effect.DENY, Effect.DENY: Effect.ALLOW}
    never = other[Effect(facts["effect"])] if "effect" in facts else None
    rest = _check([FACTS["statement"][name](many(value)) for name, value in facts.items()], label)

    def check(statement: Statement, world: World) -> Iterable[Hit]:
        if statement.kind not in kinds or (never is not None and statement.effect is never):
            return ()
        return rest(statement, world)

    return check


def _check(facts: Sequence[Callable[..., Places]], label: str) -> Run:
    first, *others = facts

    def check(subject: Subject, world: World) -> Iterator[Hit]:
        certain = True
        for fact in others:
            sure = [each for _, each in fact(subject, world)]
            if not sure:
                return
            certain = certain and any(sure)
        for at, sure_here in first(subject, world):
            confidence = Confidence.DEFINITE if certain and sure_here else Confidence.POSSIBLE
            yield Hit(at, label, confidence=confidence)

    return check


def _policy(words: Sequence[Word]) -> StatementFact:
    kinds = frozenset(PolicyKind(str(word)) for word in words)
    return lambda statement, world: [(statement.at, True)] if statement.kind in kinds else []


def _effect(words: Sequence[Word]) -> StatementFact:
    wanted = frozenset(Effect(word) for word in words)

    def fact(statement: Statement, world: World) -> Places:
        if statement.effect in wanted:
            return [(statement.effect_text.at if statement.effect_text else statement.at, not statement.unknown)]
        text = statement.effect_text
        return [(text.at, False)] if statement.effect is None and text is not None and not text.known else []

    return fact


UNSETTLED: Final = {
    "own-account": frozenset({Who.SOME_ACCOUNT}),
    "foreign-account": frozenset({Who.SOME_ACCOUNT}),
    "identity": frozenset({Who.SOME_IDENTITY}),
    "foreign-identity": frozenset({Who.SOME_IDENTITY}),
}
"""What may turn out to be one of these, once the account that owns the policy is known."""


def _whom(words: Sequence[Word]) -> tuple[frozenset[Who], frozenset[Who]]:
    """Who is surely, and who possibly, meant by some words."""
    sure = frozenset(Who[str(word).replace("-", "_").upper()] for word in words)
    maybe = frozenset().union(*(UNSETTLED.get(str(word), frozenset()) for word in words)) | {Who.UNKNOWN}
    return sure, maybe


def _principal(words: Sequence[Word]) -> StatementFact:
    sure, maybe = _whom(words)

    def fact(statement: Statement, world: World) -> Places:
        if statement.principals is None or statement.principals.negated:
            return
        for principal in statement.principals.values:
            who = principals.who(principal, statement.owner, world.accounts)
            if who in sure or who in maybe:
                yield principal.value.at, who in sure and not statement.unknown

    return fact


def _written_with(words: Sequence[Word]) -> StatementFact:
    def fact(statement: Statement, world: World) -> Places:
        for element in (statement.principals, statement.actions, statement.resources):
            if element is not None and element.name in words:
                yield element.name.at, True
        if statement.conditions and "Condition" in words:
            yield statement.conditions[0].at, True

    return fact


def _action(words: Sequence[Word]) -> StatementFact:
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


def _action_named(words: Sequence[Word]) -> StatementFact:
    wanted = frozenset(str(word).lower() for word in words)

    def fact(statement: Statement, world: World) -> Places:
        if statement.actions is None or statement.actions.negated:
            return []
        return [(value.at, True) for value in statement.actions.values if value.form.lower() in wanted]

    return fact


def _resource(words: Sequence[Word]) -> StatementFact:
    wanted = frozenset(resources.Kind[str(word).replace("-", "_").upper()] for word in words)

    def fact(statement: Statement, world: World) -> Places:
        if statement.resources is None or statement.resources.negated:
            return
        for value in statement.resources.values:
            kind = resources.reach(value).kind
            if kind in wanted or kind is resources.Kind.UNKNOWN:
                yield value.at, kind in wanted

    return fact


def _condition_key(words: Sequence[Word]) -> StatementFact:
    def fact(statement: Statement, world: World) -> Places:
        for condition in statement.conditions:
            if not condition.key.known:
                yield condition.at, False
            elif _looks_at(condition, words):
                yield condition.at, True

    return fact


def _looks_at(condition: Condition, words: Sequence[Word]) -> bool:
    return any(matches(str(word).lower(), condition.key.form.lower()) for word in words)


OPERATORS: Final[Mapping[str, Callable[[Operator], bool]]] = {
    "if-exists": lambda operator: operator.if_exists,
    "for-all-values": lambda operator: operator.quantifier == conditions.FOR_ALL,
    "for-any-value": lambda operator: operator.quantifier == conditions.FOR_ANY,
    "negated": lambda operator: "Not" in (operator.comparison or ""),
    "null": lambda operator: operator.comparison == "Null",
}
"""What an operator may be like."""


def _condition_operator(words: Sequence[Word]) -> StatementFact:
    wanted = [OPERATORS[str(word)] for word in words]

    def fact(statement: Statement, world: World) -> Places:
        for condition in statement.conditions:
            if not condition.operator.text.known:
                yield condition.at, False
            elif any(like(conditions.parse(condition.operator.text)) for like in wanted):
                yield condition.operator.text.at, True

    return fact


def _unless_limited_by(words: Sequence[Word]) -> StatementFact:
    wanted = frozenset(Limit[str(word).upper()] for word in words)

    def fact(statement: Statement, world: World) -> Places:
        if wanted & conditions.surely_limited(statement.conditions):
            return []
        return [(statement.at, not wanted & conditions.possibly_limited(statement.conditions))]

    return fact


def _unless_condition(words: Sequence[Word]) -> StatementFact:
    def fact(statement: Statement, world: World) -> Places:
        if any(condition.key.known and _looks_at(condition, words) for condition in statement.conditions):
            return []
        return [(statement.at, all(condition.key.known for condition in statement.conditions))]

    return fact


def _setting(name: str) -> Callable[[Sequence[Word]], KeyFact]:
    """A fact about an argument of a key; an argument that is not written makes it false."""

    def make(words: Sequence[Word]) -> KeyFact:
        def fact(key: Key, world: World) -> Places:
            setting = key.settings.get(name)
            if setting is None or (setting.known and setting.value not in words):
                return []
            return [(setting.at, setting.known)]

        return fact

    return make


def _no_policy(words: Sequence[Word]) -> KeyFact:
    return lambda key, world: [] if key.policies else [(key.at, not key.policy_unknown)]


def _replica(words: Sequence[Word]) -> KeyFact:
    return lambda key, world: [(key.at, True)] if key.replica in words else []


def _operation(words: Sequence[Word]) -> GrantFact:
    def fact(grant: Grant, world: World) -> Places:
        for operation in grant.operations:
            if not operation.known or operation in words:
                yield operation.at, operation.known

    return fact


def _grantee(words: Sequence[Word]) -> GrantFact:
    sure, maybe = _whom(words)

    def fact(grant: Grant, world: World) -> Places:
        if grant.grantee is None or grant.service:
            return []
        who = principals.who(Principal(Text("AWS", grant.grantee.at), grant.grantee), grant.owner, world.accounts)
        return [(grant.grantee.at, who in sure)] if who in sure or who in maybe else []

    return fact


def _unless_constrained(words: Sequence[Word]) -> GrantFact:
    return lambda grant, world: [] if grant.constraints else [(grant.at, not grant.constraints_unknown)]


SUBJECTS: Final[Mapping[str, type[Subject]]] = {"statement": Statement, "key": Key, "grant": Grant}
"""What a `match` may be about."""

FACTS: Final[Mapping[str, Mapping[str, Callable[[Sequence[Word]], Callable[..., Places]]]]] = {
    "statement": {
        "policy": _policy,
        "effect": _effect,
        "principal": _principal,
        "written_with": _written_with,
        "action": _action,
        "action_named": _action_named,
        "resource": _resource,
        "condition_key": _condition_key,
        "condition_operator": _condition_operator,
        "unless_limited_by": _unless_limited_by,
        "unless_condition": _unless_condition,
    },
    "key": {
        "policy": _no_policy,
        "rotation": _setting("rotation"),
        "enabled": _setting("enabled"),
        "multi_region": _setting("multi_region"),
        "bypass": _setting("bypass"),
        "replica": _replica,
    },
    "grant": {"operation": _operation, "grantee": _grantee, "unless_constrained": _unless_constrained},
}
"""The vocabulary: the names are those of `rules/schema.json`."""
