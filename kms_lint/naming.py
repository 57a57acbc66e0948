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
        """What to say after a name that means no rule: what was probably meant, or where to look.

        Of a check of another tool, why no rule carries it. Numbers are no slips of the pen: the next one is another check.
        """
        from kms_lint import peers

        why_not = peers.why_not(name)
        if why_not:
            return f": {why_not}"
        names = [*self.abouts, *(each for about in self.abouts.values() for each in about.equivalents)]
        near = did_you_mean(name, [each for each in names if _digits(each) == _digits(name)])
        command = "kms-lint rules --coverage" if _digits(name) else "kms-lint rules"
        return near or f": `{command}` lists what there is"


def _digits(name: str) -> str:
    return "".join(filter(str.isdigit, name))
