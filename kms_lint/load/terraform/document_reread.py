"""What the provider makes of a statement that it reads from the text of another document, to merge it.

It keeps less than the text says: https://github.com/hashicorp/terraform-provider-aws/blob/main/internal/service/iam/policy_model.go
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from kms_lint.model import Problem
from kms_lint.syntax.tree import Items, Mapping, Node, Scalar, Text

_PRINCIPALS: Final = ("Principal", "NotPrincipal")

Refuse = Callable[[Problem], None]


def reread(statement: Node, refuse: Refuse) -> Node:
    """A statement as it is after it was merged."""
    if not isinstance(statement, Mapping):
        return statement
    entries: list[tuple[Text, Node]] = []
    for name, value in statement.entries:
        if name in _PRINCIPALS:
            entries.append((name, _principal(name, value, refuse)))
        elif name == "Condition" and isinstance(value, Mapping):
            operators = [(test, _condition(block, refuse)) for test, block in value.entries]
            left = [(test, block) for test, block in operators if not isinstance(block, Mapping) or len(block)]
            if left:
                entries.append((name, Mapping(left, value.at)))
        elif name != "Sid" or value != "":
            entries.append((name, value))
    return Mapping(entries, statement.at)


def _principal(element: Text, value: Node, refuse: Refuse) -> Node:
    """Text without a type becomes `*`, whatever it says; the values of a list are sorted backwards."""
    if isinstance(value, Text) and value.known and value != "*":
        message = (
            f"`{element}` is `{value}` without its type, which becomes `*`, everyone, when documents are merged: "
            f'write {{"AWS": "{value}"}}'
        )
        refuse(Problem("malformed-policy", message, value.at, str(value)))
        return Text("*", value.at)
    if isinstance(value, Mapping):
        return Mapping([(type, _backwards(values)) for type, values in value.entries], value.at)
    return value


def _backwards(values: Node) -> Node:
    if not isinstance(values, Items) or not all(isinstance(each, Text) for each in values):
        return values
    return Items(sorted(values.values, key=str, reverse=True), values.at)


def _condition(block: Node, refuse: Refuse) -> Node:
    """The keys of an operator: a truth becomes text, a list of one string is that string, a number gets lost."""
    if not isinstance(block, Mapping):
        return block
    entries: list[tuple[Text, Node]] = []
    for key, values in block.entries:
        if isinstance(values, Scalar) and isinstance(values.value, bool):
            entries.append((key, Text(values.text, values.at)))
        elif isinstance(values, Scalar) and values.value is not None:
            message = (
                f"the condition on `{key}` is lost when documents are merged, because its value is a number: "
                f'write `"{values.text}"`'
            )
            refuse(Problem("malformed-policy", message, values.at, values.text))
        elif isinstance(values, Items) and len(values) == 1 and isinstance(values.values[0], Text):
            entries.append((key, values.values[0]))
        else:
            entries.append((key, values))
    return Mapping(entries, block.at)
