"""Ignores: where they reach, when they end, and what is said about those that do nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from kms_lint.cli import main

TF = """\
resource "aws_kms_key" "a" {{
  enable_key_rotation = true
  {arguments}
}}
"""
SHORT = "deletion_window_in_days = 7"
PUBLIC = '{"Version": "2012-10-17", "Statement": [{"Sid": "S", "Effect": "Allow", "Principal": "*", "Action": "kms:Decrypt", "Resource": "*"}]}'


class Runs:
    """Runs `check` in a folder of its own."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, files: dict[str, str], *arguments: str) -> dict[str, Any]:
        for name, text in files.items():
            Path(name).parent.mkdir(parents=True, exist_ok=True)
            Path(name).write_text(text, encoding="utf-8")
        assert main(["check", "--format", "json", "--exit-zero", *arguments]) == 0, self._capsys.readouterr().err
        said: dict[str, Any] = json.loads(self._capsys.readouterr().out)
        return said

    def found(self, files: dict[str, str], *arguments: str) -> list[tuple[str, int]]:
        """Rules and lines of what is reported, and of nothing that is about the key's policy."""
        said = self(files, *arguments)["findings"]
        return [(each["rule"], each["start"]["line"]) for each in said if each["rule"] in OF_INTEREST]


OF_INTEREST = {
    "deletion-window-short", "public-principal", "unused-ignore", "expired-ignore", "unknown-ignore", "reason-missing",
}  # fmt: skip


@pytest.fixture
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Runs:
    monkeypatch.chdir(tmp_path)
    return Runs(capsys)


def tf(*lines: str) -> dict[str, str]:
    return {"main.tf": "\n".join(lines) + "\n"}


KEY = ('resource "aws_kms_key" "a" {', "  enable_key_rotation = true", f"  {SHORT}", "}")
IGNORE = "kms-lint: ignore[deletion-window-short] -- short-lived"

