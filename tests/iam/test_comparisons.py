"""The truth table of condition entries.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
"""

from __future__ import annotations

import pytest

from kms_lint.iam import comparisons
from tests.iam.build import condition, text

POSITIVE = [name for name, each in comparisons.COMPARISONS.items() if not each.negated and name != "Null"]
NEGATED = [name for name, each in comparisons.COMPARISONS.items() if each.negated]


def outcome(operator: str, values: list[str], present: list[str] | None) -> bool | None:
    forms = [text(value).form for value in values]
    return comparisons.outcome(comparisons.parse(text(operator)), forms, present)


@pytest.mark.parametrize("absent", [None, []], ids=["absent", "empty"])
@pytest.mark.parametrize("name", POSITIVE)
def test_positive_operators_without_the_key(name: str, absent: list[str] | None) -> None:
    assert outcome(name, ["x"], absent) is False
    assert outcome(f"{name}IfExists", ["x"], absent) is True
    assert outcome(f"ForAnyValue:{name}", ["x"], absent) is False
    assert outcome(f"ForAnyValue:{name}IfExists", ["x"], absent) is True
    assert outcome(f"ForAllValues:{name}", ["x"], absent) is True


@pytest.mark.parametrize("absent", [None, []], ids=["absent", "empty"])
@pytest.mark.parametrize("name", NEGATED)
def test_negated_operators_without_the_key(name: str, absent: list[str] | None) -> None:
    assert outcome(name, ["x"], absent) is True
    assert outcome(f"{name}IfExists", ["x"], absent) is True
    assert outcome(f"ForAnyValue:{name}", ["x"], absent) is False
    assert outcome(f"ForAllValues:{name}", ["x"], absent) is True


@pytest.mark.parametrize(
    ("operator", "values", "present", "expected"),
    [
        ("Null", ["true"], None, True),
        ("Null", ["true"], ["x"], False),
        ("Null", ["false"], None, False),
        ("Null", ["False"], ["x"], True),
        ("Null", ["true", "false"], ["x"], True),
        ("ForAllValues:Null", ["true"], None, None),
        ("StringEquals", ["a", "b"], ["b"], True),
        ("StringEquals", ["a", "b"], ["c"], False),
        ("StringEquals", ["a*"], ["ab"], False),
        ("StringEquals", ["a*"], ["a*"], True),
        ("StringEquals", ["A"], ["a"], False),
        ("StringEqualsIgnoreCase", ["A"], ["a"], True),
        ("StringNotEquals", ["a", "b"], ["b"], False),
        ("StringNotEquals", ["a", "b"], ["c"], True),
        ("StringNotEqualsIgnoreCase", ["A"], ["a"], False),
        ("StringLike", ["s3.*.amazonaws.com"], ["s3.eu-west-1.amazonaws.com"], True),
        ("StringLike", ["a${*}"], ["ab"], False),
        ("StringLike", ["a${*}"], ["a*"], True),
        ("StringLike", ["a*"], ["a${*}"], True),
        ("StringNotLike", ["a*"], ["ab"], False),
        ("StringNotLike", ["a*"], ["b"], True),
        ("StringEqualsIfExists", ["a"], ["b"], False),
        ("StringNotEqualsIfExists", ["a"], ["a"], False),
        ("Bool", ["true"], ["true"], True),
        ("Bool", ["TRUE"], ["true"], True),
        ("Bool", ["false"], ["true"], False),
        ("Bool", ["yes"], ["true"], None),
        ("NumericLessThanEquals", ["7"], ["7"], True),
        ("NumericLessThan", ["7"], ["7"], False),
        ("NumericGreaterThan", ["7"], ["7.5"], True),
        ("NumericGreaterThanEquals", ["7"], ["6"], False),
        ("NumericEquals", ["7"], ["7.0"], True),
        ("NumericNotEquals", ["7"], ["7"], False),
        ("NumericEquals", ["seven"], ["7"], None),
        ("NumericNotEquals", ["seven"], ["7"], None),
        ("DateLessThan", ["2026-11-01T00:00:00Z"], ["2026-10-31T23:59:59Z"], True),
        ("DateGreaterThan", ["2026-11-01"], ["2026-11-01T00:00:01Z"], True),
        ("DateEquals", ["1793491200"], ["2026-11-01T00:00:00Z"], True),
        ("DateEquals", ["2026-11-01T02:00:00+02:00"], ["2026-11-01T00:00:00Z"], True),
        ("DateLessThan", ["soon"], ["2026-11-01"], None),
        ("BinaryEquals", ["QmluYXJ5"], ["QmluYXJ5"], True),
        ("IpAddress", ["192.0.2.0/24"], ["192.0.2.9"], True),
        ("IpAddress", ["192.0.2.0/24"], ["198.51.100.1"], False),
        ("IpAddress", ["0.0.0.0/0"], ["2001:db8::1"], False),
        ("IpAddress", ["2001:db8::/32"], ["2001:db8::1"], True),
        ("NotIpAddress", ["192.0.2.0/24"], ["198.51.100.1"], True),
        ("NotIpAddress", ["192.0.2.9"], ["192.0.2.9"], False),
        ("IpAddress", ["nonsense"], ["192.0.2.9"], None),
        ("ArnLike", ["arn:aws:iam::*:role/x"], ["arn:aws:iam::111122223333:role/x"], True),
        ("ArnEquals", ["arn:aws:iam::*:role/x*"], ["arn:aws:iam::111122223333:role/xy"], True),
        # the six parts match one by one: the wildcard does not run over a colon
        ("ArnLike", ["arn:aws:*:role/x:*:y"], ["arn:aws:iam::111122223333:role/x"], False),
        ("ArnLike", ["arn:aws:sns:*:*"], ["arn:aws:sns:us-east-1:111122223333:topic"], None),
        ("ArnNotLike", ["arn:aws:iam::*:role/x"], ["arn:aws:iam::111122223333:role/y"], True),
        ("ArnNotEquals", ["arn:aws:iam::*:role/x"], ["arn:aws:iam::111122223333:role/x"], False),
        ("ForAnyValue:StringEquals", ["a"], ["a", "b"], True),
        ("ForAnyValue:StringEquals", ["a"], ["b", "c"], False),
        ("ForAllValues:StringEquals", ["a", "b"], ["a", "b"], True),
        ("ForAllValues:StringEquals", ["a"], ["a", "b"], False),
        ("ForAnyValue:StringNotEquals", ["a"], ["a", "b"], True),
        ("ForAnyValue:StringNotEquals", ["a"], ["a"], False),
        ("ForAllValues:StringNotEquals", ["a"], ["a", "b"], False),
        ("ForAllValues:StringNotEquals", ["a"], ["b", "c"], True),
        ("StringEquals", ["a"], ["a", "b"], None),
        ("StringEquals", ["${aws:username}"], ["bob"], None),
        ("StringEquals", ["${aws:username}", "bob"], ["bob"], True),
        ("StringEquals", ["@"], ["bob"], None),
        ("StringNotEquals", ["@"], ["bob"], None),
        ("StringNotEquals", ["@", "bob"], ["bob"], False),
        ("StringEquals", [], ["bob"], False),
        ("StringNotEquals", [], ["bob"], True),
        ("StringIs", ["bob"], ["bob"], None),
    ],
)
def test_an_entry_holds(operator: str, values: list[str], present: list[str] | None, expected: bool | None) -> None:
    assert outcome(operator, values, present) is expected


