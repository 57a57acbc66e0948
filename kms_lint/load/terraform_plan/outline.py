"""What stands where in a plan or a state: its resources that may be for us, found without keeping the rest.

https://developer.hashicorp.com/terraform/internals/json-format
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import field
from typing import Final, NamedTuple

from kms_lint.load.terraform_plan.address import instance, module_of
from kms_lint.load.terraform_plan.wanted import ours
from kms_lint.record import dataclass
from kms_lint.source import Source
from kms_lint.syntax.json_walk import Walk, parts

DEPTH: Final = 40
"""How deep modules may be nested."""

_LONGEST: Final = 200

Slice = tuple[int, int]
"""The offsets of a value."""


class Change(NamedTuple):
    """What a plan does to an instance, and what of it will be known only then; `deposed` is an earlier one of it.

    `before` are what it was, as far as that is a text, by name.
    """

    actions: tuple[str, ...]
    unknown: object
    deposed: bool = False
    before: dict[str, str] | None = None


@dataclass(slots=True)
class Entry:
    """One instance of a resource or data source.

    `values` are the offsets of its values, `header` those of what names it. `index` is its key as written, in brackets.
    `sensitive` has the shape of the values, with `true` in the place of what is sensitive. `flat` is whether the values
    are written as in old states: `operations.0`.
    """

    address: str
    mode: str
    type: str
    name: str
    values: Slice
    header: Slice
    sensitive: object = None
    change: Change | None = None
    flat: bool = False

    @property
    def module(self) -> str:
        """The module that it is in, with a dot after it."""
        return module_of(self.address)

    @property
    def plain(self) -> str:
        """Its address within its module, without its key."""
        return f"{'data.' if self.mode == 'data' else ''}{self.type}.{self.name}"

    @property
    def index(self) -> str:
        """Its key, as written in brackets."""
        return self.address[len(self.module) + len(self.plain) :]


@dataclass(slots=True)
class Outline:
    """The resources of a plan or state by address, and those that were there before the plan.

    `changed` are all instances that a plan changes. `configuration` is the offset of that of a plan, `variables` are
    those of its variables. `covered` are the values that are sensitive as a whole or in part: their offsets, and what of
    them is. `cut` is what was too much to be looked at, with its offset.
    """

    source: Source
    entries: dict[str, Entry] = field(default_factory=dict)
    prior: dict[str, Entry] = field(default_factory=dict)
    changed: list[Entry] = field(default_factory=list)
    configuration: int | None = None
    variables: dict[str, Slice] = field(default_factory=dict)
    covered: list[tuple[Slice, object]] = field(default_factory=list)
    cut: list[tuple[str, int]] = field(default_factory=list)


def of_plan(source: Source) -> Outline:
    """The outline of a plan. Raises WalkError for what is no JSON."""
    outline = Outline(source)
    walk = Walk(source.text)
    for name in walk.members():
        if name == "planned_values" and walk.opens("{"):
            _values(outline, walk, outline.entries)
        elif name == "prior_state" and walk.opens("{"):
            for inner in walk.members():
                if inner == "values" and walk.opens("{"):
                    _values(outline, walk, outline.prior)
        elif name == "resource_changes" and walk.opens("["):
            for _ in walk.items():
                _change(outline, walk)
        elif name == "output_changes" and walk.opens("{"):
            for _ in walk.members():
                _covered(outline, walk, (("before", "before_sensitive"), ("after", "after_sensitive")))
        elif name == "configuration":
            outline.configuration = walk.at
        elif name == "variables" and walk.opens("{"):
            _variables(outline, walk)
    _joined(outline)
    return outline


def of_state(source: Source) -> Outline:
    """The outline of a state as `terraform show -json` prints it. Raises WalkError for what is no JSON."""
    outline = Outline(source)
    walk = Walk(source.text)
    for name in walk.members():
        if name == "values" and walk.opens("{"):
            _values(outline, walk, outline.entries)
    return outline


def _values(outline: Outline, walk: Walk, into: dict[str, Entry]) -> None:
    for name in walk.members():
        if name == "root_module" and walk.opens("{"):
            _module(outline, walk, into, 0)
        elif name == "outputs" and walk.opens("{"):
            for _ in walk.members():
                _covered(outline, walk, (("value", "sensitive"),))


def _module(outline: Outline, walk: Walk, into: dict[str, Entry], depth: int) -> None:
    for name in walk.members():
        if name == "resources" and walk.opens("["):
            for _ in walk.items():
                _resource(outline, walk, into)
        elif name == "child_modules" and walk.opens("["):
            if depth >= DEPTH:
                outline.cut.append((f"modules are nested deeper than {DEPTH} levels", walk.at))
                continue
            for _ in walk.items():
                if walk.opens("{"):
                    _module(outline, walk, into, depth + 1)


def _resource(outline: Outline, walk: Walk, into: dict[str, Entry]) -> None:
    start = walk.at
    said = walk.value()
    if not isinstance(said, dict):
        return
    values, sensitive = said.get("values"), said.get("sensitive_values")
    wanted = ours(said.get("type"), values)
    if not wanted and not _any(sensitive):
        return
    places = parts(outline.source.text, start)
    if "values" in places and _any(sensitive):
        outline.covered.append((places["values"], sensitive if wanted else True))
    if wanted and "values" in places:
        entry = _entry(said, places["values"], places, start)
        entry.sensitive = sensitive
        into.setdefault(entry.address, entry)


def _entry(said: dict[str, object], values: Slice, places: dict[str, Slice], start: int) -> Entry:
    type, name, mode = str(said.get("type")), str(said.get("name")), str(said.get("mode", "managed"))
    plain = f"{'data.' if mode == 'data' else ''}{type}.{name}"
    address = str(said.get("address") or instance(plain, said.get("index")))
    return Entry(address, mode, type, name, values, places.get("address", (start, start + 1)))


def _change(outline: Outline, walk: Walk) -> None:
    start = walk.at
    said = walk.value()
    change = said.get("change") if isinstance(said, dict) else None
    if not isinstance(said, dict) or not isinstance(change, dict):
        return
    unknown = change.get("after_unknown")
    wanted = ours(said.get("type"), change.get("after")) or ours(said.get("type"), unknown)
    covered = _any(change.get("before_sensitive")) or _any(change.get("after_sensitive"))
    if not wanted and not covered:
        return
    places = parts(outline.source.text, start)
    inside = Walk(outline.source.text, places["change"][0])
    if covered:
        _covered(outline, inside, (("before", "before_sensitive"), ("after", "after_sensitive")))
    if wanted:
        after = parts(outline.source.text, places["change"][0]).get("after", places["change"])
        entry = _entry(said, after, places, start)
        entry.sensitive = change.get("after_sensitive")
        actions = change.get("actions")
        done = tuple(str(each) for each in actions) if isinstance(actions, list) else ()
        entry.change = Change(done, unknown, said.get("deposed") is not None, _texts(change.get("before")))
        outline.changed.append(entry)


def _texts(before: object) -> dict[str, str] | None:
    """The texts of what was there before, but for long ones."""
    if not isinstance(before, dict):
        return None
    return {name: each for name, each in before.items() if isinstance(each, str) and len(each) < _LONGEST}


def _joined(outline: Outline) -> None:
    """Puts together what the planned values and the changes say of one instance."""
    for entry in outline.changed:
        change = entry.change
        if change is None or change.deposed or change.actions in (("delete",), ("forget",)):
            continue
        planned = outline.entries.setdefault(entry.address, entry)
        planned.change = change
        planned.sensitive = planned.sensitive or entry.sensitive


def _variables(outline: Outline, walk: Walk) -> None:
    for name in walk.members():
        start = walk.at
        walk.value()
        if outline.source.text.startswith("{", start):
            outline.variables[name] = parts(outline.source.text, start).get("value", (start, start))


def _covered(outline: Outline, walk: Walk, pairs: Iterable[tuple[str, str]]) -> None:
    """Notes the sensitive values of an object: of each pair of names, the second tells what of the first is."""
    start = walk.at
    said = walk.value()
    if not isinstance(said, dict) or not any(_any(said.get(mark)) for _, mark in pairs):
        return
    places = parts(outline.source.text, start)
    for name, mark in pairs:
        if name in places and _any(said.get(mark)):
            outline.covered.append((places[name], said[mark]))


def _any(marks: object) -> bool:
    """Whether anything is marked."""
    waiting = [marks]
    while waiting:
        here = waiting.pop()
        if here is True:
            return True
        if isinstance(here, dict):
            waiting.extend(here.values())
        elif isinstance(here, list):
            waiting.extend(here)
    return False
