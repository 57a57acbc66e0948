"""Functions that give one of the values that they are given.

https://developer.hashicorp.com/terraform/language/functions/lookup
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from kms_lint.load.terraform.characters import fixed
from kms_lint.load.terraform.conversion import unified
from kms_lint.load.terraform.functions.signature import Asked, Function, entries, integer, items, several, text
from kms_lint.load.terraform.known import made, whole
from kms_lint.load.terraform.limits import RefusedError, UndecidedError
from kms_lint.load.terraform.value import ListOf, SetOf, Several, is_null, placed
from kms_lint.syntax.tree import ANYTHING, Items, Node, Text, Unknown


def _lookup(values: Sequence[Node], asked: Asked) -> Node:
    name = text(values[1])
    others = False
    for entry, value in entries(values[0]):
        if entry == name and entry.known:
            return placed(value, asked.at)
        others = others or not entry.known
    if others:
        raise UndecidedError
    if len(values) == 2:
        raise RefusedError(f"there is no `{name}` in it")
    return placed(values[2], asked.at)


def _element(values: Sequence[Node], asked: Asked) -> Node:
    elements, index = items(values[0]), integer(values[1])
    if isinstance(values[0], SetOf):
        raise RefusedError("a set has no order")
    if several(elements):
        if any(isinstance(each, Several) for each in elements[: index + 1]) or index >= len(elements) or index < 0:
            raise UndecidedError
        # There are at least as many as are known.
    elif not elements:
        raise RefusedError("the list is empty")
    if index < 0:
        raise RefusedError("an index is not negative")
    return placed(elements[index % len(elements)], asked.at)


def _coalesce(values: Sequence[Node], asked: Asked) -> Node:
    """The first value that is neither null nor an empty string."""
    for value in unified(values):
        if isinstance(value, Unknown) or (isinstance(value, Text) and value.form == ANYTHING and fixed(value) is None):
            raise UndecidedError(value.reason if isinstance(value, Unknown) else "")
        if not is_null(value) and value != "":
            return placed(value, asked.at)
    raise RefusedError("each value is null or empty")


def _coalesce_list(values: Sequence[Node], asked: Asked) -> Node:
    """The first list that is not empty."""
    for value in values:
        if is_null(value):
            continue
        elements = items(value)
        if any(not isinstance(each, Several) for each in elements):
            return placed(value, asked.at)
        if elements:
            raise UndecidedError
    raise RefusedError("each list is empty")


def _one(values: Sequence[Node], asked: Asked) -> Node:
    """The only element, null when there is none."""
    if is_null(values[0]):
        raise RefusedError("a list is required, not null")
    elements = items(values[0]) if isinstance(values[0], Items | Unknown) else [values[0]]
    if several(elements) or (isinstance(values[0], SetOf) and len(elements) > 1 and not whole(values[0])):
        raise UndecidedError
    if len(elements) > 1:
        raise RefusedError(f"the list has {len(elements)} elements")
    return placed(elements[0], asked.at) if elements else made(None, asked.at)


def _slice(values: Sequence[Node], asked: Asked) -> Node:
    elements, start, end = items(values[0]), integer(values[1]), integer(values[2])
    if isinstance(values[0], SetOf):
        raise RefusedError("a set has no order")
    if several(elements[: max(0, end)]) or (several(elements) and end > len(elements)):
        raise UndecidedError
    if not 0 <= start <= end <= len(elements):
        raise RefusedError(f"the list has {len(elements)} elements")
    kind = ListOf if isinstance(values[0], ListOf) else Items
    return kind(elements[start:end], asked.at)


FUNCTIONS: Final = {
    "lookup": Function(2, 3, _lookup),
    "element": Function(2, 2, _element),
    "coalesce": Function(1, None, _coalesce),
    "coalescelist": Function(1, None, _coalesce_list),
    "one": Function(1, 1, _one),
    "slice": Function(3, 3, _slice),
}
