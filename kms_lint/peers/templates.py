"""The checks of tools that read CloudFormation templates."""

from __future__ import annotations

from typing import Final

from kms_lint.peers.table import CONSUMER, NO_KMS, REFUSED, tool

TOOLS: Final = (
    tool(
        "cfn_nag",
        "F19 | rotation is on | rotation-disabled",
        "F76 | no `*` in a principal | public-principal invalid-principal",
        "F3 F4 F5 | a wildcard action | full-kms-access administrator-access",
        "W11 W12 W13 | a wildcard resource | wildcard-resource",
        "W15 W16 W17 | Allow with NotAction | not-action-allow",
        "W21 W22 W23 | Allow with NotResource | not-action-allow",
        f"F38 F39 F40 | iam:PassRole on everything | - {NO_KMS}",
        "W76 | the complexity of a policy | - a number that says nothing about who gets what",
        f"W77 F81 W84 | a resource is encrypted with a key of yours (about 17 such checks) | - {CONSUMER}",
    ),
    tool(
        "cfripper",
        "KMSKeyWildcardPrincipalRule | a wildcard principal | public-principal",
        "KMSKeyCrossAccountTrustRule GenericCrossAccountTrustRule | a principal of another account | cross-account-use",
        "KMSKeyEnabledKeyRotation | rotation is on | rotation-disabled",
        "GenericResourceWildcardPolicyRule | a wildcard in an action | full-kms-access whole-key-access",
        "IAMRoleWildcardActionOnPolicyRule IAMRolesOverprivilegedRule | a role may do everything | full-kms-access",
        f"WildcardResourceRule | a wildcard resource | - {NO_KMS}: it leaves out every action of it",
        f"PrivilegeEscalationRule GenericResourcePartialWildcardPrincipalRule GenericResourceFullWildcardPrincipalRule | IAM, and other resources | - {NO_KMS}",
    ),
    tool(
        "cfn-guard rules registry",
        "CMK_BACKING_KEY_ROTATION_ENABLED | rotation is on | rotation-disabled",
        "KMS_NO_WILDCARD_PRINCIPAL | a wildcard principal | public-principal",
        "IAM_POLICYDOCUMENT_NO_WILDCARD_RESOURCE | a wildcard resource | wildcard-resource",
        "IAM_POLICY_NO_STATEMENTS_WITH_FULL_ACCESS IAM_MANAGEDPOLICY_NO_STATEMENTS_WITH_FULL_ACCESS | every action of a service | full-kms-access",
        "IAM_POLICY_NO_STATEMENTS_WITH_ADMIN_ACCESS | everything on everything | administrator-access",
        "IAM_ROLE_OR_POLICY_NO_ALLOW_PLUS_NOT_ACTION | Allow with NotAction | not-action-allow",
        "IAM_ROLE_OR_POLICY_NO_ALLOW_PLUS_NOT_RESOURCE | Allow with NotResource | not-action-allow",
        f"IAM_ROLE_NO_ALLOW_PLUS_NOT_PRINCIPAL IAM_ROLE_NO_ALLOW_PLUS_NOT_ACTION_ON_TRUST_POLICY IAM_ROLE_NO_FULL_ACCESS_ON_TRUST_POLICY | trust policies of roles | - {NO_KMS}",
        "KMS_CMK_NOT_SCHEDULED_FOR_DELETION IAM_CUSTOMER_POLICY_BLOCKED_KMS_ACTIONS IAM_INLINE_POLICY_BLOCKED_KMS_ACTIONS | names of rules of AWS Config | - its file holds no rule; the rules of AWS Config of this name are below",
        "IAM_ROLE_NO_WILDCARD_ACTIONS_ON_PERMISSIONS | wildcard actions of a role | - it looks at a property that roles do not have",
    ),
    tool(
        "cfn-lint",
        "E3512 | the grammar of a key policy | malformed-policy unknown-operator invalid-principal void-statement",
        "E3510 | the grammar of an IAM policy | malformed-policy dead-resource",
        "W3037 | actions exist | unknown-action",
        "I3510 | an action fits its resource | dead-resource action-needs-any-resource",
        "I3011 | a key is retained | deletion-unprotected",
        "W2511 | the version of a policy | literal-variable",
        "I3042 | a hard-coded partition | hard-coded-partition",
        "E3514 | the shape of ARNs | dead-resource",
        "E1164 | the shape of alias names | reserved-alias",
        f"E1157 E1162 | the shape of key ARNs and ids in properties | - {REFUSED}",
        f"E3030 E3034 | properties of keys: their enumerations and ranges | - {REFUSED}",
        "E3720 | encryption of a database | - it is about the database, and not about the key",
    ),
    tool(
        "cdk-nag",
        "KMSBackingKeyRotationEnabled KMS5 | rotation is on | rotation-disabled",
        "IAMNoWildcardPermissions IAM5 | no wildcards | wildcard-resource full-kms-access",
    ),
    tool(
        "CDK Insights",
        "kms-key-policy-self-lockout | a Deny locks everybody out | key-lockout deny-locks-out",
    ),
)
"""Tools for CloudFormation."""
