"""From what a principal may do now to what it can make itself able to do, in the fewest steps.

Steps only add: each round tries every step from all that was reached before, until nothing is new. Chains that begin at a class of principals are left
out, for anybody of an account with the IAM permission to change IAM can do everything that the key policy leaves to IAM.
https://docs.aws.amazon.com/kms/latest/developerguide/control-access.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

from kms_lint.iam import actions
from kms_lint.reason.authorization import Authorization, Link, LinkKind, Said
from kms_lint.reason.composed import Composed
from kms_lint.reason.formula import Formula, conjunction, negation, satisfiable, within
from kms_lint.reason.identity_steps import PASS, RUNNING, STEPS, Allowed, Gain, Identities
from kms_lint.reason.parties import Estate, HeldKey, Party, Standing
from kms_lint.reason.request import Way
from kms_lint.reason.residual import both
from kms_lint.reason.rows import Certainty, Row, pair
from kms_lint.reason.space import ACTION
from kms_lint.reason.values import answer

MOST_ROUNDS: Final = 8
"""As many steps one after another are looked for."""

_TAKE: Final = "kms:PutKeyPolicy"
_GRANT: Final = "kms:CreateGrant"
_RETIRE: Final = "kms:RetireGrant"
"""It ends access and gives none."""

_GRANTABLE: Final = frozenset(f"kms:{name}" for name in actions.GRANT_OPERATIONS)


@dataclass(frozen=True, slots=True)
class Step:
    """One step: the action, on what, what it changes, by which statements, on which condition."""

    action: str
    target: str
    gain: str
    links: tuple[Link, ...]
    condition: str = ""
    sure: bool = True


@dataclass(frozen=True, slots=True)
class Chain:
    """How a principal obtains operations on a key that it does not have: the steps in their order."""

    party: Party
    key: HeldKey
    actions: tuple[str, ...]
    steps: tuple[Step, ...]

    @property
    def certainty(self) -> Certainty:
        """How sure it is that all steps can be made."""
        if not all(step.sure for step in self.steps):
            return Certainty.POSSIBLE
        return Certainty.CONDITIONAL if any(step.condition for step in self.steps) else Certainty.ALWAYS


@dataclass
class _Reached:
    """What a principal has reached: whom it acts as, whose policies it writes, whose boundaries it takes away."""

    acting: dict[int, tuple[Party, tuple[Step, ...]]]
    policies: dict[int, tuple[Step, ...]]
    boundaries: dict[int, tuple[Step, ...]]


def escalations(estate: Estate, composed: Composed | None = None) -> Iterator[Chain]:
    """All chains, principal by principal, each with the fewest steps that give its operations."""
    composed = composed or Composed(estate)
    identities, gains = Identities(estate), _Gains(composed)
    for party in estate.parties:
        if party.standing in (Standing.IDENTITY, Standing.HOLDER, Standing.NAMED):
            reached = _reached(identities, party)
            for key in estate.keys:
                yield from _chains(gains, party, key, reached)


def _reached(identities: Identities, party: Party) -> _Reached:
    reached = _Reached({id(party): (party, ())}, {}, {})
    for _ in range(MOST_ROUNDS):
        before = (len(reached.acting), len(reached.policies), len(reached.boundaries))
        for actor, steps in list(reached.acting.values()):
            _from(identities, actor, steps, reached)
        if before == (len(reached.acting), len(reached.policies), len(reached.boundaries)):
            break
    return reached


def _from(identities: Identities, actor: Party, steps: tuple[Step, ...], reached: _Reached) -> None:
    """All steps that somebody can make on others, and on itself."""
    everything = reached.policies.get(id(actor))
    for target in identities.targets:
        arn = target.caller.arn if target.caller is not None else None
        if arn is None or target.account != actor.account:
            continue
        for action, (kind, gain) in STEPS.items():
            if not arn.partition("::")[2].partition(":")[2].startswith(kind) or _known(reached, target, gain):
                continue
            allowed = identities.allowed(actor, action, arn)
            if allowed is not None:
                _take(reached, target, gain, (*steps, _step(action, target.shown, gain.value, allowed)))
            elif everything is not None and not actor.bounded:
                written = Step(action, target.shown, gain.value, everything[-1].links, "", everything[-1].sure)
                _take(reached, target, gain, (*everything, written))
        _acts(identities, actor, target, arn, steps, reached)


def _acts(
    identities: Identities, actor: Party, target: Party, arn: str, steps: tuple[Step, ...], reached: _Reached
) -> None:
    if id(target) in reached.acting:
        return
    assumed = identities.assumes(actor, target)
    if assumed is not None:
        _take(reached, target, Gain.ACTING, (*steps, _step("sts:AssumeRole", target.shown, Gain.ACTING.value, assumed)))
        return
    passed = identities.allowed(actor, PASS, arn) if "role/" in arn else None
    for action, service in RUNNING.items() if passed is not None else ():
        running = identities.allowed(actor, action)
        if passed is not None and running is not None:
            asked = both(passed.condition, running.condition)
            allowed = Allowed((*passed.links, *running.links), asked, running.sure)
            gain = f"code of the caller runs as it in {service}, if the role trusts that service"
            _take(reached, target, Gain.ACTING, (*steps, _step(f"{PASS} and {action}", target.shown, gain, allowed)))
            return


def _known(reached: _Reached, target: Party, gain: Gain) -> bool:
    if gain is Gain.ACTING:
        return id(target) in reached.acting
    return id(target) in (reached.policies if gain is Gain.POLICIES else reached.boundaries)


def _take(reached: _Reached, target: Party, gain: Gain, steps: tuple[Step, ...]) -> None:
    if gain is Gain.ACTING:
        reached.acting.setdefault(id(target), (target, steps))
    elif gain is Gain.POLICIES:
        reached.policies.setdefault(id(target), steps)
    elif target.bounded:
        reached.boundaries.setdefault(id(target), steps)


def _step(action: str, target: str, gain: str, allowed: Allowed) -> Step:
    return Step(action, target, gain, allowed.links, allowed.condition, allowed.sure)


def _chains(gains: _Gains, party: Party, key: HeldKey, reached: _Reached) -> Iterator[Chain]:
    """What the principal gains on one key, each operation by the fewest steps."""
    now = gains.rows(key, party).keys()
    best: dict[str, tuple[Step, ...]] = {}
    for actor, steps in reached.acting.values():
        for found, more in _ways(gains, key, actor, steps, reached):
            for action in found - now - {_RETIRE}:
                if action not in best or len(more) < len(best[action]):
                    best[action] = more
    grouped: dict[tuple[Step, ...], list[str]] = {}
    for action, steps in best.items():
        grouped.setdefault(steps, []).append(action)
    for steps, names in sorted(grouped.items(), key=lambda each: (len(each[0]), sorted(each[1]))):
        yield Chain(party, key, tuple(sorted(names)), steps)


def _ways(
    gains: _Gains, key: HeldKey, actor: Party, steps: tuple[Step, ...], reached: _Reached
) -> Iterator[tuple[frozenset[str], tuple[Step, ...]]]:
    """What somebody has on a key after some steps, and what more steps on the key give."""
    writing, freeing = reached.policies.get(id(actor)), reached.boundaries.get(id(actor))
    for written in ((), writing) if writing else ((),):
        for freed in ((), freeing) if freeing else ((),):
            so_far = tuple(dict.fromkeys((*steps, *written, *freed)))
            for found, step in gains.of(key, actor, bool(written), bool(freed)):
                if step is not None or so_far:
                    yield found, (*so_far, *(() if step is None else (step,)))


_Gained: TypeAlias = "tuple[frozenset[str], Step | None]"
"""Operations, and the step on the key that gives them; `None` for those that need none."""


class _Gains:
    """What somebody has on a key, and what steps on the key give: worked out once, however many principals reach it."""

    def __init__(self, composed: Composed) -> None:
        self._composed = composed
        self._rows: dict[tuple[int, int], dict[str, Row]] = {}
        self._found: dict[tuple[int, int, bool, bool], list[_Gained]] = {}

    def rows(self, key: HeldKey, party: Party) -> dict[str, Row]:
        """What a party may do with a key as things are, by the operations."""
        name = (id(key), id(party))
        if name not in self._rows:
            found = pair(self._composed, key, party)
            self._rows[name] = {action: row for row in found for action in row.actions}
        return self._rows[name]

    def of(self, key: HeldKey, actor: Party, written: bool, freed: bool) -> list[_Gained]:
        """What an actor has, whose IAM policies say what the caller writes, and whose boundary is gone."""
        name = (id(key), id(actor), written, freed)
        if name not in self._found:
            self._found[name] = list(self._of(key, actor, written, freed)) if len(key.policies) == 1 else []
        return self._found[name]

    def _of(self, key: HeldKey, actor: Party, written: bool, freed: bool) -> Iterator[_Gained]:
        given, region = self._composed.authorization(key, actor, key.policies[0]), self._composed.region(actor)
        if written:
            given = _rewritten(given)
        if freed:
            given = replace(given, parts=replace(given.parts, boundary=None))
        yield from _on_key(key, given, region, {} if written else self.rows(key, actor))


def _rewritten(given: Authorization) -> Authorization:
    """The same where the IAM policies say what somebody writes: its own Denies are gone as well."""
    link = Link(LinkKind.UNKNOWN, how="an IAM policy that the caller writes")
    kept = tuple(each for each in given.parts.denies if each.link.kind is not LinkKind.IDENTITY_POLICY)
    return replace(given, parts=replace(given.parts, identity=(Said(True, link),), denies=kept))


def _on_key(
    key: HeldKey, given: Authorization, region: Mapping[str, int], rows: Mapping[str, Row]
) -> Iterator[_Gained]:
    has = _possible(given, given.allowed, region)
    yield has, None
    if _TAKE in has:
        link = Link(LinkKind.KEY_POLICY, how="the key policy that the caller writes")
        kept = tuple(each for each in given.parts.denies if each.link.kind is not LinkKind.KEY_POLICY)
        after = replace(given, parts=replace(given.parts, ways={Way.DIRECT: (Said(True, link),)}, denies=kept))
        step = _key_step(key, _TAKE, "the key policy says what the caller writes", rows)
        yield _possible(after, after.allowed, region), step
    if _GRANT in has and (found := _granted(given, region)):
        yield found, _key_step(key, _GRANT, "a grant for the caller", rows)


def _key_step(key: HeldKey, action: str, gain: str, rows: Mapping[str, Row]) -> Step:
    row = rows.get(action)
    if row is None:
        return Step(action, key.address, gain, ())
    links = row.paths[0] if row.paths else ()
    return Step(action, key.address, gain, links, row.condition, row.certainty is not Certainty.POSSIBLE)


def _granted(given: Authorization, region: Mapping[str, int]) -> frozenset[str]:
    """The operations for which the caller may make itself a grant that nothing denies."""
    direct = _for_itself(given)
    found = []
    for action in sorted(_GRANTABLE):
        creating = conjunction((given.allowed, direct, _operation(given, action)))
        denied = [within(each.formula, _at(given, region, action)) for each in given.parts.denies]
        if satisfiable(within(creating, _at(given, region, _GRANT))) and True not in denied:
            found.append(action)
    return frozenset(found)


def _for_itself(given: Authorization) -> Formula:
    """That the grant is no business of a service, and that its grantee is the caller or somebody else who is not named."""
    space = given.space
    asked = frozenset(space.condition_keys())
    wanted: list[Formula] = []
    if "kms:grantisforawsresource" in asked:
        chosen = space.chosen["kms:grantisforawsresource"]
        wanted.append(
            space.value("kms:grantisforawsresource", sum(1 << at for at, each in enumerate(chosen) if each != "true"))
        )
    if "kms:granteeprincipal" in asked and given.party.caller is not None:
        chosen = space.chosen["kms:granteeprincipal"]
        own = given.party.caller.arn
        named = [at for at, each in enumerate(chosen) if each == own] or list(range(len(chosen)))
        wanted.append(space.value("kms:granteeprincipal", sum(1 << at for at in named)))
    return conjunction(wanted)


def _operation(given: Authorization, action: str) -> Formula:
    """That the operations of the grant are this one alone."""
    space = given.space
    if "kms:grantoperations" not in space.condition_keys():
        return True
    chosen, tests = space.chosen["kms:grantoperations"], space.asked("kms:grantoperations")
    wanted = [answer(test, action.removeprefix("kms:")) for test in tests]
    elements = [space.element("kms:grantoperations", at) for at in range(len(chosen))]
    alike = [[answer(test, each) for test in tests] == wanted for each in chosen]
    return conjunction([one if same else negation(one) for one, same in zip(elements, alike, strict=True)])


def _possible(given: Authorization, formula: Formula, region: Mapping[str, int]) -> frozenset[str]:
    """The operations that a formula allows for some request."""
    names = given.space.chosen[ACTION]
    return frozenset(name for name in names if satisfiable(within(formula, _at(given, region, name))))


def _at(given: Authorization, region: Mapping[str, int], action: str) -> dict[str, int]:
    return {**region, ACTION: 1 << given.space.chosen[ACTION].index(action)}
