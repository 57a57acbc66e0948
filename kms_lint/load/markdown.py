"""Markdown: each fenced block that holds one of the other inputs is read like a file of its own.

https://spec.commonmark.org/0.31.2/#fenced-code-blocks
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from kms_lint.errors import MalformedError
from kms_lint.load import content
from kms_lint.load.abridged import abridged, invented_account, placeholder, to_fill_in, unknown_in
from kms_lint.load.markdown_ignores import ignores
from kms_lint.load.options import Options
from kms_lint.model import Document, Problem, Status, Unresolved
from kms_lint.source import Passage, Source, Span
from kms_lint.syntax.markdown import Fence, fences
from kms_lint.syntax.tree import Node

if TYPE_CHECKING:
    from kms_lint.files import File

MOST_FENCES: Final = 1000
"""As many blocks of a file are read."""

_JSON: Final = frozenset({"json", "jsonc", "json5", "jsonl", "ndjson"})
_YAML: Final = frozenset({"yaml", "yml"})
_TERRAFORM: Final = frozenset({"hcl", "terraform", "tf", "opentofu", "tofu"})
_READ: Final = _JSON | _YAML | _TERRAFORM
_KIND: Final = "Markdown"


def markdown(file: File, options: Options) -> Document:
    """What the blocks of a file hold. Raises `SourceError` for a file that cannot be read."""
    from kms_lint import files

    try:
        source = files.decode(file.path, files.content(file))
    except MalformedError as error:
        problems = (Problem("malformed-document", error.message, error.at),) if file.named else ()
        status = Status.MALFORMED if file.named else Status.SKIPPED
        return Document(file.path, "json", _KIND, error.at.source, status, problems=problems)
    if not content.speaks_of_keys(source.text):
        return Document(file.path, "json", "", status=Status.SKIPPED)
    every = tuple(fences(source))
    ours = [fence for fence in every if fence.language in _READ and content.speaks_of_keys(fence.passage.text)]
    parts = [part for part in _parts(ours[:MOST_FENCES], file, options) if part.status is not Status.SKIPPED]
    return _whole(file.path, source, parts, every, ours[MOST_FENCES:])


def _whole(
    path: str, source: Source, parts: Sequence[Document], every: Sequence[Fence], left: Sequence[Fence]
) -> Document:
    """The blocks as one document, with the ignores that stand above them."""
    if not parts:
        return Document(path, "json", "", status=Status.SKIPPED)
    message = f"only the first {MOST_FENCES} fenced blocks of a file are read"
    rest = tuple(Unresolved("the rest of the file", message, fence.at) for fence in left[:1])
    whole = content.together(list(parts))
    kinds = dict.fromkeys(part.kind for part in parts)
    return replace(
        whole,
        path=path,
        kind=f"{_KIND} with {' and '.join(kinds)}",
        source=source,
        unresolved=(*whole.unresolved, *rest),
        ignores=(*whole.ignores, *ignores(source, every)),
        parts=tuple(parts),
    )


def _parts(ours: Sequence[Fence], file: File, options: Options) -> Iterator[Document]:
    name = os.path.basename(file.path)
    for index, fence in enumerate(ours):
        source = Source(file.path, fence.passage.text, within=fence.passage)
        cut = abridged(source) or (invented_account(source) if fence.language in _TERRAFORM else None)
        if cut is not None:
            yield _unresolved(file.path, source, fence, cut)
            continue
        here = file._replace(named=False)
        if fence.language in _TERRAFORM:
            yield _terraform(here, source, fence, index, options)
        else:
            yield _data(here, source, fence, name if len(ours) == 1 else f"{name}[{index}]", options)


def _data(file: File, source: Source, fence: Fence, name: str, options: Options) -> Document:
    """A block of JSON or YAML."""
    try:
        nodes = _parsed(source, fence.language)
    except MalformedError as error:
        return _broken(file.path, source, fence, (Problem("malformed-document", error.message, error.at),))
    return (
        content.judged([unknown_in(node) for node in nodes], name, file, source, options) if nodes else _skipped(file)
    )


def _parsed(source: Source, language: str) -> Sequence[Node]:
    if language in _YAML:
        from kms_lint.syntax import yaml

        return yaml.parse(source)
    from kms_lint.load.commented import plain
    from kms_lint.syntax import json, json_stream

    source = replace(source, text=plain(source.text, commas=language in ("jsonc", "json5")))
    try:
        return (json.parse(Passage(source, source.text)),)
    except MalformedError:
        values = list(json_stream.parse(source) or ())
        nodes = [value for value in values if not isinstance(value, MalformedError)]
        if not nodes or len(nodes) < len(values):
            raise
        return nodes


def _terraform(file: File, source: Source, fence: Fence, index: int, options: Options) -> Document:
    """A block of Terraform, which is a folder of its own."""
    from kms_lint.load import terraform

    text = fence.passage.text.encode("utf-8", "surrogatepass")
    unit = file._replace(path=f"{file.path}[{index}].tf", content=text, within=fence.passage)
    (document,) = terraform.folder((unit,), options)
    document = replace(document, path=file.path)
    problems = [problem for problem in document.problems if problem.rule == "malformed-document"]
    if not problems:
        hole = to_fill_in(source) if document.status is not Status.SKIPPED else None
        return document if hole is None else replace(document, unresolved=(*document.unresolved, hole))
    broken = _broken(file.path, source, fence, tuple(problems))
    return broken if broken.status is Status.SKIPPED or broken.unresolved else document


def _broken(path: str, source: Source, fence: Fence, problems: tuple[Problem, ...]) -> Document:
    """A block that cannot be parsed: not known where something was left out, a finding where it speaks of KMS."""
    hole = placeholder(source)
    if hole is not None:
        return _unresolved(path, source, fence, hole)
    if not content.ours(source):
        return Document(path, _format(fence), "", status=Status.SKIPPED)
    if fence.language in _JSON and source.text.lstrip()[:1] not in ("{", "["):
        start = len(source.text) - len(source.text.lstrip())
        message = "this is a part of a JSON text, which cannot be read alone"
        return _unresolved(path, source, fence, Unresolved("…", message, Span(source, start, start + 1)))
    return Document(path, _format(fence), fence.language, source, problems=problems)


def _unresolved(path: str, source: Source, fence: Fence, cut: Unresolved) -> Document:
    return Document(path, _format(fence), f"{fence.language} in part", source, unresolved=(cut,))


def _format(fence: Fence) -> str:
    if fence.language in _TERRAFORM:
        return "terraform"
    return "yaml" if fence.language in _YAML else "json"


def _skipped(file: File) -> Document:
    return Document(file.path, "json", "", status=Status.SKIPPED)
