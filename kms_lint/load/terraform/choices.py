"""What is computed from values that depend on conditions: it depends on the same conditions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, TypeAlias

from kms_lint.load.terraform.limits import RefusedError, UndecidedError
from kms_lint.load.terraform.resource import Resource
from kms_lint.load.terraform.value import Failed, failed, unknown
from kms_lint.source import Span
from kms_lint.syntax.tree import Branch, Choice, Items, Mapping, Node, Text

CONDITIONS: Final = 3
"""On how many conditions a computed value may depend."""

MANY: Final = "it depends on too many conditions"
_DEEP: Final = "it is nested too deeply"

Compute: TypeAlias = "Callable[[Sequence[Node]], Node]"


def worked_out(values: Sequence[Node], at: Span, compute: Compute, *, deep: bool = False) -> Node:
    """What is computed from values, under each outcome of the conditions that they depend on.

    With `deep`, also of those that what is inside of them depends on. What is computed from a value that Terraform
    refuses is refused as well; `compute` may raise RefusedError and UndecidedError.
    """
    conditions = conditions_of(values, deep=deep)
    if not conditions:
        refused = next((value for value in values if isinstance(value, Failed)), None)
        return _guarded(values, at, compute) if refused is None else refused._replace(at=at)
    if len(conditions) > CONDITIONS:
        return unknown(at, MANY)
    outcomes = []
    for holds in (True, False):
        assumed = [settled(value, conditions[0], holds, deep=deep) for value in values]
        outcomes.append(Branch(conditions[0], holds, worked_out(assumed, at, compute, deep=deep)))
    return Choice((outcomes[0], outcomes[1]), at)


def _guarded(values: Sequence[Node], at: Span, compute: Compute) -> Node:
    try:
        return compute(values)
    except RefusedError as error:
        return failed(at, str(error))
    except UndecidedError as error:
        return unknown(at, str(error))
    except RecursionError:
        return unknown(at, _DEEP)


def conditions_of(values: Sequence[Node], *, deep: bool = False) -> list[str]:
    """The conditions that the values depend on, in order; not all of them when there are too many."""
    found: dict[str, None] = {}
    waiting = list(reversed(values))
    while waiting and len(found) <= CONDITIONS:
        value = waiting.pop()
        if isinstance(value, Choice):
            first, second = value.branches
            found[first.condition] = None
            waiting += [second.value, first.value]
        elif deep and isinstance(value, Items):
            waiting.extend(reversed(value.values))
        elif deep and isinstance(value, Mapping) and not isinstance(value, Resource):
            waiting.extend(each for _, each in reversed(value.entries))
    return list(found)


def settled(value: Node, condition: str, holds: bool, *, deep: bool = False) -> Node:
    """The value when it is known whether a condition holds."""
    while isinstance(value, Choice) and value.branches[0].condition == condition:
        value = next(branch.value for branch in value.branches if branch.holds is holds)
    if isinstance(value, Choice):
        first, second = value.branches
        yes = first._replace(value=settled(first.value, condition, holds, deep=deep))
        no = second._replace(value=settled(second.value, condition, holds, deep=deep))
        return Choice((yes, no), value.at)
    if not deep or isinstance(value, Text | Resource) or not conditions_of([value], deep=True):
        return value
    if isinstance(value, Items):
        return type(value)([settled(each, condition, holds, deep=True) for each in value.values], value.at)
    if isinstance(value, Mapping):
        entries = [(name, settled(each, condition, holds, deep=True)) for name, each in value.entries]
        return type(value)(entries, value.at)
    return value
