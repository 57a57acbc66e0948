"""Cases after the tests of Prowler, CloudSploit and Powerpipe, and after the documentation of AWS's own controls."""

from __future__ import annotations

import json

from tests.peers.case import fails, passes
from tests.peers.documents import (
    ADMIN,
    NAMED,
    ROLE,
    STRANGER,
    Files,
    Statement,
    allow,
    iam_policy,
    key,
    key_policy,
    key_with,
    let_in,
    policy,
)
from tests.peers.policies import BLANKET, SPARED, rcp
from tests.threads import KEY_ARN, OWNER, ROOT

NO_ROTATION = key('description = "orders"')
ROTATION = key("enable_key_rotation = true")
EVERYONE = key_policy(let_in({"AWS": "*"}, "kms:Decrypt"))
EVERYONE_FOUND = ("public-principal", '"AWS": "*"')
USED = key_policy(let_in({"AWS": ROLE}, "kms:Decrypt"))
FOREIGN = key_policy(let_in({"AWS": STRANGER}, "kms:Decrypt"))
FOREIGN_FOUND = ("cross-account-use", STRANGER)
ROTATION_FOUND = ("rotation-disabled", "aws_kms_key")
PUBLIC = [
    "kms_key_not_publicly_accessible",
    "KMS.5",
    "kmsKeyPolicy",
    "kms_cmk_policy_prohibit_public_access",
    "def-000-fdu",
]
ROTATING = ["kms_cmk_rotation_enabled", "KMS.4", "CT.KMS.PR.1", "CIS", "kmsKeyRotation", "kms-cmk-rotation-disabled"]
DECRYPTING = ["KMS.1", "KMS.2", "kms_key_decryption_restricted_in_iam_customer_managed_policy"]
DELETING = ["kms_cmk_not_deleted_unintentionally", "KMS.3", "kmsScheduledDeletion", "kms_key_not_pending_deletion"]


def described(**metadata: object) -> Files:
    """An answer of `describe-key`."""
    said = {
        "KeyId": "1234abcd-12ab-34cd-56ef-1234567890ab",
        "Arn": KEY_ARN,
        "AWSAccountId": OWNER,
        "KeyManager": "CUSTOMER",
        "KeySpec": "SYMMETRIC_DEFAULT",
        "KeyUsage": "ENCRYPT_DECRYPT",
        "Origin": "AWS_KMS",
        "Enabled": True,
        "KeyState": "Enabled",
        "MultiRegion": False,
        **metadata,
    }
    return {"key.json": json.dumps({"KeyMetadata": said}, indent=1)}


def grants(*grants: Statement) -> Files:
    """An answer of `list-grants`."""
    each = [
        {
            "KeyId": KEY_ARN,
            "GrantId": f"{number:064x}",
            "GranteePrincipal": ROLE,
            "RetiringPrincipal": ADMIN,
            "IssuingAccount": f"arn:aws:iam::{OWNER}:root",
            **grant,
        }
        for number, grant in enumerate(grants)
    ]
    return {"grants.json": json.dumps({"Grants": each}, indent=1)}


GOING = {
    "plan.json": json.dumps(
        {
            "format_version": "1.2",
            "terraform_version": "1.9.0",
            "planned_values": {"root_module": {}},
            "resource_changes": [
                {
                    "address": "aws_kms_key.orders",
                    "mode": "managed",
                    "type": "aws_kms_key",
                    "name": "orders",
                    "change": {
                        "actions": ["delete"],
                        "before": {"customer_master_key_spec": "SYMMETRIC_DEFAULT"},
                        "after": None,
                    },
                }
            ],
        },
        indent=1,
    )
}
WAITS = described(Enabled=False, KeyState="PendingDeletion", DeletionDate="2026-12-24T00:00:00Z")
PROOF = "9fedcba8abcdef7abcdef6abcdef5abcdef4abcdef3abcdef2abcdef1abcdef1abcdef0abcdef1abcdef2abcdef3abcdef"
PROVEN = let_in(
    {"AWS": ROLE}, "kms:Decrypt", Condition={"StringEqualsIgnoreCase": {"kms:RecipientAttestation:ImageSha384": PROOF}}
)
ADMINISTERED = {**ROOT, "Action": ["kms:Put*", "kms:Describe*", "kms:Get*", "kms:List*"]}
DEBUG = let_in(
    {"AWS": ROLE}, "kms:Decrypt", Condition={"StringEqualsIgnoreCase": {"kms:RecipientAttestation:PCR0": "0" * 96}}
)
WITHOUT_PROOF = let_in({"AWS": ROLE}, ["kms:Decrypt", "kms:DescribeKey"])
GRANT_FOR_SERVICES = allow("kms:CreateGrant", KEY_ARN, Condition={"Bool": {"kms:GrantIsForAWSResource": "true"}})
GRANT_FOUND = ("unrestricted-grants", "kms:CreateGrant")
WAITING = allow(
    "kms:ScheduleKeyDeletion",
    KEY_ARN,
    Condition={"NumericGreaterThanEquals": {"kms:ScheduleKeyDeletionPendingWindowInDays": "30"}},
)

