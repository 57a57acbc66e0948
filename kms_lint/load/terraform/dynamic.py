"""Nested blocks of a type, those that `dynamic` blocks make among them.

https://developer.hashicorp.com/terraform/language/expressions/dynamic-blocks
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from kms_lint.load.terraform.scope import TOO_LARGE, Scope
from kms_lint.load.terraform.under import ALWAYS, Taken, Under, cases, only
from kms_lint.load.terraform.value import SetOf, Several, text_of, written
from kms_lint.source import Span
from kms_lint.syntax.expression import Block, Expression, Reference
from kms_lint.syntax.tree import Items, Mapping, Node, Scalar, Text, Unknown

MOST_BLOCKS: Final = 2_000
"""As many blocks are made of one `dynamic` block."""


class Nested(NamedTuple):
    """A nested block, and the scope of its arguments, which knows the iterators of the `dynamic` blocks around it.

    `under` are the conditions under which it is there. `over` is what it is made for when that is not known: then it
    may be there any number of times, or not at all.
    """

    block: Block
    scope: Scope
    under: Under = ALWAYS
    over: Unknown | None = None
    labels: tuple[Text, ...] = ()

    @property
    def conditions(self) -> Under:
        """The conditions under which it is there, that what it is made for is not empty among them."""
        if self.over is None:
            return self.under
        module = f" in {self.scope.path.removesuffix('.')}" if self.scope.path else ""
        return (*self.under, Taken(f"{self.over.expression}{module} is not empty", True))


class _Element(NamedTuple):
    """What a `dynamic` block makes one block for; `over` when it may stand for any number of them."""

    key: Node
    value: Node
    over: Unknown | None = None


def expanded(block: Block, scope: Scope, type: str) -> Iterator[Nested | Unknown]:
    """The nested blocks of a type, in the order of the file.

    An unknown value stands for blocks of which nothing can be said, and for those beyond what is worked out.
    """
    for nested in block.blocks():
        if nested.type == type:
            scope.look_into(nested)
            yield Nested(nested, scope, labels=nested.labels)
        elif nested.type == "dynamic" and nested.labels[:1] == (type,):
            yield from _made(nested, scope)


def present(value: Node, nested: Nested) -> Node:
    """What is made of a nested block, left out where the block is not there."""
    return only(value, nested.conditions, nested.block.header)


def _made(dynamic: Block, scope: Scope) -> Iterator[Nested | Unknown]:
    """The blocks that a `dynamic` block makes."""
    from kms_lint.load.terraform.comprehension import round_of
    from kms_lint.load.terraform.conditions import ROUND

    scope.look_into(dynamic)
    arguments = dynamic.arguments()
    content = next((nested for nested in dynamic.blocks() if nested.type == "content"), None)
    label = str(dynamic.labels[0])
    if content is None or "for_each" not in arguments:
        missing = "content" if content is None else "for_each"
        expression = written(arguments["for_each"].expression().at) if "for_each" in arguments else f'dynamic "{label}"'
        yield Unknown(expression, dynamic.header, f'`dynamic "{label}"` has no `{missing}`')
        return
    scope.look_into(content)
    collection = arguments["for_each"].expression()
    iterator = _iterator(dynamic) or label
    count = 0
    for under, value in cases(scope.evaluate(collection)):
        for element in _elements(value, collection.at):
            count += 1
            if count > MOST_BLOCKS or scope.spent(1):
                yield Unknown(written(collection.at), dynamic.header, TOO_LARGE)
                return
            around = round_of(scope.names.get(ROUND), element.key)
            inner = scope.bound({iterator: _bound(element, collection.at), ROUND: around})
            yield Nested(content, inner, under, element.over, _labels(dynamic, inner))


def _bound(element: _Element, at: Span) -> Mapping:
    return Mapping([(Text("key", at), element.key), (Text("value", at), element.value)], at)


def _iterator(dynamic: Block) -> str | None:
    """The name that `iterator` gives; it is written without quotes."""
    argument = dynamic.arguments().get("iterator")
    return None if argument is None else _name(argument.expression())


def _name(expression: Expression) -> str | None:
    return expression.name if isinstance(expression, Reference) else None


def _labels(dynamic: Block, scope: Scope) -> tuple[Text, ...]:
    argument = dynamic.arguments().get("labels")
    if argument is None:
        return ()
    value = scope.evaluate(argument.expression())
    values = value.values if isinstance(value, Items) else (value,)
    return tuple(text for text in (text_of(each, argument.at) for each in values) if text is not None)


def _elements(collection: Node, at: Span) -> Iterator[_Element]:
    """Keys and values, of maps in the order of the keys; what is unknown is one element that may stand for many."""
    if isinstance(collection, Mapping):
        for name, value in _sorted(collection.entries):
            yield _Element(name, value, None if name.known else _unnamed(name))
    elif isinstance(collection, Items):
        distinct = isinstance(collection, SetOf)
        for index, value in enumerate(collection.values):
            if isinstance(value, Several):
                yield _Element(value, value, value)
            else:
                yield _Element(value if distinct else Scalar(str(index), str(index), value.at), value)
    else:
        over = collection if isinstance(collection, Unknown) else Unknown(written(at), at)
        yield _Element(over, over, over)


def _sorted(entries: Sequence[tuple[Text, Node]]) -> list[tuple[Text, Node]]:
    return sorted({str(name): (name, value) for name, value in entries}.values(), key=lambda entry: str(entry[0]))


def _unnamed(name: Text) -> Unknown:
    return Unknown(str(name).strip("<>"), name.at)
