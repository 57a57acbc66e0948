"""The checks of tools that read infrastructure as code of several kinds."""

from __future__ import annotations

from typing import Final

from kms_lint.peers.table import ALARMS, CONSUMER, LIVE, NO_KMS, OTHER_INPUT, REFUSED, tool

TOOLS: Final = (
    tool(
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
        "CKV_AWS_107 CKV_AWS_108 CKV_AWS_110 CKV_AWS_286 CKV_AWS_287 CKV_AWS_288 | credentials, exfiltration, escalation | - its lists hold no operation of AWS KMS: only `*` fails it, which is `administrator-access`",
        "CKV_AWS_40 CKV_AWS_274 CKV_AWS_275 CKV2_AWS_40 CKV2_AWS_56 | AWS managed policies and users | - it is about who is an administrator of the account; `kms-lint access` counts what AWS managed policies say",
        f"CKV_AWS_119 CKV_AWS_136 CKV_AWS_149 CKV_AWS_158 CKV_AWS_160 CKV_AWS_166 CKV_AWS_187 | a resource is encrypted with a key of yours (73 such checks) | - {CONSUMER}",
    ),
    tool(
        "trivy and tfsec",
        "AWS-0065 AVD-AWS-0065 aws-kms-auto-rotate-keys | rotation is on | rotation-disabled",
        "AWS097 aws-iam-block-kms-policy-wildcard | an IAM policy decrypts with every key | wildcard-resource",
        f"AWS-0153 | an alarm on disabled and deleted keys | - {ALARMS}",
        f"AWS-0057 | wildcards in policies | - it is empty since 2025, and {NO_KMS}",
        f"AWS-0342 AWS-0345 | iam:PassRole and s3:* | - {NO_KMS}",
    ),
    tool(
        "KICS and Datadog IaC",
        "7ebc9038-0bde-479a-acc4-6ed7b6758899 | a vulnerable key policy, or none | public-principal whole-key-access key-policy-missing",
        "da905474-7454-43c0-b8d2-5756ab951aba | a key policy with full permissions, or none | public-principal whole-key-access key-policy-missing",
        f"5b9d237a-57d5-4177-be0e-71434b0fef47 | the same, in Ansible | - {OTHER_INPUT}",
        "f6049677-ec4a-43af-8779-5190b6d03cba | a wildcard principal | public-principal",
        "22fbfeac-7b5a-421a-8a27-7a2178bb910b | rotation, in Terraform | rotation-disabled rotation-unsupported",
        "1c07bfaf-663c-4f6f-b22b-8e2d481e4df5 235ca980-eb71-48f4-9030-df0c371029eb | rotation, in CloudFormation | rotation-disabled",
        "7350fa23-dcf7-4938-916d-6a60b0c73b50 2844c749-bd78-4cd1-90e8-b179df827602 | the key can be used | key-disabled",
        "0b530315-0ea4-497f-b34c-4ff86268f59d | the deletion window | deletion-window-short",
        f"af96d737-0818-4162-8c41-40d969bd65d1 133fee21-37ef-45df-a563-4d07edc169f4 | rotation and use of a key in Ansible | - {OTHER_INPUT}",
        "bbe3dd3d-fea9-4b68-a785-cfabe2bbbc54 | a resource policy names a principal | malformed-policy",
        f"56a585f5-555c-48b2-8395-e64e4740a9cf | an alarm on disabled and deleted keys | - {ALARMS}",
    ),
    tool(
        "terrascan",
        "AC_AWS_0160 AWS.AKK.DP.HIGH.0012 | rotation is on | rotation-disabled",
        "AC_AWS_0162 AWS.KMS.NetworkSecurity.High.0566 | the key is public | public-principal",
        "AC_AWS_0481 AWS.AKK.IAM.HIGH.0012 | a statement names a principal | malformed-policy",
        "AC_AWS_0482 AWS.AKK.IAM.HIGH.0082 | a wildcard in a key policy | whole-key-access public-principal",
        "kmsKeyDisabled | the key is enabled | key-disabled",
    ),
    tool(
        "regula",
        "FG_R00036 | rotation is on | rotation-disabled",
        "FG_R00252 | the key is not public | public-principal",
        "FG_R00092 | everything on everything | administrator-access",
    ),
    tool(
        "semgrep",
        "aws-kms-key-wildcard-principal terraform.aws.security.aws-kms-key-wildcard-principal | a wildcard principal | public-principal",
        "aws-kms-no-rotation terraform.aws.security.aws-kms-no-rotation | rotation is on | rotation-disabled",
        "no-iam-resource-exposure terraform.lang.security.iam.no-iam-resource-exposure | an IAM policy controls grants and key policies | policy-takeover unrestricted-grants",
        "no-iam-star-actions no-iam-admin-privileges aws-iam-admin-policy | everything on everything | administrator-access",
    ),
    tool(
        "Cloud Custodian",
        "cross-account | who a key policy lets in | cross-account-use public-principal",
        f"grant-count key-rotation-status last-rotation last-usage | how keys are used | - {LIVE}",
    ),
    tool(
        "tflint-ruleset-aws",
        "aws_kms_alias_invalid_name | the name of an alias | reserved-alias",
        "aws_kms_key_invalid_policy aws_kms_external_key_invalid_policy aws_kms_replica_key_invalid_policy aws_kms_replica_external_key_invalid_policy aws_iam_policy_too_long_policy | the length and the characters of a policy | policy-too-large",
        "aws_kms_grant_invalid_grantee_principal aws_kms_grant_invalid_retiring_principal | who a grant is for | invalid-grant",
        "aws_iam_policy_sid_invalid_characters | characters of a Sid | malformed-policy",
        "aws_iam_policy_gov_friendly_arns | a hard-coded partition | hard-coded-partition",
        f"aws_kms_alias_invalid_target_key_id aws_kms_ciphertext_invalid_key_id aws_kms_grant_invalid_key_id aws_kms_grant_invalid_name | lengths of ids and names | - {REFUSED}",
        f"aws_kms_key_invalid_description aws_kms_key_invalid_key_usage aws_kms_external_key_invalid_description aws_kms_replica_key_invalid_description aws_kms_replica_external_key_invalid_description | other arguments | - {REFUSED}",
    ),
)
"""Tools for Terraform and more than one other kind of file."""
