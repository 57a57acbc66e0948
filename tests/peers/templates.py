"""Cases after the fixtures of cfn_nag, cfripper, the registry of cfn-guard, cfn-lint, cdk-nag and CDK Insights."""

from __future__ import annotations

from tests.peers.case import fails, passes, spared
from tests.peers.documents import (
    ALIAS_ARN,
    NAMED,
    ROLE,
    STRANGER,
    allow,
    deny,
    key_resource,
    let_in,
    managed,
    role,
    template,
)
from tests.threads import KEY_ARN, ROOT

EVERYONE = let_in({"AWS": "*"})
FULL = allow("kms:*")
NO_ROTATION = key_resource(EnableKeyRotation=False)
USED = key_resource(let_in({"AWS": ROLE}, "kms:Decrypt"))
FULL_FOUND = ("full-kms-access", '"kms:*"')
STAR_FOUND = ("wildcard-resource", '"Resource": "*"')
WITHOUT_ACTION = {"Effect": "Allow", "NotAction": "kms:ScheduleKeyDeletion", "Resource": "*"}
WITHOUT_RESOURCE = {"Effect": "Allow", "Action": "kms:Decrypt", "NotResource": KEY_ARN}

CFN_NAG = [
    fails("F19", NO_ROTATION, ("rotation-disabled", "EnableKeyRotation")),
    passes("F19", key_resource()),
    passes("F19", key_resource(EnableKeyRotation="true")),
    fails("F76", key_resource(EVERYONE), ("public-principal", '"AWS": "*"')),
    fails(
        "F76",
        key_resource(let_in({"AWS": "arn:aws:iam::111122223333:role/app-*"}, "kms:Decrypt")),
        ("invalid-principal", "role/app-*"),
    ),
    passes("F76", USED),
    passes("F76", key_resource(deny("kms:*", Principal="*", Condition={"Bool": {"aws:SecureTransport": "false"}}))),
    fails("F4", managed(FULL), FULL_FOUND),
    fails("F4", managed(allow("*")), ("administrator-access", '"Action": "*"')),
    passes("F4", managed(NAMED)),
    fails("W12", managed(allow("kms:Decrypt")), STAR_FOUND),
    fails("W11", role(allow("kms:Decrypt")), STAR_FOUND),
    passes("W12", managed(NAMED)),
    fails("W16", managed(WITHOUT_ACTION), ("not-action-allow", "NotAction")),
    passes("W16", managed(NAMED)),
    fails("W22", managed(WITHOUT_RESOURCE), ("not-action-allow", "NotResource")),
    passes("W22", managed(deny("kms:Decrypt"), NAMED)),
]

CFRIPPER = [
    fails("KMSKeyWildcardPrincipalRule", key_resource(EVERYONE), ("public-principal", '"AWS": "*"')),
    passes("KMSKeyWildcardPrincipalRule", USED),
    fails(
        "GenericCrossAccountTrustRule",
        key_resource(let_in({"AWS": STRANGER}, "kms:Decrypt")),
        ("cross-account-use", STRANGER),
    ),
    passes("GenericCrossAccountTrustRule", USED),
    passes(
        "GenericCrossAccountTrustRule", key_resource(let_in({"Service": "logs.us-east-1.amazonaws.com"}, "kms:Decrypt"))
    ),
    fails("KMSKeyEnabledKeyRotation", NO_ROTATION, ("rotation-disabled", "EnableKeyRotation")),
    passes("KMSKeyEnabledKeyRotation", key_resource()),
    fails("GenericResourceWildcardPolicyRule", managed(FULL), FULL_FOUND),
    fails("GenericResourceWildcardPolicyRule", key_resource(let_in({"AWS": ROLE})), ("whole-key-access", ROLE)),
    passes("GenericResourceWildcardPolicyRule", USED | managed(NAMED)),
    fails("IAMRoleWildcardActionOnPolicyRule", role(FULL), FULL_FOUND),
    passes("IAMRoleWildcardActionOnPolicyRule", role(NAMED)),
]

