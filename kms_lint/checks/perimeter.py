"""What keeps services of AWS out along with strangers, and what lets strangers through.

https://docs.aws.amazon.com/whitepapers/latest/building-a-data-perimeter-on-aws/building-a-data-perimeter-on-aws.html
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from kms_lint.checks.reach import STRANGER, passes
from kms_lint.finding import Confidence, Hit, Place
from kms_lint.iam import actions, comparisons, conditions, keys, principals, resources
from kms_lint.iam.conditions import Limit
from kms_lint.iam.principals import Who
from kms_lint.iam.resources import Kind
from kms_lint.model import Condition, Document, Effect, Policy, PolicyKind, Principal, Statement, World
from kms_lint.rule import check

_USE: Final = actions.DECRYPTING | actions.ENCRYPTING
_NETWORK: Final = ("aws:sourceip", "aws:vpcsourceip", "aws:sourcevpc", "aws:sourcevpce", "aws:sourcevpcarn")
_CALLERS: Final = (
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:principalaccount",
    "aws:principalarn",
    "kms:calleraccount",
)
_MEMBERSHIP: Final = ("aws:PrincipalOrgID", "aws:PrincipalOrgPaths", "aws:PrincipalAccount")
_OF_USERS: Final = ("aws:viaawsservice", "aws:calledvia", "aws:calledviafirst", "aws:calledvialast")
_OF_SERVICES: Final = ("aws:principalisawsservice", "aws:principalservicename", "aws:principalservicenameslist")
_ACCOUNTS: Final = (
    "aws:ResourceAccount",
    "aws:ResourceOrgID",
    "aws:ResourceOrgPaths",
    "aws:PrincipalOrgID",
    "aws:PrincipalAccount",
)
_TLS: Final = "aws:securetransport"
_KMS_ENDPOINTS: Final = (".kms", ".kms-fips")


@check(Policy)
def service_breaking_deny(policy: Policy, world: World) -> Iterator[Hit]:
    """A Deny for other networks or callers also stops what services do with the key for those who are inside.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_examples_aws_deny-ip.html
    """
    if policy.kind not in (PolicyKind.KEY, PolicyKind.IDENTITY, PolicyKind.SCP):
        return
    for statement in policy.statements:
        if _denies_use(statement) and not _spares_nobody_else(statement):
            yield from _stopped_for_users(statement)
            yield from _stopped_themselves(policy, statement)


def _stopped_for_users(deny: Statement) -> Iterator[Hit]:
    """The calls that services make for users come from networks of AWS."""
    if conditions.on(deny.conditions, *_OF_USERS) or any(map(_of_direct_calls, deny.conditions)):
        return
    for condition in conditions.on(deny.conditions, *_NETWORK):
        if _stops_others(condition) and not conditions.guarded(condition, deny.conditions):
            label = "calls that services make for your users come from elsewhere, and are stopped as well"
            yield Hit(condition.key.at, label, str(condition.key), statement=deny.index)
            return


def _of_direct_calls(condition: Condition) -> bool:
    """Whether a condition of a Deny holds where no service calls for somebody, and not, or not always, where one does."""
    return (
        bool(conditions.on((condition,), "kms:ViaService")) and comparisons.passes_when_absent(condition) is not False
    )


def _stopped_themselves(policy: Policy, deny: Statement) -> Iterator[Hit]:
    """A service that another statement lets in as itself is in no organization and in no account of the user's.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-principalorgid
    """
    outside = conditions.on(deny.conditions, *_MEMBERSHIP)
    if not outside or len(outside) < len(deny.conditions) or any(not _stops_services(each) for each in outside):
        return
    for statement in policy.statements:
        shared = _USE & actions.covered(statement.actions) & actions.covered(deny.actions)
        for each in _services(statement) if shared and statement.effect is Effect.ALLOW else ():
            sure = _is_for(deny, each)
            if sure is not False:
                key = outside[0].key
                label = f"a call of {each.value} as itself is in no organization and no account of yours, and is stopped as well"
                place = Place(each.value.at, "the service is let in here")
                confidence = Confidence.DEFINITE if sure else Confidence.POSSIBLE
                yield Hit(key.at, label, str(key), statement=deny.index, related=(place,), confidence=confidence)
                return


def _stops_services(condition: Condition) -> bool:
    """Whether a condition of a Deny holds for a call that carries no such key."""
    return comparisons.passes_when_absent(condition) is True


def _services(statement: Statement) -> Iterator[Principal]:
    """The services that a statement names."""
    named = statement.principals
    for each in named.values if named is not None and not named.negated else ():
        if principals.who(each, statement.owner) is Who.SERVICE and each.value.known:
            yield each


def _is_for(deny: Statement, service: Principal) -> bool | None:
    """Whether a Deny is for a service; `None` where AWS does not say, as for `{"AWS": "*"}`."""
    named = deny.principals
    if named is None or named.negated:
        return False
    if any(each.type.form == "*" or each == service for each in named.values):
        return True
    return None if any(principals.who(each, deny.owner) is Who.EVERYONE for each in named.values) else False


def _denies_use(statement: Statement) -> bool:
    return statement.effect is Effect.DENY and not statement.unknown and bool(_USE & actions.covered(statement.actions))


def _spares_nobody_else(statement: Statement) -> bool:
    """Whether a condition is unknown, so that it may spare the calls of services."""
    return any(not each.key.known or not each.operator.text.known for each in statement.conditions)


def _stops_others(condition: Condition) -> bool:
    """Whether a condition of a Deny holds for whoever does not have one of its values."""
    compared = comparisons.comparison(comparisons.parse(condition.operator.text))
    return compared is not None and compared.negated


@check(Statement)
def rcp_breaks_services(statement: Statement, world: World) -> Iterator[Hit]:
    """A resource control policy stops services of AWS that work with the keys as themselves.

    https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html
    """
    if statement.kind is not PolicyKind.RCP or not _denies_use(statement) or _spares_nobody_else(statement):
        return
    spared = [_spares_services(each) for each in statement.conditions]
    if True in spared or not _for_services(statement):
        return
    first = next(iter(conditions.on(statement.conditions, *_CALLERS, *_NETWORK)), None)
    at = first.key.at if first is not None else statement.actions.at if statement.actions is not None else statement.at
    label = "services that use the keys as themselves, such as CloudTrail and CloudWatch Logs, are stopped as well"
    yield Hit(at, label, confidence=Confidence.POSSIBLE if None in spared else Confidence.DEFINITE)


def _spares_services(condition: Condition) -> bool | None:
    """Whether a condition does not hold for a call that a service makes as itself; `None` where that depends on the call."""
    key = condition.key.form.lower()
    if key in _OF_SERVICES or key in keys.SERVICE_ONLY or comparisons.parse(condition.operator.text).comparison is None:
        return True
    holds = None
    if key in (*_CALLERS, *_NETWORK):
        holds = comparisons.passes_when_absent(condition)
    elif key == _TLS:
        holds = passes(condition, "true")
    return None if holds is None else not holds


def _for_services(statement: Statement) -> bool:
    """Whether a statement is for everyone, or names a service."""
    named = statement.principals
    if named is None or named.negated:
        return named is not None
    found = {principals.who(each, statement.owner) for each in named.values}
    return bool(found & {Who.EVERYONE, Who.SERVICE})


@check(Document)
def open_vpc_endpoint(document: Document, world: World) -> Iterator[Hit]:
    """An endpoint for AWS KMS lets everybody inside use every key of every account.

    https://docs.aws.amazon.com/kms/latest/developerguide/kms-vpc-endpoint.html
    """
    for endpoint in document.endpoints:
        if endpoint.has_policy is False and _is_kms(str(endpoint.service or "")):
            label = "without a policy the endpoint lets every call to every key pass, those of strangers too"
            yield Hit(endpoint.at, label, resource=endpoint.address, kind="vpc-endpoint")
    for policy in document.policies:
        if policy.kind is PolicyKind.VPC_ENDPOINT:
            for statement in policy.statements:
                yield from _open(policy, statement, world)


def _is_kms(service: str) -> bool:
    return service.endswith(_KMS_ENDPOINTS)


def _open(policy: Policy, statement: Statement, world: World) -> Iterator[Hit]:
    patterns, named = statement.resources, statement.principals
    if statement.effect is not Effect.ALLOW or statement.unknown or patterns is None or named is None or named.negated:
        return
    if not _USE & actions.covered(statement.actions) or not _of_kms(policy, statement, world):
        return
    everyone = any(principals.who(each, statement.owner) is Who.EVERYONE for each in named.values)
    reached = resources.reaches(patterns) if not patterns.negated else ()
    whole = [value for value, reach in reached if reach.kind is Kind.EVERY_KEY]
    if not everyone or not whole or any(not each.key.known for each in statement.conditions):
        return
    limited = conditions.possibly_limited(statement.conditions)
    if limited & {Limit.CALLER} or any(map(_keeps_strangers_out, statement.conditions)) or _by_denies(policy):
        return
    label = "every call to every key passes here, those of strangers too"
    yield Hit(whole[0].at, label, str(whole[0]), resource=policy.address, kind=policy.kind.value)


def _keeps_strangers_out(condition: Condition) -> bool:
    """Whether a condition asks for an account or organization, which requests for keys carry, and not for any."""
    return bool(conditions.on((condition,), *_ACCOUNTS)) and passes(condition, STRANGER) is not True


def _by_denies(policy: Policy) -> bool:
    """Whether a Deny of the policy keeps out strangers, or their keys, or may."""
    denies = [each for each in policy.statements if each.effect is not Effect.ALLOW]
    return any(
        each.unknown
        or any(passes(asked, STRANGER) is not False for asked in conditions.on(each.conditions, *_ACCOUNTS))
        for each in denies
        if _USE & actions.reachable(each.actions)
    )


def _of_kms(policy: Policy, statement: Statement, world: World) -> bool:
    """Whether a policy is surely that of an endpoint for AWS KMS."""
    if policy.address in _endpoints(world):
        return True
    values = statement.actions.values if statement.actions is not None and not statement.actions.negated else ()
    return any(value.form.lower().startswith("kms:") for value in values)


@lru_cache(maxsize=1)
def _endpoints(world: World) -> frozenset[str]:
    """The addresses of the endpoints for AWS KMS."""
    return frozenset(
        each.address for document in world.documents for each in document.endpoints if _is_kms(str(each.service or ""))
    )
