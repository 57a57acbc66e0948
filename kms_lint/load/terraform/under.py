"""The conditions under which something is there: `dynamic` blocks and documents to merge may depend on them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple, TypeAlias

from kms_lint.load.terraform.value import is_null
from kms_lint.source import At
from kms_lint.syntax.tree import Branch, Choice, Node, Scalar


class Taken(NamedTuple):
    """A condition as written, and whether it has to hold."""

    condition: str
    holds: bool


Under: TypeAlias = tuple[Taken, ...]
"""Conditions that have to hold together, each of them once."""

ALWAYS: Final[Under] = ()


def both(first: Under, second: Under) -> Under | None:
    """What has to hold for both; `None` when they exclude each other."""
    held = dict(first)
    for condition, holds in second:
        if held.setdefault(condition, holds) is not holds:
            return None
    return tuple(Taken(condition, holds) for condition, holds in held.items())


def otherwise(under: Under) -> Iterator[Under]:
    """Ways in which conditions do not hold together; no two of them are true at once."""
    for index, (condition, holds) in enumerate(under):
        yield (*under[:index], Taken(condition, not holds))


def cases(value: Node | None, under: Under = ALWAYS) -> Iterator[tuple[Under, Node]]:
    """What a value is under each of the conditions that it depends on as a whole; nothing where they leave it out."""
    if isinstance(value, Choice):
        for branch in value.branches:
            inner = both(under, (Taken(branch.condition, branch.holds),))
            if inner is not None:
                yield from cases(branch.value, inner)
    elif value is not None and not is_null(value):
        yield under, value


def only(value: Node, under: Under, at: At) -> Node:
    """A value that is left out unless these conditions hold."""
    nothing = Scalar(None, "null", at)
    for condition, holds in reversed(under):
        yes, no = (value, nothing) if holds else (nothing, value)
        value = Choice((Branch(condition, True, yes), Branch(condition, False, no)), at)
    return value
