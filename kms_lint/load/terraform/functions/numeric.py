"""Functions of numbers.

https://developer.hashicorp.com/terraform/language/functions/abs
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Final

from kms_lint.load.terraform.functions.signature import plainly
from kms_lint.load.terraform.limits import RefusedError, UndecidedError
from kms_lint.load.terraform.scope import TOO_LARGE

_DIGITS: Final = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
_LONGEST: Final = 1_000


def _least(*numbers: Fraction) -> Fraction:
    if not numbers:
        raise RefusedError("it takes one number at least")
    return min(numbers)


def _most(*numbers: Fraction) -> Fraction:
    if not numbers:
        raise RefusedError("it takes one number at least")
    return max(numbers)


def _power(base: Fraction, exponent: Fraction) -> Fraction:
    """As floating point of 64 bits, as Terraform does."""
    try:
        return _exact(math.pow(float(base), float(exponent)))
    except (ValueError, ZeroDivisionError) as error:
        raise RefusedError("that is no number") from error
    except OverflowError as error:
        raise UndecidedError(TOO_LARGE) from error


def _logarithm(number: Fraction, base: Fraction) -> Fraction:
    try:
        return _exact(math.log(float(number)) / math.log(float(base)))
    except (ValueError, ZeroDivisionError) as error:
        raise RefusedError("that is no number") from error
    except OverflowError as error:
        raise UndecidedError(TOO_LARGE) from error


def _exact(value: float) -> Fraction:
    if not math.isfinite(value):
        raise RefusedError("that is no number")
    return Fraction(repr(value))


def _parsed(text: str, base: int) -> Fraction:
    if not 2 <= base <= 62:
        raise RefusedError("a base is between 2 and 62")
    if len(text) > _LONGEST:
        raise UndecidedError(TOO_LARGE)
    digits = text[1:] if text[:1] in "+-" else text
    alphabet = _DIGITS[:base]
    if base <= 36:
        digits = digits.lower()
    if not digits or any(digit not in alphabet for digit in digits):
        raise RefusedError(f"this is no whole number in base {base}")
    value = 0
    for digit in digits:
        value = value * base + alphabet.index(digit)
    return Fraction(-value if text[0] == "-" else value)


def _sign(number: Fraction) -> Fraction:
    return Fraction((number > 0) - (number < 0))


FUNCTIONS: Final = {
    "min": plainly("n*", _least),
    "max": plainly("n*", _most),
    "abs": plainly("n", abs),
    "ceil": plainly("n", lambda number: Fraction(math.ceil(number))),
    "floor": plainly("n", lambda number: Fraction(math.floor(number))),
    "pow": plainly("nn", _power),
    "log": plainly("nn", _logarithm),
    "signum": plainly("w", lambda number: _sign(Fraction(number))),
    "parseint": plainly("sw", _parsed),
}
