"""Where other tools are naive: they accuse what is right, or let pass what is wrong. What they do was seen, or read in their code."""

from __future__ import annotations

import json

from tests.peers.case import Case, caught, spared
from tests.peers.documents import (
    ALIAS_ARN,
    NAMED,
    ROLE,
    STRANGER,
    allow,
    deny,
    document,
    iam_policy,
    key,
    key_policy,
    key_resource,
    key_with,
    let_in,
    managed,
    policy,
    role,
    template,
)
from tests.peers.policies import rcp
from tests.threads import FOREIGN, KEY_ARN, OWNER, ROOT

EVERYONE = let_in({"AWS": "*"}, "kms:Decrypt")
EVERYONE_FOUND = ("public-principal", '"AWS": "*"')
STAR_FOUND = ("wildcard-resource", '"Resource": "*"')
AWS_PATTERN = let_in(
    {"AWS": "*"},
    ["kms:Decrypt", "kms:GenerateDataKey*"],
    Condition={"StringEquals": {"kms:CallerAccount": OWNER, "kms:ViaService": "s3.us-east-1.amazonaws.com"}},
)
OUTSIDE = deny("kms:*", Principal="*", Condition={"StringNotEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}})
PUBLIC_JSON = document(ROOT, EVERYONE)
DOCUMENT = """
data "aws_iam_policy_document" "key" {
  statement {
    actions   = ["kms:Decrypt"]
    resources = ["*"]
    principals {
      type        = "AWS"
      identifiers = ["*"]
    }
  }
}
"""
DEFAULT_DOCUMENT = {
    "main.tf": DOCUMENT.replace('["*"]\n    }', f'["arn:aws:iam::{OWNER}:root"]\n    }}').replace(
        "kms:Decrypt", "kms:*"
    )
    + 'resource "aws_kms_key" "key" {\npolicy = data.aws_iam_policy_document.key.json\n}\n'
}
IDENTIFIERS = ("public-principal", 'identifiers = ["*"]')


def condition(**operators: object) -> dict[str, object]:
    """An Allow for everybody with these conditions."""
    return dict(
        let_in(
            {"AWS": "*"}, "kms:Decrypt", Condition={name.replace("__", ":"): each for name, each in operators.items()}
        )
    )


def key_of(type_: str, rest: str = "") -> dict[str, str]:
    """A resource of Terraform with a public policy."""
    return {"main.tf": f'resource "{type_}" "key" {{\n{rest}\npolicy = <<POLICY\n{PUBLIC_JSON}\nPOLICY\n}}\n'}


UNPARSED: list[Case] = [
    caught(
        "CKV_AWS_33",
        {"main.tf": DOCUMENT + 'resource "aws_kms_key" "key" {\npolicy = data.aws_iam_policy_document.key.json\n}\n'},
        "a policy document is no text yet",
        IDENTIFIERS,
    ),
    caught(
        "CKV_AWS_33",
        {
            "main.tf": 'resource "aws_kms_key" "key" {\npolicy = file("${path.module}/key.json")\n}\n',
            "key.json": PUBLIC_JSON,
        },
        "a policy in a file",
        EVERYONE_FOUND,
    ),
    caught(
        "CKV_AWS_33",
        {
            "main.tf": 'resource "aws_kms_key" "key" {\npolicy = templatefile("${path.module}/key.tpl", { who = "*" })\n}\n',
            "key.tpl": PUBLIC_JSON.replace('"AWS": "*"', '"AWS": "${who}"'),
        },
        "a policy of a template",
        ("public-principal", ""),
    ),
    caught(
        "CKV_AWS_33",
        {"main.tf": key_with(EVERYONE)["main.tf"].replace("POLICY", "P")},
        "a heredoc with a marker of one letter",
        EVERYONE_FOUND,
    ),
    caught(
        "CKV_AWS_33",
        key_of("aws_kms_key_policy", f'key_id = "{KEY_ARN}"'),
        "a policy apart from its key",
        EVERYONE_FOUND,
    ),
    caught("CKV_AWS_33", key_of("aws_kms_external_key"), "a key of imported material", EVERYONE_FOUND),
    caught("CKV_AWS_33", key_of("aws_kms_replica_key", f'primary_key_arn = "{KEY_ARN}"'), "a replica", EVERYONE_FOUND),
    caught(
        "CKV_AWS_33",
        key_of("aws_kms_replica_external_key", f'primary_key_arn = "{KEY_ARN}"'),
        "a replica of imported material",
        EVERYONE_FOUND,
    ),
    caught("CKV_AWS_33", key_resource(EVERYONE, of="AWS::KMS::ReplicaKey"), "a replica in a template", EVERYONE_FOUND),
    caught(
        "CKV_AWS_33",
        template(
            Key={"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": {"Version": "2012-10-17", "Statement": EVERYONE}}}
        ),
        "one statement, not in a list",
        EVERYONE_FOUND,
    ),
    caught(
        "CKV_AWS_33",
        template(Key={"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": json.dumps(json.loads(PUBLIC_JSON))}}),
        "a policy as text in a template",
        ("public-principal", ""),
    ),
    caught(
        "KMSKeyWildcardPrincipalRule",
        {
            "template.json": json.dumps(
                {
                    "Conditions": {"Open": {"Fn::Equals": [{"Ref": "AWS::Region"}, "us-east-1"]}},
                    "Resources": {
                        "Key": {
                            "Type": "AWS::KMS::Key",
                            "Properties": {
                                "KeyPolicy": {
                                    "Version": "2012-10-17",
                                    "Statement": [ROOT, {"Fn::If": ["Open", EVERYONE, {"Ref": "AWS::NoValue"}]}],
                                }
                            },
                        }
                    },
                },
                indent=1,
            )
        },
        "a statement under a condition of the template",
        EVERYONE_FOUND,
    ),
    caught(
        "F76",
        template(
            Plain={"Type": "AWS::KMS::Key", "Properties": {"EnableKeyRotation": True}},
            Key={"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": json.loads(PUBLIC_JSON)}},
        ),
        "another key without a policy is an error for the whole template",
        EVERYONE_FOUND,
    ),
    caught(
        "CKV_AWS_63",
        managed(NAMED, allow("*")),
        "the second statement is not looked at",
        ("administrator-access", '"Action": "*"'),
    ),
    *(
        caught(
            "CKV_AWS_111",
            template(
                Policy={
                    "Type": f"AWS::IAM::{of}Policy",
                    "Properties": {
                        f"{of}Name": "app",
                        "PolicyName": "use",
                        "PolicyDocument": {"Version": "2012-10-17", "Statement": [allow("kms:Decrypt")]},
                    },
                }
            ),
            f"AWS::IAM::{of}Policy is not read",
            STAR_FOUND,
        )
        for of in ("Role", "User", "Group")
    ),
    caught(
        "CKV_AWS_290",
        {
            "main.tf": f'resource "aws_iam_role" "app" {{\nassume_role_policy = "{{}}"\ninline_policy {{\nname = "use"\npolicy = <<POLICY\n{document(allow("kms:Decrypt"))}\nPOLICY\n}}\n}}\n'
        },
        "policies inside a role are not read",
        STAR_FOUND,
    ),
    caught(
        "CKV_AWS_33",
        {
            "main.tf": f'resource "aws_vpc_endpoint_policy" "kms" {{\nvpc_endpoint_id = aws_vpc_endpoint.kms.id\npolicy = <<POLICY\n{document(let_in("*"))}\nPOLICY\n}}\n'
            'resource "aws_vpc_endpoint" "kms" {\nservice_name = "com.amazonaws.us-east-1.kms"\nvpc_id = "vpc-1"\n}\n'
        },
        "policies of endpoints are not read",
        ("open-vpc-endpoint", '"Resource": "*"'),
    ),
    caught(
        "CKV_AWS_33",
        rcp(
            deny("kms:*", Principal="*", Condition={"StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}})
        ),
        "policies of organizations are not read",
        ("rcp-breaks-services", "aws:PrincipalOrgID"),
    ),
    caught(
        "AC_AWS_0162",
        {
            "main.tf": 'data "aws_caller_identity" "me" {}\n'
            + key_with(let_in({"AWS": ["arn:aws:iam::${data.aws_caller_identity.me.account_id}:root", "*"]}))["main.tf"]
        },
        "a policy with an interpolation is not read",
        ("public-principal", '"*"'),
    ),
]

KEY_POLICIES: list[Case] = [
    *(
        spared(check, DEFAULT_DOCUMENT, "AWS's default key policy")
        for check in (
            "7ebc9038-0bde-479a-acc4-6ed7b6758899",
            "AC_AWS_0482",
            "CKV_AWS_109",
            "CKV_AWS_111",
            "CKV_AWS_356",
        )
    ),
    spared("GenericResourceWildcardPolicyRule", key_resource(), "AWS's default key policy"),
    *(
        caught(
            check,
            key_with(condition(StringLike={"kms:CallerAccount": "*"})),
            "a condition that limits nothing",
            EVERYONE_FOUND,
        )
        for check in (
            "CKV_AWS_33",
            "7ebc9038-0bde-479a-acc4-6ed7b6758899",
            "KMSKeyWildcardPrincipalRule",
            "ElectricEye",
        )
    ),
    *(
        caught(
            check,
            key_policy(condition(StringEquals={"kms:ViaService": "s3.us-east-1.amazonaws.com"})),
            "every account can go through a service",
            EVERYONE_FOUND,
        )
        for check in (
            "CKV_AWS_33",
            "KMSKeyWildcardPrincipalRule",
            "kms_key_not_publicly_accessible",
            "kmsKeyPolicy",
            "cross-account",
        )
    ),
    *(
        caught(
            check,
            key_policy(condition(ArnLike={"aws:PrincipalArn": "arn:aws:iam::*:role/app"})),
            "anybody can make a role of that name",
            ("account-wildcard-condition", "aws:PrincipalArn"),
        )
        for check in ("CKV_AWS_33", "KMSKeyWildcardPrincipalRule", "kms_cmk_policy_prohibit_public_access")
    ),
    *(
        spared(check, key_resource(AWS_PATTERN), "the statement of every page of AWS on services that use keys")
        for check in ("CKV_AWS_33", "F76", "KMS_NO_WILDCARD_PRINCIPAL", "f6049677-ec4a-43af-8779-5190b6d03cba")
    ),
    spared(
        "principal_validation", key_policy(AWS_PATTERN), "the statement of every page of AWS on services that use keys"
    ),
    caught(
        "kms_key_not_publicly_accessible",
        key_policy(condition(StringLike={"aws:PrincipalOrgID": "o-*"})),
        "any organization",
        ("open-organization-condition", "o-*"),
    ),
    caught(
        "kms_key_not_publicly_accessible",
        key_policy(condition(StringEquals={"kms:CallerAccount": FOREIGN})),
        "another account by a condition",
        ("cross-account-use", FOREIGN),
    ),
    caught(
        "kms_key_not_publicly_accessible",
        key_policy(condition(ForAnyValue__StringEquals={"aws:CalledVia": "athena.amazonaws.com"})),
        "every account can go through a service",
        EVERYONE_FOUND,
    ),
    caught("kms_key_not_publicly_accessible", policy(EVERYONE), "one statement, not in a list", EVERYONE_FOUND),
    spared(
        "kms_key_not_publicly_accessible",
        key_policy(
            condition(ForAnyValue__StringLike={"aws:PrincipalOrgPaths": "o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/*"})
        ),
        "a part of an organization",
    ),
    spared(
        "cross-account",
        key_policy(
            condition(ForAnyValue__StringLike={"aws:PrincipalOrgPaths": "o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/*"})
        ),
        "a part of an organization",
    ),
    *(
        spared(check, key_policy(EVERYONE, OUTSIDE), "a Deny for all that are not of the organization")
        for check in ("CKV_AWS_33", "kms_key_not_publicly_accessible", "principal_validation", "F76")
    ),
    *(
        caught(
            check,
            key_policy({"Effect": "Allow", "NotPrincipal": {"AWS": ROLE}, "Action": "kms:Decrypt", "Resource": "*"}),
            "Allow with NotPrincipal lets in everybody else",
            ("not-principal-allow", "NotPrincipal"),
        )
        for check in ("CKV_AWS_33", "F76", "KMSKeyWildcardPrincipalRule", "kms_key_not_publicly_accessible")
    ),
    caught(
        "CKV_AWS_33",
        key_policy(let_in({"Service": "cloudtrail.amazonaws.com"}, "kms:GenerateDataKey*")),
        "a service for whichever account",
        ("confused-deputy", "cloudtrail"),
    ),
    caught(
        "CKV_AWS_33",
        key_policy(let_in({"AWS": STRANGER})),
        "another account may do everything",
        ("cross-account-use", STRANGER),
    ),
    caught(
        "CKV_AWS_33",
        key_policy(let_in({"AWS": "arn:aws:iam::*:root"}, "kms:Decrypt")),
        "AWS refuses a wildcard inside an ARN",
        ("invalid-principal", "*:root"),
    ),
    *(
        caught(
            check,
            key_with(let_in(principal)),
            f"everybody, written {json.dumps(principal)}",
            ("public-principal", '"*"'),
        )
        for check, principal in (
            ("FG_R00252", "*"),
            ("FG_R00252", {"AWS": ["*"]}),
            ("AC_AWS_0162", "*"),
            ("7ebc9038-0bde-479a-acc4-6ed7b6758899", {"AWS": ["*"]}),
        )
    ),
    caught("KMS_NO_WILDCARD_PRINCIPAL", key_resource(EVERYONE), 'everybody, written {"AWS": "*"}', EVERYONE_FOUND),
    caught(
        "f6049677-ec4a-43af-8779-5190b6d03cba",
        key_resource(EVERYONE),
        'everybody, written {"AWS": "*"}',
        EVERYONE_FOUND,
    ),
    caught("aws-kms-key-wildcard-principal", key_with(EVERYONE), "everybody, but not for `kms:*`", EVERYONE_FOUND),
    caught("AC_AWS_0162", key_with(EVERYONE), "everybody, but not for `kms:*`", EVERYONE_FOUND),
    *(
        spared(
            check,
            key_policy(deny("kms:*", Principal=principal, Condition={"Bool": {"aws:SecureTransport": "false"}})),
            "a Deny",
        )
        for check, principal in (
            ("AC_AWS_0162", {"AWS": "*"}),
            ("AC_AWS_0482", "*"),
            ("KMS_NO_WILDCARD_PRINCIPAL", "*"),
        )
    ),
]

IDENTITIES: list[Case] = [
    *(
        caught(
            "CKV_AWS_290",
            iam_policy(allow("kms:Decrypt", resource)),
            f"all keys, written {resource}",
            ("wildcard-resource", resource),
        )
        for resource in ("arn:aws:kms:*:*:key/*", "arn:aws:kms:*", "arn:*")
    ),
    caught(
        "CKV_AWS_290",
        iam_policy({"Effect": "Allow", "Action": "kms:Decrypt", "NotResource": KEY_ARN}),
        "all keys but one",
        ("not-action-allow", "NotResource"),
    ),
    *(
        caught("CKV_AWS_290", iam_policy(allow(action)), f"decryption, written {action}", STAR_FOUND)
        for action in ("KMS:Decrypt", "kms:?ecrypt", "kms:De*t")
    ),
    caught("ServiceWildcard", policy(allow("KMS:*")), "everything, written KMS:*", ("full-kms-access", "KMS:*")),
    caught(
        "CKV_AWS_290",
        iam_policy(allow("kms:Decrypt", Condition={"ArnLike": {"aws:PrincipalArn": "*"}})),
        "a condition that limits nothing",
        STAR_FOUND,
    ),
    caught(
        "CKV_AWS_355",
        iam_policy(allow("kms:Decrypt"), deny("kms:Decrypt", Condition={"Bool": {"aws:SecureTransport": "false"}})),
        "a Deny under a condition takes nothing back",
        STAR_FOUND,
    ),
    caught(
        "CKV_AWS_355",
        iam_policy(allow("kms:Decrypt"), {"Effect": "Deny", "Action": "kms:Decrypt", "Resource": KEY_ARN}),
        "a Deny for one key leaves the others",
        STAR_FOUND,
    ),
    caught("WildcardResourceRule", role(allow("kms:Decrypt")), "it leaves out every action of AWS KMS", STAR_FOUND),
    caught(
        "IAM_ROLE_NO_WILDCARD_ACTIONS_ON_PERMISSIONS",
        role(allow("kms:*")),
        "it looks at a property that roles do not have",
        ("full-kms-access", "kms:*"),
    ),
    caught(
        "IAM_ROLE_OR_POLICY_NO_ALLOW_PLUS_NOT_ACTION",
        role({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}),
        "policies inside a role are not read",
        ("not-action-allow", "NotAction"),
    ),
    caught(
        "iam_policy_no_full_access_to_kms",
        policy(allow("kms:*", "arn:aws:kms:*:*:key/*")),
        "all keys, but not written `*`",
        ("full-kms-access", "kms:*"),
    ),
]

POLICIES: list[Case] = [
    spared("INVALID_SID", key_policy(), "the Sid that AWS itself writes into key policies has spaces"),
    spared("RESOURCE_STAR", key_policy(let_in({"AWS": ROLE}, "kms:Decrypt")), "in a key policy `*` is this key"),
    spared("UNKNOWN_ACTION", policy(allow("kms:GetKeyLastUsage", KEY_ARN)), "an operation that is new"),
    spared(
        "UNKNOWN_CONDITION_FOR_ACTION",
        policy(
            allow(
                "kms:Decrypt",
                f"arn:aws:kms:*:{OWNER}:key/*",
                Condition={
                    "ForAnyValue:StringEquals": {"kms:ResourceAliases": "alias/orders"},
                    "Bool": {"aws:ViaAWSService": "true"},
                },
            )
        ),
        "condition keys that are new",
    ),
    spared(
        "INVALID_ARN",
        policy(allow("kms:Decrypt", f"arn:aws:kms:us-*:{OWNER}:key/mrk-1234abcd12ab34cd56ef1234567890ab")),
        "a pattern for Regions",
    ),
    spared(
        "INVALID_ARN",
        policy(allow("kms:Decrypt", KEY_ARN.replace("arn:aws:kms:us-east-1", "arn:aws-iso-e:kms:eu-isoe-west-1"))),
        "a partition that is new",
    ),
    spared(
        "UNKNOWN_PRINCIPAL",
        key_policy(let_in({"AWS": f"arn:aws:sts::{OWNER}:assumed-role/app/session"}, "kms:Decrypt")),
        "a session of a role",
    ),
    caught(
        "RESOURCE_MISMATCH",
        policy(allow("kms:Decrypt", [KEY_ARN, ALIAS_ARN])),
        "one good ARN hides the bad one",
        ("dead-resource", ALIAS_ARN),
    ),
    caught(
        "I3510",
        managed(allow("kms:Decrypt", [KEY_ARN, ALIAS_ARN])),
        "one good ARN hides the bad one",
        ("dead-resource", ALIAS_ARN),
    ),
    caught(
        "action_resource_matching",
        policy(allow("kms:Decrypt", [KEY_ARN, ALIAS_ARN])),
        "one good ARN hides the bad one",
        ("dead-resource", ALIAS_ARN),
    ),
    caught(
        "I3510",
        managed(allow("kms:Decrypt", {"Fn::Sub": "arn:aws:kms:us-east-1:${AWS::AccountId}:alias/orders"})),
        "an ARN that is put together is not looked at",
        ("dead-resource", "alias/orders"),
    ),
    spared("sensitive_action", key_policy(), "AWS's default key policy"),
    spared("action_validation", policy(allow("kms:?ecrypt", KEY_ARN)), "a wildcard for one letter"),
    spared(
        "condition_key_validation",
        key_policy(
            let_in(
                {"Service": "logs.us-east-1.amazonaws.com"},
                ["kms:Decrypt*", "kms:Encrypt*", "kms:GenerateDataKey*"],
                Condition={
                    "ArnLike": {"kms:EncryptionContext:aws:logs:arn": f"arn:aws:logs:us-east-1:{OWNER}:log-group:*"}
                },
            )
        ),
        "the statement of AWS for CloudWatch Logs",
    ),
    spared(
        "principal_validation",
        key_policy(
            let_in(
                {"Service": "logs.us-east-1.amazonaws.com"},
                ["kms:Decrypt*", "kms:Encrypt*", "kms:GenerateDataKey*"],
                Condition={
                    "ArnLike": {"kms:EncryptionContext:aws:logs:arn": f"arn:aws:logs:us-east-1:{OWNER}:log-group:*"}
                },
            )
        ),
        "the statement of AWS for CloudWatch Logs",
    ),
    caught(
        "principal_validation",
        key_policy(condition(StringLike={"aws:PrincipalOrgID": "o-*"})),
        "any organization",
        ("open-organization-condition", "o-*"),
    ),
    caught(
        "principal_validation",
        key_policy(condition(IpAddress={"aws:SourceIp": "0.0.0.0/0"})),
        "every address",
        EVERYONE_FOUND,
    ),
    caught(
        "principal_validation",
        key_policy(
            let_in(
                {"Service": "cloudtrail.amazonaws.com"},
                "kms:GenerateDataKey*",
                Condition={"StringLike": {"aws:SourceAccount": "*"}},
            )
        ),
        "a service for whichever account",
        ("confused-deputy", "cloudtrail"),
    ),
    caught(
        "condition_key_validation",
        policy(allow("kms:Decrypt", KEY_ARN, Condition={"Bool": {"kms:GrantIsForAWSResource": "true"}})),
        "a condition on grants for decryption",
        ("grant-condition-misused", "kms:GrantIsForAWSResource"),
    ),
    caught(
        "principal_validation",
        key_policy(let_in({"AWS": "AIDACKCEVSQ6C2EXAMPLE"}, "kms:Decrypt")),
        "the id of a user that was deleted",
        ("deleted-principal", "AIDA"),
    ),
    caught(
        "wildcard_resource",
        policy(allow("kms:Decrypt", "arn:aws:kms:*:*:key/*")),
        "all keys, but not written `*`",
        ("wildcard-resource", "key/*"),
    ),
    caught(
        "action_resource_matching",
        policy(allow("kms:CreateAlias", ALIAS_ARN)),
        "the operation needs the key, too",
        ("alias-operation-half", "kms:CreateAlias"),
    ),
    caught(
        "policy_structure",
        {"policy.json": document(NAMED).replace('"Effect": "Allow",', '"Effect": "Deny",\n   "Effect": "Allow",')},
        "a member that is written twice",
        ("duplicate-json-key", '"Effect"'),
    ),
    caught(
        "UNSUPPORTED_ACTION_FOR_CONDITION_KEY",
        key_policy(let_in({"AWS": ROLE}, "kms:List*", Condition={"StringEquals": {"kms:EncryptionContext:app": "a"}})),
        "operations that are written with a wildcard",
        ("condition-never-present", "kms:EncryptionContext:app"),
    ),
    caught(
        "CheckNoPublicAccess",
        policy(let_in({"AWS": ROLE}, "kms:Decrypt")),
        "a policy that nobody can change any more",
        ("key-lockout", "{"),
    ),
]

HMAC = key_resource(KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC", EnableKeyRotation=False)
IMPORTED = key_resource(Origin="EXTERNAL", EnableKeyRotation=False)
ASYMMETRIC = key_resource(KeySpec="RSA_4096", KeyUsage="ENCRYPT_DECRYPT", EnableKeyRotation=False)
KEYS: list[Case] = [
    *(
        spared(check, HMAC, "rotation of an HMAC key")
        for check in ("CKV_AWS_7", "F19", "CMK_BACKING_KEY_ROTATION_ENABLED")
    ),
    *(
        spared(check, IMPORTED, "rotation of imported material")
        for check in ("CKV_AWS_7", "F19", "KMSKeyEnabledKeyRotation", "CMK_BACKING_KEY_ROTATION_ENABLED")
    ),
    *(
        spared(check, ASYMMETRIC, "rotation of an asymmetric key")
        for check in ("F19", "CMK_BACKING_KEY_ROTATION_ENABLED", "FG_R00036", "235ca980-eb71-48f4-9030-df0c371029eb")
    ),
    spared("CKV_AWS_7", key('custom_key_store_id = "cks-1234"'), "rotation of a key in a key store"),
    spared(
        "AVD-AWS-0065",
        key('customer_master_key_spec = "RSA_4096"\nkey_usage = "ENCRYPT_DECRYPT"'),
        "rotation of an asymmetric key",
    ),
    spared(
        "AC_AWS_0160",
        key('customer_master_key_spec = "ECC_NIST_P256"\nkey_usage = "KEY_AGREEMENT"'),
        "rotation of an asymmetric key",
    ),
    spared(
        "aws-kms-no-rotation",
        key('customer_master_key_spec = "RSA_2048"\nkey_usage = "SIGN_VERIFY"'),
        "rotation of an asymmetric key",
    ),
    caught(
        "1c07bfaf-663c-4f6f-b22b-8e2d481e4df5",
        key_resource(EnableKeyRotation=False),
        "a key is enabled where nothing is said",
        ("rotation-disabled", "EnableKeyRotation"),
    ),
    caught(
        "CKV_AWS_7",
        key("enable_key_rotation = true\nrotation_period_in_days = 2560"),
        "rotation every seven years",
        ("rotation-period-too-long", "rotation_period_in_days"),
    ),
    spared(
        "2844c749-bd78-4cd1-90e8-b179df827602", key_resource(PendingWindowInDays=30), "a waiting period is no deletion"
    ),
    caught(
        "CKV_AWS_33",
        key("bypass_policy_lockout_safety_check = true"),
        "nobody looks at the flag",
        ("lockout-check-bypassed", "bypass"),
    ),
    caught(
        "CKV_AWS_7",
        key("deletion_window_in_days = 7"),
        "nobody looks at short waiting periods",
        ("deletion-window-short", "= 7"),
    ),
    *(
        caught("CKV_AWS_33", {"main.tf": text}, "a secret in code", ("key-material-in-code", part))
        for text, part in (
            (
                'resource "aws_kms_external_key" "key" {\nkey_material_base64 = "Zm9vYmFyZm9vYmFyZm9vYmFyZm9vYmFyMTIzNDU2Nzg="\n}\n',
                "key_material_base64",
            ),
            (
                'resource "aws_kms_custom_key_store" "store" {\nkey_store_password = "swordfish"\n}\n',
                "key_store_password",
            ),
            (
                f'resource "aws_kms_ciphertext" "secret" {{\nkey_id = "{KEY_ARN}"\nplaintext = "swordfish"\n}}\n',
                "plaintext",
            ),
        )
    ),
    caught(
        "E3512",
        key_resource({**EVERYONE, "Effect": "Permit"}, of="AWS::KMS::ReplicaKey"),
        "policies of replicas are not read",
        ("malformed-policy", "Permit"),
    ),
    caught(
        "E3512",
        key_resource(let_in({"AWS": ROLE}, "kms:Decrypt", Condition={"StringEquals": {"kms:CallerAcount": OWNER}})),
        "names of condition keys are not looked at",
        ("unknown-condition-key", "kms:CallerAcount"),
    ),
    caught(
        "E3512",
        key_resource(let_in({"AWS": ROLE}, "s3:GetObject")),
        "what no key can allow",
        ("foreign-action", "s3:GetObject"),
    ),
    caught(
        "E3512",
        key_resource(
            {
                **let_in({"AWS": ROLE}, "kms:Decrypt"),
                "Resource": "arn:aws:kms:us-east-1:444455556666:key/1234abcd-12ab-34cd-56ef-1234567890ab",
            }
        ),
        "the key of another account",
        ("key-policy-resource", FOREIGN),
    ),
    caught(
        "E3512",
        key_resource(let_in({"AWS": f"arn:aws:iam::{OWNER}:group/staff"}, "kms:Decrypt")),
        "a group is no principal",
        ("invalid-principal", "group/staff"),
    ),
    caught(
        "E1164",
        template(
            Name={"Type": "AWS::KMS::Alias", "Properties": {"AliasName": "alias/aws/orders", "TargetKeyId": KEY_ARN}}
        ),
        "names that are AWS's own",
        ("reserved-alias", "alias/aws/orders"),
    ),
    caught(
        "aws_kms_key_invalid_policy",
        key_with(*(let_in({"AWS": f"{ROLE}-{number}"}, "kms:Decrypt") for number in range(400))),
        "131,072 characters are let pass, and AWS takes 32,768 bytes",
        ("policy-too-large", "{"),
    ),
    caught(
        "aws_kms_grant_invalid_grantee_principal",
        {
            "main.tf": f'resource "aws_kms_grant" "grant" {{\nkey_id = "{KEY_ARN}"\ngrantee_principal = "{ROLE}"\noperations = ["Decrypt", "ListGrants"]\n}}\n'
        },
        "operations are not looked at",
        ("invalid-grant", "ListGrants"),
    ),
]

CASES = [*UNPARSED, *KEY_POLICIES, *IDENTITIES, *POLICIES, *KEYS]
