"""What `match` in a rule file may say of one statement, key or grant.

The vocabulary is closed: all facts must hold, a list means any of these, and there is no `or`, no `not`, no nesting.
A fact yields the places that make it true, and none when it is false, so that truth and place are one thing. A place
is unsure when it only makes the fact true for some values of what is unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final, TypeAlias

from kms_lint.finding import Confidence, Hit
from kms_lint.match import grant, key, statement
from kms_lint.match.words import Places, Word, Words
from kms_lint.model import Effect, Grant, Key, PolicyKind, Statement, World
from kms_lint.rule import Subject

__all__ = ["FACTS", "SUBJECTS", "compile", "subject"]

Run: TypeAlias = Callable[..., Iterable[Hit]]
Facts: TypeAlias = Mapping[str, "Word | Words"]


def subject(spec: Mapping[str, object]) -> type[Subject]:
    """The type of thing that a `match` is about."""
    return SUBJECTS[next(iter(spec))]


def compile(spec: Mapping[str, Facts], label: str) -> Run:
    """The check that a `match` means; its hits are at the places of the first fact."""
    (about, facts), *_ = spec.items()
    if about == "statement":
        return _statement(facts, label)
    return _check([FACTS[about][name](many(value)) for name, value in facts.items()], label)


def many(value: Word | Words) -> tuple[Word, ...]:
    """The words of a fact, whether one was given or a list."""
    return (value,) if isinstance(value, str | bool | int) else tuple(value)


def _statement(facts: Facts, label: str) -> Run:
    """Looks at the kind of the policy and the effect before anything else: nearly all statements end there."""
    kinds = frozenset(PolicyKind(str(word)) for word in many(facts.get("policy", tuple(PolicyKind))))
    other = {Effect.ALLOW: Effect.DENY, Effect.DENY: Effect.ALLOW}
    never = other[Effect(facts["effect"])] if "effect" in facts else None
    rest = _check([FACTS["statement"][name](many(value)) for name, value in facts.items()], label)

    def check(subject: Statement, world: World) -> Iterable[Hit]:
        if subject.kind not in kinds or (never is not None and subject.effect is never):
            return ()
        return rest(subject, world)

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


SUBJECTS: Final[Mapping[str, type[Subject]]] = {"statement": Statement, "key": Key, "grant": Grant}
"""What a `match` may be about."""

FACTS: Final[Mapping[str, Mapping[str, Callable[[Words], Callable[..., Places]]]]] = {
    "statement": {
        "policy": statement.policy,
        "effect": statement.effect,
        "principal": statement.principal,
        "written_with": statement.written_with,
        "action": statement.action,
        "action_named": statement.action_named,
        "resource": statement.resource,
        "condition_key": statement.condition_key,
        "condition_operator": statement.condition_operator,
        "unless_limited_by": statement.unless_limited_by,
        "unless_condition": statement.unless_condition,
    },
    "key": {
        "policy": key.no_policy,
        "rotation": key.setting("rotation"),
        "enabled": key.setting("enabled"),
        "multi_region": key.setting("multi_region"),
        "bypass": key.setting("bypass"),
        "replica": key.replica,
    },
    "grant": {"operation": grant.operation, "grantee": grant.grantee, "unless_constrained": grant.unless_constrained},
}
"""The vocabulary: the names are those of `rules/schema.json`."""
