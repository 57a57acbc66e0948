"""One template as it is deployed: alone, or as a stack within others.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-nested-stacks.html
"""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping as Dictionary
from dataclasses import replace
from functools import cached_property
from typing import Final

from kms_lint.load.cloudformation.around import Around
from kms_lint.load.cloudformation.budget import TOO_DEEP
from kms_lint.load.cloudformation.conditions import Conditions, Held, assertions
from kms_lint.load.cloudformation.doubts import Doubts
from kms_lint.load.cloudformation.formulas import Formulas
from kms_lint.load.cloudformation.includes import INCLUDE, Includes
from kms_lint.load.cloudformation.intrinsics import Intrinsics, Member
from kms_lint.load.cloudformation.nesting import handed_on, location, passed_by
from kms_lint.load.cloudformation.parameters import Parameters
from kms_lint.load.cloudformation.pieces import lent
from kms_lint.load.cloudformation.references import References
from kms_lint.source import At, Source
from kms_lint.syntax.tree import Items, Mapping, Node, Text, Unknown

STACK: Final = "AWS::CloudFormation::Stack"
_DEEPEST: Final = 20


class Stack:
    """A template with its values worked out, when they are asked for."""

    def __init__(self, node: Mapping, resources: Mapping, around: Around, source: Source) -> None:
        """`resources` are those of the template, or of a fragment."""
        self.node = node
        self.source = source
        self.around = around
        self._written = resources
        self._building = False
        self._children: dict[str, Stack | str] = {}
        self._outputs: dict[str, Node | None] = {}
        self._known: dict[bool, Conditions] = {}
        options = around.options
        said = {} if around.passed is not None else options.parameters
        self._parameters = Parameters(node.get("Parameters"), said, around.passed)
        self.references = References(self._parameters, lambda: self.resources, self._output, options, around.prefix)
        way = () if around.file is None else (around.file.location,)
        includes = Includes(around.files, around.file, way)
        mappings = Mapping(lambda: self._mappings, node.at)
        doubts = Doubts(lambda: self._by_default, lambda: self._conditions, self._parameters, around.prefix)
        self.intrinsics = Intrinsics(
            self.references, mappings, includes, around.budget, lambda: self.conditions, doubts
        )

    def let_go(self) -> None:
        """Forgets the template, and all that was worked out.

        What works values out refers back to the stack: both would stay, with the tree, until the collector finds them.
        """
        for child in self._children.values():
            if isinstance(child, Stack):
                child.let_go()
        vars(self).clear()

    @property
    def prefix(self) -> str:
        """What comes before the logical ids of the template in addresses."""
        return self.around.prefix

    @cached_property
    def members(self) -> list[Member | Unknown]:
        """The resources, those of loops and included files among them; unknown where nothing tells what is made."""
        self._building = True
        found = list(self.intrinsics.members(self._written))
        for included in self._included():
            if isinstance(included, Unknown):
                found.append(included)
            else:
                found.extend(_section(included, "Resources"))
        self._building = False
        return found

    @property
    def resources(self) -> dict[str, Member]:
        """The resources by logical id."""
        return {} if self._building else self._resources

    @cached_property
    def _resources(self) -> dict[str, Member]:
        return {str(member.name): member for member in self.members if isinstance(member, Member)}

    @property
    def conditions(self) -> Conditions:
        """The conditions of the template, as far as they are the same in every deployment."""
        return self._evaluated(certain=True)

    @property
    def _by_default(self) -> Conditions:
        """The conditions where all parameters have their defaults."""
        return self._evaluated(certain=False)

    @cached_property
    def _conditions(self) -> dict[str, Node]:
        return {str(member.name): member.value for member in self._all("Conditions")}

    def _evaluated(self, certain: bool) -> Conditions:
        if certain not in self._known:
            formulas = self.around.formulas if certain else Formulas()
            # all are open, for as long as they are worked out
            self._known[certain] = Conditions((), (), {}, self.prefix, self.variable, Formulas())
            self._known[certain] = self._worked_out(certain, formulas)
        return self._known[certain]

    def variable(self, parameter: str) -> str:
        """What a parameter is called among those of all stacks: as in the one around, where it is handed on as it is."""
        around = self.around.handed_on(parameter)
        if around is not None or parameter.startswith("AWS::"):
            return around or parameter
        return f"{self.prefix}Ref {parameter}"

    def _variable_of(self, parameter: str | None) -> str | None:
        return self.variable(parameter) if parameter is not None and parameter in self._parameters else None

    def _worked_out(self, certain: bool, formulas: Formulas) -> Conditions:
        rules = self.node.get("Rules")
        values = replace(self.intrinsics, certain=certain)
        written = rules.entries if isinstance(rules, Mapping) else ()
        return Conditions(
            ((each.name, each.value, replace(each.intrinsics, certain=certain)) for each in self._all("Conditions")),
            ((each, values) for _, rule in written for each in assertions(rule)),
            dict(self._parameters.allowed()),
            self.prefix,
            self.variable,
            formulas,
        )

    def given(self, member: Member) -> Dictionary[str, bool] | None:
        """The conditions under which a resource exists; `None` where it does not."""
        name = member.value.get("Condition") if isinstance(member.value, Mapping) else None
        text = member.intrinsics.resolve(name)
        if not isinstance(text, Text):
            return self.around.given
        held = self.conditions.held(str(text))
        if isinstance(held, Held):
            return {**self.around.given, held.name: held.holds}
        return self.around.given if held else None

    def child(self, name: str) -> Stack | str:
        """The template that a nested stack is made of, with the values it gets; or why it is not read, in words."""
        if name not in self._children:
            self._children[name] = self._read(self.resources[name])
        return self._children[name]

    def output(self, name: str) -> Node | None:
        """The value of an output; `None` where there is none."""
        if name not in self._outputs:
            member = self._written_outputs.get(name)
            value = member.value.get("Value") if member is not None and isinstance(member.value, Mapping) else None
            at = self.node.at if value is None else value.at
            self._outputs[name] = Unknown(name, at, TOO_DEEP)  # for as long as it is worked out
            self._outputs[name] = None if member is None else member.intrinsics.resolve(value)
        return self._outputs[name]

    @cached_property
    def _written_outputs(self) -> dict[str, Member]:
        return {str(member.name): member for member in self._all("Outputs")}

    def _output(self, name: str, output: str, at: At) -> Node:
        expression = f"!GetAtt {name}.Outputs.{output}"
        child = self.child(name)
        if isinstance(child, str):
            return Unknown(expression, at, child)
        too_much = self.around.budget.enter()
        try:
            value = None if too_much else child.output(output)
        finally:
            self.around.budget.leave()
        if value is None:
            return Unknown(expression, at, too_much or f"the nested template has no output `{output}`")
        if isinstance(value, Unknown):
            return Unknown(expression, at, value.reason)
        return lent(value, at, f"{name}.Outputs.{output}")

    def _read(self, member: Member) -> Stack | str:
        around = self.around
        place = location(member)
        if isinstance(place, Unknown):
            return place.reason
        read = around.files.beside(around.file, place)
        if isinstance(read, str):
            return read
        way = (*around.way, around.file.location if around.file else "")
        if read.file.location in way:
            return f"`{place}` leads back to a template that it is nested in"
        too_much = around.budget.read(read.source)
        if too_much or len(way) > _DEEPEST:
            return too_much or "stacks are nested too deeply"
        resources = read.node.get("Resources") if isinstance(read.node, Mapping) else None
        if not isinstance(read.node, Mapping) or not isinstance(resources, Mapping):
            return f"`{place}` is no template: it has no `Resources`"
        given = self.given(member)
        placed = member if given is None else member._replace(intrinsics=member.intrinsics.under(given))
        inner = replace(
            around,
            file=read.file,
            way=way,
            prefix=f"{self.prefix}{member.name}.",
            passed=passed_by(placed),
            handed_on=lambda parameter: self._variable_of(handed_on(placed, parameter)),
            given=around.given if given is None else given,
        )
        return Stack(read.node, resources, inner, read.source)

    def _all(self, section: str) -> Iterator[Member]:
        """The entries of a section, those of included files among them."""
        found = (
            self.intrinsics.members(sections) if isinstance(sections := self.node.get(section), Mapping) else iter(())
        )
        yield from (each for each in found if isinstance(each, Member))
        for included in self._included():
            if not isinstance(included, Unknown):
                yield from (each for each in _section(included, section) if isinstance(each, Member))

    @cached_property
    def _mappings(self) -> list[tuple[Text, Node]]:
        section = self.node.get("Mappings")
        resolved = self.intrinsics.resolve(section)
        found = list(resolved.entries) if isinstance(resolved, Mapping) else []
        for included in self._included():
            if not isinstance(included, Unknown):
                found.extend(
                    (each.name, each.value) for each in _section(included, "Mappings") if isinstance(each, Member)
                )
        return found

    def _included(self) -> list[tuple[Node, Intrinsics] | Unknown]:
        """The files that the template as a whole includes, and the macros that may change it."""
        return [
            self.intrinsics.includes.included(each, self.intrinsics)
            for each in transforms(self.node)
            if _is_include(each)
        ]


def transforms(node: Mapping) -> Iterator[Node]:
    """What `Transform` of a template says, one by one."""
    written = node.get("Transform")
    if written is not None:
        yield from written.values if isinstance(written, Items) else (written,)


def _is_include(node: Node) -> bool:
    return isinstance(node, Mapping) and node.get("Name") == INCLUDE


def _section(included: tuple[Node, Intrinsics], name: str) -> Iterator[Member | Unknown]:
    node, intrinsics = included
    section = node.get(name) if isinstance(node, Mapping) else None
    if isinstance(section, Mapping):
        yield from intrinsics.members(section)
