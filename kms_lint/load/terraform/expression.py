"""The values of expressions: one function for each kind.

https://developer.hashicorp.com/terraform/language/expressions
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from kms_lint.load.terraform.following import followed
from kms_lint.load.terraform.names import named, reason
from kms_lint.load.terraform.resource import Resource
from kms_lint.load.terraform.scope import Kinds, Scope
from kms_lint.load.terraform.template import template
from kms_lint.load.terraform.traversal import traversal
from kms_lint.load.terraform.value import Encoded, is_null, text_of, unknown, written
from kms_lint.source import Span
from kms_lint.syntax.expression import (
    Attribute,
    Broken,
    Call,
    Conditional,
    Expression,
    For,
    Index,
    ListOf,
    Literal,
    ObjectOf,
    Operation,
    Reference,
    Splat,
    Template,
)
from kms_lint.syntax.tree import ANYTHING, Branch, Choice, Items, Mapping, Node, Scalar, Text, Unknown


def _literal(expression: Literal, _: Scope) -> Node:
    value = expression.value
    text = value if isinstance(value, str) else "null" if value is None else str(value).lower()
    return Scalar(value, text, expression.at)


def _list(expression: ListOf, scope: Scope) -> Node:
    return Items([scope.evaluate(value) for value in expression.values], expression.at)


def _object(expression: ObjectOf, scope: Scope) -> Node:
    return Mapping([(_key(key, scope), scope.evaluate(value)) for key, value in expression.entries], expression.at)


def _key(expression: Expression, scope: Scope) -> Text:
    name = text_of(scope.evaluate(expression), expression.at)
    return Text(f"<{written(expression.at)}>", expression.at, ANYTHING) if name is None else name


def _conditional(expression: Conditional, scope: Scope) -> Node:
    holds = _truth(scope.evaluate(expression.test))
    if holds is not None:
        return scope.evaluate(expression.yes if holds else expression.no)
    condition = scope.condition(expression.test.at)
    yes = Branch(condition, True, scope.evaluate(expression.yes))
    return Choice((yes, Branch(condition, False, scope.evaluate(expression.no))), expression.at)


def _truth(value: Node) -> bool | None:
    if isinstance(value, Scalar) and isinstance(value.value, bool):
        return value.value
    return {"true": True, "false": False}.get(value) if isinstance(value, Text) and value.known else None


def _operation(expression: Operation, scope: Scope) -> Node:
    """Comparisons and logic of what is known; arithmetic is not worked out."""
    operate = _OPERATORS.get(expression.operator)
    if operate is None:
        return unknown(expression.at, f"the operator `{expression.operator}` is not worked out")
    left = None if expression.left is None else scope.evaluate(expression.left)
    holds = operate(left, scope.evaluate(expression.right))
    return unknown(expression.at) if holds is None else Scalar(holds, str(holds).lower(), expression.at)


def _not(_: Node | None, right: Node) -> bool | None:
    holds = _truth(right)
    return None if holds is None else not holds


def _and(left: Node | None, right: Node) -> bool | None:
    outcomes = {None if left is None else _truth(left), _truth(right)}
    return False if False in outcomes else None if None in outcomes else True


def _or(left: Node | None, right: Node) -> bool | None:
    outcomes = {None if left is None else _truth(left), _truth(right)}
    return True if True in outcomes else None if None in outcomes else False


def _equal(left: Node | None, right: Node) -> bool | None:
    """Whether two values are the same; only text, truths and numbers of one type are compared, and null with all."""
    if left is None or isinstance(left, Unknown | Choice) or isinstance(right, Unknown | Choice):
        return None
    if is_null(left) or is_null(right):
        return is_null(left) and is_null(right)
    if isinstance(left, Text) and isinstance(right, Text):
        plain = left.form == left and right.form == right and "<" not in left and "<" not in right
        return str(left) == str(right) if plain else None
    if isinstance(left, Scalar) and isinstance(right, Scalar) and type(left.value) is type(right.value):
        return left.value == right.value or (None if isinstance(left.value, str) else False)
    return None


def _not_equal(left: Node | None, right: Node) -> bool | None:
    equal = _equal(left, right)
    return None if equal is None else not equal


_OPERATORS: Final[dict[str, Callable[[Node | None, Node], bool | None]]] = {
    "!": _not,
    "&&": _and,
    "||": _or,
    "==": _equal,
    "!=": _not_equal,
}


def _call(expression: Call, scope: Scope) -> Node:
    if expression.name == "jsonencode" and len(expression.arguments) == 1 and not expression.expand:
        value = scope.evaluate(expression.arguments[0])
        return Encoded(written(expression.at), expression.at, value)
    return unknown(expression.at, f"the function `{expression.name}` is not worked out")


def _traversal(expression: Reference | Attribute | Index, scope: Scope) -> Node:
    """A name, with the attributes and indices that follow it."""
    root, start, steps = traversal(expression)
    if root is None:
        return _stepped(scope.evaluate(start), steps, expression.at, scope)
    local = scope.names.get(root.name)
    if local is not None:
        return _stepped(local, steps, expression.at, scope)
    value, taken = named(root, steps, expression.at, scope)
    if value is None:
        return unknown(expression.at, reason(root.name, steps))
    return _stepped(value, steps[taken:], expression.at, scope)


def _stepped(value: Node, steps: tuple[Attribute | Index, ...], at: Span, scope: Scope) -> Node:
    for step in steps:
        if isinstance(value, Resource) and isinstance(step, Index):
            value = value.instance(written(step.key.at), at)
        else:
            key = step.name if isinstance(step, Attribute) else scope.evaluate(step.key)
            value = followed(value, key, at)
    return value


def _splat(expression: Splat, _: Scope) -> Node:
    return unknown(expression.at, "a splat expression is not worked out")


def _for(expression: For, _: Scope) -> Node:
    return unknown(expression.at, "a `for` expression is not worked out")


def _broken(expression: Broken, _: Scope) -> Node:
    return unknown(expression.at, "this expression cannot be read")


KINDS: Final[Kinds] = {
    Literal: _literal,
    Template: template,
    Reference: _traversal,
    Attribute: _traversal,
    Index: _traversal,
    Splat: _splat,
    Call: _call,
    ListOf: _list,
    ObjectOf: _object,
    Conditional: _conditional,
    Operation: _operation,
    For: _for,
    Broken: _broken,
}
"""How each kind of expression is worked out; a new kind of value is a new function here."""
