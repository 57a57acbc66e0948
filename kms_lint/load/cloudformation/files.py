"""The files that a template refers to: nested templates and included fragments, read once each."""

from __future__ import annotations

from typing import NamedTuple

from kms_lint.errors import MalformedError, SourceError
from kms_lint.files import File
from kms_lint.source import Passage, Source
from kms_lint.syntax.tree import Node


class Read(NamedTuple):
    """A file with its tree."""

    file: File
    source: Source
    node: Node


class Files:
    """The files around a template."""

    def __init__(self) -> None:
        self._read: dict[str, Read | str] = {}

    def beside(self, near: File | None, name: str) -> Read | str:
        """The file that another one refers to, or why it is not read, in words."""
        from kms_lint import files

        if near is None:
            return f"`{name}` is not read: nothing tells where it is"
        try:
            file = files.beside(near, name)
        except SourceError as error:
            return error.message
        if file.location not in self._read:
            self._read[file.location] = _parsed(file, name)
        return self._read[file.location]


def _parsed(file: File, name: str) -> Read | str:
    from kms_lint import files

    try:
        source = files.decode(file.path, files.content(file))
        return Read(file, source, tree(source))
    except MalformedError as error:
        return f"`{name}` cannot be read: {error.message}"
    except SourceError as error:
        return error.message


def tree(source: Source) -> Node:
    """The tree of a file: JSON by its first character, else YAML, as which JSON with comments is read too.

    Raises `MalformedError` where the text breaks.
    """
    if source.text[:100].lstrip("\ufeff \t\r\n")[:1] in ("{", "["):
        from kms_lint.syntax import json

        try:
            return json.parse(Passage(source, source.text))
        except MalformedError:
            if _is_json(source):
                raise
    from kms_lint.syntax import yaml

    trees = yaml.parse(source)
    if len(trees) != 1:
        from kms_lint.source import Span

        raise MalformedError("one document belongs here", Span(source, 0, 0))
    return trees[0]


def _is_json(source: Source) -> bool:
    return source.path.endswith(".json")
