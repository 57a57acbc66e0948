"""Which keys, principals and actions of an estate somebody means by what they type."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from kms_lint.errors import SourceError
from kms_lint.iam import actions, wildcards
from kms_lint.reason.everybody import named_party
from kms_lint.reason.parties import Estate, HeldKey, Party, Standing
from kms_lint.source import Source, Span
from kms_lint.spelling import did_you_mean
from kms_lint.syntax.tree import Text

_ASKED: Final = Span(Source("<question>", ""), 0, 0)
_SERVICE: Final = re.compile(r"[a-z0-9.-]+\.amazonaws\.com(\.cn)?")


def keys(estate: Estate, name: str) -> tuple[HeldKey, ...]:
    """The keys of an address, an ARN, an id or an alias, wildcards allowed. Raises `SourceError` when there are none."""
    found = tuple(key for key in estate.keys if any(wildcards.matches(name, each) for each in _key_names(key)))
    if not found:
        names = [each for key in estate.keys for each in _key_names(key)]
        raise SourceError(f"there is no key `{name}` in the input{did_you_mean(name, names)}")
    return found


def _key_names(key: HeldKey) -> Iterator[str]:
    yield key.address
    if key.arn is not None:
        yield from (str(key.arn), key.arn.form, key.arn.form.rpartition("key/")[2])
    yield from key.aliases


def parties(estate: Estate, name: str) -> tuple[Estate, tuple[Party, ...]]:
    """The principals of an ARN, an address, a name, an account id or a service, and the estate with them in it.

    An ARN or a service that nothing in the input names is put in, with IAM policies that are not known. Raises
    `SourceError` for what can be no principal.
    """
    found = tuple(party for party in estate.parties if any(wildcards.matches(name, each) for each in _names(party)))
    if found:
        return estate, found
    made = named_party("Service" if _SERVICE.fullmatch(name) else "AWS", Text(name, _ASKED))
    if made is None:
        names = [each for party in estate.parties for each in _names(party)]
        near = did_you_mean(name, names) or ": write its ARN"
        raise SourceError(f"there is no principal `{name}` in the input{near}")
    return _with(estate, made), (made,)


def _with(estate: Estate, party: Party) -> Estate:
    lacking = f"IAM policies and the permissions boundary of {party.shown} are not in the input"
    more = (lacking,) if party.standing is Standing.NAMED else ()
    return replace(estate, parties=(*estate.parties, party), assumptions=(*estate.assumptions, *more))


def _names(party: Party) -> Iterator[str]:
    yield party.shown
    if party.address:
        yield party.address
    caller = party.caller
    if caller is not None:
        yield from (each for each in (caller.arn, caller.shown, caller.name, caller.name.rpartition("/")[2]) if each)
    elif party.account is not None and party.standing in (Standing.ACCOUNT, Standing.ROOT):
        yield from (party.account, f"arn:aws:iam::{party.account}:root")


def wanted_actions(pattern: str) -> tuple[str, ...]:
    """The actions of KMS that patterns with commas between them mean. Raises `SourceError` where one means none."""
    found: dict[str, None] = {}
    for each in (part.strip() for part in pattern.split(",")):
        written = each if ":" in each else f"kms:{each}"
        meant = sorted(_of_keys(written))
        if not meant:
            raise SourceError(f"`{each}` is no action of KMS{did_you_mean(written, sorted(actions.ALL))}")
        found.update(dict.fromkeys(meant))
    return tuple(found)


def _of_keys(pattern: str) -> frozenset[str]:
    """The actions that a pattern means; those that are about no key only when it is written out."""
    found = actions.expand(pattern)
    return found - actions.STAR_ONLY if wildcards.has_wildcard(pattern) else found
