"""Two policies as formulas over the same classes of requests, and the replay of a request on one of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from kms_lint.iam import wildcards
from kms_lint.model import Effect, Policy, PolicyKind
from kms_lint.reason import callers, limits, plain, reference_grants, variables, witness, written
from kms_lint.reason.evaluate import Json, Step, Trace, authorize, evaluate, read
from kms_lint.reason.formula import MOST_STEPS, Formula, conjunction, disjunction, negation, solve
from kms_lint.reason.granted import OfGrant
from kms_lint.reason.public import stranger
from kms_lint.reason.request import Request, Surroundings
from kms_lint.reason.space import ACTION, RESOURCE, Space, Word
from kms_lint.reason.statements import WITH_PRINCIPAL, Meant, Reading, decision, meant
from kms_lint.syntax.tree import DEPLOYMENT_ACCOUNT


@dataclass(frozen=True, slots=True)
class Settings:
    """How two policies are compared; `account` and `key_arn` are those of the key.

    `alone` is whether no other policy decides together with these, whose Allow theirs could keep in bounds.
    `limits` are SCPs and RCPs that may deny what these allow: only access counts that they do not deny.
    With `actions` only access to these counts (patterns, in any letter case), with `public` only that of strangers.
    """

    reading: Reading = Reading.KMS
    account: str | None = None
    key_arn: str | None = None
    budget: int = MOST_STEPS
    actions: frozenset[str] | None = None
    public: bool = False
    alone: bool = True
    limits: tuple[Policy, ...] = ()

    @property
    def absolute(self) -> bool:
        """Whether the question is what the new side grants at all."""
        return self.actions is not None or self.public


@dataclass(frozen=True)
class Compared:
    """Two policies of one kind as formulas over the same classes of requests.

    With `given`, requests carry these values, and policy variables stand for them. The patterns in `whole` are read as
    one text, in which wildcards cross the colons of a resource.
    """

    old: Policy
    new: Policy
    settings: Settings
    facts: bool
    given: variables.Given = ()
    whole: frozenset[str] = frozenset()

    @property
    def kind(self) -> PolicyKind:
        """What both are."""
        return self.new.kind

    @property
    def account(self) -> str | None:
        """The account of the key where KMS's own way of deciding counts."""
        by_kms = self.kind is PolicyKind.KEY and self.settings.reading is Reading.KMS
        return (self.settings.account or DEPLOYMENT_ACCOUNT) if by_kms else None

    @cached_property
    def space(self) -> Space:
        """The classes of requests that both tell apart."""
        space = Space(self.kind is PolicyKind.KEY, self.kind in WITH_PRINCIPAL)
        owner = self.settings.account or DEPLOYMENT_ACCOUNT
        if self.kind is PolicyKind.KEY:
            callers.of_account(space, owner)
            space.keys_only()
            parts = (
                self.settings.key_arn.split(":", 5)[1:] if self.settings.key_arn else [None, "kms", None, owner, None]
            )
            for name, part in zip(RESOURCE, parts, strict=True):
                if part is not None:
                    space.only(name, part)
        for action in self.settings.actions or ():
            space.word(ACTION, Word(action, True, True))
        variables.hold(space, self.given, self.facts)
        for policy, side in ((self.old, "before"), (self.new, "after")):
            self._meant(space, policy, side)
        limits.denied(space, self.settings.limits, self.facts)
        space.settle()
        return space

    @cached_property
    def before(self) -> list[Meant]:
        """The statements of the old policy."""
        return self._meant(self.space, self.old, "before")

    @cached_property
    def after(self) -> list[Meant]:
        """The statements of the new policy."""
        return self._meant(self.space, self.new, "after")

    def _meant(self, space: Space, policy: Policy, side: str) -> list[Meant]:
        known = variables.given(policy, dict(self.given)) if self.given else policy
        return meant(space, known, self.facts, side, self.whole)

    def allowed(self, statements: Sequence[Meant], only: int | None = None) -> Formula:
        """What statements allow; with `only` by no other Allow than that of this index."""
        kept = [
            each if only in (None, index) or each.statement.effect is not Effect.ALLOW else replace(each, allows=False)
            for index, each in enumerate(statements)
        ]
        return decision(self.space, self.kind, kept, self.account, self.facts)

    @cached_property
    def old_allows(self) -> Formula:
        """The requests that the old policy allows."""
        return self.allowed(self.before)

    @cached_property
    def new_allows(self) -> Formula:
        """The requests that the new policy allows."""
        return self.allowed(self.after)

    def gained(self, only: int | None = None) -> Formula:
        """The requests that the new policy allows and the old does not."""
        new = self.new_allows if only is None else self.allowed(self.after, only)
        return conjunction((new, negation(self.old_allows), self._asked_for))

    @cached_property
    def _asked_for(self) -> Formula:
        wanted = self.settings.actions
        found = [variables.hold(self.space, self.given, self.facts)]
        if self.settings.limits:
            found.append(negation(limits.denied(self.space, self.settings.limits, self.facts)))
        found += [stranger(self.space, self.settings.account)] if self.settings.public else []
        if wanted is not None:
            found.append(
                self.space.among(ACTION, lambda action: any(wildcards.matches(each, action.lower()) for each in wanted))
            )
        return conjunction(found)

    def lost(self) -> Formula:
        """The requests that only the old policy allows."""
        held = variables.hold(self.space, self.given, self.facts)
        return conjunction((self.old_allows, negation(self.new_allows), held))

    def undenied(self) -> Formula:
        """The requests that a Deny of the old policy covers and none of the new does."""
        before, after = (
            disjunction([conjunction((each.denies, each.whole)) for each in side]) for side in (self.before, self.after)
        )
        return conjunction((before, negation(after)))

    def solve(self, formula: Formula) -> dict[str, int] | None:
        """One request, as its class in each dimension that matters, for which a formula is true."""
        region = solve(formula, self.settings.budget)
        if region is None:
            return None
        return witness.point(self.space, witness.least(formula, region, self.settings.budget))

    def request(self, point: dict[str, int]) -> Request:
        """The request of a point."""
        key_arn = self.settings.key_arn if self.kind is PolicyKind.KEY else None
        return witness.request(self.space, point, self.settings.account, key_arn, self.facts)

    def around(self, point: dict[str, int]) -> Surroundings | None:
        """What else decides the request of a point; of a policy on its own only that the caller has a boundary."""
        found = witness.surroundings(point, self.account or "")
        return found if self.account is not None or found.bounded else None


