"""What to tell about HCL that cannot be parsed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from kms_lint.syntax.hcl_pieces import unclosed

if TYPE_CHECKING:
    from tree_sitter import Node

_CLOSING: Final = {b"{": "}", b"[": "]", b"(": ")"}


class Fault(NamedTuple):
    """A message, and the bytes `[start, end)` that it is about."""

    message: str
    start: int
    end: int


def fault(root: Node, content: bytes) -> Fault:
    """What is wrong with a piece, and where: what was opened and never closed, else where the parser stumbled."""
    opened = unclosed(content)
    if opened is not None:
        start, end = opened
        return Fault(_not_closed(content[start:end]), start, end)
    node = _first(root)
    start = node.start_byte
    if node.is_missing:
        end = len(content[:start].rstrip())
        return Fault("something is missing after this", max(0, end - 1), end)
    equals = next((child for child in node.children if child.type == "="), None)
    if equals is not None and content[equals.end_byte :].split(b"\n", 1)[0].strip() == b"":
        return Fault("expected a value after the equals sign, on the same line", equals.start_byte, equals.end_byte)
    return Fault("expected an argument or a block: this cannot be read", start, _end_of_word(content, start))


def _not_closed(opening: bytes) -> str:
    if opening.startswith(b"<<"):
        return f"this heredoc is not closed: {opening.lstrip(b'<-').decode('utf-8', 'replace')} is missing on a line"
    if opening == b'"':
        return "this string is not closed: a quote is missing"
    if opening in _CLOSING:
        return f"this bracket is not closed: {_CLOSING[opening]} is missing"
    return "this bracket closes nothing"


def _first(root: Node) -> Node:
    """The first node that is missing or wrong, and within it what is wrong at its heart."""
    node = root
    while not node.is_missing:
        inner = [child for child in node.children if child.has_error or child.is_missing or child.is_error]
        if not inner:
            return node
        node = inner[0]
    return node


def _end_of_word(content: bytes, start: int) -> int:
    end = start + 1
    while end < len(content) and (content[end : end + 1].isalnum() or content[end] in b"_-" or content[end] >= 0x80):
        end += 1
    return end
