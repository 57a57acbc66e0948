"""A matrix for each key: who may do what with it, and below it on which condition and by which statements."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from kms_lint.formatters.access import certainty_words, place, some, told_paths
from kms_lint.formatters.visible import visible
from kms_lint.iam import actions
from kms_lint.reason.parties import HeldKey, Party
from kms_lint.reason.rows import Certainty, Row


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
COLUMNS: Final = (
    Column("encrypt", actions.ENCRYPTING),
    Column("decrypt", actions.DECRYPTING),
    Column("sign", _SIGNING),
    Column("read", actions.READING - _SIGNING - actions.STAR_ONLY - _GRANTS),
    Column("manage", actions.ADMINISTRATION - _POLICY - _DELETING - _GRANTS),
    Column("delete", _DELETING),
    Column("policy", _POLICY),
    Column("grants", _GRANTS),
)
"""Use, then administration, then grants."""

_WIDTH: Final = 100
_CELL: Final = 8
_NAME: Final = _WIDTH - _CELL * len(COLUMNS) - 2
_FANCY: Final = {Certainty.ALWAYS: "●", Certainty.CONDITIONAL: "◐", Certainty.POSSIBLE: "○"}
_PLAIN: Final = {Certainty.ALWAYS: "yes", Certainty.CONDITIONAL: "if", Certainty.POSSIBLE: "?"}
_ORDER: Final = list(Certainty)


class _Line(NamedTuple):
    """Principals with the same access, and what it is."""

    parties: tuple[Party, ...]
    rows: tuple[Row, ...]


def as_text(
    keys: Sequence[HeldKey],
    rows: Sequence[Row],
    assumptions: Sequence[str],
    account: str,
    *,
    fancy: bool,
    all_of_it: bool,
) -> str:
    """The matrices. `fancy` is whether symbols beyond ASCII can be printed, `all_of_it` whether nothing is put together."""
    lines: list[str] = []
    nobody: list[str] = []
    for key in keys:
        own = [row for row in rows if row.key is key]
        if own:
            lines += [*_matrix(key, _lines(own, all_of_it), account, fancy), ""]
        else:
            nobody.append(key.address)
    if nobody:
        lines += [f"nobody in sight has access to {some(nobody, 10)}", ""]
    if lines:
        lines += [*_legend(fancy), ""]
    lines += [f"assuming: {each}" for each in _put_together(assumptions, all_of_it)]
    return "".join(f"{visible(line)}\n" for line in lines)


def _lines(rows: Sequence[Row], all_of_it: bool) -> list[_Line]:
    by_party: dict[int, list[Row]] = {}
    for row in rows:
        by_party.setdefault(id(row.party), []).append(row)
    groups: dict[object, list[list[Row]]] = {}
    for index, own in enumerate(by_party.values()):
        same = tuple((row.actions, row.certainty, row.condition.replace(row.principal, "it")) for row in own)
        groups.setdefault((same, index) if all_of_it else same, []).append(own)
    return [_Line(tuple(each[0].party for each in group), tuple(group[0])) for group in groups.values()]


def _matrix(key: HeldKey, found: Sequence[_Line], account: str, fancy: bool) -> Iterator[str]:
    path, line = place(key.at)
    names = ", ".join(key.aliases)
    default = ", with the key policy that AWS gives it" if key.default else ""
    yield f"{key.address}{f' ({names})' if names else ''} at {path}:{line}{default}"
    yield " " * (_NAME + 2) + "".join(column.name.ljust(_CELL) for column in COLUMNS).rstrip()
    for number, each in enumerate(found, 1):
        yield from _entry(number, each, account, fancy)
    yield ""
    for number, each in enumerate(found, 1):
        yield from _how(number, each, account)


def _entry(number: int, found: _Line, account: str, fancy: bool) -> Iterator[str]:
    name = f"{number} {short(found.parties[0], account)}"
    if len(found.parties) > 1:
        name += f" and {len(found.parties) - 1} more"
    cells = "".join(_cell(column, found.rows, fancy).ljust(_CELL) for column in COLUMNS).rstrip()
    if len(name) > _NAME:
        yield f"  {name}"
        yield f"{'':<{_NAME + 2}}{cells}"
    else:
        yield f"  {name:<{_NAME}}{cells}"


def _cell(column: Column, rows: Sequence[Row], fancy: bool) -> str:
    """The surest of what is allowed of a group, with a mark where it is a part of the group only."""
    marks = _FANCY if fancy else _PLAIN
    found = {action: row.certainty for row in rows for action in row.actions if action in column.actions}
    if not found:
        return "·" if fancy else "-"
    surest = min(found.values(), key=_ORDER.index)
    return marks[surest] + ("" if len(found) == len(column.actions) and len(set(found.values())) == 1 else "*")


def _how(number: int, found: _Line, account: str) -> Iterator[str]:
    """How the principals of a line come in."""
    if len(found.parties) > 1:
        yield f"  {number} {', '.join(short(each, account) for each in found.parties)}"
    for row in found.rows:
        first = f"  {number} {certainty_words(row.certainty)}: {some(_shown(row.actions), 6)}"
        yield first
        if row.condition:
            yield f"      if {row.condition}"
        paths = told_paths(row.paths)
        yield from (f"      by {path}" for path in paths[:4])
        if len(paths) > 4:
            yield f"      and in {len(paths) - 4} more ways"


def _shown(names: Sequence[str]) -> list[str]:
    """The operations of a row, whole groups by their names."""
    left = set(names)
    found: list[str] = []
    for column in COLUMNS:
        if len(column.actions) > 1 and column.actions <= left:
            found.append(f"all of {column.name}")
            left -= column.actions
    return [*found, *sorted(left)]


def short(party: Party, account: str) -> str:
    """A principal without what all principals of the account have in common."""
    caller = party.caller
    if caller is None or caller.account is None or caller.arn != party.shown:
        return party.shown
    return caller.name if caller.account == account else f"{caller.account}:{caller.name}"


def _legend(fancy: bool) -> Iterator[str]:
    marks = _FANCY if fancy else _PLAIN
    words = ", ".join(f"{marks[each]} {certainty_words(each)}" for each in Certainty)
    yield f"{words}; * a part of these operations, or not all of them alike; numbers tell how, below each key"


def _put_together(assumptions: Sequence[str], all_of_it: bool) -> Iterator[str]:
    """The assumptions, those about many principals as one line."""
    ending = " are not in the input"
    named = [each for each in assumptions if each.startswith("IAM policies and") and each.endswith(ending)]
    for each in assumptions:
        if each not in named or all_of_it or len(named) < 4:
            yield each
    if not all_of_it and len(named) >= 4:
        yield f"IAM policies and permissions boundaries of {len(named)} principals that are only named{ending}"
