"""Values of which every part is known, as values of Python, and back."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import TYPE_CHECKING, TypeAlias
from unicodedata import normalize

from kms_lint.load.terraform.characters import fixed
from kms_lint.load.terraform.limits import UndecidedError
from kms_lint.load.terraform.numbers import digits, number, rounded
from kms_lint.load.terraform.scope import TOO_LARGE
from kms_lint.load.terraform.value import ListOf, SetOf
from kms_lint.source import At
from kms_lint.syntax.tree import Choice, Items, Mapping, Node, Scalar, Text, Unknown

if TYPE_CHECKING:
    from fractions import Fraction

Plain: TypeAlias = "str | bool | Fraction | list[Plain] | tuple[Plain, ...] | dict[str, Plain] | None"
"""A tuple is a list whose elements Terraform knows to be of one type."""


def plain(node: Node) -> Plain:
    """The value itself. Raises UndecidedError when part of it is not known."""
    if isinstance(node, Text):
        return characters(node)
    if isinstance(node, Scalar):
        return amount(node) if isinstance(node.value, str) else node.value
    if isinstance(node, Items):
        return [plain(value) for value in node.values]
    if isinstance(node, Mapping):
        return {characters(name): plain(value) for name, value in node.entries}
    raise UndecidedError(node.reason if isinstance(node, Unknown) else "")


def characters(text: Text) -> str:
    """The characters of a text. Raises UndecidedError when not all of them are known."""
    found = fixed(text)
    if found is None:
        raise UndecidedError
    return found


def amount(scalar: Scalar) -> Fraction:
    """The number that digits mean. Raises UndecidedError for one that is too large."""
    found = number(str(scalar.value))
    if found is None:
        raise UndecidedError(TOO_LARGE)
    return found


def made(value: Plain, at: At) -> Node:
    """A value of Python, as a value that stands at a place."""
    if isinstance(value, str):
        return Text(value if value.isascii() else normalize("NFC", value), at)
    if value is None or isinstance(value, bool):
        return Scalar(value, "null" if value is None else str(value).lower(), at)
    if isinstance(value, dict):
        return Mapping([(Text(name, at), made(each, at)) for name, each in value.items()], at)
    if isinstance(value, tuple | list):
        kind = ListOf if isinstance(value, tuple) else Items
        return kind([made(each, at) for each in value], at)
    return numeral(value, at)


def numeral(value: Fraction, at: At) -> Scalar:
    """A number. Raises UndecidedError for one that is too large."""
    within = rounded(value)
    if within is None:
        raise UndecidedError(TOO_LARGE)
    text = digits(within)
    return Scalar(text, text, at)


def identity(node: Node) -> Hashable | None:
    """What two values have in common when they are the same; `None` when part of the value is not known."""
    if isinstance(node, Text):
        return fixed(node)
    if isinstance(node, Scalar):
        if not isinstance(node.value, str):
            return (node.value, "truth")
        return number(node.value)
    if isinstance(node, Items):
        found = [identity(value) for value in node.values]
        return None if None in found else (_kind(node), *found)
    if isinstance(node, Mapping):
        pairs = [(fixed(name), identity(value)) for name, value in node.entries]
        return None if any(None in pair for pair in pairs) else ("{}", frozenset(pairs))
    return None


def _kind(node: Items) -> str:
    return "set" if isinstance(node, SetOf) else "[]"


def unique(values: Iterable[Node]) -> list[Node]:
    """The values without those that are surely the same as one before."""
    seen: set[Hashable] = set()
    kept: list[Node] = []
    for value in values:
        name = identity(value)
        if name is None or name not in seen:
            kept.append(value)
            seen.add(name)
    return kept


def whole(node: Node) -> bool:
    """Whether every part of a value is known."""
    return identity(node) is not None


def uncertain(node: Node) -> bool:
    """Whether nothing is known of a value but that there is one, as of what depends on a condition."""
    return isinstance(node, Unknown | Choice)
