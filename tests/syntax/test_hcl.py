from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kms_lint.source import Passage, Source, Span
from kms_lint.syntax import hcl
from kms_lint.syntax.expression import (
    Attribute,
    Broken,
    Call,
    Conditional,
    Expression,
    For,
    ForDirective,
    IfDirective,
    Index,
    Interpolation,
    ListOf,
    Literal,
    ObjectOf,
    Operation,
    Reference,
    Splat,
    Template,
)


def configuration(text: str) -> hcl.Configuration:
    return hcl.parse(Source("main.tf", text))


def expression(text: str) -> Expression:
    read = configuration(f"a = {text}")
    assert [error.message for error in read.errors] == []
    return read.arguments["a"].expression()


def written(at: Span) -> str:
    return at.source.text[at.start : at.end]


def shape(value: object) -> object:
    """An expression in short, for tables."""
    match value:
        case Literal():
            return value.value
        case Reference():
            return f"${value.name}"
        case Attribute():
            return ("attribute", shape(value.value), str(value.name))
        case Index():
            return ("index", shape(value.value), shape(value.key))
        case Splat():
            return ("splat", shape(value.value), shape(value.each), value.full)
        case Call():
            return (value.name, [shape(argument) for argument in value.arguments], value.expand)
        case ListOf():
            return [shape(item) for item in value.values]
        case ObjectOf():
            return {"object": [(shape(key), shape(item)) for key, item in value.entries]}
        case Conditional():
            return ("if", shape(value.test), shape(value.yes), shape(value.no))
        case Operation():
            return (value.operator, shape(value.left), shape(value.right))
        case For():
            parts = (value.collection, value.result_key, value.result, value.test)
            return ("for", value.key, value.value, *map(shape, parts), value.group)
        case Template():
            return ["template", *(shape(part) for part in value.parts)]
        case Interpolation():
            return ("${}", shape(value.expression), value.trim_left, value.trim_right)
        case IfDirective():
            return ("%if", shape(value.test), [*map(shape, value.yes)], [*map(shape, value.no)])
        case ForDirective():
            return ("%for", value.key, value.value, shape(value.collection), [*map(shape, value.parts)])
        case Passage() | Broken():
            return value.text
        case _:
            return value


EXPRESSIONS = {
    "number": ("1.50", "1.50"),
    "exponent": ("1e10", "1e10"),
    "signed exponent": ("2.5E-3", "2.5E-3"),
    "true": ("true", True),
    "null": ("null", None),
    "traversal": ("a.b[0].c", ("attribute", ("index", ("attribute", "$a", "b"), "0"), "c")),
    "legacy index": ("a.b.0", ("attribute", ("attribute", "$a", "b"), "0")),
    "key in quotes": ('a["b"]', ("index", "$a", ["template", "b"])),
    "full splat": ("a[*].b[0]", ("splat", "$a", ("index", ("attribute", "$*", "b"), "0"), True)),
    "legacy splat": ("a.*.b", ("splat", "$a", ("attribute", "$*", "b"), False)),
    "index after a legacy splat": ("a.*.b[0]", ("index", ("splat", "$a", ("attribute", "$*", "b"), False), "0")),
    "call": ("f(a, b...)", ("f", ["$a", "$b"], True)),
    "provider function": ("provider::x::f()", ("provider::x::f", [], False)),
    "empty list": ("[]", []),
    "list over lines": ("[\n  a, # c\n  b,\n]", ["$a", "$b"]),
    "names as keys": ("{ a = 1, true = 2 }", {"object": [(["template", "a"], "1"), (["template", "true"], "2")]}),
    "keys in brackets": ('{ (a) = 1, "b" : 2 }', {"object": [("$a", "1"), (["template", "b"], "2")]}),
    "the same key twice": ("{ a = 1\n a = 2 }", {"object": [(["template", "a"], "1"), (["template", "a"], "2")]}),
    "conditional": ('a == "" ? b : c', ("if", ("==", "$a", ["template"]), "$b", "$c")),
    "precedence": ("a || b && !c", ("||", "$a", ("&&", "$b", ("!", None, "$c")))),
    "brackets": ("(a + 1) * -b", ("*", ("+", "$a", "1"), ("-", None, "$b"))),
    "left to right": ("a - b - c", ("-", ("-", "$a", "$b"), "$c")),
    "attribute of brackets": ("(a).b", ("attribute", "$a", "b")),
    "for list": ("[for k, v in a : v.x if k]", ("for", "k", "v", "$a", None, ("attribute", "$v", "x"), "$k", False)),
    "for object": ("{for v in a : v => 1...}", ("for", None, "v", "$a", "$v", "1", None, True)),
    "template": ('"a${b}c"', ["template", "a", ("${}", "$b", False, False), "c"]),
    "strip markers": ('"a ${~ b ~} c"', ["template", "a", ("${}", "$b", True, True), "c"]),
    "quotes in a template": ('"${a["b"]}"', ["template", ("${}", ("index", "$a", ["template", "b"]), False, False)]),
    "directive": ('"a%{ if b }c%{ endif }"', ["template", "a", ("%if", "$b", ["c"], [])]),
    "escapes": (r'"\n\t\"\\\u00e9\U0001F600"', ["template", '\n\t"\\é😀']),
    "doubled markers": ('"$${a} %%{b} $c 100%"', ["template", "${a} %{b} $c 100%"]),
    "comment within": ("f(a /* b */, c)", ("f", ["$a", "$c"], False)),
}


