"""The conditions of a template: which hold for certain, and which of them settle others.

A condition on the default of a parameter is open, since another deployment may give another value. What
`--parameter` says, or the template that a nested one is used in, is known.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/conditions-section-structure.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from collections.abc import Mapping as Dictionary
from itertools import islice
from typing import Final, NamedTuple, Protocol

from kms_lint.load.cloudformation.formulas import FALSE, TRUE, Formulas
from kms_lint.load.reading import Ruled, plain
from kms_lint.syntax.tree import Items, Mapping, Node, Scalar, Text

_DEPTH: Final = 80
_CONSIDERED: Final = 12
_LOOKED_AT: Final = 32
_LONGEST_KEY: Final = 4_000


class Values(Protocol):
    """Works out the values that conditions compare."""

    def resolve(self, node: Node | None) -> Node | None:
        """The value, as far as it is the same in every deployment."""


class Held(NamedTuple):
    """A condition by the name that stands for it, and whether it holds where that one does."""

    name: Ruled
    holds: bool


class Conditions:
    """The conditions of one template, by name."""

    def __init__(
        self,
        conditions: Iterable[tuple[Text, Node, Values]],
        assertions: Iterable[tuple[Node, Values]],
        allowed: Dictionary[str, tuple[str, ...]],
        prefix: str,
        variable: Callable[[str], str],
        formulas: Formulas,
    ) -> None:
        """`assertions` are those of `Rules`, `allowed` the only values of parameters, `prefix` the nested stack.

        `variable` gives what a parameter is called among all `formulas`, which stacks that nest each other share.
        """
        self._formulas = formulas
        self._variable = variable
        for parameter, values in allowed.items():
            self._formulas.close(variable(parameter), values)
        self._written = {str(name): (node, values) for name, node, values in conditions}
        self._prefix = prefix
        self._known: dict[str, int] = {}
        self._following: list[str] = []
        self._opened = 0
        self._depth = 0
        self._held: dict[str, bool | Held] = {}
        self._names: dict[int, str] = {}
        for name in self._written:
            self._names.setdefault(abs(self._formula(name)), name)
        self._asserted = [self._parsed(node, values) for node, values in assertions]
        formulas.count({*self._names, *map(abs, self._asserted)})

    def held(self, name: str) -> bool | Held:
        """Whether a condition holds; where that is open, the first condition that is equal to it or its negation."""
        if name not in self._held:
            self._held[name] = self._told(name)
        return self._held[name]

    def _told(self, name: str) -> bool | Held:
        formula = self._formula(name)
        constant = self._formulas.implied(formula, self._asserted[:_CONSIDERED])
        if constant is not None:
            return constant
        chief = self._names.setdefault(abs(formula), name)
        return Held(Ruled(f"{self._prefix}{chief}", self), self._formula(chief) == formula)

    def implied(self, condition: str, decided: Dictionary[str, bool]) -> bool | None:
        """Whether a condition holds where others hold or do not; `None` where it may or may not."""
        formula = self._formula(condition.removeprefix(self._prefix))
        variables = self._formulas.variables(formula)
        if self._formulas.is_shared(variables):
            return self._formulas.implied(formula, self._near(variables, [*self._asserted, *self._decided(decided)]))
        return None

    def _near(self, variables: frozenset[str], known: list[int]) -> list[int]:
        """The formulas that have to do with some variables, directly or through one another."""
        found: list[int] = []
        grown = True
        while grown and len(found) < _CONSIDERED:
            grown = False
            for each in known:
                about = self._formulas.variables(each)
                if each not in found and not variables.isdisjoint(about):
                    found.append(each)
                    grown = grown or not about <= variables
                    variables |= about
                    if len(found) >= _CONSIDERED:
                        break
        return found

    def _decided(self, decided: Dictionary[str, bool]) -> Iterator[int]:
        for name, holds in islice(decided.items(), _LOOKED_AT):
            rules = name.rules if isinstance(name, Ruled) else None
            if isinstance(rules, Conditions) and rules._formulas is self._formulas:
                formula = rules._formula(name.removeprefix(rules._prefix))
                yield formula if holds else -formula

    def _formula(self, name: str) -> int:
        """The formula of a condition by its name; one that is not written, or leads back to itself, is open."""
        if name not in self._known:
            written = self._written.get(name)
            if written is None or name in self._following:
                return self._formulas.equal(f"{self._prefix}condition {name}", "true")
            self._following.append(name)
            self._known[name] = self._parsed(*written)
            self._following.pop()
        return self._known[name]

    def _parsed(self, node: Node | None, values: Values) -> int:
        self._depth += 1
        try:
            return self._open() if self._depth > _DEPTH else self._formula_of(node, values)
        finally:
            self._depth -= 1

    def _formula_of(self, node: Node | None, values: Values) -> int:
        if isinstance(node, Scalar) and isinstance(node.value, bool):
            return TRUE if node.value else FALSE
        if not isinstance(node, Mapping) or len(node) != 1:
            return self._open()
        name, argument = node.entries[0]
        if name == "Condition" and isinstance(argument, Text):
            return self._formula(str(values.resolve(argument)))
        parts = list(argument.values) if isinstance(argument, Items) else [argument]
        if name in ("Fn::And", "Fn::Or", "Fn::Not"):
            inner = [self._parsed(part, values) for part in parts]
            if name == "Fn::Not":
                return -inner[0] if len(inner) == 1 else self._open()
            return self._formulas.all(inner) if name == "Fn::And" else self._formulas.any(inner)
        if name == "Fn::Equals" and len(parts) == 2:
            return self._equal(parts[0], parts[1], values)
        if name == "Fn::Contains" and len(parts) == 2 and isinstance(parts[0], Items):
            return self._formulas.any(self._equal(each, parts[1], values) for each in parts[0].values)
        return self._open()

    def _equal(self, first: Node, second: Node, values: Values) -> int:
        known = [_literal(values.resolve(each)) for each in (first, second)]
        if known[0] is not None and known[1] is not None:
            return TRUE if known[0] == known[1] else FALSE
        names = [self._key(each, values) for each in (first, second)]
        if names[0] is None or names[1] is None:
            return self._open()
        for name, literal in ((names[0], known[1]), (names[1], known[0])):
            if literal is not None:
                return self._formulas.equal(name, literal)
        return TRUE if names[0] == names[1] else self._formulas.equal(" = ".join(sorted(map(str, names))), "true")

    def _open(self) -> int:
        """A condition of which nothing is known: it settles nothing."""
        self._opened += 1
        return self._formulas.equal(f"{self._prefix}something {self._opened}", "true")

    def _key(self, node: Node, values: Values) -> str | None:
        """What a value that is not known is called: the same expression is the same value. `None` for a very long one."""
        if isinstance(node, Mapping) and len(node) == 1:
            name, argument = node.entries[0]
            if name == "Ref" and isinstance(argument, Text):
                known = _literal(values.resolve(node))
                return self._variable(str(argument)) if known is None else f"={known}"
        spelled = _spelled(node)
        return None if spelled is None else f"{self._prefix}{spelled}"


def assertions(rule: Node) -> Iterator[Node]:
    """What a rule of a template asserts, each assertion as a condition; those under a condition only where it holds."""
    if not isinstance(rule, Mapping):
        return
    condition, asserted = rule.get("RuleCondition"), rule.get("Assertions")
    for each in asserted.values if isinstance(asserted, Items) else ():
        assertion = each.get("Assert") if isinstance(each, Mapping) else None
        if assertion is not None and condition is None:
            yield assertion
        elif assertion is not None and condition is not None:
            at = rule.at
            negated = Mapping([(Text("Fn::Not", at), Items([condition], at))], at)
            yield Mapping([(Text("Fn::Or", at), Items([negated, assertion], at))], at)


def _literal(node: Node | None) -> str | None:
    """The value of a text or number that is the same in every deployment."""
    if isinstance(node, Scalar) and node.value is not None:
        return str(plain(node))
    return str(node) if isinstance(node, Text) and node.form == node and "<" not in node else None


def _spelled(node: Node) -> str | None:
    """An expression in full; `None` for a very long one."""
    spelled: list[str] = []
    length = 0
    pending = [node]
    while pending:
        here = pending.pop()
        if isinstance(here, Mapping):
            spelled.append("{")
            pending.extend(each for name, value in reversed(here.entries) for each in (value, name))
        elif isinstance(here, Items):
            spelled.append(f"[{len(here)}")
            pending.extend(reversed(here.values))
        else:
            spelled.append(repr(str(here)) if isinstance(here, Text) else repr(here)[:200])
        length += len(spelled[-1])
        if length > _LONGEST_KEY:
            return None
    return " ".join(spelled)
