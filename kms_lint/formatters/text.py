"""For people: each finding with the lines it is about, how to mend it, and what could not be judged."""

from __future__ import annotations

from collections.abc import Iterator

from kms_lint.finding import Confidence, Finding, Report, Severity, UnresolvedPlace
from kms_lint.formatters import Look, help_url, listed
from kms_lint.formatters.frame import Excerpt, excerpt, secret
from kms_lint.formatters.visible import visible
from kms_lint.source import Span

_COLORS = {
    Severity.CRITICAL: "1;31",
    Severity.HIGH: "31",
    Severity.MEDIUM: "33",
    Severity.LOW: "36",
    Severity.INFO: "34",
}
_FRAME = "34"
_BOLD = "1"
_SHOWN = 10
"""The most instances, unresolved places and notes that are listed; more of the latter where more is asked for."""


def render(report: Report, look: Look) -> str:
    """All findings, then what could not be judged in full, then one line on what was looked at."""
    lines = [line for finding in listed(report) for line in (*shown(finding, look), "")]
    if look.verbosity >= 0:
        lines += unresolved(report.unresolved, look)
        lines += noted(report.assumptions, look)
        lines.append(painted(summary(report), _BOLD, look))
    return "".join(f"{line}\n" for line in lines)


def shown(finding: Finding, look: Look) -> Iterator[str]:
    """One finding."""
    color = _COLORS[finding.severity]
    hidden = secret(finding)
    main = excerpt(finding.span, hidden)
    others = [(spot, excerpt(spot.span, hidden and spot.span == finding.span)) for spot in finding.related]
    gutter = len(str(max(main.line, *(other.line for _, other in others)) if others else main.line))
    sure = "" if finding.confidence is Confidence.DEFINITE else " (possible)"
    yield painted(f"{finding.severity}[{finding.about.id}]", color, look) + painted(
        f"{sure}: {visible(finding.about.title)}", _BOLD, look
    )
    yield from framed(finding.span, main, finding.message, "-->", color, gutter, look)
    for spot, other in others:
        yield from framed(spot.span, other, spot.label, ":::", _FRAME, gutter, look)
    for name, words in facts(finding, look):
        yield f"{' ' * gutter} {painted('=', _FRAME, look)} {painted(name, _BOLD, look)}: {visible(words)}"


def framed(span: Span, lines: Excerpt, label: str, arrow: str, color: str, gutter: int, look: Look) -> Iterator[str]:
    """A place: where it is, its line, carets and a few words."""
    margin = " " * gutter
    bar = painted("|", _FRAME, look)
    where = f"{visible(span.source.path)}:{lines.line}:{lines.column}"
    yield f"{margin}{painted(arrow, _FRAME, look)} {where}"
    yield f"{margin} {bar}"
    yield f"{painted(str(lines.line).rjust(gutter), _FRAME, look)} {bar} {lines.text}".rstrip()
    indent = len(lines.carets) - len(lines.carets.lstrip())
    carets = lines.carets.strip() + ("…" if lines.more else "")
    yield f"{margin} {bar} {' ' * indent}{painted(f'{carets} {visible(label)}', color, look)}"


def facts(finding: Finding, look: Look) -> Iterator[tuple[str, str]]:
    """What belongs to a finding besides its places."""
    made = f" (construct {finding.construct})" if finding.construct else ""
    where = [f"{finding.resource or ''}{made}", f"statement {_called(finding.statement)}" if finding.statement else ""]
    if any(where):
        yield "in", ", ".join(part for part in where if part) + (f" ({finding.kind})" if finding.kind else "")
    if finding.instances:
        others = len(finding.instances) - _SHOWN
        shown = ", ".join(finding.instances[:_SHOWN]) + (f" and {others} more" if others > 0 else "")
        yield "also", f"{len(finding.instances)} instances: {shown}"
    if finding.ignored:
        reason = f": {finding.ignored.reason}" if finding.ignored.reason else ""
        yield "ignored", f"by {finding.ignored.path}:{finding.ignored.line}{reason}"
    if look.verbosity > 0:
        yield "why", " ".join(finding.about.why.split())
    yield "fix", " ".join(finding.fix.split())
    yield "help", help_url(finding.about)


def _called(statement: str) -> str:
    """What people call a statement: its Sid, or which of the policy it is, from 1, where a report has `[0]`."""
    index = statement[1:-1]
    return f"{int(index) + 1}" if statement == f"[{index}]" and index.isdecimal() else statement


def unresolved(places: tuple[UnresolvedPlace, ...], look: Look) -> Iterator[str]:
    """What could not be judged in full, and why."""
    if not places:
        return
    yield painted("not judged in full:", _BOLD, look)
    limit = len(places) if look.verbosity > 0 else _SHOWN
    for place in places[:limit]:
        named = visible(f"{place.path}:{place.line}: {place.resource}: {place.expression}: {place.message}")
        yield f"  {named}"
    if len(places) > limit:
        yield f"  and {len(places) - limit} more: see them with -v or --format json"
    yield ""


def noted(notes: tuple[str, ...], look: Look) -> Iterator[str]:
    """What was guessed or passed over."""
    limit = len(notes) if look.verbosity > 0 else _SHOWN
    for note in notes[:limit]:
        yield f"{painted('note', _BOLD, look)}: {visible(note)}"
    if len(notes) > limit:
        yield f"{painted('note', _BOLD, look)}: and {len(notes) - limit} more: see them with -v or --format json"
    if notes:
        yield ""


def summary(report: Report) -> str:
    """What was looked at and found, in one line."""
    counted = report.summary
    total = sum(counted.findings.values())
    by_level = ", ".join(f"{number} {level}" for level, number in counted.findings.items())
    found = f"{_count(total, 'finding')} ({by_level})" if total else "no findings"
    files = [
        f"{counted.judged} judged",
        f"{counted.unresolved} not in full" if counted.unresolved else "",
        f"{counted.malformed} malformed" if counted.malformed else "",
        f"{counted.skipped} skipped" if counted.skipped else "",
    ]
    ignored = f", {counted.ignored} ignored" if counted.ignored else ""
    things = (_count(counted.policies, "policy"), _count(counted.keys, "key"), _count(counted.grants, "grant"))
    looked_at = ", ".join(part for part in files if part)
    return f"{found}{ignored} in {_count(counted.documents, 'file')}: {looked_at}; {', '.join(things)}"


def painted(text: str, color: str, look: Look) -> str:
    """The text in a colour, when colours are wanted."""
    return f"\x1b[{color}m{text}\x1b[0m" if look.color and text else text


def _count(number: int, name: str) -> str:
    if number == 1:
        return f"1 {name}"
    return f"{number} {name[:-1]}ies" if name.endswith("cy") else f"{number} {name}s"
