"""Who a principal is to the user: own, of the organization, trusted, a third party, a stranger, or anybody.

`principals` tells on which side of the border of an account somebody stands, which AWS draws. This module tells how far
the user trusts those on the other side, by the configuration (`accounts`, `organizations`), once the conditions of a
statement have left some of those whom it names.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import Enum
from functools import lru_cache
from typing import Final, NamedTuple, TypeAlias

from kms_lint.iam import access, actions, denies, pins, wildcards
from kms_lint.iam.conditions import WHO_CALLS, Limit, limit, limits
from kms_lint.iam.denies import holds_for
from kms_lint.iam.principals import NOBODY, Side, Who, account, side, who
from kms_lint.model import Accounts, Condition, Policy, Principal, Statement
from kms_lint.source import Source, Span
from kms_lint.syntax.tree import ANYTHING, Text


class Trust(Enum):
    """How near somebody is to the user, the nearest first."""

    NOBODY = "nobody"
    """AWS takes no such principal in a key policy, or a condition lets none of them pass."""
    DELETED = "deleted"
    """The unique id that is left of a user or role."""
    OWN = "own"
    """Of the key's account, of the account that is deployed to, or of one under `accounts: own`."""
    ORGANIZATION = "organization"
    """Of an organization that a condition asks for: one under `organizations`, the key's, or any when none is configured."""
    TRUSTED = "trusted"
    """Of an account, or one of the principals, under `accounts: trusted`."""
    THIRD_PARTY = "third party"
    """Of an account, or one of the principals, under `accounts: third_party`: known, and not trusted."""
    SERVICE = "service"
    """A service of AWS, whomever it acts for."""
    UNRESOLVED = "unresolved"
    """A value, or the key's own account, is not known, so that this may be anybody of the others: it accuses nobody."""
    UNKNOWN = "unknown"
    """Of an account that surely is not the key's, or an organization, that the configuration does not name."""
    NETWORK = "network"
    """Whoever calls from a network that a condition names, of whichever account."""
    PUBLIC = "public"
    """Everyone, in every account."""


NEAR: Final = frozenset({Trust.NOBODY, Trust.DELETED, Trust.OWN, Trust.ORGANIZATION, Trust.TRUSTED})
"""Those whose use of a key needs no word."""

STRANGE: Final = frozenset({Trust.THIRD_PARTY, Trust.UNKNOWN})
"""Those of another account or organization whom the user does not trust, for sure."""


class Home(NamedTuple):
    """What others are strange to: the account of a key, and whom the user knows.

    `owner` is the account as in a policy, `presumed` the one that the key seems to belong to.
    """

    owner: str | None
    accounts: Accounts = NOBODY
    presumed: str | None = None


class Standing(NamedTuple):
    """What somebody is to the user; `why` follows "the account …", or "the organization …".

    `sure` is whether it is so whatever the unknown parts are: they can only make it nearer.
    """

    trust: Trust
    why: str = ""
    sure: bool = True


Fence: TypeAlias = tuple[Condition, ...]
"""What a Deny leaves: callers who meet one of these conditions."""

Part: TypeAlias = tuple[frozenset[str], dict[Statement, Fence]]
"""Some actions of a statement, and the Denies that leave only certain callers for them."""

_BY_ACCOUNT: Final = frozenset({"aws:principalaccount", "kms:calleraccount", "aws:sourceaccount", "aws:sourceowner"})
_BY_ARN: Final = frozenset(
    {
        *("aws:principalarn", "aws:sourcearn", "lambda:sourcefunctionarn"),
        *("ec2:sourceinstancearn", "ssm:sourceinstancearn"),
    }
)
_OF_ACCOUNTS: Final = _BY_ACCOUNT | _BY_ARN | {""}
_BY_ORGANIZATION: Final = frozenset(
    {"aws:principalorgid", "aws:principalorgpaths", "aws:sourceorgid", "aws:sourceorgpaths"}
)
_OF_SOURCE: Final = frozenset(
    {"aws:sourceaccount", "aws:sourceowner", "aws:sourcearn", "aws:sourceorgid", "aws:sourceorgpaths"}
)
_BY_SERVICE: Final = frozenset({"aws:principalservicename", "aws:principalservicenameslist"})

_RANK: Final = {trust: rank for rank, trust in enumerate(Trust)}
_FIXED: Final = {
    Who.SERVICE: Standing(Trust.SERVICE),
    Who.DELETED: Standing(Trust.DELETED),
    Who.FEDERATED: Standing(Trust.NOBODY),
    Who.INVALID: Standing(Trust.NOBODY),
}
_UNSEEN: Final = Standing(Trust.UNRESOLVED, "is not known yet", sure=False)
_SOMEBODY: Final = Standing(Trust.UNRESOLVED, "is not named", sure=False)
UNTOLD: Final = Standing(Trust.UNRESOLVED, "may be the key's own: nothing tells which that is", sure=False)
"""What an account is that is known by its number, while the key's is not."""