def replay(policy: Policy, request: Request, around: Surroundings | None) -> Trace:
    """What the reference evaluator says of a request. Grants are read as KMS lists them, not as the engine translates them."""
    given = tuple(each for each in policy.statements if isinstance(each, OfGrant))
    if not given:
        return _replayed(written.document(policy), request, policy.kind, around)
    own = tuple(each for each in policy.statements if not isinstance(each, OfGrant))
    shown = read(plain.document(replace(policy, statements=given)), request, policy.kind, around=around)
    by_iam = around is None or not around.account or (around.identity_allows and around.limits_allow)
    answers = [_granted(each, step, request, by_iam) for each, step in zip(given, shown, strict=True)]
    found = _replayed(plain.document(replace(policy, statements=own)), request, policy.kind, around, answers)
    numbered = (replace(step, index=len(own) + step.index) for step in shown)
    return replace(found, steps=(*found.steps, *numbered))


def _replayed(
    document: Json, request: Request, kind: PolicyKind, around: Surroundings | None, granted: Sequence[bool | None] = ()
) -> Trace:
    if around is None or not around.account:
        return evaluate(document, request, kind, around=around, granted=granted)
    return authorize(document, request, around, granted)


def _granted(statement: OfGrant, step: Step, request: Request, by_iam: bool) -> bool | None:
    """What the grant itself says; of one with unknown values what its statement says, in which they were given some."""
    found = plain.grant(statement.grant) if statement.grant is not None else None
    constraints = found and found["Constraints"]
    if found is None or constraints is None or None in constraints.values():
        return step.matches
    return reference_grants.allows(found, request, by_iam)
