"""The rules cover the page on KMS and the checks of other tools, and the tables about it are true."""

from __future__ import annotations

import json

import pytest

from kms_lint import coverage
from kms_lint.finding import About
from kms_lint.library import described
from kms_lint.peers import TOOLS, Tool, by_rule
from tests.conftest import PROJECT, kms_lint

ABOUTS = {about.id: about for about in described()}
HEADINGS = (
    *(
        "KMS keys",
        "Customer managed keys",
        "Imported keys",
        "AWS managed keys",
        "AWS owned keys",
        "Logging",
        "Key policy",
    ),
    *("Grants", "Alias", "Key rotation", "Rotation of imported keys", "kms:ViaService", "Enabling and disabling keys"),
    *("Key deletion", "Deletion of asymmetric keys", "Cryptographic erasure", "Disable key instead of deleting"),
    "Do not grant users CreateKey permissions unless necessary",
    "Use key ARNs as Resource in IAM policies",
)
"""The headings and best practices of the page on KMS that the tool turns into checks."""


@pytest.mark.parametrize("heading", HEADINGS)
def test_each_heading_of_the_page_is_covered(heading: str) -> None:
    concept = next(each for each in coverage.CONCEPTS if each.name == heading)
    assert concept.inputs
    assert coverage.of_concept(concept, ABOUTS.values()) or heading == "AWS owned keys"


@pytest.mark.parametrize("about", ABOUTS.values(), ids=lambda about: about.id)
def test_a_rule_is_about_a_concept_that_is_known(about: About) -> None:
    assert about.concept in {each.name for each in coverage.CONCEPTS}


@pytest.mark.parametrize("about", ABOUTS.values(), ids=lambda about: about.id)
def test_the_equivalents_of_a_rule_are_those_of_the_table(about: About) -> None:
    table = {id for _, id in by_rule().get(about.id, ())}
    assert set(about.equivalents) == table


@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.name)
def test_each_check_of_a_tool_has_a_rule_or_a_reason(tool: Tool) -> None:
    for check in tool.checks:
        assert bool(check.rules) is not bool(check.why_not), check.ids
        assert [rule for rule in check.rules if rule not in ABOUTS] == []


def test_the_coverage_as_json() -> None:
    said = json.loads(kms_lint("rules", "--coverage", "--format", "json", cwd=PROJECT).stdout)
    checkov = next(tool for tool in said["tools"] if tool["name"] == "checkov")
    assert checkov["checks"][0] == {
        "ids": ["CKV_AWS_33"],
        "about": "a key policy without a wildcard principal",
        "rules": ["public-principal"],
        "why_not": None,
    }
    owned = next(each for each in said["concepts"] if each["name"] == "Deletion of asymmetric keys")
    assert owned["rules"] == ["plan-deletes-key", "deletion-scheduled"]


def test_the_coverage_as_text() -> None:
    printed = kms_lint("rules", "--coverage", cwd=PROJECT).stdout.decode()
    assert "  Logging\n    read: trails" in printed
    assert "    CKV_AWS_7: rotation-disabled\n" in printed
    assert "    AWS-0153: no rule, for alarms" in printed
