"""The characters of values: which of them are known, and those that stand for what is not."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final, TypeAlias

from kms_lint.load.terraform.limits import UndecidedError, fits
from kms_lint.load.terraform.numbers import scalar
from kms_lint.load.terraform.value import Computed, Encoded, Hole, JsonEncoded, Rendered, opaque
from kms_lint.source import At, Passage
from kms_lint.syntax.tree import ANYTHING, Node, Scalar, Text, Unknown

Piece: TypeAlias = "str | Text"
"""Characters that are known, or a text that is not known in full."""

_PLACEHOLDER: Final = re.compile(rf"<[A-Za-z_][^<>\s]*>|{ANYTHING}")


def pieces(value: Node) -> list[Piece]:
    """A text, number, truth or unknown value as characters."""
    if isinstance(value, JsonEncoded):
        from kms_lint.load.terraform.json_encoding import encoded

        return encoded(value.node)
    if isinstance(value, Computed):
        return list(value.parts)
    if isinstance(value, Rendered):
        return [piece for part in value.parts for piece in _of_part(part)]
    if isinstance(value, Text):
        return [value] if _placeholder(value) else [str(value)]
    if isinstance(value, Scalar) and value.value is not None:
        return [scalar(value.value)]
    return [opaque(value if isinstance(value, Unknown) else Unknown("…", value.at))]


def _of_part(part: Passage | Hole) -> list[Piece]:
    return [part.text] if isinstance(part, Passage) else pieces(part.value)


def _placeholder(text: Text) -> bool:
    return text.form != text or ("<" in text and _PLACEHOLDER.search(text) is not None)


def fixed(value: Node) -> str | None:
    """The characters of a text, when every one of them is known."""
    if not isinstance(value, Text) or (isinstance(value, Encoded) and not isinstance(value, JsonEncoded)):
        return None
    if not isinstance(value, Encoded) and not _placeholder(value):
        return str(value)
    try:
        found = pieces(value)
    except UndecidedError:
        return None
    return None if any(isinstance(piece, Text) for piece in found) else "".join(found)


def atoms(value: Node) -> list[Piece]:
    """The pieces, with what is known of the form of those that are not known in full taken apart as well."""
    found: list[Piece] = []
    for piece in pieces(value):
        if not isinstance(piece, Text):
            found.append(piece)
            continue
        at = 0
        form = piece.form
        for match in _PLACEHOLDER.finditer(form):
            if match.start() > at:
                found.append(form[at : match.start()])
            name = match.group()
            shown = name if name != ANYTHING else str(piece) if ANYTHING not in str(piece) else "<…>"
            found.append(Text(shown, piece.at, None if shown == name else name))
            at = match.end()
        if at < len(form):
            found.append(form[at:])
    return found


def computed(parts: Iterable[Piece], at: At) -> Text:
    """The text of several pieces. Raises UndecidedError when it is longer than anything that is worked out."""
    merged: list[Piece] = []
    known: list[str] = []
    for part in parts:
        if not isinstance(part, Text):
            known.append(part)
            continue
        if known:
            merged.append("".join(known))
            known = []
        merged.append(part)
    if known:
        merged.append("".join(known))
    fits(sum(map(len, merged)))
    return Computed(merged, at)
