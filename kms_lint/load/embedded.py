"""Policies that are written as text inside a string."""

from __future__ import annotations

import re
from typing import Final

from kms_lint import syntax
from kms_lint.source import At, Passage, Source
from kms_lint.syntax.tree import Items, Mapping, Node, Scalar, Text

_URL_ENCODED: Final = re.compile(r"\s*%7b", re.IGNORECASE)
_RUN: Final = re.compile(r"(?:%[0-9A-Fa-f]{2})+|[^%]+|%")


class Composed(Text):
    """A text that was put together from others: nothing in it has a place of its own."""

    __slots__ = ()


def embedded(text: Text) -> Node:
    """The JSON that stands inside a string, with its places in the file, also where AWS answered it URL-encoded.

    Text that was put together from other values has the whole string as the place of everything.
    Raises `MalformedError` where the text breaks.
    """
    from kms_lint.syntax import json

    if text.form != text or isinstance(text, Composed):
        return _anywhere(text.form, text.at)
    return json.parse(_decoded(text) if _URL_ENCODED.match(text) else syntax.passage(text))


def _decoded(text: Text) -> Passage:
    """URL-encoded text as it is meant, with its way back. https://www.rfc-editor.org/rfc/rfc3986#section-2.1 ."""
    from urllib.parse import unquote

    outer = syntax.passage(text)
    parts: list[str] = []
    starts, origins = [0], [outer.origin(0)]
    length = 0
    for run in _RUN.finditer(text):
        part = unquote(run[0])
        at = run.start()
        for character in part if run[0][:1] == "%" else part[:1]:
            starts.append(length)
            origins.append(outer.origin(min(at, run.end())))
            length += 1
            at += 3 * len(character.encode("utf-8", "replace"))
        length += 0 if run[0][:1] == "%" else len(part) - 1
        parts.append(part)
    return Passage(outer.source, "".join(parts), tuple(starts[1:]), tuple(origins[1:]))


def _anywhere(text: str, at: At) -> Node:
    from kms_lint.errors import MalformedError
    from kms_lint.syntax import json

    try:
        return _placed(json.parse(Passage(Source("", text), text)), at)
    except MalformedError as error:
        raise MalformedError(error.message, syntax.locate(at)) from error


def _placed(node: Node, at: At) -> Node:
    """The same tree with one place for all of it; its depth is bounded by the parser."""
    if isinstance(node, Text):
        return Text(str(node), at)
    if isinstance(node, Scalar):
        return node._replace(at=at)
    if isinstance(node, Mapping):
        return Mapping([(Text(str(name), at), _placed(value, at)) for name, value in node.entries], at)
    if isinstance(node, Items):
        return Items([_placed(value, at) for value in node.values], at)
    return node
