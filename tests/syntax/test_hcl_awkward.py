"""Whatever `terraform fmt` accepts is read: no spelling of a well written file is called malformed."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from kms_lint.files import File
from kms_lint.load.options import Options
from kms_lint.load.terraform.configuration import Configuration, Unit
from kms_lint.load.terraform.expression import KINDS
from kms_lint.load.terraform.scope import Scope
from kms_lint.source import Source
from kms_lint.syntax import hcl
from tests.load.terraform_folder import Json, plain

AWKWARD: dict[str, tuple[str, Json]] = {
    "an empty heredoc": ("a = <<EOT\nEOT\n", ""),
    "an empty indented heredoc": ("a = <<-EOT\n  EOT\n", ""),
    "a heredoc of an empty line": ("a = <<EOT\n\nEOT\n", "\n"),
    "blanks after the end of a heredoc": ("a = <<EOT\nx\nEOT  \t\n", "x\n"),
    "blanks before the end of a heredoc": ("a = <<EOT\nx\n    EOT\n", "x\n"),
    "a marker that goes on": ("a = <<EOT\nEOTX\nEOT more\nEOT\n", "EOTX\nEOT more\n"),
    "a marker after an interpolation": ('a = <<EOT\n${"x"}EOT\nEOT\n', "xEOT\n"),
    "a marker with a dash": ("a = <<E-T_1\nx\nE-T_1\n", "x\n"),
    "a heredoc in a call": ("a = upper(<<EOT\nx\nEOT\n)\n", "X\n"),
    "a heredoc in a list": ("a = [<<A\n1\nA\n, <<B\n2\nB\n]\n", ["1\n", "2\n"]),
    "a heredoc in an object": ("a = {\n  b = <<A\n1\nA\n  c = 2\n}\n", {"b": "1\n", "c": "2"}),
    "a heredoc in an interpolation": ('a = "${<<A\nx\nA\n}"\n', "x\n"),
    "a heredoc in a heredoc": ('a = <<A\n${upper(<<B\nx\nB\n)}\nA\n', "X\n\n"),
    "quotes in a heredoc": ('a = <<EOT\n"\\n" \'x\' # no comment\nEOT\n', '"\\n" \'x\' # no comment\n'),
    "brackets in a heredoc": ("a = <<EOT\n}{][)(\n}\nEOT\n", "}{][)(\n}\n"),
    "tabs and spaces before lines": ("a = <<-EOT\n\t\tx\n\t  y\n\n    z\n  EOT\n", "x\n y\n\n  z\n"),
    "a heredoc that begins with an interpolation": ('a = <<-EOT\n    ${"x"}\n      y\n    EOT\n', "x\n  y\n"),
    "doubled markers": ('a = "$${x} %%{y} $${ %%{"\n', "${x} %{y} ${ %{"),
    "more markers": ('a = "$$${x} %%%{y} $$$ %%% $"\n', "$${x} %%{y} $$$ %%% $"),
    "doubled markers in a heredoc": ("a = <<EOT\n$${x} %%{y} $$${z}\nEOT\n", "${x} %{y} $${z}\n"),
    "a dollar before a quote": ('a = "100$"\n', "100$"),
    "a percent before a quote": ('a = "100%"\n', "100%"),
    "directives": ('a = "%{if true}a%{else}b%{endif}"\n', "a"),
    "directives with blanks": ('a = "%{ if  true  }a%{  else  }b%{  endif  }"\n', "a"),
    "directives over lines": ("a = <<EOT\n%{ if true ~}\nx\n%{ else ~}\ny\n%{ endif ~}\nz\nEOT\n", "x\nz\n"),
    "loops": ('a = "%{for i, v in ["a", "b"]}${i}${v}%{endfor}"\n', "0a1b"),
    "nested loops": ('a = "%{for v in [1]}%{for w in [2]}${v}${w}%{endfor}%{endfor}"\n', "12"),
    "an object in an interpolation": ('a = "${{ a = 1 }.a}"\n', "1"),
    "a string in an interpolation": ('a = "${"}"}"\n', "}"),
    "an interpolation over lines": ('a = "${\n  1 +\n  2\n}"\n', "3"),
    "lines that end with CR LF": ('a = {\r\n  b = 1\r\n  c = "x" # y\r\n}\r\n', {"b": "1", "c": "x"}),
    "a heredoc with CR LF": ("a = <<EOT\r\nx\r\ny\r\nEOT\r\n", "x\r\ny\r\n"),
    "a byte order mark": ("\ufeffa = 1\n", "1"),
    "no line at the end": ("a = 1", "1"),
    "no line at the end of a heredoc's file": ("a = <<EOT\nx\nEOT\n", "x\n"),
    "comments": ("# x\n// y\n/* z */ a /* b */ = /* c */ 1 /* d */ # e\n", "1"),
    "comments in lists": ("a = [ # x\n  1, // y\n  /* z */ 2, # w\n  # v\n]\n", ["1", "2"]),
    "comments in objects": ("a = { # x\n  b = 1 // y\n  /* z */ c = 2\n  # v\n}\n", {"b": "1", "c": "2"}),
    "comments in calls": ("a = max( # x\n  1, /* y */\n  2 // z\n)\n", "2"),
    "comments in operations": ("a = (1 + # x\n  2 /* y */ * 3)\n", "7"),
    "a comment that is not closed by stars": ("/***/ a = 1 /** x **/\n", "1"),
    "numbers": ("a = [0, 007, 1.0, 1e3, 1E+3, 1.5e-3, 123456789012345678901234567890]\n",
                ["0", "7", "1", "1000", "1000", "0.0015", "123456789012345678901234567890"]),
    "names with dashes": ("a-b = 1\na = {c-d = 1}.c-d\n", "1"),
    "foreign names": ("größe = 1\na = 2\n", "2"),
    "a subtraction of names": ("a = {x-y = 1}[\"x-y\"]-1\n", "0"),
    "a namespace": ("a = provider::aws::arn_build(\"aws\", \"iam\", \"\", \"1\", \"root\")\n", "arn:aws:iam::1:root"),
    "a call with a blank": ("a = upper (\"x\")\n", "X"),
    "a call over lines": ("a = max(\n1\n,\n2\n,\n)\n", "2"),
    "an expansion": ("a = max([1, 2]...)\n", "2"),
    "an expansion over lines": ("a = max(\n  [1, 2]...\n)\n", "2"),
    "legacy indices": ("a = [{ b = [1] }].0.b\n", ["1"]),
    "legacy splats": ("a = [{ b = 1 }, { b = 2 }].*.b\n", ["1", "2"]),
    "splats": ("a = [{ b = [1] }][*].b[0]\n", ["1"]),
    "splats with blanks": ("a = [{ b = 1 }] [ * ] . b\n", ["1"]),
    "nested splats": ("a = [{ b = [{ c = 1 }] }][*].b[*].c\n", [["1"]]),
    "nested for": ("a = [for x in [[1, 2]] : [for y in x : y if y > 1]]\n", [["2"]]),
    "for over lines": ("a = {\n  for k, v in { a = 1 }\n  : k\n  => v\n  if v > 0\n}\n", {"a": "1"}),
    "grouping": ("a = { for x in [\"a\", \"a\"] : x => 1... }\n", {"a": ["1", "1"]}),
    "a name that begins like for": ("a = { format = 1, fore = 2 }\n", {"format": "1", "fore": "2"}),
    "keys in all spellings": (
        'a = { b = 1, c : 2, "d" = 3, (upper("e")) = 4, "${"f"}" = 5, "g" : 6, 7 = 8, true = 9, null = 10 }\n',
        {"b": "1", "c": "2", "d": "3", "E": "4", "f": "5", "g": "6", "7": "8", "true": "9", "null": "10"},
    ),
    "keys on lines": ("a = {\n  b = 1\n  c = 2,\n\n  d : 3\n}\n", {"b": "1", "c": "2", "d": "3"}),
    "an object on one line": ("a = {b=1,c=2,}\n", {"b": "1", "c": "2"}),
    "trailing commas": ("a = [1, [2, ], { b = 3, }, ]\n", ["1", ["2"], {"b": "3"}]),
    "lines in parentheses": ("a = (\n  true\n  ? 1\n  : 2\n)\n", "1"),
    "conditionals in a row": ("a = false ? 1 : false ? 2 : 3\n", "3"),
    "a conditional with an object": ("a = true ? { b = 1 } : { b = 2 }\n", {"b": "1"}),
    "operators without blanks": ("a = 1+2*3-4/2%3\n", "5"),
    "comparison without blanks": ("a = 1<2&&2>=2||!true\n", True),
    "negation": ("a = !(1 == 2) == !false\n", True),
    "minus": ("a = - 1 - -1\n", "0"),
    "an index with an expression": ("a = [1, 2][1 - 1 + 1]\n", "2"),
    "deep brackets": ("a = " + "[" * 30 + "1" + "]" * 30 + "\n", None),
    "many brackets": ("a = " + "(" * 90 + "1" + ")" * 90 + "\n", None),
    "a block on one line": ('b "c" { d = 1 }\na = 2\n', "2"),
    "an empty block": ("b {}\nb \"c\" \"d\" {\n}\na = 1\n", "1"),
    "labels without quotes": ("b c d {\n  e = 1\n}\na = 1\n", "1"),
    "labels with escapes": ('b "c\\"d" {\n}\na = 1\n', "1"),
    "blocks side by side": ("b {\n  c {\n    d = 1\n  }\n  c {}\n}\na = 1\n", "1"),
    "a block with CR LF": ('b "c" {\r\n  d = <<-EOT\r\n    x\r\n  EOT\r\n}\r\na = 1\r\n', "1"),
    "blank lines with blanks": ("  \n\t\na = 1\n \t \n", "1"),
    "an indented file": ("    a = 1\n", "1"),
    "tabs": ("\ta\t=\t1\t\n", "1"),
    "escapes": (r'a = "\n\r\t\"\\\u00e9\U0001F600"' + "\n", "\n\r\t\"\\é😀"),
    "foreign letters": ('a = "é – 鍵 😀 ${"ü"} x"\n', "é – 鍵 😀 ü x"),
    "a solidus in a string": ('a = "a // b /* c */ # d"\n', "a // b /* c */ # d"),
    "an operator that is no comment": ("a = 4 / 2\n", "2"),
}  # fmt: skip


@pytest.mark.parametrize("name", AWKWARD)
def test_it_is_read(name: str) -> None:
    text, expected = AWKWARD[name]
    configuration = hcl.parse(Source("a.tf", text))
    assert [str(error) for error in configuration.errors] == []
    scope = Scope(Configuration([Unit(File("a.tf", "/a.tf", False, b""), b"")], (), Options()), KINDS)
    found = plain(scope.evaluate(configuration.arguments["a"].expression()))
    if expected is not None:
        assert found == expected


@pytest.mark.parametrize("name", AWKWARD)
def test_terraform_accepts_it(name: str, tmp_path: Path) -> None:
    if shutil.which("terraform") is None:
        pytest.skip("terraform is not installed: that it accepts these files is not checked")
    settings = tmp_path / "cli.tfrc"
    settings.touch()
    done = subprocess.run(
        ["terraform", "fmt", "-check=false", "-write=false", "-no-color", "-"],
        input=AWKWARD[name][0].encode(),
        env={**os.environ, "TF_CLI_CONFIG_FILE": str(settings), "CHECKPOINT_DISABLE": "1"},
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr.decode()


def test_what_is_well_written_is_read_beside_what_is_broken() -> None:
    good = 'resource "a" "b" {\n  c = provider::aws::arn_parse(d)\n  e = "$$${f}"\n}\n'
    broken = 'resource "x" "y" {\n  z = [1\n}\n\n'
    for text in (good + broken, broken + good):
        configuration = hcl.parse(Source("a.tf", text))
        assert [block.labels for block in configuration.blocks] == [("a", "b")]
        assert len(configuration.errors) == 1
        (block,) = configuration.blocks
        assert block.at.source is configuration.errors[0].at.source
        assert text[block.at.start : block.at.end] == good.strip()
