"""Strings and heredocs of HCL, and what is interpolated in them, from the parser's tree."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Final, TypeAlias

from kms_lint.syntax.expression import Broken, Expression, Interpolation, Template
from kms_lint.syntax.hcl_directive import Mark
from kms_lint.syntax.hcl_template import Hole, of_line, of_lines
from kms_lint.syntax.hcl_text import Written

if TYPE_CHECKING:
    from tree_sitter import Node

_Convert: TypeAlias = "Callable[[Node, Written, int], Expression]"
_WORDS: Final = {
    "template_if_intro": "if",
    "template_else_intro": "else",
    "template_if_end": "endif",
    "template_for_start": "for",
    "template_for_end": "endfor",
}


def quoted(node: Node, written: Written, convert: _Convert, depth: int) -> Template:
    """A string in double quotes."""
    return of_line(written.at(node), list(_holes(node, written, convert, depth)))


def heredoc(node: Node, written: Written, convert: _Convert, depth: int) -> Template:
    """The lines between `<<WORD` and `WORD`; `<<-` takes the smallest indentation off each line."""
    marker = written.offset(node.children[-1].start_byte)
    return of_lines(written.at(node), marker, list(_holes(node, written, convert, depth)))


def _holes(node: Node, written: Written, convert: _Convert, depth: int) -> Iterator[Hole]:
    """What is interpolated, in order, whatever directives it stands in."""
    waiting = node.named_children[::-1]
    while waiting:
        child = waiting.pop()
        word = _WORDS.get(child.type)
        if child.type == "template_interpolation":
            yield _interpolation(child, written, convert, depth)
        elif word is not None:
            yield _mark(word, child, written, convert, depth)
        elif child.type in ("template_directive", "template_if", "template_for"):
            waiting.extend(child.named_children[::-1])


def _interpolation(node: Node, written: Written, convert: _Convert, depth: int) -> Interpolation:
    span = written.at(node)
    inside = [child for child in node.named_children if child.type == "expression"]
    expression = convert(inside[0], written, depth + 1) if inside else Broken(written.text(node), span)
    text = span.source.text
    return Interpolation(expression, span, text.startswith("~", span.start + 2), text.startswith("~", span.end - 2))


def _mark(word: str, node: Node, written: Written, convert: _Convert, depth: int) -> Mark:
    span = written.at(node)
    text = span.source.text
    names = tuple(written.text(child) for child in node.named_children if child.type == "identifier")
    inside = [child for child in node.named_children if child.type == "expression"]
    value = convert(inside[0], written, depth + 1) if inside else None
    trims = text.startswith("~", span.start + 2), text.startswith("~", span.end - 2)
    return Mark(word, value, names, span, *trims)
