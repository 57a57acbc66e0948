"""What somebody may do with a key, as classes of requests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from kms_lint.reason.authorization import Authorization
from kms_lint.reason.formula import Formula, satisfiable, settled, within
from kms_lint.reason.rows import alike
from kms_lint.reason.space import ACTION

RETIRE: Final = "kms:RetireGrant"
"""It ends access and gives none."""


@dataclass(frozen=True)
class Held:
    """What somebody may do with a key, as classes of requests. `sure` is whether only what surely is allowed counts."""

    given: Authorization
    region: Mapping[str, int]
    sure: bool

    @cached_property
    def allowed(self) -> Formula:
        """The requests that are allowed."""
        found = within(self.given.allowed, self.region)
        return settled(found) if self.sure else found

    def may(self, action: str, context: Mapping[str, int] | None = None) -> bool:
        """Whether an operation is allowed for some request that also is one of these."""
        return bool(satisfiable(within(self.allowed, {**self.at(action), **(context or {})})))

    def never(self, action: str, context: Mapping[str, int] | None = None) -> bool:
        """Whether an operation surely is allowed for none of these requests."""
        return satisfiable(within(self.allowed, {**self.at(action), **(context or {})})) is False

    def all(self) -> frozenset[str]:
        """All operations that are allowed for some request."""
        chosen, found = self.given.space.chosen[ACTION], set[str]()
        for names in alike(self.given.space, (self.allowed,)):
            if satisfiable(within(self.allowed, {ACTION: 1 << chosen.index(names[0])})):
                found.update(names)
        return frozenset(found - {RETIRE})

    def at(self, action: str) -> dict[str, int]:
        """The classes of requests for an operation."""
        return {**self.region, ACTION: 1 << self.given.space.chosen[ACTION].index(action)}
