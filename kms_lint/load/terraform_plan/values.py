"""The values of the resources of a plan or state, with what is not known yet in its place.

https://developer.hashicorp.com/terraform/internals/json-format#change-representation
"""

from __future__ import annotations

from typing import Final

from kms_lint.load.options import Options
from kms_lint.load.terraform_plan.configuration import Configuration, inside
from kms_lint.load.terraform_plan.deployment import Deployment
from kms_lint.load.terraform_plan.outline import Entry, Outline
from kms_lint.load.terraform_plan.references import References
from kms_lint.load.terraform_plan.veil import veiled
from kms_lint.load.terraform_plan.written import Written, is_null
from kms_lint.source import At, Source, Span
from kms_lint.syntax.tree import Items, Mapping, Node, Text

_UNTOLD: Final = object()
"""Stands for the expressions of a resource that the configuration in a plan does not tell of."""


class Values:
    """The values of all resources, worked out when they are asked for."""

    def __init__(self, outline: Outline, shown: Source, configuration: Configuration, options: Options) -> None:
        """`shown` is the text as it may be shown."""
        self.outline = outline
        self.configuration = configuration
        self._written = Written(outline, shown)
        self.deployment = Deployment(self._written, configuration, options)
        self._references = References(self._written, configuration, self.deployment, self.of)
        self._nodes: dict[str, Mapping] = {}

    @property
    def taken(self) -> dict[tuple[str, str], str]:
        """The arguments that were taken for a policy document, so far: see `References`."""
        return self._references.taken

    def header(self, entry: Entry) -> Span:
        """The place of what names a resource."""
        return self._written.header(entry)

    def whole(self, entry: Entry) -> Span:
        """The place of all values of a resource."""
        return self._written.whole(entry)

    def of(self, entry: Entry) -> Mapping:
        """The values of a resource by the names of its arguments and attributes; what is null is left out."""
        node = self._nodes.get(entry.address)
        if node is None:
            parsed = self._written.parsed(entry)
            unknown = None if entry.change is None else entry.change.unknown
            described = self.configuration.resource(entry.module, entry.plain)
            # A plan that was cut down may lack its configuration: then nobody knows what was written.
            written = described.get("expressions") if described else _UNTOLD
            merged = self._merged(entry, parsed, unknown, written, parsed.at, "", entry.sensitive)
            node = merged if isinstance(merged, Mapping) else Mapping((), self.header(entry))
            self._nodes[entry.address] = node
        return node

    def _merged(
        self, entry: Entry, node: Node | None, unknown: object, written: object, at: At, path: str, sensitive: object
    ) -> Node | None:
        """A value with what is not known of it, from `after_unknown`, which has the same shape."""
        if unknown is True:
            return self._references.unknown(entry, written, at, path)
        if sensitive is True and node is not None:
            return veiled(node)
        marks = sensitive if isinstance(sensitive, dict | list) else ()
        if isinstance(unknown, list) and isinstance(node, Items):
            return self._list(entry, node, unknown, written, path, marks)
        if isinstance(node, Mapping) and (isinstance(unknown, dict) or marks or not path):
            return Mapping(lambda: self._object(entry, node, unknown, written, path, marks), node.at)
        if node is None and isinstance(unknown, dict) and unknown:
            return Mapping(lambda: self._object(entry, None, unknown, written, path, ()), at)
        if isinstance(node, Items) and isinstance(marks, list):
            return self._list(entry, node, [], written, path, marks)
        return node

    def _object(
        self, entry: Entry, node: Mapping | None, unknown: object, written: object, path: str, marks: object
    ) -> list[tuple[Text, Node]]:
        missing = dict(unknown) if isinstance(unknown, dict) else {}
        sensitive = marks if isinstance(marks, dict) else {}
        found: list[tuple[Text, Node]] = []
        for name, value in node.entries if node is not None else ():
            below = f"{path}.{name}" if path else str(name)
            given = None if is_null(value) else value
            mark = missing.pop(name, None)
            if given is None and mark in (None, False):
                continue
            made = self._merged(entry, given, mark, inside(written, name), value.at, below, sensitive.get(name))
            if made is not None:
                found.append((name, made))
        at = self.header(entry) if node is None else node.at
        for name, mark in missing.items():
            if path or written is _UNTOLD or (isinstance(written, dict) and name in written):
                below = f"{path}.{name}" if path else name
                made = self._merged(entry, None, mark, inside(written, name), self.header(entry), below, None)
                if made is not None:
                    found.append((Text(name, at), made))
        return found

    def _list(
        self, entry: Entry, node: Items, unknown: list[object], written: object, path: str, marks: object
    ) -> Node:
        count = max(len(node.values), len(unknown))
        if unknown and len(unknown) != len(node.values):
            return self._references.unknown(entry, written, node.at, path)
        sensitive = marks if isinstance(marks, list) and len(marks) == count else [None] * count
        made = [
            self._merged(
                entry,
                None if is_null(value) else value,
                unknown[index] if unknown else None,
                inside(written, index, count),
                value.at,
                f"{path}[{index}]",
                sensitive[index],
            )
            for index, value in enumerate(node.values)
        ]
        return Items([value for value in made if value is not None], node.at)
