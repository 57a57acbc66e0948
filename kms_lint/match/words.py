"""What the parts of the vocabulary have in common: words, the places of a fact, and who is meant."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, TypeAlias

from kms_lint.iam.principals import Who
from kms_lint.source import At

Word: TypeAlias = "str | bool | int"
Words: TypeAlias = Sequence[Word]
Places: TypeAlias = Iterable[tuple[At, bool]]
"""Where a fact holds, and whether it surely does."""

UNSETTLED: Final = {
    "own-account": frozenset({Who.SOME_ACCOUNT}),
    "foreign-account": frozenset({Who.SOME_ACCOUNT}),
    "identity": frozenset({Who.SOME_IDENTITY}),
    "foreign-identity": frozenset({Who.SOME_IDENTITY}),
}
"""What may turn out to be one of these, once the account that owns the policy is known."""


def whom(words: Words) -> tuple[frozenset[Who], frozenset[Who]]:
    """Who is surely, and who possibly, meant by some words."""
    sure = frozenset(Who[str(word).replace("-", "_").upper()] for word in words)
    maybe = frozenset().union(*(UNSETTLED.get(str(word), frozenset()) for word in words)) | {Who.UNKNOWN}
    return sure, maybe
