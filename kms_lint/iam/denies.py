"""What one Deny takes away from those that an Allow lets in. For `access`, which asks about whole policies.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from __future__ import annotations

from typing import Final

from kms_lint.iam import actions, exempted, keys, resources, service_access, wildcards
from kms_lint.iam.comparisons import FOR_ANY, comparison, outcome, parse, passes_when_absent
from kms_lint.iam.conditions import WHO_CALLS, Limit, limit, limits
from kms_lint.iam.principals import account, is_account
from kms_lint.model import Condition, Effect, PolicyKind, Principal, Principals, Statement
from kms_lint.syntax.tree import ANYTHING, Text

_EXEMPTING: Final = {
    "aws:viaawsservice": Limit.PATH,
    "aws:principalisawsservice": None,
    "kms:grantisforawsresource": Limit.GRANT,
}
"""Truths that a Deny tests with `false`, and what is left to callers of whom they are true. Those who call as a
service are no strangers, so that exempting them leaves nothing open."""

_SERVICE_ROLE: Final = ":role/aws-service-role/"
"""Only services can make roles with this path, in whichever account, so that sparing them spares no stranger."""


def is_deny(statement: Statement) -> bool:
    """Whether a statement surely denies."""
    return statement.effect is Effect.DENY and not statement.unknown


def may_deny(statement: Statement) -> bool:
    """Whether a statement denies for some content of what is unknown.

    A statement of which nothing is known, such as one that a `dynamic` block makes, is not presumed to be a Deny: it
    would hide every Allow beside it.
    """
    return statement.effect is Effect.DENY or (statement.unknown and statement.effect_text is not None)


def denied(deny: Statement, allow: Statement, principal: Principal | None = None) -> frozenset[str]:
    """The actions that a Deny surely takes from everybody that an Allow lets in, or from one principal of it."""
    if not is_deny(deny):
        return frozenset()
    applies = covers_principals(deny, allow, principal) and covers_resources(deny, allow)
    if not applies or not _always_holds(deny, allow, principal):
        return frozenset()
    return actions.covered(deny.actions)


def possibly_denied(deny: Statement, allow: Statement) -> frozenset[str]:
    """The actions that a Deny takes from everybody that an Allow lets in, for some content of what is unknown."""
    if not may_deny(deny):
        return frozenset()
    if deny.unknown:
        return actions.ALL
    known = all(_known(condition) for condition in deny.conditions)
    if known and not _always_holds(deny, allow, None):
        return frozenset()
    if not _may_cover_principals(deny, allow) or not _may_cover_resources(deny, allow):
        return frozenset()
    return actions.reachable(deny.actions)


def limits_left(deny: Statement, allow: Statement) -> frozenset[Limit] | None:
    """What a Deny surely limits an Allow to, for the actions that it covers; `None` when that depends on the unknown.

    `Deny … StringNotEquals aws:PrincipalOrgID o-x` leaves the callers of that organization. With several conditions
    the Deny spares whoever fails one of them, so each has to be of this kind, and strangers are left with the weaker.
    """
    if not is_deny(deny):
        return None if may_deny(deny) else frozenset()
    if not covers_principals(deny, allow, None) or not covers_resources(deny, allow):
        possible = _may_cover_principals(deny, allow) and _may_cover_resources(deny, allow)
        return None if possible else frozenset()
    spared: set[Limit] = {Limit.CALLER} if deny.principals is not None and deny.principals.negated else set()
    for condition in deny.conditions:
        if _same(condition, allow) or _never_carried(condition, deny) or _holds_for_services(condition, allow):
            continue
        left = _left(condition)
        if left is None or Limit.REQUEST in left:
            return None if left is None else frozenset()
        spared |= left
    weaker = frozenset(spared - WHO_CALLS)
    if not weaker:
        return frozenset(spared)
    return weaker if len(weaker) == 1 else frozenset()


def spared(deny: Statement, allow: Statement) -> tuple[Condition, ...] | None:
    """Conditions of which everybody meets one whom a Deny leaves of an Allow; `None` when they do not say who calls.

    `Deny … StringNotEquals aws:PrincipalOrgID o-x` leaves those of `StringEquals aws:PrincipalOrgID o-x`, and a Deny with
    NotPrincipal whom it lists.
    """
    left = limits_left(deny, allow)
    if not left or not left <= WHO_CALLS:
        return None
    named = deny.principals
    listed = exempted.spared(named) if named is not None and named.negated else ()
    telling = [each for each in deny.conditions if not _same(each, allow) and not _never_carried(each, deny)]
    asking = [each for each in telling if not _holds_for_services(each, allow)]
    found = [inverse(each) for each in asking if each.key.form.lower() not in _EXEMPTING]
    return (*listed, *(each for each in found if each.values))


def _holds_for_services(condition: Condition, allow: Statement) -> bool:
    """Whether a Deny asks for calls of services, and an Allow names nothing else: then this spares nobody of it.

    Likewise whether it asks for calls with `aws:SourceAccount`, and an Allow names services that send it.
    """
    if allow.kind is not PolicyKind.KEY or allow.principals is None or allow.principals.negated:
        return False
    key = condition.key.form.lower()
    if key == "aws:principalisawsservice":
        return all(holds_for(condition, each) is True for each in allow.principals.values)
    if key != "aws:sourceaccount" or parse(condition.operator.text).comparison != "Null":
        return False
    present = {value.form.lower() for value in condition.values} == {"false"}
    return present and all(_sends_account(each) for each in allow.principals.values)


def _sends_account(principal: Principal) -> bool:
    """Whether a service is known to send `aws:SourceAccount` in all its uses of keys."""
    uses = service_access.as_itself(principal.value.form) if principal.type.form == "Service" else ()
    return bool(uses) and all(use.account for use in uses)


def _never_carried(condition: Condition, deny: Statement) -> bool:
    """Whether a condition always holds in a key policy, because its key works in identity policies only."""
    key = keys.find(condition.key.form)
    ignored = key is not None and key.identity_only and deny.kind is PolicyKind.KEY
    return ignored and passes_when_absent(condition) is True


def covers_principals(deny: Statement, allow: Statement, principal: Principal | None) -> bool:
    """Whether a Deny surely applies to all that an Allow lets in, or to one principal; strangers count for `*`."""
    if allow.kind is not PolicyKind.KEY or allow.principals is None:
        return True
    if deny.principals is None:
        return False
    if deny.principals.negated:
        return all(exempted.denied(each, deny) is True for each in _let_in(allow.principals, principal))
    if allow.principals.negated:
        return any(each.value.form == "*" for each in deny.principals.values)
    mine = _let_in(allow.principals, principal)
    return all(any(_includes(other, each) for other in deny.principals.values) for each in mine)


def _let_in(named: Principals, principal: Principal | None) -> tuple[Principal, ...]:
    """Whom an Allow lets in, or one of them: everyone by `NotPrincipal`."""
    if principal is not None:
        return (principal,)
    if named.negated:
        return (Principal(Text("*", named.name.at), Text("*", named.name.at)),)
    return named.values


def covers_resources(deny: Statement, allow: Statement) -> bool:
    """Whether a Deny surely applies to all keys that an Allow reaches."""
    if deny.resources is None or deny.resources.negated:
        return False
    if allow.kind is PolicyKind.KEY:
        return any(resources.is_key(value, None, deny.owner) for value in deny.resources.values)
    if resources.widest(deny.resources) is resources.Kind.EVERY_KEY and any(
        found.region == "*" and found.kind is resources.Kind.EVERY_KEY for _, found in resources.reaches(deny.resources)
    ):
        return True
    if allow.resources is None or allow.resources.negated:
        return False
    return all(
        any(wildcards.includes(other.form, value.form) for other in deny.resources.values)
        for value in allow.resources.values
    )


def holds_for(condition: Condition, principal: Principal) -> bool | None:
    """Whether a condition surely holds for calls of a principal, from what its name tells of them.

    A whole account stands for all its identities. `None` when its name does not decide.
    """
    key, values = condition.key.form.lower(), [value.form for value in condition.values]
    named, operator = account(principal), parse(condition.operator.text)
    if key == "aws:principalisawsservice" and (named is not None or principal.type.form == "Service"):
        return outcome(operator, values, ["false" if named is not None else "true"])
    if named is None or any("<" in value for value in (*values, principal.value.form)) or ANYTHING in named:
        return None
    if key in ("aws:principalaccount", "kms:calleraccount"):
        return outcome(operator, values, [named])
    if key != "aws:principalarn":
        return None
    form = principal.value.form
    if is_account(principal):
        return _holds_for_account(condition, named)
    return outcome(operator, values, [form]) if ":role/" in form or ":user/" in form else None


def _holds_for_account(condition: Condition, named: str) -> bool | None:
    """A test of the caller's ARN, for all callers of an account: decided when every value is of another account."""
    compared = comparison(parse(condition.operator.text))
    parts = [value.form.split(":", 5) for value in condition.values]
    if compared is None or any(len(each) < 6 or "$" in each[4] for each in parts):
        return None
    elsewhere = all(not wildcards.possibly_matches(each[4], named) for each in parts)
    return compared.negated if elsewhere else None


