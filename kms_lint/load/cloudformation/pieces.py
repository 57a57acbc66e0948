"""Values that are put together from others, some of them unknown and some depending on conditions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from collections.abc import Mapping as Dictionary
from typing import Final, TypeAlias

from kms_lint.load.embedded import Composed
from kms_lint.load.reading import Ruled, plain
from kms_lint.source import At, Borrowed
from kms_lint.syntax.tree import ANYTHING, Branch, Choice, Items, Mapping, Node, Scalar, Text, Unknown

_LONGEST: Final = 50_000
_COMBINATIONS: Final = 16


Expression: TypeAlias = str | Callable[[], str]
"""What an unknown value is called, or what tells it: it is seldom asked for."""


def said(expression: Expression) -> str:
    """What an unknown value is called."""
    return expression if isinstance(expression, str) else expression()


class JsonText(Text):
    """The text that `Fn::ToJsonString` makes, with the value that it holds."""

    __slots__ = ("node",)
    node: Node

    def __new__(cls, text: Text, node: Node) -> JsonText:
        """`text` is the whole text, `node` what was written as JSON."""
        made = super().__new__(cls, str(text), text.at, text.form if text.form != text else None)
        assert isinstance(made, JsonText)
        made.node = node
        return made


def absent(at: At) -> Scalar:
    """What a branch holds that leaves its value out."""
    return Scalar(None, "AWS::NoValue", at)


def is_absent(node: Node | None) -> bool:
    """Whether a value is left out."""
    return node is None or (isinstance(node, Scalar) and node.value is None and node.text == "AWS::NoValue")


def chosen(condition: str, yes: Node | None, no: Node | None, at: At) -> Choice:
    """One value where a condition holds and another one where it does not."""
    return Choice((Branch(condition, True, yes or absent(at)), Branch(condition, False, no or absent(at))), at)


def branched(
    values: Sequence[Node | None],
    at: At,
    expression: Expression,
    compute: Callable[[Sequence[Node | None]], Node | None],
) -> Node | None:
    """What `compute` makes of values, once for each branch of the conditions that they depend on."""
    if not any(isinstance(value, Choice) for value in values):
        return compute(values)
    combinations = 0

    def under(here: Sequence[Node | None], decided: Dictionary[str, bool]) -> Node | None:
        nonlocal combinations
        choice = next((value for value in here if isinstance(value, Choice)), None)
        if choice is None:
            combinations += 1
            return compute(here) if combinations <= _COMBINATIONS else None
        condition = choice.branches[0].condition
        implied = condition.rules.implied(condition, decided) if isinstance(condition, Ruled) else None
        if implied is not None:
            return under(_taken(here, condition, implied), decided)
        if combinations > _COMBINATIONS:
            return None
        yes, no = (under(_taken(here, condition, holds), {**decided, condition: holds}) for holds in (True, False))
        return chosen(condition, yes, no, at)

    made = under(values, {})
    return made if combinations <= _COMBINATIONS else Unknown(said(expression), at, "it depends on too many conditions")


def _taken(values: Sequence[Node | None], condition: str, holds: bool) -> list[Node | None]:
    """The values when a condition holds, or when it does not."""
    found: list[Node | None] = []
    for value in values:
        while isinstance(value, Choice) and value.branches[0].condition == condition:
            value = next(branch.value for branch in value.branches if branch.holds == holds)
        found.append(value)
    return found


def joined(pieces: Sequence[Node], at: At, expression: Expression) -> Node:
    """The pieces one after another, as one text written at `at`; `expression` names the whole where it is unknown."""
    made = branched(pieces, at, expression, lambda values: _text(values, at, expression))
    return absent(at) if made is None else made


def composed(node: Node) -> Node:
    """A text of which no part has a place of its own, in each branch."""
    if isinstance(node, Choice):
        yes, no = (branch._replace(value=composed(branch.value)) for branch in node.branches)
        return Choice((yes, no), node.at)
    return Composed(str(node), node.at, node.form if node.form != node else None) if isinstance(node, Text) else node


def _text(pieces: Sequence[Node | None], at: At, expression: Expression) -> Node:
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
            return Unknown(said(expression), at, "a part of it is no text")
        length += len(shown[-1])
        if length > _LONGEST:
            return Unknown(said(expression), at, "the text grows too long")
    whole, reasoned = "".join(shown), "".join(form)
    return Text(whole, at, reasoned if reasoned != whole else None)


def lent(node: Node, at: At, name: str, default: bool = False) -> Node:
    """A value that is written elsewhere, and used at `at` under a name: all of it remembers both places."""
    if isinstance(node, Unknown):
        return node
    if isinstance(node, Choice):
        yes, no = (branch._replace(value=lent(branch.value, at, name, default)) for branch in node.branches)
        return Choice((yes, no), at)
    borrowed = Borrowed(node.at, at, name, default)
    if isinstance(node, Mapping):
        return Mapping(
            lambda: [
                (_text_at(key, Borrowed(key.at, at, name, default)), lent(value, at, name, default))
                for key, value in node.entries
            ],
            borrowed,
        )
    if isinstance(node, Items):
        return Items(lambda: [lent(each, at, name, default) for each in node.values], borrowed)
    return _text_at(node, borrowed) if isinstance(node, Text) else node._replace(at=borrowed)


def moved(node: Node, at: At) -> Node:
    """A text, or what stands for one, as if it were written at `at`."""
    if isinstance(node, Text):
        return _text_at(node, at)
    if isinstance(node, Choice):
        yes, no = (branch._replace(value=moved(branch.value, at)) for branch in node.branches)
        return Choice((yes, no), at)
    return node._replace(at=at) if isinstance(node, Scalar | Unknown) else node


def _text_at(text: Text, at: At) -> Text:
    form = text.form if text.form != text else None
    if isinstance(text, JsonText):
        return JsonText(Text(str(text), at, form), text.node)
    return Composed(str(text), at, form) if isinstance(text, Composed) else Text(str(text), at, form)
