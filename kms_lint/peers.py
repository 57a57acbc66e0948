"""The checks on AWS KMS of other tools, and the rules that carry them: for people who come from there.

A check without a rule says why it has none. Each id that a rule file lists among its `equivalents` stands here.
"""

from __future__ import annotations

from typing import Final, NamedTuple


class Peer(NamedTuple):
    """A check of another tool: its ids, what it is about, and the rules that carry it, or why there is none."""

    ids: tuple[str, ...]
    about: str
    rules: tuple[str, ...] = ()
    why_not: str = ""


class Tool(NamedTuple):
    """Another tool and its checks."""

    name: str
    checks: tuple[Peer, ...]


_LIVE: Final = "it looks at a running account, not at what is written"
_ALARMS: Final = "alarms on log entries are no part of who may use a key"
_NO_KMS: Final = "it says nothing about AWS KMS"
_OTHER_INPUT: Final = "this kind of file is not read"


def _row(line: str) -> Peer:
    ids, about, carried = (part.strip() for part in line.split("|"))
    names = tuple(ids.split())
    if carried.startswith("-"):
        return Peer(names, about, (), carried.removeprefix("-").strip())
    return Peer(names, about, tuple(carried.split()))


def _tool(name: str, *lines: str) -> Tool:
    return Tool(name, tuple(_row(line) for line in lines))


