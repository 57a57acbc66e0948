"""What the conditions of a statement limit.

A condition limits when a request that it lets pass surely has one of its values: a positive operator that does not pass
by absence, and values that are neither wildcards nor chosen by the caller. One that lets nobody pass limits as well.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import Enum
from functools import lru_cache
from typing import Final, NamedTuple

from kms_lint.iam import keys, pins, wildcards
from kms_lint.iam.comparisons import FOR_ALL as FOR_ALL
from kms_lint.iam.comparisons import FOR_ANY as FOR_ANY
from kms_lint.iam.comparisons import Comparison, comparison
from kms_lint.iam.comparisons import outcome as outcome
from kms_lint.iam.comparisons import parse as parse
from kms_lint.iam.comparisons import passes_when_absent as passes_when_absent
from kms_lint.model import Condition, Operator
from kms_lint.syntax.tree import ANYTHING


class Limit(Enum):
    """What a condition can limit a statement to."""

    CALLER = "certain callers"
    NETWORK = "a network"
    PATH = "calls through certain services"
    CONTEXT = "a certain context"
    KEY = "certain keys"
    GRANT = "certain grants"
    REQUEST = "certain requests"


WHO_CALLS: Final = frozenset({Limit.CALLER, Limit.NETWORK})
"""The limits that keep strangers out."""

Pin = Callable[[str, bool], bool | None]


class _Meaning(NamedTuple):
    limit: Limit
    pin: Pin


_MEANT: Final[tuple[tuple[Limit, Pin, str], ...]] = (
    (Limit.CALLER, pins.caller_account, "aws:principalaccount kms:calleraccount aws:sourceaccount aws:sourceowner"),
    (Limit.CALLER, pins.organization, "aws:principalorgid aws:sourceorgid"),
    (Limit.CALLER, pins.organization_path, "aws:principalorgpaths aws:sourceorgpaths"),
    (Limit.CALLER, pins.arn, "aws:principalarn aws:sourcearn lambda:sourcefunctionarn"),
    (Limit.CALLER, pins.arn, "ec2:sourceinstancearn ssm:sourceinstancearn"),
    (Limit.CALLER, pins.unique_id, "aws:userid identitystore:userid"),
    (Limit.CALLER, pins.beginning, "aws:principalservicename aws:principalservicenameslist"),
    (Limit.NETWORK, pins.something, "aws:sourceip"),
    (Limit.NETWORK, pins.literal, "aws:sourcevpc aws:sourcevpce aws:ec2instancesourcevpc"),
    (Limit.NETWORK, pins.arn, "aws:sourcevpcarn"),
    (Limit.NETWORK, pins.caller_account, "aws:vpceaccount"),
    (Limit.NETWORK, pins.organization, "aws:vpceorgid"),
    (Limit.NETWORK, pins.organization_path, "aws:vpceorgpaths"),
    (Limit.PATH, pins.beginning, "kms:viaservice aws:calledvia aws:calledviafirst aws:calledvialast"),
    (Limit.PATH, pins.true, "aws:viaawsservice aws:principalisawsservice"),
    (Limit.CONTEXT, pins.something, "kms:encryptioncontextkeys kms:requestalias"),
    (Limit.CONTEXT, pins.something, "kms:recipientattestation:imagesha384"),
    (Limit.KEY, pins.something, "kms:resourcealiases aws:resourceaccount aws:resourceorgid aws:resourceorgpaths"),
    (Limit.KEY, pins.something, "kms:keyspec kms:keyusage kms:keyorigin kms:multiregion kms:multiregionkeytype"),
    (Limit.KEY, pins.something, "kms:customermasterkeyspec kms:customermasterkeyusage"),
    (Limit.GRANT, pins.true, "kms:grantisforawsresource"),
    (Limit.GRANT, pins.something, "kms:grantoperations kms:grantconstrainttype kms:granteeserviceprincipal"),
    (Limit.GRANT, pins.arn, "kms:granteeprincipal"),
)
_MEANINGS: Final = {key: _Meaning(limit, pin) for limit, pin, names in _MEANT for key in names.split()}
_FAMILIES: Final = {
    "kms:EncryptionContext:*": _Meaning(Limit.CONTEXT, pins.something),
    "kms:RecipientAttestation:PCR*": _Meaning(Limit.CONTEXT, pins.something),
    "kms:RecipientAttestation:NitroTPMPCR*": _Meaning(Limit.CONTEXT, pins.something),
    "aws:ResourceTag/*": _Meaning(Limit.KEY, pins.something),
}
_OTHER: Final = _Meaning(Limit.REQUEST, pins.something)
_NO_LIMITS: Final[frozenset[Limit]] = frozenset()

_CONTEXT_KEYS: Final = "kms:encryptioncontextkeys"
"""The names of what a context holds: there whenever one of them is, so that a test of one of them is a test of this."""

BY_ACCOUNT: Final = ("kms:calleraccount", "aws:principalaccount")
BY_ORGANIZATION: Final = ("aws:principalorgid", "aws:principalorgpaths")
BY_ARN: Final = ("aws:principalarn",)
"""The keys by which conditions name callers, in lower case."""

_IN_ARN: Final = frozenset({"aws:principalarn", "aws:sourcearn", "aws:sourcevpcarn"})
_NAMING_ACCOUNTS: Final = (
    *_IN_ARN,
    *("aws:principalaccount", "kms:calleraccount", "aws:sourceaccount", "aws:sourceowner", "aws:vpceaccount"),
)
_NAMING_ORGANIZATIONS: Final = (
    *("aws:principalorgid", "aws:principalorgpaths", "aws:sourceorgid", "aws:sourceorgpaths"),
    *("aws:vpceorgid", "aws:vpceorgpaths"),
)


def on(conditions: Iterable[Condition], *names: str) -> tuple[Condition, ...]:
    """The conditions on any of these keys, letter case aside; a name that ends in `*` is a family."""
    if not conditions:
        return ()
    exact, families = _wanted(names)
    return tuple([each for each in conditions if (key := each.key.form.lower()) in exact or key.startswith(families)])


@lru_cache(maxsize=256)
def _wanted(names: tuple[str, ...]) -> tuple[frozenset[str], tuple[str, ...]]:
    """The keys among names, and how those of families begin."""
    lower = [name.lower() for name in names]
    return frozenset(name for name in lower if name[-1:] != "*"), tuple(n[:-1] for n in lower if n[-1:] == "*")


def limit(condition: Condition) -> Limit | None:
    """What a condition is about, whether or not it limits anything; `None` when its key is unknown."""
    return None if ANYTHING in condition.key.form else _meaning(condition).limit


def surely_limited(conditions: tuple[Condition, ...]) -> frozenset[Limit]:
    """What the conditions surely limit a statement to."""
    if not conditions:
        return _NO_LIMITS
    return frozenset(_meaning(each).limit for each in conditions if limits(each, conditions) is True)


def possibly_limited(conditions: tuple[Condition, ...]) -> frozenset[Limit]:
    """What the conditions limit a statement to for some content of what is unknown."""
    if not conditions:
        return _NO_LIMITS
    found = [(each, limits(each, conditions)) for each in conditions]
    if any(holds is None and limit(each) is None for each, holds in found):
        return frozenset(Limit)
    return frozenset(_meaning(each).limit for each, holds in found if holds is not False)


def limits(condition: Condition, among: tuple[Condition, ...] = ()) -> bool | None:
    """Whether a condition limits anything, among the others of its statement; `None` when too little is known.

    The others matter for operators that pass by absence: a `Null` test of the same key closes that door.
    """
    if ANYTHING in condition.key.form:
        return None
    operator = parse(condition.operator.text)
    compared = comparison(operator)
    if compared is None:
        return None
    if compared.negated or compared.type == "Null":
        return _never_passes(condition, operator, compared)
    if _opens_by_absence(condition, operator, among):
        return False
    return _pinned(condition, operator, compared)


def why_open(condition: Condition, among: tuple[Condition, ...] = ()) -> str | None:
    """Why a condition does not limit, in words that follow "the condition …"; `None` when it does or may."""
    if limits(condition, among) is not False:
        return None
    operator, key = parse(condition.operator.text), condition.key
    compared = comparison(operator)
    if compared is not None and compared.type == "Null":
        return f"only asks whether {key} is there"
    if compared is not None and compared.negated:
        return f"passes for every other {key}, because of {operator.comparison}"
    if _opens_by_absence(condition, operator, among):
        return f"passes when {key} is absent, because of {'IfExists' if operator.if_exists else operator.quantifier}"
    if operator.quantifier == FOR_ANY and key.form.lower() == "kms:grantoperations":
        return "asks for one of the operations only and lets all others pass with it"
    return pins.why(key, condition.values, bool(compared and compared.wildcards))


def guarded(condition: Condition, among: tuple[Condition, ...]) -> bool:
    """Whether another condition surely refuses requests that lack this one's key."""
    key = condition.key.form.lower()
    names = (key, "kms:EncryptionContext:*") if key == _CONTEXT_KEYS else (key,)
    return any(each is not condition and passes_when_absent(each) is False for each in on(among, *names))


