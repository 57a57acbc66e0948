"""What only several documents show together: a half that is missing, a replica that lets in more than its primary.

https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from typing import Final, NamedTuple

from kms_lint import texts
from kms_lint.checks.key import keys_by_name
from kms_lint.finding import Confidence, Hit, Place
from kms_lint.iam import access, actions, principals, resources
from kms_lint.iam.principals import ACCOUNTS, Who
from kms_lint.iam.resources import Kind
from kms_lint.model import Effect, Identity, Key, Policy, PolicyKind, Principal, Statement, World
from kms_lint.rule import check
from kms_lint.spelling import first_of
from kms_lint.syntax.tree import ANYTHING, DEPLOYMENT_ACCOUNT

_NAMED: Final = ("user", "role")
_KINDS: Final = (*_NAMED, "assumed-role")


def _surely_allows(statement: Statement) -> bool:
    return statement.effect is Effect.ALLOW and not statement.unknown and statement.resources is not None


class _Held(NamedTuple):
    """A key with what its policy leaves to IAM, and what it gives to others than the account itself."""

    key: Key
    delegated: frozenset[str]
    named: tuple[tuple[Principal | None, frozenset[str]], ...]
    """Who is not the account itself, and for what; `None` is anybody."""
    unbounded: frozenset[str]
    """What is left to IAM without a condition and beside no Deny: nothing about it has to be worked out."""


@check(Policy)
def undelegated_iam_access(policy: Policy, world: World) -> Iterator[Hit]:
    """An IAM policy allows what the key policy of that key never leaves to IAM.

    https://docs.aws.amazon.com/kms/latest/developerguide/determining-access-iam-policies.html
    """
    if policy.kind is not PolicyKind.IDENTITY:
        return
    identity = _identities(world).get(policy.of or "")
    for statement in policy.statements:
        if not _surely_allows(statement) or statement.resources is None or statement.resources.negated:
            continue
        wanted = actions.covered(statement.actions) - actions.STAR_ONLY - actions.ALIAS
        for value, reach in resources.reaches(statement.resources):
            held = _keys(world).get(value.form) if reach.kind is Kind.ONE_KEY else None
            if held is None or not wanted:
                continue
            given = [what for who, what in held.named if not _is_another(who, identity)]
            if not wanted & held.delegated.union(*given):
                why, place = "does not let the account decide", "this key policy does not let IAM decide"
            elif policy.owner == held.key.owner and not wanted & held.unbounded and not wanted & _open(held.key):
                why, place = (
                    "leaves it to nobody of the account",
                    "this key policy takes it back, or asks for what no call has",
                )
            else:
                continue
            what = f"{first_of(sorted(wanted), 3)} on {held.key.address} is never allowed by IAM"
            related = (Place(held.key.policies[0].at, place),)
            yield Hit(value.at, f"{what}: its key policy {why}", related=related, statement=statement.index)


@lru_cache(maxsize=1)
def _keys(world: World) -> dict[str, _Held]:
    """The keys whose policies are known, by their ARNs; an ARN that several have means none."""
    found: dict[str, _Held | None] = {}
    with_grants = {grant.of for document in world.documents for grant in document.grants}
    for document in world.documents:
        for key in document.keys:
            if key.arn is None or ANYTHING in key.arn.form or not key.policies or key.policy_unknown:
                continue
            held = None if key.address in with_grants else _held(key, world)
            found[key.arn.form] = None if key.arn.form in found else held
    return {arn: held for arn, held in found.items() if held is not None}


def _held(key: Key, world: World) -> _Held | None:
    delegated: frozenset[str] = frozenset()
    named: list[tuple[Principal | None, frozenset[str]]] = []
    unbounded: frozenset[str] = frozenset()
    for policy in key.policies:
        if any(each.unknown for each in policy.statements) or policy.problems:
            return None
        delegated |= access.delegated(policy, world.accounts)
        named.extend(_given_to_others(policy, world))
        if not any(each.effect is Effect.DENY for each in policy.statements):
            unconditional = tuple(each for each in policy.statements if not each.conditions)
            unbounded |= access.delegated(replace(policy, statements=unconditional), world.accounts)
    return _Held(key, delegated, tuple(named), unbounded)


@lru_cache(maxsize=64)
def _open(key: Key) -> frozenset[str]:
    """What a key's policies leave to the identities of its account after all Denies and conditions; doubt counts."""
    if all(_plain(policy) for policy in key.policies):
        return actions.ALL
    from kms_lint.reason.left import BudgetError, open_in_account

    try:
        return frozenset().union(*(open_in_account(each, access.presumed_owner(each)) for each in key.policies))
    except BudgetError:
        return actions.ALL


