"""The reader of plain HCL gives what the parser gives, or leaves a text to it."""

from __future__ import annotations

from dataclasses import fields, is_dataclass

import pytest

from kms_lint.source import Passage, Source, Span
from kms_lint.syntax import hcl
from kms_lint.syntax.expression import Argument, Block
from kms_lint.syntax.hcl_plain import Body, NotPlainError, Reader
from kms_lint.syntax.tree import Text
from tests.conftest import PROJECT

PLAIN = {
    "nothing": "",
    "comments only": "# one\n// two\n/* three\n*/\n",
    "a block": 'resource "aws_kms_key" "main" {\n  enable_key_rotation = true\n}\n',
    "labels without quotes": "locals {}\nresource aws_kms_key main {\n}\n",
    "no line at the end": 'variable "a" {\n  default = 1\n}',
    "a block on one line": 'variable "a" { default = "x" }\n',
    "nested blocks": "a {\n  b {\n    c = [1, 2.5, null, false]\n  }\n\n  b {}\n}\n",
    "an argument twice": "a {\n  b = 1\n  b = 2\n}\n",
    "comments everywhere": 'a { # one\n  b = [ # two\n    1, // three\n    /* four */ 2,\n  ] # five\n} # six\n# "seven {\n',
    "objects": 'a = { "b" = 1, c: 2\n d = { } \n  "e f" : "g", }\nh = {}\n',
    "keys that are constants": "a = { true = 1, null = 2 }\n",
    "calls": 'a = jsonencode({ B = f(), C = g(1, "x", ) })\n',
    "traversals": 'a = b.c\nd = e.f["g"].h[0][i.j]\nk = f(x)["y"].z\n',
    "strings with dollars": 'a = "$"\nb = "50%"\nc = "$Latest%"\nd = "a$b%c"\n',
    "an empty string": 'a = ""\nb = {"" = ""}\n',
    "escapes": r'a = "x\n\t\"y\\z\u00e9"' + "\n",
    "escaped interpolations": 'a = "$${b} %%{c} x$${"\n',
    "interpolations": 'a = "${b}"\nc = "x ${d.e["f"]} y ${ g("${h}") }z"\n',
    "a heredoc": "a = <<EOT\nline ${b.c} $${d} %%{e} $ %\n  { \"x\": 1 }\nEOT\n",
    "an indented heredoc": "a {\n  b = <<-EOT\n    one\n      ${two}\n\n    three ${x}${y}\n    EOT\n}\n",
    "a heredoc in a call": "a = f(<<-EOT\n  text\n  EOT\n)\n",
    "foreign letters": 'a = "é – 鍵 😀 ${b} x"\n# ä\nc = { "ö" = "é" }\n',
    "arguments before and after lines": "a = [\n\n  1\n  ,\n  2\n]\n",
}  # fmt: skip

NOT_ALL_PLAIN = {
    "a condition": 'locals {\n  a = 1\n}\n\nresource "x" "y" {\n  count = var.a ? 1 : 0\n  b     = "x"\n}\n\nlocals {\n  c = 2\n}\n',
    "a condition after foreign letters": "# é 鍵 😀\nlocals {\n  a = b ? 1 : 0\n}\nlocals {\n  c = \"é\"\n}\n",
    "operators": "a = 1 + 2\nb = !c\nd = -1\ne = f == g\n",
    "for": "a {\n  b = [for c in d : c if e]\n}\nf = { for g, h in i : g => h... }\n",
    "splats": "a {\n  b = c[*].d\n}\n\na {\n  b = c.*.d\n}\n",
    "parentheses": "a = (b)\nc = { (d) = 1 }\n",
    "legacy indices": "a = b.0.c\n",
    "ellipsis": "a = f(b...)\n",
    "directives": 'a = "%{ if b }c%{ endif }"\n',
    "trimming": 'a = "x ${~ b ~} y"\n',
    "a bracket in a heredoc": "a {\n  b = c ? 1 : 0\n  d = <<EOT\n}\nEOT\n}\n",
    "a bracket in a comment": "a {\n  b = c ? 1 : 0\n  /*\n}\n*/\n}\n",
    "lines that end with CR": 'a {\r\n  b = "c"\r\n}\r\n',
    "a namespace": "a = provider::aws::arn_parse(b)\n",
    "foreign names": "größe = 1\n",
    "an exponent": "a = 1e10\n",
    "a marker that goes on": "a = <<EOT\nEOTX\nEOT\n",
    "an empty heredoc": "a = <<EOT\nEOT\n",
    "a value below its name": "a =\n  1\n",
    "values without commas": "a = [1 2]\n",
    "a bracket that is missing": 'a {\n  b = [1\n}\n\nresource "c" "d" {\n  e = 1\n}\n',
    "a string that is missing its quote": 'a {\n  b = "c\n}\n\nd {\n  e = 1\n}\n',
    "a bracket too many": "a {\n}\n}\n\nb {\n}\n",
    "JSON": '{"a": 1}\n',
    "a byte order mark": "\ufeffa = 1\n",
    "NUL": 'a = "b\0c"\n',
    "deep": "a = " + "[" * 60 + "]" * 60 + "\n",
}  # fmt: skip


