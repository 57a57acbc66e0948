"""Key policies that nobody can change any more.

https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from kms_lint.finding import Confidence, Hit
from kms_lint.iam import access, actions, principals
from kms_lint.iam.principals import Who
from kms_lint.model import Effect, Policy, PolicyKind, Statement, World
from kms_lint.rule import check
from kms_lint.source import At
from kms_lint.syntax.tree import Mapping, Text

_CHANGE: Final = frozenset({"kms:PutKeyPolicy"})
_REFUSED: Final = "malformed-policy"


@check(Policy)
def key_lockout(policy: Policy, world: World) -> Iterator[Hit]:
    """Nobody of the key's account possibly keeps kms:PutKeyPolicy once the Denies of the key policy are taken off.

    A policy that AWS refuses locks nobody out.
    """
    if policy.kind is not PolicyKind.KEY or access.may_keep(policy, "kms:PutKeyPolicy", world.accounts):
        return
    if not policy.statements or _of_aws(policy) or any(problem.rule == _REFUSED for problem in policy.problems):
        return
    giving = [each for each in policy.statements if _gives(each)]
    if any(_names_nobody(each, world) for each in giving):
        return
    confidence = Confidence.POSSIBLE if policy.assumed else Confidence.DEFINITE
    at, label, index = _reason(policy, giving)
    yield Hit(at, label, confidence=confidence, statement=index)


def _of_aws(policy: Policy) -> bool:
    """Whether it is the policy of an AWS managed key, which AWS alone can change; AWS gives them ids like `auto-ebs-2`."""
    id = policy.node.get("Id") if isinstance(policy.node, Mapping) else None
    return isinstance(id, Text) and id.startswith("auto-")


def _gives(statement: Statement) -> bool:
    """Whether a statement is written to give kms:PutKeyPolicy."""
    return statement.effect is Effect.ALLOW and bool(_CHANGE & actions.covered(statement.actions))


def _names_nobody(statement: Statement, world: World) -> bool:
    """Whether AWS refuses a principal of a statement, and the policy with it."""
    found = statement.principals.values if statement.principals else ()
    return any(principals.who(each, statement.owner, world.accounts) is Who.INVALID for each in found)


def _reason(policy: Policy, giving: list[Statement]) -> tuple[At, str, int | None]:
    """Where and why it is so: the Deny, the Allow that comes to nothing, or the policy that has none."""
    if not giving:
        return policy.at, "no statement allows kms:PutKeyPolicy, so nobody can ever change this policy", None
    for deny in policy.statements:
        if deny.effect is Effect.DENY and _CHANGE & actions.covered(deny.actions):
            label = "kms:PutKeyPolicy is denied to everyone who has it, so nobody can ever change this policy"
            return _place(deny), label, deny.index
    void = all(each.resources is None for each in giving)
    why = (
        "without `Resource` the statement allows nothing" if void else "nobody who is given kms:PutKeyPolicy can use it"
    )
    return _place(giving[0]), f"{why}, so nobody can ever change this policy", giving[0].index


def _place(statement: Statement) -> At:
    """What means kms:PutKeyPolicy in a statement."""
    patterns = statement.actions
    if patterns is None:
        return statement.at
    found = actions.meaning(patterns, _CHANGE)
    return found[0].at if found else patterns.name.at
