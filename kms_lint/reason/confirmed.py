"""What `access` concludes, read a second time: a request that shows it, replayed against the documents themselves.

Nothing here decides. It puts the documents of an estate before the reference evaluator as plain data, and compares.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from kms_lint import texts
from kms_lint.model import Policy, Statement
from kms_lint.reason import plain, witness, written
from kms_lint.reason.authorization import Authorization
from kms_lint.reason.evaluate import Json
from kms_lint.reason.formula import BudgetError, Formula, conjunction, settled, solve, within
from kms_lint.reason.parties import Estate, HeldKey, Party, Standing
from kms_lint.reason.reference_world import Paper, World, decide
from kms_lint.reason.request import Request

DISAGREE: Final = (
    "two readings of the documents disagree about a request, which is a mistake of this program: please report it"
)

_KEY: Final = "arn:aws:kms:us-east-1:{}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
_WILLING: Final[Json] = {"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}


class Confirmation:
    """The documents of an estate as the reference evaluator takes them, each made once."""

    def __init__(self, estate: Estate) -> None:
        self.estate = estate
        self._papers: dict[int, Paper] = {}
        self._plain: dict[int, bool] = {}
        self._anywhere: dict[int, bool] = {}

    @staticmethod
    def request(given: Authorization, chosen: Mapping[str, int]) -> Request:
        """The request of one class in each dimension."""
        key = given.key
        return witness.request(given.space, chosen, key.account, arn(key), True)

    def world(self, key: HeldKey, party: Party, policy: Policy | None, chosen: Mapping[str, int]) -> World:
        """What decides for a party and a key, under one branch of its key policy.

        `chosen` tells the VPC endpoints through which a request comes.
        """
        estate = self.estate
        return World(
            key.account,
            self._paper(policy) if policy is not None else Paper(f"the key policy of {key.address}", None),
            tuple(self._identity(party)),
            tuple(self._boundary(party)) if party.bounded else None,
            tuple(map(self._paper, estate.scps)),
            tuple(map(self._paper, estate.rcps)),
            tuple(self._paper(each) for each in estate.endpoints if chosen.get(f"through {each.address}", 0) == 1),
            tuple(Paper(f"the grant {each.address}", plain.grant(each)) for each in key.grants),
            estate.members,
            any(each.managed for each in key.policies),
        )

    def _identity(self, party: Party) -> Iterator[Paper]:
        if party.willing:
            yield Paper("the IAM permission", _WILLING)
            return
        yield from map(self._paper, party.policies)
        if party.standing is Standing.NAMED:
            yield Paper(f"IAM policies of {party.shown}", None)
        yield from (Paper(name, None) for name in party.missing)

    def _boundary(self, party: Party) -> Iterator[Paper]:
        yield from map(self._paper, party.boundary)
        if party.missing_boundary:
            yield Paper(party.missing_boundary, None)

    def _paper(self, policy: Policy) -> Paper:
        found = self._papers.get(id(policy))
        if found is None:
            place = f"the {policy.kind.value} {policy.address}"
            found = self._papers[id(policy)] = Paper(place, written.document(policy))
        return found

    def can(self, key: HeldKey, party: Party, policy: Policy | None) -> bool:
        """Whether all documents are known to the letter, and which key their resources are about."""
        estate = self.estate
        others = [*party.policies, *party.boundary, *estate.scps, *estate.rcps, *estate.endpoints]
        if any(each.branch for each in others) or not all(map(self._is_plain, others)):
            return False
        if policy is not None and not self._is_plain(policy):
            return False
        named = key.arn is not None and key.arn.known
        return named or all(map(self._is_anywhere, [*others, *([policy] if policy is not None else [])]))

    def _is_plain(self, policy: Policy) -> bool:
        found = self._plain.get(id(policy))
        if found is None:
            whole = (
                not policy.problems and not policy.unresolved and not any(each.unknown for each in policy.statements)
            )
            found = self._plain[id(policy)] = whole and all(text.known for text in texts.of_policy(policy))
        return found

    def _is_anywhere(self, policy: Policy) -> bool:
        found = self._anywhere.get(id(policy))
        if found is None:
            found = self._anywhere[id(policy)] = all(map(_anywhere, policy.statements))
        return found


class Replay:
    """The replay of what is concluded of one party and one key, under one branch of its key policy.

    `examples` are the requests on which both readings agree, by action.
    """

    def __init__(self, confirmation: Confirmation, policy: Policy | None) -> None:
        self.examples: dict[str, Request] = {}
        self._confirmation = confirmation
        self._policy = policy

    def agrees(self, given: Authorization, allowed: Formula, region: Mapping[str, int]) -> bool:
        """Whether the reference evaluator does not refuse a request of a region that a formula surely allows."""
        found = self._decided(given, settled(allowed), region)
        if found is None:
            return True
        request, answer = found
        if answer is True:
            self.examples[request.action] = request
        return answer is not False

    def refuses(self, given: Authorization, region: Mapping[str, int]) -> bool:
        """Whether the reference evaluator does not allow a request of a region that nothing allows.

        It is one that something would allow if nothing denied it, where there is such a request.
        """
        found = self._decided(given, given.given, region) or self._decided(given, True, region)
        return found is None or found[1] is not True

    def _decided(
        self, given: Authorization, wanted: Formula, region: Mapping[str, int]
    ) -> tuple[Request, bool | None] | None:
        """The first request of a party in a region for which a formula is true, with the decision about it."""
        if not self._confirmation.can(given.key, given.party, self._policy):
            return None
        try:
            found = solve(conjunction((given.caller, within(wanted, region))))
        except BudgetError:
            return None
        if found is None:
            return None
        chosen = witness.point(given.space, {**region, **found})
        request = self._confirmation.request(given, chosen)
        return request, decide(self._confirmation.world(given.key, given.party, self._policy, chosen), request).allowed


def arn(key: HeldKey) -> str:
    """The ARN of a key, or one that it might have."""
    return key.arn.form if key.arn is not None and key.arn.known else _KEY.format(key.account)


def _anywhere(statement: Statement) -> bool:
    """Whether a statement is about every resource."""
    found = statement.resources
    return found is not None and not found.negated and any(value.form == "*" for value in found.values)
