"""Principals of other accounts, and what they may do with a key.

https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-modifying-external-accounts.html
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Final, NamedTuple

from kms_lint.checks.admission import any_of, because, left, lets_in
from kms_lint.checks.principal import everyone
from kms_lint.finding import Confidence, Hit, Severity
from kms_lint.iam import actions, conditions, pins, principals, trust
from kms_lint.iam.access import Exposure
from kms_lint.iam.conditions import Limit
from kms_lint.iam.trust import STRANGE, Fence, Home, Standing, Trust
from kms_lint.model import Condition, Effect, Policy, PolicyKind, Principal, Statement, World
from kms_lint.rule import check
from kms_lint.spelling import first_of
from kms_lint.syntax.tree import ANYTHING, Text

_USE: Final = actions.CRYPTOGRAPHIC & actions.CROSS_ACCOUNT
_GRANT: Final = frozenset({"kms:CreateGrant"})
_GRAVE: Final = actions.DECRYPTING | actions.SIGNING | _GRANT
_CONSTRAINING: Final = frozenset({Limit.GRANT, Limit.PATH, Limit.CONTEXT})
_LOWERING: Final = frozenset({Limit.PATH, Limit.CONTEXT, Limit.NETWORK})
_ABROAD: Final = STRANGE | {Trust.UNRESOLVED, Trust.TRUSTED}
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
        if trust.standing(anybody[0], at, statement, tuple(fences.values())).trust not in STRANGE:
            continue
        exposure = left(policy, statement, anybody[0])
        confidence = any_of(_USE, exposure)
        if confidence is None:
            continue
        given = _given(exposure, _USE)
        listed = _limited_to_listed(statement.conditions) or any(map(_lists, fences.values()))
        for value, standing in _strange_values((statement.conditions, *fences.values()), at):
            whom, what = _whom(value)
            label = f"{whom} may use the key: {_shown(given)}; the {what} {standing.why}"
            severity = Severity.INFO if listed else severity_of(standing, given, _narrowed(statement))
            yield Hit(value.at, label, severity=severity, confidence=confidence, statement=statement.index)


def _strange_values(blocks: Sequence[Fence], at: Home) -> list[tuple[Text, Standing]]:
    """The values by which one of the conditions, the narrowest, lets in strangers."""
    limiting = [each for block in blocks for each in block if conditions.limits(each, block) is True]
    for names in (_BY_ARN, _BY_ACCOUNT, _BY_ORGANIZATION):
        for condition in conditions.on(limiting, *names):
            each = [(value, trust.of_value(condition, value, at)) for value in condition.values]
            found = [(value, standing) for value, standing in each if standing and standing.trust in STRANGE]
            if found:
                return found
    return []


def _whom(value: Text) -> tuple[str, str]:
    """Who is let in by a value of a condition, and whether it is an account or an organization that they are of."""
    if value.form.startswith("arn:"):
        return f"{_name(value)} of account {pins.account_of(value.form, in_arn=True)}", "account"
    if value.form.startswith("o-"):
        return f"whoever is in organization {value.split('/')[0]}", "organization"
    return f"account {value}, and whomever it lets in,", "account"


@check(Statement)
def cross_account_dead_action(statement: Statement, world: World) -> Iterator[Hit]:
    """Only principals of other accounts are given an operation by name that does not work across accounts.

    https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-modifying-external-accounts.html
    """
    if not lets_in(statement) or statement.effect is not Effect.ALLOW or statement.principals is None:
        return
    found = {principals.who(each, statement.owner, world.accounts) for each in statement.principals.values}
    if statement.unknown or not found or not found <= principals.FOREIGN:
        return
    accounts = sorted({str(principals.account(each)) for each in statement.principals.values})
    whence = f"account{'s' if len(accounts) > 1 else ''} {' and '.join(', '.join(accounts).rsplit(', ', 1))}"
    dead = actions.ALL - actions.CROSS_ACCOUNT - actions.WITHOUT_EFFECT_IN_KEY_POLICY
    for name, value in actions.names(statement.actions).items():
        if name in dead:
            yield Hit(value.at, f"{name} never works from {whence}")
