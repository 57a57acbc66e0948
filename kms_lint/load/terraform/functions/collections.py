"""Functions of lists and maps. What is known of them stays known, with its places.

https://developer.hashicorp.com/terraform/language/functions/concat
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from kms_lint.load.terraform.characters import fixed
from kms_lint.load.terraform.conversion import list_of, number_of, ordered, string, truth, unified
from kms_lint.load.terraform.functions import picking
from kms_lint.load.terraform.functions.signature import Asked, Function, entries, integer, items, several, text
from kms_lint.load.terraform.known import made, unique, whole
from kms_lint.load.terraform.limits import RefusedError, UndecidedError, few
from kms_lint.load.terraform.operators import equal
from kms_lint.load.terraform.value import ListOf, MapOf, SetOf, Several, is_null, unknown
from kms_lint.syntax.tree import ANYTHING, Items, Mapping, Node, Scalar, Text, Unknown

_MOST_OF_A_RANGE: Final = 1024


def _length(values: Sequence[Node], asked: Asked) -> Node:
    from fractions import Fraction

    (value,) = values
    if isinstance(value, Text):
        from kms_lint.load.terraform.functions.graphemes import clusters

        return made(Fraction(len(clusters(text(value)))), asked.at)
    if isinstance(value, Mapping):
        inside = entries(value)
        if any(not name.known for name, _ in inside):
            raise UndecidedError
        return made(Fraction(len(inside)), asked.at)
    elements = items(value)
    if several(elements) or (isinstance(value, SetOf) and not whole(value)):
        raise UndecidedError
    return made(Fraction(len(elements)), asked.at)


def any_number(value: Unknown) -> Several:
    """What stands for the elements of a list that is not known."""
    return Several(value.expression, value.at, value.reason)


def _concat(values: Sequence[Node], asked: Asked) -> Node:
    elements: list[Node] = []
    for value in values:
        if isinstance(value, SetOf):
            raise RefusedError("a list is required here, and a set has no order: write `tolist(…)` around it")
        elements.extend([any_number(value)] if isinstance(value, Unknown) else items(value))
    few(len(elements))
    if all(isinstance(value, ListOf | Unknown) for value in values):
        return ListOf(unified(elements), asked.at)
    return Items(elements, asked.at)


def _flatten(values: Sequence[Node], asked: Asked) -> Node:
    elements: list[Node] = []
    waiting = list(reversed(items(values[0])))
    while waiting:
        value = waiting.pop()
        if isinstance(value, Items):
            waiting.extend(reversed(value.values))
        else:
            elements.append(any_number(value) if isinstance(value, Unknown) else value)
        few(len(elements) + len(waiting))
    return Items(elements, asked.at)


def _merge(values: Sequence[Node], asked: Asked) -> Node:
    """The entries of all maps. One that is not known may replace those before it."""
    merged: dict[str, tuple[Text, Node]] = {}
    for value in values:
        if is_null(value):
            continue
        inside = [] if isinstance(value, Unknown) else entries(value)
        if isinstance(value, Unknown) or any(not name.known for name, _ in inside):
            merged = {key: (name, unknown(asked.at)) for key, (name, _) in merged.items()}
        if isinstance(value, Unknown):
            merged[f"{ANYTHING}{len(merged)}"] = (Text(f"<{value.expression}>", value.at, ANYTHING), value)
        for name, each in inside:
            merged[str(name) if name.known else f"{ANYTHING}{len(merged)}"] = (name, each)
        few(len(merged))
    if values and all(isinstance(value, MapOf) for value in values):
        return MapOf(list(merged.values()), asked.at)
    return Mapping(list(merged.values()), asked.at)


def _keys(values: Sequence[Node], asked: Asked) -> Node:
    names: list[Node] = [_named(name, asked) for name, _ in entries(values[0])]
    return ListOf(names, asked.at) if isinstance(values[0], MapOf) else Items(names, asked.at)


def _values(values: Sequence[Node], asked: Asked) -> Node:
    found: list[Node] = []
    for name, value in entries(values[0]):
        found.append(value)
        if not name.known:
            found.append(Several(str(name).strip("<>"), asked.at))
    return ListOf(found, asked.at) if isinstance(values[0], MapOf) else Items(found, asked.at)


def _named(name: Text, asked: Asked) -> Node:
    return name if name.known else Several(str(name).strip("<>"), asked.at)


def _distinct(values: Sequence[Node], asked: Asked) -> Node:
    return ListOf(unique(unified(items(values[0]))), asked.at)


def _compact(values: Sequence[Node], asked: Asked) -> Node:
    texts = [string(value) for value in items(values[0])]
    return ListOf([value for value in texts if not is_null(value) and value != ""], asked.at)


def _reverse(values: Sequence[Node], asked: Asked) -> Node:
    found = list(reversed(items(values[0])))
    return ListOf(found, asked.at) if isinstance(values[0], ListOf) else Items(found, asked.at)


def _range(values: Sequence[Node], asked: Asked) -> Node:
    from fractions import Fraction

    numbers = [number_of(value) for value in values]
    start, end = (Fraction(0), numbers[0]) if len(numbers) == 1 else (numbers[0], numbers[1])
    step = numbers[2] if len(numbers) == 3 else Fraction(1 if end >= start else -1)
    if step == 0 or (end - start) * step < 0:
        raise RefusedError("it would never end")
    count = -((start - end) // step)
    if count > _MOST_OF_A_RANGE:
        raise RefusedError(f"a range has at most {_MOST_OF_A_RANGE} elements")
    return ListOf([made(start + step * index, asked.at) for index in range(int(count))], asked.at)


def _zipmap(values: Sequence[Node], asked: Asked) -> Node:
    names, found = items(values[0]), items(values[1])
    if several(names) or several(found):
        raise UndecidedError
    if len(names) != len(found):
        raise RefusedError("there must be as many keys as values")
    zipped = []
    for name, value in zip(names, found, strict=True):
        key = string(name)
        if not isinstance(key, Text):
            raise UndecidedError
        zipped.append((key, value))
    kept = {
        str(name) if name.known else f"{ANYTHING}{index}": (name, each) for index, (name, each) in enumerate(zipped)
    }
    kind = MapOf if isinstance(values[1], ListOf) else Mapping
    return kind(list(kept.values()), asked.at)


def _transpose(values: Sequence[Node], asked: Asked) -> Node:
    turned: dict[str, list[str]] = {}
    for name, inside in entries(values[0]):
        for each in items(inside):
            turned.setdefault(text(each), []).append(text(name))
    return MapOf(
        [
            (Text(key, asked.at), ListOf([Text(name, asked.at) for name in sorted(turned[key])], asked.at))
            for key in sorted(turned)
        ],
        asked.at,
    )


def _chunks(values: Sequence[Node], asked: Asked) -> Node:
    elements, size = items(values[0]), integer(values[1])
    if size < 0:
        raise RefusedError("a size is not negative")
    if several(elements):
        raise UndecidedError
    size = size or max(1, len(elements))
    chunks = [ListOf(elements[start : start + size], asked.at) for start in range(0, len(elements), size)]
    return ListOf(chunks, asked.at)


def _sort(values: Sequence[Node], asked: Asked) -> Node:
    """The elements sorted as strings; where one that is not known goes is not known, nor is then where the others go."""
    texts = [string(value) for value in items(values[0])]
    if any(is_null(value) for value in texts):
        raise RefusedError("null cannot be sorted")
    if any(fixed(value) is None for value in texts):
        return ListOf([Several("sort", asked.at), *texts], asked.at)
    return ListOf(ordered(texts), asked.at)


def _sum(values: Sequence[Node], asked: Asked) -> Node:
    numbers = [number_of(value) for value in items(values[0])]
    if not numbers:
        raise RefusedError("it takes one number at least")
    total = numbers[0]
    for each in numbers[1:]:
        total += each
    return made(total, asked.at)


def _all_true(values: Sequence[Node], asked: Asked) -> Node:
    return _decided(values[0], False, asked)


def _any_true(values: Sequence[Node], asked: Asked) -> Node:
    return _decided(values[0], True, asked)


def _decided(value: Node, decisive: bool, asked: Asked) -> Node:
    found = [each if is_null(each) or isinstance(each, Unknown) else truth(each) for each in items(value)]
    if any((isinstance(each, Scalar) and each.value is decisive) or (is_null(each) and not decisive) for each in found):
        return made(decisive, asked.at)
    if any(not isinstance(each, Scalar) for each in found):
        raise UndecidedError
    return made(not decisive, asked.at)


def _contains(values: Sequence[Node], asked: Asked) -> Node:
    if is_null(values[1]):
        raise RefusedError("null is in no list")
    outcomes = {equal(each, values[1]) for each in items(values[0])}
    if True not in outcomes and None in outcomes:
        raise UndecidedError
    return made(True in outcomes, asked.at)


def _index(values: Sequence[Node], asked: Asked) -> Node:
    from fractions import Fraction

    for index, each in enumerate(items(list_of(values[0], asked.at))):
        same = equal(each, values[1])
        if same is None:
            raise UndecidedError
        if same:
            return made(Fraction(index), asked.at)
    raise RefusedError("it is not in the list")


def _match_keys(values: Sequence[Node], asked: Asked) -> Node:
    found, names, wanted = (items(value) for value in values)
    if several(found) or several(names):
        raise UndecidedError
    if len(found) != len(names):
        raise RefusedError("there must be as many keys as values")
    kept: list[Node] = []
    for value, name in zip(found, names, strict=True):
        outcomes = {equal(name, each) for each in wanted}
        if True not in outcomes and None in outcomes:
            raise UndecidedError
        if True in outcomes:
            kept.append(value)
    return ListOf(kept, asked.at)


FUNCTIONS: Final = {
    "length": Function(1, 1, _length),
    "concat": Function(1, None, _concat, open=True),
    "flatten": Function(1, 1, _flatten, deep=True),
    "merge": Function(0, None, _merge),
    "keys": Function(1, 1, _keys),
    "values": Function(1, 1, _values),
    "distinct": Function(1, 1, _distinct, deep=True),
    "compact": Function(1, 1, _compact, deep=True),
    "contains": Function(2, 2, _contains, deep=True),
    "reverse": Function(1, 1, _reverse),
    "range": Function(1, 3, _range),
    "zipmap": Function(2, 2, _zipmap),
    "transpose": Function(1, 1, _transpose, deep=True),
    "index": Function(2, 2, _index, deep=True),
    "matchkeys": Function(3, 3, _match_keys, deep=True),
    "chunklist": Function(2, 2, _chunks),
    "sort": Function(1, 1, _sort, deep=True),
    "sum": Function(1, 1, _sum, deep=True),
    "alltrue": Function(1, 1, _all_true, deep=True),
    "anytrue": Function(1, 1, _any_true, deep=True),
    **picking.FUNCTIONS,
}
