"""Where the top-level blocks of an HCL file begin and end, found without parsing: for files that are broken."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

_TOP: Final = re.compile(
    rb"^(?:resource|data|ephemeral|variable|output|locals|module|provider|terraform|moved|removed|import|check)"
    rb'(?:[ \t]+(?:"[^"\n]*"|[\w-]+))*[ \t]*\{',
    re.MULTILINE,
)
_ITEM: Final = re.compile(rb'^[A-Za-z_][\w-]*(?:[ \t]+(?:"[^"\n]*"|[\w-]+))*[ \t]*[{=]', re.MULTILINE)
_TOKEN: Final = re.compile(
    rb"""(?P<comment>\#[^\n]*|//[^\n]*|/\*(?:[^*]|\*(?!/))*+(?:\*/)?)
       | (?P<heredoc><<-?(?P<marker>[^\W\d][\w-]*)[ \t]*\r?\n)
       | (?P<quote>")
       | (?P<open>[\[{(])
       | (?P<close>[\]})])
       | (?P<line>\n)
    """,
    re.VERBOSE,
)
_PAIRS: Final = {b"{": b"}", b"[": b"]", b"(": b")"}
_IN_STRING: Final = re.compile(rb'\\.|\$\$\{|%%\{|(?P<inner>[$%]\{)|(?P<quote>")|(?P<line>\n)', re.DOTALL)


def split(content: bytes) -> Iterator[tuple[int, int]]:
    """The byte ranges of what stands at the top level; what is broken stays within its own range."""
    starts = sorted(_starts(content))
    for index, start in enumerate(starts):
        end = starts[index + 1] if index + 1 < len(starts) else len(content)
        if content[start:end].strip():
            yield start, end


def _starts(content: bytes) -> set[int]:
    """The beginning, every line on which a known block begins, and every item outside all brackets."""
    begins = {match.start() for match in _TOP.finditer(content)}
    items = {match.start() for match in _ITEM.finditer(content)}
    found = {0}
    at = depth = 0
    while at < len(content):
        match = _TOKEN.search(content, at)
        if match is None:
            break
        at = match.end()
        if match["open"]:
            depth += 1
        elif match["close"]:
            depth = max(0, depth - 1)
        elif match["heredoc"]:
            at = _after_heredoc(content, at, match["marker"])
        elif match["quote"]:
            at = _after_string(content, at)
        elif match["line"] and (at in begins or (depth == 0 and at in items)):
            found.add(at)
            depth = 0
    return found


def unclosed(content: bytes) -> tuple[int, int] | None:
    """The byte range of what is opened and never closed, or closes nothing: a bracket, a quote, a heredoc."""
    opened: list[re.Match[bytes]] = []
    at = 0
    while True:
        match = _TOKEN.search(content, at)
        if match is None:
            return opened[-1].span() if opened else None
        at = match.end()
        if match["open"]:
            opened.append(match)
        elif match["close"]:
            if not opened:
                return match.span()
            opening = opened.pop()
            if _PAIRS[opening.group()] != match.group():
                return opening.span()
        elif match["heredoc"]:
            if _end_of_heredoc(content, at, match["marker"]) is None:
                return match.start(), match.end("marker")
            at = _after_heredoc(content, at, match["marker"])
        elif match["quote"]:
            at = _after_string(content, at)
            if content[at - 1 : at] != b'"' or at == match.end():
                return match.span()


def _end_of_heredoc(content: bytes, at: int, marker: bytes) -> re.Match[bytes] | None:
    return re.compile(rb"^[ \t]*" + re.escape(marker) + rb"[ \t]*\r?$", re.MULTILINE).search(content, at)


def _after_heredoc(content: bytes, at: int, marker: bytes) -> int:
    end = _end_of_heredoc(content, at, marker)
    if end:
        return end.end()
    following = _TOP.search(content, at)
    return following.start() - 1 if following else len(content)


def _after_string(content: bytes, at: int) -> int:
    """The end of a string, whatever is interpolated in it; a string that is not closed ends with its line."""
    brackets = [0]  # one more for each interpolation within a string within an interpolation
    quoted = True
    while at < len(content):
        match = (_IN_STRING if quoted else _TOKEN).search(content, at)
        if match is None:
            return len(content)
        kind = match.lastgroup
        if kind == "line":
            return match.start()
        at = match.end()
        if quoted and kind == "quote":
            quoted = False
            brackets.pop()
            if not brackets:
                return at
        elif quoted and kind == "inner":
            brackets[-1] += 1
            quoted = False
        elif kind == "quote":
            brackets.append(0)
            quoted = True
        elif kind == "open" or kind == "close":
            brackets[-1] += 1 if kind == "open" else -1
            quoted = brackets[-1] <= 0
    return at
