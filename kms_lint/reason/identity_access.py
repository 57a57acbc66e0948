"""Which requests to IAM, STS and services that run code a principal may make, by the IAM policies of an estate.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from kms_lint.model import Effect, Policy
from kms_lint.reason import callers, residual
from kms_lint.reason.attachable import WRITTEN
from kms_lint.reason.authorization import TRUSTS, Link, LinkKind
from kms_lint.reason.carried import PLAIN, Context, carrying
from kms_lint.reason.effort import FOLLOWED, QUESTION, Effort
from kms_lint.reason.formula import (
    Formula,
    conjunction,
    disjunction,
    negation,
    satisfiable,
    settled,
    within,
)
from kms_lint.reason.identity_actions import ALIASES, ASKED, ASSUME, CREATE_KEY, RUNNING
from kms_lint.reason.parties import Estate, Party, Standing
from kms_lint.reason.request import Way
from kms_lint.reason.space import ACCOUNT, ACTION, NAME, PARTITION, RESOURCE, Space, Word, open_question
from kms_lint.reason.statements import Meant, meant
from kms_lint.reason.trusting import may_name, names_everybody


@dataclass(frozen=True, slots=True)
class Allowed:
    """That a request is allowed: by which statements, on which condition in the author's words, and whether that is sure."""

    links: tuple[Link, ...]
    condition: str = ""
    sure: bool = True


@dataclass(frozen=True, slots=True)
class _Way:
    """One way to be allowed: for which requests, by which statements. `limited` is whether a permissions boundary limits it."""

    formula: Formula
    links: tuple[Link, ...]
    sure: bool = True
    limited: bool = True


