"""Identity policies that reach further than the keys they name: replicas, deletion at once, keys of strangers, aliases.

https://docs.aws.amazon.com/kms/latest/developerguide/iam-policies-best-practices.html
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from kms_lint.checks.allowed import allowances
from kms_lint.checks.identity import on_keys
from kms_lint.checks.reach import (
    GRAVE,
    OF_ACCOUNTS,
    SHORTEST,
    STRANGER,
    WINDOW,
    Allowance,
    concerns_keys,
    doubtful,
    gives,
    held_known,
    named_keys,
    never_allowed,
    passes,
    place,
    refuses,
    steps,
    waits,
)
from kms_lint.finding import Confidence, Hit, Severity
from kms_lint.iam import actions, conditions, resources, wildcards
from kms_lint.iam.access import possibly_taken_back, taken_back
from kms_lint.iam.conditions import Limit
from kms_lint.iam.resources import Kind
from kms_lint.model import Effect, Policy, PolicyKind, Statement, World
from kms_lint.rule import check
from kms_lint.syntax.tree import ANYTHING, Text

_REPLICATE: Final = frozenset({"kms:ReplicateKey"})
_DELETE: Final = frozenset({"kms:ScheduleKeyDeletion"})
_REGION: Final = "kms:ReplicaRegion"
_NO_REGION: Final = "nowhere"
"""Stands for a Region that no policy names."""
_BROAD: Final = ("wildcard-resource", "account-wide-resource")
"""What tells of whoever rewrites key policies already, and needs no replica for that."""

_ALIAS: Final = "alias/?*"


@check(Policy)
def replica_escape(policy: Policy, world: World) -> Iterator[Hit]:
    """An identity policy allows to replicate all keys into any Region, each replica with a key policy of its own.

    https://docs.aws.amazon.com/kms/latest/developerguide/multi-region-keys-auth.html
    """
    for each in allowances(policy):
        confidence = gives(each, _REPLICATE)
        named, limited = named_keys(each), refuses(each.statement, _REGION, _NO_REGION)
        if confidence is None or not each.broad or named or limited:
            continue
        if named is None or limited is None:
            confidence = Confidence.POSSIBLE
        label = f"copies {each.where} into any Region, under a key policy of the caller's choice"
        through = Limit.PATH in conditions.possibly_limited(each.statement.conditions)
        yield Hit(
            place(each.statement, _REPLICATE),
            label,
            severity=Severity.MEDIUM if through else None,
            confidence=confidence,
            statement=each.statement.index,
            implied_by=_BROAD if "kms:PutKeyPolicy" in each.surely else (),
        )


@check(Policy)
def unbounded_deletion_window(policy: Policy, world: World) -> Iterator[Hit]:
    """An identity policy allows to schedule deletion and leaves the waiting period to the caller.

    https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-schedule-key-deletion-pending-window-in-days
    """
    if policy.kind is not PolicyKind.IDENTITY:
        return
    for statement in policy.statements:
        if statement.effect is not Effect.ALLOW or statement.unknown or statement.resources is None:
            continue
        window = waits(statement)
        found = next((each for each in actions.meaning(statement.actions, _DELETE) if not _everything(each)), None)
        denied = _denied(policy)
        gone = never_allowed(statement, _DELETE) or taken_back(policy, statement, _DELETE)
        if found is None or window or denied or gone or not _reaches_keys(statement):
            continue
        perhaps = window is None or denied is None or possibly_taken_back(policy, statement, _DELETE)
        confidence = Confidence.POSSIBLE if perhaps else Confidence.DEFINITE
        label = f"nothing asks for a waiting period: the caller may choose 7 days, and `{WINDOW}` can ask for more"
        yield Hit(found.at, label, confidence=confidence, statement=statement.index)


def _everything(pattern: Text) -> bool:
    """Whether a pattern means all of KMS, so that other rules speak of it."""
    return actions.expand(pattern.form) >= actions.ADMINISTRATION


def _denied(policy: Policy) -> bool | None:
    """Whether a Deny of the policy takes the shortest waiting period; `None` when that depends on what is unknown."""
    denies = [each for each in policy.statements if each.effect is not Effect.ALLOW]
    found = [passes(each, SHORTEST) for deny in denies for each in conditions.on(deny.conditions, WINDOW)]
    if True in found:
        return True
    return None if None in found or any(doubtful(each) or each.unknown for each in denies) else False


def _reaches_keys(statement: Statement) -> bool:
    assert statement.resources is not None
    return concerns_keys(statement) is not False


@check(Policy)
def foreign_key_encryption(policy: Policy, world: World) -> Iterator[Hit]:
    """An identity policy allows to encrypt under every key, those of other accounts among them.

    https://docs.aws.amazon.com/kms/latest/developerguide/iam-policies-best-practices.html
    """
    for each in allowances(policy):
        confidence = gives(each, actions.ENCRYPTING)
        if confidence is None or each.kind is not Kind.EVERY_KEY or held_known(each.statement, *OF_ACCOUNTS):
            continue
        if Limit.KEY in _by_deny(policy):
            continue
        label = "what this identity encrypts can end under the key of a stranger, who then decides about the data"
        yield Hit(
            place(each.statement, actions.ENCRYPTING),
            label,
            confidence=confidence,
            statement=each.statement.index,
            implied_by=("wildcard-resource",) if _weighs_more(each) else (),
        )


def _weighs_more(each: Allowance) -> bool:
    """Whether the statement gives graver things on every key, of which conditions leave enough to be told instead."""
    _, found = on_keys(each)
    return bool(found & GRAVE) and steps(each, found) < Severity.HIGH - Severity.LOW


@lru_cache(maxsize=8)
def _by_deny(policy: Policy) -> frozenset[Limit]:
    """What Denies of encryption under the keys of any other account leave."""
    of_others = (
        condition
        for each in policy.statements
        if each.effect is Effect.DENY and actions.ENCRYPTING & actions.reachable(each.actions)
        for condition in conditions.on(each.conditions, *OF_ACCOUNTS)
    )
    found = any(passes(each, STRANGER) is not False for each in of_others)
    return frozenset({Limit.KEY}) if found else frozenset()


@check(Policy)
def alias_operation_half(policy: Policy, world: World) -> Iterator[Hit]:
    """An identity policy allows an operation on aliases for the alias only, or for the key only.

    https://docs.aws.amazon.com/kms/latest/developerguide/alias-access.html
    """
    if policy.kind is not PolicyKind.IDENTITY or any(each.unknown for each in policy.statements):
        return
    allowing = [each for each in policy.statements if each.effect is Effect.ALLOW and each.resources is not None]
    for statement in allowing:
        for value in actions.meaning(statement.actions, actions.ALIAS):
            wanted = actions.expand(value.form)
            if not wanted <= actions.ALIAS:
                continue
            halves = {half for each in allowing if wanted & actions.reachable(each.actions) for half in _halves(each)}
            if len(halves) == 1:
                missing = "key" if halves == {"alias"} else "alias"
                label = f"this needs permission on the alias and on the key, and the {missing} is missing"
                confidence = Confidence.POSSIBLE if _elsewhere(world, missing) else Confidence.DEFINITE
                yield Hit(value.at, label, confidence=confidence, statement=statement.index)


def _halves(statement: Statement) -> frozenset[str]:
    """Whether the resources of a statement can be aliases, keys, or both."""
    assert statement.resources is not None
    if statement.resources.negated:
        return frozenset({"alias", "key"})
    found: set[str] = set()
    for value, reach in resources.reaches(statement.resources):
        if reach.kind is Kind.UNKNOWN or reach.kind in resources.OF_KEYS:
            found.add("key")
        name = value.form.split(":", 5)[5] if value.form.count(":") >= 5 else "*"
        if wildcards.overlap(name.replace(ANYTHING, "*"), _ALIAS):
            found.add("alias")
    return frozenset(found)


@lru_cache(maxsize=4)
def _elsewhere(world: World, missing: str) -> bool:
    """Whether another policy of the input may give the half that is missing."""
    for document in world.documents:
        for policy in document.every_policy():
            for statement in policy.statements:
                given = statement.effect is not Effect.DENY and bool(
                    actions.reachable(statement.actions) & actions.ALIAS
                )
                if not given or statement.resources is None:
                    continue
                if policy.kind is PolicyKind.KEY:
                    if missing == "key" and not _whole_account(statement):
                        return True
                elif policy.kind is PolicyKind.IDENTITY and missing in _halves(statement):
                    return True
    return False


def _whole_account(statement: Statement) -> bool:
    """Whether a statement of a key policy only leaves the decision to IAM policies."""
    named = statement.principals
    return named is not None and all(each.value.form.endswith(":root") for each in named.values)
