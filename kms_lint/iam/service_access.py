"""How services of AWS come to use a customer managed key: as themselves, for somebody who has called them, or by a role.

A service that calls as itself has to be let in by the key policy; one that calls for somebody (a forward access session) uses what that somebody may do, and
`kms:ViaService` tells of it. What is not in the table is not known to us; each row names its page.
https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-services.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/access_forward_access_sessions.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from functools import lru_cache
from typing import Final, NamedTuple

from kms_lint.iam import actions, service_table, wildcards
from kms_lint.iam.services import service_name


class Caller(Enum):
    """Whose request reaches AWS KMS when a service uses a key."""

    ITSELF = "service"
    SESSION = "caller"
    LINKED_ROLE = "linked role"
    ROLE = "role"


class Use(NamedTuple):
    """One use of keys by a service: `of` is what for, `needs` are the operations that it cannot do without.

    `allowed` is all that AWS's own statement allows, `principal` the name of the service principal, without Region and
    domain, of a service that calls as itself, `via` the name in `kms:ViaService` of one that calls for somebody.
    `account` and `arn` are whether it sends `aws:SourceAccount` and `aws:SourceArn`, `None` where AWS does not say;
    `contexts` are the names of its encryption context. `grants` is whether it has grants made for itself,
    `unconditional_grants` whether the key policy that AWS shows for it allows `kms:CreateGrant` to named identities without
    a condition. `doubt` says what documentation leaves open.
    """

    service: str
    of: str
    caller: Caller
    needs: frozenset[str]
    allowed: frozenset[str]
    principal: str
    via: str
    by_region: bool
    account: bool | None
    arn: bool | None
    contexts: tuple[str, ...]
    grants: bool
    unconditional_grants: bool
    consumers: tuple[str, ...]
    page: str
    doubt: str

    @property
    def tells(self) -> bool | None:
        """Whether it says for whom it calls; `None` where AWS does not say."""
        if self.account or self.arn or self.contexts:
            return True
        return None if self.account is None or self.arn is None else False


class Deputy(NamedTuple):
    """What a service tells KMS about the resource it works for, in any of its uses as a service principal."""

    account: bool
    arn: bool
    contexts: tuple[str, ...]
    uses: tuple[Use, ...]

    @property
    def tells(self) -> bool | None:
        """Whether it says for whom it calls; `None` where AWS does not say."""
        found = {use.tells for use in self.uses}
        return True if True in found else None if None in found else False

    def without_source(self, operations: frozenset[str]) -> Use | None:
        """A use that needs no more than these operations, or as much, and for which AWS documents no source."""
        for use in self.uses:
            if use.tells is not True and operations <= _any_data_key(use.allowed):
                return use
        return None


class OnBehalf(NamedTuple):
    """A service that uses keys for those who call it; `sure` where its documentation says so outright."""

    via: str
    page: str
    sure: bool = True


_DATA_KEYS: Final = frozenset(each for each in actions.ALL if each.startswith("kms:GenerateDataKey"))
_FLAGS: Final = {"yes": True, "no": False}


def uses() -> tuple[Use, ...]:
    """Every use of keys by services that is known to us."""
    return _uses()


@lru_cache(maxsize=1)
def _uses() -> tuple[Use, ...]:
    return tuple(_use(row) for row in service_table.USES)


def _use(row: dict[str, str]) -> Use:
    needs = _operations(row.get("needs", ""))
    return Use(
        service=row["service"],
        of=row["of"],
        caller=Caller(row["caller"]),
        needs=needs,
        allowed=needs | _operations(row.get("allows", "")),
        principal=row.get("principal", ""),
        via=row.get("via", ""),
        by_region="by_region" in row,
        account=_FLAGS.get(row.get("source_account", "")),
        arn=_FLAGS.get(row.get("source_arn", "")),
        contexts=tuple(row.get("context", "").split()),
        grants="grants" in row,
        unconditional_grants="unconditional_grants" in row,
        consumers=tuple(row.get("consumers", "").split()),
        page=row["source"],
        doubt=row.get("doubt", ""),
    )


def _operations(names: str) -> frozenset[str]:
    """The actions of names and patterns without `kms:`."""
    return frozenset(action for name in names.split() for action in _meant(f"kms:{name}"))


@lru_cache(maxsize=64)
def _meant(name: str) -> tuple[str, ...]:
    return tuple(each for each in actions.ALL if wildcards.matches(name, each)) if "*" in name else (name,)


def _any_data_key(operations: frozenset[str]) -> frozenset[str]:
    """With one operation for a data key, all of them: AWS's statements say `kms:GenerateDataKey*` for any."""
    return operations | _DATA_KEYS if operations & _DATA_KEYS else operations


