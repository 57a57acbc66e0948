"""`format` and `formatlist`.

https://developer.hashicorp.com/terraform/language/functions/format
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction
from typing import Final, NamedTuple

from kms_lint.load.terraform.characters import Piece, computed, fixed, pieces
from kms_lint.load.terraform.conversion import kind, number_of, string, truth_of
from kms_lint.load.terraform.functions.graphemes import clusters
from kms_lint.load.terraform.functions.signature import Asked, Function, several, text
from kms_lint.load.terraform.known import amount
from kms_lint.load.terraform.limits import LARGEST, RefusedError, UndecidedError, fits
from kms_lint.load.terraform.scope import TOO_LARGE
from kms_lint.load.terraform.value import ListOf, is_null, opaque
from kms_lint.syntax.tree import ANYTHING, Items, Mapping, Node, Scalar, Text, Unknown

_VERB: Final = re.compile(r"%(?:(%)|([ +#0-]*)(\d*)(?:(\.)(\d*))?(?:\[(\d+)\])?(.?))", re.DOTALL)
_LARGEST_PLAIN: Final = 6
"""From which power of ten on a number is written with an exponent."""

_WHOLE: Final = {"d": "d", "b": "b", "o": "o", "x": "x", "X": "X"}


class _Verb(NamedTuple):
    letter: str
    flags: str
    width: int
    precision: int | None


def formatted(template: str, values: Sequence[Node]) -> list[Piece]:
    """The pieces of a text in which values stand for verbs. Raises RefusedError, and UndecidedError."""
    found: list[Piece] = []
    at = following = highest = 0
    for match in _VERB.finditer(template):
        found.append(template[at : match.start()])
        at = match.end()
        if match[1]:
            found.append("%")
            continue
        index = int(match[6]) - 1 if match[6] else following
        following = index + 1
        highest = max(highest, following)
        if not 0 <= index < len(values):
            raise RefusedError("it has more verbs than there are values")
        found.extend(_filled(_verb(match), values[index]))
        fits(sum(map(len, found[-3:])))
    if highest < len(values):
        raise RefusedError("it has fewer verbs than there are values")
    found.append(template[at:])
    return found


def _verb(match: re.Match[str]) -> _Verb:
    width = int(match[3][:9] or 0)
    precision = int(match[5][:9] or 0) if match[4] else None
    if max(width, precision or 0) > LARGEST:
        raise UndecidedError(TOO_LARGE)
    return _Verb(match[7], match[2], width, precision)


def _filled(verb: _Verb, value: Node) -> list[Piece]:
    if verb.letter in "sqv" and verb.letter and not verb.width and verb.precision is None and not verb.flags:
        parts = _unquoted(verb, value)
        if parts is not None:
            return parts
    if isinstance(value, Unknown):
        return [opaque(value)]
    if isinstance(value, Text) and fixed(value) is None:
        return [Text(str(value), value.at, ANYTHING)]
    shown = _shown(verb, value)
    return [shown if verb.letter == "t" else _padded(shown, verb)]


def _unquoted(verb: _Verb, value: Node) -> list[Piece] | None:
    """A text, number or truth just as it is, known or not."""
    if is_null(value) and verb.letter == "s":
        raise RefusedError("null cannot be part of a text")
    if verb.letter == "q" or is_null(value) or isinstance(value, Items | Mapping):
        return None
    if verb.letter == "v" and kind(value) == "number":
        return None
    return pieces(value)


def _shown(verb: _Verb, value: Node) -> str:
    letter = verb.letter
    if letter == "v" and "#" in verb.flags:
        return _json(value)
    if letter == "v":
        if isinstance(value, Text):
            return _cut(text(value), verb)
        if isinstance(value, Scalar) and isinstance(value.value, str):
            return _number(verb._replace(letter="g"), amount(value))
        return _json(value)
    if is_null(value):
        raise RefusedError("null cannot be part of a text")
    if letter == "t":
        return str(truth_of(value)).lower()
    if letter == "s":
        return _cut(text(string(value)), verb)
    if letter == "q":
        return _json(Text(_cut(text(string(value)), verb), value.at))
    if letter and letter in "dboxXeEfFgG":
        return _number(verb, number_of(value))
    raise RefusedError(f"`%{letter}` is no verb")


def _cut(shown: str, verb: _Verb) -> str:
    return shown if verb.precision is None else "".join(clusters(shown)[: verb.precision])


def _json(value: Node) -> str:
    from kms_lint.load.terraform.json_encoding import encoded

    found = encoded(value)
    if any(isinstance(piece, Text) for piece in found):
        raise UndecidedError
    return "".join(found)


def _number(verb: _Verb, value: Fraction) -> str:
    letter = verb.letter
    sign = "+" if "+" in verb.flags else " " if " " in verb.flags else ""
    if letter in _WHOLE:
        if value.denominator != 1:
            raise RefusedError("a whole number is required here")
        shown = format(abs(int(value)), _WHOLE[letter])
        if "#" in verb.flags and letter in "oxX":
            shown = {"o": "0", "x": "0x", "X": "0X"}[letter] + shown
        shown = shown.zfill(verb.precision or 0)
    else:
        shown = _real(verb, abs(value))
    shown = ("-" if value < 0 else sign) + shown
    if "0" in verb.flags and "-" not in verb.flags and len(shown) < verb.width:
        begins = len(shown) - len(shown.lstrip("+- "))
        shown = shown[:begins] + shown[begins:].zfill(verb.width - begins)
    return shown


def _real(verb: _Verb, value: Fraction) -> str:
    from decimal import Context, Decimal

    exact = Context(prec=2000).divide(Decimal(value.numerator), Decimal(value.denominator))
    letter, precision = verb.letter, verb.precision
    if letter in "gG" and precision is None:
        return _shortest(value, letter)
    if (precision or 0) > 1000:
        raise UndecidedError(TOO_LARGE)
    shown = format(exact, f".{6 if precision is None else precision}{letter}")
    return re.sub(r"([eE][+-])(\d)$", r"\g<1>0\2", shown)


def _shortest(value: Fraction, letter: str) -> str:
    from decimal import Decimal

    from kms_lint.load.terraform.numbers import digits

    plain = digits(value)
    _, figures, _ = Decimal(plain).as_tuple()
    exponent = Decimal(plain).adjusted() if value else 0
    if -4 <= exponent < _LARGEST_PLAIN:
        return plain
    shown = "".join(map(str, figures)).rstrip("0") or "0"
    mantissa = shown[0] + ("." + shown[1:] if len(shown) > 1 else "")
    return f"{mantissa}{'e' if letter == 'g' else 'E'}{exponent:+03d}"


def _padded(shown: str, verb: _Verb) -> str:
    missing = verb.width - len(clusters(shown))
    if missing <= 0:
        return shown
    blank = " " * missing
    return shown + blank if "-" in verb.flags else blank + shown


def _format(values: Sequence[Node], asked: Asked) -> Node:
    return computed(formatted(text(values[0]), values[1:]), asked.at)


def _format_list(values: Sequence[Node], asked: Asked) -> Node:
    """A text for each element of the lists, which are of one length; what is no list is the same in each."""
    lists = [value for value in values[1:] if isinstance(value, Items)]
    if any(isinstance(value, Unknown) for value in values[1:]) or any(several(each.values) for each in lists):
        raise UndecidedError
    lengths = {len(each) for each in lists}
    if len(lengths) > 1:
        raise RefusedError("its lists must be of one length")
    template = text(values[0])
    made: list[Node] = []
    for index in range(lengths.pop() if lengths else 1):
        row = [value.values[index] if isinstance(value, Items) else value for value in values[1:]]
        made.append(computed(formatted(template, row), asked.at))
    return ListOf(made, asked.at)


FUNCTIONS: Final = {
    "format": Function(1, None, _format, deep=True),
    "formatlist": Function(1, None, _format_list, deep=True),
}
