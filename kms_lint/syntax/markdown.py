"""The fenced code blocks of a Markdown file.

https://spec.commonmark.org/0.31.2/#fenced-code-blocks
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from kms_lint.source import Passage, Source, Span

_LISTED: Final = r"(?:(?:[-*+]|[0-9]{1,9}[.)])[ \t]+)*"
_OPENING: Final = re.compile(
    rf"(?P<quotes>(?:[ \t]*>)*)(?P<indent>[ \t]*{_LISTED})(?P<fence>`{{3,}}(?=[^`\r\n]*$)|~{{3,}})(?P<info>[^\r\n]*)"
)
_LANGUAGE: Final = re.compile(r"[ \t]*\{?[ \t]*\.?(?P<language>[A-Za-z0-9_+-]+)")
_QUOTES: Final = re.compile(r"[ \t]*>")
_BLANK: Final = re.compile(r"[ \t]*")


class Fence(NamedTuple):
    """A fenced block: its language in lower case, if it says one, where all of it stands, and the text in it."""

    language: str
    at: Span
    passage: Passage


def fences(source: Source) -> Iterator[Fence]:
    """The fenced blocks, in order; one that is not closed reaches to the end of what holds it."""
    lines = _Lines(source.text)
    while (line := lines.take()) is not None:
        fenced = "```" in line.text or "~~~" in line.text
        opening = _OPENING.match(line.text) if fenced else None
        if opening is None:
            continue
        block = _Block(opening, line.start)
        end = line.start + len(line.text)
        while (inner := lines.take()) is not None:
            start = block.inside(inner.text)
            if start is None:
                lines.put_back()
                break
            end = inner.start + len(inner.text)
            if block.closes(inner.text[start:]):
                break
            block.add(inner, start)
        language = _LANGUAGE.match(opening["info"])
        at = Span(source, line.start + opening.start("fence"), end)
        yield Fence(language["language"].lower() if language else "", at, block.passage(source))


class _Line(NamedTuple):
    """A line with its end of line, and where it begins."""

    text: str
    ending: str
    start: int


class _Lines:
    """The lines of a text, one after another."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._before = 0

    def take(self) -> _Line | None:
        """The next line; `None` at the end."""
        if self._at >= len(self._text):
            return None
        self._before = self._at
        end = self._text.find("\n", self._at)
        end = len(self._text) if end < 0 else end + 1
        whole = self._text[self._at : end]
        text = whole.rstrip("\r\n")
        line = _Line(text, whole[len(text) :], self._at)
        self._at = end
        return line

    def put_back(self) -> None:
        """Has the last line taken once more."""
        self._at = self._before


class _Block:
    """A block that is being read."""

    def __init__(self, opening: re.Match[str], start: int) -> None:
        self._quotes = opening["quotes"].count(">")
        self._indent = len(opening["indent"])
        self._mark = opening["fence"][0]
        self._length = len(opening["fence"])
        self._parts: list[str] = []
        self._starts: list[int] = []
        self._origins: list[int] = []
        self._size = 0
        self._empty = start + opening.end()

    def inside(self, line: str) -> int | None:
        """Where the text of a line begins after the marks of the quotation; `None` when the quotation has ended."""
        at = 0
        for _ in range(self._quotes):
            quote = _QUOTES.match(line, at)
            if quote is None:
                return None
            at = quote.end()
        return at

    def closes(self, line: str) -> bool:
        """Whether a line ends the block."""
        mark = line.strip(" \t")
        return len(mark) >= self._length and mark == self._mark * len(mark)

    def add(self, line: _Line, start: int) -> None:
        """Takes in a line of the block, without the indentation of the fence."""
        blank = _BLANK.match(line.text, start)
        start = min(start + self._indent, blank.end() if blank else start)
        text = line.text[start:] + line.ending
        self._starts.append(self._size)
        self._origins.append(line.start + start)
        self._parts.append(text)
        self._size += len(text)

    def passage(self, source: Source) -> Passage:
        """The text of the block."""
        starts, origins = tuple(self._starts) or (0,), tuple(self._origins) or (self._empty,)
        if all(origin - start == origins[0] for start, origin in zip(starts, origins, strict=True)):
            starts, origins = (0,), origins[:1]
        return Passage(source, "".join(self._parts), starts, origins)
