"""Questions about an estate: may somebody do something with a key, and if not, what stands in the way."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from kms_lint.iam import actions
from kms_lint.model import Policy
from kms_lint.reason.authorization import Authorization, Link, Said, assigned
from kms_lint.reason.composed import Composed
from kms_lint.reason.formula import BudgetError, Formula, conjunction, disjunction, negation, solve
from kms_lint.reason.parties import HeldKey, Party, Standing
from kms_lint.reason.request import Way
from kms_lint.reason.rows import Certainty, Row, pair
from kms_lint.reason.space import ACTION


class Verdict(StrEnum):
    """The answer to a question."""

    YES = "yes"
    CONDITIONAL = "conditional"
    POSSIBLE = "possible"
    NO = "no"


_VERDICTS = {
    Certainty.ALWAYS: Verdict.YES,
    Certainty.CONDITIONAL: Verdict.CONDITIONAL,
    Certainty.POSSIBLE: Verdict.POSSIBLE,
}


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why not, in words, and what is in the way or missing: statements with their places."""

    words: str
    links: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """Whether a party may do something with a key. `row` is how, `obstacle` why not."""

    key: HeldKey
    party: Party
    action: str
    verdict: Verdict
    row: Row | None = None
    obstacle: Obstacle | None = None


def answers(composed: Composed, key: HeldKey, party: Party, wanted: Iterable[str]) -> Iterator[Answer]:
    """The answer for each action, in the order asked."""
    found = {action: row for row in pair(composed, key, party) for action in row.actions}
    for action in wanted:
        row = found.get(action)
        if row is not None:
            yield Answer(key, party, action, _VERDICTS[row.certainty], row)
        elif _left_open(composed, key, party, action):
            words = f"the key policy leaves it to IAM, and the IAM policies of {party.shown} are not in the input"
            yield Answer(key, party, action, Verdict.POSSIBLE, None, Obstacle(words))
        else:
            yield Answer(key, party, action, Verdict.NO, None, obstacle(composed, key, party, action))


def _left_open(composed: Composed, key: HeldKey, party: Party, action: str) -> bool:
    """Whether a principal that is only named has no row of its own because its account has one: IAM decides."""
    if party.standing is not Standing.NAMED or action in actions.STAR_ONLY:
        return False
    at = 1 << composed.space.chosen[ACTION].index(action)
    region = {**composed.region(party), ACTION: at}
    every = [composed.authorization(key, party, policy) for policy in key.policies or (None,)]
    return any(not _never(assigned(given.allowed, region)) for given in every)


def obstacle(composed: Composed, key: HeldKey, party: Party, action: str) -> Obstacle:
    """What stands in the way of an action that is never allowed."""
    if action in actions.STAR_ONLY:
        return Obstacle(f"{action} is about no key, so that only IAM policies decide about it")
    policy: Policy | None = key.policies[0] if key.policies else None
    given = composed.authorization(key, party, policy)
    at = 1 << composed.space.chosen[ACTION].index(action)
    asked = _Asked(given, {**composed.region(party), ACTION: at})
    return asked.denied() or asked.limited() or asked.missing(action)


class _Asked:
    """One action of one party on one key, and what each thing says of it."""

    def __init__(self, given: Authorization, region: Mapping[str, int]) -> None:
        self.given = given
        self.region = region

    def _says(self, said: Said) -> bool:
        return assigned(said.formula, self.region) is not False

    def denied(self) -> Obstacle | None:
        """Denies that take away what is given."""
        ways = disjunction([assigned(each.formula, self.region) for each in self.given.sources()])
        if ways is False:
            return None
        hitting = [each for each in self.given.parts.denies if self._says(each)]
        for each in hitting:
            if _never(conjunction((self.given.caller, ways, negation(assigned(each.formula, self.region))))):
                return Obstacle("a Deny takes it away", (each.link,))
        if hitting:
            return Obstacle("Denies take it away together", tuple(each.link for each in hitting))
        around = assigned(self.given.around, self.region)
        if around is False or _never(conjunction((self.given.caller, ways, around))):
            return Obstacle("the SCPs of the input do not allow it")
        return None

    def limited(self) -> Obstacle | None:
        """A permissions boundary that leaves it out."""
        boundary = self.given.parts.boundary
        if boundary is None or any(self._says(each) for each in boundary):
            return None
        reaching = [each for said in self.given.parts.ways.values() for each in said if self._says(each)]
        if not reaching:
            return None
        named = self.given.party.missing_boundary or ", ".join(each.address for each in self.given.party.boundary)
        return Obstacle(f"the permissions boundary {named} does not allow it", tuple(each.link for each in reaching))

    def missing(self, action: str) -> Obstacle:
        """The half that is missing: the key policy's, IAM's, or both."""
        given = self.given
        by = {way: [each for each in said if self._says(each)] for way, said in given.parts.ways.items()}
        reaching = [each for said in by.values() for each in said]
        identity = [each for each in given.parts.identity if self._says(each) and each.link.statement is not None]
        links = tuple(each.link for each in reaching)
        who = given.party.shown
        if action in actions.WITHOUT_EFFECT_IN_KEY_POLICY:
            return Obstacle(f"key policies do not decide about {action}")
        if given.foreign and reaching and action not in actions.CROSS_ACCOUNT:
            return Obstacle(f"{action} cannot be used from another account", links)
        if by.get(Way.DELEGATED) or (given.foreign and reaching):
            side = "the key policy lets the account in" if given.foreign else "the key policy leaves it to IAM"
            return Obstacle(f"{side}, and no IAM policy of {who} allows {action} on this key", links)
        allowing = tuple(each.link for each in identity)
        if given.key.policy_unknown and not given.key.policies:
            return Obstacle("the key policy is not in the input, and no grant gives it", allowing)
        if allowing and not given.foreign:
            words = (
                f"an IAM policy allows it, and the key policy neither names {who} nor lets IAM decide about {action}"
            )
            return Obstacle(words, allowing)
        if given.foreign:
            return Obstacle(f"the key policy does not let {who} or its account in for {action}", allowing)
        if given.party.standing in (Standing.SERVICE, Standing.ROOT):
            return Obstacle(f"no statement of the key policy allows {action} to {who}")
        return Obstacle(f"neither the key policy nor an IAM policy of {who} allows {action}")


def _never(formula: Formula) -> bool:
    """Whether no request makes a formula true; not so where that takes too many steps."""
    try:
        return solve(formula) is None
    except BudgetError:
        return False
