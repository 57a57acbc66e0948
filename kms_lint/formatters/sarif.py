"""SARIF 2.1.0, as GitHub code scanning and its like read it: only fields that somebody reads.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning
"""

from __future__ import annotations

from typing import Any

from kms_lint import __version__
from kms_lint.finding import About, Finding, Report, Severity, UnresolvedPlace
from kms_lint.formatters import Look, help_url, listed, rooted
from kms_lint.formatters.visible import visible
from kms_lint.source import Span

HOME = "https://kms-lint.readthedocs.io/en/latest/"
_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS = {
    Severity.CRITICAL: "error",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "note",
    Severity.INFO: "note",
}
_SCORES = {
    Severity.CRITICAL: "9.5",
    Severity.HIGH: "8.0",
    Severity.MEDIUM: "5.5",
    Severity.LOW: "2.0",
    Severity.INFO: "0.1",
}
"""What GitHub shows as critical (above 9), high, medium and low; 0.0 would mean that it is no security matter."""

_CONFIGURATION = ("kms-lint.yaml", ".kms-lint.yaml", "kms-lint.yml", ".kms-lint.yml", "pyproject.toml")


def render(report: Report, look: Look) -> str:
    """One run with its rules and results, and a notification for each place that could not be judged in full."""
    import json

    findings = listed(report)
    rules = {finding.about.id: finding.about for finding in findings}
    index = {id: place for place, id in enumerate(sorted(rules))}
    gravest = {finding.about.id: finding.severity for finding in sorted(findings, key=lambda one: one.severity)}
    run = {
        "tool": {"driver": _driver([_rule(rules[id], gravest[id]) for id in index])},
        "automationDetails": {"id": "kms-lint/"},
        "invocations": [
            {
                "executionSuccessful": True,
                "toolExecutionNotifications": [_notification(place, look) for place in report.unresolved],
            }
        ],
        "columnKind": "unicodeCodePoints",
        "results": [_result(finding, index, look, bool(report.ignored)) for finding in findings],
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _driver(rules: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "name": "kms-lint",
        "version": __version__,
        "semanticVersion": __version__,
        "informationUri": HOME,
        "rules": rules,
    }


def _rule(about: About, severity: Severity) -> dict[str, Any]:
    why, fix = " ".join(about.why.split()), " ".join(about.fix["any"].split())
    references = "\n".join(f"- <{reference}>" for reference in about.references)
    return {
        "id": about.id,
        "name": "".join(word.capitalize() for word in about.id.split("-")),
        "shortDescription": {"text": f"{about.title}."},
        "fullDescription": {"text": why},
        "help": {
            "text": f"{why}\n\nFix: {fix}",
            "markdown": f"{why}\n\n**Fix.** {fix}\n\n{references}",
        },
        "helpUri": help_url(about),
        "defaultConfiguration": {"level": _LEVELS[severity]},
        "messageStrings": {"default": {"text": "{0}."}},
        "properties": {
            "tags": ["security", "aws", "kms"],
            "precision": "high",
            "problem.severity": {"error": "error", "warning": "warning"}.get(_LEVELS[severity], "recommendation"),
            "security-severity": _SCORES[severity],
        },
    }


def _result(finding: Finding, index: dict[str, int], look: Look, some_ignored: bool) -> dict[str, Any]:
    message = f"{finding.about.title}: {visible(finding.message)}"
    location: dict[str, Any] = {"physicalLocation": _physical(finding.span, look)}
    if finding.resource:
        location["logicalLocations"] = [{"fullyQualifiedName": visible(finding.resource), "kind": "resource"}]
    if finding.construct:
        location.setdefault("logicalLocations", []).append(
            {"fullyQualifiedName": visible(finding.construct), "kind": "construct"}
        )
    result: dict[str, Any] = {
        "ruleId": finding.about.id,
        "ruleIndex": index[finding.about.id],
        "level": _LEVELS[finding.severity],
        "message": {"id": "default", "arguments": [message], "text": f"{_plain(message)}."},
        "locations": [location],
        "partialFingerprints": {"kmsLint/v1": finding.fingerprint},
        "properties": {"confidence": finding.confidence.value, "severity": str(finding.severity)},
    }
    if finding.related:
        result["relatedLocations"] = [
            {
                "id": number,
                "message": {"text": _plain(visible(spot.label))},
                "physicalLocation": _physical(spot.span, look),
            }
            for number, spot in enumerate(finding.related, 1)
        ]
    if finding.edits:
        result["fixes"] = [_fix(finding, look)]
    if some_ignored:
        result["suppressions"] = _suppressions(finding)
    return result


def _physical(span: Span, look: Look) -> dict[str, Any]:
    return {"artifactLocation": {"uri": _uri(span.source.path, look)}, "region": _region(span)}


def _region(span: Span) -> dict[str, int]:
    start, end = span.source.position(span.start), span.source.position(span.end)
    return {"startLine": start.line, "startColumn": start.column, "endLine": end.line, "endColumn": end.column}


def _uri(path: str, look: Look) -> str:
    from urllib.parse import quote

    return quote(rooted(path, look).encode("utf-8", "replace"), safe="/")


def _fix(finding: Finding, look: Look) -> dict[str, Any]:
    changes: dict[str, list[dict[str, Any]]] = {}
    for span, text in finding.edits:
        replacement = {"deletedRegion": _region(span), "insertedContent": {"text": text}}
        changes.setdefault(_uri(span.source.path, look), []).append(replacement)
    return {
        "description": {"text": _plain(" ".join(finding.fix.split()))},
        "artifactChanges": [
            {"artifactLocation": {"uri": uri}, "replacements": replacements} for uri, replacements in changes.items()
        ],
    }


def _suppressions(finding: Finding) -> list[dict[str, Any]]:
    """Empty for a finding that is not ignored: left out, it would not be known."""
    if finding.ignored is None:
        return []
    by_configuration = finding.ignored.path.rpartition("/")[2] in _CONFIGURATION
    kind = "external" if by_configuration else "inSource"
    reason = {"justification": finding.ignored.reason} if finding.ignored.reason else {}
    return [{"kind": kind, "status": "accepted", **reason}]


def _notification(place: UnresolvedPlace, look: Look) -> dict[str, Any]:
    text = visible(f"{place.resource} could not be judged in full: {place.expression}: {place.message}")
    where = {"artifactLocation": {"uri": _uri(place.path, look)}, "region": {"startLine": place.line}}
    return {"level": "note", "message": {"text": _plain(text)}, "locations": [{"physicalLocation": where}]}


def _plain(text: str) -> str:
    """Text in which SARIF sees neither placeholders nor links (sections 3.11.5 and 3.11.6)."""
    text = text.replace("{", "{{").replace("}", "}}")
    return text.replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]") if "](" in text else text
