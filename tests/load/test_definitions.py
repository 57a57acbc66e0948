"""What an expression of Terraform refers to."""

import pytest

from kms_lint.load.definitions.references import EACH, references
from kms_lint.source import Source
from kms_lint.syntax import hcl


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("var.x", {"var.x"}),
        ("local.x.y[0]", {"local.x"}),
        ('data.aws_iam_role.r["a"].arn', {"data.aws_iam_role.r"}),
        ("aws_iam_role.r.arn", {"aws_iam_role.r"}),
        ("module.m.out", {"module.m"}),
        ('"${var.x}-${upper(local.y)}"', {"var.x", "local.y"}),
        ("[for a in var.x : a.b if a != local.y]", {"var.x", "local.y"}),
        ("{ a = var.x, (var.y) = 1 }", {"var.x", "var.y"}),
        ("var.x[*].arn", {"var.x"}),
        ("var.x ? local.a : !local.b", {"var.x", "local.a", "local.b"}),
        ("each.value", {EACH}),
        ("var.x[count.index]", {"var.x", EACH}),
        ("path.module", set()),
        ('file("x")', None),
        ('templatefile("x", {})', None),
        ("timestamp()", None),
        ("alone", None),
    ],
    ids=lambda each: each if isinstance(each, str) else "",
)
def test_references(text: str, names: set[str] | None) -> None:
    expression = hcl.parse(Source("", f"value = {text}\n")).arguments["value"].expression()
    assert references(expression) == names
