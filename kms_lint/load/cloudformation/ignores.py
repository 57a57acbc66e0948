"""Ignores that are written as `Metadata` of a template or of a resource."""

from __future__ import annotations

from collections.abc import Iterator

from kms_lint import syntax
from kms_lint.model import InlineIgnore
from kms_lint.source import At, Span
from kms_lint.syntax.tree import Items, Mapping, Node, Scalar, Text


def ignores(holder: Node, name: Text | None = None) -> Iterator[InlineIgnore]:
    """The ignores in the metadata of a template or of the resource called `name`, which cover all of it."""
    metadata = holder.get("Metadata") if isinstance(holder, Mapping) else None
    ours = metadata.get("kms-lint") if isinstance(metadata, Mapping) else None
    written = ours.get("ignore") if isinstance(ours, Mapping) else None
    if written is None:
        return
    covers = _covers(holder.at, name)
    for each in written.values if isinstance(written, Items) else [written]:
        rules = tuple(_texts(_rules(each) if isinstance(each, Mapping) else each))
        reason, until, statement = (_text(each, part) for part in ("reason", "until", "statement"))
        yield InlineIgnore(rules, reason, until, statement, each.at, covers)


def _covers(at: At, name: Text | None) -> At:
    if name is None:
        return at
    first, whole = syntax.locate(name.at), syntax.locate(at)
    return Span(whole.source, first.start, whole.end)


def _rules(entry: Mapping) -> Node | None:
    return entry.get("rule") or entry.get("rules") or entry.get("id")


def _texts(node: Node | None) -> Iterator[Text]:
    for each in node.values if isinstance(node, Items) else [node]:
        if isinstance(each, Text):
            yield each


def _text(node: Node, name: str) -> str | None:
    value = node.get(name) if isinstance(node, Mapping) else None
    if isinstance(value, Scalar) and value.value is not None:
        return value.text
    return str(value) if isinstance(value, Text) else None
