"""What single characters a pattern means: classes, by name or as a list."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeAlias

Test: TypeAlias = Callable[[str], bool]
"""Whether one character is meant."""

CONTROLS: Final = {"t": "\t", "n": "\n", "r": "\r", "f": "\f", "v": "\v", "a": "\a"}
_DIGITS: Final = frozenset("0123456789")
WORD: Final = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")
_SPACE: Final = frozenset("\t\n\f\r ")
_LETTERS: Final = frozenset(character for character in WORD if character.isalpha())
_PUNCTUATION: Final = frozenset("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")
NAMED: Final[dict[str, frozenset[str]]] = {
    "alnum": _LETTERS | _DIGITS,
    "alpha": _LETTERS,
    "ascii": frozenset(map(chr, range(128))),
    "blank": frozenset("\t "),
    "cntrl": frozenset([*map(chr, range(32)), "\x7f"]),
    "digit": _DIGITS,
    "graph": _LETTERS | _DIGITS | _PUNCTUATION,
    "lower": frozenset(character for character in _LETTERS if character.islower()),
    "print": _LETTERS | _DIGITS | _PUNCTUATION | {" "},
    "punct": _PUNCTUATION,
    "space": frozenset("\t\n\v\f\r "),
    "upper": frozenset(character for character in _LETTERS if character.isupper()),
    "word": WORD,
    "xdigit": frozenset("0123456789abcdefABCDEF"),
}
SHORT: Final = {"d": _DIGITS, "w": WORD, "s": _SPACE}
CATEGORIES: Final = frozenset("LMNPSZC")


def anything(_: str) -> bool:
    """Any character, `.` with the flag `s`."""
    return True


def not_newline(character: str) -> bool:
    """Any character but the end of a line: `.`."""
    return character != "\n"


def one(wanted: str) -> Test:
    """One character itself."""
    return lambda character: character == wanted


def one_of(wanted: frozenset[str], *, negated: bool) -> Test:
    """One of several characters, or none of them."""
    return lambda character: (character in wanted) != negated


def character_class(
    singles: frozenset[str], ranges: tuple[tuple[str, str], ...], tests: tuple[Test, ...], negated: bool
) -> Test:
    """What stands between `[` and `]`."""

    def test(character: str) -> bool:
        inside = (
            character in singles
            or any(first <= character <= last for first, last in ranges)
            or any(each(character) for each in tests)
        )
        return inside != negated

    return test


def folded(test: Test) -> Test:
    """The same whatever the case of the character."""
    return lambda character: test(character) or test(character.lower()) or test(character.upper())
