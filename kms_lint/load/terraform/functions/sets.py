"""Functions of sets.

https://developer.hashicorp.com/terraform/language/functions/setunion
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from math import prod
from typing import Final

from kms_lint.load.terraform.conversion import ordered, unified
from kms_lint.load.terraform.functions.signature import Asked, Function, items, several
from kms_lint.load.terraform.known import identity, unique, whole
from kms_lint.load.terraform.limits import UndecidedError, few
from kms_lint.load.terraform.value import ListOf, SetOf, Several
from kms_lint.syntax.tree import Items, Node, Unknown


def _union(values: Sequence[Node], asked: Asked) -> Node:
    """All elements; of an unknown set, any number of further ones."""
    elements: list[Node] = []
    for value in values:
        if isinstance(value, Unknown):
            elements.append(Several(value.expression, value.at, value.reason))
        else:
            elements.extend(items(value))
    few(len(elements))
    return SetOf(ordered(unique(unified(elements))), asked.at)


def _known(values: Sequence[Node]) -> list[Sequence[Node]]:
    sets = [items(value) for value in values]
    if any(not whole(each) for elements in sets for each in elements):
        raise UndecidedError
    together = iter(unified([each for elements in sets for each in elements]))
    return [[next(together) for _ in elements] for elements in sets]


def _intersection(values: Sequence[Node], asked: Asked) -> Node:
    first, *others = _known(values)
    names = [{identity(each) for each in other} for other in others]
    kept = [each for each in first if all(identity(each) in other for other in names)]
    return SetOf(ordered(unique(kept)), asked.at)


def _difference(values: Sequence[Node], asked: Asked) -> Node:
    first, second = _known(values)
    names = {identity(each) for each in second}
    return SetOf(ordered(unique([each for each in first if identity(each) not in names])), asked.at)


def _product(values: Sequence[Node], asked: Asked) -> Node:
    """Every combination; a set when all of them are sets."""
    lists = [items(value) for value in values]
    if any(several(each) for each in lists):
        raise UndecidedError
    few(prod(len(each) for each in lists) * len(lists))
    made: list[Node] = [Items(each, asked.at) for each in product(*lists)]
    if all(isinstance(value, SetOf) for value in values):
        return SetOf(made, asked.at)
    return ListOf(made, asked.at)


FUNCTIONS: Final = {
    "setunion": Function(1, None, _union, deep=True, open=True),
    "setintersection": Function(1, None, _intersection, deep=True),
    "setsubtract": Function(2, 2, _difference, deep=True),
    "setproduct": Function(2, None, _product),
}
