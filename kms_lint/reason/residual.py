"""The condition that is left of a way in, in the words of its statements: what holds for the party anyway is left out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from kms_lint.model import Condition
from kms_lint.reason import constraints
from kms_lint.reason.authorization import RETIRES, Link, LinkKind
from kms_lint.reason.entries import entry
from kms_lint.reason.formula import within
from kms_lint.reason.space import Space


def condition(space: Space, links: Sequence[Link], denies: Sequence[Link], region: Mapping[str, int]) -> str:
    """What a request must fulfil to come in by these links past these Denies; empty when that is nothing.

    `region` are the classes that are settled: those of the caller, and of the action.
    """
    wanted = list(dict.fromkeys(text for link in links for text in _wanted(space, link, region)))
    avoided = list(dict.fromkeys(f"not ({_denied(space, link, region)})" for link in denies))
    return " and ".join((*wanted, *avoided))


def words(condition: Condition) -> str:
    """An entry of a condition as its author wrote it."""
    values = ", ".join(str(value) for value in condition.values)
    return f"{condition.operator.text} {condition.key} {values}".rstrip()


def either(conditions: Iterable[str]) -> str:
    """Several conditions of which one is enough; empty when one of them is."""
    found = list(dict.fromkeys(conditions))
    if not found or "" in found:
        return ""
    if len(found) == 1:
        return found[0]
    return " or ".join(f"({each})" if " and " in each else each for each in found)


def both(*conditions: str) -> str:
    """Several conditions that have to hold; an empty one always does."""
    parts = [each for each in conditions if each]
    if len(parts) == 1:
        return parts[0]
    return " and ".join(f"({each})" if " or " in each else each for each in parts)


def _wanted(space: Space, link: Link, region: Mapping[str, int]) -> Iterator[str]:
    if link.kind is LinkKind.UNKNOWN:
        yield f"it is allowed by {link.how}"
    if link.grant is not None and link.how != RETIRES:
        for constraint in link.grant.constraints:
            if within(constraints.one(space, link.grant, constraint), region) is True:
                continue
            pairs = (
                "" if constraint.pairs is None else f" of {constraint.pairs} pair{'s' if constraint.pairs != 1 else ''}"
            )
            yield f"the constraint {constraint.type}{pairs} of {link.grant.address}"
        if link.grant.constraints_unknown and within(constraints.others(space, link.grant), region) is not True:
            yield f"the constraints of {link.grant.address}"
    yield from _left(space, link, region)


def _left(space: Space, link: Link, region: Mapping[str, int]) -> Iterator[str]:
    for each in link.statement.conditions if link.statement is not None else ():
        if within(entry(space, each, True), region) is not True:
            yield words(each)


def _denied(space: Space, link: Link, region: Mapping[str, int]) -> str:
    left = list(_left(space, link, region))
    if left:
        return " and ".join(left)
    name = link.statement.name if link.statement is not None else link.how
    return f"what {name} denies"
