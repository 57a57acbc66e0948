"""Fenced blocks of Markdown: what is read of them, and where it is."""

from __future__ import annotations

import json
from pathlib import Path
from textwrap import dedent, indent

import pytest

from kms_lint.model import Status
from kms_lint.source import Source
from kms_lint.syntax.markdown import fences
from tests.load.reading import document, findings, in_folder, place, told

POLICY = '{"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"}]}'
TEMPLATE = dedent("""\
    Resources:
      Key:
        Type: AWS::KMS::Key
        Properties:
          EnableKeyRotation: false
    """)
KEY = 'resource "aws_kms_key" "a" {\n  enable_key_rotation = false\n}\n'
RULES = {"public-principal", "rotation-disabled", "malformed-document"}
COLUMN = POLICY.index('"*"') + 1


def fenced(language: str, text: str, mark: str = "```") -> str:
    return f"{mark}{language}\n{text.rstrip()}\n{mark}\n"


FENCES = [
    ("JSON", "# A\n\n" + fenced("json", POLICY), [f"4:{COLUMN} public-principal *"]),
    ("tildes", fenced("json", POLICY, "~~~"), [f"2:{COLUMN} public-principal *"]),
    ("a long fence", fenced("JSON", "\n" + POLICY, "`````"), [f"3:{COLUMN} public-principal *"]),
    ("an info string", fenced('json title="x.json" {1,3}', POLICY), [f"2:{COLUMN} public-principal *"]),
    ("a class", fenced("{.json}", POLICY), [f"2:{COLUMN} public-principal *"]),
    ("YAML", fenced("yml", TEMPLATE), ["6:26 rotation-disabled false"]),
    ("Terraform", fenced("hcl", KEY), ["3:25 rotation-disabled false"]),
    ("Terraform by its name", fenced("terraform", KEY), ["3:25 rotation-disabled false"]),
    ("in a list", "1. x\n\n" + indent(fenced("yaml", TEMPLATE), "   "), ["8:29 rotation-disabled false"]),
    ("at a marker of a list", "- ```tf\n" + indent(KEY, "  ") + "  ```\n", ["3:27 rotation-disabled false"]),
    ("in a quotation", indent(fenced("yaml", TEMPLATE), "> "), ["6:28 rotation-disabled false"]),
    (
        "in a quotation in a quotation",
        indent(fenced("tf", KEY), "> > ", lambda _: True),
        ["3:29 rotation-disabled false"],
    ),
    ("Windows", fenced("json", POLICY).replace("\n", "\r\n"), [f"2:{COLUMN} public-principal *"]),
    ("not closed", f"```json\n{POLICY}", [f"2:{COLUMN} public-principal *"]),
    ("with comments", fenced("jsonc", f'// "x"\n/* y\n */ {POLICY}'), [f"4:{COLUMN + 4} public-principal *"]),
    ("several values", fenced("json", f"{POLICY}\n{POLICY}"), [f"{n}:{COLUMN} public-principal *" for n in (2, 3)]),
    ("two documents", fenced("yaml", f"{POLICY}\n---\n{POLICY}"), [f"{n}:{COLUMN} public-principal *" for n in (2, 4)]),
    ("no language", fenced("", POLICY), []),
    ("another language", fenced("python", POLICY), []),
    ("a block within a block", fenced("md", fenced("json", POLICY), "````"), []),
    ("prose", POLICY, []),
    ("no fence", f"`json {POLICY}`", []),
    (
        "two of them",
        fenced("json", POLICY) + "text\n" + fenced("hcl", KEY),
        [f"2:{COLUMN} public-principal *", "7:25 rotation-disabled false"],
    ),
]


@pytest.mark.parametrize(("text", "expected"), [row[1:] for row in FENCES], ids=[row[0] for row in FENCES])
def test_findings_are_at_the_place_in_the_file(text: str, expected: list[str]) -> None:
    found = document("README.md", text)
    assert told(found, rules=RULES) == [f"README.md:{each}" for each in expected]
    assert (found.status is Status.SKIPPED) == (not expected)


def test_the_policy_in_a_heredoc_of_a_fence() -> None:
    text = f'resource "aws_kms_key" "a" {{\n  enable_key_rotation = true\n  policy = <<EOT\n{POLICY}\nEOT\n}}\n'
    found = document("README.md", "> q\n\n" + indent(fenced("hcl", text), "  "))
    assert told(found, rules=RULES) == [f"README.md:7:{COLUMN + 2} public-principal *"]


