"""Examples in documentation, in which something is left out or stands for what the reader has to fill in."""

from __future__ import annotations

import re
from functools import partial
from typing import Final

from kms_lint.model import Unresolved
from kms_lint.source import Source, Span
from kms_lint.syntax.tree import ANYTHING, Items, Mapping, Node, Text, Unknown

_ELLIPSIS: Final = r"\.\.\.|…"
_LINE: Final = re.compile(
    rf"^[ \t]*(?:#+|//+|/\*+|-)?[ \t]*[\[({{\"']*[ \t]*(?P<cut>{_ELLIPSIS})[^\r\n]*", re.MULTILINE
)
_HOLE: Final = re.compile(rf"{_ELLIPSIS}|<[^<>\r\n]{{1,80}}>")
_MESSAGE: Final = "something is left out of this example, so it is not judged"


def abridged(source: Source) -> Unresolved | None:
    """Where whole lines of an example are left out; `None` when it is complete."""
    found = _LINE.search(source.text)
    return None if found is None else _unresolved(source, found.start("cut"), found.end("cut"))


def placeholder(source: Source) -> Unresolved | None:
    """Where an example that cannot be parsed has something else in the place of a value."""
    found = _HOLE.search(source.text)
    return None if found is None else _unresolved(source, found.start(), found.end())


def _unresolved(source: Source, start: int, end: int) -> Unresolved:
    return Unresolved(source.text[start:end], _MESSAGE, Span(source, start, end))


def unknown_in(node: Node) -> Node:
    """The tree, in which texts with something to fill in (`<account-id>`, `...`) are unknown there."""
    if isinstance(node, Text):
        return _text(node)
    if isinstance(node, Mapping):
        return Mapping(partial(_entries, node), node.at)
    if isinstance(node, Items):
        return Items(partial(_values, node), node.at)
    return node


def _entries(node: Mapping) -> list[tuple[Text, Node]]:
    return [(name, unknown_in(value)) for name, value in node.entries]


def _values(node: Items) -> list[Node]:
    return [unknown_in(value) for value in node.values]


def _text(text: Text) -> Node:
    if ("<" not in text and "..." not in text and "…" not in text) or text.lstrip()[:1] in ("{", "["):
        return text
    whole = _HOLE.fullmatch(text)
    if whole is not None:
        return Unknown(str(text).strip("<>"), text.at, "it is left to the reader of the example")
    shown = _HOLE.sub(lambda found: f"<{found[0].strip('<>')}>", text)
    return Text(shown, text.at, _HOLE.sub(ANYTHING, text.form))
