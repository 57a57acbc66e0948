"""Strings, heredocs and files of templates, read as Terraform reads them, with all that may stand in them.

https://developer.hashicorp.com/terraform/language/expressions/strings
"""

from __future__ import annotations

import re
from typing import Final

from kms_lint.source import Source, Span
from kms_lint.syntax import hcl_template
from kms_lint.syntax.expression import Expression, Interpolation, Template
from kms_lint.syntax.hcl_directive import Mark
from kms_lint.syntax.hcl_plain import NotPlainError, Reader
from kms_lint.syntax.hcl_template import Hole

DEPTH: Final = 60
"""How many levels of brackets and operators are read."""

NAME: Final = r"[^\W\d][\w-]*+"
INLINE: Final = r"(?:[ \t]++|/\*(?:[^*]|\*(?!/))*+\*/)*+"

_BLANK: Final = re.compile(INLINE)
_GAP: Final = re.compile(r"(?:[ \t\n]++|\r\n|(?:\#|//)[^\n]*+|/\*(?:[^*]|\*(?!/))*+\*/)*+")
_NAMES: Final = re.compile(rf"({NAME})[ \t\n]*+(?:,[ \t\n]*+({NAME})[ \t\n]*+)?+in(?![\w-])")
_RUN: Final = re.compile(
    r'(?:[^"\\$%\n\r]|\\(?:[nrt"\\]|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8})|\$\$\{|%%\{|\$(?!\{)|%(?!\{))*+'
)
_TEXT_RUN: Final = re.compile(r"(?:[^$%]|\$\$\{|%%\{|\$(?!\{)|%(?!\{))*+")
_LINE_RUN: Final = re.compile(r"(?:[^$%\n]|\$\$\{|%%\{|\$(?!\{)|%(?!\{))*+")
_WORD: Final = re.compile(r"(?:else|endif|endfor|if|for)(?![\w-])")
_FOREIGN: Final = re.compile("[\0\ud800-\udfff]")
_BYTE_ORDER_MARK: Final = "\ufeff"


class Strings(Reader):
    """The part of the reader that reads texts; `hcl_complete` reads the expressions in them."""

    __slots__ = ("_free",)

    def __init__(self, source: Source) -> None:
        """Raises NotPlainError for a text with characters that nothing may be written with."""
        if _FOREIGN.search(source.text):
            raise NotPlainError
        self._source = source
        self._text = source.text
        self._depth = 0
        self._free = False  # whether lines may end anywhere: within brackets they may
        self.at = 1 if source.text.startswith(_BYTE_ORDER_MARK) else 0

    def template(self) -> Template:
        """The whole file as a template. Raises NotPlainError; `at` is where it is none."""
        text = self._text
        holes: list[Hole] = []
        start = self.at
        while True:
            self.at = end_of(_TEXT_RUN, text, self.at)
            if self.at == len(text):
                return hcl_template.of_file(Span(self._source, start, self.at), holes)
            holes.append(self._hole())

    def _after_gap(self, at: int) -> int:
        return end_of(_GAP, self._text, at)

    def _spaced(self, at: int) -> int:
        """Where the next thing of the same expression begins."""
        return end_of(_GAP if self._free else _BLANK, self._text, at)

    def _enter(self) -> None:
        self._depth += 1
        if self._depth > DEPTH:
            raise NotPlainError

    def _expect(self, word: str) -> None:
        self.at = self._spaced(self.at)
        if not self._text.startswith(word, self.at):
            raise NotPlainError
        self.at += len(word)

    def _each(self) -> tuple[str | None, str, Expression]:
        """`key, value in collection`."""
        names = _NAMES.match(self._text, self.at)
        if names is None:
            raise NotPlainError
        self.at = self._spaced(names.end())
        return (names[1] if names[2] else None), names[2] or names[1], self._value()

    def _quoted(self, start: int) -> Template:
        text = self._text
        holes: list[Hole] = []
        while True:
            self.at = end_of(_RUN, text, self.at)
            if text.startswith('"', self.at):
                self.at += 1
                return hcl_template.of_line(Span(self._source, start, self.at), holes)
            holes.append(self._hole())

    def _heredoc(self, match: re.Match[str]) -> Template:
        """The lines to the first on which the marker stands alone."""
        text, marker = self._text, match[4]
        self.at = match.end()
        holes: list[Hole] = []
        fresh = True
        while True:
            if fresh:
                end = text.find("\n", self.at)
                line = text[self.at : end if end >= 0 else len(text)]
                if line.strip() == marker:
                    start = self.at + line.index(marker)
                    self.at = start + len(marker)
                    return hcl_template.of_lines(Span(self._source, match.start(), self.at), start, holes)
            self.at = end_of(_LINE_RUN, text, self.at)
            fresh = text.startswith("\n", self.at)
            if fresh:
                self.at += 1
            else:
                holes.append(self._hole())

    def _hole(self) -> Hole:
        """`${…}` or `%{…}`."""
        text, start = self._text, self.at
        if not text.startswith(("${", "%{"), start):
            raise NotPlainError
        self._enter()
        free, self._free = self._free, True
        left = text.startswith("~", start + 2)
        self.at = self._spaced(start + 2 + left)
        hole = self._mark(start, left) if text[start] == "%" else self._interpolation_of(start, left)
        self._free = free
        self._depth -= 1
        return hole

    def _interpolation_of(self, start: int, left: bool) -> Interpolation:
        value = self._value()
        right = self._closed()
        return Interpolation(value, Span(self._source, start, self.at), left, right)

    def _mark(self, start: int, left: bool) -> Mark:
        match = _WORD.match(self._text, self.at)
        if match is None:
            raise NotPlainError
        word = match.group()
        self.at = self._spaced(match.end())
        value: Expression | None = None
        names: tuple[str, ...] = ()
        if word == "if":
            value = self._value()
        elif word == "for":
            key, name, value = self._each()
            names = (name,) if key is None else (key, name)
        right = self._closed()
        return Mark(word, value, names, Span(self._source, start, self.at), left, right)

    def _closed(self) -> bool:
        """Reads the bracket that closes a hole; whether `~` stands before it."""
        self.at = self._spaced(self.at)
        right = self._text.startswith("~", self.at)
        self.at += right
        if not self._text.startswith("}", self.at):
            raise NotPlainError
        self.at += 1
        return right


def end_of(pattern: re.Pattern[str], text: str, at: int) -> int:
    """Where that which a pattern matches ends; it matches anything, if only nothing."""
    match = pattern.match(text, at)
    assert match is not None
    return match.end()
