"""Statements that allow whatever they do not name.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notaction.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from kms_lint.checks.admission import without_taken
from kms_lint.checks.reach import GRAVE, doubtful, never_allowed, taken_to_named_keys
from kms_lint.finding import Confidence, Hit, Severity
from kms_lint.iam import access, actions, resources
from kms_lint.iam.access import Exposure
from kms_lint.iam.resources import Kind
from kms_lint.model import Effect, Patterns, Policy, PolicyKind, Statement, World
from kms_lint.rule import check

_ON_NO_KEY: Final = resources.DEAD | {Kind.OTHER_SERVICE}
_WITHOUT_USE: Final = frozenset({"kms:RetireGrant", "kms:SynchronizeMultiRegionKey"})
_GRAVEST_FIRST: Final = (
    *("kms:PutKeyPolicy", "kms:Decrypt", "kms:ReEncryptFrom", "kms:CreateGrant", "kms:ScheduleKeyDeletion"),
    *("kms:DeleteImportedKeyMaterial", "kms:Sign", "kms:Encrypt", "kms:GenerateDataKey"),
)
_SHOWN: Final = 3


@check(Policy)
def not_action_allow(policy: Policy, world: World) -> Iterator[Hit]:
    """An Allow is written with NotAction or NotResource, and leaves operations of KMS."""
    if policy.kind not in (PolicyKind.KEY, PolicyKind.IDENTITY):
        return
    for statement in policy.statements:
        if statement.effect is not Effect.ALLOW or statement.actions is None or statement.resources is None:
            continue
        if statement.actions.negated:
            yield from _by_action(policy, statement, statement.actions, statement.resources)
        elif statement.resources.negated:
            yield from _by_resource(policy, statement, statement.resources)


def _by_action(policy: Policy, statement: Statement, named: Patterns, reached: Patterns) -> Iterator[Hit]:
    surely, possibly = _left(policy, statement)
    concerned = _concerns_keys(statement, reached)
    if not possibly or concerned is False:
        return
    sure = surely and concerned and not doubtful(statement)
    found = surely or possibly
    yield Hit(
        named.name.at,
        f"leaves {_shown(found, policy.kind)}",
        severity=_severity(found),
        confidence=Confidence.DEFINITE if sure else Confidence.POSSIBLE,
        statement=statement.index,
    )


def _by_resource(policy: Policy, statement: Statement, excepted: Patterns) -> Iterator[Hit]:
    surely, possibly = _left(policy, statement)
    possibly -= actions.STAR_ONLY
    leaves = _leaves_keys(excepted)
    if not possibly or leaves is False:
        return
    found = surely - actions.STAR_ONLY or possibly
    sure = surely - actions.STAR_ONLY and leaves and not doubtful(statement)
    yield Hit(
        excepted.name.at,
        f"allows {_shown(found, policy.kind)} on every key that is not listed",
        severity=_severity(found),
        confidence=Confidence.DEFINITE if sure else Confidence.POSSIBLE,
        statement=statement.index,
    )


def _left(policy: Policy, statement: Statement) -> tuple[frozenset[str], frozenset[str]]:
    """The operations of KMS that a statement allows once the Denies are taken off: surely, and possibly."""
    possibly = actions.reachable(statement.actions) - _WITHOUT_USE
    if policy.kind is PolicyKind.KEY:
        possibly -= actions.WITHOUT_EFFECT_IN_KEY_POLICY
    perhaps: frozenset[str] = frozenset()
    possibly -= access.taken_back(policy, statement, possibly) | never_allowed(statement, possibly)
    if policy.kind is PolicyKind.IDENTITY and resources.widest(statement.resources) is not None:
        narrowed, perhaps = taken_to_named_keys(policy, possibly)
        possibly -= narrowed
    surely = actions.covered(statement.actions) & possibly - perhaps
    surely -= access.possibly_taken_back(policy, statement, surely)
    return without_taken(policy, statement, Exposure(frozenset() if statement.unknown else surely, possibly))


def _concerns_keys(statement: Statement, reached: Patterns) -> bool | None:
    """Whether a statement is about keys at all; `None` when that depends on what is unknown."""
    if reached.negated:
        return _leaves_keys(reached)
    if statement.kind is PolicyKind.KEY:
        return True
    kinds = {reach.kind for _, reach in resources.reaches(reached)}
    if kinds - _ON_NO_KEY - {Kind.UNKNOWN}:
        return True
    return None if Kind.UNKNOWN in kinds else False


def _leaves_keys(excepted: Patterns) -> bool | None:
    """Whether NotResource leaves any key; `None` when that depends on what is unknown."""
    found = {(reach.kind, reach.region.strip("*")) for _, reach in resources.reaches(excepted)}
    if (Kind.EVERY_KEY, "") in found:
        return False
    return None if any(kind is Kind.UNKNOWN for kind, _ in found) else True


def _severity(found: frozenset[str]) -> Severity:
    if found & GRAVE:
        return Severity.HIGH
    return Severity.MEDIUM if found & actions.ENCRYPTING else Severity.LOW


def _shown(found: frozenset[str], kind: PolicyKind) -> str:
    """The operations that are left, the gravest first."""
    everything = actions.ALL - _WITHOUT_USE
    if kind is PolicyKind.KEY:
        everything -= actions.WITHOUT_EFFECT_IN_KEY_POLICY
    if found == everything:
        return "all of KMS"
    names = sorted(found, key=lambda name: (_rank(name), name))
    more = len(names) - _SHOWN
    if more <= 1:
        return " and ".join(", ".join(names).rsplit(", ", 1)) if names else ""
    return f"{', '.join(names[:_SHOWN])} and {more} more operations"


def _rank(name: str) -> int:
    return _GRAVEST_FIRST.index(name) if name in _GRAVEST_FIRST else len(_GRAVEST_FIRST)
