"""Tags of a key that access trusts, and who may change them.

IAM policies may ask for tags of the key (`aws:ResourceTag/…`); who may tag it, within what its own policies ask of the tags
in the request, chooses what they say. What tags a key has is not known: a step counts where it changes something.
https://docs.aws.amazon.com/kms/latest/developerguide/tag-authorization.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import combinations, product
from typing import Final

from kms_lint.reason.carried import carrying, listing
from kms_lint.reason.held import Held
from kms_lint.reason.space import Space

TAG: Final = "kms:TagResource"
UNTAG: Final = "kms:UntagResource"
_OF_KEY: Final = "aws:resourcetag/"
_IN_REQUEST: Final = "aws:requesttag/"
_NAMES: Final = "aws:tagkeys"
_MOST: Final = 200
"""As many choices of tags are tried."""

Tags = Mapping[str, str | None]
"""The value of each tag by its name as policies write it; `None` for a tag that is taken away."""


def trusted(space: Space) -> tuple[str, ...]:
    """The condition keys for tags of the key that policies ask for."""
    return tuple(key for key in space.condition_keys() if key.startswith(_OF_KEY))


def untagged(space: Space) -> dict[str, int]:
    """A key without tags."""
    return {key: 1 for key in trusted(space)}  # noqa: C420 - a dictionary of classes, not of one value


def after_tagging(held: Held, spelt: Mapping[str, str]) -> Iterator[tuple[str, Tags, Held]]:
    """Each choice of tags that the caller may give the key: the action, the tags, and what it may do then.

    `spelt` are the names of tags as policies write them, by their condition keys.
    """
    space = held.given.space
    may = {action: held.may(action) for action in (TAG, UNTAG)}
    if not any(may.values()):
        return
    for number, tags in enumerate(_choices(space, spelt)):
        action = UNTAG if None in tags.values() else TAG
        if number == _MOST:
            return
        if may[action] and held.may(action, context=_request(space, spelt, tags, action)):
            region = {**held.region, **{key: _class(space, key, value) for key, value in tags.items()}}
            yield action, {spelt[key]: value for key, value in tags.items()}, replace(held, region=region)


def depending(held: Held, actions: frozenset[str]) -> frozenset[str]:
    """The operations that a key without the right tags does not allow."""
    space = held.given.space
    found: set[str] = set()
    for key in trusted(space):
        for mask in (1 << at for at in range(len(space.chosen[key]) + 1)):
            for action in actions - found:
                if held.never(action, {key: mask}):
                    found.add(action)
    return frozenset(found)


def _choices(space: Space, spelt: Mapping[str, str]) -> Iterator[Tags]:
    keys = [key for key in trusted(space) if key in spelt]
    for key in keys:
        yield from ({key: value} for value in (*space.chosen[key], None))
    for pair in combinations(keys, 2):
        for values in product(*(space.chosen[key] for key in pair)):
            yield dict(zip(pair, values, strict=True))


def _class(space: Space, key: str, value: str | None) -> int:
    return 1 if value is None else 2 << space.chosen[key].index(value)


def _request(space: Space, spelt: Mapping[str, str], tags: Tags, action: str) -> dict[str, int]:
    """A request with these tags and no others, for a key on which they are otherwise now."""
    context: dict[str, int] = {}
    asked = [key for key in space.condition_keys() if key.startswith(_IN_REQUEST)]
    for key in asked:
        value = tags.get(_OF_KEY + key.removeprefix(_IN_REQUEST)) if action == TAG else None
        context |= carrying(space, key, value)
    context |= listing(space, _NAMES, [spelt[key] for key in tags])
    for key, value in tags.items():
        full = (2 << len(space.chosen[key])) - 1
        context[key] = full ^ _class(space, key, value)
    return context
