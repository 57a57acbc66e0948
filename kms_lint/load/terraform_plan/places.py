"""Where the resources of the AWS providers hold policies: one table, as data.

https://registry.terraform.io/providers/hashicorp/aws/latest/docs and
https://registry.terraform.io/providers/hashicorp/awscc/latest/docs
"""

from __future__ import annotations

from typing import Final, NamedTuple

from kms_lint.model import PolicyKind


class PolicyPlace(NamedTuple):
    """An argument that holds a policy.

    `of` is the argument that names whose policy it is. `within` are nested blocks of which each holds one in `argument`.
    `named` is whether the address of the policy says the argument, because the resource may hold others.
    """

    argument: str
    kind: PolicyKind
    of: str = ""
    within: str = ""
    named: bool = False


_IDENTITY: Final = PolicyKind.IDENTITY

POLICIES: Final[dict[str, tuple[PolicyPlace, ...]]] = {
    "aws_kms_key_policy": (PolicyPlace("policy", PolicyKind.KEY, "key_id"),),
    "aws_iam_policy": (PolicyPlace("policy", _IDENTITY),),
    "aws_iam_role_policy": (PolicyPlace("policy", _IDENTITY, "role"),),
    "aws_iam_user_policy": (PolicyPlace("policy", _IDENTITY, "user"),),
    "aws_iam_group_policy": (PolicyPlace("policy", _IDENTITY, "group"),),
    "aws_iam_role": (
        PolicyPlace("assume_role_policy", PolicyKind.TRUST, named=True),
        PolicyPlace("policy", _IDENTITY, within="inline_policy", named=True),
    ),
    "aws_ssoadmin_permission_set_inline_policy": (PolicyPlace("inline_policy", _IDENTITY),),
    "aws_vpc_endpoint": (PolicyPlace("policy", PolicyKind.VPC_ENDPOINT),),
    "aws_vpc_endpoint_policy": (PolicyPlace("policy", PolicyKind.VPC_ENDPOINT),),
    "awscc_kms_key": (PolicyPlace("key_policy", PolicyKind.KEY),),
    "awscc_kms_replica_key": (PolicyPlace("key_policy", PolicyKind.KEY),),
    "awscc_iam_managed_policy": (PolicyPlace("policy_document", _IDENTITY),),
    "awscc_iam_role_policy": (PolicyPlace("policy_document", _IDENTITY, "role_name"),),
    "awscc_iam_user_policy": (PolicyPlace("policy_document", _IDENTITY, "user_name"),),
    "awscc_iam_group_policy": (PolicyPlace("policy_document", _IDENTITY, "group_name"),),
    "awscc_iam_role": (
        PolicyPlace("assume_role_policy_document", PolicyKind.TRUST, named=True),
        PolicyPlace("policy_document", _IDENTITY, within="policies", named=True),
    ),
    "awscc_iam_user": (PolicyPlace("policy_document", _IDENTITY, within="policies", named=True),),
    "awscc_iam_group": (PolicyPlace("policy_document", _IDENTITY, within="policies", named=True),),
}

CONTROLS: Final = {"SERVICE_CONTROL_POLICY": PolicyKind.SCP, "RESOURCE_CONTROL_POLICY": PolicyKind.RCP}
"""The kinds of policies of an organization that say something about KMS, by the `type` of `aws_organizations_policy`."""

ELSEWHERE: Final = (PolicyPlace("policy", PolicyKind.RESOURCE),)
"""What the `policy` of any other resource is."""

SECRETS: Final[dict[str, dict[str, str]]] = {
    "aws_kms_external_key": {"key_material_base64": "key material"},
    "aws_kms_replica_external_key": {"key_material_base64": "key material"},
    "aws_kms_custom_key_store": {"key_store_password": "the password of a key store"},
    "aws_kms_ciphertext": {"plaintext": "the plaintext of a ciphertext"},
}
"""The arguments that hold a secret, and what it is."""
