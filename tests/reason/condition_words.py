"""The condition of a row, read as a person reads it: whether a request fulfils these words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from kms_lint.reason import reference, reference_grants
from kms_lint.reason.reference import all_of, any_of, opposite
from kms_lint.reason.reference_world import World, decide
from kms_lint.reason.request import Request

_THROUGH = re.compile(r"it does not come through ([\w-]+)(, or the policy of \1 allows it)?")
_CONSTRAINT = re.compile(r"the constraint (\w+)(?: of \d+ pairs?)? of ([\w-]+)")


def fulfilled(words: str, request: Request, world: World, through: bool) -> bool | None:
    """Whether a request fulfils the words of a condition; `None` where they leave it open. `through` an endpoint it comes."""
    words = _THROUGH.sub(lambda found: "<let through>" if found.group(2) else "<another way>", words)
    return _read(words, request, world, through)


def _read(words: str, request: Request, world: World, through: bool) -> bool | None:
    choices = list(_parts(words, " or "))
    if len(choices) > 1:
        return any_of([_read(each, request, world, through) for each in choices])
    parts = list(_parts(words, " and "))
    if len(parts) > 1:
        return all_of([_read(each, request, world, through) for each in parts])
    if words.startswith("not ("):
        return opposite(_read(words[5:-1], request, world, through))
    if words.startswith("("):
        return _read(words[1:-1], request, world, through)
    return _leaf(words, request, world, through)


def _parts(words: str, between: str) -> Iterator[str]:
    """The parts between words that stand in no brackets."""
    depth = start = 0
    for at, each in enumerate(words):
        depth += (each == "(") - (each == ")")
        if not depth and words.startswith(between, at):
            yield words[start:at]
            start = at + len(between)
    yield words[start:]


def _leaf(words: str, request: Request, world: World, through: bool) -> bool | None:
    if words in ("<let through>", "<another way>"):
        return not through or (words == "<let through>" and decide(world, request).parts["vpc endpoint"])
    if (found := _CONSTRAINT.fullmatch(words)) is not None:
        grants: Mapping[str, Any] = {paper.place.rpartition(" ")[2]: paper.content for paper in world.grants}
        grant = grants[found.group(2)]
        only = {found.group(1): grant["Constraints"][found.group(1)]}
        return reference_grants.fulfils({**grant, "Constraints": only}, request)
    operator, _, rest = words.partition(" ")
    key, _, values = rest.partition(" ")
    if not re.fullmatch(r"(?:\w+:)?[A-Z]\w+", operator):
        return None
    return reference.condition(operator, key, values.split(", "), request)
