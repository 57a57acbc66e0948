"""JSON read character by character: slower than the decoder, but it knows places, holes, and what was expected.

https://www.rfc-editor.org/rfc/rfc8259
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from json import JSONDecodeError
from json.decoder import scanstring  # type: ignore[attr-defined]
from typing import Final, NoReturn

from kms_lint.errors import MalformedError
from kms_lint.source import Borrowed, Passage, Span
from kms_lint.syntax.tree import ANYTHING, Choice, Items, Mapping, Node, Scalar, Text, Unknown

DEPTH: Final = 200
"""How many levels a value may be nested; no policy comes near, and nobody has to fear for the stack."""

FIRST_HOLE: Final = 0xF0000

_SPACE: Final = re.compile(r"[ \t\n\r]*")
_NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?")
_WORD: Final = re.compile(r"[-+.\w]+")
_CONSTANTS: Final[dict[str, bool | None]] = {"true": True, "false": False, "null": None}
_HOLE: Final = re.compile("[\U000f0000-\U000ffffd]")


def scan(passage: Passage, holes: Sequence[Node] = ()) -> Node:
    """The value that the text holds, with a span for every name and value. Raises MalformedError."""
    return _Scanner(passage, holes).document()


class _Open:
    """An object or a list that is being read."""

    __slots__ = ("entries", "name", "start", "values")

    def __init__(self, start: int, name: Text | None = None) -> None:
        self.start = start
        self.name = name
        self.entries: list[tuple[Text, Node]] = []
        self.values: list[Node] = []


class _Scanner:
    def __init__(self, passage: Passage, holes: Sequence[Node]) -> None:
        self._passage = passage
        self._text = passage.text
        self._holes = holes
        self._at = 0
        self._open: list[_Open] = []
        self._span: Callable[[int, int], Span] = passage.span
        if passage.starts == (0,) and passage.origins == (0,):
            source = passage.source
            self._span = lambda start, end: Span(source, start, end)

    def document(self) -> Node:
        """The one value of the text."""
        while True:
            node = self._value()
            while node is not None and self._open:
                node = self._attach(node)
            if node is not None:
                following = self._peek()
                if following in ("/", "#"):
                    self._fail(_FOREIGN[following])
                if following:
                    self._fail("expected the end here: only one value may stand in a JSON text")
                return node

    def _peek(self) -> str:
        """The next character that is not blank; empty at the end."""
        match = _SPACE.match(self._text, self._at)
        if match:
            self._at = match.end()
        return self._text[self._at : self._at + 1]

    def _value(self) -> Node | None:
        """The value that stands here; `None` when it is an object or list that has just been opened."""
        character = self._peek()
        start = self._at
        if character == '"':
            return self._string()
        if character == "{" or character == "[":
            return self._container(character, start)
        match = _NUMBER.match(self._text, start)
        if match:
            return self._number(match.group())
        word = _WORD.match(self._text, start)
        if word and word.group() in _CONSTANTS:
            self._at = word.end()
            return Scalar(_CONSTANTS[word.group()], word.group(), self._span(start, self._at))
        index = ord(character) - FIRST_HOLE if character else -1
        if 0 <= index < len(self._holes):
            self._at += 1
            return self._holes[index]
        return self._no_value(character, word.group() if word else "")

    def _container(self, opening: str, start: int) -> Node | None:
        if len(self._open) >= DEPTH:
            self._fail(f"nested too deeply: at most {DEPTH} levels are read")
        self._at += 1
        following = self._peek()
        if opening == "{":
            if following == "}":
                self._at += 1
                return Mapping((), self._span(start, self._at))
            self._open.append(_Open(start))
            self._open[-1].name = self._name()
        elif following == "]":
            self._at += 1
            return Items((), self._span(start, self._at))
        else:
            self._open.append(_Open(start))
        return None

    def _attach(self, node: Node) -> Node | None:
        """Adds a value to what is open; gives that, when it is closed by what follows."""
        container = self._open[-1]
        if container.name is None:
            container.values.append(node)
        else:
            container.entries.append((container.name, node))
        following = self._peek()
        if following == ",":
            self._comma(container)
            return None
        if following != ("]" if container.name is None else "}"):
            self._not_closed(container, following)
        self._at += 1
        self._open.pop()
        span = self._span(container.start, self._at)
        return Items(container.values, span) if container.name is None else Mapping(container.entries, span)

    def _comma(self, container: _Open) -> None:
        comma = self._at
        self._at += 1
        following = self._peek()
        if following in ("]", "}"):
            self._at = comma
            self._fail("remove this comma: nothing follows it")
        if container.name is not None:
            container.name = self._name()

    def _name(self) -> Text:
        character = self._peek()
        if character != '"':
            self._no_name(character)
        name = self._string()
        if self._peek() != ":":
            self._fail("expected a colon between the name and its value")
        self._at += 1
        return name

    def _number(self, digits: str) -> Scalar:
        start = self._at
        self._at += len(digits)
        word = _WORD.match(self._text, start)
        if word and word.end() > self._at:
            self._at = start
            self._fail(_number_fault(word.group()), word.end())
        return Scalar(digits, digits, self._span(start, self._at))

    def _string(self) -> Text:
        start = self._at
        try:
            value, self._at = scanstring(self._text, start + 1, True)
        except JSONDecodeError as error:
            self._no_string(start, error.pos)
        span = self._span(start, self._at)
        if self._holes and _HOLE.search(value):
            return self._filled(value, span)
        return Text(value, span)

    def _filled(self, value: str, span: Span) -> Text:
        """A string with holes; one that is nothing but a value from elsewhere tells where that is written."""
        parts = re.split(f"({_HOLE.pattern})", value)
        only = self._hole(parts[1]) if parts[0] == parts[-1] == "" and len(parts) == 3 else None
        if isinstance(only, Text) and isinstance(only.at, Borrowed):
            return Text(str(only), only.at, only.form)
        shown: list[str] = []
        form: list[str] = []
        for part in parts:
            hole = self._hole(part)
            one, other = (part, part) if hole is None else _within(hole)
            shown.append(one)
            form.append(other)
        return Text("".join(shown), span, "".join(form))

    def _hole(self, part: str) -> Node | None:
        """What stands where a character is, when it stands for something."""
        index = ord(part) - FIRST_HOLE if len(part) == 1 else -1
        return self._holes[index] if 0 <= index < len(self._holes) else None

    def _no_value(self, character: str, word: str) -> NoReturn:
        if not character:
            self._ended("a value")
        if word.lower() in {"true", "false", "null"}:
            self._fail(f"write {word.lower()} in lower case", self._at + len(word))
        if word in {"None", "NaN", "Infinity", "-Infinity", "undefined"}:
            self._fail(f"{word} is no value in JSON", self._at + len(word))
        if word:
            self._fail("expected a value: text is written in double quotes", self._at + len(word))
        if character in "]}":
            self._fail("expected a value before this bracket" if self._open else "this bracket was never opened")
        self._fail(_FOREIGN.get(character, "expected a value"))

    def _no_name(self, character: str) -> NoReturn:
        if not character:
            self._ended("a name in double quotes")
        if character == "," or character == "{" or character == "[":
            self._fail("expected a name in double quotes")
        word = _WORD.match(self._text, self._at)
        message = _FOREIGN.get(character, "expected a name in double quotes")
        self._fail(message, word.end() if word else None)

    def _no_string(self, start: int, position: int) -> NoReturn:
        text = self._text
        if position >= len(text) or text[position] == '"':
            end = text.find("\n", start)
            self._at = start
            self._fail("this string is not closed", end if end > start else len(text))
        self._at = position
        if text[position] == "\n" or text[position] == "\r":
            self._fail("a line ends inside a string: close the string, or write \\n")
        if text[position] < " ":
            self._fail(f"a control character in a string is written as \\u{ord(text[position]):04x}")
        self._at = text.rfind("\\", start, position + 1)  # versions of Python differ in where they point
        if text[self._at + 1 : self._at + 2] == "u":
            self._fail("expected four hexadecimal digits after \\u", self._at + 2)
        self._fail(f"{text[self._at : self._at + 2]} is no escape in JSON: a backslash is written twice", self._at + 2)

    def _not_closed(self, container: _Open, following: str) -> NoReturn:
        if not following:
            self._ended("a comma or ]" if container.name is None else "a comma or }")
        if following in _FOREIGN and following != "'":
            self._fail(_FOREIGN[following])
        if container.name is None:
            self._fail("expected a comma or ], the end of the list")
        self._fail("expected a comma or }, the end of the object")

    def _ended(self, expected: str) -> NoReturn:
        """The text ends too early: said where it ends, with the line where the innermost bracket was opened."""
        message = f"the text ends here, but {expected} was expected"
        if self._open:
            span = self._span(self._open[-1].start, self._open[-1].start + 1)
            kind, line = "list" if self._open[-1].name is None else "object", span.source.position(span.start).line
            message += f": the {kind} that begins in line {line} is not closed"
        self._at = len(self._text.rstrip())
        self._fail(message)

    def _fail(self, message: str, end: int | None = None) -> NoReturn:
        last = len(self._text)
        end = min(self._at + 1 if end is None else end, last)
        raise MalformedError(message, self._span(min(self._at, last), max(end, min(self._at, last))))


_FOREIGN: Final = {
    "'": "text is written in double quotes",
    "/": "JSON has no comments",
    "#": "JSON has no comments",
    "“": "write a straight double quote",
    "”": "write a straight double quote",
    ",": "expected a value before this comma",
    ":": "expected a value, not a colon",
}


def _number_fault(word: str) -> str:
    digits = word.lstrip("-")
    if digits.isdigit() and digits.startswith("0"):
        return "a number does not begin with 0: write it as text, in double quotes"
    return f"{word[:40]} is no number in JSON"


def _within(hole: Node) -> tuple[str, str]:
    """What a value is when it stands inside a string: as shown, and to reason about."""
    if isinstance(hole, Text):
        return str(hole), hole.form
    if isinstance(hole, Scalar):
        return hole.text, hole.text
    if isinstance(hole, Unknown):
        return f"<{hole.expression}>", ANYTHING
    if isinstance(hole, Choice):
        return f"<depends on {hole.branches[0].condition}>", ANYTHING
    return "<…>", ANYTHING
