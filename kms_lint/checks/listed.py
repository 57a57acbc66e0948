"""Strangers whom a condition, or a Deny, names: callers of a statement for everyone, and those for whom services work.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

from kms_lint.checks.admission import any_of, left, lets_in
from kms_lint.checks.callers import named
from kms_lint.checks.principal import everyone
from kms_lint.checks.strange_use import (
    BY_ACCOUNT,
    BY_ARN,
    BY_ORGANIZATION,
    USE,
    given_of,
    limited_to_listed,
    lists,
    narrowed,
    severity_of,
    shown,
)
from kms_lint.finding import Confidence, Hit, Severity
from kms_lint.iam import conditions, denies, exempted, pins, principals, trust
from kms_lint.iam.principals import Who
from kms_lint.iam.trust import STRANGE, Fence, Home, Standing, Trust
from kms_lint.model import Condition, Policy, PolicyKind, Principal, Principals, Statement, World
from kms_lint.syntax.tree import Text

_MAYBE_STRANGE: Final = STRANGE | {Trust.UNRESOLVED}


def listed_callers(policy: Policy, world: World) -> Iterator[Hit]:
    """The other accounts and organizations that a statement for everyone lets in by a condition that lists them."""
    at = trust.home(policy, world.accounts)
    for statement in policy.statements:
        anybody = everyone(statement) if policy.kind is PolicyKind.KEY and lets_in(statement) else ()
        if not anybody:
            continue
        fences = trust.fences(policy, statement, USE)
        who = trust.standing(anybody[0], at, statement, tuple(fences.values()))
        if who.trust not in _MAYBE_STRANGE:
            continue
        others = tuple(each for each in policy.statements if each not in fences)
        exposure = left(replace(policy, statements=others) if fences else policy, statement, anybody[0])
        confidence = any_of(USE, exposure)
        if confidence is None:
            continue
        given = given_of(exposure, USE)
        listed = limited_to_listed(statement.conditions) or any(map(lists, fences.values()))
        for value, standing, sure in _strange_values(statement, fences, at):
            whom, what = _whom(value)
            label = f"{whom} may use the key: {shown(given)}; the {what} {standing.why}"
            severity = Severity.INFO if listed else severity_of(standing, given, narrowed(statement))
            certain = confidence if sure and standing.sure and who.sure else Confidence.POSSIBLE
            yield Hit(value.at, label, severity=severity, confidence=certain, statement=statement.index)


def listed_sources(policy: Policy, world: World) -> Iterator[Hit]:
    """The other accounts and organizations for whose resources a service may use the key, by the condition that names them.

    A service that may act for anybody is a matter of confused-deputy.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
    """
    at = trust.home(policy, world.accounts)
    for statement in policy.statements:
        if policy.kind is not PolicyKind.KEY or not lets_in(statement) or statement.principals is None:
            continue
        for principal in statement.principals.values:
            if principals.who(principal, statement.owner, world.accounts) is Who.SERVICE:
                yield from _acting_for_strangers(policy, statement, principal, at)


def _acting_for_strangers(policy: Policy, statement: Statement, principal: Principal, at: Home) -> Iterator[Hit]:
    fences = trust.fences(policy, statement, USE)
    standing = trust.source(statement, at, tuple(fences.values()))
    others = tuple(each for each in policy.statements if each not in fences)
    if standing is None or standing.trust not in _MAYBE_STRANGE:
        return
    exposure = left(replace(policy, statements=others), statement, principal)
    confidence = any_of(USE, exposure)
    if confidence is None:
        return
    for value, found, _ in _strange_values(statement, fences, at):
        in_organization = value.form.startswith("o-")
        whom = str(value) if value.form.startswith("arn:") else named(value)
        given, what = given_of(exposure, USE), "organization" if in_organization else "account"
        label = f"{principal.value} may use the key for {whom}: {shown(given)}; the {what} {found.why}"
        severity = severity_of(found, given, narrowed(statement)) if in_organization else Severity.INFO
        certain = confidence if found.sure and standing.sure else Confidence.POSSIBLE
        yield Hit(value.at, label, severity=severity, confidence=certain, statement=statement.index)


def _strange_values(
    statement: Statement, fences: Mapping[Statement, Fence], at: Home
) -> Iterator[tuple[Text, Standing, bool]]:
    """The values by which the narrowest condition, or Deny, lets in strangers, and whether it surely does.

    Every other one has to let them pass as well.
    """
    among = statement.conditions
    asked: list[tuple[Statement | None, Fence]] = [
        *((None, (each,)) for each in among if conditions.limits(each, among) is True),
        *fences.items(),
    ]
    for deny, spared in sorted(asked, key=lambda each: _width(each[1])):
        strange = [
            (value, standing)
            for condition in spared
            for value in condition.values
            if (standing := _strange(condition, value, at)) is not None
            if all(_passes(value, others) for _, others in asked)
        ]
        if strange:
            named = deny.principals if deny is not None and deny.principals and deny.principals.negated else None
            yield from ((value, standing, named is None or _sure(named, value)) for value, standing in strange)
            return


def _strange(condition: Condition, value: Text, at: Home) -> Standing | None:
    """What a value is that surely lets in strangers, or does unless the key is theirs; `None` for others.

    While nothing tells the key's account, one that may change the key policy is taken to be it.
    """
    found = trust.of_value(condition, value, at)
    if found is None or found.trust in STRANGE:
        return found
    return found if found == trust.UNTOLD and at.presumed is not None else None


def _width(found: Fence) -> int:
    """How many callers conditions let pass, of which everybody meets one: identities, accounts, or organizations."""
    kinds = (BY_ARN, BY_ACCOUNT, BY_ORGANIZATION)
    return max((index for index, names in enumerate(kinds) if conditions.on(found, *names)), default=len(kinds))


def _passes(value: Text, others: Fence) -> bool:
    """Whether who is named by a value may meet one of some conditions."""
    form = value.form if value.form.startswith("arn:") else f"arn:aws:iam::{value.form}:root"
    named = principals.grantee_of(Text(form, value.at))
    return value.form.startswith("o-") or any(denies.holds_for(each, named) is not False for each in others)


def _sure(named: Principals, value: Text) -> bool:
    """Whether `NotPrincipal` surely spares who is named by one of its values."""
    by_number = not value.form.startswith("arn:")
    return not exempted.undecided(named, value.form if by_number else pins.account_of(value.form, in_arn=True))


def _whom(value: Text) -> tuple[str, str]:
    """Who is let in by a value of a condition, and whether it is an account or an organization that they are of."""
    if value.form.startswith("arn:"):
        return named(value), "account"
    if value.form.startswith("o-"):
        return f"whoever is in {named(value)}", "organization"
    return f"{named(value)}, and whomever it lets in,", "account"
