"""Replicas of a multi-Region key: the same key material in another Region, under a key policy of the caller's own.

Who replicates a key needs `kms:ReplicateKey` on the primary key and `kms:CreateKey` in the Region of the replica, and gives
the replica its policy. It changes nothing of the key itself: what it gives is what the material is for.
https://docs.aws.amazon.com/kms/latest/developerguide/multi-region-keys-replicate.html
https://docs.aws.amazon.com/kms/latest/APIReference/API_ReplicateKey.html
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from kms_lint.iam import kms
from kms_lint.reason.carried import carrying
from kms_lint.reason.parties import Estate, HeldKey
from kms_lint.reason.space import Space
from kms_lint.reason.values import answer
from kms_lint.syntax.tree import Text

REPLICATE: Final = "kms:ReplicateKey"
REQUESTED: Final = "aws:requestedregion"
_REGION: Final = "kms:replicaregion"


def replicable(key: HeldKey) -> bool | None:
    """Whether a key is the primary one of a multi-Region key; `None` when that is not known."""
    if key.replica:
        return False
    if key.key is None:
        return None
    setting = key.key.settings.get("multi_region")
    if setting is None:
        return None if key.key.format == "cli" else False
    return setting.value is True if setting.known else None


def regions(estate: Estate, space: Space, key: HeldKey) -> Iterator[tuple[str, str]]:
    """A Region for each kind that policies tell apart, in which a key may get a replica, and on which condition.

    Where the Region of the key is not known, one of two that are alike is surely another one.
    """
    own = _region(key)
    taken = {_region(each) for each in estate.keys if each.primary and each.primary in (key.address, _arn(key))}
    alike: dict[object, list[str]] = {}
    for region in kms.REGIONS.get(_partition(key), kms.REGIONS["aws"]).split():
        alike.setdefault(_kind(space, region), []).append(region)
    known = not own.startswith("<") and bool(own)
    for found in alike.values():
        left = [each for each in found if each not in (own, *taken)]
        if left:
            yield left[0], "" if known or len(left) > 1 else f"the key is not in {left[0]} itself"


def replica(key: HeldKey, region: str) -> HeldKey:
    """The replica of a key in a Region, without grants and aliases."""
    parts = _arn(key).split(":", 5)
    form = ":".join((*parts[:3], region, *parts[4:])) if len(parts) == 6 else ""
    arn = Text(form, key.at, form) if form else None
    return replace(key, arn=arn, grants=(), aliases=())


def context(space: Space, region: str) -> dict[str, int]:
    """That a request asks for a replica in a Region."""
    return carrying(space, _REGION, region)


def creation(key: HeldKey, region: str) -> str:
    """What the permission to create a key in a Region is asked on: no key that exists, so that only `*` means it."""
    return f"arn:{_partition(key)}:kms:{region}:{key.account}:<new key>"


def creations(estate: Estate, space: Space) -> Iterator[str]:
    """These for all keys that may have replicas."""
    for key in estate.keys:
        if replicable(key) is not False:
            yield from (creation(key, region) for region, _ in regions(estate, space, key))


def _kind(space: Space, region: str) -> tuple[object, ...]:
    asked = [key for key in (REQUESTED, _REGION) if key in space.condition_keys()]
    return tuple(answer(test, region) for key in asked for test in space.asked(key))


def _arn(key: HeldKey) -> str:
    return key.arn.form if key.arn is not None else ""


def _region(key: HeldKey) -> str:
    parts = _arn(key).split(":", 5)
    return parts[3] if len(parts) == 6 else ""


def _partition(key: HeldKey) -> str:
    parts = _arn(key).split(":", 5)
    return parts[1] if len(parts) == 6 and not parts[1].startswith("<") else "aws"
