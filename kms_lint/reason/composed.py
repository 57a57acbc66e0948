"""An estate as formulas over one space of requests, and what each party may do with each key."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from kms_lint.iam import resources
from kms_lint.model import Effect, Patterns, Policy, PolicyKind, Statement
from kms_lint.reason import callers, grant_meaning, regions
from kms_lint.reason.authorization import RETIRES, WILLING, Authorization, Link, LinkKind, Parts, Said
from kms_lint.reason.confirmed import Confirmation
from kms_lint.reason.formula import Formula, Literal, conjunction, disjunction, negation, within
from kms_lint.reason.grant_meaning import GrantMeant
from kms_lint.reason.parties import Estate, HeldKey, Party, Standing
from kms_lint.reason.request import Way
from kms_lint.reason.space import ACTION, Space, open_question
from kms_lint.reason.statements import Meant, meant
from kms_lint.syntax.tree import Text

_MOST_KEPT = 256
"""What decides for so many parties and keys is kept: the same ones are asked about several times in a row."""
_KINDS = {
    PolicyKind.KEY: LinkKind.KEY_POLICY,
    PolicyKind.IDENTITY: LinkKind.IDENTITY_POLICY,
    PolicyKind.SCP: LinkKind.SCP,
    PolicyKind.RCP: LinkKind.RCP,
    PolicyKind.VPC_ENDPOINT: LinkKind.VPC_ENDPOINT,
}


class Composed:
    """Everything of an estate over one space. With `record` more can be asked of the space before it is settled."""

    def __init__(self, estate: Estate, record: Callable[[Space], None] | None = None) -> None:
        self.estate = estate
        self.confirmation = Confirmation(estate)
        self.space = Space(closed=True)
        self._compile()
        for party in estate.parties:
            regions.record(self.space, party.caller)
        for key in estate.keys:
            callers.of_account(self.space, key.account)
        if record is not None:
            record(self.space)
        self.space.settle()
        self._meant: dict[int, list[Meant]] = {}
        self._grants: dict[int, GrantMeant] = {}
        self._sessions = [each for each in estate.parties if each.caller is not None and each.caller.session]
        self._last: dict[tuple[int, int, int], tuple[tuple[HeldKey, Party, Policy | None], Authorization]] = {}
        self._own: dict[int, tuple[Mapping[str, int], dict[int, list[tuple[Meant, Formula]]]]] = {}
        self._resources: dict[tuple[int, int], Formula] = {}
        self._by_key: dict[tuple[int, int], list[tuple[Meant, Formula]]] = {}
        self._compile()

    def _policies(self) -> Iterator[Policy]:
        estate = self.estate
        for key in estate.keys:
            yield from key.policies
        for party in estate.parties:
            yield from (*party.policies, *party.boundary)
        yield from (*estate.attachable, *estate.scps, *estate.rcps, *estate.endpoints)

    def _compile(self) -> None:
        """Asks the space about all policies and grants; once it is settled, keeps what they mean."""
        done: set[int] = set()
        for policy in self._policies():
            if id(policy) in done:
                continue
            done.add(id(policy))
            found = meant(self.space, _anywhere(policy), True, policy.address)
            if not self.space.recording:
                self._meant[id(policy)] = [
                    replace(each, statement=own) for each, own in zip(found, policy.statements, strict=True)
                ]
        for key in self.estate.keys:
            for grant in key.grants:
                compiled = grant_meaning.meant(self.space, grant)
                if not self.space.recording:
                    self._grants[id(grant)] = compiled

    def region(self, party: Party) -> Mapping[str, int]:
        """The classes of callers that a party is."""
        return self._of(party)[0]

    def authorization(self, key: HeldKey, party: Party, policy: Policy | None) -> Authorization:
        """What decides for a party and a key, under one branch of its key policy; `None` when that is not known."""
        name = (id(key), id(party), id(policy))
        if name not in self._last:
            if len(self._last) >= _MOST_KEPT:
                self._last.clear()
            # The three are kept with it, so that their ids stay theirs.
            self._last[name] = (key, party, policy), self._authorization(key, party, policy)
        return self._last[name][1]

    def _authorization(self, key: HeldKey, party: Party, policy: Policy | None) -> Authorization:
        region, _ = self._of(party)
        said = list(self._said(key, party, policy)) if policy else []
        ways = {way: tuple(each for other, each in said if other is way) for way in Way}
        if key.policy_unknown and policy is None:
            unknown = Said(
                open_question("hole", f"the key policy of {key.address}"), _unknown("the key policy (not known)")
            )
            ways[Way.DIRECT] = (unknown,)
        denies = [*self._denies(key, party, policy)]
        endpoints = tuple(self._endpoints(key, party))
        parts = Parts(
            ways,
            tuple(self._identity(key, party)),
            tuple(self._boundary(key, party)) if party.bounded else None,
            tuple(self._granted(key, party)),
            tuple(denies),
            self._scp(key, party),
            conjunction([disjunction((_another_way(name), allowed)) for name, allowed in endpoints]),
            tuple(self._scp_allows(key, party)),
            endpoints,
        )
        return Authorization(key, party, self.space, self._caller(party, region), parts)

    def _caller(self, party: Party, region: Mapping[str, int]) -> Formula:
        """Who a party is: of a role, or a class of roles, not the sessions that have rows of their own."""
        whole = regions.as_formula(self.space, region)
        if party.caller is not None and party.caller.session:
            return whole
        apart = [self.region(each) for each in self._sessions if each.account == party.account]
        return conjunction((whole, *(negation(regions.as_formula(self.space, each)) for each in apart)))

    def _of(self, party: Party) -> tuple[Mapping[str, int], dict[int, list[tuple[Meant, Formula]]]]:
        found = self._own.get(id(party))
        if found is None:
            found = self._own[id(party)] = (regions.region(self.space, self.estate.parties, party), {})
        return found

    def _statements(self, policy: Policy, party: Party) -> list[tuple[Meant, Formula]]:
        """The statements of a policy that can concern a party, with the requests of it that they are about."""
        region, cache = self._of(party)
        found = cache.get(id(policy))
        if found is None:
            found = []
            for each in self._meant[id(policy)]:
                formula = within(each.whole, region)
                if formula is not False:
                    found.append((each, formula))
            cache[id(policy)] = found
        return found

    def _on(self, key: HeldKey, statement: Statement) -> Formula:
        """Whether a statement of an identity policy, an SCP or the like is about a key."""
        name = (id(key), id(statement))
        found = self._resources.get(name)
        if found is None:
            found = self._resources[name] = _about(statement.resources, key)
        return found

    def _said(self, key: HeldKey, party: Party, policy: Policy) -> Iterator[tuple[Way, Said]]:
        region = self.region(party)
        for each, _ in self._statements(policy, party):
            if each.allows is False:
                continue
            for way in Way:
                formula = conjunction(
                    (each.allows, each.ways.get(way, False), each.scope, self._on(key, each.statement))
                )
                formula = within(formula, region)
                if formula is not False:
                    yield way, Said(formula, Link(LinkKind.KEY_POLICY, policy, each.statement, how=way.value))

    def _allows(self, policies: Sequence[Policy], key: HeldKey, party: Party, kind: LinkKind) -> Iterator[Said]:
        for policy in policies:
            for each, formula in self._statements(policy, party):
                if each.allows is False or (on := self._on(key, each.statement)) is False:
                    continue
                found = conjunction((each.allows, formula, on, _branch(policy)))
                if found is not False:
                    yield Said(found, Link(kind, policy, each.statement))

    def _denials(self, policies: Sequence[Policy], key: HeldKey, party: Party, kind: LinkKind) -> Iterator[Said]:
        for policy in policies:
            for each, formula in self._statements(policy, party):
                if each.denies is False or (on := self._on(key, each.statement)) is False:
                    continue
                # The branch of a key policy is the one that is asked about.
                branch = True if kind is LinkKind.KEY_POLICY else _branch(policy)
                found = conjunction((each.denies, formula, on, branch))
                if found is not False:
                    yield Said(found, Link(kind, policy, each.statement))

    def _identity(self, key: HeldKey, party: Party) -> Iterator[Said]:
        if party.willing:
            yield Said(True, Link(LinkKind.IDENTITY_POLICY, how=WILLING))
            return
        yield from self._allows(party.policies, key, party, LinkKind.IDENTITY_POLICY)
        if party.standing is Standing.NAMED:
            yield Said(
                open_question("hole", f"IAM policies of {party.shown}"), _unknown(f"IAM policies of {party.shown}")
            )
        for name in party.missing:
            yield Said(open_question("hole", f"{name}"), _unknown(name))

    def _boundary(self, key: HeldKey, party: Party) -> Iterator[Said]:
        yield from self._allows(party.boundary, key, party, LinkKind.BOUNDARY)
        if party.missing_boundary:
            name = f"{party.missing_boundary}, the permissions boundary"
            yield Said(open_question("hole", name), _unknown(name))

    def _denies(self, key: HeldKey, party: Party, policy: Policy | None) -> Iterator[Said]:
        if policy is not None:
            yield from self._denials((policy,), key, party, LinkKind.KEY_POLICY)
        if party.standing is not Standing.ROOT:
            yield from self._denials(party.policies, key, party, LinkKind.IDENTITY_POLICY)
            yield from self._denials(party.boundary, key, party, LinkKind.BOUNDARY)
        if self._under_scp(party):
            yield from self._denials(self.estate.scps, key, party, LinkKind.SCP)
        if not _of_aws(key) and not _linked(party):
            allowed = self.space.among(ACTION, lambda action: action != "kms:RetireGrant")
            for said in self._denials(self.estate.rcps, key, party, LinkKind.RCP):
                if (found := conjunction((said.formula, allowed))) is not False:
                    yield Said(found, said.link)

    def _under_scp(self, party: Party) -> bool:
        """Whether the SCPs of the input hold for a party: not for services, and not for accounts outside of the input."""
        return party.account in self.estate.members and not _linked(party)

    def _scp(self, key: HeldKey, party: Party) -> Formula:
        """What the SCPs allow together; those that only deny stand on the Allow of everything that AWS attaches."""
        if not self._under_scp(party) or not self._allowing_scps():
            return True
        return disjunction([each.formula for each in self._scp_allows(key, party)])

    def _allowing_scps(self) -> list[Policy]:
        return [
            policy for policy in self.estate.scps if any(each.effect is not Effect.DENY for each in policy.statements)
        ]

    def _scp_allows(self, key: HeldKey, party: Party) -> Iterator[Said]:
        """The statements of SCPs that leave something open to a party."""
        if self._under_scp(party):
            yield from self._allows(self._allowing_scps(), key, party, LinkKind.SCP)

    def _endpoints(self, key: HeldKey, party: Party) -> Iterator[tuple[str, Formula]]:
        """What each policy of an endpoint leaves open to requests through it; they may come another way."""
        for policy in self.estate.endpoints:
            allowed = disjunction([each.formula for each in self._allows((policy,), key, party, LinkKind.VPC_ENDPOINT)])
            denied = disjunction([each.formula for each in self._denials((policy,), key, party, LinkKind.VPC_ENDPOINT)])
            yield policy.address, conjunction((allowed, negation(denied)))

    def _granted(self, key: HeldKey, party: Party) -> Iterator[tuple[Said, bool]]:
        region = self.region(party)
        for grant in key.grants:
            each = self._grants[id(grant)]
            for way in Way:
                # Who is named as a whole account needs an IAM policy as well.
                found = within(conjunction((each.ways.get(way, False), each.scope)), region)
                if found is not False:
                    yield Said(found, Link(LinkKind.GRANT, grant=grant)), way is Way.DELEGATED
                retires = within(each.retires.get(way, False), region)
                if retires is not False:
                    yield Said(retires, Link(LinkKind.GRANT, grant=grant, how=RETIRES)), way is Way.DELEGATED


def _another_way(endpoint: str) -> Formula:
    """That a request does not come through an endpoint."""
    return Literal(f"through {endpoint}", 1, 3)


def _anywhere(policy: Policy) -> Policy:
    """A policy whose statements say nothing of resources: which keys they are about is asked key by key."""
    return replace(policy, statements=tuple(_everywhere(each) for each in policy.statements))


def _everywhere(statement: Statement) -> Statement:
    if statement.resources is None:
        return statement
    star = Text("*", statement.resources.at)
    return replace(statement, resources=statement.resources._replace(values=(star,), negated=False))


def _about(patterns: Patterns | None, key: HeldKey) -> Formula:
    """Whether a key is among resources: known, or one open question for each value that leaves it open."""
    if patterns is None:
        return True
    found: list[Formula] = []
    for value in patterns.values:
        answer = resources.is_key(value, key.arn, key.account)
        found.append(open_question("hole", f"whether resource {value} is {key.address}") if answer is None else answer)
    one = disjunction(found)
    return negation(one) if patterns.negated else one


def _branch(policy: Policy) -> Formula:
    return open_question("hole", f"{policy.address} where {policy.branch}") if policy.branch else True


def _unknown(how: str) -> Link:
    return Link(LinkKind.UNKNOWN, how=how)


def _linked(party: Party) -> bool:
    """Whether a party is a role that is linked to a service, which no SCP and no RCP restricts.

    https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html
    """
    return party.caller is not None and party.caller.name.startswith(regions.LINKED)


def _of_aws(key: HeldKey) -> bool:
    return any(policy.managed for policy in key.policies)
