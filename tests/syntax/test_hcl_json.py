"""Terraform's JSON syntax: blocks, expressions, and where each of them is written."""

from __future__ import annotations

import pytest

from kms_lint.source import Source, Span
from kms_lint.syntax.expression import Attribute, Block, Broken, Call, Expression, Literal, Template
from kms_lint.syntax.hcl_json import parse, variables
from kms_lint.syntax.tree import Text


def blocks(text: str) -> list[Block]:
    found = parse(Source("main.tf.json", text))
    assert found.errors == ()
    return list(found.blocks)


def there(span: object) -> str:
    assert isinstance(span, Span)
    return span.source.text[span.start : span.end]


def named(block: Block) -> str:
    return " ".join((block.type, *block.labels))


BLOCKS = [
    (
        "labels",
        '{"resource": {"a": {"x": {}, "y": {}}, "b": {"x": {}}}}',
        ["resource a x", "resource a y", "resource b x"],
    ),
    ("a list at the top", '[{"locals": {}}, {"variable": {"v": {}}}]', ["locals", "variable v"]),
    ("lists at every level", '{"resource": [{"a": [{"x": [{}, {}]}]}]}', ["resource a x", "resource a x"]),
    ("a comment", '{"//": "said", "resource": {"//": {"x": {}}, "a": {"//": "said", "x": {}}}}', ["resource a x"]),
    ("null", '{"resource": null, "module": {"m": null}, "output": {"o": {}}}', ["output o"]),
    ("the same type twice", '{"data": {"a": {"x": {}}}, "data": {"b": {"y": {}}}}', ["data a x", "data b y"]),
    (
        "no labels",
        '{"terraform": {"required_version": "1"}, "moved": [{"from": "a.b"}, {"from": "c.d"}]}',
        ["terraform", "moved", "moved"],
    ),
    ("a mark before the text", '\ufeff{"module": {"m": {"source": "./m"}}}', ["module m"]),
    ("nothing", "{}", []),
]


@pytest.mark.parametrize(("text", "expected"), [row[1:] for row in BLOCKS], ids=[row[0] for row in BLOCKS])
def test_blocks(text: str, expected: list[str]) -> None:
    assert [named(block) for block in blocks(text)] == expected


def test_where_a_block_is() -> None:
    (first, second) = blocks('{"resource": {"a": {"x": [{"n": 1}, {"n": 2}]}}}')
    assert [there(first.header), there(second.header)] == ["{", "{"]
    assert [there(first.at), there(second.at)] == ['{"n": 1}', '{"n": 2}']
    assert there(first.arguments()["n"].at) == '"n": 1'
    assert there(first.type.at) == '"resource"'
    (only,) = blocks('{"resource": {"a": {"x": {}}}}')
    assert there(only.header) == '"x"'


def test_an_object_is_an_argument_and_a_block() -> None:
    (block,) = blocks(
        '{"resource": {"a": {"x": {"tags": {"a": "b"}, "list": ["a"], "none": [], "statement": [{"sid": "1"}, {"sid": "2"}],'
        ' "dynamic": {"statement": {"for_each": "${var.x}", "content": {"sid": "3"}}}}}}}'
    )
    assert list(block.arguments()) == ["tags", "list", "none", "statement", "dynamic"]
    assert [named(each) for each in block.blocks()] == ["tags", "statement", "statement", "dynamic statement"]
    inner = block.blocks()[-1]
    assert list(inner.arguments()) == ["for_each", "content"]
    assert [named(each) for each in inner.blocks()] == ["content"]


def test_duplicates() -> None:
    (block,) = blocks('{"resource": {"a": {"x": {"n": 1, "n": 2, "b": {}, "b": {}, "//": 1, "//": 2}}}}')
    assert [(each.name, there(each.at)) for each in block.duplicates()] == [("n", '"n": 2')]
    assert there(block.arguments()["n"].at) == '"n": 1'
    assert [named(each) for each in block.blocks()] == ["b", "b"]


def expression(json: str, name: str = "it", type: str = "resource") -> Expression:
    labels = '{"a": {"x": %s}}' if type == "resource" else '{"x": %s}'
    (block,) = blocks(f'{{"{type}": {labels % f"""{{"{name}": {json}}}"""}}}')
    return block.arguments()[name].expression()


VALUES = [("a number", "1.50", "1.50"), ("true", "true", True), ("false", "false", False), ("null", "null", None)]


@pytest.mark.parametrize(("json", "value"), [row[1:] for row in VALUES], ids=[row[0] for row in VALUES])
def test_literals(json: str, value: object) -> None:
    found = expression(json)
    assert isinstance(found, Literal)
    assert (found.value, there(found.at)) == (value, json)


def template(json: str) -> Template:
    found = expression(json)
    assert isinstance(found, Template)
    return found


def parts(found: Template) -> list[tuple[str, str]]:
    """The text of each part, and what stands in the file."""
    return [
        (part.text, there(part.span(0, len(part.text))))
        if hasattr(part, "span")
        else (type(part).__name__, there(part.at))
        for part in found.parts
    ]


