"""New access statement by statement: an example that was replayed, and the old statement that comes nearest."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Final

from kms_lint.model import Effect, Policy, PolicyKind, Statement
from kms_lint.reason import limits
from kms_lint.reason.compared import Compared, replay
from kms_lint.reason.evaluate import Step, Trace
from kms_lint.reason.formula import Formula, Literal, conjunction, settled, solve
from kms_lint.reason.request import Request, Surroundings
from kms_lint.reason.space import ACTION

RCP_ALLOWS: Final = -1
"""In place of the index of a statement: the Allow that AWS attaches to each RCP."""


@dataclass(frozen=True, slots=True)
class Nearest:
    """The old statement that comes closest to what is new, and the elements in which it differs.

    `denied` is whether it is a Deny that took the access away.
    """

    statement: Statement
    elements: tuple[str, ...]
    denied: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """New access by one statement: all its new actions, and a replayed request.

    `around` is what besides the key policy has to agree; `None` where nothing else is looked at.
    """

    statement: Statement
    actions: tuple[str, ...]
    request: Request
    around: Surroundings | None
    nearest: Nearest | None
    context: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """The condition keys of the request as the policies spell them."""


def groups(compared: Compared, known: Collection[int] = ()) -> Iterator[tuple[int, Group]]:
    """The new access by each statement that gives some, if the reference evaluator agrees; not by those of `known`."""
    for index, each in enumerate(compared.after):
        if each.statement.effect is not Effect.ALLOW or index in known:
            continue
        found = _found(compared, index)
        if found is not None:
            yield index, found
    if compared.kind is PolicyKind.RCP and RCP_ALLOWS not in known and (found := _found(compared, None)):
        yield RCP_ALLOWS, found


def _found(compared: Compared, index: int | None) -> Group | None:
    formula = settled(compared.gained(index))
    point = compared.solve(formula)
    return None if point is None else _group(compared, index, formula, point)


def _group(compared: Compared, index: int | None, formula: Formula, point: dict[str, int]) -> Group | None:
    request, around = compared.request(point), compared.around(point)
    before, after = replay(compared.old, request, around), replay(compared.new, request, around)
    kept = any(limits.may_deny(each, request) for each in compared.settings.limits)
    if after.allowed is not True or before.allowed is not False or kept:
        return None
    named = compared.new.statements[index].name if index is not None else ""
    near = _nearest(compared.old, before, named)
    statements = compared.new.statements
    statement = statements[index] if index is not None else limits.full_access(compared.new)
    return Group(
        statement, tuple(_actions(compared, formula, request.action)), request, around, near, _spelt(compared, request)
    )


def _spelt(compared: Compared, request: Request) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The condition keys of a request as the author writes them, the newer spelling first."""
    names: dict[str, str] = {}
    for policy in (compared.new, compared.old, *compared.settings.limits):
        for statement in policy.statements:
            for condition in statement.conditions:
                names.setdefault(condition.key.form.lower(), str(condition.key))
    return tuple((names.get(key, key), values) for key, values in sorted(request.context.items()))


def _actions(compared: Compared, formula: Formula, first: str) -> Iterator[str]:
    """All actions for which a formula can be true."""
    yield first
    texts = compared.space.chosen[ACTION]
    full = (1 << len(texts)) - 1
    left = full & ~(1 << texts.index(first))
    while left:
        region = solve(conjunction((formula, Literal(ACTION, left, full))), compared.settings.budget)
        if region is None:
            return
        found = region.get(ACTION, left) & left
        for index, text in enumerate(texts):
            if found >> index & 1:
                yield text
        left &= ~found


def _nearest(policy: Policy, trace: Trace, name: str) -> Nearest | None:
    """The Deny that stood in the way, or the Allow that lacks the least: of several the one that has this name."""
    allows = [step for step in trace.steps if step.effect == "Allow"]
    denied = next((step for step in trace.steps if step.effect == "Deny" and step.matches), None)
    if denied is not None and (policy.kind is PolicyKind.RCP or any(step.matches for step in allows)):
        return Nearest(policy.statements[denied.index], (), True)
    if not allows:
        return None
    closest = min(allows, key=lambda step: (len(_lacking(step)), policy.statements[step.index].name != name))
    return Nearest(policy.statements[closest.index], _lacking(closest))


def _lacking(step: Step) -> tuple[str, ...]:
    lacking = tuple(name for name, answer in step.elements.items() if answer is not True)
    return lacking or ("Principal",)
