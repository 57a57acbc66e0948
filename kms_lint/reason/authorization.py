"""What decides a request to a key together, as formulas: the key policy, IAM policies, boundaries, SCPs, RCPs, grants.

https://docs.aws.amazon.com/kms/latest/developerguide/policy-evaluation.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from kms_lint.iam import actions
from kms_lint.model import Grant, Policy, Statement
from kms_lint.reason.formula import Formula, conjunction, disjunction, negation
from kms_lint.reason.parties import HeldKey, Party, Standing
from kms_lint.reason.request import Way
from kms_lint.reason.space import Space

_ON_KEY: Final = actions.ALL - actions.STAR_ONLY
_BY_KEY_POLICY: Final = actions.ALL - actions.WITHOUT_EFFECT_IN_KEY_POLICY


class LinkKind(StrEnum):
    """What a link of a path is."""

    KEY_POLICY = "key-policy"
    IDENTITY_POLICY = "identity-policy"
    BOUNDARY = "permissions-boundary"
    GRANT = "grant"
    SCP = "scp"
    RCP = "rcp"
    VPC_ENDPOINT = "vpc-endpoint-policy"
    UNKNOWN = "unknown"
    """Something that may allow, and that the input does not hold."""


@dataclass(frozen=True, slots=True)
class Link:
    """One thing that has its part in a decision. `how` says how it applies, in words."""

    kind: LinkKind
    policy: Policy | None = None
    statement: Statement | None = None
    grant: Grant | None = None
    how: str = ""


@dataclass(frozen=True, slots=True)
class Said:
    """The requests that one statement, grant or unknown thing allows or denies to a party."""

    formula: Formula
    link: Link


@dataclass(frozen=True, slots=True)
class Source:
    """One way in: what it allows before any Deny, and what gives it, in the order in which AWS asks."""

    formula: Formula
    links: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class Parts:
    """What decides, apart, for one key and one party. Replace any to ask what would be if it were otherwise.

    `ways` are the Allows of the key policy by the way in which they reach the party; `identity` are those of its IAM
    policies; each of `grants` comes with whether IAM has to allow as well. `boundary` is `None` without a permissions boundary, and `session` may stand
    for a session policy. `scp` and `endpoint` are what these leave open: `scp_allows` by which statements, `endpoints` what the policy of
    each leaves open to requests through it. All Denies are in `denies`.
    """

    ways: Mapping[Way, tuple[Said, ...]]
    identity: tuple[Said, ...]
    boundary: tuple[Said, ...] | None
    grants: tuple[tuple[Said, bool], ...]
    denies: tuple[Said, ...]
    scp: Formula = True
    endpoint: Formula = True
    scp_allows: tuple[Said, ...] = ()
    endpoints: tuple[tuple[str, Formula], ...] = ()
    session: Formula = True


@dataclass(frozen=True, slots=True)
class Authorization:
    """What a party may do with a key. `caller` says who it is; formulas are about requests of such callers only."""

    key: HeldKey
    party: Party
    space: Space
    caller: Formula
    parts: Parts

    @property
    def foreign(self) -> bool:
        """Whether the party is of another account than the key."""
        return self.party.standing is Standing.STRANGER or (
            self.party.account is not None and self.party.account != self.key.account
        )

    @property
    def identity(self) -> Formula:
        """What IAM policies of the party allow."""
        return _any(self.parts.identity)

    @property
    def limits(self) -> Formula:
        """What its permissions boundary and session policy leave open."""
        bounds = True if self.parts.boundary is None else _any(self.parts.boundary)
        return conjunction((bounds, self.parts.session))

    @property
    def given(self) -> Formula:
        """What is allowed if nothing denies."""
        return disjunction([each.formula for each in self.sources()])

    @property
    def allowed(self) -> Formula:
        """The requests that are allowed in the end."""
        return conjunction((self.given, negation(_any(self.parts.denies)), self.around))

    @property
    def around(self) -> Formula:
        """That the action is one on a key, and what SCPs and endpoint policies leave open."""
        on_key = self.space.actions(_ON_KEY)
        return conjunction((on_key, self.parts.scp, self.parts.endpoint))

    def sources(self) -> Iterable[Source]:
        """Each way in."""
        effective = self.space.actions(_BY_KEY_POLICY)
        for way in Way:
            for said in self.parts.ways.get(way, ()):
                found = conjunction((said.formula, effective))
                yield from self._across(found, said.link) if self.foreign else self._own(way, found, said.link)
        for said, with_identity in self.parts.grants:
            if with_identity and self.party.standing is not Standing.ROOT:
                yield from self._with_identity(said.formula, (said.link,))
            else:
                yield from _possible(said.formula, (said.link,))

    def _own(self, way: Way, found: Formula, link: Link) -> Iterable[Source]:
        """In the key's own account: directly, within the limits of the role, or by IAM policies."""
        if way is Way.DIRECT or (way is Way.DELEGATED and self.party.standing is Standing.ROOT):
            yield from _possible(found, (link,))
        elif way is Way.BOUNDED:
            yield from self._limited(found, (link,))
        else:
            yield from self._with_identity(found, (link,))

    def _across(self, found: Formula, link: Link) -> Iterable[Source]:
        """From another account: both accounts have to allow, and few operations can be used."""
        usable = self.space.actions(actions.CROSS_ACCOUNT)
        both = conjunction((found, usable))
        if self.party.standing is Standing.ROOT:
            yield from _possible(both, (link,))
        else:
            yield from self._with_identity(both, (link,))

    def _with_identity(self, found: Formula, links: tuple[Link, ...]) -> Iterable[Source]:
        for said in self.parts.identity:
            links_now = links if said.link.how == WILLING else (*links, said.link)
            yield from self._limited(conjunction((found, said.formula)), links_now)

    def _limited(self, found: Formula, links: tuple[Link, ...]) -> Iterable[Source]:
        found = conjunction((found, self.parts.session))
        if self.parts.boundary is None:
            yield from _possible(found, links)
            return
        for said in self.parts.boundary:
            yield from _possible(conjunction((found, said.formula)), (*links, said.link))


WILLING = "has the IAM permission"
"""How the IAM side of a class applies whose principals are said to have the permission."""

RETIRES = "may retire it"
"""How a grant applies to its retiring principal."""

TRUSTS = "the trust policy"
"""How a statement applies by which a role trusts somebody."""


def _possible(found: Formula, links: tuple[Link, ...]) -> Iterable[Source]:
    if found is not False:
        yield Source(found, links)


def _any(said: Iterable[Said]) -> Formula:
    return disjunction([each.formula for each in said])
