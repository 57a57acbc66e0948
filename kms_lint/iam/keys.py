"""Condition keys: which there are, what they hold, and when a request carries them.

https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final, NamedTuple

from kms_lint.iam import kms
from kms_lint.spelling import nearest, slip


class Key(NamedTuple):
    """A condition key in AWS's spelling; that of a family ends in `*`.

    `many` is whether it holds several values, `identity_only` whether it works in identity policies only, `exact`
    whether AWS calls wildcards in its values pointless.
    """

    name: str
    type: str
    many: bool = False
    identity_only: bool = False
    exact: bool = False


def _key(name: str, words: str) -> Key:
    type_, *rest = words.split()
    return Key(name, type_, "many" in rest, "identity" in rest, "exact" in rest)


def _lower(names: str) -> frozenset[str]:
    return frozenset(names.split())


_KEYS: Final = {name.lower(): _key(name, words) for name, words in (kms.GLOBAL_KEYS | kms.CONDITION_KEYS).items()}
_FAMILIES: Final = tuple((name[:-1], key) for name, key in _KEYS.items() if name.endswith("*"))

ALWAYS_PRESENT: Final = _lower(
    "aws:securetransport aws:currenttime aws:epochtime aws:requestedregion aws:principalisawsservice aws:viaawsservice "
    "aws:principalaccount aws:principalarn aws:principaltype aws:userid kms:calleraccount kms:keyspec kms:keyusage "
    "kms:keyorigin kms:multiregion kms:customermasterkeyspec kms:customermasterkeyusage"
)
"""Keys that every request for an operation on a key carries: KMS knows no anonymous callers. In lower case."""

SERVICE_ONLY: Final = _lower("aws:sourcearn aws:sourceaccount aws:sourceorgid aws:sourceorgpaths aws:sourceowner")
"""Keys that only calls of service principals carry. In lower case."""


SAFE_WHEN_ABSENT: Final = _lower("kms:replicaregion kms:primaryregion kms:schedulekeydeletionpendingwindowindays")
"""Keys of parameters that their operation requires, or for which it takes the safest value: their absence opens nothing.

https://docs.aws.amazon.com/kms/latest/APIReference/API_ReplicateKey.html
https://docs.aws.amazon.com/kms/latest/APIReference/API_UpdatePrimaryRegion.html
https://docs.aws.amazon.com/kms/latest/APIReference/API_ScheduleKeyDeletion.html
"""


@lru_cache(maxsize=1024)
def find(name: str) -> Key | None:
    """The condition key of a name, in any letter case; `None` for one that we do not know."""
    lower = name.lower()
    exact = _KEYS.get(lower)
    if exact is not None and not lower.endswith("*"):
        return exact
    return next((key for start, key in _FAMILIES if lower.startswith(start) and len(lower) > len(start)), None)


def can_be_absent(name: str) -> bool:
    """Whether a request for an operation on a key may lack this condition key."""
    return name.lower() not in ALWAYS_PRESENT


@lru_cache(maxsize=4096)
def in_request(name: str, action: str) -> bool | None:
    """Whether a request for an action can carry a key of KMS; `None` for keys of no such table."""
    from kms_lint.iam import actions

    key = find(name)
    if key is None or not (key.name.startswith("kms:") or key.name in kms.CONDITION_KEYS):
        return None
    return key.name in actions.condition_keys(action)


@lru_cache(maxsize=256)
def never_in_requests(name: str) -> frozenset[str]:
    """The actions of KMS whose requests never carry a condition key."""
    from kms_lint.iam import actions

    return frozenset(action for action in actions.ALL if in_request(name, action) is False)


@lru_cache(maxsize=256)
def suggestion(name: str) -> str | None:
    """The key of KMS that was probably meant by a name that is none."""
    return nearest(name, (key.name for lower, key in _KEYS.items() if lower[:4] == "kms:"))


@lru_cache(maxsize=256)
def global_slip(name: str) -> str | None:
    """The global key that a name differs from by one slip of the pen; `None` where it may be one that is new to us."""
    if not name.lower().startswith("aws:") or find(name) is not None:
        return None
    return slip(
        name, (key.name for lower, key in _KEYS.items() if lower.startswith("aws:") and not lower.endswith("*"))
    )