EACH = [
    *(fails(check, EVERYONE, EVERYONE_FOUND) for check in PUBLIC),
    *(passes(check, USED) for check in PUBLIC),
    *(fails(check, NO_ROTATION, ROTATION_FOUND) for check in ROTATING),
    *(passes(check, ROTATION) for check in ROTATING),
    *(passes(check, key('customer_master_key_spec = "RSA_4096"\nkey_usage = "SIGN_VERIFY"')) for check in ROTATING),
    *(fails(check, policy(allow("kms:Decrypt")), ("wildcard-resource", '"Resource": "*"')) for check in DECRYPTING),
    *(
        fails(check, policy(allow("kms:Decrypt", f"arn:aws:kms:*:{OWNER}:key/*")), ("account-wide-resource", "key/*"))
        for check in DECRYPTING
    ),
    *(passes(check, policy(NAMED)) for check in DECRYPTING),
    *(fails(check, GOING, ("plan-deletes-key", "aws_kms_key.orders")) for check in DELETING),
    *(fails(check, WAITS, ("deletion-scheduled", "PendingDeletion")) for check in DELETING),
    *(passes(check, described()) for check in DELETING),
]

PROWLER = [
    fails("kms_cmk_are_used", described(Enabled=False, KeyState="Disabled"), ("key-disabled", "")),
    passes("kms_cmk_are_used", described()),
    fails("kms_cmk_not_multi_region", key("multi_region = true"), ("multi-region-key", "multi_region = true")),
    passes("kms_cmk_not_multi_region", key("multi_region = false")),
    fails(
        "kms_key_enclave_attestation_not_enforced",
        policy(ADMINISTERED, PROVEN, WITHOUT_PROOF),
        ("attestation-bypassable", ROLE),
    ),
    fails("kms_key_enclave_attestation_not_enforced", policy(ADMINISTERED, DEBUG), ("debug-enclave-accepted", "PCR0")),
    passes("kms_key_enclave_attestation_not_enforced", policy(ADMINISTERED, PROVEN)),
    fails(
        "kms_key_enclave_attestation_bypassable_path",
        policy(ADMINISTERED, PROVEN, WITHOUT_PROOF),
        ("attestation-bypassable", ROLE),
    ),
    passes("kms_key_enclave_attestation_bypassable_path", policy(ADMINISTERED, PROVEN)),
    fails("iam_policy_no_full_access_to_kms", policy(allow("kms:*")), ("full-kms-access", '"kms:*"')),
    passes("iam_policy_no_full_access_to_kms", policy(NAMED)),
]

CONTROL_TOWER = [
    fails(
        "CT.KMS.PR.2",
        key('customer_master_key_spec = "RSA_2048"\nkey_usage = "ENCRYPT_DECRYPT"'),
        ("weak-key-spec", "RSA_2048"),
    ),
    passes("CT.KMS.PR.2", key('customer_master_key_spec = "RSA_4096"\nkey_usage = "ENCRYPT_DECRYPT"')),
    fails("CT.KMS.PR.3", iam_policy(allow("kms:CreateGrant", KEY_ARN)), GRANT_FOUND),
    passes("CT.KMS.PR.3", iam_policy(GRANT_FOR_SERVICES)),
    fails("CT.KMS.PV.3", key("bypass_policy_lockout_safety_check = true"), ("lockout-check-bypassed", "bypass_policy")),
    passes("CT.KMS.PV.3", ROTATION),
    fails("CT.KMS.PV.7", EVERYONE, EVERYONE_FOUND),
    fails("CT.KMS.PV.7", FOREIGN, FOREIGN_FOUND),
    passes("CT.KMS.PV.7", USED),
]

