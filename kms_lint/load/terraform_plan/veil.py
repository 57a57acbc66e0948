"""Sensitive values: they are judged, and never shown.

https://developer.hashicorp.com/terraform/language/manage-sensitive-data
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from kms_lint.errors import MalformedError
from kms_lint.source import At, Passage, Source, Span
from kms_lint.syntax.json_scanner import scan
from kms_lint.syntax.tree import Items, Mapping, Node, Scalar, Text

VEIL: Final = "(sensitive value)"
_LONGEST: Final = 1 << 20
_SHOWN: Final = re.compile(r"[^\r\n]")
_OPEN: Final = frozenset({"Effect", "Version", "Action", "NotAction"})


def covered(source: Source, values: Sequence[tuple[tuple[int, int], object]]) -> Source:
    """The source as it may be shown: a text of the same length, with `*` in the place of all that is sensitive."""
    if not values:
        return source
    text, at, found = source.text, 0, []
    for start, end in sorted(each for (begin, last), marks in values for each in _places(source, begin, last, marks)):
        if end > at:
            found += [text[at : max(start, at)], _SHOWN.sub("*", text[max(start, at) : end])]
            at = end
    return Source(source.path, "".join((*found, text[at:])))


def _places(source: Source, start: int, end: int, marks: object) -> Iterator[tuple[int, int]]:
    if marks is True or end - start > _LONGEST:
        yield start, end
        return
    try:
        node = scan(Passage(source, source.text[start:end], (0,), (start,)))
    except MalformedError:  # it is nested deeper than anything is read
        yield start, end
        return
    waiting: list[tuple[Node, object]] = [(node, marks)]
    while waiting:
        here, marked = waiting.pop()
        if marked is True:
            if isinstance(here.at, Span):
                yield here.at.start, here.at.end
        elif isinstance(here, Mapping) and isinstance(marked, dict):
            waiting.extend((value, marked[name]) for name, value in here.entries if name in marked)
        elif isinstance(here, Items) and isinstance(marked, list):
            waiting.extend(zip(here.values, marked, strict=False))


def veiled(node: Node, at: At | None = None) -> Node:
    """A value of which no text is shown: what is reasoned about stays. The words of IAM stay, for they are no secret."""
    if isinstance(node, Text):
        return node if not node.known else Text(VEIL, at or node.at, node.form)
    if isinstance(node, Scalar) and isinstance(node.value, str):
        return Text(VEIL, at or node.at, node.text)
    if isinstance(node, Mapping):
        return Mapping(
            lambda: [(name, value if name in _OPEN else veiled(value, at)) for name, value in node.entries], node.at
        )
    if isinstance(node, Items):
        return Items(lambda: [veiled(value, at) for value in node.values], node.at)
    return node
