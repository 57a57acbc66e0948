"""Whom a trust policy can mean, at a glance."""

from __future__ import annotations

from kms_lint.iam import principals
from kms_lint.model import Policy, Statement
from kms_lint.reason.parties import Party
from kms_lint.syntax.tree import ANYTHING


def may_name(trust: Policy, party: Party) -> bool:
    """Whether a trust policy can mean a party at all: most name others, one by one."""
    arn = party.caller.arn if party.caller is not None else None
    for statement in trust.statements:
        named = statement.principals
        if statement.unknown or named is None or named.negated:
            return True
        for each in named.values:
            form = each.value.form
            if form in ("*", arn) or ANYTHING in form or principals.is_account(each) or ":assumed-role/" in form:
                return True
    return False


def names_everybody(statement: Statement) -> bool:
    """Whether a statement is about everybody."""
    named = statement.principals
    return named is not None and (named.negated or any(each.value.form == "*" for each in named.values))
