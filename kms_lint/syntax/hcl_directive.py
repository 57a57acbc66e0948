"""Directives of templates: `%{ if }` and `%{ for }`, with what stands between them and their ends.

https://developer.hashicorp.com/terraform/language/expressions/strings#directives
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from kms_lint.source import Passage, Span
from kms_lint.syntax.expression import (
    Broken,
    Expression,
    ForDirective,
    IfDirective,
    Interpolation,
    TemplatePart,
)


class Mark(NamedTuple):
    """One `%{ … }`: `word` is what it begins with.

    `value` is what follows `if`, or `in` after `for`; `names` are the names between `for` and `in`.
    """

    word: str
    value: Expression | None
    names: tuple[str, ...]
    at: Span
    trim_left: bool = False
    trim_right: bool = False


class _Open:
    """A directive that is being read, and the parts before and after its `%{ else }`."""

    __slots__ = ("mark", "otherwise", "parts")

    def __init__(self, mark: Mark) -> None:
        self.mark = mark
        self.parts: list[TemplatePart] = []
        self.otherwise: list[TemplatePart] | None = None


def nested(parts: Sequence[Passage | Interpolation | Mark]) -> tuple[TemplatePart, ...]:
    """The parts of a template, those that a directive governs within it. One that is wrong is `Broken`."""
    outside: list[TemplatePart] = []
    into = outside
    opened: list[_Open] = []
    for part in parts:
        if not isinstance(part, Mark):
            into.append(part)
            continue
        if part.word in ("if", "for"):
            opened.append(_Open(part))
            into = opened[-1].parts
        elif not opened or not _fits(opened[-1], part.word):
            into.append(_broken(part))
        elif part.word == "else":
            opened[-1].otherwise = into = []
        else:
            directive = _closed(opened.pop(), part.at.end)
            into = _innermost(opened, outside)
            into.append(directive)
    for each in opened:
        outside.append(_broken(each.mark))
    return tuple(outside)


def _fits(directive: _Open, word: str) -> bool:
    if word == "else":
        return directive.mark.word == "if" and directive.otherwise is None
    return word == "end" + directive.mark.word


def _innermost(opened: Sequence[_Open], outside: list[TemplatePart]) -> list[TemplatePart]:
    if not opened:
        return outside
    return opened[-1].parts if opened[-1].otherwise is None else opened[-1].otherwise


def _closed(directive: _Open, end: int) -> TemplatePart:
    mark = directive.mark
    source, start, _ = mark.at
    at = Span(source, start, end)
    value = mark.value or _broken(mark).expression
    parts = tuple(directive.parts)
    if mark.word == "if":
        return IfDirective(value, parts, tuple(directive.otherwise or ()), at)
    key = mark.names[0] if len(mark.names) > 1 else None
    return ForDirective(key, mark.names[-1] if mark.names else "", value, parts, at)


def _broken(mark: Mark) -> Interpolation:
    source, start, end = mark.at
    return Interpolation(Broken(source.text[start:end], mark.at), mark.at)
