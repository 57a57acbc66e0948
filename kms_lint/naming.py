"""What users call rules: by their own names, or by those of equivalent checks in other tools."""

from __future__ import annotations

from collections.abc import Iterable

from kms_lint.finding import About
from kms_lint.spelling import did_you_mean


class Names:
    """The names of all rules of a run, chosen or not."""

    def __init__(self, abouts: Iterable[About]) -> None:
        """`abouts` are what the rule files say."""
        self.abouts = {about.id: about for about in abouts}
        self._equivalents: dict[str, set[str]] = {}
        for about in self.abouts.values():
            for name in about.equivalents:
                self._equivalents.setdefault(name.lower(), set()).add(about.id)

    def meant(self, name: str) -> frozenset[str]:
        """The rules that a name means: one by its own name, or all that are equivalent to a check; letter case is free."""
        lower = name.strip().lower()
        if lower in self.abouts:
            return frozenset({lower})
        return frozenset(self._equivalents.get(lower, ()))

    def suggestion(self, name: str) -> str:
        """What follows on a name that means no rule: why the check of another tool has none, or `: did you mean …?`."""
        from kms_lint import peers

        if why := peers.reason(name):
            return f", for {why}"
        return did_you_mean(
            name, [*self.abouts, *(each for about in self.abouts.values() for each in about.equivalents)]
        )
