"""Values of a condition key that stand for all others: one for each class that the policies tell apart.

Operators are read by `iam.comparisons` alone; here are only the values to ask it about, chosen so that any other value
gets the same answers as one of them.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from fractions import Fraction
from functools import lru_cache
from typing import Final, NamedTuple

from kms_lint.iam import comparisons, keys
from kms_lint.iam.comparisons import COMPARISONS
from kms_lint.reason import automaton
from kms_lint.reason.automaton import Pattern
from kms_lint.source import Source, Span
from kms_lint.syntax.tree import Text

_NOWHERE: Final = Span(Source("", ""), 0, 0)
_ANY: Final = (automaton.glob("?*"),)
_ANY_ARN: Final = (automaton.glob("arn:?*:?*:*:*:?*", segmented=True),)
_SIX_PARTS: Final = automaton.glob("*:*:*:*:*:*", segmented=True)
_ESCAPES: Final = {"${*}": "*", "${?}": "?", "${$}": "$"}


class Test(NamedTuple):
    """A comparison by its positive name (`StringLike`) with one value."""

    comparison: str
    value: str


def positive(name: str) -> str:
    """An operator without its negation."""
    return name.replace("Not", "", 1)


@lru_cache(maxsize=8192)
def answer(test: Test, value: str) -> bool | None:
    """Whether a value of a request passes a test, as `iam.comparisons` reads it."""
    operator = comparisons.parse(Text(test.comparison, _NOWHERE))
    return comparisons.outcome(operator, (test.value,), (value,))


def type_of(key: str, tests: Iterable[Test]) -> str:
    """What a key holds: as its table says, or as it is compared."""
    known = keys.find(key)
    held = {"IPAddress": "IP", "Date": "Ordered", "Numeric": "Ordered"}.get(known.type, known.type) if known else ""
    if held in ("Bool", "Ordered", "IP"):
        return held
    compared = {COMPARISONS[test.comparison].type for test in tests}
    if compared and compared <= {"Bool"}:
        return "Bool"
    if compared and compared <= {"Numeric", "Date"}:
        return "Ordered"
    if compared and compared <= {"IP"}:
        return "IP"
    return "ARN" if held == "ARN" else "String"


_COMPARABLE: Final = {
    "Bool": frozenset(COMPARISONS) - {"Null"},
    "Ordered": frozenset(name for name, each in COMPARISONS.items() if each.type in ("Numeric", "Date")),
    "IP": frozenset(name for name, each in COMPARISONS.items() if each.type == "IP"),
    "ARN": frozenset(name for name, each in COMPARISONS.items() if each.type in ("String", "ARN", "Bool")),
    "String": frozenset(name for name, each in COMPARISONS.items() if each.type in ("String", "ARN", "Bool", "Binary")),
}


def comparable(type_: str, test: Test) -> bool:
    """Whether the chosen values tell all that a test can tell; where not, its answer is left open."""
    return test.comparison in _COMPARABLE[type_]


def representatives(key: str, tests: Sequence[Test]) -> tuple[str, ...]:
    """One value for each class that the tests tell apart, the authors' own first."""
    type_ = type_of(key, tests)
    usable = tuple(test for test in tests if comparable(type_, test))
    if type_ == "Bool":
        return ("true", "false")
    if type_ == "Ordered":
        return _ordered(usable)
    if type_ == "IP":
        return _addresses(usable)
    return _texts(usable, _ANY_ARN if type_ == "ARN" else _ANY)


def texts(literals: Iterable[str], patterns: Iterable[Pattern], universe: tuple[Pattern, ...]) -> tuple[str, ...]:
    """The literals, and a text for each other class that the patterns tell apart in a universe."""
    own = dict.fromkeys(literals)
    apart = dict.fromkeys(patterns)
    while True:
        found = automaton.witnesses(tuple(apart), universe)
        clashes = [automaton.literal(text) for text in found if text in own]
        new = [each for each in clashes if each not in apart]
        if not new:
            return (*own, *(text for text in found if text not in own))
        apart.update(dict.fromkeys(new))