TEMPLATES = [
    ("plain", '"abc"', [("abc", "abc")]),
    ("empty", '""', [("", "")]),
    ("escaped", r'"a\"b\u0063"', [('a"bc', r"a\"b\u0063")]),
    ("one thing", '"${var.x}"', [("Interpolation", "${var.x}")]),
    ("between text", '"a ${var.x} b"', [("a ", "a "), ("Interpolation", "${var.x}"), (" b", " b")]),
    ("after escapes", r'"\"\u0061${var.x}\"z"', [('"a', r"\"\u0061"), ("Interpolation", "${var.x}"), ('"z', r"\"z")]),
    ("a string in it", r'"${lookup(x, \"a\")}"', [("Interpolation", r"${lookup(x, \"a\")}")]),
    ("lines", r'"a\n  ${var.x}\n"', [("a\n  ", r"a\n  "), ("Interpolation", "${var.x}"), ("\n", "\\")]),
    ("no interpolation", '"$${a} ${b}"', [("${a} ", "$${a} "), ("Interpolation", "${b}")]),
    ("a directive", '"%{ if a }b%{ endif }"', [("IfDirective", "%{ if a }b%{ endif }")]),
    ("the marker", '"KMSLINT\\n${a}"', [("KMSLINT\n", "KMSLINT\\"), ("Interpolation", "${a}")]),
    ("beyond ASCII", r'"é\u00e9😀${a}"', [("éé😀", r"é\u00e9😀"), ("Interpolation", "${a}")]),
]


@pytest.mark.parametrize(("json", "expected"), [row[1:] for row in TEMPLATES], ids=[row[0] for row in TEMPLATES])
def test_templates(json: str, expected: list[tuple[str, str]]) -> None:
    found = template(json)
    assert parts(found) == expected
    assert there(found.at) == json
    assert not found.heredoc


def test_places_within_an_interpolation() -> None:
    (hole,) = template(r'"${lookup(local.m, \"k\").arn}"').parts
    found = getattr(hole, "expression")  # noqa: B009
    assert isinstance(found, Attribute)
    assert there(found.name.at) == "arn"
    assert isinstance(found.value, Call)
    assert there(found.value.at) == r"lookup(local.m, \"k\")"
    key = found.value.arguments[1]
    assert isinstance(key, Template)
    assert there(key.at) == r"\"k\""


def test_broken_templates() -> None:
    found = expression('"${a +}"')
    assert isinstance(found, Broken)
    assert (found.text, there(found.at)) == ('"${a +}"', '"${a +}"')


REFERENCES = [
    ("a provider", "provider", "resource", '"aws.east"', "aws.east"),
    ("a type", "type", "variable", '"string"', "string"),
    ("a type with arguments", "type", "variable", '"list(string)"', "list(string)"),
]


@pytest.mark.parametrize(
    ("name", "type", "json", "expected"), [row[1:] for row in REFERENCES], ids=[row[0] for row in REFERENCES]
)
def test_references(name: str, type: str, json: str, expected: str) -> None:
    assert there(expression(json, name, type).at) == expected


def test_keys_of_objects_are_templates() -> None:
    (block,) = blocks('{"locals": {"it": {"${var.x}": "a", "b": "c"}}}')
    found = block.arguments()["it"].expression()
    keys = [key for key, _ in found.entries]  # type: ignore[union-attr]
    assert [there(key.at) for key in keys] == ['"${var.x}"', '"b"']
    assert [type(key.parts[0]).__name__ for key in keys if isinstance(key, Template)] == ["Interpolation", "Passage"]


def test_variables_are_not_interpolated() -> None:
    found = variables(Source("terraform.tfvars.json", '{"a": "${b}", "c": [1], "//": "said"}')).arguments
    assert list(found) == ["a", "c"]
    value = found["a"].expression()
    assert isinstance(value, Template)
    assert parts(value) == [("${b}", "${b}")]
    broken = variables(Source("terraform.tfvars.json", "{"))
    assert (broken.arguments, len(broken.errors)) == ({}, 1)


ERRORS = [
    ("no JSON", '{"resource": ', "the text ends here, but a value was expected", " "),
    ("a list of text", '["a"]', "a file is written as an object here", '"a"'),
    ("no labels", '{"resource": "a"}', "`resource` is written as an object here", '"a"'),
    ("one label", '{"resource": {"a": 1}}', "`resource` is written as an object here", "1"),
    ("a body of text", '{"resource": {"a": {"x": "y"}}}', "`x` is written as an object here", '"y"'),
]


@pytest.mark.parametrize(("text", "message", "place"), [row[1:] for row in ERRORS], ids=[row[0] for row in ERRORS])
def test_errors(text: str, message: str, place: str) -> None:
    (error,) = parse(Source("main.tf.json", text)).errors
    assert error.message.startswith(message)
    assert there(error.at) == place


def test_what_is_broken_hides_nothing_else() -> None:
    found = parse(Source("main.tf.json", '{"resource": {"a": 1, "b": {"x": {}}}}'))
    assert [named(block) for block in found.blocks] == ["resource b x"]
    assert len(found.errors) == 1


def test_names_have_their_places() -> None:
    (block,) = blocks('{"resource": {"a": {"x": {"it": 1}}}}')
    assert [there(label.at) for label in (*block.labels, block.arguments()["it"].name) if isinstance(label, Text)] == [
        '"a"',
        '"x"',
        '"it"',
    ]
