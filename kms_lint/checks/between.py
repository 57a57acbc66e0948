"""What only several statements, or several documents, show together: trust that can be widened, halves that are missing.

https://docs.aws.amazon.com/kms/latest/developerguide/abac.html
https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Final, NamedTuple

from kms_lint import texts
from kms_lint.checks.key import keys_by_name
from kms_lint.checks.reach import doubtful, held_known
from kms_lint.finding import Confidence, Hit, Place
from kms_lint.iam import access, actions, conditions, principals, resources, wildcards
from kms_lint.iam.principals import ACCOUNTS, Who
from kms_lint.iam.resources import Kind
from kms_lint.model import Condition, Effect, Key, Policy, PolicyKind, Statement, World
from kms_lint.rule import check
from kms_lint.spelling import first_of
from kms_lint.syntax.tree import ANYTHING, Text

_ALIASES: Final = ("kms:ResourceAliases", "kms:RequestAlias")
_TAG: Final = "aws:resourcetag/"
_TAGGING: Final = frozenset({"kms:TagResource", "kms:UntagResource"})
_GAINED: Final = actions.CRYPTOGRAPHIC | (actions.ADMINISTRATION - actions.ALIAS - _TAGGING)


Trusts = Callable[[Condition], bool]
"""Whether a condition trusts something that can be changed."""


class _Way(NamedTuple):
    """A statement that lets somebody change what another one trusts, and that other one's condition."""

    statement: Statement
    action: Text
    trusting: Condition


@check(Policy)
def alias_escalation(policy: Policy, world: World) -> Iterator[Hit]:
    """Somebody who may use keys by their aliases may change the aliases.

    https://docs.aws.amazon.com/kms/latest/developerguide/alias-authorization.html
    """
    for way in _ways(policy, world, actions.ALIAS, _trusts_alias):
        if _may_name(way.statement, way.trusting):
            label = "who may change aliases gives any key the alias that this access trusts"
            yield _hit(way, label)


@check(Policy)
def tag_escalation(policy: Policy, world: World) -> Iterator[Hit]:
    """Somebody who may use keys by their tags may change the tags.

    https://docs.aws.amazon.com/kms/latest/developerguide/tag-authorization.html
    """
    for way in _ways(policy, world, _TAGGING, _trusts_tag):
        own = {each.key.form.lower() for each in way.statement.conditions}
        bound = way.trusting.key.form.lower() in own or held_known(way.statement, "aws:RequestTag/*", "aws:TagKeys")
        if not bound:
            label = f"who may tag keys gives any key the tag that this access trusts, {way.trusting.key}"
            yield _hit(way, label)


def _hit(way: _Way, label: str) -> Hit:
    related = (Place(way.trusting.key.at, "the access that trusts it"),)
    return Hit(way.action.at, label, related=related, statement=way.statement.index)


def _trusts_alias(condition: Condition) -> bool:
    return bool(conditions.on((condition,), *_ALIASES))


def _trusts_tag(condition: Condition) -> bool:
    return condition.key.form.lower().startswith(_TAG)


def _ways(policy: Policy, world: World, changing: frozenset[str], trusts: Trusts) -> Iterator[_Way]:
    """For each statement that lets the identity make such a change, an Allow of the same identity that trusts it."""
    if policy.kind is not PolicyKind.IDENTITY:
        return
    # Most policies change nothing of the kind, and the others need not be looked at for them.
    giving = [each for each in policy.statements if _surely_allows(each) and changing & actions.covered(each.actions)]
    trusting = [each for each in _of_identity(policy, world) if _limited_by(each, trusts)] if giving else []
    for statement in giving if trusting else ():
        if doubtful(statement):
            continue
        value = next(iter(actions.meaning(statement.actions, changing)), None)
        found = next(
            (
                (each, condition)
                for each in trusting
                if each is not statement
                for condition in each.conditions
                if trusts(condition) and _gained(each, policy, world)
            ),
            None,
        )
        if value is not None and found is not None:
            yield _Way(statement, value, found[1])


def _surely_allows(statement: Statement) -> bool:
    return statement.effect is Effect.ALLOW and not statement.unknown and statement.resources is not None