GUARDRAILS = [
    fails("IAM-KMS-1", policy(let_in({"AWS": ROLE}, "kms:Decrypt")), ("key-lockout", "{")),
    fails("IAM-KMS-1", policy(let_in({"AWS": ADMIN})), ("fragile-administration", ADMIN)),
    passes("IAM-KMS-1", USED),
    fails(
        "IAM-KMS-2",
        policy(allow("kms:DeleteImportedKeyMaterial")),
        ("destructive-action", "kms:DeleteImportedKeyMaterial"),
    ),
    fails("IAM-KMS-7", policy(allow("kms:DisableKeyRotation")), ("destructive-action", "kms:DisableKeyRotation")),
    passes("IAM-KMS-2", policy(NAMED)),
    fails("IAM-KMS-3", policy(allow("kms:ScheduleKeyDeletion")), ("destructive-action", "kms:ScheduleKeyDeletion")),
    fails(
        "IAM-KMS-3",
        policy(allow("kms:ScheduleKeyDeletion", KEY_ARN)),
        ("unbounded-deletion-window", "kms:ScheduleKeyDeletion"),
    ),
    passes("IAM-KMS-3", policy(WAITING)),
    fails("IAM-KMS-5", policy(allow("kms:PutKeyPolicy")), ("policy-takeover", "kms:PutKeyPolicy")),
    passes("IAM-KMS-5", policy(allow("kms:PutKeyPolicy", KEY_ARN))),
    fails(
        "IAM-KMS-6",
        policy(allow("kms:Decrypt", f"arn:aws:kms:*:{OWNER}:key/*")),
        ("missing-via-service", "kms:Decrypt"),
    ),
    passes("IAM-KMS-6", policy(NAMED)),
    fails(
        "IAM-KMS-8", policy(ROOT, let_in({"AWS": ADMIN}, ["kms:Put*", "kms:Decrypt"])), ("administrator-can-use", ADMIN)
    ),
    passes("IAM-KMS-8", policy(ROOT, let_in({"AWS": ADMIN}, "kms:Put*"), let_in({"AWS": ROLE}, "kms:Decrypt"))),
    fails("IAM-KMS-9", key_policy(let_in({"AWS": ROLE})), ("whole-key-access", ROLE)),
    passes("IAM-KMS-9", key_policy(let_in({"AWS": ROLE}, "kms:Decrypt"))),
]

CLOUDSPLOIT = [
    fails("kmsKeyPolicy", FOREIGN, FOREIGN_FOUND),
    fails(
        "kmsDuplicateGrants",
        grants({"Operations": ["Decrypt", "Encrypt"]}, {"Operations": ["Encrypt", "Decrypt"]}),
        ("duplicate-grant", ""),
    ),
    passes("kmsDuplicateGrants", grants({"Operations": ["Decrypt"]}, {"Operations": ["Encrypt"]})),
    fails(
        "kmsGrantLeastPrivilege",
        grants({"Operations": ["Encrypt", "Decrypt", "CreateGrant"]}),
        ("grant-too-broad", ""),
    ),
    passes("kmsGrantLeastPrivilege", grants({"Operations": ["Decrypt"]})),
]

OTHERS = [
    fails("kms_cmk_unused", described(Enabled=False, KeyState="Disabled"), ("key-disabled", "")),
    passes("kms_cmk_unused", described()),
    fails("def-000-aap", rcp(BLANKET), ("rcp-breaks-services", "aws:PrincipalOrgID")),
    passes("def-000-aap", rcp(SPARED)),
    fails("ElectricEye", NO_ROTATION, ROTATION_FOUND),
    fails("ElectricEye", EVERYONE, EVERYONE_FOUND),
    passes("ElectricEye", key_with(let_in({"AWS": ROLE}, "kms:Decrypt"))),
    fails("Conformity", NO_ROTATION, ROTATION_FOUND),
    fails("Conformity", EVERYONE, EVERYONE_FOUND),
    fails("Conformity", FOREIGN, FOREIGN_FOUND),
    fails("Conformity", WAITS, ("deletion-scheduled", "PendingDeletion")),
    fails("Conformity", GOING, ("plan-deletes-key", "aws_kms_key.orders")),
    passes("Conformity", key_with(let_in({"AWS": ROLE}, "kms:Decrypt"))),
]

CASES = [*EACH, *PROWLER, *CONTROL_TOWER, *GUARDRAILS, *CLOUDSPLOIT, *OTHERS]