def _always_holds(deny: Statement, allow: Statement, principal: Principal | None) -> bool:
    """Whether the conditions of a Deny surely hold whenever the Allow applies."""
    return all(
        _same(condition, allow)
        or _of_every_call(condition)
        or (principal is not None and holds_for(condition, principal))
        for condition in deny.conditions
    )


def _of_every_call(condition: Condition) -> bool:
    """Whether a condition holds for every call of AWS KMS, which answers over TLS only.

    https://docs.aws.amazon.com/kms/latest/developerguide/infrastructure-security.html
    """
    if condition.key.form.lower() != "aws:securetransport":
        return False
    return outcome(parse(condition.operator.text), [value.form for value in condition.values], ["true"]) is True


def _same(condition: Condition, allow: Statement) -> bool:
    """Whether the Allow asks for the same, so that the condition holds whenever the Allow applies."""
    return _known(condition) and any(
        other.operator.text.form == condition.operator.text.form
        and other.key.form.lower() == condition.key.form.lower()
        and {value.form for value in other.values} == {value.form for value in condition.values}
        for other in allow.conditions
    )


def _left(condition: Condition) -> frozenset[Limit] | None:
    """What is left to callers when a Deny has this condition; `REQUEST` when strangers may be among them."""
    operator, key = parse(condition.operator.text), condition.key.form.lower()
    compared, strangers = comparison(operator), frozenset({Limit.REQUEST})
    if ANYTHING in key or compared is None:
        return None
    if key in _EXEMPTING and compared.type in ("Bool", "String") and not compared.negated:
        tests = {value.form.lower() for value in condition.values}
        spared = _EXEMPTING[key]
        return strangers if tests != {"false"} else frozenset({spared} if spared else ())
    if not compared.negated or operator.quantifier == FOR_ANY:
        return strangers
    met = inverse(condition)
    if condition.values and not met.values:
        return frozenset()
    holds, about = limits(met), limit(condition)
    if holds is None or about is None:
        return None
    return frozenset({about}) if holds else strangers


