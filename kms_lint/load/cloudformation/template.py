"""A template, or a fragment of one, as a document."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from kms_lint.files import File
from kms_lint.load.cloudformation.around import Around
from kms_lint.load.cloudformation.cdk import deployed
from kms_lint.load.cloudformation.found import Found
from kms_lint.load.cloudformation.ignores import ignores
from kms_lint.load.cloudformation.includes import INCLUDE
from kms_lint.load.cloudformation.intrinsics import Member
from kms_lint.load.cloudformation.links import linked
from kms_lint.load.cloudformation.stack import STACK, Stack, transforms
from kms_lint.load.options import Options
from kms_lint.load.reading import described
from kms_lint.model import Document, Problem, Status, Unresolved
from kms_lint.source import Source
from kms_lint.syntax.tree import Choice, Items, Mapping, Node, Text

_KIND: Final = "CloudFormation template"
_STACK_SET: Final = "AWS::CloudFormation::StackSet"
_MAY_MATTER: Final = re.compile("AWS::(?:KMS|IAM|Serverless|CloudFormation)|kms:|Statement|Transform")
_OF_AWS: Final = (
    "AWS::Serverless-", "AWS::LanguageExtensions", "AWS::CodeDeployBlueGreen", "AWS::SecretsManager-",
    "AWS::ServiceCatalog", "AWS::SAM-", INCLUDE,
)  # fmt: skip
"""Transforms that change nothing of what a template says about policies, or whose changes are read."""


def is_template(node: Node) -> bool:
    """Whether a tree is a template, a bare map of resources, or one resource."""
    if not isinstance(node, Mapping):
        return False
    if "AWSTemplateFormatVersion" in node or _is_resource(node):
        return True
    resources = node.get("Resources")
    if isinstance(resources, Mapping):
        made = any(_is_resource(value) or name.startswith("Fn::") for name, value in resources.entries)
        return made or "Transform" in node
    return any(_is_resource(value) for _, value in node.entries)


def _is_resource(node: Node) -> bool:
    type = node.get("Type") if isinstance(node, Mapping) else None
    return isinstance(type, Text) and type.startswith("AWS::")


def template(node: Mapping, path: str, source: Source, options: Options, file: File | None = None) -> Document:
    """All that a template says about keys and policies, and the templates that it nests, as it uses them."""
    resources = _resources(node)
    if not isinstance(resources, Mapping):
        return _malformed(path, source, resources or node)
    stack = Stack(node, resources, Around(deployed(file, options), file), source)
    documents = list(_documents(stack, path))
    for document in documents:
        for policy in document.every_policy():
            _work_out(policy.node)
    stack.let_go()
    own, *nested = linked(documents)
    if not nested:
        return own
    from dataclasses import replace

    return replace(own, nested=tuple(nested))


def _work_out(node: Node | None) -> None:
    """Has all of a policy worked out, so that it holds on to the stack no longer: no other node is left in a document."""
    pending: list[Node | None] = [node]
    while pending:
        here = pending.pop()
        if isinstance(here, Mapping):
            pending.extend([value for _, value in here.entries])
        elif isinstance(here, Items):
            pending.extend(here.values)
        elif isinstance(here, Choice):
            pending.extend([branch.value for branch in here.branches])


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
    return Document(path, "cloudformation", _KIND, source, Status.MALFORMED, problems=(problem,))


def _documents(stack: Stack, path: str) -> Iterator[Document]:
    """The document of a stack, then those of the stacks in it, to any depth."""
    whole = isinstance(stack.node.get("Resources"), Mapping)
    found = Found(stack)
    found.ignores.extend(ignores(stack.node) if whole else ())
    found.unresolved.extend(_macros(stack))
    children: list[Stack] = []
    unread: list[tuple[Text, str]] = []
    for member in stack.members:
        found.add(member)
        if isinstance(member, Member) and _type(member) == STACK and stack.given(member) is not None:
            child = stack.child(str(member.name))
            if isinstance(child, Stack):
                children.append(child)
            else:
                unread.append((member.name, child))
        elif isinstance(member, Member) and _type(member) == _STACK_SET:
            found.unresolved.extend(_stack_set(stack, member))
    found.unresolved.extend(_not_read(stack, unread))
    yield found.document(path, _KIND if whole else "fragment of a CloudFormation template")
    for child in children:
        yield from _documents(child, child.source.path)


def _not_read(stack: Stack, unread: list[tuple[Text, str]]) -> Iterator[Unresolved]:
    """The nested stacks that are not read: one place for all of those that are not for the same reason."""
    for reason in dict.fromkeys(reason for _, reason in unread):
        first, *others = (name for name, each in unread if each == reason)
        message = f"the nested stack is not read: {reason}"
        if others:
            message = f"{1 + len(others)} nested stacks are not read, this and {others[0]} among them: {reason}"
        yield Unresolved(f"{stack.prefix}{first}", message, first.at)


def _stack_set(stack: Stack, member: Member) -> Iterator[Unresolved]:
    """The template of a stack set, unless it is written here and says nothing of keys and policies."""
    properties = member.value.get("Properties") if isinstance(member.value, Mapping) else None
    body = member.intrinsics.resolve(properties.get("TemplateBody")) if isinstance(properties, Mapping) else None
    if stack.given(member) is None or (isinstance(body, Text) and body.known and not _MAY_MATTER.search(body)):
        return
    yield Unresolved(f"{stack.prefix}{member.name}", "the template of a stack set is not read", member.name.at)


def _type(member: Member) -> str:
    type = member.value.get("Type") if isinstance(member.value, Mapping) else None
    return str(type) if isinstance(type, Text) else ""


def _macros(stack: Stack) -> Iterator[Unresolved]:
    """The macros that may change the template as a whole, and the files that it includes and that are not read."""
    for each in transforms(stack.node):
        name = each.get("Name") if isinstance(each, Mapping) else each
        if isinstance(name, Text) and not name.startswith(_OF_AWS):
            message = f"the macro `{name}` may change this template: what is written was judged"
            yield Unresolved(f"Transform {name}", message, name.at)
