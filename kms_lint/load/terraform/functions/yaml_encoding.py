"""`yamlencode`: YAML as Terraform writes it, every name and text in quotes.

https://developer.hashicorp.com/terraform/language/functions/yamlencode
"""

from __future__ import annotations

from collections.abc import Iterator

from kms_lint.load.terraform.characters import Piece, computed, fixed
from kms_lint.load.terraform.json_encoding import encoded as in_json
from kms_lint.load.terraform.json_encoding import quoted
from kms_lint.source import Span
from kms_lint.syntax.tree import Items, Mapping, Node, Scalar, Text


def encoded(node: Node, at: Span) -> Text:
    """The text. Raises UndecidedError when it would be too long."""
    return computed(_lines(node, "", "\n"), at)


def _lines(node: Node, indentation: str, before: str) -> Iterator[Piece]:
    """A value, with what stands between what comes before and its first line."""
    if isinstance(node, Mapping) and node.entries:
        for index, (name, value) in enumerate(sorted(dict(node.entries).items())):
            yield indentation if index or before == "\n" else ""
            yield from in_json(name) if fixed(name) is None else (f'"{quoted(str(name))}"',)
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
    """A value that is all of the document; a plain one needs a mark at the end."""
    parts = list(_scalar(node, "  "))
    yield from [part if isinstance(part, Text) else part.removeprefix(" ") for part in parts]
    if isinstance(node, Scalar):
        yield "...\n"


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
    if known is None or "\n" not in known:
        yield " "
        yield from in_json(value) if known is None else (f'"{quoted(known)}"',)
        yield "\n"
        return
    ending = "-" if not known.endswith("\n") else "+" if known.endswith("\n\n") else ""
    indicator = "2" if known.startswith((" ", "\n")) else ""
    yield f" |{indicator}{ending}\n"
    for line in known.removesuffix("\n").split("\n"):
        yield f"{deeper}{line}\n" if line else "\n"
