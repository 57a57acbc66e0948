"""The rules cover the page on KMS and the checks of other tools, and the tables about it are true."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kms_lint import coverage, load
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
    assert "    AWS-0153: no rule: alarms" in printed


def test_each_input_of_the_page_is_read(tmp_path: Path) -> None:
    """Keys of every kind and state, their aliases, grants, key stores and logs: what the headings speak of is understood."""
    (tmp_path / "main.tf").write_text("""
resource "aws_kms_key" "plain" {
  multi_region = true
}
resource "aws_kms_key" "mac" {
  customer_master_key_spec = "HMAC_256"
  key_usage                = "GENERATE_VERIFY_MAC"
}
resource "aws_kms_key" "signing" {
  customer_master_key_spec = "ECC_NIST_P256"
  key_usage                = "SIGN_VERIFY"
}
resource "aws_kms_key" "store" {
  custom_key_store_id = "cks-1234567890abcdef0"
}
resource "aws_kms_key" "outside" {
  custom_key_store_id = "cks-1234567890abcdef0"
  xks_key_id          = "a"
}
resource "aws_kms_external_key" "imported" {
  valid_to = "2027-01-01T00:00:00Z"
}
resource "aws_kms_replica_key" "replica" {
  primary_key_arn = aws_kms_key.plain.arn
}
resource "aws_kms_alias" "name" {
  name          = "alias/orders"
  target_key_id = aws_kms_key.plain.key_id
}
resource "aws_kms_grant" "grant" {
  key_id            = aws_kms_key.plain.key_id
  grantee_principal = "arn:aws:iam::111122223333:role/app"
  operations        = ["Decrypt"]
}
resource "aws_cloudtrail" "trail" {
  s3_bucket_name = "logs"
  event_selector {
    exclude_management_event_sources = ["kms.amazonaws.com"]
  }
}
resource "aws_kms_custom_key_store" "store" {
  key_store_password = "swordfish"
}
resource "aws_sqs_queue" "queue" {
  kms_master_key_id = "alias/aws/sqs"
}
""")
    (tmp_path / "key.json").write_text(
        '{"KeyMetadata": {"KeyId": "1234abcd-12ab-34cd-56ef-1234567890ab", "KeyManager": "AWS", "KeyState": "PendingDeletion"}}'
    )
    documents = load(tmp_path).documents
    keys = {key.address: key for document in documents for key in document.keys}
    said = {address: {name: each.value for name, each in key.settings.items()} for address, key in keys.items()}
    assert said["aws_kms_key.plain"]["multi_region"]
    assert said["aws_kms_key.mac"]["spec"] == "HMAC_256"
    assert said["aws_kms_key.signing"]["usage"] == "SIGN_VERIFY"
    assert said["aws_kms_key.store"]["custom_key_store"]
    assert said["aws_kms_key.outside"]["origin"] == "EXTERNAL_KEY_STORE"
    assert said["aws_kms_external_key.imported"]["valid_to"] == "2027-01-01T00:00:00Z"
    assert keys["aws_kms_replica_key.replica"].replica
    assert (
        said["1234abcd-12ab-34cd-56ef-1234567890ab"] | {"state": "PendingDeletion", "manager": "AWS"}
        == (said["1234abcd-12ab-34cd-56ef-1234567890ab"])
    )
    assert [str(each.name) for document in documents for each in document.aliases] == ["alias/orders"]
    assert [each.address for document in documents for each in document.grants] == ["aws_kms_grant.grant"]
    assert [each.address for document in documents for each in document.trails] == ["aws_cloudtrail.trail"]
    assert [each.address for document in documents for each in document.secrets] == ["aws_kms_custom_key_store.store"]
    assert [str(each.key) for document in documents for each in document.consumers] == ["alias/aws/sqs"]
