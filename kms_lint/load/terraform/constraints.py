"""Values as the type that a variable declares.

https://developer.hashicorp.com/terraform/language/expressions/type-constraints
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from kms_lint.load.terraform.conversion import list_of, map_of, numeric, set_of, string, truth
from kms_lint.load.terraform.limits import RefusedError
from kms_lint.load.terraform.resource import Resource
from kms_lint.load.terraform.value import ListOf, MapOf, Several, is_null
from kms_lint.source import At
from kms_lint.syntax.expression import Call, Expression, ObjectOf, Reference, Template
from kms_lint.syntax.tree import Choice, Items, Mapping, Node, Scalar, Text, Unknown

_SIMPLE: Final[dict[str, Callable[[Node], Node]]] = {"string": string, "number": numeric, "bool": truth}
_COLLECTIONS: Final[dict[str, Callable[[Node, At], Node]]] = {"list": list_of, "set": set_of, "map": map_of}

Evaluate = Callable[[Expression], Node]


def convert(value: Node, constraint: Expression, evaluate: Evaluate) -> Node:
    """A value as a type: `string`, `list(…)`, `object({… = optional(type, default)})`.

    What is not known stays so, and a type that is not understood changes nothing; `evaluate` gives the values of defaults.
    Raises RefusedError for a value that cannot be of the type.
    """
    if isinstance(value, Unknown | Resource) or is_null(value):
        return value
    if isinstance(value, Choice):
        first, second = value.branches
        yes = first._replace(value=convert(first.value, constraint, evaluate))
        no = second._replace(value=convert(second.value, constraint, evaluate))
        return Choice((yes, no), value.at)
    if isinstance(constraint, Reference):
        simple = _SIMPLE.get(constraint.name)
        collection = _COLLECTIONS.get(constraint.name)
        return simple(value) if simple else collection(value, value.at) if collection else value
    if not isinstance(constraint, Call) or len(constraint.arguments) != 1:
        return value
    return _constructed(value, constraint.name, constraint.arguments[0], evaluate)


def _constructed(value: Node, name: str, inner: Expression, evaluate: Evaluate) -> Node:
    if name == "object" and isinstance(inner, ObjectOf):
        return _object(value, inner, evaluate)
    if name == "tuple":
        return _tuple(value, getattr(inner, "values", ()), evaluate)
    if name == "map":
        return _map(value, inner, evaluate)
    if name not in ("list", "set"):
        return value
    if not isinstance(value, Items):
        raise RefusedError(f"a {name} is required here")
    elements = [each if isinstance(each, Several) else convert(each, inner, evaluate) for each in value.values]
    return ListOf(elements, value.at) if name == "list" else set_of(Items(elements, value.at), value.at)


def _map(value: Node, inner: Expression, evaluate: Evaluate) -> Node:
    if not isinstance(value, Mapping):
        raise RefusedError("a map is required here")
    return MapOf([(name, convert(each, inner, evaluate)) for name, each in value.entries], value.at)


def _tuple(value: Node, inner: Sequence[Expression], evaluate: Evaluate) -> Node:
    if not isinstance(value, Items):
        raise RefusedError("a tuple is required here")
    if any(isinstance(each, Several) for each in value.values):
        return value
    if len(value) != len(inner):
        raise RefusedError(f"a tuple of {len(inner)} elements is required here")
    return Items([convert(each, kind, evaluate) for each, kind in zip(value.values, inner, strict=True)], value.at)


def _object(value: Node, declared: ObjectOf, evaluate: Evaluate) -> Node:
    """The attributes that are declared; others are left out, and optional ones that are absent have their default."""
    if not isinstance(value, Mapping):
        raise RefusedError("an object is required here")
    uncertain = [(name, each) for name, each in value.entries if not name.known]
    entries: list[tuple[Text, Node]] = []
    for key, constraint in declared.entries:
        name = _name(key)
        found = value.get(name)
        optional = isinstance(constraint, Call) and constraint.name == "optional"
        kind = constraint.arguments[0] if isinstance(constraint, Call) and optional else constraint
        if (found is None or is_null(found)) and isinstance(constraint, Call) and optional:
            found = _default(constraint, key, evaluate, found) if not uncertain else Unknown(name, value.at)
        if found is None and not uncertain:
            raise RefusedError(f"the attribute `{name}` is required")
        if found is not None:
            entries.append((_written(value, name, key), convert(found, kind, evaluate)))
    return Mapping([*entries, *uncertain], value.at)


def _default(constraint: Call, key: Expression, evaluate: Evaluate, found: Node | None) -> Node:
    if len(constraint.arguments) > 1:
        return evaluate(constraint.arguments[1])
    return Scalar(None, "null", key.at) if found is None else found


def _name(key: Expression) -> str:
    return "".join(getattr(part, "text", "") for part in key.parts) if isinstance(key, Template) else ""


def _written(value: Mapping, name: str, key: Expression) -> Text:
    """The name where the value has it, else where it is declared."""
    return next((entry for entry, _ in value.entries if entry == name), Text(name, key.at))
