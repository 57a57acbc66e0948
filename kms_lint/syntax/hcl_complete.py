"""All of HCL's expressions, read as Terraform reads them: what the reader of plain HCL leaves out.

What is not HCL raises `NotPlainError`, for the parser that goes on after an error to say what is wrong.
https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md
"""

from __future__ import annotations

import re
from typing import Final

from kms_lint.source import Span
from kms_lint.syntax import hcl_template
from kms_lint.syntax.expression import (
    ELEMENT,
    Attribute,
    Call,
    Conditional,
    Expression,
    For,
    Index,
    ListOf,
    Literal,
    Operation,
    Reference,
    Splat,
)
from kms_lint.syntax.hcl_plain import Body, NotPlainError
from kms_lint.syntax.hcl_strings import INLINE, NAME, Strings
from kms_lint.syntax.hcl_text import unescaped
from kms_lint.syntax.tree import Text

_QUOTED: Final = r'"(?:[^"\\\n]|\\.)*+"'

_END: Final = re.compile(rf"{INLINE}(?:(?:(?:\#|//)[^\n]*+)?(?:\r?\n|\Z)|(?=\}}))")
_ITEM: Final = re.compile(rf"({NAME}){INLINE}(?:(=)(?![=>]){INLINE}|((?:(?:{_QUOTED}|{NAME}){INLINE})*+)\{{)")
_LABEL: Final = re.compile(rf"/\*(?:[^*]|\*(?!/))*+\*/|({_QUOTED}|{NAME})")
_TERM: Final = re.compile(
    rf"""({NAME}(?:::{NAME})*+)|(\d++(?:\.\d++)?+(?:[eE][+-]?\d++)?+)|(["\[{{(])|<<-?({NAME})\r?\n|([-!])"""
)
_NAMED, _NUMBER, _OPENING, _MARKER, _SIGN = 1, 2, 3, 4, 5
_OPERATOR: Final = re.compile(r"\|\||&&|==|!=|>=|<=|[<>+*/%-]")
_PRECEDENCE: Final = {
    "||": 1, "&&": 2, "==": 3, "!=": 3, ">": 4, ">=": 4, "<": 4, "<=": 4, "+": 5, "-": 5, "*": 6, "/": 6, "%": 6,
}  # fmt: skip
_STEP: Final = re.compile(rf"\.{INLINE}(?:({NAME})|(\d++)|(\*))|(\[)")
_STAR: Final = re.compile(r"[ \t\n]*+\*[ \t\n]*+\]")
_FOR: Final = re.compile(r"for(?![\w-])")
_CONSTANTS: Final[dict[str, bool | None]] = {"true": True, "false": False, "null": None}


