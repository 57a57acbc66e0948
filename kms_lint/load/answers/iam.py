"""Answers of `aws iam`: the policies of users, groups and roles, one by one or those of a whole account.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html
"""

from __future__ import annotations

from typing import Final

from kms_lint.load.answers.found import Found
from kms_lint.load.answers.members import account, member, objects, opened, text, written
from kms_lint.load.options import Options
from kms_lint.load.policy import policies
from kms_lint.model import Identity, PolicyKind, Unresolved
from kms_lint.syntax.tree import Items, Mapping, Node, Scalar, Text

_TYPES: Final = {"Role": "role", "User": "user", "Group": "group"}
_OF_AWS: Final = ":iam::aws:policy/"


def policy_version(node: Mapping, value: Node, options: Options, found: Found) -> bool:
    """`get-policy-version`: the version that was asked for."""
    document = member(value, "Document")
    if document is None:
        return False
    address = text(value, "VersionId") or "PolicyVersion"
    found.policies += policies(document, PolicyKind.IDENTITY, address, owner=options.account)
    return True


def version_alone(node: Mapping, value: Node, options: Options, found: Found) -> bool:
    """The same with `--query PolicyVersion`, which leaves out the name around it."""
    return "Document" in node and policy_version(node, node, options, found)


def inline_policy(node: Mapping, value: Node, options: Options, found: Found) -> bool:
    """`get-role-policy`, `get-user-policy`, `get-group-policy`."""
    of = next((f"{type}/{name}" for which, type in _TYPES.items() if (name := text(node, f"{which}Name"))), None)
    name = text(node, "PolicyName")
    if of is None and name is None:
        return False
    address = ":".join(part for part in (of, name) if part)
    found.policies += policies(value, PolicyKind.IDENTITY, address, of=of, owner=options.account)
    return True


def identity_answer(node: Mapping, value: Node, options: Options, found: Found) -> bool:
    """`get-role`, `get-user`, `get-group`."""
    which = next((which for which in _TYPES if text(value, f"{which}Name") is not None), None)
    if which is None or not isinstance(value, Mapping) or text(value, "Arn") is None:
        return False
    identity(value, which, options, found)
    return True


def details(node: Mapping, value: Node, options: Options, found: Found) -> bool:
    """One list of `get-account-authorization-details`: `UserDetailList`, `GroupDetailList` or `RoleDetailList`."""
    which = next((which for which in _TYPES if member(node, f"{which}DetailList") is value), None)
    if which is None or not isinstance(value, Items):
        return False
    for each in value.values:
        if isinstance(each, Mapping):
            identity(each, which, options, found)
    return True


def identity(node: Mapping, which: str, options: Options, found: Found) -> None:
    """A user, a group or a role, with its inline policies and the trust policy."""
    type = _TYPES[which]
    arn, name = written(node, "Arn"), written(node, f"{which}Name")
    owner = account(arn) or options.account
    address = f"{type}/{name or arn or ''}"
    found.identities.append(
        Identity(
            address,
            node.at,
            type,
            name,
            arn,
            tuple(arn for each in objects(node, "AttachedManagedPolicies") if (arn := written(each, "PolicyArn"))),
            written(member(node, "PermissionsBoundary"), "PermissionsBoundaryArn"),
            _groups(member(node, "GroupList")),
            owner,
        )
    )
    for index, each in enumerate(objects(node, f"{which}PolicyList")):
        called = f"{address}:{text(each, 'PolicyName') or f'{which}PolicyList[{index}]'}"
        document = member(each, "PolicyDocument")
        found.policies += policies(document, PolicyKind.IDENTITY, called, of=address, owner=owner)
    trust = member(node, "AssumeRolePolicyDocument")
    called = f"{address}:AssumeRolePolicyDocument"
    found.policies += policies(trust, PolicyKind.TRUST, called, of=address, owner=owner)


def _groups(node: Node | None) -> tuple[Text, ...]:
    names = [each for each in node.values if isinstance(each, Text)] if isinstance(node, Items) else []
    return tuple(Text(f"group/{name}", name.at) for name in names)


def managed_policies(node: Mapping, value: Node, options: Options, found: Found) -> bool:
    """`Policies` of `get-account-authorization-details`."""
    each = [one for one in value.values if isinstance(one, Mapping)] if isinstance(value, Items) else []
    if not any(member(one, "PolicyVersionList") is not None for one in each):
        return False
    for one in each:
        managed_policy(one, options, found)
    return True


def managed_policy(node: Mapping, options: Options, found: Found) -> None:
    """A managed policy, in the version that is in force; those of AWS are nobody's to change."""
    arn = text(node, "Arn") or ""
    address = arn or text(node, "PolicyName") or "Policies"
    in_force = next((one for one in objects(node, "PolicyVersionList") if _in_force(one, node)), None)
    document = member(in_force, "Document")
    if document is None and "PolicyVersionList" in node:
        message = "none of its versions that are listed is in force"
        found.unresolved.append(Unresolved("PolicyVersionList", message, node.at))
    owner = account(arn) or options.account
    of_aws = _OF_AWS in arn
    for policy in policies(document, PolicyKind.IDENTITY, address, owner=None if of_aws else owner):
        found.add_policy(policy, managed=of_aws)


def _in_force(version: Mapping, policy: Mapping) -> bool:
    flag = opened(member(version, "IsDefaultVersion"))
    if isinstance(flag, Scalar):
        return flag.value is True
    return text(version, "VersionId") is not None and text(version, "VersionId") == text(policy, "DefaultVersionId")
