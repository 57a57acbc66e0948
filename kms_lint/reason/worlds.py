"""Two sets of documents policy by policy: which belongs to which, and what the change of each grants."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from kms_lint.model import Policy, PolicyKind
from kms_lint.reason import attached, branches, granted, limits, renamed
from kms_lint.reason.compared import Settings
from kms_lint.reason.difference import Difference, Relation, Verdict
from kms_lint.reason.matching import Group, pairs
from kms_lint.reason.sides import Held, Side, side
from kms_lint.source import At

__all__ = ["Change", "Side", "changes", "side", "together"]


@dataclass(frozen=True, slots=True)
class Change:
    """One policy before and after; `None` where there is none. `address` is that of the new one, if there is one.

    `at` is where it is written that this is about, where that is known.
    """

    address: str
    old: Policy | None
    new: Policy | None
    difference: Difference
    at: At | None = None


_LEFT: Final = "it was let go by a `removed` block with `destroy = false`, and keeps the policy that it has"
_NO_COUNTERPART: Final = "unsupported: the other side shows no such policy, and not all of that side is known"


def changes(old: Side, new: Side, settings: Settings) -> Iterator[Change]:
    """What the change of each policy grants: the same address or key, else the same content, else added or removed."""
    # what another policy is read from is compared where it counts, and not once more as a file
    counted = new.read | (old.read - new.files.keys())
    old, new = old.without(counted), new.without(counted)
    moved = renamed.names(list(pairs(old.held, new.held, new.past)), new.past)
    old = renamed.side(old, {**moved, **attached.former(old, new)})
    found = list(_changes(old, new, settings))
    carried = attached.Attached(old, new, settings)
    for change in found:
        yield replace(change, difference=carried.settled(change.old, change.new, change.difference))
    for address, difference in carried.changes() if not settings.public else ():
        yield Change(address, None, None, difference, new.places.get(address))
    yield from _unknown(old, new)


def _changes(old: Side, new: Side, settings: Settings) -> Iterator[Change]:
    grants = granted.Granted(old.grants, new.grants, whole=not old.unknown)
    for before, after in pairs(old.held, new.held, new.past):
        answer = _answer(before, after, old, new, settings, grants)
        held = (after or before)[0]
        if _never_asked(held.policy.kind, settings):
            continue
        yield Change(
            held.policy.address, before[0].policy if before else None, after[0].policy if after else None, answer
        )
    for address, before_policy, after_policy, gave in grants.left():
        answer = branches.compared((Held(before_policy),), (Held(after_policy),), settings, gave)
        yield Change(address, None, after_policy, answer)


def _never_asked(kind: PolicyKind, settings: Settings) -> bool:
    """Whether a question about one side passes over policies of a kind.

    What only limits grants nothing, and an identity policy lets in whoever carries it, and no stranger.
    """
    return (settings.absolute and kind in limits.GRANT_NOTHING) or (settings.public and kind is PolicyKind.IDENTITY)


def _answer(
    before: Group, after: Group, old: Side, new: Side, settings: Settings, grants: granted.Granted
) -> Difference:
    held = (after or before)[0]
    limited = limits.of(new, held.policy.kind, settings, after)
    arn = settings.key_arn or held.key_arn
    wanted = replace(settings, key_arn=arn, alone=_alone(held, old, new), limits=limited)
    if (not before and old.unknown) or (not after and new.unknown):
        return Difference(Verdict.UNKNOWN, Relation.UNKNOWN, (), _NO_COUNTERPART)
    answer = branches.compared(before, after, wanted, grants.of(before, after))
    if answer.verdict is Verdict.NO_NEW_ACCESS and _only_let_go(before, after, new):
        return Difference(Verdict.NO_NEW_ACCESS, Relation.EQUIVALENT, (), "", (_LEFT,))
    if before and after and before[0].policy.address != held.policy.address:
        same = f"{held.policy.address} is what {before[0].policy.address} was"
        answer = replace(answer, assumptions=(*answer.assumptions, same))
    return answer


def _only_let_go(before: Group, after: Group, new: Side) -> bool:
    """Whether what has no counterpart is only no longer in the files."""
    held = before[0] if before and not after else None
    return held is not None and new.past is not None and new.past.left(held.key or held.policy.address, held.place)


def _alone(found: Held, old: Side, new: Side) -> bool:
    """Whether no other policy decides with this one: a key has one policy, and what one side holds alone has no other."""
    return found.policy.kind is PolicyKind.KEY or (len(old.held) <= 1 and len(new.held) <= 1)


def _unknown(old: Side, new: Side) -> Iterator[Change]:
    same = set(old.unknown) & set(new.unknown)
    for address, reason in dict.fromkeys((*new.unknown, *old.unknown)):
        more = ", before and after" if (address, reason) in same else ""
        difference = Difference(Verdict.UNKNOWN, Relation.UNKNOWN, (), reason + more)
        yield Change(address, None, None, difference, new.places.get(address) or old.places.get(address))


def together(found: Sequence[Change]) -> tuple[Verdict, Relation]:
    """The verdict and the relation of all changes as one."""
    return branches.together([each.difference for each in found])
