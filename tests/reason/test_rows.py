"""Effective access over several documents: who may do what, how surely, and by which statements."""

from __future__ import annotations

from pathlib import Path

from kms_lint.api import load
from kms_lint.reason.estate import estate
from kms_lint.reason.rows import Row, rows

KEY = """
resource "aws_kms_key" "pay" {
  policy = jsonencode({Statement = [%s]})
}
resource "aws_iam_role" "app" {
  name               = "app"
  assume_role_policy = "{}"
  %s
}
"""
ROOT = '{Sid="Root",Effect="Allow",Principal={AWS="arn:aws:iam::111122223333:root"},Action="kms:*",Resource="*"}'
APP = "arn:aws:iam::111122223333:role/app"


def _rows(folder: Path, policy: str, role: str = "") -> list[Row]:
    (folder / "main.tf").write_text(KEY % (policy, role))
    return list(rows(estate(load(folder, account="111122223333").documents)))


def _said(found: list[Row], principal: str) -> list[tuple[str, tuple[str, ...], str]]:
    return [(row.certainty.value, row.actions, row.condition) for row in found if row.principal == principal]


def _inline(action: str, resource: str) -> str:
    statement = f'{{Effect="Allow",Action="{action}",Resource={resource}}}'
    document = "{Statement=[" + statement + "]}"
    return 'inline_policy {\n    name = "x"\n    policy = jsonencode(' + document + ")\n  }"


def test_delegation_needs_an_identity_policy(tmp_path: Path) -> None:
    """The key policy leaves it to IAM: without an identity policy the role has nothing."""
    assert _said(_rows(tmp_path, ROOT), APP) == []


def test_an_identity_policy_that_names_the_key(tmp_path: Path) -> None:
    """Both halves agree for what the identity policy names."""
    found = _rows(tmp_path, ROOT, _inline("kms:Decrypt", "aws_kms_key.pay.arn"))
    assert _said(found, APP) == [("always", ("kms:Decrypt",), "")]
    path = next(row.paths for row in found if row.principal == APP)
    assert [(link.kind.value, link.statement and link.statement.name) for link in path[0]] == [
        ("key-policy", "Root"),
        ("identity-policy", "[0]"),
    ]


def test_an_identity_policy_without_delegation(tmp_path: Path) -> None:
    """IAM alone gives nothing."""
    other = '{Effect="Allow",Principal={AWS="arn:aws:iam::111122223333:role/other"},Action="kms:Encrypt",Resource="*"}'
    assert _said(_rows(tmp_path, other, _inline("kms:*", '"*"')), APP) == []


def test_conditions_are_told_as_written(tmp_path: Path) -> None:
    """The entry itself, and what a Deny takes away."""
    allow = (
        f'{{Effect="Allow",Principal={{AWS="{APP}"}},Action="kms:Decrypt",Resource="*",'
        'Condition={StringEquals={"kms:ViaService"="s3.us-east-1.amazonaws.com"}}}'
    )
    deny = (
        '{Sid="Plain",Effect="Deny",Principal="*",Action="kms:*",Resource="*",'
        'Condition={Bool={"aws:SecureTransport"="false"}}}'
    )
    condition = "StringEquals kms:ViaService s3.us-east-1.amazonaws.com and not (Bool aws:SecureTransport false)"
    assert _said(_rows(tmp_path, f"{allow},{deny}"), APP) == [("conditional", ("kms:Decrypt",), condition)]


def test_a_policy_that_is_not_in_the_input_makes_access_possible(tmp_path: Path) -> None:
    """What is not known never counts as no access."""
    attached = 'managed_policy_arns = ["arn:aws:iam::111122223333:policy/elsewhere"]'
    found = _said(_rows(tmp_path, ROOT, attached), APP)
    assert {certainty for certainty, _, _ in found} == {"possible"}
    assert "it is allowed by the policy arn:aws:iam::111122223333:policy/elsewhere" in found[0][2]


def test_another_account_uses_few_operations(tmp_path: Path) -> None:
    """Of a whole key, another account can use what works across accounts."""
    other = '{Effect="Allow",Principal={AWS="arn:aws:iam::444455556666:root"},Action="kms:*",Resource="*"}'
    found = _said(_rows(tmp_path, other), "any principal of 444455556666 with IAM permission")
    assert [certainty for certainty, _, _ in found] == ["always"]
    assert "kms:Decrypt" in found[0][1]
    assert "kms:PutKeyPolicy" not in found[0][1]
