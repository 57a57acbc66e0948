"""Identity policies with which an identity gives itself more than it was given, or destroys what others need."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from kms_lint.checks.allowed import allowances
from kms_lint.checks.reach import WINDOW, Allowance, gives, held_known, named_keys, place, waits
from kms_lint.finding import Confidence, Hit, Severity
from kms_lint.iam import actions, conditions
from kms_lint.iam.conditions import Limit
from kms_lint.model import Policy, Statement, World
from kms_lint.rule import check

_CREATE: Final = frozenset({"kms:CreateKey"})
_TAKE: Final = frozenset({"kms:PutKeyPolicy"})
_STORE: Final = frozenset({"kms:DeleteCustomKeyStore"})
_FOR_GOOD: Final = actions.DESTRUCTIVE - {"kms:DisableKeyRotation"}
_WHICH_KEYS: Final = (
    *("kms:KeySpec", "kms:KeyUsage", "kms:KeyOrigin", "kms:MultiRegion", "kms:MultiRegionKeyType"),
    *("kms:CustomerMasterKeySpec", "kms:CustomerMasterKeyUsage", "aws:RequestTag/*", "aws:TagKeys"),
    "kms:ViaService",
)
_WAITING: Final = ("kms:TrailingDaysWithoutKeyUsage", "aws:MultiFactorAuthAge")


@check(Policy)
def unneeded_create_key(policy: Policy, world: World) -> Iterator[Hit]:
    """An identity policy allows to create keys, and with them to set their key policies."""
    for each in allowances(policy):
        confidence = gives(each, _CREATE)
        if confidence is None or not each.any_resource:
            continue
        label = "creates keys and sets their key policies"
        severity = None
        if held_known(each.statement, *_WHICH_KEYS):
            severity, label = Severity.LOW, f"{label}, within what the conditions ask"
        elif _bypassing(each.statement):
            severity, label = Severity.HIGH, f"{label}, with the lockout check bypassed"
        elif _takes_over(policy):
            severity, label = Severity.HIGH, f"{label}, and those of other keys with kms:PutKeyPolicy"
        yield Hit(
            place(each.statement, _CREATE),
            label,
            severity=severity,
            confidence=confidence,
            statement=each.statement.index,
        )


@check(Policy)
def policy_takeover(policy: Policy, world: World) -> Iterator[Hit]:
    """An identity policy allows to rewrite the policies of all keys, or of all keys of an account."""
    for each in allowances(policy):
        confidence = _on_all_keys(each, _TAKE)
        if confidence is not None:
            label = f"rewrites the key policy of {each.where}"
            yield Hit(place(each.statement, _TAKE), label, confidence=confidence, statement=each.statement.index)


@check(Policy)
def destructive_action(policy: Policy, world: World) -> Iterator[Hit]:
    """An identity policy allows to delete keys, key material or key stores, or to stop rotation, wherever they are."""
    for each in allowances(policy):
        wanted = actions.DESTRUCTIVE if each.any_resource else actions.DESTRUCTIVE - _STORE
        confidence = _on_all_keys(each, wanted)
        if confidence is None:
            continue
        found = (each.surely or each.possibly) & wanted
        grave = found & _FOR_GOOD and not _waits(each.statement)
        yield Hit(
            place(each.statement, found),
            f"{' and '.join(sorted(found, reverse=True))} on {each.where}; kms:DisableKey can be undone",
            severity=Severity.HIGH if grave else None,
            confidence=confidence,
            statement=each.statement.index,
        )


def _on_all_keys(each: Allowance, wanted: frozenset[str]) -> Confidence | None:
    """Whether it gives one of the actions on all keys, or all of an account, called directly."""
    confidence = gives(each, wanted)
    named = named_keys(each)
    through = Limit.PATH in conditions.surely_limited(each.statement.conditions)
    if confidence is None or not each.broad or named or through:
        return None
    return Confidence.POSSIBLE if named is None else confidence


def _takes_over(policy: Policy) -> bool:
    return any(_on_all_keys(each, _TAKE) is Confidence.DEFINITE for each in allowances(policy))


def _bypassing(statement: Statement) -> bool:
    """Whether keys can only be created with the lockout check bypassed."""
    found = conditions.on(statement.conditions, "kms:BypassPolicyLockoutSafetyCheck")
    return any(
        conditions.limits(each, statement.conditions) and all(value.form.lower() == "true" for value in each.values)
        for each in found
    )


def _waits(statement: Statement) -> bool:
    """Whether a condition asks for multi-factor authentication or for time to think, or may."""
    present = conditions.on(statement.conditions, "aws:MultiFactorAuthPresent")
    asked = waits(statement) is not False and conditions.on(statement.conditions, WINDOW)
    return (
        bool(asked)
        or held_known(statement, *_WAITING)
        or any(
            conditions.limits(each, statement.conditions) is not False
            and all(value.form.lower() == "true" or not value.known for value in each.values)
            for each in present
        )
    )
