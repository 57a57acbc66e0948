"""Aliases that a plan moves to another key."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from kms_lint.api import lint
from kms_lint.iam import specs

OLD, NEW = "1234abcd-12ab-34cd-56ef-1234567890ab", "0987dcba-09fe-87dc-65ba-ab0987654321"
ARN = "arn:aws:kms:us-east-1:111122223333:key/"
SYMMETRIC = ("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT")
SIGNING = ("RSA_4096", "SIGN_VERIFY")


def resource(address: str, values: dict[str, Any]) -> dict[str, Any]:
    type, name = address.split(".")
    return {"address": address, "mode": "managed", "type": type, "name": name, "values": values}


def change(address: str, actions: list[str], before: dict[str, Any], after: Any, unknown: Any = None) -> dict[str, Any]:
    type, name = address.split(".")
    said = {"actions": actions, "before": before, "after": after, "after_unknown": unknown or {}}
    return {"address": address, "mode": "managed", "type": type, "name": name, "change": said}


def key(id: str, spec: tuple[str, str]) -> dict[str, Any]:
    return {"key_id": id, "arn": ARN + id, "customer_master_key_spec": spec[0], "key_usage": spec[1]}


def moved(tmp_path: Path, old: tuple[str, str], new: tuple[str, str], deleted: bool, actions: list[str]) -> list[str]:
    """What is found when an alias is moved from one key to another, and the old one stays or is deleted."""
    before, after = {"name": "alias/a", "target_key_id": OLD}, {"name": "alias/a", "target_key_id": ARN + NEW}
    values = [resource("aws_kms_key.new", key(NEW, new)), resource("aws_kms_alias.a", after)]
    changes = [change("aws_kms_alias.a", actions, before, after)]
    if deleted:
        changes.append(change("aws_kms_key.old", ["delete"], key(OLD, old), None))
    else:
        values.append(resource("aws_kms_key.old", key(OLD, old)))
    plan = {
        "format_version": "1.2",
        "terraform_version": "1.9.0",
        "resource_changes": changes,
        "planned_values": {"root_module": {"resources": values}},
    }
    (tmp_path / "plan.json").write_text(json.dumps(plan))
    return [each.message for each in lint(tmp_path, select=["alias-target"]).findings]


@pytest.mark.parametrize("deleted", [False, True], ids=["the old key stays", "the old key is deleted"])
def test_an_alias_is_moved_to_a_key_of_its_type_and_usage_only(tmp_path: Path, deleted: bool) -> None:
    assert moved(tmp_path, SYMMETRIC, SYMMETRIC, deleted, ["update"]) == []
    assert moved(tmp_path, SIGNING, ("ECC_NIST_P256", "SIGN_VERIFY"), deleted, ["update"]) == []
    assert len(moved(tmp_path, SYMMETRIC, SIGNING, deleted, ["update"])) == 1
    assert len(moved(tmp_path, ("RSA_4096", "ENCRYPT_DECRYPT"), SIGNING, deleted, ["update"])) == 1
    assert len(moved(tmp_path, ("HMAC_256", "GENERATE_VERIFY_MAC"), SIGNING, deleted, ["update"])) == 1


def test_an_alias_that_is_made_anew_is_not_moved(tmp_path: Path) -> None:
    assert moved(tmp_path, SYMMETRIC, SIGNING, False, ["delete", "create"]) == []


@pytest.mark.parametrize(
    ("spec", "family", "usage"),
    [
        ("SYMMETRIC_DEFAULT", "symmetric", "ENCRYPT_DECRYPT"),
        ("HMAC_384", "HMAC", "GENERATE_VERIFY_MAC"),
        ("RSA_2048", "asymmetric", None),
        ("ECC_SECG_P256K1", "asymmetric", "SIGN_VERIFY"),
        ("ML_DSA_65", "asymmetric", "SIGN_VERIFY"),
        ("NO_SUCH_SPEC", None, None),
    ],
)
def test_types_and_usages_of_specs(spec: str, family: str | None, usage: str | None) -> None:
    assert (specs.family(spec), specs.only_usage(spec)) == (family, usage)
