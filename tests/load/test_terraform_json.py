"""Terraform written as JSON: the same configuration as in HCL is the same thing, and every place is in the JSON file."""

from __future__ import annotations

import json

import pytest

from kms_lint.files import File
from kms_lint.load import Options, load
from kms_lint.model import Status
from tests.load.terraform_folder import Json, plain, policies, read, there

OPEN = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"}],
}
DOCUMENT = {
    "statement": [
        {
            "sid": "Root",
            "actions": ["kms:*"],
            "resources": ["*"],
            "principals": {"type": "AWS", "identifiers": ["arn:aws:iam::${var.account}:root"]},
            "condition": [{"test": "StringEquals", "variable": "aws:PrincipalTag/team", "values": ["&{aws:username}"]}],
        },
        {"actions": ["kms:Decrypt"], "resources": ["*"], "not_principals": [{"type": "*", "identifiers": ["*"]}]},
    ]
}
DOCUMENT_HCL = """
data "aws_iam_policy_document" "d" {
  statement {
    sid       = "Root"
    actions   = ["kms:*"]
    resources = ["*"]
    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::${var.account}:root"]
    }
    condition {
      test     = "StringEquals"
      variable = "aws:PrincipalTag/team"
      values   = ["&{aws:username}"]
    }
  }
  statement {
    actions   = ["kms:Decrypt"]
    resources = ["*"]
    not_principals {
      type        = "*"
      identifiers = ["*"]
    }
  }
}
"""
SAME: list[tuple[str, dict[str, Json], str]] = [
    (
        "a string",
        {"resource": {"aws_kms_key": {"a": {"policy": json.dumps(OPEN)}}}},
        f'resource "aws_kms_key" "a" {{\n  policy = <<-EOT\n{json.dumps(OPEN)}\nEOT\n}}\n',
    ),
    (
        "jsonencode",
        {
            "resource": {
                "aws_kms_key": {
                    "a": {"policy": '${jsonencode({Statement = [{Effect = "Allow", Principal = var.who}]})}'}
                }
            }
        },
        'resource "aws_kms_key" "a" {\n  policy = jsonencode({Statement = [{Effect = "Allow", Principal = var.who}]})\n}\n',
    ),
    (
        "a document",
        {
            "variable": {"account": {"default": "111122223333"}},
            "data": {"aws_iam_policy_document": {"d": DOCUMENT}},
            "resource": {"aws_kms_key": {"a": {"policy": "${data.aws_iam_policy_document.d.json}"}}},
        },
        'variable "account" {\n  default = "111122223333"\n}\n'
        + DOCUMENT_HCL
        + 'resource "aws_kms_key" "a" {\n  policy = data.aws_iam_policy_document.d.json\n}\n',
    ),
    (
        "inline",
        {
            "resource": {
                "aws_iam_role": {
                    "r": {
                        "inline_policy": [
                            {"name": "a", "policy": json.dumps(OPEN)},
                            {"name": "b", "policy": json.dumps(OPEN)},
                        ]
                    }
                }
            }
        },
        'resource "aws_iam_role" "r" {\n'
        + "".join(f"  inline_policy {{\n    policy = <<-EOT\n{json.dumps(OPEN)}\nEOT\n  }}\n" for _ in "ab")
        + "}\n",
    ),
]


@pytest.mark.parametrize(("written", "hcl"), [row[1:] for row in SAME], ids=[row[0] for row in SAME])
def test_the_same_in_both_syntaxes(written: dict[str, Json], hcl: str) -> None:
    one = policies({"main.tf.json": json.dumps(written)})
    other = policies(hcl)
    assert {name: plain(each.node) for name, each in one.items()} == {
        name: plain(each.node) for name, each in other.items()
    }
    assert {name: (each.kind, each.of, each.owner) for name, each in one.items()} == {
        name: (each.kind, each.of, each.owner) for name, each in other.items()
    }


def test_places_are_in_the_json_file() -> None:
    text = json.dumps(
        {"resource": {"aws_kms_key": {"a": {"deletion_window_in_days": 7, "policy": json.dumps(OPEN)}}}}, indent=2
    )
    (document,) = read({"main.tofu.json": text})
    (key,) = document.keys
    assert there(key.at) == '"a"'
    assert there(key.settings["deletion_window"].at) == "7"
    principals = key.policies[0].statements[0].principals
    assert principals is not None
    assert there(principals.values[0].value.at) == r"\"*\""


def test_files_of_both_kinds_are_one_folder() -> None:
    found = policies(
        {
            "keys.tf.json": json.dumps({"resource": {"aws_kms_key": {"a": {"policy": "${jsonencode(local.policy)}"}}}}),
            "locals.tf": 'locals {\n  policy = { Statement = [{ Principal = var.who }] }\n}\nvariable "who" {}\n',
            "terraform.tfvars.json": '{"who": "${not interpolated}"}',
        }
    )
    assert plain(found["aws_kms_key.a"].node) == {"Statement": [{"Principal": "${not interpolated}"}]}


def test_grants_and_secrets() -> None:
    grant = {
        "key_id": "${aws_kms_key.a.key_id}",
        "operations": ["Decrypt"],
        "constraints": {"encryption_context_equals": {"a": "b"}},
    }
    written: dict[str, Json] = {
        "resource": {
            "aws_kms_key": {"a": {"multi_region": True}},
            "aws_kms_grant": {"g": grant},
            "aws_kms_ciphertext": {"c": {"plaintext": "swordfish"}},
        }
    }
    (document,) = read({"main.tf.json": json.dumps(written)})
    (found,) = document.grants
    assert (found.of, found.operations, [each.pairs for each in found.constraints]) == (
        "aws_kms_key.a",
        ("Decrypt",),
        [1],
    )
    assert [there(secret.at) for secret in document.secrets] == ["swordfish"]


BROKEN = [
    ("no JSON", '{"resource": {"aws_kms_key": {"a": {', Status.MALFORMED),
    ("a wrong shape", '{"resource": {"aws_kms_key": 1, "aws_kms_alias": {"a": {"name": "alias/a"}}}}', Status.JUDGED),
]


@pytest.mark.parametrize(("text", "status"), [row[1:] for row in BROKEN], ids=[row[0] for row in BROKEN])
def test_what_is_broken_is_malformed(text: str, status: Status) -> None:
    (document,) = load([File("main.tf.json", "/nowhere/main.tf.json", True, text.encode())], Options())
    assert document.status is status
    assert [each.rule for each in document.problems] == ["malformed-document"]
