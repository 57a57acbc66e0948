"""How much is worked out for one template and all that it leads to, so that whatever is written, reading it ends."""

from __future__ import annotations

from typing import Final

TOO_DEEP: Final = "its functions lead through too many others, or back to themselves"
TOO_MUCH: Final = "the template takes too much to work out"

_STEPS: Final = 100_000
_DEPTH: Final = 50
_LOOPS: Final = 1_000
_STACKS: Final = 200


class Budget:
    """What is left for a template and the templates, files and loops in it."""

    __slots__ = ("_depth", "_loops", "_stacks", "_steps")

    def __init__(self) -> None:
        self._steps = _STEPS
        self._loops = _LOOPS
        self._stacks = _STACKS
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

    def loop(self) -> str:
        """Begin one round of a loop; says why not, where they are too many."""
        self._loops -= 1
        return f"the loops of the template make more than {_LOOPS} rounds" if self._loops < 0 else ""

    def stack(self) -> str:
        """Read one more nested template; says why not, where they are too many."""
        self._stacks -= 1
        return f"more than {_STACKS} nested stacks are not read" if self._stacks < 0 else ""
