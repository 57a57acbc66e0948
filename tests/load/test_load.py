"""What a file is taken for, and that no file hides another."""

import json
from pathlib import Path

import pytest

from kms_lint import syntax
from kms_lint.discovery import discover
from kms_lint.errors import SourceError
from kms_lint.files import File
from kms_lint.load import Options, load
from kms_lint.model import Document, PolicyKind, Status

IDENTITY = '{"Statement": {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*"}}'
KEY = '{"Statement": {"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "kms:*", "Resource": "*"}}'
TRUST = '{"Statement": {"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "sts:AssumeRole"}}'
TEMPLATE = "Resources:\n  Key:\n    Type: AWS::KMS::Key\n"


def given(path: str, text: str | bytes, named: bool = False) -> File:
    return File(path, f"/nowhere/{path}", named, text if isinstance(text, bytes) else text.encode())


def read(path: str, text: str | bytes, named: bool = False, options: Options | None = None) -> Document:
    (document,) = load([given(path, text, named)], options or Options())
    return document


JUDGED = [
    ("a policy", "a.json", IDENTITY, "json", "identity policy", ["a.json identity-policy"]),
    ("a key policy", "a.json", KEY, "json", "key policy", ["a.json key-policy"]),
    ("a trust policy", "a.json", TRUST, "json", "trust policy", ["a.json trust-policy"]),
    (
        "a list of policies",
        "d/a.json",
        f"[{KEY}, {IDENTITY}]",
        "json",
        "key policy and identity policy",
        ["a.json[0] key-policy", "a.json[1] identity-policy"],
    ),
    (
        "a policy in YAML",
        "a.yaml",
        "Statement:\n  - {Effect: Allow, Action: kms:Decrypt, Resource: '*'}\n",
        "yaml",
        "identity policy",
        ["a.yaml identity-policy"],
    ),
    (
        "two documents in YAML",
        "a.yml",
        f"---\n{KEY}\n---\nkind: other\n---\n{IDENTITY}\n",
        "yaml",
        "key policy and identity policy",
        ["a.yml[0] key-policy", "a.yml[2] identity-policy"],
    ),
    ("JSON under another name", "a.template", IDENTITY, "json", "identity policy", ["a.template identity-policy"]),
    (
        "an answer",
        "a.json",
        json.dumps({"Policy": KEY, "PolicyName": "default"}),
        "cli",
        "answer of aws kms get-key-policy",
        ["default key-policy"],
    ),
    ("a template", "a.yaml", TEMPLATE, "cloudformation", "CloudFormation template", []),
    (
        "a bare resource",
        "a.json",
        '{"Type": "AWS::KMS::Key"}',
        "cloudformation",
        "fragment of a CloudFormation template",
        [],
    ),
    (
        "a policy without Statement",
        "a.json",
        '{"Version": "2012-10-17", "Statements": []}',
        "json",
        "identity policy",
        ["a.json identity-policy"],
    ),
]


@pytest.mark.parametrize("row", JUDGED, ids=[row[0] for row in JUDGED])
def test_files_are_told_apart_by_content(row: tuple[str, str, str, str, str, list[str]]) -> None:
    _, path, text, format, kind, policies = row
    document = read(path, text)
    assert (document.path, document.format, document.kind, document.status) == (path, format, kind, Status.JUDGED)
    assert [f"{policy.address} {policy.kind.value}" for policy in document.every_policy()] == policies


SKIPPED = [
    ("other JSON", "a.json", '{"name": "x", "Statement": 1}', False),
    ("other YAML", "a.yaml", "kind: Deployment\n", False),
    ("broken JSON about something else", "a.json", '{"Statement": oops', False),
    ("broken YAML about something else", "a.yaml", "Statement: [", False),
    ("bytes that are no text", "a.json", b"\xff\xfe\xfd{", False),
    ("other JSON that was named", "a.json", '{"name": "x"}', True),
    ("prose that was named", "README.md", "Some words: and [others\n", True),
    ("nothing, in YAML", "a.yaml", "", True),
]


