"""What is known of values of which part is unknown, and of values that depend on conditions."""

from __future__ import annotations

import pytest

from kms_lint.syntax.tree import Items, Node, Scalar, Text, Unknown
from tests.load.terraform_folder import Json, plain, value

REST = """
variable "x" {}
variable "y" {}
variable "list" {}
variable "map" {}
data "aws_caller_identity" "me" {}
resource "aws_kms_key" "k" {}
resource "aws_iam_role" "app" { name = "app" }
locals {
  known   = { a = 1, b = { c = "d" } }
  choice  = var.x ? "one" : "two"
  choices = var.x ? ["one"] : ["two", "three"]
}
"""

KEPT: list[tuple[str, Json]] = [
    ('concat(["a"], var.list, ["b"])', ["a", "<var.list>", "b"]),
    ('concat(["a"], var.list)[0]', "a"),
    ('length(concat(["a"], var.list))', '<length(concat(["a"], var.list))>'),
    ('flatten([["a"], var.list, [var.x]])', ["a", "<var.list>", "<var.x>"]),
    ("merge({ a = 1 }, { b = var.x })", {"a": "1", "b": "<var.x>"}),
    ("merge(var.map, { a = 1 })", {"<var.map>": "<var.map>", "a": "1"}),
    ("merge({ a = 1 }, var.map).a", "<merge({ a = 1 }, var.map)>"),
    ("merge(var.map, { a = 1 }).a", "1"),
    ('join(",", ["a", var.x, "c"])', "a,<var.x>,c"),
    ('join(",", concat(["a"], var.list))', "a,<var.list>"),
    ('format("%s-%s", "a", var.x)', "a-<var.x>"),
    ('format("%05d", var.x)', "<var.x>"),
    ('"${var.x}-${upper("b")}"', "<var.x>-B"),
    ('replace("a/${var.x}/b", "/", "-")', "a-<var.x>-b"),
    ('lower("ABC-${var.x}")', "abc-<var.x>"),
    ('split("/", "a/b-${var.x}/c")[0]', "a"),
    ('split(":", aws_iam_role.app.arn)[2]', "iam"),
    ('split("/", aws_iam_role.app.arn)[1]', "app"),
    ('trimspace("  a ${var.x} ")', "a <var.x>"),
    ('startswith("arn:${var.x}", "arn:")', True),
    ('startswith("arn:${var.x}", "x")', False),
    ('startswith("arn:${var.x}", "arn:aws")', '<startswith("arn:${var.x}", "arn:aws")>'),
    ('endswith("${var.x}.json", ".json")', True),
    ('strcontains("a:${var.x}:b", ":b")', True),
    ('strcontains("a:${var.x}", "c")', '<strcontains("a:${var.x}", "c")>'),
    ('contains(["a", var.x], "a")', True),
    ('contains(["a", var.x], "b")', '<contains(["a", var.x], "b")>'),
    ('toset(["b", var.x, "a"])', ["a", "b", "<var.x>"]),
    ("setunion([1], var.list)", ["1", "<var.list>"]),
    ("keys({ a = var.x })", ["a"]),
    ("values({ a = var.x, b = 1 })", ["<var.x>", "1"]),
    ("lookup({ a = var.x }, \"a\", 1)", "<var.x>"),
    ("lookup(var.map, \"a\", 1)", '<lookup(var.map, "a", 1)>'),
    ("coalesce(null, var.x)", "<coalesce(null, var.x)>"),
    ('compact(["", var.x, "a"])', ["<var.x>", "a"]),
    ("[for x in [1, var.x] : x]", ["1", "<var.x>"]),
    ("[for x in var.list : x]", "<[for x in var.list : x]>"),
    ("{ for x in [\"a\"] : x => var.x }", {"a": "<var.x>"}),
    ("try(var.x, 1)", "<var.x>"),
    ("try(local.known.z, var.x)", "<var.x>"),
    ("can(var.x.y)", "<can(var.x.y)>"),
    ("var.x == var.x", "<var.x == var.x>"),
    ("false && var.x", False),
    ("true || var.x", True),
    ("true && var.x", "<true && var.x>"),
    ("jsondecode(jsonencode({ a = var.x })).a", "<var.x>"),
    ('sort(["b", var.x])[0]', '<sort(["b", var.x])[0]>'),
    ("md5(var.x)", "<md5(var.x)>"),
    ("uuid()", "<uuid()>"),
    ("range(var.x)", "<range(var.x)>"),
    ('element(concat(["a"], var.list), 0)', "a"),
    ("provider::aws::arn_parse(aws_iam_role.app.arn).account_id", "<account>"),
    ('provider::aws::arn_parse("arn:aws:iam::1:role/a/b").resource', "role/a/b"),
    ('provider::aws::arn_build("aws", "iam", "", var.x, "root")', "arn:aws:iam::<var.x>:root"),
    ('provider::aws::trim_iam_role_path("arn:aws:iam::1:role/a/b")', "arn:aws:iam::1:role/b"),
    ('var.list[*].arn', "<var.list[*].arn>"),
    ("[aws_kms_key.k][*].arn", ["<aws_kms_key.k.arn>"]),
    ('"%{ if var.x }a%{ else }b%{ endif }-c"', {"var.x is true": "a-c", "var.x is false": "b-c"}),
    ('"%{ for x in ["a", var.x] }${x},%{ endfor }"', "a,<var.x>,"),
    ('"a%{ for x in var.list }${x},%{ endfor }b"', "a<%{ for x in var.list }${x},%{ endfor }>b"),
]  # fmt: skip


