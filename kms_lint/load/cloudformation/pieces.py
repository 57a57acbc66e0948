"""Texts that are put together from pieces, some of them unknown and some depending on conditions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from kms_lint.load.reading import conditions_of, plain
from kms_lint.source import At, Borrowed
from kms_lint.syntax.tree import ANYTHING, Branch, Choice, Items, Node, Scalar, Text, Unknown

_LONGEST: Final = 50_000
_CHOICES: Final = 4


def absent(at: At) -> Scalar:
    """What a branch holds that leaves its value out."""
    return Scalar(None, "AWS::NoValue", at)


def joined(pieces: Sequence[Node], at: At, expression: str) -> Node:
    """The pieces one after another, as one text written at `at`; `expression` names the whole where it is unknown."""
    choices = [piece for piece in pieces if isinstance(piece, Choice)]
    conditions = dict.fromkeys(condition for choice in choices for condition in conditions_of(choice))
    if len(conditions) > _CHOICES:
        return Unknown(expression, at, "it depends on too many conditions")
    if choices:
        condition = choices[0].branches[0].condition
        yes, no = (joined(under(pieces, condition, holds), at, expression) for holds in (True, False))
        return Choice((Branch(condition, True, yes), Branch(condition, False, no)), at)
    return _text(pieces, at, expression)


def under(pieces: Sequence[Node], condition: str, holds: bool) -> list[Node]:
    """The pieces when a condition holds, or when it does not."""
    found: list[Node] = []
    for piece in pieces:
        while isinstance(piece, Choice) and piece.branches[0].condition == condition:
            piece = next(branch.value for branch in piece.branches if branch.holds == holds)
        found.append(piece)
    return found


def _text(pieces: Sequence[Node], at: At, expression: str) -> Node:
    shown: list[str] = []
    form: list[str] = []
    length = 0
    for piece in pieces:
        text = plain(piece) if isinstance(piece, Scalar) and piece.value is not None else piece
        if isinstance(text, Text):
            shown.append(str(text))
            form.append(text.form)
        elif isinstance(text, Unknown):
            shown.append(f"<{text.expression}>")
            form.append(ANYTHING)
        else:
            return Unknown(expression, at, "a part of it is no text")
        length += len(shown[-1])
        if length > _LONGEST:
            return Unknown(expression, at, "the text grows too long")
    whole, reasoned = "".join(shown), "".join(form)
    return Text(whole, at, reasoned if reasoned != whole else None)


def lent(node: Node, at: At, name: str) -> Node:
    """A text, number or list of them that is written elsewhere, and used at `at` under a name."""
    if isinstance(node, Text):
        return Text(str(node), Borrowed(node.at, at, name), node.form if node.form != node else None)
    if isinstance(node, Items):
        return Items([lent(each, at, name) for each in node.values], Borrowed(node.at, at, name))
    return node._replace(at=Borrowed(node.at, at, name)) if isinstance(node, Scalar) else node


def moved(node: Node, at: At) -> Node:
    """A text, or what stands for one, as if it were written at `at`."""
    if isinstance(node, Text):
        return Text(str(node), at, node.form if node.form != node else None)
    if isinstance(node, Choice):
        yes, no = (branch._replace(value=moved(branch.value, at)) for branch in node.branches)
        return Choice((yes, no), at)
    return node._replace(at=at) if isinstance(node, Scalar | Unknown) else node
