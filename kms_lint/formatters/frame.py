"""The lines of a file that a finding is about, with carets under what is meant."""

from __future__ import annotations

from typing import NamedTuple

from kms_lint.finding import Finding, blotted
from kms_lint.formatters.visible import visible, width
from kms_lint.source import Span

LONGEST = 110
"""The most characters of a line that are shown; a policy on one line can have a million."""

_BEFORE = 60
_MARKED = 80
_READ = 600
_CUT = "…"


class Excerpt(NamedTuple):
    """One line of a file, as it may be printed, in three parts: up to the place, the place, and what follows.

    `more` is whether the place goes on in later lines.
    """

    line: int
    column: int
    before: str
    marked: str
    after: str
    more: bool

    @property
    def text(self) -> str:
        """The line."""
        return self.before + self.marked + self.after

    @property
    def carets(self) -> str:
        """The carets under the place, at least one."""
        return " " * width(self.before) + "^" * max(1, width(self.marked))


def excerpt(span: Span, secret: bool = False) -> Excerpt:
    """The first line of a place. What looks like a secret is masked, and the place itself when it is one.

    Only the neighbourhood of the place is read, however long the line is.
    """
    text = span.source.text
    line, column = span.source.position(span.start)
    first = max(span.start - column + 1, span.start - _READ)
    last = text.find("\n", span.start, span.start + _READ)
    last = min(len(text), span.start + _READ) if last < 0 else last
    window = blotted(text[first:last].rstrip("\r"))
    start, end = span.start - first, max(span.start, min(span.end, last)) - first
    marked = "*" * (end - start) if secret else _printed(window[start:end])
    before = _printed(window[:start])
    if len(before) > _BEFORE or first > span.start - column + 1:
        before = _CUT + before[-_BEFORE:]
    if len(marked) > _MARKED:
        marked = marked[:_MARKED] + _CUT
    room = max(0, LONGEST - len(before) - len(marked))
    after = _printed(window[end:])
    if len(after) > room:
        after = after[:room] + _CUT
    return Excerpt(line, column, before, marked, after, span.end > last and span.end - last > 1)


def secret(finding: Finding) -> bool:
    """Whether the place of a finding holds what nobody should read again in a report."""
    return "****" in (finding.value or "") or finding.about.id == "key-material-in-code"


def _printed(text: str) -> str:
    return visible(text.replace("\t", "    "))
