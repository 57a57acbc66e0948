"""What is wrong is shown where it is written; where it is used is told beside it, and so is a default."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from kms_lint.cli import main

ANYONE = "anyone in any AWS account"
IGNORE = "# kms-lint: ignore[public-principal] -- it is a test"
PUBLIC = """\
resource "aws_kms_key" "a" {{
  policy = jsonencode({{
    Version = "2012-10-17"
    Statement = [{{
      Effect = "Allow", Action = "kms:Decrypt", Resource = "*"
      Principal = {{ AWS = {anyone} }}
    }}]
  }})
}}
"""
TEMPLATE = """\
Parameters:
  Who:
    Type: String
    Default: "*"
Mappings:
  Names:
    all: {who: "*"}
Resources:
  Key:
    Type: AWS::KMS::Key
    Properties:
      KeyPolicy:
        Version: "2012-10-17"
        Statement:
          Effect: Allow
          Action: kms:Decrypt
          Resource: "*"
          Principal:
            AWS: ANYONE
"""


class Runs:
    """Runs `check` in a folder of its own, and says what is found as `path:line:column: text: message`."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, rule: str, files: dict[str, str], *arguments: str) -> list[tuple[str, list[str]]]:
        """The findings of a rule, each with its related places."""
        for name, text in files.items():
            Path(name).write_text(text, encoding="utf-8")
        status = main(["check", "--format", "json", "--exit-zero", "--select", rule, *arguments])
        out, err = self._capsys.readouterr()
        assert status == 0, err
        said: dict[str, Any] = json.loads(out)
        return [(told(each), [told(spot) for spot in each["related"]]) for each in said["findings"]]


def told(place: dict[str, Any]) -> str:
    """A place, the text that stands there, and what is said about it."""
    start, end = place["start"], place["end"]
    line = Path(place["path"]).read_text(encoding="utf-8").splitlines()[start["line"] - 1]
    text = line[start["column"] - 1 : end["column"] - 1] if start["line"] == end["line"] else "…"
    return f"{place['path']}:{start['line']}:{start['column']}: {text}: {place['message']}"


@pytest.fixture
def found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Runs:
    monkeypatch.chdir(tmp_path)
    return Runs(capsys)


def policy(anyone: str) -> str:
    return PUBLIC.format(anyone=anyone)


TERRAFORM = [
    (
        "a local",
        {"main.tf": policy("local.all"), "names.tf": 'locals {\n  all = "*"\n}\n'},
        [f'names.tf:2:9: "*": {ANYONE}', "main.tf:6:27: local.all: used here, as `local.all`"],
    ),
    (
        "one of a list in a local",
        {"main.tf": policy("local.all"), "names.tf": 'locals {\n  all = ["*"]\n}\n'},
        [f'names.tf:2:10: "*": {ANYONE}', "main.tf:6:27: local.all: used here, as `local.all`"],
    ),
    (
        "one of an object in a local",
        {"main.tf": policy("local.all.who"), "names.tf": 'locals {\n  all = { who = "*" }\n}\n'},
        [f'names.tf:2:17: "*": {ANYONE}', "main.tf:6:27: local.all.who: used here, as `local.all`"],
    ),
    (
        "the default of a variable",
        {"main.tf": policy("var.who"), "names.tf": 'variable "who" {\n  default = "*"\n}\n'},
        [
            f'names.tf:2:13: "*": {ANYONE} (the default of var.who)',
            "main.tf:6:27: var.who: used here, as `var.who`",
        ],
    ),
    (
        "the default of a variable, by way of a local, within quotes",
        {
            "main.tf": policy('"${local.all}"'),
            "names.tf": 'variable "who" { default = "*" }\nlocals { all = var.who }\n',
        },
        [
            f'names.tf:1:28: "*": {ANYONE} (the default of var.who)',
            "names.tf:2:16: var.who: used here, as `var.who`",
            "main.tf:6:30: local.all: used here, as `local.all`",
        ],
    ),
    (
        "a file of variables",
        {
            "main.tf": policy("var.who"),
            "names.tf": 'variable "who" { default = "a" }\n',
            "a.auto.tfvars": 'who = "*"\n',
        },
        [f'a.auto.tfvars:1:7: "*": {ANYONE}', "main.tf:6:27: var.who: used here, as `var.who`"],
    ),
    (
        "an attribute of a resource",
        {"main.tf": policy("aws_iam_role.r.name"), "names.tf": 'resource "aws_iam_role" "r" {\n  name = "*"\n}\n'},
        [
            f'names.tf:2:10: "*": {ANYONE}',
            "main.tf:6:27: aws_iam_role.r.name: used here, as `aws_iam_role.r.name`",
        ],
    ),
    (
        "one branch of a local",
        {"main.tf": policy("local.all"), "names.tf": 'locals {\n  all = var.p ? "*" : "arn:aws:iam::1:root"\n}\n'},
        [
            f'names.tf:2:17: "*": {ANYONE} (when var.p is true)',
            "main.tf:6:27: local.all: used here, as `local.all`",
        ],
    ),
    (
        "an interpolated string",
        {"main.tf": policy('"arn:aws:iam::${var.n}:root"'), "names.tf": 'variable "n" { default = "*" }\n'},
        None,
    ),
]


