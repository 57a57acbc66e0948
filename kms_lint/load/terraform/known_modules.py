"""Modules that make keys and are mostly not on disk."""

from __future__ import annotations

from kms_lint.load.terraform.unit import Unit


def unit(author: str) -> Unit:
    """To be written."""
    raise NotImplementedError(author)
