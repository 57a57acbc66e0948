"""Formulas over classes of requests, and the search for a request that makes one true.

A dimension has finitely many classes; a literal says that a request's class in one dimension is among some, as bits of a
mask. There is no negation: that of a literal is another literal.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple, TypeAlias

MOST_STEPS: Final = 200_000
"""As many times a search splits a region before it gives up. Steps, not seconds: answers must be repeatable."""


class BudgetError(Exception):
    """The question is too large to be answered within the budget."""


class Literal(NamedTuple):
    """The request's class in a dimension is one of `mask`; `full` is the mask of all classes."""

    dimension: str
    mask: int
    full: int
    free: bool = False


class And(NamedTuple):
    """All of these."""

    parts: tuple[Formula, ...]


class Or(NamedTuple):
    """At least one of these."""

    choices: tuple[Formula, ...]


Formula: TypeAlias = bool | Literal | And | Or
Region: TypeAlias = Mapping[str, int]


def literal(dimension: str, mask: int, full: int) -> Formula:
    """A literal, or the truth where it is always or never so."""
    return bool(mask) if mask in (0, full) else Literal(dimension, mask, full)


def unsettled(name: str) -> Formula:
    """What nothing decides: true or false, the same wherever the name occurs."""
    return Literal(name, 1, 3, True)


def conjunction(parts: Iterable[Formula]) -> Formula:
    """All of these. Literals of one dimension become one."""
    masks: dict[str, Literal] = {}
    rest: list[Formula] = []
    for part in parts:
        for each in part.parts if isinstance(part, And) else (part,):
            if each is True:
                continue
            if each is False:
                return False
            if not isinstance(each, Literal):
                rest.append(each)
                continue
            known = masks.get(each.dimension)
            found = each if known is None else _with_mask(each, each.mask & known.mask)
            if not found.mask:
                return False
            masks[each.dimension] = found
    every = (*masks.values(), *rest)
    return True if not every else every[0] if len(every) == 1 else And(every)


def disjunction(choices: Iterable[Formula]) -> Formula:
    """At least one of these. Literals of one dimension become one."""
    masks: dict[str, Literal] = {}
    rest: list[Formula] = []
    for choice in choices:
        for each in choice.choices if isinstance(choice, Or) else (choice,):
            if each is False:
                continue
            if each is True:
                return True
            if not isinstance(each, Literal):
                rest.append(each)
                continue
            known = masks.get(each.dimension)
            found = each if known is None else _with_mask(each, each.mask | known.mask)
            if found.mask == found.full:
                return True
            masks[each.dimension] = found
    every = (*masks.values(), *rest)
    return False if not every else every[0] if len(every) == 1 else Or(every)


def _with_mask(literal: Literal, mask: int) -> Literal:
    return Literal(literal.dimension, mask, literal.full, literal.free)


def negation(formula: Formula) -> Formula:
    """The opposite."""
    if isinstance(formula, bool):
        return not formula
    if isinstance(formula, Literal):
        return _with_mask(formula, formula.full ^ formula.mask)
    if isinstance(formula, And):
        return disjunction([negation(part) for part in formula.parts])
    return conjunction([negation(choice) for choice in formula.choices])


def settled(formula: Formula) -> Formula:
    """What is so whichever way the unsettled goes: it counts as false on either side."""
    if isinstance(formula, bool):
        return formula
    if isinstance(formula, Literal):
        return False if formula.free else formula
    if isinstance(formula, And):
        return conjunction([settled(part) for part in formula.parts])
    return disjunction([settled(choice) for choice in formula.choices])


def unsettled_names(formula: Formula) -> frozenset[str]:
    """The names of what nothing decides in a formula."""
    if isinstance(formula, bool):
        return frozenset()
    if isinstance(formula, Literal):
        return frozenset((formula.dimension,)) if formula.free else frozenset()
    return frozenset[str]().union(*(unsettled_names(part) for part in formula[0]))


def holds(formula: Formula, point: Mapping[str, int]) -> bool:
    """Whether a formula is true of a request, given by its class in each dimension."""
    if isinstance(formula, bool):
        return formula
    if isinstance(formula, Literal):
        return bool(formula.mask >> point[formula.dimension] & 1)
    if isinstance(formula, And):
        return all(holds(part, point) for part in formula.parts)
    return any(holds(choice, point) for choice in formula.choices)


def solve(formula: Formula, budget: int = MOST_STEPS) -> Region | None:
    """Classes of requests for which a formula is true, as a mask for each dimension that matters; `None` if there are none.

    A region is split on a literal that is undecided in it until the formula is true or false all over. Raises
    `BudgetError` when that takes too many steps.
    """
    waiting: list[tuple[Formula, Region]] = [(formula, {})]
    while waiting:
        budget -= 1
        if budget < 0:
            raise BudgetError("the policies are too large to be compared")
        current, region = waiting.pop()
        current, region = _propagated(current, region)
        if current is True:
            return region
        if current is False:
            continue
        chosen = _undecided(current)
        inside = region.get(chosen.dimension, chosen.full) & chosen.mask
        outside = region.get(chosen.dimension, chosen.full) & ~chosen.mask
        waiting += [(current, {**region, chosen.dimension: part}) for part in (outside, inside) if part]
    return None


def satisfiable(formula: Formula) -> bool | None:
    """Whether some request makes a formula true; `None` where that takes too many steps to be told."""
    try:
        return solve(formula) is not None
    except BudgetError:
        return None


def _propagated(formula: Formula, region: Region) -> tuple[Formula, Region]:
    """The formula within a region, and the region narrowed to what its literals demand."""
    while True:
        formula = within(formula, region)
        if isinstance(formula, Literal):
            left = formula.mask & region.get(formula.dimension, formula.full)
            return bool(left), {**region, formula.dimension: left}
        if not isinstance(formula, And):
            return formula, region
        demanded = [part for part in formula.parts if isinstance(part, Literal)]
        if not demanded:
            return formula, region
        region = dict(region)
        for each in demanded:
            region[each.dimension] = region.get(each.dimension, each.full) & each.mask
        if not all(region[each.dimension] for each in demanded):
            return False, region  # literals that became one after they were looked at in the region
        if len(demanded) == len(formula.parts):
            return True, region


def within(formula: Formula, region: Region) -> Formula:
    """What is left of a formula in a region: in each of these dimensions the class is one of the mask."""
    if isinstance(formula, bool):
        return formula
    if isinstance(formula, Literal):
        here = region.get(formula.dimension)
        if here is None:
            return formula
        if not here & formula.mask:
            return False
        return formula if here & ~formula.mask else True
    end = isinstance(formula, Or)
    changed = False
    left: list[Formula] = []
    for part in formula[0]:
        found = part
        if isinstance(part, Literal):  # as above: most parts are, and a call for each would cost more than the answer
            here = region.get(part.dimension)
            if here is not None:
                found = False if not here & part.mask else part if here & ~part.mask else True
        elif not isinstance(part, bool):
            found = within(part, region)
        if found is end:
            return end
        changed = changed or found is not part
        left.append(found)
    if not changed:
        return formula
    return disjunction(left) if end else conjunction(left)


def _undecided(formula: Formula) -> Literal:
    """A literal to split on: out of the smallest choice."""
    while not isinstance(formula, Literal):
        assert not isinstance(formula, bool)
        if isinstance(formula, And):
            formula = min(formula.parts, key=_size)
        else:
            formula = formula.choices[0]
    return formula


def _size(formula: Formula) -> int:
    return 1 if isinstance(formula, bool | Literal) else len(formula[0])
