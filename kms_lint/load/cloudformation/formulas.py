"""Formulas over the values of parameters, and what some of them imply about another.

A formula is a number: that of a node, or its negative for the formula that is true where the node is not. Equal formulas
are one number, and so are a formula and the double negation of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

TRUE: Final = 1
FALSE: Final = -1

_WORLDS: Final = 4096
_KEPT: Final = 50
_ANOTHER: Final = "\0"
"""Stands for all values of a variable that no formula names; no value in a template holds it."""


class _Atom(NamedTuple):
    """Whether a variable has a value."""

    variable: str
    value: str


class _All(NamedTuple):
    """Whether all of some formulas are true."""

    parts: tuple[int, ...]


class Formulas:
    """The formulas of a template and of those that it nests."""

    def __init__(self) -> None:
        self._nodes: list[_Atom | _All] = [_All(()), _All(())]
        self._numbers: dict[_Atom | _All, int] = {}
        self._values: dict[str, dict[str, int]] = {}
        self._closed: set[str] = set()
        self._once: set[str] = set()
        self._twice: set[str] = set()
        self._worlds: dict[frozenset[str], _Worlds] = {}
        self._variables: dict[int, frozenset[str]] = {TRUE: frozenset()}

    def close(self, variable: str, values: Sequence[str]) -> None:
        """Say that a variable has one of these values and no other, before anything else is said about it."""
        if variable in self._closed or variable in self._values:
            return
        self._closed.add(variable)
        self._values[variable] = {value: index for index, value in enumerate(dict.fromkeys(values))}

    def equal(self, variable: str, value: str) -> int:
        """Whether a variable has a value."""
        values = self._values.setdefault(variable, {})
        if variable in self._closed:
            if value not in values:
                return FALSE
            if len(values) == 1:
                return TRUE
        values.setdefault(value, len(values))
        number = self._number(_Atom(variable, value))
        self._variables[number] = frozenset((variable,))
        return number

    def all(self, formulas: Iterable[int]) -> int:
        """Whether all formulas are true."""
        found = {each for each in formulas if each != TRUE}
        if FALSE in found or any(-each in found for each in found):
            return FALSE
        if len(found) <= 1:
            return next(iter(found), TRUE)
        number = self._number(_All(tuple(sorted(found))))
        if number not in self._variables:
            self._variables[number] = frozenset().union(*(self.variables(each) for each in found))
        return number

    def any(self, formulas: Iterable[int]) -> int:
        """Whether one of the formulas is true."""
        return -self.all(-each for each in formulas)

    def variables(self, formula: int) -> frozenset[str]:
        """The variables that a formula depends on."""
        return self._variables[abs(formula)]

    def count(self, formulas: Iterable[int]) -> None:
        """Say that these are all formulas of one template."""
        for formula in formulas:
            variables = self.variables(formula)
            self._twice |= self._once & variables
            self._once |= variables

    def is_shared(self, variables: frozenset[str]) -> bool:
        """Whether more than one formula depends on one of the variables: else, others settle nothing."""
        return not self._twice.isdisjoint(variables)

    def implied(self, formula: int, known: Iterable[int]) -> bool | None:
        """Whether a formula is true wherever those that are known are; `None` where it may or may not be.

        What would take too many combinations of values to tell is not told.
        """
        about = self.variables(formula)
        size = self._size(about)
        if size > _WORLDS:
            return None
        taken: list[int] = []
        for each in known:
            wider = about | self.variables(each)
            if self._size(wider) <= _WORLDS:
                about = wider
                taken.append(each)
        worlds = self._among(about)
        possible = worlds.every
        for each in taken:
            possible &= worlds.where(each)
        holds = worlds.where(formula)
        if not possible:
            return None
        if not possible & holds:
            return False
        return None if possible & ~holds else True

    def _among(self, variables: frozenset[str]) -> _Worlds:
        """The combinations of the values of some variables, kept as long as no formula is added."""
        if variables not in self._worlds:
            if len(self._worlds) >= _KEPT:
                self._worlds.clear()
            domains = {variable: self._domain(variable) for variable in sorted(variables)}
            self._worlds[variables] = _Worlds(domains, self._nodes)
        return self._worlds[variables]

    def _number(self, node: _Atom | _All) -> int:
        if node not in self._numbers:
            self._numbers[node] = len(self._nodes)
            self._nodes.append(node)
            self._worlds.clear()
        return self._numbers[node]

    def _domain(self, variable: str) -> dict[str, int]:
        """The values of a variable that matter, each with its number; one more stands for all others."""
        values = self._values[variable]
        return values if variable in self._closed else {**values, _ANOTHER: len(values)}

    def _size(self, variables: Iterable[str]) -> int:
        size = 1
        for variable in variables:
            size *= len(self._values[variable]) + (variable not in self._closed)
            if size > _WORLDS:
                break
        return size


class _Worlds:
    """All combinations of the values of some variables, one bit each."""

    def __init__(self, domains: dict[str, dict[str, int]], nodes: Sequence[_Atom | _All]) -> None:
        self._nodes = nodes
        self._domains = domains
        self._strides: dict[str, int] = {}
        self._known: dict[int, int] = {}
        size = 1
        for variable, values in domains.items():
            self._strides[variable] = size
            size *= len(values)
        self.every = (1 << size) - 1

    def where(self, formula: int) -> int:
        """The combinations in which a formula is true."""
        for number in self._needed(abs(formula)):
            self._known[number] = self._computed(self._nodes[number])
        found = self._known[abs(formula)]
        return found if formula > 0 else self.every & ~found

    def _needed(self, number: int) -> list[int]:
        """The nodes that a node is made of and that are not known yet, parts first: they were made before the whole."""
        pending, found = [number], set[int]()
        while pending:
            here = pending.pop()
            if here not in self._known and here not in found:
                found.add(here)
                node = self._nodes[here]
                pending.extend(abs(part) for part in (node.parts if isinstance(node, _All) else ()))
        return sorted(found)

    def _computed(self, node: _Atom | _All) -> int:
        if isinstance(node, _Atom):
            return self._equal(node)
        possible = self.every
        for part in node.parts:
            known = self._known[abs(part)]
            possible &= known if part > 0 else ~known
        return possible

    def _equal(self, atom: _Atom) -> int:
        values, stride = self._domains[atom.variable], self._strides[atom.variable]
        once = ((1 << stride) - 1) << (values[atom.value] * stride)
        return once * (self.every // ((1 << (stride * len(values))) - 1))
