"""YAML, composed from the parser's events, so that no input can overflow a stack and nothing is constructed.

Text stays as it is written: an account id keeps its leading zero, and a date is text.
https://yaml.org/spec/1.1/
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Final, NamedTuple, Protocol, TypeAlias

import yaml
from yaml.events import (
    AliasEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

from kms_lint.errors import MalformedError
from kms_lint.source import Source, Span
from kms_lint.syntax.tree import Items, Mapping, Node, Scalar, Text
from kms_lint.syntax.yaml_tags import core, meant

DEPTH: Final = 100
"""How many levels a document may be nested, aliases included."""

EXPANSION: Final = 50_000
"""How many values aliases and merge keys may add to a document."""

BOM: Final = "\ufeff"

_PROPERTY: Final = re.compile(r"(?:[!&][^\s,\[\]{}]*(?:[ \t]+|(?=[\r\n,\]}])|$)|(?:[ \t]*(?:#[^\n]*)?\r?\n[ \t]*))+")
# what YAML leaves out rather than what it takes, which takes ten times as long to compile
_UNPRINTABLE: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufeff\ufffe\uffff]")


class _Events(Protocol):
    def get_event(self) -> Event: ...


class _Anchored(NamedTuple):
    """What an anchor stands for: how many values it holds and how deeply they are nested."""

    node: Node
    size: int
    height: int


class _Open:
    """A mapping or a list that is being read."""

    __slots__ = ("anchor", "before", "end", "flow", "height", "mapping", "nodes", "start", "tag")

    def __init__(self, event: CollectionStartEvent, start: int, end: int, before: int) -> None:
        self.mapping = type(event) is MappingStartEvent
        self.tag: str | None = event.tag
        self.anchor: str | None = event.anchor
        self.flow = bool(event.flow_style)
        self.start = start
        self.end = end
        self.before = before
        self.height = 1
        self.nodes: list[Node] = []


_Documents: TypeAlias = "tuple[Node, ...]"


def parse(source: Source) -> _Documents:
    """The documents of a stream. Raises MalformedError where it stops being YAML."""
    moved = len(BOM) if source.text.startswith(BOM) else 0
    composer = _Composer(source, moved)
    try:
        return composer.documents(_loader()(source.text[moved:]))
    except yaml.MarkedYAMLError as error:
        from kms_lint.syntax.yaml_fault import fault

        message, index = fault(error, source.text[moved:])
        raise MalformedError(message, composer.character(index)) from error
    except (yaml.reader.ReaderError, UnicodeEncodeError) as error:
        found = _UNPRINTABLE.search(source.text, moved)
        index = found.start() - moved if found else 0
        raise MalformedError("this character must not occur in YAML", composer.character(index)) from error


@lru_cache(maxsize=1)
def _loader() -> Callable[[str], _Events]:
    """The parser in C, or where PyYAML was built without it the same in Python, ten times slower."""
    loader: Callable[[str], _Events] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return loader


class _Composer:
    def __init__(self, source: Source, moved: int) -> None:
        self._source = source
        self._moved = moved
        self._documents: list[Node] = []
        self._open: list[_Open] = []
        self._anchors: dict[str, _Anchored | None] = {}
        self._count = 0
        self._added = 0

    def character(self, index: int) -> Span:
        """The span of one character, by its index in the text without byte order mark."""
        index = min(index + self._moved, len(self._source.text))
        return Span(self._source, index, min(index + 1, len(self._source.text)))

    def documents(self, events: _Events) -> _Documents:
        """Every document, in order."""
        get, scalar = events.get_event, self._scalar
        while True:
            event = get()
            kind = type(event)
            if kind is ScalarEvent:
                scalar(event)  # type: ignore[arg-type]
            elif kind is MappingStartEvent or kind is SequenceStartEvent:
                self._begin(event)  # type: ignore[arg-type]
            elif kind is MappingEndEvent or kind is SequenceEndEvent:
                self._finish(event.end_mark.index + self._moved)  # type: ignore[union-attr]
            elif kind is AliasEvent:
                self._alias(event)  # type: ignore[arg-type]
            elif kind is DocumentStartEvent:
                self._anchors.clear()
            elif kind is StreamEndEvent:
                return tuple(self._documents)

    def _range(self, event: Event) -> tuple[int, int]:
        return event.start_mark.index + self._moved, event.end_mark.index + self._moved  # type: ignore[union-attr]

    def _scalar(self, event: ScalarEvent) -> None:
        source, moved, open_ = self._source, self._moved, self._open
        start = event.start_mark.index + moved  # type: ignore[union-attr]
        end = event.end_mark.index + moved  # type: ignore[union-attr]
        style, tag, anchor = event.style, event.tag, event.anchor
        if style == "|" or style == ">":
            end = start + len(source.text[start:end].rstrip())
        value: str = event.value
        node: Node
        if tag is None:
            span = Span(source, start if anchor is None else self._after_properties(start, end), end)
            node = core(value, span) if event.implicit[0] else Text(value, span)
        else:
            text = Text(value, Span(source, self._after_properties(start, end), end))
            node = meant(tag, text, Span(source, start, end), plain=style is None)
        self._count += 1
        if anchor is not None:
            self._anchors[anchor] = _Anchored(node, 1, 0)
        if open_:
            collection = open_[-1]
            collection.nodes.append(node)
            collection.end = end
        else:
            self._documents.append(node)

    def _after_properties(self, start: int, end: int) -> int:
        """Where a value begins after its tag and its anchor."""
        match = _PROPERTY.match(self._source.text, start, end)
        return match.end() if match else start

    def _begin(self, event: CollectionStartEvent) -> None:
        start, end = self._range(event)
        if len(self._open) >= DEPTH:
            raise MalformedError(f"nested too deeply: at most {DEPTH} levels are read", self.character(start))
        if event.anchor is not None:
            self._anchors[event.anchor] = None
        self._count += 1
        self._open.append(_Open(event, start, end, self._count - 1))

    def _alias(self, event: AliasEvent) -> None:
        start, end = self._range(event)
        if event.anchor not in self._anchors:
            raise MalformedError(f"no anchor &{event.anchor} stands above this", Span(self._source, start, end))
        anchored = self._anchors[event.anchor]
        if anchored is None:
            raise MalformedError("an alias stands inside of what it stands for", Span(self._source, start, end))
        if len(self._open) + anchored.height > DEPTH:
            raise MalformedError("aliases make this nested too deeply", Span(self._source, start, end))
        self._spend(anchored.size, start)
        if self._open:
            self._open[-1].height = max(self._open[-1].height, anchored.height + 1)
        self._add(anchored.node, end)

    def _spend(self, size: int, at: int) -> None:
        """Counts values that are in the document once more than they are written."""
        self._count += size
        self._added += size
        if self._added > EXPANSION:
            raise MalformedError("aliases make this too large to be read", self.character(at - self._moved))

    def _add(self, node: Node, end: int) -> None:
        if self._open:
            self._open[-1].nodes.append(node)
            self._open[-1].end = end
        else:
            self._documents.append(node)

    def _finish(self, end: int) -> None:
        collection = self._open.pop()
        if not collection.flow:
            end = collection.end  # the parser's own runs on over blank lines and comments
        span = Span(self._source, collection.start, end)
        node: Node = self._mapping(collection.nodes, span) if collection.mapping else Items(collection.nodes, span)
        if collection.tag is not None:
            node = meant(collection.tag, node, span)
        if collection.anchor is not None:
            self._anchors[collection.anchor] = _Anchored(node, self._count - collection.before, collection.height)
        if self._open and self._open[-1].height <= collection.height:
            self._open[-1].height = collection.height + 1
        self._add(node, end)

    def _mapping(self, nodes: list[Node], span: Span) -> Mapping:
        names = [name if type(name) is Text else self._name(name) for name in nodes[::2]]
        entries: list[tuple[Text, Node]] = list(zip(names, nodes[1::2], strict=True))
        merges = "<<" in names and any(name == "<<" and self._plain(name) for name in names)
        return Mapping(self._merged(entries) if merges else entries, span)

    def _name(self, node: Node) -> Text:
        if isinstance(node, Text):
            return node
        if isinstance(node, Scalar):
            return Text(node.text, node.at)
        assert isinstance(node.at, Span)
        return Text(node.at.source.text[node.at.start : node.at.end], node.at)

    def _plain(self, name: Text) -> bool:
        return isinstance(name.at, Span) and name.at.end - name.at.start == len("<<")

    def _merged(self, entries: list[tuple[Text, Node]]) -> list[tuple[Text, Node]]:
        """The entries with those of `<<`; what is written in the mapping itself wins.

        https://yaml.org/type/merge.html
        """
        own = [(name, value) for name, value in entries if not (name == "<<" and self._plain(name))]
        taken = {str(name) for name, _ in own}
        for name, value in entries:
            if name != "<<" or not self._plain(name):
                continue
            for mapping in value.values if isinstance(value, Items) else (value,):
                if not isinstance(mapping, Mapping):
                    assert isinstance(name.at, Span)
                    raise MalformedError("expected a mapping, or a list of mappings, to merge", name.at)
                self._merge(mapping, own, taken, name)
        return own

    def _merge(self, mapping: Mapping, own: list[tuple[Text, Node]], taken: set[str], name: Text) -> None:
        assert isinstance(name.at, Span)
        self._spend(len(mapping), name.at.start)
        merged = [entry for entry in mapping.entries if entry[0] not in taken]
        own.extend(merged)
        taken.update(str(name) for name, _ in merged)
