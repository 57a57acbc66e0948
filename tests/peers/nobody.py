"""Cases of what no other tool looks for in files."""

from __future__ import annotations

import json

from kms_lint.peers import BEYOND
from tests.peers.accounts import ADMINISTERED, DEBUG, GOING, PROVEN, WAITS, WITHOUT_PROOF, grants
from tests.peers.case import Case
from tests.peers.documents import (
    ADMIN,
    ALIAS_ARN,
    ROLE,
    STRANGER,
    Files,
    allow,
    deny,
    document,
    key,
    key_policy,
    key_resource,
    key_with,
    let_in,
    policy,
    template,
)
from tests.peers.policies import BLANKET, OLD, VARIABLE, rcp
from tests.threads import FOREIGN, KEY_ARN, OWNER, ROOT

RULES = {id: check.rules for check in BEYOND.checks for id in check.ids}
FOREIGN_KEY = KEY_ARN.replace(OWNER, FOREIGN)


def case(label: str, files: Files, rule: str, part: str) -> Case:
    """One thing that goes wrong, and the rule that says so at this place."""
    return Case(label, files, ((rule, part),), "passes", f"{label} {rule}", (rule,))


def under(actions: object, principal: object = ROLE, **conditions: object) -> Files:
    """A key policy that lets in under conditions."""
    who = principal if isinstance(principal, dict) else {"AWS": principal}
    return key_policy(
        let_in(who, actions, Condition={name.replace("__", ":"): each for name, each in conditions.items()})
    )


def terraform(*texts: str) -> Files:
    """A file of Terraform."""
    return {"main.tf": "\n".join(texts)}


def block(type_: str, name: str, arguments: str, policy_: str = "") -> str:
    """A resource of Terraform."""
    written = f"\npolicy = <<POLICY\n{policy_}\nPOLICY" if policy_ else ""
    return f'resource "{type_}" "{name}" {{\n{arguments}{written}\n}}\n'


def grant(**more: object) -> str:
    """A grant of Terraform."""
    said = {"key_id": KEY_ARN, "grantee_principal": ROLE, "operations": ["Decrypt"], **more}
    return block("aws_kms_grant", "grant", "\n".join(f"{name} = {json.dumps(value)}" for name, value in said.items()))


