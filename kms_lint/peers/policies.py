"""The checks of tools that read policies."""

from __future__ import annotations

from typing import Final

from kms_lint.peers.table import NO_KMS, tool

_ROLES: Final = (
    "CREATE_SLR_WITH_NOTACTION_AND_NOTRESOURCE CREATE_SLR_WITH_NOTRESOURCE CREATE_SLR_WITH_STAR_IN_ACTION_AND_NOTRESOURCE "
    "CREATE_SLR_WITH_STAR_IN_ACTION_AND_RESOURCE CREATE_SLR_WITH_STAR_IN_RESOURCE CREATE_SLR_WITH_STAR_IN_RESOURCE_AND_NOTACTION "
    "PASS_ROLE_WITH_NOTACTION_AND_NOTRESOURCE PASS_ROLE_WITH_NOTRESOURCE PASS_ROLE_WITH_STAR_IN_ACTION_AND_NOTRESOURCE "
    "PASS_ROLE_WITH_STAR_IN_ACTION_AND_RESOURCE PASS_ROLE_WITH_STAR_IN_RESOURCE PASS_ROLE_WITH_STAR_IN_RESOURCE_AND_NOTACTION "
    "SCP_SYNTAX_ERROR_ACTION_WILDCARD SCP_SYNTAX_ERROR_ALLOW_CONDITION SCP_SYNTAX_ERROR_ALLOW_NOTACTION "
    "SCP_SYNTAX_ERROR_ALLOW_RESOURCE SCP_SYNTAX_ERROR_NOTRESOURCE SCP_SYNTAX_ERROR_PRINCIPAL POLICY_SIZE_EXCEEDS_SCP_QUOTA "
    "ROLE_TRUST_POLICY_SYNTAX_ERROR_NOTPRINCIPAL ROLE_TRUST_POLICY_SYNTAX_ERROR_RESOURCE "
    "ROLE_TRUST_POLICY_UNSUPPORTED_WILDCARD_IN_PRINCIPAL POLICY_SIZE_EXCEEDS_ROLE_TRUST_POLICY_QUOTA "
    "REDUNDANT_PRINCIPAL_IN_ROLE_TRUST_POLICY INVALID_FEDERATED_PRINCIPAL_SYNTAX_IN_ROLE_TRUST_POLICY "
    "MISSING_ACTION_FOR_ROLES_ANYWHERE_TRUST_POLICY MISMATCHED_ACTION_FOR_PRINCIPAL FEDERATED_PRINCIPAL_NOT_SUPPORTED "
    "MISSING_CONDITION_KEY_FOR_OIDC_PRINCIPAL MISSING_GITHUB_REPO_CONDITION_KEY SPECIFIC_GITHUB_REPO_AND_BRANCH_RECOMMENDED "
    "CONFIRM_AUDIENCE_CLAIM_TYPE INVALID_ROLE_REFERENCE INVALID_USER_REFERENCE"
)
_VALUES: Final = (
    "EMPTY_VARIABLE MISSING_BRACE_IN_VARIABLE MISSING_QUOTE_IN_VARIABLE UNSUPPORTED_SPACE_IN_VARIABLE INVALID_DATE_VALUE "
    "INVALID_VPC_FORMAT INVALID_VPCE_FORMAT PRIVATE_IP_ADDRESS PRIVATE_NOTIPADDRESS PRIVATE_IP_ADDRESS_SUBSET "
    "PRIVATE_NOTIPADDRESS_SUBSET IMPROVE_IP_RANGE INVALID_CONDITION_MULTIPLE_BOOLEAN INVALID_SERVICE_PRINCIPAL_FORMAT"
)
_KEYS: Final = (
    "DUPLICATE_KEYS_WITH_DIFFERENT_CASE UNSUPPORTED_GLOBAL_CONDITION_KEY DEPRECATED_GLOBAL_CONDITION_KEY MISSING_TAG_KEY_IN_CONDITION "
    "MISSING_PAIRED_CONDITION_KEYS ALLOW_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE "
    "ALLOW_NOTACTION_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE DENY_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE "
    "DENY_NOTACTION_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE"
)
_EMPTY: Final = (
    "EMPTY_ARRAY_ACTION EMPTY_ARRAY_CONDITION EMPTY_ARRAY_CONDITION_FORALLVALUES EMPTY_ARRAY_CONDITION_FORANYVALUE "
    "EMPTY_ARRAY_CONDITION_IFEXISTS EMPTY_ARRAY_PRINCIPAL EMPTY_ARRAY_RESOURCE EMPTY_OBJECT_CONDITION EMPTY_OBJECT_PRINCIPAL "
    "EMPTY_SID_VALUE NULL_WITH_QUALIFIER REDUNDANT_CONDITION_VALUE_NUM WILDCARD_IN_SERVICE_NAME UNIQUE_SIDS_RECOMMENDED"
)