def matches_nothing(condition: Condition, value: str) -> bool | None:
    """Whether a value holds a variable in a policy of the old version, where it is plain text that no request carries.

    `None` where the version is not known.
    """
    return condition.plain if pins.variables(value) else False


def accounts_named(conditions: tuple[Condition, ...]) -> frozenset[str] | None:
    """The accounts that the conditions limit callers to, as far as known; `None` when they do not limit by account.

    An account that is not known is a text with `ANYTHING` in it; the key's own is `<account>` when it has no number.
    """
    found: frozenset[str] | None = None
    for each in on(conditions, *_NAMING_ACCOUNTS):
        if _names(each, conditions):
            in_arn = each.key.form.lower() in _IN_ARN
            named = frozenset(pins.account_of(value.form, in_arn) for value in each.values) - {""}
            found = named if found is None or not found & named else found & named
    return found or None


def organizations_named(conditions: tuple[Condition, ...]) -> frozenset[str] | None:
    """The organizations that the conditions limit callers to; `None` when they do not limit by organization."""
    found: set[str] = set()
    for each in on(conditions, *_NAMING_ORGANIZATIONS):
        if _names(each, conditions):
            found.update(value.form.split("/")[0] for value in each.values)
    return frozenset(found) or None


def _names(condition: Condition, among: tuple[Condition, ...]) -> bool:
    """Whether a condition lets pass what its values name, or may."""
    compared = comparison(parse(condition.operator.text))
    positive = compared is None or not (compared.negated or compared.type == "Null")
    return positive and limits(condition, among) is not False