def _texts(tests: Sequence[Test], universe: tuple[Pattern, ...]) -> tuple[str, ...]:
    literals: list[str] = []
    patterns: list[Pattern] = []
    for test in tests:
        kind = COMPARISONS[test.comparison]
        if kind.type == "Bool":
            patterns += [automaton.literal("true", lower=True), automaton.literal("false", lower=True)]
        elif kind.wildcards:
            plain = not any(mark in test.value for mark in "*?$")
            if plain and (kind.type != "ARN" or test.value.count(":") >= 5):
                literals.append(test.value)
            else:
                patterns.append(_glob(test.value, segmented=kind.type == "ARN"))
            patterns += [_SIX_PARTS] if kind.type == "ARN" and universe is _ANY else []
        elif test.comparison == "StringEqualsIgnoreCase":
            patterns.append(automaton.literal(_plain(test.value), lower=True))
        else:
            literals.append(_plain(test.value))
    if "" in literals or universe is _ANY:
        return (*texts(literals, patterns, universe), *([""] if "" not in literals and _tells_empty(tests) else []))
    return texts(literals, patterns, universe)


def _tells_empty(tests: Sequence[Test]) -> bool:
    return any(test.value.strip("*") == "" or set(test.value) <= {"*", "?"} for test in tests)


def _glob(value: str, segmented: bool) -> Pattern:
    """A pattern with `${*}`, `${?}` and `${$}` as the characters themselves."""
    found: Pattern = ()
    while value:
        at = min((value.find(mark) for mark in _ESCAPES if mark in value), default=-1)
        if at < 0:
            return found + automaton.glob(value, segmented=segmented)
        mark = value[at : at + 4]
        found += automaton.glob(value[:at], segmented=segmented) + automaton.literal(_ESCAPES[mark])
        value = value[at + 4 :]
    return found


def _plain(value: str) -> str:
    for mark, meant in _ESCAPES.items():
        value = value.replace(mark, meant)
    return value


def _ordered(tests: Sequence[Test]) -> tuple[str, ...]:
    """Each number that is named, and one below, between and above them; dates lie on whole seconds."""
    named: dict[Fraction, str] = {}
    for test in tests:
        point = _point(test.value)
        if point is not None and answer(Test("DateEquals", test.value), test.value):
            named.setdefault(point, test.value)
    if not named:
        return ("1",)
    dates = any(COMPARISONS[test.comparison].type == "Date" for test in tests)
    points = sorted(named)
    between = [points[0] - 1, points[-1] + 1]
    for low, high in itertools.pairwise(points):
        middle = (low + high) / 2
        whole = Fraction(low.__floor__() + 1)
        if low < whole < high:
            between.append(whole)
        elif not dates:
            between.append(middle)
    as_numbers = dates and any(COMPARISONS[test.comparison].type == "Numeric" for test in tests)
    own = [_digits(point) if as_numbers else text for point, text in sorted(named.items())]
    return (*own, *(_digits(point) for point in between))


def _point(text: str) -> Fraction | None:
    if len(text) > 39:
        return None
    try:
        if not (text.isdigit() and len(text) == 4):
            return Fraction(text)
    except (ValueError, ZeroDivisionError):
        pass
    try:
        found = datetime.fromisoformat(f"{text}-01-01" if len(text) == 4 else text)
    except ValueError:
        return None
    return Fraction((found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp())


def _digits(point: Fraction) -> str:
    return str(point.numerator) if point.denominator == 1 else repr(float(point))


def _addresses(tests: Sequence[Test]) -> tuple[str, ...]:
    """One address out of each stretch between the ends of the networks that are named, in either family."""
    import ipaddress

    starts: dict[int, set[int]] = {4: {0}, 6: {0}}
    for test in tests:
        try:
            network = ipaddress.ip_network(test.value, strict=False)
        except ValueError:
            continue
        first, after = int(network.network_address), int(network.broadcast_address) + 1
        starts[network.version] |= {first, after} - {2**network.max_prefixlen}
    four = [str(ipaddress.IPv4Address(start)) for start in sorted(starts[4])]
    six = [str(ipaddress.IPv6Address(start)) for start in sorted(starts[6])]
    return (*four, *six)
