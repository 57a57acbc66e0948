"""The report for programs, in the shape that the contract and `kms-lint schema report` fix.

It is built field by field: our own types can change, this cannot.
"""

from __future__ import annotations

from typing import Any

from kms_lint import __version__
from kms_lint.finding import Finding, Report, Spot, Summary, UnresolvedPlace
from kms_lint.formatters import Look, help_url, listed
from kms_lint.iam.kms import FACTS_DATE
from kms_lint.source import Source, Span

VERSION = 1
"""The version of the shape: within one, fields are only added."""


def render(report: Report, look: Look) -> str:
    """The whole report as one object."""
    import json

    said = {
        "version": VERSION,
        "tool": {"name": "kms-lint", "version": __version__, "facts": FACTS_DATE},
        "findings": [described(finding) for finding in listed(report)],
        "unresolved": [_unresolved(place) for place in report.unresolved],
        "notes": list(report.assumptions),
        "summary": summarized(report.summary),
    }
    return json.dumps(said, indent=2) + "\n"


def described(finding: Finding) -> dict[str, Any]:
    """One finding."""
    about = finding.about
    return {
        "rule": about.id,
        "title": about.title,
        "severity": str(finding.severity),
        "confidence": finding.confidence.value,
        "message": finding.message,
        "path": finding.span.source.path,
        **placed(finding.span),
        "kind": finding.kind,
        "resource": finding.resource,
        "construct": finding.construct,
        "statement": finding.statement,
        "value": finding.value,
        "related": [_related(spot) for spot in finding.related],
        "instances": list(finding.instances),
        "fingerprint": finding.fingerprint,
        "help": help_url(about),
        "fix": finding.fix,
        "edits": [{"path": span.source.path, **placed(span), "text": text} for span, text in finding.edits],
        "ignored": finding.ignored._asdict() if finding.ignored else None,
    }


def placed(span: Span) -> dict[str, dict[str, int]]:
    """Where a place starts, and where what follows it starts."""
    return {"start": _position(span.source, span.start), "end": _position(span.source, span.end)}


def summarized(summary: Summary) -> dict[str, Any]:
    """What was looked at."""
    return {
        "documents": summary.documents,
        "judged": summary.judged,
        "unresolved": summary.unresolved,
        "malformed": summary.malformed,
        "skipped": summary.skipped,
        "policies": summary.policies,
        "keys": summary.keys,
        "grants": summary.grants,
        "findings": dict(summary.findings),
        "ignored": summary.ignored,
    }


def _position(source: Source, offset: int) -> dict[str, int]:
    return source.position(offset)._asdict()


def _related(spot: Spot) -> dict[str, Any]:
    return {"path": spot.span.source.path, **placed(spot.span), "message": spot.label}


def _unresolved(place: UnresolvedPlace) -> dict[str, Any]:
    return place._asdict()
