"""Names in messages: what was probably meant by one that does not exist, and the first of many."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

_LONGEST: Final = 80
"""Longer names are no slips of the pen, and comparing them costs time."""


def nearest(name: str, names: Iterable[str], likeness: float = 0.75) -> str | None:
    """The one of the names that is most like a name, whatever the letter case; `None` when none is like it.

    `likeness` is from 0 (anything) to 1 (the same letters).
    """
    from difflib import get_close_matches

    lower = {each.lower(): each for each in names}
    found = get_close_matches(name[:_LONGEST].lower(), lower, 1, likeness)
    return lower[found[0]] if found else None


def slip(name: str, names: Iterable[str]) -> str | None:
    """The one of the names that a name would be but for one letter too many, missing, wrong or swapped with the next."""
    written = name.lower()
    return next((each for each in names if _one_apart(written, each.lower())), None)


def _one_apart(one: str, other: str) -> bool:
    start = next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    left, right = one[start:], other[start:]
    if abs(len(left) - len(right)) == 1:
        return left[1:] == right or left == right[1:]
    swapped = len(left) == len(right) > 1 and left[0] == right[1] and left[1] == right[0] and left[2:] == right[2:]
    return swapped or (len(left) == len(right) > 0 and left[1:] == right[1:])


def did_you_mean(name: str, names: Iterable[str], likeness: float = 0.6) -> str:
    """`: did you mean …?`, to end a message with; empty when none of the names is like it."""
    meant = nearest(name, names, likeness)
    return f": did you mean `{meant}`?" if meant else ""


def first_of(names: Sequence[str], most: int) -> str:
    """The first of several names, and how many more there are."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
