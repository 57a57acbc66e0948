"""What Terraform expressions give beyond plain nodes: strings that remember what they were made from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple, TypeAlias

from kms_lint.source import At, Borrowed, Passage, Span
from kms_lint.syntax import locate
from kms_lint.syntax.tree import ANYTHING, Choice, Items, Mapping, Node, Scalar, Text, Unknown

_LONGEST_QUOTATION: Final = 160


class Hole(NamedTuple):
    """The value of `${…}` within a template."""

    value: Node
    at: Span


Part: TypeAlias = Passage | Hole


class Rendered(Text):
    """A string out of a template. It keeps the parts, so that a policy in it is read with exact places."""

    __slots__ = ("parts",)
    parts: tuple[Part, ...]

    def __new__(cls, value: str, at: At, form: str | None, parts: tuple[Part, ...]) -> Rendered:
        """`value` and `form` as for any text; `parts` in the order of the template."""
        text = super().__new__(cls, value, at, form)
        assert isinstance(text, Rendered)
        text.parts = parts
        return text


class Computed(Text):
    """A string that a function gives. `parts` are the characters that are known, and the texts that are not all known.

    What is read in it stands nowhere as it is: its place is that of the call.
    """

    __slots__ = ("parts",)
    parts: tuple[str | Text, ...]

    def __new__(cls, parts: Sequence[str | Text], at: At) -> Computed:
        """`parts` in order."""
        value = "".join(parts)
        form = "".join([part.form if isinstance(part, Text) else part for part in parts])
        text = super().__new__(cls, value, at, None if form == value else form)
        assert isinstance(text, Computed)
        text.parts = tuple(parts)
        return text


class Encoded(Text):
    """The text of a policy document, with the value that it holds; how it is laid out is not known."""

    __slots__ = ("node",)
    node: Node

    def __new__(cls, expression: str, at: At, node: Node) -> Encoded:
        """`expression` as written: the text itself is of no use to anybody."""
        text = super().__new__(cls, f"<{expression}>", at, ANYTHING)
        assert isinstance(text, Encoded)
        text.node = node
        return text


class JsonEncoded(Encoded):
    """The text of `jsonencode(…)`, which is laid out in one known way: `characters.pieces` gives it."""

    __slots__ = ()


class Several(Unknown):
    """Stands in a list for any number of further elements, of which nothing is known."""

    __slots__ = ()


class Failed(Unknown):
    """What Terraform would surely refuse: `try` goes on to its next argument, and `can` is false."""

    __slots__ = ()


class ListOf(Items):
    """A list whose elements are of one type, which Terraform tells from a tuple: `[…]` as written."""

    __slots__ = ()


class SetOf(Items):
    """A set: sorted, and each element once."""

    __slots__ = ()


class MapOf(Mapping):
    """A map whose values are of one type, which Terraform tells from an object: `{…}` as written."""

    __slots__ = ()


def written(at: Span) -> str:
    """An expression as its author wrote it, on one line; cut when it is long."""
    text = " ".join(at.source.text[at.start : at.end].split())
    return text if len(text) <= _LONGEST_QUOTATION else text[: _LONGEST_QUOTATION - 1] + "…"


def unknown(at: Span, reason: str = "") -> Unknown:
    """The value of an expression that cannot be worked out."""
    return Unknown(written(at), at, reason)


def failed(at: Span, reason: str) -> Failed:
    """The value of an expression that Terraform would refuse."""
    return Failed(written(at), at, reason)


def placed(value: Node, at: Span) -> Node:
    """The value at the place that refers to it, unless it was borrowed, and tells that itself.

    What is inside a list or an object stays where it is written.
    """
    if isinstance(value.at, Borrowed):
        return value
    if isinstance(value, Choice):
        first, second = value.branches
        yes, no = placed(first.value, at), placed(second.value, at)
        return Choice((first._replace(value=yes), second._replace(value=no)), at)
    return _at(value, at)


def lent(value: Node, at: Span, name: str, default: bool = False) -> Node:
    """The value of a name where the name is used: all of it remembers where it is written and where it is used."""
    if isinstance(value, Choice):
        first, second = value.branches
        yes, no = lent(first.value, at, name, default), lent(second.value, at, name, default)
        return Choice((first._replace(value=yes), second._replace(value=no)), at)
    if isinstance(value, Unknown | Encoded):
        return _at(value, at)
    borrowed = Borrowed(value.at, at, name, default)
    if isinstance(value, Mapping) and type(value) in (Mapping, MapOf):
        return type(value)(
            lambda: [(_lent(entry, at, name, default), lent(each, at, name, default)) for entry, each in value.entries],
            borrowed,
        )
    if isinstance(value, Items):
        return type(value)(lambda: [lent(each, at, name, default) for each in value.values], borrowed)
    return _at(value, borrowed)


def _lent(entry: Text, at: Span, name: str, default: bool) -> Text:
    return Text(str(entry), Borrowed(entry.at, at, name, default), _form(entry))


def moved(value: Node, at: Span) -> Node:
    """The value with one place for all of it: it comes from outside of any file."""
    if isinstance(value, Mapping):
        kind = MapOf if isinstance(value, MapOf) else Mapping
        return kind([(Text(str(name), at, _form(name)), moved(each, at)) for name, each in value.entries], at)
    if isinstance(value, Items):
        return type(value)([moved(each, at) for each in value.values], at)
    return placed(value, at)


def _at(value: Node, at: At) -> Node:
    """The text, number or unknown value at another place; a list or an object where it is."""
    if isinstance(value, Rendered):
        return Rendered(str(value), at, _form(value), value.parts)
    if isinstance(value, Computed):
        return Computed(value.parts, at)
    if isinstance(value, Encoded):
        return type(value)(str(value)[1:-1], at, value.node)
    if isinstance(value, Text):
        return Text(str(value), at, _form(value))
    return value._replace(at=at) if isinstance(value, Scalar | Unknown) else value


def _form(text: Text) -> str | None:
    return None if text.form == text else text.form


def text_of(value: Node | None, at: At) -> Text | None:
    """A value as text, of unknown form when it is not known; `None` for null."""
    if isinstance(value, Text):
        return value
    if value is None or (isinstance(value, Scalar) and value.value is None):
        return None
    if isinstance(value, Scalar):
        return Text(value.text, value.at)
    if isinstance(value, Unknown):
        return opaque(value)
    return Text(f"<{written(locate(value.at if isinstance(value, Choice) else at))}>", at, ANYTHING)


def opaque(value: Unknown) -> Text:
    """A text of which nothing is known."""
    return Text(f"<{value.expression}>", value.at, ANYTHING)


def is_null(value: Node | None) -> bool:
    """Whether a value is null, which leaves an argument out."""
    return value is None or (isinstance(value, Scalar) and value.value is None)
