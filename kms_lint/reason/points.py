"""Numbers and dates that stand for all others: each that is named, and one below, between and above them."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Final

_HIGHEST, _LOWEST = 99, -99
_LONGEST: Final = 39
"""Longer numbers than this are read by nobody."""


def numbers(named: Mapping[Fraction, str]) -> tuple[str, ...]:
    """The numbers that are named, as written, and one for each gap around them."""
    if not named:
        return ("1",)
    points = sorted(named)
    return (*(named[point] for point in points), *map(_plain, _gaps(points)))


def dates(named: Mapping[Fraction, str]) -> tuple[str, ...]:
    """The dates that are named, as written, and one for each gap around them; dates lie on whole seconds.

    Seconds since 1970 with four digits would be read as a year, and are written with a fraction.
    """
    if not named:
        return ("1",)
    points = sorted(named)
    between = [points[0].__ceil__() - 1, points[-1].__floor__() + 1]
    for low, high in itertools.pairwise(points):
        if low.__floor__() + 1 < high:
            between.append(low.__floor__() + 1)
    return (*(named[point] for point in points), *(seconds(Fraction(point)) for point in between))


def seconds(point: Fraction) -> str:
    """Seconds since 1970."""
    text = _plain(point)
    return f"{text}.0" if len(text) == 4 and text.isdigit() else text


def _gaps(points: list[Fraction]) -> Iterator[Fraction]:
    first, last = points[0], points[-1]
    yield Fraction(first.__ceil__() - 1) if abs(first) < 10**30 else _simplest(first - abs(first), first)
    yield Fraction(last.__floor__() + 1) if abs(last) < 10**30 else _simplest(last, last + abs(last))
    for low, high in itertools.pairwise(points):
        yield _simplest(low, high)


def _simplest(low: Fraction, high: Fraction) -> Fraction:
    """A number between two others with as few digits as can be."""
    if low < 0 < high:
        return Fraction(0)
    for power in range(_HIGHEST, _LOWEST - 1, -1):
        unit = Fraction(10) ** power
        found = ((low / unit).__floor__() + 1) * unit
        if found < high:
            return found
    return (low + high) / 2


def _plain(point: Fraction) -> str:
    """A number in digits, or with an exponent where that would be too long to be read."""
    digits = str(point.numerator) if point.denominator == 1 else ""
    if digits and len(digits) <= _LONGEST:
        return digits
    power = 0
    while point.denominator != 1 and power > 2 * _LOWEST:
        point, power = point * 10, power - 1
    while point and not point.numerator % 10 and power < _HIGHEST:
        point, power = point / 10, power + 1
    whole, sign = str(abs(point.numerator)), "-" if point < 0 else ""
    if 0 < -power <= _LONGEST - 2:
        whole = whole.rjust(1 - power, "0")
        plain = f"{sign}{whole[:power]}.{whole[power:]}"
        if len(plain) <= _LONGEST:
            return plain
    return f"{sign}{whole}e{power}"
