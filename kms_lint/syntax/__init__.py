"""Formats, read into one tree with places."""

from __future__ import annotations

from kms_lint.source import At, Passage, Span, origin
from kms_lint.syntax.tree import Text


def locate(at: At) -> Span:
    """The span of the source that something is written at."""
    if isinstance(at, Span):
        return at
    from kms_lint.syntax import json

    written = origin(at)
    return written if isinstance(written, Span) else json.find(written)


def passage(text: Text) -> Passage:
    """The text of a string as it was decoded, with its way back to the file.

    Exact for JSON and for quoted and literal YAML; to the word for folded YAML.
    """
    from kms_lint.syntax.quoted import passage as decoded

    return decoded(text)
