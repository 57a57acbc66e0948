"""The plain part of HCL, read without a parser's tree: names, values, lists, objects, calls, strings and heredocs.

Most blocks hold nothing else, and reading them here costs a third of parsing and converting them. Whatever is not
surely plain (operators, `for`, splats, directives, anything broken) raises `NotPlainError` and is left to others:
what is read here is what it would have given. `hcl_complete` reads the rest.
https://developer.hashicorp.com/terraform/language/syntax/configuration
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from kms_lint.source import Passage, Source, Span
from kms_lint.syntax import hcl_template
from kms_lint.syntax.expression import (
    Argument,
    Attribute,
    Block,
    Call,
    Expression,
    Index,
    Interpolation,
    ListOf,
    Literal,
    ObjectOf,
    Reference,
    Template,
)
from kms_lint.syntax.tree import Text

DEPTH: Final = 40
"""How many levels of brackets are plain."""

_NAME: Final = r"[A-Za-z_][\w-]*+"
_SIMPLE: Final = r'"(?:[^"\\$%\n]|[$%](?![{$%]))*+"'

_FOREIGN: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufeff]")
_GAP: Final = re.compile(r"(?:[ \t\n]++|(?:\#|//)[^\n]*+|/\*(?:[^*]|\*(?!/))*+\*/)*+")
_END: Final = re.compile(r"[ \t]*+(?:(?:(?:\#|//)[^\n]*+)?(?:\n|\Z)|(?=\}))")
_ITEM: Final = re.compile(
    rf'({_NAME})[ \t]*+(?:(=)(?![=>~])[ \t]*+|((?:"[^"\\$%\n]*+"[ \t]*+|{_NAME}[ \t]*+)*+)\{{)', re.ASCII
)
_LABEL: Final = re.compile(rf'"[^"]*+"|{_NAME}', re.ASCII)
_VALUE: Final = re.compile(
    rf"""({_SIMPLE})|({_NAME})|(\d++(?:\.\d++)?+)(?![\w.])|(["\[{{])|<<-?({_NAME})\n""", re.ASCII
)
_KEY: Final = re.compile(rf"(?:({_SIMPLE})|({_NAME}))[ \t]*+(?:=(?![=>~])|:(?!:))[ \t]*+", re.ASCII)
_STEP: Final = re.compile(rf"\.({_NAME})|\[", re.ASCII)
_RUN: Final = re.compile(
    r'(?:[^"\\$%\n]|\\(?:[nrt"\\]|u[0-9a-fA-F]{4})|\$\$\{(?<!\$\$\$\{)|%%\{(?<!%%%\{)|\$(?!\$?\{)|%(?!%?\{))*+'
)
_HOLE: Final = re.compile(r"\$+\{|%+\{")
_CONSTANTS: Final[dict[str, bool | None]] = {"true": True, "false": False, "null": None}
_SIMPLE_TEXT, _WORD, _NUMBER, _OPENING = 1, 2, 3, 4


class NotPlainError(Exception):
    """Something that this reader leaves to the parser."""


class Body:
    """What a body holds: its arguments by name, its blocks, and the arguments whose name has occurred before."""

    __slots__ = ("_arguments", "_blocks", "_duplicates")

    def __init__(self) -> None:
        self._arguments: dict[str, Argument] = {}
        self._blocks: list[Block] = []
        self._duplicates: list[Argument] = []

    def arguments(self) -> dict[str, Argument]:
        """The arguments by name, the first of each."""
        return self._arguments

    def blocks(self) -> list[Block]:
        """The blocks, in order."""
        return self._blocks

    def duplicates(self) -> Sequence[Argument]:
        """The arguments whose name has occurred before."""
        return self._duplicates

    def add(self, argument: Argument) -> None:
        """One more argument."""
        if self._arguments.setdefault(argument.name, argument) is not argument:
            self._duplicates.append(argument)


class _Read:
    """An expression that has been read already."""

    __slots__ = ("_expression",)

    def __init__(self, expression: Expression) -> None:
        self._expression = expression

    def __call__(self) -> Expression:
        return self._expression


class Reader:
    """Reads a file from `at` on."""

    __slots__ = ("_depth", "_source", "_text", "at")

    def __init__(self, source: Source) -> None:
        """Raises NotPlainError for a text with characters that parsers see differently."""
        if _FOREIGN.search(source.text):
            raise NotPlainError
        self._source = source
        self._text = source.text
        self._depth = 0
        self.at = 0

    def ended(self) -> bool:
        """Whether nothing but blanks and comments follows; goes to what does follow."""
        self.at = self._after_gap(self.at)
        return self.at == len(self._text)

    def item(self, body: Body) -> None:
        """Reads the argument or block that begins here. Raises NotPlainError, perhaps in the midst of it."""
        match = _ITEM.match(self._text, self.at)
        if match is None:
            raise NotPlainError
        argument = self._argument(match) if match[2] else None
        block = None if argument is not None else self._block(match)
        end = _END.match(self._text, self.at)
        if end is None:
            raise NotPlainError
        self.at = end.end()
        if argument is not None:
            body.add(argument)
        elif block is not None:
            body.blocks().append(block)

    def go(self, at: int) -> None:
        """Goes to where an item begins, or may begin."""
        self.at = at
        self._depth = 0

    def _argument(self, match: re.Match[str]) -> Argument:
        start, end = match.span(1)
        self.at = match.end()
        value = self._value()
        source = self._source
        name = Text(match[1], Span(source, start, end))
        return Argument(name, _Read(value), Span(source, start, self.at))

    def _block(self, match: re.Match[str]) -> Block:
        source = self._source
        start, end = match.span(1)
        type_ = Text(match[1], Span(source, start, end))
        labels = self._labels(match)
        self.at = match.end()
        self._enter()
        body = self._body()
        self._depth -= 1
        last = labels[-1].at if labels else type_.at
        assert isinstance(last, Span)
        header, at = Span(source, start, last.end), Span(source, start, self.at)
        return Block(type_, tuple(labels), header, at, body.arguments, body.blocks, body.duplicates)

    def _labels(self, match: re.Match[str]) -> list[Text]:
        labels = []
        for label in _LABEL.finditer(self._text, *match.span(3)):
            text = label.group()
            labels.append(Text(text[1:-1] if text[0] == '"' else text, Span(self._source, *label.span())))
        return labels

    def _body(self) -> Body:
        """What stands between braces, of which the first has been read."""
        body = Body()
        text = self._text
        while True:
            self.at = self._after_gap(self.at)
            if text.startswith("}", self.at):
                self.at += 1
                return body
            self.item(body)

    def _after_gap(self, at: int) -> int:
        match = _GAP.match(self._text, at)
        assert match is not None
        return match.end()

    def _enter(self) -> None:
        self._depth += 1
        if self._depth > DEPTH:
            raise NotPlainError

    def _value(self) -> Expression:
        match = _VALUE.match(self._text, self.at)
        if match is None:
            raise NotPlainError
        kind = match.lastindex
        start, end = match.span()
        if kind == _SIMPLE_TEXT:
            self.at = end
            return self._simple(start, end)
        if kind == _WORD:
            self.at = end
            return self._traversal(match.group(), start)
        if kind == _NUMBER:
            self.at = end
            return Literal(match.group(), Span(self._source, start, end))
        self._enter()
        value = self._bracketed(match.group(), start) if kind == _OPENING else self._heredoc(match)
        self._depth -= 1
        return value

    def _bracketed(self, opening: str, start: int) -> Expression:
        self.at = start + 1
        if opening == '"':
            return self._quoted(start)
        if opening == "{":
            return self._object(start)
        values = self._values("]")
        return ListOf(values, Span(self._source, start, self.at))

    def _simple(self, start: int, end: int) -> Template:
        """A string in which nothing is escaped or interpolated."""
        source = self._source
        if end - start == 2:
            return Template((), Span(source, start, end))
        return Template(
            (Passage(source, self._text[start + 1 : end - 1], (0,), (start + 1,)),), Span(source, start, end)
        )

    def _traversal(self, name: str, start: int) -> Expression:
        """A constant, or a name or call with the attributes and indices that follow it."""
        text, source = self._text, self._source
        value: Expression
        if text.startswith("(", self.at):
            value = self._call(name, start)
        elif name in _CONSTANTS:
            return Literal(_CONSTANTS[name], Span(source, start, self.at))
        else:
            value = Reference(name, Span(source, start, self.at))
        while True:
            step = _STEP.match(text, self.at)
            if step is None:
                return value
            self.at = step.end()
            if step[1]:
                value = Attribute(value, Text(step[1], Span(source, *step.span(1))), Span(source, start, self.at))
            else:
                value = self._index(value, start)

    def _index(self, value: Expression, start: int) -> Expression:
        self._enter()
        keys = self._values("]")
        self._depth -= 1
        if len(keys) != 1 or "," in self._text[keys[0].at.end : self.at]:
            raise NotPlainError
        return Index(value, keys[0], Span(self._source, start, self.at))

    def _call(self, name: str, start: int) -> Call:
        self.at += 1
        self._enter()
        arguments = self._values(")")
        self._depth -= 1
        return Call(name, arguments, False, Span(self._source, start, self.at))

    def _values(self, closing: str) -> tuple[Expression, ...]:
        """Values with commas between them, to the bracket that closes."""
        text = self._text
        values: list[Expression] = []
        while True:
            self.at = self._after_gap(self.at)
            if text.startswith(closing, self.at):
                self.at += 1
                return tuple(values)
            values.append(self._value())
            self.at = self._after_gap(self.at)
            if text.startswith(",", self.at):
                self.at += 1
            elif not text.startswith(closing, self.at):
                raise NotPlainError

    def _object(self, start: int) -> ObjectOf:
        text = self._text
        entries: list[tuple[Expression, Expression]] = []
        while True:
            self.at = self._after_gap(self.at)
            if text.startswith("}", self.at):
                self.at += 1
                return ObjectOf(tuple(entries), Span(self._source, start, self.at))
            key = self._key()
            entries.append((key, self._value()))
            before, self.at = self.at, self._after_gap(self.at)
            if text.startswith(",", self.at):
                self.at += 1
            elif text.find("\n", before, self.at) < 0 and not text.startswith("}", self.at):
                raise NotPlainError

    def _key(self) -> Expression:
        match = _KEY.match(self._text, self.at)
        if match is None or match[2] == "for":
            raise NotPlainError
        self.at = match.end()
        if match[1]:
            return self._simple(*match.span(1))
        start, end = match.span(2)
        return hcl_template.plain(match[2], Span(self._source, start, end))

    def _quoted(self, start: int) -> Template:
        """A string with escapes or interpolations."""
        text = self._text
        holes: list[Interpolation] = []
        while True:
            match = _RUN.match(text, self.at)
            assert match is not None
            self.at = match.end()
            if text.startswith('"', self.at):
                self.at += 1
                return hcl_template.of_line(Span(self._source, start, self.at), holes)
            holes.append(self._interpolation())

    def _interpolation(self) -> Interpolation:
        text, start = self._text, self.at
        if not text.startswith("${", start):
            raise NotPlainError
        self.at = self._after_gap(start + 2)
        value = self._value()
        self.at = self._after_gap(self.at)
        if not text.startswith("}", self.at):
            raise NotPlainError
        self.at += 1
        return Interpolation(value, Span(self._source, start, self.at))

    def _heredoc(self, match: re.Match[str]) -> Template:
        """The lines to the first that begins with the marker, which must be all of it."""
        text, start, marker = self._text, match.end(), match[5]
        closing = re.compile(rf"^[ \t]*+{marker}", re.MULTILINE).search(text, start)
        if closing is None or closing.start() == start or not text.startswith("\n", closing.end()):
            raise NotPlainError
        holes = self._holes(start, closing.start())
        self.at = closing.end()
        span = Span(self._source, match.start(), self.at)
        return hcl_template.of_lines(span, closing.end() - len(marker), holes)

    def _holes(self, start: int, end: int) -> list[Interpolation]:
        holes: list[Interpolation] = []
        self.at = start
        while True:
            match = _HOLE.search(self._text, self.at, end)
            if match is None:
                return holes
            if len(match.group()) > 3 or match.group() == "%{":
                raise NotPlainError
            self.at = match.end() if len(match.group()) == 3 else match.start()
            if len(match.group()) == 2:
                holes.append(self._interpolation())
                if self.at > end:
                    raise NotPlainError
