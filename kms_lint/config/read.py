"""Configuration files as trees with places: YAML, or a table of pyproject.toml."""

from __future__ import annotations

import os
from datetime import date
from typing import Final

from kms_lint.errors import ConfigError, MalformedError
from kms_lint.source import Source, Span
from kms_lint.syntax.tree import Items, Mapping, Node, Scalar, Text

FILES: Final = ("kms-lint.yaml", ".kms-lint.yaml", "kms-lint.yml", ".kms-lint.yml", "pyproject.toml")
"""The names of configuration files; the first one in a folder counts."""

_LARGEST: Final = 4 * 1024 * 1024


def find(folder: str) -> str | None:
    """The configuration file of a folder. A pyproject.toml counts when it says something about kms-lint."""
    for name in FILES:
        path = os.path.join(folder, name)
        if os.path.isfile(path) and (name != "pyproject.toml" or b"tool.kms-lint" in _bytes(path, path)):
            return path
    return None


def read(path: str, shown: str) -> Mapping:
    """What a configuration file says; `shown` is its path in messages. Raises `ConfigError` when it cannot be read."""
    try:
        source = Source(shown, _bytes(path, shown).decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise ConfigError(f"{shown} is not text in UTF-8") from error
    root = _toml(source) if path.endswith(".toml") else _yaml(source)
    if not isinstance(root, Mapping):
        raise ConfigError("a configuration file holds names and values", Span(source, 0, 0))
    return root


def _bytes(path: str, shown: str) -> bytes:
    try:
        with open(path, "rb") as file:
            content = file.read(_LARGEST + 1)
    except OSError as error:
        raise ConfigError(f"{shown} cannot be read: {(error.strerror or 'error').lower()}") from error
    if len(content) > _LARGEST:
        raise ConfigError(f"{shown} is larger than a configuration can be")
    return content


def _yaml(source: Source) -> Node:
    from kms_lint.syntax.yaml import parse

    try:
        documents = parse(source)
    except MalformedError as error:
        raise ConfigError(error.message, error.at) from error
    if len(documents) > 1:
        raise ConfigError("a configuration file is one document", Span(source, 0, 0))
    empty = not documents or (isinstance(documents[0], Scalar) and documents[0].value is None)
    return Mapping((), Span(source, 0, 0)) if empty else documents[0]


def _toml(source: Source) -> Node:
    import tomllib

    try:
        whole = tomllib.loads(source.text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{source.path} is not TOML: {str(error).lower()}") from error
    tool = whole.get("tool")
    table = tool.get("kms-lint", {}) if isinstance(tool, dict) else {}
    return _Places(source, max(source.text.find("[tool.kms-lint"), 0)).node(table)


class _Places:
    """Finds where names and texts of a TOML table stand: its parser keeps their order, and no places."""

    def __init__(self, source: Source, start: int) -> None:
        """`start` is where the table begins."""
        self._source = source
        self._start = start
        self._last = start

    def node(self, value: object) -> Node:
        """A value as a node."""
        here = Span(self._source, self._last, self._last)
        if isinstance(value, dict):
            return Mapping(
                [(Text(str(name), self._place(str(name))), self.node(inner)) for name, inner in value.items()], here
            )
        if isinstance(value, list):
            return Items([self.node(each) for each in value], here)
        if isinstance(value, bool):
            return Scalar(value, str(value).lower(), here)
        if isinstance(value, int | float):
            return Scalar(str(value), str(value), here)
        text = value.isoformat() if isinstance(value, date) else str(value)
        return Text(text, self._place(text))

    def _place(self, text: str) -> Span:
        found = self._source.text.find(text, self._last)
        if found < 0:
            found = self._source.text.find(text, self._start)
        if found < 0:
            return Span(self._source, self._last, self._last)
        self._last = found + len(text)
        return Span(self._source, found, self._last)
