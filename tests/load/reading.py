"""Texts as files, what is in them, and where."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from kms_lint import syntax
from kms_lint.discovery import discover
from kms_lint.engine import lint
from kms_lint.files import File
from kms_lint.finding import Finding
from kms_lint.library import built_in
from kms_lint.load import Options, load
from kms_lint.model import Document, World
from kms_lint.source import At


def documents(texts: Mapping[str, str], options: Options | None = None) -> tuple[Document, ...]:
    """What files of these texts hold."""
    files = [File(name, f"/nowhere/{name}", True, text.encode()) for name, text in texts.items()]
    return load(files, options or Options())


def document(name: str, text: str, options: Options | None = None) -> Document:
    """What one file holds."""
    (found,) = documents({name: text}, options)
    return found


def in_folder(folder: Path, texts: Mapping[str, str], options: Options | None = None) -> dict[str, Document]:
    """What the files of a folder hold, once these are written, by their paths."""
    for name, text in texts.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    files, _ = discover(["."], (), str(folder))
    return {found.path: found for found in load(files, options or Options())}


def findings(*found: Document, rules: set[str] | None = None) -> list[Finding]:
    """What the rules find."""
    return list(lint(World(tuple(found)), built_in(rules)).findings)


def told(*found: Document, rules: set[str] | None = None) -> list[str]:
    """What the rules find, as `path:line:column rule value`."""
    return [f"{place(each.span)} {each.about.id} {each.value}" for each in findings(*found, rules=rules)]


def place(at: At) -> str:
    """Where something is written."""
    span = syntax.locate(at)
    line, column = span.source.position(span.start)
    return f"{span.source.path}:{line}:{column}"


def under(at: At) -> str:
    """What is written there."""
    span = syntax.locate(at)
    return span.source.text[span.start : span.end]