def test_a_broken_heredoc_in_a_fence_is_told_by_the_line_of_the_file() -> None:
    text = 'resource "aws_kms_key" "a" {\n  policy = <<EOT\n{\n"Statement": [\nEOT\n}\n'
    found = document("README.md", "text\n\n" + fenced("hcl", text))
    (finding,) = findings(found, rules={"malformed-policy"})
    assert "begins in line 7" in finding.message


def test_addresses_and_kinds_in_a_file() -> None:
    text = (
        fenced("json", POLICY) + fenced("json", json.dumps({"name": "x"})) + fenced("json", POLICY) + fenced("hcl", KEY)
    )
    found = document("docs/README.md", text)
    assert found.kind == "Markdown with key policy and Terraform configuration"
    assert [each.address for each in found.policies] == ["README.md[0]", "README.md[1]"]
    assert [each.address for each in found.keys] == ["aws_kms_key.a"]
    assert document("README.md", fenced("json", POLICY)).policies[0].address == "README.md"


def test_a_fix_is_in_the_words_of_the_block() -> None:
    found = document("README.md", fenced("hcl", KEY) + fenced("yaml", TEMPLATE))
    first, second = findings(found, rules={"rotation-disabled"})
    assert "enable_key_rotation" in first.fix
    assert "EnableKeyRotation" in second.fix


def test_answers_about_one_key_in_one_block() -> None:
    key = {"KeyMetadata": {"KeyId": "k", "Arn": "arn:aws:kms:us-east-1:111122223333:key/k", "KeyManager": "AWS"}}
    answer = {"Policy": POLICY, "PolicyName": "default"}
    found = document("README.md", fenced("json", f"{json.dumps(key)}\n{json.dumps(answer)}"))
    assert [(each.address, each.managed) for each in found.every_policy()] == [("k", True)]
    assert {str(each.severity) for each in findings(found, rules=RULES)} == {"info"}


BROKEN = [
    ("broken JSON", fenced("json", '{"Action": "kms:*" "x"}'), ["2:20 malformed-document"], []),
    ("broken YAML", fenced("yaml", "Action: kms:*\n  x: y"), ["3:4 malformed-document"], []),
    ("broken Terraform", fenced("tf", KEY + 'resource "aws_kms_key" {{\n'), ["3:25 rotation-disabled"], []),
    ("broken, of something else", fenced("json", '{"a": }'), [], []),
    ("dots for statements", fenced("json", '{"Statement": [\n  ...\n]}'), [], ["3:3 ..."]),
    ("dots in a comment", fenced("tf", KEY.replace("}", "  # ... and more\n}")), [], ["4:5 ..."]),
    ("dots for a value", fenced("json", '{"Statement": [...], "x": "kms:*"}'), [], ["2:16 ..."]),
    ("dots for an argument", fenced("hcl", 'resource "aws_kms_key" "a" { policy = … }'), [], ["2:39 …"]),
    ("a name to fill in", fenced("json", '{"Statement": <statement>, "x": "kms:*"}'), [], ["2:15 <statement>"]),
    ("a part of an object", fenced("json", '"Condition": {"x": {"kms:ViaService": "y"}}'), [], ["2:1 …"]),
]


@pytest.mark.parametrize(
    ("text", "expected", "unresolved"), [row[1:] for row in BROKEN], ids=[row[0] for row in BROKEN]
)
def test_what_is_left_out_is_unknown_and_what_is_broken_is_told(
    text: str, expected: list[str], unresolved: list[str]
) -> None:
    found = document("README.md", text)
    said = [each.rpartition(" ")[0] for each in told(found, rules=RULES)]
    assert [each for each in said if each in {f"README.md:{one}" for one in expected}] == [
        f"README.md:{one}" for one in expected
    ]
    assert bool(said) == bool(expected)
    assert [f"{place(each.at)} {each.expression}" for each in found.unresolved] == [
        f"README.md:{each}" for each in unresolved
    ]


def test_texts_to_fill_in_accuse_nobody() -> None:
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": ["arn:aws:iam::<ACCOUNT-ID>:root", "arn:aws:iam::...:role/x"]},
        "Action": "kms:*",
        "Resource": "<the ARN of the key>",
        "Condition": {"StringEquals": {"kms:ViaService": "<service>"}},
    }
    found = document("README.md", fenced("json", json.dumps({"Statement": statement})))
    (policy,) = found.policies
    assert [each.expression for each in policy.unresolved] == ["ACCOUNT-ID", "...", "the ARN of the key", "service"]
    assert told(found) == []