@pytest.mark.parametrize(("text", "expected"), EXPRESSIONS.values(), ids=EXPRESSIONS)
def test_expressions(text: str, expected: object) -> None:
    found = expression(text)
    assert shape(found) == expected
    assert written(found.at) == text


HEREDOCS = {
    "plain": ("<<EOT\n  a\n    b\nEOT\n", "  a\n    b\n"),
    "indented": ("<<-EOT\n    a\n      b\n  EOT\n", "a\n  b\n"),
    "blank lines do not count": ("<<-EOT\n\n    a\n \n    b\n  EOT\n", "\na\n \nb\n"),
    "tabs": ("<<-EOT\n\t\ta\n\tb\nEOT\n", "\ta\nb\n"),
    "a line at the margin": ("<<-EOT\n  a\nb\n  EOT\n", "  a\nb\n"),
    "empty": ("<<EOT\nEOT\n", ""),
    "at the end of the file": ("<<EOT\na\nEOT", "a\n"),
    "one letter": ("<<E\na\nE\n", "a\n"),
    "blanks after the end": ("<<EOT\na\nEOT  \n", "a\n"),
    "the end indented": ("<<EOT\na\n  EOT\n", "a\n"),
    "the word within text": ("<<EOT\nEOT2\n EOT x\nxEOT\nEOT\n", "EOT2\n EOT x\nxEOT\n"),
    "windows": ("<<-EOT\r\n  a\r\n  b\r\n  EOT\r\n", "a\r\nb\r\n"),
    "no escapes but doubled markers": ('<<EOT\n\\n $${a} %%{b} "\nEOT\n', '\\n ${a} %{b} "\n'),
    "not ascii": ("<<-EOT\n  é😀\n  b\n  EOT\n", "é😀\nb\n"),
}


@pytest.mark.parametrize(("text", "expected"), HEREDOCS.values(), ids=HEREDOCS)
def test_heredocs(text: str, expected: str) -> None:
    found = expression(text)
    assert isinstance(found, Template)
    assert found.heredoc
    assert "".join(part.text for part in found.parts if isinstance(part, Passage)) == expected


def test_indentation_is_taken_off_around_interpolations() -> None:
    found = expression("<<-EOT\n    a ${b}\n    ${c} d\n      e\n  EOT\n")
    assert shape(found) == [
        "template",
        "a ",
        ("${}", "$b", False, False),
        "\n",
        ("${}", "$c", False, False),
        " d\n  e\n",
    ]


def test_a_line_that_begins_with_an_interpolation_has_no_indentation() -> None:
    found = expression("<<-EOT\n  a\n${b}\n  EOT\n")
    assert shape(found) == ["template", "  a\n", ("${}", "$b", False, False), "\n"]


@pytest.mark.parametrize(
    "text",
    ['"é ${x} key\\n😀 word"', "<<-EOT\n    é ${x} key\n      😀 word\n    EOT\n"],
    ids=["quoted", "heredoc"],
)
def test_text_of_a_template_leads_back_to_the_file(text: str) -> None:
    found = expression(text)
    assert isinstance(found, Template)
    for part in found.parts:
        if isinstance(part, Passage):
            for word in part.text.split():
                start = part.text.index(word)
                assert written(part.span(start, start + len(word))) == word


FILE = """# keys for é
resource "aws_kms_key" "a" {
  description = "ключ"
  description = "again"
  tags { }
  dynamic "x" {
    for_each = y
    content {
      z = 1
    }
  }
}
locals { b = 1 }
"""


def test_blocks_have_labels_places_arguments_and_blocks() -> None:
    key, local = configuration(FILE).blocks
    assert (key.type, key.labels, written(key.header)) == (
        "resource",
        ("aws_kms_key", "a"),
        'resource "aws_kms_key" "a"',
    )
    assert written(key.labels[0].at if isinstance(key.labels[0].at, Span) else key.at) == '"aws_kms_key"'
    assert written(local.at) == "locals { b = 1 }"
    assert written(key.arguments()["description"].at) == 'description = "ключ"'
    assert [written(argument.at) for argument in key.duplicates()] == ['description = "again"']
    assert [block.type for block in key.blocks()] == ["tags", "dynamic"]
    (content,) = key.blocks()[1].blocks()
    assert shape(content.arguments()["z"].expression()) == "1"


def test_all_blocks_are_found_in_order() -> None:
    first_lines = [written(span).split("\n")[0] for span in hcl.blocks(Source("main.tf", FILE))]
    assert first_lines == [
        'resource "aws_kms_key" "a" {',
        "tags { }",
        'dynamic "x" {',
        "content {",
        "locals { b = 1 }",
    ]


