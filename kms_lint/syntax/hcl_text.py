"""The text of an HCL file as its parser sees it: bytes, and the way back to characters."""

from __future__ import annotations

import re
from array import array
from bisect import bisect_right
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from kms_lint.source import Passage, Source, Span
from kms_lint.syntax.tree import Text

if TYPE_CHECKING:
    from tree_sitter import Node

_EXPONENT: Final = re.compile(rb"(?<![\w.])[0-9]+[eE][-+]?[0-9]+\b")
_FOREIGN: Final = re.compile("[^\x00-\x7f]")


class Written:
    """A file, or a piece of it that begins at the byte `begin`, addressed by offsets of bytes."""

    __slots__ = ("_begin", "_bytes", "_characters", "content", "source")

    def __init__(self, source: Source) -> None:
        self.source = source
        # The parser loses a heredoc whose end is the end of the file, and stops at NUL.
        self.content = source.text.encode("utf-8", "replace").replace(b"\0", b" ") + b"\n"
        self._begin = 0
        self._bytes = array("L", [0])
        self._characters = array("L", [0])
        if len(self.content) > len(source.text) + 1:
            self._number()

    def part(self, begin: int) -> Written:
        """The same file, addressed from the byte `begin`."""
        part = Written.__new__(Written)
        part.source, part.content, part._begin = self.source, self.content, begin
        part._bytes, part._characters = self._bytes, self._characters
        return part

    def offset(self, position: int) -> int:
        """The offset of the character at a byte."""
        position += self._begin
        if len(self._bytes) > 1:
            index = bisect_right(self._bytes, position) - 1
            position += self._characters[index] - self._bytes[index]
        return min(position, len(self.source.text))

    def span(self, start: int, end: int) -> Span:
        """The span of the bytes `[start, end)`."""
        return Span(self.source, self.offset(start), self.offset(end))

    def at(self, node: Node) -> Span:
        """The span of a node."""
        return self.span(node.start_byte, node.end_byte)

    def text(self, node: Node) -> str:
        """A node as it is written."""
        return self.source.text[self.offset(node.start_byte) : self.offset(node.end_byte)]

    def name(self, node: Node) -> Text:
        """A name, with its place."""
        source, start, end = self.at(node)
        return Text(source.text[start:end], Span(source, start, end))

    def label(self, node: Node) -> Text:
        """A label in quotes, without them; the place includes them."""
        source, start, end = self.at(node)
        content = source.text[start + 1 : end - 1]
        if "\\" in content:
            content = unescaped(source, start + 1, end - 1).text
        return Text(content, Span(source, start, end))

    def _number(self) -> None:
        """Notes, after each character of several bytes, where bytes and characters stand."""
        more = 0
        for match in _FOREIGN.finditer(self.source.text):
            code = ord(match.group())
            more += 1 if code < 0x800 else 2 if code < 0x10000 else 3
            self._bytes.append(match.end() + more)
            self._characters.append(match.end())


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
