"""Values as the type of a variable has them.

https://developer.hashicorp.com/terraform/language/expressions/type-constraints
"""

from __future__ import annotations

import re
from typing import Final

from kms_lint.load.terraform.scope import Scope
from kms_lint.load.terraform.value import is_null
from kms_lint.source import Passage
from kms_lint.syntax.expression import Call, Expression, ListOf, ObjectOf, Reference, Template
from kms_lint.syntax.tree import Choice, Items, Mapping, Node, Scalar, Text, Unknown

_NUMBER: Final = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?")


def converted(value: Node, type: Expression, scope: Scope) -> Node:
    """A value as a type has it, as far as that can be told: what does not fit stays as it is."""
    if isinstance(value, Choice):
        first, second = value.branches
        yes, no = converted(first.value, type, scope), converted(second.value, type, scope)
        return Choice((first._replace(value=yes), second._replace(value=no)), value.at)
    if isinstance(value, Unknown) or is_null(value):
        return value
    if isinstance(type, Reference):
        return _primitive(value, type.name)
    if isinstance(type, Call) and type.arguments:
        return _complex(value, type.name, type.arguments[0], scope)
    return value


def _primitive(value: Node, type: str) -> Node:
    if type == "string" and isinstance(value, Scalar):
        return Text(value.text, value.at)
    if isinstance(value, Text) and value.known:
        if type == "bool" and value in ("true", "false"):
            return Scalar(value == "true", str(value), value.at)
        if type == "number" and _NUMBER.fullmatch(value):
            return Scalar(str(value), str(value), value.at)
    return value


def _complex(value: Node, type: str, inner: Expression, scope: Scope) -> Node:
    if type == "optional":
        return converted(value, inner, scope)
    if type in ("list", "set") and isinstance(value, Items):
        values = Items(lambda: [converted(each, inner, scope) for each in value], value.at)
        return _unique(values) if type == "set" else values
    if type == "map" and isinstance(value, Mapping):
        return Mapping(lambda: [(name, converted(each, inner, scope)) for name, each in value], value.at)
    if type == "object" and isinstance(value, Mapping) and isinstance(inner, ObjectOf):
        return Mapping(lambda: _attributes(value, inner, scope), value.at)
    if type == "tuple" and isinstance(value, Items) and isinstance(inner, ListOf):
        pairs = list(zip(value.values, inner.values, strict=False))
        return Items([converted(each, kind, scope) for each, kind in pairs], value.at)
    return value


def _unique(values: Items) -> Items:
    """The values of a set: each once, in the order in which Terraform goes through them."""

    def found() -> list[Node]:
        known = {str(each): each for each in values if isinstance(each, Text) and each.known}
        others = [each for each in values if not (isinstance(each, Text) and each.known)]
        return [*(known[text] for text in sorted(known)), *others]

    return Items(found, values.at)


def _attributes(value: Mapping, type: ObjectOf, scope: Scope) -> list[tuple[Text, Node]]:
    """The attributes of an object: those of its type, and no others; an optional one may be left out."""
    found: list[tuple[Text, Node]] = []
    for name, kind in type.entries:
        key = _name(name)
        if key is None:
            return list(value)
        given = value.get(key)
        default, inner = _optional(kind, scope)
        if given is not None and not (is_null(given) and default is not None):
            found.append((Text(key, name.at), converted(given, inner, scope)))
        else:
            found.append((Text(key, name.at), default or Scalar(None, "null", value.at)))
    return found


def _optional(type: Expression, scope: Scope) -> tuple[Node | None, Expression]:
    """The default of an optional attribute, and its type."""
    if not isinstance(type, Call) or type.name != "optional" or not type.arguments:
        return None, type
    if len(type.arguments) < 2:
        return None, type.arguments[0]
    return converted(scope.evaluate(type.arguments[1]), type.arguments[0], scope), type.arguments[0]


def _name(expression: Expression) -> str | None:
    """The name of an attribute in the type of an object."""
    if isinstance(expression, Template) and len(expression.parts) == 1:
        part = expression.parts[0]
        return part.text if isinstance(part, Passage) else None
    return expression.name if isinstance(expression, Reference) else None