class Complete(Strings):
    """Reads a file from `at` on, whatever is in it."""

    __slots__ = ()

    def item(self, body: Body) -> None:
        """Reads the argument or block that begins here. Raises NotPlainError, perhaps in the midst of it."""
        match = _ITEM.match(self._text, self.at)
        if match is None:
            raise NotPlainError
        free, self._free = self._free, False
        argument = self._argument(match) if match[2] else None
        block = None if match[2] else self._block(match)
        self._free = free
        end = _END.match(self._text, self.at)
        if end is None:
            raise NotPlainError
        self.at = end.end()
        if argument is not None:
            body.add(argument)
        elif block is not None:
            body.blocks().append(block)

    def _labels(self, match: re.Match[str]) -> list[Text]:
        labels = []
        for label in _LABEL.finditer(self._text, *match.span(3)):
            if label[1]:
                text, (start, end) = label[1], label.span()
                if text[0] == '"':
                    text = unescaped(self._source, start + 1, end - 1).text
                labels.append(Text(text, Span(self._source, start, end)))
        return labels

    def _value(self) -> Expression:
        start = self.at
        value = self._operations(0)
        at = self._spaced(self.at)
        if not self._text.startswith("?", at):
            return value
        self._enter()
        self.at = self._spaced(at + 1)
        yes = self._value()
        self._expect(":")
        self.at = self._spaced(self.at)
        no = self._value()
        self._depth -= 1
        return Conditional(value, yes, no, Span(self._source, start, self.at))

    def _operations(self, lowest: int) -> Expression:
        """Terms with operators between them that bind more closely than `lowest`."""
        start = self.at
        left = self._term()
        while True:
            match = _OPERATOR.match(self._text, self._spaced(self.at))
            if match is None or _PRECEDENCE[match.group()] <= lowest:
                return left
            self.at = self._spaced(match.end())
            right = self._operations(_PRECEDENCE[match.group()])
            left = Operation(match.group(), left, right, Span(self._source, start, self.at))

    def _term(self) -> Expression:
        match = _TERM.match(self._text, self.at)
        if match is None:
            raise NotPlainError
        kind, (start, end) = match.lastindex, match.span()
        self.at = end
        if kind == _NUMBER:
            return Literal(match.group(), Span(self._source, start, end))
        if kind == _NAMED:
            return self._steps(self._name(match.group(), start), start)
        self._enter()
        if kind == _SIGN:
            self.at = self._spaced(end)
            right = self._term()
            value: Expression = Operation(match.group(), None, right, Span(self._source, start, self.at))
        elif kind == _MARKER:
            value = self._heredoc(match)
        else:
            value = self._bracketed(match.group(), start)
            if match.group() != '"':
                value = self._steps(value, start)
        self._depth -= 1
        return value

    def _name(self, name: str, start: int) -> Expression:
        opening = self._spaced(self.at)
        if self._text.startswith("(", opening):
            self.at = opening
            return self._call(name, start)
        if "::" in name:
            raise NotPlainError
        span = Span(self._source, start, self.at)
        return Literal(_CONSTANTS[name], span) if name in _CONSTANTS else Reference(name, span)

    def _bracketed(self, opening: str, start: int) -> Expression:
        self.at = start + 1
        if opening == '"':
            return self._quoted(start)
        free, self._free = self._free, True
        if opening == "(":
            self.at = self._spaced(self.at)
            value = self._value()
            self._expect(")")
        elif _FOR.match(self._text, self._after_gap(self.at)):
            value = self._for(opening, start)
        elif opening == "[":
            value = ListOf(self._values("]"), Span(self._source, start, self.at))
        else:
            self._free = False
            value = self._object(start)
        self._free = free
        return value

    def _call(self, name: str, start: int) -> Call:
        free, self._free = self._free, True
        self.at += 1
        self._enter()
        arguments: list[Expression] = []
        expand = False
        while True:
            self.at = self._after_gap(self.at)
            if expand or self._text.startswith(")", self.at):
                self._expect(")")
                break
            arguments.append(self._value())
            self.at = self._after_gap(self.at)
            expand = self._text.startswith("...", self.at)
            if expand:
                self.at += 3
            elif self._text.startswith(",", self.at):
                self.at += 1
            elif not self._text.startswith(")", self.at):
                raise NotPlainError
        self._depth -= 1
        self._free = free
        return Call(name, tuple(arguments), expand, Span(self._source, start, self.at))

    def _steps(self, value: Expression, start: int, *, attributes: bool = False) -> Expression:
        """The value with the attributes, indices and splats that follow it; only `attributes` after `.*`."""
        source = self._source
        while True:
            step = _STEP.match(self._text, self._spaced(self.at))
            if step is None or (attributes and (step[3] or step[4])):
                return value
            end, self.at = self.at, step.end()
            if step[1] or step[2]:
                place = Span(source, *step.span(1 if step[1] else 2))
                value = Attribute(value, Text(step[1] or step[2], place), Span(source, start, self.at))
            elif step[3]:
                value = self._splat(value, start, end, full=False)
            elif star := _STAR.match(self._text, self.at):
                self.at = star.end()
                value = self._splat(value, start, end, full=True)
            else:
                value = self._index(value, start)

    def _splat(self, value: Expression, start: int, end: int, *, full: bool) -> Expression:
        self._enter()
        element = Reference(ELEMENT, Span(self._source, start, end))
        each = self._steps(element, start, attributes=not full)
        self._depth -= 1
        return Splat(value, each, full, Span(self._source, start, self.at))

    def _index(self, value: Expression, start: int) -> Expression:
        free, self._free = self._free, True
        self._enter()
        self.at = self._spaced(self.at)
        key = self._value()
        self._expect("]")
        self._depth -= 1
        self._free = free
        return Index(value, key, Span(self._source, start, self.at))

    def _for(self, opening: str, start: int) -> For:
        self.at = self._spaced(self._after_gap(self.at) + 3)
        key, value, collection = self._each()
        self._expect(":")
        self.at = self._spaced(self.at)
        result_key, result, group = None, self._value(), False
        if opening == "{":
            self._expect("=>")
            self.at = self._spaced(self.at)
            result_key, result = result, self._value()
            at = self._spaced(self.at)
            group = self._text.startswith("...", at)
            self.at = at + 3 if group else at
        self.at = self._spaced(self.at)
        test = None
        if re.compile(r"if(?![\w-])").match(self._text, self.at):
            self.at = self._spaced(self.at + 2)
            test = self._value()
        self._expect("]" if opening == "[" else "}")
        return For(key, value, collection, result_key, result, test, group, Span(self._source, start, self.at))

    def _key(self) -> Expression:
        """The key of an object's element: a bare name means itself, not what it refers to."""
        start = self.at
        key = self._value()
        at = self._spaced(self.at)
        if not self._text.startswith(("=", ":"), at) or self._text.startswith(("==", "=>"), at):
            raise NotPlainError
        self.at = self._spaced(at + 1)
        if isinstance(key, Reference | Literal) and key.at.start == start:
            return hcl_template.plain(self._text[start : key.at.end], key.at)
        return key
