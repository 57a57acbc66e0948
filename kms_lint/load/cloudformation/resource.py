"""One resource of a template."""

from __future__ import annotations

from collections.abc import Iterator

from kms_lint.load.cloudformation.intrinsics import Intrinsics
from kms_lint.load.cloudformation.references import References
from kms_lint.syntax.tree import Mapping, Node, Text


class Resource:
    """A resource with its properties, worked out when they are asked for."""

    __slots__ = ("_intrinsics", "_properties", "_references", "_resolved", "name", "node", "type")

    def __init__(
        self,
        name: Text,
        type: str,
        node: Mapping,
        properties: Mapping | None,
        intrinsics: Intrinsics,
        references: References,
    ) -> None:
        """`name` is the logical id, `node` the whole resource, `properties` what it says."""
        self.name = name
        self.type = type
        self.node = node
        self._properties = properties
        self._intrinsics = intrinsics
        self._references = references
        self._resolved: dict[str, Node | None] = {}

    @property
    def id(self) -> str:
        """The logical id."""
        return str(self.name)

    @property
    def account(self) -> str:
        """The account of the deployment."""
        return self._references.account

    def written(self, name: str) -> Node | None:
        """A property as it is written."""
        return self._properties.get(name) if self._properties is not None else None

    def property(self, name: str) -> Node | None:
        """A property, worked out."""
        if name not in self._resolved:
            self._resolved[name] = self._intrinsics.resolve(self.written(name))
        return self._resolved[name]

    def resolve(self, node: Node) -> Node | None:
        """A part of a property, worked out."""
        return self._intrinsics.resolve(node)

    def attribute(self, name: str) -> Node:
        """What `Fn::GetAtt` of this resource gives."""
        return self._references.attribute(self.id, name, self.name.at)

    def entries(self) -> Iterator[tuple[Text, Node]]:
        """The properties that are there, worked out."""
        for name, _ in self._properties.entries if self._properties is not None else ():
            value = self.property(str(name))
            if value is not None:
                yield name, value
