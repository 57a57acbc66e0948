"""Looking into values that may depend on conditions."""

from __future__ import annotations

from collections.abc import Iterator

from kms_lint.load.cloudformation.pieces import JsonText, absent
from kms_lint.syntax.tree import ANYTHING, Choice, Items, Mapping, Node, Scalar, Text, Unknown


def member(node: Node | None, name: str) -> Node | None:
    """The value of a name, in each branch of a node that depends on a condition."""
    if isinstance(node, Mapping):
        return node.get(name)
    if isinstance(node, Choice):
        yes, no = (branch._replace(value=member(branch.value, name) or absent(node.at)) for branch in node.branches)
        return Choice((yes, no), node.at)
    return node if isinstance(node, Unknown) else None


def items(node: Node | None) -> Iterator[tuple[int, Node]]:
    """The values of a list with their indices, in each branch of a node that depends on a condition."""
    if isinstance(node, Items):
        yield from enumerate(node.values)
    elif isinstance(node, Choice):
        branches = [dict(items(branch.value)) for branch in node.branches]
        for index in sorted(branches[0].keys() | branches[1].keys()):
            yes, no = (
                branch._replace(value=values.get(index) or absent(node.at))
                for branch, values in zip(node.branches, branches, strict=True)
            )
            yield index, Choice((yes, no), node.at)
    elif isinstance(node, Unknown):
        yield 0, node


def settled(node: Node | None) -> Node | None:
    """The text, number or truth that all branches of a node agree on; the node itself where they do not."""
    if not isinstance(node, Choice):
        return node
    yes, no = (settled(branch.value) for branch in node.branches)
    return yes if _plain(yes) is not None and _plain(yes) == _plain(no) else node


def as_text(node: Node | None) -> Text | None:
    """A node as text, of unknown form where it is not known or depends on a condition; `None` for what is no text."""
    node = settled(node)
    if isinstance(node, Unknown):
        return Text(f"<{node.expression}>", node.at, ANYTHING)
    if isinstance(node, Choice):
        return Text(f"<!If {node.branches[0].condition}>", node.at, ANYTHING)
    return node if isinstance(node, Text) else None


def leaves(node: Node | None) -> Iterator[Node]:
    """The values of all branches of a node."""
    pending = [node]
    while pending:
        here = pending.pop()
        if isinstance(here, Choice):
            pending.extend(branch.value for branch in reversed(here.branches))
        elif here is not None and not (isinstance(here, Scalar) and here.value is None):
            yield here


def document(node: Node | None) -> Node | None:
    """A policy as it was written, where `Fn::ToJsonString` makes it a text: its values keep their places."""
    if isinstance(node, JsonText):
        return node.node
    if isinstance(node, Choice):
        yes, no = (branch._replace(value=document(branch.value) or absent(node.at)) for branch in node.branches)
        return Choice((yes, no), node.at)
    return node


def _plain(node: Node | None) -> str | None:
    if isinstance(node, Scalar):
        return node.text
    return node.form if isinstance(node, Text) and node.known else None
