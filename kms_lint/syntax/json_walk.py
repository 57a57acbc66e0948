"""A large JSON text, of which only some values are wanted: the rest is passed over by the decoder, and not kept.

https://www.rfc-editor.org/rfc/rfc8259
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from json import JSONDecoder
from json.decoder import scanstring  # type: ignore[attr-defined]
from typing import Final

_SPACE: Final = re.compile(r"[ \t\n\r]*")
_DECODER: Final = JSONDecoder(parse_int=str, parse_float=str)


class WalkError(ValueError):
    """The text stops being JSON, or is nested too deeply; who reads it by `json.parse` is told where."""


class Walk:
    """A position in a text, which moves from value to value. `at` is where the next one begins."""

    __slots__ = ("at", "text")

    def __init__(self, text: str, at: int = 0) -> None:
        """`at` is where the first value begins, or blanks before it."""
        self.text = text
        self.at = at
        self._blanks()

    def value(self) -> object:
        """The value that begins here, numbers as their digits; moves to its end. Raises WalkError."""
        try:
            value, self.at = _DECODER.scan_once(self.text, self.at)  # type: ignore[attr-defined]
        except (StopIteration, ValueError, RecursionError) as error:
            raise WalkError from error
        found: object = value
        return found

    def opens(self, bracket: str) -> bool:
        """Whether an object or a list begins here."""
        return self.text.startswith(bracket, self.at)

    def members(self) -> Iterator[str]:
        """The names of the object that begins here, each when its value does. One that is not read is passed over.

        Raises WalkError.
        """
        for _ in self._parts("{", "}"):
            if not self.opens('"'):
                raise WalkError
            try:
                name, self.at = scanstring(self.text, self.at + 1, True)
            except ValueError as error:
                raise WalkError from error
            self._blanks()
            if not self.opens(":"):
                raise WalkError
            self.at += 1
            self._blanks()
            start = self.at
            yield name
            if self.at == start:
                self.value()

    def items(self) -> Iterator[int]:
        """The indices of the list that begins here, each when its value does; as for `members`. Raises WalkError."""
        for index in self._parts("[", "]"):
            start = self.at
            yield index
            if self.at == start:
                self.value()

    def _parts(self, opening: str, closing: str) -> Iterator[int]:
        if not self.opens(opening):
            raise WalkError
        self.at += 1
        self._blanks()
        index = 0
        while index or not self.opens(closing):
            yield index
            index += 1
            self._blanks()
            if self.opens(closing):
                break
            if not self.opens(","):
                raise WalkError
            self.at += 1
            self._blanks()
        self.at += 1

    def _blanks(self) -> None:
        match = _SPACE.match(self.text, self.at)
        if match:
            self.at = match.end()


def parts(text: str, start: int) -> dict[str, tuple[int, int]]:
    """The offsets of the values of the object that begins at an offset, by name. Raises WalkError."""
    walk = Walk(text, start)
    found: dict[str, tuple[int, int]] = {}
    for name in walk.members():
        begin = walk.at
        walk.value()
        found[name] = begin, walk.at
    return found