HCL = {
    "nothing is ignored": (KEY, [("deletion-window-short", 3)]),
    "on its line": ((*KEY[:2], f"  {SHORT} # {IGNORE}", "}"), []),
    "on its line, with slashes": ((*KEY[:2], f"  {SHORT} // {IGNORE}", "}"), []),
    "on the line above": ((*KEY[:2], f"  # {IGNORE}", *KEY[2:]), []),
    "above other comments": ((*KEY[:2], f"  # {IGNORE}", "  # seven days", *KEY[2:]), []),
    "above the block": ((f"# {IGNORE}", *KEY), []),
    "by an equivalent check": ((f"# {IGNORE.replace('deletion-window-short', 'EQUIVALENT')}", *KEY), []),
    "among other rules": ((f"# {IGNORE.replace('[', '[public-principal, ')}", *KEY), [("unused-ignore", 1)]),
    "above another block": (
        (f"# {IGNORE}", 'resource "aws_kms_key" "b" {', "  enable_key_rotation = true", "}", *KEY),
        [("unused-ignore", 1), ("deletion-window-short", 7)],
    ),
    "after a blank line": ((f"# {IGNORE}", "", *KEY), [("unused-ignore", 1), ("deletion-window-short", 5)]),
    "on the line of the block's header": (
        (f"{KEY[0]} # {IGNORE}", *KEY[1:]),
        [("unused-ignore", 1), ("deletion-window-short", 3)],
    ),
    "in a string it is no comment": (
        (KEY[0], f'  description = "# {IGNORE}"', *KEY[2:]),
        [("deletion-window-short", 3)],
    ),
    "without a rule": ((f"# {IGNORE.replace('deletion-window-short', '')}", *KEY), [("unknown-ignore", 1), ("deletion-window-short", 4)]),
    "without brackets": (("# kms-lint: ignore deletion-window-short", *KEY), [("unknown-ignore", 1), ("deletion-window-short", 4)]),
    "misspelt": (("# kms-lint: ingore[deletion-window-short]", *KEY), [("unknown-ignore", 1), ("deletion-window-short", 4)]),
    "with a reason that is not marked as one": (
        ("# kms-lint: ignore[deletion-window-short] until 2027", *KEY),
        [("unknown-ignore", 1), ("deletion-window-short", 4)],
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def equivalent() -> str:
    from kms_lint.library import described

    return next(about.equivalents[0] for about in described() if about.id == "deletion-window-short")


@pytest.mark.parametrize("name", HCL)
def test_comments_in_hcl(name: str, runs: Runs, equivalent: str) -> None:
    lines, expected = HCL[name]
    assert runs.found(tf(*(line.replace("EQUIVALENT", equivalent) for line in lines))) == expected


def test_a_comment_above_a_statement_covers_it(runs: Runs) -> None:
    statement = ["      {", '        Sid = "S"', '        Effect = "Allow"', '        Principal = "*"', '        Action = "kms:Decrypt"', '        Resource = "*"', "      },"]  # fmt: skip
    lines = [KEY[0], KEY[1], "  policy = jsonencode({", "    Statement = ["]
    lines += ["      # kms-lint: ignore[public-principal] -- a test", *statement, *statement, "    ]", "  })", "}"]
    assert runs.found(tf(*lines)) == [("public-principal", 16)]


YAML = """\
Resources:
  Key:
    Type: AWS::KMS::Key
    Properties:
      EnableKeyRotation: true
      PendingWindowInDays: 7
  Other:
    Type: AWS::KMS::Key
    Properties:
      EnableKeyRotation: true
      PendingWindowInDays: 7
"""
IN_YAML = {
    "on its line": (6, "      PendingWindowInDays: 7 # IGNORE", True, [11]),
    "on the line above": (6, "      # IGNORE", False, [12]),
    "above the properties": (4, "    # IGNORE", False, [12]),
    "above the resource": (2, "  # IGNORE", False, [12]),
    "above all resources": (1, "# IGNORE", False, []),
}


@pytest.mark.parametrize("name", IN_YAML)
def test_comments_in_yaml(name: str, runs: Runs) -> None:
    number, line, instead, expected = IN_YAML[name]
    lines = YAML.splitlines()
    lines[number - 1 : number if instead else number - 1] = [line.replace("IGNORE", IGNORE)]
    found = runs.found({"template.yaml": "\n".join(lines) + "\n"})
    assert found == [("deletion-window-short", number) for number in expected]


def test_metadata_of_a_resource(runs: Runs) -> None:
    metadata = "    Metadata: {kms-lint: {ignore: [{rule: deletion-window-short, reason: short-lived}]}}"
    lines = YAML.splitlines()
    lines.insert(3, metadata)
    said = runs({"template.yaml": "\n".join(lines) + "\n"}, "--show-ignored")
    found = [
        (each["resource"], each["ignored"]) for each in said["findings"] if each["rule"] == "deletion-window-short"
    ]
    assert found == [
        ("Key", {"reason": "short-lived", "path": "template.yaml", "line": 4}),
        ("Other", None),
    ]


DATES = [
    ("2027-03-01", "2027-03-01", []),
    ("2027-03-01", "2027-03-02", [("expired-ignore", 1), ("deletion-window-short", 4)]),
    ("soon", "2027-03-01", [("expired-ignore", 1), ("deletion-window-short", 4)]),
    ("2027-02-30", "2027-01-01", [("expired-ignore", 1), ("deletion-window-short", 4)]),
]


@pytest.mark.parametrize(("until", "now", "expected"), DATES, ids=lambda value: str(value))
def test_an_ignore_ends_after_its_date(until: str, now: str, expected: list[tuple[str, int]], runs: Runs) -> None:
    comment = f"# kms-lint: ignore[deletion-window-short] until={until} -- moving"
    assert runs.found(tf(comment, *KEY), "--now", now) == expected


def test_an_unknown_rule_gets_a_suggestion_at_its_place(runs: Runs) -> None:
    said = runs(tf("# kms-lint: ignore[deletion-window-shrt] -- x", *KEY))
    (finding,) = (each for each in said["findings"] if each["rule"] == "unknown-ignore")
    assert finding["message"] == "there is no rule `deletion-window-shrt`: did you mean `deletion-window-short`?"
    assert (finding["start"], finding["end"]) == ({"line": 1, "column": 20}, {"line": 1, "column": 40})
    assert finding["fingerprint"]


def test_an_ignore_whose_rule_did_not_run_is_not_called_unused(runs: Runs) -> None:
    files = tf("# kms-lint: ignore[public-principal] -- x", KEY[0], KEY[1], "}")
    assert runs.found(files) == [("unused-ignore", 1)]
    assert runs.found(files, "--ignore", "public-principal") == []
    assert runs.found(files, "--select", "unused-ignore") == []


def test_inline_ignores_can_be_left_out(runs: Runs) -> None:
    assert runs.found(tf(f"# {IGNORE}", *KEY), "--no-inline-ignores") == [("deletion-window-short", 4)]


def test_what_is_ignored_is_counted_and_shown_when_asked_for(runs: Runs) -> None:
    files = tf(f"# {IGNORE}", *KEY)
    assert runs(files)["summary"]["ignored"] == 1
    ignored = [each["ignored"] for each in runs(files, "--show-ignored")["findings"] if each["ignored"]]
    assert ignored == [{"reason": "short-lived", "path": "main.tf", "line": 1}]


def entry(**said: str) -> str:
    return "ignore:\n  - {" + ", ".join(f"{name}: {json.dumps(value)}" for name, value in said.items()) + "}\n"


CONFIGURED = {
    "a rule": (entry(rule="public-principal"), []),
    "an equivalent": (entry(rule="CKV_AWS_33"), []),
    "a path": (entry(rule="public-principal", path="infra/**"), []),
    "a file": (entry(rule="public-principal", path="infra/shared/a.json"), []),
    "a name at any depth": (entry(rule="public-principal", path="a.json"), []),
    "a statement": (entry(rule="public-principal", statement="S"), []),
    "another path": (entry(rule="public-principal", path="live/**"), ["public-principal", "unused-ignore"]),
    "another statement": (entry(rule="public-principal", statement="T"), ["public-principal", "unused-ignore"]),
    "another resource": (entry(rule="public-principal", resource="x"), ["public-principal", "unused-ignore"]),
    "past its date": (entry(rule="public-principal", until="2020-01-01"), ["public-principal", "expired-ignore"]),
    "no rule": (entry(rule="public-prinicpal"), ["public-principal", "unknown-ignore"]),
    "without the reason that is required": (
        "require_reason: true\n" + entry(rule="public-principal"),
        ["reason-missing"],
    ),
    "for some files": ("overrides:\n  - {paths: ['infra/**'], ignore: [{rule: public-principal}]}\n", []),
    "for other files": (
        "overrides:\n  - {paths: ['live/**'], ignore: [{rule: public-principal}]}\n",
        ["public-principal", "unused-ignore"],
    ),
}


@pytest.mark.parametrize("name", CONFIGURED)
def test_ignores_of_the_configuration(name: str, runs: Runs) -> None:
    configuration, expected = CONFIGURED[name]
    files = {"kms-lint.yaml": configuration, "infra/shared/a.json": PUBLIC}
    assert [rule for rule, _ in runs.found(files)] == expected


def test_a_finding_about_an_ignore_of_the_configuration_lies_there(runs: Runs) -> None:
    said = runs({"kms-lint.yaml": entry(rule="deletion-window-short"), "a.json": PUBLIC})
    (finding,) = (each for each in said["findings"] if each["rule"] == "unused-ignore")
    assert (finding["path"], finding["start"]["line"]) == ("kms-lint.yaml", 2)


PARTS = [
    (entry(rule="deletion-window-short"), ["infra"], []),
    (entry(rule="deletion-window-short"), ["."], ["unused-ignore"]),
    (entry(rule="deletion-window-short", path="infra/**"), ["infra"], ["unused-ignore"]),
    (entry(rule="deletion-window-short", path="live/**"), ["infra"], []),
    (entry(rule="deletion-window-short", path="infra/a.json"), ["infra/a.json"], ["unused-ignore"]),
    (entry(rule="deletion-window-short", path="infra/**"), ["infra/a.json"], []),
]


@pytest.mark.parametrize(("configuration", "paths", "expected"), PARTS)
def test_only_a_run_over_all_that_an_ignore_is_about_calls_it_unused(
    configuration: str, paths: list[str], expected: list[str], runs: Runs
) -> None:
    files = {"kms-lint.yaml": configuration, "infra/a.json": PUBLIC, ".git/HEAD": ""}
    assert [rule for rule, _ in runs.found(files, *paths) if rule != "public-principal"] == expected


def test_require_reason_holds_for_comments_too(runs: Runs) -> None:
    comment = "# kms-lint: ignore[deletion-window-short]"
    files = {"kms-lint.yaml": "require_reason: true\n", **tf(comment, *KEY)}
    assert runs.found(files) == [("reason-missing", 1)]


def test_findings_about_ignores_can_be_ignored_as_well(runs: Runs) -> None:
    files = {
        "kms-lint.yaml": entry(rule="unused-ignore", path="main.tf"),
        **tf("# kms-lint: ignore[public-principal] -- x", KEY[0], KEY[1], "}"),
    }
    assert runs.found(files) == []
