"""Several JSON values in one text: one on each line, or printed one after another.

https://jsonlines.org
"""

from __future__ import annotations

import json as decoding
import re
from typing import Final, NamedTuple

from kms_lint.errors import MalformedError
from kms_lint.source import Passage, Source
from kms_lint.syntax import json
from kms_lint.syntax.tree import Node

MOST_ERRORS: Final = 100
"""As many broken values of a text are told."""

_NEXT: Final = re.compile(r"^[{\[]", re.MULTILINE)
_SPACE: Final = re.compile(r"[ \t\n\r]*")
_LINES_LOOKED_AT: Final = 3


class Stream(NamedTuple):
    """The values of a text and the faults of those that are broken, of which there are `broken`."""

    values: tuple[Node, ...]
    errors: tuple[MalformedError, ...]
    broken: int


def parse(source: Source) -> Stream | None:
    """The values of a text that is known not to be one JSON value; `None` when it is no series of values either."""
    lines = _in_lines(source.text)
    reader = _Reader(source)
    if lines:
        reader.lines()
    else:
        reader.values()
    found = Stream(tuple(reader.found), tuple(reader.errors), reader.broken)
    return found if lines or len(found.values) > 1 else None


def _in_lines(text: str) -> bool:
    """Whether there is an object or a list on each line: one of the first lines is, and more follow."""
    lines = [line for line in text[: 1 << 20].split("\n", 50) if line.strip()]
    return len(lines) > 1 and any(_whole(line) for line in lines[:_LINES_LOOKED_AT])


def _whole(line: str) -> bool:
    line = line.lstrip(json.BOM).rstrip()
    if len(line) < 3 or line[0] not in "{[" or line[-1] not in "}]":
        return False
    try:
        decoding.loads(line)
    except (ValueError, RecursionError):
        return False
    return True


class _Reader:
    def __init__(self, source: Source) -> None:
        self._source = source
        self._text = source.text
        self.found: list[Node] = []
        self.errors: list[MalformedError] = []
        self.broken = 0

    def lines(self) -> None:
        """Reads a value from each line."""
        start = 0
        while start < len(self._text):
            end = self._text.find("\n", start)
            end = len(self._text) if end < 0 else end
            if not self._text[start:end].isspace() and end > start:
                self._read(start, end)
            start = end + 1

    def values(self) -> None:
        """Reads one value after another; after one that is broken, from the next line that begins like one."""
        decoder = decoding.JSONDecoder()
        start = 1 if self._text.startswith(json.BOM) else 0
        while True:
            space = _SPACE.match(self._text, start)
            start = space.end() if space else start
            if start >= len(self._text):
                return
            try:
                _, end = decoder.raw_decode(self._text, start)
            except (ValueError, RecursionError) as error:
                reached = max(getattr(error, "pos", start), start)
                following = _NEXT.search(self._text, reached + 1)
                end = following.start() if following else len(self._text)
            self._read(start, end)
            start = end

    def _read(self, start: int, end: int) -> None:
        part = Passage(self._source, self._text[start:end], (0,), (start,))
        try:
            self.found.append(json.parse(part))
        except MalformedError as error:
            self.broken += 1
            if len(self.errors) < MOST_ERRORS:
                self.errors.append(error)