GUARD = [
    fails("CMK_BACKING_KEY_ROTATION_ENABLED", NO_ROTATION, ("rotation-disabled", "EnableKeyRotation")),
    fails(
        "CMK_BACKING_KEY_ROTATION_ENABLED",
        template(Key={"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": {"Statement": [ROOT]}}}),
        ("rotation-disabled", "Key"),
    ),
    passes("CMK_BACKING_KEY_ROTATION_ENABLED", key_resource()),
    fails("KMS_NO_WILDCARD_PRINCIPAL", key_resource(let_in("*")), ("public-principal", '"Principal": "*"')),
    passes("KMS_NO_WILDCARD_PRINCIPAL", USED),
    fails("IAM_POLICYDOCUMENT_NO_WILDCARD_RESOURCE", role(allow("kms:Decrypt")), STAR_FOUND),
    passes("IAM_POLICYDOCUMENT_NO_WILDCARD_RESOURCE", role(NAMED)),
    fails("IAM_POLICY_NO_STATEMENTS_WITH_FULL_ACCESS", managed(FULL), FULL_FOUND),
    passes("IAM_POLICY_NO_STATEMENTS_WITH_FULL_ACCESS", managed(NAMED)),
    fails("IAM_POLICY_NO_STATEMENTS_WITH_ADMIN_ACCESS", managed(allow("*")), ("administrator-access", '"Action": "*"')),
    passes("IAM_POLICY_NO_STATEMENTS_WITH_ADMIN_ACCESS", managed(NAMED)),
    fails("IAM_ROLE_OR_POLICY_NO_ALLOW_PLUS_NOT_ACTION", managed(WITHOUT_ACTION), ("not-action-allow", "NotAction")),
    passes("IAM_ROLE_OR_POLICY_NO_ALLOW_PLUS_NOT_ACTION", managed(NAMED)),
    fails(
        "IAM_ROLE_OR_POLICY_NO_ALLOW_PLUS_NOT_RESOURCE", managed(WITHOUT_RESOURCE), ("not-action-allow", "NotResource")
    ),
    passes("IAM_ROLE_OR_POLICY_NO_ALLOW_PLUS_NOT_RESOURCE", managed(NAMED)),
]

