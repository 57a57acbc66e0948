"""Callers in words: whom a value of a condition names, whom conditions and Denies leave of everyone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from kms_lint.finding import Severity
from kms_lint.iam import actions, conditions, denies, pins, trust
from kms_lint.iam.access import Exposure
from kms_lint.iam.comparisons import comparison, outcome, parse
from kms_lint.iam.conditions import WHO_CALLS, Limit
from kms_lint.model import Condition, Effect, Policy, Statement
from kms_lint.spelling import first_of
from kms_lint.syntax.tree import Text

_NAMING: Final = (*conditions.BY_ACCOUNT, *conditions.BY_ORGANIZATION, *conditions.BY_ARN)
_TELLING: Final = actions.READING | actions.CHECKING
"""What only tells about a key, or checks what it has signed; a wrapping key (kms:GetParametersForImport) is of no use
without kms:ImportKeyMaterial."""

_SHOWN: Final = 3


def named(value: Text) -> str:
    """Whom a value of a condition on the caller names."""
    if value.form.startswith("arn:"):
        return f"{value.rpartition(':')[2]} of account {pins.account_of(value.form, in_arn=True)}"
    if value.form.startswith(("o-", "${aws:ResourceOrg")):
        return f"organization {value.split('/')[0]}"
    return f"account {value}"


def limited_to(policy: Policy, statement: Statement, wanted: frozenset[str] = actions.ALL) -> str | None:
    """Whom the conditions of a statement, or a Deny of all that is wanted of it, surely limit it to, so far as they are named."""
    among = statement.conditions
    blocks = [
        (each,) for each in among if conditions.limits(each, among) is True and conditions.limit(each) in WHO_CALLS
    ]
    for block in (*blocks, *trust.fences(policy, statement, wanted).values()):
        telling = conditions.on(block, *_NAMING)
        if len(telling) == len(block) > 0:
            values = tuple(dict.fromkeys(named(value) for each in telling for value in each.values))
            return first_of(values, _SHOWN)
    return None


def severity_for_everyone(given: Exposure) -> Severity:
    """How grave it is that everyone is given actions: less when they only tell about the key, or check what it signed.

    Still less when they do not work from other accounts.
    """
    if given.possibly - _TELLING:
        return Severity.CRITICAL
    return Severity.MEDIUM if given.possibly & actions.CROSS_ACCOUNT else Severity.LOW


def anyone(policy: Policy, statement: Statement, given: Exposure) -> str:
    """Who everyone is: through which service, past which condition, as far as which Deny lets them; and what for if little."""
    return _who(policy, statement, given) + _what_for(given)


def _what_for(given: Exposure) -> str:
    if severity_for_everyone(given) is Severity.CRITICAL:
        return ""
    checking = "checking what it has signed" if given.possibly & actions.CHECKING else ""
    reading = "reading about the key" if given.possibly - actions.CHECKING else ""
    words = " and ".join(filter(None, (reading, checking)))
    return f", for no more than {words}: {first_of(sorted(given.possibly), _SHOWN)}"


def _who(policy: Policy, statement: Statement, given: Exposure) -> str:
    found = statement.conditions
    for condition in found:
        why = conditions.why_open(condition, found) if conditions.limit(condition) in WHO_CALLS else None
        if why:
            return f"anyone: the condition {why}"
    against = tuple(each for each in policy.statements if _takes_some(each, given))
    for deny in against:
        for spared in _spared(deny):
            why = conditions.why_open(spared) if conditions.limit(spared) in WHO_CALLS else None
            if why and spared.values:
                return f"anyone: `{deny.name}` {why}"
    left = [spared for deny in against if len(deny.conditions) == 1 for spared in _spared(deny)]
    through = [value for each in (*found, *left) if _limits_path(each, found) for value in each.values]
    if through:
        return f"anyone, through {' or '.join(dict.fromkeys(through))}"
    if any(_asks_for_services(each) for each in found):
        return "anyone, through any service of AWS that calls as itself"
    if not given.possibly & actions.CROSS_ACCOUNT:
        return "anyone in the key's account, without any IAM policy"
    if not against:
        return "anyone in any AWS account"
    names = " and ".join(f"`{each.name}`" for each in against)
    return f"anyone in any AWS account whom {names} {'does' if len(against) == 1 else 'do'} not deny"


def _asks_for_services(condition: Condition) -> bool:
    """Whether a condition holds for no calls but those that services make as themselves."""
    if not conditions.on((condition,), "aws:PrincipalIsAWSService"):
        return False
    operator, values = parse(condition.operator.text), [value.form for value in condition.values]
    return outcome(operator, values, ["true"]) is True and outcome(operator, values, ["false"]) is False


def _takes_some(statement: Statement, given: Exposure) -> bool:
    """Whether a statement is a Deny of some of what is open; every call of AWS KMS comes over TLS."""
    if statement.effect is not Effect.DENY or statement.unknown:
        return False
    over_tls = conditions.on(statement.conditions, "aws:SecureTransport")
    return not over_tls and bool(given.possibly & actions.reachable(statement.actions))


def _spared(deny: Statement) -> Iterator[Condition]:
    """What everybody meets one of whom the negated conditions of a Deny spare."""
    for condition in deny.conditions:
        compared = comparison(parse(condition.operator.text))
        if compared is not None and compared.negated:
            yield denies.inverse(condition)


def _limits_path(condition: Condition, among: tuple[Condition, ...]) -> bool:
    via_service = conditions.on((condition,), "kms:ViaService", "aws:CalledVia*")
    return bool(via_service) and conditions.limit(condition) is Limit.PATH and bool(conditions.limits(condition, among))
