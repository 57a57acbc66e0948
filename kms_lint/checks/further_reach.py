"""Identity policies that reach further than the keys they name: replicas, deletion at once, keys of strangers, aliases.

https://docs.aws.amazon.com/kms/latest/developerguide/iam-policies-best-practices.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Final

from kms_lint.checks.allowed import allowances
from kms_lint.checks.identity import on_keys
from kms_lint.checks.reach import (
    GRAVE,
    KEYS_OF_SOME_KIND,
    OF_ACCOUNTS,
    Allowance,
    concerns_keys,
    doubtful,
    gives,
    held,
    held_known,
    named_keys,
    place,
    steps,
)
from kms_lint.finding import Confidence, Hit, Severity
from kms_lint.iam import actions, conditions, resources, wildcards
from kms_lint.iam.access import possibly_taken_back, taken_back
from kms_lint.iam.conditions import Limit
from kms_lint.iam.resources import Kind
from kms_lint.model import Condition, Effect, Policy, PolicyKind, Statement, World
from kms_lint.rule import check
from kms_lint.syntax.tree import ANYTHING, Text

_REPLICATE: Final = frozenset({"kms:ReplicateKey"})
_DELETE: Final = frozenset({"kms:ScheduleKeyDeletion"})
_WINDOW: Final = "kms:ScheduleKeyDeletionPendingWindowInDays"
_SHORTEST: Final = 7
"""The fewest days that AWS KMS waits before it deletes a key."""

_ASKING: Final = {
    "NumericGreaterThan": _SHORTEST,
    "NumericGreaterThanEquals": _SHORTEST + 1,
    "NumericEquals": _SHORTEST + 1,
}
"""The operators with which an Allow asks for a longer waiting period, and the least value that does."""

_REFUSING: Final = {
    "NumericLessThan": _SHORTEST + 1,
    "NumericLessThanEquals": _SHORTEST,
    "NumericNotEquals": _SHORTEST + 1,
}
"""The same for a Deny of shorter ones."""

_ALIAS: Final = "alias/?*"


@check(Policy)
def replica_escape(policy: Policy, world: World) -> Iterator[Hit]:
    """An identity policy allows to replicate all keys into any Region, each replica with a key policy of its own.

    https://docs.aws.amazon.com/kms/latest/developerguide/multi-region-keys-auth.html
    """
    for each in allowances(policy):
        confidence = gives(each, _REPLICATE)
        named = named_keys(each)
        through = Limit.PATH in conditions.surely_limited(each.statement.conditions)
        if confidence is None or not each.broad or named or through:
            continue
        if held_known(each.statement, "kms:ReplicaRegion"):
            continue
        if named is None:
            confidence = Confidence.POSSIBLE
        label = f"copies {each.where} into any Region, under a key policy of the caller's choice"
        yield Hit(place(each.statement, _REPLICATE), label, confidence=confidence, statement=each.statement.index)


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
        window = _window(statement)
        found = next((each for each in actions.meaning(statement.actions, _DELETE) if not _everything(each)), None)
        denied = _denied(policy)
        if found is None or window or denied or not _reaches_keys(statement) or taken_back(policy, statement, _DELETE):
            continue
        perhaps = window is None or denied is None or possibly_taken_back(policy, statement, _DELETE)
        confidence = Confidence.POSSIBLE if perhaps else Confidence.DEFINITE
        label = f"nothing asks for a waiting period: the caller may choose 7 days, and `{_WINDOW}` can ask for more"
        yield Hit(found.at, label, confidence=confidence, statement=statement.index)


def _everything(pattern: Text) -> bool:
    """Whether a pattern means all of KMS, so that other rules speak of it."""
    return actions.expand(pattern.form) >= actions.ADMINISTRATION


def _denied(policy: Policy) -> bool | None:
    """Whether a Deny of the policy refuses short waiting periods; `None` when that depends on what is unknown."""
    denies = [each for each in policy.statements if each.effect is not Effect.ALLOW]
    found = {_bounds(test, _REFUSING) for each in denies for test in conditions.on(each.conditions, _WINDOW)}
    if True in found:
        return True
    return None if None in found or any(doubtful(each) or each.unknown for each in denies) else False


def _window(statement: Statement) -> bool | None:
    """Whether an Allow asks for more than the shortest waiting period; `None` when that depends on what is unknown."""
    said = held(statement, _WINDOW)
    if not said:
        return said
    found = {_bounds(each, _ASKING) for each in conditions.on(statement.conditions, _WINDOW)}
    return True if True in found else None if None in found else False


def _bounds(condition: Condition, least: Mapping[str, float]) -> bool | None:
    """Whether a test leaves out the shortest waiting period: its operator does so for every value from `least` on."""
    operator = conditions.parse(condition.operator.text).comparison
    enough = least.get(operator or "")
    if enough is None:
        return None if operator is None else False
    days = [_number(each) for each in condition.values]
    if any(each is not None and each < enough for each in days):
        return False
    return None if None in days else True


def _number(text: Text) -> float | None:
    try:
        return float(text.form)
    except ValueError:
        return None


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
    """What Denies of keys of other accounts leave."""
    of_others = (
        each
        for each in policy.statements
        if each.effect is Effect.DENY and conditions.on(each.conditions, *OF_ACCOUNTS)
    )
    return frozenset({Limit.KEY}) if any(of_others) else frozenset()


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
        if reach.kind is Kind.UNKNOWN or reach.kind in KEYS_OF_SOME_KIND:
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
