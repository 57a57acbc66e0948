"""Key policies that nobody can change any more.

https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from kms_lint.finding import Confidence, Hit, Place
from kms_lint.iam import access, actions, principals
from kms_lint.iam.principals import Who
from kms_lint.model import Effect, Policy, PolicyKind, Statement, World
from kms_lint.rule import check
from kms_lint.source import At
from kms_lint.syntax.tree import Mapping, Text

_CHANGE: Final = frozenset({"kms:PutKeyPolicy"})
_UNUSABLE: Final = "nobody who is given kms:PutKeyPolicy can use it"


@check(Policy)
def key_lockout(policy: Policy, world: World) -> Iterator[Hit]:
    """Nobody of the key's account possibly keeps kms:PutKeyPolicy once the Denies of the key policy are taken off.

    A policy that AWS refuses locks nobody out.
    """
    if policy.kind is not PolicyKind.KEY or access.may_keep(policy, "kms:PutKeyPolicy", world.accounts):
        return
    if not policy.statements or _of_aws(policy) or policy.refused:
        return
    giving = [each for each in policy.statements if _gives(each)]
    if any(_names_nobody(each, world) for each in giving) or _somebody_keeps(policy):
        return
    doubt = _is_part(policy) or any(_of_another_own_account(policy, each, world) for each in giving)
    confidence = Confidence.POSSIBLE if doubt else Confidence.DEFINITE
    yield _hit(policy, giving, world)._replace(confidence=confidence)


def _somebody_keeps(policy: Policy) -> bool:
    """Whether somebody of the account keeps kms:PutKeyPolicy beside Denies that spare who they name.

    A Deny with NotPrincipal is read, one by one, for strangers; whom it spares is asked of all statements together.
    """
    if not any(_takes(each) and each.principals is not None and each.principals.negated for each in policy.statements):
        return False
    from kms_lint.reason.alone import BudgetError, nobody_keeps

    try:
        return not nobody_keeps(policy, access.presumed_owner(policy))
    except BudgetError:
        return False


def _is_part(policy: Policy) -> bool:
    """Whether it may be only a part of a key policy, or none: a document that nothing in sight uses."""
    return policy.assumed or (policy.of is None and policy.address.startswith("data."))


def _of_aws(policy: Policy) -> bool:
    """Whether it is the policy of an AWS managed key, which AWS alone can change; AWS gives them ids like `auto-ebs-2`.

    A key that is declared is the user's own, also when its policy was copied from such a key.
    """
    if policy.of is not None:
        return False
    id = policy.node.get("Id") if isinstance(policy.node, Mapping) else None
    return isinstance(id, Text) and id.startswith("auto-")


def _gives(statement: Statement) -> bool:
    """Whether a statement is written to give kms:PutKeyPolicy."""
    return statement.effect is Effect.ALLOW and bool(_CHANGE & actions.covered(statement.actions))


def _names_nobody(statement: Statement, world: World) -> bool:
    """Whether AWS refuses a principal of a statement, and the policy with it."""
    found = statement.principals.values if statement.principals else ()
    return any(principals.who(each, statement.owner, world.accounts) is Who.INVALID for each in found)


def _of_another_own_account(policy: Policy, statement: Statement, world: World) -> bool:
    """Whether a principal is of another account of the user's, which may be the one that owns the key."""
    found = statement.principals.values if statement.principals else ()
    return any(principals.account(each) in world.accounts.own - {policy.owner} for each in found)


def _hit(policy: Policy, giving: list[Statement], world: World) -> Hit:
    """Where and why it is so: the Denies, the Allow that comes to nothing, or the policy that has none."""
    if not giving:
        return Hit(policy.at, "no statement allows kms:PutKeyPolicy, so nobody can ever change this policy")
    allowing = replace(policy, statements=tuple(each for each in policy.statements if each.effect is not Effect.DENY))
    if access.may_keep(allowing, "kms:PutKeyPolicy", world.accounts):
        first, *others = [each for each in policy.statements if _takes(each)]
        label = "kms:PutKeyPolicy is denied to everyone who has it, so nobody can ever change this policy"
        related = tuple(Place(_place(each), "denied here as well") for each in others)
        return Hit(_place(first), label, related=related, statement=first.index)
    void = all(each.resources is None for each in giving)
    why = "without `Resource` the statement allows nothing" if void else _UNUSABLE
    label = f"{why}, so nobody can ever change this policy"
    return Hit(_place(giving[0]), label, statement=giving[0].index)


def _takes(statement: Statement) -> bool:
    """Whether a statement denies kms:PutKeyPolicy."""
    return statement.effect is Effect.DENY and bool(_CHANGE & actions.covered(statement.actions))


def _place(statement: Statement) -> At:
    """What means kms:PutKeyPolicy in a statement."""
    patterns = statement.actions
    if patterns is None:
        return statement.at
    found = actions.meaning(patterns, _CHANGE)
    return found[0].at if found else patterns.name.at
