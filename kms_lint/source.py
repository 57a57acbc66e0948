"""Text as it was read, and the places in it.

Places are offsets of characters. Lines and columns are worked out only when something is printed.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import field
from typing import Final, NamedTuple, TypeAlias

from kms_lint.record import dataclass

BUILT_IN: Final = "kms-lint: "
"""What the path of a source begins with that is no file of the user's: a module that is known by heart."""


class Position(NamedTuple):
    """A line and a column, both counted from 1, the column in characters."""

    line: int
    column: int


@dataclass(frozen=True, eq=False, slots=True)
class Source:
    """A file as it was read: its path as a user would type it, with `/`, and its decoded text.

    Text that stands in a file of another kind, such as a fenced block in Markdown, is a source of its own. `within` is
    the way from there to the file: lines and columns are always those of the file.
    """

    path: str
    text: str = field(repr=False)
    _lines: list[int] = field(default_factory=list, repr=False)
    within: Passage | None = field(default=None, repr=False)

    def position(self, offset: int) -> Position:
        """The line and column of an offset; a line ends with LF, as editors and code scanning count."""
        if self.within is not None:
            return self.within.source.position(self.within.origin(offset))
        starts = self._starts()
        line = bisect_right(starts, offset)
        return Position(line, offset - starts[line - 1] + 1)

    def line(self, number: int) -> str:
        """The text of one line, without its end; empty for a line that does not exist."""
        if self.within is not None:
            return self.within.source.line(number)
        starts = self._starts()
        if not 1 <= number <= len(starts):
            return ""
        end = starts[number] if number < len(starts) else len(self.text)
        return self.text[starts[number - 1] : end].rstrip("\r\n")

    def _starts(self) -> list[int]:
        if not self._lines:
            found = [0]
            at = self.text.find("\n")
            while at >= 0:
                found.append(at + 1)
                at = self.text.find("\n", at + 1)
            self._lines.extend(found)
        return self._lines


class Span(NamedTuple):
    """The characters `[start, end)` of a source."""

    source: Source
    start: int
    end: int

    def in_file(self) -> Span:
        """The same characters as a span of the file itself."""
        within = self.source.within
        return self if within is None else within.span(self.start, self.end).in_file()


@dataclass(frozen=True, eq=False, slots=True)
class Passage:
    """Text that stands inside a source, perhaps escaped, indented or interrupted.

    A policy in a heredoc, in a YAML block or in an escaped JSON string is read from its decoded text.
    `starts[i]` is an offset in that text and `origins[i]` the offset in the source it came from; in
    between, characters follow one another. `starts` begins with 0 and rises.
    """

    source: Source
    text: str = field(repr=False)
    starts: tuple[int, ...] = (0,)
    origins: tuple[int, ...] = (0,)

    def origin(self, offset: int) -> int:
        """The offset in the source of an offset in this text."""
        index = bisect_right(self.starts, offset) - 1
        moved = self.origins[index] + offset - self.starts[index]
        if index + 1 < len(self.origins):
            moved = min(moved, max(self.origins[index], self.origins[index + 1]))
        return moved

    def span(self, start: int, end: int) -> Span:
        """The span of the source that holds the characters `[start, end)` of this text."""
        first = self.origin(start)
        last = self._end(end) if end > start else first
        return Span(self.source, first, max(first, last))

    def _end(self, offset: int) -> int:
        """The offset in the source just after the character before an offset: an escape is longer than what it means."""
        index = bisect_left(self.starts, offset)
        if self.starts[index : index + 1] == (offset,) and not self.text[offset - 1].isspace():
            return self.origins[index]
        return self.origin(offset - 1) + 1


class Root(NamedTuple):
    """The text of one JSON value, to which routes lead. Offsets are found when they are asked for."""

    passage: Passage
    start: int = 0


class Route(NamedTuple):
    """The way to a value, one step from its parent: a name or an index.

    `key` means the name itself rather than what it names.
    """

    parent: Route | Root
    step: str | int
    key: bool = False


@dataclass(frozen=True, eq=False, slots=True)
class Borrowed:
    """The place of a value that is used elsewhere than where it is written.

    `written` is where its text stands, `used` where it counts, and `name` is what it goes by there, such as `local.x` or
    `parameter Stage`. `default` is whether it is what a name stands for as long as nobody gives another value.
    """

    written: At
    used: At
    name: str
    default: bool = False


At: TypeAlias = Span | Route | Root | Borrowed
"""Where something is written: an offset range, or a way to it that `syntax.locate` follows."""


def origin(at: At) -> Span | Route | Root:
    """Where the text itself is written, however often it was borrowed."""
    while isinstance(at, Borrowed):
        at = at.written
    return at


def use(at: At) -> Span | Route | Root:
    """Where the value counts in the end."""
    while isinstance(at, Borrowed):
        at = at.used
    return at
