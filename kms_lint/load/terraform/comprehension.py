"""`for` expressions and splats.

https://developer.hashicorp.com/terraform/language/expressions/for
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

from kms_lint.load.terraform.choices import worked_out
from kms_lint.load.terraform.conditions import ROUND, condition
from kms_lint.load.terraform.conversion import string, truth
from kms_lint.load.terraform.limits import RefusedError, UndecidedError
from kms_lint.load.terraform.resource import Resource
from kms_lint.load.terraform.scope import Scope
from kms_lint.load.terraform.value import Failed, SetOf, Several, is_null, unknown, written
from kms_lint.source import Span
from kms_lint.syntax.expression import ELEMENT, Expression, For, Splat
from kms_lint.syntax.tree import ANYTHING, Branch, Choice, Items, Mapping, Node, Scalar, Text, Unknown


class Element(NamedTuple):
    """One element of what is gone through."""

    key: Node
    value: Node


class _Made(NamedTuple):
    """What an element becomes: `key` in an object; only where `test` holds."""

    test: Node
    key: Text | None
    value: Node


Elements: TypeAlias = "Sequence[Element | Several]"


def elements(collection: Node, at: Span) -> Elements | Unknown:
    """What there is to go through, in order; `Several` for any number of elements of which nothing is known."""
    if isinstance(collection, Unknown):
        return collection
    if isinstance(collection, Resource):
        return unknown(at)
    if isinstance(collection, Mapping):
        named = sorted(dict(collection.entries).items(), key=lambda entry: (not entry[0].known, entry[0]))
        found: list[Element | Several] = [Element(name, value) for name, value in named]
        if any(not name.known for name, _ in named):
            found.append(Several(written(at), at))
        return found
    if not isinstance(collection, Items):
        return Failed(written(at), at, "only a list, a set or a map can be gone through")
    a_set = isinstance(collection, SetOf)
    return [
        value if isinstance(value, Several) else Element(value if a_set else Scalar(str(index), str(index), at), value)
        for index, value in enumerate(collection.values)
    ]


def bound(scope: Scope, key: str | None, value: str, element: Element) -> Scope:
    """The scope in which the names of a `for` stand for an element."""
    names = {value: element.value, ROUND: round_of(scope.names.get(ROUND), element.key)}
    if key is not None:
        names[key] = element.key
    return scope.bound(names)


def round_of(outer: Node | None, key: Node) -> Node:
    """The words for an element: its key, after that of the loop around it."""
    words = key.text if isinstance(key, Scalar) else str(key) if isinstance(key, Text) else "…"
    return Text(f"{outer}, {words}" if isinstance(outer, Text) else words, key.at)


def comprehension(expression: For, scope: Scope) -> Node:
    """The list or object that a `for` makes."""
    collection = scope.evaluate(expression.collection)
    return worked_out([collection], expression.at, lambda values: _gone_through(expression, values[0], scope))


def _gone_through(expression: For, collection: Node, scope: Scope) -> Node:
    at = expression.at
    found = elements(collection, at)
    if isinstance(found, Unknown):
        return found._replace(expression=written(at), at=at)
    made: list[_Made | Several] = []
    for element in found:
        if isinstance(element, Several):
            made.append(Several(written(at), at))
        else:
            made.append(_made(expression, element, bound(scope, expression.key, expression.value, element)))
    tests = [each.test for each in made if isinstance(each, _Made)]
    return worked_out(tests, at, lambda outcomes: _collected(expression, made, list(outcomes)))


def _made(expression: For, element: Element, scope: Scope) -> _Made:
    test: Node = Scalar(True, "true", expression.at)
    if expression.test is not None:
        test = _outcome(scope.evaluate(expression.test), expression.test, scope)
        if isinstance(test, Failed) or (isinstance(test, Scalar) and test.value is not True):
            return _Made(test, None, test)
    key = None
    if expression.result_key is not None:
        key = _name(scope.evaluate(expression.result_key), expression.result_key.at)
    return _Made(test, key, scope.evaluate(expression.result))


def _outcome(test: Node, expression: Expression, scope: Scope) -> Node:
    """Whether an element is taken; what is not known depends on a condition of this element."""
    at = expression.at
    if isinstance(test, Choice | Failed):
        return test
    try:
        holds = truth(test)
    except RefusedError as error:
        return Failed(written(at), at, str(error))
    if is_null(holds):
        return Failed(written(at), at, "null is neither true nor false")
    if isinstance(holds, Scalar):
        return holds
    words = condition(expression, scope)
    yes, no = (Branch(words, holds, Scalar(holds, str(holds).lower(), at)) for holds in (True, False))
    return Choice((yes, no), at)


def _name(key: Node, at: Span) -> Text:
    """The name of an entry of an object, of unknown form when it is not known. Raises RefusedError."""
    name = string(key)
    if is_null(name):
        raise RefusedError("null cannot be a key")
    if isinstance(name, Failed):
        raise RefusedError(name.reason)
    return name if isinstance(name, Text) else Text(f"<{written(at)}>", at, ANYTHING)


def _collected(expression: For, made: Sequence[_Made | Several], tests: list[Node]) -> Node:
    outcomes = iter(tests)
    taken = [each for each in made if isinstance(each, Several) or _holds(next(outcomes))]
    if expression.result_key is None:
        return Items([each if isinstance(each, Several) else each.value for each in taken], expression.at)
    return _object(expression, taken)


def _holds(test: Node) -> bool:
    if isinstance(test, Scalar):
        return test.value is True
    raise UndecidedError


def _object(expression: For, taken: Sequence[_Made | Several]) -> Node:
    at = expression.at
    groups: dict[str, tuple[Text, list[Node]]] = {}
    for each in taken:
        if isinstance(each, Several):
            groups.setdefault(ANYTHING, (Text(f"<{written(at)}>", at, ANYTHING), [unknown(at)]))
            continue
        assert each.key is not None
        name = str(each.key) if each.key.known else ANYTHING if expression.group else f"{ANYTHING}{len(groups)}"
        if name in groups and not expression.group and each.key.known:
            raise RefusedError(f"two elements have the key `{each.key}`: write `...` after the value to group them")
        groups.setdefault(name, (each.key, []))[1].append(each.value)
    if expression.group:
        return Mapping([(name, Items(values, at)) for name, values in groups.values()], at)
    return Mapping([(name, values[0]) for name, values in groups.values()], at)


def splat(expression: Splat, scope: Scope) -> Node:
    """What becomes of each element; of null nothing, and of another value that is no list, of the value itself."""
    value = scope.evaluate(expression.value)
    return worked_out([value], expression.at, lambda values: _each(expression, values[0], scope))


def _each(expression: Splat, value: Node, scope: Scope) -> Node:
    at = expression.at
    if isinstance(value, Unknown):
        return value._replace(expression=written(at), at=at)
    if is_null(value):
        return Items((), at)
    values = value.values if isinstance(value, Items) else [value]
    return Items(
        [
            each._replace(at=at)
            if isinstance(each, Several)
            else scope.bound({ELEMENT: each}).evaluate(expression.each)
            for each in values
        ],
        at,
    )
