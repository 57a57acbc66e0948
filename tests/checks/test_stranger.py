"""What rules say about principals of other accounts, by format and by what the configuration says about them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

import pytest

from kms_lint.cli import main

OWN: Final = "111122223333"
VENDOR: Final = "444455556666"

JSON: Final = """\
{"Version": "2012-10-17", "Statement": [
  {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Action": "kms:*", "Resource": "*"},
  {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::444455556666:role/vendor"}, "Action": "ACTION", "Resource": "*"}
]}
"""

TERRAFORM: Final = """\
data "aws_caller_identity" "current" {}

variable "vendor" {
  default = "444455556666"
}

data "aws_iam_policy_document" "key" {
  statement {
    actions   = ["kms:*"]
    resources = ["*"]
    principals {
      type        = "AWS"
      identifiers = [format("arn:aws:iam::%s:root", data.aws_caller_identity.current.account_id)]
    }
  }
  statement {
    actions   = ["ACTION"]
    resources = ["*"]
    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::${var.vendor}:role/vendor"]
    }
  }
}

resource "aws_kms_key" "shared" {
  policy = data.aws_iam_policy_document.key.json
}
"""

CLOUDFORMATION: Final = """\
Parameters:
  Vendor: {Type: String, Default: "444455556666"}
Resources:
  Key:
    Type: AWS::KMS::Key
    DeletionPolicy: Retain
    UpdateReplacePolicy: Retain
    Properties:
      KeyPolicy:
        Version: "2012-10-17"
        Statement:
          - {Effect: Allow, Principal: {AWS: !Sub "arn:aws:iam::${AWS::AccountId}:root"}, Action: "kms:*", Resource: "*"}
          - {Effect: Allow, Principal: {AWS: !Sub "arn:aws:iam::${Vendor}:role/vendor"}, Action: ACTION, Resource: "*"}
"""

GRANT_TERRAFORM: Final = """\
resource "aws_kms_grant" "vendor" {
  key_id            = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
  grantee_principal = "arn:aws:iam::444455556666:role/vendor"
  operations        = ["Decrypt"]
}
"""

GRANT_ANSWER: Final = """\
{"Grants": [{
  "KeyId": "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
  "GrantId": "0d237476b39f8bc44e45212e08498fbe3151305030726c0590dd8d3e9f3d6a60",
  "GranteePrincipal": "arn:aws:iam::444455556666:role/vendor",
  "IssuingAccount": "arn:aws:iam::111122223333:root",
  "Operations": ["Decrypt"]
}]}
"""

POLICIES: Final = {"key.json": JSON, "main.tf": TERRAFORM, "template.yaml": CLOUDFORMATION}
GRANTS: Final = {"main.tf": GRANT_TERRAFORM, "grants.json": GRANT_ANSWER}
CASES: Final = [
    *(("cross-account-use", "kms:Decrypt", name, text) for name, text in POLICIES.items()),
    *(("cross-account-grants", "kms:CreateGrant", name, text) for name, text in POLICIES.items()),
    *(("grant-to-stranger", "", name, text) for name, text in GRANTS.items()),
]

CONFIGURATIONS: Final = {
    "a stranger": (f"accounts: {{own: ['{OWN}']}}", ("medium", "high", "medium")),
    "a vendor": (f"accounts: {{own: ['{OWN}'], third_party: ['{VENDOR}']}}", ("low", "high", "low")),
    "a vendor's role": (
        f"accounts: {{own: ['{OWN}'], third_party: ['arn:aws:iam::{VENDOR}:role/v*']}}",
        ("low", "high", "low"),
    ),
    "a partner": (f"accounts: {{own: ['{OWN}'], trusted: ['{VENDOR}']}}", (None, "medium", None)),
    "a partner's role": (
        f"accounts: {{own: ['{OWN}'], trusted: ['arn:aws:iam::{VENDOR}:role/vendor']}}",
        (None, "medium", None),
    ),
    "another role of a partner's": (
        f"accounts: {{own: ['{OWN}'], trusted: ['arn:aws:iam::{VENDOR}:role/other']}}",
        ("medium", "high", "medium"),
    ),
    "an own account": (f"accounts: {{own: ['{OWN}', '{VENDOR}']}}", (None, None, None)),
}
RULES: Final = ("cross-account-use", "cross-account-grants", "grant-to-stranger")


@pytest.mark.parametrize("said", CONFIGURATIONS)
@pytest.mark.parametrize(("rule", "action", "name", "text"), CASES)
def test_what_the_configuration_says_decides(
    said: str,
    rule: str,
    action: str,
    name: str,
    text: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    configuration, severities = CONFIGURATIONS[said]
    Path("kms-lint.yaml").write_text(configuration, encoding="utf-8")
    Path(name).write_text(text.replace("ACTION", action), encoding="utf-8")
    main(["check", "--format", "json", "--select", rule, name])
    found = json.loads(capsys.readouterr().out)["findings"]
    expected = severities[RULES.index(rule)]
    assert [each["severity"] for each in found] == ([] if expected is None else [expected])
    assert all(VENDOR in each["message"] for each in found)


@pytest.mark.parametrize(("rule", "action", "name", "text"), CASES)
def test_without_a_configuration_only_a_known_key_has_strangers(
    rule: str,
    action: str,
    name: str,
    text: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    Path(name).write_text(text.replace("ACTION", action), encoding="utf-8")
    main(["check", "--format", "json", "--include-possible", "--select", rule, name])
    (finding,) = json.loads(capsys.readouterr().out)["findings"]
    known = rule == "grant-to-stranger"  # it tells the key by its ARN
    assert finding["confidence"] == ("definite" if known else "possible")
    why = (
        "is not named in the configuration of kms-lint"
        if known
        else "may be the key's own: nothing tells which that is"
    )
    assert finding["message"].endswith(why) or why in finding["message"]
