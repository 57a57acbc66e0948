"""What to tell about HCL that cannot be parsed."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tree_sitter import Node


def fault(root: Node) -> tuple[str, int, int]:
    """A message, and the bytes `[start, end)` where a tree first went wrong."""
    node = _first(root)
    if node.is_missing:
        return f"expected {_named(node.type)} here", node.start_byte, node.end_byte
    return "cannot be read as HCL from here on", node.start_byte, node.start_byte + 1


def _first(root: Node) -> Node:
    """The first node that is missing or wrong, and within it what is wrong at its heart."""
    node = root
    while not node.is_missing:
        inner = [child for child in node.children if child.has_error or child.is_missing or child.is_error]
        if not inner:
            return node
        node = inner[0]
    return node


def _named(kind: str) -> str:
    return {"block_end": "a closing brace", "identifier": "a name"}.get(kind, f'"{kind}"')