@pytest.mark.parametrize(
    ("files", "expected"), [pytest.param(files, expected, id=id) for id, files, expected in TERRAFORM]
)
def test_terraform(found: Runs, files: dict[str, str], expected: list[str] | None) -> None:
    findings = found("public-principal", files)
    assert findings == ([] if expected is None else [(expected[0], expected[1:])])


def test_a_value_from_the_command_line_has_no_file(found: Runs) -> None:
    files = {"main.tf": policy("var.who"), "names.tf": 'variable "who" {}\n'}
    assert found("public-principal", files, "--var", "who=*") == [(f"main.tf:6:27: var.who: {ANYONE}", [])]


def test_an_interpolated_string_stays_where_it_is_put_together(found: Runs) -> None:
    arguments = '  deletion_window_in_days = "${var.tens}0"\n  description = local.unused\n'
    files = {"main.tf": f'resource "aws_kms_key" "a" {{\n{arguments}}}\nvariable "tens" {{ default = 1 }}\n'}
    ((place, related),) = found("deletion-window-short", files)
    assert place.startswith('main.tf:2:29: "${var.tens}0": 10 days')
    assert related == []


CLOUDFORMATION = [
    (
        "the default of a parameter",
        "!Ref Who",
        [f't.yaml:4:14: "*": {ANYONE} (the default of parameter Who)', "used here, as parameter Who"],
    ),
    ("a mapping", "!FindInMap [Names, all, who]", [f't.yaml:7:16: "*": {ANYONE}', "used here, as !FindInMap"]),
]


@pytest.mark.parametrize(
    ("anyone", "expected"), [pytest.param(anyone, expected, id=id) for id, anyone, expected in CLOUDFORMATION]
)
def test_cloudformation(found: Runs, anyone: str, expected: list[str]) -> None:
    ((place, related),) = found("public-principal", {"t.yaml": TEMPLATE.replace("ANYONE", anyone)})
    assert place == expected[0]
    (used,) = related
    assert used.startswith("t.yaml:19:18: ")
    assert expected[1] in used


def test_a_parameter_that_is_given_is_where_it_is_used(found: Runs) -> None:
    files = {"t.yaml": TEMPLATE.replace("ANYONE", "!Ref Who")}
    ((place, related),) = found("public-principal", files, "--parameter", "Who=*")
    assert place.startswith("t.yaml:19:18: ")
    assert place.endswith(f": {ANYONE}")
    assert related == []


def test_all_uses_of_one_text_are_told_and_very_many_are_cut(found: Runs) -> None:
    keys = "".join(policy("local.all").replace('"a"', f'"k{number:02}"') for number in range(12))
    ((place, related),) = found("public-principal", {"main.tf": keys + 'locals { all = "*" }\n'})
    assert place == f'main.tf:109:16: "*": {ANYONE}'
    assert related == [f"main.tf:{6 + 9 * number}:27: local.all: used here, as `local.all`" for number in range(10)]


NAMED = {"main.tf": policy("local.all"), "names.tf": 'locals { all = "*" }\n'}


def test_a_file_named_alone_is_told_what_it_uses_of_others(found: Runs) -> None:
    use = f"main.tf:6:27: local.all: {ANYONE}"
    written = 'names.tf:1:16: "*": `local.all` gets its value here'
    assert found("public-principal", NAMED, "main.tf") == [(use, [written])]


def test_a_document_of_another_file_is_told_where_it_is_attached(found: Runs) -> None:
    document = """\
data "aws_iam_policy_document" "d" {
  statement {
    actions = ["kms:Decrypt"]
    resources = ["*"]
    principals {
      type = "AWS"
      identifiers = ["*"]
    }
  }
}
"""
    key = 'resource "aws_kms_key" "a" {\n  policy = data.aws_iam_policy_document.d.json\n}\n'
    attached = "main.tf:2:3: policy = data.aws_iam_policy_document.d.json"
    files = {"main.tf": key, "names.tf": document}
    whole = found("public-principal", files)
    assert whole == [(f'names.tf:7:22: "*": {ANYONE}', [f"{attached}: used here as the key policy of aws_kms_key.a"])]
    alone = found("public-principal", {}, "main.tf")
    assert alone == [(f"{attached}: {ANYONE}", ['names.tf:7:22: "*": written here'])]