def _limited_by(statement: Statement, trusts: Trusts) -> bool:
    """Whether an Allow is limited by a condition of the kind that is asked for."""
    return _surely_allows(statement) and any(
        trusts(each) and conditions.limits(each, statement.conditions) is True for each in statement.conditions
    )


def _gained(statement: Statement, policy: Policy, world: World) -> bool:
    """Whether a statement gives something that the identity does not have on every key anyway."""
    given = _GAINED & actions.covered(statement.actions)
    for other in _of_identity(policy, world):
        if other.effect is Effect.ALLOW and not other.conditions and resources.widest(other.resources) is not None:
            given -= actions.reachable(other.actions)
    return bool(given)


def _of_identity(policy: Policy, world: World) -> tuple[Statement, ...]:
    """The statements of all policies of the identity that a policy belongs to."""
    if policy.of is None:
        return policy.statements
    return _statements(world).get((id(policy), policy.of), policy.statements)


@lru_cache(maxsize=1)
def _statements(world: World) -> dict[tuple[int, str], tuple[Statement, ...]]:
    """The statements of the identity of each policy.

    An address names one identity of a template, or of a folder of Terraform; other files have others of that name.
    """
    found: dict[tuple[str, str], list[Policy]] = {}
    for document in world.documents:
        home = posixpath.dirname(document.path) if document.format == "terraform" else document.path
        for policy in document.policies:
            if policy.kind is PolicyKind.IDENTITY and policy.of is not None and not policy.branch:
                found.setdefault((home, policy.of), []).append(policy)
    together: dict[tuple[int, str], tuple[Statement, ...]] = {}
    for (_, name), policies in found.items():
        statements = tuple(statement for policy in policies for statement in policy.statements)
        together.update(((id(policy), name), statements) for policy in policies)
    return together


def _may_name(statement: Statement, trusting: Condition) -> bool:
    """Whether the aliases that a statement is about can be one that a condition trusts."""
    assert statement.resources is not None
    if statement.resources.negated:
        return True
    for value in statement.resources.values:
        name = value.form.split(":", 5)[5] if value.form.count(":") >= 5 else "*"
        if value.known and any(wildcards.overlap(name, each.form) for each in trusting.values):
            return True
    return False


class _Held(NamedTuple):
    """A key with what its policy leaves to IAM, and what it gives to others than the account itself."""

    key: Key
    delegated: frozenset[str]
    named: frozenset[str]


@check(Policy)
def undelegated_iam_access(policy: Policy, world: World) -> Iterator[Hit]:
    """An IAM policy allows what the key policy of that key never leaves to IAM.

    https://docs.aws.amazon.com/kms/latest/developerguide/determining-access-iam-policies.html
    """
    if policy.kind is not PolicyKind.IDENTITY:
        return
    for statement in policy.statements:
        if not _surely_allows(statement) or statement.resources is None or statement.resources.negated:
            continue
        wanted = actions.covered(statement.actions) - actions.STAR_ONLY - actions.ALIAS
        for value, reach in resources.reaches(statement.resources):
            held = _keys(world).get(value.form) if reach.kind is Kind.ONE_KEY else None
            if held is None or not wanted:
                continue
            if not wanted & (held.delegated | held.named):
                why, place = "does not let the account decide", "this key policy does not let IAM decide"
            elif policy.owner == held.key.owner and not wanted & _open(held.key):
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
    named: frozenset[str] = frozenset()
    for policy in key.policies:
        if any(each.unknown for each in policy.statements) or policy.problems:
            return None
        delegated |= access.delegated(policy, world.accounts)
        named |= _given_to_others(policy, world)
    return _Held(key, delegated, named)


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


def _given_to_others(policy: Policy, world: World) -> frozenset[str]:
    """What a key policy gives to principals that are not a whole account, who may be the identity in question."""
    found: frozenset[str] = frozenset()
    for statement in policy.statements:
        named = statement.principals
        if statement.effect is Effect.DENY or named is None:
            continue
        kinds = {principals.who(each, statement.owner or policy.owner, world.accounts) for each in named.values}
        if named.negated or not kinds <= ACCOUNTS | {Who.SERVICE}:
            found |= actions.reachable(statement.actions)
    return found


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

    owner = key.owner or primary.owner or "<account>"
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