@pytest.mark.parametrize(
    ("written", "comparison", "if_exists", "quantifier"),
    [
        ("StringEquals", "StringEquals", False, None),
        ("ForAllValues:StringNotLikeIfExists", "StringNotLike", True, "ForAllValues"),
        ("ForAnyValue:ArnLike", "ArnLike", False, "ForAnyValue"),
        ("Null", "Null", False, None),
        ("NullIfExists", None, True, None),
        ("stringequals", None, False, None),
        ("ForSomeValues:StringEquals", None, False, None),
        ("StringEqual", None, False, None),
        ("@", None, False, None),
        ("", None, False, None),
    ],
)
def test_operators_are_taken_apart(
    written: str, comparison: str | None, if_exists: bool, quantifier: str | None
) -> None:
    found = comparisons.parse(text(written))
    assert (found.comparison, found.if_exists, found.quantifier) == (comparison, if_exists, quantifier)
    assert found.text == written


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("stringequals", "StringEquals"),
        ("StringEqual", "StringEquals"),
        ("StringNotEqual", "StringNotEquals"),
        ("forallvalues:StringLke", "ForAllValues:StringLike"),
        ("StringsEqualsIfExists", "StringEqualsIfExists"),
        ("NullIfExists", "Null"),
        ("IpAdress", "IpAddress"),
        ("Contains", None),
    ],
)
def test_did_you_mean(written: str, meant: str | None) -> None:
    assert comparisons.suggestion(written) == meant


@pytest.mark.parametrize(
    ("operator", "value", "expected"),
    [
        ("StringEquals", "x", False),
        ("StringNotEquals", "x", True),
        ("BoolIfExists", "true", True),
        ("ForAllValues:StringEquals", "x", True),
        ("Null", "true", True),
        ("Null", "false", False),
        ("Null", "@", None),
        ("@", "x", None),
    ],
)
def test_an_entry_passes_by_absence(operator: str, value: str, expected: bool | None) -> None:
    assert comparisons.passes_when_absent(condition(operator, "aws:PrincipalOrgID", value)) is expected