@pytest.mark.parametrize(("path", "text", "named"), [row[1:] for row in SKIPPED], ids=[row[0] for row in SKIPPED])
def test_what_is_not_ours_is_skipped(path: str, text: str | bytes, named: bool) -> None:
    document = read(path, text, named)
    assert (document.status, document.problems, document.policies) == (Status.SKIPPED, (), ())


BROKEN = [
    ("JSON that says kms:", "a.json", '{"Statement": [{"Action": "kms:*" "Resource"}]}', False, 1, 35),
    ("JSON that was named", "a.json", '{"a": 1\n,}', True, 2, 1),
    ("YAML that says AWS::KMS::", "a.yaml", "Resources:\n  Key: {Type: AWS::KMS::Key\n", False, 2, 8),
    ("a NUL", "a.json", b'{"a": "kms:*"}\n\0', False, 2, 1),
    ("bytes that are no text", "a.json", b'{"Action": "kms:*\xff"}', True, 1, 18),
    ("nothing, in JSON", "a.json", "", True, 1, 1),
]


@pytest.mark.parametrize(
    ("path", "text", "named", "line", "column"), [row[1:] for row in BROKEN], ids=[row[0] for row in BROKEN]
)
def test_what_is_ours_and_broken_is_malformed_where_it_broke(
    path: str, text: str | bytes, named: bool, line: int, column: int
) -> None:
    document = read(path, text, named)
    assert document.status is Status.MALFORMED
    (problem,) = document.problems
    span = syntax.locate(problem.at)
    assert problem.rule == "malformed-document"
    assert tuple(span.source.position(span.start)) == (line, column)
    assert span.source.path == path


def test_the_user_may_say_what_a_policy_is() -> None:
    (policy,) = read("a.json", IDENTITY, options=Options(kind=PolicyKind.SCP, account="111122223333")).policies
    assert (policy.kind, policy.assumed, policy.owner) == (PolicyKind.SCP, False, "111122223333")


def test_utf_16_is_read() -> None:
    (policy,) = read("a.json", IDENTITY.encode("utf-16")).policies
    assert policy.kind is PolicyKind.IDENTITY


def test_documents_are_sorted_and_a_broken_one_hides_no_other() -> None:
    ticks: list[None] = []
    files = [given("c.json", KEY), given("b.json", '{"Action": "kms:*"'), given("a.json", IDENTITY)]
    documents = load(files, tick=lambda: ticks.append(None))
    assert [(document.path, document.status) for document in documents] == [
        ("a.json", Status.JUDGED),
        ("b.json", Status.MALFORMED),
        ("c.json", Status.JUDGED),
    ]
    assert ticks == [None, None, None]


def test_a_file_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"gone\.json"):
        load([File("gone.json", str(tmp_path / "gone.json"), True)])


def test_a_terraform_file_is_read_with_its_folder_and_reported_alone(tmp_path: Path) -> None:
    (tmp_path / "keys.tf").write_text('resource "aws_kms_key" "a" {\n  description = var.what\n}\n')
    (tmp_path / "more.tf").write_text('variable "what" {\n  default = "app"\n}\n\nresource "aws_kms_key" "b" {\n}\n')
    (tmp_path / "x.auto.tfvars").write_text('what = "said"\n')
    files, _ = discover([str(tmp_path / "keys.tf")])
    (document,) = load(files)
    (key,) = document.keys
    assert document.path.endswith("keys.tf")
    assert (key.address, key.settings["description"].value) == ("aws_kms_key.a", "said")


def test_links_that_lead_out_of_the_repository_are_no_context(tmp_path: Path) -> None:
    (tmp_path / "outside.tf").write_text('variable "what" {\n  default = "outside"\n}\n')
    inside = tmp_path / "inside"
    inside.mkdir()
    (inside / ".git").mkdir()
    (inside / "link.tf").symlink_to(tmp_path / "outside.tf")
    (inside / "keys.tf").write_text('resource "aws_kms_key" "a" {\n  description = var.what\n}\n')
    files, _ = discover([str(inside / "keys.tf")])
    (document,) = load(files)
    assert not document.keys[0].settings["description"].known
