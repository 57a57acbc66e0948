"""What an identity policy allows on which keys beside all its Denies together.

`reach` reads the Denies one by one, which is enough for most policies; the rest is proved by `reason.left`.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from kms_lint.checks import reach
from kms_lint.checks.reach import Allowance
from kms_lint.model import Effect, Policy


@lru_cache(maxsize=1)
def allowances(policy: Policy) -> tuple[Allowance, ...]:
    """The allowances of a policy, without what several Denies, or a Deny and the Allow's conditions, take back.

    Kept for the policy that was asked about last, because each rule asks about the same one.
    """
    found = reach.allowances(policy)
    if not found or not any(each.effect is Effect.DENY for each in policy.statements):
        return found
    return tuple(_left(policy, found))


def _left(policy: Policy, found: tuple[Allowance, ...]) -> Iterator[Allowance]:
    from kms_lint.reason.left import BudgetError, taken

    for each in found:
        try:
            gone = taken(policy, each.statement, policy.owner, each.possibly)
        except BudgetError:
            gone = frozenset()
        yield each._replace(surely=each.surely - gone, possibly=each.possibly - gone) if gone else each
