"""Expressions of HCL, from the parser's tree.

https://developer.hashicorp.com/terraform/language/expressions
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final, TypeAlias

from kms_lint.source import Span
from kms_lint.syntax import hcl_holes, hcl_template
from kms_lint.syntax.expression import (
    ELEMENT,
    Attribute,
    Broken,
    Call,
    Conditional,
    Expression,
    For,
    Index,
    ListOf,
    Literal,
    ObjectOf,
    Operation,
    Reference,
    Splat,
)
from kms_lint.syntax.hcl_text import Written
from kms_lint.syntax.tree import Text

if TYPE_CHECKING:
    from tree_sitter import Node

DEPTH: Final = 100
"""How many levels an expression may be nested."""

_Terms: TypeAlias = "Sequence[Node]"
_Converter: TypeAlias = "Callable[[Node, Written, int], Expression]"


def convert(node: Node, written: Written, depth: int = 0) -> Expression:
    """The expression that a node stands for; `Broken` where it is nested too deeply to be read."""
    if depth > DEPTH:
        return _broken(node, written)
    children = node.children
    if len(children) == 1:
        only = children[0]
        return _value(only, written, depth + 1)
    children = _without_comments(node)
    if not children:
        return _broken(node, written)
    expression, end = _term(children, 0, written, depth)
    return expression if end == len(children) else _broken(node, written)


def _without_comments(node: Node) -> list[Node]:
    return [child for child in node.children if child.type != "comment"]


def _broken(node: Node, written: Written) -> Expression:
    return Broken(written.text(node), written.at(node))


def _term(nodes: _Terms, index: int, written: Written, depth: int) -> tuple[Expression, int]:
    """The value that begins at an index, with the attributes and indices that follow it; and the index after it."""
    first = nodes[index]
    start = written.offset(first.start_byte)
    if first.type == "(":
        value = convert(nodes[index + 1], written, depth + 1)
        index += 3
    else:
        value = _value(first, written, depth + 1)
        index += 1
    while index < len(nodes) and nodes[index].type in _FOLLOWING:
        value = _followed(value, nodes[index], start, written, depth)
        index += 1
    return value, index


def _followed(value: Expression, node: Node, start: int, written: Written, depth: int) -> Expression:
    span = Span(written.source, start, written.offset(node.end_byte))
    if node.type == "get_attr":
        return Attribute(value, written.name(node.named_children[-1]), span)
    if node.type == "splat":
        return _splat(value, node.children[0], span, depth, written)
    step = _step(node, written, depth)
    return Attribute(value, step, span) if isinstance(step, Text) else Index(value, step, span)


def _splat(value: Expression, node: Node, span: Span, depth: int, written: Written) -> Expression:
    """`[*]` takes all that follows with it, `.*` only attributes: what follows these is of the list as a whole."""
    if depth > DEPTH:
        return _broken(node, written)
    following = _without_comments(node)[1:]
    full = node.type == "full_splat"
    count = len(following)
    if not full:
        indices = (index for index, child in enumerate(following) if _indexes(child))
        count = next(indices, count)
    each: Expression = Reference(ELEMENT, Span(span.source, span.start, written.offset(node.start_byte)))
    for child in following[:count]:
        each = _followed(each, child, span.start, written, depth + 1)
    end = written.offset(following[count].start_byte) if count < len(following) else span.end
    found: Expression = Splat(value, each, full, Span(span.source, span.start, end))
    for child in following[count:]:
        found = _followed(found, child, span.start, written, depth + 1)
    return found


def _indexes(node: Node) -> bool:
    return node.type == "new_index" or (node.type == "index" and node.children[0].type == "new_index")


def _step(node: Node, written: Written, depth: int) -> Text | Expression:
    """An attribute's name, or the key of an index."""
    if node.type == "get_attr":
        return written.name(node.named_children[-1])
    kind = node.children[0] if node.type == "index" else node
    if kind.type == "legacy_index":
        source, start, end = written.at(kind)
        digits = source.text[start + 1 : end].strip()
        return Text(digits, Span(source, end - len(digits), end))
    for child in kind.named_children:
        if child.type == "expression":
            return convert(child, written, depth + 1)
    return _broken(node, written)


def _value(node: Node, written: Written, depth: int) -> Expression:
    converter: _Converter | None = _CONVERTERS.get(node.type)
    if converter is None:
        return _broken(node, written)
    return converter(node, written, depth)


