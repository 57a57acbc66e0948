"""Services that are let in without need, and services that are not let in.

https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-services.html
"""

from __future__ import annotations

from collections.abc import Iterator

from kms_lint.checks.admission import any_of, left, lets_in
from kms_lint.checks.deputy import DANGEROUS
from kms_lint.checks.key import keys_by_name
from kms_lint.finding import Confidence, Hit, Place
from kms_lint.iam import actions, principals, service_access
from kms_lint.iam.principals import Who
from kms_lint.iam.service_access import Needed
from kms_lint.model import Consumer, Document, Effect, Key, Policy, PolicyKind, Statement, World
from kms_lint.rule import check


@check(Policy)
def service_never_calls(policy: Policy, world: World) -> Iterator[Hit]:
    """A service principal is let in that uses keys for its callers only, and never as itself."""
    if policy.kind is not PolicyKind.KEY:
        return
    for statement in policy.statements:
        if not lets_in(statement) or statement.principals is None:
            continue
        for principal in statement.principals.values:
            if principals.who(principal, statement.owner, world.accounts) is not Who.SERVICE:
                continue
            found = service_access.on_behalf(principal.value.form)
            confidence = any_of(DANGEROUS, left(policy, statement, principal))
            if found is not None and confidence is not None:
                label = (
                    f"{principal.value} uses keys for those who call it: let them in, through "
                    f"`{found.via}.REGION.amazonaws.com` by kms:ViaService"
                )
                sure = confidence if found.sure else Confidence.POSSIBLE
                yield Hit(principal.value.at, label, confidence=sure, statement=statement.index)


@check(Document)
def service_lacks_access(document: Document, world: World) -> Iterator[Hit]:
    """Something has a service use a key whose policy does not let that service in."""
    for consumer in document.consumers:
        needed = service_access.needed(consumer.service)
        key = None if needed is None else _key(consumer, document, world)
        if needed is None or key is None or key.policy_unknown or consumer.key is None:
            continue
        missing = _missing(key, needed, world)
        if missing is not None:
            where = (Place(key.policies[0].at if key.policies else key.at, "the key policy"),)
            names = ", ".join(sorted(missing))
            policy = "the key policy" if key.policies else "the default key policy"
            label = f"{policy} does not let {_principal(needed)} call {names}, and the service needs it"
            yield Hit(consumer.key.at, label, str(consumer.key), where, resource=consumer.address, kind="consumer")


def _principal(needed: Needed) -> str:
    return f"{needed.principal}.{'REGION.' if needed.by_region else ''}amazonaws.com"


def _missing(key: Key, needed: Needed, world: World) -> frozenset[str] | None:
    """What the service surely lacks under every branch of the key policy; `None` where it may have all."""
    if not key.policies:
        return needed.actions if key.format != "cli" else None
    found = [needed.actions - _given(policy, needed, world) for policy in key.policies]
    return frozenset().union(*found) if all(found) else None


def _given(policy: Policy, needed: Needed, world: World) -> frozenset[str]:
    """What a key policy gives a service, for some content of what is unknown."""
    given: frozenset[str] = frozenset()
    for statement in policy.statements:
        if statement.effect is not Effect.DENY and _is_for(statement, needed, world):
            given |= needed.actions if statement.unknown else actions.reachable(statement.actions)
    return given


def _is_for(statement: Statement, needed: Needed, world: World) -> bool:
    """Whether a statement is for a service, or may be."""
    named = statement.principals
    if named is None or named.negated:
        return statement.unknown or named is not None
    for principal in named.values:
        who = principals.who(principal, statement.owner, world.accounts)
        if who in (Who.EVERYONE, Who.UNKNOWN) or not principal.value.known:
            return True
        if who is Who.SERVICE and service_access.is_principal_of(needed, principal.value.form):
            return True
    return False


def _key(consumer: Consumer, document: Document, world: World) -> Key | None:
    """The key that is used, where it is in the input and no other has its address."""
    if consumer.of is None:
        return None
    own = [key for key in document.keys if key.address == consumer.of]
    found = own or keys_by_name(world).get(consumer.of, [])
    return found[0] if len(found) == 1 else None