@pytest.mark.parametrize(("expression", "expected"), KEPT, ids=[each for each, _ in KEPT])
def test_what_is_known_is_kept(expression: str, expected: Json) -> None:
    assert plain(value(expression, REST)) == expected


CHOICES: list[tuple[str, Json]] = [
    ("upper(local.choice)", {"var.x is true": "ONE", "var.x is false": "TWO"}),
    ('"${local.choice}${local.choice}"', {"var.x is true": "oneone", "var.x is false": "twotwo"}),
    ('local.choice == "one"', {"var.x is true": True, "var.x is false": False}),
    (
        'local.choice == "one" ? "a" : "b"',
        {"var.x is true": "a", "var.x is false": "b"},
    ),
    ("length(local.choices)", {"var.x is true": "1", "var.x is false": "2"}),
    ('join("-", [local.choice, "x"])', {"var.x is true": "one-x", "var.x is false": "two-x"}),
    ("[for c in local.choices : upper(c)]", {"var.x is true": ["ONE"], "var.x is false": ["TWO", "THREE"]}),
    ('concat(local.choices, ["x"])', {"var.x is true": ["one", "x"], "var.x is false": ["two", "three", "x"]}),
    ("local.choices[1]", {"var.x is true": "<local.choices[1]>", "var.x is false": "three"}),
    ('try(local.choices[1], "none")', {"var.x is true": "none", "var.x is false": "three"}),
    (
        '[for c in ["a"] : c if var.x]',
        {"var.x is true": ["a"], "var.x is false": []},
    ),
    (
        '[for c in ["a"] : c if var.y == c]',
        {"var.y == c for 0 is true": ["a"], "var.y == c for 0 is false": []},
    ),
    (
        'join("", [for c in ["1", "2", "3", "4", "5"] : var.y == c ? "a" : "b"])',
        '<join("", [for c in ["1", "2", "3", "4", "5"] : var.y == c ? "a" : "b"])>',
    ),
]  # fmt: skip


@pytest.mark.parametrize(("expression", "expected"), CHOICES, ids=[each for each, _ in CHOICES])
def test_conditions_are_kept(expression: str, expected: Json) -> None:
    assert plain(value(expression, REST)) == expected


REASONS = {
    "uuid()": "it gives something else each time, or a secret",
    "frobnicate(var.x)": "the function `frobnicate` is not known",
    "upper([])": "a string is required here",
    "[1][2]": "there is no element 2 in it: it has 1",
    "local.known.z": "there is no `z` in it",
    "regex(\"(\", \"a\")": "a bracket in the pattern is not closed",
    'format("%d", "x")': "a number is required here",
    "pathexpand(\"~/x\")": "it depends on who runs it",
    "1e100000": "it is too large to be worked out",
}  # fmt: skip


