"""Who is meant by a principal, or by a condition on the caller, as formulas over callers.

A caller is an account, a name (with its kind before the `/`) and, for a role, a session. Principal elements and the keys
`aws:PrincipalArn`, `aws:PrincipalAccount`, `kms:CallerAccount` and `aws:PrincipalIsAWSService` all speak about these.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from kms_lint.iam import principals
from kms_lint.iam.comparisons import COMPARISONS
from kms_lint.model import Principal, Principals
from kms_lint.reason import values
from kms_lint.reason.formula import Formula, Literal, conjunction, disjunction, negation
from kms_lint.reason.request import Way
from kms_lint.reason.space import ACCOUNT, NAME, PARTITION, SESSION, Space, Word, open_question
from kms_lint.reason.values import Test
from kms_lint.syntax.tree import ANYTHING

ARN, SERVICE_CALL = "aws:principalarn", "aws:principalisawsservice"
KEYS: Final = frozenset({ARN, SERVICE_CALL, "aws:principalaccount", "kms:calleraccount"})
"""Condition keys that follow from the caller."""

SERVICE, PROVIDER, UNIQUE_ID = "service:", "provider:", "id:"
MOST_PARTINGS: Final = 500
"""As many ways to part a pattern at colons are looked at."""

_IAM: Final = ("user/", "role/")


def has_account(space: Space) -> Formula:
    """That the caller is a principal of an account: no service, no provider."""
    return space.caller("root", *_IAM, "federated-user/")


def is_root(space: Space) -> Formula:
    """That the caller is the root user of an account."""
    return space.caller("root")


def is_bounded(space: Space) -> Formula:
    """That the caller is of a kind that can have a permissions boundary, and has one."""
    able = space.caller(*_IAM)
    return conjunction((able, Literal("boundary", 2, 3)))


def of_account(space: Space, account: str) -> Formula:
    """That the caller is a principal of an account."""
    return conjunction((space.word(ACCOUNT, Word(account)), has_account(space)))


def ways(space: Space, named: Principals) -> dict[Way, Formula]:
    """For each way in which an Allow reaches callers, the callers that `Principal` means."""
    found: dict[Way, list[Formula]] = {way: [] for way in Way}
    for principal in named.values:
        for way, formula in _ways(space, principal):
            found[way].append(formula)
    return {way: disjunction(formulas) for way, formulas in found.items()}


def others(space: Space, named: Principals, deny: bool) -> Formula:
    """The callers that `NotPrincipal` leaves: who is listed without the account, or the other way round, is undecided."""
    if any(each.value.form == "*" for each in named.values):
        return False
    accounts = [each for each in named.values if principals.is_account(each)]
    account = disjunction([_is(space, each) for each in accounts])
    itself = disjunction([_is(space, each) for each in named.values if each not in accounts])
    plain = disjunction((is_root(space), negation(has_account(space))))
    text = ", ".join(sorted(str(each.value) for each in named.values))
    left = conjunction(
        (
            negation(conjunction((account, itself))),
            disjunction(
                (
                    conjunction((negation(account), negation(itself))),
                    conjunction((negation(plain), open_question("ambiguity", f"NotPrincipal {text}"))),
                )
            ),
        )
    )
    return disjunction((left, is_bounded(space))) if deny else left


def _is(space: Space, principal: Principal) -> Formula:
    return disjunction([formula for _, formula in _ways(space, principal)])


def _ways(space: Space, principal: Principal) -> Iterator[tuple[Way, Formula]]:
    type_, form = principal.type.form, principal.value.form
    if type_ == "*" or (type_ == "AWS" and form == "*"):
        yield Way.DIRECT, True
    elif ANYTHING in type_:
        yield from _unknown(str(principal.type))
    elif type_ != "AWS":
        yield Way.DIRECT, _other(space, type_, principal)
    elif principals.is_account(principal) and ANYTHING not in form:
        yield Way.DELEGATED, of_account(space, str(principals.account(principal)))
    else:
        yield from _identity(space, principal)


def _unknown(text: str) -> Iterator[tuple[Way, Formula]]:
    """A principal that is not known at all: it may be of any kind, and be the caller or not."""
    for index, way in enumerate(Way):
        yield way, conjunction((open_question("hole", f"principal {text}"), Literal(f"way of {text}", 1 << index, 7)))


def _other(space: Space, type_: str, principal: Principal) -> Formula:
    form = principal.value.form
    start = SERVICE if type_ == "Service" else PROVIDER
    if form == "*" and type_ != "Service":
        return space.caller(PROVIDER)
    if ANYTHING in form:
        return conjunction(
            (
                space.caller(start),
                open_question("hole", f"{type_} {principal.value}"),
            )
        )
    return space.word(NAME, Word(start + form))


def _identity(space: Space, principal: Principal) -> Iterator[tuple[Way, Formula]]:
    form, text = principal.value.form, str(principal.value)
    parts = form.split(":", 5)
    if form.isdecimal():
        yield Way.DELEGATED, of_account(space, form)  # too few or too many digits: no account that exists
        return
    if len(parts) != 6 or parts[0] != "arn":
        if ANYTHING in form:
            yield from _unknown(text)
        else:
            yield Way.DIRECT, space.word(NAME, Word(UNIQUE_ID + form))
        return
    kind, _, rest = parts[5].partition("/")
    if ANYTHING in parts[2] or ANYTHING in kind or (kind == "assumed-role" and ANYTHING in rest):
        yield from _unknown(text)
        return
    if kind == "assumed-role":
        yield Way.DIRECT, _session(space, parts, rest)
        return
    known = True if ANYTHING not in form else open_question("hole", f"principal {text}")
    if kind == "root" and ANYTHING in form:
        place = _place(space, parts[1], parts[4].replace(ANYTHING, "*"), True)
        yield Way.DELEGATED, conjunction((known, has_account(space), place))
        return
    way = Way.DELEGATED if kind == "root" else Way.BOUNDED if kind == "role" else Way.DIRECT
    yield way, conjunction((known, _arn(space, form.replace(ANYTHING, "*"), ANYTHING in form, False)))


def _session(space: Space, parts: list[str], rest: str) -> Formula:
    """A session of a role that is named without its path."""
    role, _, session = rest.partition("/")
    return conjunction(
        (
            _place(space, parts[1], parts[4], parts[4] != parts[4].replace(ANYTHING, "*")),
            space.role_of_session(parts[4], role),
            space.word(SESSION, Word(session)),
        )
    )


def _place(space: Space, partition: str, account: str, pattern: bool) -> Formula:
    return conjunction((space.word(PARTITION, Word(partition, pattern)), space.word(ACCOUNT, Word(account, pattern))))


def _arn(space: Space, text: str, pattern: bool, lower: bool) -> Formula:
    """That the caller's ARN is one that a text with six parts means."""
    arn, partition, service, region, account, name = text.split(":", 5)
    if not Word(arn, pattern, lower).matches("arn") or not Word(region, pattern, lower).matches(""):
        return False
    served = Word(service, pattern, lower)
    kinds = (
        *(("root", *_IAM) if served.matches("iam") else ()),
        *(("federated-user/",) if served.matches("sts") else ()),
    )
    if not pattern and not lower and name.startswith("role/"):
        space.role(account, name)
    return conjunction(
        (
            space.word(PARTITION, Word(partition, pattern, lower)),
            space.word(ACCOUNT, Word(account, pattern, lower)),
            space.word(NAME, Word(name, pattern, lower)),
            space.caller(*kinds),
        )
    )