def _reference(node: Node, written: Written, _: int) -> Expression:
    return Reference(written.text(node), written.at(node))


def _literal(node: Node, written: Written, depth: int) -> Expression:
    child = node.children[0]
    if child.type == "string_lit":
        return hcl_holes.quoted(child, written, convert, depth)
    text = written.text(child)
    values: dict[str, bool | None] = {"true": True, "false": False, "null": None}
    return Literal(values.get(text, text), written.at(child))


def _template(node: Node, written: Written, depth: int) -> Expression:
    child = node.children[0]
    if child.type == "heredoc_template":
        return hcl_holes.heredoc(child, written, convert, depth)
    return hcl_holes.quoted(child, written, convert, depth)


def _collection(node: Node, written: Written, depth: int) -> Expression:
    child = node.children[0]
    span = written.at(node)
    if child.type == "tuple":
        values = (value for value in child.named_children if value.type == "expression")
        return ListOf(tuple(convert(value, written, depth) for value in values), span)
    entries: list[tuple[Expression, Expression]] = []
    for element in child.named_children:
        if element.type == "object_elem":
            name, value = (part for part in element.named_children if part.type == "expression")
            entries.append((_key(name, written, depth), convert(value, written, depth)))
    return ObjectOf(tuple(entries), span)


def _key(node: Node, written: Written, depth: int) -> Expression:
    """The key of an object's element: a bare name means itself, not what it refers to."""
    key = convert(node, written, depth)
    if isinstance(key, Reference) and key.at == written.at(node):
        return hcl_template.plain(key.name, key.at)
    if isinstance(key, Literal):
        return hcl_template.plain(written.text(node), key.at)
    return key


def _call(node: Node, written: Written, depth: int) -> Expression:
    name = written.text(node.named_children[0])
    arguments: tuple[Expression, ...] = ()
    expand = False
    for child in node.named_children:
        if child.type == "function_arguments":
            values = child.named_children
            arguments = tuple(convert(value, written, depth) for value in values if value.type == "expression")
            expand = any(value.type == "ellipsis" for value in values)
    return Call(name, arguments, expand, written.at(node))


def _conditional(node: Node, written: Written, depth: int) -> Expression:
    test, yes, no = (convert(child, written, depth) for child in node.named_children if child.type == "expression")
    return Conditional(test, yes, no, written.at(node))


def _operation(node: Node, written: Written, depth: int) -> Expression:
    if depth > DEPTH:
        return _broken(node, written)
    child = node.children[0]
    nodes = _without_comments(child)
    if child.type == "unary_operation":
        right, _ = _term(nodes, 1, written, depth)
        return Operation(nodes[0].type, None, right, written.at(node))
    left, index = _term(nodes, 0, written, depth)
    right, _ = _term(nodes, index + 1, written, depth)
    return Operation(nodes[index].type, left, right, written.at(node))


def _for(node: Node, written: Written, depth: int) -> Expression:
    inside = node.children[0]
    names: list[str] = []
    collection: Expression | None = None
    results: list[Expression] = []
    test: Expression | None = None
    group = False
    for child in inside.named_children:
        if child.type == "for_intro":
            names = [written.text(name) for name in child.named_children if name.type == "identifier"]
            collection = _inner(child, written, depth)
        elif child.type == "expression":
            results.append(convert(child, written, depth))
        elif child.type == "for_cond":
            test = _inner(child, written, depth)
        group = group or child.type == "ellipsis"
    if collection is None or not names or not results:
        return _broken(node, written)
    key = names[0] if len(names) > 1 else None
    result_key = results[0] if len(results) > 1 else None
    return For(key, names[-1], collection, result_key, results[-1], test, group, written.at(node))


def _inner(node: Node, written: Written, depth: int) -> Expression:
    for child in node.named_children:
        if child.type == "expression":
            return convert(child, written, depth)
    return _broken(node, written)


_FOLLOWING: Final = frozenset({"get_attr", "index", "splat"})
_CONVERTERS: Final[dict[str, _Converter]] = {
    "variable_expr": _reference,
    "literal_value": _literal,
    "template_expr": _template,
    "collection_value": _collection,
    "function_call": _call,
    "conditional": _conditional,
    "operation": _operation,
    "for_expr": _for,
    "expression": convert,
}
