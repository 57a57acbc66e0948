"""Hostile input ends in a finding or a clear message, within seconds and bounded memory, never in a traceback."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

POLICY = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*"}]}'
KEY = 'resource "aws_kms_key" "a" {{\n  enable_key_rotation = true\n  policy = {}\n}}\n'
TEMPLATE = "Resources:\n  Key:\n    Type: AWS::KMS::Key\n    Properties:\n      KeyPolicy: "

FILES: dict[str, Callable[[], bytes]] = {
    "deep-lists.json": lambda: b'{"Statement": ' + b"[" * 100_000 + b"kms:",
    "deep-objects.json": lambda: b'{"Statement": ' + b'{"a":' * 50_000 + b'"kms:*"' + b"}" * 50_001,
    "deep-closed.json": lambda: b'{"Statement": ' + b"[" * 20_000 + b'"kms:*"' + b"]" * 20_000 + b"}",
    "huge-number.json": lambda: (
        b'{"Statement": [{"Effect": "Allow", "Action": "kms:*", "Resource": ' + b"9" * 1_000_000 + b"}]}"
    ),
    "not-a-number.json": lambda: b'{"Statement": [{"Effect": "Allow", "Action": "kms:*", "Resource": NaN}]}',
    "invalid-utf-8.json": lambda: POLICY.encode().replace(b"Decrypt", b"Decr\xff\xfept"),
    "nul.json": lambda: POLICY.encode().replace(b"Decrypt", b"Decr\0ypt"),
    "utf-16.json": lambda: POLICY.encode("utf-16"),
    "utf-16-without-mark.json": lambda: POLICY.encode("utf-16-le"),
    "byte-order-mark.json": lambda: b"\xef\xbb\xbf" + POLICY.encode(),
    "cut.json": lambda: POLICY.encode()[:70],
    "surrogate.json": lambda: POLICY.encode().replace(b"kms:Decrypt", b"kms:\\ud800Decrypt"),
    "one-line.json": lambda: (
        b'{"Statement": [' + b", ".join([json.dumps(json.loads(POLICY)["Statement"][0]).encode()] * 5_000) + b"]}"
    ),
    "stars.json": lambda: POLICY.replace("kms:Decrypt", "kms:" + "*a" * 2_000 + "*b").encode(),
    "star-resource.json": lambda: POLICY.replace('"*"', '"arn:aws:kms:' + "*a" * 20_000 + '"').encode(),
    "many-conditions.json": lambda: json.dumps(
        {
            "Statement": {
                "Effect": "Allow",
                "Principal": "*",
                "Action": "kms:*",
                "Resource": "*",
                "Condition": {f"StringLike{n}": {f"kms:x{n}": "*"} for n in range(20_000)},
            }
        }
    ).encode(),
    "escape-sequences.json": lambda: POLICY.replace(
        "kms:Decrypt", "kms:\\u001b]0;owned\\u0007\\u001b[31mDecrypt\\u202e"
    ).encode(),
    "empty.json": lambda: b"",
    "blank.yaml": lambda: b"\n\n---\n---\n",
    "bomb.yaml": lambda: (
        b"Resources: &a [kms, kms, kms, kms, kms, kms, kms, kms, kms]\n"
        + b"".join(b"l%d: &%c [%s]\n" % (n, 98 + n, b", ".join([b"*%c" % (97 + n)] * 9)) for n in range(20))
    ),
    "bomb-policy.yaml": lambda: (
        b'a0: &a0 {Effect: Allow, Action: "kms:*", Resource: "*"}\n'
        + b"".join(b"a%d: &a%d [%s]\n" % (n, n, b", ".join([b"*a%d" % (n - 1)] * 9)) for n in range(1, 12))
        + b"Statement: *a11\n"
    ),
    "merge-bomb.yaml": lambda: (
        b"a0: &a0 {Statement: kms}\n"
        + b"".join(
            b"a%d: &a%d {<<: [%s], k%d: 1}\n" % (n, n, b", ".join([b"*a%d" % (n - 1)] * 9), n) for n in range(1, 20)
        )
    ),
    "self.yaml": lambda: b"Statement: &a [kms, *a]\n",
    "deep-flow.yaml": lambda: TEMPLATE.encode() + b"[" * 50_000,
    "deep-block.yaml": lambda: TEMPLATE.encode() + b"\n        " + b"- " * 40_000,
    "many-names.yaml": lambda: TEMPLATE.encode() + b"{" + b", ".join(b"k%d: 1" % n for n in range(50_000)) + b"}\n",
    "tabs.yaml": lambda: b"Resources:\n\tKey: {Type: AWS::KMS::Key}\n",
    "references.yaml": lambda: TEMPLATE.encode() + b"!Sub '" + b"${Key}" * 20_000 + b"'\n",
    "nested-sub.yaml": lambda: TEMPLATE.encode() + b"{'Fn::Join': ['', [" * 60 + b"x" + b"]]}" * 60 + b"\n",
    "many-ifs.yaml": lambda: (
        TEMPLATE
        + "{Statement: ["
        + ", ".join(
            f"!If [C{n}, {{Effect: Allow, Principal: '*', Action: 'kms:*', Resource: '*'}}, !Ref AWS::NoValue]"
            for n in range(60)
        )
        + "]}\n"
    ).encode(),
    "deep.tf": lambda: KEY.format("[" * 100_000).encode(),
    "deep-closed.tf": lambda: KEY.format("[" * 5_000 + "]" * 5_000).encode(),
    "deep-calls.tf": lambda: KEY.format("jsonencode(" * 3_000 + "1" + ")" * 3_000).encode(),
    "deep-blocks.tf": lambda: b'resource "aws_kms_key" "a" ' + b"{\n x " * 20_000,
    "long-string.tf": lambda: KEY.format('"' + "a" * 5_000_000 + '"').encode(),
    "open-heredoc.tf": lambda: KEY.format("<<EOF\n" + POLICY * 1_000).encode(),
    "huge-number.tf": lambda: KEY.format("9" * 100_000).encode(),
    "doubling.tf": lambda: (
        'locals {\n  a0 = "kms:Decrypt"\n'
        + "".join(f'  a{n} = "${{local.a{n - 1}}}${{local.a{n - 1}}}"\n' for n in range(1, 60))
        + "}\n"
        + KEY.format("local.a59")
    ).encode(),
    "doubling-lists.tf": lambda: (
        "locals {\n  a0 = [1]\n"
        + "".join(f"  a{n} = [local.a{n - 1}, local.a{n - 1}]\n" for n in range(1, 60))
        + "}\n"
        + KEY.format("jsonencode(local.a59)")
    ).encode(),
    "cycle.tf": lambda: ("locals {\n  a = local.b\n  b = local.a\n}\n" + KEY.format("local.a")).encode(),
    "document-cycle.tf": lambda: (
        'data "aws_iam_policy_document" "a" {\n  source_policy_documents = [data.aws_iam_policy_document.a.json]\n}\n'
        + KEY.format("data.aws_iam_policy_document.a.json")
    ).encode(),
    "nul.tf": lambda: KEY.format('"kms:\0"').encode(),
    "brackets.tf": lambda: b"aws_kms_key " + b"}{" * 50_000,
    "not-text.tf": lambda: bytes(range(256)) * 500 + b"aws_kms_key",
}


def limited() -> None:
    """Two gigabytes of address space: an explosion ends this process, not the machine."""
    resource.setrlimit(resource.RLIMIT_AS, (2 * 1024**3, 2 * 1024**3))


def check(path: str, cwd: Path) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "kms_lint", "check", "--format", "text", path]
    return subprocess.run(command, cwd=cwd, capture_output=True, timeout=30, preexec_fn=limited)


@pytest.mark.parametrize("name", sorted(FILES))
def test_hostile_files_end_well(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(FILES[name]())
    done = check(name, tmp_path)
    assert done.returncode in (0, 1), done.stderr.decode(errors="replace")[-2000:]
    assert b"Traceback" not in done.stderr + done.stdout
    assert b"\x1b" not in done.stdout
    assert "\u202e".encode() not in done.stdout
    assert name.encode() in done.stdout + done.stderr or done.returncode == 0


MALFORMED = [
    "cut.json",
    "deep-lists.json",
    "nul.json",
    "invalid-utf-8.json",
    "not-a-number.json",
    "deep-flow.yaml",
    "tabs.yaml",
    "open-heredoc.tf",
    "deep.tf",
    "deep-lists.json",
]


@pytest.mark.parametrize("name", MALFORMED)
def test_what_cannot_be_read_is_a_finding_at_its_place(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(FILES[name]())
    done = subprocess.run(
        [sys.executable, "-m", "kms_lint", "check", "--format", "json", name],
        cwd=tmp_path,
        capture_output=True,
        timeout=30,
    )
    findings = [(finding["rule"], finding["path"]) for finding in json.loads(done.stdout)["findings"]]
    assert ("malformed-document", name) in findings
    assert done.returncode == 1


def test_the_same_policy_in_utf_16_gives_the_same_findings(tmp_path: Path) -> None:
    found = {}
    for name, data in {
        "a.json": POLICY.encode(),
        "b.json": POLICY.encode("utf-16"),
        "c.json": b"\xef\xbb\xbf" + POLICY.encode(),
    }.items():
        (tmp_path / name).write_bytes(data)
        done = subprocess.run(
            [sys.executable, "-m", "kms_lint", "check", "--format", "json", name],
            cwd=tmp_path,
            capture_output=True,
            timeout=30,
        )
        found[name] = [
            (finding["rule"], finding["start"], finding["end"]) for finding in json.loads(done.stdout)["findings"]
        ]
    assert found["a.json"] == found["b.json"] == found["c.json"] != []


def test_links_that_loop_or_lead_out_are_not_followed(tmp_path: Path) -> None:
    outside, repository = tmp_path / "outside", tmp_path / "repository"
    (repository / ".git").mkdir(parents=True)
    outside.mkdir()
    (outside / "secret.json").write_text(POLICY)
    (repository / "policy.json").write_text(POLICY)
    (repository / "loop").symlink_to(repository)
    (repository / "self.json").symlink_to(repository / "self.json")
    (repository / "out.json").symlink_to(outside / "secret.json")
    (repository / "away").symlink_to(outside)
    done = subprocess.run(
        [sys.executable, "-m", "kms_lint", "check", "--format", "json", "."],
        cwd=repository,
        capture_output=True,
        timeout=30,
    )
    assert {finding["path"] for finding in json.loads(done.stdout)["findings"]} == {"policy.json"}
    assert b"Traceback" not in done.stderr


def test_a_pipe_that_nobody_writes_to_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.json")
    (tmp_path / "policy.json").write_text(POLICY)
    done = check(".", tmp_path)
    assert done.returncode == 1
    assert b"policy.json" in done.stdout
    named = check("pipe.json", tmp_path)
    assert named.returncode == 2
    assert b"pipe.json" in named.stderr


def test_names_of_files_and_resources_are_never_printed_raw(tmp_path: Path) -> None:
    name = "a\x1b[31m\n::error::owned.json"
    (tmp_path / name).write_text(POLICY)
    for format in ("text", "concise", "github"):
        done = subprocess.run(
            [sys.executable, "-m", "kms_lint", "check", "--format", format, "."],
            cwd=tmp_path,
            capture_output=True,
            timeout=30,
        )
        assert done.returncode == 1
        assert b"\x1b" not in done.stdout
        assert not any(line.startswith(b"::error::owned") for line in done.stdout.splitlines())
