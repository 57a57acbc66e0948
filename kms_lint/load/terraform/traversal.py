"""A name and what follows it: `aws_kms_key.main.arn`, `local.keys["a"]`."""

from __future__ import annotations

from typing import NamedTuple

from kms_lint.syntax.expression import Argument, Attribute, Expression, Index, Reference


class Traversal(NamedTuple):
    """An expression with the attributes and indices that follow it, in order.

    `root` is the name it begins with, `None` when it begins with another expression, `start`.
    """

    root: Reference | None
    start: Expression
    steps: tuple[Attribute | Index, ...]


def traversal(expression: Expression) -> Traversal:
    """An expression taken apart."""
    steps: list[Attribute | Index] = []
    step = _step(expression)
    while step is not None:
        steps.append(step)
        expression = step.value
        step = _step(expression)
    return Traversal(_name(expression), expression, tuple(reversed(steps)))


# `object`: mypy does not come to an end when it narrows a union of types that contain one another.
def _step(expression: object) -> Attribute | Index | None:
    return expression if isinstance(expression, Attribute | Index) else None


def _name(expression: object) -> Reference | None:
    return expression if isinstance(expression, Reference) else None


def referred(argument: Argument | None) -> str | None:
    """The address of the resource that an argument refers to, such as `aws_iam_role.app` for `aws_iam_role.app.name`."""
    if argument is None:
        return None
    root, _, steps = traversal(argument.expression())
    if root is None or len(steps) < 2 or not root.name.startswith("aws_"):
        return None
    return f"{root.name}.{steps[0].name}" if isinstance(steps[0], Attribute) else None
