"""The roles that the Serverless Framework makes, as resources of a template.

https://www.serverless.com/framework/docs/providers/aws/guide/iam
https://github.com/functionalone/serverless-iam-roles-per-function
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from kms_lint.source import At
from kms_lint.syntax.tree import Items, Mapping, Node, Scalar, Text, Unknown

SHARED: Final = "IamRoleLambdaExecution"
"""The logical id of the role that functions have which name none."""

PER_FUNCTION: Final = "serverless-iam-roles-per-function"
"""The plugin that gives functions roles of their own, and its section of `custom`."""


def member(node: Node | None, *names: str) -> Node | None:
    """The value that a path of names leads to; an unknown value on the way is the value."""
    for name in names:
        if isinstance(node, Unknown):
            return node
        node = node.get(name) if isinstance(node, Mapping) else None
    return None if isinstance(node, Scalar) and node.value is None else node


def functions(node: Node | None) -> Iterator[tuple[Text, Mapping]]:
    """The functions of a service, which may be a list of objects."""
    for each in node.values if isinstance(node, Items) else (node,):
        for name, function in each.entries if isinstance(each, Mapping) else ():
            if isinstance(function, Mapping):
                yield name, function


def normalized(name: str) -> str:
    """The name of a function as it stands in logical ids."""
    plain = name.replace("-", "Dash").replace("_", "Underscore")
    return plain[:1].upper() + plain[1:]


def shared_statements(provider: Mapping) -> Node | None:
    """The statements of the shared role, under the name of today or of old."""
    found = member(provider, "iam", "role", "statements")
    return found if found is not None else member(provider, "iamRoleStatements")


def roles(service: Mapping, provider: Mapping) -> Iterator[tuple[Text, Node]]:
    """The roles that have statements: their logical ids, and the resources that they become."""
    shared = shared_statements(provider)
    role = member(provider, "iam", "role")
    if shared is not None:
        beside = {
            "ManagedPolicyArns": member(role, "managedPolicies") or member(provider, "iamManagedPolicies"),
            "PermissionsBoundary": member(role, "permissionsBoundary") or member(provider, "rolePermissionsBoundary"),
            "RoleName": member(role, "name"),
            "Path": member(role, "path"),
        }
        yield Text(SHARED, shared.at), _role([shared], beside, shared.at)
    for name, function in functions(service.get("functions")):
        own = member(function, "iamRoleStatements")
        if own is None:
            continue
        inherited = [shared] if shared is not None and _inherits(service, function) else []
        beside = {
            "PermissionsBoundary": member(function, "iamPermissionsBoundary"),
            "RoleName": member(function, "iamRoleStatementsName"),
        }
        yield Text(f"{normalized(name)}{SHARED}", name.at), _role([*inherited, own], beside, own.at)


def _inherits(service: Mapping, function: Mapping) -> bool:
    said = member(function, "iamRoleStatementsInherit")
    if said is None:
        said = member(service, "custom", "defaultInherit")
    return isinstance(said, Scalar) and said.value is True


def _role(statements: list[Node], beside: dict[str, Node | None], at: At) -> Mapping:
    """A role with one policy of all the statements."""
    listed = [each for node in statements for each in _listed(node)]
    document = _object(at, Version=Text("2012-10-17", at), Statement=Items(listed, at))
    policy = _object(at, PolicyName=Text("statements", at), PolicyDocument=document)
    given = {name: value for name, value in beside.items() if value is not None}
    properties = _object(at, Policies=Items([policy], at), **given)
    return _object(at, Type=Text("AWS::IAM::Role", at), Properties=properties)


def _listed(node: Node) -> Iterator[Node]:
    """The statements of a list, in which a variable may stand for several."""
    for each in node.values if isinstance(node, Items) else (node,):
        if isinstance(each, Items):
            yield from each.values
        else:
            yield each


def _object(at: At, **entries: Node) -> Mapping:
    return Mapping([(Text(name, at), value) for name, value in entries.items()], at)
