"""Templates of HCL: quoted strings and heredocs.

https://developer.hashicorp.com/terraform/language/expressions/strings
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Final, TypeAlias

from kms_lint.source import Passage, Span
from kms_lint.syntax.expression import Broken, Directive, Expression, Interpolation, Template
from kms_lint.syntax.hcl_text import Written, joined, resolved, unescaped

if TYPE_CHECKING:
    from tree_sitter import Node

_Convert: TypeAlias = "Callable[[Node, Written, int], Expression]"
_Hole: TypeAlias = Interpolation | Directive

_LINE: Final = re.compile(r"[^\n]*\n|[^\n]+")
_INDENTATION: Final = re.compile(r"[^\S\n]*")


def quoted(node: Node, written: Written, convert: _Convert, depth: int) -> Template:
    """A string in double quotes."""
    return of_line(written.at(node), _holes(node, written, convert, depth))


def of_line(span: Span, holes: Iterable[_Hole]) -> Template:
    """A string in double quotes, with what is interpolated in it."""
    source, at, end = span
    at, end = at + 1, end - 1
    parts: list[Passage | _Hole] = []
    for hole in holes:
        if hole.at.start > at:
            parts.append(unescaped(source, at, hole.at.start))
        parts.append(hole)
        at = hole.at.end
    if at < end:
        parts.append(unescaped(source, at, end))
    return Template(tuple(parts), span)


def heredoc(node: Node, written: Written, convert: _Convert, depth: int) -> Template:
    """The lines between `<<WORD` and `WORD`; `<<-` takes the smallest indentation off each line."""
    marker = written.offset(node.children[-1].start_byte)
    return of_lines(written.at(node), marker, list(_holes(node, written, convert, depth)))


def of_lines(span: Span, marker: int, holes: Sequence[_Hole]) -> Template:
    """A heredoc whose last line, with the closing marker at the offset `marker`, ends it."""
    source, opening, _ = span
    text = source.text
    start = text.find("\n", opening) + 1
    end = text.rfind("\n", 0, marker) + 1
    literals = list(_between(start, end, holes))
    indentation = _indentation(text, start, literals) if text.startswith("<<-", opening) else 0
    parts: list[Passage | _Hole] = []
    for index, (first, last) in enumerate(literals):
        runs = _runs(text, first, last, indentation, fresh=first == start)
        passage = joined(source, runs)
        if passage.text:
            parts.append(passage)
        parts.extend(holes[index : index + 1])
    return Template(tuple(parts), span, heredoc=True)


def _holes(node: Node, written: Written, convert: _Convert, depth: int) -> Iterator[_Hole]:
    for child in node.named_children:
        if child.type == "template_interpolation":
            yield _interpolation(child, written, convert, depth)
        elif child.type == "template_directive":
            yield Directive(written.text(child), written.at(child))


def _interpolation(node: Node, written: Written, convert: _Convert, depth: int) -> Interpolation:
    span = written.at(node)
    inside = [child for child in node.named_children if child.type == "expression"]
    expression = convert(inside[0], written, depth) if inside else Broken(written.text(node), span)
    text = span.source.text
    return Interpolation(expression, span, text.startswith("~", span.start + 2), text.startswith("~", span.end - 2))


def _between(start: int, end: int, holes: Sequence[_Hole]) -> Iterator[tuple[int, int]]:
    """The ranges of the text before, between and after the holes."""
    for hole in holes:
        yield start, hole.at.start
        start = hole.at.end
    yield start, end


def _indentation(text: str, start: int, literals: list[tuple[int, int]]) -> int:
    """The smallest indentation of the lines that are not blank, as Terraform counts it."""
    smallest: int | None = None
    for first, last in literals:
        for match in _LINE.finditer(text, first, last):
            begins = match.start() > first or first == start
            if begins and (match.group().strip() or not match.group().endswith("\n")):
                width = len(_blank(text, match.start(), match.end()))
                smallest = width if smallest is None else min(smallest, width)
        if last > start and text[last - 1] == "\n" and (first, last) != literals[-1]:
            smallest = 0
        if first == last == start and len(literals) > 1:
            smallest = 0
    return smallest or 0


def _blank(text: str, start: int, end: int) -> str:
    match = _INDENTATION.match(text, start, end)
    return match.group() if match else ""


def _runs(text: str, first: int, last: int, indentation: int, *, fresh: bool) -> Iterator[tuple[str, int]]:
    """The text of a range without the indentation of its lines."""
    if not indentation:
        yield from resolved(text, first, last, quoted=False)
        return
    for match in _LINE.finditer(text, first, last):
        at = match.start()
        if (at > first or fresh) and (match.group().strip() or not match.group().endswith("\n")):
            at += min(indentation, len(_blank(text, at, match.end())))
        yield from resolved(text, at, match.end(), quoted=False)


def plain(text: str, span: Span) -> Template:
    """A bare name, as the template that it means as the key of an object."""
    return Template((Passage(span.source, text, (0,), (span.start,)),), span)
