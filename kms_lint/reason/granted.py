"""Grants as statements: what each gives to whom, to be compared together with the key policy, whose Denies hold for it.

https://docs.aws.amazon.com/kms/latest/developerguide/grants.html
https://docs.aws.amazon.com/kms/latest/APIReference/API_GrantConstraints.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from kms_lint.iam import actions, keys
from kms_lint.model import Condition, Effect, Grant, Operator, Patterns, PolicyKind, Principal, Principals, Statement
from kms_lint.syntax.tree import ANYTHING, Text

_EQUALS, _SUBSET: Final = "EncryptionContextEquals", "EncryptionContextSubset"
_CONTEXT: Final = "kms:EncryptionContext:"
_CONTEXT_KEYS: Final = "kms:EncryptionContextKeys"
ASSUMED: Final = "the names in the encryption context of a grant are compared in any letter case, as AWS's API reference says"

__all__ = ["ASSUMED", "statements", "unsupported"]


def statements(grant: Grant) -> Iterator[Statement]:
    """What a grant gives: the operations that its constraints bound, and those that they do not."""
    bound = [each for each in grant.operations if _bounded(each)] if grant.constraints or grant.constraints_unknown else []
    free = [each for each in grant.operations if each not in bound]
    for operations, conditions in ((bound, tuple(_conditions(grant))), (free, ())):
        if operations and grant.grantee is not None:
            yield _statement(grant, operations, conditions)


def unsupported(grant: Grant) -> str:
    """Why what a grant gives cannot be told; empty where it can."""
    if grant.grantee is None:
        return "whom it is for is not known"
    constrained = grant.constraints or grant.constraints_unknown
    if constrained and any(each.form in ("CreateGrant", ANYTHING) for each in grant.operations):
        return "it lets its grantee create grants within its constraints, and such grants are not followed"
    if any(each.type not in (_EQUALS, _SUBSET) for each in grant.constraints):
        return "it has a constraint other than on the encryption context"
    if grant.grantee.form.endswith(":root") or grant.grantee.form.isdigit():
        return "its grantee is a whole account"
    return ""


def _bounded(operation: Text) -> bool:
    """Whether constraints on the encryption context bound an operation: it takes one.

    https://docs.aws.amazon.com/kms/latest/developerguide/create-grant-overview.html#grant-constraints
    """
    action = f"kms:{operation.form}"
    return action not in actions.ALL or keys.in_request(_CONTEXT.lower() + "x", action) is not False


def _statement(grant: Grant, operations: list[Text], conditions: tuple[Condition, ...]) -> Statement:
    at = grant.at

    def text(value: str) -> Text:
        return Text(value, at)

    grantee = grant.grantee or text("")
    kind = grantee.form.split(":", 5)[-1].partition("/")[0]
    if kind == "role" and grantee.form.startswith("arn:"):
        # a permissions boundary does not bound what a grant gives: that is as for everyone, with this ARN
        principal = Principal(text("AWS"), text("*"))
        conditions = (*conditions, _condition(grant, "ArnEquals", "aws:PrincipalArn", (grantee,)))
    else:
        principal = Principal(text("Service" if grant.service else "AWS"), grantee)
    given = tuple(Text(f"kms:{each}", each.at, f"kms:{each.form}") for each in operations)
    return Statement(
        PolicyKind.KEY,
        grant.owner,
        0,
        at,
        sid=text(f"grant {grant.address}"),
        effect=Effect.ALLOW,
        effect_text=text("Allow"),
        principals=Principals((principal,), False, at, text("grantee")),
        actions=Patterns(given, False, grant.operations_at, text("operations")),
        resources=Patterns((text("*"),), False, at, text("key")),
        conditions=conditions,
    )


def _conditions(grant: Grant) -> Iterator[Condition]:
    at = grant.at
    if grant.constraints_unknown:
        unknown = Text("<constraints>", at, ANYTHING)
        yield Condition(Operator(unknown, None), unknown, (Text(f"of {grant.address}", at),), at)
    for each in grant.constraints:
        if each.pairs != len(each.values) or any(not name.known for name, _ in each.values):
            unknown = Text(f"<{each.type}>", at, ANYTHING)
            yield Condition(Operator(unknown, None), unknown, (Text(f"of {grant.address}", at),), at)
            continue
        for name, value in each.values:
            yield _condition(grant, "StringEquals", f"{_CONTEXT}{name}", (value,))
        if each.type == _EQUALS:
            names = tuple(name for name, _ in each.values)
            yield _condition(grant, "ForAllValues:StringEqualsIgnoreCase", _CONTEXT_KEYS, names)


def _condition(grant: Grant, operator: str, key: str, values: tuple[Text, ...]) -> Condition:
    quantifier, _, comparison = operator.rpartition(":")
    parsed = Operator(Text(operator, grant.at), comparison, False, quantifier or None)
    return Condition(parsed, Text(key, grant.at), values, grant.at)