SECOND = policy("local.all").replace('"a"', '"b"')
IGNORED = [
    ("where it is written", {**NAMED, "names.tf": f'locals {{\n  {IGNORE}\n  all = "*"\n}}\n'}, True),
    ("where it is used", {**NAMED, "main.tf": f"{IGNORE}\n{NAMED['main.tf']}"}, True),
    (
        "at one of two uses",
        {**NAMED, "main.tf": f"{IGNORE}\n{NAMED['main.tf']}{SECOND}"},
        False,
    ),
    (
        "at both uses",
        {**NAMED, "main.tf": f"{IGNORE}\n{NAMED['main.tf']}{IGNORE}\n{SECOND}"},
        True,
    ),
]


@pytest.mark.parametrize(("files", "ignored"), [pytest.param(files, ignored, id=id) for id, files, ignored in IGNORED])
def test_ignores(found: Runs, files: dict[str, str], ignored: bool) -> None:
    places = [place.partition(": ")[0] for place, _ in found("public-principal", files)]
    assert places == ([] if ignored else ["names.tf:1:16"])


def test_an_ignore_where_a_default_is_used(found: Runs) -> None:
    use = 'resource "aws_kms_key" "a" {\n  # kms-lint: ignore[rotation-disabled] -- a test\n  enable_key_rotation = var.rotate\n}\n'
    assert found("rotation-disabled", {"main.tf": use + 'variable "rotate" { default = false }\n'}) == []


SETTINGS = [
    (
        "rotation-disabled",
        {"main.tf": 'resource "aws_kms_key" "a" {\n  enable_key_rotation = var.rotate\n}\nvariable "rotate" { default = false }\n'},
        [
            "main.tf:4:31: false: `enable_key_rotation` is off (the default of var.rotate)",
            "main.tf:2:25: var.rotate: used here, as `var.rotate`",
        ],
    ),
    (
        "rotation-disabled",
        {"main.tf": 'resource "aws_kms_key" "a" {\n  enable_key_rotation = var.prod ? true : false\n}\nvariable "prod" {}\n'},
        ["main.tf:2:43: false: `enable_key_rotation` is off (when var.prod is false)"],
    ),
    (
        "deletion-window-short",
        {"main.tf": 'resource "aws_kms_key" "a" {\n  deletion_window_in_days = var.prod ? null : 7\n}\nvariable "prod" {}\n'},
        ["main.tf:2:47: 7: 7 days, where at least 14 are asked for (when var.prod is false)"],
    ),
    (
        "rotation-disabled",
        {"t.yaml": "Resources:\n  Key:\n    Type: AWS::KMS::Key\n    Properties:\n      EnableKeyRotation: !If [IsProd, true, false]\n"},
        ["t.yaml:5:45: false: `EnableKeyRotation` is off (when IsProd is false)"],
    ),
    (
        "rotation-disabled",
        {"t.yaml": "Resources:\n  Key:\n    Type: AWS::KMS::Key\n    Properties:\n      EnableKeyRotation: !If [A, false, false]\n"},
        ["t.yaml:5:34: false: `EnableKeyRotation` is off"],
    ),
    (
        "deletion-window-short",
        {"t.yaml": "Resources:\n  Key:\n    Type: AWS::KMS::Key\n    Properties:\n      PendingWindowInDays: !If [A, !If [B, 7, 30], 30]\n"},
        ["t.yaml:5:44: 7: 7 days, where at least 14 are asked for (when A is true and B is true)"],
    ),
    (
        "rotation-unsupported",
        {"main.tf": 'resource "aws_kms_key" "a" {\n  enable_key_rotation = var.s ? false : true\n  customer_master_key_spec = var.s ? "RSA_2048" : "SYMMETRIC_DEFAULT"\n}\nvariable "s" {}\n'},
        None,
    ),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "files", "expected"), SETTINGS)
def test_settings(found: Runs, rule: str, files: dict[str, str], expected: list[str] | None) -> None:
    findings = found(rule, files)
    assert findings == ([] if expected is None else [(expected[0], expected[1:])])


def test_settings_under_too_many_conditions_are_varied_alone_and_told(
    found: Runs, capsys: pytest.CaptureFixture[str]
) -> None:
    names = ("Enabled", "MultiRegion", "EnableKeyRotation", "BypassPolicyLockoutSafetyCheck")
    text = "Resources:\n  Key:\n    Type: AWS::KMS::Key\n    Properties:\n"
    text += "".join(f"      {name}: !If [C{index}, true, false]\n" for index, name in enumerate(names))
    Path("t.yaml").write_text(text + "      PendingWindowInDays: !If [C4, 30, 7]\n", encoding="utf-8")
    assert main(["check", "--format", "json", "--exit-zero", "--select", "deletion-window-short"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert [each["message"] for each in said["findings"]] == [
        "7 days, where at least 14 are asked for (when C4 is false and C0 is true and C1 is true and C2 is true and C3 is true)"
    ]
    assert [(each["resource"], each["expression"]) for each in said["unresolved"]] == [
        ("Key", "C0 and C1 and C2 and C3 and C4")
    ]
