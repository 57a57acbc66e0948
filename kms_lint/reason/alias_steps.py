"""Aliases of a key that access trusts, and who may change them.

IAM policies may ask for the aliases of the key (`kms:ResourceAliases`) or for the one in the request (`kms:RequestAlias`).
Who may create or move an alias needs permission on the alias, by IAM policies, and on the key, or on both keys.
https://docs.aws.amazon.com/kms/latest/developerguide/alias-authorization.html
https://docs.aws.amazon.com/kms/latest/developerguide/alias-access.html
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from kms_lint.reason.carried import carrying, listing
from kms_lint.reason.held import Held
from kms_lint.reason.parties import Estate, HeldKey
from kms_lint.reason.space import Space

CREATE: Final = "kms:CreateAlias"
MOVE: Final = "kms:UpdateAlias"
_OF_KEY: Final = "kms:resourcealiases"
_IN_REQUEST: Final = "kms:requestalias"


def trusted(space: Space) -> tuple[str, ...]:
    """The names of aliases that policies ask for: examples of what they mean."""
    found = [name for key in (_OF_KEY, _IN_REQUEST) if key in space.condition_keys() for name in space.chosen[key]]
    return tuple(dict.fromkeys(each for each in found if _is_name(each)))


def arn(key: HeldKey, alias: str) -> str | None:
    """The ARN of an alias beside a key; `None` where nothing tells of the key's Region."""
    parts = key.arn.form.split(":", 5) if key.arn is not None else []
    return ":".join((*parts[:5], alias)) if len(parts) == 6 else None


def arns(estate: Estate, space: Space) -> Iterator[str]:
    """The ARNs of all these aliases beside all keys."""
    for key in estate.keys:
        yield from (found for alias in trusted(space) if (found := arn(key, alias)) is not None)


def owner(estate: Estate, key: HeldKey, alias: str) -> HeldKey | None:
    """Another key of the same account and Region that has an alias."""
    place = arn(key, alias)
    return next((each for each in estate.keys if alias in each.aliases and arn(each, alias) == place), None)


def without(held: Held) -> Held:
    """What may be done with a key that has the aliases that the input shows, and no others."""
    return replace(held, region={**held.region, **listing(held.given.space, _OF_KEY, held.given.key.aliases)})


def having(held: Held, alias: str) -> Held:
    """What may be done once a key has one alias more, by which it is called."""
    space = held.given.space
    region = {
        **held.region,
        **listing(space, _OF_KEY, (*held.given.key.aliases, alias)),
        **carrying(space, _IN_REQUEST, alias),
    }
    return replace(held, region=region)


def depending(held: Held, actions: frozenset[str]) -> frozenset[str]:
    """The operations that the key with the aliases that it has does not allow."""
    space = held.given.space
    if not trusted(space):
        return frozenset()
    names = [None, *held.given.key.aliases]
    regions = [{**without(held).region, **carrying(space, _IN_REQUEST, name)} for name in names]
    found = set(actions)
    for region in regions:
        here = replace(held, region=region)
        found = {each for each in found if here.never(each)}
    return frozenset(found)


def _is_name(text: str) -> bool:
    return text.startswith("alias/") and len(text) > len("alias/") and not text.startswith("alias/aws/")
