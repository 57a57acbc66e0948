"""Conversions between types, as Terraform makes them by itself and by `tostring` and the like.

https://developer.hashicorp.com/terraform/language/expressions/types#type-conversion
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from kms_lint.load.terraform.known import amount, characters, made, unique
from kms_lint.load.terraform.limits import RefusedError, UndecidedError
from kms_lint.load.terraform.numbers import number, scalar
from kms_lint.load.terraform.value import ListOf, MapOf, SetOf, is_null
from kms_lint.source import At
from kms_lint.syntax.tree import Items, Mapping, Node, Scalar, Text, Unknown

if TYPE_CHECKING:
    from fractions import Fraction


def kind(node: Node) -> str:
    """What sort of value it is: string, number, bool, null, list, map; empty when that is not known."""
    if isinstance(node, Text):
        return "string"
    if isinstance(node, Scalar):
        return "null" if node.value is None else "bool" if isinstance(node.value, bool) else "number"
    if isinstance(node, Items):
        return "list"
    return "map" if isinstance(node, Mapping) else ""


def string(node: Node) -> Node:
    """The value as a string; null and what is not known stay what they are. Raises RefusedError."""
    if isinstance(node, Text) or is_null(node):
        return node
    if isinstance(node, Scalar):
        return Text(scalar(node.value), node.at)
    if isinstance(node, Items | Mapping):
        raise RefusedError("a string is required here")
    return node


def numeric(node: Node) -> Node:
    """The value as a number; null and what is not known stay what they are. Raises RefusedError."""
    if isinstance(node, Text):
        try:
            text = characters(node)
        except UndecidedError:
            return Unknown(str(node).strip("<>"), node.at)
        value = number(text)
        if value is None:
            raise RefusedError("a number is required here")
        return made(value, node.at)
    if isinstance(node, Items | Mapping) or (isinstance(node, Scalar) and isinstance(node.value, bool)):
        raise RefusedError("a number is required here")
    return node


def truth(node: Node) -> Node:
    """The value as `true` or `false`; null and what is not known stay what they are. Raises RefusedError."""
    if isinstance(node, Text):
        try:
            text = characters(node)
        except UndecidedError:
            return Unknown(str(node).strip("<>"), node.at)
        if text not in ("true", "false", "1", "0"):
            raise RefusedError("`true` or `false` is required here")
        return made(text in ("true", "1"), node.at)
    if isinstance(node, Items | Mapping) or (isinstance(node, Scalar) and isinstance(node.value, str)):
        raise RefusedError("`true` or `false` is required here")
    return node


def number_of(node: Node) -> Fraction:
    """A number that is known. Raises RefusedError, and UndecidedError."""
    value = numeric(node)
    if is_null(value):
        raise RefusedError("null is no number")
    if isinstance(value, Scalar):
        return amount(value)
    raise UndecidedError(value.reason if isinstance(value, Unknown) else "")


def truth_of(node: Node) -> bool:
    """A truth that is known. Raises RefusedError, and UndecidedError."""
    value = truth(node)
    if is_null(value):
        raise RefusedError("null is neither true nor false")
    if isinstance(value, Scalar):
        return value.value is True
    raise UndecidedError(value.reason if isinstance(value, Unknown) else "")


def unified(values: Sequence[Node]) -> list[Node]:
    """The values as values of one type. Raises RefusedError where they have none in common."""
    kinds = {kind(value) for value in values} - {"", "null"}
    if kinds == {"list"}:
        return _unified_lists(values)
    if kinds == {"map"}:
        return _unified_maps(values)
    if len(kinds) < 2:
        return list(values)
    if kinds <= {"string", "number", "bool"} and "string" in kinds:
        return [string(value) for value in values]
    raise RefusedError("all elements must be of one type")


def _unified_lists(values: Sequence[Node]) -> list[Node]:
    """Lists whose elements are of one type; those of one length are compared element by element."""
    lists = [value.values for value in values if isinstance(value, Items)]
    if len({len(each) for each in lists}) == 1:
        columns = [unified([each[index] for each in lists]) for index in range(len(lists[0]))]
        rows = iter([[column[row] for column in columns] for row in range(len(lists))])
    else:
        together = iter(unified([each for inside in lists for each in inside]))
        rows = iter([[next(together) for _ in inside] for inside in lists])
    return [type(value)(next(rows), value.at) if isinstance(value, Items) else value for value in values]


def _unified_maps(values: Sequence[Node]) -> list[Node]:
    """Maps and objects that have the same names: what stands under each of them is of one type."""
    maps = [value for value in values if type(value) in (Mapping, MapOf)]
    if len(maps) < 2 or any(not isinstance(each, Mapping) for each in maps):
        return list(values)
    entries = [dict(each.entries) for each in maps if isinstance(each, Mapping)]
    if any(set(each) != set(entries[0]) for each in entries):
        return list(values)
    columns = {name: iter(unified([each[name] for each in entries])) for name in entries[0]}
    return [
        type(value)([(name, next(columns[name])) for name in entries[0]], value.at)
        if isinstance(value, Mapping) and type(value) in (Mapping, MapOf)
        else value
        for value in values
    ]


def list_of(node: Node, at: At) -> Node:
    """The value as a list. Raises RefusedError."""
    if not isinstance(node, Items):
        if isinstance(node, Text | Scalar | Mapping) and not is_null(node):
            raise RefusedError("a list is required here")
        return node
    return node if isinstance(node, ListOf) else ListOf(unified(node.values), at)


def set_of(node: Node, at: At) -> Node:
    """The value as a set. Raises RefusedError."""
    if not isinstance(node, Items):
        return list_of(node, at)
    return node if isinstance(node, SetOf) else SetOf(ordered(unique(unified(node.values))), at)


def ordered(values: Sequence[Node]) -> list[Node]:
    """The elements in the order of a set: those that are known first, texts and numbers sorted."""
    known: list[tuple[tuple[str, str | Fraction | bool], Node]] = []
    others: list[Node] = []
    for value in values:
        try:
            rank = _rank(value)
        except UndecidedError:
            others.append(value)
        else:
            known.append(((type(rank).__name__, rank), value))
    known.sort(key=lambda pair: pair[0])
    return [value for _, value in known] + others


def _rank(value: Node) -> str | Fraction | bool:
    if isinstance(value, Text):
        return characters(value)
    if isinstance(value, Scalar) and value.value is not None:
        return amount(value) if isinstance(value.value, str) else value.value
    raise UndecidedError


def map_of(node: Node, at: At) -> Node:
    """The value as a map. Raises RefusedError."""
    if type(node) is Mapping:
        values = unified([value for _, value in node.entries])
        names = [name for name, _ in node.entries]
        return MapOf(list(zip(names, values, strict=True)), at)
    if isinstance(node, Items | Text | Scalar) and not is_null(node):
        raise RefusedError("a map is required here")
    return node
