"""Statements that change nothing, and Denies that leave nobody: what only the policy as a whole tells.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from kms_lint import texts
from kms_lint.checks import perimeter
from kms_lint.finding import Confidence, Hit, Place
from kms_lint.iam import access, actions, exempted, principals, resources
from kms_lint.iam.comparisons import comparison, parse
from kms_lint.model import Condition, Effect, Policy, PolicyKind, Principal, Statement, World
from kms_lint.rule import check
from kms_lint.source import At
from kms_lint.syntax.tree import Text

_CHANGE: Final = frozenset({"kms:PutKeyPolicy"})
_KINDS: Final = frozenset({PolicyKind.KEY, PolicyKind.IDENTITY})


@check(Policy)
def deny_locks_out(policy: Policy, world: World) -> Iterator[Hit]:
    """The exceptions of a Deny spare nobody of the key's account who may change the key policy."""
    if policy.kind is not PolicyKind.KEY or policy.assumed or policy.owner is None or policy.refused:
        return
    denies = [each for each in policy.statements if _takes_change(each)]
    excepting = [each for each in denies if each.conditions or _negated(each)]
    if not excepting or _distinct_symbols(policy) or not access.may_keep(policy, "kms:PutKeyPolicy", world.accounts):
        return  # nobody who keeps it is a matter of key-lockout
    from kms_lint.reason.alone import BudgetError, nobody_keeps

    owner = access.presumed_owner(policy)
    try:
        directly = nobody_keeps(policy, owner, through_services=False)
        at_all = directly and nobody_keeps(policy, owner)
        strict = None if directly else _without_halves(policy)
        perhaps = strict is not None and nobody_keeps(strict, owner)
    except BudgetError:
        return
    if perhaps:
        first = next(filter(_negated, excepting))
        label = "AWS does not say whether it spares who is listed without the account: if not, nobody may change this policy"
        yield Hit(_place(first), label, statement=first.index, confidence=Confidence.POSSIBLE)
    if directly:
        first, *others = excepting
        related = tuple(Place(_place(each), "denied here as well") for each in others)
        label = "its exceptions spare nobody who may change this policy, the account's root user included"
        if not at_all:
            label += ", unless a service of AWS does it for them"
        confidence = Confidence.DEFINITE if at_all else Confidence.POSSIBLE
        yield Hit(_place(first), label, related=related, statement=first.index, confidence=confidence)


def _without_halves(policy: Policy) -> Policy | None:
    """A policy whose Denies with NotPrincipal spare nobody who is listed without the account; `None` where none lists so.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
    """
    found = {each: _sparing_less(each) for each in policy.statements if each.effect is Effect.DENY and _negated(each)}
    if all(less is None for less in found.values()):
        return None
    return replace(policy, statements=tuple(found.get(each) or each for each in policy.statements))


def _sparing_less(deny: Statement) -> Statement | None:
    """A Deny without those of its list whose account is not in it; for everyone where none is left."""
    named = deny.principals
    assert named is not None
    kept = tuple(
        each
        for each in named.values
        if (of := principals.account(each)) is None or principals.is_account(each) or not exempted.undecided(named, of)
    )
    if len(kept) == len(named.values) or not all(each.value.known for each in named.values):
        return None
    if kept:
        return replace(deny, principals=named._replace(values=kept))
    star = Text("*", named.at)
    return replace(deny, principals=named._replace(values=(Principal(star, star),), negated=False))


@check(Policy)
def shadowed_allow(policy: Policy, world: World) -> Iterator[Hit]:
    """Denies of the same policy take away all that an Allow gives."""
    if policy.kind not in _KINDS or policy.refused:
        return
    denied = frozenset[str]().union(*(_covered(each, Effect.DENY) for each in policy.statements))
    if not denied or _distinct_symbols(policy):
        return
    candidates = [each for each in policy.statements if (given := _covered(each, Effect.ALLOW)) and given <= denied]
    if not candidates or (
        policy.kind is PolicyKind.KEY and not access.may_keep(policy, "kms:PutKeyPolicy", world.accounts)
    ):
        return
    from kms_lint.reason.alone import BudgetError, taken_away

    for statement in candidates:
        try:
            found = taken_away(policy, statement, access.presumed_owner(policy))
        except BudgetError:
            return
        if found and not _only_services(statement, found):
            names = " and ".join(map(_told, found))
            places = tuple(Place(_effect(each), f"{_told(each)} denies it") for each in found)
            label = f"{names} {'denies' if len(found) == 1 else 'deny'} all that it allows"
            yield Hit(_effect(statement), label, related=places, statement=statement.index)