@pytest.mark.parametrize("name", PLAIN)
def test_what_is_plain_is_read_as_the_parser_would(name: str) -> None:
    source = Source("a.tf", PLAIN[name])
    body, reader = Body(), Reader(source)
    while not reader.ended():
        reader.item(body)
    assert told(hcl.Configuration(tuple(body.blocks()), body.arguments(), ())) == told(hcl.parsed(source))


@pytest.mark.parametrize("name", NOT_ALL_PLAIN)
def test_what_is_not_plain_is_read_as_the_parser_would_nevertheless(name: str) -> None:
    source = Source("a.tf", NOT_ALL_PLAIN[name])
    with pytest.raises(NotPlainError):
        read_plain(source)
    assert told(hcl.parse(source)) == told(hcl.parsed(source))


@pytest.mark.parametrize("name", PLAIN)
def test_whatever_is_cut_off_it_stays_what_the_parser_gives(name: str) -> None:
    text = PLAIN[name]
    for index in range(len(text)):
        for cut in (text[:index], text[:index] + text[index + 1 :]):
            source = Source("a.tf", cut)
            assert told(hcl.parse(source)) == told(hcl.parsed(source)), cut


@pytest.mark.parametrize("path", sorted(PROJECT.glob("fixtures/**/*.tf")), ids=lambda path: path.name)
def test_fixtures_are_read_as_the_parser_would(path: object) -> None:
    with open(str(path), encoding="utf-8") as file:
        source = Source(str(path), file.read())
    assert told(hcl.parse(source)) == told(hcl.parsed(source))


def read_plain(source: Source) -> None:
    body, reader = Body(), Reader(source)
    while not reader.ended():
        reader.item(body)


def told(thing: object) -> object:
    """Everything that is in a configuration, places included."""
    if isinstance(thing, Block):
        inside = (thing.arguments(), thing.blocks(), thing.duplicates())
        return ("Block", *map(told, (thing.type, thing.labels, thing.header, thing.at, *inside)))
    if isinstance(thing, Argument):
        return ("Argument", *map(told, (thing.name, thing.expression(), thing.at)))
    if isinstance(thing, hcl.Configuration):
        return [told(thing.blocks), told(thing.arguments), [(str(error), told(error.at)) for error in thing.errors]]
    if isinstance(thing, Span):
        return (thing.start, thing.end)
    if isinstance(thing, Text):
        return (str(thing), thing.form, told(thing.at))
    if isinstance(thing, Passage):
        return (thing.text, thing.starts, thing.origins)
    if is_dataclass(thing):
        return (type(thing).__name__, *(told(getattr(thing, field.name)) for field in fields(thing)))
    if isinstance(thing, dict):
        return [(name, told(value)) for name, value in thing.items()]
    return [told(each) for each in thing] if isinstance(thing, tuple | list) else thing
