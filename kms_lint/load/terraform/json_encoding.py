"""The text of `jsonencode`.

https://developer.hashicorp.com/terraform/language/functions/jsonencode
"""

from __future__ import annotations

import json
import re
from typing import Final

from kms_lint.load.terraform.characters import Piece, pieces
from kms_lint.load.terraform.limits import fits
from kms_lint.load.terraform.numbers import scalar
from kms_lint.load.terraform.resource import Resource
from kms_lint.syntax.tree import ANYTHING, Items, Mapping, Node, Scalar, Text, Unknown

_ESCAPED: Final = re.compile("[<>&\u2028\u2029]")


def encoded(node: Node) -> list[Piece]:
    """The characters of a value as Terraform writes it: no blanks, names sorted, `<`, `>` and `&` escaped.

    Raises UndecidedError when that would be too long.
    """
    found: list[Piece] = []
    _write(node, found)
    fits(sum(map(len, found)))
    return found


def _write(node: Node, into: list[Piece]) -> None:
    if isinstance(node, Text):
        into.append('"')
        into.extend(part if isinstance(part, Text) else escaped(part) for part in pieces(node))
        into.append('"')
    elif isinstance(node, Scalar):
        into.append(scalar(node.value))
    elif isinstance(node, Items):
        _write_list(node, into)
    elif isinstance(node, Mapping) and not isinstance(node, Resource):
        _write_object(node, into)
    else:
        expression = node.expression if isinstance(node, Unknown) else "…"
        into.append(Text(f"<{expression}>", node.at, ANYTHING))


def _write_list(node: Items, into: list[Piece]) -> None:
    into.append("[")
    for index, value in enumerate(node.values):
        if index:
            into.append(",")
        _write(value, into)
    into.append("]")


def _write_object(node: Mapping, into: list[Piece]) -> None:
    into.append("{")
    for index, (name, value) in enumerate(sorted(dict(node.entries).items())):
        if index:
            into.append(",")
        _write(name, into)
        into.append(":")
        _write(value, into)
    into.append("}")


def escaped(text: str) -> str:
    """The characters of a string, as they stand between its quotes."""
    return _ESCAPED.sub(lambda match: f"\\u{ord(match.group()):04x}", quoted(text))


def quoted(text: str) -> str:
    """The same as YAML has them, which escapes only what must be."""
    inside = json.dumps(text, ensure_ascii=False)[1:-1]
    return inside.replace("\\b", "\\u0008").replace("\\f", "\\u000c") if "\\" in inside else inside
