"""How far the block, argument or value reaches that begins on a line of HCL."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass

from kms_lint.source import Source, Span
from kms_lint.syntax.expression import Argument, Block
from kms_lint.syntax.tree import Text


def begun(source: Source, line: int) -> int | None:
    """The end of the outermost part that begins on a line; `None` when none does."""
    from kms_lint.syntax.hcl import parse

    configuration = parse(source)
    here: list[object] = []
    here += configuration.blocks
    here += configuration.arguments.values()
    while here:
        places = [(part, place) for part in here if (place := at(part)) is not None]
        beginning = [place.end for _, place in places if source.position(place.start).line == line]
        if beginning:
            return max(beginning)
        here = [inner for part, place in places if _holds(place, line) for inner in parts(part)]
    return None


def at(part: object) -> Span | None:
    """Where a block, argument or expression stands."""
    place = getattr(part, "at", None)
    return place if isinstance(place, Span) else None


def parts(whole: object) -> Iterator[object]:
    """What a block, argument or expression is made of, one step down."""
    if isinstance(whole, Block):
        yield from whole.blocks()
        yield from whole.arguments().values()
    elif isinstance(whole, Argument):
        yield whole.expression()
    elif is_dataclass(whole):
        yield from _expressions([getattr(whole, field.name) for field in fields(whole)])


def _expressions(waiting: list[object]) -> Iterator[object]:
    """The expressions among the fields of an expression, those in lists too."""
    while waiting:
        field = waiting.pop()
        if isinstance(field, Span | Text):
            continue
        if at(field) is not None:
            yield field
        elif isinstance(field, tuple):
            waiting.extend(field)


def _holds(span: Span, line: int) -> bool:
    return span.source.position(span.start).line < line <= span.source.position(span.end).line
