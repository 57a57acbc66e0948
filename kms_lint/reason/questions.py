"""Questions about an estate: may somebody do something with a key, and if not, what stands in the way."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from kms_lint.iam import actions
from kms_lint.model import Policy
from kms_lint.reason.authorization import Authorization, Link, Said, Source
from kms_lint.reason.composed import Composed
from kms_lint.reason.confirmed import DISAGREE, Replay
from kms_lint.reason.formula import Formula, conjunction, disjunction, negation, satisfiable, within
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
    """Why not, in words, and what is in the way or missing: statements with their places. `fix` is what to write."""

    words: str
    links: tuple[Link, ...] = ()
    fix: str = ""


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
        elif _contradicted(composed, key, party, action):
            yield Answer(key, party, action, Verdict.POSSIBLE, None, Obstacle(DISAGREE))
        else:
            yield Answer(key, party, action, Verdict.NO, None, obstacle(composed, key, party, action))


def _left_open(composed: Composed, key: HeldKey, party: Party, action: str) -> bool:
    """Whether a principal that is only named has no row of its own because its account has one: IAM decides."""
    if party.standing is not Standing.NAMED or action in actions.STAR_ONLY:
        return False
    at = 1 << composed.space.chosen[ACTION].index(action)
    region = {**composed.region(party), ACTION: at}
    every = [composed.authorization(key, party, policy) for policy in key.policies or (None,)]
    return any(not _never(within(given.allowed, region)) for given in every)


def _contradicted(composed: Composed, key: HeldKey, party: Party, action: str) -> bool:
    """Whether a second reading of the documents allows a request that none of these answers allows."""
    if action in actions.STAR_ONLY:
        return False
    region = {**composed.region(party), ACTION: 1 << composed.space.chosen[ACTION].index(action)}
    return any(
        not Replay(composed.confirmation, policy).refuses(composed.authorization(key, party, policy), region)
        for policy in key.policies or (None,)
    )


def obstacle(composed: Composed, key: HeldKey, party: Party, action: str) -> Obstacle:
    """What stands in the way of an action that is never allowed."""
    if action in actions.STAR_ONLY:
        return Obstacle(f"{action} is about no key, so that only IAM policies decide about it")
    policy: Policy | None = key.policies[0] if key.policies else None
    given = composed.authorization(key, party, policy)
    at = 1 << composed.space.chosen[ACTION].index(action)
    asked = _Asked(given, {**composed.region(party), ACTION: at})
    return asked.taken(action) or asked.limited(action) or asked.missing(action)


class _Asked:
    """One action of one party on one key, and what each thing says of it."""

    def __init__(self, given: Authorization, region: Mapping[str, int]) -> None:
        self.given = given
        self.region = region

    def _says(self, said: Said) -> bool:
        return within(said.formula, self.region) is not False

    def _ways(self, given: Authorization) -> Formula:
        return disjunction([within(each.formula, self.region) for each in given.sources()])

    def taken(self, action: str) -> Obstacle | None:
        """What takes away what is given: conditions that exclude one another, Denies, SCPs."""
        given = self.given
        ways = conjunction((given.caller, self._ways(given)))
        if ways is False or self._ways(given) is False:
            return None
        if _never(ways):
            links = tuple(dict.fromkeys(link for each in given.sources() if self._meets(each) for link in each.links))
            words = "the statements that allow it exclude one another: no request fulfils the conditions of all"
            return Obstacle(words, links, "let these conditions agree")
        hitting = [each for each in given.parts.denies if self._says(each)]
        denied = [each for each in hitting if _never(conjunction((ways, negation(within(each.formula, self.region)))))]
        if denied:
            return Obstacle("a Deny takes it away", (denied[0].link,), f"except {given.party.shown} from this Deny")
        together = negation(disjunction([within(each.formula, self.region) for each in hitting]))
        if hitting and _never(conjunction((ways, together))):
            words = "Denies take it away together"
            return Obstacle(words, tuple(each.link for each in hitting), f"except {given.party.shown} from one of them")
        return self._closed(action)

    def _meets(self, source: Source) -> bool:
        return within(source.formula, self.region) is not False

    def _closed(self, action: str) -> Obstacle | None:
        """An SCP that leaves it out, or Denies beside what SCPs leave open."""
        scp = within(self.given.parts.scp, self.region)
        if scp is False:
            return Obstacle("the SCPs of the input do not allow it", (), f"an SCP that allows {action}")
        links = tuple(each.link for each in self.given.parts.scp_allows if self._says(each))
        return Obstacle("SCPs, the policies of endpoints and Denies leave nothing of it together", links)

    def limited(self, action: str) -> Obstacle | None:
        """A permissions boundary that leaves it out, and nothing else."""
        given = self.given
        if given.parts.boundary is None or any(self._says(each) for each in given.parts.boundary):
            return None
        free = replace(given, parts=replace(given.parts, boundary=None))
        allowing = [each for each in free.sources() if self._meets(each)]
        if not allowing:
            return None
        named = given.party.missing_boundary or ", ".join(each.address for each in given.party.boundary)
        links = tuple(dict.fromkeys(link for each in allowing for link in each.links))
        words = f"the permissions boundary {named} does not allow it"
        return Obstacle(words, links, f"{action} in the permissions boundary {named}")

    def missing(self, action: str) -> Obstacle:
        """The half that is missing: the key policy's, IAM's, or both; and what would stand in the way besides."""
        found = self._half(action)
        for words, links in self._besides(action):
            found = replace(found, words=f"{found.words}; {words}", links=(*found.links, *links))
        return found

    def _besides(self, action: str) -> Iterator[tuple[str, tuple[Link, ...]]]:
        """A grant that leaves it out, and what would take it away if something allowed it."""
        parts = self.given.parts
        short = tuple(each.link for each, _ in parts.grants if not self._says(each))
        if short and action.removeprefix("kms:") in actions.GRANT_OPERATIONS:
            yield f"a grant leaves {action} out", short
        if parts.boundary is not None and not any(self._says(each) for each in parts.boundary):
            yield "nor does the permissions boundary allow it", ()
        if within(parts.scp, self.region) is False:
            yield "nor do the SCPs of the input allow it", ()
        denied = [each for each in parts.denies if within(each.formula, self.region) is True]
        if denied:
            yield "and a Deny would take it away", (denied[0].link,)

    def _half(self, action: str) -> Obstacle:
        given, who = self.given, _called(self.given.party)
        by = {way: [each for each in said if self._says(each)] for way, said in given.parts.ways.items()}
        links = tuple(each.link for said in by.values() for each in said)
        identity = [each for each in given.parts.identity if self._says(each) and each.link.statement is not None]
        allowing = tuple(each.link for each in identity)
        statement = f"a statement of the key policy that allows {action} to {who}"
        if action in actions.WITHOUT_EFFECT_IN_KEY_POLICY:
            return Obstacle(f"key policies do not decide about {action}")
        if given.foreign and action not in actions.CROSS_ACCOUNT:
            role = f"a role of {given.key.account} that may call it, and that {who} may assume"
            fix = "" if given.party.standing is Standing.STRANGER else role
            return Obstacle(f"{action} cannot be used from another account", links, fix)
        if by.get(Way.DELEGATED) or (given.foreign and links):
            side = "the key policy lets the account in" if given.foreign else "the key policy leaves it to IAM"
            policy = f"an IAM policy of {who} with {action} on the ARN of {given.key.address}"
            return Obstacle(f"{side}, and no IAM policy of {who} allows {action} on this key", links, policy)
        if given.key.policy_unknown and not given.key.policies:
            return Obstacle("the key policy is not in the input, and no grant gives it", allowing)
        if given.foreign:
            more = "" if allowing else ", and an IAM policy in its own account"
            # Nobody is told to open a key to the world.
            fix = "" if given.party.standing is Standing.STRANGER else statement + more
            return Obstacle(f"the key policy does not let {who} in for {action}", allowing, fix)
        return Obstacle(self._alone(action, allowing), allowing, statement)

    def _alone(self, action: str, allowing: Sequence[Link]) -> str:
        who = _called(self.given.party)
        if allowing:
            return f"an IAM policy allows it, and the key policy neither names {who} nor lets IAM decide about {action}"
        if self.given.party.standing in (Standing.SERVICE, Standing.ROOT):
            return f"no statement of the key policy allows {action} to {who}"
        return f"neither the key policy nor an IAM policy of {who} allows {action}"


def _called(party: Party) -> str:
    """A party within a sentence."""
    if party.standing is Standing.STRANGER:
        return "other accounts"
    return f"account {party.account}" if party.standing is Standing.ACCOUNT else party.shown


def _never(formula: Formula) -> bool:
    """Whether no request makes a formula true; not so where that takes too many steps."""
    return satisfiable(formula) is False
