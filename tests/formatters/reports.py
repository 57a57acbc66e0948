"""A report made by hand, for all formats."""

from __future__ import annotations

from dataclasses import replace

from kms_lint.finding import (
    About,
    Confidence,
    Finding,
    Ignored,
    Report,
    Severity,
    Spot,
    Summary,
    UnresolvedPlace,
)
from kms_lint.source import Source, Span

KEYS = Source(
    "infra/keys.tf",
    'resource "aws_kms_key" "payments" {\n'
    "  policy = jsonencode({\n"
    '    Statement = [{ Sid = "AllowUse", Principal = "*" }]\n'
    "  })\n"
    "}\n",
)
PUBLIC = About(
    id="public-principal",
    title="A key policy statement lets in anyone",
    severity=Severity.CRITICAL,
    why="Anyone can\nuse it.",
    fix={"any": "Name the principals"},
    references=("https://docs.aws.amazon.com/kms/",),
    since="0.1.0",
    equivalents=("CKV_AWS_33",),
)


def span(source: Source, text: str, end: str | None = None) -> Span:
    """Where a text stands, up to the end of another one."""
    start = source.text.index(text)
    return Span(source, start, start + len(text) if end is None else source.text.index(end) + len(end))


FINDING = Finding(
    about=PUBLIC,
    severity=Severity.CRITICAL,
    confidence=Confidence.DEFINITE,
    span=span(KEYS, '"*"'),
    message="anyone in any AWS account",
    fix="Name the principals",
    kind="key-policy",
    resource="aws_kms_key.payments",
    statement="AllowUse",
    value="*",
    related=(Spot(span(KEYS, 'resource "aws_kms_key" "payments"'), "the key"),),
    fingerprint="7d1c",
)
POSSIBLE = replace(
    FINDING, severity=Severity.LOW, confidence=Confidence.POSSIBLE, related=(), statement="[2]", fingerprint="7d1d"
)
IGNORED = replace(FINDING, ignored=Ignored("ticket SEC-41", "kms-lint.yaml", 3), fingerprint="7d1e")
SUMMARY = Summary(
    documents=12, judged=10, unresolved=1, skipped=1, policies=9, keys=4, grants=2, findings={"critical": 1}
)
UNRESOLVED = UnresolvedPlace("infra/keys.tf", 40, "aws_kms_key.logs", "var.policy", "only known when deployed")
REPORT = Report((FINDING,), (UNRESOLVED,), SUMMARY)


def at(text: str, marked: str, path: str = "a.json", **changes: object) -> Report:
    """A report of one finding at a part of a text."""
    source = Source(path, text)
    return Report((replace(FINDING, span=span(source, marked), related=(), **changes),), (), SUMMARY)  # type: ignore[arg-type]
