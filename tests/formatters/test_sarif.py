"""SARIF: what readers use of it. Microsoft's validator has its own test."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from kms_lint.finding import Ignored, Report
from kms_lint.formatters import Look
from kms_lint.formatters.sarif import render
from kms_lint.source import Source
from tests.formatters.reports import FINDING, IGNORED, POSSIBLE, REPORT, SUMMARY, at, span


def run(report: Report, look: Look = Look()) -> dict[str, Any]:  # noqa: B008
    said: dict[str, Any] = json.loads(render(report, look))
    assert said["version"] == "2.1.0"
    (only,) = said["runs"]
    return dict(only)


def test_a_result_has_its_place_its_resource_and_its_fingerprint() -> None:
    (result,) = run(REPORT)["results"]
    (location,) = result["locations"]
    assert location["physicalLocation"] == {
        "artifactLocation": {"uri": "infra/keys.tf"},
        "region": {"startLine": 3, "startColumn": 50, "endLine": 3, "endColumn": 53},
    }
    assert location["logicalLocations"] == [{"fullyQualifiedName": "aws_kms_key.payments", "kind": "resource"}]
    assert result["partialFingerprints"] == {"kmsLint/v1": "7d1c"}
    assert result["level"] == "error"
    assert result["relatedLocations"][0]["message"] == {"text": "the key"}
    assert "suppressions" not in result


def test_a_rule_has_what_github_asks_for() -> None:
    (rule,) = run(REPORT)["tool"]["driver"]["rules"]
    assert rule["id"] == "public-principal"
    assert rule["name"] == "PublicPrincipal"
    assert rule["help"]["text"] == "Anyone can use it.\n\nFix: Name the principals"
    assert rule["properties"]["security-severity"] == "9.5"
    assert rule["helpUri"].endswith("/rules/public-principal/")


def test_what_could_not_be_judged_is_a_notification() -> None:
    (note,) = run(REPORT)["invocations"][0]["toolExecutionNotifications"]
    assert note["level"] == "note"
    assert "var.policy" in note["message"]["text"]
    assert note["locations"][0]["physicalLocation"]["region"] == {"startLine": 40}


def test_ignored_results_say_by_what() -> None:
    inline = replace(IGNORED, ignored=Ignored(None, "infra/keys.tf", 2))
    results = run(Report((POSSIBLE,), (), SUMMARY, ignored=(IGNORED, inline)))["results"]
    assert [result["suppressions"] for result in results] == [
        [],
        [{"kind": "external", "status": "accepted", "justification": "ticket SEC-41"}],
        [{"kind": "inSource", "status": "accepted"}],
    ]


def test_uris_are_escaped_and_seen_from_the_root_of_the_repository() -> None:
    report = at('"*"', '"*"', path="my keys/ä#1.json")
    (result,) = run(report, Look(prefix="live/"))["results"]
    location = result["locations"][0]["physicalLocation"]
    assert location["artifactLocation"]["uri"] == "live/my%20keys/%C3%A4%231.json"


def test_placeholders_and_links_in_messages_are_text() -> None:
    (result,) = run(at('"*"', '"*"', message="{0} [click](https://example.org)"))["results"]
    assert result["message"]["text"].endswith("{{0}} \\[click\\](https://example.org).")


def test_edits_are_fixes() -> None:
    source = Source("a.json", '{"Principal": "*"}')
    finding = replace(FINDING, span=span(source, '"*"'), related=(), edits=((span(source, '"*"'), '{"AWS": []}'),))
    (result,) = run(Report((finding,), (), SUMMARY))["results"]
    (change,) = result["fixes"][0]["artifactChanges"]
    assert change["replacements"] == [
        {
            "deletedRegion": {"startLine": 1, "startColumn": 15, "endLine": 1, "endColumn": 18},
            "insertedContent": {"text": '{"AWS": []}'},
        }
    ]
