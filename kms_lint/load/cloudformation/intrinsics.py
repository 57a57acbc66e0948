"""Intrinsic functions, worked out as far as the template tells.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Final

from kms_lint.load.cloudformation.pieces import absent, joined, lent
from kms_lint.load.cloudformation.policy_text import PLACEHOLDER, is_policy, substituted
from kms_lint.load.cloudformation.references import References
from kms_lint.load.reading import plain
from kms_lint.source import At
from kms_lint.syntax.tree import Branch, Choice, Items, Mapping, Node, Scalar, Text, Unknown

_DYNAMIC: Final = re.compile(r"\{\{(resolve:[^{}]*)\}\}")
_EXPRESSION_LENGTH: Final = 80
_PARTS: Final = 500


def function(node: Node | None) -> tuple[str, Node] | None:
    """The name and the argument of the intrinsic function that a node is; `None` when it is none."""
    if isinstance(node, Mapping) and len(node.entries) == 1:
        name, argument = node.entries[0]
        if name == "Ref" or name.startswith("Fn::"):
            return str(name), argument
    return None


def written(node: Node) -> str:
    """A value as an author would write it in a template, cut where it is long."""
    text = _short(node, 3)
    return text if len(text) <= _EXPRESSION_LENGTH else text[: _EXPRESSION_LENGTH - 1] + "…"


def _short(node: Node, depth: int) -> str:
    called = function(node)
    if called and depth:
        name, argument = called
        if name == "Fn::GetAtt" and isinstance(argument, Items):
            return "!GetAtt " + ".".join(_short(each, 0) for each in argument.values[:3])
        return f"!{name.removeprefix('Fn::')} {_short(argument, depth - 1)}"
    if isinstance(node, Items) and depth:
        return "[" + ", ".join(_short(each, depth - 1) for each in node.values[:8]) + "]"
    if isinstance(node, Text):
        return str(node)
    if isinstance(node, Mapping):
        return next((f"!{name.removeprefix('Fn::')} …" for name, _ in node.entries if name.startswith("Fn::")), "{…}")
    return node.text if isinstance(node, Scalar) else "…"


class Intrinsics:
    """Resolves the values of one template."""

    def __init__(self, references: References, mappings: Mapping | None) -> None:
        """`references` answers `Ref` and `Fn::GetAtt`; names of resources may hold functions themselves."""
        self._references = references
        self._mappings = mappings
        references.resolve = self.resolve
        self._functions: dict[str, Callable[[Node, Node], Node | None]] = {
            "Ref": self._ref,
            "Fn::GetAtt": self._get_att,
            "Fn::Sub": self._sub,
            "Fn::Join": self._join,
            "Fn::If": self._if,
            "Fn::FindInMap": self._find_in_map,
            "Fn::Select": self._select,
            "Fn::Split": self._split,
            "Fn::ToJsonString": lambda _, argument: self.resolve(argument),
        }

    def resolve(self, node: Node | None) -> Node | None:
        """The value with its functions worked out, deeper levels when they are asked for; `None` for `AWS::NoValue`."""
        if isinstance(node, Text):
            return self._dynamic(node) if "{{resolve:" in node else node
        if isinstance(node, Mapping):
            called = function(node)
            if called is None:
                if any(name.startswith("Fn::") for name, _ in node.entries):
                    return Unknown(written(node), node.at, "a macro adds to it")
                return Mapping(partial(self._entries, node), node.at)
            name, argument = called
            worked_out = self._functions.get(name)
            return worked_out(node, argument) if worked_out else Unknown(written(node), node.at)
        if isinstance(node, Items):
            return Items(partial(self._values, node), node.at)
        return node

    def _entries(self, node: Mapping) -> list[tuple[Text, Node]]:
        resolved = ((name, self.resolve(value)) for name, value in node.entries)
        return [(name, value) for name, value in resolved if value is not None]

    def _values(self, node: Items) -> list[Node]:
        return [value for value in map(self.resolve, node.values) if value is not None]

    def _dynamic(self, text: Text) -> Node:
        """A text with references to Systems Manager or Secrets Manager, which are only known when it is deployed."""
        pieces: list[Node] = []
        for index, part in enumerate(_DYNAMIC.split(text)):
            pieces.append(Unknown(part, text.at) if index % 2 else Text(part, text.at))
        return joined(pieces, text.at, str(text))

    def _ref(self, node: Node, argument: Node) -> Node | None:
        if not isinstance(argument, Text):
            return Unknown(written(node), node.at)
        if argument == "AWS::NoValue":
            return None
        return self._references.value(str(argument), node.at)

    def _get_att(self, node: Node, argument: Node) -> Node:
        parts = argument.values if isinstance(argument, Items) else [argument]
        if not all(isinstance(part, Text) for part in parts):
            return Unknown(written(node), node.at)
        name, _, attribute = ".".join(str(part) for part in parts).partition(".")
        return self._references.attribute(name, attribute, node.at)

    def _sub(self, node: Node, argument: Node) -> Node:
        template, values = argument, None
        if isinstance(argument, Items):
            first, *rest = argument.values or [argument]
            template, values = first, rest[0] if rest else None
        if not isinstance(template, Text):
            return Unknown(written(node), node.at)
        given = values if isinstance(values, Mapping) else None
        if is_policy(template):
            policy = substituted(template, lambda name, literal: self._placeholder(name, literal, given, template.at))
            if policy is not None:
                return policy
        return joined(list(self._substituted(template, given, template.at)), template.at, written(node))

    def _substituted(self, template: Text, values: Mapping | None, at: At) -> Iterator[Node]:
        end = 0
        for count, found in enumerate(PLACEHOLDER.finditer(template)):
            if count >= _PARTS:
                yield Unknown("!Sub", at, "it has too many parts")
                return
            yield Text(template[end : found.start()], at)
            yield self._placeholder(found[1].strip(), found[0], values, at)
            end = found.end()
        yield Text(template[end:], at)

    def _placeholder(self, name: str, literal: str, values: Mapping | None, at: At) -> Node:
        if name.startswith("!"):
            return Text("${" + name[1:] + "}", at)
        given = values.get(name) if values is not None else None
        if given is not None:
            return self._named(self.resolve(given), name, at)
        if ":" in name and not name.startswith("AWS::"):
            # a policy variable such as `${aws:username}`, which CloudFormation wants written `${!aws:username}`
            return Text(literal, at)
        resource, _, attribute = name.partition(".")
        found = self._references.attribute(resource, attribute, at) if attribute else self._references.value(name, at)
        return self._named(found, name, at)

    def _named(self, value: Node | None, name: str, at: At) -> Node:
        if isinstance(value, Unknown):
            return Unknown(name, at, value.reason)
        return Unknown(name, at) if value is None else value

    def _join(self, node: Node, argument: Node) -> Node:
        parts = argument.values if isinstance(argument, Items) else ()
        separator = self.resolve(parts[0]) if len(parts) == 2 else None
        values = self.resolve(parts[1]) if len(parts) == 2 else None
        if not isinstance(separator, Text) or not isinstance(values, Items) or len(values) > _PARTS:
            return Unknown(written(node), node.at)
        pieces: list[Node] = []
        for value in values.values:
            pieces.extend([separator, value] if pieces else [value])
        return joined(pieces, node.at, written(node))

    def _if(self, node: Node, argument: Node) -> Node:
        if not isinstance(argument, Items) or len(argument) != 3 or not isinstance(argument.values[0], Text):
            return Unknown(written(node), node.at)
        condition, yes, no = argument.values
        resolved = (self.resolve(yes) or absent(yes.at), self.resolve(no) or absent(no.at))
        return Choice((Branch(str(condition), True, resolved[0]), Branch(str(condition), False, resolved[1])), node.at)

    def _find_in_map(self, node: Node, argument: Node) -> Node | None:
        keys = [self.resolve(each) for each in argument.values] if isinstance(argument, Items) else []
        found: Node | None = self._mappings
        for key in keys[:3]:
            plainly = plain(key) if isinstance(key, Scalar) else key
            if not isinstance(plainly, Text) or "<" in plainly or not isinstance(found, Mapping):
                return Unknown(written(node), node.at)
            found = found.get(str(plainly))
        if len(keys) < 3 or found is None:
            return Unknown(written(node), node.at)
        return lent(found, node.at, written(node))

    def _select(self, node: Node, argument: Node) -> Node | None:
        index, values = self._arguments(argument)
        which = index.text if isinstance(index, Scalar) else str(index) if isinstance(index, Text) else ""
        if not isinstance(values, Items) or not which.isdecimal() or int(which[:9]) >= len(values):
            return Unknown(written(node), node.at)
        return values.values[int(which)]

    def _split(self, node: Node, argument: Node) -> Node:
        separator, text = self._arguments(argument)
        if not isinstance(separator, Text) or not isinstance(text, Text) or not text.known or not separator:
            return Unknown(written(node), node.at)
        return Items([Text(part, node.at) for part in text.form.split(separator)], node.at)

    def _arguments(self, argument: Node) -> Sequence[Node | None]:
        if isinstance(argument, Items) and len(argument) == 2:
            return [self.resolve(each) for each in argument.values]
        return [None, None]
