"""The findings for programs that read one line at a time."""

from __future__ import annotations

from kms_lint.finding import Report
from kms_lint.formatters import Look, listed
from kms_lint.formatters.json import described


def render(report: Report, look: Look) -> str:
    """Each finding as one object on one line, as it stands in the JSON report."""
    import json

    return "".join(f"{json.dumps(described(finding))}\n" for finding in listed(report))
