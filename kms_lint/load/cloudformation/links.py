"""The links between the templates of one deployment: aliases and what uses keys, to the keys."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from kms_lint.load.cloudformation.consumers import key_of, names
from kms_lint.model import Document


def linked(documents: Sequence[Document]) -> tuple[Document, ...]:
    """The documents with what they say about the same keys linked."""
    named = names(
        (key for document in documents for key in document.keys),
        (alias for document in documents for alias in document.aliases),
    )
    return tuple(_linked(document, documents, named) for document in documents) if named else tuple(documents)


def _linked(document: Document, documents: Sequence[Document], named: dict[str, str]) -> Document:
    by_key: dict[str, list[str]] = {}
    for each in documents:
        for alias in each.aliases:
            key = key_of(alias.target, named)
            if key is not None and alias.name:
                by_key.setdefault(key, []).append(str(alias.name))
    keys = []
    for key_ in document.keys:
        aliases = tuple(by_key.get(key_.address, ()))
        variants = tuple(replace(variant, aliases=aliases) for variant in key_.variants)
        keys.append(replace(key_, aliases=aliases, variants=variants) if aliases else key_)
    return replace(
        document,
        keys=tuple(keys),
        aliases=tuple(replace(alias, of=key_of(alias.target, named)) for alias in document.aliases),
        consumers=tuple(replace(consumer, of=key_of(consumer.key, named)) for consumer in document.consumers),
    )