def _plain(policy: Policy) -> bool:
    """Whether what a policy leaves need not be worked out, or cannot be: without Denies and conditions all is left.

    The key's account may be one that the policy names, when it has no number.
    """
    owner = access.presumed_owner(policy)
    if not any(each.effect is Effect.DENY or each.conditions for each in policy.statements):
        return True
    return owner is None or (not owner.isdigit() and any(map(_numbered, policy.statements)))


def _numbered(statement: Statement) -> bool:
    """Whether a statement names an account by its number."""
    return any(
        part.isdigit() and len(part) == 12 for text in texts.of_statement(statement) for part in text.form.split(":")
    )


def _given_to_others(policy: Policy, world: World) -> Iterator[tuple[Principal | None, frozenset[str]]]:
    """What a key policy gives to principals that are not a whole account, who may be the identity in question."""
    for statement in policy.statements:
        named = statement.principals
        if statement.effect is Effect.DENY or named is None:
            continue
        given = actions.reachable(statement.actions)
        if named.negated:
            yield None, given
            continue
        for principal in named.values:
            who = principals.who(principal, statement.owner or policy.owner, world.accounts)
            if who not in ACCOUNTS | {Who.SERVICE}:
                yield (principal if who in principals.IDENTITIES else None), given


@lru_cache(maxsize=1)
def _identities(world: World) -> dict[str, Identity]:
    """The users and roles of the input by their addresses; an address that several have means none."""
    found: dict[str, Identity | None] = {}
    for document in world.documents:
        for each in document.identities:
            found[each.address] = None if each.address in found else each
    return {address: each for address, each in found.items() if each is not None and each.type in _NAMED}


def _is_another(principal: Principal | None, identity: Identity | None) -> bool:
    """Whether a principal surely is not an identity of the input: a user, or of another name.

    Names of users and of roles are unique in an account, whatever their paths are.
    """
    name = identity.name if identity is not None else None
    if principal is None or identity is None or name is None or not _is_plain(name.form):
        return False
    kind, *rest = principal.value.form.split(":", 5)[-1].split("/")
    called = rest[0] if kind == "assumed-role" and rest else rest[-1] if rest else ""
    same_kind = kind == identity.type or (kind, identity.type) == ("assumed-role", "role")
    return kind in _KINDS and _is_plain(called) and not (same_kind and called == name.form)


def _is_plain(name: str) -> bool:
    """Whether a name is known as it stands."""
    return bool(name) and not any(mark in name for mark in (ANYTHING, "<", "$"))


@check(Key)
def replica_differs(key: Key, world: World) -> Iterator[Hit]:
    """The key policy of a replica lets in more than that of its primary key.

    https://docs.aws.amazon.com/kms/latest/developerguide/multi-region-keys-auth.html
    """
    primary = _primary(key, world) if key.replica and not key.policy_unknown else None
    if primary is None or primary.policy_unknown or primary.variants or key.variants:
        return
    from kms_lint.reason import default
    from kms_lint.reason.difference import Verdict, difference

    owner = key.owner or primary.owner or DEPLOYMENT_ACCOUNT
    policies = [
        each.policies[0] if each.policies else default.policy(each.address, each.at, owner, "aws")
        for each in (primary, key)
    ]
    if len(primary.policies) > 1 or len(key.policies) > 1 or any(each.problems for each in policies):
        return
    answer = difference(policies[0], policies[1])
    if answer.verdict is not Verdict.NEW_ACCESS:
        return
    for group in answer.groups[:3]:
        request = group.request
        label = f"{request.caller.shown} may {request.action} with the replica, and not with {primary.address}"
        related = (Place(policies[0].at, "the key policy of the primary key"),)
        at = group.statement.at if key.policies else key.at
        yield Hit(at, label, group.statement.name, related, confidence=Confidence.DEFINITE)


def _primary(key: Key, world: World) -> Key | None:
    """The primary key of a replica, where it is in the input and no other has its name."""
    if key.primary is None or not key.primary.known:
        return None
    found = [each for each in keys_by_name(world).get(key.primary.form, ()) if not each.replica]
    return found[0] if len(found) == 1 else None
