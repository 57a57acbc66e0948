"""Unknown values that need not be the same before and after: each occurrence is one of its own.

Two expressions with the same text may have different values: their definitions may have changed between the sides, and
`each.value` is another one in each place. So only values that the reader of the comparison named, as `<hole:name>`, are
the same wherever the name occurs.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import count

from kms_lint.model import Condition, Policy, Principal, Statement
from kms_lint.syntax.tree import ANYTHING, Text

NAMED = "<hole:"


def separated(policy: Policy, side: str) -> Policy:
    """The policy with each unknown value, which nobody named, told apart from all others."""
    numbers = count(1)

    def own(text: Text) -> Text:
        if ANYTHING not in text.form or NAMED in text:
            return text
        return Text(f"{text} ({side}, {next(numbers)})", text.at, text.form)

    def condition(each: Condition) -> Condition:
        operator = own(each.operator.text)
        return each._replace(
            operator=each.operator._replace(text=operator), key=own(each.key), values=tuple(map(own, each.values))
        )

    def statement(each: Statement) -> Statement:
        named, actions, resources = each.principals, each.actions, each.resources
        return replace(
            each,
            principals=named
            and named._replace(values=tuple(Principal(own(one.type), own(one.value)) for one in named.values)),
            actions=actions and actions._replace(values=tuple(map(own, actions.values))),
            resources=resources and resources._replace(values=tuple(map(own, resources.values))),
            conditions=tuple(map(condition, each.conditions)),
        )

    return replace(policy, statements=tuple(map(statement, policy.statements)))
