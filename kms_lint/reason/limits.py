"""SCPs and RCPs beside other policies. They grant nothing, and where they are attached is not known here.

So none of them ever proves that something is not granted. What they may deny is not shown as new access either.

https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html
https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from kms_lint.model import Effect, Patterns, Policy, PolicyKind, Statement
from kms_lint.reason import callers, written
from kms_lint.reason.evaluate import evaluate
from kms_lint.reason.formula import Formula, conjunction, disjunction
from kms_lint.reason.request import Request
from kms_lint.reason.space import ACTION, NAME, Space
from kms_lint.reason.statements import Reading, meant
from kms_lint.syntax.tree import Text

if TYPE_CHECKING:
    from kms_lint.reason.compared import Settings
    from kms_lint.reason.sides import Held, Side

GRANT_NOTHING: Final = frozenset({PolicyKind.SCP, PolicyKind.RCP, PolicyKind.VPC_ENDPOINT})
"""What only limits: no policy of these kinds gives anybody anything."""

_LINKED: Final = "role/aws-service-role/"
_UNLIMITED: Final = "kms:RetireGrant"
_LIMITING: Final = {
    PolicyKind.KEY: frozenset({PolicyKind.SCP, PolicyKind.RCP}),
    PolicyKind.IDENTITY: frozenset({PolicyKind.SCP}),
    PolicyKind.SCP: frozenset({PolicyKind.SCP}),
    PolicyKind.RCP: frozenset({PolicyKind.RCP}),
}
BESIDE: Final = "an SCP that allows nothing itself stands beside the FullAWSAccess that AWS attaches, as before"


def of(side: Side, kind: PolicyKind, settings: Settings, own: Sequence[Held] = ()) -> tuple[Policy, ...]:
    """The policies of a side, apart from its `own`, that may deny what a policy of a kind gives."""
    if settings.reading is Reading.POLICY_ONLY:
        return ()
    wanted = _LIMITING.get(kind, frozenset())
    apart = {id(each.policy) for each in own}
    found = [each.policy for each in side.held if each.policy.kind in wanted and id(each.policy) not in apart]
    return tuple(each for each in found if _denies(each) and not each.refused)


def denied(space: Space, policies: Sequence[Policy], facts: bool) -> Formula:
    """The requests that one of some SCPs and RCPs denies where it is attached.

    Neither holds for service-linked roles, SCPs not for services, and RCPs not for the retirement of grants.
    """
    found: list[Formula] = []
    for policy in policies:
        told = [conjunction((each.denies, each.whole)) for each in meant(space, policy, facts, policy.address)]
        found.append(conjunction((disjunction(told), _about(space, policy))))
    return disjunction(found)


def _about(space: Space, policy: Policy) -> Formula:
    unlinked = space.among(NAME, lambda name: not name.startswith(_LINKED))
    if policy.kind is PolicyKind.SCP:
        return conjunction((unlinked, callers.has_account(space)))
    return conjunction((unlinked, space.among(ACTION, lambda action: action != _UNLIMITED)))


def may_deny(policy: Policy, request: Request) -> bool:
    """Whether the reference evaluator finds that an SCP or RCP denies a request, or may."""
    caller = request.caller
    if caller.name.startswith(_LINKED) or (policy.kind is PolicyKind.SCP and caller.account is None):
        return False
    if policy.kind is PolicyKind.RCP and request.action == _UNLIMITED:
        return False
    steps = evaluate(written.document(policy), request, policy.kind).steps
    return any(each.effect != "Allow" and each.matches is not False for each in steps)


def with_full_access(old: Policy, new: Policy) -> tuple[Policy, Policy]:
    """Two SCPs as they stand; where both only deny, each with the Allow of everything that AWS attaches beside it."""
    if new.kind is not PolicyKind.SCP or _allows(old) or _allows(new):
        return old, new
    return _with_allow(old, new), _with_allow(new, new)


def mixed(old: Policy, new: Policy) -> bool:
    """Whether only one of two SCPs allows something: what that changes hangs on what is attached beside it."""
    return new.kind is PolicyKind.SCP and _allows(old) is not _allows(new)


def _allows(policy: Policy) -> bool:
    return any(each.effect is not Effect.DENY for each in policy.statements)


def _denies(policy: Policy) -> bool:
    return any(each.effect is not Effect.ALLOW for each in policy.statements)


def _with_allow(policy: Policy, like: Policy) -> Policy:
    statement = replace(full_access(like), index=len(policy.statements))
    return replace(policy, statements=(*policy.statements, statement), node=None)


def full_access(policy: Policy) -> Statement:
    """The Allow of everything that AWS attaches beside an SCP or RCP, as a statement at its place."""
    at = policy.at
    everything = Text("*", at)
    return Statement(
        policy.kind,
        policy.owner,
        0,
        at,
        sid=Text("FullAWSAccess" if policy.kind is PolicyKind.SCP else "RCPFullAWSAccess", at),
        effect=Effect.ALLOW,
        effect_text=Text("Allow", at),
        actions=Patterns((everything,), False, at, Text("Action", at)),
        resources=Patterns((everything,), False, at, Text("Resource", at)),
    )
