"""Services that are let in without need, and services that are not let in.

https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-services.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from kms_lint.checks.admission import any_of, left, lets_in
from kms_lint.checks.consumer import deliveries, key_of, managed_alias
from kms_lint.checks.deputy import DANGEROUS
from kms_lint.finding import Confidence, Hit, Place
from kms_lint.iam import actions, principals, service_access, services
from kms_lint.iam.principals import Who
from kms_lint.iam.service_access import Use
from kms_lint.model import Consumer, Document, Effect, Key, Policy, PolicyKind, Principal, Statement, World
from kms_lint.rule import check
from kms_lint.source import At

_WRITTEN_TO: Final = {"sns": "topic", "sqs": "queue", "s3": "bucket"}
"""What services write to, by the service that keeps it, in the words of the table."""


@check(Policy)
def service_never_calls(policy: Policy, world: World) -> Iterator[Hit]:
    """A service principal is let in that uses keys for its callers only, and never as itself."""
    if policy.kind is not PolicyKind.KEY:
        return
    for statement, principal in _services(policy, world):
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
    """Something has a service use a key whose policy does not let that service in, or a policy lets it in for too little."""
    told: set[tuple[At, str]] = set()
    for consumer in document.consumers:
        for hit, lacking in (*_lacking(consumer, document, world), *_lost(consumer, document, world)):
            if hit.confidence is Confidence.DEFINITE:
                told.update((place.at, each.use.principal) for each in lacking for place in each.where)
            yield hit
    for policy in document.every_policy():
        if policy.kind is PolicyKind.KEY:
            yield from _too_little(policy, world, frozenset(name for at, name in told if at == policy.at))


class _Lacking(NamedTuple):
    """A service that cannot do what it has to do with a key, and why: `which` key policy is in its way, and where that is."""

    use: Use
    which: str
    missing: frozenset[str]
    where: tuple[Place, ...]
    for_what: str = ""


def _lacking(consumer: Consumer, document: Document, world: World) -> Iterator[tuple[Hit, tuple[_Lacking, ...]]]:
    """What a service cannot do that keeps something under a key."""
    needed = service_access.needed(consumer.service, consumer.use)
    lacking = None if needed is None else _lacks(consumer, needed, document, world)
    if lacking is not None:
        which, missing = lacking.which, ", ".join(sorted(lacking.missing))
        label = f"{which} does not let {_principal(lacking.use)} call {missing}, and the service needs it"
        yield _hit(consumer, label, (lacking,), True), (lacking,)


def _lacks(consumer: Consumer, needed: Use, document: Document, world: World) -> _Lacking | None:
    """What the key policy of what is used does not give a service; `None` where it may give it all."""
    key = key_of(consumer, document, world)
    missing = None if key is None or key.policy_unknown or consumer.key is None else _missing(key, needed, world)
    if key is None or missing is None:
        return None
    which = "the key policy" if key.policies else "the default key policy"
    return _Lacking(needed, which, missing, (Place(key.policies[0].at if key.policies else key.at, "the key policy"),))


def _lost(consumer: Consumer, document: Document, world: World) -> Iterator[tuple[Hit, tuple[_Lacking, ...]]]:
    """What services have to write to an encrypted topic or queue, or to a bucket, and cannot."""
    what = _WRITTEN_TO.get(consumer.service) if consumer.use is None else None
    managed = managed_alias(consumer)
    found: dict[str, _Lacking] = {}
    for delivery in deliveries(consumer, document, world) if what else ():
        needed = service_access.needed(delivery.service, what)
        if needed is None or needed.principal in found:
            continue
        if managed is not None:
            lacking: _Lacking | None = _Lacking(
                needed, f"the key policy of {managed}, which AWS keeps,", needed.needs, ()
            )
        else:
            lacking = _lacks(consumer, needed, document, world)
        if lacking is not None:
            where = (*lacking.where, Place(delivery.at, "this needs it"))
            found[needed.principal] = lacking._replace(where=where, for_what=delivery.address)
    if found and consumer.key is not None:
        first, *others = found.values()
        label = f"{first.which} does not let {_so_much(first)}" + "".join(f"; nor {_so_much(each)}" for each in others)
        yield _hit(consumer, label, (first, *others), _is_one(consumer, document)), (first, *others)


def _so_much(lacking: _Lacking) -> str:
    return f"{_principal(lacking.use)} call {', '.join(sorted(lacking.missing))}, as {lacking.for_what} needs"


def _is_one(consumer: Consumer, document: Document) -> bool:
    """Whether what is encrypted has one key, and not another under other circumstances."""
    about = (consumer.service, consumer.about or consumer.address)
    same = [each for each in document.consumers if (each.service, each.about or each.address) == about]
    return sum(each.use is None for each in same) == 1


def _hit(consumer: Consumer, label: str, lacking: tuple[_Lacking, ...], one: bool) -> Hit:
    assert consumer.key is not None
    sure = one and any(each.missing == each.use.needs or not each.use.doubt for each in lacking)
    return Hit(
        consumer.key.at,
        label,
        str(consumer.key),
        tuple({place.at: place for each in lacking for place in each.where}.values()),
        confidence=Confidence.DEFINITE if sure else Confidence.POSSIBLE,
        resource=consumer.address,
        kind="consumer",
    )


def _too_little(policy: Policy, world: World, told: frozenset[str]) -> Iterator[Hit]:
    """The service principals that may do something with a key, and not what any of their uses needs.

    Of those that were `told`, by what keeps something under the key, nothing more is said.
    """
    seen = set(told)
    for statement, principal in _services(policy, world):
        name = services.service_name(principal.value.form)
        if name in seen or not principal.value.known:
            continue
        if not left(policy, statement, principal).surely & actions.CRYPTOGRAPHIC:
            continue
        seen.add(name)
        use = service_access.too_little(principal.value.form, _given(policy, principal.value.form, world))
        if use is not None:
            sure = service_access.undoubted(service_access.as_itself(principal.value.form))
            label = (
                f"{principal.value} may use the key, and not enough: for {use.of} it needs "
                f"{', '.join(sorted(use.needs))} ({use.page})"
            )
            yield Hit(
                principal.value.at,
                label,
                confidence=Confidence.DEFINITE if sure else Confidence.POSSIBLE,
                resource=policy.of,
                kind="key-policy",
                statement=statement.index,
            )


def _services(policy: Policy, world: World) -> Iterator[tuple[Statement, Principal]]:
    """The service principals that a key policy lets in."""
    for statement in policy.statements:
        if lets_in(statement) and statement.principals is not None:
            for principal in statement.principals.values:
                if principals.who(principal, statement.owner, world.accounts) is Who.SERVICE:
                    yield statement, principal


def _principal(needed: Use) -> str:
    return f"{needed.principal}.{'REGION.' if needed.by_region else ''}amazonaws.com"


def _missing(key: Key, needed: Use, world: World) -> frozenset[str] | None:
    """What the service surely lacks under every branch of the key policy; `None` where it may have all."""
    if not key.policies:
        return needed.needs if key.format != "cli" else None
    found = [needed.needs - _given(policy, needed.principal, world) for policy in key.policies]
    return frozenset().union(*found) if all(found) else None


def _given(policy: Policy, service: str, world: World) -> frozenset[str]:
    """What a key policy gives a service principal, of whichever Region, for some content of what is unknown."""
    given: frozenset[str] = frozenset()
    for statement in policy.statements:
        if statement.effect is not Effect.DENY and _is_for(statement, service, world):
            given |= actions.ALL if statement.unknown else actions.reachable(statement.actions)
    return given


def _is_for(statement: Statement, service: str, world: World) -> bool:
    """Whether a statement is for a service, or may be."""
    named = statement.principals
    if named is None or named.negated:
        return statement.unknown or named is not None
    for principal in named.values:
        who = principals.who(principal, statement.owner, world.accounts)
        if who in (Who.EVERYONE, Who.UNKNOWN) or not principal.value.known:
            return True
        if who is Who.SERVICE and services.service_name(principal.value.form) == services.service_name(service):
            return True
    return False
