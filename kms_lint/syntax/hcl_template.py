"""Templates of HCL: quoted strings and heredocs, put together from what stands in them.

https://developer.hashicorp.com/terraform/language/expressions/strings
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final, TypeAlias

from kms_lint.source import Passage, Span
from kms_lint.syntax.expression import Interpolation, Template
from kms_lint.syntax.hcl_directive import Mark, nested
from kms_lint.syntax.hcl_text import joined, resolved, unescaped

Hole: TypeAlias = Interpolation | Mark
_Range: TypeAlias = tuple[int, int]

_LINE: Final = re.compile(r"[^\n]*\n|[^\n]+")
_UNLIMITED: Final = 1 << 30


def of_line(span: Span, holes: Sequence[Hole]) -> Template:
    """A string in double quotes, with what is interpolated in it."""
    source, start, end = span
    parts: list[Passage | Hole] = []
    literals = [[literal] if literal[0] < literal[1] else [] for literal in _between(start + 1, end - 1, holes)]
    if _strips(holes):
        _strip(source.text, literals, holes)
    for index, ranges in enumerate(literals):
        parts.extend(unescaped(source, first, last) for first, last in ranges)
        parts.extend(holes[index : index + 1])
    return Template(nested(parts), span)


def of_lines(span: Span, marker: int, holes: Sequence[Hole]) -> Template:
    """A heredoc whose last line, with the closing marker at the offset `marker`, ends it."""
    source, opening, _ = span
    text = source.text
    start = text.find("\n", opening) + 1
    end = max(start, text.rfind("\n", 0, marker) + 1)
    return _of_text(span, (start, end), holes, indented=text.startswith("<<-", opening))


def of_file(span: Span, holes: Sequence[Hole]) -> Template:
    """The whole text of a file that is a template."""
    return _of_text(span, (span.start, span.end), holes, indented=False)


def _of_text(span: Span, bounds: _Range, holes: Sequence[Hole], *, indented: bool) -> Template:
    source = span.source
    text = source.text
    literals = [[literal] for literal in _between(*bounds, holes)]
    if indented or _strips(holes):
        literals = [[match.span() for match in _LINE.finditer(text, *each[0])] for each in literals]
        _strip(text, literals, holes)
        if indented:
            _outdent(text, literals)
    parts: list[Passage | Hole] = []
    for index, ranges in enumerate(literals):
        passage = joined(source, _runs(text, ranges))
        if passage.text:
            parts.append(passage)
        parts.extend(holes[index : index + 1])
    return Template(nested(parts), span, heredoc=True)


def _runs(text: str, ranges: Sequence[_Range]) -> Iterator[tuple[str, int]]:
    for first, last in ranges:
        yield from resolved(text, first, last, quoted=False)


def _between(start: int, end: int, holes: Sequence[Hole]) -> Iterator[_Range]:
    """The ranges of the text before, between and after the holes."""
    for hole in holes:
        yield start, hole.at.start
        start = hole.at.end
    yield start, end


def _strips(holes: Sequence[Hole]) -> bool:
    return any(hole.trim_left or hole.trim_right for hole in holes)


def _strip(text: str, literals: Sequence[list[_Range]], holes: Sequence[Hole]) -> None:
    """Takes off the blanks beside `~`. Of a heredoc, these are at most those of one line: it is read line by line."""
    for index, hole in enumerate(holes):
        before, after = literals[index], literals[index + 1]
        if hole.trim_left and before:
            first, last = before[-1]
            before[-1] = first, first + len(text[first:last].rstrip())
        if hole.trim_right and after:
            first, last = after[0]
            after[0] = last - len(text[first:last].lstrip()), last


def _outdent(text: str, literals: Sequence[list[_Range]]) -> None:
    """Takes the smallest indentation off each line, as Terraform counts it."""
    smallest = _UNLIMITED
    indented: list[tuple[list[_Range], int]] = []
    fresh = True
    for number, ranges in enumerate(literals):
        for index, (first, last) in enumerate(ranges):
            if fresh:
                line = text[first:last]
                blank = len(line) - len(line.lstrip())
                if blank < len(line) or not line.endswith("\n"):
                    smallest = min(smallest, blank)
                    indented.append((ranges, index))
            fresh = text[first:last].endswith("\n")
        if fresh and number + 1 < len(literals):  # a hole begins the line
            smallest, fresh = 0, False
    for ranges, index in indented:
        first, last = ranges[index]
        ranges[index] = min(first + smallest, last), last


def plain(text: str, span: Span) -> Template:
    """A bare name, as the template that it means as the key of an object."""
    return Template((Passage(span.source, text, (0,), (span.start,)),), span)
