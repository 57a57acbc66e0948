"""The functions of the AWS provider.

https://registry.terraform.io/providers/hashicorp/aws/latest/docs/functions/arn_parse
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from kms_lint.load.terraform.characters import Piece, atoms, computed
from kms_lint.load.terraform.conversion import string
from kms_lint.load.terraform.functions.signature import Asked, Function
from kms_lint.load.terraform.functions.text import written_out
from kms_lint.load.terraform.limits import RefusedError, UndecidedError
from kms_lint.syntax.tree import ANYTHING, Mapping, Node, Text

_PARTS: Final = ("partition", "service", "region", "account_id", "resource")


def _arn(value: Node) -> list[list[Piece]]:
    """The six parts of an ARN. Raises RefusedError, and UndecidedError when it is not known where they end."""
    parts: list[list[Piece]] = [[]]
    for piece in atoms(string(value)):
        if isinstance(piece, Text):
            if piece.form == ANYTHING and len(parts) < 6:
                raise UndecidedError
            parts[-1].append(piece)
            continue
        first, *others = piece.split(":", 6 - len(parts))
        parts[-1].append(first)
        parts.extend([other] for other in others)
    if len(parts) < 6 or parts[0] != ["arn"]:
        raise RefusedError("this is no ARN")
    return parts


def _parse(values: Sequence[Node], asked: Asked) -> Node:
    parts = _arn(values[0])[1:]
    entries = [(Text(name, asked.at), computed(part, asked.at)) for name, part in zip(_PARTS, parts, strict=True)]
    return Mapping(entries, asked.at)


def _build(values: Sequence[Node], asked: Asked) -> Node:
    parts: list[Piece] = ["arn"]
    for value in values:
        parts.append(":")
        parts.extend(written_out(value))
    return computed(parts, asked.at)


def _without_path(values: Sequence[Node], asked: Asked) -> Node:
    """The ARN of a role without the role's path."""
    parts = _arn(values[0])
    resource = parts[5]
    if len(resource) != 1 or isinstance(resource[0], Text):
        raise UndecidedError
    kind, slash, rest = resource[0].partition("/")
    if kind != "role" or not slash:
        raise RefusedError("this is no ARN of a role")
    parts[5] = [f"role/{rest.rpartition('/')[2]}"]
    pieces: list[Piece] = []
    for index, part in enumerate(parts):
        pieces.extend([":", *part] if index else part)
    return computed(pieces, asked.at)


FUNCTIONS: Final = {
    "provider::aws::arn_parse": Function(1, 1, _parse),
    "provider::aws::arn_build": Function(5, 5, _build),
    "provider::aws::trim_iam_role_path": Function(1, 1, _without_path),
}
