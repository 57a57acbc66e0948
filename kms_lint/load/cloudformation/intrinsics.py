"""Intrinsic functions, worked out as far as the template tells.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from collections.abc import Mapping as Dictionary
from dataclasses import field, replace
from functools import partial
from typing import TYPE_CHECKING, ClassVar, Final, NamedTuple, TypeAlias

from kms_lint.load.cloudformation import functions
from kms_lint.load.cloudformation.budget import Budget
from kms_lint.load.cloudformation.conditions import Conditions
from kms_lint.load.cloudformation.doubts import Doubts
from kms_lint.load.cloudformation.pieces import branched, chosen, lent
from kms_lint.load.cloudformation.references import References
from kms_lint.load.cloudformation.spelling import function, written
from kms_lint.load.cloudformation.substitution import dynamic, identified, is_composed, sub
from kms_lint.record import dataclass
from kms_lint.syntax.tree import ANYTHING, Items, Mapping, Node, Text, Unknown

if TYPE_CHECKING:
    from kms_lint.load.cloudformation.includes import Includes

__all__ = ["Intrinsics", "Member", "function", "written"]

_LOOP: Final = "Fn::ForEach::"
_TRANSFORM: Final = "Fn::Transform"
_ONLY_DEPLOYED: Final = {
    "Fn::ImportValue": "it is exported by another stack",
    "Fn::GetAZs": "which Availability Zones an account has is only known when it is deployed",
}


class Member(NamedTuple):
    """An entry of an object as it is written, and what works its value out."""

    name: Text
    value: Node
    intrinsics: Intrinsics


@dataclass(frozen=True, eq=False)
class Intrinsics:
    """Resolves the values of one template.

    `bound` are the identifiers of the loops around. `certain` is whether values count only where no deployment changes
    them: without defaults of parameters, and without the account and Region unless they were said. `doubted` are the
    parameters whose defaults do not count, under the conditions around.
    """

    references: References
    mappings: Mapping | None
    includes: Includes
    budget: Budget
    conditions: Callable[[], Conditions]
    doubts: Doubts
    bound: Dictionary[str, Text] = field(default_factory=dict)
    certain: bool = False
    doubted: frozenset[str] = frozenset()

    def resolve(self, node: Node | None) -> Node | None:
        """The value with its functions worked out, deeper levels when they are asked for; `None` for `AWS::NoValue`."""
        if isinstance(node, Text):
            text = identified(node, self.bound) if self.bound else node
            return dynamic(text) if "{{resolve:" in text else text
        if isinstance(node, Mapping):
            return self._mapping(node)
        if isinstance(node, Items):
            return Items(partial(self._values, node), node.at)
        return node

    def members(self, node: Mapping) -> Iterator[Member | Unknown]:
        """The entries of an object, those that loops and included files add among them."""
        for name, value in node.entries:
            if name.startswith(_LOOP):
                yield from self._rounds(name, value)
            elif name == _TRANSFORM:
                yield from self._included(name, value)
            else:
                yield Member(identified(name, self.bound) if self.bound else name, value, self)

    def _mapping(self, node: Mapping) -> Node | None:
        called = function(node)
        if called is not None and not called[0].startswith((_LOOP, _TRANSFORM)):
            return self._called(node, *called)
        if not any(name.startswith("Fn::") for name, _ in node.entries):
            return Mapping(partial(self._entries, node), node.at)
        return self._added_to(node)

    def _added_to(self, node: Mapping) -> Node | None:
        """An object that loops and macros add to."""
        alone = function(node)
        if alone is not None and alone[0] == _TRANSFORM:
            found = self.includes.included(alone[1], self)
            return found if isinstance(found, Unknown) else found[1].resolve(found[0])
        entries: list[tuple[Text, Node]] = []
        for member in self.members(node):
            if isinstance(member, Unknown):
                if not member.expression.startswith(_LOOP):
                    return Unknown(written(node), node.at, member.reason)
                entries.append((Text(f"<{member.expression}>", member.at, ANYTHING), member))
            elif member.name.startswith("Fn::"):
                return Unknown(written(node), node.at, "a macro adds to it")
            else:
                value = member.intrinsics.resolve(member.value)
                entries.extend([] if value is None else [(member.name, value)])
        return Mapping(entries, node.at)

    def _entries(self, node: Mapping) -> list[tuple[Text, Node]]:
        resolved = (
            (identified(name, self.bound) if self.bound else name, self.resolve(value)) for name, value in node.entries
        )
        return [(name, value) for name, value in resolved if value is not None]

    def _values(self, node: Items) -> list[Node]:
        return [value for value in map(self.resolve, node.values) if value is not None]

    def _called(self, node: Mapping, name: str, argument: Node) -> Node | None:
        too_much = self.budget.enter()
        try:
            if too_much:
                return Unknown(written(node), node.at, too_much)
            work = self._FUNCTIONS.get(name)
            if work is not None:
                return work(self, node, argument)
            return Unknown(written(node), node.at, _ONLY_DEPLOYED.get(name, ""))
        finally:
            self.budget.leave()

    def _rounds(self, name: Text, argument: Node) -> Iterator[Member | Unknown]:
        """What a loop makes.

        https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-foreach.html
        """
        identifier, collection, body = (
            argument.values if isinstance(argument, Items) and len(argument) == 3 else (None,) * 3
        )
        values = self.resolve(collection)
        if not isinstance(identifier, Text) or not isinstance(body, Mapping) or not isinstance(values, Items):
            reason = values.reason if isinstance(values, Unknown) else ""
            yield Unknown(str(name), name.at, reason or "what the loop goes through is only known when it is deployed")
            return
        for value in values.values:
            plainly = functions.as_text(value)
            too_much = self.budget.round(body)
            if plainly is None or not plainly.known or too_much:
                yield Unknown(str(name), name.at, too_much or "what the loop goes through is only known in part")
                return
            loop = replace(self, bound={**self.bound, str(identifier): plainly})
            yield from loop.members(body)

    def _included(self, name: Text, argument: Node) -> Iterator[Member | Unknown]:
        found = self.includes.included(argument, self)
        if isinstance(found, Unknown):
            yield found
        elif isinstance(found[0], Mapping):
            yield from found[1].members(found[0])
        else:
            yield Unknown(written(argument), name.at, "the included file holds no object")

    def _ref(self, node: Node, argument: Node) -> Node | None:
        def named(values: Sequence[Node | None]) -> Node | None:
            name = values[0]
            if not isinstance(name, Text) or not name.known:
                return Unknown(written(node), node.at)
            return self._named(str(name), node)

        return branched([self.resolve(argument)], node.at, partial(written, node), named)

    def _named(self, name: str, node: Node) -> Node | None:
        if name == "AWS::NoValue":
            return None
        if name in self.bound:
            return lent(self.bound[name], node.at, name)
        return self.references.value(name, node.at, self.certain or name in self.doubted)

    def _get_att(self, node: Node, argument: Node) -> Node | None:
        parts = [self.resolve(each) for each in (argument.values if isinstance(argument, Items) else [argument])]

        def attribute(values: Sequence[Node | None]) -> Node | None:
            if not all(isinstance(part, Text) and part.known for part in values):
                return Unknown(written(node), node.at)
            name, _, rest = ".".join(map(str, values)).partition(".")
            return self.references.attribute(name, rest, node.at, self.certain)

        return branched(parts, node.at, partial(written, node), attribute)

    def _sub(self, node: Node, argument: Node) -> Node:
        template, values = argument, None
        if isinstance(argument, Items):
            first, *rest = argument.values or [argument]
            template, values = first, rest[0] if rest else None
        if not isinstance(template, Text):
            return Unknown(written(node), node.at)

        def value(name: str, given: Node | None) -> Node | None:
            if given is not None:
                return self.resolve(given)
            if name in self.bound:
                return self.bound[name]
            resource, _, attribute = name.partition(".")
            if attribute:
                return self.references.attribute(resource, attribute, template.at, self.certain)
            return self.references.value(name, template.at, self.certain or name in self.doubted)

        ours = values if isinstance(values, Mapping) else None
        if self.bound and is_composed(template):
            template = identified(template, self.bound)
        return sub(template, ours, template.at, partial(written, node), value)

    def _if(self, node: Node, argument: Node) -> Node | None:
        if not isinstance(argument, Items) or len(argument) != 3:
            return Unknown(written(node), node.at)
        condition, yes, no = argument.values
        name = self.resolve(condition.get("Condition") if isinstance(condition, Mapping) else condition)
        if not isinstance(name, Text):
            return Unknown(written(node), node.at)
        held = self.conditions().held(str(name))
        if isinstance(held, bool):
            return self.resolve(yes if held else no)
        if not held.holds:
            yes, no = no, yes
        holds, fails = (self.under({held.name: truth}) for truth in (True, False))
        return chosen(held.name, holds.resolve(yes), fails.resolve(no), node.at)

    def under(self, decided: Dictionary[str, bool]) -> Intrinsics:
        """The same where conditions hold or do not."""
        doubted = frozenset().union(*(self.doubts.about(name, holds) for name, holds in decided.items()))
        return self if doubted <= self.doubted else replace(self, doubted=self.doubted | doubted)

    def _find_in_map(self, node: Node, argument: Node) -> Node | None:
        parts = argument.values if isinstance(argument, Items) else ()
        if len(parts) < 3:
            return Unknown(written(node), node.at)
        default = parts[3].get("DefaultValue") if len(parts) > 3 and isinstance(parts[3], Mapping) else None

        def found(keys: Sequence[Node | None]) -> Node | None:
            value = functions.find_in_map(self.mappings, keys, node.at, partial(written, node))
            if isinstance(value, Unknown):
                return value
            if value is None:
                return (
                    Unknown(written(node), node.at, "the map has no such keys")
                    if default is None
                    else self.resolve(default)
                )
            return lent(value, node.at, written(node))

        return branched([self.resolve(each) for each in parts[:3]], node.at, partial(written, node), found)

    def _select(self, node: Node, argument: Node) -> Node | None:
        def one(arguments: Sequence[Node | None]) -> Node | None:
            if len(arguments) != 2 or not isinstance(arguments[1], Items):
                return Unknown(written(node), node.at)
            flat = [arguments[0], *arguments[1].values]
            return branched(
                flat,
                node.at,
                partial(written, node),
                lambda here: functions.select(here, node.at, partial(written, node)),
            )

        return branched(self._arguments(argument), node.at, partial(written, node), one)

    def _length(self, node: Node, argument: Node) -> Node | None:
        def counted(values: Sequence[Node | None]) -> Node | None:
            if not isinstance(values[0], Items):
                return Unknown(written(node), node.at)
            inner = values[0].values
            return branched(
                inner,
                node.at,
                partial(written, node),
                lambda here: functions.length(here, node.at, partial(written, node)),
            )

        return branched([self.resolve(argument)], node.at, partial(written, node), counted)

    def _to_json(self, node: Node, argument: Node) -> Node | None:
        return functions.json_text(self.resolve(argument), node.at, partial(written, node))

    def _arguments(self, argument: Node) -> Sequence[Node | None]:
        return [self.resolve(each) for each in (argument.values if isinstance(argument, Items) else [argument])]

    def _plainly(self, compute: functions.Function, node: Node, argument: Node) -> Node | None:
        return branched(
            self._arguments(argument),
            node.at,
            partial(written, node),
            lambda values: compute(values, node.at, partial(written, node)),
        )

    _FUNCTIONS: ClassVar[Dictionary[str, Work]]


Work: TypeAlias = Callable[[Intrinsics, Node, Node], Node | None]


def _plain(compute: functions.Function) -> Work:
    """A function that works on the values of its arguments alone."""
    return lambda intrinsics, node, argument: intrinsics._plainly(compute, node, argument)


Intrinsics._FUNCTIONS = {
    "Ref": Intrinsics._ref,
    "Fn::GetAtt": Intrinsics._get_att,
    "Fn::Sub": Intrinsics._sub,
    "Fn::If": Intrinsics._if,
    "Fn::FindInMap": Intrinsics._find_in_map,
    "Fn::Select": Intrinsics._select,
    "Fn::Length": Intrinsics._length,
    "Fn::ToJsonString": Intrinsics._to_json,
    "Fn::Join": _plain(functions.join),
    "Fn::Split": _plain(functions.split),
    "Fn::Base64": _plain(functions.base64),
    "Fn::Cidr": _plain(functions.cidr),
}
