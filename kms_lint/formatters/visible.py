"""Text from scanned files as it may be printed: what a terminal would act on is shown as an escape."""

from __future__ import annotations

from kms_lint.syntax.tree import ANYTHING


def visible(text: str) -> str:
    r"""The text with control, format (bidi, zero width), private and unassigned characters as `\u001b`.

    What cannot be known is `…`.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(character if character.isprintable() else escaped(character) for character in text)


def escaped(character: str) -> str:
    """A character by its number, as JSON and HCL write it."""
    if character == ANYTHING:
        return "…"
    number = ord(character)
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"


def code(text: str) -> str:
    """The text as code of Markdown, out of which no Markdown or HTML gets."""
    return "`" + visible(text).replace("`", "'") + "`"


def width(text: str) -> int:
    """The columns that a text takes on a terminal."""
    if text.isascii():
        return len(text)
    from unicodedata import combining, east_asian_width

    return sum(0 if combining(each) else 2 if east_asian_width(each) in "WF" else 1 for each in text)
