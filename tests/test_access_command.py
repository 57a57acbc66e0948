"""`kms-lint access` as people and programs use it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import PROJECT, kms_lint

SAMPLE = ("fixtures/who-can-decrypt", "--account", "111122223333")


def rows(*arguments: str, cwd: Path = PROJECT) -> list[dict[str, Any]]:
    done = kms_lint("access", *arguments, "--format", "json", cwd=cwd)
    assert done.returncode == 0, done.stderr.decode()
    found: list[dict[str, Any]] = json.loads(done.stdout)["rows"]
    return found


def of(found: list[dict[str, Any]], principal: str) -> dict[str, tuple[str, str | None]]:
    """The certainty and condition of each action of a principal."""
    return {
        action: (row["certainty"], row["condition"])
        for row in found
        if row["principal"].endswith(principal)
        for action in row["actions"]
    }


def test_the_rows_of_the_sample() -> None:
    found = rows(*SAMPLE)
    table = "StringEquals kms:EncryptionContext:table orders"
    assert of(found, "role/app") == {
        "kms:Decrypt": ("conditional", table),
        "kms:GenerateDataKey": ("conditional", table),
    }
    assert of(found, "role/report") == {"kms:DescribeKey": ("always", None)}
    assert of(found, "role/export") == {"kms:Decrypt": ("always", None), "kms:RetireGrant": ("always", None)}
    through = "StringEquals kms:ViaService s3.eu-west-1.amazonaws.com"
    assert of(found, "444455556666 with IAM permission") == {
        "kms:Decrypt": ("conditional", through),
        "kms:DescribeKey": ("conditional", through),
    }
    root = of(found, "root user of 111122223333")
    assert root["kms:PutKeyPolicy"] == ("always", None)
    assert root["kms:ScheduleKeyDeletion"] == ("conditional", "not (BoolIfExists aws:MultiFactorAuthPresent false)")


def test_the_path_of_a_row_names_its_statements() -> None:
    row = next(each for each in rows(*SAMPLE) if each["principal"].endswith("role/report"))
    assert row["key"] == "aws_kms_key.orders"
    assert [(link["kind"], link["path"], link["line"], link["statement"]) for link in row["paths"][0]] == [
        ("key-policy", "fixtures/who-can-decrypt/keys.tf", 14, "EnableIAM"),
        ("identity-policy", "fixtures/who-can-decrypt/roles.tf", 40, "Wide"),
        ("permissions-boundary", "fixtures/who-can-decrypt/roles.tf", 31, "Read"),
    ]


QUESTIONS = {
    "a boundary in the way": (
        "report",
        "kms:Decrypt",
        "no",
        "the permissions boundary aws_iam_policy.reading does not allow it",
    ),
    "no half of IAM": ("app", "kms:PutKeyPolicy", "no", "the key policy leaves it to IAM, and no IAM policy of"),
    "a condition": ("app", "kms:Decrypt", "conditional", None),
    "a grant": ("export", "kms:Decrypt", "yes", None),
    "not across accounts": (
        "444455556666",
        "kms:PutKeyPolicy",
        "no",
        "kms:PutKeyPolicy cannot be used from another account",
    ),
    "not let in": ("arn:aws:iam::999988887777:role/x", "kms:Decrypt", "no", "the key policy does not let"),
    "about no key": ("app", "kms:CreateKey", "no", "kms:CreateKey is about no key"),
    "IAM that is not known": ("arn:aws:iam::111122223333:role/elsewhere", "kms:Decrypt", "possible", None),
    "a service that is not named": (
        "logs.us-east-1.amazonaws.com",
        "kms:Decrypt",
        "no",
        "no statement of the key policy allows",
    ),
}


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_question_is_answered(name: str) -> None:
    principal, action, answer, reason = QUESTIONS[name]
    done = kms_lint("access", *SAMPLE, "--principal", principal, "--action", action, "--format", "json", cwd=PROJECT)
    assert done.returncode == 0, done.stderr.decode()
    (said,) = [each for each in json.loads(done.stdout)["answers"] if each["action"] == action]
    assert said["answer"] == answer
    assert (said["reason"] or "").startswith(reason or "")


def test_an_answer_in_words() -> None:
    done = kms_lint("access", *SAMPLE, "--principal", "report", "--action", "kms:Decrypt", cwd=PROJECT)
    assert done.stdout.decode().startswith(
        "no: arn:aws:iam::111122223333:role/report may not call kms:Decrypt on aws_kms_key.orders\n"
        "  because the permissions boundary aws_iam_policy.reading does not allow it\n"
        "  see statement EnableIAM of the key policy at fixtures/who-can-decrypt/keys.tf:14\n"
    )


def test_what_is_asked_for_alone_is_shown() -> None:
    found = rows(*SAMPLE, "--action", "kms:encrypt", "--key", "alias/orders")
    assert {(row["principal"], tuple(row["actions"])) for row in found} == {
        ("root user of 111122223333", ("kms:Encrypt",)),
        ("any principal of 111122223333 with IAM permission", ("kms:Encrypt",)),
    }


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--principal", "repot"), "there is no principal `repot` in the input: did you mean `report`?"),
        (("--key", "alias/order"), "there is no key `alias/order` in the input: did you mean `alias/orders`?"),
        (("--action", "kms:Decrpt"), "`kms:Decrpt` is no action of KMS: did you mean `kms:Decrypt`?"),
        (("--format", "yml"), "is no format of access"),
    ],
)
def test_what_does_not_exist_is_an_error(arguments: tuple[str, ...], message: str) -> None:
    done = kms_lint("access", *SAMPLE, *arguments, cwd=PROJECT)
    assert done.returncode == 2
    assert message in done.stderr.decode()
    assert done.stdout == b""


def test_the_matrix_fits_and_tells_how() -> None:
    text = kms_lint("access", *SAMPLE, cwd=PROJECT).stdout.decode()
    lines = text.splitlines()
    head = lines.index(next(line for line in lines if "encrypt decrypt" in line))
    matrix = lines[head : lines.index("", head)]
    assert max(map(len, matrix)) <= 100
    assert any(line.startswith("  3 role/export") for line in matrix)
    assert "      by the grant aws_kms_grant.export at fixtures/who-can-decrypt/keys.tf:46" in lines


def test_the_page_shows_what_the_command_prints() -> None:
    page = (PROJECT / "docs" / "access.md").read_text(encoding="utf-8")
    assert kms_lint("access", *SAMPLE, cwd=PROJECT).stdout.decode() in page


def test_a_whole_account_that_the_command_line_printed(tmp_path: Path) -> None:
    policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*"}]}
    details = {
        "UserDetailList": [
            {
                "UserName": "ann",
                "Arn": "arn:aws:iam::111122223333:user/ann",
                "Path": "/",
                "GroupList": ["readers"],
                "AttachedManagedPolicies": [],
            }
        ],
        "GroupDetailList": [
            {
                "GroupName": "readers",
                "Arn": "arn:aws:iam::111122223333:group/readers",
                "Path": "/",
                "GroupPolicyList": [{"PolicyName": "read", "PolicyDocument": policy}],
                "AttachedManagedPolicies": [],
            }
        ],
        "RoleDetailList": [],
        "Policies": [],
    }
    key = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "Root",
                "Effect": "Allow",
                "Principal": {"AWS": "arn:aws:iam::111122223333:root"},
                "Action": "kms:*",
                "Resource": "*",
            }
        ],
    }
    (tmp_path / "account.json").write_text(json.dumps(details))
    (tmp_path / "key.json").write_text(json.dumps(key))
    assert of(rows(str(tmp_path)), "user/ann") == {"kms:Decrypt": ("always", None)}


def test_names_with_control_characters_are_shown_as_escapes(tmp_path: Path) -> None:
    statement = {
        "Sid": "a\u001b[31m",
        "Effect": "Allow",
        "Principal": {"AWS": "arn:aws:iam::111122223333:role/a\u0007b"},
        "Action": "kms:*",
        "Resource": "*",
    }
    (tmp_path / "key.json").write_text(json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    done = kms_lint("access", str(tmp_path))
    assert done.returncode == 0
    assert b"\x1b" not in done.stdout
    assert b"\x07" not in done.stdout


def test_an_input_without_keys_says_so(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('{"Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}')
    done = kms_lint("access", str(tmp_path))
    assert done.returncode == 0
    assert b"there are no keys, key policies or grants in the input" in done.stderr


def test_chains_of_steps() -> None:
    done = kms_lint("access", *SAMPLE, "--escalation", "--format", "json", cwd=PROJECT)
    assert done.returncode == 0
    chains = json.loads(done.stdout)["escalation"]
    assert [each["principal"] for each in chains if each["principal"].startswith("arn:")] == []
