"""What somebody met who tried a real landing zone for the first time."""

from __future__ import annotations

import pytest

from tests.load.terraform_folder import policies, read

KEY = """
resource "aws_kms_key" "it" {
  policy = data.aws_iam_policy_document.it.json
}
data "aws_iam_policy_document" "shared" {
  statement {
    sid       = "Open"
    actions   = ["kms:Decrypt"]
    resources = ["*"]
    principals {
      type        = "AWS"
      identifiers = ["*"]
    }
  }
}
"""
SHARED = "source_policy_documents = [data.aws_iam_policy_document.shared.json]\n"


def own(sid: str) -> str:
    return f'statement {{\n sid = {sid}\n actions = ["kms:Encrypt"]\n resources = ["*"]\n}}'


MAY_REPLACE = {
    "an override that is not known": (f"{SHARED}override_policy_documents = var.more", "var.more"),
    "an own Sid that is not known": (SHARED + own("var.sid"), "var.sid"),
    "an own Sid of which the end is not known": (SHARED + own('"Op${var.rest}"'), "var.rest"),
    "an own Sid that depends on a condition": (SHARED + own('var.open ? "Open" : "Other"'), "var.open"),
    "own statements that are not known": (
        f'{SHARED}dynamic "statement" {{\n for_each = var.more\n content {{\n sid = statement.key\n }}\n}}',
        "var.more",
    ),
}


@pytest.mark.parametrize("name", MAY_REPLACE)
def test_a_statement_that_one_which_is_not_known_may_replace_is_not_known(name: str) -> None:
    body, expression = MAY_REPLACE[name]
    found = policies(f'{KEY}data "aws_iam_policy_document" "it" {{\n{body}\n}}\n')
    for policy in found.values():
        assert policy.branch.endswith("is false") or policy.statements[0].unknown, policy.branch
        said = {each.expression for each in policy.unresolved if "may replace" in each.message}
        assert said == {expression}, policy.branch
    assert found


KEPT = {
    "a Sid that begins otherwise": SHARED + own('"Close${var.rest}"'),
    "a source beside it, which may not have the same Sid": (
        "source_policy_documents = [data.aws_iam_policy_document.shared.json, var.more]"
    ),
    "a source before it": "source_policy_documents = [var.more]\noverride_policy_documents = "
    "[data.aws_iam_policy_document.shared.json]",
}


@pytest.mark.parametrize("name", KEPT)
def test_a_statement_that_nothing_may_replace_is_known(name: str) -> None:
    (policy,) = policies(f'{KEY}data "aws_iam_policy_document" "it" {{\n{KEPT[name]}\n}}\n').values()
    assert "Open" in [each.name for each in policy.statements if not each.unknown]


def test_a_name_that_depends_on_a_condition_is_shown_as_it_is_written() -> None:
    text = """
resource "aws_kms_alias" "it" {
  name          = "alias/${var.big ? "big" : "small"}"
  target_key_id = var.big ? var.one : var.other
}
"""
    (document,) = read(text)
    (alias,) = document.aliases
    assert alias.name == '<"alias/${var.big ? "big" : "small"}">'
    assert alias.target == "<var.big ? var.one : var.other>"
