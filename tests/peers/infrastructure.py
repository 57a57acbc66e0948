"""Cases after the fixtures of checkov, trivy, tfsec, KICS, terrascan, regula, semgrep, Cloud Custodian and tflint."""

from __future__ import annotations

from tests.peers.case import fails, passes, spared
from tests.peers.documents import (
    NAMED,
    ROLE,
    STRANGER,
    allow,
    deny,
    document,
    iam_document,
    iam_policy,
    key,
    key_resource,
    key_with,
    let_in,
    template,
)
from tests.threads import KEY_ARN, ROOT

EVERYONE = let_in({"AWS": "*"})
NO_ROTATION = key('description = "orders"')
ROTATION = key("enable_key_rotation = true")
SIGNING = key('customer_master_key_spec = "RSA_4096"\nkey_usage = "SIGN_VERIFY"')
TAKEOVER, GRANTS = allow("kms:PutKeyPolicy"), allow("kms:CreateGrant", KEY_ARN)
CONTROL_FOUND = (("policy-takeover", "kms:PutKeyPolicy"), ("unrestricted-grants", "kms:CreateGrant"))
READ_ALL = allow("kms:Decrypt")
ADMINISTRATOR = allow("*")

CHECKOV = [
    fails("CKV_AWS_33", key_with(EVERYONE), ("public-principal", '"AWS": "*"')),
    fails("CKV_AWS_33", key_with(let_in("*"), root=False), ("public-principal", '"Principal": "*"')),
    fails("CKV_AWS_33", key_with(let_in({"AWS": [ROLE, "*"]})), ("public-principal", '"*"')),
    fails("CKV_AWS_33", key_resource(EVERYONE), ("public-principal", '"AWS": "*"')),
    passes("CKV_AWS_33", key_with()),
    passes("CKV_AWS_33", key_with(deny("kms:*", Principal={"AWS": "*"}))),
    fails("CKV_AWS_7", NO_ROTATION, ("rotation-disabled", "aws_kms_key")),
    fails("CKV_AWS_7", key("enable_key_rotation = false"), ("rotation-disabled", "enable_key_rotation = false")),
    fails("CKV_AWS_7", key_resource(EnableKeyRotation=False), ("rotation-disabled", "EnableKeyRotation")),
    passes("CKV_AWS_7", ROTATION),
    passes("CKV_AWS_7", SIGNING),
    fails("CKV_AWS_227", key("is_enabled = false"), ("key-disabled", "is_enabled = false")),
    passes("CKV_AWS_227", key("is_enabled = true")),
    passes("CKV_AWS_227", ROTATION),
    fails("CKV2_AWS_64", ROTATION, ("key-policy-missing", "aws_kms_key")),
    passes("CKV2_AWS_64", key_with()),
    passes(
        "CKV2_AWS_64",
        {
            "main.tf": ROTATION["main.tf"]
            + f'resource "aws_kms_key_policy" "key" {{\nkey_id = aws_kms_key.key.id\npolicy = <<POLICY\n{document(ROOT)}\nPOLICY\n}}\n'
        },
    ),
    fails("CKV_AWS_289", iam_policy(TAKEOVER, GRANTS), *CONTROL_FOUND),
    fails("CKV_AWS_289", iam_policy(allow("kms:RevokeGrant")), ("wildcard-resource", '"Resource": "*"')),
    passes("CKV_AWS_289", iam_policy(NAMED)),
    fails("CKV_AWS_290", iam_policy(READ_ALL), ("wildcard-resource", '"Resource": "*"')),
    fails(
        "CKV_AWS_290",
        iam_policy(allow("kms:ScheduleKeyDeletion")),
        ("destructive-action", "kms:ScheduleKeyDeletion"),
    ),
    passes("CKV_AWS_290", iam_policy(NAMED)),
    fails(
        "CKV_AWS_356",
        iam_document('actions = ["kms:Decrypt"]\nresources = ["*"]'),
        ("wildcard-resource", 'resources = ["*"]'),
    ),
    passes("CKV_AWS_356", iam_document(f'actions = ["kms:Decrypt"]\nresources = ["{KEY_ARN}"]')),
    fails("CKV_AWS_63", iam_policy(ADMINISTRATOR), ("administrator-access", '"Action": "*"')),
    passes("CKV_AWS_63", iam_policy(NAMED)),
    fails(
        "CKV_AWS_283",
        {
            "main.tf": """
data "aws_iam_policy_document" "key" {
  statement {
    actions   = ["kms:*"]
    resources = ["*"]
    principals {
      type        = "AWS"
      identifiers = ["*"]
    }
  }
}
resource "aws_kms_key" "key" {
  policy = data.aws_iam_policy_document.key.json
}
"""
        },
        ("public-principal", 'identifiers = ["*"]'),
    ),
    passes("CKV_AWS_283", key_with(let_in({"AWS": ROLE}, "kms:Decrypt"))),
]

