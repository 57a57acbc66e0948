"""The policies in a template, and the identities that they are attached to.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_IAM.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from kms_lint.load.cloudformation import serverless
from kms_lint.load.cloudformation.members import as_text, document, leaves, member, settled
from kms_lint.load.cloudformation.places import IDENTITIES, ORGANIZATION, PLACES
from kms_lint.load.cloudformation.resource import Resource
from kms_lint.load.cloudformation.spelling import function, written
from kms_lint.load.policy import policies
from kms_lint.model import Identity, Policy, PolicyKind, Unresolved
from kms_lint.syntax.tree import ANYTHING, Items, Node, Text, Unknown

_WITH_POLICIES: Final = frozenset({"AWS::IAM::Role", "AWS::IAM::User", "AWS::IAM::Group"})
_SERVERLESS: Final = "serverless"
_PERMISSIONS: Final = "permission set"
_ORGANIZATION: Final = "AWS::Organizations::Policy"

TYPES: Final = frozenset({*PLACES, *_WITH_POLICIES, *serverless.TYPES, _ORGANIZATION})
"""The types of resources that hold policies."""


def attached_policies(resource: Resource) -> Iterator[Policy]:
    """The policies of a resource: of identities, of an organization, of the resource itself."""
    place = PLACES.get(resource.type)
    if place is not None:
        name, _, rest = place.way.partition(".")
        node = resource.property(name)
        for step in rest.split(".") if rest else ():
            node = member(node, step)
        of = _attached_to(resource, place.attached) if place.attached else resource.id
        yield from _policies(resource, document(node), place.kind, resource.id, of)
    if resource.type == _ORGANIZATION:
        type = settled(resource.property("Type"))
        kind = ORGANIZATION.get(str(type)) if isinstance(type, Text) else None
        if kind is not None:
            yield from _policies(resource, resource.property("Content"), kind, resource.id, None)
    elif resource.type in _WITH_POLICIES:
        for index, entry in resource.parts("Policies"):
            address = f"{resource.id}:Policies[{index}]"
            yield from _policies(resource, document(member(entry, "PolicyDocument")), PolicyKind.IDENTITY, address)
        yield from _trust(resource)
    elif resource.type in serverless.TYPES:
        for node, kind, address in serverless.documents(resource):
            yield from _policies(resource, node, kind, address)
        yield from _trust(resource)


def kinds_not_known(resource: Resource) -> Iterator[Unresolved]:
    """What stands in the way of a policy of an organization whose kind is not known, so that it is not judged."""
    type = as_text(resource.property("Type")) if resource.type == _ORGANIZATION else None
    if type is not None and not type.known:
        message = f"{resource.id}: of which kind the policy is, is only known when it is deployed"
        yield Unresolved(str(type).strip("<>"), message, type.at)


def _policies(
    resource: Resource, node: Node | None, kind: PolicyKind, address: str, of: str | None = ""
) -> Iterator[Policy]:
    belongs = resource.id if of == "" else of
    yield from policies(node, kind, address, of=belongs, owner=resource.account, given=resource.given)


def _trust(resource: Resource) -> Iterator[Policy]:
    node = resource.property("AssumeRolePolicyDocument")
    if node is not None:
        yield from _policies(resource, node, PolicyKind.TRUST, f"{resource.id}:AssumeRolePolicyDocument")


def _attached_to(resource: Resource, properties: tuple[str, ...]) -> str | None:
    """What a policy is attached to, by address where that is in the template."""
    names: list[str] = []
    for name in properties:
        node = resource.written(name)
        for each in node.values if isinstance(node, Items) else [node]:
            if each is not None:
                names.append(_name(resource, each))
    return ", ".join(names) or None


def _name(resource: Resource, node: Node) -> str:
    called = function(node)
    if called and called[0] == "Ref" and isinstance(called[1], Text):
        address = resource.intrinsics.references.address(str(called[1]))
        if address is not None:
            return address
        value = resource.intrinsics.resolve(node)
        if isinstance(value, Text) and value.known:
            return value.removeprefix("<").removesuffix(">") if value.form == value else str(called[1])
        return str(called[1])
    return written(node)


def identity(resource: Resource) -> Identity | None:
    """The user, group, role or permission set that a resource is; for SAM, the role that it makes for a function."""
    type = IDENTITIES.get(resource.type)
    if type is None or (type == _SERVERLESS and resource.written("Role") is not None):
        return None
    if type == _PERMISSIONS:
        reference, arn, attached = resource.property("Name"), None, tuple(_each(resource, "ManagedPolicies"))
    elif type == _SERVERLESS:
        type, name = "role", Text(f"{resource.name}Role", resource.name.at)
        reference, arn = resource.reference_of(name), resource.attribute_of(name, "Arn")
        attached = tuple(each for node in serverless.attached(resource) for each in _named(node))
    else:
        reference, arn = resource.reference_of(resource.name), resource.attribute_of(resource.name, "Arn")
        attached = tuple(_each(resource, "ManagedPolicyArns"))
    return Identity(
        resource.id,
        resource.name.at,
        type,
        reference if isinstance(reference, Text) else None,
        arn if isinstance(arn, Text) else None,
        attached,
        next(_named(resource.property("PermissionsBoundary")), None),
        tuple(_each(resource, "Groups")),
        resource.account,
    )


def _each(resource: Resource, name: str) -> Iterator[Text]:
    for _, node in resource.parts(name):
        yield from _named(node)


def _named(node: Node | None) -> Iterator[Text]:
    """A name or ARN in every branch; of unknown form where it is not known."""
    for leaf in leaves(node):
        if isinstance(leaf, Text):
            yield leaf
        elif isinstance(leaf, Unknown):
            yield Text(f"<{leaf.expression}>", leaf.at, ANYTHING)
