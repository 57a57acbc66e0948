"""What stands under a name or an index of a value."""

from __future__ import annotations

from kms_lint.load.terraform.characters import fixed
from kms_lint.load.terraform.numbers import number
from kms_lint.load.terraform.resource import Resource
from kms_lint.load.terraform.value import SetOf, Several, failed, is_null, placed, unknown
from kms_lint.source import Span
from kms_lint.syntax.tree import Choice, Items, Mapping, Node, Scalar, Text, Unknown


def followed(value: Node, key: Node, expression: Span) -> Node:
    """What stands under a name or index of a value; `expression` is the place of the whole expression."""
    if isinstance(value, Unknown):
        return value._replace(at=expression)
    if isinstance(value, Choice):
        first, second = value.branches
        yes, no = followed(first.value, key, expression), followed(second.value, key, expression)
        return Choice((first._replace(value=yes), second._replace(value=no)), expression)
    if isinstance(key, Choice):
        first, second = key.branches
        yes, no = followed(value, first.value, expression), followed(value, second.value, expression)
        return Choice((first._replace(value=yes), second._replace(value=no)), expression)
    if is_null(value) or isinstance(value, Text | Scalar):
        return failed(expression, "it is null" if is_null(value) else "it has no parts")
    name = key.text if isinstance(key, Scalar) else None if isinstance(key, Unknown) else fixed(key)
    if name is None:
        return unknown(expression)
    if isinstance(value, Resource):
        return value.attribute(name, expression)
    if isinstance(value, Mapping):
        return _under(value, name, expression)
    assert isinstance(value, Items)
    return _at_index(value, name, expression)


def _under(value: Mapping, name: str, expression: Span) -> Node:
    found = value.get(name)
    if found is not None:
        return placed(found, expression)
    others = [each for entry, each in value.entries if not entry.known]
    if not others:
        return failed(expression, f"there is no `{name}` in it")
    # Any instance that there is has been made from the same block.
    return placed(others[0], expression) if isinstance(others[0], Resource) else unknown(expression)


def _at_index(value: Items, name: str, expression: Span) -> Node:
    index = number(name)
    if index is None or index.denominator != 1 or index < 0 or isinstance(value, SetOf):
        return failed(expression, f"a list has no element `{name}`")
    values = value.values
    several = next((at for at, each in enumerate(values) if isinstance(each, Several)), len(values))
    if index < several:
        return placed(values[int(index)], expression)
    if several < len(values):
        return unknown(expression)
    return failed(expression, f"there is no element {name} in it: it has {len(values)}")
