"""All that a policy says, text by text, and the same policy with these texts changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TypeAlias

from kms_lint.model import Condition, Patterns, Policy, Principal, Statement
from kms_lint.syntax.tree import Text

Change: TypeAlias = Callable[[Text], Text]


def of_policy(policy: Policy) -> Iterator[Text]:
    """All texts of a policy, but for the names of its statements."""
    for statement in policy.statements:
        yield from of_statement(statement)


def of_statement(statement: Statement) -> Iterator[Text]:
    """Principals with their types, actions, resources, and conditions with their operators and keys."""
    for principal in statement.principals.values if statement.principals else ():
        yield from principal
    for patterns in (statement.actions, statement.resources):
        yield from patterns.values if patterns else ()
    for condition in statement.conditions:
        yield from (condition.operator.text, condition.key, *condition.values)


def changed(policy: Policy, change: Change) -> Policy:
    """A policy with each of these texts changed, in this order."""
    return changed_by_part(policy, change, change, change)


def changed_by_part(policy: Policy, value: Change, principal: Change, name: Change | None = None) -> Policy:
    """A policy with its actions, resources and values of conditions changed by `value`, its principals by `principal`.

    `name` changes the types of principals and the operators and keys of conditions; without it they stay.
    """

    def statement(each: Statement) -> Statement:
        named = each.principals
        if named is not None:
            values = [Principal(name(one.type) if name else one.type, principal(one.value)) for one in named.values]
            named = named._replace(values=tuple(values))
        actions, resources = _patterns(each.actions, value), _patterns(each.resources, value)
        conditions = tuple(_condition(one, value, name) for one in each.conditions)
        return replace(each, principals=named, actions=actions, resources=resources, conditions=conditions)

    return replace(policy, statements=tuple(map(statement, policy.statements)))


def _patterns(patterns: Patterns | None, change: Change) -> Patterns | None:
    return patterns and patterns._replace(values=tuple(map(change, patterns.values)))


def _condition(each: Condition, value: Change, name: Change | None) -> Condition:
    if name is not None:
        each = each._replace(operator=each.operator._replace(text=name(each.operator.text)), key=name(each.key))
    return each._replace(values=tuple(map(value, each.values)))
