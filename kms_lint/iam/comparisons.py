"""Condition operators: which there are, and when an entry holds.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html

This is the one reading of operators. Loading stores an operator's text only; `parse` takes it apart.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from kms_lint.iam import kms, wildcards
from kms_lint.model import Condition, Operator
from kms_lint.spelling import nearest
from kms_lint.syntax.tree import ANYTHING, Text

if TYPE_CHECKING:
    from fractions import Fraction


class Comparison(NamedTuple):
    """What an operator compares (`String`, `Numeric`, `Date`, `Bool`, `Binary`, `IP`, `ARN`, `Null`), and how."""

    type: str
    negated: bool
    wildcards: bool


COMPARISONS: Final = {
    name: Comparison(words.split()[0], "negated" in words.split(), "wildcards" in words.split())
    for name, words in kms.OPERATORS.items()
}
"""The operators by AWS's spelling, without quantifier and `IfExists`."""

_ESCAPES: Final = {"${*}": "\ue005", "${?}": "\ue006", "${$}": "\ue007"}

_NUMBER: Final = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,2})?")

FOR_ALL: Final = "ForAllValues"
FOR_ANY: Final = "ForAnyValue"


def parse(text: Text) -> Operator:
    """An operator taken apart; `comparison` is `None` for one that does not exist or is not known.

    Spelling is AWS's, letter case included.
    """
    return Operator(text, *_parse(text.form))


@functools.lru_cache(maxsize=512)
def _parse(form: str) -> tuple[str | None, bool, str | None]:
    before, colon, rest = form.partition(":")
    quantifier = before if colon and before in (FOR_ALL, FOR_ANY) else None
    name = rest if quantifier else form
    if_exists = name.endswith("IfExists")
    name = name.removesuffix("IfExists")
    exists = name in COMPARISONS and not (name == "Null" and if_exists)
    return (name if exists else None), if_exists, quantifier


def comparison(operator: Operator) -> Comparison | None:
    """What an operator compares; `None` for one that does not exist or is not known."""
    name = _parse(operator.text.form)[0]
    return COMPARISONS[name] if name is not None else None


def suggestion(text: str) -> str | None:
    """The operator that was probably meant by one that does not exist."""
    before, colon, rest = text.partition(":")
    prefixes = {name.lower(): name + ":" for name in (FOR_ALL, FOR_ANY)}
    prefix = prefixes.get(before.lower(), "") if colon else ""
    name = (rest if colon else text)[:64].lower()
    suffix = "IfExists" if name.endswith("ifexists") else ""
    meant = nearest(name.removesuffix("ifexists"), COMPARISONS, 0.7)
    return meant and prefix + meant + (suffix if meant != "Null" else "")


def passes_when_absent(condition: Condition) -> bool | None:
    """Whether an entry holds for a request that does not carry its key; `None` when too little is known."""
    return outcome(parse(condition.operator.text), [value.form for value in condition.values], None)


def outcome(operator: Operator, values: Sequence[str], present: Sequence[str] | None) -> bool | None:
    """Whether a condition entry holds for a request that carries the values `present` for its key.

    `None` or nothing for `present` means that the request does not carry the key. The answer is `None` where AWS's
    documentation does not decide: a plain operator on several values, a value of the wrong type, an unknown part.
    """
    name, if_exists, quantifier = _parse(operator.text.form)
    if name is None:
        return None
    if name == "Null":
        return None if quantifier else _null(values, bool(present))
    kind = COMPARISONS[name]
    if not present:
        if quantifier == FOR_ANY:
            return if_exists
        return if_exists or quantifier == FOR_ALL or kind.negated
    each = [_entry(name, kind, values, value) for value in present]
    if quantifier == FOR_ALL:
        return _all(each)
    if quantifier == FOR_ANY:
        return _any(each)
    return each[0] if len(each) == 1 else None


def _null(values: Sequence[str], present: bool) -> bool | None:
    wanted = "false" if present else "true"
    return _any(None if ANYTHING in value else value.lower() == wanted for value in values)


def _entry(name: str, kind: Comparison, values: Sequence[str], value: str) -> bool | None:
    """Whether one value of the request satisfies the operator: it matches one of the values, or none when negated."""
    found = _any(_match(name, kind, written, value) for written in values)
    return found if found is None or not kind.negated else not found