TRIVY = [
    fails("AVD-AWS-0065", key("enable_key_rotation = false"), ("rotation-disabled", "enable_key_rotation = false")),
    passes("AVD-AWS-0065", SIGNING),
    fails("aws-iam-block-kms-policy-wildcard", iam_policy(READ_ALL), ("wildcard-resource", '"Resource": "*"')),
    passes("aws-iam-block-kms-policy-wildcard", iam_policy(NAMED)),
]

KICS_TERRAFORM, KICS_TEMPLATE = "7ebc9038-0bde-479a-acc4-6ed7b6758899", "da905474-7454-43c0-b8d2-5756ab951aba"
KICS = [
    fails(KICS_TERRAFORM, key_with(EVERYONE, root=False), ("public-principal", '"AWS": "*"')),
    fails(KICS_TERRAFORM, key_with(let_in({"AWS": ROLE})), ("whole-key-access", ROLE)),
    fails(KICS_TERRAFORM, key("deletion_window_in_days = 10"), ("key-policy-missing", "aws_kms_key")),
    passes(KICS_TERRAFORM, key_with(let_in({"AWS": ROLE}, "kms:Decrypt"))),
    fails(KICS_TEMPLATE, key_resource(EVERYONE), ("public-principal", '"AWS": "*"')),
    fails(KICS_TEMPLATE, key_resource(let_in({"AWS": ROLE})), ("whole-key-access", ROLE)),
    fails(KICS_TEMPLATE, template(Key={"Type": "AWS::KMS::Key", "Properties": {}}), ("key-policy-missing", "Key")),
    passes(KICS_TEMPLATE, key_resource(let_in({"AWS": ROLE}, "kms:Decrypt"))),
    fails("f6049677-ec4a-43af-8779-5190b6d03cba", key_resource(let_in("*")), ("public-principal", '"Principal": "*"')),
    passes("f6049677-ec4a-43af-8779-5190b6d03cba", key_resource()),
    fails("22fbfeac-7b5a-421a-8a27-7a2178bb910b", NO_ROTATION, ("rotation-disabled", "aws_kms_key")),
    fails(
        "22fbfeac-7b5a-421a-8a27-7a2178bb910b",
        key('customer_master_key_spec = "RSA_4096"\nkey_usage = "SIGN_VERIFY"\nenable_key_rotation = true'),
        ("rotation-unsupported", "enable_key_rotation = true"),
    ),
    passes("22fbfeac-7b5a-421a-8a27-7a2178bb910b", ROTATION),
    passes("22fbfeac-7b5a-421a-8a27-7a2178bb910b", SIGNING),
    fails(
        "235ca980-eb71-48f4-9030-df0c371029eb",
        key_resource(EnableKeyRotation=False),
        ("rotation-disabled", "EnableKeyRotation"),
    ),
    passes("235ca980-eb71-48f4-9030-df0c371029eb", key_resource()),
    fails("7350fa23-dcf7-4938-916d-6a60b0c73b50", key("is_enabled = false"), ("key-disabled", "is_enabled = false")),
    fails("2844c749-bd78-4cd1-90e8-b179df827602", key_resource(Enabled=False), ("key-disabled", '"Enabled": false')),
    passes("2844c749-bd78-4cd1-90e8-b179df827602", key_resource(Enabled=True)),
    fails(
        "0b530315-0ea4-497f-b34c-4ff86268f59d",
        key("is_enabled = true\nenable_key_rotation = true\ndeletion_window_in_days = 7"),
        ("deletion-window-short", "deletion_window_in_days = 7"),
    ),
    passes("0b530315-0ea4-497f-b34c-4ff86268f59d", key("enable_key_rotation = true\ndeletion_window_in_days = 30")),
    fails("bbe3dd3d-fea9-4b68-a785-cfabe2bbbc54", key_with(allow("kms:Decrypt")), ("malformed-policy", "{")),
    passes("bbe3dd3d-fea9-4b68-a785-cfabe2bbbc54", key_with()),
]

TERRASCAN = [
    fails("AC_AWS_0160", NO_ROTATION, ("rotation-disabled", "aws_kms_key")),
    passes("AC_AWS_0160", ROTATION),
    fails("AC_AWS_0162", key_with(let_in({"AWS": "*"}, ["kms:*"])), ("public-principal", '"AWS": "*"')),
    passes("AC_AWS_0162", key_with()),
    fails("AC_AWS_0481", key_with(allow("kms:Decrypt")), ("malformed-policy", "{")),
    passes("AC_AWS_0481", key_with()),
    fails(
        "AC_AWS_0482",
        key_with(let_in({"AWS": ROLE}, ["kms:*"])),
        ("whole-key-access", ROLE),
    ),
    fails("AC_AWS_0482", key_with(let_in("*", "kms:Decrypt"), root=False), ("public-principal", '"Principal": "*"')),
    passes("AC_AWS_0482", key_with(let_in({"AWS": ROLE}, "kms:Decrypt"), root=False)),
    fails("kmsKeyDisabled", key("is_enabled = false"), ("key-disabled", "is_enabled = false")),
    passes("kmsKeyDisabled", ROTATION),
]

