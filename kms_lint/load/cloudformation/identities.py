"""The policies of identities in a template.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_IAM.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from kms_lint.load.cloudformation.intrinsics import function, written
from kms_lint.load.cloudformation.members import items, member, settled
from kms_lint.load.cloudformation.resource import Resource
from kms_lint.load.policy import policies
from kms_lint.model import Policy, PolicyKind
from kms_lint.syntax.tree import Choice, Items, Mapping, Node, Scalar, Text

_DOCUMENTS: Final = {
    "AWS::IAM::Policy": "PolicyDocument",
    "AWS::IAM::ManagedPolicy": "PolicyDocument",
    "AWS::IAM::RolePolicy": "PolicyDocument",
    "AWS::IAM::UserPolicy": "PolicyDocument",
    "AWS::IAM::GroupPolicy": "PolicyDocument",
    "AWS::SSO::PermissionSet": "InlinePolicy",
}
_WITH_POLICIES: Final = frozenset({"AWS::IAM::Role", "AWS::IAM::User", "AWS::IAM::Group", "AWS::Serverless::Function"})
_ATTACHED_TO: Final = ("RoleName", "UserName", "GroupName", "Roles", "Users", "Groups")
_ORGANIZATION: Final = {"SERVICE_CONTROL_POLICY": PolicyKind.SCP, "RESOURCE_CONTROL_POLICY": PolicyKind.RCP}
_IDENTITY: Final = PolicyKind.IDENTITY

TYPES: Final = frozenset({*_DOCUMENTS, *_WITH_POLICIES, "AWS::Organizations::Policy"})
"""The types of resources that hold policies of identities, or of an organization."""


def identity_policies(resource: Resource) -> Iterator[Policy]:
    """The policies that a resource attaches to identities, and the trust policy of a role."""
    owner = resource.account
    if resource.type in _DOCUMENTS:
        document = resource.property(_DOCUMENTS[resource.type])
        yield from policies(document, _IDENTITY, resource.id, of=_attached_to(resource), owner=owner)
    elif resource.type == "AWS::Organizations::Policy":
        type = settled(resource.property("Type"))
        kind = _ORGANIZATION.get(str(type)) if isinstance(type, Text) else None
        if kind is not None:
            yield from policies(resource.property("Content"), kind, resource.id, owner=owner)
    else:
        yield from _inline(resource)
        yield from _trust(resource)


def _inline(resource: Resource) -> Iterator[Policy]:
    serverless = resource.type == "AWS::Serverless::Function"
    for index, entry in _entries(resource, "Policies"):
        document = entry if serverless else member(entry, "PolicyDocument")
        if not serverless or _holds_statements(document):
            address = f"{resource.id}:Policies[{index}]"
            yield from policies(document, _IDENTITY, address, of=resource.id, owner=resource.account)


def _holds_statements(node: Node | None) -> bool:
    """Whether a policy of a function is a document; the others are names and templates of SAM."""
    if isinstance(node, Choice):
        return all(_holds_statements(branch.value) or isinstance(branch.value, Scalar) for branch in node.branches)
    return isinstance(node, Mapping) and "Statement" in node


def _entries(resource: Resource, name: str) -> Iterator[tuple[int, Node]]:
    """The values of a list property, with the indices that they have in the template."""
    node = resource.written(name)
    if not isinstance(node, Items):
        resolved = resource.property(name)
        yield from [(0, resolved)] if isinstance(resolved, Mapping) else items(resolved)
        return
    for index, value in enumerate(node.values):
        resolved = resource.resolve(value)
        if resolved is not None:
            yield index, resolved


def _trust(resource: Resource) -> Iterator[Policy]:
    document = resource.property("AssumeRolePolicyDocument")
    if document is not None:
        address = f"{resource.id}:AssumeRolePolicyDocument"
        yield from policies(document, PolicyKind.TRUST, address, of=resource.id, owner=resource.account)


def _attached_to(resource: Resource) -> str | None:
    """The identities that a policy is attached to, by logical id where they are in the template."""
    names: list[str] = []
    for name in _ATTACHED_TO:
        node = resource.written(name)
        for each in node.values if isinstance(node, Items) else [node]:
            called = function(each)
            if called and called[0] == "Ref" and isinstance(called[1], Text):
                names.append(str(called[1]))
            elif each is not None:
                names.append(written(each))
    return ", ".join(names) or None