def _never_passes(condition: Condition, operator: Operator, compared: Comparison) -> bool | None:
    """Whether a negated operator or a `Null` test lets no request pass at all; `None` when too little is known."""
    always = not keys.can_be_absent(condition.key.form)
    forms = [value.form for value in condition.values]
    if compared.type == "Null":
        absent = {form.lower() for form in forms}
        return False if not always or "false" in absent else None if ANYTHING in "".join(absent) else absent == {"true"}
    present = compared.type == "String" and compared.wildcards and any(wildcards.includes(form, "?*") for form in forms)
    return present and (always or (operator.quantifier == FOR_ANY and not operator.if_exists))


def _opens_by_absence(condition: Condition, operator: Operator, among: tuple[Condition, ...]) -> bool:
    """Whether requests without the key pass, and there may be such requests."""
    key = condition.key.form
    if not (operator.if_exists or operator.quantifier == FOR_ALL) or not keys.can_be_absent(key):
        return False
    if key.lower() == "kms:grantoperations" and operator.quantifier == FOR_ALL and not operator.if_exists:
        return False  # CreateGrant refuses an empty list of operations
    return not guarded(condition, among)


def _pinned(condition: Condition, operator: Operator, compared: Comparison) -> bool | None:
    key = keys.find(condition.key.form)
    if key is not None and key.many:
        if operator.quantifier is None:
            return None  # documentation does not say what a plain operator does with several values
        if operator.quantifier == FOR_ANY and key.name == "kms:GrantOperations":
            return False
    if compared.type == "IP":
        return pins.addresses([value.form for value in condition.values])
    pin = _meaning(condition).pin
    each = [_pins(condition, value.form, pin(value.form, compared.wildcards)) for value in condition.values]
    return False if False in each else None if None in each else True


def lets_anybody(key: str, value: str, like: bool) -> bool:
    """Whether strangers surely can have a value that a positive comparison on a key lets pass: `o-*`."""
    return _meaning_of(key).pin(value, like) is False


def _pins(condition: Condition, value: str, read: bool | None) -> bool | None:
    """Whether a value pins something down, given whether it does when what looks like a variable is one."""
    nothing = matches_nothing(condition, value)
    return True if nothing else None if nothing is None and read is False else read


def _meaning(condition: Condition) -> _Meaning:
    return _meaning_of(condition.key.form)


def _meaning_of(name: str) -> _Meaning:
    lower = name.lower()
    if lower in _MEANINGS:
        return _MEANINGS[lower]
    key = keys.find(lower)
    return _FAMILIES.get(key.name, _OTHER) if key is not None else _OTHER
