"""What `kms-lint diff` found, for people at a terminal: the verdict, then a story for each policy that changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from kms_lint.formatters.difference import around, before, elements, place_of, some
from kms_lint.formatters.difference_words import counted, headline, told, unchanged
from kms_lint.formatters.visible import visible
from kms_lint.reason.difference import Relation, Verdict
from kms_lint.reason.groups import Group
from kms_lint.reason.worlds import Change

_COLORS: Final = {Verdict.NEW_ACCESS: "1;31", Verdict.UNKNOWN: "33", Verdict.NO_NEW_ACCESS: "32"}
_BOLD: Final = "1"


def render(verdict: Verdict, relation: Relation, changes: Sequence[Change], color: bool) -> str:
    """The report as text."""
    lines = [_painted(headline(verdict, relation), _COLORS[verdict], color)]
    for change in told(changes):
        lines += ["", *_story(change, color)]
    if still := unchanged(changes):
        lines += ["", visible(still)]
    if len(changes) > 1:
        lines += ["", visible(counted(changes))]
    return "\n".join(lines) + "\n"


def _story(change: Change, color: bool) -> Iterator[str]:
    found = change.difference
    said = _painted(headline(found.verdict, found.relation), _COLORS[found.verdict], color)
    yield f"{_painted(visible(change.address), _BOLD, color)}: {said}"
    if found.reason:
        yield f"  because {visible(found.reason)}"
    for group in found.groups:
        yield from (visible(line) for line in _group(group))
    word = "note" if found.verdict is Verdict.UNKNOWN else "assuming"
    for assumption in found.assumptions:
        yield visible(f"  {word}: {assumption}")


def _group(group: Group) -> Iterator[str]:
    place = place_of(group.statement)
    yield f"  {place['path']}:{place['line']}: statement {place['name']} newly grants {some(group.actions)}, for example"
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


def _painted(text: str, color: str, wanted: bool) -> str:
    return f"\x1b[{color}m{text}\x1b[0m" if wanted else text
