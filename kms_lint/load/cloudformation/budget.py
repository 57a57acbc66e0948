"""How much is worked out for one template and all that it leads to, so that whatever is written, reading it ends."""

from __future__ import annotations

from typing import Final

from kms_lint.source import Source
from kms_lint.syntax.tree import Items, Mapping, Node

TOO_DEEP: Final = "its functions lead through too many others, or back to themselves"
TOO_MUCH: Final = "the template takes too much to work out"

_STEPS: Final = 200_000
_DEPTH: Final = 50
_ROUNDS: Final = 1_000
_VALUES: Final = 200_000
_FILES: Final = 200
_LENGTH: Final = 5_000_000


class Budget:
    """What is left for a template and the templates, files and loops in it."""

    __slots__ = ("_depth", "_files", "_length", "_rounds", "_steps", "_values")

    def __init__(self) -> None:
        self._steps = _STEPS
        self._rounds = _ROUNDS
        self._values = _VALUES
        self._files = _FILES
        self._length = _LENGTH
        self._depth = 0

    def enter(self) -> str:
        """Begin to work out a function; says why not, where it is too much. Ends with `leave`."""
        self._depth += 1
        self._steps -= 1
        if self._depth > _DEPTH:
            return TOO_DEEP
        return TOO_MUCH if self._steps < 0 else ""

    def leave(self) -> None:
        """The function is worked out."""
        self._depth -= 1

    def round(self, body: Node) -> str:
        """Begin one round of a loop; says why not, where they are too many, or make too much."""
        self._rounds -= 1
        self._values -= _size(body)
        if self._rounds < 0:
            return f"the loops of the template make more than {_ROUNDS} rounds"
        return f"the loops of the template make more than {_VALUES} values" if self._values < 0 else ""

    def read(self, source: Source) -> str:
        """Use one more nested template or included file; says why not, where they are too many, or too large together."""
        self._files -= 1
        self._length -= len(source.text)
        if self._files < 0:
            return f"more than {_FILES} nested stacks and included files are not read"
        return (
            f"nested stacks and included files of more than {_LENGTH} characters are not read"
            if self._length < 0
            else ""
        )


def _size(node: Node) -> int:
    """The number of values in an object, as far as it matters."""
    count = 0
    pending: list[Node] = [node]
    while pending and count <= _VALUES:
        here = pending.pop()
        count += 1
        if isinstance(here, Mapping):
            pending.extend(value for _, value in here.entries)
        elif isinstance(here, Items):
            pending.extend(here.values)
    return count
