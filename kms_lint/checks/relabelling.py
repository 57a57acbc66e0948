"""Trust in the tags and aliases of keys by those who may change them.

https://docs.aws.amazon.com/kms/latest/developerguide/abac.html
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from typing import Final, NamedTuple

from kms_lint.finding import Confidence, Hit, Place
from kms_lint.iam import actions, conditions
from kms_lint.model import Condition, Effect, Policy, PolicyKind, Statement, World
from kms_lint.rule import check

_ALIASES: Final = ("kms:ResourceAliases", "kms:RequestAlias")
_TAG: Final = "aws:resourcetag/"
_TAGGING: Final = frozenset({"kms:TagResource", "kms:UntagResource"})
_GAINED: Final = actions.CRYPTOGRAPHIC | (actions.ADMINISTRATION - actions.ALIAS - _TAGGING)
_MOST_TRIES: Final = 20
"""As many pairs of a statement that changes labels and one that trusts them are asked about; more are possible."""


class _Trust(NamedTuple):
    """A statement that gives access, and the condition on a label by which it, or a Deny beside it, decides."""

    statement: Statement
    condition: Condition


@check(Policy)
def alias_escalation(policy: Policy, world: World) -> Iterator[Hit]:
    """Somebody who may use keys by their aliases may change the aliases.

    https://docs.aws.amazon.com/kms/latest/developerguide/alias-authorization.html
    """
    for statement in _giving(policy, actions.ALIAS):
        for trust, sure in _gains(policy, statement, world, *_ALIASES):
            if _opens(trust):
                label = "who may change aliases takes from any key the alias that keeps this access out"
            else:
                label = "who may change aliases gives any key the alias that this access trusts"
            yield _hit(statement, actions.ALIAS, trust, sure, label)


@check(Policy)
def tag_escalation(policy: Policy, world: World) -> Iterator[Hit]:
    """Somebody who may use keys by their tags may change the tags.

    https://docs.aws.amazon.com/kms/latest/developerguide/tag-authorization.html
    """
    for statement in _giving(policy, _TAGGING):
        for trust, sure in _gains(policy, statement, world, "aws:ResourceTag/*"):
            if _opens(trust):
                label = (
                    f"who may change tags takes from any key the tag that keeps this access out, {trust.condition.key}"
                )
            else:
                label = f"who may tag keys gives any key the tag that this access trusts, {trust.condition.key}"
            yield _hit(statement, _TAGGING, trust, sure, label)


def _hit(statement: Statement, changing: frozenset[str], trust: _Trust, sure: bool, label: str) -> Hit:
    found = actions.meaning(statement.actions, changing)
    at = found[0].at if found else statement.at
    related = (Place(trust.condition.key.at, "the access that goes by it"),)
    confidence = Confidence.DEFINITE if sure else Confidence.POSSIBLE
    return Hit(at, label, related=related, statement=statement.index, confidence=confidence)


def _giving(policy: Policy, changing: frozenset[str]) -> list[Statement]:
    """The statements that let the identity change labels. Most policies have none, and are looked at no further."""
    if policy.kind is not PolicyKind.IDENTITY or policy.refused:
        return []
    return [each for each in policy.statements if _allows(each) and changing & actions.covered(each.actions)]


def _allows(statement: Statement) -> bool:
    return statement.effect is Effect.ALLOW and not statement.unknown and statement.resources is not None


def _gains(policy: Policy, statement: Statement, world: World, *names: str) -> Iterator[tuple[_Trust, bool]]:
    """What the changes that a statement allows open to the same identity, surely or possibly: the first of it.

    What was too much to be worked out is possible.
    """
    together = _of_identity(policy, world)
    trusts = _trusts(together, names)
    if not trusts:
        return
    from kms_lint.reason.relabelled import BudgetError, gained_by_aliases, gained_by_tags

    whole = _numbered(policy, together)
    giving = next(index for index, each in enumerate(together) if each is statement)
    places = {id(each): index for index, each in enumerate(together)}
    perhaps = trusts[_MOST_TRIES] if len(trusts) > _MOST_TRIES else None
    for trust in trusts[:_MOST_TRIES]:
        trusting, given = places[id(trust.statement)], _GAINED & actions.covered(trust.statement.actions)
        tag = str(trust.condition.key)[len(_TAG) :]
        try:
            if trust.condition.key.form.lower().startswith(_TAG):
                gained = gained_by_tags(whole, giving, trusting, tag, given)
            else:
                gained = gained_by_aliases(whole, giving, trusting, given)
        except BudgetError:
            gained = None
        if gained:
            yield trust, True
            return
        perhaps = trust if gained is None and perhaps is None else perhaps
    if perhaps is not None:
        yield perhaps, False


def _trusts(together: tuple[Statement, ...], names: tuple[str, ...]) -> list[_Trust]:
    """The statements that give access by labels, or that Denies limit by labels."""
    allowing = [each for each in together if _allows(each) and _GAINED & actions.covered(each.actions)]
    own = [_Trust(each, condition) for each in allowing for condition in _on(each, names)]
    denies = [each for each in together if each.effect is Effect.DENY and not each.unknown and _on(each, names)]
    return own + [
        _Trust(each, condition)
        for deny in denies
        for each in allowing
        if _GAINED & actions.covered(each.actions) & actions.reachable(deny.actions)
        for condition in _on(deny, names)
    ]


def _on(statement: Statement, names: tuple[str, ...]) -> tuple[Condition, ...]:
    found = conditions.on(statement.conditions, *names)
    return tuple(each for each in found if each.key.known)


def _opens(trust: _Trust) -> bool:
    """Whether access is there without the label, so that taking it off opens it."""
    absent = conditions.passes_when_absent(trust.condition)
    return absent is True if trust.condition in trust.statement.conditions else absent is False


@lru_cache(maxsize=8)
def _numbered(policy: Policy, together: tuple[Statement, ...]) -> Policy:
    """All statements of an identity as one policy."""
    numbered = tuple(replace(each, index=index) for index, each in enumerate(together))
    return replace(policy, statements=numbered)


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
