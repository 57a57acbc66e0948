"""`data "aws_iam_policy_document"`: the policy that it gives, with every value where its author wrote it.

https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/iam_policy_document
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final, TypeAlias

from kms_lint.load.terraform.json_text import decoded
from kms_lint.load.terraform.scope import Scope
from kms_lint.load.terraform.value import is_null, text_of, written
from kms_lint.source import Span
from kms_lint.syntax.expression import Block
from kms_lint.syntax.tree import ANYTHING, Branch, Choice, Items, Mapping, Node, Scalar, Text, Unknown

if TYPE_CHECKING:
    from kms_lint.load.terraform.resource import Resource

TYPE: Final = "data.aws_iam_policy_document"
ATTRIBUTES: Final = frozenset({"json", "minified_json"})

_SOURCES: Final = ("source_json", "source_policy_documents")
_OVERRIDES: Final = ("override_policy_documents", "override_json")
_VALUES: Final = {
    "actions": "Action",
    "not_actions": "NotAction",
    "resources": "Resource",
    "not_resources": "NotResource",
}
_PRINCIPALS: Final = {"principals": "Principal", "not_principals": "NotPrincipal"}

Entries: TypeAlias = list[tuple[Text, Node]]


def document(itself: Resource, at: Span) -> Node:
    """The policy in the shape of IAM's JSON, the same node at each use."""
    block, scope, address = itself.block, itself.scope, itself.address
    outer = scope.documents
    scope.documents = set()
    try:
        node = scope.once(f"{address}.json", at, lambda: _policy(block, scope))
        scope.within.setdefault(address, set()).update(scope.documents)
    finally:
        scope.documents = outer
    scope.documents.add(address)
    return node


def _policy(block: Block, scope: Scope) -> Node:
    scope.look_into(block)
    arguments = block.arguments()
    entries: Entries = []
    version = arguments.get("version")
    value = None if version is None else scope.evaluate(version.expression())
    name = Text("Version", block.header if version is None else version.name.at)
    entries.append((name, Text("2012-10-17", block.header) if value is None or is_null(value) else value))
    identifier = scope.argument(block, "policy_id")
    if identifier is not None and not is_null(identifier):
        entries.append((Text("Id", arguments["policy_id"].name.at), identifier))
    statements = _merged(
        [
            *_documents(block, _SOURCES, scope),
            *_statements(block, scope),
            *_documents(block, _OVERRIDES, scope),
        ]
    )
    if statements:
        entries.append((Text("Statement", block.header), Items(statements, block.header)))
    return Mapping(entries, block.header)


def _merged(statements: Sequence[Node]) -> list[Node]:
    """A statement replaces, in its place, the one before it with the same Sid; those without one are all kept."""
    merged: list[Node] = []
    places: dict[str, int] = {}
    for statement in statements:
        sid = statement.get("Sid") if isinstance(statement, Mapping) else None
        if not isinstance(sid, Text) or not sid or not sid.known:
            merged.append(statement)
        elif sid.form in places:
            merged[places[sid.form]] = statement
        else:
            places[sid.form] = len(merged)
            merged.append(statement)
    return merged


def _documents(block: Block, names: Sequence[str], scope: Scope) -> Iterator[Node]:
    """The statements of the documents that are merged in."""
    for name in names:
        value = scope.argument(block, name)
        if value is None or is_null(value):
            continue
        for each in value.values if isinstance(value, Items) else (value,):
            yield from _statements_of(decoded(each, scope.problems.append))


def _statements_of(policy: Node) -> Sequence[Node]:
    """The statements of a policy, or one unknown statement for a policy that is not known."""
    if isinstance(policy, Choice):
        first, second = policy.branches
        return [*_under(first, second, policy), *_under(second, first, policy)]
    if not isinstance(policy, Mapping):
        return () if is_null(policy) else (policy,)
    statements = policy.get("Statement")
    if isinstance(statements, Items):
        return statements.values
    return () if statements is None else (statements,)


def _under(branch: Branch, other: Branch, policy: Choice) -> Iterator[Node]:
    """The statements of one branch, each of which the other branch leaves out."""
    for statement in _statements_of(branch.value):
        nothing = other._replace(value=Scalar(None, "null", policy.at))
        yield Choice((branch._replace(value=statement), nothing), policy.at)


def _statements(block: Block, scope: Scope) -> Iterator[Node]:
    for nested in block.blocks():
        if nested.type == "statement":
            yield _statement(nested, scope)
        elif nested.type == "dynamic" and nested.labels[:1] == ("statement",):
            yield from _dynamic(nested, scope)


def _dynamic(block: Block, scope: Scope) -> Iterator[Unknown]:
    """What stands for the blocks that a `dynamic` block makes; nothing when it surely makes none."""
    over = block.arguments().get("for_each")
    if over is not None:
        value = scope.evaluate(over.expression())
        if isinstance(value, Mapping | Items) and not len(value):
            return
    label = block.labels[0] if block.labels else ""
    expression = f'dynamic "{label}"' if over is None else written(over.expression().at)
    yield Unknown(expression, block.header, f'the blocks that `dynamic "{label}"` makes are not worked out')


