"""Facts about a grant. Each function makes a fact of the words that a rule file says."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from kms_lint.iam import principals
from kms_lint.match.words import Places, Words, whom
from kms_lint.model import Grant, World

GrantFact: TypeAlias = Callable[[Grant, World], Places]


def operation(words: Words) -> GrantFact:
    """One of these operations is granted."""

    def fact(grant: Grant, world: World) -> Places:
        for operation in grant.operations:
            if not operation.known or operation in words:
                yield operation.at, operation.known

    return fact


def grantee(words: Words) -> GrantFact:
    """The grantee is someone of these."""
    sure, maybe = whom(words)

    def fact(grant: Grant, world: World) -> Places:
        if grant.grantee is None or grant.service:
            return []
        who = principals.who(principals.grantee_of(grant.grantee), grant.owner, world.accounts)
        return [(grant.grantee.at, who in sure)] if who in sure or who in maybe else []

    return fact


def unless_constrained(words: Words) -> GrantFact:
    """No constraint limits the grant."""
    return lambda grant, world: [] if grant.constraints else [(grant.at, not grant.constraints_unknown)]
