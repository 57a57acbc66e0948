"""What depends on whether something holds: conditional expressions, and `%{ if }`.

https://developer.hashicorp.com/terraform/language/expressions/conditionals
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, is_dataclass
from typing import Final

from kms_lint.load.terraform.conversion import kind, string, truth
from kms_lint.load.terraform.limits import RefusedError
from kms_lint.load.terraform.scope import Scope
from kms_lint.load.terraform.value import Failed, failed, is_null
from kms_lint.source import Passage, Span
from kms_lint.syntax.expression import Conditional, Expression, Reference
from kms_lint.syntax.tree import Branch, Choice, Node, Scalar, Text

ROUND: Final = "#"
"""A name that nobody can write: that of the element which a `for` is at."""


def conditional(expression: Conditional, scope: Scope) -> Node:
    """The value of `test ? yes : no`; both, each under its condition, when the test is not known."""
    return decided(
        scope.evaluate(expression.test),
        lambda: condition(expression.test, scope),
        expression.at,
        lambda: _unified(scope.evaluate(expression.yes), lambda: scope.evaluate(expression.no)),
        lambda: _unified(scope.evaluate(expression.no), lambda: scope.evaluate(expression.yes)),
    )


def decided(test: Node, asked: Callable[[], str], at: Span, yes: Callable[[], Node], no: Callable[[], Node]) -> Node:
    """The value that a test decides on; `asked` gives the words for the test, should it not be known."""
    if isinstance(test, Choice):
        first, second = test.branches
        one = first._replace(value=decided(first.value, asked, at, yes, no))
        other = second._replace(value=decided(second.value, asked, at, yes, no))
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
    words = asked()
    return Choice((Branch(words, True, yes()), Branch(words, False, no())), at)


def condition(test: Expression, scope: Scope) -> str:
    """A test in words: as it is written, and for which element, where that makes a difference."""
    element = scope.names.get(ROUND)
    words = scope.condition(test.at)
    return f"{words} for {element}" if isinstance(element, Text) and _mentions(test, scope) else words


def _mentions(test: Expression, scope: Scope) -> bool:
    """Whether an expression uses a name that means something else in each round."""
    waiting: list[object] = [test]
    while waiting:
        part = waiting.pop()
        if isinstance(part, Reference) and part.name in scope.names:
            return True
        if isinstance(part, tuple) and not isinstance(part, Span):
            waiting.extend(part)
        elif is_dataclass(part) and not isinstance(part, Passage):
            waiting.extend(getattr(part, field.name) for field in fields(part))
    return False


def _unified(value: Node, other: Callable[[], Node]) -> Node:
    """The value as one of the type that both have: a number is a string where the other one is a string."""
    if not isinstance(value, Scalar) or value.value is None:
        return value
    return string(value) if kind(other()) == "string" else value
