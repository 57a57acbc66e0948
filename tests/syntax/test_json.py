from __future__ import annotations

import json as standard

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kms_lint.errors import MalformedError
from kms_lint.source import Passage, Source, Span
from kms_lint.syntax import json, locate, passage
from kms_lint.syntax.tree import ANYTHING, Branch, Choice, Items, Mapping, Node, Scalar, Text, Unknown


def parsed(text: str, *holes: Node) -> Node:
    return json.parse(Passage(Source("policy.json", text), text), holes)


def written(node: Node) -> str:
    source, start, end = locate(node.at)
    return source.text[start:end]


def plain(node: Node) -> object:
    """The value as the standard library gives it, numbers as their digits."""
    if isinstance(node, Mapping):
        return {str(name): plain(value) for name, value in node}
    if isinstance(node, Items):
        return [plain(value) for value in node]
    if isinstance(node, Scalar):
        return node.value
    return str(node)


def leaves(node: Node) -> list[Text | Scalar]:
    if isinstance(node, Mapping):
        return [leaf for name, value in node for leaf in (name, *leaves(value))]
    if isinstance(node, Items):
        return [leaf for value in node for leaf in leaves(value)]
    return [node] if isinstance(node, (Text, Scalar)) else []


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None)
@given(value=VALUES, indent=st.sampled_from([None, 0, 3, "\t"]), ascii_only=st.booleans())
def test_every_value_is_read_and_every_leaf_stands_at_its_place(
    value: object, indent: int | str | None, ascii_only: bool
) -> None:
    node = parsed(" \n" + standard.dumps(value, indent=indent, ensure_ascii=ascii_only) + "\r\n")
    assert plain(node) == standard.loads(standard.dumps(value), parse_int=str, parse_float=str)
    for leaf in leaves(node):
        read = standard.loads(written(leaf), parse_int=str, parse_float=str)
        assert read == (leaf.value if isinstance(leaf, Scalar) else str(leaf))


@settings(max_examples=100, deadline=None)
@given(value=VALUES, ascii_only=st.booleans())
def test_json_within_a_string_of_json_stands_at_its_place(value: object, ascii_only: bool) -> None:
    inner = standard.dumps(value, indent=1, ensure_ascii=ascii_only)
    outer = parsed(standard.dumps({"Policy": inner}, ensure_ascii=ascii_only))
    assert isinstance(outer, Mapping)
    text = outer.get("Policy")
    assert isinstance(text, Text)
    decoded = passage(text)
    assert decoded.text == inner
    for leaf in leaves(json.parse(decoded)):
        read = standard.loads(standard.loads(f'"{written(leaf)}"'), parse_int=str, parse_float=str)
        assert read == (leaf.value if isinstance(leaf, Scalar) else str(leaf))


def test_numbers_keep_their_digits() -> None:
    digits = "9" * 5000
    node = parsed(f"[12345670123, {digits}, 1.50, -0]")
    assert plain(node) == ["12345670123", digits, "1.50", "-0"]


def test_a_name_that_occurs_twice_is_there_twice_each_at_its_place() -> None:
    node = parsed('{"a": {"Sid": "x", "Sid" : ["y"]}}')
    assert isinstance(node, Mapping)
    inner = node.get("a")
    assert isinstance(inner, Mapping)
    assert [locate(name.at).start for name, _ in inner] == [7, 19]
    assert [written(value) for _, value in inner] == ['"x"', '["y"]']
    assert written(inner.get("Sid") or node) == '["y"]'


def test_a_byte_order_mark_does_not_move_places() -> None:
    node = parsed('\ufeff{"a": 1}')
    assert isinstance(node, Mapping)
    assert written(node.entries[0][0]) == '"a"'


