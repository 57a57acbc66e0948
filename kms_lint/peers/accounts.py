"""The checks of tools that look at accounts, where what they look for can be written."""

from __future__ import annotations

from typing import Final

from kms_lint.peers.table import ALARMS, LIVE, tool

TOOLS: Final = (
    tool(
        "Prowler",
        "kms_cmk_rotation_enabled | rotation is on | rotation-disabled",
        "kms_key_not_publicly_accessible | the key is not public | public-principal",
        "kms_cmk_are_used | the key is enabled | key-disabled",
        "kms_cmk_not_deleted_unintentionally | no deletion is scheduled | plan-deletes-key deletion-scheduled",
        "kms_cmk_not_multi_region | the key is in one Region | multi-region-key",
        "kms_key_enclave_attestation_not_enforced | enclaves prove what they are | debug-enclave-accepted attestation-bypassable",
        "kms_key_enclave_attestation_bypassable_path | no way around the proof | attestation-bypassable",
        "iam_policy_no_full_access_to_kms iam_inline_policy_no_full_access_to_kms | every action on every key | full-kms-access",
        "kms_key_enclave_attestation_no_deployment_binding | the proof is tied to one parent instance | - a choice that many make on purpose",
        "kms_key_enclave_attestation_pcr_mismatch | measurements of a list | - the list is not in what is written",
        f"kms_key_enclave_attestation_unknown_image kms_key_enclave_debug_attestation_detected | log entries | - {LIVE}",
        f"cloudwatch_log_metric_filter_disable_or_scheduled_deletion_of_kms_cmk | an alarm | - {ALARMS}",
    ),
    tool(
        "AWS Security Hub and Config",
        "KMS.1 iam-customer-policy-blocked-kms-actions | a managed policy decrypts with every key | wildcard-resource account-wide-resource",
        "KMS.2 iam-inline-policy-blocked-kms-actions | an inline policy decrypts with every key | wildcard-resource account-wide-resource",
        "KMS.3 kms-cmk-not-scheduled-for-deletion | no deletion is scheduled | plan-deletes-key deletion-scheduled",
        "KMS.4 cmk-backing-key-rotation-enabled | rotation is on | rotation-disabled",
        "KMS.5 kms-key-policy-no-public-access | the key is not public | public-principal",
    ),
    tool(
        "AWS Control Tower",
        "CT.KMS.PR.1 | rotation is on | rotation-disabled",
        "CT.KMS.PR.2 CT.KMS.PV.2 | RSA keys of more than 2,048 bits | weak-key-spec",
        "CT.KMS.PR.3 CT.KMS.PV.1 | grants for AWS services only | unrestricted-grants",
        "CT.KMS.PV.3 | the lockout check is on | lockout-check-bypassed",
        "CT.KMS.PV.4 CT.KMS.PV.5 CT.KMS.PV.6 | where key material comes from | - a choice of the organization",
        "CT.KMS.PV.7 | keys for the organization only | public-principal cross-account-use",
    ),
    tool(
        "CIS AWS Foundations",
        "CIS | rotation is on (its alarms on log entries are no part of who may use a key) | rotation-disabled",
    ),
    tool(
        "AWS guardrails for KMS",
        "IAM-KMS-1 | the account keeps its key | key-lockout fragile-administration",
        "IAM-KMS-2 IAM-KMS-7 SCP-KMS-1 | material, rotation and keys are not lost | destructive-action",
        "IAM-KMS-3 | keys are not deleted at once | destructive-action unbounded-deletion-window",
        "IAM-KMS-4 | who disables keys | - disabling can be undone, and is what we advise in the place of deletion",
        "IAM-KMS-5 | who writes key policies | policy-takeover",
        "IAM-KMS-6 | keys for services go through services | missing-via-service",
        "IAM-KMS-8 | those who manage a key do not use it | administrator-can-use",
        "IAM-KMS-9 | a list of administrators | whole-key-access",
    ),
    tool(
        "CloudSploit",
        "kmsKeyRotation | rotation is on | rotation-disabled",
        "kmsKeyPolicy | who a key policy lets in | public-principal cross-account-use",
        "kmsDuplicateGrants | grants that repeat | duplicate-grant",
        "kmsGrantLeastPrivilege | grants of everything | grant-too-broad",
        "kmsScheduledDeletion | no deletion is scheduled | plan-deletes-key deletion-scheduled",
        f"kmsAppTierCmk kmsDefaultKeyUsage | which keys are used for what | - {LIVE}",
    ),
    tool(
        "Powerpipe",
        "kms_cmk_policy_prohibit_public_access | the key is not public | public-principal",
        "kms_key_decryption_restricted_in_iam_customer_managed_policy kms_key_decryption_restricted_in_iam_inline_policy | an IAM policy decrypts with every key | wildcard-resource account-wide-resource",
        "kms_key_not_pending_deletion | no deletion is scheduled | plan-deletes-key deletion-scheduled",
        "kms_cmk_unused | the key is enabled | key-disabled",
    ),
    tool(
        "Datadog Cloud Security",
        "def-000-fdu | a key policy does not let everybody in | public-principal",
        "def-000-aap | a resource control policy for keys | rcp-breaks-services",
    ),
    tool(
        "ScoutSuite, ElectricEye, Conformity and PMapper",
        "kms-cmk-rotation-disabled | ScoutSuite: rotation is on | rotation-disabled",
        "ElectricEye | its two checks on keys | rotation-disabled public-principal",
        "Conformity | its checks on keys, but for tiers, monitoring and what is not used | rotation-disabled public-principal cross-account-use plan-deletes-key deletion-scheduled",
        f"endgame | PMapper: who can change key policies | - `kms-lint access` answers it from what is written, and {LIVE}",
    ),
)
"""Tools for running accounts."""
