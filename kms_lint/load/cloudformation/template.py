"""A template, or a fragment of one, as a document."""

from __future__ import annotations

from typing import Final

from kms_lint.load.cloudformation import keys
from kms_lint.load.cloudformation.identities import TYPES, identity_policies
from kms_lint.load.cloudformation.ignores import ignores
from kms_lint.load.cloudformation.intrinsics import Intrinsics, function, written
from kms_lint.load.cloudformation.references import References
from kms_lint.load.cloudformation.resource import Resource
from kms_lint.load.options import Options
from kms_lint.load.reading import described
from kms_lint.model import Alias, Document, InlineIgnore, Key, Policy, Problem, Status, Unresolved
from kms_lint.source import Source
from kms_lint.syntax.tree import Mapping, Node, Text

_KEYS: Final = frozenset({"AWS::KMS::Key", "AWS::KMS::ReplicaKey"})
_ALIAS: Final = "AWS::KMS::Alias"
_OURS: Final = frozenset({*_KEYS, _ALIAS, *TYPES})


def is_template(node: Node) -> bool:
    """Whether a tree is a template, a bare map of resources, or one resource."""
    if not isinstance(node, Mapping):
        return False
    if "AWSTemplateFormatVersion" in node or _is_resource(node):
        return True
    resources = node.get("Resources")
    if isinstance(resources, Mapping):
        return any(_is_resource(value) for _, value in resources.entries) or "Transform" in node
    return any(_is_resource(value) for _, value in node.entries)


def _is_resource(node: Node) -> bool:
    type = node.get("Type") if isinstance(node, Mapping) else None
    return isinstance(type, Text) and type.startswith("AWS::")


def template(node: Mapping, path: str, source: Source, options: Options) -> Document:
    """All that a template says about keys and policies."""
    parameters, mappings = node.get("Parameters"), node.get("Mappings")
    resources = _resources(node)
    if not isinstance(resources, Mapping):
        return _malformed(path, source, resources or node)
    whole = isinstance(node.get("Resources"), Mapping)
    references = References(parameters if isinstance(parameters, Mapping) else None, resources, options)
    intrinsics = Intrinsics(references, mappings if isinstance(mappings, Mapping) else None)
    found = _Found()
    found.ignores.extend(ignores(node) if whole else ())
    for name, resource in resources.entries:
        found.add(name, resource, intrinsics, references)
    return Document(
        path,
        "cloudformation",
        "CloudFormation template" if whole else "fragment of a CloudFormation template",
        source,
        keys=tuple(keys.named(found.keys, found.aliases)),
        policies=tuple(found.policies),
        aliases=tuple(found.aliases),
        problems=tuple(found.problems),
        unresolved=tuple(found.unresolved),
        ignores=tuple(found.ignores),
    )


def _resources(node: Mapping) -> Node | None:
    if _is_resource(node):
        type = node.get("Type")
        return Mapping([(Text(str(type), node.at), node)], node.at)
    if "Resources" in node or "AWSTemplateFormatVersion" in node:
        return node.get("Resources")
    return node


def _malformed(path: str, source: Source, node: Node) -> Document:
    if isinstance(node, Mapping):
        message = "this template has no `Resources`"
    else:
        message = f"`Resources` is {described(node)} where an object of resources belongs"
    problem = Problem("malformed-document", message, node.at)
    return Document(path, "cloudformation", "CloudFormation template", source, Status.MALFORMED, problems=(problem,))


class _Found:
    """What has been found in a template so far."""

    def __init__(self) -> None:
        self.keys: list[Key] = []
        self.policies: list[Policy] = []
        self.aliases: list[Alias] = []
        self.problems: list[Problem] = []
        self.unresolved: list[Unresolved] = []
        self.ignores: list[InlineIgnore] = []

    def add(self, name: Text, node: Node, intrinsics: Intrinsics, references: References) -> None:
        """Add what a resource holds."""
        if name.startswith("Fn::"):
            self.unresolved.append(Unresolved(str(name), f"resources made by `{name}` are not read", name.at))
            return
        if not isinstance(node, Mapping):
            self._refuse(f"the resource `{name}` is {described(node)} where an object belongs", node)
            return
        type, properties = node.get("Type"), node.get("Properties")
        if not isinstance(type, Text) or type not in _OURS:
            return
        if function(properties) is not None:
            self.unresolved.append(Unresolved(written(properties or node), f"a macro makes `{name}`", name.at))
            return
        if properties is not None and not isinstance(properties, Mapping):
            self._refuse(f"`Properties` of `{name}` is {described(properties)} where an object belongs", properties)
            return
        self.ignores.extend(ignores(node, name))
        given = properties if isinstance(properties, Mapping) else None
        self._read(Resource(name, str(type), node, given, intrinsics, references))

    def _read(self, resource: Resource) -> None:
        if resource.type in _KEYS:
            self.keys.append(keys.key(resource))
        elif resource.type == _ALIAS:
            self.aliases.append(keys.alias(resource))
        else:
            self.policies.extend(identity_policies(resource))

    def _refuse(self, message: str, node: Node) -> None:
        self.problems.append(Problem("malformed-document", message, node.at))
