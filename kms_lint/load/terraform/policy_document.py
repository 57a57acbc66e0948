"""`data "aws_iam_policy_document"`: the policy that it gives, with every value where its author wrote it.

https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/iam_policy_document
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Final

from kms_lint.load.terraform.document_merge import Part, identifier, merged, statements, version
from kms_lint.load.terraform.document_statement import Entries, own_statements
from kms_lint.load.terraform.json_text import decoded
from kms_lint.load.terraform.scope import Scope
from kms_lint.load.terraform.under import ALWAYS, cases
from kms_lint.model import Problem
from kms_lint.source import Span
from kms_lint.syntax.expression import Block
from kms_lint.syntax.tree import Items, Mapping, Node, Text

if TYPE_CHECKING:
    from kms_lint.load.terraform.resource import Resource

TYPE: Final = "data.aws_iam_policy_document"
ATTRIBUTES: Final = frozenset({"json", "minified_json"})

_SOURCES: Final = ("source_json", "source_policy_documents")
_OVERRIDES: Final = ("override_policy_documents", "override_json")


def document(itself: Resource, at: Span) -> Node:
    """The policy in the shape of IAM's JSON, the same node at each use."""
    block, scope, address = itself.block, itself.scope, itself.address
    outer = scope.documents
    scope.documents = set()
    try:
        node = scope.once(f"{address}.json", at, lambda: _policy(block, scope))
        scope.within.setdefault(address, set()).update(scope.documents)
    finally:
        scope.documents = outer
    scope.documents.add(address)
    return node


def _policy(block: Block, scope: Scope) -> Node:
    scope.look_into(block)
    parts = [
        *_documents(block, _SOURCES, scope),
        _own(block, scope),
        *_documents(block, _OVERRIDES, scope),
    ]
    entries: Entries = [version(parts, block.header)]
    named = identifier(parts)
    if named is not None:
        entries.append(named)
    refuse = _refusal(scope)
    found = merged(statements(parts, refuse), refuse)
    if found:
        entries.append((Text("Statement", block.header), Items(found, block.header)))
    return Mapping(entries, block.header)


def _own(block: Block, scope: Scope) -> Part:
    """What is written in the block itself, as a document to be merged with the others."""
    entries: Entries = []
    arguments = block.arguments()
    for name, element in (("version", "Version"), ("policy_id", "Id")):
        argument = arguments.get(name)
        if argument is not None:
            entries.append((Text(element, argument.name.at), scope.evaluate(argument.expression())))
    alone = not any(name in arguments for name in (*_SOURCES, *_OVERRIDES))
    found: Sequence[Node] = list(own_statements(block, scope, alone))
    entries.append((Text("Statement", block.header), Items(found, block.header)))
    return Part("own", ALWAYS, Mapping(entries, block.header))


def _documents(block: Block, names: Sequence[str], scope: Scope) -> Iterator[Part]:
    """The documents that are merged in, each with the conditions under which it is."""
    for name in names:
        for under, value in cases(scope.argument(block, name)):
            for each in value.values if isinstance(value, Items) else (value,):
                for within, policy in cases(decoded(each, _refusal(scope)), under):
                    yield Part(name, within, policy)


def _refusal(scope: Scope) -> Callable[[Problem], None]:
    """Notes what is wrong with a document where it is written."""
    from kms_lint.syntax import locate

    return lambda problem: scope.problems.append(problem._replace(at=locate(problem.at)))
