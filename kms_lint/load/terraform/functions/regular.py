"""Regular expressions: `regex`, `regexall` and what `replace` does with `/…/`.

https://developer.hashicorp.com/terraform/language/functions/regex
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final, TypeAlias

from kms_lint.load.terraform.functions.pattern import Border, Character, Program, Save, Split, compiled
from kms_lint.load.terraform.functions.signature import Asked, plainly
from kms_lint.load.terraform.known import Plain
from kms_lint.load.terraform.limits import RefusedError, UndecidedError, few, fits
from kms_lint.load.terraform.scope import TOO_LARGE

_MOST_STEPS: Final = 1_000_000
_REFERENCE: Final = re.compile(r"\$(?:(\$)|\{(\w+)\}|(\w+))", re.ASCII)

_Slots: TypeAlias = "tuple[int, ...]"
_Threads: TypeAlias = "list[tuple[int, _Slots]]"


class _Machine:
    """Runs a program over a text, all its threads side by side: no text makes it slow."""

    def __init__(self, program: Program, text: str) -> None:
        self.program = program
        self.text = text
        self.steps = 0
        self._none = (-1,) * (2 * len(program.names) + 2)

    def search(self, start: int) -> _Slots | None:
        """The leftmost match from an offset on: where it and its groups begin and end."""
        threads: _Threads = []
        found: _Slots | None = None
        at = start
        end = len(self.program.instructions)
        while True:
            seen: set[int] = set()
            current: _Threads = []
            for index, slots in threads:
                self._follow(index, slots, at, seen, current)
            if found is None:
                self._follow(0, self._none, at, seen, current)
            threads = []
            for index, slots in current:
                if index == end:
                    found = slots
                    break
                instruction = self.program.instructions[index]
                if at < len(self.text) and isinstance(instruction, Character) and instruction.test(self.text[at]):
                    threads.append((index + 1, slots))
            if at >= len(self.text) or (found is not None and not threads):
                return found
            at += 1

    def _follow(self, index: int, slots: _Slots, at: int, seen: set[int], into: _Threads) -> None:
        """All places that a thread comes to without taking a character, the preferred first."""
        waiting = [(index, slots)]
        while waiting:
            index, slots = waiting.pop()
            if index in seen:
                continue
            seen.add(index)
            self.steps += 1
            if self.steps > _MOST_STEPS:
                raise UndecidedError(TOO_LARGE)
            instructions = self.program.instructions
            instruction = instructions[index] if index < len(instructions) else None
            if isinstance(instruction, Split):
                waiting.append((instruction.second, slots))
                waiting.append((instruction.first, slots))
            elif isinstance(instruction, Save):
                slot = instruction.slot
                waiting.append((index + 1, (*slots[:slot], at, *slots[slot + 1 :])))
            elif isinstance(instruction, Border):
                if self._holds(instruction.kind, at):
                    waiting.append((index + 1, slots))
            else:
                into.append((index, slots))

    def _holds(self, kind: str, at: int) -> bool:
        text = self.text
        if kind == "A":
            return at == 0
        if kind == "z":
            return at == len(text)
        if kind == "^":
            return at == 0 or text[at - 1] == "\n"
        if kind == "$":
            return at == len(text) or text[at] == "\n"
        border = (at > 0 and _is_word(text[at - 1])) != (at < len(text) and _is_word(text[at]))
        return border == (kind == "b")

    def every(self) -> Iterator[_Slots]:
        """All matches that do not overlap; an empty one not right after another."""
        at, before = 0, -1
        while at <= len(self.text):
            found = self.search(at)
            if found is None:
                return
            start, end = found[:2]
            if not start == end == before:
                yield found
            at = end if end > at else at + 1
            before = end


def _is_word(character: str) -> bool:
    return character.isascii() and (character.isalnum() or character == "_")


@lru_cache(maxsize=64)
def _program(pattern: str) -> Program:
    return compiled(pattern)


def _taken(program: Program, text: str, slots: _Slots) -> Plain:
    """What a match gives: its text, or its groups in a list, or by their names in a map."""
    if not program.names:
        return text[slots[0] : slots[1]]
    groups = [text[slots[index] : slots[index + 1]] if slots[index] >= 0 else None for index in range(2, len(slots), 2)]
    named = [name for name in program.names if name is not None]
    if not named:
        return list(groups)
    if len(named) < len(groups):
        raise RefusedError("either all groups of a pattern have names, or none")
    return dict(sorted(zip(named, groups, strict=True)))


def _first(pattern: str, text: str) -> Plain:
    program = _program(pattern)
    found = _Machine(program, text).search(0)
    if found is None:
        raise RefusedError("the pattern does not match")
    return _taken(program, text, found)


def _all(pattern: str, text: str) -> Plain:
    program = _program(pattern)
    found: list[Plain] = []
    for slots in _Machine(program, text).every():
        found.append(_taken(program, text, slots))
        few(len(found))
    return tuple(found)


def replaced(text: str, pattern: str, replacement: str, asked: Asked) -> str:
    """A text with each match replaced; `$1` and `${name}` stand for groups. Raises RefusedError and UndecidedError."""
    program = _program(pattern)
    machine = _Machine(program, text)
    parts: list[str] = []
    length = at = 0
    for slots in machine.every():
        part = _REFERENCE.sub(lambda match, slots=slots: _referred(match, program, text, slots), replacement)  # type: ignore[misc]
        parts += [text[at : slots[0]], part]
        length += len(part)
        fits(length)
        at = slots[1]
    if asked.scope.spent(machine.steps >> 3):
        raise UndecidedError(TOO_LARGE)
    return "".join([*parts, text[at:]])


def _referred(match: re.Match[str], program: Program, text: str, slots: _Slots) -> str:
    if match[1]:
        return "$"
    name = match[2] or match[3]
    index = int(name) if name.isdecimal() and len(name) < 6 else -1
    if name in program.names:
        index = program.names.index(name) + 1
    if not 0 <= 2 * index < len(slots):
        return ""
    return text[slots[2 * index] : slots[2 * index + 1]] if slots[2 * index] >= 0 else ""


FUNCTIONS: Final = {"regex": plainly("ss", _first), "regexall": plainly("ss", _all)}
