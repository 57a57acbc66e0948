from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kms_lint.iam import wildcards
from kms_lint.syntax.tree import ANYTHING

PATTERNS = st.text("ab*?", max_size=8)
VALUES = st.text("ab", max_size=8)
UNKNOWN = st.text("ab" + ANYTHING, max_size=6)


def plainly(pattern: str, value: str) -> bool:
    """The same question to the regular expressions of the standard library."""
    written = "".join({"*": ".*", "?": "."}.get(each, re.escape(each)) for each in pattern)
    return re.fullmatch(written, value, re.DOTALL) is not None


@pytest.mark.parametrize(
    ("pattern", "value", "expected"),
    [
        ("", "", True),
        ("*", "", True),
        ("?", "", False),
        ("a*", "a", True),
        ("a*b*c", "axxbyyc", True),
        ("a*b*c", "axxcyyb", False),
        ("ab*ba", "aba", False),
        ("a?c", "abc", True),
        ("A", "a", False),
        ("*\n?", "x\ny", True),
    ],
)
def test_a_pattern_matches(pattern: str, value: str, expected: bool) -> None:
    assert wildcards.matches(pattern, value) is expected


@settings(deadline=None, derandomize=True)
@given(PATTERNS, VALUES)
def test_matching_agrees_with_regular_expressions(pattern: str, value: str) -> None:
    assert wildcards.matches(pattern, value) is plainly(pattern, value)


@settings(deadline=None, derandomize=True)
@given(PATTERNS, UNKNOWN, st.lists(VALUES, min_size=6, max_size=6))
def test_surely_and_possibly_agree_with_every_content_of_the_unknown(
    pattern: str, value: str, contents: list[str]
) -> None:
    parts = iter(contents)
    concrete = "".join(next(parts) if each == ANYTHING else each for each in value)
    if wildcards.surely_matches(pattern, value):
        assert plainly(pattern, concrete)
    if plainly(pattern, concrete):
        assert wildcards.possibly_matches(pattern, value)


@settings(deadline=None, derandomize=True)
@given(PATTERNS, PATTERNS, VALUES)
def test_inclusion_and_overlap_are_sound(outer: str, inner: str, value: str) -> None:
    if wildcards.includes(outer, inner) and plainly(inner, value):
        assert plainly(outer, value)
    if plainly(outer, value) and plainly(inner, value):
        assert wildcards.overlap(outer, inner)


@settings(deadline=None, derandomize=True)
@given(PATTERNS)
def test_a_pattern_includes_itself_and_is_in_everything(pattern: str) -> None:
    assert wildcards.includes(pattern, pattern)
    assert wildcards.includes("*", pattern)
    assert wildcards.overlap(pattern, "*")


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        ("a*c", "*b*", True),
        ("a*", "b*", False),
        ("a?", "?b", True),
        ("??", "???", False),
        ("key/?*", "key/", False),
        ("arn:aws:kms:*", "arn:*:key/*", True),
        (f"a{ANYTHING}", "*b", True),
        (f"a{ANYTHING}", "b*", False),
    ],
)
def test_two_patterns_share_a_value(a: str, b: str, expected: bool) -> None:
    assert wildcards.overlap(a, b) is expected
    assert wildcards.overlap(b, a) is expected


@pytest.mark.parametrize(
    ("outer", "inner", "expected"),
    [
        ("*?", "?*", True),
        ("a*?b", "a?*b", True),
        ("*:*", "arn:*:kms:*", True),
        ("??", "?", False),
        ("*?b", "a*b", True),
        ("a?b", "a*b", False),
        ("*", ANYTHING, True),
        (ANYTHING, "a", False),
    ],
)
def test_one_pattern_includes_another(outer: str, inner: str, expected: bool) -> None:
    assert wildcards.includes(outer, inner) is expected


def test_hostile_patterns_are_answered() -> None:
    long = "*a?" * 11_000
    assert wildcards.matches(long, "a" * 33_000)
    assert not wildcards.matches("*a" * 16_000 + "b", "a" * 32_000)
    assert wildcards.overlap(long, "?*b" * 11_000)


def test_longer_texts_than_any_policy_get_the_careful_answer() -> None:
    long = "?" * 3_000_000
    assert wildcards.overlap(long, "a" * 3_000)
    assert not wildcards.includes(long, "a" * 3_000)
    assert not wildcards.includes(long, "arn:aws:kms:*")