REGULA = [
    fails("FG_R00036", NO_ROTATION, ("rotation-disabled", "aws_kms_key")),
    passes("FG_R00036", SIGNING),
    fails("FG_R00252", key_with(EVERYONE), ("public-principal", '"AWS": "*"')),
    passes(
        "FG_R00252", key_with(let_in({"AWS": "*"}, Condition={"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}))
    ),
    passes(
        "FG_R00252", key_with(let_in({"AWS": "*"}, Condition={"StringEquals": {"kms:CallerAccount": "111122223333"}}))
    ),
    fails("FG_R00092", iam_policy(ADMINISTRATOR), ("administrator-access", '"Action": "*"')),
    passes("FG_R00092", iam_policy(NAMED)),
]

SEMGREP = [
    fails("aws-kms-key-wildcard-principal", key_with(let_in("*")), ("public-principal", '"Principal": "*"')),
    passes("aws-kms-key-wildcard-principal", key_with(deny("kms:*", Principal="*"))),
    fails("aws-kms-no-rotation", NO_ROTATION, ("rotation-disabled", "aws_kms_key")),
    passes("aws-kms-no-rotation", ROTATION),
    fails("no-iam-resource-exposure", iam_policy(TAKEOVER, GRANTS), *CONTROL_FOUND),
    passes("no-iam-resource-exposure", iam_policy(NAMED)),
    fails("no-iam-star-actions", iam_policy(ADMINISTRATOR), ("administrator-access", '"Action": "*"')),
    passes("no-iam-star-actions", iam_policy(NAMED)),
]

CUSTODIAN = [
    fails("cross-account", key_with(let_in({"AWS": STRANGER}, "kms:Decrypt")), ("cross-account-use", STRANGER)),
    fails("cross-account", key_with(EVERYONE), ("public-principal", '"AWS": "*"')),
    passes("cross-account", key_with(let_in({"AWS": ROLE}, "kms:Decrypt"))),
]

GRANT = 'resource "aws_kms_grant" "grant" {{\nkey_id = "{key}"\noperations = ["Decrypt"]\ngrantee_principal = "{grantee}"\n}}\n'
TFLINT = [
    fails(
        "aws_kms_alias_invalid_name",
        {"main.tf": f'resource "aws_kms_alias" "name" {{\nname = "orders"\ntarget_key_id = "{KEY_ARN}"\n}}\n'},
        ("reserved-alias", 'name = "orders"'),
    ),
    passes(
        "aws_kms_alias_invalid_name",
        {"main.tf": f'resource "aws_kms_alias" "name" {{\nname = "alias/orders"\ntarget_key_id = "{KEY_ARN}"\n}}\n'},
    ),
    fails(
        "aws_kms_key_invalid_policy",
        key_with(*(let_in({"AWS": f"{ROLE}-{number}"}, "kms:Decrypt") for number in range(400))),
        ("policy-too-large", "{"),
    ),
    passes("aws_kms_key_invalid_policy", key_with()),
    fails(
        "aws_kms_grant_invalid_grantee_principal",
        {"main.tf": GRANT.format(key=KEY_ARN, grantee="arn:aws:iam::111122223333:group/staff")},
        ("invalid-grant", "grantee_principal"),
    ),
    passes("aws_kms_grant_invalid_grantee_principal", {"main.tf": GRANT.format(key=KEY_ARN, grantee=ROLE)}),
    fails(
        "aws_iam_policy_sid_invalid_characters",
        iam_policy({"Sid": "read the orders", **NAMED}),
        ("malformed-policy", "read the orders"),
    ),
    passes("aws_iam_policy_sid_invalid_characters", iam_policy({"Sid": "ReadTheOrders", **NAMED})),
    fails(
        "aws_iam_policy_gov_friendly_arns",
        {
            "main.tf": 'data "aws_partition" "here" {}\n'
            + iam_policy(
                allow(
                    "kms:Decrypt", [KEY_ARN, KEY_ARN.replace("arn:aws:", "arn:${data.aws_partition.here.partition}:")]
                )
            )["main.tf"]
        },
        ("hard-coded-partition", "arn:aws:"),
    ),
    spared(
        "aws_iam_policy_gov_friendly_arns",
        iam_policy(NAMED),
        "a policy that names one partition throughout is written for that partition",
    ),
    passes(
        "aws_iam_policy_gov_friendly_arns",
        {
            "main.tf": 'data "aws_partition" "here" {}\n'
            + iam_policy(NAMED)["main.tf"].replace("arn:aws:", "arn:${data.aws_partition.here.partition}:")
        },
    ),
]

CASES = [*CHECKOV, *TRIVY, *KICS, *TERRASCAN, *REGULA, *SEMGREP, *CUSTODIAN, *TFLINT]
