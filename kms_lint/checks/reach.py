"""What the statements of an identity policy allow on which keys, once the Denies of the policy are taken off.

https://docs.aws.amazon.com/kms/latest/developerguide/cmks-in-iam-policies.html
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final, NamedTuple

from kms_lint.finding import Confidence
from kms_lint.iam import access, actions, conditions, keys, kms, resources
from kms_lint.iam.conditions import Limit
from kms_lint.iam.resources import Kind
from kms_lint.model import Condition, Effect, Policy, PolicyKind, Statement
from kms_lint.source import At
from kms_lint.syntax.tree import ANYTHING, DEPLOYMENT_ACCOUNT

GRAVE: Final = actions.DECRYPTING | actions.SIGNING | actions.ADMINISTRATION
"""Operations with which data leaks, is forged or is lost."""

NAMING_KEYS: Final = ("kms:ResourceAliases", "kms:RequestAlias", "aws:ResourceTag/*")
"""Condition keys that leave certain keys of those that a resource reaches."""

WINDOW: Final = "kms:ScheduleKeyDeletionPendingWindowInDays"
"""The condition key with the waiting period that a request for a deletion asks for."""

SHORTEST: Final = str(kms.DELETION_DAYS[0])
"""The fewest days that AWS KMS waits before it deletes a key."""

OF_ACCOUNTS: Final = ("aws:ResourceAccount", "aws:ResourceOrgID", "aws:ResourceOrgPaths")
"""Condition keys that leave the keys of certain accounts."""

STRANGER: Final = "stranger"
"""Stands for an account or organization that no policy names."""

_NONE: Final[frozenset[str]] = frozenset()
_EVERY_ALIAS: Final = frozenset({"*", "alias/*", "alias*"})


class Allowance(NamedTuple):
    """What a statement with `Action` allows an identity, and how far it reaches.

    `kind` is `EVERY_KEY` or `ACCOUNT_KEYS` when it surely reaches so far, `EVERY_KEY` also for the accounts of a pattern; then
    `at` is the value that does, and `where` says in words which keys these are. `concerns_keys` is `None` when that depends on what is unknown.
    """

    policy: Policy
    statement: Statement
    surely: frozenset[str]
    possibly: frozenset[str]
    kind: Kind | None
    at: At
    where: str
    concerns_keys: bool | None

    @property
    def broad(self) -> bool:
        """Whether it surely reaches every key, or every key of an account."""
        return self.kind is not None

    @property
    def any_resource(self) -> bool:
        """Whether it allows operations that concern no key, which need `*`."""
        found = self.statement.resources
        if found is None:
            return False
        stars = any(not value.form.strip("*") for value in found.values)
        return not stars and self.kind is not None if found.negated else stars


@lru_cache(maxsize=1)
def allowances(policy: Policy) -> tuple[Allowance, ...]:
    """What each Allow with `Action` in an identity policy gives of KMS on more keys than it names, or may.

    Kept for the policy that was asked about last, because each rule asks about the same one.
    """
    if policy.kind is not PolicyKind.IDENTITY:
        return ()
    found = (_allowance(policy, statement) for statement in policy.statements)
    return tuple(each for each in found if each is not None)


def named_keys(allowance: Allowance) -> bool | None:
    """Whether a condition leaves only keys with certain aliases or tags; `None` when that depends on the unknown."""
    return held(allowance.statement, *NAMING_KEYS)


def held(statement: Statement, *names: str) -> bool | None:
    """Whether a condition on one of these keys limits a statement; `None` when that depends on the unknown."""
    found = [_limits(each, statement) for each in conditions.on(statement.conditions, *names)]
    if True in found:
        return True
    return None if None in found or any(not each.key.known for each in statement.conditions) else False


def steps(allowance: Allowance, wanted: frozenset[str]) -> int:
    """In how many ways the conditions, and those of Denies, limit which keys are reached and how: doubt counts."""
    statement = allowance.statement
    limits = conditions.possibly_limited(tuple(each for each in statement.conditions if each.key.known))
    by_denies = access.limits_by_denies(allowance.policy, statement, wanted)
    of_accounts = held_known(statement, *OF_ACCOUNTS) or Limit.KEY in by_denies
    context = held_known(statement, "kms:EncryptionContext*", "kms:RecipientAttestation:*")
    return sum((held_known(statement, *NAMING_KEYS), of_accounts, Limit.PATH in limits | by_denies, context))


def waits(statement: Statement) -> bool | None:
    """Whether a condition asks for more than the shortest waiting period; `None` when that depends on the unknown."""
    return refuses(statement, WINDOW, SHORTEST)


def held_known(statement: Statement, *names: str) -> bool:
    """Whether a condition on one of these keys limits a statement, or may."""
    return any(_limits(each, statement) is not False for each in conditions.on(statement.conditions, *names))


def refuses(statement: Statement, name: str, value: str) -> bool | None:
    """Whether the conditions on a key refuse a request in which it has a value; `None` when that depends on the unknown."""
    found = [passes(each, value) for each in conditions.on(statement.conditions, name)]
    if False in found:
        return True
    return None if None in found or doubtful(statement) else False


def passes(condition: Condition, value: str) -> bool | None:
    """Whether a condition holds for a request in which its key has a value; `None` when that depends on the unknown."""
    return conditions.outcome(condition.operator, [each.form for each in condition.values], [value])


def doubtful(statement: Statement) -> bool:
    """Whether a condition is unknown altogether, so that it may be about anything."""
    return any(not each.key.known for each in statement.conditions)


def concerns_keys(statement: Statement) -> bool | None:
    """Whether a statement of an identity policy reaches any key; `None` when that depends on the unknown."""
    patterns = statement.resources
    if patterns is None:
        return False
    kinds = {reach.kind for _, reach in resources.reaches(patterns)}
    if patterns.negated:
        return None if Kind.UNKNOWN in kinds else Kind.EVERY_KEY not in kinds
    if kinds & resources.OF_KEYS:
        return True
    return None if Kind.UNKNOWN in kinds else False


def taken_to_named_keys(policy: Policy, wanted: frozenset[str]) -> tuple[frozenset[str], frozenset[str]]:
    """Those of the actions that Denies take back on all keys but those that they name: surely, and possibly."""
    surely: frozenset[str] = frozenset()
    possibly: frozenset[str] = frozenset()
    for deny in policy.statements:
        if deny.effect is not Effect.DENY or deny.resources is None:
            continue
        kinds = {reach.kind for _, reach in resources.reaches(deny.resources)}
        if not (deny.resources.negated or Kind.UNKNOWN in kinds) or not kinds.isdisjoint(resources.WIDE):
            continue
        if any(all(text.known for text in (each.operator.text, each.key, *each.values)) for each in deny.conditions):
            continue
        possibly |= actions.reachable(deny.actions)
        if not (deny.unknown or deny.conditions or Kind.UNKNOWN in kinds):
            surely |= actions.covered(deny.actions)
    return wanted & surely, wanted & possibly


def never_allowed(statement: Statement, wanted: frozenset[str]) -> frozenset[str]:
    """Those of the actions whose requests never carry a condition key that the statement asks for."""
    asked = [each for each in statement.conditions if each.key.known and conditions.passes_when_absent(each) is False]
    if any(each.key.form.lower() in keys.SERVICE_ONLY for each in asked):
        return wanted
    return wanted & frozenset[str]().union(*(keys.never_in_requests(each.key.form) for each in asked))


def gives(allowance: Allowance, wanted: frozenset[str]) -> Confidence | None:
    """Whether it gives one of the actions: for certain, possibly, or not."""
    if allowance.surely & wanted and not doubtful(allowance.statement):
        return Confidence.DEFINITE
    return Confidence.POSSIBLE if allowance.possibly & wanted else None


def place(statement: Statement, wanted: frozenset[str]) -> At:
    """The value of `Action` that means one of the actions."""
    assert statement.actions is not None
    found = actions.meaning(statement.actions, wanted)
    return found[0].at if found else statement.actions.at


def _allowance(policy: Policy, statement: Statement) -> Allowance | None:
    if statement.effect is not Effect.ALLOW or statement.actions is None or statement.actions.negated:
        return None
    possibly = actions.reachable(statement.actions)
    if not possibly or statement.resources is None:
        return None
    kind = resources.widest(statement.resources)
    if kind is None and concerns_keys(statement) is not None:
        return None
    possibly -= access.taken_back(policy, statement, possibly) | never_allowed(statement, possibly)
    narrowed, perhaps = taken_to_named_keys(policy, possibly) if kind is not None else (_NONE, _NONE)
    possibly -= narrowed
    surely = actions.covered(statement.actions) & possibly
    surely -= access.possibly_taken_back(policy, statement, surely) | perhaps
    if statement.unknown:
        surely = _NONE
    at, where = _place(statement, kind)
    where += _as_far_as(statement) if where else ""
    kind = Kind.EVERY_KEY if kind is Kind.ACCOUNTS_KEYS else kind
    names = [each.key for each in conditions.on(statement.conditions, *NAMING_KEYS, *OF_ACCOUNTS)]
    within = [f"`{name}`" for name in dict.fromkeys(map(str, names)) if held_known(statement, name)]
    if where and within:
        where = f"{where}, within the condition on {' and '.join(within)}"
    return Allowance(policy, statement, surely, possibly, kind, at, where, concerns_keys(statement))


def _place(statement: Statement, kind: Kind | None) -> tuple[At, str]:
    """The value that reaches so far, and which keys that are."""
    patterns = statement.resources
    assert patterns is not None
    if patterns.negated:
        return patterns.name.at, "every key that is not listed, in every account that trusts this identity"
    for value, reach in resources.reaches(patterns):
        if reach.kind is kind:
            return value.at, _words(reach)
    return patterns.at, ""


def _as_far_as(statement: Statement) -> str:
    """The conditions that leave only some of the keys, or those of some accounts, in words."""
    found = conditions.on(statement.conditions, *NAMING_KEYS, *OF_ACCOUNTS)
    names = dict.fromkeys(str(each.key) for each in found if _limits(each, statement))
    if not names:
        return ""
    return f", as far as the condition{'s' * (len(names) > 1)} on {' and '.join(names)} allow{'s' * (len(names) == 1)}"


def _words(reach: resources.Reach) -> str:
    region = "" if reach.region.strip("*") == "" else f" in {reach.region.replace(ANYTHING, '…')}"
    if reach.kind is Kind.EVERY_KEY:
        return f"every key{region} of every account that trusts this identity"
    if reach.kind is Kind.ACCOUNTS_KEYS:
        return f"every key{region} of each account `{reach.account.replace(ANYTHING, '…')}` that trusts this identity"
    if reach.of_caller:
        return f"every key of the caller's account{region}"
    if reach.account == DEPLOYMENT_ACCOUNT:
        return f"every key of this account{region}"
    return f"every key of account {reach.account.replace(ANYTHING, '…')}{region}"


def _limits(condition: Condition, statement: Statement) -> bool | None:
    if condition.key.form.lower().endswith("aliases") and any(each.form in _EVERY_ALIAS for each in condition.values):
        return False
    return conditions.limits(condition, statement.conditions)
