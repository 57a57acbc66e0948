"""What a fix says, written into the file that has the finding, takes the finding away and brings no other."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest

from kms_lint import lint
from kms_lint.finding import Severity


class Cure(NamedTuple):
    """A file with a finding, and the fix applied to it.

    `says` are words of the fix (or of the message) as they are printed. `change` is what is replaced, and by what: the words
    with names, accounts and ids filled in.
    """

    rule: str
    file: str
    text: str
    says: str
    change: tuple[tuple[str, str], ...]


ROOT = '{"Sid": "Account", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Action": "kms:*", "Resource": "*"}'


def policy(*statements: str) -> str:
    return '{"Version": "2012-10-17", "Statement": [\n' + ",\n".join(statements) + "\n]}\n"


def key_policy(*statements: str) -> str:
    return policy(ROOT, *statements)


KEY = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
ANYBODY = '{"Sid": "Use", "Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "kms:Decrypt", "Resource": "*"%s}'
APP = '"arn:aws:iam::111122223333:role/app"'
IDENTITY = '{"Sid": "Use", "Effect": "Allow", "Action": %s, "Resource": "%s"%s}'
DOCUMENT = """
data "aws_caller_identity" "current" {}

data "aws_iam_policy_document" "key" {
  statement {
    actions   = ["kms:*"]
    resources = ["*"]
    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::${data.aws_caller_identity.current.account_id}:root"]
    }
  }
  statement {
%s
  }
}

resource "aws_kms_key" "data" {
  enable_key_rotation = true
  policy              = data.aws_iam_policy_document.key.json
}
"""
TEMPLATE = """Resources:
  Key:
    Type: AWS::KMS::Key
    DeletionPolicy: Retain
    UpdateReplacePolicy: Retain
    Properties:
      EnableKeyRotation: true
      KeyPolicy:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal: {AWS: !Sub "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"}
            Action: kms:*
            Resource: "*"
