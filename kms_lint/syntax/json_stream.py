"""Several JSON values in one text: one on each line, or printed one after another.

https://jsonlines.org
"""

from __future__ import annotations

import json as decoding
import re
from collections.abc import Iterator
from itertools import chain
from typing import Final

from kms_lint.errors import MalformedError
from kms_lint.source import Passage, Source
from kms_lint.syntax import json
from kms_lint.syntax.tree import Node

_NEXT: Final = re.compile(r"^[{\[]", re.MULTILINE)
_SPACE: Final = re.compile(r"[ \t\n\r]*")
_LINES_LOOKED_AT: Final = 3


def parse(source: Source) -> Iterator[Node | MalformedError] | None:
    """The values of a text that is known not to be one JSON value, one by one, and what is wrong with those between.

    `None` when it is no series of values either.
    """
    if _in_lines(source.text):
        return _lines(source)
    values = _values(source)
    first: list[Node | MalformedError] = []
    found = 0
    for each in values:
        first.append(each)
        found += not isinstance(each, MalformedError)
        if found > 1:
            return chain(first, values)
    return None


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


def _lines(source: Source) -> Iterator[Node | MalformedError]:
    """A value from each line."""
    text = source.text
    start = 0
    while start < len(text):
        end = text.find("\n", start)
        end = len(text) if end < 0 else end
        if end > start and not text[start:end].isspace():
            yield _read(source, start, end)
        start = end + 1


def _values(source: Source) -> Iterator[Node | MalformedError]:
    """One value after another; after one that is broken, from the next line that begins like one."""
    decoder = decoding.JSONDecoder()
    text = source.text
    start = len(json.BOM) if text.startswith(json.BOM) else 0
    while True:
        space = _SPACE.match(text, start)
        start = space.end() if space else start
        if start >= len(text):
            return
        try:
            _, end = decoder.raw_decode(text, start)
        except (ValueError, RecursionError) as error:
            reached = max(getattr(error, "pos", start), start)
            following = _NEXT.search(text, reached + 1)
            end = following.start() if following else len(text)
        yield _read(source, start, end)
        start = end


def _read(source: Source, start: int, end: int) -> Node | MalformedError:
    try:
        return json.parse(Passage(source, source.text[start:end], (0,), (start,)))
    except MalformedError as error:
        return error
