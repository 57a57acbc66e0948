"""What a grant means over a space of requests.

https://docs.aws.amazon.com/kms/latest/developerguide/grants.html
"""

from __future__ import annotations

from dataclasses import dataclass

from kms_lint.iam import actions, services
from kms_lint.model import Grant, Principal, Principals
from kms_lint.reason import callers, constraints
from kms_lint.reason.formula import Formula, conjunction, disjunction
from kms_lint.reason.request import Way
from kms_lint.reason.space import ACTION, Space, open_question
from kms_lint.syntax.tree import ANYTHING, Text


@dataclass(frozen=True, slots=True)
class GrantMeant:
    """Who has a grant, and for which requests; `retires` are those who may only retire it, by the way they are named."""

    grant: Grant
    ways: dict[Way, Formula]
    scope: Formula
    retires: dict[Way, Formula]


def meant(space: Space, grant: Grant) -> GrantMeant:
    """Who has a grant, and for which requests. A space that is not settled is asked about it."""
    named = _by_grant(space, grant.grantee, grant.service) if grant.grantee is not None else {}
    retiring = _by_grant(space, grant.retiring) if grant.retiring is not None else {}
    known = {f"kms:{each.form}" for each in grant.operations}
    found = space.among(ACTION, known.__contains__)
    if any(ANYTHING in each.form for each in grant.operations):
        more = space.among(ACTION, lambda action: action.removeprefix("kms:") in actions.GRANT_OPERATIONS)
        found = disjunction((found, conjunction((more, open_question("hole", f"operations of {grant.address}")))))
    retire = space.among(ACTION, lambda action: action == "kms:RetireGrant")
    retires = {way: conjunction((formula, retire)) for way, formula in retiring.items()}
    return GrantMeant(grant, named, conjunction((found, constraints.fulfilled(space, grant))), retires)


def _by_grant(space: Space, text: Text, service: bool = False) -> dict[Way, Formula]:
    type_ = Text("Service" if service or services.is_service(text.form) else "AWS", text.at)
    return callers.ways(space, Principals((Principal(type_, text),), False, text.at, type_))
