"""Numbers as Terraform computes and writes them: binary floating point with 512 bits.

https://pkg.go.dev/math/big#Float
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from decimal import Decimal
    from fractions import Fraction

PRECISION: Final = 512
_LARGEST: Final = 4096
"""How many bits the whole part of a number may have, and its fraction zeros at the beginning."""

_NUMBER: Final = re.compile(r"([+-]?)(\d+(?:\.\d*)?|\.\d+)(?:[eE]([+-]?\d+))?")
_MOST_DIGITS: Final = 1_000


def number(text: str) -> Fraction | None:
    """The number that a text is; `None` for what is none, or larger than anybody means."""
    match = _NUMBER.fullmatch(text)
    if match is None or len(text) > _MOST_DIGITS or len(match[3] or "") > 5:
        return None
    if abs(int(match[3] or 0)) > _MOST_DIGITS:
        return None
    from fractions import Fraction

    return rounded(Fraction(text if text[-1] != "." else text + "0"))


def rounded(value: Fraction) -> Fraction | None:
    """The number in as many bits as there are, half to even; `None` when it is too large or too small for anybody."""
    if value.denominator == 1 and value.numerator.bit_length() <= PRECISION:
        return value
    shift = PRECISION - (value.numerator.bit_length() - value.denominator.bit_length())
    if abs(shift) > _LARGEST:
        return None
    from fractions import Fraction

    scaled = round(value * Fraction(2) ** shift)
    if scaled.bit_length() > PRECISION:
        shift -= scaled.bit_length() - PRECISION
        scaled = round(value * Fraction(2) ** shift)
    return Fraction(scaled) / Fraction(2) ** shift


@lru_cache(maxsize=1024)
def digits(value: Fraction) -> str:
    """The number as Terraform writes it: the shortest decimal that is read as the same number."""
    if value.denominator == 1:
        return str(value.numerator)
    from fractions import Fraction

    low, high = 1, 160
    while low < high:
        middle = (low + high) // 2
        if rounded(Fraction(_decimal(value, middle))) == value:
            high = middle
        else:
            low = middle + 1
    text = f"{_decimal(value, low):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def scalar(value: bool | str | None) -> str:
    """A number, truth or null as Terraform writes it; a number that is too large to be worked out as it is."""
    if not isinstance(value, str):
        return "null" if value is None else str(value).lower()
    return _shown(value)


def _shown(text: str) -> str:
    if text.isdecimal() and (text[0] != "0" or text == "0"):
        return text
    found = number(text)
    return text if found is None else digits(found)


def _decimal(value: Fraction, significant: int) -> Decimal:
    """The nearest decimal of so many digits."""
    from decimal import Context, Decimal

    context = Context(prec=significant, Emin=-9999, Emax=9999)
    exact = Context(prec=6000, Emin=-99999, Emax=99999)
    return context.plus(exact.divide(Decimal(value.numerator), Decimal(value.denominator)))
