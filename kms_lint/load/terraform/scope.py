"""What may be worked out so far, and how much more: the surroundings of every expression of a module."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping as Dictionary
from copy import copy
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

from kms_lint.errors import MissingError, SourceError
from kms_lint.load.terraform.configuration import Configuration
from kms_lint.load.terraform.value import unknown, written
from kms_lint.model import Problem, Unresolved
from kms_lint.source import Span
from kms_lint.syntax.expression import Block, Expression
from kms_lint.syntax.tree import Node, Unknown

if TYPE_CHECKING:
    from kms_lint.files import File
    from kms_lint.load.terraform.calls import Call, Target
    from kms_lint.load.terraform.folders import Folders
    from kms_lint.load.terraform.instances import Expansion
    from kms_lint.load.terraform.resource import Resource

DEPTH: Final = 100
_STEPS_OF_A_RUN: Final = 200_000
_CALLS_OF_A_RUN: Final = 2_000
_STEPS_OF_A_CALL: Final = 150
_INSTANCES_OF_A_RUN: Final = 3_000
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


class Run:
    """What has been worked out of a root module and of all that it calls, and at what cost.

    `documents` collects the policy documents that were looked into, `within` those that each of them is made from,
    both by their full addresses. `resources` are those that texts name, by the name they have there. `unresolved` is
    what was cut or could not be read. `calls` and `instances` are how many of modules and of resources with `count` or
    `for_each` may still be made.
    """

    __slots__ = (
        "_entered",
        "allowed",
        "calls",
        "deepest",
        "depth",
        "documents",
        "folders",
        "instances",
        "problems",
        "resources",
        "root",
        "seen",
        "steps",
        "unresolved",
        "within",
    )

    def __init__(self, root: Configuration, folders: Folders | None) -> None:
        """`folders` has the modules that are called; none can be, without it."""
        self.root = root
        self.folders = folders
        self.allowed = _STEPS_OF_A_RUN + root.size
        self.calls = _CALLS_OF_A_RUN
        self.instances = _INSTANCES_OF_A_RUN
        self.steps = 0
        self.depth = 0
        self.deepest = 0
        self.seen: set[int] = set()
        self.documents: set[str] = set()
        self.within: dict[str, set[str]] = {}
        self.problems: list[Problem] = []
        self.resources: dict[str, Resource] = {}
        self.unresolved: dict[Unresolved, None] = {}
        self._entered = {id(root)}

    def enter(self, module: Configuration) -> None:
        """Allows for what another instance of a module takes: the more, the more is written in it."""
        self.calls -= 1
        self.allowed += _STEPS_OF_A_CALL
        if id(module) not in self._entered:
            self._entered.add(id(module))
            self.allowed += module.size


_NO_NAMES: Final[Dictionary[str, Node]] = {}


class Scope:
    """The names that an expression may use, shared by all of one instance of a module.

    `names` are those that hold only here, such as `each` or what a `for` goes through. `path` is the beginning of all
    addresses here: empty for a root module, else such as `module.keys["a"].`. `call` is what called the module.
    Every value with a name is worked out once. Whatever the input, the work is bounded: what would take more is unknown.
    """

    __slots__ = (
        "_kinds",
        "_open",
        "_results",
        "call",
        "children",
        "configuration",
        "expansions",
        "names",
        "path",
        "run",
        "targets",
    )

    def __init__(
        self, configuration: Configuration, kinds: Kinds, run: Run | None = None, call: Call | None = None
    ) -> None:
        """`kinds` says how each kind of expression is worked out."""
        self.configuration = configuration
        self.names = _NO_NAMES
        self.run = Run(configuration, None) if run is None else run
        self.call = call
        self.path = "" if call is None else call.path
        self.children: dict[str, Scope] = {}
        self.expansions: dict[int, Expansion] = {}
        self.targets: dict[int, Target] = {}
        self._kinds = kinds
        self._results: dict[str, _Result] = {}
        self._open: set[str] = set()

    @property
    def documents(self) -> set[str]:
        """The policy documents that were looked into."""
        return self.run.documents

    @documents.setter
    def documents(self, documents: set[str]) -> None:
        self.run.documents = documents

    @property
    def within(self) -> dict[str, set[str]]:
        """The policy documents that each of them is made from."""
        return self.run.within

    @property
    def problems(self) -> list[Problem]:
        """What is wrong with how something is written."""
        return self.run.problems

    def inside(self, configuration: Configuration, call: Call) -> Scope:
        """The scope of an instance of a module that is called from here."""
        found = self.children.get(call.path)
        if found is None:
            found = self.children[call.path] = Scope(configuration, self._kinds, self.run, call)
            self.run.enter(configuration)
        return found

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
        run = self.run
        run.steps += 1
        if run.steps > run.allowed:
            return unknown(expression.at, TOO_LARGE)
        if run.depth >= DEPTH:
            return unknown(expression.at, _TOO_DEEP)
        run.depth += 1
        if run.depth > run.deepest:
            run.deepest = run.depth
        try:
            return self._kinds[type(expression)](expression, self)
        except RecursionError:
            return unknown(expression.at, _TOO_DEEP)
        finally:
            run.depth -= 1

    def spent(self, steps: int) -> bool:
        """Counts work that is not the evaluation of an expression; whether it was more than may be done."""
        self.run.steps += steps
        return self.run.steps > self.run.allowed

    def once(self, name: str, at: Span, compute: Callable[[], Node]) -> Node:
        """The value that goes by a name, worked out when it is first asked for; `at` is where it is asked for.

        Each further use counts as much as working it out anew: a value made of many copies of another is bounded by
        its size, not by its spelling.
        """
        run = self.run
        result = self._results.get(name)
        if result is None:
            if name in self._open:
                return unknown(at, f"`{name}` is defined by itself, in a cycle")
            result = self._results[name] = self._worked_out(name, at, compute)
            return result.value
        if run.depth + result.depth > DEPTH:
            return unknown(at, _TOO_DEEP)
        run.steps += result.steps
        run.deepest = max(run.deepest, run.depth + result.depth)
        return unknown(at, TOO_LARGE) if run.steps > run.allowed else result.value

    def _worked_out(self, name: str, at: Span, compute: Callable[[], Node]) -> _Result:
        run = self.run
        before, deepest = run.steps, run.deepest
        run.deepest = run.depth
        self._open.add(name)
        try:
            value = compute()
        finally:
            self._open.discard(name)
        steps, depth = run.steps - before, run.deepest - run.depth
        run.deepest = max(run.deepest, deepest)
        if steps > _STEPS_OF_A_VALUE:
            return _Result(Unknown(name, at, TOO_LARGE), 1, 0)
        return _Result(value, steps, depth)

    def argument(self, block: Block, name: str) -> Node | None:
        """The value of an argument of a block; `None` when it is not written."""
        argument = block.arguments().get(name)
        return None if argument is None else self.evaluate(argument.expression())

    def look_into(self, block: Block) -> None:
        """Note what is wrong with how a block is written, once."""
        seen = self.run.seen
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

        return beside(self.run.root.units[0].file, name)

    def condition(self, test: Span) -> str:
        """How a condition is told apart from others: the same text means something else in another module."""
        text = written(test)
        return f"{text} in {self.path.removesuffix('.')}" if self.path else text

    def folder(self, name: str) -> str:
        """The location of the folder that a path means. Raises SourceError for one that is not in the repository."""
        import os

        from kms_lint.files import repository

        near = self.run.root.units[0].file
        root = os.path.realpath(repository(near.location))
        location = os.path.realpath(os.path.join(os.path.dirname(near.location), name))
        if not os.path.join(location, "").startswith(os.path.join(root, "")):
            raise SourceError(f"`{name}` is not read: it leads out of the repository")
        if near.content is not None and not os.path.exists(near.location):
            raise SourceError("the text was given on standard input: there is nothing beside it")
        if not os.path.isdir(location):
            raise MissingError(f"`{name}` cannot be read: there is no such folder")
        return location
