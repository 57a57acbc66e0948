from __future__ import annotations

import json as standard

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kms_lint.errors import MalformedError
from kms_lint.source import Source, Span
from kms_lint.syntax import json, locate, passage, yaml
from kms_lint.syntax.tree import Items, Mapping, Node, Scalar, Text, Unknown


def document(text: str) -> Node:
    (node,) = yaml.parse(Source("template.yaml", text))
    return node


def value(text: str, name: str = "a") -> Node:
    node = document(text)
    assert isinstance(node, Mapping)
    found = node.get(name)
    assert found is not None
    return found


def written(node: Node) -> str:
    source, start, end = locate(node.at)
    return source.text[start:end]


SCALARS = {
    "account id": ("012345670123", Scalar, "012345670123"),
    "date": ("2012-10-17", Text, "2012-10-17"),
    "yes": ("yes", Text, "yes"),
    "off": ("off", Text, "off"),
    "true": ("True", Scalar, True),
    "null": ("~", Scalar, None),
    "nothing": ("", Scalar, None),
    "float": ("-1.5e3", Scalar, "-1.5e3"),
    "hexadecimal": ("0x1F", Scalar, "0x1F"),
    "base 60": ("190:20:30", Text, "190:20:30"),
    "in quotes": ("'true'", Text, "true"),
    "standard tag": ("!!str 5", Text, "5"),
    "star in quotes": ('"*"', Text, "*"),
}


@pytest.mark.parametrize(("text", "kind", "expected"), SCALARS.values(), ids=SCALARS)
def test_what_a_scalar_is(text: str, kind: type, expected: object) -> None:
    node = value(f"a: {text}  # why\nb: 1\n")
    assert isinstance(node, kind)
    assert (node.value if isinstance(node, Scalar) else str(node)) == expected
    assert written(node) == text.removeprefix("!!str ")


TAGS = {
    "Ref": ("!Ref A", {"Ref": "A"}),
    "Condition": ("!Condition A", {"Condition": "A"}),
    "GetAtt": ("!GetAtt A.B.Arn", {"Fn::GetAtt": ["A", "B.Arn"]}),
    "GetAtt of a list": ("!GetAtt [A, Arn]", {"Fn::GetAtt": ["A", "Arn"]}),
    "Sub": ("!Sub '${A}/*'", {"Fn::Sub": "${A}/*"}),
    "nested": ("!If [C, !Ref A, !Sub b]", {"Fn::If": ["C", {"Ref": "A"}, {"Fn::Sub": "b"}]}),
    "on lines": ("!Join\n  - ''\n  - - x\n    - !Ref A", {"Fn::Join": ["", ["x", {"Ref": "A"}]]}),
    "block": ("!Sub |\n  x\n  y", {"Fn::Sub": "x\ny\n"}),
    "Transform": ("!Transform {Name: X}", {"Fn::Transform": {"Name": "X"}}),
    "GetAZs": ("!GetAZs ''", {"Fn::GetAZs": ""}),
    "with an anchor": ("!Ref &x A", {"Ref": "A"}),
}


def plain(node: Node) -> object:
    if isinstance(node, Mapping):
        return {str(name): plain(value) for name, value in node}
    if isinstance(node, Items):
        return [plain(value) for value in node]
    return node.value if isinstance(node, Scalar) else str(node)


@pytest.mark.parametrize(("text", "expected"), TAGS.values(), ids=TAGS)
def test_short_tags_mean_the_long_form(text: str, expected: object) -> None:
    node = value(f"a: {text}\n")
    assert plain(node) == expected
    assert written(node) == text


def test_the_parts_of_a_tagged_value_have_their_own_places() -> None:
    node = value("a: !GetAtt 'Key.Arn'\n")
    assert isinstance(node, Mapping)
    (name, parts) = node.entries[0]
    assert isinstance(parts, Items)
    assert [written(name), written(parts), *map(written, parts)] == ["!GetAtt", "'Key.Arn'", "Key", "Arn"]


def test_a_word_under_a_tag_that_nobody_knows_is_unknown() -> None:
    node = value("a: !secret key\n")
    assert isinstance(node, Unknown)
    assert (node.expression, written(node)) == ("!secret key", "!secret key")


def test_collections_end_where_their_last_value_ends() -> None:
    node = document("a:\n  - b: 1\n\n    # c\n  - d\n\n# e\nf: [1, 2]  # g\n")
    assert isinstance(node, Mapping)
    a, f = node.entries[0][1], node.entries[1][1]
    assert isinstance(a, Items)
    assert [written(a), *map(written, a)] == ["- b: 1\n\n    # c\n  - d", "b: 1", "d"]
    assert written(f) == "[1, 2]"


def test_places_are_right_after_a_byte_order_mark_and_odd_line_ends() -> None:
    text = "\ufeffa: 'x\u2028y\u0085z'\r\nb: c\r\n"
    node = value(text, "b")
    assert isinstance(node.at, Span)
    assert (written(node), node.at.source.position(node.at.start)) == ("c", (2, 4))


def test_every_name_that_occurs_twice_is_there_twice() -> None:
    node = document("a: 1\nb: 2\na: 3\n")
    assert isinstance(node, Mapping)
    assert [(str(name), locate(name.at).start) for name, _ in node] == [("a", 0), ("b", 5), ("a", 10)]


def test_merged_entries_yield_to_those_of_the_mapping_itself() -> None:
    node = value("x: &x {p: 1, q: 2}\ny: &y {q: 3, r: 4}\na:\n  <<: [*x, *y]\n  p: 5\n")
    assert plain(node) == {"p": "5", "q": "2", "r": "4"}


