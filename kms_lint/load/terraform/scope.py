"""What may be worked out so far, and how much more: the surroundings of every expression of a folder."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping as Dictionary
from copy import copy
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

from kms_lint.errors import MissingError, SourceError
from kms_lint.load.terraform.configuration import Configuration
from kms_lint.load.terraform.value import unknown
from kms_lint.model import Problem
from kms_lint.source import Span
from kms_lint.syntax.expression import Block, Expression
from kms_lint.syntax.tree import Node, Unknown

if TYPE_CHECKING:
    from kms_lint.files import File

DEPTH: Final = 100
_STEPS_OF_A_FOLDER: Final = 200_000
_STEPS_OF_A_VALUE: Final = 50_000
_TOO_DEEP: Final = "it is nested too deeply"
TOO_LARGE: Final = "it is too large to be worked out"

TEMPLATE: Final = "%"
"""A name that nobody can write: it is in the scope of a template's file, which has no names but those it is given."""

Kinds: TypeAlias = "Dictionary[type[Any], Callable[[Any, Scope], Node]]"
"""How to work out each kind of expression."""


class _Result(NamedTuple):
    """A value that has a name, what it cost to work out, and how deep it is."""

    value: Node
    steps: int
    depth: int


class _State:
    """What has been worked out of a module so far, and at what cost."""

    __slots__ = ("allowed", "deepest", "depth", "documents", "open", "results", "seen", "steps")

    def __init__(self, allowed: int) -> None:
        self.allowed = allowed
        self.steps = 0
        self.depth = 0
        self.deepest = 0
        self.results: dict[str, _Result] = {}
        self.open: set[str] = set()
        self.seen: set[int] = set()
        self.documents: set[str] = set()


_NO_NAMES: Final[Dictionary[str, Node]] = {}


class Scope:
    """The names that an expression may use, shared by all of a module.

    `names` are those that hold only here, such as `each` or what a `for` goes through.
    Every value with a name is worked out once. Whatever the input, the work is bounded: what would take more is unknown.
    `documents` collects the policy documents that were looked into, `within` those that each of them is made from.
    """

    __slots__ = ("_kinds", "_state", "configuration", "names", "problems", "within")

    def __init__(self, configuration: Configuration, kinds: Kinds) -> None:
        """`kinds` says how each kind of expression is worked out."""
        self.configuration = configuration
        self.names = _NO_NAMES
        self.within: dict[str, set[str]] = {}
        self.problems: list[Problem] = []
        self._kinds = kinds
        self._state = _State(_STEPS_OF_A_FOLDER + configuration.size)

    @property
    def documents(self) -> set[str]:
        """The policy documents that were looked into."""
        return self._state.documents

    @documents.setter
    def documents(self, documents: set[str]) -> None:
        self._state.documents = documents

    def bound(self, names: Dictionary[str, Node]) -> Scope:
        """The same scope with these names in it, too; they hide others of the same name."""
        inner = copy(self)
        inner.names = {**self.names, **names}
        return inner

    @property
    def unbound(self) -> Scope:
        """The scope of the module itself, without the names that hold only here."""
        if not self.names:
            return self
        outer = copy(self)
        outer.names = _NO_NAMES
        return outer

    def evaluate(self, expression: Expression) -> Node:
        """The value of an expression."""
        state = self._state
        state.steps += 1
        if state.steps > state.allowed:
            return unknown(expression.at, TOO_LARGE)
        if state.depth >= DEPTH:
            return unknown(expression.at, _TOO_DEEP)
        state.depth += 1
        if state.depth > state.deepest:
            state.deepest = state.depth
        try:
            return self._kinds[type(expression)](expression, self)
        except RecursionError:
            return unknown(expression.at, _TOO_DEEP)
        finally:
            state.depth -= 1

    def spent(self, steps: int) -> bool:
        """Counts work that is not the evaluation of an expression; whether it was more than may be done."""
        self._state.steps += steps
        return self._state.steps > self._state.allowed

    def once(self, name: str, at: Span, compute: Callable[[], Node]) -> Node:
        """The value that goes by a name, worked out when it is first asked for; `at` is where it is asked for.

        Each further use counts as much as working it out anew: a value made of many copies of another is bounded by
        its size, not by its spelling.
        """
        state = self._state
        result = state.results.get(name)
        if result is None:
            if name in state.open:
                return unknown(at, f"`{name}` is defined by itself, in a cycle")
            result = state.results[name] = self._worked_out(name, at, compute)
            return result.value
        if state.depth + result.depth > DEPTH:
            return unknown(at, _TOO_DEEP)
        state.steps += result.steps
        state.deepest = max(state.deepest, state.depth + result.depth)
        return unknown(at, TOO_LARGE) if state.steps > state.allowed else result.value

    def _worked_out(self, name: str, at: Span, compute: Callable[[], Node]) -> _Result:
        state = self._state
        before, deepest = state.steps, state.deepest
        state.deepest = state.depth
        state.open.add(name)
        try:
            value = compute()
        finally:
            state.open.discard(name)
        steps, depth = state.steps - before, state.deepest - state.depth
        state.deepest = max(state.deepest, deepest)
        if steps > _STEPS_OF_A_VALUE:
            return _Result(Unknown(name, at, TOO_LARGE), 1, 0)
        return _Result(value, steps, depth)

    def argument(self, block: Block, name: str) -> Node | None:
        """The value of an argument of a block; `None` when it is not written."""
        argument = block.arguments().get(name)
        return None if argument is None else self.evaluate(argument.expression())

    def look_into(self, block: Block) -> None:
        """Note what is wrong with how a block is written, once."""
        seen = self._state.seen
        if id(block) in seen:
            return
        seen.add(id(block))
        for argument in block.duplicates():
            message = f"`{argument.name}` is written twice in one block: remove one of the two"
            self.problems.append(Problem("malformed-document", message, argument.at, str(argument.name)))

    def file(self, name: str) -> File:
        """The file that `file(name)` means: paths count from the folder of the root module.

        Raises SourceError for one that is not there, or not in the repository.
        """
        from kms_lint.files import beside

        return beside(self.configuration.units[0].file, name)

    def folder(self, name: str) -> str:
        """The location of the folder that a path means. Raises SourceError for one that is not in the repository."""
        import os

        from kms_lint.files import repository

        near = self.configuration.units[0].file
        root = os.path.realpath(repository(near.location))
        location = os.path.realpath(os.path.join(os.path.dirname(near.location), name))
        if not os.path.join(location, "").startswith(os.path.join(root, "")):
            raise SourceError(f"`{name}` is not read: it leads out of the repository")
        if near.content is not None and not os.path.exists(near.location):
            raise SourceError("the text was given on standard input: there is nothing beside it")
        if not os.path.isdir(location):
            raise MissingError(f"`{name}` cannot be read: there is no such folder")
        return location
