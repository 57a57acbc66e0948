"""From a region in which a formula is true to one request in it: the one that needs the least."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from kms_lint.reason import callers
from kms_lint.reason.formula import Formula, Literal, Region, conjunction, solve
from kms_lint.reason.request import Caller, CallerKind, Request, Surroundings
from kms_lint.reason.space import ACCOUNT, ACTION, ALWAYS_PRESENT, NAME, PARTITION, RESOURCE, SESSION, Space, carries

_ACCOUNT: Final = "111122223333"
_KINDS: Final = {"user": CallerKind.USER, "role": CallerKind.ROLE, "federated-user": CallerKind.FEDERATED_USER}
_OTHERS: Final = {
    callers.SERVICE: CallerKind.SERVICE,
    callers.PROVIDER: CallerKind.PROVIDER,
    callers.UNIQUE_ID: CallerKind.UNIQUE_ID,
}


def least(formula: Formula, region: Region, budget: int) -> Region:
    """A region with as few condition keys as one after the other can be left out, and the first choice elsewhere."""
    kept = dict(region)
    for name in sorted(kept, key=_importance):
        if name not in kept:  # what was found after another choice does not need it
            continue
        lowest = kept[name] & -kept[name]
        if lowest == 1:
            kept[name] = 1
            continue
        full = max(kept[name], 1) | 1
        while full & (full + 1):
            full |= full >> 1
        fixed = [Literal(other, mask, -1) for other, mask in kept.items() if other in _settled(kept, name)]
        found = solve(conjunction((formula, Literal(name, 1, full), *fixed)), budget)
        if found is None:
            kept[name] = lowest
        else:
            kept = {**{other: kept[other] for other in _settled(kept, name)}, **found, name: 1}
    return kept


def _settled(kept: Mapping[str, int], name: str) -> set[str]:
    """What was chosen before a dimension."""
    return {other for other in kept if _importance(other) < _importance(name)}


def _importance(name: str) -> tuple[int, str]:
    """Condition keys are left out first; who calls and what is called are chosen last."""
    order = ("boundary", "limits", "identity")
    if name in order:
        return order.index(name), name
    return (5 if name in (ACTION, NAME, ACCOUNT, PARTITION, SESSION, *RESOURCE) else 4), name


def point(space: Space, region: Region) -> dict[str, int]:
    """The first class of each dimension that matters."""
    return {name: (mask & -mask).bit_length() - 1 for name, mask in region.items()}


def request(space: Space, chosen: Mapping[str, int], account: str | None, key_arn: str | None, facts: bool) -> Request:
    """The request of one class in each dimension; what does not matter is filled with what is usual."""
    action = space.chosen[ACTION][chosen.get(ACTION, 0)]
    if ACTION not in chosen and "kms:Decrypt" in space.chosen[ACTION]:
        action = "kms:Decrypt"
    context = {
        key: held
        for key in space.condition_keys()
        if (held := tuple(_held(space, key, chosen))) and (not facts or carries(key, action))
    }
    return Request(
        _caller(space, chosen, account), action, key_arn or _resource(space, chosen, action, account), context
    )


def _held(space: Space, key: str, chosen: Mapping[str, int]) -> Iterator[str]:
    values = space.chosen[key]
    if space.several(key):
        yield from (value for index, value in enumerate(values) if chosen.get(f"{key}#{index}", 0))
    elif key in chosen:
        index = chosen[key] - (key not in ALWAYS_PRESENT)
        if index >= 0:
            yield values[index]


def _caller(space: Space, chosen: Mapping[str, int], account: str | None) -> Caller:
    name = space.chosen[NAME][chosen.get(NAME, 0)]
    for start, kind in _OTHERS.items():
        if name.startswith(start):
            return Caller(kind, name[len(start) :])
    kind = _KINDS.get(name.partition("/")[0], CallerKind.ROOT)
    owner = space.chosen[ACCOUNT][chosen[ACCOUNT]] if ACCOUNT in chosen else account or _ACCOUNT
    partition = space.chosen[PARTITION][chosen.get(PARTITION, 0)]
    session = space.chosen[SESSION][chosen[SESSION]] if SESSION in chosen else "session"
    return Caller(kind, name, owner, partition, session if kind is CallerKind.ROLE else "")


def _resource(space: Space, chosen: Mapping[str, int], action: str, account: str | None) -> str:
    service, _, _ = action.partition(":")
    key = service == "kms"
    usual = (
        "aws",
        service,
        "us-east-1",
        account or _ACCOUNT,
        "key/1234abcd-12ab-34cd-56ef-1234567890ab" if key else "name",
    )
    parts = [
        space.chosen[name][chosen[name]] if name in chosen else usually
        for name, usually in zip(RESOURCE, usual, strict=True)
    ]
    return ":".join(("arn", *parts))


def surroundings(chosen: Mapping[str, int], account: str) -> Surroundings:
    """What else decides, as chosen."""
    return Surroundings(
        account,
        identity_allows=chosen.get("identity", 0) == 1,
        limits_allow=chosen.get("limits", 0) == 0,
        bounded=chosen.get("boundary", 0) == 1,
    )


__all__ = ["least", "point", "request", "surroundings"]