def test_a_quoted_merge_key_is_a_name() -> None:
    assert plain(value("a: {'<<': {b: 1}}\n")) == {"<<": {"b": "1"}}


def test_documents_of_a_stream_come_one_by_one() -> None:
    assert [plain(node) for node in yaml.parse(Source("a", "a: 1\n---\n- 2\n...\n---\nnull\n"))] == [
        {"a": "1"},
        ["2"],
        None,
    ]
    assert yaml.parse(Source("a", "# nothing\n")) == ()


POLICY = '{"Version": "2012-10-17",\n  "Statement": [{"Action": "kms:*",\n\n    "Sid": "it is"}]}'
STYLES = {
    "literal": "|\n  " + POLICY.replace("\n", "\n  "),
    "literal with indentation": "|2-\n  " + POLICY.replace("\n", "\n  "),
    "folded": ">-\n  " + POLICY.replace("\n", "\n  "),
    "double quotes": standard.dumps(POLICY),
    "double quotes over lines": standard.dumps(POLICY).replace("\\n", "\n   "),
    "single quotes": "'" + POLICY.replace("it is", "it''s").replace("\n\n", "\n").replace("\n", "\n   ") + "'",
    "plain": "x " + POLICY.replace("\n\n", "\n").replace("\n", "\n  ").replace(": ", ":"),
}


@pytest.mark.parametrize("style", [style for style in STYLES if style != "plain"])
def test_json_in_a_scalar_has_its_places(style: str) -> None:
    text = value(f"a: {STYLES[style]}\nb: 1\n")
    assert isinstance(text, Text)
    node = json.parse(passage(text))
    assert isinstance(node, Mapping)
    statements = node.get("Statement")
    assert isinstance(statements, Items)
    statement = statements.values[0]
    assert isinstance(statement, Mapping)
    name, action = statement.entries[0]
    assert [part.replace("\\", "") for part in (written(name), written(action))] == ['"Action"', '"kms:*"']
    assert written(node).startswith("{")
    assert written(node).endswith("}")


def test_words_of_a_plain_scalar_over_lines_have_their_places() -> None:
    text = value("a: one\n   two\n   three  # c\n")
    assert isinstance(text, Text)
    decoded = passage(text)
    source, start, end = decoded.span(decoded.text.index("three"), len(decoded.text))
    assert source.text[start:end] == "three"


MALFORMED = {
    "colon in text": ("a: b: c", ":", 4, "a colon and a value do not fit here"),
    "tab": ("a:\n\t- b", "\t", 3, "indent with blanks"),
    "list not closed": ("a: [1, 2\n", "[", 3, "this list is not closed"),
    "mapping not closed": ("{a: 1", "{", 0, "this mapping is not closed"),
    "quote not closed": ("a: 'b\n", "'", 3, "this text is not closed"),
    "percent": ("a: %x", "%", 3, "% cannot begin a value"),
    "indentation": ("- a\nb: c", "b", 4, "the indentation does not fit the list above"),
    "escape": ('a: "\\q"', "\\", 4, "this escape does not exist"),
    "control character": ("a: \x01", "\x01", 3, "this character must not occur in YAML"),
    "no such anchor": ("a: *x", "*x", 3, "no anchor &x stands above this"),
    "alias of itself": ("a: &x [*x]", "*x", 7, "an alias stands inside of what it stands for"),
    "merging text": ("a: {<<: b}", "<<", 4, "expected a mapping"),
    "after a byte order mark": ("\ufeffa: b: c", ":", 5, "a colon and a value do not fit here"),
}


@pytest.mark.parametrize(("text", "place", "start", "message"), MALFORMED.values(), ids=MALFORMED)
def test_what_is_no_yaml_is_told_where_it_breaks(text: str, place: str, start: int, message: str) -> None:
    with pytest.raises(MalformedError) as caught:
        yaml.parse(Source("a.yaml", text))
    assert caught.value.message.startswith(message)
    assert (caught.value.at.start, text[caught.value.at.start : caught.value.at.end]) == (start, place)


def bomb(levels: int) -> str:
    lines = [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}' if n else 'x'] * 10)}]" for n in range(levels)]
    return "\n".join(lines)


HOSTILE = {
    "lists": ("[" * 100_000, "nested too deeply"),
    "mappings": ("{a: " * 50_000, "nested too deeply"),
    "dashes": ("- " * 100_000, "nested too deeply"),
    "questions": ("? " * 50_000, "nested too deeply"),
    "alias bomb": (bomb(9), "too large"),
    "alias depth": (
        "\n".join(["a0: &a0 [x]", *(f"a{n}: &a{n} [*a{n - 1}]" for n in range(1, 150))]),
        "nested too deeply",
    ),
    "merge bomb": (
        f"a: &a {{{', '.join(f'k{n}: 1' for n in range(1000))}}}\nb: [{', '.join(['{<<: *a}'] * 1000)}]",
        "too large",
    ),
}


@pytest.mark.parametrize(("text", "message"), HOSTILE.values(), ids=HOSTILE)
def test_hostile_documents_end_with_a_message(text: str, message: str) -> None:
    with pytest.raises(MalformedError, match=message):
        yaml.parse(Source("a.yaml", text))


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet="ab:-[]{}&*!|>'\"#%@,? \n\t\\<~0.é\u2028"))
def test_any_text_is_read_or_malformed(text: str) -> None:
    try:
        documents = yaml.parse(Source("a.yaml", text))
    except MalformedError as error:
        spans = [error.at]
    else:
        spans = [locate(node.at) for node in documents]
    for span in spans:
        assert 0 <= span.start <= span.end <= len(text)
