"""Enclaves that prove what they are, and ways around the proof.

https://docs.aws.amazon.com/kms/latest/developerguide/conditions-nitro-enclave.html
https://docs.aws.amazon.com/kms/latest/developerguide/conditions-nitro-tpm.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from kms_lint.checks.admission import left, lets_in
from kms_lint.finding import Hit, Place
from kms_lint.iam import actions, comparisons, conditions, denies, wildcards
from kms_lint.model import Condition, Effect, Policy, PolicyKind, Principal, Statement, World
from kms_lint.rule import check

_KEYS: Final = "kms:RecipientAttestation:*"
_ATTESTED: Final = frozenset(
    f"kms:{name}" for name in ("Decrypt", "DeriveSharedSecret", "GenerateDataKey", "GenerateDataKeyPair")
)


@check(Statement)
def debug_enclave_accepted(statement: Statement, world: World) -> Iterator[Hit]:
    """The measurement that is asked for is that of an enclave in debug mode, or may be any."""
    if statement.effect is not Effect.ALLOW or statement.unknown:
        return
    for condition in conditions.on(statement.conditions, _KEYS):
        compared = comparisons.comparison(comparisons.parse(condition.operator.text))
        if compared is None or compared.type != "String" or compared.negated:
            continue
        for value in condition.values:
            if value.known and value.form and not value.form.strip("0"):
                label = "all zeros are what an enclave in debug mode shows, whose memory its host can read"
                yield Hit(value.at, label, str(value))
            elif compared.wildcards and wildcards.has_wildcard(value.form):
                yield Hit(value.at, "a measurement is one value, and this lets others pass", str(value))


@check(Policy)
def attestation_bypassable(policy: Policy, world: World) -> Iterator[Hit]:
    """Who has to prove what it runs can do without."""
    if policy.kind not in (PolicyKind.KEY, PolicyKind.IDENTITY):
        return
    attested = [each for each in policy.statements if _asks(each)]
    for statement in attested:
        yield from _by_absence(statement)
    if policy.kind is PolicyKind.KEY:
        yield from _by_another(policy, [each for each in attested if any(map(_holds, _of(each)))])


def _of(statement: Statement) -> tuple[Condition, ...]:
    return conditions.on(statement.conditions, _KEYS)


def _asks(statement: Statement) -> bool:
    """Whether an Allow asks for a proof."""
    allows = statement.effect is Effect.ALLOW and not statement.unknown
    return allows and bool(_of(statement)) and bool(_ATTESTED & actions.reachable(statement.actions))


def _holds(condition: Condition) -> bool:
    """Whether a condition refuses requests without a proof."""
    return comparisons.passes_when_absent(condition) is False


def _by_absence(statement: Statement) -> Iterator[Hit]:
    found = _of(statement)
    if any(comparisons.passes_when_absent(each) is not True for each in found):
        return
    for condition in found:
        label = f"requests without a proof pass, because of `{condition.operator.text}`"
        yield Hit(condition.key.at, label, str(condition.key), statement=statement.index)


def _by_another(policy: Policy, attested: list[Statement]) -> Iterator[Hit]:
    """Another Allow that lets the same principal do the same without a proof."""
    for asking in attested:
        for statement in policy.statements:
            if statement is asking or _of(statement) or not lets_in(statement) or statement.unknown:
                continue
            principal = _same(asking, statement)
            if principal is None:
                continue
            open_to = left(policy, statement, principal).surely & _ATTESTED & actions.covered(asking.actions)
            open_to -= _denied_without(policy)
            if open_to and not conditions.surely_limited(statement.conditions):
                names = sorted(open_to)[:2]
                verb = "is" if len(names) == 1 else "are"
                label = f"{' and '.join(names)} {verb} allowed here to {principal.value} without a proof"
                related = (Place(_of(asking)[0].key.at, "here a proof is asked for"),)
                yield Hit(principal.value.at, label, statement=statement.index, related=related)


def _same(asking: Statement, other: Statement) -> Principal | None:
    """The principal of another statement that one of an asking statement is, too."""
    if asking.principals is None or other.principals is None or asking.principals.negated:
        return None
    wanted = {each.value.form for each in asking.principals.values if each.value.known}
    return next((each for each in other.principals.values if each.value.form in wanted or each.value.form == "*"), None)


def _denied_without(policy: Policy) -> frozenset[str]:
    """What Denies take from requests without a proof."""
    found: frozenset[str] = frozenset()
    for statement in policy.statements:
        if denies.may_deny(statement) and any(comparisons.passes_when_absent(each) is True for each in _of(statement)):
            found |= actions.reachable(statement.actions)
    return found
