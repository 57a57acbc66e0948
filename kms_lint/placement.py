"""Where a finding is reported: at the text that is wrong, with the places through which it came to be used."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

from kms_lint.finding import Spot
from kms_lint.source import BUILT_IN, At, Borrowed, Span
from kms_lint.syntax import locate

MOST_USES: Final = 10
"""As many places where one text is used are told."""


class Placement(NamedTuple):
    """The place of a finding, and the others that belong to it.

    `uses` are the other places where the text is used. `written` is where it is written, when that is another place.
    `words` tell of a default. `exact` is whether the text itself stands there.
    """

    span: Span
    uses: tuple[Spot, ...] = ()
    written: Spot | None = None
    words: str = ""
    exact: bool = True

    @property
    def text(self) -> Span:
        """Where the text itself stands."""
        return self.span if self.written is None else self.written.span


def placement(at: At, consumer: At | None, wanted: Callable[[str], bool], called: At | None = None) -> Placement | None:
    """Where something is reported that was found at `at`, in a policy that is attached at `consumer`.

    `called` is the call of the module that it is in, when that is not the user's own.

    That is where it is written. Where that file is not one of those that are `wanted`, it is the nearest place of its use
    in one that is, and `None` when there is none: then it is the business of another file.
    """
    loans = _loans(at)
    written = locate(at)
    uses = tuple(spot for spot in map(_used, loans) if not _built_in(spot.span))
    words = next((f" (the default of {loan.name})" for loan in loans if loan.default), "")
    if wanted(written.source.path) and not _built_in(written):
        return Placement(written, uses, None, words)
    what = f"{_quoted(loans[0].name)} gets its value here" if loans else "written here"
    source = None if _built_in(written) else Spot(written, what)
    for spot in (*uses, *(() if consumer is None else (Spot(locate(consumer), ""),))):
        if wanted(spot.span.source.path):
            return Placement(spot.span, tuple(use for use in uses if use != spot), source, words, False)
    if called is not None and wanted(locate(called).source.path):
        return Placement(locate(called), uses, source, words, False)
    return None


def _built_in(span: Span) -> bool:
    """Whether a place is in no file of the user's."""
    return span.source.path.startswith(BUILT_IN)


def _used(loan: Borrowed) -> Spot:
    return Spot(locate(loan.used), f"used here, as {_quoted(loan.name)}")


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
