"""Values of a plan as the blocks that Terraform's own reader takes: what is written in HCL is read by the same code.

This is the one place that knows both.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Final, cast

from kms_lint.errors import MalformedError
from kms_lint.load.embedded import embedded
from kms_lint.load.options import Options
from kms_lint.load.terraform.arguments import Path
from kms_lint.load.terraform.configuration import Configuration
from kms_lint.load.terraform.policy_document import document as read
from kms_lint.load.terraform.resource import Resource
from kms_lint.load.terraform.scope import Scope
from kms_lint.load.terraform.value import Encoded
from kms_lint.record import dataclass
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
    written = block("data", ("aws_iam_policy_document", name), _with_documents(values), at, at)
    return read(Resource(written, f"data.aws_iam_policy_document.{name}", scope(Options()), at), at)


def scope(deployed: Options) -> Scope:
    """The surroundings of values: there are none, but where all of it is deployed."""
    return Scope(Configuration((), (), deployed), {Given: lambda given, _: given.value})


def block(type: str, labels: Sequence[str], values: Mapping, header: Span, at: Span) -> Block:
    """Values as a block: a member that is an object, or a list of them, is an argument and nested blocks as well.

    `header` is the place of what names it, `at` that of all its values.
    """

    def written() -> list[tuple[Text, Node]]:
        return [each for each in values.entries if not (isinstance(each[1], Scalar) and each[1].value is None)]

    def arguments() -> dict[str, Argument]:
        return {str(name): _argument(name, value, header, at) for name, value in written()}

    def blocks() -> list[Block]:
        return [
            block(str(name), (), each, _span(each), _span(each))
            for name, value in written()
            for each in (value.values if isinstance(value, Items) else (value,))
            if isinstance(each, Mapping)
        ]

    named = tuple(Text(label, header) for label in labels)
    return Block(Text(type, header), named, header, at, cache(arguments), cache(blocks), lambda: ())


def _argument(name: Text, value: Node, header: Span, within: Span) -> Argument:
    """A value as an argument: where the value is, or where the block is named when it comes from elsewhere."""
    at = _span(value)
    if at.source is not within.source or not within.start <= at.start < within.end:
        at = header
    given = Given(value, at)
    return Argument(name, lambda: cast("Expression", given), at)


def changed(value: Node, path: Path, change: Callable[[Node], Node]) -> Node:
    """A value in which what stands at a path of objects, and of lists of them, is changed."""
    if isinstance(value, Items) and path:
        return Items([changed(each, path, change) for each in value.values], value.at)
    if isinstance(value, Mapping) and path:
        entries = [(name, changed(each, path[1:], change) if name == path[0] else each) for name, each in value.entries]
        return Mapping(entries, value.at)
    return value if path else change(value)


def _with_documents(values: Mapping) -> Mapping:
    return Mapping(lambda: [(name, _given(value) if name in _POLICIES else value) for name, value in values], values.at)


def _given(value: Node) -> Node:
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
