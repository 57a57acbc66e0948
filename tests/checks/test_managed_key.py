"""AWS managed keys in front of what another account is let into."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kms_lint.api import lint
from kms_lint.finding import Confidence
from tests.load.plans import Instance, plan, text

BUCKET = """
resource "aws_s3_bucket" "orders" {
  bucket = "orders"
}

data "aws_kms_alias" "s3" {
  name = "alias/aws/s3"
}

resource "aws_s3_bucket_server_side_encryption_configuration" "orders" {
  bucket = aws_s3_bucket.orders.id
  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = data.aws_kms_alias.s3.arn
    }
  }
}
"""
POLICY = """
resource "aws_s3_bucket_policy" "orders" {
  bucket = aws_s3_bucket.orders.id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { AWS = "PRINCIPAL" }, Action = "ACTION", Resource = "*" }]
  })
}
"""
SURE, MAYBE = Confidence.DEFINITE, Confidence.POSSIBLE


@pytest.mark.parametrize(
    ("principal", "action", "expected"),
    [
        pytest.param("arn:aws:iam::444455556666:root", "s3:GetObject", [SURE], id="another account"),
        pytest.param("444455556666", "s3:*", [SURE], id="by its number, everything"),
        pytest.param("arn:aws:iam::444455556666:role/x", "S3:Get*", [SURE], id="letter case, a pattern"),
        pytest.param("arn:aws:iam::111122223333:root", "s3:GetObject", [], id="the account itself"),
        pytest.param("arn:aws:iam::444455556666:root", "s3:ListBucket", [], id="what needs no key"),
        pytest.param("${var.reader}", "s3:GetObject", [], id="an unknown principal"),
        pytest.param("arn:aws:iam::444455556666:root", "s3:${var.operation}", [MAYBE], id="an unknown operation"),
    ],
)
def test_the_policy_may_stand_in_another_file(
    tmp_path: Path, principal: str, action: str, expected: list[Confidence]
) -> None:
    (tmp_path / "bucket.tf").write_text(BUCKET)
    (tmp_path / "policy.tf").write_text(POLICY.replace("PRINCIPAL", principal).replace("ACTION", action))
    report = lint(tmp_path, select=["aws-managed-key-shared"], include_possible=True, account="111122223333")
    assert [each.confidence for each in report.findings] == expected
    assert all("alias/aws/s3 belongs to AWS" in each.message for each in report.findings)


def test_another_account_of_the_user_is_another_account_to_the_key(tmp_path: Path) -> None:
    (tmp_path / "bucket.tf").write_text(BUCKET)
    policy = POLICY.replace("PRINCIPAL", "arn:aws:iam::444455556666:root").replace("ACTION", "s3:GetObject")
    (tmp_path / "policy.tf").write_text(policy)
    own = ["111122223333", "444455556666"]
    report = lint(tmp_path, select=["aws-managed-key-shared"], account="111122223333", own_accounts=own)
    assert len(report.findings) == 1


def test_a_plan_tells_by_its_name_which_bucket_a_policy_is_of(tmp_path: Path) -> None:
    said = json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"AWS": "arn:aws:iam::444455556666:root"},
                    "Action": "s3:GetObject",
                    "Resource": "*",
                }
            ],
        }
    )
    key = {"apply_server_side_encryption_by_default": [{"kms_master_key_id": "alias/aws/s3"}]}
    bucket = {"bucket": "orders"}
    instances = [
        Instance("aws_s3_bucket.b", bucket),
        Instance("aws_s3_bucket_server_side_encryption_configuration.b", {**bucket, "rule": [key]}),
        Instance("aws_s3_bucket_policy.b", {**bucket, "policy": said}),
    ]
    (tmp_path / "plan.json").write_text(text(plan(*instances)))
    report = lint(tmp_path, select=["aws-managed-key-shared"], account="111122223333")
    assert [each.resource for each in report.findings] == ["aws_s3_bucket_server_side_encryption_configuration.b"]
