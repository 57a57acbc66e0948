"""Whom a statement of a key policy lets in, and what is left of it beside the Denies of its policy."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from kms_lint.finding import Confidence
from kms_lint.iam import access, conditions, keys
from kms_lint.iam.access import Exposure
from kms_lint.iam.conditions import WHO_CALLS, Limit
from kms_lint.iam.principals import Who, account, who
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
    found = _without_impossible(statement, access.exposed(policy, statement, keeping_out))
    strangers = keeping_out >= WHO_CALLS and who(principal, None) is Who.EVERYONE
    return without_taken(policy, statement, found, principal, strangers)


def _without_impossible(statement: Statement, found: Exposure) -> Exposure:
    """An exposure without the actions whose requests never carry what a condition of the statement asks for.

    What a key asks for that we do not know is not sure either: the Allow may never allow anything.
    """
    asked = [each for each in statement.conditions if each.key.known and conditions.passes_when_absent(each) is False]
    if not asked:
        return found
    known = [keys.find(each.key.form) for each in asked]
    if statement.kind is PolicyKind.KEY and any(key is not None and key.identity_only for key in known):
        return Exposure(frozenset(), frozenset())
    never = found.possibly & frozenset[str]().union(*(keys.never_in_requests(each.key.form) for each in asked))
    surely = frozenset[str]() if None in known else found.surely - never
    return Exposure(surely, found.possibly - never)


def without_taken(
    policy: Policy, statement: Statement, found: Exposure, principal: Principal | None = None, strangers: bool = False
) -> Exposure:
    """What is left of an exposure beside all Denies together, as `reason.left` proves it.

    Denies one by one are looked at before, as most policies need no more.
    """
    if not found.possibly or not any(each.effect is Effect.DENY for each in policy.statements):
        return found
    from kms_lint.reason.left import BudgetError, taken

    try:
        gone = taken(policy, statement, access.presumed_owner(policy), found.possibly, principal, strangers)
    except BudgetError:
        return found
    return Exposure(found.surely - gone, found.possibly - gone)


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
