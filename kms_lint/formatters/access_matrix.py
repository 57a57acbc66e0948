"""A matrix for each key: who may do what with it, and below it on which condition and by which statements."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from kms_lint.formatters import Look
from kms_lint.formatters.access import (
    WIDTH,
    asked,
    assumed,
    certainty_words,
    gravest_first,
    place,
    told_paths,
    told_ways,
    wrapped,
)
from kms_lint.formatters.text import painted
from kms_lint.formatters.visible import visible, width
from kms_lint.iam import actions
from kms_lint.reason.parties import HeldKey, Party
from kms_lint.reason.rows import Certainty, Row
from kms_lint.spelling import first_of


class Column(NamedTuple):
    """A group of operations."""

    name: str
    actions: frozenset[str]


def _named(names: str) -> frozenset[str]:
    return frozenset(f"kms:{name}" for name in names.split())


_POLICY: Final = _named("PutKeyPolicy")
_DELETING: Final = _named("ScheduleKeyDeletion DeleteImportedKeyMaterial")
_GRANTS: Final = actions.GRANTING | _named("RetireGrant")
_SIGNING: Final = actions.SIGNING | _named("Verify VerifyMac")
_USE: Final = actions.ENCRYPTING | actions.DECRYPTING | _SIGNING
_READING: Final = actions.READING - _USE - actions.STAR_ONLY - _GRANTS
COLUMNS: Final = (
    Column("encrypt", actions.ENCRYPTING),
    Column("decrypt", actions.DECRYPTING),
    Column("sign", _SIGNING),
    Column("read", _READING),
    Column("manage", actions.ALL - actions.STAR_ONLY - _USE - _READING - _POLICY - _DELETING - _GRANTS),
    Column("delete", _DELETING),
    Column("policy", _POLICY),
    Column("grants", _GRANTS),
)
"""Use, then administration, then grants."""

_CELL: Final = 8
_NAME: Final = WIDTH - _CELL * len(COLUMNS) - 2
_FANCY: Final = {Certainty.ALWAYS: "●", Certainty.CONDITIONAL: "◐", Certainty.POSSIBLE: "○"}
_PLAIN: Final = {Certainty.ALWAYS: "yes", Certainty.CONDITIONAL: "if", Certainty.POSSIBLE: "?"}
_COLORS: Final = {Certainty.ALWAYS: "1", Certainty.CONDITIONAL: "33", Certainty.POSSIBLE: "36"}
_BOLD: Final = "1"
_ORDER: Final = list(Certainty)
_WAYS: Final = 4
"""The most ways in that are told of a row."""
_MOST: Final = 12
"""The most principals or keys of a group that are named, unless all is asked for."""


class Layout(NamedTuple):
    """How matrices are laid out.

    `fancy` is whether symbols beyond ASCII can be printed, `whole` whether nothing is put together or left out.
    """

    look: Look
    account: str
    fancy: bool
    whole: bool = False


class Line(NamedTuple):
    """Principals with the same access, and what it is for each."""

    parties: tuple[Party, ...]
    rows: tuple[tuple[Row, ...], ...]


class _Block(NamedTuple):
    """Keys to which the same principals have the same access, and what it is for the first."""

    keys: tuple[HeldKey, ...]
    lines: tuple[Line, ...]


def as_text(keys: Sequence[HeldKey], rows: Sequence[Row], assumptions: Sequence[str], layout: Layout) -> str:
    """The matrices, the legend, and what was taken as given."""
    own: dict[int, list[Row]] = {}
    for row in rows:
        own.setdefault(id(row.key), []).append(row)
    lines: list[str] = []
    for block in _blocks([key for key in keys if id(key) in own], own, layout):
        lines += [*_matrix(block, layout), ""]
    nobody = [key.address for key in keys if id(key) not in own]
    if nobody:
        names = first_of(nobody, len(nobody) if layout.whole else _MOST)
        lines += [*wrapped(f"nothing in the input gives anybody access to {names}"), ""]
    if rows:
        lines += [*legend(layout), ""]
    lines += assumed(_put_together(assumptions, layout.whole))
    return "".join(f"{line}\n" for line in lines)


def _blocks(keys: Sequence[HeldKey], own: dict[int, list[Row]], layout: Layout) -> Iterator[_Block]:
    groups: dict[object, list[tuple[HeldKey, tuple[Line, ...]]]] = {}
    for index, key in enumerate(keys):
        found = grouped(own[id(key)], layout.whole)
        same = tuple((tuple(map(id, line.parties)), *map(_said, line.rows[0])) for line in found)
        groups.setdefault((same, index) if layout.whole else same, []).append((key, found))
    for group in groups.values():
        yield _Block(tuple(key for key, _ in group), group[0][1])


def grouped(rows: Sequence[Row], whole: bool) -> tuple[Line, ...]:
    """The rows of a key by principals: those with the same access stand together, unless `whole`."""
    by_party: dict[int, list[Row]] = {}
    for row in rows:
        by_party.setdefault(id(row.party), []).append(row)
    groups: dict[object, list[tuple[Row, ...]]] = {}
    for index, own in enumerate(by_party.values()):
        same = tuple(map(_said, own))
        groups.setdefault((same, index) if whole else same, []).append(tuple(own))
    return tuple(Line(tuple(each[0].party for each in group), tuple(group)) for group in groups.values())


def _said(row: Row) -> tuple[tuple[str, ...], Certainty, str]:
    """What a row says of whoever it is about, and of whichever key."""
    return row.actions, row.certainty, row.condition.replace(row.principal, "it").replace(row.key.address, "the key")


def _matrix(block: _Block, layout: Layout) -> Iterator[str]:
    for number, text in enumerate(wrapped(_heading(block, layout))):
        yield painted(text, _BOLD, layout.look) if number == 0 else text
    yield " " * (_NAME + 2) + "".join(column.name.ljust(_CELL) for column in COLUMNS).rstrip()
    for number, line in enumerate(block.lines, 1):
        yield from _entry(number, line, layout)
    yield ""
    for number, line in enumerate(block.lines, 1):
        for text in _how(number, line, layout):
            yield from wrapped(text)
    if len(block.keys) > 1:
        yield from wrapped(f"  places are those of {block.keys[0].address}")


def _heading(block: _Block, layout: Layout) -> str:
    first, *others = block.keys
    path, line = place(first.at)
    aliases = f" ({', '.join(first.aliases)})" if first.aliases else ""
    default = ", with the key policy that AWS gives it" if first.default else ""
    heading = f"{first.address}{aliases} at {path}:{line}{default}"
    return f"{heading}; the same for {first_of([each.address for each in others], _MOST)}" if others else heading


def _entry(number: int, line: Line, layout: Layout) -> Iterator[str]:
    name = f"{number} {visible(short(line.parties[0], layout.account))}"
    if len(line.parties) > 1:
        name += f" and {len(line.parties) - 1} more"
    cells = "".join(cell(column, line.rows[0], layout) for column in COLUMNS).rstrip()
    if width(name) > _NAME - 1:
        yield f"  {name}"
        name = ""
    yield f"  {name}{' ' * (_NAME - width(name))}{cells}"


def cell(column: Column, rows: Sequence[Row], layout: Layout) -> str:
    """The surest of what is allowed of a group, with a mark where it is a part of the group only."""
    marks = _FANCY if layout.fancy else _PLAIN
    found = {action: row.certainty for row in rows for action in row.actions if action in column.actions}
    if not found:
        return ("·" if layout.fancy else "-").ljust(_CELL)
    surest = min(found.values(), key=_ORDER.index)
    text = marks[surest] + ("" if len(found) == len(column.actions) and len(set(found.values())) == 1 else "*")
    return painted(text, _COLORS[surest], layout.look) + " " * (_CELL - len(text))


def _how(number: int, line: Line, layout: Layout) -> Iterator[str]:
    """How the principals of a line come in: by what all of them have, else by what the first one has."""
    names = [short(each, layout.account) for each in line.parties]
    if len(names) > 1:
        yield f"  {number} {first_of(names, _MOST)}"
    for index, row in enumerate(line.rows[0]):
        shown = shown_actions(row.actions)
        yield f"  {number} {certainty_words(row.certainty)}: {first_of(shown, len(shown) if layout.whole else 6)}"
        if row.condition:
            yield f"      {asked(row.condition, row.certainty)}"
        paths = told_paths(row.paths)
        everybody = [told_paths(rows[index].paths) for rows in line.rows]
        shared = [path for path in paths if all(path in each for each in everybody)]
        if not shared:
            yield f"      for {names[0]}, and for the others likewise:"
        most = len(paths) if layout.whole else _WAYS
        yield from (f"      {text}" for text in told_ways((shared or paths)[:most]))
        left = len(set[tuple[str, ...]]().union(*everybody)) - len(shared) if shared else 0
        if left > 0:
            yield f"      or, some of them, in {left} more way{'s' if left > 1 else ''}"
        elif len(shared or paths) > most:
            yield f"      or in {len(shared or paths) - most} more ways"


def shown_actions(names: Sequence[str]) -> list[str]:
    """The operations of a row, whole groups by their names."""
    left = set(names)
    found: list[str] = []
    for column in COLUMNS:
        if len(column.actions) > 1 and column.actions <= left:
            found.append(f"all of {column.name}")
            left -= column.actions
    return [*found, *gravest_first(left)]


def short(party: Party, account: str) -> str:
    """A principal without what all principals of the account have in common."""
    caller = party.caller
    if caller is None or caller.account is None or caller.arn != party.shown:
        return party.shown
    return caller.name if caller.account == account else f"{caller.account}:{caller.name}"


def legend(layout: Layout) -> Iterator[str]:
    """What the marks mean."""
    marks = _FANCY if layout.fancy else _PLAIN
    yield ", ".join(f"{marks[each]} {certainty_words(each)}" for each in Certainty) + (
        f", {'·' if layout.fancy else '-'} not at all; * a part of these operations, or not all of them alike"
    )
    yield "the numbers tell how, below each matrix"


def _put_together(assumptions: Sequence[str], whole: bool) -> Iterator[str]:
    """The assumptions, those about many principals as one line."""
    ending = " are not in the input"
    named = [each for each in assumptions if each.startswith("IAM policies and") and each.endswith(ending)]
    for each in assumptions:
        if each not in named or whole or len(named) < 4:
            yield each
    if not whole and len(named) >= 4:
        yield f"IAM policies and permissions boundaries of {len(named)} principals that are only named{ending}"
