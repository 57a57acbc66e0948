"""What depends on whether something holds: conditional expressions, and `%{ if }`.

https://developer.hashicorp.com/terraform/language/expressions/conditionals
"""

from __future__ import annotations

from collections.abc import Callable

from kms_lint.load.terraform.conversion import kind, string, truth
from kms_lint.load.terraform.limits import RefusedError
from kms_lint.load.terraform.scope import Scope
from kms_lint.load.terraform.value import Failed, failed, is_null
from kms_lint.source import Span
from kms_lint.syntax.expression import Conditional
from kms_lint.syntax.tree import Branch, Choice, Node, Scalar


def conditional(expression: Conditional, scope: Scope) -> Node:
    """The value of `test ? yes : no`; both, each under its condition, when the test is not known."""
    return decided(
        scope.evaluate(expression.test),
        scope.condition(expression.test.at),
        expression.at,
        lambda: _unified(scope.evaluate(expression.yes), lambda: scope.evaluate(expression.no)),
        lambda: _unified(scope.evaluate(expression.no), lambda: scope.evaluate(expression.yes)),
    )


def decided(test: Node, condition: str, at: Span, yes: Callable[[], Node], no: Callable[[], Node]) -> Node:
    """The value that a test decides on; `condition` is the test as written."""
    if isinstance(test, Choice):
        first, second = test.branches
        one = first._replace(value=decided(first.value, condition, at, yes, no))
        other = second._replace(value=decided(second.value, condition, at, yes, no))
        return Choice((one, other), at)
    if isinstance(test, Failed):
        return test._replace(at=at)
    try:
        holds = truth(test)
    except RefusedError as error:
        return failed(at, str(error))
    if is_null(holds):
        return failed(at, "null is neither true nor false")
    if isinstance(holds, Scalar):
        return yes() if holds.value is True else no()
    return Choice((Branch(condition, True, yes()), Branch(condition, False, no())), at)


def _unified(value: Node, other: Callable[[], Node]) -> Node:
    """The value as one of the type that both have: a number is a string where the other one is a string."""
    if not isinstance(value, Scalar) or value.value is None:
        return value
    return string(value) if kind(other()) == "string" else value