def passes(space: Space, key: str, test: Test, text: str) -> Formula:
    """The callers whose value for a key passes a test; nothing is said of those that have none."""
    if key == SERVICE_CALL:
        return _by_service(space, test, text)
    compared = COMPARISONS[test.comparison]
    lower = test.comparison == "StringEqualsIgnoreCase"
    if compared.type not in ("String", "ARN") or "${" in test.value:
        return open_question("ambiguity", text)
    if key != ARN:
        if compared.type == "ARN":
            return open_question("ambiguity", text)
        return space.word(ACCOUNT, Word(test.value, compared.wildcards, lower))
    if compared.type == "ARN" and test.value.count(":") < 5:
        return open_question("ambiguity", text)
    return disjunction(
        [_arn(space, each, compared.wildcards, lower) for each in with_colons(test.value, compared.wildcards)]
    )


def _by_service(space: Space, test: Test, text: str) -> Formula:
    service = space.caller(SERVICE)
    found = []
    for formula, value in ((service, "true"), (negation(service), "false")):
        answer = values.answer(test, value)
        found.append(conjunction((formula, open_question("ambiguity", text) if answer is None else answer)))
    return disjunction(found)


def with_colons(text: str, wildcards: bool = True) -> list[str]:
    """A pattern for whole ARNs as patterns with five colons, each wildcard standing for as many as are missing."""
    missing = 5 - text.count(":")
    if missing <= 0:
        return [text]
    return list(_filled(text, missing)) if wildcards else []


def crossing(text: str) -> list[str]:
    """A pattern for whole texts as patterns with six parts: each wildcard stands for as many colons as there can be.

    A pattern that stands for too many is taken as it is.
    """
    found = list(dict.fromkeys(_crossed(text, 5)))
    return found if len(found) <= MOST_PARTINGS else with_colons(text)


def _crossed(text: str, left: int) -> Iterator[str]:
    """The ways to find `left` colons in a pattern, whose rest is then the last part."""
    at = next((index for index, each in enumerate(text) if each in "*?:"), -1)
    if not left or at < 0:
        if not left:
            yield text
        return
    before, rest = text[:at], text[at + 1 :]
    if text[at] == ":":
        yield from (f"{before}:{tail}" for tail in _crossed(rest, left - 1))
        return
    choices = ["*" + ":*" * count for count in range(left + 1)] if text[at] == "*" else ["?", ":"]
    for choice in choices:
        for tail in _crossed(rest, left - choice.count(":")):
            yield before + choice + tail


def _filled(text: str, missing: int) -> Iterator[str]:
    at = min((index for index in (text.find("*"), text.find("?")) if index >= 0), default=-1)
    if at < 0:
        if not missing:
            yield text
        return
    before, rest = text[:at], text[at + 1 :]
    choices = ["*" + ":*" * count for count in range(missing + 1)] if text[at] == "*" else ["?", ":"][: missing + 1]
    for choice in choices:
        for tail in _filled(rest, missing - choice.count(":")):
            yield before + choice + tail
