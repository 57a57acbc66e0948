"""Templates in a repository of their own, and what is read from them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kms_lint import syntax
from kms_lint.discovery import discover
from kms_lint.engine import lint, unresolved
from kms_lint.formatters.inventory import described
from kms_lint.library import built_in
from kms_lint.library import described as rules
from kms_lint.load import Options, load
from kms_lint.model import Document, World
from kms_lint.source import At


def written(folder: Path, files: Mapping[str, str]) -> Path:
    """The files in a repository."""
    (folder / ".git").mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def world(folder: Path, *names: str, options: Options | None = None) -> World:
    """What is read of files of a folder; of all of them where none is named."""
    found, _ = discover([str(folder / name) for name in names] or [str(folder)])
    here = [file._replace(path=str(Path(file.location).relative_to(folder.resolve()))) for file in found]
    return World(load(here, options or Options()))


def documents(folder: Path, *names: str, options: Options | None = None) -> dict[str, Document]:
    """The documents by path."""
    return {document.path: document for document in world(folder, *names, options=options).documents}


def shown(document: Document, type: str = "policy") -> list[dict[str, Any]]:
    """What `kms-lint show` prints of a document."""
    return [item for item in described(document)["items"] if item["type"] == type]


def findings(world: World) -> list[str]:
    """Rule, place and resource of what is found, as `rule path:line:column resource`."""
    found = []
    wanted = {about.id for about in rules() if about.persona == "default"}
    for finding in lint(world, built_in(wanted)).findings:
        at = finding.span.source.position(finding.span.start)
        found.append(f"{finding.about.id} {finding.span.source.path}:{at.line}:{at.column} {finding.resource}")
    return found


def not_known(world: World) -> list[str]:
    """What could not be worked out, as `resource: expression: message`."""
    return [f"{place.resource}: {place.expression}: {place.message}" for place in unresolved(world)]


def under(at: At) -> str:
    """The text at a place."""
    span = syntax.locate(at)
    return span.source.text[span.start : span.end]
