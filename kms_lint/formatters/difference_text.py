"""What `kms-lint diff` found, for people at a terminal: the verdict, then a story for each policy that changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from kms_lint.formatters import Look
from kms_lint.formatters.difference import SHOWN, around, before, elements, granting, place_of
from kms_lint.formatters.difference_words import counted, headline, told, unchanged
from kms_lint.formatters.text import painted
from kms_lint.formatters.visible import visible
from kms_lint.reason.difference import Relation, Verdict
from kms_lint.reason.groups import Group
from kms_lint.reason.worlds import Change
from kms_lint.spelling import first_of

_COLORS: Final = {Verdict.NEW_ACCESS: "1;31", Verdict.UNKNOWN: "33", Verdict.NO_NEW_ACCESS: "32"}
_BOLD: Final = "1"


def render(verdict: Verdict, relation: Relation, changes: Sequence[Change], look: Look, *, asked: bool = False) -> str:
    """The report as text; `asked` is whether one side alone was asked about."""
    lines = [painted(headline(verdict, relation, asked), _COLORS[verdict], look)]
    for change in told(changes):
        lines += ["", *_story(change, look, asked)]
    if still := unchanged(changes, asked):
        lines += ["", visible(still)]
    if len(changes) > 1:
        lines += ["", visible(counted(changes, asked))]
    return "\n".join(lines) + "\n"


def _story(change: Change, look: Look, asked: bool) -> Iterator[str]:
    found = change.difference
    said = painted(headline(found.verdict, found.relation, asked), _COLORS[found.verdict], look)
    yield f"{painted(visible(change.address), _BOLD, look)}: {said}"
    if found.reason:
        yield f"  because {visible(found.reason)}"
    for group in found.groups:
        yield from (visible(line) for line in _group(group, asked))
    word = "note" if found.verdict is Verdict.UNKNOWN else "assuming"
    for assumption in found.assumptions:
        yield visible(f"  {word}: {assumption}")


def _group(group: Group, asked: bool) -> Iterator[str]:
    place = place_of(group.statement)
    yield f"  {place['path']}:{place['line']}: {granting(group, asked)} {first_of(group.actions, SHOWN)}, for example"
    yield f"    who     {group.request.caller.shown}"
    yield f"    calls   {group.request.action}"
    yield f"    on      {group.request.resource}"
    yield from (f"    with    {key} = {', '.join(values)}" for key, values in group.context)
    yield from (f"    where   {each}" for each in around(group))
    if group.nearest is not None:
        yield f"    before  {before(group.nearest)}"
        for each in elements(group):
            yield f"            {each.element}: {_was(each.old)} became {_was(each.new)}"


def _was(said: str | None) -> str:
    return "nothing" if said is None else said
