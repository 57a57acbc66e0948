"""The constraints of grants as formulas: the requests that fulfil them.

https://docs.aws.amazon.com/kms/latest/APIReference/API_GrantConstraints.html
"""

from __future__ import annotations

from kms_lint.model import Condition, Constraint, Grant
from kms_lint.reason import callers, granted
from kms_lint.reason.entries import entry
from kms_lint.reason.formula import Formula, conjunction, disjunction, negation
from kms_lint.reason.space import ACTION, NAME, Space, open_question
from kms_lint.syntax.tree import Text


def fulfilled(space: Space, grant: Grant) -> Formula:
    """The requests that fulfil all constraints of a grant, whoever makes them."""
    found = [one(space, grant, each) for each in grant.constraints]
    return conjunction([*found, others(space, grant) if grant.constraints_unknown else True])


def others(space: Space, grant: Grant) -> Formula:
    """The requests that fulfil constraints of which nothing is known."""
    unknown = open_question("hole", f"the constraints of {grant.address}")
    return disjunction((negation(_bounded(space)), unknown))


def one(space: Space, grant: Grant, constraint: Constraint) -> Formula:
    """The requests that fulfil a constraint of a grant: of operations that it does not bound, all."""
    if constraint.type == "SourceArn":
        return _source(space, grant, constraint)
    if constraint.type not in granted.ON_CONTEXT or not granted.is_known(constraint):
        context: Formula = open_question("hole", f"the constraint {constraint.type} of {grant.address}")
    else:
        wanted = [_literally(each) for each in granted.conditions(grant, constraint)]
        context = conjunction([*(entry(space, each, False) for each in wanted), _no_other(space, constraint, wanted)])
    return disjunction((negation(_bounded(space)), context))


def _bounded(space: Space) -> Formula:
    """That constraints on the encryption context apply to the action."""
    return space.among(ACTION, granted.bounded)


def _no_other(space: Space, constraint: Constraint, wanted: list[Condition]) -> Formula:
    """That a request whose context equals the one of a constraint carries no pair that policies ask for besides."""
    if space.recording or constraint.type != granted.EQUALS:
        return True
    own = {each.key.form.lower() for each in wanted}
    others = [key for key in space.condition_keys() if key.startswith(granted.CONTEXT.lower()) and key not in own]
    return conjunction([negation(space.presence(key)) for key in others])


def _source(space: Space, grant: Grant, constraint: Constraint) -> Formula:
    """`SourceArn` is looked at when a service calls, and not for retiring a grant."""
    free = disjunction(
        (
            space.among(ACTION, lambda action: action == "kms:RetireGrant"),
            space.among(NAME, lambda name: not name.startswith(callers.SERVICE)),
        )
    )
    if len(constraint.values) != 1:
        return disjunction((free, open_question("hole", f"the constraint SourceArn of {grant.address}")))
    same = granted.condition(grant, "StringEquals", "aws:SourceArn", (constraint.values[0][1],))
    return disjunction((free, entry(space, _literally(same), False)))


def _literally(condition: Condition) -> Condition:
    """A condition in whose values nothing is a policy variable: grants know none."""
    values = [
        Text(str(each), each.at, each.form.replace("${", "${$}{")) if "${" in each.form else each
        for each in condition.values
    ]
    return condition._replace(values=tuple(values))
