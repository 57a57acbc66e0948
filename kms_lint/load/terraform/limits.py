"""How large values may become, and how a function says that it gives none."""

from __future__ import annotations

from typing import Final

from kms_lint.load.terraform.scope import TOO_LARGE

LARGEST: Final = 1 << 20
"""How many characters a text may have that a function gives."""

MOST: Final = 50_000
"""How many elements a list or a map may have that a function gives."""


class UndecidedError(Exception):
    """The value cannot be worked out; the message is the reason, and may be empty."""


class RefusedError(Exception):
    """Terraform would refuse to compute this; the message says why."""


def fits(characters: int) -> None:
    """Raises UndecidedError for a text of too many characters."""
    if characters > LARGEST:
        raise UndecidedError(TOO_LARGE)


def few(elements: int) -> None:
    """Raises UndecidedError for too many elements."""
    if elements > MOST:
        raise UndecidedError(TOO_LARGE)
