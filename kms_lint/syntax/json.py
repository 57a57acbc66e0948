"""JSON, decoded fast; where each value is written is worked out only when it is asked for.

https://www.rfc-editor.org/rfc/rfc8259
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import lru_cache, partial
from typing import Final, NoReturn, TypeAlias

from kms_lint.source import Passage, Root, Route, Source, Span
from kms_lint.syntax.json_scanner import DEPTH, scan
from kms_lint.syntax.tree import Items, Mapping, Node, Scalar, Text

BOM: Final = "\ufeff"


class _Number(str):
    """The digits of a number: told apart from a string, and never rounded."""

    __slots__ = ()


# An object comes as a tuple of pairs, so that names that occur twice survive; a list is a list.
_Value: TypeAlias = "str | _Number | bool | list[_Value] | tuple[tuple[str, _Value], ...] | None"


def parse(passage: Passage, holes: Sequence[Node] = ()) -> Node:
    """The value that the text holds.

    The character `chr(0xF0000 + i)` stands for `holes[i]`: inside a string it becomes part of the `Text`, elsewhere
    it is the value itself. Raises MalformedError where the text stops being JSON.
    """
    if passage.text.startswith(BOM):
        passage = _without_bom(passage)
    if holes:
        return scan(passage, holes)
    try:
        value: _Value = _DECODER.decode(passage.text)
    except (ValueError, RecursionError):
        return scan(passage)
    if not _shallow(passage.text, value):
        return scan(passage)
    return _node(value, Root(passage))


def find(at: Route | Root) -> Span:
    """The span that a route leads to: the last one of a name that occurs twice."""
    passage, start, end = place(at)
    return passage.span(start, end)


def place(at: Route | Root) -> tuple[Passage, int, int]:
    """The passage that a route leads into, and the offsets in its text."""
    steps: list[Route] = []
    while isinstance(at, Route):
        steps.append(at)
        at = at.parent
    span = _follow(_scanned(at), steps[::-1])
    return at.passage, span.start, span.end


def _follow(node: Node, steps: Sequence[Route]) -> Span:
    for step in steps:
        if step.key and isinstance(node, Mapping):
            return _span(next(name for name, _ in reversed(node.entries) if name == step.step))
        node = _child(node, step.step)
    return _span(node)


def _child(node: Node, step: str | int) -> Node:
    if isinstance(step, int) and isinstance(node, Items):
        return node.values[step]
    child = node.get(step) if isinstance(step, str) and isinstance(node, Mapping) else None
    if child is None:
        raise LookupError(f"no value at {step!r}")
    return child


def _span(node: Node) -> Span:
    if not isinstance(node.at, Span):
        raise TypeError("the scanner gives spans")
    return node.at


@lru_cache(maxsize=2)
def _scanned(root: Root) -> Node:
    """The value once more, with offsets in the passage's own text. Findings come file by file, hence the small cache."""
    text = root.passage.text
    return scan(Passage(Source(root.passage.source.path, text), text))


def _without_bom(passage: Passage) -> Passage:
    starts = (0, *(start - 1 for start in passage.starts if start > 1))
    origins = (passage.origin(1), *(passage.origin(start + 1) for start in starts[1:]))
    return Passage(passage.source, passage.text[1:], starts, origins)


def _shallow(text: str, value: _Value) -> bool:
    """Whether the value is nested no deeper than everybody else can take."""
    if text.count("{") + text.count("[") <= DEPTH:
        return True
    level: list[_Value] = [value]
    for _ in range(DEPTH + 1):
        below: list[_Value] = []
        for container in level:
            if isinstance(container, tuple):
                below.extend(value for _, value in container if isinstance(value, (tuple, list)))
            elif isinstance(container, list):
                below.extend(value for value in container if isinstance(value, (tuple, list)))
        if not below:
            return True
        level = below
    return False


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)


_DECODER: Final = json.JSONDecoder(
    object_pairs_hook=tuple, parse_int=_Number, parse_float=_Number, parse_constant=_refuse
)


def _node(value: _Value, at: Route | Root) -> Node:
    kind = type(value)
    if kind is str:
        return Text(value, at)  # type: ignore[arg-type]
    if isinstance(value, tuple):
        return Mapping(partial(_entries, value, at), at)
    if isinstance(value, list):
        return Items(partial(_values, value, at), at)
    if isinstance(value, str):
        return Scalar(str(value), str(value), at)
    return Scalar(value, "null" if value is None else str(value).lower(), at)


def _entries(pairs: tuple[tuple[str, _Value], ...], at: Route | Root) -> Sequence[tuple[Text, Node]]:
    if len({name for name, _ in pairs}) < len(pairs):
        return _duplicated(at)
    return [(Text(name, Route(at, name, True)), _node(value, Route(at, name))) for name, value in pairs]


def _values(values: list[_Value], at: Route | Root) -> Sequence[Node]:
    return [_node(value, Route(at, index)) for index, value in enumerate(values)]


def _duplicated(at: Route | Root) -> Sequence[tuple[Text, Node]]:
    """The entries of an object in which a name occurs twice, where a route could not tell the two apart."""
    steps: list[str | int] = []
    while isinstance(at, Route):
        steps.append(at.step)
        at = at.parent
    node = scan(at.passage)
    for step in reversed(steps):
        node = _child(node, step)
    if not isinstance(node, Mapping):
        raise TypeError("the scanner and the decoder read the same text")
    return node.entries
