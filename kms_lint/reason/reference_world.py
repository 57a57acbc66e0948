"""The reference evaluator for whole worlds: one concrete request against all documents that decide about it.

Plain on purpose, and apart from the engine, as `evaluate` is for one policy: it asks each document in turn, and puts the
answers together in one formula, the one that AWS documents. It shares nothing with `composed`, `authorization` and
`granted`, so that what these conclude can be tested against it.

https://docs.aws.amazon.com/kms/latest/developerguide/policy-evaluation.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from kms_lint.model import PolicyKind
from kms_lint.reason import reference_grants
from kms_lint.reason.evaluate import CROSS_ACCOUNT, WITHOUT_EFFECT, Json, Step, read
from kms_lint.reason.reference import all_of, any_of, opposite
from kms_lint.reason.request import CallerKind, Request, Surroundings, Way

_LINKED: Final = "role/aws-service-role/"


class Paper(NamedTuple):
    """A document, and the place at which it stands. `content` is `None` where it is not known."""

    place: str
    content: Json | None


@dataclass(frozen=True, slots=True)
class World:
    """All that decides about one caller and one key.

    `account` is the key's. `boundary` is `None` for who has no permissions boundary. `scps` hold for the principals of
    `members`. `endpoints` are the policies of those VPC endpoints through which the request comes. `managed` is whether
    AWS manages the key.
    """

    account: str
    key_policy: Paper
    identity: tuple[Paper, ...] = ()
    boundary: tuple[Paper, ...] | None = None
    scps: tuple[Paper, ...] = ()
    rcps: tuple[Paper, ...] = ()
    endpoints: tuple[Paper, ...] = ()
    grants: tuple[Paper, ...] = ()
    members: frozenset[str] = frozenset()
    managed: bool = False


class Said(NamedTuple):
    """What one statement at a place said; for a grant, which has no statements, whether it allows: `allows`."""

    place: str
    step: Step | None
    allows: bool | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether a request is allowed, `None` where documentation or the documents do not decide.

    `parts` is what each layer made of it, by name, and `trace` what each statement and grant said.
    """

    allowed: bool | None
    parts: dict[str, bool | None]
    trace: tuple[Said, ...]


def decide(world: World, request: Request) -> Decision:
    """What AWS answers to a request: no Deny anywhere, every limit passed, and a key policy or a grant that gives it."""
    asked = _Asked(world, request)
    parts = {
        "key policy": asked.by_key_policy(),
        "grant": asked.by_grant(),
        "deny": asked.denied(),
        "scp": asked.within_scps(),
        "vpc endpoint": asked.through_endpoints(),
    }
    given = any_of([parts["key policy"], parts["grant"]])
    limits = [opposite(parts["deny"]), parts["scp"], parts["vpc endpoint"]]
    return Decision(all_of([given, *limits]), parts, tuple(asked.trace()))


