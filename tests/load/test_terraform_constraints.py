"""Values are what the type of their variable makes of them."""

from __future__ import annotations

import pytest

from kms_lint.files import File
from kms_lint.load.options import Options
from kms_lint.load.terraform.configuration import Configuration, Unit
from kms_lint.load.terraform.constraints import convert
from kms_lint.load.terraform.expression import KINDS
from kms_lint.load.terraform.limits import RefusedError
from kms_lint.load.terraform.scope import Scope
from kms_lint.source import Source
from kms_lint.syntax import hcl
from kms_lint.syntax.tree import Node
from tests.load.terraform_folder import Json, plain


def converted(expression: str, constraint: str) -> Node:
    arguments = hcl.parse(Source("main.tf", f"value = {expression}\ntype = {constraint}\n")).arguments
    scope = Scope(Configuration([Unit(File("main.tf", "/main.tf", False, b""), b"")], (), Options()), KINDS)
    return convert(scope.evaluate(arguments["value"].expression()), arguments["type"].expression(), scope.evaluate)


CONVERTED: list[tuple[str, str, Json]] = [
    ("1", "string", "1"),
    ('"1"', "number", "1"),
    ('"true"', "bool", True),
    ("[1, 2]", "list(string)", ["1", "2"]),
    ('["b", "a", "b"]', "set(string)", ["a", "b"]),
    ("{ a = 1 }", "map(string)", {"a": "1"}),
    ("{ a = 1 }", "any", {"a": "1"}),
    ('["a", 1]', "tuple([string, string])", ["a", "1"]),
    ("null", "string", None),
    ("{ a = 1, z = 2 }", "object({ a = string })", {"a": "1"}),
    ("{}", 'object({ a = optional(string, "d"), b = optional(number) })', {"a": "d", "b": None}),
    ("{ a = null }", 'object({ a = optional(string, "d") })', {"a": "d"}),
    ("{ a = {} }", "object({ a = optional(object({ b = optional(bool, true) }), {}) })", {"a": {"b": True}}),
    ("{}", "object({ a = optional(object({ b = optional(bool, true) }), {}) })", {"a": {"b": True}}),
    ("[{ a = 1 }]", "list(object({ a = string }))", [{"a": "1"}]),
    ("var.x ? 1 : 2", "string", {"var.x is true": "1", "var.x is false": "2"}),
    ("var.x", "string", "<var.x>"),
]


@pytest.mark.parametrize(("expression", "constraint", "expected"), CONVERTED)
def test_value_of_a_type(expression: str, constraint: str, expected: Json) -> None:
    assert plain(converted(expression, constraint)) == expected


@pytest.mark.parametrize(
    ("expression", "constraint"),
    [
        ("[]", "string"),
        ('"x"', "number"),
        ("1", "list(string)"),
        ("{}", "object({ a = string })"),
        ("[1]", "tuple([])"),
    ],
)
def test_what_is_not_of_a_type(expression: str, constraint: str) -> None:
    with pytest.raises(RefusedError):
        converted(expression, constraint)
