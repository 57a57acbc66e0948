"""From what a principal may do now to what it can make itself able to do, in few steps.

Steps only add: each round tries every step from all that was reached before, until nothing is new. What surely can be done is
looked for first, and what may be possible only for what is then left. Chains that begin at a class of principals are left
out, for anybody of an account with the IAM permission to change IAM can do everything that the key policy leaves to IAM.
https://docs.aws.amazon.com/kms/latest/developerguide/control-access.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

from kms_lint.reason import alias_steps, replica_steps
from kms_lint.reason.changes import Changes, Fact
from kms_lint.reason.composed import Composed
from kms_lint.reason.identity_actions import Effect
from kms_lint.reason.identity_steps import IdentitySteps, Step
from kms_lint.reason.key_steps import KeySteps
from kms_lint.reason.parties import Estate, HeldKey, Party, Standing
from kms_lint.reason.rows import Certainty

__all__ = ["MOST_ROUNDS", "Chain", "Step", "escalations"]

MOST_ROUNDS: Final = 8
"""As many steps one after another are looked for in IAM."""

_FROM: Final = (Standing.IDENTITY, Standing.HOLDER, Standing.NAMED)

_Steps: TypeAlias = tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Chain:
    """How a principal obtains operations on a key that it does not have: the steps in their order.

    `cut` is whether there may be more, or shorter ones, for not all steps were followed.
    """

    party: Party
    key: HeldKey
    actions: tuple[str, ...]
    steps: _Steps
    cut: bool = False

    @property
    def certainty(self) -> Certainty:
        """How sure it is that all steps can be made."""
        if not all(step.sure for step in self.steps):
            return Certainty.POSSIBLE
        return Certainty.CONDITIONAL if any(step.condition for step in self.steps) else Certainty.ALWAYS


def escalations(estate: Estate, composed: Composed | None = None) -> Iterator[Chain]:
    """All chains, principal by principal, each with the fewest steps that were found for its operations."""
    found = _Escalations(estate, composed or Composed(estate))
    for party in estate.parties:
        if party.standing in _FROM:
            yield from found.of(party)


class _Escalations:
    """The chains of all principals of an estate."""

    def __init__(self, estate: Estate, composed: Composed) -> None:
        self.estate = estate
        self._changes = Changes()
        space = composed.space
        beside = (*alias_steps.arns(estate, space), *replica_steps.creations(estate, space))
        self._identities = IdentitySteps(estate, beside)
        self._keys = KeySteps(composed, self._identities)

    def of(self, party: Party) -> Iterator[Chain]:
        """What one principal can obtain: surely, then possibly."""
        sure, cut = self._reached(party, True)
        possible, cut_too = self._reached(party, False)
        for key in self.estate.keys:
            best: dict[str, _Steps] = {}
            self._gained(key, sure, True, best)
            has = self._keys.has(key, party, True)
            for action in has:
                best.pop(action, None)
            more: dict[str, _Steps] = {}
            self._gained(key, possible, False, more)
            known = {*best, *self._keys.has(key, party, False)}
            best |= {action: steps for action, steps in more.items() if action not in known}
            yield from _grouped(party, key, best, cut or cut_too)

    def _gained(self, key: HeldKey, reached: dict[Fact, _Steps], sure: bool, best: dict[str, _Steps]) -> None:
        """The fewest steps for each operation that somebody who was reached has, or may give itself."""
        for fact, steps in reached.items():
            if fact.effect is not Effect.ACTING or not isinstance(fact.whom, Party):
                continue
            for facts, actor in self._changes.variants(fact.whom, reached):
                so_far = _union(steps, *(reached[each] for each in facts))
                for actions, last in self._keys.of(key, actor, sure):
                    chain = (*so_far, *last)
                    for action in actions if chain else ():
                        if action not in best or len(chain) < len(best[action]):
                            best[action] = chain

    def _reached(self, party: Party, sure: bool) -> tuple[dict[Fact, _Steps], bool]:
        """All that a principal can make so by steps in IAM, and whether the search was cut off."""
        reached: dict[Fact, _Steps] = {Fact(Effect.ACTING, party): ()}
        for _ in range(MOST_ROUNDS):
            new = False
            for fact, steps in list(reached.items()):
                if fact.effect is Effect.ACTING and isinstance(fact.whom, Party):
                    new |= self._from(fact.whom, steps, sure, reached)
            if not new:
                return reached, False
        return reached, True

    def _from(self, acting: Party, steps: _Steps, sure: bool, reached: dict[Fact, _Steps]) -> bool:
        """All steps of somebody that is acted as, before and after what is known to be changed of it."""
        new = False
        for facts, actor in list(self._changes.variants(acting, reached)):
            so_far = _union(steps, *(reached[each] for each in facts))
            for fact, step in (*self._identities.of(actor), *self._memberships(actor, reached)):
                if sure and not step.sure:
                    continue
                chain = so_far if step in so_far else (*so_far, step)
                if fact not in reached or len(chain) < len(reached[fact]):
                    reached[fact] = chain
                    new = True
        return new

    def _memberships(self, actor: Party, reached: Iterable[Fact]) -> Iterator[tuple[Fact, Step]]:
        """The users that the caller acts as, put into groups or taken out."""
        users = [fact.whom for fact in list(reached) if fact.effect is Effect.ACTING and isinstance(fact.whom, Party)]
        for effect, group, step in self._identities.memberships(actor):
            for user in users:
                if (
                    _is_user(user)
                    and user.account == group.account
                    and (group in user.groups) is (effect is Effect.LEFT)
                ):
                    gain = f"{user.shown} is {'in it' if effect is Effect.JOINED else 'no longer in it'}"
                    yield Fact(effect, user, group), replace(step, gain=gain)


def _is_user(party: Party) -> bool:
    return party.standing is Standing.IDENTITY and party.caller is not None and party.caller.name.startswith("user/")


def _union(*chains: _Steps) -> _Steps:
    return tuple(dict.fromkeys(step for chain in chains for step in chain))


def _grouped(party: Party, key: HeldKey, best: dict[str, _Steps], cut: bool) -> Iterator[Chain]:
    """A chain for each way, with all operations that it gives."""
    grouped: dict[_Steps, list[str]] = {}
    for action, steps in best.items():
        grouped.setdefault(steps, []).append(action)
    for steps, names in sorted(grouped.items(), key=lambda each: (len(each[0]), sorted(each[1]))):
        yield Chain(party, key, tuple(sorted(names)), steps, cut)
