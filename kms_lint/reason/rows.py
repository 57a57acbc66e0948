"""Who can do what with which key, under which condition and by which statements: the rows of effective access."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from kms_lint.reason import residual
from kms_lint.reason.authorization import Authorization, Link, LinkKind, Source
from kms_lint.reason.composed import Composed
from kms_lint.reason.confirmed import DISAGREE, Replay
from kms_lint.reason.formula import (
    And,
    Formula,
    Literal,
    Or,
    conjunction,
    disjunction,
    negation,
    satisfiable,
    settled,
    unsettled_names,
    within,
)
from kms_lint.reason.parties import Estate, HeldKey, Party, Standing
from kms_lint.reason.request import Request
from kms_lint.reason.space import ACTION, Space


class Certainty(StrEnum):
    """Whether a request is allowed for every context, for some, or only if something that is not known is so."""

    ALWAYS = "always"
    CONDITIONAL = "conditional"
    POSSIBLE = "possible"


@dataclass(frozen=True, slots=True)
class Row:
    """What one party may do with one key on one condition. `condition` is empty when there is none.

    `paths` are the ways in, each the links that give it together. `example` is a request that shows it for one of
    the actions, on which a second reading of the documents agrees; `None` where they are not all known.
    """

    key: HeldKey
    party: Party
    actions: tuple[str, ...]
    certainty: Certainty
    condition: str
    paths: tuple[tuple[Link, ...], ...]
    example: Request | None = None

    @property
    def principal(self) -> str:
        """The party as it is shown."""
        return self.party.shown


def rows(estate: Estate, composed: Composed | None = None) -> Iterator[Row]:
    """All rows, key by key, in the order of the estate."""
    composed = composed or Composed(estate)
    for key in estate.keys:
        for party in estate.parties:
            yield from pair(composed, key, party)


def pair(composed: Composed, key: HeldKey, party: Party) -> Iterator[Row]:
    """What one party may do with one key: a row for each certainty, condition and set of ways in."""
    branches = [*key.policies, *([None] if key.policy_unknown or not key.policies else [])]
    names = [each.branch if each else "" for each in branches]
    replays = [Replay(composed.confirmation, each) for each in branches]
    found = [
        _answers(composed.authorization(key, party, each), composed.region(party), replay)
        for each, replay in zip(branches, replays, strict=True)
    ]
    grouped: dict[tuple[Certainty, str, tuple[tuple[Link, ...], ...]], list[str]] = {}
    for action in found[0] if len(found) == 1 else dict.fromkeys(name for each in found for name in each):
        answers = [(name, each[action]) for name, each in zip(names, found, strict=True) if action in each]
        grouped.setdefault(_together(answers, len(found)), []).append(action)
    for (certainty, condition, paths), members in grouped.items():
        named = tuple(sorted(members))
        examples = (replay.examples[action] for replay in replays for action in named if action in replay.examples)
        yield Row(key, party, named, certainty, condition, paths, next(examples, None))


_Answer = tuple[Certainty, str, tuple[tuple[Link, ...], ...]]
_ORDER = list(Certainty)


def _together(answers: Sequence[tuple[str, _Answer]], branches: int) -> _Answer:
    """One answer for all branches of a key policy, by name: what only some of them give is possible."""
    if len(answers) == branches == 1:
        return answers[0][1]
    certainty = max((each[0] for _, each in answers), key=_ORDER.index)
    if len(answers) < branches:
        certainty = Certainty.POSSIBLE
    paths = tuple(dict.fromkeys(path for _, each in answers for path in each[2]))
    alike = len(answers) == branches and len({each[:2] for _, each in answers}) == 1
    conditions = [each[1] if alike else residual.both(name, each[1]) for name, each in answers]
    return certainty, residual.either(conditions), paths


def _answers(given: Authorization, region: Mapping[str, int], replay: Replay) -> dict[str, _Answer]:
    """The answer for each action that is not surely denied."""
    sources = [each for each in given.sources() if not _left_to_class(given, each)]
    if not sources:
        return {}
    found: dict[str, _Answer] = {}
    space, around = given.space, given.around
    formulas = [*(each.formula for each in sources), *(each.formula for each in given.parts.denies), around]
    for members in alike(space, formulas):
        first = space.chosen[ACTION].index(members[0])
        answer = _answer(given, sources, {**region, ACTION: 1 << first}, replay)
        if answer is not None:
            found.update(dict.fromkeys(members, answer))
    return found


def _left_to_class(given: Authorization, source: Source) -> bool:
    """What a principal of the key's account gets if its IAM policies, which are not known, allow it: its account's row."""
    unknown = source.links[-1].kind is LinkKind.UNKNOWN and len(source.links) > 1
    return unknown and given.party.standing is Standing.NAMED and not given.foreign


def alike(space: Space, formulas: Iterable[Formula]) -> Iterable[tuple[str, ...]]:
    """The actions in groups that no formula tells apart."""
    return _groups(space.chosen[ACTION], frozenset(mask for formula in formulas for mask in _action_masks(formula)))


@lru_cache(maxsize=1024)
def _groups(actions: tuple[str, ...], masks: frozenset[int]) -> tuple[tuple[str, ...], ...]:
    groups: dict[tuple[bool, ...], list[str]] = {}
    for index, action in enumerate(actions):
        groups.setdefault(tuple(bool(mask >> index & 1) for mask in masks), []).append(action)
    return tuple(map(tuple, groups.values()))


def _action_masks(formula: Formula) -> Iterator[int]:
    if isinstance(formula, Literal):
        if formula.dimension == ACTION:
            yield formula.mask
    elif isinstance(formula, And | Or):
        for part in formula[0]:
            yield from _action_masks(part)


def _answer(
    given: Authorization, sources: Sequence[Source], region: Mapping[str, int], replay: Replay
) -> _Answer | None:
    """The answer for one action, `None` when it is never allowed."""
    here = conjunction((given.caller, within(given.around, region)))
    denies = [(each, found) for each in given.parts.denies if (found := within(each.formula, region)) is not False]
    undenied = negation(disjunction([found for _, found in denies]))
    ways = [(each, found) for each in sources if (found := within(each.formula, region)) is not False]
    allowed = conjunction((disjunction([found for _, found in ways]), undenied, within(given.around, region)))
    allowed = within(allowed, region)
    certainty = _certainty(given.caller, allowed)
    if certainty is None:
        return None
    paths: list[tuple[Link, ...]] = []
    conditions: list[str] = []
    for source, found in ways:
        if satisfiable(conjunction((here, found, undenied))) is False:
            continue
        met = [each.link for each, denied in denies if satisfiable(conjunction((here, found, denied))) is not False]
        paths.append(source.links)
        left = residual.condition(given.space, source.links, met, region)
        conditions.append(_with_unknown(left, found, source.links))
    condition = (
        "" if certainty is Certainty.ALWAYS else residual.both(residual.either(conditions), _around(given, region))
    )
    if certainty is not Certainty.POSSIBLE and not replay.agrees(given, allowed, region):
        return Certainty.POSSIBLE, DISAGREE, tuple(dict.fromkeys(paths))
    return certainty, condition, tuple(dict.fromkeys(paths))


def _with_unknown(condition: str, found: Formula, links: Sequence[Link]) -> str:
    """A condition with what has to turn out so of what is not known, but for whole policies, of which links tell."""
    told = any(link.kind is LinkKind.UNKNOWN for link in links)
    names = [] if told else sorted(each.partition(": ")[2] for each in unsettled_names(found))
    return residual.both(condition, f"it depends on {', '.join(names)}" if names else "")


def _around(given: Authorization, region: Mapping[str, int]) -> str:
    """What SCPs and the policies of endpoints ask of a request, in words."""
    parts, found = given.parts, ""
    if not isinstance(within(parts.scp, region), bool):
        saids = [each for each in parts.scp_allows if within(each.formula, region) is not False]
        found = residual.either(residual.condition(given.space, (each.link,), (), region) for each in saids)
    for name, allowed in parts.endpoints:
        left = within(allowed, region)
        if left is not True:
            may = f", or the policy of {name} allows it" if left is not False else ""
            found = residual.both(found, f"it does not come through {name}{may}")
    return found


def _certainty(caller: Formula, allowed: Formula) -> Certainty | None:
    """How sure an action is for callers; `None` when it is never allowed."""
    if satisfiable(conjunction((caller, allowed))) is False:
        return None
    if satisfiable(conjunction((caller, negation(allowed)))) is False:
        return Certainty.ALWAYS
    sure = satisfiable(conjunction((caller, settled(allowed))))
    return Certainty.CONDITIONAL if sure else Certainty.POSSIBLE
