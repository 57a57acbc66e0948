"""Who manages a key, and whether that can last.

https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
https://docs.aws.amazon.com/kms/latest/developerguide/determining-access.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from kms_lint.checks.admission import left, lets_in
from kms_lint.finding import Confidence, Hit, Place
from kms_lint.iam import access, actions, principals
from kms_lint.iam.access import Keeper
from kms_lint.iam.principals import IDENTITIES, Who
from kms_lint.model import Condition, Effect, Key, Policy, PolicyKind, Principal, Statement, World
from kms_lint.rule import check
from kms_lint.source import At
from kms_lint.spelling import first_of

_CHANGE: Final = "kms:PutKeyPolicy"
_MASTERS: Final = frozenset({_CHANGE, "kms:ScheduleKeyDeletion", "kms:DisableKey"})
_MANAGEMENT: Final = (
    (actions.ADMINISTRATION | actions.READING) - actions.STAR_ONLY - actions.GRANTING - {"kms:ListGrants"}
) - actions.WITHOUT_EFFECT_IN_KEY_POLICY
_WAYS_BACK: Final = {"kms:DisableKey": "kms:EnableKey", "kms:ScheduleKeyDeletion": "kms:CancelKeyDeletion"}
_PASSING: Final = {
    "aws:multifactorauthpresent": "asks for MFA",
    "aws:multifactorauthage": "asks for MFA",
    "aws:sourceip": "names addresses",
    "aws:vpcsourceip": "names addresses",
    "aws:sourcevpc": "names a VPC",
    "aws:sourcevpce": "names an endpoint of a VPC",
    "aws:currenttime": "names a date",
    "aws:epochtime": "names a date",
    "aws:tokenissuetime": "names a date",
}
_TAGS: Final = ("aws:principaltag/", "aws:resourcetag/", "aws:requesttag/")


@check(Policy)
def fragile_administration(policy: Policy, world: World) -> Iterator[Hit]:
    """All who may change the key policy can be deleted, or may only while a condition holds that can stop holding."""
    keepers = access.keepers(policy, _CHANGE, world.accounts) if policy.kind is PolicyKind.KEY else ()
    if not keepers or any(each.principal is None or each.statement.unknown for each in keepers):
        return
    reasons = [_reason(policy, each, world) for each in keepers]
    if any(reason is None for reason in reasons):
        return
    first, principal = keepers[0], keepers[0].principal
    sure = not any(_unsure(policy, each, world) for each in keepers)
    place = principal.value.at if principal is not None else first.statement.at
    at = next((each.key.at for each in first.statement.conditions if _passing(each)), place)
    others = "" if len(keepers) == 1 else ", and so it is with all others"
    label = f"only {reasons[0]} may change the key policy{others}"
    confidence = Confidence.DEFINITE if sure else Confidence.POSSIBLE
    yield Hit(at, label, statement=first.statement.index, confidence=confidence)


def _reason(policy: Policy, keeper: Keeper, world: World) -> str | None:
    """Why somebody who may change the key policy may stop to be able to; `None` where nothing shows that."""
    assert keeper.principal is not None
    statement = keeper.statement
    condition = next((each for each in statement.conditions if _passing(each)), None)
    if condition is not None:
        return f"who meets a condition that {_passing(condition)}"
    if _who(policy, statement, keeper.principal, world) not in IDENTITIES:
        return None
    kind = keeper.principal.value.form.split(":", 5)[-1].partition("/")[0]
    return {"user": "a user, who can be deleted,", "role": "a role, which can be deleted,"}.get(
        kind, "an identity that can be deleted"
    )


def _passing(condition: Condition) -> str | None:
    """What a condition asks for that can stop to be so; `None` for others."""
    key = condition.key.form.lower()
    return "names a tag" if key.startswith(_TAGS) else _PASSING.get(key)


def _unsure(policy: Policy, keeper: Keeper, world: World) -> bool:
    principal = keeper.principal
    return principal is None or _who(policy, keeper.statement, principal, world) is Who.UNKNOWN


def _who(policy: Policy, statement: Statement, principal: Principal, world: World) -> Who:
    owner = access.presumed_owner(policy) or policy.owner
    return principals.who(principal, statement.owner or owner, world.accounts)


@check(Policy)
def one_way_door(policy: Policy, world: World) -> Iterator[Hit]:
    """Somebody may disable or delete the key, and nobody may take that back."""
    if policy.kind is not PolicyKind.KEY:
        return
    for action, back in _WAYS_BACK.items():
        found = access.keepers(policy, action, world.accounts)
        sure = [each for each in found if each.principal is not None and not each.statement.unknown]
        sure = [each for each in sure if action in actions.covered(each.statement.actions)]
        if not sure or access.may_keep(policy, back, world.accounts):
            continue
        statement = sure[0].statement
        label = f"{action} is allowed here, and nobody may call {back}"
        yield Hit(_place(statement, action), label, statement=statement.index)


def _place(statement: Statement, action: str) -> At:
    found = actions.meaning(statement.actions, frozenset({action}))
    return found[0].at if found else statement.at


@check(Policy)
def narrow_delegation(policy: Policy, world: World) -> Iterator[Hit]:
    """The account is not given all of the management, and nobody else has the rest of it."""
    if policy.kind is not PolicyKind.KEY or any(each.unknown for each in policy.statements):
        return
    owner = access.presumed_owner(policy)
    given = [each for each in policy.statements if access.is_delegation(each, world.accounts, owner)]
    if not given:
        return
    held = [actions.reachable(each.actions) for each in policy.statements if each.effect is Effect.ALLOW]
    missing = sorted(_MANAGEMENT.difference(*held))
    if missing:
        label = f"nobody can be given {first_of(missing, 3)} by an IAM policy"
        statement = given[0]
        at = statement.actions.values[0].at if statement.actions and statement.actions.values else statement.at
        yield Hit(at, label, statement=statement.index)


@check(Policy)
def administrator_can_use(policy: Policy, world: World) -> Iterator[Hit]:
    """One user or role manages the key and uses it as well."""
    if policy.kind is not PolicyKind.KEY:
        return
    masters: dict[str, tuple[Statement, Principal]] = {}
    users: dict[str, tuple[Statement, Principal]] = {}
    for statement in policy.statements:
        if not lets_in(statement) or statement.unknown or statement.principals is None:
            continue
        for principal in statement.principals.values:
            if _who(policy, statement, principal, world) in IDENTITIES and principal.value.known:
                open_to = left(policy, statement, principal).surely
                if open_to & _MASTERS:
                    masters.setdefault(principal.value.form, (statement, principal))
                if open_to & actions.CRYPTOGRAPHIC:
                    users.setdefault(principal.value.form, (statement, principal))
    for form, (statement, principal) in masters.items():
        if form in users:
            other = users[form]
            related = () if other[0] is statement else (Place(other[1].value.at, "it may use the key here"),)
            label = "it manages the key and may use it as well"
            yield Hit(principal.value.at, label, statement=statement.index, related=related)


@check(Key)
def conflicting_key_policies(key: Key, world: World) -> Iterator[Hit]:
    """A key is given several key policies, of which it takes one.

    https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/kms_key_policy
    """
    first: Policy | None = None
    seen: set[str] = set()
    for policy in key.policies:
        if first is None:
            first = policy
            seen.add(policy.address)
        elif policy.address not in seen:
            seen.add(policy.address)
            confidence = Confidence.DEFINITE if not (policy.branch or first.branch) else Confidence.POSSIBLE
            related = (Place(first.consumer or first.at, "the other key policy"),)
            label = f"a key has one key policy, and {first.address} gives it another"
            yield Hit(policy.consumer or policy.at, label, related=related, confidence=confidence, value=policy.address)
