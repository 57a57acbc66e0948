"""From what a principal may do now to what it can make itself able to do, in few steps.

Steps only add: each round tries every step from all that was reached before, until nothing is new. What surely can be done is
looked for first, and what may be possible only for what is then left. Chains that begin at a class of principals are left
out, for anybody of an account with the IAM permission to change IAM can do everything that the key policy leaves to IAM.
https://docs.aws.amazon.com/kms/latest/developerguide/control-access.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

from kms_lint.iam import actions
from kms_lint.reason import alias_steps, replica_steps
from kms_lint.reason.changes import Changes, Fact
from kms_lint.reason.composed import Composed
from kms_lint.reason.effort import CHOSEN, FOLLOWED, KEY, Effort
from kms_lint.reason.identity_actions import Effect
from kms_lint.reason.identity_steps import IdentitySteps, Step
from kms_lint.reason.key_steps import KeySteps
from kms_lint.reason.parties import Estate, Group, HeldKey, Party, Standing
from kms_lint.reason.rows import Certainty

__all__ = ["CUT", "MOST_ROUNDS", "Chain", "Escalations", "Step", "escalations"]

MOST_ROUNDS: Final = 8
"""As many steps one after another are looked for in IAM."""

CUT: Final = "there were too many steps to follow them all: there may be more chains, and shorter ones"
"""What comes with a search that was cut off."""

_EVERYTHING: Final = (actions.KEY | actions.ALIAS) - actions.WITHOUT_EFFECT_IN_KEY_POLICY
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
    yield from Escalations(estate, composed or Composed(estate)).all(estate.parties)


class Reached:
    """What a principal can make so, each in the fewest steps that were found. `everything` is all that is worth it.

    `cut` is whether not all steps were followed, `doubtful` whether steps were left out that may be possible.
    """

    def __init__(self, everything: frozenset[Fact]) -> None:
        self.steps: dict[Fact, _Steps] = {}
        self.cut = False
        self.doubtful = False
        self._left = set(everything)
        self._everything = everything
        self._longest: int | None = None
        self._done: dict[int, int] = {}
        self._by: dict[int, dict[Fact, _Steps]] = {}

    def take(self, fact: Fact, steps: _Steps) -> bool:
        """Takes a fact down, if it is new or takes fewer steps now; whether it does."""
        known = self.steps.get(fact)
        if known is not None and len(known) <= len(steps):
            return False
        self.steps[fact] = self._by.setdefault(id(fact.whom), {})[fact] = steps
        self._left.discard(fact)
        self._longest = None
        return True

    def is_fewer(self, fact: Fact, length: int) -> bool:
        """Whether a fact is new, or is known in more than so many steps."""
        known = self.steps.get(fact)
        return known is None or len(known) > length

    def acting(self) -> list[tuple[Party, _Steps]]:
        """Whom the caller acts as, in the fewest steps first."""
        found = [
            (fact.whom, steps)
            for fact, steps in self.steps.items()
            if fact.effect is Effect.ACTING and isinstance(fact.whom, Party)
        ]
        return sorted(found, key=lambda each: len(each[1]))

    def concerning(self, party: Party) -> dict[Fact, _Steps]:
        """What is known to be changed of a principal, of its groups and of the policies that it has."""
        own = self._by.get(id(party), {})
        groups = [*party.groups, *(fact.what for fact in own if isinstance(fact.what, Group))]
        carried = [one for each in groups for one in (*each.inline, *each.attached)]
        subjects = dict.fromkeys(map(id, (*groups, *party.policies, *party.boundary, *carried)))
        return {**own, **{fact: steps for each in subjects for fact, steps in self._by.get(each, {}).items()}}

    def is_due(self, actor: Party, length: int) -> bool:
        """Whether steps of somebody who acts after so many may lead to something new, or to it in fewer steps."""
        if self._done.get(id(actor), length + 1) <= length:
            return False
        self._done[id(actor)] = length
        if self._left:
            return True
        if self._longest is None:
            self._longest = max((len(self.steps[fact]) for fact in self._everything), default=0)
        return length + 1 < self._longest


def may_begin_at(party: Party) -> bool:
    """Whether chains of steps are looked for from a party: not from a class of principals."""
    return party.standing in _FROM


class Escalations:
    """The chains of all principals of an estate. `cut` is whether not all steps were followed so far."""

    def __init__(self, estate: Estate, composed: Composed, effort: Effort | None = None) -> None:
        self.estate = estate
        self.cut = False
        self._effort = effort or Effort()
        self._changes = Changes()
        space = composed.space
        beside = (*alias_steps.arns(estate, space), *replica_steps.creations(estate, space))
        self._identities = IdentitySteps(estate, beside, self._effort)
        self._everything = self._identities.everything()
        self._keys = KeySteps(composed, self._identities)

    def all(self, parties: Sequence[Party], keys: Sequence[HeldKey] | None = None) -> Iterator[Chain]:
        """The chains from these parties to all keys, or to some."""
        for party in parties:
            if may_begin_at(party):
                yield from self._of(party, self.estate.keys if keys is None else keys)

    def _of(self, party: Party, keys: Sequence[HeldKey]) -> Iterator[Chain]:
        """What one principal can obtain: surely, then possibly."""
        sure = self._reached(party, True)
        possible = self._reached(party, False) if sure.doubtful or sure.cut else sure
        ways = list(self._ways(sure))
        others = ways if possible is sure else list(self._ways(possible))
        for key in keys:
            best = self._gained(key, ways, True)
            for action in self._keys.has(key, party, True) if best else ():
                best.pop(action, None)
            if not best.keys() >= _EVERYTHING:
                more = self._gained(key, others, False)
                known = {*best, *self._keys.has(key, party, False)} if more else set()
                best |= {action: steps for action, steps in more.items() if action not in known}
            self.cut |= sure.cut or possible.cut or self._effort.spent
            yield from _grouped(party, key, best, self.cut)

    def _ways(self, reached: Reached) -> Iterator[tuple[_Steps, Party]]:
        """All whom the caller acts as, as they are and as they can be made, in the fewest steps first."""
        found: dict[int, tuple[_Steps, Party]] = {}
        for acting, steps in reached.acting():
            for facts, actor in self._changes.variants(acting, reached.concerning(acting)):
                chain = _union(steps, *(reached.steps[each] for each in facts))
                if id(actor) not in found or len(chain) < len(found[id(actor)][0]):
                    found[id(actor)] = chain, actor
        yield from sorted(found.values(), key=lambda each: len(each[0]))

    def _gained(self, key: HeldKey, ways: list[tuple[_Steps, Party]], sure: bool) -> dict[str, _Steps]:
        """The fewest steps for each operation that somebody who was reached has, or may give itself."""
        best: dict[str, _Steps] = {}
        longest = 0
        for so_far, actor in ways:
            if longest <= len(so_far) and best.keys() >= _EVERYTHING:
                break  # all that there is is had in no more steps
            if so_far and self._effort.spent:
                break  # what takes no step in IAM is always looked at
            if so_far and not self._keys.is_known(key, actor, sure):
                self._effort.spend(KEY)
            new = False
            for given, last in self._keys.of(key, actor, sure):
                length = len(so_far) + len(last)
                if not length or (length >= longest and given <= best.keys()):
                    continue
                for action in given:
                    if action not in best or length < len(best[action]):
                        best[action], new = (*so_far, *last), True
            longest = max(map(len, best.values())) if new else longest
        return best

    def _reached(self, party: Party, sure: bool) -> Reached:
        """All that a principal can make so by steps in IAM, and whether the search was cut off."""
        reached = Reached(self._everything)
        reached.take(Fact(Effect.ACTING, party), ())
        for _ in range(MOST_ROUNDS):
            new = False
            for acting, steps in reached.acting():
                new |= self._from(acting, steps, sure, reached)
            if not new:
                break
        else:
            reached.cut = True
        reached.cut |= self._effort.spent
        return reached

    def _from(self, acting: Party, steps: _Steps, sure: bool, reached: Reached) -> bool:
        """All steps of somebody that is acted as, before and after what is known to be changed of it."""
        new = False
        for facts, actor in list(self._changes.variants(acting, reached.concerning(acting))):
            self._effort.spend(CHOSEN)
            so_far = _union(steps, *(reached.steps[each] for each in facts)) if facts else steps
            if not reached.is_due(actor, len(so_far)):
                continue
            made = self._identities.of(actor)
            if made is None:
                reached.cut = True
                continue
            self._effort.spend(FOLLOWED * len(made))
            for fact, step in made:
                if sure and not step.sure:
                    reached.doubtful = True
                elif reached.is_fewer(fact, len(so_far)):
                    new |= reached.take(fact, so_far if step in so_far else (*so_far, step))
        if not self.estate.groups:
            return new
        for fact, step in self._memberships(acting, [each for each, _ in reached.acting()]):
            self._effort.spend(FOLLOWED)
            if sure and not step.sure:
                reached.doubtful = True
            else:
                new |= reached.take(fact, (*steps, step))
        return new

    def _memberships(self, actor: Party, acting: Iterable[Party]) -> Iterator[tuple[Fact, Step]]:
        """The users that the caller acts as, put into groups or taken out."""
        users = [each for each in acting if _is_user(each)]
        for effect, group, step in self._identities.memberships(actor):
            for user in users:
                if user.account == group.account and (group in user.groups) is (effect is Effect.LEFT):
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
