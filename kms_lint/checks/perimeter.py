"""What keeps services of AWS out along with strangers, and what lets strangers through.

https://docs.aws.amazon.com/whitepapers/latest/building-a-data-perimeter-on-aws/building-a-data-perimeter-on-aws.html
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from kms_lint.checks.admission import lets_in
from kms_lint.checks.reach import STRANGER, passes
from kms_lint.finding import Confidence, Hit, Place
from kms_lint.iam import (
    actions,
    comparisons,
    conditions,
    denies,
    keys,
    principals,
    resources,
    service_access,
    service_calls,
)
from kms_lint.iam.conditions import Limit
from kms_lint.iam.principals import Who
from kms_lint.iam.resources import Kind
from kms_lint.model import Condition, Document, Effect, Policy, PolicyKind, Principal, Statement, World
from kms_lint.rule import check
from kms_lint.syntax.tree import ANYTHING, Text

_USE: Final = actions.DECRYPTING | actions.ENCRYPTING
_NETWORK: Final = ("aws:sourceip", "aws:vpcsourceip", "aws:sourcevpc", "aws:sourcevpce", "aws:sourcevpcarn")
_WHOLESALE: Final = (*conditions.BY_ORGANIZATION, *conditions.BY_ACCOUNT)
_CALLERS: Final = (*_WHOLESALE, *conditions.BY_ARN)
_OF_USERS: Final = ("aws:viaawsservice", "aws:calledvia", "aws:calledviafirst", "aws:calledvialast")
_OF_SERVICES: Final = ("aws:principalisawsservice", "aws:principalservicename", "aws:principalservicenameslist")
_ACCOUNTS: Final = (
    "aws:ResourceAccount",
    "aws:ResourceOrgID",
    "aws:ResourceOrgPaths",
    "aws:PrincipalOrgID",
    "aws:PrincipalAccount",
)
_FOR_SERVICES: Final = (
    'Add `"Bool": {"aws:PrincipalIsAWSService": "false"}` to the conditions of the Deny, so that it is not about services '
    "that call as themselves."
)
_IN_LIST: Final = (
    "Deny `Principal: *` with a condition on `aws:PrincipalArn` or `aws:PrincipalAccount` instead of NotPrincipal, and "
    '`"Bool": {"aws:PrincipalIsAWSService": "false"}` beside it.'
)
_TLS: Final = "aws:securetransport"
_KMS_ENDPOINTS: Final = (".kms", ".kms-fips")


@check(Policy)
def service_breaking_deny(policy: Policy, world: World) -> Iterator[Hit]:
    """A Deny for strangers, or for other networks, also stops services that work for those who are inside.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_examples_aws_deny-ip.html
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-principalorgid
    """
    if policy.kind not in (PolicyKind.KEY, PolicyKind.IDENTITY, PolicyKind.SCP):
        return
    for deny in policy.statements:
        if not _denies_use(deny) or _spares_nobody_else(deny):
            continue
        elsewhere = _stopping_sessions(deny)
        stopped = _stopped(policy, deny) if policy.kind is PolicyKind.KEY else None
        if elsewhere is not None:
            label = "calls that services make for your users come from elsewhere, and are stopped as well"
            label += "" if stopped is None else f", and so is {stopped[1].value}"
            yield Hit(elsewhere.key.at, label, str(elsewhere.key), statement=deny.index)
        elif stopped is not None:
            yield _stopping_itself(deny, *stopped)


def _stopping_sessions(deny: Statement) -> Condition | None:
    """The condition of a Deny by which it stops what services do for their callers."""
    if conditions.on(deny.conditions, *_OF_USERS):
        return None
    if any(_spares_callers(each) or _of_direct_calls(each) for each in deny.conditions):
        return None
    for condition in conditions.on(deny.conditions, *_NETWORK):
        if _stops_others(condition) and not conditions.guarded(condition, deny.conditions):
            return condition
    return None


def _of_direct_calls(condition: Condition) -> bool:
    """Whether a condition of a Deny holds where no service calls for somebody, and not, or not always, where one does."""
    return (
        bool(conditions.on((condition,), "kms:ViaService")) and comparisons.passes_when_absent(condition) is not False
    )


def _spares_callers(condition: Condition) -> bool:
    """Whether a Deny is about others than whole accounts or organizations, so that it spares what services do for those."""
    return bool(conditions.on((condition,), *_WHOLESALE)) and _stops_others(condition)


def _stopped(policy: Policy, deny: Statement) -> tuple[Statement, Principal, Confidence] | None:
    """A service that calls as itself, which a key policy lets in, and a Deny of it stops."""
    for allow in policy.statements:
        found = stopped_service(deny, allow)
        if found is not None:
            return allow, *found
    return None


def stopped_service(deny: Statement, allow: Statement) -> tuple[Principal, Confidence] | None:
    """The first service that an Allow of a key policy lets in and that a Deny for others stops as well, if any.

    A Deny for all, without conditions, is what it says.
    """
    excepting = bool(deny.conditions) or (deny.principals is not None and deny.principals.negated)
    lost = actions.covered(allow.actions) & actions.covered(deny.actions)
    if not excepting or not lost or not lets_in(allow) or allow.unknown or not denies.covers_resources(deny, allow):
        return None
    for principal in allow.principals.values if allow.principals is not None else ():
        if principal.type.form == "Service" and service_access.on_behalf(principal.value.form) is None:
            found = service_calls.stopped(deny, principal)
            if found is not False and lost & _needed(principal):
                return principal, Confidence.DEFINITE if found else Confidence.POSSIBLE
    return None


def _needed(principal: Principal) -> frozenset[str]:
    """What a service does with keys, as far as known."""
    found = service_access.as_itself(principal.value.form)
    return frozenset().union(*(use.allowed for use in found)) if found else _USE | actions.SIGNING


def _stopping_itself(deny: Statement, allow: Statement, principal: Principal, confidence: Confidence) -> Hit:
    """A Deny that stops a service which calls as itself: at the condition that such calls never meet, or its list."""
    first = next((each for each in deny.conditions if conditions.on((each,), *_CALLERS, *_NETWORK)), None)
    by_name = deny.principals if deny.principals is not None and deny.principals.negated else None
    why = (
        f"its calls carry none of these values of {first.key}" if first is not None else "NotPrincipal does not list it"
    )
    at = first.key.at if first is not None else by_name.name.at if by_name is not None else deny.at
    return Hit(
        at,
        f"{principal.value}, which `{allow.name}` lets in, is stopped as well: {why}",
        related=(Place(principal.value.at, "let in here"),),
        confidence=confidence,
        fix=_FOR_SERVICES if first is not None else _IN_LIST,
        statement=deny.index,
    )


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
        of_kms = _is_kms(endpoint.service)
        if endpoint.has_policy is False and of_kms is not False:
            label = "without a policy the endpoint lets every call to every key pass, those of strangers too"
            yield Hit(endpoint.at, label, confidence=_sure(of_kms), resource=endpoint.address, kind="vpc-endpoint")
    for policy in document.policies:
        if policy.kind is PolicyKind.VPC_ENDPOINT:
            for statement in policy.statements:
                yield from _open(policy, statement, world)


def _is_kms(service: Text | None) -> bool | None:
    """Whether an endpoint is for AWS KMS; `None` when its service is not known."""
    if service is not None and service.form.endswith(ANYTHING):
        return None
    return service is not None and service.form.endswith(_KMS_ENDPOINTS)


def _sure(known: bool | None) -> Confidence:
    return Confidence.POSSIBLE if known is None else Confidence.DEFINITE


def _open(policy: Policy, statement: Statement, world: World) -> Iterator[Hit]:
    patterns, named = statement.resources, statement.principals
    if statement.effect is not Effect.ALLOW or statement.unknown or patterns is None or named is None or named.negated:
        return
    of_kms = _of_kms(policy, statement, world)
    if not _USE & actions.covered(statement.actions) or of_kms is False:
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
    yield Hit(
        whole[0].at,
        label,
        str(whole[0]),
        confidence=_sure(of_kms),
        resource=policy.address,
        kind=policy.kind.value,
    )


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


def _of_kms(policy: Policy, statement: Statement, world: World) -> bool | None:
    """Whether a policy is that of an endpoint for AWS KMS; `None` when the service of its endpoint is not known."""
    values = statement.actions.values if statement.actions is not None and not statement.actions.negated else ()
    if any(value.form.lower().startswith("kms:") for value in values):
        return True
    return _endpoints(world).get(policy.address, False)


@lru_cache(maxsize=1)
def _endpoints(world: World) -> dict[str, bool | None]:
    """Whether endpoints are for AWS KMS, by their addresses."""
    return {each.address: _is_kms(each.service) for document in world.documents for each in document.endpoints}
