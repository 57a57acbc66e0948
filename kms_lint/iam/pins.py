"""Whether a condition value pins something down, or lets anybody pass.

Each function takes a value and whether the operator reads wildcards in it, and answers `None` when it depends on
what is unknown.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from kms_lint.iam import wildcards
from kms_lint.syntax.tree import ANYTHING, DEPLOYMENT_ACCOUNT, Text

_VARIABLE: Final = re.compile(r"\$\{([^{},]*)(?:,[^{}]*)?\}")
_ORGANIZATION: Final = re.compile(r"((?:\$\{[^{}]*\}|[^/])*).*", re.DOTALL)
_ESCAPES: Final = ("*", "?", "$")
_OF_THE_KEY: Final = frozenset({"aws:resourceaccount", "aws:resourceorgid", "aws:resourceorgpaths"})
_GREATEST_IPV4: Final = 2**27
_GREATEST_IPV6: Final = 2**98


def variables(value: str) -> tuple[str, ...]:
    """The policy variables in a value, in lower case: `aws:principaltag/team`."""
    if "${" not in value:
        return ()
    return tuple(name.strip().lower() for name in _VARIABLE.findall(value) if name not in _ESCAPES)


def something(value: str, like: bool) -> bool | None:
    """Pins unless it matches every value."""
    if ANYTHING in value:
        return None
    return not (like and wildcards.includes(value, "?*"))


def literal(value: str, like: bool) -> bool | None:
    """Pins when it is one literal value."""
    if ANYTHING in value:
        return None
    return not variables(value) and not (like and wildcards.has_wildcard(value))


def beginning(value: str, like: bool) -> bool | None:
    """Pins when its beginning is literal: the name of a service. A Region in it may be a variable."""
    if value.startswith(ANYTHING):
        return None
    return not value.startswith("${") and not (like and value.startswith(("*", "?")))


def true(value: str, like: bool) -> bool | None:
    """Pins when it is `true`."""
    return None if ANYTHING in value else value.lower() == "true"


def caller_account(value: str, like: bool) -> bool | None:
    """Pins when it is one account, or the account of the key."""
    found = variables(value)
    if found:
        return set(found) <= _OF_THE_KEY
    return literal(value, like)


def organization(value: str, like: bool) -> bool | None:
    """Pins when it is one organization, or that of the key."""
    found = variables(value)
    if found:
        return set(found) <= _OF_THE_KEY
    if like and wildcards.has_wildcard(value):
        return False if wildcards.overlap(value, "o-") or len(re.split(r"[*?]", value)[0]) < 6 else None
    return None if ANYTHING in value else True


def organization_path(value: str, like: bool) -> bool | None:
    """Pins when the organization that it begins with does; the names of variables hold slashes too."""
    return organization(_ORGANIZATION.sub(r"\1", value), like)


def unique_id(value: str, like: bool) -> bool | None:
    """Pins when it begins with a unique id, which nobody else can have."""
    if variables(value):
        return False
    fixed = re.split(r"[*?]", value)[0] if like else value
    if ANYTHING in fixed:
        return None
    return len(fixed) >= 12


def arn(value: str, like: bool) -> bool | None:
    """Pins when its account does; in an ARN without account, when it names one resource.

    Names of S3 buckets are unique in the world, so `arn:aws:s3:::name/*` pins; `arn:aws:s3:::name*` does not, since
    anybody can make a bucket whose name goes on.
    """
    parts = _segments(value)
    if len(parts) < 6:
        if ANYTHING in value:
            return None
        return not like
    if parts[4]:
        return caller_account(parts[4], like)
    return literal(parts[5].split("/")[0] if parts[2] == "s3" else parts[5], like)


def addresses(values: Sequence[str]) -> bool | None:
    """Whether ranges of addresses pin a network: together they are no great part of the Internet."""
    import ipaddress

    sizes = {4: 0, 6: 0}
    for value in values:
        if ANYTHING in value:
            return None
        try:
            network = ipaddress.ip_network(value, strict=False)
        except ValueError:
            return None
        if not network.is_private:
            sizes[network.version] += network.num_addresses
    return sizes[4] <= _GREATEST_IPV4 and sizes[6] <= _GREATEST_IPV6


def chosen_by_caller(value: str) -> bool:
    """Whether a value holds a policy variable that the caller, or the caller's own account, sets."""
    return any(name not in _OF_THE_KEY for name in variables(value))


def account_of(value: str, in_arn: bool) -> str:
    """The account that a value names: its digits, `<account>` for that of the key, `ANYTHING` when unknown."""
    parts = _segments(value)
    named = (parts[4] if len(parts) == 6 else ANYTHING if ANYTHING in value else "") if in_arn else value
    return DEPLOYMENT_ACCOUNT if variables(named) else named


def why(key: Text, values: Sequence[Text], like: bool) -> str:
    """Why values do not pin, in words that follow "the condition …"."""
    for value in values:
        chosen = [name for name in variables(value.form) if name not in _OF_THE_KEY]
        if chosen and chosen[0] in ("aws:principalaccount", "aws:principalorgid", "aws:principalarn"):
            return f"compares the caller with itself: {value}"
        if chosen:
            return f"compares {key} with {value}, which the caller's own account sets"
        if value.form.startswith("arn:") and like and wildcards.has_wildcard(value.form):
            return f"lets {value} pass, and anybody can make one in an account of theirs"
        if like and wildcards.has_wildcard(value.form):
            return f"lets every {key} pass that looks like {value}"
        if value.form.lower() == "false":
            return f"lets pass what is not {key}"
    return f"lets nearly every {key} pass: {', '.join(values)}"


def _segments(value: str) -> list[str]:
    """The segments of an ARN; colons inside variables do not count."""
    held: list[str] = []

    def hold(found: re.Match[str]) -> str:
        held.append(found[0])
        return "\ue003"

    parts = _VARIABLE.sub(hold, value).split(":", 5)
    names = iter(held)
    return [re.sub("\ue003", lambda _: next(names), part) for part in parts]
