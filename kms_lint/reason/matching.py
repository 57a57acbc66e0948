"""Which policies of one side belong to which of the other."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from functools import partial
from typing import TypeAlias

from kms_lint.model import PolicyKind
from kms_lint.reason import plain
from kms_lint.reason.sides import Held, Past

Group: TypeAlias = tuple[Held, ...]
"""Policies that go by one name in one file: one for each branch of their conditions, or repeated."""


def pairs(old: Sequence[Held], new: Sequence[Held], past: Past | None = None) -> Iterator[tuple[Group, Group]]:
    """The policies of both sides by what they belong to; either side of a pair may be empty.

    `past` is what the new side says of its earlier addresses.
    """
    before, after = _groups(old), _groups(new)
    if len(before) == len(after) == 1 and _fits(before[0], after[0]):
        yield before[0], after[0]
        return
    found: dict[int, Group] = {}
    if past is not None:
        _moved(before, after, found, past)
    for same in _SAME:
        _match(before, after, found, same)
        if past is not None and same is _LAST_BY_ADDRESS:
            _match_any(before, after, found, lambda group: _addresses(group, past.unsaid))
    for index, group in enumerate(after):
        yield found.get(index, ()), group
    for group in before:
        yield group, ()


def _match(
    before: list[Group], after: list[Group], found: dict[int, Group], same: Callable[[Group], Hashable | None]
) -> None:
    """Takes together what is the same on both sides; of several that are, the first with the first."""
    for index, group in enumerate(after):
        wanted = same(group) if index not in found else None
        if wanted is None:
            continue
        other = next((each for each in before if same(each) == wanted and not _other_key(each, group)), None)
        if other is not None:
            found[index] = other
            before.remove(other)


def _moved(before: list[Group], after: list[Group], found: dict[int, Group], past: Past) -> None:
    """Takes together what was moved. What is still at an address keeps it, unless it is moved away itself."""
    matched = -1
    while matched < len(found):
        matched = len(found)
        there = {(each[0].named, each[0].place) for each in before}
        for index, group in enumerate(after):
            if index in found or (group[0].named, group[0].place) in there:
                continue
            place = group[0].place
            _take(before, found, index, group, _addresses(group, partial(past.formerly, place=place)))


def _match_any(
    before: list[Group], after: list[Group], found: dict[int, Group], names: Callable[[Group], tuple[str, ...]]
) -> None:
    for index, group in enumerate(after):
        if index not in found:
            _take(before, found, index, group, names(group))


def _take(before: list[Group], found: dict[int, Group], index: int, group: Group, names: Sequence[str]) -> None:
    """Takes a group together with the first that went by one of these names."""
    for name in names:
        other = next(
            (each for each in before if name in (each[0].policy.address, each[0].key) and _fits(each, group)), None
        )
        if other is not None:
            found[index] = other
            before.remove(other)
            return


def _fits(old: Group, new: Group) -> bool:
    """Whether two groups can be one: of one kind, and not of keys that are known to differ."""
    return old[0].policy.kind is new[0].policy.kind and not _other_key(old, new)


def _addresses(group: Group, names: Callable[[str], tuple[str, ...]]) -> tuple[str, ...]:
    """The names of a policy, and of the key that it is of."""
    held = group[0]
    return (*names(held.policy.address), *(names(held.key) if held.key else ()))


def _groups(held: Sequence[Held]) -> list[Group]:
    found: dict[Hashable, list[Held]] = {}
    for each in held:
        found.setdefault((*each.named, each.place), []).append(each)
    return [tuple(group) for group in found.values()]


def _other_key(old: Group, new: Group) -> bool:
    return None not in (old[0].key_arn, new[0].key_arn) and old[0].key_arn != new[0].key_arn


def _written_in_one_file(group: Group) -> Hashable | None:
    return *group[0].named, group[0].place


def _named_alike(group: Group) -> Hashable | None:
    return group[0].named


def _of_one_key(group: Group) -> Hashable | None:
    return (group[0].policy.kind, group[0].key_arn) if group[0].key_arn else None


def _alike_in_content(group: Group) -> Hashable | None:
    """For key policies only: what an identity is allowed is new to another identity with the same policy.

    A key without a policy of its own is like all others of that kind.
    """
    if group[0].policy.kind is not PolicyKind.KEY or group[0].default:
        return None
    return repr(sorted(repr(plain.document(each.policy)["Statement"]) for each in group))


def _of_one_key_of_the_files(group: Group) -> Hashable | None:
    """By the address of the key, wherever its policy is written."""
    return (group[0].key, group[0].place) if group[0].policy.kind is PolicyKind.KEY and group[0].key else None


def _of_identities(group: Group) -> Hashable | None:
    """An IAM policy is the same one whomever it is attached to: who has it is compared by itself."""
    return group[0].policy.address if group[0].policy.kind is PolicyKind.IDENTITY else None


_LAST_BY_ADDRESS = _of_one_key_of_the_files
_SAME = (_written_in_one_file, _named_alike, _of_one_key, _of_one_key_of_the_files, _of_identities, _alike_in_content)