MALFORMED = {
    "empty": ("", "^", "the text ends here, but a value was expected"),
    "cut": (
        '{"a": [1',
        "1^",
        "the text ends here, but a comma or ] was expected: the list that begins in line 1 is not closed",
    ),
    "trailing comma in a list": ("[1,]", ",", "remove this comma: nothing follows it"),
    "trailing comma in an object": ('{"a": 1,\n}', ",", "remove this comma: nothing follows it"),
    "no colon": ('{"a" 1}', "1", "expected a colon between the name and its value"),
    "no comma": ('["a" "b"]', '"b', "expected a comma or ], the end of the list"),
    "bare name": ("{Version: 1}", "Version", "expected a name in double quotes"),
    "single quotes": ("{'a': 1}", "'", "text is written in double quotes"),
    "comment": ('{"a": 1 // why\n}', "/", "JSON has no comments"),
    "python": ('{"a": True}', "True", "write true in lower case"),
    "not a number": ("[NaN]", "NaN", "NaN is no value in JSON"),
    "infinity": ("[-Infinity]", "-Infinity", "-Infinity is no value in JSON"),
    "leading zero": ("[012]", "012", "a number does not begin with 0: write it as text, in double quotes"),
    "string not closed": ('{"a": "b}', '"b}', "this string is not closed"),
    "line in a string": ('["a\nb"]', "\n", "a line ends inside a string: close the string, or write \\n"),
    "escape": ('["\\d"]', "\\d", "\\d is no escape in JSON: a backslash is written twice"),
    "short escape": ('["\\u12"]', "\\u", "expected four hexadecimal digits after \\u"),
    "a comment at the end": ("{} // x", "/", "JSON has no comments"),
    "two values": ("{} {}", "{", "expected the end here: only one value may stand in a JSON text"),
    "stray bracket": ("]", "]", "this bracket was never opened"),
    "curly quotes": ("[“a”]", "“", "write a straight double quote"),
}


@pytest.mark.parametrize(("text", "place", "message"), MALFORMED.values(), ids=MALFORMED)
def test_what_is_no_json_is_told_where_it_breaks(text: str, place: str, message: str) -> None:
    with pytest.raises(MalformedError) as caught:
        parsed(text)
    assert caught.value.message == message
    source, start, end = caught.value.at
    if place.endswith("^"):
        assert (start, source.text[max(0, start - 1) : start]) == (len(text), place[:-1])
    else:
        assert source.text[start:end].startswith(place[:1])
        assert source.text[start:].startswith(place)


@pytest.mark.parametrize(
    "text", ["[" * 100_000, '{"a":' * 100_000, "[" * 300 + "]" * 300], ids=["list", "object", "closed"]
)
def test_deep_nesting_is_told_at_the_level_that_is_too_deep(text: str) -> None:
    with pytest.raises(MalformedError, match="nested too deeply") as caught:
        parsed(text)
    assert caught.value.at.start == text.index("[" if text[0] == "[" else "{") + 200 * (1 if text[0] == "[" else 5)


def test_many_brackets_side_by_side_are_not_deep() -> None:
    node = parsed("[" + ",".join(["[{}]"] * 500) + "]")
    assert isinstance(node, Items)
    assert plain(node.values[499]) == [{}]


def test_holes_stand_for_values_and_for_parts_of_text() -> None:
    at = Span(Source("main.tf", ""), 0, 0)
    role = Text("<aws_iam_role.a.arn>", at, "arn:<partition>:iam::<account>:role/<aws_iam_role.a.name>")
    unknown = Unknown("var.account", at)
    node = parsed('{"a": \U000f0000, "b": "arn:aws:iam::\U000f0001:root", "c": "\U000f0000"}', role, unknown)
    assert isinstance(node, Mapping)
    assert node.get("a") is role
    part, whole = node.get("b"), node.get("c")
    assert isinstance(part, Text)
    assert isinstance(whole, Text)
    assert (str(part), part.form, part.known) == (
        "arn:aws:iam::<var.account>:root",
        f"arn:aws:iam::{ANYTHING}:root",
        False,
    )
    assert (str(whole), whole.form) == (str(role), role.form)
    assert written(part) == '"arn:aws:iam::\U000f0001:root"'


def test_a_hole_of_a_choice_within_text_is_unknown() -> None:
    at = Span(Source("main.tf", ""), 0, 0)
    node = parsed('["\U000f0000"]', Choice((_branch(at, True), _branch(at, False)), at))
    assert isinstance(node, Items)
    assert isinstance(node.values[0], Text)
    assert not node.values[0].known


def _branch(at: Span, holds: bool) -> Branch:
    return Branch("var.a", holds, Text("x", at))
