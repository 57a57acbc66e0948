"""Whom a statement of a key policy lets in, and what is left of it beside the Denies of its policy."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from kms_lint.finding import Confidence
from kms_lint.iam import access
from kms_lint.iam.access import Exposure
from kms_lint.iam.conditions import Limit
from kms_lint.iam.principals import account
from kms_lint.iam.trust import Standing
from kms_lint.model import Effect, Policy, PolicyKind, Principal, Statement
from kms_lint.syntax.tree import ANYTHING

NOTHING: Final[frozenset[Limit]] = frozenset()


def lets_in(statement: Statement) -> bool:
    """Whether a statement of a key policy allows something to principals that it names.

    One without `Action` or `Resource` is accepted and allows nothing.
    """
    return (
        statement.kind is PolicyKind.KEY
        and statement.effect is not Effect.DENY
        and statement.principals is not None
        and not statement.principals.negated
        and statement.actions is not None
        and statement.resources is not None
    )


def left(
    policy: Policy, statement: Statement, principal: Principal, keeping_out: frozenset[Limit] = NOTHING
) -> Exposure:
    """What a statement allows one of its principals, Denies taken off, as long as none of these limits keeps it out."""
    if statement.principals is not None and len(statement.principals.values) > 1:
        statement = replace(statement, principals=statement.principals._replace(values=(principal,)))
    return access.exposed(policy, statement, keeping_out)


def because(principal: Principal, standing: Standing) -> str:
    """What the account of a principal is to the user, to go on with in a message; nothing when it is not known."""
    return "" if ANYTHING in (account(principal) or ANYTHING) else f"; the account {standing.why}"


def any_of(wanted: frozenset[str], exposure: Exposure) -> Confidence | None:
    """Whether one of the wanted actions is open: for certain, possibly, or not at all."""
    if exposure.surely & wanted:
        return Confidence.DEFINITE
    return Confidence.POSSIBLE if exposure.possibly & wanted else None


def all_of(wanted: frozenset[str], exposure: Exposure) -> Confidence | None:
    """Whether all of the wanted actions are open: for certain, possibly, or not."""
    if wanted <= exposure.surely:
        return Confidence.DEFINITE
    return Confidence.POSSIBLE if wanted <= exposure.possibly else None
