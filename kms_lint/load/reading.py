"""One reading of a policy: which branch of each condition it takes, and what it meets on the way.

A policy with conditions is read once for each combination of them, so that no reading holds two branches that exclude
each other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from collections.abc import Mapping as Dictionary
from itertools import islice
from typing import Final, Protocol, TypeAlias, TypeVar

from kms_lint.model import Problem, Unresolved
from kms_lint.source import At
from kms_lint.syntax.tree import ANYTHING, Choice, Items, Mapping, Node, Scalar, Text, Unknown

MOST_PROBLEMS: Final = 100
"""As many mistakes of a policy are reported."""

_CONDITIONS_COMBINED: Final = 4
_COMBINATIONS: Final = 2**_CONDITIONS_COMBINED
_CONDITIONS_VARIED: Final = 32
ALWAYS: Final[Dictionary[str, bool]] = {}
"""The conditions of what exists under no conditions."""

Result = TypeVar("Result")
Entries: TypeAlias = dict[str, tuple[Text, Node]]
"""The value of each name of an object, with the name as it was written."""


class Rules(Protocol):
    """What is known of the conditions of a template together."""

    def implied(self, condition: str, decided: Dictionary[str, bool]) -> bool | None:
        """Whether a condition holds where others hold or do not, as `decided` says; `None` where it may or may not."""


class Ruled(str):
    """The name of a condition that others may settle, as `IsTest` is false where `IsProd` is true."""

    __slots__ = ("rules",)
    rules: Rules

    def __new__(cls, name: str, rules: Rules) -> Ruled:
        """`name` as the author gave it."""
        condition = super().__new__(cls, name)
        condition.rules = rules
        return condition


class Reading:
    """The problems and unknown values met while a policy is read under some conditions.

    `decided` holds the conditions that the reading depends on. One that was not given beforehand holds, unless those
    before it settle it: those that are `settled` are never varied.
    `plain` is whether `${` begins no variable in the policy, or `None`.
    """

    __slots__ = ("_expressions", "decided", "judged", "plain", "problems", "settled", "unresolved")

    def __init__(
        self, assumed: Dictionary[str, bool], judged: bool = True, given: Dictionary[str, bool] = ALWAYS
    ) -> None:
        """`judged` is false for a kind of policy that is only shown: nothing is noted about it.

        `given` are the conditions under which what is read exists at all.
        """
        self.decided = {**given, **assumed}
        self.settled = set(given)
        self.judged = judged
        self.plain: bool | None = False
        self.problems: list[Problem] = []
        self.unresolved: list[Unresolved] = []
        self._expressions: set[str] = set()

    @property
    def full(self) -> bool:
        """Whether as many mistakes were noted as are reported."""
        return len(self.problems) >= MOST_PROBLEMS

    @property
    def branch(self) -> str:
        """The conditions that the reading depends on, and whether each holds, in words."""
        return " and ".join(f"{name} is {'true' if holds else 'false'}" for name, holds in self.decided.items())

    def settle(self, node: Node | None) -> Node | None:
        """The node under the conditions of this reading; `None` where they leave it out."""
        chosen = False
        while isinstance(node, Choice):
            first, second = node.branches
            node = first.value if first.holds == self._holds(first.condition) else second.value
            chosen = True
        return None if chosen and isinstance(node, Scalar) and node.value is None else node

    def _holds(self, condition: str) -> bool:
        """Whether a condition holds in this reading."""
        known = self.decided.get(condition)
        if known is not None:
            return known
        implied = condition.rules.implied(condition, self.decided) if isinstance(condition, Ruled) else None
        if implied is not None:
            self.settled.add(condition)
        self.decided[condition] = implied is not False
        return self.decided[condition]

    def refuse(self, message: str, at: At, value: str | None = None) -> None:
        """Note something that AWS refuses; of very many, the first ones."""
        if self.judged and not self.full:
            self.problems.append(Problem("malformed-policy", message, at, value))
        elif self.judged:
            self.note("the rest of the policy", f"only the first {MOST_PROBLEMS} mistakes are reported", at)

    def note(self, expression: str, message: str, at: At) -> None:
        """Note an expression that could not be worked out, once."""
        if self.judged and expression not in self._expressions:
            self._expressions.add(expression)
            self.unresolved.append(Unresolved(expression, message, at))

    def unknown(self, node: Unknown, what: str) -> Text:
        """The text that stands for an unknown value of `what`, which is noted."""
        self.note(node.expression, node.reason or f"{_quoted(what)} is only known when it is deployed", node.at)
        return Text(f"<{node.expression}>", node.at, ANYTHING)

    def partly(self, text: Text, what: str) -> Text:
        """The text itself; its unknown parts are noted."""
        for expression in expressions(text):
            self.note(expression, f"part of {_quoted(what)} is only known when it is deployed", text.at)
        return text

    def texts(self, node: Node | None, what: str) -> tuple[Text, ...]:
        """The values of `what`, the name of an element that holds one string or several."""
        if isinstance(node, Text) and node.known:
            return (node,)
        node = self.settle(node)
        if isinstance(node, Items):
            values = node.values
            plainly = tuple(value for value in values if isinstance(value, Text) and value.known)
            return plainly if len(plainly) == len(values) else tuple(self._listed(node, what))
        return tuple(self._single(node, what))

    def _listed(self, items: Items, what: str) -> Iterator[Text]:
        for item in items.values:
            if isinstance(item, Text) and item.known:
                yield item
                continue
            settled = self.settle(item)
            if isinstance(settled, Items):
                self.refuse(f"{_quoted(what)} has a list within a list: write all values in one list", settled.at)
                yield from (text for each in settled.values for text in self._single(self.settle(each), what))
            else:
                yield from self._single(settled, what)

    def _single(self, node: Node | None, what: str) -> Iterator[Text]:
        if isinstance(node, Text):
            yield node if node.known else self.partly(node, what)
        elif isinstance(node, Unknown):
            yield self.unknown(node, what)
        elif isinstance(node, Scalar) and node.value is not None:
            yield plain(node)
        elif node is not None:
            self.refuse(f"{_quoted(what)} is {described(node)} where text belongs", node.at)

    def entries(self, node: Mapping) -> Entries:
        """Names and values under the conditions of this reading, the last of each name; duplicates are noted."""
        found: Entries = {}
        for name, value in node.entries:
            settled = value if isinstance(value, Text) else self.settle(value)
            if settled is None:
                continue
            if name in found:
                self._duplicate(name)
            found[name] = name, settled
        return found

    def _duplicate(self, name: Text) -> None:
        message = f"`{name}` is written twice in one object: only the last one counts, the one before it is lost"
        if self.judged:
            self.problems.append(Problem("duplicate-json-key", message, name.at, str(name)))


def _quoted(what: str) -> str:
    """A name from a policy in quotes; words of ours as they are."""
    return what if " " in what else f"`{what}`"


def plain(node: Scalar) -> Text:
    """A number or a truth as the text that AWS compares."""
    if isinstance(node.value, bool):
        return Text("true" if node.value else "false", node.at)
    return Text(node.text, node.at)


def described(node: Node) -> str:
    """What kind of value a node is, in words."""
    if isinstance(node, Mapping):
        return "an object"
    if isinstance(node, Items):
        return "a list"
    if isinstance(node, Scalar):
        return "null" if node.value is None else f"`{node.text}`"
    return "text" if isinstance(node, Text) else "not known"


def expressions(text: Text) -> tuple[str, ...]:
    """The expressions that stand in a text for its unknown parts; the whole text where they cannot be told apart."""
    if text.known:
        return ()
    first, *rest = text.form.split(ANYTHING)
    found: list[str] = []
    at = len(first)
    for index, following in enumerate(rest):
        if index == len(rest) - 1:
            end = len(text) - len(following)
        else:
            end = text.find(">" + (following or "<"), at) + 1
        if text[at : at + 1] != "<" or text[at + 1 : end][-1:] != ">":
            return (str(text),)
        found.append(text[at + 1 : end - 1])
        at = end + len(following)
    return tuple(dict.fromkeys(found))


def readings(
    node: Node, judged: bool, read: Callable[[Reading], Result], given: Dictionary[str, bool] = ALWAYS
) -> Iterator[tuple[Reading, Result]]:
    """What `read` makes of a policy for each combination of the conditions that it meets.

    Where they are too many to combine, each is varied alone, and the first reading notes it. `given` are conditions under
    which the policy exists at all. Combinations that the rules of the conditions exclude are not among them.
    """
    combined = _combined(judged, read, given)
    first, result = next(combined)
    conditions = tuple(dict.fromkeys(conditions_of(node))) if len(first.decided) > len(given) else ()
    if len(conditions) <= _CONDITIONS_COMBINED:
        yield first, result
        yield from combined
        return
    others = list(islice(combined, _COMBINATIONS))
    if len(others) < _COMBINATIONS:
        yield first, result
        yield from others
        return
    first.note(" and ".join(conditions[:_CONDITIONS_VARIED]), _too_many(conditions), node.at)
    yield first, result
    yield from _varied(conditions[:_CONDITIONS_VARIED], judged, read, given)


def _combined(
    judged: bool, read: Callable[[Reading], Result], given: Dictionary[str, bool]
) -> Iterator[tuple[Reading, Result]]:
    """The readings of all combinations, one after another."""
    assumed: dict[str, bool] = {}
    while True:
        reading = Reading(assumed, judged, given)
        yield reading, read(reading)
        assumed = _next(reading)
        if not assumed:
            return


def _varied(
    conditions: tuple[str, ...], judged: bool, read: Callable[[Reading], Result], given: Dictionary[str, bool]
) -> Iterator[tuple[Reading, Result]]:
    for condition in conditions:
        if condition not in given:
            reading = Reading({condition: False}, judged, given)
            yield reading, read(reading)


def _too_many(conditions: tuple[str, ...]) -> str:
    return f"too many conditions to combine: each of the {len(conditions)} was only varied alone"


def _next(reading: Reading) -> dict[str, bool]:
    """The next combination in order, the last condition changing fastest; empty after the last one."""
    taken = [(name, holds) for name, holds in reading.decided.items() if name not in reading.settled]
    while taken and not taken[-1][1]:
        taken.pop()
    if taken:
        taken[-1] = (taken[-1][0], False)
    return dict(taken)


def conditions_of(node: Node) -> Iterator[str]:
    """Each condition that a node depends on at any depth, as often as it occurs."""
    pending: list[Node | None] = [node]
    while pending:
        here = pending.pop()
        if isinstance(here, Choice):
            yield here.branches[0].condition
            pending.extend(branch.value for branch in reversed(here.branches))
        elif isinstance(here, Mapping):
            pending.extend(value for _, value in reversed(here.entries))
        elif isinstance(here, Items):
            pending.extend(reversed(here.values))
