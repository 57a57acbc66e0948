"""What may be worked out so far, and how much more: the surroundings of every expression of a folder."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping as Dictionary
from typing import Any, Final, NamedTuple, TypeAlias

from kms_lint.load.terraform.configuration import Configuration
from kms_lint.load.terraform.value import unknown
from kms_lint.model import Problem
from kms_lint.source import Span
from kms_lint.syntax.expression import Block, Expression
from kms_lint.syntax.tree import Node, Unknown

DEPTH: Final = 100
_STEPS_OF_A_FOLDER: Final = 200_000
_STEPS_OF_A_VALUE: Final = 50_000
_TOO_DEEP: Final = "it is nested too deeply"
TOO_LARGE: Final = "it is too large to be worked out"

Kinds: TypeAlias = "Dictionary[type[Any], Callable[[Any, Scope], Node]]"
"""How to work out each kind of expression."""


class _Result(NamedTuple):
    """A value that has a name, what it cost to work out, and how deep it is."""

    value: Node
    steps: int
    depth: int


class Scope:
    """The names that an expression may use, shared by all of a folder.

    Every value with a name is worked out once. Whatever the input, the work is bounded: what would take more is unknown.
    `documents` collects the policy documents that were looked into, `within` those that each of them is made from.
    """

    def __init__(self, configuration: Configuration, kinds: Kinds) -> None:
        """`kinds` says how each kind of expression is worked out."""
        self.configuration = configuration
        self.documents: set[str] = set()
        self.within: dict[str, set[str]] = {}
        self.problems: list[Problem] = []
        self._kinds = kinds
        self._results: dict[str, _Result] = {}
        self._open: set[str] = set()
        self._steps = 0
        self._steps_allowed = _STEPS_OF_A_FOLDER + configuration.size
        self._depth = 0
        self._deepest = 0
        self._seen: set[int] = set()

    def evaluate(self, expression: Expression) -> Node:
        """The value of an expression."""
        self._steps += 1
        if self._steps > self._steps_allowed:
            return unknown(expression.at, TOO_LARGE)
        if self._depth >= DEPTH:
            return unknown(expression.at, _TOO_DEEP)
        self._depth += 1
        if self._depth > self._deepest:
            self._deepest = self._depth
        try:
            return self._kinds[type(expression)](expression, self)
        finally:
            self._depth -= 1

    def once(self, name: str, at: Span, compute: Callable[[], Node]) -> Node:
        """The value that goes by a name, worked out when it is first asked for; `at` is where it is asked for.

        Each further use counts as much as working it out anew: a value made of many copies of another is bounded by
        its size, not by its spelling.
        """
        result = self._results.get(name)
        if result is None:
            if name in self._open:
                return unknown(at, f"`{name}` is defined by itself, in a cycle")
            result = self._results[name] = self._worked_out(name, at, compute)
            return result.value
        if self._depth + result.depth > DEPTH:
            return unknown(at, _TOO_DEEP)
        self._steps += result.steps
        self._deepest = max(self._deepest, self._depth + result.depth)
        return unknown(at, TOO_LARGE) if self._steps > self._steps_allowed else result.value

    def _worked_out(self, name: str, at: Span, compute: Callable[[], Node]) -> _Result:
        before, deepest = self._steps, self._deepest
        self._deepest = self._depth
        self._open.add(name)
        try:
            value = compute()
        finally:
            self._open.discard(name)
        steps, depth = self._steps - before, self._deepest - self._depth
        self._deepest = max(self._deepest, deepest)
        if steps > _STEPS_OF_A_VALUE:
            return _Result(Unknown(name, at, TOO_LARGE), 1, 0)
        return _Result(value, steps, depth)

    def argument(self, block: Block, name: str) -> Node | None:
        """The value of an argument of a block; `None` when it is not written."""
        argument = block.arguments().get(name)
        return None if argument is None else self.evaluate(argument.expression())

    def look_into(self, block: Block) -> None:
        """Note what is wrong with how a block is written, once."""
        if id(block) in self._seen:
            return
        self._seen.add(id(block))
        for argument in block.duplicates():
            message = f"`{argument.name}` is written twice in one block: remove one of the two"
            self.problems.append(Problem("malformed-document", message, argument.at, str(argument.name)))
