"""One resource of a template."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping as Dictionary

from kms_lint.load.cloudformation.intrinsics import Intrinsics, Member
from kms_lint.load.cloudformation.members import document, items
from kms_lint.load.cloudformation.references import References
from kms_lint.syntax.tree import Items, Mapping, Node, Text


class Resource:
    """A resource with its properties, worked out when they are asked for."""

    __slots__ = ("_members", "_references", "_resolved", "given", "id", "intrinsics", "name", "node", "prefix", "type")

    def __init__(
        self,
        member: Member,
        type: str,
        node: Mapping,
        properties: Dictionary[str, Member],
        references: References,
        prefix: str,
        given: Dictionary[str, bool],
    ) -> None:
        """`node` is the whole resource, `properties` what it says, `given` the conditions under which it exists."""
        self.name = member.name
        self.prefix = prefix
        self.id = f"{prefix}{member.name}"
        self.type = type
        self.node = node
        self.given = given
        self.intrinsics: Intrinsics = member.intrinsics
        self._members = properties
        self._references = references
        self._resolved: dict[str, Node | None] = {}

    @property
    def account(self) -> str:
        """The account of the deployment."""
        return self._references.account

    def written(self, name: str) -> Node | None:
        """A property as it is written."""
        member = self._members.get(name)
        return None if member is None else member.value

    def property(self, name: str) -> Node | None:
        """A property, worked out."""
        if name not in self._resolved:
            member = self._members.get(name)
            self._resolved[name] = None if member is None else document(member.intrinsics.resolve(member.value))
        return self._resolved[name]

    def parts(self, name: str) -> Iterator[tuple[int, Node]]:
        """The values of a list property, worked out, with the indices that they have in the template."""
        member = self._members.get(name)
        if member is None:
            return
        if not isinstance(member.value, Items):
            resolved = self.property(name)
            yield from [(0, resolved)] if isinstance(resolved, Mapping | Text) else items(resolved)
            return
        for index, value in enumerate(member.value.values):
            worked_out = member.intrinsics.resolve(value)
            if worked_out is not None:
                yield index, worked_out

    def attribute_of(self, name: Text, attribute: str) -> Node:
        """What `Fn::GetAtt` of this resource gives, or of one that is made along with it."""
        return self._references.attribute(str(name), attribute, self.name.at)

    def reference_of(self, name: Text) -> Node | None:
        """What `Ref` of this resource gives, or of one that is made along with it."""
        return self._references.value(str(name), self.name.at)

    def entries(self) -> Iterator[tuple[Text, Node]]:
        """The properties that are there, worked out."""
        for name, member in self._members.items():
            value = self.property(name)
            if value is not None:
                yield member.name, value
