"""The values that a path of nested blocks and arguments leads to, such as `rule.destination.kms_key_id`.

A provider says the same as blocks or as one argument with objects and lists: both are followed.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple, TypeAlias

from kms_lint.load.terraform.dynamic import Nested, expanded
from kms_lint.load.terraform.resource import Resource
from kms_lint.load.terraform.scope import TOO_LARGE
from kms_lint.load.terraform.under import ALWAYS, Under, both, cases
from kms_lint.load.terraform.value import is_null, unknown
from kms_lint.source import Span
from kms_lint.syntax.expression import Block
from kms_lint.syntax.tree import Items, Mapping, Node, Unknown

Path: TypeAlias = tuple[str, ...]
"""Names of blocks, and of the argument in the end."""

_MOST_VALUES: Final = 1_000


class Held(NamedTuple):
    """A value that is not null, with the conditions under which it is there, and where its argument is written.

    `position` counts the blocks or objects that may hold it, `block` is the block of its argument.
    """

    value: Node
    at: Span
    block: Block
    under: Under = ALWAYS
    position: int = 0


def held(itself: Resource, path: Path) -> Iterator[Held]:
    """All values of a resource at a path; what unknown blocks hold is unknown."""
    yield from _in_block(Nested(itself.block, itself.scope), path)


def _in_blocks(outer: Nested, path: Path) -> Iterator[Held]:
    """The values in the nested blocks of the first name of a path."""
    name, rest = path[0], path[1:]
    position = 0
    for nested in expanded(outer.block, outer.scope, name):
        if isinstance(nested, Unknown):
            yield Held(nested, outer.block.header, outer.block, outer.conditions, position)
            position += 1
            continue
        under = both(outer.conditions, nested.conditions)
        if under is None:
            continue
        if position >= _MOST_VALUES:
            yield Held(unknown(nested.block.header, TOO_LARGE), nested.block.header, outer.block, under, position)
            return
        for each in _in_block(nested._replace(under=under, over=None), rest):
            yield each._replace(position=position)
        position += 1


def _in_block(inner: Nested, path: Path) -> Iterator[Held]:
    argument = inner.block.arguments().get(path[0])
    if argument is not None:
        yield from _within(inner.scope.evaluate(argument.expression()), path[1:], argument.at, inner)
    elif len(path) > 1:
        yield from _in_blocks(inner, path)


def _within(value: Node | None, path: Path, at: Span, where: Nested) -> Iterator[Held]:
    """The values at a path within the value of an argument, which may be objects and lists of them."""
    if not path:
        if value is not None and not is_null(value):
            yield Held(value, at, where.block, where.conditions)
        return
    for under, found in cases(value, where.conditions):
        if isinstance(found, Items):
            for position, each in enumerate(found.values):
                if position >= _MOST_VALUES:
                    yield Held(unknown(at, TOO_LARGE), at, where.block, under, position)
                    break
                for inner in _within(each, path, at, where._replace(under=under, over=None)):
                    yield inner._replace(position=position)
        elif isinstance(found, Mapping):
            yield from _within(found.get(path[0]), path[1:], at, where._replace(under=under, over=None))
        else:
            yield Held(found, at, where.block, under)
