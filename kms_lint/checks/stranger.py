"""Principals of other accounts, and what they may do with a key.

https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-modifying-external-accounts.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Final, NamedTuple

from kms_lint.checks.admission import any_of, because, left, lets_in
from kms_lint.checks.callers import named
from kms_lint.checks.principal import everyone
from kms_lint.finding import Confidence, Hit, Severity
from kms_lint.iam import access, actions, conditions, denies, exempted, pins, principals, trust
from kms_lint.iam.access import Exposure
from kms_lint.iam.conditions import Limit
from kms_lint.iam.trust import STRANGE, Fence, Home, Standing, Trust
from kms_lint.model import Condition, Effect, Policy, PolicyKind, Principal, Principals, Statement, World
from kms_lint.rule import check
from kms_lint.spelling import first_of
from kms_lint.syntax.tree import ANYTHING, Text

_USE: Final = actions.CRYPTOGRAPHIC & actions.CROSS_ACCOUNT
_GRANT: Final = frozenset({"kms:CreateGrant"})
_GRAVE: Final = actions.DECRYPTING | actions.SIGNING | _GRANT
_CONSTRAINING: Final = frozenset({Limit.GRANT, Limit.PATH, Limit.CONTEXT})
_LOWERING: Final = frozenset({Limit.PATH, Limit.CONTEXT, Limit.NETWORK})
_ABROAD: Final = STRANGE | {Trust.UNRESOLVED, Trust.TRUSTED}
_MAYBE_STRANGE: Final = STRANGE | {Trust.UNRESOLVED}
_BY_ACCOUNT: Final = ("kms:CallerAccount", "aws:PrincipalAccount")
_BY_ARN: Final = ("aws:PrincipalArn",)
_CALLER: Final = frozenset({Limit.CALLER})
_BY_ORGANIZATION: Final = ("aws:PrincipalOrgID", "aws:PrincipalOrgPaths")
_SHOWN: Final = 3


class Stranger(NamedTuple):
    """A principal of another account, what it is to the user, and those of the wanted actions that it is given.

    `listed` is whether a condition lets only accounts in that it lists.
    """

    statement: Statement
    principal: Principal
    standing: Standing
    given: frozenset[str]
    confidence: Confidence
    listed: bool


@check(Policy)
def cross_account_use(policy: Policy, world: World) -> Iterator[Hit]:
    """A principal of an account that nobody vouches for may use the key."""
    for statement, principal, standing, given, confidence, listed in strangers(policy, world, _USE):
        if standing.trust is Trust.TRUSTED:
            continue
        label = f"{described(principal)} may use the key: {_shown(given)}{because(principal, standing)}"
        severity = Severity.INFO if listed else severity_of(standing, given, _narrowed(statement))
        yield Hit(principal.value.at, label, severity=severity, confidence=confidence, statement=statement.index)
    yield from _listed(policy, world)


@check(Policy)
def cross_account_grants(policy: Policy, world: World) -> Iterator[Hit]:
    """A principal of another account may create grants that nothing constrains."""
    for statement, principal, standing, _, confidence, _ in strangers(policy, world, _GRANT):
        if _CONSTRAINING & conditions.surely_limited(statement.conditions):
            continue
        if _CONSTRAINING & conditions.possibly_limited(statement.conditions):
            confidence = Confidence.POSSIBLE
        severity = Severity.MEDIUM if standing.trust is Trust.TRUSTED else None
        label = f"{described(principal)} may create grants, and so let anyone use the key{because(principal, standing)}"
        yield Hit(principal.value.at, label, severity=severity, confidence=confidence, statement=statement.index)


def severity_of(standing: Standing, given: frozenset[str], limited: bool = False) -> Severity | None:
    """How grave it is that somebody holds these actions, where that differs from what the rule file says.

    A third party is less than a stranger, and so is who can neither read what is protected, sign with the key nor pass it
    on, and who is limited to a network, a service or an encryption context.
    """
    lower = limited or standing.trust is Trust.THIRD_PARTY or not given & _GRAVE
    return Severity.LOW if lower else None


@lru_cache(maxsize=16)  # asked for each principal of a statement in turn
def _narrowed(statement: Statement) -> bool:
    """Whether conditions limit from where, how and for which data a key is used."""
    return bool(_LOWERING & conditions.surely_limited(statement.conditions))


def _limited_to_listed(found: tuple[Condition, ...]) -> bool:
    """Whether conditions let only accounts in that they list."""
    return conditions.accounts_named(found) is not None and Limit.CALLER in conditions.surely_limited(found)


def _lists(fence: Fence) -> bool:
    """Whether all whom a Deny leaves are of accounts that it lists."""
    return len(conditions.on(fence, *_BY_ACCOUNT, *_BY_ARN)) == len(fence) > 0


def strangers(policy: Policy, world: World, wanted: frozenset[str]) -> Iterator[Stranger]:
    """The principals of other accounts that a key policy allows some of the wanted actions, trusted ones too.

    Those of the user's own accounts and organizations are left out. While nothing tells the key's account, an account
    that may change the key policy is taken to be it, since that never works from another account. Without a Deny, what
    is open is the same for all principals of a statement.
    """
    if policy.kind is not PolicyKind.KEY:
        return
    at = trust.home(policy, world.accounts)
    simple = all(each.effect is Effect.ALLOW and not each.unknown for each in policy.statements)
    for statement in policy.statements:
        if not lets_in(statement) or statement.principals is None or not wanted & actions.reachable(statement.actions):
            continue
        fences = {} if simple else trust.fences(policy, statement, wanted)
        listed = _limited_to_listed(statement.conditions) or any(map(_lists, fences.values()))
        others = tuple(each for each in policy.statements if each not in fences) if fences else policy.statements
        beside = replace(policy, statements=others) if fences else policy
        alike: Exposure | None = None
        for principal in statement.principals.values:
            standing = trust.standing(principal, at, statement, tuple(fences.values()))
            if standing.trust not in _ABROAD or principals.account(principal) is None:
                continue
            exposure = alike or _open(beside, statement, principal)
            alike = exposure if simple else None
            confidence = any_of(wanted, exposure)
            if confidence is not None:
                confidence = confidence if standing.sure and not statement.unknown else Confidence.POSSIBLE
                yield Stranger(statement, principal, standing, _given(exposure, wanted), confidence, listed)


def described(principal: Principal) -> str:
    """A principal of another account in words."""
    named = principals.account(principal) or ANYTHING
    account = "an account that is not known yet" if ANYTHING in named else f"account {named}"
    if principals.is_account(principal):
        return f"{account}, and whomever it lets in,"
    return f"{_name(principal.value)} of {account}"


def _name(arn: Text) -> str:
    return str(arn).rpartition(":")[2]


@lru_cache(maxsize=16)
def _shown(given: frozenset[str]) -> str:
    """Actions, the gravest first, as far as they fit into a line."""
    ordered = sorted(given, key=lambda name: (name not in actions.DECRYPTING, name != "kms:Decrypt", name))
    return first_of(ordered, _SHOWN)


def _given(exposure: Exposure, wanted: frozenset[str]) -> frozenset[str]:
    """Those of the wanted actions that surely are open, or else those that may be."""
    return exposure.surely & wanted or exposure.possibly & wanted


def _open(policy: Policy, statement: Statement, principal: Principal) -> Exposure:
    """What Denies leave open that do not limit a statement to certain callers, such as those of an organization."""
    bare = replace(statement, conditions=()) if statement.conditions else statement
    return left(policy, bare, principal, _CALLER)


def _listed(policy: Policy, world: World) -> Iterator[Hit]:
    """The other accounts and organizations that a statement for everyone lets in by a condition that lists them."""
    at = trust.home(policy, world.accounts)
    for statement in policy.statements:
        anybody = everyone(statement) if policy.kind is PolicyKind.KEY and lets_in(statement) else ()
        if not anybody:
            continue
        fences = trust.fences(policy, statement, _USE)
        if trust.standing(anybody[0], at, statement, tuple(fences.values())).trust not in _MAYBE_STRANGE:
            continue
        others = tuple(each for each in policy.statements if each not in fences)
        exposure = left(replace(policy, statements=others) if fences else policy, statement, anybody[0])
        confidence = any_of(_USE, exposure)
        if confidence is None:
            continue
        given = _given(exposure, _USE)
        listed = _limited_to_listed(statement.conditions) or any(map(_lists, fences.values()))
        for value, standing, sure in _strange_values(statement, fences, at):
            whom, what = _whom(value)
            label = f"{whom} may use the key: {_shown(given)}; the {what} {standing.why}"
            severity = Severity.INFO if listed else severity_of(standing, given, _narrowed(statement))
            certain = confidence if sure and standing.sure else Confidence.POSSIBLE
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
    untold = found.trust is Trust.UNRESOLVED and value.known and at.presumed is not None
    return found if untold and condition.key.form.lower() not in map(str.lower, _BY_ORGANIZATION) else None


def _width(found: Fence) -> int:
    """How many callers conditions let pass, of which everybody meets one: identities, accounts, or organizations."""
    kinds = (_BY_ARN, _BY_ACCOUNT, _BY_ORGANIZATION)
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


@check(Policy)
def cross_account_dead_action(policy: Policy, world: World) -> Iterator[Hit]:
    """Only principals of other accounts are given an operation by name that does not work across accounts.

    Where nothing tells the key's account, it is the only one that may change the key policy, as far as that is one.
    https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-modifying-external-accounts.html
    """
    dead = actions.ALL - actions.CROSS_ACCOUNT - actions.WITHOUT_EFFECT_IN_KEY_POLICY
    for statement in policy.statements:
        named = {name: value for name, value in actions.names(statement.actions).items() if name in dead}
        confidence = _all_abroad(policy, statement, world) if named else None
        if confidence is None or statement.principals is None:
            continue
        accounts = sorted({str(principals.account(each)) for each in statement.principals.values})
        whence = f"account{'s' if len(accounts) > 1 else ''} {' and '.join(', '.join(accounts).rsplit(', ', 1))}"
        for name, value in named.items():
            label = f"{name} never works from {whence}"
            yield Hit(value.at, label, confidence=confidence, statement=statement.index)


def _all_abroad(policy: Policy, statement: Statement, world: World) -> Confidence | None:
    """Whether an Allow names principals of other accounts only: for certain, as far as one can tell, or not."""
    if not lets_in(statement) or statement.effect is not Effect.ALLOW or statement.unknown:
        return None
    named = statement.principals.values if statement.principals is not None else ()
    sides = (
        (statement.owner, Confidence.DEFINITE),
        (access.presumed_owner(policy), Confidence.POSSIBLE),
    )
    for owner, confidence in sides:
        found = {principals.who(each, owner, world.accounts) for each in named}
        if found and found <= principals.FOREIGN:
            return confidence
    return None
