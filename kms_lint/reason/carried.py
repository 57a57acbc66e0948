"""What a request carries for condition keys, as classes of requests.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

from kms_lint.reason.space import ALWAYS_PRESENT, Space
from kms_lint.reason.values import answer

Context = Mapping[str, str | None]
"""What a request carries for condition keys, in lower case; `None` where it carries no such key."""


BOUNDARY_KEY: Final = "iam:permissionsboundary"
POLICY_KEY: Final = "iam:policyarn"
SERVICE_KEY: Final = "iam:passedtoservice"
PLAIN: Final[Context] = {BOUNDARY_KEY: None, POLICY_KEY: None, SERVICE_KEY: None}
"""What most requests carry of these keys: nothing."""


def carrying(space: Space, key: str, value: str | None) -> dict[str, int]:
    """The classes of requests that carry a value for a condition key; for `None` those that do not carry it.

    Nothing is said of keys that no policy asks about, and of those that hold several values.
    """
    if key not in space.condition_keys() or space.several(key):
        return {}
    if value is None:
        return {key: 1}
    tests = space.asked(key)
    wanted = [answer(test, value) for test in tests]
    alike = [at for at, each in enumerate(space.chosen[key]) if [answer(test, each) for test in tests] == wanted]
    first = 1 if key in ALWAYS_PRESENT else 2
    return {key: sum(first << at for at in alike)}


def listing(space: Space, key: str, values: Collection[str]) -> dict[str, int]:
    """The classes of requests that carry these values, and no others, for a condition key that holds several.

    Nothing is said of keys that no policy asks about.
    """
    if key not in space.condition_keys():
        return {}
    tests, chosen = space.asked(key), space.chosen[key]
    wanted = [[answer(test, value) for test in tests] for value in values]
    alike = [[answer(test, each) for test in tests] in wanted for each in chosen]
    return {f"{key}#{at}": 2 if there else 1 for at, there in enumerate(alike)}
