"""Policies as plain data for the reference evaluator, and policies in which what is unknown was given a value."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

from kms_lint.iam import principals
from kms_lint.model import Constraint, Grant, Policy, Statement
from kms_lint.syntax.tree import ANYTHING, Text
from kms_lint.texts import changed_by_part

_NOT_IN_NAMES: Final = re.compile(r"[^\w+=,.@<>\[\]-]+")
_MARKED: Final = re.compile(r"<hole:[^<>]*>")


def document(policy: Policy) -> dict[str, Any]:
    """A policy without unknown parts as the reference evaluator takes it."""
    version = {"Version": policy.version.form} if policy.version is not None else {}
    return {**version, "Statement": [_statement(each) for each in policy.statements]}


def _statement(statement: Statement) -> dict[str, Any]:
    found: dict[str, Any] = {"Effect": statement.effect.value if statement.effect else "?"}
    if statement.principals is not None:
        name = "NotPrincipal" if statement.principals.negated else "Principal"
        found[name] = [(each.type.form, each.value.form) for each in statement.principals.values]
    for name, patterns in (("Action", statement.actions), ("Resource", statement.resources)):
        if patterns is not None:
            found[f"Not{name}" if patterns.negated else name] = [value.form for value in patterns.values]
    found["Condition"] = [
        (each.operator.text.form, each.key.form, [value.form for value in each.values]) for each in statement.conditions
    ]
    return found


def grant(grant: Grant) -> dict[str, Any] | None:
    """A grant as KMS lists it; `None` where what it gives is not known. `Constraints` is `None` where these are not."""
    named = [each for each in (grant.grantee, grant.retiring) if each is not None]
    if grant.grantee is None or not all(each.known for each in (*named, *grant.operations)):
        return None
    found: dict[str, Any] = {
        "GranteeServicePrincipal" if grant.service else "GranteePrincipal": grant.grantee.form,
        "Operations": [each.form for each in grant.operations],
        "Constraints": None if grant.constraints_unknown else dict(map(_constraint, grant.constraints)),
    }
    return found if grant.retiring is None else {**found, "RetiringPrincipal": grant.retiring.form}


def _constraint(constraint: Constraint) -> tuple[str, Any]:
    """The name of a constraint and what it asks for, `None` where that is not known."""
    known = all(text.known for pair in constraint.values for text in pair)
    if constraint.type == "SourceArn":
        return constraint.type, constraint.values[0][1].form if known and len(constraint.values) == 1 else None
    pairs = {name.form: value.form for name, value in constraint.values}
    return constraint.type, pairs if known and constraint.pairs == len(constraint.values) else None


def marked(policy: Policy) -> Policy:
    """A policy in which texts of the form `<hole:expression>` are unknown, as `show` writes them for other tools."""
    return changed_by_part(policy, _opened, _opened)


def _opened(text: Text) -> Text:
    if "<hole:" not in text:
        return text
    return Text(str(text), text.at, _MARKED.sub(ANYTHING, text.form))


def generic(policy: Policy, account: str) -> Policy:
    """A policy in which each unknown value is one of its own, unlike all others: an unknown principal is a role."""

    def settled(text: Text) -> Text:
        return text if text.known else Text(str(text), text.at, str(text))

    def principal(text: Text) -> Text:
        if text.known:
            return text
        if text.form.startswith("arn:") and text.form.count(":") >= 5:
            return settled(text)
        role = f"arn:aws:iam::{account}:role/{_NOT_IN_NAMES.sub('-', str(text).replace('<hole:', '<'))}"
        return Text(role, text.at, role)

    return changed_by_part(policy, settled, principal)


def replaced(policy: Policy, change: Callable[[str], str]) -> Policy:
    """A policy with each text of its resources and conditions changed."""

    def changed(text: Text) -> Text:
        form = change(text.form)
        return text if form == text.form else Text(form, text.at, form)

    return changed_by_part(policy, changed, lambda text: text)


def account_of_key(policies: tuple[Policy, ...]) -> str | None:
    """The account of a key as its policies suggest it: the only account that they name as a whole."""
    named = [
        str(principals.account(each))
        for policy in policies
        for statement in policy.statements
        for each in (statement.principals.values if statement.principals else ())
        if principals.account(each) and ANYTHING not in str(principals.account(each))
    ]
    return named[0] if len(set(named)) == 1 else None
