"""The classes of texts that patterns tell apart, each with the shortest text in it.

All patterns run at once: a set of positions in them is one integer, and texts that reach the same set are alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from kms_lint.reason.formula import BudgetError

_PRINTABLE: Final = "abcdefghijklmnopqrstuvwxyz1234567890/-_.:ABCDEFGHIJKLMNOPQRSTUVWXYZ" + "".join(
    chr(code) for code in range(32, 127) if not chr(code).isalnum() and chr(code) not in "/-_.:"
)
_EVERY: Final = frozenset(_PRINTABLE)
_NO_COLON: Final = _EVERY - {":"}
_MARKS: Final = {"\ue005": "*", "\ue006": "?"}
"""Characters that stand for wildcards that are meant as themselves."""

MOST_STATES: Final = 60_000
"""As many sets of positions are looked at for one condition key; beyond, the answer is that the budget is spent."""


class Token(NamedTuple):
    """One character out of `characters`, or any number of them when it is `repeated`."""

    characters: frozenset[str]
    repeated: bool = False


Pattern = tuple[Token, ...]


def glob(text: str, *, segmented: bool = False, lower: bool = False) -> Pattern:
    """`*` and `?` as wildcards; `segmented` ones do not cross the first five colons; `lower` is for any letter case."""
    found: list[Token] = []
    colons = 0
    for character in text:
        within = _NO_COLON if segmented and colons < 5 else _EVERY
        if character == "*":
            found.append(Token(within, True))
        elif character == "?":
            found.append(Token(within))
        else:
            found.append(_one(_MARKS.get(character, character), lower))
        colons += character == ":"
    return tuple(found)


def literal(text: str, *, lower: bool = False) -> Pattern:
    """The text itself, in any letter case when `lower`."""
    return tuple(_one(character, lower) for character in text)


def one_of(characters: str, *, repeated: bool = False) -> Token:
    """One or, when `repeated`, any number of these characters."""
    return Token(frozenset(characters), repeated)


def _one(character: str, lower: bool) -> Token:
    cases = (character, character.lower(), character.upper()) if lower else (character,)
    return Token(frozenset(each for each in cases if len(each) == 1))


@lru_cache(maxsize=512)
def witnesses(patterns: tuple[Pattern, ...], universe: tuple[Pattern, ...]) -> tuple[str, ...]:
    """One text, the shortest, for each class of texts of the universe. Raises `BudgetError` when there are too many."""
    return tuple(_Run(patterns, universe).search())


def _beyond(patterns: Sequence[Pattern]) -> frozenset[str]:
    """The characters of patterns that are not in printable ASCII: wildcards stand for them too."""
    return frozenset().union(*(token.characters for pattern in patterns for token in pattern)) - _EVERY


class _Run:
    """All patterns as one automaton over sets of positions."""

    def __init__(self, patterns: Sequence[Pattern], universe: Sequence[Pattern]) -> None:
        self._moves: dict[str, int] = {}
        self._stays: dict[str, int] = {}
        self._stars = self._start = self._ends = self._alive = self._universe = 0
        self._others = _beyond((*universe, *patterns))
        place = 0
        for index, pattern in enumerate((*universe, *patterns)):
            place = self._add(pattern, place, index < len(universe))
        self._alphabet = self._distinct()

    def _add(self, pattern: Pattern, place: int, of_universe: bool) -> int:
        first = place
        self._start |= 1 << place
        for token in pattern:
            bit = 1 << place
            if token.repeated:
                self._stars |= bit
            row = self._stays if token.repeated else self._moves
            for character in token.characters | (self._others if token.characters >= _NO_COLON else frozenset()):
                row[character] = row.get(character, 0) | bit
            place += 1
        self._ends |= 1 << place
        if of_universe:
            self._alive |= ((1 << (place + 1)) - 1) ^ ((1 << first) - 1)
            self._universe |= 1 << place
        return place + 1

    def _distinct(self) -> list[tuple[int, int, str]]:
        """One character, the most readable, for each way in which characters move the automaton."""
        seen: dict[tuple[int, int], str] = {}
        for character in (*_PRINTABLE, *sorted(self._others)):
            seen.setdefault((self._moves.get(character, 0), self._stays.get(character, 0)), character)
        return [(moves, stays, character) for (moves, stays), character in seen.items() if moves or stays]

    def _closed(self, state: int) -> int:
        """The positions reached when repeated tokens stand for nothing."""
        more = ((state & self._stars) << 1) & ~state
        while more:
            state |= more
            more = ((more & self._stars) << 1) & ~state
        return state

    def search(self) -> list[str]:
        start = self._closed(self._start)
        seen = {start}
        queue: list[tuple[int, str]] = [(start, "")]
        found: dict[int, str] = {}
        for state, text in queue:
            if state & self._universe:
                found.setdefault(state & self._ends, text)
            for moves, stays, character in self._alphabet:
                reached = self._closed(((state & moves) << 1) | (state & stays))
                if reached & self._alive and reached not in seen:
                    seen.add(reached)
                    queue.append((reached, text + character))
            if len(seen) > MOST_STATES:
                raise BudgetError("a condition has too many overlapping patterns")
        return list(found.values())
