"""Use of a key by strangers: how grave it is, and in words."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from kms_lint.finding import Severity
from kms_lint.iam import actions, conditions
from kms_lint.iam.access import Exposure
from kms_lint.iam.conditions import Limit
from kms_lint.iam.trust import Fence, Standing, Trust
from kms_lint.model import Condition, Statement
from kms_lint.spelling import first_of

USE: Final = actions.CRYPTOGRAPHIC & actions.CROSS_ACCOUNT
"""Use of a key that works from other accounts."""

_GRAVE: Final = actions.DECRYPTING | actions.SIGNING | {"kms:CreateGrant"}
_LOWERING: Final = frozenset({Limit.PATH, Limit.CONTEXT, Limit.NETWORK})
_SHOWN: Final = 3


def severity_of(standing: Standing, given: frozenset[str], limited: bool = False) -> Severity | None:
    """How grave it is that somebody holds these actions, where that differs from what the rule file says.

    A third party is less than a stranger, and so is who can neither read what is protected, sign with the key nor pass it
    on, and who is limited to a network, a service or an encryption context.
    """
    lower = limited or standing.trust is Trust.THIRD_PARTY or not given & _GRAVE
    return Severity.LOW if lower else None


@lru_cache(maxsize=16)  # asked for each principal of a statement in turn
def narrowed(statement: Statement) -> bool:
    """Whether conditions limit from where, how and for which data a key is used."""
    return bool(_LOWERING & conditions.surely_limited(statement.conditions))


def limited_to_listed(found: tuple[Condition, ...]) -> bool:
    """Whether conditions let only accounts in that they list."""
    return conditions.accounts_named(found) is not None and Limit.CALLER in conditions.surely_limited(found)


def lists(fence: Fence) -> bool:
    """Whether all whom a Deny leaves are of accounts that it lists."""
    return len(conditions.on(fence, *conditions.BY_ACCOUNT, *conditions.BY_ARN)) == len(fence) > 0


@lru_cache(maxsize=16)
def shown(given: frozenset[str]) -> str:
    """Actions, the gravest first, as far as they fit into a line."""
    ordered = sorted(given, key=lambda name: (name not in actions.DECRYPTING, name != "kms:Decrypt", name))
    return first_of(ordered, _SHOWN)


def given_of(exposure: Exposure, wanted: frozenset[str]) -> frozenset[str]:
    """Those of the wanted actions that surely are open, or else those that may be."""
    return exposure.surely & wanted or exposure.possibly & wanted
