"""Services that can be made to act for a stranger.

https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from kms_lint.checks.admission import any_of, left, lets_in
from kms_lint.finding import Confidence, Hit, Severity
from kms_lint.iam import actions, conditions, pins, principals, service_access, services, wildcards
from kms_lint.iam.conditions import WHO_CALLS
from kms_lint.iam.principals import Who
from kms_lint.iam.service_access import Deputy, Use
from kms_lint.model import Condition, Effect, Policy, PolicyKind, Principal, Statement, World
from kms_lint.rule import check
from kms_lint.syntax.tree import Text

DANGEROUS: Final = actions.CRYPTOGRAPHIC | {"kms:CreateGrant"}
"""What a service must not do for strangers."""

SOURCES: Final = ("aws:SourceArn", "aws:SourceAccount", "aws:SourceOrgID", "aws:SourceOrgPaths", "aws:SourceOwner")
"""The keys by which a service says for whom it calls."""

_NAMES_ONLY_THE_SERVICE: Final = ("aws:PrincipalServiceName", "aws:PrincipalServiceNamesList")


@check(Policy)
def confused_deputy(policy: Policy, world: World) -> Iterator[Hit]:
    """A service may use a key for whomever it acts for."""
    if policy.kind is not PolicyKind.KEY:
        return
    for statement in policy.statements:
        if not lets_in(statement) or statement.principals is None:
            continue
        for principal in statement.principals.values:
            who = principals.who(principal, statement.owner, world.accounts)
            if who is Who.SERVICE:
                yield from _acting_for_anyone(policy, statement, principal, principal)
            elif who is Who.EVERYONE:
                for service in _named_by_condition(statement):
                    yield from _acting_for_anyone(policy, statement, principal, service)


def _named_by_condition(statement: Statement) -> Iterator[Principal]:
    """The services that everyone comes down to by a condition on the name of the calling service."""
    for condition in conditions.on(statement.conditions, *_NAMES_ONLY_THE_SERVICE):
        if conditions.limits(condition, statement.conditions) is True:
            for value in condition.values:
                if value.known and not wildcards.has_wildcard(value.form):
                    yield Principal(Text("Service", value.at), value)


def _acting_for_anyone(policy: Policy, statement: Statement, named: Principal, principal: Principal) -> Iterator[Hit]:
    """A service that acts for anyone; `named` is the principal by which the statement lets it in."""
    deputy = service_access.deputy(principal.value.form)
    if deputy is not None and deputy.tells is False:
        return
    found = tuple(each for each in statement.conditions if not conditions.on((each,), *_NAMES_ONLY_THE_SERVICE))
    told = [services.context_limited(each, found) for each in found if _tells(each, deputy)]
    if True in told:
        return
    exposed = left(policy, replace(statement, conditions=found), named, WHO_CALLS)
    confidence = any_of(DANGEROUS, exposed)
    if confidence is None:
        return
    asked = conditions.on(found, *SOURCES) or any(_tells(each, deputy) for each in found)
    silent = None if deputy is None or asked else deputy.without_source(exposed.possibly & DANGEROUS)
    fenced = named is not principal and any(each.effect is not Effect.ALLOW for each in policy.statements)
    unknown = fenced or None in told or deputy is None or deputy.tells is None or silent is not None
    yield Hit(
        principal.value.at,
        _label(principal, found, deputy, silent),
        severity=Severity.INFO if silent else None,
        confidence=Confidence.POSSIBLE if unknown else confidence,
        fix=_fix(principal, deputy),
        statement=statement.index,
    )


def _tells(condition: Condition, deputy: Deputy | None) -> bool:
    """Whether a condition is on what the service's encryption context tells about its resource."""
    if deputy is None:
        return bool(conditions.on((condition,), "kms:EncryptionContext:*"))
    return bool(conditions.on((condition,), *(f"kms:EncryptionContext:{name}" for name in deputy.contexts)))


def _label(principal: Principal, found: tuple[Condition, ...], deputy: Deputy | None, silent: Use | None) -> str:
    for condition in found:
        if conditions.on((condition,), *SOURCES) or _tells(condition, deputy):
            why = conditions.why_open(condition, found) or _why_untied(condition, found, deputy)
            if why is not None:
                return f"{principal.value} may act for any account: the condition {why}"
            if not all(value.known for value in condition.values):
                told = f"what {condition.key} is compared with is not known before it is deployed"
                return f"{principal.value} may act for any account: {told}"
    unless = f", unless it is for {silent.of}" if silent is not None else ""
    return f"{principal.value} may act for any account{unless}: no condition says for whom"


def _why_untied(condition: Condition, found: tuple[Condition, ...], deputy: Deputy | None) -> str | None:
    """Why an encryption context ties the service to nobody, in words that follow "the condition …"."""
    if not _tells(condition, deputy) or services.context_limited(condition, found) is not False:
        return None
    return pins.why(condition.key, condition.values, True)


def _fix(principal: Principal, deputy: Deputy | None) -> str | None:
    """What the service can be tied by; the words of the rule file where the table does not know it."""
    if deputy is None or not deputy.tells:
        return None
    if deputy.account:
        return (
            f"Add a condition `StringEquals` on `aws:SourceAccount` with the account whose resources "
            f"{principal.value} works for{', or `ArnLike` on `aws:SourceArn`' if deputy.arn else ''}."
        )
    if deputy.arn:
        return f"Add a condition `ArnLike` on `aws:SourceArn` with the resource that {principal.value} works for."
    return (
        f"Add a condition `StringLike` on `kms:EncryptionContext:{deputy.contexts[0]}`, by which {principal.value} "
        "says what it works for."
    )
