"""What the Denies of a policy leave of an Allow, taken together and with all their conditions.

Each unknown value is one of its own, so that what is proved to be gone is gone whatever the values are. All questions raise
`BudgetError` when they are too large to be answered.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from __future__ import annotations

from dataclasses import replace

from kms_lint.iam import actions
from kms_lint.model import Effect, Policy, Principal, Statement
from kms_lint.reason import callers, public
from kms_lint.reason.alone import MOST_STEPS, Alone, alone
from kms_lint.reason.formula import BudgetError as BudgetError
from kms_lint.reason.formula import Formula, conjunction, disjunction, negation, solve
from kms_lint.reason.space import ACTION
from kms_lint.reason.statements import meant


def taken(
    policy: Policy,
    statement: Statement,
    owner: str | None,
    among: frozenset[str],
    principal: Principal | None = None,
    strangers: bool = False,
) -> frozenset[str]:
    """Those of the actions of an Allow that its policy's Denies take from everybody whom it lets in.

    `statement` may have fewer conditions than the one of the policy that it stands for. With a `principal` only it is
    asked about, of those that the statement names; with `strangers` only principals of accounts that no policy names,
    with nothing in the request that one trusts. What the Allow gives to none of these to begin with is not taken.
    """
    if not has_denies(policy, among):
        return frozenset()
    read = alone(policy, owner)
    who: list[Formula] = [public.stranger(read.space, read.owner)] if strangers else []
    if principal is not None and statement.principals is not None and not statement.principals.negated:
        one = statement.principals._replace(values=(principal,))
        who.append(disjunction(callers.ways(read.space, one).values()))
    given = conjunction((_whole(read, policy, statement), *who))
    denied = read.denied(range(len(policy.statements)))
    before = _actions(read, given, among)
    return before - _actions(read, conjunction((given, negation(denied))), before)


def _whole(read: Alone, policy: Policy, statement: Statement) -> Formula:
    """All requests that a statement is about, or would be with fewer conditions."""
    own = read.statements[statement.index]
    if statement.conditions == policy.statements[statement.index].conditions:
        return own.whole
    (less,) = meant(read.space, replace(policy, statements=(statement,)), True, "here")
    return less.whole


def open_in_account(policy: Policy, owner: str | None) -> frozenset[str]:
    """The actions on a key that its policy gives some principal of the key's account, or lets IAM policies give it."""
    read = alone(policy, owner)
    allowed = read.allowed(range(len(policy.statements)))
    return _actions(read, conjunction((allowed, callers.of_account(read.space, read.owner))), frozenset(_all(read)))


def has_denies(policy: Policy, among: frozenset[str]) -> bool:
    """Whether a Deny of a policy is, or may be, about one of the actions: without one all that is allowed is left."""
    return any(
        each.effect is Effect.DENY and not each.unknown and among & actions.reachable(each.actions)
        for each in policy.statements
    )


def _all(read: Alone) -> tuple[str, ...]:
    return tuple(name for name in read.space.chosen[ACTION] if name.startswith("kms:"))


def _actions(read: Alone, formula: Formula, among: frozenset[str]) -> frozenset[str]:
    """Those of the actions for which a formula is true of some request."""
    found: frozenset[str] = frozenset()
    names = read.space.chosen[ACTION]
    formula = read.over_tls(formula)
    while left := among - found:
        region = solve(conjunction((formula, read.space.among(ACTION, left.__contains__))), MOST_STEPS)
        if region is None:
            return found
        mask = region.get(ACTION, read.space.full(ACTION))
        found |= left & {name for index, name in enumerate(names) if mask >> index & 1}
    return found
