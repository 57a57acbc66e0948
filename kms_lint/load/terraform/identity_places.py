"""Users, groups, roles and permission sets in the AWS providers, and what attaches policies to them, as data.

https://registry.terraform.io/providers/hashicorp/aws/latest/docs and
https://registry.terraform.io/providers/hashicorp/awscc/latest/docs
"""

from __future__ import annotations

from typing import Final, NamedTuple

from kms_lint.load.terraform.arguments import Path


class Kind(NamedTuple):
    """A type of identity: what it is, and the arguments with its name and with what is attached to it."""

    type: str
    name: str
    boundary: str | None = None
    attached: str | None = None
    groups: str | None = None


class Attaching(NamedTuple):
    """A resource that attaches policies to identities; without `policies` it is itself the policy."""

    identities: tuple[str, ...]
    policies: Path | None
    boundary: bool = False


class Membership(NamedTuple):
    """A resource that puts users into groups."""

    users: str
    groups: str


IDENTITIES: Final = {
    "aws_iam_role": Kind("role", "name", "permissions_boundary", "managed_policy_arns"),
    "aws_iam_user": Kind("user", "name", "permissions_boundary"),
    "aws_iam_group": Kind("group", "name"),
    "aws_ssoadmin_permission_set": Kind("permission set", "name"),
    "awscc_iam_role": Kind("role", "role_name", "permissions_boundary", "managed_policy_arns"),
    "awscc_iam_user": Kind("user", "user_name", "permissions_boundary", "managed_policy_arns", "groups"),
    "awscc_iam_group": Kind("group", "group_name", attached="managed_policy_arns"),
    "awscc_sso_permission_set": Kind("permission set", "name", attached="managed_policies"),
}

ATTACHMENTS: Final = {
    "aws_iam_role_policy_attachment": Attaching(("role",), ("policy_arn",)),
    "aws_iam_user_policy_attachment": Attaching(("user",), ("policy_arn",)),
    "aws_iam_group_policy_attachment": Attaching(("group",), ("policy_arn",)),
    "aws_iam_policy_attachment": Attaching(("users", "groups", "roles"), ("policy_arn",)),
    "aws_iam_role_policy_attachments_exclusive": Attaching(("role_name",), ("policy_arns",)),
    "aws_iam_user_policy_attachments_exclusive": Attaching(("user_name",), ("policy_arns",)),
    "aws_iam_group_policy_attachments_exclusive": Attaching(("group_name",), ("policy_arns",)),
    "aws_ssoadmin_managed_policy_attachment": Attaching(("permission_set_arn",), ("managed_policy_arn",)),
    "aws_ssoadmin_permissions_boundary_attachment": Attaching(
        ("permission_set_arn",), ("permissions_boundary", "managed_policy_arn"), boundary=True
    ),
    "awscc_iam_managed_policy": Attaching(("users", "groups", "roles"), None),
}

MEMBERSHIPS: Final = {
    "aws_iam_user_group_membership": Membership("user", "groups"),
    "aws_iam_group_membership": Membership("users", "group"),
    "awscc_iam_user_to_group_addition": Membership("users", "group_name"),
}