def inverse(condition: Condition) -> Condition:
    """What callers meet who are spared by a negated condition of a Deny; roles of services do not count."""
    key, operator = condition.key.form.lower(), parse(condition.operator.text)
    others = tuple(
        value for value in condition.values if not (key == "aws:principalarn" and _SERVICE_ROLE in value.form)
    )
    positive = operator.text.form.replace("Not", "", 1).removesuffix("IfExists").split(":")[-1]
    quantifier = f"{FOR_ANY}:" if operator.quantifier else ""
    return condition._replace(operator=operator._replace(text=Text(quantifier + positive, condition.at)), values=others)


def _includes(other: Principal, principal: Principal) -> bool:
    """Whether a principal of a Deny surely stands for all that another principal stands for."""
    if other.type.form == "*" and other.value.form == "*":
        return True
    if other.value.form == "*" and other.type.form == "AWS":
        return principal.type.form != "Service"
    if ANYTHING in other.value.form or ANYTHING in principal.value.form:
        return False
    if other.type.form == principal.type.form and other.value.form == principal.value.form:
        return True
    return is_account(other) and account(principal) == account(other)


def _may_cover_principals(deny: Statement, allow: Statement) -> bool:
    if deny.principals is not None and deny.principals.negated and allow.principals is not None:
        return all(exempted.denied(each, deny) is not False for each in _let_in(allow.principals, None))
    return covers_principals(deny, allow, None) or not _known_principals(deny)


def _may_cover_resources(deny: Statement, allow: Statement) -> bool:
    unknown = deny.resources is not None and not all(value.known for value in deny.resources.values)
    return unknown or covers_resources(deny, allow)


def _known_principals(deny: Statement) -> bool:
    return deny.principals is None or all(each.value.known and each.type.known for each in deny.principals.values)


def _known(condition: Condition) -> bool:
    texts = (condition.operator.text, condition.key, *condition.values)
    return all(text.known for text in texts)