def _match(name: str, kind: Comparison, written: str, value: str) -> bool | None:
    """Whether a value of the request is what one value of the policy says, the negation left out."""
    if ANYTHING in written:
        return None
    if "${" in written:
        for escape, private in _ESCAPES.items() if kind.wildcards else ():
            written, value = written.replace(escape, private), value.replace(escape[2], private)
        if "${" in functools.reduce(lambda text, escape: text.replace(escape, ""), _ESCAPES, written):
            return None  # a policy variable: what it stands for depends on the request
        for escape in _ESCAPES:
            written = written.replace(escape, escape[2])
    return _COMPARE[kind.type](name.replace("Not", "", 1), written, value)


def _string(name: str, written: str, value: str) -> bool | None:
    if name == "StringLike":
        return wildcards.matches(written, value)
    if name == "StringEqualsIgnoreCase":
        return written.lower() == value.lower()
    return written == value


def _arn(name: str, written: str, value: str) -> bool | None:
    """The six parts of an ARN match one by one: a text without five colons has no match, however it is compared."""
    pattern, parts = written.split(":", 5), value.split(":", 5)
    if len(pattern) != 6:
        return None
    return len(parts) == 6 and all(wildcards.matches(mine, part) for mine, part in zip(pattern, parts, strict=True))


def _bool(name: str, written: str, value: str) -> bool | None:
    mine, other = written.lower(), value.lower()
    return mine == other if {mine, other} <= {"true", "false"} else None


def _binary(name: str, written: str, value: str) -> bool | None:
    return written == value


def _numeric(name: str, written: str, value: str) -> bool | None:
    return _ordered(name.removeprefix("Numeric"), _number(written), _number(value))


def _date(name: str, written: str, value: str) -> bool | None:
    return _ordered(name.removeprefix("Date"), _instant(written), _instant(value))


def _ordered(name: str, written: Fraction | None, value: Fraction | None) -> bool | None:
    if written is None or value is None:
        return None
    return {
        "Equals": value == written,
        "LessThan": value < written,
        "LessThanEquals": value <= written,
        "GreaterThan": value > written,
        "GreaterThanEquals": value >= written,
    }[name]


def point(type_: str, text: str) -> Fraction | None:
    """The number, or for `Date` the instant, that a text means to an operator; `None` when it is none."""
    return _instant(text) if type_ == "Date" else _number(text)


def _number(text: str) -> Fraction | None:
    """A decimal number, exactly: two long ones that differ in the last digit are two."""
    from fractions import Fraction

    return Fraction(text) if len(text) < 40 and _NUMBER.fullmatch(text) else None


def _instant(text: str) -> Fraction | None:
    """The second of a date, written in the W3C profile of ISO 8601 or as seconds since 1970."""
    number = _number(text)
    if number is not None and not (text.isdigit() and len(text) == 4):
        return number
    from datetime import UTC, datetime
    from fractions import Fraction

    try:
        found = datetime.fromisoformat(f"{text}-01-01" if len(text) == 4 else text)
    except ValueError:
        return None
    return Fraction((found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp())


def _ip(name: str, written: str, value: str) -> bool | None:
    import ipaddress

    try:
        network, other = ipaddress.ip_network(written, strict=False), ipaddress.ip_network(value, strict=False)
    except ValueError:
        return None
    if isinstance(network, ipaddress.IPv4Network) and isinstance(other, ipaddress.IPv4Network):
        return other.subnet_of(network)
    if isinstance(network, ipaddress.IPv6Network) and isinstance(other, ipaddress.IPv6Network):
        return other.subnet_of(network)
    return False


_COMPARE: Final[dict[str, Callable[[str, str, str], bool | None]]] = {
    "String": _string,
    "ARN": _arn,
    "Bool": _bool,
    "Binary": _binary,
    "Numeric": _numeric,
    "Date": _date,
    "IP": _ip,
}


def _any(each: Iterable[bool | None]) -> bool | None:
    """True when one is true, false when all are false."""
    found = list(each)
    return True if True in found else None if None in found else False


def _all(each: Iterable[bool | None]) -> bool | None:
    """False when one is false, true when all are true."""
    found = list(each)
    return False if False in found else None if None in found else True
