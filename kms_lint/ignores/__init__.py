"""Findings that somebody decided to live with: by a comment, by CloudFormation's `Metadata`, by configuration.

An ignore that is past its date, misspelt or not understood ignores nothing, and all that is wrong with ignores is
reported: by the rules `unused-ignore`, `expired-ignore`, `unknown-ignore` and `reason-missing`, at the ignore itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from kms_lint.finding import About, Confidence, Finding, Ignored, Severity
from kms_lint.naming import Names
from kms_lint.record import dataclass
from kms_lint.source import Span

UNUSED, EXPIRED, UNKNOWN, UNREASONED = "unused-ignore", "expired-ignore", "unknown-ignore", "reason-missing"
OWN = frozenset({UNUSED, EXPIRED, UNKNOWN, UNREASONED})
"""The rules about ignores."""


class Name(NamedTuple):
    """A rule as an ignore names it."""

    text: str
    at: Span


@dataclass(frozen=True, eq=False, slots=True)
class Ignore:
    """An ignore, wherever it is written.

    `covers` tells whether it is about the place of a finding. `fault` is why it is not understood. `needs_reason` is
    whether one has to be given. `seen` is whether all that it is about was part of the run: otherwise nobody knows
    whether it is used.
    """

    names: tuple[Name, ...]
    at: Span
    covers: Callable[[Finding], bool]
    reason: str | None = None
    until: str | None = None
    fault: str = ""
    needs_reason: bool = False
    seen: bool = True


class Outcome(NamedTuple):
    """The findings that stay, those that are ignored, and those about the ignores themselves."""

    kept: tuple[Finding, ...]
    ignored: tuple[Finding, ...]
    added: tuple[Finding, ...]


class Sieve:
    """Applies ignores to the findings of a run.

    `of` gives the ignores that may be about a path. `ran` are the rules of the run, `today` is `YYYY-MM-DD`, and
    `severities` gives what the configuration changes for a path.
    """

    def __init__(
        self,
        ignores: Sequence[Ignore],
        of: Callable[[str], Iterable[Ignore]],
        names: Names,
        ran: frozenset[str],
        today: str,
        severities: Callable[[str], Mapping[str, Severity]],
    ) -> None:
        """`ignores` are all there are."""
        self._ignores = ignores
        self._of = of
        self._names = names
        self._ran = ran
        self._today = today
        self._severities = severities
        self._active = {id(ignore): self._rules(ignore) for ignore in ignores if self._holds(ignore)}
        self._used: set[tuple[int, str]] = set()

    def __call__(self, findings: tuple[Finding, ...]) -> Outcome:
        """The findings, sifted."""
        kept, ignored = self._sifted(findings)
        about_ignores = [*self._faults(), *self._unused()]
        left, also_ignored = self._sifted(about_ignores)
        left += self._unused(own=True)
        return Outcome(tuple(kept), tuple(ignored + also_ignored), tuple(left))

    def _rules(self, ignore: Ignore) -> frozenset[str]:
        return frozenset().union(*(self._names.meant(name.text) for name in ignore.names))

    def _holds(self, ignore: Ignore) -> bool:
        return not ignore.fault and (ignore.until is None or (is_date(ignore.until) and ignore.until >= self._today))

    def _sifted(self, findings: Iterable[Finding]) -> tuple[list[Finding], list[Finding]]:
        kept: list[Finding] = []
        ignored: list[Finding] = []
        for finding in findings:
            because = self._ignore(finding)
            if because is None:
                kept.append(finding)
            else:
                ignored.append(replace(finding, ignored=because))
        return kept, ignored

    def _ignore(self, finding: Finding) -> Ignored | None:
        """Why a finding is ignored: at its place, or wherever the text is used."""
        first = self._covering(finding) or self._everywhere(finding)
        if first is None:
            return None
        source = first.at.source
        return Ignored(first.reason, source.path, source.position(first.at.start).line)

    def _everywhere(self, finding: Finding) -> Ignore | None:
        """What ignores a finding in each of the ways in which its text is used; `None` when one way is left."""
        found: list[Ignore | None] = []
        for way in finding.uses:
            here = [self._covering(replace(finding, span=span)) for span in way]
            found.append(next((ignore for ignore in here if ignore is not None), None))
        return None if None in found else next(iter(found), None)

    def _covering(self, finding: Finding) -> Ignore | None:
        first: Ignore | None = None
        for ignore in self._of(finding.span.source.path):
            if finding.about.id in self._active.get(id(ignore), ()) and ignore.covers(finding):
                self._used.add((id(ignore), finding.about.id))
                first = first or ignore
        return first

    def _faults(self) -> Iterator[Finding]:
        for ignore in self._ignores:
            if ignore.fault:
                yield from self._finding(UNKNOWN, ignore.at, ignore.fault)
            for name in ignore.names:
                if not self._names.meant(name.text):
                    suggestion = self._names.suggestion(name.text)
                    yield from self._finding(UNKNOWN, name.at, f"there is no rule `{name.text}`{suggestion}", name.text)
            if ignore.until is not None and not self._holds(ignore) and not ignore.fault:
                yield from self._finding(EXPIRED, ignore.at, self._expiry(ignore.until), ignore.until)
            if ignore.needs_reason and not ignore.reason and not ignore.fault:
                yield from self._finding(UNREASONED, ignore.at, "this ignore gives no reason")

    def _expiry(self, until: str) -> str:
        if is_date(until):
            return f"it ended on {until}, and what it ignored is reported again"
        return f"`{until}` is no date, so it ignores nothing: write it as in 2027-03-01"

    def _unused(self, own: bool = False) -> Iterator[Finding]:
        """Names that met no finding although their rules ran; those of the rules about ignores apart."""
        for ignore in self._ignores:
            if id(ignore) not in self._active or not ignore.seen:
                continue
            for name in ignore.names:
                rules = self._names.meant(name.text)
                if not rules or bool(rules & OWN) is not own or not rules <= self._ran:
                    continue
                if not any((id(ignore), rule) in self._used for rule in rules):
                    yield from self._finding(
                        UNUSED, name.at, f"nothing is found here that `{name.text}` ignores", name.text
                    )

    def _finding(self, rule: str, span: Span, message: str, value: str | None = None) -> Iterator[Finding]:
        if rule in self._ran:
            about = self._names.abouts[rule]
            severity = self._severities(span.source.path).get(rule, about.severity)
            yield noted(about, severity, span, message, value)


def noted(about: About, severity: Severity, span: Span, message: str, value: str | None) -> Finding:
    """A finding about an ignore."""
    path = span.source.path
    format = "terraform" if path.endswith((".tf", ".tofu")) else "yaml"
    return Finding(about, severity, Confidence.DEFINITE, span, message, about.fix_in(format), value=value)


def is_date(text: str) -> bool:
    """Whether a text is a day as `YYYY-MM-DD`."""
    from datetime import date

    if len(text) != 10:
        return False
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
