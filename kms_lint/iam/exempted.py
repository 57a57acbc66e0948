"""Whom `NotPrincipal` spares in a Deny.

Surely spared is who is listed together with the account; surely denied is of whom neither is listed. In between, what
AWS checks first "depends on the service", which is not said of AWS KMS.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from kms_lint.iam.comparisons import parse
from kms_lint.iam.principals import Who, account, is_account, who
from kms_lint.iam.services import service_name
from kms_lint.model import Condition, Principal, Principals, Statement
from kms_lint.syntax.tree import ANYTHING, DEPLOYMENT_ACCOUNT, Text


def denied(principal: Principal, deny: Statement) -> bool | None:
    """Whether a Deny for all but those that it lists applies to a principal; `None` where that is not said or not known.

    A whole account is denied when all its principals are, and not when one of them is spared for sure. Of everyone,
    strangers are denied: those whom nothing lists.
    """
    exempt = deny.principals.values if deny.principals is not None else ()
    if any(each.value.form == "*" for each in exempt):
        return False
    if not all(each.value.known and each.type.known for each in exempt):
        return None
    if who(principal, deny.owner) is Who.EVERYONE:
        return True
    if principal.type.form == "Service":
        return _service_denied(principal, exempt)
    named = account(principal)
    if named is None or ANYTHING in named:
        return None
    listed = _account_listed(named, exempt, deny.owner)
    itself = _identity_listed(principal, named, exempt, deny.owner)
    if listed and (itself or is_account(principal)):
        return False
    return True if listed is False and itself is False else None


def undecided(named: Principals, of: str) -> bool:
    """Whether an account or only an identity of it is listed, so that whether AWS spares it is not said."""
    mine = [each for each in named.values if account(each) == of]
    return not any(map(is_account, mine)) or all(map(is_account, mine))


def spared(named: Principals) -> tuple[Condition, ...]:
    """Conditions of which everybody who is listed meets one; what is left of a deleted user or role is nobody."""
    return tuple(_spared(named))


def _spared(named: Principals) -> Iterator[Condition]:
    for each in named.values:
        value, of = each.value, account(each)
        if each.type.form == "Service":
            yield _condition(each, "StringEquals", "aws:PrincipalServiceName", value)
        elif of is not None and is_account(each):
            if all(is_account(other) for other in named.values if account(other) == of):
                yield _condition(each, "StringEquals", "aws:PrincipalAccount", Text(of, value.at, of))
        elif of is not None:
            yield _condition(each, "ArnEquals", "aws:PrincipalArn", value)


def _condition(principal: Principal, operator: str, key: str, value: Text) -> Condition:
    at = principal.value.at
    return Condition(parse(Text(operator, at)), Text(key, at), (value,), at)


def _service_denied(principal: Principal, exempt: Iterable[Principal]) -> bool | None:
    """Services have no account: a Deny that lists none of their names applies to them."""
    form = principal.value.form
    names = [each.value.form for each in exempt if each.type.form == "Service"]
    if form in names:
        return False
    alike = any(service_name(name) == service_name(form) for name in names)
    return None if alike or not principal.value.known else True


def _account_listed(named: str, exempt: Iterable[Principal], owner: str | None) -> bool | None:
    return _any(_same_account(named, account(each), owner) for each in exempt if is_account(each))


def _identity_listed(principal: Principal, named: str, exempt: Iterable[Principal], owner: str | None) -> bool | None:
    """Whether a principal is listed by its name; of an account, whether one of its identities may be."""
    found: list[bool | None] = []
    for each in exempt:
        if is_account(each) or account(each) is None:
            continue
        if each.value.form == principal.value.form:
            return True
        alike = (
            is_account(principal) or _name(each) == _name(principal) or "<" in each.value.form + principal.value.form
        )
        found.append(None if alike and _same_account(named, account(each), owner) is not False else False)
    return _any(found)


def _name(principal: Principal) -> str:
    """The name of a user or role: a session has that of its role, without the path."""
    parts = principal.value.form.split("/")
    return parts[1] if parts[0].endswith(":assumed-role") and len(parts) > 1 else parts[-1]


def _same_account(one: str, other: str | None, owner: str | None) -> bool | None:
    """Whether two accounts are the same; `None` when one of them has no number yet."""
    known = [owner or each if each == DEPLOYMENT_ACCOUNT else each for each in (one, other or "")]
    if known[0] == known[1]:
        return True
    return False if all(each.isdigit() for each in known) else None


def _any(found: Iterable[bool | None]) -> bool | None:
    each = set(found)
    return True if True in each else None if None in each else False
