"""A value of a plan, and the value that it was written as: the plan's own text, with the place of the other.

The two have the same shape, for the one was made of the other; where they differ, the nearest place that is known counts.
"""

from __future__ import annotations

from typing import Final

from kms_lint.source import At, Borrowed
from kms_lint.syntax.tree import ANYTHING, Choice, Items, Mapping, Node, Scalar, Text, Unknown

NAME: Final = "the planned value"
"""What a value goes by in the plan, as a finding tells it."""

_DEEPEST: Final = 12
_LONGEST: Final = 1000


def lent(written: At, used: At) -> Borrowed:
    """A place in a plan, of something that is written elsewhere."""
    return Borrowed(written, used, NAME)


def carried(value: Node, written: Node | None, otherwise: At, depth: int = 0) -> Node:
    """A value of a plan with the places of what it was written as, or `otherwise` where that is not known."""
    if isinstance(written, Choice):
        first, second = (branch.value for branch in written.branches)
        written = first if agrees(value, first) or not agrees(value, second) else second
    if written is None or isinstance(written, Unknown) or depth > _DEEPEST:
        return everywhere(value, otherwise if written is None else written.at)
    if isinstance(value, Mapping):
        return _mapping(value, written, otherwise, depth)
    if isinstance(value, Items):
        return _items(value, written, depth)
    if isinstance(written, Items) and len(written.values) == 1:
        return carried(value, written.values[0], written.at, depth + 1)
    return everywhere(value, written.at if agrees(value, written) else otherwise)


def _mapping(value: Mapping, written: Node, otherwise: At, depth: int) -> Node:
    if not isinstance(written, Mapping):
        return everywhere(value, otherwise)
    names = {str(name): name for name, _ in written.entries}
    entries = []
    for name, each in value.entries:
        other = names.get(str(name))
        place = written.at if other is None else other.at
        entries.append((_text(name, place), carried(each, written.get(name), written.at, depth + 1)))
    return Mapping(entries, lent(written.at, value.at))


def _items(value: Items, written: Node, depth: int) -> Node:
    others = written.values if isinstance(written, Items) else (written,)
    found = []
    for index, each in enumerate(value.values):
        other = others[index] if index < len(others) else None
        if other is None or not agrees(each, other):
            other = next((one for one in others[:_LONGEST] if agrees(each, one)), None)
        found.append(carried(each, other, written.at, depth + 1))
    return Items(found, lent(written.at, value.at))


def everywhere(value: Node, at: At) -> Node:
    """A value with one place for all of it."""
    if isinstance(value, Text):
        return _text(value, at)
    if isinstance(value, Scalar | Unknown):
        return value._replace(at=lent(at, value.at))
    if isinstance(value, Mapping):
        return Mapping([(_text(name, at), everywhere(each, at)) for name, each in value.entries], lent(at, value.at))
    if isinstance(value, Items):
        return Items([everywhere(each, at) for each in value.values], lent(at, value.at))
    return value


def _text(value: Text, at: At) -> Text:
    return Text(str(value), lent(at, value.at), None if value.form == value else value.form)


def agrees(value: Node, written: Node, depth: int = 0) -> bool:
    """Whether a value may be what was written: all that is known of both is the same."""
    if isinstance(written, Unknown) or isinstance(value, Unknown) or depth > _DEEPEST:
        return True
    if isinstance(written, Choice):
        return any(agrees(value, branch.value, depth + 1) for branch in written.branches)
    if isinstance(value, Mapping) and isinstance(written, Mapping):
        return _same_members(value, written, depth)
    if isinstance(value, Items) and isinstance(written, Items):
        if len(value.values) != len(written.values):
            return False
        return all(agrees(*each, depth + 1) for each in zip(value.values, written.values, strict=True))
    if isinstance(value, Text | Scalar) and isinstance(written, Text | Scalar):
        return _same_text(value, written)
    if isinstance(written, Items) and len(written.values) == 1:
        return agrees(value, written.values[0], depth + 1)
    return isinstance(value, Items) and len(value.values) == 1 and agrees(value.values[0], written, depth + 1)


def _same_members(value: Mapping, written: Mapping, depth: int) -> bool:
    """By the Sid where both have one: a statement is known by it, whatever else has changed."""
    one, other = value.get("Sid"), written.get("Sid")
    if isinstance(one, Text) and isinstance(other, Text) and one.known and other.known:
        return str(one) == str(other)
    names = {str(name) for name, _ in written.entries}
    return names == {str(name) for name, _ in value.entries} and all(
        agrees(each, found, depth + 1) for name, each in value.entries if (found := written.get(name)) is not None
    )


def _same_text(value: Text | Scalar, written: Text | Scalar) -> bool:
    one, other = (each.form if isinstance(each, Text) else each.text for each in (value, written))
    return one == other or "<" in other or ANYTHING in other or "<" in one or ANYTHING in one