_NOWHERE: Final = Span(Source("", ""), 0, 0)


def home(policy: Policy, accounts: Accounts) -> Home:
    """What others are strange to for a policy and a user with these accounts."""
    return Home(policy.owner, accounts, access.presumed_owner(policy))


def standing(
    principal: Principal, at: Home, statement: Statement | None = None, fences: Sequence[Fence] = ()
) -> Standing:
    """What a principal is to the user, with a statement: as far as its conditions, and Denies, let the principal pass."""
    named = _standing(principal.type.form, principal.value.form, at)
    if statement is None or named.trust in (Trust.SERVICE, Trust.DELETED, Trust.NOBODY):
        return named
    if not statement.conditions and not fences:
        return named
    if any(holds_for(each, principal) is False for each in statement.conditions):
        return Standing(Trust.NOBODY)
    of_known, of_any = _left(statement, at) if statement.conditions else ((), ())
    named_account = account(principal)
    known = named_account is not None and ANYTHING not in named_account
    fenced = [_fenced(principal, named if known else None, fence, at) for fence in fences]
    return _nearest((named, *(of_known if known else of_any), *fenced))


def fences(policy: Policy, statement: Statement, wanted: frozenset[str]) -> dict[Statement, Fence]:
    """The Denies of a policy that leave only certain callers for the wanted actions of a statement, and which these are."""
    asked = wanted & actions.reachable(statement.actions)
    denying = [each for each in policy.statements if denies.is_deny(each) and asked <= actions.covered(each.actions)]
    found = {deny: denies.spared(deny, statement) for deny in denying}
    return {deny: spared for deny, spared in found.items() if spared is not None}


def parts(policy: Policy, statement: Statement, wanted: frozenset[str]) -> list[Part]:
    """The wanted actions of a statement by which Denies leave only certain callers for them, and who these are."""
    asked = wanted & actions.reachable(statement.actions)
    denying = [each for each in policy.statements if denies.is_deny(each) and asked & actions.covered(each.actions)]
    left = [(deny, spared) for deny in denying if (spared := denies.spared(deny, statement)) is not None]
    found: dict[tuple[Statement, ...], set[str]] = {}
    for action in sorted(asked):
        found.setdefault(tuple(deny for deny, _ in left if action in actions.covered(deny.actions)), set()).add(action)
    return [(frozenset(each), {deny: spared for deny, spared in left if deny in by}) for by, each in found.items()]


def source(statement: Statement, at: Home, fences: Sequence[Fence] = ()) -> Standing | None:
    """What those are to the user for whom services may act by a statement; `None` where no condition and no Deny says whom."""
    among = statement.conditions
    blocks = [(each,) for each in among if limits(each, among) is not False]
    about = [block for block in (*blocks, *fences) if all(each.key.form.lower() in _OF_SOURCE for each in block)]
    found = [_strangest([_of_condition(each, at) for each in block]) for block in about]
    return _nearest(found) if found else None


def of_account(named: str, at: Home) -> Standing:
    """What an account is to the user, twelve digits or as `principals.account` gives it."""
    known = at.accounts
    if named in known.own:
        return Standing(Trust.OWN, "is one of your own")
    if named in known.trusted:
        return Standing(Trust.TRUSTED, "is a trusted one")
    if named in known.third_party:
        return Standing(Trust.THIRD_PARTY, "is a third party in the configuration of kms-lint")
    found = side(named, at.owner, known)
    if found is Side.OWN or (found is Side.UNKNOWN and named == at.presumed):
        return Standing(Trust.OWN, "is the key's own")
    if found is Side.FOREIGN:
        listed = known.own or known.trusted or known.third_party
        return Standing(
            Trust.UNKNOWN,
            "is not among those in the configuration of kms-lint"
            if listed
            else "is not named in the configuration of kms-lint",
        )
    return _UNSEEN if ANYTHING in named or "<" in named else UNTOLD


def of_organization(named: str, at: Home) -> Standing:
    """What an organization is to the user, by its id or by a path that begins with it."""
    form = named.split("/")[0]
    if ANYTHING in form:
        return _UNSEEN
    configured = at.accounts.organizations
    if not configured or form in configured or form.startswith(("<", "${")):
        return Standing(Trust.ORGANIZATION, "is yours" if configured else "is the one that the policy names")
    return Standing(Trust.UNKNOWN, "is not among those in the configuration of kms-lint")


