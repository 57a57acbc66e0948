"""Identity policies that reach more keys than they name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from kms_lint.checks.allowed import allowances
from kms_lint.checks.reach import GRAVE, Allowance, doubtful, named_keys, steps
from kms_lint.finding import Confidence, Hit, Severity
from kms_lint.iam import actions, conditions
from kms_lint.iam.conditions import Limit
from kms_lint.iam.resources import Kind, reaches
from kms_lint.model import Policy, World
from kms_lint.rule import check
from kms_lint.source import At

_READING: Final = (actions.READING | actions.CHECKING) - actions.STAR_ONLY
_GRAVITY: Final = (
    (actions.DECRYPTING, Severity.HIGH, "decrypts with"),
    (actions.SIGNING, Severity.HIGH, "signs with"),
    (actions.ADMINISTRATION - actions.UPKEEP, Severity.HIGH, "administers"),
    (actions.UPKEEP, Severity.MEDIUM, "changes the state of"),
    (actions.ENCRYPTING, Severity.MEDIUM, "encrypts with"),
    (_READING, Severity.INFO, "reads about"),
)
_REPLICATION: Final = frozenset({"kms:ReplicateKey"})
_EVERYTHING: Final = GRAVE | actions.ENCRYPTING
"""All of KMS but what only reads: whoever has it has `kms:*`."""


@check(Policy)
def wildcard_resource(policy: Policy, world: World) -> Iterator[Hit]:
    """An identity policy reaches every key of every account that trusts the identity."""
    for each in allowances(policy):
        confidence, found = on_keys(each)
        if each.kind is Kind.ACCOUNT_KEYS or not found or each.concerns_keys is False:
            continue
        if each.kind is None:
            yield from _unknown_resource(each)
            continue
        severity = max(severity for group, severity, _ in _GRAVITY if group & found)
        if severity > Severity.LOW:
            severity = Severity(max(severity - steps(each, found), Severity.LOW))
        label = f"{_value(each)}{_verbs(found)} {each.where}{_through(each, found)}"
        yield Hit(
            each.at,
            label,
            severity=severity,
            confidence=confidence,
            statement=each.statement.index,
            implied_by=_told_by(found),
        )


@check(Policy)
def account_wide_resource(policy: Policy, world: World) -> Iterator[Hit]:
    """An identity policy decrypts with, or administers, every key of an account."""
    for each in allowances(policy):
        confidence, found = on_keys(each)
        named = named_keys(each)
        if each.kind is not Kind.ACCOUNT_KEYS or not found & GRAVE or named:
            continue
        if named is None:
            confidence = Confidence.POSSIBLE
        limited = conditions.possibly_limited(each.statement.conditions) & {Limit.PATH, Limit.CONTEXT}
        label = f"{_verbs(found)} {each.where}{_through(each, found)}"
        yield Hit(
            each.at,
            label,
            severity=Severity.LOW if limited or not found & GRAVE - actions.UPKEEP else None,
            confidence=confidence,
            statement=each.statement.index,
            implied_by=_told_by(found),
        )


@check(Policy)
def full_kms_access(policy: Policy, world: World) -> Iterator[Hit]:
    """An identity policy allows every operation on every key, and nothing limits which keys or how."""
    for each in allowances(policy):
        if each.kind is not Kind.EVERY_KEY or not each.possibly >= _EVERYTHING or steps(each, _EVERYTHING):
            continue
        sure = each.surely >= _EVERYTHING and not doubtful(each.statement)
        yield Hit(
            _whole(each),
            f"every operation on {each.where}",
            confidence=Confidence.DEFINITE if sure else Confidence.POSSIBLE,
            statement=each.statement.index,
        )


@check(Policy)
def administrator_access(policy: Policy, world: World) -> Iterator[Hit]:
    """An identity policy allows every action of every service, KMS among them."""
    for each in allowances(policy):
        patterns = each.statement.actions
        everything = [value for value in patterns.values if actions.every_service(value.form)] if patterns else []
        resources = each.statement.resources
        if not everything or resources is None or resources.negated or not each.any_resource:
            continue
        left = each.possibly & GRAVE
        if not left:
            continue
        label = "everything, all of KMS included" if left == GRAVE else f"everything, {_examples(left)} included"
        confidence = Confidence.DEFINITE if each.surely & GRAVE else Confidence.POSSIBLE
        yield Hit(everything[0].at, label, confidence=confidence, statement=each.statement.index)


def _told_by(found: frozenset[str]) -> tuple[str, ...]:
    """The rules one of which says all that these operations do, and on which keys."""
    given = found - _READING
    if not given & GRAVE:
        return ("foreign-key-encryption",)
    told = (("destructive-action", actions.DESTRUCTIVE), ("replica-escape", _REPLICATION))
    return tuple(rule for rule, operations in told if given <= operations)


def on_keys(each: Allowance) -> tuple[Confidence, frozenset[str]]:
    """The operations on keys that it gives, and how certain that is.

    Grants that only AWS services make for somebody, or that a condition limits, give nothing away.
    """
    of_keys = actions.ALL - actions.STAR_ONLY - {"kms:RetireGrant", "kms:SynchronizeMultiRegionKey"}
    if Limit.GRANT in conditions.surely_limited(each.statement.conditions):
        of_keys -= actions.GRANTING
    surely = each.surely & of_keys
    if surely and not doubtful(each.statement):
        return Confidence.DEFINITE, surely
    return Confidence.POSSIBLE, surely or each.possibly & of_keys


def _unknown_resource(each: Allowance) -> Iterator[Hit]:
    """A resource of which nothing is known may be `*`."""
    patterns = each.statement.resources
    if patterns is None or patterns.negated:
        return
    for value, reach in reaches(patterns):
        if reach.kind is Kind.UNKNOWN and not reach.account:
            label = f"`{value}` may be every key of every account that trusts this identity"
            yield Hit(value.at, label, confidence=Confidence.POSSIBLE, statement=each.statement.index)


def _value(each: Allowance) -> str:
    """What AWS makes of an ARN that is not complete."""
    patterns = each.statement.resources
    for value in patterns.values if patterns and not patterns.negated else ():
        missing = 5 - value.form.count(":")
        if value.at == each.at and value.form.startswith("arn:") and missing > 0:
            return f"AWS fills it up to `{value}{':*' * missing}`: "
    return ""


def _verbs(found: frozenset[str]) -> str:
    """What can be done, the gravest alone: `decrypts with and administers`."""
    present = [(severity, verb) for group, severity, verb in _GRAVITY if group & found]
    verbs = [verb for severity, verb in present if severity is present[0][0]]
    return verbs[0] if len(verbs) == 1 else f"{', '.join(verbs[:-1])} and {verbs[-1]}"


def _through(each: Allowance, found: frozenset[str]) -> str:
    """That nothing says through which service, or for which data, keys are used."""
    limited = conditions.possibly_limited(each.statement.conditions)
    if not found & actions.CRYPTOGRAPHIC or limited & {Limit.PATH, Limit.CONTEXT}:
        return ""
    return ", directly and through any service"


def _whole(each: Allowance) -> At:
    """The value that means all of KMS by itself, else all values together."""
    patterns = each.statement.actions
    assert patterns is not None
    for value in patterns.values:
        if actions.expand(value.form) >= _EVERYTHING:
            return value.at
    return patterns.at


def _examples(found: frozenset[str]) -> str:
    names = sorted(found)
    return f"{', '.join(names[:3])} and {len(names) - 3} more of KMS" if len(names) > 4 else " and ".join(names)
