"""One line a finding, as editors and grep like it."""

from __future__ import annotations

from kms_lint.finding import Confidence, Finding, Report
from kms_lint.formatters import Look, listed
from kms_lint.formatters.visible import visible


def render(report: Report, look: Look) -> str:
    """`path:line:column: severity[rule] message` for each finding."""
    return "".join(f"{line(finding)}\n" for finding in listed(report))


def line(finding: Finding) -> str:
    """One finding."""
    source = finding.span.source
    row, column = source.position(finding.span.start)
    remarks = ["possible"] if finding.confidence is Confidence.POSSIBLE else []
    remarks += ["ignored"] if finding.ignored else []
    remark = f" ({', '.join(remarks)})" if remarks else ""
    where = f"{visible(source.path)}:{row}:{column}"
    made = f" [construct {visible(finding.construct)}]" if finding.construct else ""
    return f"{where}: {finding.severity}[{finding.about.id}] {visible(finding.message)}{made}{remark}"
