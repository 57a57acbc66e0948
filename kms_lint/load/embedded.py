"""Policies that are written as text inside a string."""

from __future__ import annotations

import re
from typing import Final

from kms_lint import syntax
from kms_lint.source import At, Passage, Source
from kms_lint.syntax.tree import Items, Mapping, Node, Scalar, Text

_URL_ENCODED: Final = re.compile(r"\s*%7b", re.IGNORECASE)


def embedded(text: Text) -> Node:
    """The JSON that stands inside a string, with its places in the file.

    AWS answers some calls with URL-encoded text; each place in such text is the whole string. Raises `MalformedError`
    where the text breaks.
    """
    from kms_lint.syntax import json

    if _URL_ENCODED.match(text):
        return _decoded(text)
    return json.parse(syntax.passage(text))


def _decoded(text: Text) -> Node:
    from urllib.parse import unquote

    from kms_lint.errors import MalformedError
    from kms_lint.syntax import json

    decoded = unquote(text)
    try:
        return _placed(json.parse(Passage(Source("", decoded), decoded)), text.at)
    except MalformedError as error:
        raise MalformedError(error.message, syntax.locate(text.at)) from error


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
