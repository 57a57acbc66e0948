"""A file that holds many values, one after another."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from kms_lint.errors import MalformedError
from kms_lint.model import Document, Problem, Status, Unresolved
from kms_lint.source import Source, Span
from kms_lint.syntax.tree import Node

MOST_BROKEN: Final = 100
"""As many broken values of a file are told; after those the rest is left."""

MOST_POLICIES: Final = 30_000
"""As many policies of a file are read."""

TOO_MANY: Final = f"only the first {MOST_POLICIES} policies of a file are read"
"""What is said of the others."""


def series(
    values: Iterable[Node | MalformedError],
    path: str,
    source: Source,
    told: bool,
    read: Callable[[Node, int], Document],
) -> Document:
    """What the values hold together; `read` gives what one of them holds, by its index.

    `told` is whether values that are broken are findings.
    """
    from kms_lint.load.content import together

    documents = [Document(path, "json", "", status=Status.SKIPPED)]
    problems: list[Problem] = []
    rest: tuple[Unresolved, ...] = ()
    policies = index = 0
    for value in values:
        if len(problems) >= MOST_BROKEN or policies >= MOST_POLICIES:
            rest = (_rest(problems, source),)
            break
        if isinstance(value, MalformedError):
            problems.append(Problem("malformed-document", value.message, value.at))
            continue
        document = read(value, index)
        index += 1
        if document.status is not Status.SKIPPED:
            policies += sum(1 for _ in document.every_policy())
            documents.append(document)
    if (told and problems) or (rest and policies >= MOST_POLICIES):
        documents.append(Document(path, "json", "JSON", source, problems=tuple(problems), unresolved=rest))
    return together(documents)


def _rest(problems: list[Problem], source: Source) -> Unresolved:
    message = TOO_MANY
    if len(problems) >= MOST_BROKEN:
        message = f"what follows after {MOST_BROKEN} broken values is not read"
    return Unresolved("the rest of the file", message, Span(source, 0, 0))
