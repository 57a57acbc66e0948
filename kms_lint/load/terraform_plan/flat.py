"""Values as states before Terraform 0.12 hold them: every leaf under a name such as `operations.0`.

https://github.com/hashicorp/terraform/blob/v0.11.15/flatmap/expand.go
"""

from __future__ import annotations

from typing import Final

from kms_lint.syntax.tree import Items, Mapping, Node, Text

_DEEPEST: Final = 12
_COUNTS: Final = frozenset({"#", "%"})


class _Branch:
    """What stands under a name; `count` is `#` for a list or set, `%` for a map."""

    __slots__ = ("count", "leaf", "members")

    def __init__(self) -> None:
        self.count = ""
        self.leaf: Node | None = None
        self.members: dict[str, _Branch] = {}


def unflattened(flat: Mapping) -> Mapping:
    """The values in their own shape."""
    root = _Branch()
    for name, value in flat.entries:
        here = root
        for step in name.split(".", _DEEPEST):
            if step in _COUNTS:
                here.count = step
                break
            here = here.members.setdefault(step, _Branch())
        else:
            here.leaf = value
    entries = [(Text(name, flat.at), _value(branch, flat)) for name, branch in root.members.items()]
    return Mapping(entries, flat.at)


def _value(branch: _Branch, flat: Mapping) -> Node:
    if branch.count == "#":
        return Items([_value(each, flat) for each in branch.members.values()], flat.at)
    if branch.leaf is not None:
        return branch.leaf
    return Mapping([(Text(name, flat.at), _value(each, flat)) for name, each in branch.members.items()], flat.at)