def as_itself(principal: str) -> tuple[Use, ...]:
    """The uses of a service principal, of whichever Region; empty where we know of none."""
    return _by_principal().get(service_name(principal), ())


@lru_cache(maxsize=1)
def _by_principal() -> dict[str, tuple[Use, ...]]:
    found: dict[str, list[Use]] = {}
    for use in _uses():
        if use.caller is Caller.ITSELF:
            found.setdefault(use.principal, []).append(use)
    return {name: tuple(each) for name, each in found.items()}


def deputy(principal: str) -> Deputy | None:
    """What the service behind a service principal tells about itself; `None` when that is unknown to us."""
    found = as_itself(principal)
    if not found:
        return None
    return Deputy(
        account=any(use.account for use in found),
        arn=any(use.arn for use in found),
        contexts=tuple(dict.fromkeys(name for use in found for name in use.contexts)),
        uses=found,
    )


def needed(service: str, what: str | None = None) -> Use | None:
    """What a service, as ARNs spell it, has to be let in to do as itself for what uses the key; `None` if we know of nothing.

    `what` tells several such uses of one service apart: what uses the key, as `inventory` of `s3`, or what it writes to, as a `topic`.
    """
    name = service if what is None else f"{service}:{what}"
    return next((use for use in _uses() if name in use.consumers), None)


def too_little(principal: str, operations: frozenset[str]) -> Use | None:
    """A use that a service principal is let in for and cannot do with these operations; `None` where it can do one, or we do not know.

    Only cryptographic operations count: without the others a service may do.
    """
    found = as_itself(principal)
    if not found or any(use.needs & actions.CRYPTOGRAPHIC <= operations for use in found):
        return None
    return found[0]


def shown_with_grants(operations: frozenset[str]) -> Use | None:
    """A use for which AWS shows a key policy with exactly these operations, kms:CreateGrant among them and no condition."""
    return next(
        (use for use in _uses() if use.unconditional_grants and _one_data_key(use.needs) == _one_data_key(operations)),
        None,
    )


def _one_data_key(operations: frozenset[str]) -> frozenset[str]:
    """With any operation for a data key, one of them."""
    return operations - _DATA_KEYS | {"kms:GenerateDataKey"} if operations & _DATA_KEYS else operations


def undoubted(found: Iterable[Use]) -> bool:
    """Whether documentation leaves nothing open about these uses."""
    return not any(use.doubt for use in found)


def on_behalf(principal: str) -> OnBehalf | None:
    """How the service behind a service principal uses keys, if never as itself; `None` where it does, or we do not know."""
    service = service_name(principal)
    certainty = service_table.NEVER_ITSELF.get(service)
    if certainty is None:
        return None
    use = next(use for use in _uses() if use.service == service and use.caller is Caller.SESSION)
    return OnBehalf(use.via, use.page, certainty == "sure")


def calls_as(principal: str, via: str) -> bool:
    """Whether a name in `kms:ViaService` is that of the service principal itself, and of no service that it calls."""
    service = service_name(principal)
    own = {service, *(use.via for use in _uses() if use.service == service)}
    return via in own


__all__ = [
    "Caller",
    "Deputy",
    "OnBehalf",
    "Use",
    "as_itself",
    "calls_as",
    "deputy",
    "needed",
    "on_behalf",
    "shown_with_grants",
    "too_little",
    "undoubted",
    "uses",
]
