"""Who a party is, as a region of the space of requests: the part of each dimension that its requests lie in."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from kms_lint.reason import callers
from kms_lint.reason.formula import Formula, conjunction, literal
from kms_lint.reason.parties import Party, Standing
from kms_lint.reason.request import Caller, CallerKind
from kms_lint.reason.space import ACCOUNT, NAME, PARTITION, SESSION, Space, Word

LINKED: Final = "role/aws-service-role/"
"""How the names of the roles begin that are linked to a service."""


def record(space: Space, caller: Caller | None) -> None:
    """Asks a space, before it is settled, to tell a caller from others."""
    if caller is None:
        return
    if caller.account is None:
        space.word(NAME, Word(_unaccounted(caller)))
        return
    space.word(PARTITION, Word(caller.partition))
    space.word(ACCOUNT, Word(caller.account))
    if caller.session:
        space.role_of_session(caller.account, caller.name.rpartition("/")[2])
        space.word(SESSION, Word(caller.session))
        return
    space.word(NAME, Word(caller.name))
    if caller.kind is CallerKind.ROLE:
        space.role(caller.account, caller.name)


def region(space: Space, parties: Sequence[Party], party: Party) -> Mapping[str, int]:
    """The requests that a party of some can make: a mask for each dimension of the space that tells callers apart."""
    caller = party.caller
    if caller is not None and caller.account is None:
        return {NAME: _index(space, NAME, _unaccounted(caller))}
    if caller is not None:
        found = {
            PARTITION: _index(space, PARTITION, caller.partition),
            ACCOUNT: _index(space, ACCOUNT, str(caller.account)),
            NAME: _index(space, NAME, _full_name(parties, caller)),
        }
        if caller.session:
            found[SESSION] = _index(space, SESSION, caller.session)
        return found
    return _class_region(space, parties, party)


def _full_name(parties: Sequence[Party], caller: Caller) -> str:
    """The name of a role that a session names without its path, if the path is known."""
    if not caller.session:
        return caller.name
    role = caller.name.rpartition("/")[2]
    for party in parties:
        other = party.caller
        if other is None or other.session or other.account != caller.account:
            continue
        if other.kind is CallerKind.ROLE and other.name.rpartition("/")[2] == role:
            return other.name
    return caller.name


def _class_region(space: Space, parties: Sequence[Party], party: Party) -> Mapping[str, int]:
    """Principals of an account that have no row of their own: no roles of services, whose permissions AWS writes."""
    known = {
        each.caller.name
        for each in parties
        if each.caller and not each.caller.session and each.account == party.account
    }
    kinds = ("user/", "role/") if party.standing is Standing.HOLDER else ("user/", "role/", "federated-user/")
    names = _mask(
        space, NAME, lambda name: name.startswith(kinds) and name not in known and not name.startswith(LINKED)
    )
    if party.account is not None:
        return {ACCOUNT: _index(space, ACCOUNT, party.account), NAME: names}
    named = space.named(ACCOUNT)
    return {ACCOUNT: _mask(space, ACCOUNT, lambda account: account not in named), NAME: names}


def _unaccounted(caller: Caller) -> str:
    """The name of a caller of which no account is known."""
    return (callers.UNIQUE_ID if caller.kind is CallerKind.UNIQUE_ID else callers.SERVICE) + caller.name


def as_formula(space: Space, region: Mapping[str, int]) -> Formula:
    """The requests of a region."""
    return conjunction([literal(name, mask, space.full(name)) for name, mask in region.items()])


def _index(space: Space, dimension: str, text: str) -> int:
    return 1 << space.chosen[dimension].index(text)


def _mask(space: Space, dimension: str, wanted: Callable[[str], bool]) -> int:
    return sum(1 << index for index, text in enumerate(space.chosen[dimension]) if wanted(text))
