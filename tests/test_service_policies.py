"""The key policies that AWS documents for its services: nothing above `info`, which says what AWS's own words leave open."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kms_lint import lint
from kms_lint.finding import Severity
from kms_lint.iam import service_access
from tests.conftest import PROJECT

FOLDER = PROJECT / "fixtures" / "service-policies"
SERVICES = sorted({use.service for use in service_access.uses()})
OWNERS: dict[str, dict[str, Any]] = {
    "nothing said": {},
    "the account is named": {"account": "111122223333"},
    "own accounts are named": {"own_accounts": ["111122223333"]},
}

OPEN = {
    # kms:CreateGrant without a condition: whoever has it may grant all of the key to anybody, as AWS shows it
    "bedrock": {("unrestricted-grants", "Makers of guardrails")},
    "eks": {
        ("unrestricted-grants", "Makers of clusters")
    },  # kms:GrantIsForAWSResource does not work there; the grantee can be named
    "personalize": {("unrestricted-grants", "The service and its role")},
    "securitylake": {("unrestricted-grants", "Whoever makes the lake")},
}
"""Rule and Sid of what AWS's own statements leave open, by service: it is `info`."""

DOUBTED = {
    # what may be open, or not work: shown with --include-possible
    "aiops": {("via-service-on-service-principal", "Alarms open investigations")},
    "cloudtrail": {("confused-deputy", "Trails are decrypted by the service")},
    "events": {("confused-deputy", "To a topic")},
    "personalize": {("confused-deputy", "The service and its role")},
    "ses": {("confused-deputy", "Notifications")},
}


def test_each_service_of_the_table_has_its_policy() -> None:
    assert sorted(path.stem for path in FOLDER.glob("*.json")) == SERVICES


def path_of(service: str) -> Path:
    return FOLDER / f"{service}.json"


@pytest.mark.parametrize("owner", OWNERS)
@pytest.mark.parametrize("service", SERVICES)
def test_a_documented_policy_is_clean(service: str, owner: str) -> None:
    report = lint(path_of(service), **OWNERS[owner])
    assert [finding for finding in report.findings if finding.severity > Severity.INFO] == []
    assert {(finding.about.id, finding.statement) for finding in report.findings} == OPEN.get(service, set())
    assert report.unresolved == ()


@pytest.mark.parametrize("service", SERVICES)
def test_what_documentation_leaves_open_is_possible_at_most(service: str) -> None:
    report = lint(path_of(service), include_possible=True)
    expected = OPEN.get(service, set()) | DOUBTED.get(service, set())
    assert {(finding.about.id, finding.statement) for finding in report.findings} == expected
