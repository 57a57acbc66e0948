"""The one tree that every format is read into.

A leaf that is a string is a `Text`: a `str` that remembers where it was written and what of it is known.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Final, NamedTuple, TypeAlias

from kms_lint.source import At

ANYTHING: Final = "\ue000"
"""Stands in `Text.form` for a part that only exists at apply time and could be any characters."""

DEPLOYMENT_ACCOUNT: Final = "<account>"
"""Stands for the account that is deployed to, as long as it has no number: `AWS::AccountId`, `data.aws_caller_identity`."""


_string: Final = str.__new__
"""Looked up once: no object is made as often as texts are."""


class Text(str):
    """A string that remembers where it was written, and whether all of it is known.

    The string itself is what is shown: unknown parts stand in it as `<expression>`. `form` is what is
    reasoned about, when that differs: there each unknown part is `ANYTHING`, while the names of things
    that will exist but have no name yet (the id of a key that is to be created) stay `<…>`, because they
    hold no wildcard and no separator. `<account>`, `<partition>` and `<region>` are those of the
    deployment in both.
    """

    __slots__ = ("at", "form")
    at: At
    form: str
    """The plain string to reason about. An attribute: every rule reads it, of every text."""

    def __new__(cls, value: str, at: At, form: str | None = None) -> Text:
        """`value` as shown, written at `at`; `form` where that differs."""
        text = _string(cls, value)
        text.at = at
        text.form = str(value) if form is None else form
        return text

    @property
    def known(self) -> bool:
        """Whether no part of it is unknown."""
        return ANYTHING not in self.form

    def __repr__(self) -> str:
        """The string, marked when part of it is unknown."""
        return f"Text({str(self)!r}{'' if self.known else ', unknown'})"

    def __reduce__(self) -> tuple[object, ...]:
        """For copying and pickling."""
        return (Text, (str(self), self.at, self.form))


_LOOKED_UP: Final = re.compile(r"<(?:[^<>]*\.)?data\.[a-z0-9]+_\w+\.[^<>]*>")


def looked_up(text: Text) -> bool:
    """Whether a part of a text is the name of what a data source finds: another thing when it looks for another one."""
    return "data." in text.form and _LOOKED_UP.search(text.form) is not None


class Defined(Text):
    """A text of which something is unknown or looked up, with the identity of its definition; empty where it is not sure.

    Where the identity is the same, in another version of the same files too, the value is the same.
    """

    __slots__ = ("definition",)
    definition: str

    def __new__(cls, text: Text, definition: str) -> Defined:
        """The text, with what tells its definition apart from others."""
        made = super().__new__(cls, str(text), text.at, text.form)
        assert isinstance(made, Defined)
        made.definition = definition
        return made

    @property
    def otherwise(self) -> Text:
        """The text where its definition is another one: what a data source finds is unknown then, too."""
        return Text(str(self), self.at, _LOOKED_UP.sub(ANYTHING, self.form))


class Scalar(NamedTuple):
    """A number, a boolean or null, with the text that was written.

    `value` is `True`, `False`, `None`, or the digits as a string: numbers are never rounded.
    """

    value: bool | str | None
    text: str
    at: At


class Unknown(NamedTuple):
    """A value that only exists at apply time: `expression` as the author wrote it.

    `reason` says why it could not be worked out, when there is more to say than "at apply time".
    """

    expression: str
    at: At
    reason: str = ""


class Branch(NamedTuple):
    """One value of a choice, under a condition such as `IsProduction is true`."""

    condition: str
    holds: bool
    value: Node


class Choice(NamedTuple):
    """A value that depends on a condition: `Fn::If`, or `condition ? a : b`.

    A branch whose value is `None` leaves the value out (`AWS::NoValue`, `null`).
    """

    branches: tuple[Branch, Branch]
    at: At


class Mapping:
    """Names and values in the order they were written; a name may occur twice.

    Entries may be given as a function, which is called when they are first asked for.
    """

    __slots__ = ("_entries", "_index", "at")

    def __init__(
        self,
        entries: Sequence[tuple[Text, Node]] | Callable[[], Sequence[tuple[Text, Node]]],
        at: At,
    ) -> None:
        """`at` is where the mapping itself is written."""
        self._entries = entries
        self._index: dict[str, Node] | None = None
        self.at = at

    @property
    def entries(self) -> Sequence[tuple[Text, Node]]:
        """All names with their values, duplicates included."""
        if callable(self._entries):
            self._entries = self._entries()
        return self._entries

    def get(self, name: str) -> Node | None:
        """The value of a name, the last one when it occurs twice, as JSON parsers do."""
        if self._index is None:
            self._index = dict(self.entries)
        return self._index.get(name)

    def __contains__(self, name: str) -> bool:
        """Whether the name occurs."""
        return self.get(name) is not None

    def __iter__(self) -> Iterator[tuple[Text, Node]]:
        """Each name with its value."""
        return iter(self.entries)

    def __len__(self) -> int:
        """The number of entries."""
        return len(self.entries)

    def __repr__(self) -> str:
        """Names and values, without places."""
        return "{" + ", ".join(f"{name!s}: {value!r}" for name, value in self.entries) + "}"


class Items:
    """Values in order. Like the entries of a `Mapping`, they may be given as a function."""

    __slots__ = ("_values", "at")

    def __init__(self, values: Sequence[Node] | Callable[[], Sequence[Node]], at: At) -> None:
        """`at` is where the list itself is written."""
        self._values = values
        self.at = at

    @property
    def values(self) -> Sequence[Node]:
        """All values."""
        if callable(self._values):
            self._values = self._values()
        return self._values

    def __iter__(self) -> Iterator[Node]:
        """Each value."""
        return iter(self.values)

    def __len__(self) -> int:
        """The number of values."""
        return len(self.values)

    def __repr__(self) -> str:
        """The values, without places."""
        return repr(list(self.values))


Node: TypeAlias = Text | Scalar | Unknown | Choice | Mapping | Items
