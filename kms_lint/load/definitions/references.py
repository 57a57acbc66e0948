"""What an expression of Terraform refers to, by the names of blocks: `var.x`, `data.aws_iam_role.x`, `aws_iam_role.x`."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import Final

from kms_lint.syntax.expression import ELEMENT, Attribute, Broken, Call, For, ForDirective, Reference

EACH: Final = "each"
"""Stands for what `count` or `for_each` of the block gives its instance."""

_UNSURE: Final = "?"
_WORDS: Final = {"var": 2, "local": 2, "module": 2, "data": 3, "ephemeral": 3}
_DEPLOYED: Final = frozenset({"path", "terraform"})
"""Names of what is the same for all versions of the files."""

_READING: Final = ("file", "templatefile", "abspath", "pathexpand", "timestamp", "plantimestamp", "uuid", "bcrypt")
"""How the names of functions begin whose values depend on more than on their arguments."""


def references(expression: object) -> frozenset[str] | None:
    """The blocks that an expression refers to; `None` where that is not sure, or where it depends on more than these."""
    found: set[str] = set()
    _collect(expression, frozenset((ELEMENT,)), found, 0)
    return None if _UNSURE in found else frozenset(found)


def _collect(node: object, bound: frozenset[str], found: set[str], depth: int) -> None:
    if depth > 200 or isinstance(node, Broken) or (isinstance(node, Call) and node.name.startswith(_READING)):
        found.add(_UNSURE)
    elif isinstance(node, Reference | Attribute) and (chain := _chain(node)):
        _named(chain, bound, found)
    elif isinstance(node, For | ForDirective):
        _collect(node.collection, bound, found, depth + 1)
        inner = bound | {node.value} | ({node.key} if node.key else set())
        within = (node.result_key, node.result, node.test) if isinstance(node, For) else node.parts
        for each in within:
            _collect(each, inner, found, depth + 1)
    elif isinstance(node, tuple):
        for each in node:
            _collect(each, bound, found, depth + 1)
    elif is_dataclass(node) and type(node).__module__ == Reference.__module__:
        for field in fields(node):
            if field.name != "at":
                _collect(getattr(node, field.name), bound, found, depth + 1)


def _chain(node: object) -> tuple[str, ...]:
    """The names of a traversal that is made of names only; empty for another one."""
    names: list[str] = []
    while isinstance(node, Attribute):
        names.append(str(node.name))
        node = node.value
    return (node.name, *reversed(names)) if isinstance(node, Reference) else ()


def _named(chain: tuple[str, ...], bound: frozenset[str], found: set[str]) -> None:
    first = chain[0]
    if first in bound or first in _DEPLOYED:
        return
    if first in ("each", "count"):
        found.add(EACH)
        return
    length = _WORDS.get(first, 2)
    found.add(".".join(chain[:length]) if len(chain) >= length else _UNSURE)
