"""Policies that AWS manages: what is known of them, and that what is not known stays unknown."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kms_lint.api import load
from kms_lint.iam.comparisons import parse
from kms_lint.reason.estate import estate
from kms_lint.reason.managed import date, of_aws
from kms_lint.reason.rows import rows
from kms_lint.source import Source, Span
from kms_lint.syntax.tree import Text

AT = Span(Source("main.tf", ""), 0, 0)
DATA = json.loads((Path(__file__).parents[2] / "kms_lint" / "reason" / "managed_policies.json").read_text("utf-8"))
WORLD = """
resource "aws_kms_key" "pay" {}
resource "aws_iam_role" "app" {
  name = "app"
  assume_role_policy = "{}"
  managed_policy_arns = ["arn:aws:iam::aws:policy/%s"]
}
"""


def allowed(folder: Path, policy: str) -> dict[str, str]:
    (folder / "main.tf").write_text(WORLD % policy)
    held = estate(load(str(folder), account="111122223333").documents)
    found = [each for each in rows(held) if each.principal.endswith("role/app")]
    return {action: each.certainty.value for each in found for action in each.actions}


@pytest.mark.parametrize(
    ("policy", "may", "may_not"),
    [
        ("AdministratorAccess", "kms:Decrypt", ""),
        ("PowerUserAccess", "kms:PutKeyPolicy", ""),
        ("AWSKeyManagementServicePowerUser", "kms:TagResource", "kms:Decrypt"),
        ("ReadOnlyAccess", "kms:DescribeKey", "kms:Decrypt"),
        ("SecurityAudit", "kms:GetKeyPolicy", "kms:Encrypt"),
        ("job-function/ViewOnlyAccess", "kms:ListResourceTags", "kms:DescribeKey"),
    ],
)
def test_what_they_allow(tmp_path: Path, policy: str, may: str, may_not: str) -> None:
    """https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html"""
    found = allowed(tmp_path, policy)
    assert found.get(may) == "always"
    assert may_not not in found


def test_one_that_says_nothing_of_keys_gives_nothing(tmp_path: Path) -> None:
    assert allowed(tmp_path, "AmazonS3ReadOnlyAccess") == {}


def test_one_that_is_not_known_may_allow_anything(tmp_path: Path) -> None:
    assert allowed(tmp_path, "AmazonNoSuchAccess")["kms:Decrypt"] == "possible"


def test_texts_of_other_partitions_are_not_known() -> None:
    assert of_aws(Text("arn:aws-cn:iam::aws:policy/ReadOnlyAccess", AT)) == []
    assert of_aws(Text("arn:aws-cn:iam::aws:policy/AdministratorAccess", AT)) != []


def test_the_date_of_the_texts_is_an_assumption(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(WORLD % "ReadOnlyAccess")
    held = estate(load(str(tmp_path), account="111122223333").documents)
    assert f"what policies that AWS manages say is of {date()}" in held.assumptions


@pytest.mark.parametrize("name", sorted(DATA["policies"]))
def test_every_text_can_be_read(name: str) -> None:
    (policy,) = of_aws(Text(f"arn:aws:iam::aws:policy/{name}", AT))
    for statement in policy.statements:
        assert statement.actions is not None
        assert statement.resources is not None
        assert all(parse(each.operator.text).comparison is not None for each in statement.conditions)