def of_value(condition: Condition, value: Text, at: Home) -> Standing | None:
    """What a value of a condition is to the user; `None` when it names no account and no organization."""
    key = condition.key.form.lower()
    if key in _BY_ORGANIZATION:
        return of_organization(value.form, at)
    if key in _BY_ACCOUNT:
        return of_account(pins.account_of(value.form, in_arn=False), at)
    if key in _BY_ARN:
        return _of_arn(value.form, pins.account_of(value.form, in_arn=True), at)
    return None


@lru_cache(maxsize=8192)
def _standing(type_: str, form: str, at: Home) -> Standing:
    """What a principal is by its name alone: most rules ask, and the same few principals occur again and again."""
    principal = Principal(Text(type_, _NOWHERE, type_), Text(form, _NOWHERE, form))
    found = who(principal, at.owner, at.accounts)
    if found is Who.EVERYONE:
        return Standing(Trust.PUBLIC)
    if found in _FIXED:
        return _FIXED[found]
    return _of_arn(form, account(principal) or ANYTHING, at)


def _of_arn(form: str, named: str, at: Home) -> Standing:
    """What those are to the user who have an ARN of this form, in that account."""
    by_account = of_account(named, at) if named else _SOMEBODY
    if by_account.trust in (Trust.UNKNOWN, Trust.UNRESOLVED, Trust.THIRD_PARTY):
        if _listed(form, at.accounts.trusted):
            return Standing(Trust.TRUSTED, "is trusted for this principal")
        if _listed(form, at.accounts.third_party):
            return Standing(Trust.THIRD_PARTY, "is a third party in the configuration of kms-lint for this principal")
    return by_account


def _listed(form: str, entries: frozenset[str]) -> bool:
    """Whether an ARN is surely one of those that a list of the configuration holds, a session as its role too."""
    forms = {form, form.replace(":sts:", ":iam:").replace(":assumed-role/", ":role/").rpartition("/")[0]}
    names = [each.split(":", 2)[2] for each in forms if each.startswith("arn:")]
    patterns = [entry.split(":", 2)[2] for entry in entries if entry.startswith("arn:")]
    return any(wildcards.includes(pattern, name) for pattern in patterns for name in names)


@lru_cache(maxsize=16)  # asked for each principal of a statement in turn
def _left(statement: Statement, at: Home) -> tuple[tuple[Standing, ...], tuple[Standing, ...]]:
    """Whom the conditions of a statement leave, each by itself: of principals with a known account, and of others.

    Which account somebody is of is settled by its name; of such principals, only what says that the account is in an
    organization, and what is not known, can leave something nearer than the name.
    """
    found = list(_each_left(statement.conditions, at))
    known = tuple(each for key, each in found if key in _BY_ORGANIZATION or (each == _UNSEEN and key in _OF_ACCOUNTS))
    return known, tuple(each for _, each in found)


def _each_left(among: tuple[Condition, ...], at: Home) -> Iterator[tuple[str, Standing]]:
    """What each condition leaves, with the key it is on; the key is empty when that is not known."""
    for condition in among:
        holds, about = limits(condition, among), limit(condition)
        if about is None:
            yield "", _UNSEEN
        elif holds is not False and about in WHO_CALLS:
            key = condition.key.form.lower()
            yield key, _UNSEEN if holds is None else _of_condition(condition, at)


def _fenced(principal: Principal, named: Standing | None, fence: Fence, at: Home) -> Standing:
    """What a Deny leaves of a principal; `named` is what it is by its name, when that tells its account."""
    met = [each for each in fence if holds_for(each, principal) is not False]
    each = [
        named if named is not None and one.key.form.lower() not in _BY_ORGANIZATION else _of_condition(one, at)
        for one in met
    ]
    return _strangest(each) if each else Standing(Trust.NOBODY)


def _of_condition(condition: Condition, at: Home) -> Standing:
    """Whom a condition leaves that surely limits the callers."""
    if limit(condition) is Limit.NETWORK:
        return Standing(Trust.NETWORK)
    if condition.key.form.lower() in _BY_SERVICE:
        return Standing(Trust.SERVICE)
    each = [of_value(condition, value, at) or _SOMEBODY for value in condition.values]
    return _strangest(each) if each else Standing(Trust.NOBODY)


def _nearest(each: Sequence[Standing]) -> Standing:
    return min(each, key=_rank)._replace(sure=all(one.sure for one in each))


def _strangest(each: Sequence[Standing]) -> Standing:
    return max(each, key=_rank)


def _rank(found: Standing) -> int:
    return _RANK[found.trust]
