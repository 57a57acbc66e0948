"""The files that a service takes values from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from kms_lint.errors import MalformedError, SourceError
from kms_lint.source import Passage
from kms_lint.syntax.tree import Node

if TYPE_CHECKING:
    from kms_lint.files import File

MOST_FILES: Final = 100
"""As many files are read for one service."""

_DATA: Final = (".yml", ".yaml", ".json")
_CODE: Final = (".js", ".cjs", ".mjs", ".ts")


class Files:
    """What was read so far. All paths count from the folder of the service."""

    def __init__(self, file: File) -> None:
        """`file` is that of the service."""
        self._file = file
        self._read: dict[str, Node] = {}

    def value(self, name: str) -> Node:
        """What a file holds. Raises `SourceError`, which says why, for what is not read."""
        if name not in self._read:
            if len(self._read) >= MOST_FILES:
                raise SourceError(f"`{name}` is not read: a service takes no more than {MOST_FILES} files")
            self._read[name] = self._parsed(name)
        return self._read[name]

    def _parsed(self, name: str) -> Node:
        from kms_lint import files

        lower = name.lower()
        if lower.endswith(_CODE):
            raise SourceError(f"`{name}` is code, which is not run")
        if not lower.endswith(_DATA):
            raise SourceError(f"`{name}` is neither YAML nor JSON")
        found = files.beside(self._file, name)
        source = files.decode(found.path, files.content(found)) if not lower.endswith(".json") else None
        try:
            if source is None:
                return _json(found)
            from kms_lint.syntax import yaml

            documents = yaml.parse(source)
        except MalformedError as error:
            raise SourceError(f"`{name}` cannot be read: {error.message}") from error
        if len(documents) != 1:
            raise SourceError(f"`{name}` holds {len(documents)} documents, not one")
        return documents[0]


def _json(found: File) -> Node:
    from kms_lint import files
    from kms_lint.syntax import json

    source = files.decode(found.path, files.content(found))
    return json.parse(Passage(source, source.text))
