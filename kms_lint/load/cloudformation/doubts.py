"""Defaults that cannot count in a branch, because the condition of the branch fails with them.

With `HasAdmin: !Not [!Equals [!Ref Admin, ""]]` and an empty default of `Admin`, nothing tells what `Admin` is where `HasAdmin`
holds.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterator
from collections.abc import Mapping as Dictionary
from typing import Final

from kms_lint.load.cloudformation.conditions import Conditions
from kms_lint.syntax.tree import Items, Mapping, Node, Text

_PLACEHOLDER: Final = re.compile(r"\$\{([^{}.]+)")


class Doubts:
    """Tells, for each condition, the parameters whose defaults do not go with it."""

    def __init__(
        self,
        by_default: Callable[[], Conditions],
        written: Callable[[], Dictionary[str, Node]],
        parameters: Container[str],
        prefix: str,
    ) -> None:
        """`by_default` are the conditions with all defaults, `written` as they are written."""
        self._by_default = by_default
        self._written = written
        self._parameters = parameters
        self._prefix = prefix
        self._known: dict[tuple[str, bool], frozenset[str]] = {}

    def about(self, condition: str, holds: bool) -> frozenset[str]:
        """The parameters whose defaults cannot count where a condition holds, or where it does not."""
        if (condition, holds) not in self._known:
            name = condition.removeprefix(self._prefix)
            ours = condition.startswith(self._prefix) and name in self._written()
            by_default = self._by_default().held(name) if ours else None
            doubted = isinstance(by_default, bool) and by_default is not holds
            self._known[condition, holds] = frozenset(self._named(name)) if doubted else frozenset()
        return self._known[condition, holds]

    def _named(self, condition: str) -> Iterator[str]:
        """The parameters that a condition depends on, directly or through others."""
        written = self._written()
        seen = {condition}
        pending: list[Node] = [written[condition]] if condition in written else []
        while pending:
            here = pending.pop()
            if isinstance(here, Mapping):
                pending.extend(value for _, value in here.entries)
            elif isinstance(here, Items):
                pending.extend(here.values)
            elif isinstance(here, Text):
                yield from (each for each in (str(here), *_PLACEHOLDER.findall(here)) if each in self._parameters)
                if here in written and here not in seen:
                    seen.add(str(here))
                    pending.append(written[str(here)])
