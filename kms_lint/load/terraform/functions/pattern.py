"""Patterns of Terraform's regular expressions, and their programs.

They are RE2's, not Python's: without lookaround and backreferences, so that a match takes time in proportion to the text.
https://github.com/google/re2/wiki/Syntax
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Final, NamedTuple, TypeAlias

from kms_lint.load.terraform.functions.character_classes import (
    CATEGORIES,
    CONTROLS,
    NAMED,
    SHORT,
    WORD,
    Test,
    anything,
    character_class,
    folded,
    not_newline,
    one,
    one_of,
)
from kms_lint.load.terraform.limits import RefusedError, UndecidedError
from kms_lint.load.terraform.scope import TOO_LARGE

_LONGEST: Final = 2_000
_LARGEST_PROGRAM: Final = 5_000
_MOST_REPEATS: Final = 1_000
_DEEPEST: Final = 50


class Character(NamedTuple):
    """Takes one character."""

    test: Test


class Split(NamedTuple):
    """Goes on at either place; the first is tried first."""

    first: int
    second: int


class Save(NamedTuple):
    """Notes the offset as the beginning or end of a group."""

    slot: int


class Border(NamedTuple):
    """Holds only at some places: `^`, `$`, `A` and `z` for the ends of the text, `b`, `B`."""

    kind: str


Instruction: TypeAlias = "Character | Split | Save | Border"


class Program(NamedTuple):
    """What a pattern does; it has matched at its end. `names` are those of its groups, `None` for one without."""

    instructions: tuple[Instruction, ...]
    names: tuple[str | None, ...]


# Code of which no address is fixed yet: a `Split` counts from where it stands.
_Code: TypeAlias = "list[Instruction]"


def compiled(pattern: str) -> Program:
    """The program of a pattern. Raises RefusedError for one that is wrong, UndecidedError for one that is too large."""
    if len(pattern) > _LONGEST:
        raise UndecidedError(TOO_LARGE)
    parser = _Parser(pattern)
    code = [Save(0), *parser.alternatives(0), Save(1)]
    if parser.at < len(pattern):
        raise RefusedError("a bracket in the pattern closes nothing")
    fixed: list[Instruction] = []
    for index, each in enumerate(code):
        fixed.append(Split(index + each.first, index + each.second) if isinstance(each, Split) else each)
    return Program(tuple(fixed), tuple(parser.names))


class _Parser:
    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        self.at = 0
        self.names: list[str | None] = []
        self.flags: frozenset[str] = frozenset()

    def alternatives(self, depth: int) -> _Code:
        """What stands between `|`, to a bracket that closes or the end."""
        if depth > _DEEPEST:
            raise UndecidedError(TOO_LARGE)
        found = [self._sequence(depth)]
        while self._takes("|"):
            found.append(self._sequence(depth))
        code = found.pop()
        while found:
            before = found.pop()
            code = [Split(1, len(before) + 2), *before, _jump(len(code) + 1), *code]
            _limited(code)
        return code

    def _takes(self, word: str) -> bool:
        if not self.pattern.startswith(word, self.at):
            return False
        self.at += len(word)
        return True

    def _next(self) -> str:
        if self.at >= len(self.pattern):
            raise RefusedError("the pattern is not complete")
        self.at += 1
        return self.pattern[self.at - 1]

    def _sequence(self, depth: int) -> _Code:
        code: _Code = []
        while self.at < len(self.pattern) and self.pattern[self.at] not in "|)":
            *before, atom = self._atoms(depth) or [[]]
            for each in before:
                code += each
            code += self._repeated(atom)
            _limited(code)
        return code

    def _atoms(self, depth: int) -> list[_Code]:
        r"""What stands here: of `\Q…\E` each character, of which only the last one may be repeated."""
        if not self._takes("\\Q"):
            return [self._atom(depth)]
        end = self.pattern.find("\\E", self.at)
        quoted = self.pattern[self.at : end if end >= 0 else len(self.pattern)]
        self.at = end + 2 if end >= 0 else len(self.pattern)
        return [[self._character(one(character))] for character in quoted]

    def _repeated(self, atom: _Code) -> _Code:
        least, most = self._count()
        if least is None:
            return atom
        lazy = self._takes("?")
        before = self.at
        if self._count()[0] is not None:
            raise RefusedError("a repetition in the pattern is repeated")
        self.at = before
        _limited(atom * max(1, least if most is None else most))
        code = atom * least
        if most is None and least == 0 and _may_be_empty(atom):
            # As Go has it, `(a*)*` is `(?:(a*)+)?`: its group takes part in an empty match.
            return [_split(1, len(atom) + 2, lazy), *atom, _split(-len(atom), 1, lazy)]
        if most is None:
            loop = [_split(1, len(atom) + 2, lazy), *atom, _jump(-len(atom) - 1)]
            return code + loop
        optional: _Code = []
        for _ in range(most - least):
            optional = [_split(1, len(atom) + len(optional) + 1, lazy), *atom, *optional]
            _limited(optional)
        return code + optional

    def _count(self) -> tuple[int | None, int | None]:
        """How often something may occur; the first is `None` when nothing says so."""
        for sign, counts in (("*", (0, None)), ("+", (1, None)), ("?", (0, 1))):
            if self._takes(sign):
                return counts
        end = self.pattern.find("}", self.at)
        if not self.pattern.startswith("{", self.at) or end < 0:
            return None, None
        first, comma, second = self.pattern[self.at + 1 : end].partition(",")
        if not first.isdecimal() or (second and not second.isdecimal()):
            return None, None
        least = int(first[:6])
        most = least if not comma else int(second[:6]) if second else None
        if least > _MOST_REPEATS or (most is not None and not least <= most <= _MOST_REPEATS):
            raise RefusedError("a repetition in the pattern is too large")
        self.at = end + 1
        return least, most

    def _atom(self, depth: int) -> _Code:
        character = self._next()
        if character == "(":
            return self._group(depth)
        if character == "[":
            return [self._character(self._class())]
        if character == ".":
            return [Character(anything if "s" in self.flags else not_newline)]
        if character == "^":
            return [Border("^" if "m" in self.flags else "A")]
        if character == "$":
            return [Border("$" if "m" in self.flags else "z")]
        if character == "\\":
            return self._escaped()
        if character in "*+?":
            raise RefusedError("a repetition in the pattern repeats nothing")
        return [self._character(one(character))]

    def _character(self, test: Test) -> Character:
        return Character(folded(test) if "i" in self.flags else test)

    def _group(self, depth: int) -> _Code:
        outer = self.flags
        name: str | None = None
        captures = True
        if self._takes("?"):
            if self._takes("P<") or self._takes("<"):
                name = self._name()
            else:
                captures = False
                if self._set_flags():
                    return []
        slot = 0
        if captures:
            self.names.append(name)
            slot = 2 * len(self.names)
        code = self.alternatives(depth + 1)
        if not self._takes(")"):
            raise RefusedError("a bracket in the pattern is not closed")
        self.flags = outer
        return [Save(slot), *code, Save(slot + 1)] if captures else code

    def _name(self) -> str:
        end = self.pattern.find(">", self.at)
        name = self.pattern[self.at : end] if end > 0 else ""
        if not name or not set(name) <= WORD or name in self.names:
            raise RefusedError("a group of the pattern has no proper name")
        self.at = end + 1
        return name

    def _set_flags(self) -> bool:
        """Reads `i-s` up to `:` or `)`; whether they are for all that follows."""
        on = True
        flags = set(self.flags)
        while True:
            flag = self._next()
            if flag in ":)":
                self.flags = frozenset(flags)
                return flag == ")"
            if flag == "-" and on:
                on = False
            elif flag in "ims":
                flags = flags | {flag} if on else flags - {flag}
            elif flag == "U":
                raise UndecidedError("the flag U of a pattern is not worked out")
            else:
                raise RefusedError("RE2, which Terraform uses, has no such group")

    def _escaped(self) -> _Code:
        letter = self._next()
        if letter in "AzbB":
            return [Border(letter)]
        found = self._several(letter)
        return [self._character(found if found is not None else one(self._single(letter)))]

    def _several(self, letter: str) -> Test | None:
        r"""What `\d`, `\W`, `\pL` mean; `None` for an escape that means one character."""
        lower = letter.lower()
        if lower in SHORT:
            return one_of(SHORT[lower], negated=letter != lower)
        if lower != "p":
            return None
        name = self._next()
        if name == "{":
            end = self.pattern.find("}", self.at)
            name = self.pattern[self.at : end] if end > 0 else ""
            self.at = end + 1
        negated = (letter == "P") != name.startswith("^")
        name = name.removeprefix("^")
        if name[:1] not in CATEGORIES or len(name) > 2:
            raise UndecidedError("a class of characters in the pattern is not worked out")
        return lambda character: unicodedata.category(character).startswith(name) != negated

    def _single(self, letter: str) -> str:
        if letter in CONTROLS:
            return CONTROLS[letter]
        if letter == "x":
            return self._hexadecimal()
        if letter in "01234567":
            if letter != "0" and self.pattern[self.at : self.at + 1] not in tuple("01234567"):
                raise RefusedError("RE2, which Terraform uses, has no references to groups")
            digits = letter
            while len(digits) < 3 and self.pattern[self.at : self.at + 1] in tuple("01234567"):
                digits += self._next()
            return chr(int(digits, 8))
        if letter in WORD or not letter.isascii():
            raise RefusedError(f"RE2, which Terraform uses, does not know `\\{letter}`")
        return letter

    def _hexadecimal(self) -> str:
        if self._takes("{"):
            end = self.pattern.find("}", self.at)
            digits = self.pattern[self.at : max(end, self.at)]
            self.at = end + 1
        else:
            digits = self.pattern[self.at : self.at + 2]
            self.at += 2
        try:
            return chr(int(digits, 16))
        except (ValueError, OverflowError) as error:
            raise RefusedError("a code in the pattern is no character") from error

    def _class(self) -> Test:
        negated = self._takes("^")
        singles: set[str] = set()
        tests: list[Test] = []
        ranges: list[tuple[str, str]] = []
        first = True
        while first or not self._takes("]"):
            first = False
            item = self._member()
            if not isinstance(item, str):
                tests.append(item)
            elif self.pattern.startswith("-", self.at) and self.pattern[self.at + 1 : self.at + 2] not in ("]", ""):
                self.at += 1
                last = self._member()
                if not isinstance(last, str) or last < item:
                    raise RefusedError("a range of characters in the pattern is wrong")
                ranges.append((item, last))
            else:
                singles.add(item)
        return character_class(frozenset(singles), tuple(ranges), tuple(tests), negated)

    def _member(self) -> str | Test:
        if self._takes("[:"):
            end = self.pattern.find(":]", self.at)
            name = self.pattern[self.at : end] if end > 0 else ""
            self.at = end + 2
            if name.removeprefix("^") not in NAMED:
                raise RefusedError("the pattern names a class of characters that there is not")
            return one_of(NAMED[name.removeprefix("^")], negated=name.startswith("^"))
        character = self._next()
        if character != "\\":
            return character
        letter = self._next()
        found = self._several(letter)
        return found if found is not None else self._single(letter)


def _limited(code: Sequence[Instruction]) -> None:
    if len(code) > _LARGEST_PROGRAM:
        raise UndecidedError(TOO_LARGE)


def _may_be_empty(code: Sequence[Instruction]) -> bool:
    """Whether code comes to its end without taking a character."""
    waiting, seen = [0], {0}
    while waiting:
        at = waiting.pop()
        if at == len(code):
            return True
        instruction = code[at]
        if isinstance(instruction, Character):
            continue
        ways = (instruction.first, instruction.second) if isinstance(instruction, Split) else (1,)
        waiting.extend({at + way for way in ways} - seen)
        seen.update(at + way for way in ways)
    return False


def _jump(distance: int) -> Split:
    return Split(distance, distance)


def _split(inside: int, after: int, lazy: bool) -> Split:
    return Split(after, inside) if lazy else Split(inside, after)
