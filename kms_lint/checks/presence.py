"""Conditions on keys that a request never carries, and what becomes of their statements.

https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from kms_lint.checks.open_condition import certainty_of_opening
from kms_lint.finding import Confidence, Hit
from kms_lint.iam import actions, comparisons, conditions, keys, principals, service_access, wildcards
from kms_lint.iam.principals import ACCOUNTS, IDENTITIES
from kms_lint.model import Condition, Effect, PolicyKind, Principal, Statement, World
from kms_lint.rule import check
from kms_lint.syntax.tree import Text

_CONSEQUENCES: Final = {
    (Effect.ALLOW, False): "the Allow never allows",
    (Effect.ALLOW, True): "it limits nothing",
    (Effect.DENY, False): "the Deny never blocks",
    (Effect.DENY, True): "the Deny always blocks",
}
_GRANT_TEST: Final = "kms:grantisforawsresource"
_WITH_GRANT_TEST: Final = frozenset({"kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant"})
_PATHS: Final = ("kms:viaservice", "aws:calledvia", "aws:calledviafirst", "aws:calledvialast")
_JUDGED: Final = frozenset({PolicyKind.KEY, PolicyKind.IDENTITY, PolicyKind.SCP, PolicyKind.RCP})


@check(Statement)
def condition_never_present(statement: Statement, world: World) -> Iterator[Hit]:
    """A condition looks at a key that requests for these actions never carry."""
    if not statement.conditions or statement.effect is None or statement.unknown or statement.kind not in _JUDGED:
        return
    reachable = _effective(statement)
    for condition in statement.conditions:
        if condition.key.known and reachable and condition.key.form.lower() != _GRANT_TEST:
            yield from _absent(statement, condition, reachable, world)


def _effective(statement: Statement) -> frozenset[str]:
    """The actions that a statement may be about and that its policy decides."""
    reachable = actions.reachable(statement.actions)
    return reachable - actions.WITHOUT_EFFECT_IN_KEY_POLICY if statement.kind is PolicyKind.KEY else reachable


def _absent(statement: Statement, condition: Condition, reachable: frozenset[str], world: World) -> Iterator[Hit]:
    key = keys.find(condition.key.form)
    passes = comparisons.passes_when_absent(condition)
    if key is None or passes is None or (key.identity_only and statement.kind is PolicyKind.KEY):
        return
    assert statement.effect is not None
    consequence = _CONSEQUENCES[statement.effect, passes]
    if condition.key.form.lower() in keys.SERVICE_ONLY:
        if not _services_call(statement, world):
            label = f"only calls of AWS services as themselves carry `{condition.key}`, so {consequence}"
            yield Hit(condition.key.at, label, str(condition.key))
        return
    without = reachable & keys.never_in_requests(condition.key.form)
    if without == reachable:
        label = f"no request for these actions carries `{condition.key}`, so {consequence}"
        yield Hit(condition.key.at, label, str(condition.key))
    elif without and not (statement.effect is Effect.ALLOW and passes):
        # AWS writes `kms:Describe*` beside what carries a context, and harms nobody: only names are told
        named = [str(each) for each in _named(statement, without) if not wildcards.has_wildcard(each.form)]
        if named:
            label = f"no request for {', '.join(named)} carries `{condition.key}`, so for {_them(named)} {consequence}"
            yield Hit(condition.key.at, label, str(condition.key))


def _them(named: list[str]) -> str:
    return "it" if len(named) == 1 else "them"


def _named(statement: Statement, wanted: frozenset[str]) -> Iterator[Text]:
    """The actions of a statement that are written out, or meant by a pattern that means no others."""
    if statement.actions is None or statement.actions.negated:
        return
    for value in statement.actions.values:
        meant = actions.expand(value.form) if value.known else frozenset()
        if meant and meant <= wanted:
            yield value


def _services_call(statement: Statement, world: World) -> bool:
    """Whether a statement may be about calls that services make as themselves."""
    if statement.kind is PolicyKind.IDENTITY:
        return False
    named = statement.principals
    if statement.kind is not PolicyKind.KEY or named is None or named.negated or statement.effect is Effect.DENY:
        return True
    found = {principals.who(each, statement.owner, world.accounts) for each in named.values}
    return not found <= ACCOUNTS | IDENTITIES


@check(Statement)
def key_policy_condition_ignored(statement: Statement, world: World) -> Iterator[Hit]:
    """A key policy looks at what only IAM policies can look at: the aliases and the tags of the key.

    https://docs.aws.amazon.com/kms/latest/developerguide/tag-authorization.html
    https://docs.aws.amazon.com/kms/latest/developerguide/alias-authorization.html
    """
    if statement.kind is not PolicyKind.KEY or statement.effect is None or statement.unknown:
        return
    for condition in statement.conditions:
        key = keys.find(condition.key.form) if condition.key.known else None
        passes = comparisons.passes_when_absent(condition)
        if key is not None and key.identity_only and passes is not None and _effective(statement):
            consequence = _CONSEQUENCES[statement.effect, passes]
            label = f"`{condition.key}` works in IAM policies only, so {consequence}"
            yield Hit(condition.key.at, label, str(condition.key))


@check(Statement)
def via_service_on_service_principal(statement: Statement, world: World) -> Iterator[Hit]:
    """A service that calls as itself is asked through which service it calls.

    Certain where that is the service itself. A service can also call another one, as CloudWatch alarms call
    investigations, and for such a case AWS documents the key on a service principal.
    https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-via-service
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Investigations-Security.html
    """
    named = statement.principals
    if statement.kind is not PolicyKind.KEY or named is None or named.negated or statement.effect is not Effect.ALLOW:
        return
    services = [each for each in named.values if each.type.form == "Service"]
    for condition in statement.conditions if services else ():
        if condition.key.form.lower() in _PATHS and comparisons.passes_when_absent(condition) is False:
            if all(_through_itself(each, condition) for each in services):
                label = f"{services[0].value} calls as itself, and such a call carries no `{condition.key}`: nothing is allowed to it"
                yield Hit(condition.key.at, label, str(condition.key))
            else:
                label = (
                    f"unless {services[0].value} calls through another service, its calls carry no `{condition.key}`"
                )
                yield Hit(condition.key.at, label, str(condition.key), confidence=Confidence.POSSIBLE)


def _through_itself(principal: Principal, condition: Condition) -> bool:
    """Whether a service principal is asked for calls through itself, which it never makes."""
    names = [value.form.partition(".")[0] for value in condition.values]
    return condition.key.form.lower() == _PATHS[0] and all(
        service_access.calls_as(principal.value.form, name) for name in names
    )


@check(Statement)
def grant_condition_misused(statement: Statement, world: World) -> Iterator[Hit]:
    """The test whether a grant is for an AWS resource stands where it limits nothing, or stops other actions.

    https://docs.aws.amazon.com/kms/latest/developerguide/grant-manage.html
    """
    if statement.effect is not Effect.ALLOW or statement.unknown or not _effective(statement):
        return
    for condition in statement.conditions:
        if condition.key.form.lower() == _GRANT_TEST:
            yield from _misused(statement, condition)


def _misused(statement: Statement, condition: Condition) -> Iterator[Hit]:
    passes = comparisons.passes_when_absent(condition)
    truths = {value.form.lower() for value in condition.values}
    operator = comparisons.parse(condition.operator.text)
    if operator.comparison == "Bool" and truths == {"false"}:
        label = "only grants that are not for an AWS resource are let through"
        yield Hit(condition.values[0].at, label, str(condition.values[0]))
    elif (
        passes
        and (operator.if_exists or operator.quantifier)
        and not conditions.guarded(condition, statement.conditions)
    ):
        why = "IfExists" if operator.if_exists else operator.quantifier
        label = f"because of {why} it also lets through every request that carries no such thing: write `Bool`"
        confidence = certainty_of_opening(condition, statement.conditions)
        yield Hit(condition.key.at, label, str(condition.key), confidence=confidence)
    elif passes is False:
        others = list(_named(statement, _effective(statement) - _WITH_GRANT_TEST))
        if others:
            label = f"requests for {', '.join(map(str, others))} carry no such thing, so they are never allowed here"
            yield Hit(condition.key.at, label, str(condition.key))
