"""Patterns with `*` and `?`, and what can be said of them when a part is unknown.

Everywhere, `ANYTHING` stands for characters we do not know. *Surely* is for whatever they are, *possibly* for some.
An unknown part of a pattern may itself hold wildcards.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from kms_lint.syntax.tree import ANYTHING

_RUN: Final = "\ue001"
_ONE: Final = "\ue002"
_AS_PATTERN: Final = {ord("*"): _RUN, ord("?"): _ONE, ord(ANYTHING): _RUN}
_AS_VALUE: Final = {ord(ANYTHING): _RUN}
_GREATEST: Final = 2**31
"""Longer texts than this, multiplied, get the careful answer: not surely, but possibly. Policies are far shorter."""


def has_wildcard(pattern: str) -> bool:
    """Whether `*` or `?` occurs."""
    return "*" in pattern or "?" in pattern


def matches(pattern: str, value: str) -> bool:
    """Whether a known value is one of those that the pattern stands for. Letter case counts."""
    if "?" in pattern:
        return _within(_as_pattern(pattern), value)
    if "*" not in pattern:
        return pattern == value
    first, *middle, last = pattern.split("*")
    if len(value) < len(first) + len(last) or not (value.startswith(first) and value.endswith(last)):
        return False
    at, end = len(first), len(value) - len(last)
    for part in middle:
        found = value.find(part, at, end)
        if found < 0:
            return False
        at = found + len(part)
    return True


def surely_matches(pattern: str, value: str) -> bool:
    """Whether the pattern matches, whatever the unknown parts of either are."""
    if ANYTHING in pattern:
        return False
    if ANYTHING in value:
        return _within(_as_pattern(pattern), value.translate(_AS_VALUE))
    return matches(pattern, value)


def possibly_matches(pattern: str, value: str) -> bool:
    """Whether the pattern matches for some content of the unknown parts."""
    if ANYTHING in pattern or ANYTHING in value:
        return _meet(_as_pattern(pattern), value.translate(_AS_VALUE))
    return matches(pattern, value)


@lru_cache(maxsize=4096)
def includes(outer: str, inner: str) -> bool:
    """Whether every value of the pattern `inner` is one of `outer`, surely. Unknown parts of `inner` stand for `*`."""
    return ANYTHING not in outer and _within(_as_pattern(outer), _ordered(_as_pattern(inner)))


@lru_cache(maxsize=4096)
def overlap(a: str, b: str) -> bool:
    """Whether two patterns have a value in common; unknown parts count as `*`."""
    if not has_wildcard(a) and ANYTHING not in a:
        return possibly_matches(b, a)
    return _meet(_as_pattern(a), _as_pattern(b))


@lru_cache(maxsize=512)
def _as_pattern(pattern: str) -> str:
    return _ordered(pattern.translate(_AS_PATTERN))


def _ordered(tokens: str) -> str:
    """`*?*` and `**?` as `?*`: one spelling of each run of wildcards."""
    if _RUN not in tokens:
        return tokens
    found: list[str] = []
    run = False
    for token in tokens:
        if token == _RUN:
            run = True
            continue
        if run and token != _ONE:
            found.append(_RUN)
            run = False
        found.append(token)
    return "".join(found) + (_RUN if run else "")


def _positions(tokens: str, wanted: str) -> tuple[dict[str, int], int, int]:
    """For each wanted token the positions where it stands, as bits; and those of single wildcards and of runs."""
    marks = {token: bytearray(len(tokens) // 8 + 1) for token in {*wanted, _ONE, _RUN}}
    for index, token in enumerate(tokens):
        if token in marks:
            marks[token][index >> 3] |= 1 << (index & 7)
    bits = {token: int.from_bytes(mark, "little") for token, mark in marks.items()}
    return bits, bits[_ONE], bits[_RUN]


def _within(outer: str, inner: str) -> bool:
    """Whether `outer` accepts `inner` when only a run accepts a run: then it holds for all that it stands for.

    The state is the set of positions in `outer` that can be reached, one bit each.
    """
    fixed = len(outer) - outer.count(_RUN)
    if fixed > len(inner) - inner.count(_RUN) or len(outer) * len(inner) > _GREATEST:
        return False
    bits, one, runs = _positions(outer, inner)
    state = _skip(1, runs)
    for token in inner:
        moved = 0 if token == _RUN else (state & (bits[token] | one)) << 1
        state = _skip(moved | (state & runs), runs)
        if not state:
            return False
    return bool(state >> len(outer) & 1)


def _meet(a: str, b: str) -> bool:
    """Whether there is a string that both sequences of tokens stand for."""
    if len(a) * len(b) > _GREATEST:
        return True
    bits, one, runs = _positions(b, a)
    every = (1 << len(b)) - 1
    state = _skip(1, runs)
    for token in a:
        if token == _RUN:
            lowest = state & -state
            state = (every << 1 | 1) & ~(lowest - 1)
            continue
        fits = every & ~runs if token == _ONE else bits[token] | one
        state = _skip((state & fits) << 1 | (state & runs), runs)
        if not state:
            return False
    return bool(state >> len(b) & 1)


def _skip(state: int, runs: int) -> int:
    """The state, and the positions after runs that match nothing; no two runs are neighbours."""
    return state | (state & runs) << 1