TOOLS: Final = (
    tool(
        "parliament",
        "RESOURCE_MISMATCH | an action fits its resource | dead-resource action-needs-any-resource alias-operation-half",
        "RESOURCE_STAR RESOURCE_EFFECTIVELY_STAR | a wildcard resource | wildcard-resource",
        "UNKNOWN_ACTION UNKNOWN_PREFIX | actions exist | unknown-action foreign-action",
        "UNKNOWN_CONDITION_FOR_ACTION | an action carries the condition key | condition-never-present unknown-condition-key",
        "UNKNOWN_OPERATOR MISMATCHED_TYPE MISMATCHED_TYPE_OPERATION_TO_NULL | operators exist and fit | unknown-operator",
        "MISMATCHED_TYPE_BUT_USABLE | StringEquals for ARNs | - it works, as the check itself says",
        "UNKNOWN_PRINCIPAL | a principal can be | invalid-principal deleted-principal",
        "MALFORMED INVALID_SID DUPLICATE_SID INVALID_VERSION | the grammar | malformed-policy",
        "MALFORMED_JSON | the file is JSON | malformed-document",
        "OLD_VERSION NO_VERSION | the version of a policy | literal-variable",
        "INVALID_ARN | the shape of ARNs | dead-resource",
        "PERMISSIONS_MANAGEMENT_ACTIONS | who controls grants and policies | policy-takeover unrestricted-grants unneeded-create-key",
        "NOTPRINCIPAL_WITH_ALLOW | Allow with NotPrincipal | not-principal-allow",
        "NOTRESOURCE_WITH_ALLOW | Allow with NotResource | not-action-allow",
        "SINGLE_VALUE_CONDITION_TOO_PERMISSIVE | set operators on keys with one value | set-operator-misused",
        "BAD_PATTERN_FOR_MFA | a Deny on MFA that has a gap | - it is about signing in, and not about keys",
        f"RESOURCE_POLICY_PRIVILEGE_ESCALATION PRIVILEGE_ESCALATION CREDENTIALS_EXPOSURE | lists of actions | - {NO_KMS}",
        "UNKNOWN_FEDERATION_SOURCE | a federated principal can be | - no request for a key carries one",
        "SENSITIVE_ACCESS | a list of one's own | - a rule of your own says it: `kms-lint schema rule`",
    ),
    tool(
        "cloudsplaining",
        "ResourceExposure | who controls grants and policies | policy-takeover unrestricted-grants",
        "ServiceWildcard | every action of a service | full-kms-access",
        "InfrastructureModification | changes of anything | wildcard-resource destructive-action",
        "internet_accessible_actions | a resource policy lets in everybody | public-principal",
        "PrivilegeEscalation DataExfiltration CredentialsExposure | lists of actions | - its lists hold no operation of AWS KMS",
    ),
    tool(
        "iam-policy-validator",
        "full_wildcard | everything on everything | administrator-access",
        "wildcard_action | every action | administrator-access",
        "service_wildcard | every action of a service | full-kms-access",
        "wildcard_resource | a wildcard resource | wildcard-resource",
        "sensitive_action action_condition_enforcement | who controls grants and policies, and deletes | policy-takeover unrestricted-grants destructive-action",
        "not_action_not_resource | NotAction and NotResource | not-action-allow",
        "not_principal_validation | Allow with NotPrincipal | not-principal-allow",
        "action_validation | actions exist | unknown-action",
        "condition_key_validation | condition keys exist | unknown-condition-key condition-never-present",
        "condition_type_mismatch | operators fit | unknown-operator",
        "set_operator_validation | set operators | set-operator-misused",
        "ifexists_condition_usage | IfExists on an Allow | condition-fails-open",
        "resource_validation action_resource_matching | resources | dead-resource action-needs-any-resource",
        "principal_validation | principals | public-principal invalid-principal confused-deputy",
        "policy_structure sid_uniqueness policy_type_validation | the grammar | malformed-policy",
        "policy_size | the length of a policy | policy-too-large",
        "rcp_best_practices | resource control policies | rcp-breaks-services",
        "mfa_condition_antipattern | conditions on MFA that have a gap | - it is about signing in, and not about keys",
        f"trust_policy_validation | trust policies of roles | - {NO_KMS}",
    ),
    tool(
        "IAM Access Analyzer",
        "JSON_SYNTAX_ERROR | the text is JSON | malformed-document",
        "DATA_TYPE_MISMATCH INVALID_EFFECT INVALID_POLICY_ELEMENT INVALID_VERSION MISSING_ACTION MISSING_EFFECT MISSING_PRINCIPAL MISSING_RESOURCE MISSING_STATEMENT UNIQUE_SIDS_REQUIRED UNSUPPORTED_ELEMENT_COMBINATION UNSUPPORTED_PRINCIPAL UNSUPPORTED_SID INVALID_PRINCIPAL_KEY | the grammar | malformed-policy void-statement",
        "INVALID_ACTION | actions exist | unknown-action",
        "ARN_ACCOUNT_NOT_ALLOWED ARN_REGION_NOT_ALLOWED INVALID_ARN_ACCOUNT INVALID_ARN_PREFIX INVALID_ARN_REGION INVALID_ARN_RESOURCE INVALID_ARN_SERVICE_CASE INVALID_PARTITION INVALID_REGION MISSING_ARN_FIELD MISSING_ARN_REGION UNSUPPORTED_RESOURCE_ARN_IN_POLICY | the shape of ARNs | dead-resource",
        "INVALID_CONDITION_OPERATOR NULL_WITH_IF_EXISTS INVALID_CONDITION_DATA_TYPE TYPE_MISMATCH TYPE_MISMATCH_BOOLEAN TYPE_MISMATCH_DATE TYPE_MISMATCH_IP_RANGE TYPE_MISMATCH_NUMBER TYPE_MISMATCH_STRING | operators exist and fit | unknown-operator",
        "INVALID_CONDITION_KEY_FORMAT INVALID_GLOBAL_CONDITION_KEY INVALID_SERVICE_CONDITION_KEY | condition keys exist | unknown-condition-key",
        "UNSUPPORTED_ACTION_FOR_CONDITION_KEY MISSING_ACTION_FOR_CONDITION_KEY IRRELEVANT_CONDITION_KEY_IN_POLICY UNSUPPORTED_CONDITION_KEY_FOR_SERVICE_PRINCIPAL | an action carries the condition key | condition-never-present",
        "VARIABLE_UNSUPPORTED_IN_VERSION VARIABLE_UNSUPPORTED_IN_ELEMENT INVALID_VARIABLE_FOR_OPERATOR | a variable that is plain text | literal-variable",
        "INVALID_PRINCIPAL_FORMAT UNSUPPORTED_WILDCARD_IN_PRINCIPAL | principals | invalid-principal",
        "POLICY_SIZE_EXCEEDS_RESOURCE_POLICY_QUOTA POLICY_SIZE_EXCEEDS_IDENTITY_POLICY_QUOTA | the length of a policy | policy-too-large",
        "WILDCARD_WITHOUT_LIKE_OPERATOR | `*` where it is text | literal-wildcard malformed-via-service",
        "ALLOW_WITH_NOT_PRINCIPAL | Allow with NotPrincipal | not-principal-allow",
        "FORALLVALUES_WITH_SINGLE_VALUED_KEY MISSING_QUALIFIER | set operators | set-operator-misused",
        "RESTRICT_ACCESS_TO_SERVICE_PRINCIPAL RECOMMENDED_CONDITION_KEY_FOR_SERVICE_PRINCIPAL | services that act for strangers | confused-deputy",
        "REDUNDANT_ACTION REDUNDANT_RESOURCE REDUNDANT_STATEMENT | what is said twice | redundant-statement",
        "INVALID_SERVICE INVALID_SERVICE_IN_ACTION UNSUPPORTED_ACTION_IN_POLICY | actions that are none of a key policy | foreign-action action-outside-key-policy",
        "MISSING_VERSION | the version of a policy | literal-variable",
        f"{_ROLES} | roles, and the grammar of SCPs and trust policies | - {NO_KMS}",
        f"{_VALUES} | what stands inside of a value | - not looked at: whether a variable, a range of addresses, a date or a VPC is well formed",
        f"{_KEYS} | condition keys that are old, that services do not support, or that are written twice | - not looked at: AWS KMS supports the keys for tags, and `condition-never-present` says what its requests do not carry",
        f"{_EMPTY} | empty lists and objects, and what could be said shorter | - a matter of taste: what AWS refuses is `malformed-policy`",
        "CheckNoPublicAccess CheckNoNewAccess CheckAccessNotGranted | proofs | - `kms-lint diff` proves the same, without an account",
    ),
)
"""Tools for policies."""
