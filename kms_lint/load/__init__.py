"""Files into documents: what is in them that is about keys."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Final

from kms_lint.errors import SourceError, TooLargeError
from kms_lint.load.options import Options
from kms_lint.model import Document, Problem, Status, Unresolved
from kms_lint.source import Source, Span

if TYPE_CHECKING:
    from kms_lint.files import File

__all__ = ["Options", "load"]

TERRAFORM: Final = (".tf", ".tofu", ".tf.json", ".tofu.json")
"""How the files end that make up a module of Terraform."""

PLAN: Final = "Terraform plan"
"""What a plan is called as a kind of document."""

_VARIABLES: Final = (".tfvars", ".tfvars.json")
_MARKDOWN: Final = (".md", ".markdown")
_OF_VARIABLES: Final = "variables of Terraform"
_IGNORE: Final = b"kms-lint:"
_NOTHING_SAID: Final = Options()


def _nothing() -> None:
    """What is called after each file when nobody waits."""


def load(
    files: Sequence[File],
    options: Options = _NOTHING_SAID,
    tick: Callable[[], None] = _nothing,
    refused: Callable[[SourceError], None] | None = None,
) -> tuple[Document, ...]:
    """One document for each file, sorted by path; `tick` is called after each file.

    A Terraform file is read with the rest of its folder, and with the modules that it calls. Files of variables are
    context and give a document only when they were named. Raises `SourceError` for a file that cannot be read; where
    `refused` is given, it is called instead for one that nobody named and that is not Terraform, and the others are read.
    One that is too large is then never an error: like whatever is cut, it is unresolved.
    """
    found: list[Document] = []
    modules: list[File] = []
    for file in files:
        if file.path.endswith(TERRAFORM) or (file.path.endswith(_VARIABLES) and not file.named):
            modules.append(file)
            continue
        try:
            found.append(_single(file, options))
        except SourceError as error:
            found.append(_unread(file, error, refused))
        tick()
    if any(file.path.endswith(TERRAFORM) for file in modules):
        from kms_lint.load import terraform

        for document in terraform.modules(modules, _beside, options):
            found.append(document)
            tick()
        found.extend(document for file in modules for document in _with_ignores(file))
    if any(document.nested for document in found):
        from kms_lint.load.nested import placed

        found = placed(found)
    if any(document.kind == PLAN for document in found):
        from kms_lint.load.terraform_plan.beside import mapped

        found = list(mapped(found, files, options, _beside))
    for document in found:
        _hide_secrets(document)
    return _joined(tuple(sorted(found, key=lambda document: document.path)))


def _unread(file: File, error: SourceError, refused: Callable[[SourceError], None] | None) -> Document:
    """The document of a file that was found in a folder and could not be read. Raises the error for any other."""
    too_large = isinstance(error, TooLargeError)
    if file.named or not (too_large or refused):
        raise error
    if refused and not too_large:
        refused(error)
    why = error.message.removeprefix(f"{file.path} ")
    unresolved = Unresolved("the whole file", why, Span(Source(file.path, ""), 0, 0))
    return Document(file.path, "", "", unresolved=(unresolved,))


def _hide_secrets(document: Document) -> None:
    """Keeps the secrets of a document out of the lines that are shown, also of what else stands in these lines."""
    if document.secrets:
        from kms_lint.syntax import locate

        for secret in document.secrets:
            span = locate(secret.at)
            span.source.hide(span.start, span.end)


def _with_ignores(file: File) -> Iterator[Document]:
    """A file of variables of the run, for the ignores in it: what is wrong with a value is told where that is written."""
    from kms_lint.errors import MalformedError
    from kms_lint.files import content, source

    if not file.path.endswith(".tfvars") or _IGNORE not in (read := content(file)):
        return
    try:
        yield Document(file.path, "terraform", _OF_VARIABLES, source(file, read), Status.SKIPPED, context=True)
    except MalformedError:
        return  # Terraform itself would refuse it, and its values are unknown


def _single(file: File, options: Options) -> Document:
    if file.path.endswith(_VARIABLES):
        return _variables(file)
    if file.path.lower().endswith(_MARKDOWN):
        from kms_lint.load.markdown import markdown

        return markdown(file, options)
    from kms_lint.load.content import document

    return document(file, options)


def _variables(file: File) -> Document:
    """A file of variables that was named: context for others, and a finding where it is broken."""
    from kms_lint.errors import MalformedError
    from kms_lint.files import content, decode
    from kms_lint.load.terraform.variables import read

    source = None
    try:
        source = decode(file.path, content(file))
        errors = read(source).errors
    except MalformedError as error:
        errors = (error,)
    problems = tuple(Problem("malformed-document", error.message, error.at) for error in errors)
    status = Status.MALFORMED if problems else Status.SKIPPED
    return Document(file.path, "terraform", _OF_VARIABLES, source or errors[0].at.source, status, problems=problems)


def _beside(folder: str, shown: str, files: Sequence[File]) -> list[File]:
    """The files of a Terraform folder that were not asked for; links that lead out of the repository are not followed."""
    from kms_lint.files import File, repository

    known = {file.location for file in files}
    if any(file.content is not None for file in files) or not os.path.isdir(folder):
        return []
    root = os.path.realpath(repository(folder))
    found = []
    with os.scandir(folder) as entries:
        for entry in sorted(entries, key=lambda each: each.name):
            if not entry.name.endswith(TERRAFORM + _VARIABLES) or entry.path in known or not entry.is_file():
                continue
            if entry.is_symlink() and os.path.commonpath((root, os.path.realpath(entry.path))) != root:
                continue
            found.append(File(f"{shown}/{entry.name}" if shown else entry.name, entry.path, False))
    return found


def _joined(documents: tuple[Document, ...]) -> tuple[Document, ...]:
    """The documents, with what AWS answered about the same key put together, and identities told apart."""
    if any(len(document.identities) > 1 for document in documents):
        from kms_lint.load.same_name import told_apart

        documents = tuple(told_apart(document) for document in documents)
    if not any(key.format == "cli" for document in documents for key in document.keys):
        return documents
    from kms_lint.load.same_key import joined

    return joined(documents)
