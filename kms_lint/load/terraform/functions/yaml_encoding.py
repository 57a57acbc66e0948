"""`yamlencode`: YAML as Terraform writes it, every name and text in quotes.

https://developer.hashicorp.com/terraform/language/functions/yamlencode
"""

from __future__ import annotations

from collections.abc import Iterator

from kms_lint.load.terraform.characters import Piece, computed, fixed
from kms_lint.load.terraform.json_encoding import encoded as in_json
from kms_lint.source import Span
from kms_lint.syntax.tree import Items, Mapping, Node, Text


def encoded(node: Node, at: Span) -> Text:
    """The text. Raises UndecidedError when it would be too long."""
    return computed(_lines(node, "", "\n"), at)


def _lines(node: Node, indentation: str, before: str) -> Iterator[Piece]:
    """A value, with what stands between what comes before and its first line."""
    if isinstance(node, Mapping) and node.entries:
        for index, (name, value) in enumerate(sorted(dict(node.entries).items())):
            yield indentation if index or before == "\n" else ""
            yield from in_json(name)
            yield ":"
            yield from _under(value, indentation + "  ", indentation)
    elif isinstance(node, Items) and node.values:
        for index, value in enumerate(node.values):
            yield indentation if index or before == "\n" else ""
            yield "-"
            if isinstance(value, Mapping | Items) and len(value):
                yield " "
                yield from _lines(value, indentation + "  ", " ")
            else:
                yield from _scalar(value, indentation + "  ")
    else:
        yield from _scalar(node, indentation) if before != "\n" or indentation else _top(node)


def _top(node: Node) -> Iterator[Piece]:
    yield from [part.removeprefix(" ") if not isinstance(part, Text) else part for part in _scalar(node, "  ")]


def _under(value: Node, deeper: str, same: str) -> Iterator[Piece]:
    if isinstance(value, Mapping) and value.entries:
        yield "\n"
        yield from _lines(value, deeper, "\n")
    elif isinstance(value, Items) and value.values:
        yield "\n"
        yield from _lines(value, same, "\n")
    else:
        yield from _scalar(value, deeper)


def _scalar(value: Node, deeper: str) -> Iterator[Piece]:
    known = fixed(value)
    if known is not None and "\n" in known.rstrip("\n") + ("\n" if known.endswith("\n") else ""):
        ending = "" if known.endswith("\n") and not known.endswith("\n\n") else "+" if known.endswith("\n") else "-"
        yield f" |{ending}\n"
        for line in known.removesuffix("\n").split("\n"):
            yield f"{deeper}{line}\n" if line else "\n"
        return
    yield " "
    yield from in_json(value)
    yield "\n"
