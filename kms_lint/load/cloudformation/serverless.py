"""The policies of SAM: of functions and state machines, of APIs, and those that its templates of policies make.

https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from kms_lint.load.cloudformation.members import document, leaves, member
from kms_lint.load.cloudformation.pieces import joined
from kms_lint.load.cloudformation.resource import Resource
from kms_lint.load.cloudformation.spelling import function
from kms_lint.model import PolicyKind
from kms_lint.source import At
from kms_lint.syntax.tree import Choice, Items, Mapping, Node, Scalar, Text, Unknown

_WITH_POLICIES: Final = frozenset({"AWS::Serverless::Function", "AWS::Serverless::StateMachine"})
_API: Final = "AWS::Serverless::Api"

TYPES: Final = frozenset({*_WITH_POLICIES, _API})
"""The types of SAM that hold policies."""

GLOBALS: Final = {
    "AWS::Serverless::Function": "Function",
    "AWS::Serverless::Api": "Api",
    "AWS::Serverless::HttpApi": "HttpApi",
    "AWS::Serverless::SimpleTable": "SimpleTable",
    "AWS::Serverless::StateMachine": "StateMachine",
}
"""The sections of `Globals` and what they are for."""

_KEY: Final = ("arn:", "AWS::Partition", ":kms:", "AWS::Region", ":", "AWS::AccountId", ":key/")
_TEMPLATES: Final = {"KMSDecryptPolicy": "kms:Decrypt", "KMSEncryptPolicy": "kms:Encrypt"}
"""The templates of policies that give actions of KMS, each one on the key of its `KeyId`.

https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/serverless-policy-template-list.html
"""


def documents(resource: Resource) -> Iterator[tuple[Node, PolicyKind, str]]:
    """The policies of a resource of SAM, each with its kind and its address."""
    if resource.type == _API:
        statements = member(member(resource.property("Auth"), "ResourcePolicy"), "CustomStatements")
        if statements is not None:
            address = f"{resource.id}:Auth.ResourcePolicy"
            yield _policy([], statements, statements.at), PolicyKind.RESOURCE, address
        return
    for index, entry in resource.parts("Policies"):
        node = _opened(resource, document(entry))
        if node is not None:
            yield node, PolicyKind.IDENTITY, f"{resource.id}:Policies[{index}]"


def attached(resource: Resource) -> Iterator[Node]:
    """The managed policies of a function: their names and ARNs."""
    for _, entry in resource.parts("Policies"):
        yield from (leaf for leaf in leaves(entry) if isinstance(leaf, Text) and not leaf.lstrip().startswith("{"))


def _opened(resource: Resource, node: Node | None) -> Node | None:
    """The document that a policy of a function is; `None` for the name of a managed policy, or what gives nothing of KMS."""
    if isinstance(node, Choice):
        branches = [_opened(resource, branch.value) for branch in node.branches]
        if branches == [None, None]:
            return None
        yes, no = (
            branch._replace(value=value or Scalar(None, "AWS::NoValue", node.at))
            for branch, value in zip(node.branches, branches, strict=True)
        )
        return Choice((yes, no), node.at)
    if isinstance(node, Mapping) and "Statement" not in node and len(node) == 1:
        return _template(resource, *node.entries[0])
    if isinstance(node, Text):
        return node if node.known and node.lstrip().startswith("{") else None
    return node if isinstance(node, Mapping | Unknown) else None


def _template(resource: Resource, name: Text, parameters: Node) -> Node | None:
    """What a template of a policy makes; its places are those of the call."""
    action = _TEMPLATES.get(name)
    if action is None:
        unheard = "kms" in name.lower()
        return Unknown(str(name), name.at, "this template of a policy is not known") if unheard else None
    key = member(parameters, "KeyId")
    if key is None:
        return Unknown(str(name), name.at, "it needs `KeyId`")
    at = name.at
    pseudo = (resource.intrinsics.references.value(part, at) if "::" in part else Text(part, at) for part in _KEY)
    arn = joined([*(part for part in pseudo if part is not None), key], key.at, f"{name} KeyId")
    statement = [
        (Text("Effect", at), Text("Allow", at)),
        (Text("Action", at), Text(action, at)),
        (Text("Resource", at), arn),
    ]
    return _policy([(Text("Version", at), Text("2012-10-17", at))], Items([Mapping(statement, at)], at), at)


def _policy(entries: list[tuple[Text, Node]], statements: Node, at: At) -> Mapping:
    return Mapping([*entries, (Text("Statement", at), statements)], at)


def merged(general: Node | None, own: Node) -> Node:
    """A value of a resource over that of `Globals`: objects are merged, lists follow one another, others replace it.

    https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification-template-anatomy-globals.html
    """
    if general is None or function(general) is not None or function(own) is not None:
        return own
    if isinstance(general, Mapping) and isinstance(own, Mapping):
        names = {str(name): name for name, _ in (*general.entries, *own.entries)}
        entries = []
        for name, written in names.items():
            mine, theirs = own.get(name), general.get(name)
            value = theirs if mine is None else merged(theirs, mine)
            entries.extend([] if value is None else [(written, value)])
        return Mapping(entries, own.at)
    if isinstance(general, Items) and isinstance(own, Items):
        return Items([*general.values, *own.values], own.at)
    return own
