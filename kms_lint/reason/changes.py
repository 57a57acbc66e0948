"""What steps have changed of principals, and what a principal is like after some of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import replace
from itertools import combinations
from typing import Final, NamedTuple, TypeAlias

from kms_lint.model import Effect as Says
from kms_lint.model import Policy
from kms_lint.reason.attachable import WRITTEN
from kms_lint.reason.identity_actions import Effect
from kms_lint.reason.parties import Group, Party

_GONE: Final = frozenset({Effect.INLINE_GONE, Effect.DETACHED, Effect.LEFT})


class Fact(NamedTuple):
    """Something that a step has made so: `effect` for `whom`, with the policy or the group that it is about."""

    effect: Effect
    whom: Party | Group | Policy
    what: Policy | Group | None = None


Facts: TypeAlias = "tuple[Fact, ...]"


class Changes:
    """Principals as they are after changes, each made once."""

    def __init__(self) -> None:
        self._made: dict[tuple[object, ...], Party] = {}

    def after(self, party: Party, facts: Facts) -> Party:
        """A principal after some changes; itself where they change nothing of what decides about it."""
        if not facts:
            return party
        policies = tuple(dict.fromkeys(_policies(party, frozenset(facts))))
        rewritten = {fact.whom for fact in facts if fact.effect is Effect.REWRITTEN}
        boundary = tuple(WRITTEN if each in rewritten else each for each in party.boundary)
        bounded = party.bounded and all(fact.effect is not Effect.UNBOUNDED for fact in facts)
        name = (id(party), policies, boundary, bounded)
        if (policies, boundary, bounded) == (party.policies, party.boundary, party.bounded):
            return party
        if name not in self._made:
            changed = replace(party, policies=policies, boundary=boundary if bounded else (), bounded=bounded)
            self._made[name] = changed
        return self._made[name]

    def variants(self, party: Party, known: Mapping[Fact, Sequence[object]]) -> Iterator[tuple[Facts, Party]]:
        """A principal as it is, and after each choice of what is known to be changed of it; fewest changes first.

        `known` are the steps that make something so. What gives no more than what is made so in fewer steps is left out.
        """
        relevant = [fact for fact in _concerning(party, known) if fact.effect is not Effect.ACTING]
        if not relevant:
            yield (), party
            return
        relevant.sort(key=lambda fact: len(known[fact]))
        seen: set[int] = set()
        for facts in sorted(_choices(party, relevant), key=len):
            after = self.after(party, facts)
            if id(after) not in seen:
                seen.add(id(after))
                yield facts, after


def denying(policies: Iterable[Policy]) -> bool:
    """Whether a policy denies anything, or may."""
    return any(each.effect is not Says.ALLOW for policy in policies for each in policy.statements)


def _choices(party: Party, facts: Sequence[Fact]) -> Iterator[Facts]:
    """What gives everything or parts, with or without the boundary, and with or without what denies.

    Policies are only taken away from who has been given everything: what they allowed may be needed.
    """
    carried = {*party.policies, *(one for each in _groups(party, facts) for one in (*each.inline, *each.attached))}
    whole = [fact for fact in facts if _gives_everything(fact, carried)]
    freeing = [fact for fact in facts if fact.effect is Effect.UNBOUNDED or fact.whom in party.boundary]
    gone = [fact for fact in facts if fact.effect in _GONE]
    part = [fact for fact in facts if fact not in whole and fact not in freeing and fact not in gone]
    if not denying(carried):
        whole, gone = whole[:1], []  # those in the fewest steps
    given = [(), *((fact,) for fact in part), *combinations(part, 2), tuple(part), *((fact,) for fact in whole)]
    if gone:
        given += [(fact, *some) for fact in whole for some in (*combinations(gone, 1), tuple(gone))]
        given += [(*whole, *gone)]
    for some in given:
        yield some
        yield from (tuple(dict.fromkeys((*some, fact))) for fact in freeing)


def _gives_everything(fact: Fact, carried: Set[object]) -> bool:
    if fact.effect is Effect.REWRITTEN:
        return fact.whom in carried
    return fact.effect is Effect.WRITTEN or fact.what is WRITTEN


def _groups(party: Party, known: Iterable[Fact]) -> list[Group]:
    joined = [fact.what for fact in known if fact.effect is Effect.JOINED and fact.whom is party]
    return [*party.groups, *(each for each in joined if isinstance(each, Group) and each not in party.groups)]


def _concerning(party: Party, known: Iterable[Fact]) -> Iterator[Fact]:
    """What is known to be changed of a principal, of its groups and of the policies that it has."""
    groups = _groups(party, known)
    carried = {*party.policies, *party.boundary, *(one for each in groups for one in (*each.inline, *each.attached))}
    for fact in known:
        if fact.whom is party or fact.whom in groups or fact.whom in carried:
            yield fact


def _policies(party: Party, facts: frozenset[Fact]) -> Iterator[Policy]:
    left = {fact.what for fact in facts if fact.effect is Effect.LEFT}
    groups = [each for each in _groups(party, facts) if each not in left]
    known = {*party.inline, *party.attached, *(one for each in party.groups for one in (*each.inline, *each.attached))}
    kept = [each for each in party.policies if each not in known]
    rewritten = {fact.whom for fact in facts if fact.effect is Effect.REWRITTEN}
    holders: list[Party | Group] = [party, *groups]
    for policy in (*kept, *(policy for holder in holders for policy in _of(holder, facts))):
        yield WRITTEN if policy in rewritten else policy


def _of(holder: Party | Group, facts: frozenset[Fact]) -> Iterator[Policy]:
    """The own policies of an identity or a group."""
    mine = [fact for fact in facts if fact.whom is holder]
    effects = {fact.effect for fact in mine}
    if not effects & {Effect.WRITTEN, Effect.INLINE_GONE}:
        yield from holder.inline
    detached = {fact.what for fact in mine if fact.effect is Effect.DETACHED}
    yield from (each for each in holder.attached if each not in detached)
    if Effect.WRITTEN in effects:
        yield WRITTEN
    for fact in mine:
        if fact.effect is Effect.ATTACHED and isinstance(fact.what, Policy):
            yield fact.what
