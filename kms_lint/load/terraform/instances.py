"""The instances that `count` and `for_each` make of a resource, a data source or a module.

https://developer.hashicorp.com/terraform/language/meta-arguments/count
https://developer.hashicorp.com/terraform/language/meta-arguments/for_each
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from collections.abc import Mapping as Dictionary
from typing import Final, NamedTuple, TypeAlias, TypeVar

from kms_lint.load.terraform.scope import TOO_LARGE, Scope
from kms_lint.load.terraform.value import Several, is_null, lent, unknown, written
from kms_lint.load.terraform.variables import quoted
from kms_lint.model import Unresolved
from kms_lint.record import dataclass
from kms_lint.source import Span
from kms_lint.syntax.expression import Argument, Block
from kms_lint.syntax.tree import ANYTHING, Branch, Choice, Items, Mapping, Node, Scalar, Text, Unknown

MOST_INSTANCES: Final = 1000
"""As many instances of one block are judged; those of modules are limited in all, too."""

Names: TypeAlias = Dictionary[str, Node]
Made = TypeVar("Made", bound=Node)


class Instance(NamedTuple):
    """One instance: what follows its name in an address (`[0]`, `["a"]`), its key, and what `each` or `count` is.

    `condition` is what it is made under, and whether that has to hold.
    """

    suffix: str
    key: Text | None
    names: Names
    condition: tuple[str, bool] | None = None


@dataclass(frozen=True, slots=True)
class Expansion:
    """All instances of a block. `argument` is `count`, `for_each`, or empty for a block that is just one.

    `open` is whether it is not known how many there are: then one may stand for several. `cut` is whether there are so
    many that the rest is left out.
    """

    argument: str
    instances: tuple[Instance, ...]
    open: bool = False
    cut: bool = False

    @property
    def any(self) -> Instance | None:
        """The one that stands for all, where it is not known which there are."""
        return self.instances[0] if self.open and self.instances else None


_SINGLE: Final = Expansion("", (Instance("", None, {}),))


def expansion(block: Block, address: str, scope: Scope) -> Expansion:
    """The instances of a block; `address` names it within its module."""
    arguments = block.arguments()
    argument = arguments.get("for_each") or arguments.get("count")
    if argument is None:
        return _SINGLE
    found = scope.expansions.get(id(block))
    if found is None:
        found = scope.expansions.setdefault(id(block), _expanded(block, argument, address, scope))
    return found


def _expanded(block: Block, argument: Argument, address: str, scope: Scope) -> Expansion:
    name, at = str(argument.name), argument.at
    over = scope.once(f"{address} {name}", at, lambda: scope.unbound.evaluate(argument.expression()))
    make = _for_each if name == "for_each" else _count
    most = min(MOST_INSTANCES, scope.run.instances)
    return Expansion(name, *_bounded(make(over, argument, most), argument, most, scope))


def _bounded(
    found: tuple[Sequence[Instance], int, bool], argument: Argument, most: int, scope: Scope
) -> tuple[tuple[Instance, ...], bool, bool]:
    """As many of the instances as may be made, whether it is not known how many there are, and whether some are left out."""
    instances, number, open = found
    kept = min(number, most)
    scope.run.instances -= kept
    if kept < number:
        judged = f"the first {kept} are judged" if kept else "too many are made in all, and none of these is judged"
        reason = f"it makes {number} instances: {judged}"
        scope.run.unresolved[Unresolved(written(argument.at), reason, argument.at)] = None
    return tuple(instances[:kept]), open, kept < number


def _count(over: Node, argument: Argument, most: int) -> tuple[Sequence[Instance], int, bool]:
    """The first instances for a `count`, how many there are in truth, and whether that is not known."""
    if isinstance(over, Choice):
        return _counted_by_condition(over, argument, most)
    number = _number(over)
    if number is None:
        index = Unknown("count.index", argument.at, over.reason if isinstance(over, Unknown) else "")
        return (Instance("[count.index]", None, {"count": _named(argument.at, index=index)}),), 1, True
    return [_numbered(index, argument) for index in range(min(number, most))], number, False


def _counted_by_condition(over: Choice, argument: Argument, most: int) -> tuple[Sequence[Instance], int, bool]:
    """`condition ? 1 : 0`: those of the branch with more of them; they may depend on the condition."""
    branches = [(_count(branch.value, argument, most), branch) for branch in over.branches]
    branches.sort(key=lambda each: each[0][1], reverse=True)
    (instances, number, open), branch = branches[0]
    fewest = branches[1][0][1]
    made = [each if index < fewest else _under(each, branch) for index, each in enumerate(instances)]
    return made, number, open or branches[1][0][2]


def _number(over: Node) -> int | None:
    text = over.text if isinstance(over, Scalar) and isinstance(over.value, str) else over
    if not isinstance(text, str) or (isinstance(text, Text) and not text.known):
        return None
    try:
        return max(0, int(float(text)))
    except (ValueError, OverflowError):
        return None


def _numbered(index: int, argument: Argument) -> Instance:
    number = Scalar(str(index), str(index), argument.at)
    return Instance(f"[{index}]", None, {"count": _named(argument.at, index=number)})


def _named(at: Span, **values: Node) -> Mapping:
    return Mapping([(Text(name, at), value) for name, value in values.items()], at)


def _for_each(over: Node, argument: Argument, most: int) -> tuple[Sequence[Instance], int, bool]:
    """The instances for a `for_each`, as `_count` gives them."""
    if isinstance(over, Choice):
        return _each_by_condition(over, argument, most)
    if is_null(over) or not isinstance(over, Mapping | Items):
        return (_each(Text("<each.key>", argument.at, ANYTHING), _unknown(over, argument), argument),), 1, True
    entries = list(_entries(over))
    chosen = sorted(entries, key=lambda entry: (not entry[0].known, str(entry[0])))[:most]
    open = any(not key.known for key, _ in entries)
    return [_each(key, value, argument) for key, value in chosen], len(entries), open


def _unknown(over: Node, argument: Argument) -> Node:
    return Unknown("each.value", argument.at, over.reason if isinstance(over, Unknown) else "")


def _entries(over: Mapping | Items) -> Iterator[tuple[Text, Node]]:
    """Keys and values: those of a set are one and the same; a key that is not known is text of unknown form."""
    if isinstance(over, Mapping):
        yield from {str(name): (name, value) for name, value in over}.values()
        return
    known: set[str] = set()
    for value in over:
        key = Text(value.text, value.at) if isinstance(value, Scalar) else value
        if not isinstance(key, Text):
            expression = key.expression if isinstance(key, Unknown) else "each.key"
            key = Text(f"<{expression}>", key.at, ANYTHING)
        if key.form not in known:
            known.add(str(key))
            yield key, key


def _each(key: Text, value: Node, argument: Argument) -> Instance:
    suffix = f"[{quoted(key)}]" if key.known else f"[{str(key).strip('<>')}]"
    here = lent(value, argument.at, "each.value")
    return Instance(suffix, key, {"each": _named(argument.at, key=lent(key, argument.at, "each.key"), value=here)})


def _each_by_condition(over: Choice, argument: Argument, most: int) -> tuple[Sequence[Instance], int, bool]:
    """The instances of both branches: what is only in one of them depends on the condition."""
    first, second = over.branches
    yes, many, open = _for_each(first.value, argument, most)
    no, more, unsure = _for_each(second.value, argument, most)
    here, there = ({each.suffix: each for each in side} for side in (yes, no))
    found: list[Instance] = []
    for suffix in sorted({*here, *there}):
        left, right = here.get(suffix), there.get(suffix)
        if left is None or right is None:
            found.append(_under(left, first) if left is not None else _under(right, second))
        else:
            found.append(_either(left, right, over))
    return found, max(len(found), many, more), open or unsure


def _either(left: Instance, right: Instance, over: Choice) -> Instance:
    """The same instance in both branches, with the value of either."""
    first, second = over.branches
    one, other = left.names["each"], right.names["each"]
    assert isinstance(one, Mapping)
    assert isinstance(other, Mapping)
    values = [each.get("value") or Scalar(None, "null", over.at) for each in (one, other)]
    value = Choice((first._replace(value=values[0]), second._replace(value=values[1])), over.at)
    return left._replace(
        names={"each": Mapping([(name, value if name == "value" else each) for name, each in one], one.at)}
    )


def _under(instance: Instance | None, branch: Branch) -> Instance:
    assert instance is not None
    return instance._replace(condition=instance.condition or (branch.condition, branch.holds))


def together(expanded: Expansion, at: Span, make: Callable[[Instance], Node]) -> Node:
    """What the name of a block stands for: one value, a list of them for `count`, an object for `for_each`."""
    if not expanded.argument:
        return make(expanded.instances[0])
    conditions = {each.condition for each in expanded.instances}
    condition = next(iter(conditions)) if len(conditions) == 1 else None
    value: Node
    if expanded.argument == "for_each":
        others = [(Text("<each.key>", at, ANYTHING), unknown(at, TOO_LARGE))] if expanded.cut else []
        value = Mapping(lambda: [*((_key(each), make(each)) for each in expanded.instances), *others], at)
        nothing: Node = Mapping([], at)
    else:
        rest = [Several(written(at), at)] if expanded.cut or expanded.open else []
        value = Items(lambda: [*map(make, expanded.instances), *rest], at)
        nothing = Items([], at)
    if condition is None:
        return value
    text, holds = condition
    branches = Branch(text, holds, value), Branch(text, not holds, nothing)
    return Choice(branches if holds else branches[::-1], at)


def _key(instance: Instance) -> Text:
    assert instance.key is not None
    return instance.key


def chosen(expanded: Expansion, key: Node) -> Instance | None:
    """The instance of a key or an index, if it is known which; the one that stands for all if that is so."""
    if expanded.any is not None and len(expanded.instances) == 1:
        return expanded.any
    name = key.text if isinstance(key, Scalar) else str(key) if isinstance(key, Text) and key.known else None
    if name is None:
        return expanded.any
    suffix = f"[{name}]" if expanded.argument == "count" else f"[{quoted(name)}]"
    return next((each for each in expanded.instances if each.suffix == suffix), expanded.any)
