"""Keys on their way out: what a plan deletes or disables, what waits for its deletion, and who has the public key."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from kms_lint.api import lint

ID = "1234abcd-12ab-34cd-56ef-1234567890ab"
ARN = f"arn:aws:kms:us-east-1:111122223333:key/{ID}"


def plan(
    actions: list[str], before: Mapping[str, object] | None, after: Mapping[str, object] | None
) -> dict[str, object]:
    named = {"address": "aws_kms_key.k", "mode": "managed", "type": "aws_kms_key", "name": "k"}
    resources = [] if after is None else [{**named, "values": after}]
    change = {"actions": actions, "before": before, "after": after, "after_unknown": {}}
    return {
        "format_version": "1.2",
        "terraform_version": "1.9.0",
        "planned_values": {"root_module": {"resources": resources}},
        "resource_changes": [{**named, "change": change}],
    }


def described(**members: object) -> dict[str, object]:
    named = {"KeyId": ID, "Arn": ARN, "KeyManager": "CUSTOMER", "KeySpec": "SYMMETRIC_DEFAULT", "Origin": "AWS_KMS"}
    return {"KeyMetadata": {**named, "Enabled": False, **members}}


def told(folder: Path, select: str, **files: object) -> list[tuple[str, str]]:
    """Severity and message of what a rule finds."""
    for name, content in files.items():
        (folder / f"{name}.json").write_text(json.dumps(content))
    found = lint(str(folder), select=[select]).findings
    return [(str(each.severity), each.message) for each in found]


@pytest.mark.parametrize(
    "asked",
    [{"resources": [{"ARN": ARN}]}, {"requestParameters": {"keyId": ID}}],
    ids=["by its ARN", "by its id"],
)
def test_a_key_whose_public_key_somebody_has(tmp_path: Path, asked: dict[str, object]) -> None:
    record = {"eventSource": "kms.amazonaws.com", "eventName": "GetPublicKey", **asked}
    ((severity, message),) = told(
        tmp_path,
        "plan-deletes-key",
        plan=plan(["delete"], {"arn": ARN, "key_usage": "SIGN_VERIFY"}, None),
        trail={"Records": [record]},
    )
    assert severity == "critical"
    assert "its public key was given away, and whoever trusts it gets no new signatures" in message


@pytest.mark.parametrize(
    ("state", "expected"),
    [("PendingDeletion", ["high"]), ("PendingReplicaDeletion", ["high"]), ("Disabled", []), ("PendingImport", [])],
)
def test_a_key_that_waits_for_its_deletion(tmp_path: Path, state: str, expected: list[str]) -> None:
    key = described(KeyState=state, DeletionDate=1798106400.0)
    found = told(tmp_path, "deletion-scheduled", key=key)
    assert [severity for severity, _ in found] == expected
    assert all(" on 2026-12-24, unless CancelKeyDeletion" in message for _, message in found)


def test_an_asymmetric_key_that_waits_for_its_deletion(tmp_path: Path) -> None:
    key = described(KeyState="PendingDeletion", KeySpec="RSA_4096", KeyUsage="ENCRYPT_DECRYPT")
    ((severity, message),) = told(tmp_path, "deletion-scheduled", key=key)
    assert severity == "critical"
    assert "what others encrypt with it is lost" in message


@pytest.mark.parametrize(
    ("state", "expected"), [("Disabled", 1), ("PendingDeletion", 0), ("PendingImport", 0), ("Unavailable", 0)]
)
def test_only_what_somebody_disabled_is_disabled(tmp_path: Path, state: str, expected: int) -> None:
    assert len(told(tmp_path, "key-disabled", key=described(KeyState=state))) == expected


def test_a_plan_disables_a_key_that_is_there(tmp_path: Path) -> None:
    off = {"is_enabled": False}
    ((_, disabled),) = told(tmp_path, "key-disabled", plan=plan(["update"], {"is_enabled": True}, off))
    assert "the key is disabled" in disabled
    ((_, created),) = told(tmp_path, "key-disabled", plan=plan(["create"], None, off))
    assert "the key is created disabled" in created


def test_a_key_that_waits_for_its_deletion_need_not_rotate(tmp_path: Path) -> None:
    kept, ending = (
        {**described(KeyState=state), "KeyRotationEnabled": False} for state in ("Enabled", "PendingDeletion")
    )
    assert told(tmp_path, "rotation-disabled", key=kept)
    assert told(tmp_path, "rotation-disabled", key=ending) == []
