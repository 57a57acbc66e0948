"""The words of `kms-lint diff` for people: what is said first, and what is summed up."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from kms_lint.reason.difference import Relation, Verdict
from kms_lint.reason.worlds import Change
from kms_lint.spelling import first_of

HEADLINES: Final = {
    Verdict.NO_NEW_ACCESS: "no new access: proved",
    Verdict.NEW_ACCESS: "new access",
    Verdict.UNKNOWN: "not proved",
}
_ORDER: Final = (Verdict.NEW_ACCESS, Verdict.UNKNOWN, Verdict.NO_NEW_ACCESS)


_ANSWERS: Final = {
    Verdict.NO_NEW_ACCESS: "not granted: proved",
    Verdict.NEW_ACCESS: "granted",
    Verdict.UNKNOWN: "not proved",
}


def headline(verdict: Verdict, relation: Relation, asked: bool = False) -> str:
    """The verdict in words; how the access compares where that is known. `asked` is whether one side alone was asked about."""
    if asked:
        return _ANSWERS[verdict]
    return HEADLINES[verdict] if relation is Relation.UNKNOWN else f"{HEADLINES[verdict]} ({relation.value})"


def told(changes: Sequence[Change]) -> list[Change]:
    """The changes that have a story, the gravest first: all but those that leave everything as it was."""
    found = [each for each in changes if each.difference.relation is not Relation.EQUIVALENT]
    return sorted(found, key=lambda each: _ORDER.index(each.difference.verdict))


def unchanged(changes: Sequence[Change], asked: bool = False) -> str:
    """One line on the policies that give what they gave, or nothing of what was asked about; empty when there are none."""
    names = [each.address for each in changes if each.difference.relation is Relation.EQUIVALENT]
    if not names:
        return ""
    if asked:
        return f"{len(names)} {'policy grants' if len(names) == 1 else 'policies grant'} nothing of it: {first_of(names, 3)}"
    verb = "policy gives" if len(names) == 1 else "policies give"
    return f"{len(names)} {verb} what {'it' if len(names) == 1 else 'they'} gave before: {first_of(names, 3)}"


def counted(changes: Sequence[Change], asked: bool = False) -> str:
    """How many policies were compared, or asked about, and what came of it."""
    words = {
        Verdict.NEW_ACCESS: "with access" if asked else "with new access",
        Verdict.UNKNOWN: "not proved",
        Verdict.NO_NEW_ACCESS: "proved",
    }
    numbers = {verdict: sum(each.difference.verdict is verdict for each in changes) for verdict in _ORDER}
    parts = [f"{number} {words[verdict]}" for verdict, number in numbers.items() if number]
    done = "looked at" if asked else "compared"
    return f"{len(changes)} {done}: {', '.join(parts)}" if parts else f"nothing was {done}"
