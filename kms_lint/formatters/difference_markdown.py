"""What `kms-lint diff` found, as a comment on a pull request."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from kms_lint.formatters.difference import around, before, elements, granting, place_of
from kms_lint.formatters.difference_words import counted, headline, told, unchanged
from kms_lint.formatters.visible import code
from kms_lint.reason.difference import Relation, Verdict
from kms_lint.reason.groups import Group
from kms_lint.reason.worlds import Change
from kms_lint.spelling import first_of

_ACTIONS: Final = 8
_ASSUMPTIONS: Final = 20


def render(verdict: Verdict, relation: Relation, changes: Sequence[Change], *, asked: bool = False) -> str:
    """The report as Markdown: what is new stands open, what the answers rely on is folded; `asked` as for text."""
    lines = [f"### kms-lint: {headline(verdict, relation, asked)}", ""]
    for change in told(changes):
        lines += [*_story(change, asked), ""]
    if still := unchanged(changes, asked):
        lines += [_code_in(still), ""]
    if len(changes) > 1:
        lines += [counted(changes, asked), ""]
    lines += _assumed(changes)
    return "\n".join(lines).rstrip("\n") + "\n"


def _story(change: Change, asked: bool) -> Iterator[str]:
    found = change.difference
    yield f"**{code(change.address)}**: {headline(found.verdict, found.relation, asked)}"
    yield ""
    if found.reason:
        yield f"- because {code(found.reason)}"
    for group in found.groups:
        yield from _group(group, asked)


def _group(group: Group, asked: bool) -> Iterator[str]:
    place = place_of(group.statement)
    at = f"{place['path']}:{place['line']}"
    granted = first_of([code(each) for each in group.actions], _ACTIONS)
    yield f"- {code(at)}: {_granting(group, asked)} {granted}"
    request = group.request
    yield f"  - for example {code(request.caller.shown)} calls {code(request.action)} on {code(request.resource)}"
    yield from (f"  - with {code(key)} = {code(', '.join(values))}" for key, values in group.context)
    yield from (f"  - where {each}" for each in around(group))
    if group.nearest is not None:
        yield f"  - before: {code(before(group.nearest))}"
    for each in elements(group):
        was, now = (code(said) if said is not None else "nothing" for said in (each.old, each.new))
        yield f"  - {code(each.element)}: {was} became {now}"


def _granting(group: Group, asked: bool) -> str:
    name = group.statement.called
    return granting(group, asked).replace(f"statement {name} ", f"statement {code(name)} ", 1)


def _assumed(changes: Sequence[Change]) -> Iterator[str]:
    lines = list(dict.fromkeys(line for each in changes for line in each.difference.assumptions))
    if not lines:
        return
    yield "<details><summary>What this relies on</summary>"
    yield ""
    yield from (f"- {code(line)}" for line in lines[:_ASSUMPTIONS])
    if len(lines) > _ASSUMPTIONS:
        yield f"- and {len(lines) - _ASSUMPTIONS} more"
    yield ""
    yield "</details>"


def _code_in(line: str) -> str:
    """A line with the names after its colon as code."""
    said, _, names = line.partition(": ")
    return f"{said}: {code(names)}"