TOOLS: Final = (
    _tool(
        "checkov",
        "CKV_AWS_33 | a key policy without a wildcard principal | public-principal",
        "CKV_AWS_7 | rotation is on | rotation-disabled",
        "CKV_AWS_227 | the key is enabled | key-disabled",
        "CKV2_AWS_64 | a key policy is there | key-policy-missing",
        "CKV_AWS_109 CKV_AWS_289 | permissions management without limits | policy-takeover unrestricted-grants wildcard-resource",
        "CKV_AWS_111 CKV_AWS_290 | write access without limits | wildcard-resource destructive-action",
        "CKV_AWS_355 CKV_AWS_356 | `*` for what can be limited to resources | wildcard-resource",
        "CKV_AWS_1 CKV_AWS_49 CKV_AWS_62 CKV_AWS_63 | everything on everything | administrator-access",
        "CKV_AWS_283 | a policy document lets in any principal | public-principal",
        f"CKV_AWS_107 CKV_AWS_108 CKV_AWS_110 CKV_AWS_286 CKV_AWS_287 CKV_AWS_288 | credentials, exfiltration, escalation | - {_NO_KMS}",
        f"CKV_AWS_40 CKV_AWS_274 CKV_AWS_275 CKV2_AWS_40 CKV2_AWS_56 | AWS managed policies and users | - {_NO_KMS}",
    ),
    _tool(
        "trivy and tfsec",
        "AWS-0065 AVD-AWS-0065 aws-kms-auto-rotate-keys | rotation is on | rotation-disabled",
        "aws-iam-block-kms-policy-wildcard | an IAM policy decrypts with every key | wildcard-resource",
        f"AWS-0153 | an alarm on disabled and deleted keys | - {_ALARMS}",
        f"AWS-0057 | wildcards in policies | - it is empty since 2025, and {_NO_KMS}",
    ),
    _tool(
        "KICS and Datadog IaC",
        "7ebc9038-0bde-479a-acc4-6ed7b6758899 | a vulnerable key policy | public-principal whole-key-access",
        "da905474-7454-43c0-b8d2-5756ab951aba | a key policy with full permissions | whole-key-access",
        "5b9d237a-57d5-4177-be0e-71434b0fef47 | the same, in Ansible | whole-key-access",
        "f6049677-ec4a-43af-8779-5190b6d03cba | a wildcard principal | public-principal",
        "22fbfeac-7b5a-421a-8a27-7a2178bb910b 1c07bfaf-663c-4f6f-b22b-8e2d481e4df5 235ca980-eb71-48f4-9030-df0c371029eb | rotation is on | rotation-disabled",
        "7350fa23-dcf7-4938-916d-6a60b0c73b50 2844c749-bd78-4cd1-90e8-b179df827602 | the key can be used | key-disabled",
        "0b530315-0ea4-497f-b34c-4ff86268f59d | the deletion window | deletion-window-short",
        f"af96d737 133fee21 | rotation and use of a key in Ansible | - {_OTHER_INPUT}",
        "policy_without_principal | a resource policy names a principal | malformed-policy",
        f"cloudwatch_disabling_or_scheduled_deletion_of_customer_created_cmk_alarm_missing | an alarm | - {_ALARMS}",
    ),
    _tool(
        "terrascan",
        "AC_AWS_0160 | rotation is on | rotation-disabled",
        "AC_AWS_0162 | the key is public | public-principal",
        "AC_AWS_0481 | a statement names a principal | malformed-policy",
        "AC_AWS_0482 | a wildcard in a key policy | whole-key-access blanket-delegation",
    ),
    _tool(
        "regula",
        "FG_R00036 | rotation is on | rotation-disabled",
        "FG_R00252 | the key is not public | public-principal",
        "FG_R00092 | everything on everything | administrator-access",
    ),
    _tool(
        "semgrep",
        "terraform.aws.security.aws-kms-key-wildcard-principal | a wildcard principal | public-principal",
        "terraform.aws.security.aws-kms-no-rotation | rotation is on | rotation-disabled",
        "no-iam-resource-exposure | an IAM policy controls grants and key policies | policy-takeover unrestricted-grants",
        "no-iam-star-actions no-iam-admin-privileges aws-iam-admin-policy | everything on everything | administrator-access",
    ),
    _tool(
        "cfn_nag",
        "F19 | rotation is on | rotation-disabled",
        "F76 | no `*` in a principal | public-principal invalid-principal",
        "F3 F4 F5 | a wildcard action | full-kms-access",
        "W11 W12 W13 | a wildcard resource | wildcard-resource",
        "W15 W16 W17 | Allow with NotAction | not-action-allow",
        "W21 W22 W23 | Allow with NotResource | not-action-allow",
        f"F38 F39 F40 | iam:PassRole on everything | - {_NO_KMS}",
        "W76 | the complexity of a policy | - it is a number that says nothing about who gets what",
    ),
    _tool(
        "cfripper",
        "KMSKeyWildcardPrincipalRule | a wildcard principal | public-principal",
        "KMSKeyCrossAccountTrustRule GenericCrossAccountTrustRule | a principal of another account | cross-account-use",
        "KMSKeyEnabledKeyRotation | rotation is on | rotation-disabled",
        "GenericResourceWildcardPolicyRule | a wildcard in an action | full-kms-access whole-key-access",
        "IAMRoleWildcardActionOnPolicyRule IAMRolesOverprivilegedRule | a role may do everything | full-kms-access",
        f"WildcardResourceRule | a wildcard resource | - {_NO_KMS}: it leaves out every action of it",
        f"PrivilegeEscalationRule GenericResourcePartialWildcardPrincipalRule GenericResourceFullWildcardPrincipalRule | IAM, and other resources | - {_NO_KMS}",
    ),
    _tool(
        "cfn-guard rules registry",
        "CMK_BACKING_KEY_ROTATION_ENABLED | rotation is on | rotation-disabled",
        "KMS_NO_WILDCARD_PRINCIPAL | a wildcard principal | public-principal",
        "IAM_POLICYDOCUMENT_NO_WILDCARD_RESOURCE | a wildcard resource | wildcard-resource",
        "IAM_POLICY_NO_STATEMENTS_WITH_FULL_ACCESS | every action of a service | full-kms-access",
        "IAM_NO_ALLOW_PLUS_NOT_ACTION | Allow with NotAction | not-action-allow",
        "IAM_NO_ALLOW_PLUS_NOT_RESOURCE | Allow with NotResource | not-action-allow",
        "IAM_NO_ALLOW_PLUS_NOT_PRINCIPAL | Allow with NotPrincipal | not-principal-allow",
        "KMS_CMK_NOT_SCHEDULED_FOR_DELETION | no deletion is scheduled | - its file is empty",
        "IAM_ROLE_NO_WILDCARD_ACTIONS_ON_PERMISSIONS | wildcard actions of a role | - it looks at a property that roles do not have",
    ),
    _tool(
        "cfn-lint",
        "E3512 | the grammar of a key policy | malformed-policy unknown-operator invalid-principal",
        "E3510 | the grammar of an IAM policy | malformed-policy dead-resource",
        "W3037 | actions exist | unknown-action",
        "I3510 | an action fits its resource | dead-resource action-needs-any-resource",
        "I3011 | a key is retained | deletion-unprotected",
        "W2511 | the version of a policy | literal-variable",
        "I3042 | a hard-coded partition | hard-coded-partition",
        "E3514 | the shape of ARNs | dead-resource",
        "E1157 E1162 E1164 | the shape of key ARNs, ids and alias names | reserved-alias",
        "E3720 | encryption of a database | - it is about the database, and not about the key",
    ),
    _tool(
        "tflint-ruleset-aws",
        "aws_kms_alias_invalid_name | the name of an alias | reserved-alias",
        "aws_kms_key_invalid_policy aws_iam_policy_too_long_policy | the length of a policy | policy-too-large",
        "aws_kms_grant_invalid_grantee_principal | the grantee | invalid-grant",
        "aws_iam_policy_sid_invalid_characters | characters of a Sid | malformed-policy",
        "aws_iam_policy_gov_friendly_arns | a hard-coded partition | hard-coded-partition",
        "aws_kms_key_invalid_description aws_kms_key_invalid_key_usage | other arguments | - Terraform itself says so when it plans",
    ),
    _tool(
        "parliament",
        "RESOURCE_MISMATCH | an action fits its resource | dead-resource action-needs-any-resource alias-operation-half",
        "RESOURCE_STAR RESOURCE_EFFECTIVELY_STAR | a wildcard resource | wildcard-resource",
        "UNKNOWN_ACTION UNKNOWN_PREFIX | actions exist | unknown-action",
        "UNKNOWN_CONDITION_FOR_ACTION | an action carries the condition key | condition-never-present unknown-condition-key",
        "UNKNOWN_OPERATOR MISMATCHED_TYPE MISMATCHED_TYPE_OPERATION_TO_NULL | operators exist and fit | unknown-operator",
        "UNKNOWN_PRINCIPAL | a principal can be | invalid-principal deleted-principal",
        "MALFORMED INVALID_SID DUPLICATE_SID INVALID_VERSION NO_VERSION | the grammar | malformed-policy",
        "MALFORMED_JSON | the file is JSON | malformed-document",
        "OLD_VERSION | the version of a policy | literal-variable",
        "INVALID_ARN | the shape of ARNs | dead-resource",
        "PERMISSIONS_MANAGEMENT_ACTIONS | who controls grants and policies | policy-takeover unrestricted-grants unneeded-create-key",
        "NOTPRINCIPAL_WITH_ALLOW | Allow with NotPrincipal | not-principal-allow",
        "NOTRESOURCE_WITH_ALLOW | Allow with NotResource | not-action-allow",
        "SINGLE_VALUE_CONDITION_TOO_PERMISSIVE | set operators on keys with one value | set-operator-misused condition-fails-open",
        "BAD_PATTERN_FOR_MFA | a Deny on MFA that has a gap | - it is about signing in, and not about keys",
        f"UNKNOWN_FEDERATION_SOURCE SENSITIVE_ACCESS | federation, lists of one's own | - {_NO_KMS}",
    ),
    _tool(
        "cloudsplaining",
        "ResourceExposure | who controls grants and policies | policy-takeover unrestricted-grants",
        "ServiceWildcard | every action of a service | full-kms-access",
        "InfrastructureModification | changes of anything | wildcard-resource destructive-action",
        f"PrivilegeEscalation DataExfiltration CredentialsExposure | lists of actions | - {_NO_KMS}",
    ),
    _tool(
        "iam-policy-validator",
        "full_wildcard | everything on everything | administrator-access",
        "service_wildcard | every action of a service | full-kms-access",
        "wildcard_resource | a wildcard resource | wildcard-resource",
        "not_action_not_resource | NotAction and NotResource | not-action-allow",
        "not_principal | Allow with NotPrincipal | not-principal-allow",
        "action_validation | actions exist | unknown-action",
        "condition_key_validation | condition keys exist | unknown-condition-key condition-never-present",
        "condition_type_mismatch | operators fit | unknown-operator",
        "set_operator | set operators | set-operator-misused",
        "ifexists | IfExists on an Allow | condition-fails-open",
        "resource_validation action_resource_matching | resources | dead-resource action-needs-any-resource",
        "principal_validation | principals | public-principal invalid-principal",
        "policy_structure sid_uniqueness | the grammar | malformed-policy",
        "policy_size | the length of a policy | policy-too-large",
        "rcp_best_practices | resource control policies | rcp-breaks-services",
        "confused_deputy | services that act for strangers | confused-deputy",
    ),
    _tool(
        "Prowler",
        "kms_cmk_rotation_enabled | rotation is on | rotation-disabled",
        "kms_key_not_publicly_accessible | the key is not public | public-principal",
        "kms_cmk_are_used | the key is enabled | key-disabled",
        "kms_cmk_not_deleted_unintentionally | no deletion is scheduled | plan-deletes-key",
        "kms_cmk_not_multi_region | the key is in one Region | multi-region-key",
        "kms_key_enclave_attestation_not_enforced | enclaves prove what they are | debug-enclave-accepted attestation-bypassable",
        "kms_key_enclave_attestation_bypassable_path | no way around the proof | attestation-bypassable",
        "iam_policy_no_full_access_to_kms iam_inline_policy_no_full_access_to_kms | every action on every key | full-kms-access",
        "kms_key_enclave_attestation_no_deployment_binding | the proof is tied to one parent instance | - it is a choice that many make on purpose",
        "kms_key_enclave_attestation_pcr_mismatch | measurements of a list | - the list is not in what is written",
        f"kms_key_enclave_unknown_image kms_key_enclave_debug_attestation_detected | log entries | - {_LIVE}",
        f"cloudwatch_log_metric_filter_disable_or_scheduled_deletion_of_kms_cmk | an alarm | - {_ALARMS}",
    ),
    _tool(
        "AWS Security Hub and Config",
        "KMS.1 iam-customer-policy-blocked-kms-actions | a managed policy decrypts with every key | wildcard-resource account-wide-resource",
        "KMS.2 iam-inline-policy-blocked-kms-actions | an inline policy decrypts with every key | wildcard-resource account-wide-resource",
        "KMS.3 | no deletion is scheduled | plan-deletes-key",
        "KMS.4 | rotation is on | rotation-disabled",
        "KMS.5 | the key is not public | public-principal",
    ),
    _tool(
        "AWS Control Tower",
        "CT.KMS.PR.1 | rotation is on | rotation-disabled",
        "CT.KMS.PR.2 CT.KMS.PV.2 | RSA keys of more than 2,048 bits | weak-key-spec",
        "CT.KMS.PR.3 CT.KMS.PV.1 | grants for AWS services only | unrestricted-grants",
        "CT.KMS.PV.3 | the lockout check is on | lockout-check-bypassed",
        "CT.KMS.PV.4 CT.KMS.PV.5 CT.KMS.PV.6 | where key material comes from | - it is a choice of the organization",
        "CT.KMS.PV.7 | keys for the organization only | public-principal cross-account-use",
    ),
    _tool(
        "IAM Access Analyzer",
        "POLICY_WITH_NOT_PRINCIPAL_ALLOW | Allow with NotPrincipal | not-principal-allow",
        "FORALLVALUES_WITH_SINGLE_VALUED_KEY | set operators on keys with one value | set-operator-misused",
        "RESTRICT_ACCESS_TO_SERVICE_PRINCIPAL | services that act for strangers | confused-deputy",
        "CheckNoPublicAccess CheckNoNewAccess CheckAccessNotGranted | proofs | - `kms-lint diff` proves the same, without an account",
    ),
    _tool(
        "CloudSploit",
        "kmsKeyRotation | rotation is on | rotation-disabled",
        "kmsKeyPolicy | who a key policy lets in | public-principal cross-account-use",
        "kmsDuplicateGrants | grants that repeat | duplicate-grant",
        "kmsGrantLeastPrivilege | grants of everything | grant-too-broad",
        "kmsScheduledDeletion | no deletion is scheduled | plan-deletes-key",
        f"kmsAppTierCmk kmsDefaultKeyUsage | which keys are used for what | - {_LIVE}",
    ),
    _tool(
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
    _tool(
        "Datadog Cloud Security",
        "def-000-fdu | a key policy does not let everybody in | public-principal",
        "def-000-aap | a resource control policy for keys | rcp-breaks-services",
    ),
    _tool(
        "others",
        "KMSBackingKeyRotationEnabled KMS5 | cdk-nag: rotation is on | rotation-disabled",
        "IAMNoWildcardPermissions | cdk-nag: no wildcards | wildcard-resource full-kms-access",
        "kms-key-policy-self-lockout | CDK Insights: a Deny locks everybody out | key-lockout",
        "kms-cmk-rotation-disabled | ScoutSuite: rotation is on | rotation-disabled",
        "kms_cmk_policy_prohibit_public_access | Powerpipe: the key is not public | public-principal",
        "cross-account | Cloud Custodian: who a key policy lets in | cross-account-use public-principal",
    ),
)
"""The tools, with their checks as of August 2026."""


def by_rule() -> dict[str, list[tuple[str, str]]]:
    """For each rule the checks that it carries: the tool, and the id."""
    found: dict[str, list[tuple[str, str]]] = {}
    for tool in TOOLS:
        for check in tool.checks:
            for rule in check.rules:
                found.setdefault(rule, []).extend((tool.name, id) for id in check.ids)
    return found


def why_not(id: str) -> str:
    """Why no rule carries a check of another tool, in whatever letter case its id is written; empty for any other text."""
    wanted = id.strip().lower()
    for tool in TOOLS:
        for check in tool.checks:
            if check.why_not and wanted in map(str.lower, check.ids):
                return f"no rule carries this check of {tool.name} ({check.why_not})"
    return ""
