"""The steps that a principal may make on a key, and what it may do with the key then.

https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-modifying.html
https://docs.aws.amazon.com/kms/latest/developerguide/grants.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from kms_lint.iam import actions
from kms_lint.reason.authorization import Authorization, Link, LinkKind, Said
from kms_lint.reason.composed import Composed
from kms_lint.reason.formula import Formula, conjunction, negation, satisfiable, settled, within
from kms_lint.reason.identity_access import carrying, shown
from kms_lint.reason.identity_steps import IdentitySteps, Step
from kms_lint.reason.parties import HeldKey, Party
from kms_lint.reason.request import Way
from kms_lint.reason.rows import Certainty, Row, pair
from kms_lint.reason.space import ACTION
from kms_lint.reason.values import answer

_TAKE: Final = "kms:PutKeyPolicy"
_GRANT: Final = "kms:CreateGrant"
_RETIRE: Final = "kms:RetireGrant"
"""It ends access and gives none."""

_GRANTABLE: Final = frozenset(f"kms:{name}" for name in actions.GRANT_OPERATIONS) - {_RETIRE}

Gained = tuple[frozenset[str], tuple[Step, ...]]
"""Operations, and the steps on the key that give them; none for those that need none."""


@dataclass(frozen=True, slots=True)
class Held:
    """What somebody may do with a key, as classes of requests. `sure` is whether only what surely is allowed counts."""

    given: Authorization
    region: Mapping[str, int]
    sure: bool

    def may(self, action: str, further: Formula = True, context: Mapping[str, int] | None = None) -> bool:
        """Whether an operation is allowed for some request that also is one of these."""
        here = within(conjunction((self.given.allowed, further)), {**self.at(action), **(context or {})})
        return bool(satisfiable(settled(here) if self.sure else here))

    def all(self) -> frozenset[str]:
        """All operations that are allowed for some request."""
        return frozenset(name for name in self.given.space.chosen[ACTION] if name != _RETIRE and self.may(name))

    def at(self, action: str) -> dict[str, int]:
        """The classes of requests for an operation."""
        return {**self.region, ACTION: 1 << self.given.space.chosen[ACTION].index(action)}


class KeySteps:
    """What somebody has on a key, and what steps on the key give: worked out once, however many principals reach it."""

    def __init__(self, composed: Composed, identities: IdentitySteps) -> None:
        self.composed = composed
        self.identities = identities
        self._rows: dict[tuple[int, int], dict[str, Row]] = {}
        self._found: dict[tuple[int, int, bool], list[Gained]] = {}

    def has(self, key: HeldKey, party: Party, sure: bool) -> frozenset[str]:
        """What a party may do with a key as things are: surely, at least for some requests, or possibly."""
        rows = self.rows(key, party)
        return frozenset(name for name, row in rows.items() if not sure or row.certainty is not Certainty.POSSIBLE)

    def rows(self, key: HeldKey, party: Party) -> dict[str, Row]:
        """The rows of a party and a key, by the operations."""
        name = (id(key), id(party))
        if name not in self._rows:
            found = pair(self.composed, key, party)
            self._rows[name] = {action: row for row in found for action in row.actions}
        return self._rows[name]

    def of(self, key: HeldKey, actor: Party, sure: bool) -> list[Gained]:
        """What an actor has, and what it can give itself on the key."""
        name = (id(key), id(actor), sure)
        if name not in self._found:
            # Which of several key policies is in force is not known: nothing is sure then.
            policies = () if sure and len(key.policies) != 1 else key.policies
            self._found[name] = [each for policy in policies for each in self._of(key, actor, sure, policy.branch)]
        return self._found[name]

    def _of(self, key: HeldKey, actor: Party, sure: bool, branch: str) -> Iterator[Gained]:
        policy = next(each for each in key.policies if each.branch == branch)
        region = self.composed.region(actor)
        held = Held(self.composed.authorization(key, actor, policy), region, sure)
        has = held.all()
        yield has, ()
        yield from self._further(key, actor, held, has)

    def _further(self, key: HeldKey, actor: Party, held: Held, has: frozenset[str]) -> Iterator[Gained]:
        if _TAKE in has:
            yield taken(held).all(), (self.step(key, actor, _TAKE, "the key policy says what the caller writes"),)
        if _GRANT in has and (granted := _granted(held)):
            yield granted, (self.step(key, actor, _GRANT, "a grant for the caller"),)

    def step(self, key: HeldKey, actor: Party, action: str, gain: str) -> Step:
        """A step on a key, with what allows it."""
        row = self.rows(key, actor).get(action)
        if row is None:
            return Step(action, key.address, gain, ())
        links = tuple(map(shown, row.paths[0])) if row.paths else ()
        return Step(action, key.address, gain, links, row.condition, row.certainty is not Certainty.POSSIBLE)


def taken(held: Held) -> Held:
    """The same once the key policy says what the caller writes."""
    link = Link(LinkKind.KEY_POLICY, how="the key policy that the caller writes")
    parts = held.given.parts
    kept = tuple(each for each in parts.denies if each.link.kind is not LinkKind.KEY_POLICY)
    parts = replace(parts, ways={Way.DIRECT: (Said(True, link),)}, denies=kept)
    return replace(held, given=replace(held.given, parts=parts))


def _granted(held: Held) -> frozenset[str]:
    """The operations for which the caller may make itself a grant that nothing denies.

    Who may create grants by a grant alone can pass on no more than that grant allows.
    https://docs.aws.amazon.com/kms/latest/developerguide/create-grant-overview.html
    """
    parts = replace(held.given.parts, grants=())
    by_policy = replace(held, given=replace(held.given, parts=parts))
    context = _for_itself(held.given)
    found = [
        action
        for action in sorted(_GRANTABLE)
        if by_policy.may(_GRANT, _operation(held.given, action), context) and _undenied(held, action)
    ]
    return frozenset(found)


def _undenied(held: Held, action: str) -> bool:
    """Whether a request for an operation that a grant gives can get past all Denies and limits."""
    given = held.given
    left = conjunction((given.around, *(negation(each.formula) for each in given.parts.denies)))
    left = within(left, held.at(action))
    return bool(satisfiable(settled(left) if held.sure else left))


def _for_itself(given: Authorization) -> dict[str, int]:
    """That the grant is no business of a service, and that its grantee is the caller."""
    context = carrying(given.space, "kms:grantisforawsresource", "false")
    if given.party.caller is not None and given.party.caller.arn is not None:
        context |= carrying(given.space, "kms:granteeprincipal", given.party.caller.arn)
    return context


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