class Identities:
    """The IAM and trust policies of an estate over one space of requests."""

    def __init__(self, estate: Estate, arns: Iterable[str] = (), effort: Effort | None = None) -> None:
        """Compiles the policies; `arns` are the resources that will be asked about."""
        self.estate = estate
        self.space = Space(closed=False)
        self._effort = effort or Effort()
        self._compile()
        for action in (*ASKED, *ALIASES, CREATE_KEY):
            self.space.word(ACTION, Word(action, True, True))
        for arn in arns:
            for name, part in zip(RESOURCE, arn.split(":", 5)[1:], strict=True):
                self.space.word(name, Word(part))
        for action in ASKED:
            self.space.word(RESOURCE[1], Word(action.partition(":")[0]))
        for running in RUNNING:
            self.space.word(NAME, Word(callers.SERVICE + running.service))
            self.space.word(RESOURCE[4], Word(running.names, True))
        for party in estate.parties:
            self._record(party)
        self.space.settle()
        self._meant = self._compile()
        self._carrying: dict[tuple[str, str | None], dict[str, int]] = {}
        self._indices: dict[tuple[str, str], int] = {}
        self._said: dict[int, list[tuple[Link, Formula, Formula]]] = {}
        self._trusts: dict[str, list[Policy]] = {}
        for each in estate.trusts:
            self._trusts.setdefault(each.of or "", []).append(each)
        self._known: dict[tuple[int, str, str, tuple[tuple[str, str | None], ...]], Allowed | None] = {}

    def _record(self, party: Party) -> None:
        caller = party.caller
        if caller is not None and caller.account is not None:
            self.space.word(PARTITION, Word(caller.partition))
            self.space.word(NAME, Word(caller.name))
        if party.account is not None:
            self.space.word(ACCOUNT, Word(party.account))

    def _compile(self) -> dict[int, list[Meant]]:
        found: dict[int, list[Meant]] = {}
        parties = self.estate.parties
        own = [policy for party in parties for policy in (*party.policies, *party.boundary)]
        groups = [policy for group in self.estate.groups for policy in (*group.inline, *group.attached)]
        for policy in (*own, *groups, *self.estate.attachable, *self.estate.scps, *self.estate.trusts):
            if id(policy) not in found:
                found[id(policy)] = meant(self.space, policy, True, policy.address)
        return found

    def allowed(self, party: Party, action: str, arn: str = "", context: Context | None = None) -> Allowed | None:
        """Whether a party may call an action on a resource; `None` when it surely may not.

        Where no ARN is given it is any resource of the action's service, and one with a name like a pattern, if that is given.
        """
        name = (id(party), action, arn, tuple(sorted((context or {}).items(), key=lambda each: each[0])))
        if name not in self._known:
            self._effort.spend(QUESTION)
            region = self._region(party, action, arn, context or {})
            ways = [] if region is None else list(self._allows(party.policies, region))
            self._known[name] = None if region is None else self._best(party, region, ways)
        return self._known[name]

    def assumes(self, party: Party, role: Party, action: str = ASSUME) -> Allowed | None:
        """Whether a party may act as a role: its trust policy lets it in, and the party's own policies where they have to.

        https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_update-role-trust-policy.html
        """
        arn = role.caller.arn if role.caller is not None else None
        trusts = [each for each in self._trust(role) if may_name(each, party)]
        if arn is None or not trusts or party.account is None or role.caller == party.caller:
            return None
        name = (id(party), action, f"trust of {arn}", ())
        if name not in self._known:
            self._effort.spend(QUESTION)
            region = self._region(party, action, arn, PLAIN)
            ways = [way for each in trusts for way in self._let_in(party, role, each, region or {})]
            self._known[name] = None if region is None else self._best(party, region, ways)
        return self._known[name]

    def _trust(self, role: Party) -> Sequence[Policy]:
        return self._trusts.get(role.address, ()) if role.address else ()

    def trusts_service(self, role: Party, service: str) -> Allowed | None:
        """Whether the trust policy of a role lets a service act as it; one that is not in the input may."""
        if not self._trust(role):
            return Allowed((), f"it trusts {service}", False)
        region = {ACTION: self._index(ACTION, ASSUME), NAME: self._index(NAME, callers.SERVICE + service)}
        denied = negation(disjunction([each.formula for each in self._denials(self._trust(role), region)]))
        for way in self._allows(self._trust(role), region):
            whole = conjunction((way.formula, denied))
            if satisfiable(whole) is not False:
                links = tuple(replace(link, how=TRUSTS) for link in way.links)
                asked = residual.condition(self.space, links, (), region)
                return Allowed(links, asked, satisfiable(settled(whole)) is True)
        return None

    def kept_from(self, party: Party, action: str, arn: str) -> bool | None:
        """Whether Denies or SCPs keep a party from what something other than its IAM policies lets it do.

        `None` where that depends on the request, or on its permissions boundary.
        """
        region = self._region(party, action, arn, PLAIN)
        if region is None:
            return None
        left = conjunction((self._undenied(party, region), self._scp(party, region)))
        if satisfiable(left) is False:
            return True
        return False if left is True and self._bound(party, region) is True else None

    def _let_in(self, party: Party, role: Party, trust: Policy, region: Mapping[str, int]) -> Iterator[_Way]:
        """What the statements of a trust policy give, each in its way."""
        denied = negation(disjunction([each.formula for each in self._denials((trust,), region)]))
        for each in self._meant[id(trust)]:
            link = Link(LinkKind.IDENTITY_POLICY, trust, each.statement, how=TRUSTS)
            for way in Way:
                formula = conjunction((each.allows, each.ways.get(way, False), each.scope, denied, _branch(trust)))
                formula = within(formula, region)
                if formula is False:
                    continue
                to_all = way is Way.DIRECT and names_everybody(each.statement)
                if way is Way.DELEGATED or to_all or role.account != party.account:
                    yield from self._with_own(party, region, formula, link)
                else:
                    yield _Way(formula, (link,), True, way is Way.BOUNDED)
                if to_all and role.account == party.account:
                    # Whether a trust policy for everybody is enough within the account is not documented.
                    yield _Way(formula, (link,), False)

    def _with_own(self, party: Party, region: Mapping[str, int], formula: Formula, link: Link) -> Iterator[_Way]:
        for own in self._allows(party.policies, region):
            yield _Way(conjunction((formula, own.formula)), (link, *own.links))
        if party.standing is Standing.NAMED:
            unknown = Link(LinkKind.UNKNOWN, how=f"the IAM policies of {party.shown}")
            yield _Way(formula, (link, unknown), False)

    def _best(self, party: Party, region: Mapping[str, int], ways: Sequence[_Way]) -> Allowed | None:
        """The first of these ways that is sure, unconditional ones before others, else the first that is possible."""
        doubtful: Allowed | None = None
        for way in sorted(ways, key=lambda each: each.formula is not True):
            bound = self._bound(party, region) if way.limited else True
            whole = conjunction((way.formula, bound, self._scp(party, region), self._undenied(party, region)))
            sure = way.sure and satisfiable(settled(whole)) is True
            if sure:
                return self._told(party, region, way, True)
            if doubtful is None and satisfiable(whole) is not False:
                doubtful = self._told(party, region, way, False)
        return doubtful

    def _told(self, party: Party, region: Mapping[str, int], way: _Way, sure: bool) -> Allowed:
        """How a way is told: its statements, what they ask of the request, and the Denies to be avoided."""
        denies = [link for each in self._denies(party, region) for link in each.links]
        bound = list(self._allows(party.boundary, region)) if way.limited and party.bounded else []
        scps = list(self._allows(self._allowing_scps(party), region))
        asked = [residual.condition(self.space, way.links, denies, region)]
        for limits in (bound, scps):
            asked.append(residual.either(residual.condition(self.space, each.links, (), region) for each in limits))
        return Allowed(tuple(map(shown, way.links)), residual.both(*asked), sure)

    def _allows(self, policies: Sequence[Policy], region: Mapping[str, int]) -> Iterator[_Way]:
        return self._saying(policies, region, 0)

    def _denials(self, policies: Sequence[Policy], region: Mapping[str, int]) -> Iterator[_Way]:
        return self._saying(policies, region, 1)

    def _saying(self, policies: Sequence[Policy], region: Mapping[str, int], which: int) -> Iterator[_Way]:
        """The statements that allow, or deny, some of these requests."""
        for policy in policies:
            said = self._formulas(policy)
            self._effort.spend(FOLLOWED * len(said))
            for link, *formulas in said:
                formula = within(formulas[which], region)
                if formula is not False:
                    yield _Way(formula, (link,))

    def _formulas(self, policy: Policy) -> list[tuple[Link, Formula, Formula]]:
        """Each statement of a policy, with the requests that it allows and those that it denies."""
        if id(policy) not in self._said:
            self._said[id(policy)] = [
                (
                    Link(LinkKind.IDENTITY_POLICY, policy, each.statement),
                    conjunction((each.allows, each.whole, _branch(policy))),
                    conjunction((each.denies, each.whole, _branch(policy))),
                )
                for each in self._meant.get(id(policy), ())
            ]
        return self._said[id(policy)]

    def _denies(self, party: Party, region: Mapping[str, int]) -> Iterator[_Way]:
        yield from self._denials((*party.policies, *party.boundary), region)
        if self._under_scp(party):
            yield from self._denials(self.estate.scps, region)

    def _undenied(self, party: Party, region: Mapping[str, int]) -> Formula:
        return negation(disjunction([each.formula for each in self._denies(party, region)]))

    def _bound(self, party: Party, region: Mapping[str, int]) -> Formula:
        """What the permissions boundary leaves open."""
        if not party.bounded:
            return True
        found = [each.formula for each in self._allows(party.boundary, region)]
        if party.missing_boundary:
            found.append(open_question("hole", f"{party.missing_boundary}, the permissions boundary"))
        return disjunction(found)

    def _scp(self, party: Party, region: Mapping[str, int]) -> Formula:
        """What the SCPs of the input leave open; those that only deny stand on the Allow of everything that AWS attaches."""
        allowing = self._allowing_scps(party)
        return disjunction([each.formula for each in self._allows(allowing, region)]) if allowing else True

    def _allowing_scps(self, party: Party) -> list[Policy]:
        found = [each for each in self.estate.scps if any(one.effect is not Effect.DENY for one in each.statements)]
        return found if self._under_scp(party) else []

    def _under_scp(self, party: Party) -> bool:
        linked = party.caller is not None and party.caller.name.startswith("role/aws-service-role/")
        return party.account == self.estate.account and not linked

    def _region(self, party: Party, action: str, arn: str, context: Mapping[str, str | None]) -> dict[str, int] | None:
        """The classes of requests that are asked about; `None` when there are none of them."""
        region = {ACTION: self._index(ACTION, action), **self._caller(party)}
        if arn.startswith("arn:"):
            region |= {
                name: self._index(name, part) for name, part in zip(RESOURCE, arn.split(":", 5)[1:], strict=True)
            }
        else:
            service = action.partition(":")[0]
            region[RESOURCE[1]] = self._index(RESOURCE[1], "iam" if service == "sts" else service)
            region[RESOURCE[4]] = self.space.mask(RESOURCE[4], Word(arn or "*", True))
        for key, value in context.items():
            if (key, value) not in self._carrying:
                self._effort.spend(QUESTION)
                self._carrying[key, value] = carrying(self.space, key, value)
            region |= self._carrying[key, value]
        return region if all(region.values()) else None

    def _caller(self, party: Party) -> dict[str, int]:
        names, caller = self.space.chosen[NAME], party.caller
        if caller is not None and caller.account is not None:
            region = {ACCOUNT: self._index(ACCOUNT, caller.account), NAME: self._index(NAME, caller.name)}
            return {**region, PARTITION: self._index(PARTITION, caller.partition)}
        known = {each.caller.name for each in self.estate.parties if each.caller and each.account == party.account}
        others = sum(
            1 << at for at, name in enumerate(names) if name.startswith(("user/", "role/")) and name not in known
        )
        return {ACCOUNT: self._index(ACCOUNT, str(party.account)), NAME: others} if party.account else {NAME: others}

    def _index(self, dimension: str, text: str) -> int:
        if (dimension, text) not in self._indices:
            chosen = self.space.chosen[dimension]
            if dimension == ACTION:
                at = next(at for at, each in enumerate(chosen) if each.lower() == text.lower())
            else:
                at = chosen.index(text)
            self._indices[dimension, text] = 1 << at
        return self._indices[dimension, text]


def _branch(policy: Policy) -> Formula:
    return open_question("hole", f"{policy.address} where {policy.branch}") if policy.branch else True


def shown(link: Link) -> Link:
    """A link as it is shown: what the caller writes itself stands in no file."""
    return Link(LinkKind.UNKNOWN, how=WRITTEN.address) if link.policy is WRITTEN else link
