"""Values of a condition key that stand for all others: one for each class that the policies tell apart.

Operators are read by `iam.comparisons` alone; here are only the values to ask it about, chosen so that any other value
gets the same answers as one of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from functools import lru_cache
from typing import Final, NamedTuple

from kms_lint.iam import comparisons, keys
from kms_lint.iam.comparisons import COMPARISONS
from kms_lint.reason import automaton, points
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
    held = {"IPAddress": "IP"}.get(known.type, known.type) if known else ""
    if held in ("Bool", "Numeric", "Date", "IP"):
        return "Seconds" if key == "aws:epochtime" else held
    compared = {COMPARISONS[test.comparison].type for test in tests}
    if compared and compared <= {"Numeric", "Date"}:
        return min(compared, key=("Numeric", "Date").index)
    if len(compared) == 1 and compared <= {"Bool", "IP"}:
        return compared.pop()
    return "ARN" if held == "ARN" else "String"


def _of(*types: str) -> frozenset[str]:
    return frozenset(name for name, each in COMPARISONS.items() if each.type in types)


_COMPARABLE: Final = {
    "Bool": frozenset(COMPARISONS) - {"Null"},
    "Numeric": _of("Numeric"),
    "Date": _of("Date"),
    "Seconds": _of("Numeric", "Date"),
    "IP": _of("IP"),
    "ARN": _of("String", "ARN", "Bool"),
    "String": _of("String", "ARN", "Bool", "Binary"),
}


def comparable(type_: str, test: Test) -> bool:
    """Whether the chosen values tell all that a test can tell; where not, its answer is left open."""
    return test.comparison in _COMPARABLE[type_]


_ITSELF: Final = {"Numeric": "NumericEquals", "Date": "DateEquals", "Seconds": "DateEquals", "IP": "IpAddress"}


def representatives(key: str, tests: Sequence[Test], *, two_of_each: bool = False) -> tuple[str, ...]:
    """One value for each class that the tests tell apart, the authors' own first.

    With `two_of_each` two of them where a class has more than one, for questions about how many values there are.
    """
    type_ = type_of(key, tests)
    if two_of_each:
        itself = _ITSELF.get(type_, "StringEquals")
        tests = (*tests, *(Test(itself, _escaped(each)) for each in representatives(key, tests)))
    usable = tuple(test for test in tests if comparable(type_, test))
    if type_ == "Bool":
        return ("true", "false")
    if type_ == "Numeric":
        return points.numbers(_named(usable))
    if type_ in ("Date", "Seconds"):
        named = _named(usable)
        digits = type_ == "Seconds" and any(COMPARISONS[test.comparison].type == "Numeric" for test in usable)
        return points.dates({point: points.seconds(point) for point in named} if digits else named)
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


def _escaped(text: str) -> str:
    """A text that means itself in a policy."""
    return text.replace("$", "${$}")


def _named(tests: Sequence[Test]) -> dict[Fraction, str]:
    """The numbers, or the instants, that tests name."""
    named: dict[Fraction, str] = {}
    for test in tests:
        point = comparisons.point(COMPARISONS[test.comparison].type, test.value)
        if point is not None:
            named.setdefault(point, test.value)
    return named


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
