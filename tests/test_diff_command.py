"""`kms-lint diff` as a user runs it: what it answers, how it says so, and what it does not claim."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import kms_lint

ROOT = "arn:aws:iam::111122223333:root"
APP = "arn:aws:iam::111122223333:role/app"


def key_policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(principal: Any, action: str = "kms:Decrypt", **more: Any) -> dict[str, Any]:
    return {"Sid": "S", "Effect": "Allow", "Principal": principal, "Action": action, "Resource": "*", **more}


NARROW, WIDE = key_policy(allow({"AWS": APP})), key_policy(allow({"AWS": APP}, "kms:*"))


def diff(folder: Path, *arguments: str) -> tuple[int, dict[str, Any]]:
    done = kms_lint("diff", *arguments, "--format", "json", cwd=folder)
    assert done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout)


def compared(folder: Path, old: str, new: str, *arguments: str, name: str = "key.json") -> tuple[int, dict[str, Any]]:
    for side, text in (("old", old), ("new", new)):
        (folder / side).mkdir(exist_ok=True)
        (folder / side / name).write_text(text, encoding="utf-8")
    return diff(folder, "old", "new", *arguments)


def test_two_files_of_which_the_new_one_grants_less(tmp_path: Path) -> None:
    (tmp_path / "old.json").write_text(WIDE, encoding="utf-8")
    (tmp_path / "new.json").write_text(NARROW, encoding="utf-8")
    status, found = diff(tmp_path, "old.json", "new.json", "--kind", "key-policy")
    assert (status, found["verdict"], found["relation"]) == (0, "no_new_access", "narrower")


def test_two_files_of_which_the_new_one_grants_more(tmp_path: Path) -> None:
    (tmp_path / "old.json").write_text(NARROW, encoding="utf-8")
    (tmp_path / "new.json").write_text(WIDE, encoding="utf-8")
    status, found = diff(tmp_path, "old.json", "new.json")
    assert (status, found["verdict"], found["relation"]) == (1, "new_access", "wider")
    only = found["policies"][0]
    assert only["counterexample"]["action"] == "kms:PutKeyPolicy"
    assert only["counterexample"]["principal"].startswith("arn:aws:sts::111122223333:assumed-role/app/")
    assert only["statement"]["path"] == "new.json"
    assert only["nearest"]["elements"] == ["Action"]
    assert set(found) == {"version", "verdict", "relation", "policies"}
    assert {"address", "verdict", "relation", "counterexample", "statement", "nearest", "reason", "assumptions"} <= set(
        only
    )


@pytest.mark.parametrize(("reading", "verdict"), [("kms", "new_access"), ("policy-only", "no_new_access")])
def test_who_needed_an_iam_policy_and_now_does_not(tmp_path: Path, reading: str, verdict: str) -> None:
    condition = {"StringEquals": {"kms:CallerAccount": "111122223333"}}
    old, new = key_policy(allow({"AWS": ROOT})), key_policy(allow("*", Condition=condition))
    assert compared(tmp_path, old, new, "--reading", reading)[1]["verdict"] == verdict


def test_a_context_key_is_spelt_as_its_author_spells_it(tmp_path: Path) -> None:
    condition = {"StringEquals": {"kms:EncryptionContext:TeamName": "pay"}}
    _, found = compared(tmp_path, key_policy(), key_policy(allow({"AWS": APP}, Condition=condition)))
    assert found["policies"][0]["counterexample"]["context"] == {"kms:EncryptionContext:TeamName": ["pay"]}


@pytest.mark.parametrize(
    ("actions", "status"), [("kms:Decrypt", 1), ("kms:PutKeyPolicy,kms:CreateGrant", 0), ("kms:D*", 1)]
)
def test_what_is_not_granted(tmp_path: Path, actions: str, status: int) -> None:
    assert compared(tmp_path, NARROW, NARROW, "--not-granted", actions)[0] == status


@pytest.mark.parametrize(("principal", "status"), [({"AWS": APP}, 0), ("*", 1)])
def test_what_is_public(tmp_path: Path, principal: Any, status: int) -> None:
    text = key_policy(allow(principal))
    assert compared(tmp_path, text, text, "--no-public")[0] == status


@pytest.mark.parametrize("format", ["text", "markdown", "sarif"])
def test_each_format_names_what_is_new(tmp_path: Path, format: str) -> None:
    compared(tmp_path, NARROW, WIDE)
    done = kms_lint("diff", "old", "new", "--format", format, cwd=tmp_path)
    assert done.returncode == 1
    assert b"kms:PutKeyPolicy" in done.stdout


def test_a_revision_of_git(tmp_path: Path) -> None:
    def git(*arguments: str) -> None:
        subprocess.run(["git", "-c", "user.name=n", "-c", "user.email=e", *arguments], cwd=tmp_path, check=True)

    git("init", "-q")
    (tmp_path / "key.json").write_text(NARROW, encoding="utf-8")
    (tmp_path / "empty.json").write_text("", encoding="utf-8")
    (tmp_path / "ä b.json").write_text(NARROW, encoding="utf-8")
    git("add", ".")
    git("commit", "-qm", "one")
    (tmp_path / "key.json").write_text(WIDE, encoding="utf-8")
    status, found = diff(tmp_path, "git:HEAD", "key.json")
    assert (status, found["verdict"]) == (1, "new_access")
    assert diff(tmp_path, "git:HEAD", "ä b.json")[0] == 0
    assert diff(tmp_path, "key.json", "git:HEAD")[0] == 0


@pytest.mark.parametrize("arguments", [("git:HEAD", "."), ("none.json", "."), (".", ".", "--reading", "both")])
def test_what_cannot_be_done(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    assert kms_lint("diff", *arguments, cwd=tmp_path).returncode == 2


def terraform(statement: str, rest: str = "", name: str = "this") -> str:
    policy = f'jsonencode({{Version = "2012-10-17", Statement = [{statement}]}})'
    return f'variable "who" {{}}\nresource "aws_kms_key" "{name}" {{\n  policy = {policy}\n}}\n{rest}'


def statement(principal: str, action: str = "kms:Decrypt", effect: str = "Allow") -> str:
    return f'{{Effect = "{effect}", Principal = {{AWS = {principal}}}, Action = "{action}", Resource = "*"}}'


KNOWN, UNKNOWN = f'"{APP}"', "var.who"
GRANT = f"""resource "aws_kms_grant" "g" {{
  key_id            = "1234abcd-12ab-34cd-56ef-1234567890ab"
  grantee_principal = "{APP}"
  operations        = ["Decrypt"]
}}
"""


@pytest.mark.parametrize(
    ("old", "new", "verdict", "reason"),
    [
        (terraform(statement(KNOWN, "kms:*")), terraform(statement(KNOWN)), "no_new_access", ""),
        (terraform(statement(KNOWN)), terraform(statement(KNOWN), name="moved"), "no_new_access", ""),
        (terraform(statement(UNKNOWN, "kms:*")), terraform(statement(UNKNOWN)), "no_new_access", ""),
        (terraform(statement(UNKNOWN)), terraform(statement(UNKNOWN, "kms:*")), "new_access", ""),
        (terraform(statement('"*"')), terraform(statement(UNKNOWN)), "no_new_access", ""),
        (
            terraform(f"{statement(KNOWN)}, {statement(UNKNOWN, effect='Deny')}"),
            terraform(f"{statement(KNOWN)}, {statement(UNKNOWN, effect='Deny')}"),
            "no_new_access",
            "",
        ),
        (terraform(statement(KNOWN)), terraform(statement(KNOWN), GRANT), "new_access", ""),
        (terraform(statement(KNOWN), GRANT), terraform(statement(KNOWN)), "no_new_access", ""),
        ('resource "aws_kms_key" "this" {}\n', terraform(statement(KNOWN)), "new_access", ""),
        (terraform(statement(KNOWN)), 'resource "aws_kms_key" "this" {}\n', "new_access", ""),
    ],
    ids=[
        "less",
        "renamed",
        "an unknown value that did not change",
        "more for an unknown principal",
        "an unknown principal among all",
        "a Deny of an unknown principal",
        "a new grant",
        "a grant less",
        "instead of the policy of AWS",
        "back to the policy of AWS",
    ],
)
def test_folders_of_terraform(tmp_path: Path, old: str, new: str, verdict: str, reason: str) -> None:
    status, found = compared(tmp_path, old, new, name="main.tf")
    assert found["verdict"] == verdict, found
    assert status == (verdict != "no_new_access")
    assert any((each["reason"] or "").startswith(reason) for each in found["policies"])


def test_a_policy_that_depends_on_a_condition(tmp_path: Path) -> None:
    def template(principal: object) -> str:
        policy = {"Version": "2012-10-17", "Statement": [allow({"AWS": principal})]}
        return json.dumps(
            {
                "Parameters": {"Stage": {"Type": "String"}},
                "Conditions": {"IsProd": {"Fn::Equals": [{"Ref": "Stage"}, "prod"]}},
                "Resources": {"Key": {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": policy}}},
            }
        )

    chosen = {"Fn::If": ["IsProd", APP, "arn:aws:iam::111122223333:role/other"]}
    status, found = compared(tmp_path, template(chosen), template(APP))
    assert (status, found["verdict"]) == (1, "unknown"), found
