"""Findings and what is not decided, in files of Terraform, CloudFormation and plans, as rules see them."""

from __future__ import annotations

from pathlib import Path

from kms_lint import api
from kms_lint.source import Span


def found(folder: Path, **files: str) -> tuple[list[str], list[str]]:
    """The findings of the files, the possible ones with a question mark, and the expressions that are not known.

    In the names of files `__` stands for a dot.
    """
    for name, text in files.items():
        folder.joinpath(name.replace("__", ".")).write_text(text, encoding="utf-8")
    report = api.lint(folder, include_possible=True)
    findings = [
        f"{each.about.id}{'?' if each.confidence.name == 'POSSIBLE' else ''}:{line(each.span)}"
        for each in report.findings
        if each.about.id not in ("key-policy-missing", "rotation-disabled")
    ]
    return findings, [each.expression for each in report.unresolved]


def line(span: Span) -> int:
    """The line that a finding begins in."""
    return span.source.position(span.start).line


KEY = """resource "aws_kms_key" "orders" {
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::111122223333:root" }
      Action    = "kms:*"
      Resource  = "*"
    }]
  })
}
"""


def test_an_account_that_alone_can_change_a_key_is_the_key_s_own_in_terraform_as_in_json(tmp_path: Path) -> None:
    assert found(tmp_path, main__tf=KEY) == ([], [])
