"""What AWS documents of condition operators, row by row, for all that read them here.

What is expected is written out and computed by nothing: see the pages that the tables name. `?` is what they do not decide.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import pytest

from kms_lint.iam import comparisons
from kms_lint.model import PolicyKind
from kms_lint.reason import reference
from kms_lint.reason.compared import Settings
from kms_lint.reason.difference import Verdict, difference
from kms_lint.reason.request import Caller, CallerKind, Request
from kms_lint.reason.statements import Reading
from kms_lint.source import Source, Span
from kms_lint.syntax.tree import Text
from tests.reason.cases import policy

GUIDE = "https://docs.aws.amazon.com/IAM/latest/UserGuide"
OPERATORS = f"{GUIDE}/reference_policies_elements_condition_operators.html"
SETS = f"{GUIDE}/reference_policies_condition-single-vs-multi-valued-context-keys.html"
VARIABLES = f"{GUIDE}/reference_policies_variables.html"

WHEN = ("absent", "empty", "one", "other", "all", "some", "none")
"""The key is absent; has no values; has one that matches, one that does not; has two of which all, one, none match."""

FORMS = f"""
# form of the operator         absent empty one other all some none
plain                              -     -   +    -    ?    ?    ?    {OPERATORS}
plain negated                      +     +   -    +    ?    ?    ?    {OPERATORS}
IfExists                           +     +   +    -    ?    ?    ?    {OPERATORS}#Conditions_IfExists
IfExists negated                   +     +   -    +    ?    ?    ?    {OPERATORS}#Conditions_IfExists
ForAnyValue                        -     -   +    -    +    +    -    {SETS}
ForAnyValue negated                -     -   -    +    -    +    +    {SETS}
ForAllValues                       +     +   +    -    +    -    -    {SETS}
ForAllValues negated               +     +   -    +    -    -    +    {SETS}
ForAnyValue IfExists               +     +   +    -    +    +    -    {SETS}
ForAnyValue IfExists negated       +     +   -    +    -    +    +    {SETS}
ForAllValues IfExists              +     +   +    -    +    -    -    {SETS}
ForAllValues IfExists negated      +     +   -    +    -    -    +    {SETS}
"""


class Family(NamedTuple):
    """An operator, its negation, two values of a policy, and values of requests that match one of those or none."""

    positive: str
    negated: str
    written: tuple[str, ...]
    matching: tuple[str, str]
    others: tuple[str, str]


NETWORKS = ("10.0.0.0/8", "2001:db8::/32")
ARNS = ("arn:aws:iam::111122223333:role/app", "arn:aws:s3:::bucket/*")
FAMILIES = (
    Family("StringEquals", "StringNotEquals", ("a", "b*"), ("a", "b*"), ("A", "bc")),
    Family("StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase", ("a", "Bc"), ("A", "bC"), ("aa", "c")),
    Family("StringLike", "StringNotLike", ("a*", "?b"), ("a", "bb"), ("Ax", "xbx")),
    Family("NumericEquals", "NumericNotEquals", ("1", "2.5"), ("1", "2.5"), ("1.5", "3")),
    Family("NumericLessThan", "", ("1", "5"), ("0", "4"), ("5", "6")),
    Family("NumericLessThanEquals", "", ("1", "5"), ("1", "5"), ("6", "7")),
    Family("NumericGreaterThan", "", ("5", "9"), ("6", "10"), ("5", "4")),
    Family("NumericGreaterThanEquals", "", ("5", "9"), ("5", "9"), ("4", "3")),
    Family(
        "DateEquals",
        "DateNotEquals",
        ("2026-01-01T00:00:00Z", "1772323200"),
        ("2026-01-01T00:00:00Z", "1772323200"),
        ("2026-01-01T00:00:01Z", "2025-01-01T00:00:00Z"),
    ),
    Family(
        "DateLessThan",
        "",
        ("2025-01-01T00:00:00Z", "2026-01-01T00:00:00Z"),
        ("2024-12-31T00:00:00Z", "2025-12-31T23:59:59Z"),
        ("2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z"),
    ),
    Family(
        "DateLessThanEquals",
        "",
        ("2025-01-01T00:00:00Z", "2026-01-01T00:00:00Z"),
        ("2025-01-01T00:00:00Z", "2026-01-01T00:00:00Z"),
        ("2026-01-01T00:00:01Z", "2027-01-01T00:00:00Z"),
    ),
    Family(
        "DateGreaterThan",
        "",
        ("2025-01-01T00:00:00Z", "2026-01-01T00:00:00Z"),
        ("2025-01-01T00:00:01Z", "2027-01-01T00:00:00Z"),
        ("2025-01-01T00:00:00Z", "2024-01-01T00:00:00Z"),
    ),
    Family(
        "DateGreaterThanEquals",
        "",
        ("2025-01-01T00:00:00Z", "2026-01-01T00:00:00Z"),
        ("2025-01-01T00:00:00Z", "2026-01-01T00:00:00Z"),
        ("2024-12-31T23:59:59Z", "2024-01-01T00:00:00Z"),
    ),
    Family("BinaryEquals", "", ("QmluYXJ5", "Zm9v"), ("QmluYXJ5", "Zm9v"), ("YmFy", "Zm9O")),
    Family("IpAddress", "NotIpAddress", NETWORKS, ("10.1.2.3", "2001:db8::1"), ("192.0.2.1", "2001:db9::1")),
    Family("ArnEquals", "ArnNotEquals", ARNS, (ARNS[0], "arn:aws:s3:::bucket/x:y"), ("arn:aws:s3:::b", "arn:aws:s3::1:bucket/x")),
    Family("ArnLike", "ArnNotLike", ARNS, (ARNS[0], "arn:aws:s3:::bucket/x:y"), ("arn:aws:s3:::b", "arn:aws:s3::1:bucket/x")),
)  # fmt: skip

SIGNS = {"+": True, "-": False, "?": None}


def table() -> dict[str, dict[str, bool | None]]:
    rows: dict[str, dict[str, bool | None]] = {}
    for line in FORMS.strip().splitlines()[1:]:
        *form, a, b, c, d, e, f, g, _ = line.split()
        rows[" ".join(form)] = dict(zip(WHEN, (SIGNS[sign] for sign in (a, b, c, d, e, f, g)), strict=True))
    return rows


def rows() -> list[tuple[str, Family, dict[str, bool | None]]]:
    """Each operator as a policy writes it, with its family and what is expected."""
    found = []
    for form, expected in table().items():
        words = form.split()
        before = next((f"{word}:" for word in words if word.startswith("For")), "")
        after = "IfExists" if "IfExists" in words else ""
        for family in FAMILIES:
            name = family.negated if "negated" in words else family.positive
            if name:
                found.append((f"{before}{name}{after}", family, expected))
    return found


def held(family: Family, when: str) -> tuple[str, ...] | None:
    match, other = family.matching, family.others
    return {
        "absent": None,
        "empty": (),
        "one": match[1:],
        "other": other[:1],
        "all": match,
        "some": (other[0], match[1]),
        "none": other,
    }[when]


CALLER = Caller(CallerKind.USER, "user/ann", "111122223333")
Reader = Callable[[str, str, Sequence[str], Sequence[str] | None], bool | None]


def by_reference(operator: str, key: str, written: Sequence[str], present: Sequence[str] | None) -> bool | None:
    context = {} if present is None else {key.lower(): tuple(present)}
    request = Request(CALLER, "kms:Decrypt", "arn:aws:kms:us-east-1:111122223333:key/1", context)
    return reference.condition(operator, key, written, request)


def by_tables(operator: str, key: str, written: Sequence[str], present: Sequence[str] | None) -> bool | None:
    text = Text(operator, Span(Source("", ""), 0, 0))
    return comparisons.outcome(comparisons.parse(text), written, present)


def pinned(operator: str, key: str, present: Sequence[str]) -> dict[str, Any]:
    """The condition that only requests with no other values than these pass, in the terms of the operator."""
    same = equal_to(operator)
    if not present:
        return {"Null": {key: "true"}}
    if key == KEY and ":" not in operator:
        return {"Null": {key: "false"}, same: {key: present[0]}}
    return {"Null": {key: "false"}, f"ForAllValues:{same}": {key: list(present)}}


def equal_to(operator: str) -> str:
    name = operator.rpartition(":")[2].removesuffix("IfExists").replace("Not", "")
    equals = {"Str": "StringEquals", "Arn": "StringEquals", "Num": "NumericEquals", "Dat": "DateEquals"}
    return equals.get(name[:3], "StringEquals" if name == "Null" else name)


def identity(*statements: dict[str, Any]) -> Any:
    return policy({"Version": "2012-10-17", "Statement": list(statements)}, PolicyKind.IDENTITY)


def allow(condition: dict[str, Any]) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*", "Condition": condition}


NEGATED = {
    "StringEquals": "StringNotEquals",
    "NumericEquals": "NumericNotEquals",
    "DateEquals": "DateNotEquals",
    "IpAddress": "NotIpAddress",
}


def by_engine(operator: str, key: str, written: Sequence[str], present: Sequence[str] | None) -> bool | None:
    """Whether all requests with these values pass, or a request with them does not."""
    present = tuple(present or ())
    only = [allow(pinned(operator, key, present))]
    if len(present) == 2:  # two statements that deny what lacks one of the values
        lacking = f"ForAllValues:{NEGATED[equal_to(operator)]}"
        only += [{**allow({lacking: {key: each}}), "Effect": "Deny"} for each in present]
    new, old = identity(*only), identity(allow({operator: {key: list(written)}}))
    settings = Settings(Reading.POLICY_ONLY)
    nothing = difference(identity({**allow({}), "Effect": "Deny"}), new, settings)
    assert nothing.verdict is Verdict.NEW_ACCESS, "no request has these values"
    assert sorted(nothing.groups[0].request.context.get(key.lower(), ())) == sorted(present)
    verdict = difference(old, new, settings).verdict
    return {Verdict.NO_NEW_ACCESS: True, Verdict.NEW_ACCESS: False, Verdict.UNKNOWN: None}[verdict]


READERS: dict[str, Reader] = {"evaluator": by_reference, "tables": by_tables, "engine": by_engine}
KEY = "example:Thing"


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize(("operator", "family", "expected"), rows(), ids=[operator for operator, *_ in rows()])
def test_the_truth_table(operator: str, family: Family, expected: dict[str, bool | None], reader: str) -> None:
    read = READERS[reader]
    plain = (
        reader == "engine" and ":" not in operator
    )  # whether a key of no table holds several, only a set operator says
    asked = [when for when in WHEN if not (plain and when in ("all", "some", "none"))]
    if operator.rpartition(":")[2].startswith("B") and reader == "engine":  # they have no negation to ask with
        asked = [when for when in asked if when not in ("all", "some", "none")]
    found = {when: read(operator, KEY, family.written, held(family, when)) for when in asked}
    assert found == {when: expected[when] for when in asked}


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize(
    "operator", ["StringEquals", "StringNotEquals", "StringLikeIfExists", "StringNotEqualsIfExists"]
)
def test_documentation_leaves_open_what_a_plain_operator_does_with_several_values(operator: str, reader: str) -> None:
    assert READERS[reader](operator, "aws:TagKeys", ["a"], ("a", "b")) is None
    assert READERS[reader](operator, "aws:TagKeys", ["a"], ("a",)) is ("Not" not in operator)


NULL = [(["true"], True, False), (["false"], False, True), (["TRUE"], True, False), (["true", "false"], True, True)]


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize(("written", "absent", "present"), NULL, ids=[" ".join(values) for values, *_ in NULL])
def test_null(written: list[str], absent: bool, present: bool, reader: str) -> None:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_Null"""
    values = (None, (), ("a",), ("a", "b"))
    found = [READERS[reader]("Null", "aws:TagKeys", written, each) for each in values]
    assert found == [absent, absent, present, present]


