"""Annotations on a pull request, by workflow commands.

https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
"""

from __future__ import annotations

from kms_lint.finding import Confidence, Finding, Report, Severity
from kms_lint.formatters import Look, help_url, listed, rooted
from kms_lint.formatters.visible import escaped

_ESCAPES = {"%": "%25", "\r": "%0D", "\n": "%0A"}
_COMMANDS = {
    Severity.CRITICAL: "error",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "notice",
    Severity.INFO: "notice",
}


def render(report: Report, look: Look) -> str:
    """One workflow command for each finding that is not ignored."""
    return "".join(f"{command(finding, look)}\n" for finding in listed(report) if not finding.ignored)


def command(finding: Finding, look: Look) -> str:
    """One finding. GitHub reads columns only where a place ends on the line it starts on."""
    source = finding.span.source
    start, end = source.position(finding.span.start), source.position(finding.span.end)
    properties = {"file": rooted(source.path, look), "line": str(start.line), "endLine": str(end.line)}
    if start.line == end.line:
        properties |= {"col": str(start.column), "endColumn": str(end.column)}
    properties["title"] = f"{finding.severity}[{finding.about.id}]: {finding.about.title}"
    sure = "" if finding.confidence is Confidence.DEFINITE else " (possible)"
    message = f"{finding.message}{sure}\nfix: {' '.join(finding.fix.split())}\n{help_url(finding.about)}"
    listing = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"::{_COMMANDS[finding.severity]} {listing}::{_data(message)}"


def _data(text: str) -> str:
    return "".join(_ESCAPES.get(each) or (each if each.isprintable() else escaped(each)) for each in text)


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
