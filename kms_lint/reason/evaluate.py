"""The reference evaluator: one concrete request against concrete policy documents, with what each statement said.

Plain on purpose, and apart from the engine: it replays every counterexample before anybody sees it.

https://docs.aws.amazon.com/kms/latest/developerguide/policy-evaluation.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from kms_lint.iam import kms
from kms_lint.model import PolicyKind
from kms_lint.reason import reference
from kms_lint.reason.reference import all_of, any_of, opposite
from kms_lint.reason.request import Caller, CallerKind, Request, Surroundings, Way

Json = Mapping[str, Any]

CROSS_ACCOUNT: Final = frozenset(f"kms:{name}".lower() for name in kms.CROSS_ACCOUNT.split())
WITHOUT_EFFECT: Final = frozenset(f"kms:{name}".lower() for name in kms.IN_KEY_POLICY["no"].split())
"""Actions in lower case: those that work across accounts, and those about which key policies do not decide."""


@dataclass(frozen=True, slots=True)
class Step:
    """What one statement said. `elements` are its parts that are about the request or not, by name.

    `way` is how an Allow reaches the caller, in a key policy.
    """

    index: int
    effect: str
    elements: Mapping[str, bool | None]
    way: Way | None = None

    @property
    def matches(self) -> bool | None:
        """Whether the statement is about the request."""
        return all_of(list(self.elements.values()))


@dataclass(frozen=True, slots=True)
class Trace:
    """Whether a request is allowed, `None` where documentation does not decide, and what each statement said."""

    allowed: bool | None
    steps: tuple[Step, ...]


def evaluate(
    document: Json,
    request: Request,
    kind: PolicyKind,
    *,
    whole: bool = False,
    around: Surroundings | None = None,
    granted: Sequence[bool | None] = (),
) -> Trace:
    """What a policy alone says: allowed when a statement allows it and none denies it.

    `granted` is what each grant allows that is read with it. An RCP stands on the Allow of everything that AWS attaches. `whole` reads wildcards in resources across colons. Of
    `around` it only counts whether the caller has a permissions boundary.
    """
    steps = read(document, request, kind, whole, around)
    allowed = any_of([*(step.matches for step in steps if step.effect == "Allow"), *granted])
    if kind is PolicyKind.RCP:
        allowed = True
    return Trace(all_of([allowed, opposite(_denied(steps))]), steps)


def authorize(document: Json, request: Request, around: Surroundings, granted: Sequence[bool | None] = ()) -> Trace:
    """What KMS answers to a request to the key that a key policy belongs to; `granted` is what each grant allows."""
    steps = read(document, request, PolicyKind.KEY, around=around)
    allowed = any_of([all_of([step.matches, _reaches(step, request, around)]) for step in steps])
    effective = request.action.lower() not in WITHOUT_EFFECT
    given = any_of([all_of([allowed, effective]), *granted])
    return Trace(all_of([given, opposite(_denied(steps))]), steps)


def read(
    document: Json, request: Request, kind: PolicyKind, whole: bool = False, around: Surroundings | None = None
) -> tuple[Step, ...]:
    """What each statement of a document says of a request."""
    return tuple(
        _step(index, each, request, kind, whole, around) for index, each in enumerate(reference.statements(document))
    )


def _denied(steps: tuple[Step, ...]) -> bool | None:
    return any_of([step.matches for step in steps if step.effect == "Deny"])


def _reaches(step: Step, request: Request, around: Surroundings) -> bool:
    """Whether an Allow that is about the request gives it, with what else has to agree."""
    if step.effect != "Allow" or step.way is None:
        return False
    caller = request.caller
    if caller.account is not None and caller.account != around.account:
        both = around.identity_allows and around.limits_allow
        return both and request.action.lower() in CROSS_ACCOUNT
    if step.way is Way.DIRECT:
        return True
    if step.way is Way.BOUNDED:
        return around.limits_allow
    return caller.kind is CallerKind.ROOT or (around.identity_allows and around.limits_allow)


def _step(
    index: int, statement: Json, request: Request, kind: PolicyKind, whole: bool, around: Surroundings | None = None
) -> Step:
    elements: dict[str, bool | None] = {}
    way: Way | None = None
    if "NotPrincipal" in statement:
        elements["NotPrincipal"] = _not_principal(statement, request.caller, around)
        way = Way.DIRECT
    elif "Principal" in statement:
        way = _way(statement["Principal"], request.caller)
        elements["Principal"] = way is not None
    elif kind in (PolicyKind.KEY, PolicyKind.RESOURCE, PolicyKind.RCP, PolicyKind.TRUST):
        elements["Principal"] = False
    elements["NotAction" if "NotAction" in statement else "Action"] = reference.action(statement, request)
    if kind is not PolicyKind.TRUST:
        name = "NotResource" if "NotResource" in statement else "Resource"
        elements[name] = name in statement and reference.resource(statement, request, whole)
    for operator, key, values in reference.conditions(statement):
        elements[f"{operator} {key}"] = reference.condition(operator, key, values, request)
    return Step(index, str(statement.get("Effect")), elements, way)


def _principals(block: Any) -> list[tuple[str, str]]:
    if isinstance(block, str):
        return [("*", block)]
    if isinstance(block, list):
        return [(type_, value) for type_, value in block]
    return [(type_, str(value)) for type_, values in block.items() for value in reference.listed(values)]


def _way(block: Any, caller: Caller) -> Way | None:
    """The best way in which `Principal` reaches a caller; `None` when it does not."""
    ways = [
        _by(type_, value, caller) for type_, value in _principals(block) if reference.principal(type_, value, caller)
    ]
    return min(ways, key=list(Way).index, default=None)


def _by(type_: str, value: str, caller: Caller) -> Way:
    if type_ != "AWS" or value == "*":
        return Way.DIRECT
    if reference.account_of(value) is not None:
        return Way.DELEGATED
    return Way.BOUNDED if caller.arn == value and caller.kind is CallerKind.ROLE else Way.DIRECT


def _not_principal(statement: Json, caller: Caller, around: Surroundings | None) -> bool | None:
    """Surely exempt is who is listed with the account; who is listed otherwise is exempt in some services only.

    A Deny always covers who has a permissions boundary.
    """
    named = _principals(statement["NotPrincipal"])
    if any(value == "*" for _, value in named):
        return False
    bounded = around is not None and around.bounded and caller.kind in (CallerKind.USER, CallerKind.ROLE)
    if bounded and statement.get("Effect") == "Deny":
        return True
    account = any(reference.account_of(value) == caller.account for type_, value in named if type_ == "AWS")
    account = account and caller.account is not None
    itself = any(reference.principal(*each, caller) for each in named if reference.account_of(each[1]) is None)
    if caller.kind is CallerKind.ROOT or caller.account is None:
        return not (account or itself)
    if itself and account:
        return False
    return None if itself or account else True