DATES, IP, ARN = "#Conditions_Date", "#Conditions_IPAddress", "#Conditions_ARN"
VALUES: list[tuple[str, str, str, bool | None, str]] = [
    ("StringEquals", "a", "A", False, "letter case counts"),
    ("StringEquals", "a*", "ab", False, "a wildcard is itself"),
    ("StringEquals", "a?", "ab", False, "a question mark is itself"),
    ("StringEquals", "a*", "a*", True, "a wildcard is itself"),
    ("StringNotEquals", "a*", "ab", True, "a wildcard is itself"),
    ("StringEqualsIgnoreCase", "AbC", "aBc", True, "letter case does not count"),
    ("StringEqualsIgnoreCase", "a*", "ab", False, "a wildcard is itself"),
    ("StringLike", "a*c", "abbc", True, "any number of characters"),
    ("StringLike", "a*c", "ac", True, "none at all"),
    ("StringLike", "a*c", "abcd", False, "the whole text"),
    ("StringLike", "a?c", "ac", False, "one character"),
    ("StringLike", "a?c", "abc", True, "one character"),
    ("StringLike", "A*", "ab", False, "letter case counts"),
    ("StringLike", "arn:*:role", "arn:a:b:role", True, "across colons"),
    ("StringLike", "${*}a", "*a", True, "an asterisk as such"),
    ("StringLike", "${*}a", "ba", False, "an asterisk as such"),
    ("StringLike", "${?}a", "?a", True, "a question mark as such"),
    ("StringLike", "${?}a", "ba", False, "a question mark as such"),
    ("StringLike", "${$}a", "$a", True, "a dollar as such"),
    ("StringEquals", "${*}a", "*a", True, "an asterisk as such"),
    ("NumericEquals", "1", "1.0", True, "a number, not its text"),
    ("NumericEquals", "10", "9.5", False, "fractions"),
    ("NumericLessThan", "10", "10", False, "less"),
    ("NumericLessThan", "10", "9.5", True, "less"),
    ("NumericLessThan", "10", "9", True, "a number, not its text"),
    ("NumericLessThanEquals", "10", "10", True, "or as much"),
    ("NumericLessThanEquals", "10", "10.5", False, "more"),
    ("NumericGreaterThan", "10", "10", False, "more"),
    ("NumericGreaterThan", "-1", "0", True, "below nothing"),
    ("NumericGreaterThanEquals", "10", "10", True, "or as much"),
    ("NumericGreaterThanEquals", "10", "9", False, "less"),
    ("NumericEquals", "many", "5", None, "no number"),
    ("NumericNotEquals", "many", "5", None, "no number"),
    ("DateEquals", "2026-01-01T00:00:00Z", "1767225600", True, "seconds since 1970"),
    ("DateEquals", "1767225600", "2026-01-01T00:00:00Z", True, "seconds since 1970"),
    ("DateEquals", "2026-01-01T02:00:00+02:00", "2026-01-01T00:00:00Z", True, "another zone"),
    ("DateEquals", "2026-01-01", "2026-01-01T00:00:00Z", True, "a day"),
    ("DateNotEquals", "2026-01-01T00:00:00Z", "1767225601", True, "the second after"),
    ("DateLessThan", "2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z", False, "before"),
    ("DateLessThan", "2026-01-01T00:00:00Z", "1767225599", True, "before"),
    ("DateLessThanEquals", "2026-01-01T00:00:00Z", "1767225600", True, "or then"),
    ("DateGreaterThan", "2026-01-01T00:00:00Z", "2026-01-01T01:00:00+02:00", False, "another zone"),
    ("DateGreaterThanEquals", "2026-01-01T00:00:00Z", "1767225600", True, "or then"),
    ("Bool", "TRUE", "true", True, "letter case does not count"),
    ("Bool", "true", "false", False, "the other"),
    ("Bool", "false", "false", True, "the same"),
    ("BinaryEquals", "QmluYXJ5", "qmluyxj5", False, "letter case counts"),
    ("IpAddress", "203.0.113.0/24", "203.0.113.255", True, "the last of the network"),
    ("IpAddress", "203.0.113.0/24", "203.0.114.0", False, "the one after the network"),
    ("IpAddress", "203.0.113.7", "203.0.113.7", True, "one address"),
    ("IpAddress", "203.0.113.7", "203.0.113.8", False, "one address"),
    ("IpAddress", "2001:db8:1234:5678::/64", "2001:db8:1234:5678::1", True, "the other family"),
    ("IpAddress", "0.0.0.0/0", "2001:db8::1", False, "each family for itself"),
    ("IpAddress", "::/0", "203.0.113.7", False, "each family for itself"),
    ("NotIpAddress", "0.0.0.0/0", "2001:db8::1", True, "each family for itself"),
    ("NotIpAddress", "203.0.113.0/24", "203.0.113.7", False, "in the network"),
    ("ArnEquals", "arn:aws:iam::111122223333:role/a*", "arn:aws:iam::111122223333:role/ab", True, "a wildcard counts"),
    ("ArnLike", "arn:aws:iam::*:role/a", "arn:aws:iam::1:role/a", True, "within a part"),
    ("ArnLike", "arn:aws:sns:*:x", "arn:aws:sns:us-east-1:111122223333:x", None, "fewer than six parts"),
    ("ArnLike", "arn:aws:*:*:*:x", "arn:aws:s3:a:b:c:x", False, "not across the first five colons"),
    ("ArnLike", "arn:aws:s3:::*", "arn:aws:s3:::a:b", True, "the last part has its colons"),
    ("ArnNotLike", "arn:aws:s3:::*", "arn:aws:s3:::a:b", False, "the last part has its colons"),
    ("ArnNotEquals", "arn:aws:s3:::a?", "arn:aws:s3:::ab", False, "a wildcard counts"),
    ("ArnLike", "arn:aws:s3:::A", "arn:aws:s3:::a", False, "letter case counts"),
]


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize(
    ("operator", "written", "value", "expected"),
    [row[:4] for row in VALUES],
    ids=[f"{operator} {written} {value} {why}" for operator, written, value, _, why in VALUES],
)
def test_one_value(operator: str, written: str, value: str, expected: bool | None, reader: str) -> None:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html"""
    assert READERS[reader](operator, KEY, [written], (value,)) is expected


def test_every_operator_has_its_row() -> None:
    named = {name for family in FAMILIES for name in (family.positive, family.negated)} - {""}
    assert named | {"Bool", "Null"} == set(comparisons.COMPARISONS)


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize(("form", "expected"), table().items(), ids=list(table()))
def test_bool(form: str, expected: dict[str, bool | None], reader: str) -> None:
    words = form.split()
    if "negated" in words:
        return
    before = next((f"{word}:" for word in words if word.startswith("For")), "")
    operator = f"{before}Bool{'IfExists' if 'IfExists' in words else ''}"
    present = {"absent": None, "empty": (), "one": ("true",), "other": ("false",)}
    found = {when: READERS[reader](operator, KEY, ["true"], values) for when, values in present.items()}
    assert found == {when: expected[when] for when in present}