OPEN = {"AWS": "*"}
CASES = [
    case("A1", policy(let_in({"AWS": ROLE}, "kms:Decrypt")), "key-lockout", "{"),
    case("A2", key_policy(deny("kms:*", Principal="*")), "key-lockout", '"kms:*"'),
    case(
        "A2",
        key_policy(deny("kms:*", Principal="*", Condition={"StringNotEquals": {"aws:SourceAccount": OWNER}})),
        "deny-locks-out",
        '"kms:*"',
    ),
    case(
        "A3",
        key_resource(BypassPolicyLockoutSafetyCheck=True),
        "lockout-check-bypassed",
        "BypassPolicyLockoutSafetyCheck",
    ),
    case(
        "A4",
        policy({**ROOT, "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}),
        "fragile-administration",
        "aws:MultiFactorAuthPresent",
    ),
    case("A5", policy(let_in({"AWS": ADMIN})), "fragile-administration", ADMIN),
    case("A6", key_policy(let_in({"AWS": "AROACKCEVSQ6C2EXAMPLE"}, "kms:Decrypt")), "deleted-principal", "AROA"),
    case(
        "A7",
        terraform(
            block("aws_kms_key", "key", "", document({**ROOT, "Action": ["kms:Put*", "kms:Describe*"]})),
            block("aws_iam_policy", "use", "", document(allow("kms:Decrypt", "${aws_kms_key.key.arn}"))),
        ),
        "undelegated-iam-access",
        "aws_kms_key.key.arn",
    ),
    case("A9", policy({**ROOT, "Action": ["kms:PutKeyPolicy", "kms:DisableKey"]}), "one-way-door", "kms:DisableKey"),
    case("A10", policy({**ROOT, "Action": ["kms:PutKeyPolicy", "kms:DescribeKey"]}), "narrow-delegation", ""),
    *(
        case("B1", policy(allow("kms:Decrypt", [KEY_ARN, resource])), "dead-resource", resource)
        for resource in (ALIAS_ARN, "alias/orders", "1234abcd-12ab-34cd-56ef-1234567890ab", KEY_ARN.replace("key/", ""))
    ),
    case(
        "B2",
        key_policy({**let_in({"AWS": ROLE}, "kms:Decrypt"), "Resource": FOREIGN_KEY}),
        "key-policy-resource",
        FOREIGN,
    ),
    case(
        "B2",
        key_policy({"Effect": "Allow", "Principal": {"AWS": ROLE}, "Action": "kms:Decrypt"}),
        "void-statement",
        "{",
    ),
    case(
        "B3",
        key_policy(let_in({"AWS": STRANGER}, ["kms:Decrypt", "kms:PutKeyPolicy"])),
        "cross-account-dead-action",
        "kms:PutKeyPolicy",
    ),
    case(
        "B4",
        key_policy(let_in({"AWS": ROLE}, ["kms:Decrypt", "kms:CreateKey"])),
        "action-outside-key-policy",
        "kms:CreateKey",
    ),
    case("B4", policy(allow("kms:ListKeys", KEY_ARN)), "action-needs-any-resource", "kms:ListKeys"),
    case("B5", key_policy(let_in({"AWS": ROLE}, ["kms:Decrypt", "s3:GetObject"])), "foreign-action", "s3:GetObject"),
    case("B6", policy(allow("kms:UpdateAlias", ALIAS_ARN)), "alias-operation-half", "kms:UpdateAlias"),
    case(
        "B7",
        under("kms:DescribeKey", StringEquals={"kms:EncryptionContext:app": "a"}),
        "condition-never-present",
        "kms:EncryptionContext:app",
    ),
    case(
        "B8",
        under("kms:Decrypt", StringEquals={"aws:ResourceTag/team": "orders"}),
        "key-policy-condition-ignored",
        "aws:ResourceTag/team",
    ),
    case(
        "B9",
        policy(allow("kms:Decrypt", KEY_ARN, Condition={"StringEquals": {"kms:ResourceAliases": "alias/orders"}})),
        "set-operator-misused",
        "StringEquals",
    ),
    case(
        "B9",
        policy(
            allow("kms:Decrypt", KEY_ARN, Condition={"ForAnyValue:StringEquals": {"kms:ResourceAliases": "orders"}})
        ),
        "alias-condition-value",
        '"orders"',
    ),
    case(
        "B10",
        policy(allow("kms:Decrypt", KEY_ARN, Condition={"StringEquals": {"kms:RequestAlias": ALIAS_ARN}})),
        "alias-condition-value",
        ALIAS_ARN,
    ),
    *(
        case("B11", under("kms:Decrypt", StringEquals={"kms:ViaService": value}), "malformed-via-service", value)
        for value in (
            "s3.amazonaws.com",
            "s3",
            "ebs.us-east-1.amazonaws.com",
            "s3.cn-north-1.amazonaws.com.cn",
            "s3.*.amazonaws.com",
        )
    ),
    case(
        "B12",
        under(
            "kms:Decrypt",
            {"Service": "sns.amazonaws.com"},
            StringEquals={"kms:ViaService": "sns.us-east-1.amazonaws.com"},
        ),
        "via-service-on-service-principal",
        "sns",
    ),
    case(
        "B13",
        under("kms:Sign", StringEquals={"kms:EncryptionContext:app": "a"}),
        "condition-never-present",
        "kms:EncryptionContext:app",
    ),
    case(
        "B14",
        under("kms:Decrypt", **{"ForAllValues:StringEquals": {"kms:EncryptionContextKeys": "app"}}),
        "condition-fails-open",
        "kms:EncryptionContextKeys",
    ),
    case("B15", key_resource(let_in({"AWS": ROLE}, "kms:Sign")), "impossible-action", "kms:Sign"),
    case(
        "B16",
        policy(allow("kms:Decrypt", KEY_ARN.replace("us-east-1", "us-gov-west-1"))),
        "wrong-region-or-partition",
        "us-gov-west-1",
    ),
    case(
        "B17",
        {
            "template.yaml": "Resources:\n  Key:\n    Type: AWS::KMS::Key\n    Properties:\n      KeyPolicy:\n        Version: '2012-10-17'\n        Statement:\n"
            "        - Effect: Allow\n          Principal: {AWS: 012345670123}\n          Action: kms:Decrypt\n          Resource: '*'\n"
        },
        "account-id-not-text",
        "012345670123",
    ),
    case(
        "B18",
        {
            "policy.json": key_policy()["policy.json"].replace(
                '"Resource": "*"', '"Resource": "*",\n   "Action": "kms:Decrypt"'
            )
        },
        "duplicate-json-key",
        '"Action"',
    ),
    case(
        "B19",
        key_policy(let_in({"AWS": f"arn:aws:iam::{OWNER}:group/staff"}, "kms:Decrypt")),
        "invalid-principal",
        "group/staff",
    ),
    case("B20", key_policy({**let_in({"AWS": ROLE}, "kms:Decrypt"), "Sid": "use – app"}), "policy-too-large", ""),
    case("B20", policy(VARIABLE, **OLD), "literal-variable", "${aws:username}"),
    case(
        "B21",
        terraform(
            block("aws_kms_key", "key", "", document(ROOT)),
            block(
                "aws_kms_key_policy",
                "key",
                "key_id = aws_kms_key.key.id",
                document(ROOT, let_in({"AWS": ROLE}, "kms:Decrypt")),
            ),
        ),
        "conflicting-key-policies",
        "",
    ),
    case(
        "B21",
        terraform(
            *(
                f'data "aws_iam_policy_document" "{name}" {{\n{more}statement {{\nsid = "Use"\neffect = "{effect}"\nactions = ["kms:Decrypt"]\nresources = ["*"]\n'
                f'principals {{\ntype = "AWS"\nidentifiers = ["{ROLE}"]\n}}\n}}\n}}\n'
                for name, effect, more in (
                    ("common", "Deny", ""),
                    ("key", "Allow", "source_policy_documents = [data.aws_iam_policy_document.common.json]\n"),
                )
            ),
            block("aws_kms_key", "key", "policy = data.aws_iam_policy_document.key.json"),
        ),
        "overridden-statement",
        "statement {",
    ),
    *(
        case("C1", under("kms:Decrypt", OPEN, **conditions), "public-principal", '"AWS": "*"')
        for conditions in (
            {"StringNotEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}},
            {"StringEqualsIfExists": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}},
            {"ForAllValues__StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}},
            {"Null": {"aws:PrincipalOrgID": "false"}},
            {"StringEquals": {"kms:EncryptionContext:app": "a"}},
            {"StringLike": {"kms:CallerAccount": "*"}},
        )
    ),
    case(
        "C2",
        under("kms:Decrypt", OPEN, ArnLike={"aws:PrincipalArn": "arn:aws:iam::*:role/app"}),
        "account-wildcard-condition",
        "aws:PrincipalArn",
    ),
    case(
        "C3",
        under("kms:Decrypt", OPEN, StringEquals={"kms:CallerAccount": "${aws:PrincipalAccount}"}),
        "caller-chosen-condition",
        "aws:PrincipalAccount",
    ),
    case(
        "C4", under("kms:Decrypt", OPEN, StringLike={"aws:PrincipalOrgID": "o-*"}), "open-organization-condition", "o-*"
    ),
    case(
        "C4",
        under(
            "kms:Decrypt", OPEN, ForAnyValue__StringLike={"aws:PrincipalOrgPaths": "o-a1b2c3d4e5/r-ab12/ou-ab12-1111*"}
        ),
        "open-organization-condition",
        "ou-ab12-1111*",
    ),
    case("C5", key_policy(let_in({"AWS": STRANGER}, "kms:Decrypt")), "cross-account-use", STRANGER),
    case("C5", key_policy(let_in({"AWS": STRANGER}, "kms:CreateGrant")), "cross-account-grants", STRANGER),
    case(
        "C6",
        key_policy({"Effect": "Allow", "NotPrincipal": {"AWS": ROLE}, "Action": "kms:Decrypt", "Resource": "*"}),
        "not-principal-allow",
        "NotPrincipal",
    ),
    case(
        "C6",
        key_policy({"Effect": "Allow", "Principal": {"AWS": ROLE}, "NotAction": "kms:Decrypt", "Resource": "*"}),
        "not-action-allow",
        "NotAction",
    ),
    case("C7", under("kms:Decrypt", OPEN, StringEquals={"kms:CallerAccount": FOREIGN}), "cross-account-use", FOREIGN),
    case("D1", policy(allow("KMS:?ecrypt", "arn:aws:kms:*")), "wildcard-resource", "arn:aws:kms:*"),
    case("D2", policy(allow(["kms:Encrypt", "kms:GenerateDataKey"])), "foreign-key-encryption", "kms:Encrypt"),
    case("D3", policy(allow("kms:PutKeyPolicy")), "policy-takeover", "kms:PutKeyPolicy"),
    case("D3", policy(allow("kms:CreateGrant")), "unrestricted-grants", "kms:CreateGrant"),
    case("D3", policy(allow("kms:ReplicateKey")), "replica-escape", "kms:ReplicateKey"),
    case("D4", policy(allow("kms:ScheduleKeyDeletion")), "destructive-action", "kms:ScheduleKeyDeletion"),
    case(
        "D4", policy(allow("kms:ScheduleKeyDeletion", KEY_ARN)), "unbounded-deletion-window", "kms:ScheduleKeyDeletion"
    ),
    case("D5", policy(ROOT, let_in({"AWS": ADMIN}, ["kms:Put*", "kms:Decrypt"])), "administrator-can-use", ADMIN),
    case("D6", policy(allow("kms:CreateGrant", KEY_ARN)), "unrestricted-grants", "kms:CreateGrant"),
    case(
        "D7",
        policy(
            allow(
                ["kms:CreateGrant", "kms:Decrypt"], KEY_ARN, Condition={"Bool": {"kms:GrantIsForAWSResource": "true"}}
            )
        ),
        "grant-condition-misused",
        "kms:GrantIsForAWSResource",
    ),
    case("D8", policy(allow("kms:CreateKey")), "unneeded-create-key", "kms:CreateKey"),
    case(
        "E1",
        policy(
            allow("kms:TagResource"),
            allow(
                "kms:Decrypt",
                f"arn:aws:kms:us-east-1:{OWNER}:key/*",
                Condition={"StringEquals": {"aws:ResourceTag/team": "orders"}},
            ),
        ),
        "tag-escalation",
        "kms:TagResource",
    ),
    *(
        case(
            label,
            policy(
                allow(["kms:CreateAlias", "kms:UpdateAlias"]),
                allow(
                    "kms:Decrypt",
                    f"arn:aws:kms:us-east-1:{OWNER}:key/*",
                    Condition={"ForAnyValue:StringEquals": {"kms:ResourceAliases": "alias/orders"}},
                ),
            ),
            "alias-escalation",
            "",
        )
        for label in ("E1", "E2")
    ),
    case("F1", terraform(grant(grantee_principal=STRANGER)), "grant-to-account", STRANGER),
    case(
        "F1", terraform(grant(grantee_principal=f"arn:aws:iam::{FOREIGN}:role/partner")), "grant-to-stranger", FOREIGN
    ),
    case("F2", terraform(grant(operations=["Encrypt", "Decrypt", "CreateGrant"])), "grant-too-broad", "operations"),
    case("F2", terraform(grant(operations=["Decrypt", "CreateGrant"])), "grant-of-grants", "CreateGrant"),
    case(
        "F3",
        terraform(key("")["main.tf"], grant().replace(json.dumps(KEY_ARN), "aws_kms_key.key.arn")),
        "grant-without-constraint",
        "aws_kms_grant",
    ),
    case("F4", terraform(grant(operations=["ListGrants"])), "invalid-grant", "ListGrants"),
    case("F5", terraform(grant()), "grant-never-retires", "aws_kms_grant"),
    case("F6", grants({"Operations": ["Decrypt"]}, {"Operations": ["Decrypt"]}), "duplicate-grant", ""),
    case("F7", terraform(grant(grantee_principal=f"arn:aws:iam::{OWNER}:group/staff")), "invalid-grant", "group/staff"),
    case("F7", terraform(grant(grantee_principal="AROACKCEVSQ6C2EXAMPLE")), "deleted-grantee", "AROA"),
    case(
        "G1",
        key_policy(let_in({"Service": "cloudtrail.amazonaws.com"}, "kms:GenerateDataKey*")),
        "confused-deputy",
        "cloudtrail",
    ),
    case(
        "G2",
        key_policy(let_in({"Service": "secretsmanager.amazonaws.com"}, "kms:Decrypt")),
        "service-never-calls",
        "secretsmanager",
    ),
    case(
        "G3",
        under("kms:Encrypt", {"Service": "cloudwatch.amazonaws.com"}, StringEquals={"aws:SourceAccount": OWNER}),
        "service-lacks-access",
        "cloudwatch",
    ),
    case(
        "G4",
        key_policy(deny("kms:*", Principal="*", Condition={"NotIpAddress": {"aws:SourceIp": "192.0.2.0/24"}})),
        "service-breaking-deny",
        "aws:SourceIp",
    ),
    case(
        "G5",
        terraform(
            block(
                "aws_sqs_queue",
                "queue",
                'kms_master_key_id = "alias/aws/sqs"',
                document(
                    {
                        "Effect": "Allow",
                        "Principal": {"AWS": f"arn:aws:iam::{FOREIGN}:role/reader"},
                        "Action": "sqs:ReceiveMessage",
                        "Resource": "*",
                    }
                ),
            )
        ),
        "aws-managed-key-shared",
        "alias/aws/sqs",
    ),
    case(
        "G5",
        terraform(block("aws_kms_alias", "name", f'name = "alias/aws/orders"\ntarget_key_id = "{KEY_ARN}"')),
        "reserved-alias",
        "alias/aws/orders",
    ),
    case(
        "G6", under("kms:Decrypt", OPEN, StringEquals={"kms:CallerAccount": OWNER}), "missing-via-service", '"AWS": "*"'
    ),
    case("H1", key("deletion_window_in_days = 7"), "deletion-window-short", "= 7"),
    case("H1", key_resource(), "deletion-unprotected", "Key"),
    case("H1", WAITS, "deletion-scheduled", "PendingDeletion"),
    case("H1", GOING, "plan-deletes-key", "aws_kms_key.orders"),
    case(
        "H2",
        terraform(block("aws_kms_ciphertext", "secret", f'key_id = "{KEY_ARN}"\nplaintext = "swordfish"')),
        "key-material-in-code",
        "plaintext",
    ),
    case(
        "H3",
        terraform(block("aws_kms_external_key", "key", 'valid_to = "2025-12-01T00:00:00Z"')),
        "imported-material-expires",
        "valid_to",
    ),
    case("H3", key_resource(Origin="EXTERNAL"), "rotation-unsupported", "EnableKeyRotation"),
    case(
        "H4",
        key_resource(KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC"),
        "rotation-unsupported",
        "EnableKeyRotation",
    ),
    case("H4", key_resource(RotationPeriodInDays=2560), "rotation-period-too-long", "RotationPeriodInDays"),
    case(
        "H5",
        key_resource(KeySpec="RSA_2048", KeyUsage="SIGN_VERIFY", EnableKeyRotation=False),
        "weak-key-spec",
        "RSA_2048",
    ),
    case("H6", key("multi_region = true"), "multi-region-key", "multi_region"),
    case(
        "H6",
        terraform(
            block("aws_kms_key", "key", "multi_region = true", document(ROOT)),
            block(
                "aws_kms_replica_key",
                "key",
                "primary_key_arn = aws_kms_key.key.arn",
                document(ROOT, let_in({"AWS": ROLE}, "kms:Decrypt")),
            ),
        ),
        "replica-differs",
        "",
    ),
    case("H6", policy(allow("kms:ReplicateKey")), "replica-escape", "kms:ReplicateKey"),
    case("H8", policy(ADMINISTERED, PROVEN, WITHOUT_PROOF), "attestation-bypassable", ROLE),
    case("H8", policy(ADMINISTERED, DEBUG), "debug-enclave-accepted", "PCR0"),
    case(
        "I1",
        template(
            Endpoint={
                "Type": "AWS::EC2::VPCEndpoint",
                "Properties": {"VpcId": "vpc-1", "ServiceName": "com.amazonaws.us-east-1.kms"},
            }
        ),
        "open-vpc-endpoint",
        "",
    ),
    case("I2", rcp(BLANKET), "rcp-breaks-services", "aws:PrincipalOrgID"),
    case(
        "I4",
        terraform(
            block("aws_kms_key", "key", "is_enabled = false"),
            block("aws_kms_alias", "name", 'name = "alias/orders"\ntarget_key_id = aws_kms_key.key.id'),
        ),
        "alias-target",
        "aws_kms_alias",
    ),
    case(
        "I4",
        key_with(let_in({"AWS": STRANGER}, ["kms:Decrypt", "kms:Encrypt"]), let_in({"AWS": STRANGER}, "kms:Decrypt")),
        "redundant-statement",
        '"Effect": "Allow"',
    ),
]
