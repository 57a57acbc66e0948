"""Patterns of policies as regular expressions of an SMT solver, and the values that policies write, read on their own."""

from __future__ import annotations

import ipaddress
import re
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any, Final

import z3

EVERY: Final = z3.Range(" ", "~")
NO_COLON: Final = z3.Union(z3.Range(" ", "9"), z3.Range(";", "~"))
DIGITS: Final = z3.Loop(z3.Range("0", "9"), 12, 12)
LOWER: Final = z3.Union(z3.Range("a", "z"), z3.Range("0", "9"), z3.Re("-"))
IN_NAMES: Final = z3.Union(
    z3.Range("a", "z"), z3.Range("A", "Z"), z3.Range("0", "9"), *map(z3.Re, ("_", "+", "=", ",", ".", "@", "-"))
)
NAME: Final = z3.Concat(z3.Star(z3.Union(IN_NAMES, z3.Re("/"))), IN_NAMES)
_TOKEN: Final = re.compile(r"\$\{[*?$]\}|\*+|.", re.DOTALL)


class UnsupportedError(Exception):
    """A policy says something that is not modelled here."""


def joined(*parts: Any) -> Any:
    """Regular expressions one after the other; texts stand for themselves."""
    made = [z3.Re(part) if isinstance(part, str) else part for part in parts if not isinstance(part, str) or part]
    return z3.Concat(*made) if len(made) > 1 else made[0] if made else z3.Re("")


def glob(pattern: str, *, within: Any = EVERY, lower: bool = False) -> Any:
    """A text in which `*` and `?` stand for what is `within`; `${*}`, `${?}` and `${$}` for the characters."""
    parts: list[Any] = []
    for piece in _TOKEN.findall(pattern):
        if piece[0] == "*":
            parts.append(z3.Star(within))
        elif piece == "?":
            parts.append(within)
        else:
            parts.append(_character(piece[2] if len(piece) > 1 else piece, lower))
    return joined(*parts)


def in_any_case(text: str) -> Any:
    """A text in any letter case."""
    return joined(*(_character(each, True) for each in unescaped(text)))


def unescaped(text: str) -> str:
    """A text in which `${*}` and the like are the characters."""
    return re.sub(r"\$\{([*?$])\}", r"\1", text)


def _character(character: str, lower: bool) -> Any:
    cases = sorted({character.lower(), character.upper()}) if lower else [character]
    return z3.Union(*map(z3.Re, cases)) if len(cases) == 2 else z3.Re(cases[0])


def by_part(pattern: str) -> Any:
    """An ARN pattern: the first five parts match part by part, the sixth may hold colons."""
    found: list[Any] = []
    for index, part in enumerate(pattern.split(":", 5)):
        found += [":"] * bool(index) + [glob(part, within=NO_COLON if index < 5 else EVERY)]
    return joined(*found)


def matches(pattern: str, text: str) -> bool:
    """Whether an action is meant by a pattern, in any letter case."""
    expression = re.escape(pattern.lower()).replace(r"\*", ".*").replace(r"\?", ".")
    return re.fullmatch(expression, text.lower()) is not None


def number(text: str) -> Fraction:
    """A decimal number."""
    if not re.fullmatch(r"[+-]?\d+(\.\d+)?", text):
        raise UnsupportedError(f"the number {text}")
    return Fraction(text)


def instant(text: str) -> Fraction:
    """The second of a date, or a number of seconds."""
    if re.fullmatch(r"\d{5,}(\.\d+)?", text):
        return Fraction(text)
    found = datetime.fromisoformat(text)
    return Fraction((found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp())


def network(text: str) -> tuple[int, int, int]:
    """Version, first and last address."""
    found = ipaddress.ip_network(text, strict=False)
    return found.version, int(found.network_address), int(found.broadcast_address)
