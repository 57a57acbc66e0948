"""What keeps services of AWS out along with strangers, and what lets strangers through.

https://docs.aws.amazon.com/whitepapers/latest/building-a-data-perimeter-on-aws/building-a-data-perimeter-on-aws.html
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from kms_lint.finding import Hit
from kms_lint.iam import actions, comparisons, conditions, keys, principals
from kms_lint.iam.conditions import Limit
from kms_lint.iam.principals import Who
from kms_lint.model import Condition, Document, Effect, Policy, PolicyKind, Statement, World
from kms_lint.rule import check
from kms_lint.syntax.tree import Text

_USE: Final = actions.DECRYPTING | actions.ENCRYPTING
_NETWORK: Final = ("aws:sourceip", "aws:vpcsourceip", "aws:sourcevpc", "aws:sourcevpce", "aws:sourcevpcarn")
_CALLERS: Final = (
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:principalaccount",
    "aws:principalarn",
    "kms:calleraccount",
)
_OF_USERS: Final = ("aws:viaawsservice", "aws:calledvia", "aws:calledviafirst", "aws:calledvialast")
_OF_SERVICES: Final = ("aws:principalisawsservice", "aws:principalservicename", "aws:principalservicenameslist")
_ACCOUNTS: Final = (
    "aws:ResourceAccount",
    "aws:ResourceOrgID",
    "aws:ResourceOrgPaths",
    "aws:PrincipalOrgID",
    "aws:PrincipalAccount",
)
_KMS_ENDPOINTS: Final = (".kms", ".kms-fips")


@check(Statement)
def service_breaking_deny(statement: Statement, world: World) -> Iterator[Hit]:
    """A Deny for other networks also stops what services do with the key for those who are inside.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_examples_aws_deny-ip.html
    """
    judged = (PolicyKind.KEY, PolicyKind.IDENTITY, PolicyKind.SCP)
    if statement.kind not in judged or not _denies_use(statement) or _spares_nobody_else(statement):
        return
    if conditions.on(statement.conditions, *_OF_USERS):
        return
    for condition in conditions.on(statement.conditions, *_NETWORK):
        if _stops_others(condition) and not conditions.guarded(condition, statement.conditions):
            label = "calls that services make for your users come from elsewhere, and are stopped as well"
            yield Hit(condition.key.at, label, str(condition.key))
            return


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
    if any(_spares_services(each) for each in statement.conditions) or not _for_services(statement):
        return
    first = next(iter(conditions.on(statement.conditions, *_CALLERS, *_NETWORK)), None)
    at = first.key.at if first is not None else statement.actions.at if statement.actions is not None else statement.at
    label = "services that use the keys as themselves, such as CloudTrail and CloudWatch Logs, are stopped as well"
    yield Hit(at, label)


def _spares_services(condition: Condition) -> bool:
    """Whether a condition does not hold for a call that a service makes as itself."""
    key = condition.key.form.lower()
    operator = comparisons.parse(condition.operator.text)
    if key in _OF_SERVICES or key in keys.SERVICE_ONLY:
        return True
    if key in (*_CALLERS, *_NETWORK):
        return comparisons.passes_when_absent(condition) is False
    return operator.comparison is None


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
        if endpoint.has_policy is False and _is_kms(endpoint.service):
            label = "without a policy the endpoint lets every call to every key pass, those of strangers too"
            yield Hit(endpoint.at, label, resource=endpoint.address, kind="vpc-endpoint")
    for policy in document.policies:
        if policy.kind is PolicyKind.VPC_ENDPOINT:
            for statement in policy.statements:
                yield from _open(policy, statement, world)


def _is_kms(service: Text | None) -> bool:
    return service is not None and service.form.endswith(_KMS_ENDPOINTS)


def _open(policy: Policy, statement: Statement, world: World) -> Iterator[Hit]:
    patterns, named = statement.resources, statement.principals
    if statement.effect is not Effect.ALLOW or statement.unknown or patterns is None or named is None or named.negated:
        return
    if not _USE & actions.covered(statement.actions) or not _of_kms(policy, statement, world):
        return
    everyone = any(principals.who(each, statement.owner) is Who.EVERYONE for each in named.values)
    whole = [value for value in patterns.values if not value.form.strip("*")] if not patterns.negated else []
    if not everyone or not whole or any(not each.key.known for each in statement.conditions):
        return
    limited = conditions.possibly_limited(statement.conditions)
    if limited & {Limit.CALLER} or conditions.on(statement.conditions, *_ACCOUNTS) or _by_denies(policy):
        return
    label = "every call to every key passes here, those of strangers too"
    yield Hit(whole[0].at, label, str(whole[0]), resource=policy.address, kind=policy.kind.value)


def _by_denies(policy: Policy) -> bool:
    """Whether a Deny of the policy looks at accounts or organizations."""
    return any(
        each.effect is not Effect.ALLOW and (each.unknown or conditions.on(each.conditions, *_ACCOUNTS))
        for each in policy.statements
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
        each.address for document in world.documents for each in document.endpoints if _is_kms(each.service)
    )