CFN_LINT = [
    fails(
        "E3512",
        key_resource(
            let_in({"AWS": ROLE}, "kms:Decrypt", Condition={"StringEqual": {"kms:CallerAccount": "111122223333"}})
        ),
        ("unknown-operator", "StringEqual"),
    ),
    fails(
        "E3512",
        key_resource(let_in({"AWS": ROLE}, "kms:Decrypt", NotAction="kms:Encrypt")),
        ("malformed-policy", "NotAction"),
    ),
    fails(
        "E3512",
        key_resource({"Effect": "Allow", "Principal": {"AWS": ROLE}, "Action": "kms:Decrypt"}),
        ("void-statement", "{"),
    ),
    fails(
        "E3512",
        key_resource(let_in({"AWS": "arn:aws:iam:us-east-1:111122223333:role/app"}, "kms:Decrypt")),
        ("invalid-principal", "us-east-1"),
    ),
    passes("E3512", USED),
    fails(
        "E3510", managed(allow("kms:Decrypt", "1234abcd-12ab-34cd-56ef-1234567890ab")), ("dead-resource", "1234abcd")
    ),
    fails(
        "E3510",
        managed({"Effect": "Permit", "Action": "kms:Decrypt", "Resource": KEY_ARN}),
        ("malformed-policy", "Permit"),
    ),
    passes("E3510", managed(NAMED)),
    fails("W3037", managed(allow("kms:Decypt", KEY_ARN)), ("unknown-action", "kms:Decypt")),
    passes("W3037", managed(NAMED)),
    fails("I3510", managed(allow("kms:Decrypt", ALIAS_ARN)), ("dead-resource", ALIAS_ARN)),
    fails("I3510", managed(allow("kms:ListKeys", KEY_ARN)), ("action-needs-any-resource", "kms:ListKeys")),
    passes("I3510", managed(NAMED, allow("kms:DeleteAlias", [ALIAS_ARN, KEY_ARN]))),
    fails("I3011", USED, ("deletion-unprotected", "Key")),
    passes(
        "I3011",
        template(
            Key={"Type": "AWS::KMS::Key", "DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain", "Properties": {}}
        ),
    ),
    fails(
        "W2511",
        template(
            Policy={
                "Type": "AWS::IAM::ManagedPolicy",
                "Properties": {
                    "PolicyDocument": {
                        "Version": "2008-10-17",
                        "Statement": [
                            allow(
                                "kms:Decrypt",
                                KEY_ARN,
                                Condition={"StringEquals": {"kms:EncryptionContext:user": "${aws:username}"}},
                            )
                        ],
                    }
                },
            }
        ),
        ("literal-variable", "${aws:username}"),
    ),
    spared(
        "W2511",
        template(
            Policy={
                "Type": "AWS::IAM::ManagedPolicy",
                "Properties": {"PolicyDocument": {"Version": "2008-10-17", "Statement": [NAMED]}},
            }
        ),
        "the old version only matters where there is a variable",
    ),
    fails(
        "I3042",
        key_resource(
            let_in({"AWS": [{"Fn::Sub": "arn:${AWS::Partition}:iam::111122223333:role/app"}, ROLE]}, "kms:Decrypt")
        ),
        ("hard-coded-partition", "arn:aws:iam"),
    ),
    spared("I3042", managed(NAMED), "a policy that names one partition throughout is written for that partition"),
    fails(
        "E3514",
        managed(allow("kms:Decrypt", "arn:aws:kms:us-east-1:111122223333:1234abcd")),
        ("dead-resource", "1234abcd"),
    ),
    passes("E3514", managed(NAMED)),
    fails(
        "E1164",
        template(Name={"Type": "AWS::KMS::Alias", "Properties": {"AliasName": "orders", "TargetKeyId": KEY_ARN}}),
        ("reserved-alias", '"orders"'),
    ),
    passes(
        "E1164",
        template(Name={"Type": "AWS::KMS::Alias", "Properties": {"AliasName": "alias/orders", "TargetKeyId": KEY_ARN}}),
    ),
]

CDK = [
    fails("KMS5", NO_ROTATION, ("rotation-disabled", "EnableKeyRotation")),
    passes("KMS5", key_resource(KeySpec="RSA_4096", KeyUsage="SIGN_VERIFY", EnableKeyRotation=False)),
    fails("IAM5", managed(FULL), FULL_FOUND),
    fails("IAM5", managed(allow("kms:Decrypt")), STAR_FOUND),
    passes("IAM5", managed(allow("kms:Decrypt", KEY_ARN))),
    spared(
        "IAM5",
        managed(allow(["kms:GenerateDataKey*", "kms:ReEncrypt*"], KEY_ARN)),
        "these patterns are the forms that AWS itself writes for families of operations",
    ),
    fails("kms-key-policy-self-lockout", key_resource(deny("kms:*", Principal="*")), ("key-lockout", '"kms:*"')),
    fails(
        "kms-key-policy-self-lockout",
        key_resource(
            deny("kms:*", Principal="*", Condition={"StringNotEquals": {"aws:SourceAccount": "111122223333"}}),
        ),
        ("deny-locks-out", '"kms:*"'),
    ),
    passes("kms-key-policy-self-lockout", key_resource(deny("kms:Decrypt", Principal="*"))),
]

CASES = [*CFN_NAG, *CFRIPPER, *GUARD, *CFN_LINT, *CDK]
