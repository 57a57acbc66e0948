"""The steps that a principal may make in IAM: on policies, boundaries, groups and trust, and to act as somebody else.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_permissions-to-switch.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from kms_lint.model import Policy
from kms_lint.reason.attachable import WRITTEN
from kms_lint.reason.authorization import Link
from kms_lint.reason.carried import BOUNDARY_KEY, PLAIN, POLICY_KEY, SERVICE_KEY, Context
from kms_lint.reason.changes import Fact, denying
from kms_lint.reason.effort import Effort
from kms_lint.reason.identity_access import Allowed, Identities
from kms_lint.reason.identity_actions import (
    ASSUME,
    CARRY_BOUNDARY,
    CHANGES,
    JOIN,
    LEAVE,
    NEW_VERSION,
    OTHER_VERSION,
    PASS,
    RUNNING,
    Effect,
    Kind,
    Running,
)
from kms_lint.reason.managed import is_of_aws
from kms_lint.reason.parties import Estate, Group, Party, Standing
from kms_lint.reason.residual import both

MOST_CHANGED: Final = 300
"""The steps of as many principals whose policies or boundaries were changed are looked at."""

_EARLIER: Final = "an earlier version of it is in force, which the input does not show"
_CODE: Final = "the caller has {} run something as it"


@dataclass(frozen=True, slots=True)
class Step:
    """One step: the action, on what, what it changes, by which statements, on which condition."""

    action: str
    target: str
    gain: str
    links: tuple[Link, ...]
    condition: str = ""
    sure: bool = True


Made = tuple[Fact, Step]
"""A step, and what it makes so."""


class IdentitySteps:
    """All steps from one principal, worked out once however many others reach it."""

    def __init__(self, estate: Estate, beside: Iterable[str] = (), effort: Effort | None = None) -> None:
        """Compiles the policies of an estate; `beside` are further ARNs that will be asked about."""
        self._effort = effort or Effort()
        self.estate = estate
        self.targets = [each for each in estate.parties if each.standing is Standing.IDENTITY and each.caller]
        self._policies = [each for each in estate.attachable if each is not WRITTEN]
        arns = [each.caller.arn for each in self.targets if each.caller is not None and each.caller.arn]
        arns += [each.arn for each in estate.groups if each.arn is not None]
        arns += [self.arn(each) for each in self._policies]
        arns += beside
        self.identities = Identities(estate, dict.fromkeys(arns), self._effort)
        self._known: dict[int, list[Made]] = {}
        self._joins: dict[int, list[tuple[Effect, Group, Step]]] = {}

    def arn(self, policy: Policy) -> str:
        """The ARN of a managed policy; one that is not known is named after its address."""
        if policy.address.startswith("arn:"):
            return policy.address
        owner = policy.owner or self.estate.account
        return self.estate.arns.get(policy.address, f"arn:aws:iam::{owner}:policy/<{policy.address}>")

    def of(self, actor: Party) -> list[Made] | None:
        """The steps of a principal, as its policies and its boundary are now; `None` when too much was looked at.

        What the same is reached by in several ways is told once, in a way that is sure if there is one.
        """
        if id(actor) not in self._known:
            if len(self._known) >= MOST_CHANGED + len(self.estate.parties) or self._effort.spent:
                return None
            found: dict[Fact, Step] = {}
            for fact, step in self._of(actor):
                if fact not in found or (step.sure and not found[fact].sure):
                    found[fact] = step
            self._known[id(actor)] = list(found.items())
        return self._known[id(actor)]

    def everything(self) -> frozenset[Fact]:
        """All that steps can make so and that gives anything: whoever has made all of it needs no further step."""
        found: set[Fact] = {Fact(Effect.REWRITTEN, each) for each in self._policies if not is_of_aws(each.address)}
        for target in self.targets:
            found |= {Fact(Effect.ACTING, target), Fact(Effect.WRITTEN, target)}
            found |= {Fact(Effect.UNBOUNDED, target)} if target.bounded else set()
            found |= {Fact(Effect.DETACHED, target, each) for each in target.attached if denying((each,))}
        found |= {Fact(Effect.WRITTEN, each) for each in self.estate.groups}
        return frozenset(found)

    def memberships(self, actor: Party) -> list[tuple[Effect, Group, Step]]:
        """The groups into which a principal may put any user, and from which it may take one."""
        if id(actor) not in self._joins:
            self._joins[id(actor)] = list(self._memberships(actor))
        return self._joins[id(actor)]

    def _of(self, actor: Party) -> Iterator[Made]:
        may = [action for action in CHANGES if self.identities.allowed(actor, action) is not None]
        passes = self.identities.allowed(actor, PASS) is not None
        for target in self.targets:
            if (arn := target.caller.arn if target.caller is not None else None) is None:
                continue
            if self._effort.spent:
                return
            if target.account == actor.account:
                for action in may:
                    yield from self._change(actor, target, arn, action)
                if passes and arn.split(":", 5)[5].startswith(Kind.ROLE.value):
                    yield from self._pass(actor, target, arn)
            if (assumed := self.identities.assumes(actor, target)) is not None:
                yield Fact(Effect.ACTING, target), _step(ASSUME, target.shown, Effect.ACTING.value, assumed)
        for group in self.estate.groups:
            if self._effort.spent:
                return
            if group.account == actor.account and group.arn is not None:
                for action in may:
                    yield from self._change(actor, group, group.arn, action)
        yield from self._versions(actor)

    def _change(self, actor: Party, target: Party | Group, arn: str, action: str) -> Iterator[Made]:
        change = CHANGES[action]
        if not arn.split(":", 5)[5].startswith(change.kind.value):
            return
        shown = target.shown if isinstance(target, Party) else target.address
        for what, context in self._subjects(actor, target, action):
            allowed = self.identities.allowed(actor, action, arn, context)
            if allowed is not None and change.effect is Effect.TRUSTING:
                allowed = self._assumable(actor, arn, allowed)
            if allowed is None:
                continue
            told = both(allowed.condition, change.condition)
            allowed = replace(allowed, condition=told, sure=allowed.sure and change.sure)
            yield (
                Fact(_made(change.effect), target, what),
                _step(action, shown, self._gain(change.effect, what), allowed),
            )
            if what is WRITTEN and allowed.sure:
                return  # nothing that could be attached gives more

    def _gain(self, effect: Effect, what: Policy | None) -> str:
        if what is None or effect is Effect.BOUNDARY_CHOSEN:
            return effect.value
        name = "AdministratorAccess" if what is WRITTEN else what.address
        return f"{effect.value}, {name}"

    def _subjects(self, actor: Party, target: Party | Group, action: str) -> Iterator[tuple[Policy | None, Context]]:
        """The policies that a step can be about, each with what its request carries."""
        effect = CHANGES[action].effect
        now = self._boundary(actor, target) if action in CARRY_BOUNDARY else None
        context = {**PLAIN, BOUNDARY_KEY: now}
        administrator = f"arn:{_partition(actor)}:iam::aws:policy/AdministratorAccess"
        if effect is Effect.ATTACHED:
            yield WRITTEN, {**context, POLICY_KEY: administrator}
            for policy in self._policies:
                if policy not in target.attached and not denying((policy,)):
                    yield policy, {**context, POLICY_KEY: self.arn(policy)}
        elif effect is Effect.DETACHED:
            for policy in target.attached:
                if denying((policy,)):
                    yield policy, {**context, POLICY_KEY: self.arn(policy)}
        elif effect is Effect.INLINE_GONE:
            if denying(target.inline):
                yield None, context
        elif effect in (Effect.UNBOUNDED, Effect.BOUNDARY_CHOSEN):
            if isinstance(target, Party) and target.bounded:
                yield None, {**context, BOUNDARY_KEY: now if effect is Effect.UNBOUNDED else administrator}
        else:
            yield None, context

    def _boundary(self, actor: Party, target: Party | Group) -> str | None:
        """The ARN of the boundary that a target has; the caller's own may be gone by now."""
        if not isinstance(target, Party) or (actor.caller == target.caller and not actor.bounded):
            return None
        return self.estate.arns.get(target.boundary_name, target.boundary_name) or None

    def _assumable(self, actor: Party, arn: str, allowed: Allowed) -> Allowed | None:
        """The change of a trust policy, if the caller may act as the role once that policy names it."""
        kept = self.identities.kept_from(actor, ASSUME, arn)
        return None if kept else replace(allowed, sure=allowed.sure and kept is False)

    def _pass(self, actor: Party, target: Party, arn: str) -> Iterator[Made]:
        runs = [each for each in RUNNING if self.identities.allowed(actor, each.first, each.names, PLAIN) is not None]
        found = [each for each in (self._run(actor, target, arn, running) for running in runs) if each is not None]
        if found:
            best = next((each for each in found if each.sure), found[0])
            yield Fact(Effect.ACTING, target), best

    def _run(self, actor: Party, target: Party, arn: str, running: Running) -> Step | None:
        """That a role is passed to a service, which it trusts, and which runs something of the caller's."""
        passed = self.identities.allowed(actor, PASS, arn, {**PLAIN, SERVICE_KEY: running.service})
        trusted = self.identities.trusts_service(target, running.service) if passed is not None else None
        first = self.identities.allowed(actor, running.first, running.names, PLAIN) if trusted is not None else None
        if passed is None or trusted is None or first is None:
            return None
        then = self.identities.allowed(actor, running.then, running.names, PLAIN) if running.then else first
        lacking = "" if then is not None else "something else runs it"
        links = tuple(dict.fromkeys((*passed.links, *first.links, *(then.links if then else ()), *trusted.links)))
        asked = dict.fromkeys((passed.condition, first.condition, then.condition if then else "", trusted.condition))
        told = both(*asked, running.condition, lacking)
        sure = passed.sure and first.sure and trusted.sure and then is not None and then.sure
        actions = f"{PASS} and {running.first}"
        return Step(actions, target.shown, _CODE.format(running.service), links, told, sure and not running.condition)

    def _memberships(self, actor: Party) -> Iterator[tuple[Effect, Group, Step]]:
        for group in self.estate.groups:
            if group.arn is None or group.account != actor.account:
                continue
            denies = denying((*group.inline, *group.attached))
            action, effect = (LEAVE, Effect.LEFT) if denies else (JOIN, Effect.JOINED)
            allowed = self.identities.allowed(actor, action, group.arn, PLAIN)
            if allowed is not None:
                yield effect, group, _step(action, group.address, "", allowed)

    def _versions(self, actor: Party) -> Iterator[Made]:
        for action, gain, sure in ((NEW_VERSION, Effect.REWRITTEN.value, True), (OTHER_VERSION, _EARLIER, False)):
            if self.identities.allowed(actor, action) is None:
                continue
            for policy in self._policies:
                if is_of_aws(policy.address):
                    continue
                allowed = self.identities.allowed(actor, action, self.arn(policy), PLAIN)
                if allowed is not None:
                    fact = Fact(Effect.REWRITTEN, policy)
                    yield fact, _step(action, policy.address, gain, replace(allowed, sure=allowed.sure and sure))


def _made(effect: Effect) -> Effect:
    """What a step comes to."""
    return {Effect.TRUSTING: Effect.ACTING, Effect.BOUNDARY_CHOSEN: Effect.UNBOUNDED}.get(effect, effect)


def _partition(party: Party) -> str:
    return party.caller.partition if party.caller is not None else "aws"


def _step(action: str, target: str, gain: str, allowed: Allowed) -> Step:
    return Step(action, target, gain, allowed.links, allowed.condition, allowed.sure)