VALID = [
    "", "\n", "\r\n", "# c", "// c", "/* c */", "a = 1 # b", "\ufeffa = 1\n", "b {}\n", "b { c = 1 }\n", 'b "c" d {\n}\n',
    "b {\r\n  c = 1\r\n}\r\n", "b { # c\n}\n", "a = (\n  b\n  ? c\n  : d\n)\n", "a = f(<<EOT\nb\nEOT\n, c)\n",
    "a = [<<E\nb\nE\n, <<F\nc\nF\n]\n", "a = {\n  b = <<E\nx\nE\n  c = 1\n}\n", "a = <<EOT\n<<EOT\nEOT\n",
    'a = <<EOT\n${f("x", "}")}\n%{ if b }\nc\n%{ endif }\nEOT\n', 'a = "${"}"}"\n', 'a = "}"\n', 'a = "$"\n', 'a = "%"\n',
    "a = [for b in c :\n b\n if b != null\n]\n", "a = { # c\n}\n", "a = f( # c\n)\n", "a = !(b == c)\n", "a = x-y\n",
    'a = "${b["c${d["e"]}"]}"\n', "a = b[*]\n", "a = b.*\n", "a = f(b,)\n", "é = 1\n", "a = 1e-7\nb = [1E+3, x1e3]\n",
]  # fmt: skip


@pytest.mark.parametrize("text", VALID)
def test_what_terraform_accepts_is_no_error(text: str) -> None:
    assert [error.message for error in configuration(text).errors] == []


GOOD = 'resource "aws_kms_key" "good" {\n  x = 1\n}\n'
BROKEN = {
    "no value": ("a {\n  x = \n}\n", "=", 2, "expected a value after the equals sign"),
    "list": ('resource "a" "b" {\n  x = [1,\n}\n', "[", 2, "this bracket is not closed: ] is missing"),
    "block": ('resource "a" "b" {\n  x = 1\n', "{", 1, "this bracket is not closed: } is missing"),
    "string": ('resource "a" "b" {\n  x = "c\n}\n', '"', 2, "this string is not closed"),
    "heredoc": ('resource "a" "b" {\n  x = <<EOT\n}\n', "<<EOT", 2, "this heredoc is not closed: EOT is missing"),
    "closing too much": ("locals {\n}\n}\n", "}", 3, "this bracket closes nothing"),
    "not ascii": ('resource "é" "b" {\n  é😀 = [ }\n', "[", 2, "this bracket is not closed"),
}


@pytest.mark.parametrize(("text", "place", "line", "message"), BROKEN.values(), ids=BROKEN)
@pytest.mark.parametrize("first", [True, False], ids=["before", "after"])
def test_one_broken_block_hides_no_other(text: str, place: str, line: int, message: str, first: bool) -> None:
    read = configuration(text + GOOD if first else GOOD + text)
    assert [str(block.labels[1]) for block in read.blocks if len(block.labels) == 2] == ["good"]
    (good,) = (block for block in read.blocks if len(block.labels) == 2)
    assert written(good.at) == GOOD.strip()
    (error,) = read.errors
    assert error.message.startswith(message)
    assert written(error.at) == place
    assert error.at.source.position(error.at.start).line == line + (0 if first else 3)


def test_json_is_not_terraform() -> None:
    (error,) = configuration('{"resource": {}}\n').errors
    assert error.message.startswith("expected a block, not a value")


HOSTILE = {
    "open lists": "a = " + "[" * 100_000,
    "lists": "a = " + "[" * 10_000 + "]" * 10_000,
    "brackets": "a = " + "(" * 10_000 + "1" + ")" * 10_000,
    "templates": "a = " + '"${' * 2_000 + "1" + '}"' * 2_000,
    "blocks": "a {\n" * 5_000,
    "closed blocks": "a {\n" * 5_000 + "}\n" * 5_000,
    "not": "a = " + "!" * 20_000 + "b",
    "sum": "a = 1" + " + 1" * 20_000,
    "attributes": "a = b" + ".c" * 20_000,
    "quotes": '"' * 20_001,
    "heredocs": "a = <<E\n" * 5_000,
    "long string": 'a = "' + "x" * 300_000 + '"',
    "nul": "a = 1\0\nb {}\n",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_files_end(text: str) -> None:
    read = configuration(text)
    for error in read.errors:
        assert 0 <= error.at.start <= error.at.end <= len(text)
    for argument in read.arguments.values():
        argument.expression()
    waiting = list(read.blocks)
    while waiting:
        waiting.extend(waiting.pop().blocks())


def test_what_is_nested_too_deeply_is_broken_not_lost() -> None:
    found = shape(expression("[" * 150 + "]" * 150))
    while isinstance(found, list) and found:
        found = found[0]
    assert isinstance(found, str)
    assert found.startswith("[[")


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet='ab ={}[]()"$%<-E\n\\#/*.,:?é😀', max_size=60))
def test_any_text_is_read(text: str) -> None:
    read = configuration(text + "\n" + GOOD)
    for argument in read.arguments.values():
        argument.expression()
    for error in read.errors:
        assert 0 <= error.at.start <= error.at.end <= len(text) + 1 + len(GOOD)
