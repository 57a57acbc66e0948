"""Operators.

https://developer.hashicorp.com/terraform/language/expressions/operators
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from typing import Final

from kms_lint.load.terraform.characters import fixed
from kms_lint.load.terraform.conversion import kind, number_of, truth, truth_of
from kms_lint.load.terraform.known import made
from kms_lint.load.terraform.limits import RefusedError, UndecidedError
from kms_lint.load.terraform.numbers import number
from kms_lint.load.terraform.resource import Resource
from kms_lint.load.terraform.value import Several, is_null
from kms_lint.source import Span
from kms_lint.syntax.tree import Choice, Items, Mapping, Node, Scalar, Text, Unknown


def operated(operator: str, operands: Sequence[Node], at: Span) -> Node:
    """The result of an operator with one or two operands. Raises RefusedError, and UndecidedError."""
    if operator in _LOGIC:
        return _logic(_LOGIC[operator], operands, at)
    if operator in ("==", "!="):
        same = equal(operands[0], operands[1])
        if same is None:
            raise UndecidedError
        return made(same == (operator == "=="), at)
    if len(operands) == 1:
        return made(not truth_of(operands[0]) if operator == "!" else -number_of(operands[0]), at)
    left, right = number_of(operands[0]), number_of(operands[1])
    if operator in _COMPARISONS:
        return made(_COMPARISONS[operator](left, right), at)
    return made(_ARITHMETIC[operator](left, right), at)


def _logic(decisive: bool, operands: Sequence[Node], at: Span) -> Node:
    """`&&`, which false decides, and `||`, which true decides."""
    found = [truth(operand) for operand in operands]
    if any(is_null(each) for each in found):
        raise RefusedError("null is neither true nor false")
    if any(isinstance(each, Scalar) and each.value is decisive for each in found):
        return made(decisive, at)
    if any(not isinstance(each, Scalar) for each in found):
        raise UndecidedError
    return made(not decisive, at)


def equal(left: Node, right: Node) -> bool | None:
    """Whether two values are the same; `None` when that is not known. Values of different types are not the same."""
    if isinstance(left, Unknown | Choice | Resource) or isinstance(right, Unknown | Choice | Resource):
        return None
    if is_null(left) or is_null(right):
        return is_null(left) and is_null(right)
    if kind(left) != kind(right):
        return False
    if isinstance(left, Text):
        one, other = fixed(left), fixed(right)
        return None if one is None or other is None else one == other
    if isinstance(left, Scalar) and isinstance(right, Scalar):
        if not isinstance(left.value, str) or not isinstance(right.value, str):
            return left.value is right.value
        amounts = number(left.value), number(right.value)
        return None if None in amounts else amounts[0] == amounts[1]
    if isinstance(left, Items) and isinstance(right, Items):
        return _of_type(left, right, _equal_lists(left.values, right.values))
    if isinstance(left, Mapping) and isinstance(right, Mapping):
        return _of_type(left, right, _equal_maps(left, right))
    return None


def _of_type(left: Node, right: Node, same: bool | None) -> bool | None:
    """A list is never the same as a tuple; which of the two a value is, is not always known."""
    return same if type(left) is type(right) else (False if same is False else None)


def _equal_lists(left: Sequence[Node], right: Sequence[Node]) -> bool | None:
    if any(isinstance(value, Several) for value in (*left, *right)):
        return None
    if len(left) != len(right):
        return False
    return _all(equal(one, other) for one, other in zip(left, right, strict=True))


def _equal_maps(left: Mapping, right: Mapping) -> bool | None:
    names = [{fixed(name) for name, _ in each.entries} for each in (left, right)]
    if None in names[0] | names[1]:
        return None
    if names[0] != names[1]:
        return False
    others = dict(right.entries)
    return _all(equal(value, others[name]) for name, value in left.entries)


def _all(results: Iterable[bool | None]) -> bool | None:
    outcomes = set(results)
    return False if False in outcomes else None if None in outcomes else True


def _divided(left: Fraction, right: Fraction) -> Fraction:
    if right == 0:
        raise RefusedError("nothing can be divided by zero")
    return left / right


def _remainder(left: Fraction, right: Fraction) -> Fraction:
    """What is left of a division; a division by zero leaves all of it."""
    return left if right == 0 else left - right * math.trunc(left / right)


_LOGIC: Final = {"&&": False, "||": True}
_COMPARISONS: Final[dict[str, Callable[[Fraction, Fraction], bool]]] = {
    "<": lambda left, right: left < right,
    "<=": lambda left, right: left <= right,
    ">": lambda left, right: left > right,
    ">=": lambda left, right: left >= right,
}
_ARITHMETIC: Final[dict[str, Callable[[Fraction, Fraction], Fraction]]] = {
    "+": lambda left, right: left + right,
    "-": lambda left, right: left - right,
    "*": lambda left, right: left * right,
    "/": _divided,
    "%": _remainder,
}