def _statement(block: Block, scope: Scope) -> Mapping:
    scope.look_into(block)
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
        if values is not None and not (isinstance(values, Items) and not len(values)):
            name = Text(element, arguments[argument].name.at)
            entries.append((name, _variables(values) if "Resource" in element else _single(values)))
    entries.extend(_blocks(block, scope))
    return Mapping(entries, block.at)


def _given(block: Block, name: str, scope: Scope) -> Node | None:
    value = scope.argument(block, name)
    return None if value is None or is_null(value) else value


def _single(values: Node) -> Node:
    """A list of one string is that string."""
    if isinstance(values, Items) and len(values) == 1 and isinstance(values.values[0], Text):
        return values.values[0]
    return values


def _variables(values: Node) -> Node:
    """The values with policy variables as IAM spells them: `${aws:username}` is written `&{aws:username}` here."""
    if isinstance(values, Items):
        return _single(Items([_variables(value) for value in values.values], values.at))
    if isinstance(values, Choice):
        first, second = values.branches
        yes, no = _variables(first.value), _variables(second.value)
        return Choice((first._replace(value=yes), second._replace(value=no)), values.at)
    if isinstance(values, Text) and "&{" in values:
        form = None if values.form == values else values.form.replace("&{", "${")
        return Text(values.replace("&{", "${"), values.at, form)
    return values


def _blocks(block: Block, scope: Scope) -> Entries:
    """The elements that are made of blocks: principals and conditions."""
    found: dict[str, list[Block]] = {}
    for nested in block.blocks():
        kind = str(nested.labels[0] if nested.type == "dynamic" and nested.labels else nested.type)
        found.setdefault(kind, []).append(nested)
    entries: Entries = []
    for kind, element in _PRINCIPALS.items():
        if kind in found:
            entries.extend(_principals(element, found[kind], scope))
    if "condition" in found:
        entries.extend(_conditions(found["condition"], scope))
    return entries


def _principals(element: str, blocks: Sequence[Block], scope: Scope) -> Entries:
    types: dict[str, tuple[Text, list[Node]]] = {}
    unknown: list[Unknown] = []
    for block in blocks:
        if block.type == "dynamic":
            unknown.extend(_dynamic(block, scope))
            continue
        scope.look_into(block)
        type = _text(block, "type", scope)
        identifiers = scope.argument(block, "identifiers")
        if identifiers is not None:
            types.setdefault(type.form, (type, []))[1].append(_variables(identifiers))
    if not types and not unknown:
        return []
    name, at = Text(element, blocks[0].type.at), blocks[0].at
    if not types and len(unknown) == len(blocks) == 1:
        return [(name, unknown[0])]
    everyone = types.get("*")
    if everyone is not None and len(types) == 1 and not unknown and everyone[1] == ["*"]:
        return [(name, everyone[1][0])]
    entries: Entries = [(type, _joined(values)) for type, values in types.values()]
    entries.extend((Text(f"<{each.expression}>", each.at, ANYTHING), each) for each in unknown)
    return [(name, Mapping(entries, at))]


def _conditions(blocks: Sequence[Block], scope: Scope) -> Entries:
    tests: dict[str, tuple[Text, Block, dict[str, tuple[Text, list[Node]]]]] = {}
    unknown: list[Unknown] = []
    for block in blocks:
        if block.type == "dynamic":
            unknown.extend(_dynamic(block, scope))
            continue
        scope.look_into(block)
        test, variable = _text(block, "test", scope), _text(block, "variable", scope)
        _, _, variables = tests.setdefault(test.form, (test, block, {}))
        values = scope.argument(block, "values")
        known = variables.setdefault(variable.form, (variable, []))[1]
        if values is not None:
            known.append(_variables(values))
    if not tests and not unknown:
        return []
    name, at = Text("Condition", blocks[0].type.at), blocks[0].at
    if not tests and len(unknown) == len(blocks) == 1:
        return [(name, unknown[0])]
    entries: Entries = [
        (test, Mapping([(variable, _joined(values)) for variable, values in variables.values()], block.at))
        for test, block, variables in tests.values()
    ]
    entries.extend((Text(f"<{each.expression}>", each.at, ANYTHING), each) for each in unknown)
    return [(name, Mapping(entries, at))]


def _joined(values: Sequence[Node]) -> Node:
    """The values of several blocks as one list."""
    if len(values) == 1:
        return values[0]
    flat: list[Node] = []
    for value in values:
        flat.extend(value.values if isinstance(value, Items) else (value,))
    return Items(flat, values[0].at if values else flat[0].at)


def _text(block: Block, name: str, scope: Scope) -> Text:
    """An argument that has to be text; of unknown form when it is not known or is missing."""
    value = text_of(scope.argument(block, name), block.header)
    return Text(f"<{name}>", block.header, ANYTHING) if value is None else value
