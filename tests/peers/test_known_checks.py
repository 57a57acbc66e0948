"""No check of another tool falls out of the tables: these are the ids that were found in the tools."""

from __future__ import annotations

import pytest

from kms_lint.peers import TOOLS, why_not
from tests.peers.case import NAMES

KNOWN = {
    "checkov": """
        CKV_AWS_33 CKV_AWS_7 CKV_AWS_227 CKV2_AWS_64 CKV_AWS_109 CKV_AWS_289 CKV_AWS_111 CKV_AWS_290 CKV_AWS_355
        CKV_AWS_356 CKV_AWS_1 CKV_AWS_49 CKV_AWS_62 CKV_AWS_63 CKV_AWS_283 CKV_AWS_107 CKV_AWS_108 CKV_AWS_110
        CKV_AWS_286 CKV_AWS_287 CKV_AWS_288 CKV_AWS_40 CKV_AWS_274 CKV_AWS_275 CKV2_AWS_40 CKV2_AWS_56 CKV_AWS_119
        CKV_AWS_136 CKV_AWS_149 CKV_AWS_158 CKV_AWS_160 CKV_AWS_166 CKV_AWS_187
    """,
    "trivy and tfsec": """
        AWS-0065 AVD-AWS-0065 aws-kms-auto-rotate-keys AWS097 aws-iam-block-kms-policy-wildcard AWS-0153 AWS-0057
        AWS-0342 AWS-0345
    """,
    "KICS and Datadog IaC": """
        7ebc9038-0bde-479a-acc4-6ed7b6758899 da905474-7454-43c0-b8d2-5756ab951aba 5b9d237a-57d5-4177-be0e-71434b0fef47
        f6049677-ec4a-43af-8779-5190b6d03cba 22fbfeac-7b5a-421a-8a27-7a2178bb910b 1c07bfaf-663c-4f6f-b22b-8e2d481e4df5
        235ca980-eb71-48f4-9030-df0c371029eb 7350fa23-dcf7-4938-916d-6a60b0c73b50 2844c749-bd78-4cd1-90e8-b179df827602
        0b530315-0ea4-497f-b34c-4ff86268f59d af96d737-0818-4162-8c41-40d969bd65d1 133fee21-37ef-45df-a563-4d07edc169f4
        bbe3dd3d-fea9-4b68-a785-cfabe2bbbc54 56a585f5-555c-48b2-8395-e64e4740a9cf
    """,
    "terrascan": """
        AC_AWS_0160 AWS.AKK.DP.HIGH.0012 AC_AWS_0162 AWS.KMS.NetworkSecurity.High.0566 AC_AWS_0481
        AWS.AKK.IAM.HIGH.0012 AC_AWS_0482 AWS.AKK.IAM.HIGH.0082 kmsKeyDisabled
    """,
    "regula": """
        FG_R00036 FG_R00252 FG_R00092
    """,
    "semgrep": """
        aws-kms-key-wildcard-principal terraform.aws.security.aws-kms-key-wildcard-principal aws-kms-no-rotation
        terraform.aws.security.aws-kms-no-rotation no-iam-resource-exposure
        terraform.lang.security.iam.no-iam-resource-exposure no-iam-star-actions no-iam-admin-privileges
        aws-iam-admin-policy
    """,
    "Cloud Custodian": """
        cross-account grant-count key-rotation-status last-rotation last-usage
    """,
    "tflint-ruleset-aws": """
        aws_kms_alias_invalid_name aws_kms_key_invalid_policy aws_kms_external_key_invalid_policy
        aws_kms_replica_key_invalid_policy aws_kms_replica_external_key_invalid_policy aws_iam_policy_too_long_policy
        aws_kms_grant_invalid_grantee_principal aws_kms_grant_invalid_retiring_principal
        aws_iam_policy_sid_invalid_characters aws_iam_policy_gov_friendly_arns aws_kms_alias_invalid_target_key_id
        aws_kms_ciphertext_invalid_key_id aws_kms_grant_invalid_key_id aws_kms_grant_invalid_name
        aws_kms_key_invalid_description aws_kms_key_invalid_key_usage aws_kms_external_key_invalid_description
        aws_kms_replica_key_invalid_description aws_kms_replica_external_key_invalid_description
    """,
    "cfn_nag": """
        F19 F76 F3 F4 F5 W11 W12 W13 W15 W16 W17 W21 W22 W23 F38 F39 F40 W76 W77 F81 W84
    """,
    "cfripper": """
        KMSKeyWildcardPrincipalRule KMSKeyCrossAccountTrustRule GenericCrossAccountTrustRule KMSKeyEnabledKeyRotation
        GenericResourceWildcardPolicyRule IAMRoleWildcardActionOnPolicyRule IAMRolesOverprivilegedRule
        WildcardResourceRule PrivilegeEscalationRule GenericResourcePartialWildcardPrincipalRule
        GenericResourceFullWildcardPrincipalRule
    """,
    "cfn-guard rules registry": """
        CMK_BACKING_KEY_ROTATION_ENABLED KMS_NO_WILDCARD_PRINCIPAL IAM_POLICYDOCUMENT_NO_WILDCARD_RESOURCE
        IAM_POLICY_NO_STATEMENTS_WITH_FULL_ACCESS IAM_MANAGEDPOLICY_NO_STATEMENTS_WITH_FULL_ACCESS
        IAM_POLICY_NO_STATEMENTS_WITH_ADMIN_ACCESS IAM_ROLE_OR_POLICY_NO_ALLOW_PLUS_NOT_ACTION
        IAM_ROLE_OR_POLICY_NO_ALLOW_PLUS_NOT_RESOURCE IAM_ROLE_NO_ALLOW_PLUS_NOT_PRINCIPAL
        IAM_ROLE_NO_ALLOW_PLUS_NOT_ACTION_ON_TRUST_POLICY IAM_ROLE_NO_FULL_ACCESS_ON_TRUST_POLICY
        KMS_CMK_NOT_SCHEDULED_FOR_DELETION IAM_CUSTOMER_POLICY_BLOCKED_KMS_ACTIONS
        IAM_INLINE_POLICY_BLOCKED_KMS_ACTIONS IAM_ROLE_NO_WILDCARD_ACTIONS_ON_PERMISSIONS
    """,
    "cfn-lint": """
        E3512 E3510 W3037 I3510 I3011 W2511 I3042 E3514 E1164 E1157 E1162 E3030 E3034 E3720
    """,
    "cdk-nag": """
        KMSBackingKeyRotationEnabled KMS5 IAMNoWildcardPermissions IAM5
    """,
    "CDK Insights": """
        kms-key-policy-self-lockout
    """,
    "parliament": """
        RESOURCE_MISMATCH RESOURCE_STAR RESOURCE_EFFECTIVELY_STAR UNKNOWN_ACTION UNKNOWN_PREFIX
        UNKNOWN_CONDITION_FOR_ACTION UNKNOWN_OPERATOR MISMATCHED_TYPE MISMATCHED_TYPE_OPERATION_TO_NULL
        MISMATCHED_TYPE_BUT_USABLE UNKNOWN_PRINCIPAL MALFORMED INVALID_SID DUPLICATE_SID INVALID_VERSION
        MALFORMED_JSON OLD_VERSION NO_VERSION INVALID_ARN PERMISSIONS_MANAGEMENT_ACTIONS NOTPRINCIPAL_WITH_ALLOW
        NOTRESOURCE_WITH_ALLOW SINGLE_VALUE_CONDITION_TOO_PERMISSIVE BAD_PATTERN_FOR_MFA
        RESOURCE_POLICY_PRIVILEGE_ESCALATION PRIVILEGE_ESCALATION CREDENTIALS_EXPOSURE UNKNOWN_FEDERATION_SOURCE
        SENSITIVE_ACCESS
    """,
    "cloudsplaining": """
        ResourceExposure ServiceWildcard InfrastructureModification internet_accessible_actions PrivilegeEscalation
        DataExfiltration CredentialsExposure
    """,
    "iam-policy-validator": """
        full_wildcard wildcard_action service_wildcard wildcard_resource sensitive_action action_condition_enforcement
        not_action_not_resource not_principal_validation action_validation condition_key_validation
        condition_type_mismatch set_operator_validation ifexists_condition_usage resource_validation
        action_resource_matching principal_validation policy_structure sid_uniqueness policy_type_validation
        policy_size rcp_best_practices mfa_condition_antipattern trust_policy_validation
    """,
    "IAM Access Analyzer": """
        JSON_SYNTAX_ERROR DATA_TYPE_MISMATCH INVALID_EFFECT INVALID_POLICY_ELEMENT INVALID_VERSION MISSING_ACTION
        MISSING_EFFECT MISSING_PRINCIPAL MISSING_RESOURCE MISSING_STATEMENT UNIQUE_SIDS_REQUIRED
        UNSUPPORTED_ELEMENT_COMBINATION UNSUPPORTED_PRINCIPAL UNSUPPORTED_SID INVALID_PRINCIPAL_KEY INVALID_ACTION
        ARN_ACCOUNT_NOT_ALLOWED ARN_REGION_NOT_ALLOWED INVALID_ARN_ACCOUNT INVALID_ARN_PREFIX INVALID_ARN_REGION
        INVALID_ARN_RESOURCE INVALID_ARN_SERVICE_CASE INVALID_PARTITION INVALID_REGION MISSING_ARN_FIELD
        MISSING_ARN_REGION UNSUPPORTED_RESOURCE_ARN_IN_POLICY INVALID_CONDITION_OPERATOR NULL_WITH_IF_EXISTS
        INVALID_CONDITION_DATA_TYPE TYPE_MISMATCH TYPE_MISMATCH_BOOLEAN TYPE_MISMATCH_DATE TYPE_MISMATCH_IP_RANGE
        TYPE_MISMATCH_NUMBER TYPE_MISMATCH_STRING INVALID_CONDITION_KEY_FORMAT INVALID_GLOBAL_CONDITION_KEY
        INVALID_SERVICE_CONDITION_KEY UNSUPPORTED_ACTION_FOR_CONDITION_KEY MISSING_ACTION_FOR_CONDITION_KEY
        IRRELEVANT_CONDITION_KEY_IN_POLICY UNSUPPORTED_CONDITION_KEY_FOR_SERVICE_PRINCIPAL
        VARIABLE_UNSUPPORTED_IN_VERSION VARIABLE_UNSUPPORTED_IN_ELEMENT INVALID_VARIABLE_FOR_OPERATOR
        INVALID_PRINCIPAL_FORMAT UNSUPPORTED_WILDCARD_IN_PRINCIPAL POLICY_SIZE_EXCEEDS_RESOURCE_POLICY_QUOTA
        POLICY_SIZE_EXCEEDS_IDENTITY_POLICY_QUOTA WILDCARD_WITHOUT_LIKE_OPERATOR ALLOW_WITH_NOT_PRINCIPAL
        FORALLVALUES_WITH_SINGLE_VALUED_KEY MISSING_QUALIFIER RESTRICT_ACCESS_TO_SERVICE_PRINCIPAL
        RECOMMENDED_CONDITION_KEY_FOR_SERVICE_PRINCIPAL REDUNDANT_ACTION REDUNDANT_RESOURCE REDUNDANT_STATEMENT
        INVALID_SERVICE INVALID_SERVICE_IN_ACTION UNSUPPORTED_ACTION_IN_POLICY MISSING_VERSION
        CREATE_SLR_WITH_NOTACTION_AND_NOTRESOURCE CREATE_SLR_WITH_NOTRESOURCE
        CREATE_SLR_WITH_STAR_IN_ACTION_AND_NOTRESOURCE CREATE_SLR_WITH_STAR_IN_ACTION_AND_RESOURCE
        CREATE_SLR_WITH_STAR_IN_RESOURCE CREATE_SLR_WITH_STAR_IN_RESOURCE_AND_NOTACTION
        PASS_ROLE_WITH_NOTACTION_AND_NOTRESOURCE PASS_ROLE_WITH_NOTRESOURCE
        PASS_ROLE_WITH_STAR_IN_ACTION_AND_NOTRESOURCE PASS_ROLE_WITH_STAR_IN_ACTION_AND_RESOURCE
        PASS_ROLE_WITH_STAR_IN_RESOURCE PASS_ROLE_WITH_STAR_IN_RESOURCE_AND_NOTACTION SCP_SYNTAX_ERROR_ACTION_WILDCARD
        SCP_SYNTAX_ERROR_ALLOW_CONDITION SCP_SYNTAX_ERROR_ALLOW_NOTACTION SCP_SYNTAX_ERROR_ALLOW_RESOURCE
        SCP_SYNTAX_ERROR_NOTRESOURCE SCP_SYNTAX_ERROR_PRINCIPAL POLICY_SIZE_EXCEEDS_SCP_QUOTA
        ROLE_TRUST_POLICY_SYNTAX_ERROR_NOTPRINCIPAL ROLE_TRUST_POLICY_SYNTAX_ERROR_RESOURCE
        ROLE_TRUST_POLICY_UNSUPPORTED_WILDCARD_IN_PRINCIPAL POLICY_SIZE_EXCEEDS_ROLE_TRUST_POLICY_QUOTA
        REDUNDANT_PRINCIPAL_IN_ROLE_TRUST_POLICY INVALID_FEDERATED_PRINCIPAL_SYNTAX_IN_ROLE_TRUST_POLICY
        MISSING_ACTION_FOR_ROLES_ANYWHERE_TRUST_POLICY MISMATCHED_ACTION_FOR_PRINCIPAL
        FEDERATED_PRINCIPAL_NOT_SUPPORTED MISSING_CONDITION_KEY_FOR_OIDC_PRINCIPAL MISSING_GITHUB_REPO_CONDITION_KEY
        SPECIFIC_GITHUB_REPO_AND_BRANCH_RECOMMENDED CONFIRM_AUDIENCE_CLAIM_TYPE INVALID_ROLE_REFERENCE
        INVALID_USER_REFERENCE EMPTY_VARIABLE MISSING_BRACE_IN_VARIABLE MISSING_QUOTE_IN_VARIABLE
        UNSUPPORTED_SPACE_IN_VARIABLE INVALID_DATE_VALUE INVALID_VPC_FORMAT INVALID_VPCE_FORMAT PRIVATE_IP_ADDRESS
        PRIVATE_NOTIPADDRESS PRIVATE_IP_ADDRESS_SUBSET PRIVATE_NOTIPADDRESS_SUBSET IMPROVE_IP_RANGE
        INVALID_CONDITION_MULTIPLE_BOOLEAN INVALID_SERVICE_PRINCIPAL_FORMAT DUPLICATE_KEYS_WITH_DIFFERENT_CASE
        UNSUPPORTED_GLOBAL_CONDITION_KEY DEPRECATED_GLOBAL_CONDITION_KEY MISSING_TAG_KEY_IN_CONDITION
        MISSING_PAIRED_CONDITION_KEYS ALLOW_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE
        ALLOW_NOTACTION_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE
        DENY_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE
        DENY_NOTACTION_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE EMPTY_ARRAY_ACTION EMPTY_ARRAY_CONDITION
        EMPTY_ARRAY_CONDITION_FORALLVALUES EMPTY_ARRAY_CONDITION_FORANYVALUE EMPTY_ARRAY_CONDITION_IFEXISTS
        EMPTY_ARRAY_PRINCIPAL EMPTY_ARRAY_RESOURCE EMPTY_OBJECT_CONDITION EMPTY_OBJECT_PRINCIPAL EMPTY_SID_VALUE
        NULL_WITH_QUALIFIER REDUNDANT_CONDITION_VALUE_NUM WILDCARD_IN_SERVICE_NAME UNIQUE_SIDS_RECOMMENDED
        CheckNoPublicAccess CheckNoNewAccess CheckAccessNotGranted
    """,
    "Prowler": """
        kms_cmk_rotation_enabled kms_key_not_publicly_accessible kms_cmk_are_used kms_cmk_not_deleted_unintentionally
        kms_cmk_not_multi_region kms_key_enclave_attestation_not_enforced kms_key_enclave_attestation_bypassable_path
        iam_policy_no_full_access_to_kms iam_inline_policy_no_full_access_to_kms
        kms_key_enclave_attestation_no_deployment_binding kms_key_enclave_attestation_pcr_mismatch
        kms_key_enclave_attestation_unknown_image kms_key_enclave_debug_attestation_detected
        cloudwatch_log_metric_filter_disable_or_scheduled_deletion_of_kms_cmk
    """,
    "AWS Security Hub and Config": """
        KMS.1 iam-customer-policy-blocked-kms-actions KMS.2 iam-inline-policy-blocked-kms-actions KMS.3
        kms-cmk-not-scheduled-for-deletion KMS.4 cmk-backing-key-rotation-enabled KMS.5
        kms-key-policy-no-public-access
    """,
    "AWS Control Tower": """
        CT.KMS.PR.1 CT.KMS.PR.2 CT.KMS.PV.2 CT.KMS.PR.3 CT.KMS.PV.1 CT.KMS.PV.3 CT.KMS.PV.4 CT.KMS.PV.5 CT.KMS.PV.6
        CT.KMS.PV.7
    """,
    "CIS AWS Foundations": """
        CIS
    """,
    "AWS guardrails for KMS": """
        IAM-KMS-1 IAM-KMS-2 IAM-KMS-7 SCP-KMS-1 IAM-KMS-3 IAM-KMS-4 IAM-KMS-5 IAM-KMS-6 IAM-KMS-8 IAM-KMS-9
    """,
    "CloudSploit": """
        kmsKeyRotation kmsKeyPolicy kmsDuplicateGrants kmsGrantLeastPrivilege kmsScheduledDeletion kmsAppTierCmk
        kmsDefaultKeyUsage
    """,
    "Powerpipe": """
        kms_cmk_policy_prohibit_public_access kms_key_decryption_restricted_in_iam_customer_managed_policy
        kms_key_decryption_restricted_in_iam_inline_policy kms_key_not_pending_deletion kms_cmk_unused
    """,
    "Datadog Cloud Security": """
        def-000-fdu def-000-aap
    """,
    "ScoutSuite, ElectricEye, Conformity and PMapper": """
        kms-cmk-rotation-disabled ElectricEye Conformity endgame
    """,
}


@pytest.mark.parametrize("name", KNOWN)
def test_each_known_check_has_a_rule_or_a_reason(name: str) -> None:
    (tool,) = [each for each in TOOLS if each.name == name]
    assert {id for check in tool.checks for id in check.ids} >= set(KNOWN[name].split())
    assert [id for id in KNOWN[name].split() if not NAMES.meant(id) and not why_not(id)] == []


def test_each_tool_is_known() -> None:
    assert {tool.name for tool in TOOLS} == set(KNOWN)


def test_a_check_without_a_rule_says_why() -> None:
    assert (
        NAMES.suggestion("aws-0153")
        == ": no rule carries this check of trivy and tfsec (alarms on log entries are no part of who may use a key)"
    )
