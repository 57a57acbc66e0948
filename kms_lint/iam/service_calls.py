"""What holds for the calls that a service of AWS makes as itself: they are of no account, organization or network of yours.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
https://docs.aws.amazon.com/whitepapers/latest/building-a-data-perimeter-on-aws/building-a-data-perimeter-on-aws.html
"""

from __future__ import annotations

from typing import Final

from kms_lint.iam import exempted, pins
from kms_lint.iam.comparisons import comparison, outcome, parse, passes_when_absent
from kms_lint.model import Condition, Principal, Statement

_NEVER_CARRIED: Final = frozenset(
    {
        *("aws:principalorgid", "aws:principalorgpaths"),
        *("aws:sourcevpc", "aws:sourcevpce", "aws:sourcevpcarn", "aws:vpcsourceip"),
        *("aws:calledvia", "aws:calledviafirst", "aws:calledvialast", "kms:viaservice"),
    }
)
_NOT_YOURS: Final = frozenset({"aws:principalaccount", "aws:principalarn", "kms:calleraccount"})
"""Keys that such a call lacks, or that hold something of the service's own."""

_KNOWN: Final = {"aws:principalisawsservice": "true", "aws:viaawsservice": "false", "aws:securetransport": "true"}


def holds(condition: Condition, principal: Principal) -> bool | None:
    """Whether a condition holds for every call that a service makes as itself; `None` where that is not known."""
    key, operator = condition.key.form.lower(), parse(condition.operator.text)
    forms, compared = [value.form for value in condition.values], comparison(operator)
    if compared is None or not all(value.known for value in condition.values):
        return None
    if key in _KNOWN:
        return outcome(operator, forms, [_KNOWN[key]])
    if key == "aws:principalservicename":
        return outcome(operator, forms, [principal.value.form])
    if key in _NEVER_CARRIED:
        return passes_when_absent(condition)
    others = key in _NOT_YOURS or (key == "aws:sourceip" and pins.addresses(forms) is True)
    return True if others and compared.negated and "*" not in forms else None


def stopped(deny: Statement, principal: Principal) -> bool | None:
    """Whether a Deny stops every call that a service makes as itself; `None` where it is not said whom the Deny means.

    That is so of `{"AWS": "*"}`, and of half a name in NotPrincipal. A condition that may not hold spares some calls.
    """
    if deny.principals is None or not all(holds(each, principal) for each in deny.conditions):
        return False
    return exempted.denied(principal, deny) if deny.principals.negated else _named(deny, principal)


def _named(deny: Statement, principal: Principal) -> bool | None:
    """Whether a Deny names a service, or everyone."""
    found: set[bool | None] = set()
    for other in deny.principals.values if deny.principals is not None else ():
        if not other.value.known or not other.type.known or (other.type.form, other.value.form) == ("AWS", "*"):
            found.add(None)
        else:
            form, same = other.value.form, other.type.form == principal.type.form
            found.add(form == "*" or (same and form == principal.value.form))
    return True if True in found else None if None in found else False
