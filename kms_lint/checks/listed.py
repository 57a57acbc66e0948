"""Strangers whom a condition, or a Deny, names: callers of a statement for everyone, and those for whom services work.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final, NamedTuple

from kms_lint.checks.admission import any_of, left, lets_in
from kms_lint.checks.callers import named
from kms_lint.checks.principal import everyone
from kms_lint.checks.strange_use import (
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
from kms_lint.iam.principals import Who, who
from kms_lint.iam.trust import STRANGE, Fence, Home, Standing, Trust
from kms_lint.model import Condition, Policy, PolicyKind, Principal, Principals, Statement, World
from kms_lint.source import At
from kms_lint.syntax.tree import Text

_MAYBE_STRANGE: Final = STRANGE | {Trust.UNRESOLVED}


class Named(NamedTuple):
    """A value that names strangers, what they are, and what is given to them; `listed` is whether only accounts are listed."""

    value: Text
    standing: Standing
    given: frozenset[str]
    confidence: Confidence
    listed: bool


def listed_callers(policy: Policy, world: World) -> Iterator[Hit]:
    """The other accounts and organizations that a statement for everyone lets in by a condition that lists them."""
    at = trust.home(policy, world.accounts)
    for statement in policy.statements:
        anybody = everyone(statement) if policy.kind is PolicyKind.KEY and lets_in(statement) else ()
        if not anybody:
            continue
        for each in _strangers(policy, statement, anybody[0], at):
            whom, what = _whom(each.value)
            label = f"{whom} may use the key: {shown(each.given)}; the {what} {each.standing.why}"
            severity = Severity.INFO if each.listed else severity_of(each.standing, each.given, narrowed(statement))
            place = each.value.at
            yield Hit(place, label, severity=severity, confidence=each.confidence, statement=statement.index)


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
    for each in _strangers(policy, statement, principal, at):
        in_organization = each.value.form.startswith("o-")
        whom = str(each.value) if each.value.form.startswith("arn:") else named(each.value)
        what = "organization" if in_organization else "account"
        label = f"{principal.value} may use the key for {whom}: {shown(each.given)}; the {what} {each.standing.why}"
        severity = severity_of(each.standing, each.given, narrowed(statement)) if in_organization else Severity.INFO
        place = each.value.at
        yield Hit(place, label, severity=severity, confidence=each.confidence, statement=statement.index)


def _strangers(policy: Policy, statement: Statement, principal: Principal, at: Home) -> Iterator[Named]:
    """The strangers that conditions or Denies name to whom a statement for everyone, or a service, gives use of the key."""
    found: dict[tuple[str, At], Named] = {}
    for part, fences in trust.parts(policy, statement, USE):
        spared = tuple(fences.values())
        by_name = who(principal, statement.owner) is Who.SERVICE
        left_to = trust.source(statement, at, spared) if by_name else trust.standing(principal, at, statement, spared)
        if left_to is None or left_to.trust not in _MAYBE_STRANGE:
            continue
        others = tuple(each for each in policy.statements if each not in fences)
        exposure = left(replace(policy, statements=others) if fences else policy, statement, principal)
        confidence = any_of(part, exposure)
        if confidence is None:
            continue
        listed = limited_to_listed(statement.conditions) or any(map(lists, spared))
        for value, standing, sure in _strange_values(statement, fences, at):
            certain = confidence if sure and standing.sure and left_to.sure else Confidence.POSSIBLE
            before = found.get((str(value), value.at), Named(value, standing, frozenset(), certain, listed))
            found[str(value), value.at] = before._replace(
                given=before.given | given_of(exposure, part),
                confidence=min(before.confidence, certain, key=list(Confidence).index),
                listed=before.listed and listed,
            )
    yield from found.values()


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
    kinds = (conditions.BY_ARN, conditions.BY_ACCOUNT, conditions.BY_ORGANIZATION)
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