@pytest.mark.parametrize("expression", REASONS)
def test_reason(expression: str) -> None:
    found = value(expression, REST)
    assert isinstance(found, Unknown)
    assert found.reason == REASONS[expression]
    assert found.expression == expression


BOMBS = {
    "range(10000000)": "a range has at most 1024 elements",
    'format("%1000000000d", 1)': "too large",
    'format("%.1000000000f", 1)': "too large",
    'join(",", [for a in range(1000) : join(",", [for b in range(1000) : "xxxxxxxxxx"])])': "too large",
    "setproduct(range(1000), range(1000), range(1000))": "too large",
    "[for a in range(1000) : [for b in range(1000) : b]]": "too large",
    'replace(join("", [for a in range(1000) : "a"]), "a", join("", [for b in range(1000) : "bbbb"]))': "too large",
    'indent(1000000000, "a\\nb")': "too large",
    'regex("(a*)*(a*)*(a*)*(a*)*b", join("", [for a in range(1000) : "aaaaaaaaaaaaaaaaaaaaaaaaaaaaa"]))': "the pattern does not match",
    'regex("((((a{1000}){1000}){1000}){1000})", "a")': "too large",
    'regex("(x+x+)+y", "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx")': "the pattern does not match",
    "pow(10, 1000000)": "too large",
    "1e999 * 1e999 * 1e999 * 1e999": "too large",
    'parseint(join("", [for a in range(1000) : "999999999"]), 10)': "too large",
    'cidrsubnet("::/0", 128, 1e30)': "",
    "-" * 3000 + "1": "",
    "(" * 3000 + "1" + ")" * 3000: "",
    "[" * 3000 + "]" * 3000: "",
    '"${' * 15 + "1" + '}"' * 15: "1",
    'strrev(join("", [for a in range(1024) : join("", [for b in range(1000) : "xxxx"])]))': "too large",
}  # fmt: skip


@pytest.mark.parametrize("expression", BOMBS, ids=[each[:60] for each in BOMBS])
def test_bombs_end(expression: str) -> None:
    shown = str(value(expression, REST))
    assert BOMBS[expression] in shown
    assert len(shown) < 1 << 24


def test_doubling_through_functions_ends() -> None:
    for step in (
        "concat(local.l{0}, local.l{0})",
        "flatten([local.l{0}, local.l{0}])",
        "[for a in [1, 2] : local.l{0}]",
    ):
        chain = "\n".join(f"l{n} = {step.format(n + 1)}" for n in range(40))
        assert "too large" in repr(value("local.l0", f'locals {{\n{chain}\nl40 = ["x"]\n}}'))
    text = "\n".join(f'l{n} = join("", [local.l{n + 1}, local.l{n + 1}])' for n in range(40))
    assert "too large" in repr(value("local.l0", f'locals {{\n{text}\nl40 = "x"\n}}'))
    encoded = "\n".join(f"l{n} = jsonencode(local.l{n + 1})" for n in range(40))
    assert isinstance(value("length(local.l0)", f'locals {{\n{encoded}\nl40 = "\\"x\\""\n}}'), Scalar | Unknown)


def test_deep_nesting_through_locals_ends() -> None:
    for step in (
        "[for a in local.l{0} : a]",
        "upper(local.l{0})",
        "[local.l{0}][*]",
        'local.l{0} == 1 ? "a" : local.l{0}',
        "jsondecode(jsonencode([local.l{0}]))",
        '"%{{ for a in [local.l{0}] }}${{a}}%{{ endfor }}"',
        "flatten([local.l{0}])",
        "merge({{ a = local.l{0} }})",
    ):
        chain = "\n".join(f"l{n} = {step.format(n + 1)}" for n in range(300))
        found: Node = value("local.l0", f'locals {{\n{chain}\nl300 = ["x"]\n}}')
        assert isinstance(found, Unknown | Text | Items | Scalar) or found is not None


def test_a_large_list_is_worked_out_quickly() -> None:
    words = ", ".join(f'"w{n}"' for n in range(20_000))
    rest = f"locals {{\n  words = [{words}]\n}}"
    found = value("length(distinct(local.words))", rest)
    assert plain(found) == "20000"
    assert plain(value('contains(local.words, "w19999")', rest)) is True
    assert "too large" in repr(value("[for a in local.words : [for b in local.words : b]]", rest))
