"""A tree as plain JSON data: a policy as AWS would receive it."""

from __future__ import annotations

from typing import Any

from kms_lint.syntax.tree import Choice, Items, Mapping, Node, Scalar, Text

_DEEPEST = 100
_LONGEST_NUMBER = 18


def plain(node: Node, branch: str = "", depth: int = 0) -> Any:
    """The tree with the author's values; what is unknown is the text `<expression>`.

    `branch` are the conditions that hold, as in `Policy.branch`; what they leave out is left out.
    """
    if depth > _DEEPEST:
        return "<nested too deeply>"
    if isinstance(node, Choice):
        node = _settled(node, branch)
    if isinstance(node, Text):
        return str(node)
    if isinstance(node, Scalar):
        return _scalar(node)
    if isinstance(node, Mapping):
        found = {str(name): (value, plain(value, branch, depth + 1)) for name, value in node}
        return {name: value for name, (written, value) in found.items() if not _left_out(written, value)}
    if isinstance(node, Items):
        values = [(written, plain(written, branch, depth + 1)) for written in node]
        return [value for written, value in values if not _left_out(written, value)]
    return f"<{node.expression}>" if not isinstance(node, Choice) else "<nested too deeply>"


def _settled(node: Choice, branch: str) -> Node:
    """The value under the conditions that hold; one that is not among them holds."""
    here: Node = node
    for _ in range(_DEEPEST):
        if not isinstance(here, Choice):
            return here
        first, second = here.branches
        holds = f"{first.condition} is false" not in branch.split(" and ")
        here = first.value if first.holds is holds else second.value
    return here


def _left_out(written: Node, value: Any) -> bool:
    return isinstance(written, Choice) and value is None


def _scalar(node: Scalar) -> str | int | float | bool | None:
    """A number only where JSON gives it back as it was written: account ids keep their zeros."""
    if not isinstance(node.value, str):
        return node.value
    digits = node.value.removeprefix("-")
    if digits.isascii() and digits.isdigit() and len(digits) <= _LONGEST_NUMBER and str(int(digits)) == digits:
        return int(node.value)
    return node.text
