"""Every value of a request gets the same answers from all tests as one of the values that were chosen to stand for it."""

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kms_lint.reason import reference, values
from kms_lint.reason.request import Caller, CallerKind, Request

CALLER = Caller(CallerKind.USER, "user/ann", "111122223333")
ORDERS = ("Equals", "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals")


class Family(NamedTuple):
    """Operators, keys, values of policies and of requests; `held` is whether a request can hold a value for a key."""

    operators: Sequence[str]
    keys: Sequence[str]
    written: Sequence[str]
    sent: Sequence[str]
    held: Callable[[str, str, Sequence[values.Test]], bool]


TEXTS = [
    "a",
    "A",
    "b",
    "*",
    "?",
    "a*",
    "*a",
    "*ab*",
    "a?b",
    "??",
    "*?",
    "",
    "é",
    "É",
    "ß",
    "a b",
    " ",
    "a*\n",
    "日本",
    "true",
    "TRUE",
    "1",
]
ARNS = ["arn:aws:logs:*:1*:*", "arn:aws:iam::1:role/a", "*:*:*:*:*:*", "a:b:c:d:e:f", "a:b", "arn:*", "arn:aws:s3:::b*"]
ESCAPED = ["${*}", "a${*}b", "x${?}", "${$}", "${$}{a}"]
SENT = [
    *TEXTS, *ARNS, "ab", "aab", "aba", "B", "É", "a*b", "axb", "x?", "xy", "${a}", "$", "false", "zzz", "z" * 3000, "a\n",
    "arn:aws:logs:us:1:x", "arn:aws:logs:us:1:x:y", ":::::", "::::::", "arn:aws:s3:::bc", "a:b:c:d:e:f:g", "\u212a",
]  # fmt: skip
NUMBERS = [
    "1", "2", "1.5", "-3", "1e3", "2026", "0", "300", "300.0", "9007199254740992", "9007199254740993", "0.1",
    "0.10000000000000000001", "1e99", "1e-99", "99999999999999999999999999999999999999", "1_0", "nan", "inf", "x", "",
]  # fmt: skip
DATES = [
    "2026", "2026-01-01", "2026-01-01T00:00:00Z", "2026-01-01T02:00:00+02:00", "2026-01-01T00:00:00.5Z", "1767225600",
    "1767225601", "1000", "0001", "0", "-1", "1e3", "9999-12-31T23:59:59Z", "1767225600000", "x", "2026-13-01", "",
]  # fmt: skip
NETWORKS = [
    "10.0.0.0/8", "10.0.0.5/8", "10.0.0.1", "0.0.0.0/0", "::/0", "2001:db8::/32", "::ffff:10.0.0.1", "1.2.3.4/32", "x",
    "", "255.255.255.255", "10.0.0.0/33", "::1/128",
]  # fmt: skip
ADDRESSES = [
    "10.0.0.0", "10.0.0.1", "10.0.0.2", "10.255.255.255", "11.0.0.0", "9.255.255.255", "0.0.0.0", "255.255.255.255", "::",
    "::1", "2001:db8::1", "2001:db9::", "::ffff:10.0.0.1", "1.2.3.4", "ffff::",
]  # fmt: skip


def is_text(key: str, value: str, tests: Sequence[values.Test]) -> bool:
    if values.type_of(key, tests) == "Bool":
        return value in ("true", "false")
    return values.type_of(key, tests) != "ARN" or bool(re.fullmatch("arn:[^:]+:[^:]+:[^:]*:[^:]*:.+", value, re.DOTALL))


def is_number(key: str, value: str, tests: Sequence[values.Test]) -> bool:
    return reference._number(value) is not None


def is_date(key: str, value: str, tests: Sequence[values.Test]) -> bool:
    """Dates lie on whole seconds, and seconds since 1970 of four digits are no date of today."""
    if values.type_of(key, tests) == "Numeric":
        return is_number(key, value, tests)
    instant = reference._instant(value)
    whole = instant is not None and (instant.denominator == 1 or value in [test.value for test in tests])
    return whole and (key != "aws:epochtime" or bool(re.fullmatch(r"-?(\d{1,3}|\d{5,})", value)))


FAMILIES = {
    "texts": Family(
        ("StringEquals", "StringEqualsIgnoreCase", "StringLike", "ArnLike", "ArnEquals", "BinaryEquals", "Bool"),
        ("kms:viaservice", "unknown:key", "aws:sourcearn", "aws:principaltag/x", "kms:grantoperations"),
        [*TEXTS, *ARNS, *ESCAPED],
        SENT,
        is_text,
    ),
    "numbers": Family(
        [f"Numeric{order}" for order in ORDERS],
        ("aws:multifactorauthage", "unknown:key"),
        NUMBERS,
        [*NUMBERS, "-4", "3", "0.05", "0.2", "1000", "1001", "1e98", "9007199254740991", "299.999", "1e-98"],
        is_number,
    ),
    "dates": Family(
        [f"{type_}{order}" for order in ORDERS for type_ in ("Date", "Date", "Numeric")],
        ("aws:currenttime", "aws:epochtime", "kms:validto", "unknown:key"),
        DATES,
        [*DATES, "2025-12-31T23:59:59Z", "2026-01-01T00:00:01Z", "2027", "1767225599", "999", "1001", "99999"],
        is_date,
    ),
    "addresses": Family(
        ("IpAddress",), ("aws:sourceip", "unknown:key"), NETWORKS, ADDRESSES, lambda key, value, tests: True
    ),
}


def answer(key: str, test: values.Test, value: str) -> bool | None:
    request = Request(CALLER, "kms:Decrypt", "arn:aws:kms:::key/1", {key: (value,)})
    return reference.condition(test.comparison, key, [test.value], request)


@pytest.mark.parametrize("family", FAMILIES.values(), ids=list(FAMILIES))
@settings(max_examples=400, deadline=None, derandomize=True)
@given(data=st.data())
def test_every_value_is_stood_for(family: Family, data: st.DataObject) -> None:
    key = data.draw(st.sampled_from(family.keys))
    one = st.builds(values.Test, st.sampled_from(family.operators), st.sampled_from(family.written))
    tests = data.draw(st.lists(one, min_size=1, max_size=4, unique=True))
    chosen = values.representatives(key, tests)
    usable = [test for test in tests if values.comparable(values.type_of(key, tests), test)]
    for value in chosen:
        for test in usable:
            assert values.answer(test, value) == answer(key, test, value), (test, value)
    classes = {tuple(values.answer(test, value) for test in usable) for value in chosen}
    for value in family.sent:
        if family.held(key, value, tests):
            assert tuple(answer(key, test, value) for test in usable) in classes, (key, tests, value)


@pytest.mark.parametrize("count", [2, 4, 20])
def test_overlapping_patterns_are_told_apart_or_given_up(count: int) -> None:
    from kms_lint.reason.formula import BudgetError

    patterns = [values.Test("StringLike", f"*{letter * 2}*") for letter in "abcdefghijklmnopqrst"[:count]]
    if count < 20:
        assert len(values.representatives("kms:viaservice", patterns)) == 2**count
    else:
        with pytest.raises(BudgetError, match="too many overlapping patterns"):
            values.representatives("kms:viaservice", patterns)
