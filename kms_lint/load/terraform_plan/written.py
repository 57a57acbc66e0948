"""The values of resources as they stand in a plan or state, without what is not known yet."""

from __future__ import annotations

from kms_lint.load.terraform_plan.outline import Entry, Outline
from kms_lint.load.terraform_plan.veil import veiled
from kms_lint.source import Passage, Source, Span
from kms_lint.syntax.tree import Mapping, Node, Scalar, Text


class Written:
    """What a file says of each resource, parsed when it is asked for."""

    def __init__(self, outline: Outline, shown: Source) -> None:
        """`shown` is the text as it may be shown."""
        self.outline = outline
        self._shown = shown
        self._read: dict[str, Node] = {}

    def header(self, entry: Entry) -> Span:
        """The place of what names a resource."""
        return Span(self._shown, *entry.header)

    def parsed(self, entry: Entry) -> Node:
        """The values as they stand in the file."""
        node = self._read.get(entry.address)
        if node is None:
            from kms_lint.syntax import json

            start, end = entry.values
            node = json.parse(Passage(self._shown, self.outline.source.text[start:end], (0,), (start,)))
            if entry.flat and isinstance(node, Mapping):
                from kms_lint.load.terraform_plan.flat import unflattened

                node = unflattened(node)
            self._read[entry.address] = node
        return node

    def known(self, entry: Entry, name: str) -> Text | Scalar | None:
        """An attribute that is known and not null: for what refers to it, whatever else of the resource is not known."""
        unknown = None if entry.change is None else entry.change.unknown
        node = self.parsed(entry)
        value = node.get(name) if isinstance(node, Mapping) else None
        if (isinstance(unknown, dict) and unknown.get(name)) or not isinstance(value, Text | Scalar) or is_null(value):
            return None
        hidden = isinstance(entry.sensitive, dict) and entry.sensitive.get(name) is True
        covered = veiled(value) if hidden else value
        return covered if isinstance(covered, Text | Scalar) else None


def is_null(value: Node) -> bool:
    """Whether a value is null: Terraform's word for an argument that is not written."""
    return isinstance(value, Scalar) and value.value is None