"""
GRANT = """
resource "aws_kms_grant" "worker" {
  name              = "worker"
  key_id            = "KEY"
  grantee_principal = "arn:aws:iam::111122223333:role/worker"
  operations        = ["Decrypt", "RetireGrant"]
  constraints {
    encryption_context_equals = { table = "orders" }
  }
}
""".replace("KEY", KEY)

CURES = (
    Cure("public-principal", "key.json", key_policy(ANYBODY % ""), '`"StringEquals": {"kms:CallerAccount": "111122223333"}`',
         (('"Resource": "*"}\n]', '"Resource": "*", "Condition": {"StringEquals": {"kms:CallerAccount": "111122223333", "kms:ViaService": "s3.us-east-1.amazonaws.com"}}}\n]'),)),
    Cure("public-principal", "key.tf", DOCUMENT % '    actions = ["kms:Decrypt"]\n    resources = ["*"]\n    principals {\n      type = "AWS"\n      identifiers = ["*"]\n    }',
         '`identifiers = ["arn:aws:iam::${data.aws_caller_identity.current.account_id}:root"]`',
         (('identifiers = ["*"]', 'identifiers = ["arn:aws:iam::${data.aws_caller_identity.current.account_id}:root"]'),)),
    Cure("not-principal-allow", "key.json", key_policy('{"Effect": "Allow", "NotPrincipal": {"AWS": "arn:aws:iam::444455556666:root"}, "Action": "kms:Decrypt", "Resource": "*"}'),
         "Write `Principal` with the accounts or roles that need the key.", (('"NotPrincipal": {"AWS": "arn:aws:iam::444455556666:root"}', f'"Principal": {{"AWS": {APP}}}'),)),
    Cure("key-lockout", "key.json", policy(ANYBODY.replace('"*"}', f"{APP}}}", 1) % ""), ROOT.replace('"Sid": "Account", ', ""),
         (("[\n", "[\n" + ROOT.replace('"Sid": "Account", ', "") + ",\n"),)),
    Cure("whole-key-access", "key.json", key_policy(f'{{"Effect": "Allow", "Principal": {{"AWS": {APP}}}, "Action": "kms:*", "Resource": "*"}}'),
         "users get `kms:Decrypt`, `kms:Encrypt`, `kms:GenerateDataKey*`, `kms:ReEncrypt*` and `kms:DescribeKey`",
         ((f'{APP}}}, "Action": "kms:*"', f'{APP}}}, "Action": ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*", "kms:DescribeKey"]'),)),
    Cure("key-policy-resource", "key.json", key_policy(f'{{"Effect": "Allow", "Principal": {{"AWS": {APP}}}, "Action": "kms:Decrypt", "Resource": "alias/orders"}}'),
         '`"Resource": "*"`', (('"Resource": "alias/orders"', '"Resource": "*"'),)),
    Cure("void-statement", "key.json", key_policy(f'{{"Effect": "Allow", "Principal": {{"AWS": {APP}}}, "Action": "kms:Decrypt"}}'),
         '`"Resource": "*"`', (('"Action": "kms:Decrypt"}', '"Action": "kms:Decrypt", "Resource": "*"}'),)),
    Cure("confused-deputy", "key.json", key_policy('{"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": ["kms:Decrypt", "kms:GenerateDataKey*"], "Resource": "*"}'),
         "Add a condition `StringEquals` on `aws:SourceAccount`",
         (('"kms:GenerateDataKey*"], "Resource": "*"}', '"kms:GenerateDataKey*"], "Resource": "*", "Condition": {"StringEquals": {"aws:SourceAccount": "111122223333"}}}'),)),
    Cure("condition-fails-open", "key.json", key_policy(ANYBODY % ', "Condition": {"StringEqualsIfExists": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}, "StringLike": {"kms:CallerAccount": "111122223333"}}'),
         "Use the positive operator without `IfExists`, such as `StringEquals`.", (("StringEqualsIfExists", "StringEquals"),)),
    Cure("caller-chosen-condition", "key.json", key_policy(ANYBODY % ', "Condition": {"StringEquals": {"kms:CallerAccount": "${aws:PrincipalAccount}", "kms:ViaService": "s3.us-east-1.amazonaws.com"}}'),
         "`${aws:ResourceAccount}`", (("${aws:PrincipalAccount}", "${aws:ResourceAccount}"),)),
    Cure("account-wildcard-condition", "key.json", key_policy(ANYBODY % ', "Condition": {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/app"}}'),
         "`arn:aws:iam::111122223333:role/app`", (("arn:aws:iam::*:role/app", "arn:aws:iam::111122223333:role/app"),)),
    Cure("open-organization-condition", "key.json", key_policy(ANYBODY % ', "Condition": {"StringLike": {"aws:PrincipalOrgID": "o-*"}, "StringEqualsIgnoreCase": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}}'),
         "Write the whole id under `StringEquals`", (('"StringLike": {"aws:PrincipalOrgID": "o-*"}', '"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}'),)),
    Cure("unrestricted-grants", "key.json", key_policy(f'{{"Effect": "Allow", "Principal": {{"AWS": {APP}}}, "Action": "kms:CreateGrant", "Resource": "*"}}'),
         '`"Condition": {"Bool": {"kms:GrantIsForAWSResource": "true"}}`',
         (('"kms:CreateGrant", "Resource": "*"', '"kms:CreateGrant", "Resource": "*", "Condition": {"Bool": {"kms:GrantIsForAWSResource": "true"}}'),)),
    Cure("unrestricted-grants", "key.json", key_policy(f'{{"Effect": "Allow", "Principal": {{"AWS": {APP}}}, "Action": "kms:CreateGrant", "Resource": "*"}}'),
         '`"ForAllValues:StringEquals": {"kms:GrantOperations": ["Decrypt"]}` and `"StringEquals": {"kms:GranteePrincipal": "arn:aws:iam::ACCOUNT:role/NAME"}`',
         (('"kms:CreateGrant", "Resource": "*"', '"kms:CreateGrant", "Resource": "*", "Condition": {"ForAllValues:StringEquals": {"kms:GrantOperations": ["Decrypt"]}, "StringEquals": {"kms:GranteePrincipal": "arn:aws:iam::111122223333:role/worker"}}'),)),
    Cure("cross-account-grants", "key.json", key_policy('{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::444455556666:role/vendor"}, "Action": "kms:CreateGrant", "Resource": "*"}'),
         '`"Bool": {"kms:GrantIsForAWSResource": "true"}`',
         (('"kms:CreateGrant", "Resource": "*"', '"kms:CreateGrant", "Resource": "*", "Condition": {"Bool": {"kms:GrantIsForAWSResource": "true"}}'),)),
    Cure("cross-account-dead-action", "key.json", key_policy('{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::444455556666:role/vendor"}, "Action": ["kms:Decrypt", "kms:EnableKey"], "Resource": "*"}'),
         "Take the operation out", ((', "kms:EnableKey"', ""),)),
    Cure("action-outside-key-policy", "key.json", key_policy(f'{{"Effect": "Allow", "Principal": {{"AWS": {APP}}}, "Action": ["kms:Decrypt", "kms:ListKeys"], "Resource": "*"}}'),
         "Remove the action here.", ((', "kms:ListKeys"', ""),)),
    Cure("foreign-action", "key.json", key_policy(f'{{"Effect": "Allow", "Principal": {{"AWS": {APP}}}, "Action": ["kms:Decrypt", "s3:GetObject"], "Resource": "*"}}'),
         "keep only `kms:` actions here", ((', "s3:GetObject"', ""),)),
    Cure("unknown-action", "key.json", key_policy(f'{{"Effect": "Allow", "Principal": {{"AWS": {APP}}}, "Action": ["kms:Decrypt", "kms:ReEncrypt"], "Resource": "*"}}'),
         "both are `kms:ReEncrypt*`", (('"kms:ReEncrypt"', '"kms:ReEncrypt*"'),)),
    Cure("malformed-via-service", "key.json", key_policy(ANYBODY % ', "Condition": {"StringEquals": {"kms:ViaService": "s3.amazonaws.com", "kms:CallerAccount": "111122223333"}}'),
         "`s3.us-east-1.amazonaws.com`", (('"s3.amazonaws.com"', '"s3.us-east-1.amazonaws.com"'),)),
    Cure("key-policy-condition-ignored", "key.json", key_policy(f'{{"Effect": "Allow", "Principal": {{"AWS": {APP}}}, "Action": "kms:Decrypt", "Resource": "*", "Condition": {{"StringEquals": {{"aws:ResourceTag/team": "a"}}}}}}'),
         "Remove the condition", ((', "Condition": {"StringEquals": {"aws:ResourceTag/team": "a"}}', ""),)),
    Cure("invalid-principal", "key.json", key_policy('{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:role/app-*"}, "Action": "kms:Decrypt", "Resource": "*"}'),
         '`"Principal": {"AWS": "arn:aws:iam::111122223333:root"}` with `"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/app-*"}`',
         (('"Principal": {"AWS": "arn:aws:iam::111122223333:role/app-*"}, "Action": "kms:Decrypt", "Resource": "*"',
           '"Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Action": "kms:Decrypt", "Resource": "*", "Condition": {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/app-*"}}'),)),
    Cure("deny-locks-out", "key.json", key_policy('{"Effect": "Deny", "Principal": "*", "Action": "kms:*", "Resource": "*", "Condition": {"StringNotEquals": {"kms:EncryptionContext:app": "payments"}}}'),
         '`"ArnNotLike": {"aws:PrincipalArn": ["arn:aws:iam::111122223333:root", "arn:aws:iam::111122223333:role/admin"]}`',
         (('"StringNotEquals": {"kms:EncryptionContext:app": "payments"}', '"ArnNotLike": {"aws:PrincipalArn": ["arn:aws:iam::111122223333:root", "arn:aws:iam::111122223333:role/admin"]}'),)),
    Cure("service-breaking-deny", "key.json", key_policy('{"Effect": "Deny", "Principal": "*", "Action": "kms:Decrypt", "Resource": "*", "Condition": {"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}}'),
         '`"Bool": {"aws:ViaAWSService": "false"}`', (('"NotIpAddress"', '"Bool": {"aws:ViaAWSService": "false"}, "NotIpAddress"'),)),
    Cure("duplicate-json-key", "key.json", key_policy(ANYBODY % ', "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}, "StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}}'),
         '`"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5", "kms:ViaService": "s3.us-east-1.amazonaws.com"}`',
         (('"o-a1b2c3d4e5"}, "StringEquals": {"kms', '"o-a1b2c3d4e5", "kms'),)),
    Cure("wildcard-resource", "identity.json", policy(IDENTITY % ('"kms:Decrypt"', "*", "")),
         '`"Resource": "arn:aws:kms:REGION:ACCOUNT:key/KEY-ID"`', (('"Resource": "*"', f'"Resource": "{KEY}"'),)),
    Cure("wildcard-resource", "identity.json", policy(IDENTITY % ('"kms:Decrypt"', "*", "")),
         '`arn:aws:kms:*:ACCOUNT:key/*` with the condition `"ForAnyValue:StringEquals": {"kms:ResourceAliases": "alias/NAME"}`',
         (('"Resource": "*"', '"Resource": "arn:aws:kms:*:111122223333:key/*", "Condition": {"ForAnyValue:StringEquals": {"kms:ResourceAliases": "alias/orders"}}'),)),
    Cure("account-wide-resource", "identity.json", policy(IDENTITY % ('"kms:Decrypt"', "arn:aws:kms:us-east-1:111122223333:key/*", "")),
         '`"ForAnyValue:StringEquals": {"kms:ResourceAliases": "alias/NAME"}`',
         (('key/*"', 'key/*", "Condition": {"ForAnyValue:StringEquals": {"kms:ResourceAliases": "alias/orders"}}'),)),
    Cure("dead-resource", "identity.json", policy(IDENTITY % ('"kms:Decrypt"', "arn:aws:kms:us-east-1:111122223333:alias/orders", "")),
         "Write the key ARN, `arn:aws:kms:REGION:ACCOUNT:key/KEY-ID`", (("arn:aws:kms:us-east-1:111122223333:alias/orders", KEY),)),
    Cure("full-kms-access", "identity.json", policy(IDENTITY % ('"kms:*"', "*", "")),
         '`"Action": ["kms:Decrypt", "kms:GenerateDataKey*"]`, and name the keys',
         (('"kms:*"', '["kms:Decrypt", "kms:GenerateDataKey*"]'), ('"Resource": "*"', f'"Resource": "{KEY}"'))),
    Cure("not-action-allow", "identity.json", policy('{"Effect": "Allow", "NotAction": "kms:Decrypt", "Resource": "*"}'),
         "Write `Action` with the operations that are needed, and `Resource` with the keys",
         (('"NotAction": "kms:Decrypt", "Resource": "*"', f'"Action": "kms:Encrypt", "Resource": "{KEY}"'),)),
    Cure("policy-takeover", "identity.json", policy(IDENTITY % ('"kms:PutKeyPolicy"', "arn:aws:kms:*:111122223333:key/*", "")),
         '`"Resource": "arn:aws:kms:REGION:ACCOUNT:key/KEY-ID"`', (("arn:aws:kms:*:111122223333:key/*", KEY),)),
    Cure("unneeded-create-key", "identity.json", policy(IDENTITY % ('"kms:CreateKey"', "*", "")),
         '`"Condition": {"StringEquals": {"kms:KeySpec": "SYMMETRIC_DEFAULT", "kms:KeyOrigin": "AWS_KMS"}, "Bool": {"kms:BypassPolicyLockoutSafetyCheck": "false"}}`',
         (('"Resource": "*"', '"Resource": "*", "Condition": {"StringEquals": {"kms:KeySpec": "SYMMETRIC_DEFAULT", "kms:KeyOrigin": "AWS_KMS"}, "Bool": {"kms:BypassPolicyLockoutSafetyCheck": "false"}}'),)),
    Cure("destructive-action", "identity.json", policy(IDENTITY % ('"kms:ScheduleKeyDeletion"', "arn:aws:kms:*:111122223333:key/*", "")),
         "Allow kms:DisableKey instead", (('"kms:ScheduleKeyDeletion"', '"kms:DisableKey"'), ("arn:aws:kms:*:111122223333:key/*", KEY))),
    Cure("destructive-action", "identity.json", policy(IDENTITY % ('"kms:ScheduleKeyDeletion"', "arn:aws:kms:*:111122223333:key/*", "")),
         '`"Bool": {"aws:MultiFactorAuthPresent": "true"}` and `"NumericGreaterThanEquals": {"kms:ScheduleKeyDeletionPendingWindowInDays": "30"}`',
         (('arn:aws:kms:*:111122223333:key/*"', f'{KEY}", "Condition": {{"Bool": {{"aws:MultiFactorAuthPresent": "true"}}, "NumericGreaterThanEquals": {{"kms:ScheduleKeyDeletionPendingWindowInDays": "30"}}}}'),)),
    Cure("unbounded-deletion-window", "identity.json", policy(IDENTITY % ('"kms:ScheduleKeyDeletion"', KEY, "")),
         '`"NumericGreaterThanEquals": {"kms:ScheduleKeyDeletionPendingWindowInDays": "30"}`',
         ((f'{KEY}"', f'{KEY}", "Condition": {{"NumericGreaterThanEquals": {{"kms:ScheduleKeyDeletionPendingWindowInDays": "30"}}}}'),)),
    Cure("replica-escape", "identity.json", policy(IDENTITY % ('"kms:ReplicateKey"', "arn:aws:kms:*:111122223333:key/*", "")),
         '`"StringEquals": {"kms:ReplicaRegion": ["eu-west-1"]}`',
         (('arn:aws:kms:*:111122223333:key/*"', f'{KEY.replace("/1234abcd", "/mrk-1234abcd")}", "Condition": {{"StringEquals": {{"kms:ReplicaRegion": ["eu-west-1"]}}}}'),)),
    Cure("foreign-key-encryption", "identity.json", policy(IDENTITY % ('"kms:Encrypt"', "*", "")),
         "Name the keys by ARN",
         (('"Resource": "*"', f'"Resource": "{KEY}"'),)),
    Cure("action-needs-any-resource", "identity.json", policy(IDENTITY % ('"kms:ListKeys"', KEY, "")),
         '`"Resource": "*"`', ((KEY, "*"),)),
    Cure("literal-variable", "identity.json", policy(IDENTITY % ('"kms:Decrypt"', KEY, ', "Condition": {"StringEquals": {"kms:EncryptionContext:team": "${aws:PrincipalTag/team}"}}')).replace("2012-10-17", "2008-10-17"),
         '`"Version": "2012-10-17"`', (("2008-10-17", "2012-10-17"),)),
    Cure("alias-condition-value", "identity.json", policy(IDENTITY % ('"kms:Decrypt"', KEY.replace("1234abcd-12ab-34cd-56ef-1234567890ab", "*"), ', "Condition": {"ForAnyValue:StringEquals": {"kms:ResourceAliases": "orders-*"}}')),
         "where it has a wildcard, such as `alias/orders-*`, `StringLike`", (("orders-*", "alias/orders-*"), ("StringEquals", "StringLike"))),
    Cure("set-operator-misused", "identity.json", policy(IDENTITY % ('"kms:Decrypt"', KEY, ', "Condition": {"ForAnyValue:StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}}')),
         "Write the operator without `ForAllValues:` or `ForAnyValue:` for a key with one value", (("ForAnyValue:StringEquals", "StringEquals"),)),
    Cure("unknown-condition-key", "identity.json", policy(IDENTITY % ('"kms:Decrypt"', KEY, ', "Condition": {"StringEquals": {"kms:ViaServices": "s3.us-east-1.amazonaws.com"}}')),
         "did you mean `kms:ViaService`", (("kms:ViaServices", "kms:ViaService"),)),
    Cure("rotation-disabled", "key.tf", DOCUMENT.replace("enable_key_rotation = true", "enable_key_rotation = false") % '    actions = ["kms:Decrypt"]\n    resources = ["*"]\n    principals {\n      type = "AWS"\n      identifiers = ["arn:aws:iam::111122223333:role/app"]\n    }',
         "`enable_key_rotation = true`", (("enable_key_rotation = false", "enable_key_rotation = true"),)),
    Cure("rotation-disabled", "template.yaml", TEMPLATE.replace("EnableKeyRotation: true", "EnableKeyRotation: false"),
         "`EnableKeyRotation: true`", (("EnableKeyRotation: false", "EnableKeyRotation: true"),)),
    Cure("deletion-window-short", "template.yaml", TEMPLATE.replace("EnableKeyRotation: true", "EnableKeyRotation: true\n      PendingWindowInDays: 7"),
         "`PendingWindowInDays: 30`", (("PendingWindowInDays: 7", "PendingWindowInDays: 30"),)),
    Cure("rotation-period-too-long", "template.yaml", TEMPLATE.replace("EnableKeyRotation: true", "EnableKeyRotation: true\n      RotationPeriodInDays: 2560"),
         "`RotationPeriodInDays: 365`", (("RotationPeriodInDays: 2560", "RotationPeriodInDays: 365"),)),
    Cure("rotation-unsupported", "template.yaml", TEMPLATE.replace("EnableKeyRotation: true", "EnableKeyRotation: true\n      KeySpec: RSA_4096\n      KeyUsage: SIGN_VERIFY"),
         "Remove `EnableKeyRotation`", (("      EnableKeyRotation: true\n", ""),)),
    Cure("deletion-unprotected", "template.yaml", TEMPLATE.replace("    DeletionPolicy: Retain\n    UpdateReplacePolicy: Retain\n", ""),
         "Write `DeletionPolicy: Retain` and `UpdateReplacePolicy: Retain` beside `Type`", (("    Type:", "    DeletionPolicy: Retain\n    UpdateReplacePolicy: Retain\n    Type:"),)),
    Cure("key-disabled", "template.yaml", TEMPLATE.replace("EnableKeyRotation: true", "EnableKeyRotation: true\n      Enabled: false"),
         "Remove `Enabled`", (("      Enabled: false\n", ""),)),
    Cure("weak-key-spec", "template.yaml", TEMPLATE.replace("EnableKeyRotation: true", "KeySpec: RSA_2048\n      KeyUsage: SIGN_VERIFY"),
         "`KeySpec: RSA_4096`", (("RSA_2048", "RSA_4096"),)),
    Cure("lockout-check-bypassed", "template.yaml", TEMPLATE.replace("EnableKeyRotation: true", "EnableKeyRotation: true\n      BypassPolicyLockoutSafetyCheck: true"),
         "Remove `BypassPolicyLockoutSafetyCheck: true`", (("      BypassPolicyLockoutSafetyCheck: true\n", ""),)),
    Cure("key-policy-missing", "template.yaml", TEMPLATE[: TEMPLATE.index("      KeyPolicy")],
         '`!Sub "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"`', (("EnableKeyRotation: true\n", "EnableKeyRotation: true\n" + TEMPLATE[TEMPLATE.index("      KeyPolicy") :]),)),
    Cure("reserved-alias", "template.yaml", TEMPLATE + "  Alias:\n    Type: AWS::KMS::Alias\n    Properties: {AliasName: alias/aws/orders, TargetKeyId: !Ref Key}\n",
         "a name of your own that does not begin with `aws/`", (("alias/aws/orders", "alias/orders"),)),
    Cure("grant-never-retires", "grant.tf", GRANT.replace(', "RetireGrant"', ""), 'add `"RetireGrant"` to `operations`', (('["Decrypt"]', '["Decrypt", "RetireGrant"]'),)),
    Cure("grant-without-constraint", "grant.tf", GRANT.replace('"Decrypt", ', '"Decrypt", "GenerateDataKey", ').replace('  constraints {\n    encryption_context_equals = { table = "orders" }\n  }\n', ""),
         "Add a `constraints` block with `encryption_context_equals = { NAME = \"VALUE\" }`", (('"RetireGrant"]\n', '"RetireGrant"]\n  constraints {\n    encryption_context_equals = { table = "orders" }\n  }\n'),)),
    Cure("grant-of-grants", "grant.tf", GRANT.replace('"Decrypt"', '"Decrypt", "CreateGrant"'), 'Take `"CreateGrant"` out of `operations`', ((', "CreateGrant"', ""),)),
    Cure("grant-to-account", "grant.tf", GRANT.replace("role/worker", "root"), "Set `grantee_principal` to the ARN of the role that needs the key", (("111122223333:root", "111122223333:role/worker"),)),
    Cure("grant-too-broad", "grant.tf", GRANT.replace('"Decrypt"', '"Decrypt", "Encrypt", "GenerateDataKey", "CreateGrant"'), '`["Decrypt"]`', (('"Decrypt", "Encrypt", "GenerateDataKey", "CreateGrant"', '"Decrypt"'),)),
)  # fmt: skip


@pytest.mark.parametrize("cure", CURES, ids=[f"{number}-{cure.rule}" for number, cure in enumerate(CURES)])
def test_a_fix_that_is_applied_cures(cure: Cure, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    path = Path(cure.file)
    path.write_text(cure.text)
    before = lint(cure.file, account="111122223333").findings
    ours = [each for each in before if each.about.id == cure.rule]
    assert ours, [(each.about.id, each.message) for each in before]
    assert any(cure.says in " ".join((*each.fix.split(), each.message)) for each in ours), [each.fix for each in ours]
    text = cure.text
    for old, new in cure.change:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    path.write_text(text)
    after = lint(cure.file, account="111122223333").findings
    ours = [each for each in after if each.about.id == cure.rule]
    assert all(each.severity <= Severity.LOW and "(it is `low` then)" in each.fix for each in ours), ours
    brought = {each.about.id for each in after} - {each.about.id for each in before}
    assert brought == set(), [(each.about.id, each.message) for each in after]
