"""Edits that can be made where a value is written just as it reads."""

from __future__ import annotations

from kms_lint.finding import Edit
from kms_lint.source import At
from kms_lint.syntax import locate
from kms_lint.syntax.tree import Text


def corrected(text: Text, meant: str) -> tuple[Edit, ...]:
    """The edit that writes `meant` in the place of a string; none when it is not written out there as it reads."""
    span = locate(text.at)
    written = span.source.text[span.start : span.end]
    quote = written[:1] if written[:1] in ('"', "'") and len(written) > 1 and written[-1] == written[0] else ""
    if written != f"{quote}{text}{quote}":
        return ()
    return (Edit(span, f"{quote}{meant}{quote}"),)


def replaced(at: At, former: str, meant: str) -> tuple[Edit, ...]:
    """The edit that replaces a bare or quoted word such as `false`; none when another text stands at the place."""
    span = locate(at)
    written = span.source.text[span.start : span.end]
    return (Edit(span, meant),) if written.strip("\"'").lower() == former else ()
