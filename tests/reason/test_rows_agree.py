"""Effective access against the reference evaluator for whole worlds: formulas, rows and answers, request by request."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from kms_lint.iam import actions
from kms_lint.reason import values
from kms_lint.reason.authorization import Authorization
from kms_lint.reason.composed import Composed
from kms_lint.reason.confirmed import Confirmation
from kms_lint.reason.formula import Formula, Literal, conjunction, holds, negation, solve
from kms_lint.reason.parties import Estate, HeldKey, Party, Standing
from kms_lint.reason.reference_world import Paper, World, decide
from kms_lint.reason.request import Request
from kms_lint.reason.rows import Certainty, pair
from kms_lint.reason.space import ACTION, Space
from tests.reason.cases import dimensions
from tests.reason.condition_words import fulfilled
from tests.reason.estates import ALL, estates, shown

WORLDS, POINTS = 150, 8
"""Worlds, and points for each party and key. What fails is told as it was drawn: making it smaller takes minutes."""

NAMES, PAIR = "kms:encryptioncontextkeys", "kms:encryptioncontext:"
OPERATIONS = ("kms:Decrypt", "kms:Encrypt", "kms:CreateGrant", "kms:RetireGrant", "kms:DescribeKey", "kms:PutKeyPolicy")


class Tried:
    """One party and one key of a world: points at which the engine and the reference evaluator are compared."""

    def __init__(self, composed: Composed, key: HeldKey, party: Party, chance: random.Random) -> None:
        self.composed, self.key, self.party, self.chance = composed, key, party, chance
        self.policy = key.policies[0]
        self.given: Authorization = composed.authorization(key, party, self.policy)
        self.region = composed.region(party)
        self.allowed = self.given.allowed
        self.confirmation = Confirmation(composed.estate)
        self.read: Counter[bool] = Counter()
        self.rows = {action: row for row in pair(composed, key, party) for action in row.actions}

    def points(self) -> Iterator[dict[str, int]]:
        """Points at random, and points inside and outside of what is allowed, action by action."""
        for _ in range(POINTS // 2):
            yield self.point({})
        for action in self.chance.sample(OPERATIONS, POINTS // 4):
            at = Literal(ACTION, 1 << self.given.space.chosen[ACTION].index(action), -1)
            for formula in (self.allowed, negation(self.allowed)):
                found = solve(conjunction((self.given.caller, *self.here(), at, formula)))
                if found is not None:
                    yield self.point(found)

    def here(self) -> list[Formula]:
        return [Literal(name, mask, self.given.space.full(name)) for name, mask in self.region.items()]

    def point(self, wanted: dict[str, int] | object) -> dict[str, int]:
        """A class in each dimension, among those wanted."""
        space, masks = self.given.space, {}
        for each in (*dimensions(self.allowed), *dimensions(self.given.caller)):
            masks[each.dimension] = each.full
        masks |= {f"through {each.address}": 3 for each in self.composed.estate.endpoints}
        masks |= {ACTION: space.full(ACTION), **self.region, **dict(wanted)}  # type: ignore[call-overload]
        point = {name: self.chance.choice(list(_bits(mask))) for name, mask in masks.items()}
        return possible(space, point)

    def compare(self) -> Iterator[bool | None]:
        """Sees what both say of each point; gives what was decided."""
        for point in self.points():
            if not holds(self.given.caller, {**_zeros(self.given.caller), **point}):
                continue
            request = self.confirmation.request(self.given, point)
            world = self.confirmation.world(self.key, self.party, self.policy, point)
            if self.party.standing is Standing.NAMED:
                # Its IAM policies are not known: here they are what the point takes them for.
                allows = point.get(f"hole: IAM policies of {self.party.shown}", 1) == 0
                world = replace(world, identity=(Paper("given", {"Statement": [ALL]}),) if allows else ())
            found = decide(world, request)
            if request.action in actions.STAR_ONLY:
                assert request.action not in self.rows
                continue
            if found.allowed is not None:
                assert holds(self.allowed, {**_zeros(self.allowed), **point}) is found.allowed, (request, found)
                self.compare_row(request.action, found.allowed)
                self.compare_words(request, world, found.allowed)
            yield found.allowed

    def compare_row(self, action: str, allowed: bool) -> None:
        """What the row of an action says, or that there is none."""
        row = self.rows.get(action)
        if row is None:
            left = self.party.standing is Standing.NAMED and not self.given.foreign
            assert not allowed or left, f"no row for {action}"
        elif row.certainty is Certainty.ALWAYS:
            assert allowed, f"not always {action}"

    def compare_words(self, request: Request, world: World, allowed: bool) -> None:
        """What the condition of a row says in words: requests that fulfil it are allowed, and no others."""
        row = self.rows.get(request.action)
        if row is None or row.certainty is not Certainty.CONDITIONAL:
            return
        if self.party.caller is None or self.party.standing is Standing.NAMED:
            return  # a class has members of which statements speak; what IAM may give is told in the row of the account
        said = fulfilled(row.condition, request, world, bool(world.endpoints))
        if said is not None:
            assert said is allowed, (row.condition, request)
            self.read[said] += 1


def _bits(mask: int) -> Iterator[int]:
    yield from (index for index in range(mask.bit_length()) if mask >> index & 1)


def _zeros(formula: Formula) -> dict[str, int]:
    return {each.dimension: 0 for each in dimensions(formula)}


def possible(space: Space, point: dict[str, int]) -> dict[str, int]:
    """A point as a request can be: the names in an encryption context are those of its pairs."""
    if NAMES not in space.condition_keys():
        return point
    for key in space.condition_keys():
        if not key.startswith(PAIR):
            continue
        name, there = key.removeprefix(PAIR), int(point.get(key, 0) > 0)
        own = [at for at, text in enumerate(space.chosen[NAMES]) if text.lower() == name]
        for at in own:
            point[f"{NAMES}#{at}"] = there and int(at == own[0])
        if not own and there:
            point[f"{NAMES}#{_class(space, name.capitalize())}"] = 1
    return point


def _class(space: Space, text: str) -> int:
    """The class of a name in an encryption context."""
    tests = space.asked(NAMES)
    for at in range(len(space.chosen[NAMES])):
        if all(space.answers(NAMES, each)[at] == values.answer(each, text) for each in tests):
            return at
    raise AssertionError(text)


def check(estate: Estate, number: int) -> Counter[object]:
    """All keys and parties of a world."""
    chance = random.Random(number)
    composed = Composed(estate)
    found: Counter[object] = Counter()
    for key in estate.keys:
        for party in estate.parties:
            try:
                tried = Tried(composed, key, party, chance)
                found.update(tried.compare())
                found.update({f"in words {said}": count for said, count in tried.read.items()})
            except AssertionError as error:
                error.add_note(f"{party.shown} and {key.address} of\n{shown(estate)}")
                raise
    return found


def test_effective_access_agrees_with_the_reference_evaluator() -> None:
    """The formula, the rows and the lack of a row, at thousands of requests that are decided either way."""
    compared: Counter[object] = Counter()

    @seed(20261124)
    @settings(
        max_examples=WORLDS,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(estate=estates(), number=st.integers(0, 2**20))
    def each(estate: Estate, number: int) -> None:
        compared.update(check(estate, number))

    each()
    assert compared[True] > 1000, compared
    assert compared[False] > 4000, compared
    assert compared["in words True"] > 60, compared
    assert compared["in words False"] > 60, compared
