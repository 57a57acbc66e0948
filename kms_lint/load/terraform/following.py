"""What stands under a name or an index of a value."""

from __future__ import annotations

from kms_lint.load.terraform.resource import Resource
from kms_lint.load.terraform.value import placed, unknown
from kms_lint.source import Span
from kms_lint.syntax.tree import Choice, Mapping, Node, Scalar, Text, Unknown


def followed(value: Node, key: Node, expression: Span) -> Node:
    """What stands under a name or index of a value; `expression` is the place of the whole expression."""
    if isinstance(value, Unknown):
        return Unknown(value.expression, expression, value.reason)
    if isinstance(value, Choice):
        first, second = value.branches
        yes, no = followed(first.value, key, expression), followed(second.value, key, expression)
        return Choice((first._replace(value=yes), second._replace(value=no)), expression)
    name = key.text if isinstance(key, Scalar) else str(key) if isinstance(key, Text) and key.known else None
    if name is None:
        return unknown(expression)
    if isinstance(value, Resource):
        return value.attribute(name, expression)
    if isinstance(value, Mapping):
        found = value.get(name)
        return placed(found, expression) if found is not None else unknown(expression, f"there is no `{name}` in it")
    if not isinstance(value, Text | Scalar) and name.isdecimal() and len(name) < 10 and int(name) < len(value):
        return placed(value.values[int(name)], expression)
    return unknown(expression)
