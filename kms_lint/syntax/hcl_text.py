"""The text of an HCL file as its parser sees it: bytes, and the way back to characters."""

from __future__ import annotations

import re
from array import array
from bisect import bisect_right
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final, TypeAlias

from kms_lint.source import Passage, Source, Span
from kms_lint.syntax.tree import Text

if TYPE_CHECKING:
    from tree_sitter import Node

_EXPONENT: Final = re.compile(rb"(?<![\w.])[0-9]+[eE][-+]?[0-9]+\b")
_Numbers: TypeAlias = "tuple[array[int], array[int]]"

_FOREIGN: Final = re.compile("[^\x00-\x7f]")


class Written:
    """A file, or a piece of it, addressed by offsets of bytes; here of one in which bytes are characters."""

    __slots__ = ("content", "source")

    def __init__(self, source: Source, content: bytes) -> None:
        self.source = source
        self.content = content

    def part(self, begin: int) -> Written:
        """The same file, addressed from the byte `begin`."""
        return _Numbered(self.source, self.content, begin, _numbers(self.source.text))

    def offset(self, position: int) -> int:
        """The offset of the character at a byte."""
        return position

    def at(self, node: Node) -> Span:
        """The span of a node."""
        return Span(self.source, node.start_byte, node.end_byte)

    def text(self, node: Node) -> str:
        """A node as it is written."""
        source, start, end = self.at(node)
        return source.text[start:end]

    def name(self, node: Node) -> Text:
        """A name, with its place."""
        span = self.at(node)
        return Text(span[0].text[span[1] : span[2]], span)

    def label(self, node: Node) -> Text:
        """A label in quotes, without them; the place includes them."""
        span = self.at(node)
        source, start, end = span
        content = source.text[start + 1 : end - 1]
        if "\\" in content:
            content = unescaped(source, start + 1, end - 1).text
        return Text(content, span)


class _Numbered(Written):
    """A file in which a character may be several bytes, or a piece of a file."""

    __slots__ = ("_begin", "_bytes", "_characters")

    def __init__(self, source: Source, content: bytes, begin: int, numbers: _Numbers) -> None:
        super().__init__(source, content)
        self._begin = begin
        self._bytes, self._characters = numbers

    def part(self, begin: int) -> Written:
        return _Numbered(self.source, self.content, begin, (self._bytes, self._characters))

    def offset(self, position: int) -> int:
        position += self._begin
        index = bisect_right(self._bytes, position) - 1
        position += self._characters[index] - self._bytes[index]
        return min(position, len(self.source.text))

    def at(self, node: Node) -> Span:
        return Span(self.source, self.offset(node.start_byte), self.offset(node.end_byte))


def written(source: Source) -> Written:
    """A file as its parser sees it."""
    text = source.text
    if "\0" in text:  # at which the parser would stop
        text = text.replace("\0", " ")
    # The parser loses a heredoc whose end is the end of the file.
    content = text.encode("utf-8", "replace") + b"\n"
    if len(content) == len(text) + 1:
        return Written(source, content)
    return _Numbered(source, content, 0, _numbers(text))


def _numbers(text: str) -> _Numbers:
    """Where bytes and characters stand after each character of several bytes."""
    at = array("L", [0])
    characters = array("L", [0])
    more = 0
    for match in _FOREIGN.finditer(text):
        code = ord(match.group())
        more += 1 if code < 0x800 else 2 if code < 0x10000 else 3
        at.append(match.end() + more)
        characters.append(match.end())
    return at, characters


_ESCAPE: Final = re.compile(r"\\u([0-9a-fA-F]{4})|\\U([0-9a-fA-F]{8})|\\(.)|\$(\$)(?=\{)|%(%)(?=\{)", re.DOTALL)
_SHORT: Final = {"n": "\n", "r": "\r", "t": "\t"}


def unescaped(source: Source, start: int, end: int, *, quoted: bool = True) -> Passage:
    """The text between two offsets of a template, its escapes resolved; in a heredoc only `$${` and `%%{` are.

    https://developer.hashicorp.com/terraform/language/expressions/strings#escape-sequences
    """
    written = source.text[start:end]
    if "\\" not in written and "{" not in written:
        return Passage(source, written, (0,), (start,))
    return joined(source, resolved(source.text, start, end, quoted=quoted))


def resolved(text: str, start: int, end: int, *, quoted: bool) -> Iterator[tuple[str, int]]:
    """Runs of text between two offsets with the offset where each is written."""
    at = start
    for match in _ESCAPE.finditer(text, start, end):
        if not quoted and match.group().startswith("\\"):
            continue
        if match.start() > at:
            yield text[at : match.start()], at
        yield _meaning(match), match.start()
        at = match.end()
    if at < end:
        yield text[at:end], at


def _meaning(match: re.Match[str]) -> str:
    code = match[1] or match[2]
    if code:
        number = int(code, 16)
        return chr(number) if number < 0x110000 else "\ufffd"
    if match[3]:
        return _SHORT.get(match[3], match[3])
    return match[4] or match[5]


def joined(source: Source, runs: Iterator[tuple[str, int]]) -> Passage:
    """A passage of several runs."""
    parts: list[str] = []
    starts: list[int] = []
    origins: list[int] = []
    length = 0
    for part, origin in runs:
        if not starts or origin - origins[-1] != length - starts[-1]:
            starts.append(length)
            origins.append(origin)
        parts.append(part)
        length += len(part)
    return Passage(source, "".join(parts), tuple(starts) or (0,), tuple(origins) or (0,))


def digits_repaired(content: bytes) -> bytes:
    """The content with `1e10` written as digits only, which is all that the parser's grammar knows."""
    return _EXPONENT.sub(lambda match: b"0" * len(match.group()), content)


def pieces(content: bytes) -> Iterator[tuple[int, int]]:
    """The byte ranges of the top-level blocks and arguments."""
    from kms_lint.syntax.hcl_pieces import split

    return split(content)
