"""`try` and `can`, which do not fail where their arguments do.

https://developer.hashicorp.com/terraform/language/functions/try
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from kms_lint.load.terraform.functions.signature import Asked, Function
from kms_lint.load.terraform.known import made
from kms_lint.load.terraform.resource import Resource
from kms_lint.load.terraform.value import Failed, failed, unknown
from kms_lint.syntax.expression import Call
from kms_lint.syntax.tree import Choice, Items, Mapping, Node, Text, Unknown


def fails(value: Node) -> bool:
    """Whether part of a value surely cannot be worked out."""
    waiting = [value]
    while waiting:
        here = waiting.pop()
        if isinstance(here, Failed):
            return True
        if isinstance(here, Items):
            waiting.extend(here.values)
        elif isinstance(here, Mapping) and not isinstance(here, Resource):
            waiting.extend(each for _, each in here.entries)
    return False


def _try(call: Call, asked: Asked) -> Node:
    """The first argument that does not fail; where that depends on a condition, so does the value."""
    return _first(call, 0, asked)


def _first(call: Call, index: int, asked: Asked) -> Node:
    if call.expand or index == len(call.arguments):
        return unknown(call.at) if call.expand else failed(call.at, "each of its arguments fails")
    value = asked.scope.evaluate(call.arguments[index])
    return _or_next(value, call, index, asked)


def _or_next(value: Node, call: Call, index: int, asked: Asked) -> Node:
    if isinstance(value, Choice):
        first, second = value.branches
        yes = first._replace(value=_or_next(first.value, call, index, asked))
        no = second._replace(value=_or_next(second.value, call, index, asked))
        return Choice((yes, no), call.at)
    return _first(call, index + 1, asked) if fails(value) else value


def _can(call: Call, asked: Asked) -> Node:
    if len(call.arguments) != 1 or call.expand:
        return failed(call.at, "it takes one argument")
    return _succeeds(asked.scope.evaluate(call.arguments[0]), asked)


def _succeeds(value: Node, asked: Asked) -> Node:
    if isinstance(value, Choice):
        first, second = value.branches
        yes = first._replace(value=_succeeds(first.value, asked))
        no = second._replace(value=_succeeds(second.value, asked))
        return Choice((yes, no), asked.at)
    if fails(value):
        return made(False, asked.at)
    if isinstance(value, Unknown) or (isinstance(value, Text) and not value.known):
        return unknown(asked.at)
    return made(True, asked.at)


def _never(values: Sequence[Node], asked: Asked) -> Node:
    raise AssertionError((values, asked))


FUNCTIONS: Final = {"try": Function(1, None, _never, lazily=_try), "can": Function(1, 1, _never, lazily=_can)}
