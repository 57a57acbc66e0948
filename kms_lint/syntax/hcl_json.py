"""Terraform's JSON syntax, read into the blocks and expressions of HCL.

Only a schema tells whether an object is the value of an argument or a nested block. There is none here: a block offers
such a member as both, and who reads the block asks for what it should be.
https://developer.hashicorp.com/terraform/language/syntax/json
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Final, TypeAlias

from kms_lint.errors import MalformedError
from kms_lint.source import Passage, Source, Span
from kms_lint.syntax.expression import Argument, Block, Expression, ListOf, Literal, ObjectOf
from kms_lint.syntax.hcl import Configuration
from kms_lint.syntax.json import BOM
from kms_lint.syntax.json_scanner import scan
from kms_lint.syntax.json_template import literal, reference, template
from kms_lint.syntax.tree import Items, Mapping, Node, Scalar, Text

_COMMENT: Final = "//"
_LABELS: Final = {
    "resource": 2,
    "data": 2,
    "ephemeral": 2,
    "module": 1,
    "variable": 1,
    "output": 1,
    "provider": 1,
    "check": 1,
    "dynamic": 1,
    "provisioner": 1,
}
_REFERENCES: Final = {
    "resource": frozenset({"depends_on", "provider"}),
    "data": frozenset({"depends_on", "provider"}),
    "ephemeral": frozenset({"depends_on", "provider"}),
    "module": frozenset({"depends_on", "providers"}),
    "output": frozenset({"depends_on"}),
    "variable": frozenset({"type"}),
    "lifecycle": frozenset({"ignore_changes", "replace_triggered_by"}),
    "moved": frozenset({"from", "to"}),
    "removed": frozenset({"from"}),
    "import": frozenset({"to", "provider"}),
}
"""By type of block, the arguments whose strings are references themselves."""

_Made: TypeAlias = Callable[[Text, Span], Expression]


def parse(source: Source) -> Configuration:
    """The blocks of a file. Text that is no JSON, and what cannot be a block, is an error."""
    errors: list[MalformedError] = []
    try:
        root = _root(source)
    except MalformedError as error:
        return Configuration((), {}, (error,))
    blocks: list[Block] = []
    for name, value in _members(root, "a file", errors):
        blocks.extend(_of_type(name, value, errors))
    return Configuration(tuple(blocks), {}, tuple(errors))


def variables(source: Source) -> Configuration:
    """A file of variables: nothing is interpolated in its strings. Without values, and with the error, if it cannot be read."""
    try:
        root = _root(source)
    except MalformedError as error:
        return Configuration((), {}, (error,))
    errors: list[MalformedError] = []
    arguments: dict[str, Argument] = {
        name: Argument(name, partial(_expression, value, literal), _whole(name, value))
        for name, value in _members(root, "a file", errors)
    }
    return Configuration((), arguments, tuple(errors))


def _root(source: Source) -> Node:
    text = source.text
    return scan(Passage(source, text[1:], (0,), (1,)) if text.startswith(BOM) else Passage(source, text))


def _members(node: Node, what: str, errors: list[MalformedError]) -> Iterator[tuple[Text, Node]]:
    """The members of an object, or of a list of objects, which counts as one; comments left out."""
    for each in node.values if isinstance(node, Items) else (node,):
        if isinstance(each, Mapping):
            yield from (member for member in each.entries if member[0] != _COMMENT and not _null(member[1]))
        elif not _null(each):
            errors.append(MalformedError(f"{what} is written as an object here", _span(each)))


def _of_type(type: Text, value: Node, errors: list[MalformedError]) -> Iterator[Block]:
    """The blocks of a type, whose labels are the names of objects within objects."""
    found: list[tuple[tuple[Text, ...], Text, Node]] = [((), type, value)]
    for _ in range(_LABELS.get(type, 0)):
        what = f"`{type}`" if len(found) == 1 else f"each `{type}`"
        found = [
            ((*labels, name), name, inner)
            for labels, _, outer in found
            for name, inner in _members(outer, what, errors)
        ]
    for labels, name, body in found:
        yield from _blocks_of(type, labels, name, body, errors)


def _blocks_of(
    type: Text, labels: tuple[Text, ...], name: Text, body: Node, errors: list[MalformedError]
) -> Iterator[Block]:
    """One block for an object, one for each in a list; `name` is the innermost name before it."""
    for each in body.values if isinstance(body, Items) else (body,):
        if isinstance(each, Mapping):
            span = _span(each)
            header = _span_of(name) if each is body else Span(span.source, span.start, span.start + 1)
            yield _block(type, labels, header, each)
        elif not _null(each):
            errors.append(MalformedError(f"`{name}` is written as an object here", _span(each)))


def _block(type: Text, labels: tuple[Text, ...], header: Span, body: Mapping) -> Block:
    inside = _Body(type, body)
    return Block(type, labels, header, _span(body), inside.arguments, inside.blocks, inside.duplicates)


class _Body:
    """The members of a block, as arguments and as blocks."""

    __slots__ = ("_arguments", "_blocks", "_duplicates", "_references", "_type", "_value")

    def __init__(self, type: Text, value: Mapping) -> None:
        self._type = type
        self._references = _REFERENCES.get(type, frozenset())
        self._value = value
        self._arguments: dict[str, Argument] | None = None
        self._duplicates: list[Argument] = []
        self._blocks: list[Block] | None = None

    def arguments(self) -> dict[str, Argument]:
        """The members by name, the first of each."""
        if self._arguments is None:
            self._arguments = {}
            for name, value in self._value.entries:
                if name != _COMMENT:
                    self._add(self._arguments, name, value)
        return self._arguments

    def _add(self, arguments: dict[str, Argument], name: Text, value: Node) -> None:
        text: _Made = reference if name in self._references else template
        argument = Argument(name, _Lazy(value, text), _whole(name, value))
        if arguments.setdefault(name, argument) is not argument and not _may_be_block(value):
            self._duplicates.append(argument)

    def blocks(self) -> Sequence[Block]:
        """The members that are objects or lists of objects."""
        if self._blocks is None:
            self._blocks = []
            for name, value in self._value.entries:
                if name != _COMMENT and _may_be_block(value):
                    self._blocks.extend(_of_type(name, value, []))
        return self._blocks

    def duplicates(self) -> Sequence[Argument]:
        """The arguments whose name has occurred before; a name of nested blocks may."""
        self.arguments()
        return self._duplicates


class _Lazy:
    """An expression that is made when it is first called for."""

    __slots__ = ("_made", "_text", "_value")

    def __init__(self, value: Node, text: _Made) -> None:
        self._value = value
        self._text = text
        self._made: Expression | None = None

    def __call__(self) -> Expression:
        if self._made is None:
            self._made = _expression(self._value, self._text)
        return self._made


def _expression(value: Node, text: _Made) -> Expression:
    """The expression that a value means; `text` says what a string means. The scanner bounds its depth."""
    at = _span(value)
    if isinstance(value, Text):
        return text(value, at)
    if isinstance(value, Scalar):
        return Literal(value.value, at)
    if isinstance(value, Items):
        return ListOf(tuple(_expression(each, text) for each in value.values), at)
    assert isinstance(value, Mapping)
    name: _Made = literal if text is reference else text
    entries = [(name(each, _span_of(each)), _expression(inner, text)) for each, inner in value.entries]
    return ObjectOf(tuple(entries), at)


def _may_be_block(value: Node) -> bool:
    if isinstance(value, Items):
        return bool(value.values) and all(isinstance(each, Mapping) for each in value.values)
    return isinstance(value, Mapping)


def _null(value: Node) -> bool:
    return isinstance(value, Scalar) and value.value is None


def _whole(name: Text, value: Node) -> Span:
    """A name together with its value."""
    first, last = _span_of(name), _span(value)
    return Span(first.source, first.start, last.end)


def _span(value: Node) -> Span:
    assert isinstance(value.at, Span)
    return value.at


def _span_of(name: Text) -> Span:
    assert isinstance(name.at, Span)
    return name.at
