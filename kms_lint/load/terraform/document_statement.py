"""The statements of `data "aws_iam_policy_document"`, in the shape in which the provider renders them.

Lists are sorted backwards and hold each value once, a list of one string is that string, and `&{…}` is written `${…}`.
https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/iam_policy_document#argument-reference
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final, TypeAlias

from kms_lint.load.terraform.dynamic import Nested, expanded, present
from kms_lint.load.terraform.scope import Scope
from kms_lint.load.terraform.under import Taken, both
from kms_lint.load.terraform.value import is_null, text_of
from kms_lint.model import Problem
from kms_lint.source import Span
from kms_lint.syntax.expression import Block
from kms_lint.syntax.tree import ANYTHING, Branch, Choice, Items, Mapping, Node, Scalar, Text, Unknown

Entries: TypeAlias = list[tuple[Text, Node]]

_VALUES: Final = {
    "actions": "Action",
    "not_actions": "NotAction",
    "resources": "Resource",
    "not_resources": "NotResource",
}
_MOST_CASES: Final = 4
"""As many conditions of the blocks of one element are told apart."""

Blocks: TypeAlias = Sequence[Nested | Unknown]
_Element: TypeAlias = Callable[[Blocks], Node | None]


def own_statements(block: Block, scope: Scope, alone: bool) -> Iterator[Node]:
    """The statements that are written in a document itself; `alone` when it is merged with no other.

    No policy is without statements, so that the only block is taken to be there.
    """
    blocks = list(expanded(block, scope, "statement"))
    for nested in blocks:
        if isinstance(nested, Unknown):
            yield nested
        else:
            there = nested._replace(over=None) if alone and len(blocks) == 1 else nested
            yield present(_statement(nested.block, nested.scope), there)


def _statement(block: Block, scope: Scope) -> Mapping:
    arguments = block.arguments()
    entries: Entries = []
    sid = _given(block, "sid", scope)
    if sid is not None and sid != "":
        entries.append((Text("Sid", arguments["sid"].name.at), sid))
    effect = _given(block, "effect", scope)
    if effect is None:
        entries.append((Text("Effect", block.header), Text("Allow", block.header)))
    else:
        entries.append((Text("Effect", arguments["effect"].name.at), effect))
    for argument, element in _VALUES.items():
        values = _given(block, argument, scope)
        if values is not None:
            rendered = _set(_variables(values) if "Resource" in element else values)
            if rendered is not None:
                entries.append((Text(element, arguments[argument].name.at), rendered))
    entries.extend(_blocks(block, scope))
    return Mapping(entries, block.at)


def _given(block: Block, name: str, scope: Scope) -> Node | None:
    value = scope.argument(block, name)
    return None if value is None or is_null(value) else value


def _set(values: Node) -> Node | None:
    """A set as the provider renders it; `None` for an empty one."""
    if isinstance(values, Choice):
        first, second = (
            branch._replace(value=_set(branch.value) or Scalar(None, "null", values.at)) for branch in values.branches
        )
        return Choice((first, second), values.at)
    if not isinstance(values, Items):
        return values
    return _single(_sorted(values)) if len(values) else None


def _sorted(values: Items) -> Items:
    """Each value once, in the order in which the provider writes a set: backwards."""
    return Items(sorted({_shown(value): value for value in values}.values(), key=_shown, reverse=True), values.at)


def _shown(value: Node) -> str:
    if isinstance(value, Text):
        return str(value)
    if isinstance(value, Scalar):
        return value.text
    return f"<{value.expression}>" if isinstance(value, Unknown) else repr(value)


def _single(values: Node) -> Node:
    """A list of one string is that string."""
    if isinstance(values, Items) and len(values) == 1 and isinstance(values.values[0], Text):
        return values.values[0]
    return values


def _variables(values: Node) -> Node:
    """The values with policy variables as IAM spells them: `${aws:username}` is written `&{aws:username}` here."""
    if isinstance(values, Items):
        return Items([_variables(value) for value in values.values], values.at)
    if isinstance(values, Choice):
        first, second = values.branches
        yes, no = _variables(first.value), _variables(second.value)
        return Choice((first._replace(value=yes), second._replace(value=no)), values.at)
    if isinstance(values, Text) and "&{" in values:
        form = None if values.form == values else values.form.replace("&{", "${")
        return Text(values.replace("&{", "${"), values.at, form)
    return values


def _blocks(block: Block, scope: Scope) -> Iterator[tuple[Text, Node]]:
    """The elements that are made of blocks: principals and conditions."""
    if not block.blocks():
        return
    for kind, element, build in _ELEMENTS:
        blocks = list(expanded(block, scope, kind))
        if kind == "condition" and len(blocks) > 1:
            _tell_joined(blocks, scope)
        if blocks:
            first = blocks[0]
            at = first.at if isinstance(first, Unknown) else first.block.type.at
            value = _by_cases(blocks, build, block.header, _MOST_CASES)
            if not is_null(value):
                yield Text(element, at), value


def _by_cases(blocks: Blocks, build: _Element, at: Span, left: int) -> Node:
    """What is built of the blocks under each of the conditions that they depend on; null where that is nothing."""
    conditions = [nested.under[0].condition for nested in blocks if isinstance(nested, Nested) and nested.under]
    if not conditions:
        return build(blocks) or Scalar(None, "null", at)
    if not left:
        return build([_undecided(nested) for nested in blocks]) or Scalar(None, "null", at)
    yes, no = (
        Branch(conditions[0], holds, _by_cases(_settled(blocks, conditions[0], holds), build, at, left - 1))
        for holds in (True, False)
    )
    return Choice((yes, no), at)


def _settled(blocks: Blocks, condition: str, holds: bool) -> list[Nested | Unknown]:
    found: list[Nested | Unknown] = []
    for nested in blocks:
        if isinstance(nested, Unknown):
            found.append(nested)
        elif both((Taken(condition, holds),), nested.under) is not None:
            under = tuple(taken for taken in nested.under if taken.condition != condition)
            found.append(nested._replace(under=under))
    return found


def _undecided(nested: Nested | Unknown) -> Nested | Unknown:
    """A block of which it is not known whether it is there."""
    if isinstance(nested, Unknown) or not nested.under:
        return nested
    words = " and ".join(taken.condition for taken in nested.under)
    return Unknown(words, nested.block.header, "it depends on more conditions than are told apart")


def _principals(blocks: Blocks) -> Node | None:
    """`Principal`, or nothing when there is no block: the identifiers by their types."""
    types: dict[str, tuple[Text, list[Node]]] = {}
    unknown: list[Unknown] = []
    for nested in blocks:
        if isinstance(nested, Unknown):
            unknown.append(nested)
            continue
        type = _text(nested, "type")
        identifiers = nested.scope.argument(nested.block, "identifiers")
        if nested.over is not None and not type.known:
            unknown.append(nested.over)
        elif identifiers is not None:
            types.setdefault(str(type), (type, []))[1].append(_identifiers(identifiers, nested, len(blocks) == 1))
    if not types:
        return _as_a_whole(unknown)
    everyone = types.get("*")
    if everyone is not None and len(types) == 1 and not unknown and everyone[1] == ["*"]:
        return everyone[1][0]
    entries: Entries = [(type, _joined(values)) for type, values in types.values()]
    return Mapping([*entries, *_unknown(unknown)], _at(blocks[0]))


def _identifiers(identifiers: Node, nested: Nested, alone: bool) -> Node:
    """The identifiers of a block; of one that may be left out, each may be.

    A statement has principals where they are needed at all, so that the only block is taken to be there.
    """
    values = _set(_variables(identifiers)) or identifiers
    if nested.over is None or alone:
        return values
    listed = values.values if isinstance(values, Items) else (values,)
    return Items([each if isinstance(each, Unknown) else present(each, nested) for each in listed], values.at)


def _conditions(blocks: Blocks) -> Node | None:
    """`Condition`, or nothing when there is no block: the values by operator and key.

    A block of which it is not known whether it is there is an unknown condition, whatever it says.
    """
    tests: dict[str, tuple[Text, Nested, dict[str, tuple[Text, list[Node]]]]] = {}
    unknown: list[Unknown] = []
    for nested in blocks:
        if isinstance(nested, Unknown):
            unknown.append(nested)
        elif nested.over is not None:
            unknown.append(nested.over)
        else:
            test, variable = _text(nested, "test"), _text(nested, "variable")
            variables = tests.setdefault(str(test), (test, nested, {}))[2]
            values = nested.scope.argument(nested.block, "values")
            known = variables.setdefault(str(variable), (variable, []))[1]
            if values is not None:
                known.append(_single(_variables(values)))
    if not tests:
        return _as_a_whole(unknown)
    entries: Entries = [
        (test, Mapping([(variable, _joined(values)) for variable, values in variables.values()], nested.block.at))
        for test, nested, variables in tests.values()
    ]
    return Mapping([*entries, *_unknown(unknown)], _at(blocks[0]))


def _tell_joined(blocks: Blocks, scope: Scope) -> None:
    """Says of conditions with one test and variable, which are surely there, that the provider joins their values.

    Each of them alone would have to hold, and of the joined values one is enough, but for those that a negated test
    names. Versions before 5.14 keep the values of one of them only.
    https://github.com/hashicorp/terraform-provider-aws/pull/33093
    """
    first: dict[tuple[str, str], tuple[Nested, frozenset[str]]] = {}
    for nested in blocks:
        if isinstance(nested, Unknown) or nested.over is not None or nested.under:
            continue
        test, variable = _text(nested, "test"), _text(nested, "variable")
        values = nested.scope.argument(nested.block, "values")
        if not test.known or not variable.known or "Not" in test or values is None:
            continue
        shown = frozenset(map(_shown, values.values if isinstance(values, Items) else (values,)))
        earlier, same = first.setdefault((str(test), str(variable)), (nested, shown))
        if earlier.block is not nested.block and same != shown:
            message = f"another condition has the test `{test}` on `{variable}`, too: their values are joined, and one of them is enough"
            scope.problems.append(Problem("overridden-statement", message, nested.block.header, str(variable)))


def _as_a_whole(unknown: Sequence[Unknown]) -> Node | None:
    """An element of which nothing is known."""
    if len(unknown) < 2:
        return unknown[0] if unknown else None
    return Mapping(_unknown(unknown), unknown[0].at)


def _unknown(unknown: Sequence[Unknown]) -> Entries:
    """One entry for each different unknown value."""
    distinct = {each.expression: each for each in unknown}
    return [(Text(f"<{each.expression}>", each.at, ANYTHING), each) for each in distinct.values()]


def _at(nested: Nested | Unknown) -> Span:
    if isinstance(nested, Nested):
        return nested.block.at
    assert isinstance(nested.at, Span)
    return nested.at


def _joined(values: Sequence[Node]) -> Node:
    """The values of several blocks as one list."""
    if len(values) == 1:
        return values[0]
    flat: list[Node] = []
    for value in values:
        flat.extend(value.values if isinstance(value, Items) else (value,))
    return Items(flat, values[0].at)


def _text(nested: Nested, name: str) -> Text:
    """An argument that has to be text; of unknown form when it is not known or is missing."""
    value = text_of(nested.scope.argument(nested.block, name), nested.block.header)
    return Text(f"<{name}>", nested.block.header, ANYTHING) if value is None else value


_ELEMENTS: Final = (
    ("principals", "Principal", _principals),
    ("not_principals", "NotPrincipal", _principals),
    ("condition", "Condition", _conditions),
)