IGNORES = [
    ("above the block", "<!-- kms-lint: ignore[public-principal] -- an example -->\n", [], ["an example"]),
    ("with a blank line", "<!-- kms-lint: ignore[public-principal] -- an example -->\n\n", [], ["an example"]),
    (
        "two of them",
        "<!-- kms-lint: ignore[rotation-disabled] -- no -->\n<!-- kms-lint: ignore[public-principal] -- yes -->\n",
        ["unused-ignore"],
        ["yes"],
    ),
    (
        "not above it",
        "<!-- kms-lint: ignore[public-principal] -- x -->\ntext\n",
        ["public-principal", "unused-ignore"],
        [],
    ),
    ("not understood", "<!-- kms-lint: ignored -->\n", ["public-principal", "unknown-ignore"], []),
    ("of no rule", "<!-- kms-lint: ignore[publik] -- x -->\n", ["public-principal", "unknown-ignore"], []),
    (
        "past its date",
        "<!-- kms-lint: ignore[public-principal] until=2020-01-01 -- x -->\n",
        ["expired-ignore", "public-principal"],
        [],
    ),
]


@pytest.mark.parametrize(("above", "kept", "ignored"), [row[1:] for row in IGNORES], ids=[row[0] for row in IGNORES])
def test_a_comment_above_a_block_covers_it(
    above: str, kept: list[str], ignored: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = checked(tmp_path, above + fenced("json", POLICY), capsys)
    mine = {"public-principal", "unused-ignore", "unknown-ignore", "expired-ignore"}
    assert sorted(each["rule"] for each in said if each["ignored"] is None and each["rule"] in mine) == kept
    assert [each["ignored"]["reason"] for each in said if each["ignored"] is not None] == ignored


COMMENTED = [
    ("Terraform", fenced("hcl", f"# kms-lint: ignore[rotation-disabled] -- why\n{KEY}"), 2),
    ("its argument", fenced("hcl", KEY.replace("= false", "= false // kms-lint: ignore[rotation-disabled] -- why")), 3),
    ("YAML", fenced("yaml", TEMPLATE.replace("  Key:", "  # kms-lint: ignore[rotation-disabled] -- why\n  Key:")), 3),
    ("a line in a quotation", indent(fenced("yaml", TEMPLATE.replace("false", "false # kms-lint: ignore[rotation-disabled] -- why")), "> "), 6),
    ("a second block", fenced("hcl", KEY.replace("false", "true")) + fenced("hcl", f"# kms-lint: ignore[rotation-disabled] -- why\n{KEY}"), 7),
]  # fmt: skip


@pytest.mark.parametrize(("text", "line"), [row[1:] for row in COMMENTED], ids=[row[0] for row in COMMENTED])
def test_comments_within_blocks_work_as_usual(
    text: str, line: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = checked(tmp_path, text, capsys)
    about = [(each["rule"], each["ignored"]) for each in said if each["rule"] in {"rotation-disabled", "unused-ignore"}]
    assert about == [("rotation-disabled", {"reason": "why", "path": "README.md", "line": line})]


def checked(folder: Path, text: str, capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    """The findings of `kms-lint check`, the ignored ones too."""
    from kms_lint.cli import main

    (folder / "README.md").write_text(text, encoding="utf-8", newline="")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        main(["check", "README.md", "--format", "json", "--show-ignored"])
    found: list[dict[str, object]] = json.loads(capsys.readouterr().out)["findings"]
    return found


def test_files_beside_the_file_are_found_from_a_folder(tmp_path: Path) -> None:
    found = in_folder(tmp_path, {"docs/a.MD": fenced("json", POLICY), "b.markdown": fenced("tf", KEY), "c.txt": POLICY})
    assert [(path, each.status is Status.JUDGED) for path, each in found.items()] == [
        ("b.markdown", True),
        ("docs/a.MD", True),
    ]


def test_fences_of_any_text_are_parts_of_it() -> None:
    text = "a\n```json\n{}\n```\n> ~~~ yaml x\n> a: b\nout\n  ````\n  ```\n    in\n  `````\n```"
    source = Source("a.md", text)
    found = list(fences(source))
    assert [(each.language, each.passage.text) for each in found] == [
        ("json", "{}\n"),
        ("yaml", "a: b\n"),
        ("", "```\n  in\n"),
        ("", ""),
    ]
    for each in found:
        for offset, character in enumerate(each.passage.text):
            assert text[each.passage.origin(offset)] == character
