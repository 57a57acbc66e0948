"""Values of a plan as the blocks that Terraform's own reader takes: what is written in HCL is read by the same code.

This is the one place that knows both.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, cast

from kms_lint.errors import MalformedError
from kms_lint.load.embedded import embedded
from kms_lint.load.options import Options
from kms_lint.load.terraform.configuration import Configuration
from kms_lint.load.terraform.policy_document import document as read
from kms_lint.load.terraform.resource import Resource
from kms_lint.load.terraform.scope import Scope
from kms_lint.load.terraform.value import Encoded
from kms_lint.source import Span
from kms_lint.syntax import locate
from kms_lint.syntax.expression import Argument, Block, Expression
from kms_lint.syntax.tree import Items, Mapping, Node, Scalar, Text, Unknown

_POLICIES: Final = frozenset({"source_json", "source_policy_documents", "override_policy_documents", "override_json"})


@dataclass(frozen=True, slots=True)
class Given:
    """An expression that has been worked out."""

    value: Node
    at: Span


def document(values: Mapping, name: str, at: Span) -> Node:
    """The policy that `aws_iam_policy_document` makes of its arguments."""
    written = block("data", ("aws_iam_policy_document", name), values, at)
    return read(Resource(written, f"data.aws_iam_policy_document.{name}", scope(), at), at)


def scope() -> Scope:
    """The surroundings of values: there are none."""
    return Scope(Configuration((), (), Options()), {Given: lambda given, _: given.value})


def block(type: str, labels: Sequence[str], values: Mapping, at: Span) -> Block:
    """Values as a block: a member that is an object, or a list of them, is an argument and nested blocks as well."""

    def written() -> list[tuple[Text, Node]]:
        return [each for each in values.entries if not (isinstance(each[1], Scalar) and each[1].value is None)]

    def arguments() -> dict[str, Argument]:
        return {str(name): Argument(name, _expression(name, value, at), at) for name, value in written()}

    def blocks() -> list[Block]:
        return [
            block(str(name), (), each, _span(each))
            for name, value in written()
            for each in (value.values if isinstance(value, Items) else (value,))
            if isinstance(each, Mapping)
        ]

    return Block(Text(type, at), tuple(Text(label, at) for label in labels), at, at, arguments, blocks, lambda: ())


def _expression(name: str, value: Node, at: Span) -> Callable[[], Expression]:
    given = Given(_given(name, value), at)
    return lambda: cast("Expression", given)


def _given(name: str, value: Node) -> Node:
    if name not in _POLICIES:
        return value
    if isinstance(value, Items):
        return Items([_policy(each) for each in value.values], value.at)
    return _policy(value)


def _policy(value: Node) -> Node:
    """A policy that is given as text, with what it holds."""
    at = _span(value)
    if isinstance(value, Mapping):
        return Encoded("", at, value)
    if not isinstance(value, Text) or not value.known:
        return value
    try:
        return Encoded("", at, embedded(value))
    except MalformedError:
        return Unknown(f"{value[:40]}…", at, "this should be a policy, and is not JSON")


def _span(value: Node) -> Span:
    return locate(value.at)
