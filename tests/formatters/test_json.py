"""The JSON report: the shape of the contract, field by field, and its own schema."""

from __future__ import annotations

import json
from dataclasses import replace

import jsonschema
import pytest

from kms_lint.finding import Report
from kms_lint.formatters import Look
from kms_lint.formatters.json import render
from kms_lint.formatters.jsonl import render as lines
from kms_lint.formatters.report_schema import SCHEMA
from tests.formatters.reports import FINDING, IGNORED, POSSIBLE, REPORT, SUMMARY, span

SAID = {
    "rule": "public-principal",
    "title": "A key policy statement lets in anyone",
    "severity": "critical",
    "confidence": "definite",
    "message": "anyone in any AWS account",
    "path": "infra/keys.tf",
    "start": {"line": 3, "column": 50},
    "end": {"line": 3, "column": 53},
    "kind": "key-policy",
    "resource": "aws_kms_key.payments",
    "construct": None,
    "statement": "AllowUse",
    "value": "*",
    "related": [
        {
            "path": "infra/keys.tf",
            "start": {"line": 1, "column": 1},
            "end": {"line": 1, "column": 34},
            "message": "the key",
        }
    ],
    "instances": [],
    "fingerprint": "7d1c",
    "help": "https://kms-lint.readthedocs.io/en/latest/rules/public-principal/",
    "fix": "Name the principals",
    "edits": [],
    "ignored": None,
}


def test_the_whole_report() -> None:
    said = json.loads(render(REPORT, Look()))
    assert said == {
        "version": 1,
        "tool": {"name": "kms-lint", "version": "0.1.0", "facts": "2026-11"},
        "findings": [SAID],
        "unresolved": [
            {
                "path": "infra/keys.tf",
                "line": 40,
                "resource": "aws_kms_key.logs",
                "expression": "var.policy",
                "message": "only known when deployed",
            }
        ],
        "notes": [],
        "summary": {
            "documents": 12,
            "judged": 10,
            "unresolved": 1,
            "malformed": 0,
            "skipped": 1,
            "policies": 9,
            "keys": 4,
            "grants": 2,
            "findings": {"critical": 1},
            "ignored": 0,
        },
    }
    assert list(said["findings"][0]) == list(SAID)


def test_what_is_ignored_stands_in_its_place() -> None:
    said = json.loads(render(Report((POSSIBLE,), (), SUMMARY, ignored=(IGNORED,)), Look()))
    assert [each["ignored"] for each in said["findings"]] == [
        None,
        {"reason": "ticket SEC-41", "path": "kms-lint.yaml", "line": 3},
    ]


EDIT = replace(FINDING, edits=((span(FINDING.span.source, '"*"'), "var.principal"),))
REPORTS = [REPORT, Report(), Report((POSSIBLE, EDIT), (), SUMMARY, ignored=(IGNORED,))]


@pytest.mark.parametrize("report", REPORTS, ids=["whole", "empty", "ignored, possible and edits"])
def test_the_report_follows_its_schema(report: Report) -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    jsonschema.validate(json.loads(render(report, Look())), SCHEMA)


def test_a_line_is_a_finding_of_the_report() -> None:
    text = lines(Report((FINDING, POSSIBLE), (), SUMMARY), Look())
    assert [json.loads(line)["fingerprint"] for line in text.splitlines()] == ["7d1c", "7d1d"]
    assert json.loads(text.splitlines()[0]) == SAID


def test_nothing_that_a_terminal_acts_on_is_in_the_bytes() -> None:
    report = Report((replace(FINDING, value="\x1b[31m\u202e", message="\x07"),), (), SUMMARY)
    for text in (render(report, Look()), lines(report, Look())):
        assert text.isascii()
        assert not set(text) & {chr(number) for number in range(32) if number != 10}
