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
    "appfabric": {("unrestricted-grants", "Makers of app bundles")},
    "bedrock": {("unrestricted-grants", "Makers of guardrails")},
    "eks": {
        ("unrestricted-grants", "Makers of clusters")
    },  # kms:GrantIsForAWSResource does not work there; the grantee can be named
    "m2": {("unrestricted-grants", "Makers of applications")},
    "personalize": {("unrestricted-grants", "The service and its role")},
    "securitylake": {("unrestricted-grants", "Whoever makes the lake")},
}
"""Rule and Sid of what AWS's own statements leave open, by service: it is `info`."""

GRAVE = {
    # AWS shows this in an IAM policy only; a statement with nothing but kms:CreateGrant is what the rule is there for
    "comprehend": {("unrestricted-grants", "Volumes of jobs")},
}
"""Likewise, above `info`."""

DOUBTED = {
    # what may be open, or not work: shown with --include-possible
    "aiops": {("via-service-on-service-principal", "Alarms open investigations")},
    "cloudtrail": {("confused-deputy", "Trails are decrypted by the service")},
    "events": {("confused-deputy", "To a topic")},
    "groundstation": {("confused-deputy", "Ephemerides of one ground station")},
    "logs": {("confused-deputy", "Exports to a bucket")},
    "omics": {("confused-deputy", "Stores of sequences")},
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
    found = {(finding.about.id, finding.statement, finding.severity > Severity.INFO) for finding in report.findings}
    grave, informed = GRAVE.get(service, set()), OPEN.get(service, set())
    assert found == {(*each, True) for each in grave} | {(*each, False) for each in informed}
    assert report.unresolved == ()


@pytest.mark.parametrize("service", SERVICES)
def test_what_documentation_leaves_open_is_possible_at_most(service: str) -> None:
    report = lint(path_of(service), include_possible=True)
    expected = OPEN.get(service, set()) | GRAVE.get(service, set()) | DOUBTED.get(service, set())
    assert {(finding.about.id, finding.statement) for finding in report.findings} == expected
