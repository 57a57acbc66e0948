"""Access by strangers: principals of an account that no policy names, with nothing in the request that one trusts.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
"""

from __future__ import annotations

import ipaddress
from typing import Final

from kms_lint.iam import conditions
from kms_lint.iam.comparisons import COMPARISONS
from kms_lint.reason import callers, values
from kms_lint.reason.formula import Formula, conjunction, disjunction, negation
from kms_lint.reason.space import ACCOUNT, Space
from kms_lint.reason.values import Test
from kms_lint.syntax.tree import DEPLOYMENT_ACCOUNT

TRUSTED: Final = frozenset(
    [
        "aws:principalorgid",
        "aws:principalorgpaths",
        "aws:sourceaccount",
        "aws:sourcearn",
        "aws:sourceorgid",
        "aws:sourceorgpaths",
        "aws:sourceowner",
        "aws:sourcevpc",
        "aws:sourcevpce",
        "aws:sourcevpcarn",
        "aws:vpceaccount",
        "aws:vpceorgid",
        "aws:vpceorgpaths",
        "aws:sourceip",
        "aws:userid",
    ]
)
"""Condition keys with which a policy says whom it trusts. In lower case."""

_WIDE: Final = {4: 8, 6: 32}
"""Networks with fewer fixed bits than this are the world rather than a network that somebody trusts."""


def stranger(space: Space, account: str | None) -> Formula:
    """The requests of strangers."""
    named = space.named(ACCOUNT) | {account or DEPLOYMENT_ACCOUNT}
    unknown = conjunction((callers.has_account(space), space.among(ACCOUNT, lambda each: each not in named)))
    return conjunction((unknown, *(_untrusted(space, key) for key in space.condition_keys() if key in TRUSTED)))


def _untrusted(space: Space, key: str) -> Formula:
    """That a key is absent, or has a value that the policies do not speak of."""
    tests = [test for test in space.asked(key) if not _is_wide(key, test)]
    open_ = [not any(values.answer(test, value) for test in tests) for value in space.chosen[key]]
    if space.several(key):
        return conjunction([True if free else negation(space.element(key, index)) for index, free in enumerate(open_)])
    mask = sum(free << index for index, free in enumerate(open_))
    return disjunction((negation(space.presence(key)), space.value(key, mask)))


def _is_wide(key: str, test: Test) -> bool:
    """Whether a test names what strangers can have: `o-*`, or the greater part of the Internet."""
    if test.comparison != "IpAddress":
        compared = COMPARISONS[test.comparison]
        return conditions.lets_anybody(key, test.value, compared.wildcards)
    try:
        network = ipaddress.ip_network(test.value, strict=False)
    except ValueError:
        return False
    return network.prefixlen < _WIDE[network.version]
