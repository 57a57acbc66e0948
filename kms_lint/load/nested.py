"""Templates that others of the same run nest: they are judged with the values that they get there.

A template that none of them nests is judged alone, with the defaults of its parameters.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from kms_lint.model import Document

_PARTS: Final = (
    "keys",
    "policies",
    "aliases",
    "consumers",
    "identities",
    "trails",
    "endpoints",
    "deliveries",
    "shares",
    "problems",
    "unresolved",
)


def placed(documents: Sequence[Document]) -> list[Document]:
    """The documents of a run with what they nest in the place of the files that it is written in.

    What is written in a file that is not part of the run stays with the document that nests it.
    """
    files = {document.path for document in documents}
    inner = {each.path for document in documents for each in document.nested if each.path != document.path}
    instances: dict[str, list[Document]] = {}
    for document in documents:
        if document.path not in inner:
            for each in document.nested:
                instances.setdefault(each.path, []).append(each)
    return [_placed(document, instances.get(document.path, ()), files, inner) for document in documents]


def _placed(document: Document, instances: Sequence[Document], files: set[str], inner: set[str]) -> Document:
    """A file as it is nested, or as it stands alone, with what it nests from elsewhere."""
    if instances:
        first, *others = instances
        return _with(replace(first, path=document.path, kind=document.kind or first.kind, nested=()), others)
    elsewhere = [each for each in document.nested if each.path not in files]
    own = replace(document, nested=())
    if document.path in inner:  # it leads back to itself, so that nothing stands around it
        own = replace(
            own, unresolved=(*own.unresolved, *(item for each in document.nested for item in each.unresolved))
        )
    return _with(own, [replace(each, problems=(), ignores=()) for each in elsewhere])


def _with(document: Document, others: Sequence[Document]) -> Document:
    if not others:
        return document
    documents = (document, *others)
    parts: dict[str, Any] = {name: tuple(part for each in documents for part in getattr(each, name)) for name in _PARTS}
    constructs = {address: way for each in documents for address, way in each.constructs.items()}
    return replace(document, constructs=constructs, **parts)
