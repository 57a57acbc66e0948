"""Ignores in Markdown: a comment directly above a fenced block covers the block."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from kms_lint.model import InlineIgnore
from kms_lint.source import Source, Span
from kms_lint.syntax.markdown import Fence
from kms_lint.syntax.tree import Text

_COMMENT: Final = re.compile(r"<!--[ \t]*kms-lint:[ \t]*(?P<said>(?:(?!-->)[^\r\n])*)-->")
_SAID: Final = re.compile(
    r"ignore[ \t]*\[(?P<names>[^\]]*)\][ \t]*(?:until=(?P<until>\S*))?[ \t]*(?:--[ \t]*(?P<reason>.*))?$"
)
_NAME: Final = re.compile(r"[^,\s][^,]*")
_BETWEEN: Final = re.compile(r"[\s>]*")


def ignores(source: Source, fences: Sequence[Fence]) -> Iterator[InlineIgnore]:
    """The ignores of a file; one that no block follows covers nothing but itself."""
    if "kms-lint:" not in source.text:
        return
    starts = {fence.at.start: fence for fence in fences}
    inside = iter(fences)
    fence = next(inside, None)
    found = list(_COMMENT.finditer(source.text))
    below: dict[int, int] = {}
    for comment in reversed(found):
        after = _after(source, comment.end())
        below[comment.start()] = below.get(after, after)
    for comment in found:
        while fence is not None and fence.at.end <= comment.start():
            fence = next(inside, None)
        if fence is None or comment.start() < fence.at.start:
            covered = starts.get(below[comment.start()])
            yield _ignore(source, comment, covered)


def _after(source: Source, offset: int) -> int:
    """Where the next thing begins."""
    between = _BETWEEN.match(source.text, offset)
    return between.end() if between else offset


def _ignore(source: Source, comment: re.Match[str], covered: Fence | None) -> InlineIgnore:
    at = Span(source, comment.start(), comment.end())
    said = _SAID.match(comment["said"].rstrip())
    names = () if said is None else tuple(_names(source, comment.start("said") + said.start("names"), said["names"]))
    reason = said["reason"] if said is not None else None
    until = said["until"] if said is not None else None
    return InlineIgnore(names, (reason or "").strip() or None, until, None, at, at if covered is None else covered.at)


def _names(source: Source, start: int, names: str) -> Iterator[Text]:
    for each in _NAME.finditer(names):
        name = each.group().rstrip()
        yield Text(name, Span(source, start + each.start(), start + each.start() + len(name)))
