"""What one grant says of one concrete request, read from the grant itself as KMS lists it, not from statements.

The second reading of grants: it shares no code with `granted` and `composed`. `None` is what documentation leaves open.

https://docs.aws.amazon.com/kms/latest/developerguide/grants.html
https://docs.aws.amazon.com/kms/latest/APIReference/API_GrantConstraints.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from kms_lint.reason import reference
from kms_lint.reason.reference import all_of, any_of
from kms_lint.reason.request import Caller, CallerKind, Request

Json = Mapping[str, Any]

_WITH_CONTEXT: Final = frozenset(
    (
        "kms:decrypt",
        "kms:encrypt",
        "kms:generatedatakey",
        "kms:generatedatakeypair",
        "kms:generatedatakeypairwithoutplaintext",
        "kms:generatedatakeywithoutplaintext",
        "kms:reencryptfrom",
        "kms:reencryptto",
    )
)
"""The operations that take an encryption context. Constraints on it do not apply to others, such as kms:DescribeKey."""

_PAIR, _NAMES = "kms:encryptioncontext:", "kms:encryptioncontextkeys"


def allows(grant: Json, request: Request, by_iam: bool | None) -> bool | None:
    """Whether a grant allows a request before any Deny, as its grantee or as its retiring principal.

    `by_iam` is whether the IAM policies of the caller allow it. They have to where the grantee is an account as a whole,
    whose principals get nothing without.
    """
    to_grantee = all_of([_operation(grant, request), fulfils(grant, request), _named(grant, request, by_iam)])
    return any_of([to_grantee, _retires(grant, request, by_iam)])


def _named(grant: Json, request: Request, by_iam: bool | None) -> bool | None:
    if "GranteeServicePrincipal" in grant:
        return reference.principal("Service", grant["GranteeServicePrincipal"], request.caller)
    return _is(grant.get("GranteePrincipal"), request.caller, by_iam)


def _retires(grant: Json, request: Request, by_iam: bool | None) -> bool | None:
    """Its retiring principal may retire a grant, and do nothing else by it. No policy has to allow it.

    https://docs.aws.amazon.com/kms/latest/developerguide/grant-delete.html
    """
    if request.action.lower() != "kms:retiregrant":
        return False
    if "RetiringServicePrincipal" in grant:
        return reference.principal("Service", grant["RetiringServicePrincipal"], request.caller)
    return _is(grant["RetiringPrincipal"], request.caller, by_iam) if "RetiringPrincipal" in grant else False


def _is(principal: str | None, caller: Caller, by_iam: bool | None) -> bool | None:
    """Whether a principal of a grant, for which no type is written, is the caller. KMS shows services here as well."""
    if principal is None:
        return None
    if ":" not in principal and principal.endswith((".amazonaws.com", ".amazonaws.com.cn")):
        return reference.principal("Service", principal, caller)
    found = reference.principal("AWS", principal, caller)
    whole = reference.account_of(principal) is not None and caller.kind is not CallerKind.ROOT
    return all_of([found, by_iam]) if whole else found


def _operation(grant: Json, request: Request) -> bool:
    return request.action.lower() in [f"kms:{each}".lower() for each in grant["Operations"]]


def fulfils(grant: Json, request: Request) -> bool | None:
    """Whether a request fulfils the constraints of a grant."""
    constraints = grant.get("Constraints", {})
    if constraints is None:
        return None if request.action.lower() in (*_WITH_CONTEXT, "kms:creategrant") else True
    return all_of([_constraint(name, value, request) for name, value in constraints.items()])


def _constraint(name: str, value: Any, request: Request) -> bool | None:
    """Whether a request fulfils one constraint.

    `SourceArn` is looked at when a service calls, and not for retiring a grant. What kms:CreateGrant makes has to be at
    least as strict as the grant it comes from, which a request alone does not always show.
    """
    action = request.action.lower()
    if name == "SourceArn":
        if action == "kms:retiregrant" or request.caller.kind is not CallerKind.SERVICE:
            return True
        return None if value is None else reference.carried("aws:SourceArn", request) == (value,)
    if action not in (*_WITH_CONTEXT, "kms:creategrant"):
        return True
    if name not in ("EncryptionContextEquals", "EncryptionContextSubset") or value is None:
        return None
    if action == "kms:creategrant":
        return None if _within(value, request, False) else False
    return _within(value, request, name == "EncryptionContextEquals")


def _within(pairs: Mapping[str, str], request: Request, exactly: bool) -> bool:
    """Whether the encryption context of a request has these pairs and, when `exactly`, no others.

    Letter case counts in values, and not in names.
    """
    context = {key.removeprefix(_PAIR): held for key, held in request.context.items() if key.startswith(_PAIR)}
    wanted = {name.lower(): value for name, value in pairs.items()}
    if any(context.get(name) != (value,) for name, value in wanted.items()):
        return False
    named = {*context, *(each.lower() for each in request.context.get(_NAMES, ()))}
    return not exactly or named <= wanted.keys()
