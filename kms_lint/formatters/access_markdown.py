"""Who can do what with which key as Markdown, for a pull request or a wiki: a table a key, and how each comes in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kms_lint.formatters import Look, visible
from kms_lint.formatters.access import asked, certainty_words, told_path
from kms_lint.formatters.access_matrix import COLUMNS, Layout, Line, cell, grouped, legend, short, shown_actions
from kms_lint.reason.parties import HeldKey
from kms_lint.reason.rows import Row


def as_markdown(keys: Sequence[HeldKey], rows: Sequence[Row], assumptions: Sequence[str], account: str) -> str:
    """The tables, the legend, and what was taken as given."""
    layout = Layout(Look(), account, fancy=True)
    lines: list[str] = []
    for key in keys:
        own = [row for row in rows if row.key is key]
        lines += [f"### {code(key.address)}", "", *(_table(own, layout) if own else ["Nobody has access.", ""])]
    if rows:
        lines += [f"{'; '.join(legend(layout))}".replace("*", "\\*"), ""]
    lines += [f"- assuming: {code(each)}" for each in assumptions]
    return "".join(f"{line}\n" for line in lines)


def _table(rows: Sequence[Row], layout: Layout) -> Iterator[str]:
    lines = grouped(rows, layout.whole)
    yield f"| | principal | {' | '.join(column.name for column in COLUMNS)} |"
    yield f"|---|---|{'---|' * len(COLUMNS)}"
    for number, line in enumerate(lines, 1):
        names = ", ".join(code(short(party, layout.account)) for party in line.parties)
        cells = " | ".join(cell(column, line.rows[0], layout).strip().replace("*", "\\*") for column in COLUMNS)
        yield f"| {number} | {names} | {cells} |"
    yield ""
    for number, line in enumerate(lines, 1):
        yield from _how(number, line)
    yield ""


def _how(number: int, line: Line) -> Iterator[str]:
    for rows in line.rows:
        for row in rows:
            who = f" for {code(row.principal)}" if len(line.rows) > 1 else ""
            actions = ", ".join(map(code, shown_actions(row.actions)))
            condition = f", {code(asked(row.condition, row.certainty))}" if row.condition else ""
            yield f"- {number}{who}, {certainty_words(row.certainty)}: {actions}{condition}"
            yield from (f"  - {code(' '.join(told_path(path)))}" for path in row.paths)


def code(text: str) -> str:
    """Text from files as code, out of which no table gets either."""
    return visible.code(text).replace("|", "¦")
