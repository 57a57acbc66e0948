"""The values of expressions: one function for each kind.

https://developer.hashicorp.com/terraform/language/expressions
"""

from __future__ import annotations

from typing import Final

from kms_lint.load.terraform.following import followed
from kms_lint.load.terraform.names import named, reason
from kms_lint.load.terraform.resource import Resource
from kms_lint.load.terraform.scope import TEMPLATE, TOO_LARGE, Kinds, Scope
from kms_lint.load.terraform.template import template
from kms_lint.load.terraform.traversal import traversal
from kms_lint.load.terraform.value import Failed, JsonEncoded, failed, lent, text_of, unknown, written
from kms_lint.source import Span, use
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
from kms_lint.syntax.tree import ANYTHING, Items, Mapping, Node, Scalar, Text

_SHORT_NUMBER: Final = 100


def _literal(expression: Literal, _: Scope) -> Node:
    value = expression.value
    if not isinstance(value, str):
        return Scalar(value, "null" if value is None else str(value).lower(), expression.at)
    if len(value) < _SHORT_NUMBER and value.isdecimal() and (value[0] != "0" or value == "0"):
        return Scalar(value, value, expression.at)
    from kms_lint.load.terraform.numbers import digits, number

    found = number(value)
    if found is None:
        return unknown(expression.at, TOO_LARGE)
    text = digits(found)
    return Scalar(text, text, expression.at)


def _list(expression: ListOf, scope: Scope) -> Node:
    return Items([scope.evaluate(value) for value in expression.values], expression.at)


def _object(expression: ObjectOf, scope: Scope) -> Node:
    return Mapping([(_key(key, scope), scope.evaluate(value)) for key, value in expression.entries], expression.at)


def _key(expression: Expression, scope: Scope) -> Text:
    name = text_of(scope.evaluate(expression), expression.at)
    return Text(f"<{written(expression.at)}>", expression.at, ANYTHING) if name is None else name


def _operation(expression: Operation, scope: Scope) -> Node:
    from kms_lint.load.terraform.choices import worked_out
    from kms_lint.load.terraform.operators import operated

    operands = [scope.evaluate(expression.right)]
    if expression.left is not None:
        operands.insert(0, scope.evaluate(expression.left))
    return worked_out(operands, expression.at, lambda values: operated(expression.operator, values, expression.at))


def _call(expression: Call, scope: Scope) -> Node:
    if expression.name == "jsonencode" and len(expression.arguments) == 1 and not expression.expand:
        value = scope.evaluate(expression.arguments[0])
        if isinstance(value, Failed):
            return value._replace(at=expression.at)
        return JsonEncoded(written(expression.at), expression.at, value)
    from kms_lint.load.terraform.functions import called

    return called(expression, scope)


def _traversal(expression: Reference | Attribute | Index, scope: Scope) -> Node:
    """A name, with the attributes and indices that follow it."""
    root, start, steps = traversal(expression)
    if root is None:
        return _stepped(scope.evaluate(start), steps, expression.at, scope)
    local = scope.names.get(root.name)
    if local is not None:
        local = _handed(local, root) if TEMPLATE in scope.names else local
        return _stepped(local, steps, expression.at, scope)
    if TEMPLATE in scope.names:
        return failed(expression.at, f"the template is not given a variable `{root.name}`")
    value, taken = named(root, steps, expression.at, scope)
    if value is None:
        return unknown(expression.at, reason(root.name, steps))
    return _stepped(value, steps[taken:], expression.at, scope)


def _handed(value: Node, name: Reference) -> Node:
    """A value that a template is given, where the template uses it."""
    here = use(value.at)
    within = isinstance(here, Span) and here.source is name.at.source
    return value if within else lent(value, name.at, name.name)


def _stepped(value: Node, steps: tuple[Attribute | Index, ...], at: Span, scope: Scope) -> Node:
    for step in steps:
        if isinstance(value, Resource) and isinstance(step, Index):
            value = value.instance(written(step.key.at), at)
        else:
            key = step.name if isinstance(step, Attribute) else scope.evaluate(step.key)
            value = followed(value, key, at)
    return value


def _conditional(expression: Conditional, scope: Scope) -> Node:
    from kms_lint.load.terraform.conditions import conditional

    return conditional(expression, scope)


def _splat(expression: Splat, scope: Scope) -> Node:
    from kms_lint.load.terraform.comprehension import splat

    return splat(expression, scope)


def _for(expression: For, scope: Scope) -> Node:
    from kms_lint.load.terraform.comprehension import comprehension

    return comprehension(expression, scope)


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
