"""How a string that was decoded relates to how it is written: quotes, escapes, indentation, folded lines.

https://yaml.org/spec/1.1/#escaping (of which the escapes of JSON are a part)
"""

from __future__ import annotations

import re
from typing import Final

from kms_lint.source import Passage, Span, origin
from kms_lint.syntax.tree import Text

_PIECE: Final = re.compile(
    r"""(?P<plain>[^\\\n\r \t]+|[ \t]+(?![ \t]*[\r\n]))
      | \\u(?P<high>[dD][89abAB][0-9a-fA-F]{2})\\u(?P<low>[dD][c-fC-F][0-9a-fA-F]{2})
      | \\(?:x(?P<two>[0-9a-fA-F]{2})|u(?P<four>[0-9a-fA-F]{4})|U(?P<eight>[0-9a-fA-F]{8}))
      | \\(?P<joined>[ \t]*(?:\r\n|\r|\n)[ \t]*)
      | \\(?P<one>.)
      | (?P<fold>[ \t]*(?:(?:\r\n|\r|\n)[ \t]*)+)
    """,
    re.VERBOSE | re.DOTALL,
)
_SHORT: Final = {
    "0": "\0", "a": "\a", "b": "\b", "t": "\t", "n": "\n", "v": "\v", "f": "\f", "r": "\r", "e": "\x1b",
    "N": "\x85", "_": "\xa0", "L": "\u2028", "P": "\u2029",
}  # fmt: skip
_WORD: Final = re.compile(r"[^\s']+|'")


def passage(text: Text) -> Passage:
    """The decoded text of a string of JSON or YAML, with its way back to the file."""
    outer, start, end = _place(text)
    raw = outer.text[start:end]
    decoded, starts, origins = _unescaped(raw) if raw.startswith('"') else ("", [0], [0])
    if decoded != text:
        starts, origins = _aligned(str(text), raw)
    return Passage(outer.source, str(text), tuple(starts), tuple(outer.origin(start + origin) for origin in origins))


def _place(text: Text) -> tuple[Passage, int, int]:
    """The passage that the string is written in, and its offsets there, quotes included."""
    at = origin(text.at)
    if isinstance(at, Span):
        return Passage(at.source, at.source.text), at.start, at.end
    from kms_lint.syntax import json

    return json.place(at)


def _unescaped(raw: str) -> tuple[str, list[int], list[int]]:
    """The text of a string in double quotes, and where each run of it comes from."""
    parts: list[str] = []
    starts = [0]
    origins = [1]
    length = 0
    for match in _PIECE.finditer(raw, 1, max(1, len(raw) - 1)):
        part = _piece(match)
        if match.start() - length != origins[-1] - starts[-1]:
            _record(starts, origins, length, match.start())
        parts.append(part)
        length += len(part)
    if len(raw) - 1 - length != origins[-1] - starts[-1]:
        _record(starts, origins, length, len(raw) - 1)
    return "".join(parts), starts, origins


def _piece(match: re.Match[str]) -> str:
    kind = match.lastgroup
    if kind == "plain":
        return match.group()
    if kind == "low":
        pair = bytes.fromhex(match["high"] + match["low"])
        return pair.decode("utf-16-be")
    if kind in ("two", "four", "eight"):
        code = int(match[kind], 16)
        return chr(code) if code < 0x110000 else "\ufffd"
    if kind == "one":
        return _SHORT.get(match["one"], match["one"])
    if kind == "fold":
        breaks = match.group().replace("\r\n", "\n").replace("\r", "\n").count("\n")
        return "\n" * (breaks - 1) or " "
    return ""


def _aligned(text: str, raw: str) -> tuple[list[int], list[int]]:
    """Where each word of a text stands in what was written."""
    starts = [0]
    origins = [_beginning(raw)]
    at = origins[0]
    for word in _WORD.finditer(text):
        found = raw.find(word.group(), at)
        if found < 0:
            break
        if found - word.start() != origins[-1] - starts[-1]:
            _record(starts, origins, word.start(), found)
        at = found + len(word.group())
    return starts, origins


def _beginning(raw: str) -> int:
    """Where the text begins: after a quote, or on the line after the header of a block."""
    if raw[:1] in ("'", '"'):
        return 1
    if raw[:1] in ("|", ">") or raw.startswith("<<"):
        return raw.find("\n") + 1
    return 0


def _record(starts: list[int], origins: list[int], start: int, origin: int) -> None:
    if starts[-1] == start:
        origins[-1] = origin
    else:
        starts.append(start)
        origins.append(origin)
