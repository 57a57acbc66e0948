"""A key whose settings depend on conditions, once for each branch of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from collections.abc import Mapping as Dictionary
from dataclasses import replace
from typing import TypeAlias

from kms_lint.load.reading import ALWAYS, readings
from kms_lint.model import Key, Setting
from kms_lint.syntax.tree import Items, Node

Settle: TypeAlias = Callable[[Node | None], Node | None]
"""What a value is under some conditions; `None` where they leave it out."""


def as_written(value: Node | None) -> Node | None:
    """The value under no conditions."""
    return value


def varied(
    key: Key,
    values: Iterable[Node | None],
    settings: Callable[[Settle], Dictionary[str, Setting]],
    given: Dictionary[str, bool] = ALWAYS,
) -> Key:
    """The key with its variants: one for each branch of the conditions that `values` depend on, as for policies.

    `settings` makes the settings from the values under some conditions; `given` are those under which the key exists.
    """
    whole = Items([value for value in values if value is not None], key.at)
    found = list(readings(whole, True, lambda reading: settings(reading.settle), given))
    if len(found) == 1:
        (reading, only) = found[0]
        return replace(key, settings=only, branch=reading.branch) if given else key
    variants = tuple(replace(key, settings=each, branch=reading.branch) for reading, each in found)
    return replace(key, variants=variants, unresolved=tuple(found[0][0].unresolved))
