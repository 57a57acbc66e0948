"""What a function takes: how many arguments of which types."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple, TypeAlias

from kms_lint.load.terraform.conversion import number_of, string, truth_of, unified
from kms_lint.load.terraform.known import Plain, characters, made, plain
from kms_lint.load.terraform.limits import RefusedError, UndecidedError
from kms_lint.load.terraform.resource import Resource
from kms_lint.load.terraform.scope import Scope
from kms_lint.load.terraform.value import Several, is_null
from kms_lint.source import Span
from kms_lint.syntax.expression import Call
from kms_lint.syntax.tree import ANYTHING, Items, Mapping, Node, Text, Unknown


class Asked(NamedTuple):
    """A call: where it is, and what it may ask for."""

    at: Span
    scope: Scope


Compute: TypeAlias = Callable[[Sequence[Node], Asked], Node]


class Function(NamedTuple):
    """A function: `compute` gives its value and may raise RefusedError and UndecidedError.

    `deep` is whether it looks into lists and objects, so that conditions inside of them count. `open` is whether it can
    do with an unknown number of arguments. `lazily` is for one that evaluates its arguments itself.
    """

    least: int
    most: int | None
    compute: Compute
    deep: bool = False
    open: bool = False
    lazily: Callable[[Call, Asked], Node] | None = None


def plainly(parameters: str, compute: Callable[..., Plain]) -> Function:
    """A function of values of Python.

    Each character is a parameter: `s` a string, `n` a number, `w` a whole one, `b` a truth, `l` a list of strings, `i` a list of
    anything, `m` a map, `a` anything; `?` after one makes it optional, `*` lets the last one be repeated, or left out.
    """
    kinds = [each for each in parameters if each not in "?*"]
    least = len(kinds) - parameters.count("?") - parameters.count("*")
    most = None if parameters.endswith("*") else len(kinds)

    def computed(values: Sequence[Node], asked: Asked) -> Node:
        given = [_TAKEN[kinds[min(index, len(kinds) - 1)]](value) for index, value in enumerate(values)]
        return made(compute(*given), asked.at)

    return Function(least, most, computed, deep=any(kind in "lima" for kind in kinds))


def text(node: Node) -> str:
    """A string that is known. Raises RefusedError, and UndecidedError."""
    value = string(node)
    if is_null(value):
        raise RefusedError("a string is required, not null")
    if isinstance(value, Text):
        return characters(value)
    raise UndecidedError(value.reason if isinstance(value, Unknown) else "")


def items(node: Node) -> Sequence[Node]:
    """The elements of a list or a set. Raises RefusedError, and UndecidedError."""
    if isinstance(node, Items):
        return node.values
    raise _unsuited(node, "a list is required here")


def entries(node: Node) -> Sequence[tuple[Text, Node]]:
    """The entries of a map, by name, the last of each. Raises RefusedError, and UndecidedError."""
    if not isinstance(node, Mapping) or isinstance(node, Resource):
        raise _unsuited(node, "a map is required here")
    found: dict[str, tuple[Text, Node]] = {}
    for index, (name, value) in enumerate(node.entries):
        found[str(name) if name.known else f"{ANYTHING}{index}"] = (name, value)
    return sorted(found.values(), key=lambda entry: (not entry[0].known, entry[0]))


def _unsuited(node: Node, message: str) -> Exception:
    if isinstance(node, Unknown | Resource):
        return UndecidedError(node.reason if isinstance(node, Unknown) else "")
    return RefusedError(message)


def several(values: Sequence[Node]) -> bool:
    """Whether it is not known how many values these are."""
    return any(isinstance(value, Several) for value in values)


def integer(node: Node) -> int:
    """A whole number that is known. Raises RefusedError, and UndecidedError."""
    value = number_of(node)
    if value.denominator != 1:
        raise RefusedError("a whole number is required here")
    return int(value)


_TAKEN: Final[dict[str, Callable[[Node], Any]]] = {
    "s": text,
    "n": number_of,
    "w": integer,
    "b": truth_of,
    "l": lambda node: [text(value) for value in items(node)],
    "i": lambda node: [plain(value) for value in unified(items(node))],
    "m": lambda node: {characters(name): plain(value) for name, value in entries(node)},
    "a": plain,
}
