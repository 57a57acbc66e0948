"""Raw states, as Terraform and OpenTofu keep them: versions 3 (before 0.12) and 4.

Their format is not documented: https://github.com/hashicorp/terraform/blob/main/internal/states/statefile
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from kms_lint.load.terraform_plan.address import Digits, instance
from kms_lint.load.terraform_plan.outline import Entry, Outline, ours
from kms_lint.source import Source
from kms_lint.syntax.json_walk import Walk, parts

_STEPS: Final = 50


def of_raw_state(source: Source) -> Outline:
    """The outline of a raw state. Raises WalkError for what is no JSON."""
    outline = Outline(source)
    walk = Walk(source.text)
    for name in walk.members():
        if name in _LISTS and walk.opens("["):
            for _ in walk.items():
                start = walk.at
                said = walk.value()
                if isinstance(said, dict):
                    _LISTS[name](outline, said, start)
        elif name == "outputs" and walk.opens("{"):
            for _ in walk.members():
                start = walk.at
                said = walk.value()
                if isinstance(said, dict) and said.get("sensitive") is True and "value" in said:
                    outline.covered.append((parts(source.text, start)["value"], True))
    return outline


def _resource(outline: Outline, said: dict[str, object], start: int) -> None:
    """A resource of version 4, with its instances."""
    text = outline.source.text
    instances = said.get("instances")
    if not isinstance(instances, list):
        return
    places = parts(text, start)
    walk = Walk(text, places["instances"][0])
    for index in walk.items():
        begin, each = walk.at, instances[index]
        walk.value()
        if not isinstance(each, dict) or each.get("deposed") is not None:
            continue
        marks = _marks(each.get("sensitive_attributes"))
        wanted = ours(said.get("type"), each.get("attributes") or each.get("attributes_flat"))
        if not wanted and not marks:
            continue
        within = parts(text, begin)
        values = within.get("attributes") or within.get("attributes_flat")
        if values is None:
            continue
        if marks:
            outline.covered.append((values, marks if wanted else True))
        if wanted:
            entry = _entry(said, each, text, within, values)
            entry.header = within.get("index_key") or places.get("name") or (begin, begin + 1)
            entry.sensitive = marks
            entry.flat = "attributes" not in within
            outline.entries.setdefault(entry.address, entry)


def _entry(
    said: dict[str, object],
    each: dict[str, object],
    text: str,
    within: dict[str, tuple[int, int]],
    values: tuple[int, int],
) -> Entry:
    type, name, mode = str(said.get("type")), str(said.get("name")), str(said.get("mode", "managed"))
    key = each.get("index_key")
    if isinstance(key, str) and not text.startswith('"', within["index_key"][0]):
        key = Digits(key)
    module = said.get("module")
    plain = f"{'data.' if mode == 'data' else ''}{type}.{name}"
    address = instance(f"{module}.{plain}" if isinstance(module, str) else plain, key)
    return Entry(address, mode, type, name, values, values)


def _marks(paths: object) -> object:
    """The paths of sensitive attributes as marks in the shape of the values; a step into a list marks all of it."""
    marks: dict[str, object] = {}
    for path in paths if isinstance(paths, list) else ():
        here = marks
        steps = path if isinstance(path, list) else [path]
        for at, step in enumerate(steps[:_STEPS]):
            name = step.get("value") if isinstance(step, dict) else step
            following = steps[at + 1] if at + 1 < len(steps[:_STEPS]) else None
            deeper = isinstance(following, dict) and following.get("type") == "get_attr"
            if not isinstance(name, str):
                break
            below = here.get(name)
            if not deeper or below is True:
                here[name] = True
                break
            if not isinstance(below, dict):
                below = here[name] = {}
            here = below
    return marks


def _module(outline: Outline, said: dict[str, object], start: int) -> None:
    """A module of version 3, with its resources by address."""
    text = outline.source.text
    path, resources = said.get("path"), said.get("resources")
    if not isinstance(resources, dict) or not resources:
        return
    module = "".join(f"module.{name}." for name in path[1:]) if isinstance(path, list) else ""
    inside = parts(text, parts(text, start)["resources"][0])
    for address, each in resources.items():
        primary = each.get("primary") if isinstance(each, dict) else None
        if not isinstance(primary, dict) or not ours(each.get("type"), primary.get("attributes")):
            continue
        values = parts(text, parts(text, inside[address][0])["primary"][0]).get("attributes")
        mode = "data" if address.startswith("data.") else "managed"
        steps = address.removeprefix("data.").split(".")
        if values is None or len(steps) < 2:
            continue
        key = Digits(steps[2]) if len(steps) > 2 and steps[2].isdecimal() else None
        plain = f"{'data.' if mode == 'data' else ''}{steps[0]}.{steps[1]}"
        begin = inside[address][0]
        entry = Entry(instance(module + plain, key), mode, steps[0], steps[1], values, (begin, begin + 1), flat=True)
        outline.entries.setdefault(entry.address, entry)


_LISTS: Final[dict[str, Callable[[Outline, dict[str, object], int], None]]] = {
    "resources": _resource,
    "modules": _module,
}
