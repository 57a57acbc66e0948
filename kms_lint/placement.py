"""Where a finding is reported: at the text that is wrong, with the places through which it came to be used."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

from kms_lint.finding import Spot
from kms_lint.source import At, Borrowed, Span
from kms_lint.syntax import locate

MOST_USES: Final = 10
"""As many places where one text is used are told."""


class Placement(NamedTuple):
    """The place of a finding, and the others that belong to it.

    `uses` are the other places where the text is used. `written` is where it is written, when that is another place.
    `words` tell of a default.
    """

    span: Span
    uses: tuple[Spot, ...] = ()
    written: Spot | None = None
    words: str = ""

    @property
    def text(self) -> Span:
        """Where the text itself stands."""
        return self.span if self.written is None else self.written.span


def placement(at: At, consumer: At | None, wanted: Callable[[str], bool]) -> Placement | None:
    """Where something is reported that was found at `at`, in a policy that is attached at `consumer`.

    That is where it is written. Where that file is not one of those that are `wanted`, it is the nearest place of its use
    in one that is, and `None` when there is none: then it is the business of another file.
    """
    loans = _loans(at)
    written = locate(at)
    uses = tuple(Spot(locate(loan.used), f"used here, as {_quoted(loan.name)}") for loan in loans)
    words = next((f" (the default of {loan.name})" for loan in loans if loan.default), "")
    if wanted(written.source.path):
        return Placement(written, uses, None, words)
    source = Spot(written, f"{_quoted(loans[0].name)} gets its value here" if loans else "written here")
    for spot in (*uses, *(() if consumer is None else (Spot(locate(consumer), ""),))):
        if wanted(spot.span.source.path):
            return Placement(spot.span, tuple(use for use in uses if use != spot), source, words)
    return None


def _loans(at: At) -> list[Borrowed]:
    """How a text came to where it is used, from where it is written on."""
    loans = []
    while isinstance(at, Borrowed):
        loans.append(at)
        at = at.written
    return loans[::-1]


def _quoted(name: str) -> str:
    """A name as it is written in quotes; words of ours as they are."""
    return name if " " in name else f"`{name}`"
