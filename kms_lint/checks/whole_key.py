"""One principal that holds a whole key."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from kms_lint.checks.admission import all_of, because, left, lets_in
from kms_lint.checks.callers import limited_to
from kms_lint.finding import Confidence, Hit, Severity
from kms_lint.iam import access, actions, conditions, principals, trust
from kms_lint.iam.conditions import Limit
from kms_lint.iam.principals import Who
from kms_lint.iam.trust import STRANGE, Home, Trust
from kms_lint.model import Policy, PolicyKind, Principal, Statement, World
from kms_lint.rule import check

RARE: Final = frozenset(
    f"kms:{name}" for name in ("ImportKeyMaterial", "DeleteImportedKeyMaterial", "ReplicateKey", "UpdatePrimaryRegion")
)
"""Administration that only concerns imported and multi-Region keys."""

USE: Final = frozenset(
    f"kms:{name}" for name in ("Encrypt", "Decrypt", "ReEncryptFrom", "ReEncryptTo", "GenerateDataKey")
)
"""What use of an ordinary key consists of."""

WHOLE: Final = (actions.ADMINISTRATION - RARE) | USE
"""All that makes a principal the master of a key."""


@check(Policy)
def whole_key_access(policy: Policy, world: World) -> Iterator[Hit]:
    """A key policy gives administration and use at once to a principal that is not the account itself."""
    if policy.kind is not PolicyKind.KEY:
        return
    for statement in policy.statements:
        if not lets_in(statement) or statement.principals is None or not actions.reachable(statement.actions) >= WHOLE:
            continue
        for principal in statement.principals.values:
            confidence = _master(policy, statement, principal, world)
            if confidence is not None:
                beside = _beside_the_account(policy, statement, world)
                standing = trust.standing(principal, trust.home(policy, world.accounts), statement)
                label = f"{_described(principal, policy, statement)} may do everything with the key{', as the account may' if beside else ''}"
                yield Hit(
                    principal.value.at,
                    label + (because(principal, standing) if standing.trust in STRANGE else ""),
                    severity=Severity.INFO if beside else None,
                    confidence=confidence,
                    statement=statement.index,
                )


def _master(policy: Policy, statement: Statement, principal: Principal, world: World) -> Confidence | None:
    """Whether a principal holds the whole key, for certain or possibly.

    A principal for which a service calls only is none: AWS managed keys are shared out like that.
    """
    who = principals.who(principal, statement.owner, world.accounts)
    standing = trust.standing(principal, Home(statement.owner, world.accounts), statement)
    if who is Who.SOME_ACCOUNT or standing.trust in (Trust.NOBODY, Trust.DELETED):
        return None
    if standing.trust is Trust.OWN and principals.is_account(principal):
        return None
    if Limit.PATH in conditions.surely_limited(statement.conditions):
        return None
    confidence = all_of(WHOLE, left(policy, statement, principal))
    unsure = who is Who.UNKNOWN or Limit.PATH in conditions.possibly_limited(statement.conditions)
    return Confidence.POSSIBLE if confidence is not None and (unsure or statement.unknown) else confidence


def _beside_the_account(policy: Policy, statement: Statement, world: World) -> bool:
    """Whether a statement is the one that hands the key to the account, as AWS itself writes it with administrators.

    https://docs.aws.amazon.com/awscloudtrail/latest/userguide/default-kms-key-policy.html
    """
    owner = access.presumed_owner(policy)
    values = statement.principals.values if statement.principals is not None else ()
    return any(principals.who(each, owner, world.accounts) is Who.OWN_ACCOUNT for each in values)


def _described(principal: Principal, policy: Policy, statement: Statement) -> str:
    if principal.value.form == "*":
        whom = limited_to(policy, statement)
        return f"everyone of {whom}" if whom else "whoever the conditions and Denies let pass"
    if principals.is_account(principal):
        return f"account {principals.account(principal)}"
    form = str(principal.value)
    return form.split(":", 5)[5] if form.count(":") >= 5 else form
