"""Formats, read into one tree with places."""

from __future__ import annotations

from kms_lint.source import At, Passage, Span, origin
from kms_lint.syntax.tree import Text


def locate(at: At) -> Span:
    """The span of the file that something is written at."""
    written = at if isinstance(at, Span) else origin(at)
    if not isinstance(written, Span):
        from kms_lint.syntax import json

        written = json.find(written)
    return written if written.source.within is None else written.in_file()


def passage(text: Text) -> Passage:
    """The text of a string as it was decoded, with its way back to the file.

    Exact for JSON and for quoted and literal YAML; to the word for folded YAML.
    """
    from kms_lint.syntax.quoted import passage as decoded

    return decoded(text)
