"""A plan beside the `.tf` files it was made from: places and ignores are those of the files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.conftest import kms_lint
from tests.load.plans import PUBLIC, ROOT, Instance, Json, plan, policy, refers, statement, text

KEYS = """\
locals {
  open = "*"
}

resource "aws_kms_key" "a" {
  deletion_window_in_days = 7
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Sid = "Root", Effect = "Allow", Principal = { AWS = "arn:aws:iam::111122223333:root" }, Action = "kms:*", Resource = "*" },
      { Sid = "Open", Effect = "Allow", Principal = local.open, Action = "kms:Decrypt", Resource = "*" },
    ]
  })
}

resource "aws_kms_key" "each" {
  for_each            = toset(["x", "y"])
  enable_key_rotation = true
  policy              = data.aws_iam_policy_document.d.json
}

data "aws_iam_policy_document" "d" {
  statement {
    actions   = ["kms:*"]
    resources = ["*"]
    principals {
      type        = "AWS"
      identifiers = ["*"]
    }
  }
}
"""


def instances() -> list[Instance]:
    new = {"arn": True, "id": True, "key_id": True}
    open = json.dumps(
        {
            "Statement": [{"Action": "kms:*", "Effect": "Allow", "Principal": {"AWS": "*"}, "Resource": "*"}],
            "Version": "2012-10-17",
        }
    )
    return [
        Instance("aws_kms_key.a", {"deletion_window_in_days": 7, "enable_key_rotation": False, "policy": PUBLIC}, new),
        *(Instance(f'aws_kms_key.each["{key}"]', {"enable_key_rotation": True, "policy": open}, new) for key in "xy"),
    ]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / ".git").mkdir()
    (tmp_path / "keys.tf").write_text(KEYS)
    (tmp_path / "plan.json").write_text(text(plan(*instances())))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments: str) -> dict[str, Json]:
    said = json.loads(kms_lint("check", "--format", "json", "-q", *arguments).stdout)
    assert isinstance(said, dict)
    return said


def found(said: dict[str, Json]) -> list[tuple[str, str, int, int]]:
    findings = said["findings"]
    assert isinstance(findings, list)
    return [(each["rule"], each["path"], each["start"]["line"], each["start"]["column"]) for each in findings]


EXPECTED = [
    ("public-principal", "keys.tf", 2, 10),
    ("rotation-disabled", "keys.tf", 5, 1),
    ("deletion-window-short", "keys.tf", 6, 29),
    ("public-principal", "keys.tf", 28, 22),
]


@pytest.mark.parametrize("path", ["plan.json", ".", "keys.tf"])
def test_findings_of_a_plan_are_those_of_its_files(folder: Path, path: str) -> None:
    assert found(run(path)) == EXPECTED


def test_a_finding_tells_where_in_the_plan_the_value_is_used(folder: Path) -> None:
    findings = run("plan.json")["findings"]
    assert isinstance(findings, list)
    (short,) = [each for each in findings if each["rule"] == "deletion-window-short"]
    assert short["resource"] == "aws_kms_key.a"
    assert [(each["path"], each["message"]) for each in short["related"]] == [
        ("plan.json", "used here, as the planned value")
    ]
    (public,) = [each for each in findings if each["start"]["line"] == 28]
    assert public["instances"] == ['aws_kms_key.each["x"]', 'aws_kms_key.each["y"]']


def test_ignores_in_the_files_count_for_the_plan_too(folder: Path) -> None:
    ignored = "# kms-lint: ignore[public-principal, rotation-disabled] -- meant\n"
    unused = "# kms-lint: ignore[grant-of-grants] -- nobody knows\n"
    text = KEYS.replace('  open = "*"', f'  {ignored}  open = "*"').replace(
        'resource "aws_kms_key" "a"', f'{ignored}{unused}resource "aws_kms_key" "a"'
    )
    (folder / "keys.tf").write_text(text)
    rules = [rule for rule, *_ in found(run("plan.json"))]
    assert rules == ["deletion-window-short", "public-principal"]


def test_what_was_changed_since_is_told_at_the_nearest_place(folder: Path) -> None:
    (folder / "keys.tf").write_text(
        KEYS.replace('"kms:Decrypt"', '"kms:Encrypt"').replace('open = "*"', f'open = "{ROOT}"')
    )
    assert ("public-principal", "keys.tf", 11, 7) in found(run("plan.json"))


def test_a_plan_with_nothing_beside_it_tells_its_own_places(folder: Path) -> None:
    (folder / "keys.tf").unlink()
    assert {path for _, path, *_ in found(run("plan.json"))} == {"plan.json"}


def test_a_plan_elsewhere_belongs_to_the_one_folder_of_the_run(folder: Path) -> None:
    (folder / "infra").mkdir()
    (folder / "keys.tf").rename(folder / "infra" / "keys.tf")
    assert found(run("plan.json", "infra")) == [(rule, f"infra/{path}", *place) for rule, path, *place in EXPECTED]


def test_of_several_folders_none_is_guessed(folder: Path) -> None:
    for name in ("live", "test"):
        (folder / name).mkdir()
        (folder / name / "keys.tf").write_text(KEYS)
    (folder / "keys.tf").unlink()
    assert {path for _, path, *_ in found(run("plan.json", "live", "test"))} == {
        "plan.json",
        "live/keys.tf",
        "test/keys.tf",
    }


def test_a_rebuilt_policy_has_the_places_of_its_document(folder: Path) -> None:
    data = Instance(
        "data.aws_iam_policy_document.d",
        {
            "statement": [
                {"actions": ["kms:*"], "resources": ["*"], "principals": [{"type": "AWS", "identifiers": ["*"]}]}
            ]
        },
        {"json": True, "statement": [{"principals": [{"identifiers": [False]}]}]},
        actions=("read",),
    )
    key = Instance(
        'aws_kms_key.each["x"]', {}, {"policy": True}, {"policy": refers("data.aws_iam_policy_document.d.json")}
    )
    said = plan(data, key)
    said["configuration"] = {
        "root_module": {
            "resources": [
                {
                    "address": "aws_kms_key.each",
                    "expressions": {"policy": refers("data.aws_iam_policy_document.d.json")},
                }
            ]
        }
    }
    (folder / "plan.json").write_text(text(said))
    assert ("public-principal", "keys.tf", 28, 22) in found(run("plan.json"))


def test_a_statement_that_is_only_in_the_plan_is_told_at_the_list(folder: Path) -> None:
    more = policy(statement("Root", {"AWS": ROOT}), statement("New", "*"))
    (folder / "plan.json").write_text(text(plan(Instance("aws_kms_key.a", {"policy": more}, {}))))
    places = [place for place in found(run("plan.json")) if place[0] == "public-principal"]
    assert places == [("public-principal", "keys.tf", 9, 17)]
