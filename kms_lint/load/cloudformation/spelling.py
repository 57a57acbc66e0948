"""Functions as authors write them in a template."""

from __future__ import annotations

from typing import Final

from kms_lint.syntax.tree import Items, Mapping, Node, Scalar, Text

_EXPRESSION_LENGTH: Final = 80


def function(node: Node | None) -> tuple[str, Node] | None:
    """The name and the argument of the intrinsic function that a node is; `None` when it is none."""
    if isinstance(node, Mapping) and len(node.entries) == 1:
        name, argument = node.entries[0]
        if name == "Ref" or name.startswith("Fn::"):
            return str(name), argument
    return None


def written(node: Node) -> str:
    """A value as an author would write it in a template, cut where it is long."""
    text = _short(node, 3)
    return text if len(text) <= _EXPRESSION_LENGTH else text[: _EXPRESSION_LENGTH - 1] + "…"


def _short(node: Node, depth: int) -> str:
    called = function(node)
    if called and depth:
        name, argument = called
        if name == "Fn::GetAtt" and isinstance(argument, Items):
            return "!GetAtt " + ".".join(_short(each, 0) for each in argument.values[:3])
        return f"!{name.removeprefix('Fn::')} {_short(argument, depth - 1)}"
    if isinstance(node, Items) and depth:
        return "[" + ", ".join(_short(each, depth - 1) for each in node.values[:8]) + "]"
    if isinstance(node, Text):
        return str(node)
    if isinstance(node, Mapping):
        return next((f"!{name.removeprefix('Fn::')} …" for name, _ in node.entries if name.startswith("Fn::")), "{…}")
    return node.text if isinstance(node, Scalar) else "…"