class _Asked:
    """A request, and what each document says of it."""

    def __init__(self, world: World, request: Request) -> None:
        self.world = world
        self.request = request
        caller = request.caller
        self.root = caller.kind is CallerKind.ROOT
        self.linked = caller.kind is CallerKind.ROLE and caller.name.startswith(_LINKED)
        self.foreign = caller.account is not None and caller.account != world.account
        # A Deny with NotPrincipal always covers who has a permissions boundary.
        around = Surroundings(world.account, bounded=world.boundary is not None)
        self.key_policy = self._steps((world.key_policy,), PolicyKind.KEY, around)
        self.identity = self._steps(world.identity, PolicyKind.IDENTITY)
        self.boundary = self._steps(world.boundary or (), PolicyKind.IDENTITY)
        self.scps = [self._steps((each,), PolicyKind.SCP) for each in self._held_by_scps()]
        self.rcps = self._steps(self._held_by_rcps(), PolicyKind.RCP)
        self.endpoints = [self._steps((each,), PolicyKind.VPC_ENDPOINT) for each in world.endpoints]

    def _steps(
        self, papers: Iterable[Paper], kind: PolicyKind, around: Surroundings | None = None
    ) -> list[tuple[str, Step | None]]:
        """What each statement says, with its place; of a document that is not known that is nothing."""
        found: list[tuple[str, Step | None]] = []
        for place, content in papers:
            steps = read(content, self.request, kind, around=around) if content is not None else (None,)
            found += [(place, step) for step in steps]
        return found

    def _held_by_scps(self) -> Sequence[Paper]:
        """SCPs hold for all principals of member accounts, root users too, but not for services and their linked roles.

        https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html
        """
        member = self.request.caller.account in self.world.members
        return self.world.scps if member and not self.linked else ()

    def _held_by_rcps(self) -> Sequence[Paper]:
        """RCPs hold for customer managed keys, and neither for kms:RetireGrant nor for calls of service-linked roles.

        https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html
        """
        free = self.world.managed or self.linked or self.request.action.lower() == "kms:retiregrant"
        return () if free else self.world.rcps

    def by_iam(self) -> bool | None:
        """Whether IAM policies allow it. A root user needs none."""
        return self.root or _any(self.identity, "Allow")

    def limits(self) -> bool | None:
        """Whether the permissions boundary leaves it open."""
        return self.root or self.world.boundary is None or _any(self.boundary, "Allow")

    def by_key_policy(self) -> bool | None:
        """Whether the key policy gives it: by itself, or together with IAM policies."""
        if self.request.action.lower() in WITHOUT_EFFECT:
            return False
        return any_of([self._by_statement(step) for _, step in self.key_policy])

    def _by_statement(self, step: Step | None) -> bool | None:
        if step is None:
            return None
        if step.effect != "Allow" or step.way is None:
            return False
        return all_of([step.matches, *(condition() for condition in self._besides(step.way))])

    def _besides(self, way: Way) -> Iterator[Callable[[], bool | None]]:
        """What has to agree with an Allow of the key policy that reaches the caller in a way.

        https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-modifying-external-accounts.html
        """
        if self.foreign:
            yield lambda: self.request.action.lower() in CROSS_ACCOUNT
        if self.foreign or way is Way.DELEGATED:
            yield self.by_iam
        if self.foreign or way is not Way.DIRECT:
            yield self.limits

    def by_grant(self) -> bool | None:
        """Whether a grant gives it, from whichever account the grantee comes. No boundary limits what a grant gives."""
        return any_of([each.allows for each in self._grants()])

    def _grants(self) -> Iterator[Said]:
        by_iam = all_of([self.by_iam(), self.limits()])
        for place, content in self.world.grants:
            found = None if content is None else reference_grants.allows(content, self.request, by_iam)
            yield Said(place, None, found)

    def denied(self) -> bool | None:
        """Whether a statement anywhere denies it. Nobody attaches policies to a root user."""
        own = () if self.root else (*self.identity, *self.boundary)
        scps = [each for steps in self.scps for each in steps]
        return _any([*self.key_policy, *own, *scps, *self.rcps], "Deny")

    def within_scps(self) -> bool | None:
        """Whether the SCPs leave it open; those that only deny stand beside the one of AWS that allows everything."""
        allowing = [steps for steps in self.scps if any(step is None or step.effect == "Allow" for _, step in steps)]
        return not allowing or any_of([_any(steps, "Allow") for steps in allowing])

    def through_endpoints(self) -> bool | None:
        """Whether the policies of the endpoints on its way let it pass."""
        return all_of([all_of([_any(each, "Allow"), opposite(_any(each, "Deny"))]) for each in self.endpoints])

    def trace(self) -> Iterator[Said]:
        """What each statement and each grant said, document by document."""
        papers = [self.key_policy, self.identity, self.boundary, *self.scps, self.rcps, *self.endpoints]
        yield from (Said(place, step) for steps in papers for place, step in steps)
        yield from self._grants()


def _any(steps: Iterable[tuple[str, Step | None]], effect: str) -> bool | None:
    """Whether a statement with this effect is about the request; an unknown document may have one."""
    return any_of([None if step is None else step.effect == effect and step.matches for _, step in steps])
