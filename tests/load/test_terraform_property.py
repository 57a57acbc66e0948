"""Whatever the expression, it has a value, within its budget: nothing raises."""

from __future__ import annotations

from contextlib import suppress

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kms_lint.files import File
from kms_lint.load.options import Options
from kms_lint.load.terraform.characters import pieces
from kms_lint.load.terraform.configuration import Configuration, Unit
from kms_lint.load.terraform.expression import KINDS
from kms_lint.load.terraform.functions import _FAMILY, function
from kms_lint.load.terraform.json_encoding import encoded
from kms_lint.load.terraform.limits import UndecidedError
from kms_lint.load.terraform.scope import Scope
from kms_lint.load.terraform.value import JsonEncoded, lent
from kms_lint.source import Source, Span
from kms_lint.syntax import hcl

LOCALS = """
variable "x" {}
locals {
  choice = var.x ? ["a", 1] : { a = "b" }
  object = { a = 1, b = [true, null, "x"], "${var.x}" = 2 }
  list   = concat(["a", var.x], var.x, [2])
  text   = "arn:aws:iam::${var.x}:role/<b>"
  set    = toset(["b", var.x])
}
"""

LEAVES = st.sampled_from(
    [
        "1", "-2.5", "1e400", '""', '"a"', '"a,b-${var.x}"', "true", "null", "[]", "{}", "var.x", "local.choice", "0.1",
        "local.object", "local.list", "local.text", "local.set", "v", "k", '"(a*)*b"', '"%s-%d"', '"10.0.0.0/8"',
        "jsonencode(local.object)", '"x\\n y"', "(<<EOT\nx ${v}\nEOT\n)", "local.none", "aws_kms_key.none.arn", "var.l",
    ]
)  # fmt: skip
NAMES = st.sampled_from(sorted(_FAMILY))


def compound(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Expressions made of others."""
    operator = st.sampled_from(["+", "-", "*", "/", "%", "==", "!=", "<", "&&", "||"])
    return st.one_of(
        st.tuples(NAMES, st.lists(inner, max_size=4), st.sampled_from(["", "", "", "..."])).map(
            lambda parts: f"{parts[0]}({', '.join(parts[1])}{parts[2] if parts[1] else ''})"
        ),
        st.tuples(inner, operator, inner).map(lambda parts: f"({parts[0]} {parts[1]} {parts[2]})"),
        st.tuples(inner, inner, inner).map(lambda parts: f"({parts[0]} ? {parts[1]} : {parts[2]})"),
        st.lists(inner, max_size=3).map(lambda parts: f"[{', '.join(parts)}]"),
        st.tuples(inner, inner).map(lambda parts: f"{{ ({parts[0]}) = {parts[1]} }}"),
        st.tuples(inner, inner).map(lambda parts: f"({parts[0]})[{parts[1]}]"),
        inner.map(lambda part: f"({part}).a"),
        inner.map(lambda part: f"({part})[*].a"),
        inner.map(lambda part: f'"x${{{part}}}"'),
        inner.map(lambda part: f"!({part})"),
        st.tuples(inner, inner, inner).map(lambda parts: f"[for k, v in {parts[0]} : {parts[1]} if {parts[2]}]"),
        st.tuples(inner, inner, inner).map(lambda parts: f"{{ for k, v in {parts[0]} : {parts[1]} => {parts[2]}... }}"),
        st.tuples(inner, inner).map(lambda parts: f'"%{{ for v in {parts[0]} }}${{{parts[1]}}}%{{ endfor }}"'),
        st.tuples(inner, inner).map(lambda parts: f'"%{{ if {parts[0]} }}${{{parts[1]}}}%{{ endif }}"'),
    )


EXPRESSIONS = st.recursive(LEAVES, compound, max_leaves=12)


@settings(max_examples=300, deadline=5000, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(EXPRESSIONS)
def test_every_expression_has_a_value(expression: str) -> None:
    source = Source("main.tf", f"{LOCALS}\nit = {expression}\n")
    configuration = hcl.parse(source)
    unit = Unit(File("main.tf", "/nowhere/main.tf", False, b""), source.text.encode())
    scope = Scope(Configuration([unit], (), Options()), KINDS)
    assert not configuration.errors
    value = scope.evaluate(configuration.arguments["it"].expression())
    repr(lent(value, Span(source, 0, 1), "it"))
    with suppress(UndecidedError):  # it may be too large
        pieces(JsonEncoded("it", Span(source, 0, 1), value))
    with suppress(UndecidedError):
        encoded(value)


def test_every_function_is_there() -> None:
    for name in _FAMILY:
        assert function(name) is not None, name