@check(Policy)
def redundant_statement(policy: Policy, world: World) -> Iterator[Hit]:
    """Other statements of the policy say all that a statement says, so that it can go."""
    if policy.kind not in _KINDS or policy.unresolved or not all(map(_known, policy.statements)):
        return
    if policy.refused or _distinct_symbols(policy) or not any(map(_of_kms, policy.statements)):
        return
    from kms_lint.reason.alone import MOST_STATEMENTS, BudgetError, redundant

    if not 2 <= len(policy.statements) <= MOST_STATEMENTS or _perhaps_own(policy):
        return
    try:
        found = redundant(policy, access.presumed_owner(policy))
    except BudgetError:
        return
    for index, by in sorted(found.items()):
        statement = policy.statements[index]
        if _of_kms(statement):
            one, many = ("denies", "deny") if statement.effect is Effect.DENY else ("allows", "allow")
            who = f"{_told(by[0])} {one}" if by else f"the other statements {many}"
            places = tuple(Place(_effect(each), f"{_told(each)} says so") for each in by)
            yield Hit(_effect(statement), f"{who} all of this already", related=places, statement=index)


def _told(statement: Statement) -> str:
    return f"`{statement.sid}`" if statement.sid else f"statement {statement.called}"


def _takes_change(statement: Statement) -> bool:
    return statement.effect is Effect.DENY and bool(_CHANGE & actions.covered(statement.actions))


def _only_services(statement: Statement, by: tuple[Statement, ...]) -> bool:
    """Whether an Allow is for services that Denies for others stop as well, which is a matter of service-breaking-deny."""
    named = statement.principals.values if statement.principals is not None else ()
    if not named or any(each.type.form != "Service" for each in named):
        return False
    return any(perimeter.stopped_service(deny, statement) is not None for deny in by)


def _covered(statement: Statement, effect: Effect) -> frozenset[str]:
    """The actions of KMS that a statement with this effect surely names, when all of it is known."""
    if statement.effect is not effect or statement.unknown:
        return frozenset()
    if effect is Effect.ALLOW and (not _known(statement) or not _only_kms(statement) or _dead(statement)):
        return frozenset()
    return actions.covered(statement.actions)


def _only_kms(statement: Statement) -> bool:
    patterns = statement.actions
    return (
        patterns is not None
        and not patterns.negated
        and all(v.form.lower().startswith("kms:") for v in patterns.values)
    )


def _of_kms(statement: Statement) -> bool:
    return bool(actions.covered(statement.actions)) and not _dead(statement)


def _dead(statement: Statement) -> bool:
    """Whether a statement matches nothing to begin with, which is a matter of other rules."""
    found = statement.resources
    if found is None:
        return True
    return any(reach.kind in resources.DEAD for _, reach in resources.reaches(found))


def _negated(statement: Statement) -> bool:
    return statement.principals is not None and statement.principals.negated


def _known(statement: Statement) -> bool:
    return not statement.unknown and all(text.known for text in texts.of_statement(statement))


def _distinct_symbols(policy: Policy) -> bool:
    """Whether an answer may hang on two values being different of which one has no name yet.

    `<account>` may be the very account that another value names by number.
    """
    forms = [text.form for text in texts.of_policy(policy)]
    named = _number(access.presumed_owner(policy)) or policy.kind is not PolicyKind.KEY
    if named and not any("<" in each for each in forms):
        return False
    return any(
        _negated(each)
        or (each.resources is not None and each.resources.negated)
        or any(map(_is_negated, each.conditions))
        for each in policy.statements
    )


def _perhaps_own(policy: Policy) -> bool:
    """Whether an account that a key policy names may be the key's own or another, which decides what a role needs."""
    if policy.kind is not PolicyKind.KEY or _number(access.presumed_owner(policy)):
        return False
    return any(
        _number(principals.account(each))
        for statement in policy.statements
        for each in (statement.principals.values if statement.principals else ())
    )


def _number(account: str | None) -> bool:
    return account is not None and account.isdigit()


def _is_negated(condition: Condition) -> bool:
    compared = comparison(parse(condition.operator.text))
    return compared is None or compared.negated


def _effect(statement: Statement) -> At:
    """Where a statement says what it does."""
    return statement.effect_text.at if statement.effect_text is not None else statement.at


def _place(statement: Statement) -> At:
    """What means kms:PutKeyPolicy in a statement."""
    patterns = statement.actions
    found = actions.meaning(patterns, _CHANGE)
    return found[0].at if found else patterns.name.at if patterns is not None else statement.at
