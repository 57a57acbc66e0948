"""Principals of other accounts, and what they may do with a key.

https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-modifying-external-accounts.html
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache

from kms_lint.checks.admission import any_of, left, lets_in
from kms_lint.checks.principal import everyone
from kms_lint.finding import Confidence, Hit, Severity
from kms_lint.iam import access, actions, conditions, principals
from kms_lint.iam.access import Exposure
from kms_lint.iam.conditions import Limit
from kms_lint.iam.principals import Side
from kms_lint.model import Effect, Policy, PolicyKind, Principal, Statement, World
from kms_lint.rule import check
from kms_lint.spelling import first_of
from kms_lint.syntax.tree import ANYTHING, Text

_BY_ORGANIZATION = ("aws:PrincipalOrgID", "aws:PrincipalOrgPaths")
_BY_ACCOUNT = ("kms:CallerAccount", "aws:PrincipalAccount")
_SHOWN = 3


@check(Policy)
def cross_account_use(policy: Policy, world: World) -> Iterator[Hit]:
    """A principal of an account that nobody vouches for may use the key."""
    wanted = actions.CRYPTOGRAPHIC & actions.CROSS_ACCOUNT
    for statement, principal, confidence in strangers(policy, world, wanted):
        if principals.trusted(principal, statement.owner, world.accounts):
            continue
        limited = _limited_to_listed(statement)
        label = f"{described(principal)} may use the key: {shown(statement, wanted)}"
        severity = Severity.INFO if limited else None
        yield Hit(principal.value.at, label, severity=severity, confidence=confidence, statement=statement.index)
    yield from _listed(policy, world, wanted)


@check(Policy)
def cross_account_grants(policy: Policy, world: World) -> Iterator[Hit]:
    """A principal of another account may create grants that nothing constrains."""
    wanted = frozenset({"kms:CreateGrant"})
    constraining = {Limit.GRANT, Limit.PATH, Limit.CONTEXT}
    for statement, principal, confidence in strangers(policy, world, wanted):
        if constraining & conditions.surely_limited(statement.conditions):
            continue
        if constraining & conditions.possibly_limited(statement.conditions):
            confidence = Confidence.POSSIBLE
        named = principals.account(principal)
        if named in world.accounts.own:
            continue
        severity = Severity.MEDIUM if named in world.accounts.trusted else None
        label = f"{described(principal)} may create grants, and so let anyone use the key"
        yield Hit(principal.value.at, label, severity=severity, confidence=confidence, statement=statement.index)


@lru_cache(maxsize=16)
def _limited_to_listed(statement: Statement) -> bool:
    """Whether conditions let only accounts in that they list: asked for every principal of a statement in turn."""
    listed = conditions.accounts_named(statement.conditions) is not None
    return listed and Limit.CALLER in conditions.surely_limited(statement.conditions)


def strangers(
    policy: Policy, world: World, wanted: frozenset[str]
) -> Iterator[tuple[Statement, Principal, Confidence]]:
    """The principals of other accounts that a key policy allows some of the wanted actions.

    Those that an organization vouches for are left out. While nothing tells the key's account, an account that may
    change the key policy is taken to be it, since that never works from another account. Without a Deny, what is open
    is the same for all principals of a statement.
    """
    if policy.kind is not PolicyKind.KEY:
        return
    owner = access.presumed_owner(policy)
    simple = all(each.effect is Effect.ALLOW and not each.unknown for each in policy.statements)
    for statement in policy.statements:
        if not lets_in(statement) or statement.principals is None:
            continue
        organization = _organization(statement)
        if organization is True or not wanted & actions.reachable(statement.actions):
            continue
        alike: Exposure | None = None
        for principal in statement.principals.values:
            foreign = _foreign(policy, principal, owner, world)
            if foreign is False:
                continue
            exposure = alike or _open(policy, statement, principal)
            alike = exposure if simple else None
            confidence = any_of(wanted, exposure)
            if confidence is not None:
                sure = foreign is True and organization is False and not statement.unknown
                yield statement, principal, confidence if sure else Confidence.POSSIBLE


def described(principal: Principal) -> str:
    """A principal of another account in words."""
    named = principals.account(principal) or ANYTHING
    account = "an account that is not known yet" if ANYTHING in named else f"account {named}"
    if principals.is_account(principal):
        return f"{account}, and whomever it lets in,"
    return f"{str(principal.value).rpartition(':')[2]} of {account}"


@lru_cache(maxsize=16)
def shown(statement: Statement, wanted: frozenset[str]) -> str:
    """The wanted actions that a statement surely allows, the gravest first, as far as they fit into a line."""
    held = actions.covered(statement.actions) & wanted or actions.reachable(statement.actions) & wanted
    ordered = sorted(held, key=lambda name: (name not in actions.DECRYPTING, name != "kms:Decrypt", name))
    return first_of(ordered, _SHOWN)


def _organization(statement: Statement) -> bool | None:
    """Whether an organization limits the callers of a statement; `None` when it may."""
    held = [
        conditions.limits(each, statement.conditions)
        for each in statement.conditions
        if not each.key.known or conditions.on((each,), *_BY_ORGANIZATION)
    ]
    return True if True in held else None if None in held else False


def _open(policy: Policy, statement: Statement, principal: Principal) -> Exposure:
    """What Denies leave open that do not limit a statement to certain callers, such as those of an organization."""
    return left(policy, replace(statement, conditions=()), principal, frozenset({Limit.CALLER}))


def _foreign(policy: Policy, principal: Principal, owner: str | None, world: World) -> bool | None:
    """Whether a principal is of another account than the key; `None` when it may be.

    `owner` is the account that the key seems to belong to.
    """
    who = principals.who(principal, policy.owner, world.accounts)
    if who in principals.FOREIGN:
        return True
    if who not in (principals.Who.SOME_ACCOUNT, principals.Who.SOME_IDENTITY):
        return False
    return False if owner is not None and principals.account(principal) == owner else None


def _listed(policy: Policy, world: World, wanted: frozenset[str]) -> Iterator[Hit]:
    """The other accounts that a statement for everyone lets in by a condition that lists them."""
    for statement in policy.statements:
        if policy.kind is not PolicyKind.KEY or not lets_in(statement) or not everyone(statement):
            continue
        if _organization(statement) is not False:
            continue
        confidence = any_of(wanted, left(policy, statement, everyone(statement)[0]))
        for value in _accounts(statement) if confidence else ():
            if _strange(value, policy, world):
                label = f"account {value}, and whomever it lets in, may use the key: {shown(statement, wanted)}"
                sure = confidence or Confidence.POSSIBLE
                yield Hit(value.at, label, severity=Severity.INFO, confidence=sure, statement=statement.index)


def _accounts(statement: Statement) -> Iterator[Text]:
    for condition in conditions.on(statement.conditions, *_BY_ACCOUNT):
        if conditions.limits(condition, statement.conditions) is True:
            yield from condition.values


def _strange(account: Text, policy: Policy, world: World) -> bool:
    if account.form in world.accounts.own or account.form in world.accounts.trusted:
        return False
    return principals.side(account.form, policy.owner, world.accounts) is Side.FOREIGN


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
