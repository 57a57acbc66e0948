"""No network, the same bytes for the same input, nothing of a scanned repository executed."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import PROJECT, kms_lint

FORMATS = ("text", "concise", "json", "jsonl", "sarif", "github")

WITHOUT_SOCKETS = """
import socket, sys

def forbidden(*arguments, **named):
    raise AssertionError("a socket was opened")

socket.socket = socket.create_connection = socket.getaddrinfo = forbidden
sys.addaudithook(lambda event, arguments: forbidden() if event.startswith("socket.") else None)
from kms_lint.__main__ import main
sys.argv = ["kms-lint", *sys.argv[1:]]
main()
"""

COMMANDS = [
    ("--version",),
    *(("check", "--format", format, "--persona", "strict", "--include-possible", "fixtures") for format in FORMATS),
    ("show", "fixtures"),
    ("show", "--format", "json", "fixtures"),
    ("rules",),
    ("rules", "--format", "json"),
    ("explain", "public-principal"),
    ("test", "rules"),
    ("schema", "config"),
]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_no_socket_is_opened(command: tuple[str, ...]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_SOCKETS, *command], cwd=PROJECT, capture_output=True, timeout=120
    )
    assert b"a socket was opened" not in done.stderr
    assert done.returncode in (0, 1), done.stderr.decode()
    assert done.stdout


@pytest.mark.parametrize("format", FORMATS)
def test_the_same_input_gives_the_same_bytes(format: str) -> None:
    command = ("check", "--format", format, "--persona", "strict", "--include-possible")
    paths = [f"fixtures/{name}" for name in ("payments", "aws-policies", "mission-page")]
    runs = [
        kms_lint(*command, *order, cwd=PROJECT, environment={"PYTHONHASHSEED": seed}).stdout
        for seed, order in (("0", paths), ("1", paths), ("4711", paths[::-1]))
    ]
    assert runs[0]
    assert runs[0] == runs[1] == runs[2]


def test_nothing_of_the_repository_is_imported_or_executed(tmp_path: Path) -> None:
    shutil.copytree(PROJECT / "fixtures" / "payments", tmp_path / "infra")
    for name in ("yaml", "click", "json", "rich", "kms_lint_rules", "sitecustomize", "conftest", "tree_sitter"):
        (tmp_path / f"{name}.py").write_text("open('executed', 'w').close()\n")
    script = Path(sys.executable).parent / "kms-lint"
    done = subprocess.run([script, "check", "."], cwd=tmp_path, capture_output=True, timeout=60)
    assert done.returncode == 1, done.stderr.decode()
    assert not (tmp_path / "executed").exists()


def test_started_from_another_folder_the_fingerprints_are_the_same(tmp_path: Path) -> None:
    import json

    repository = tmp_path / "repository"
    shutil.copytree(PROJECT / "fixtures" / "payments", repository / "infra" / "payments")
    (repository / ".git").mkdir()
    seen = []
    for cwd, path in ((repository, "infra"), (repository / "infra", "."), (tmp_path, "repository/infra/payments")):
        report = json.loads(kms_lint("check", "--format", "json", path, cwd=cwd).stdout)
        seen.append({finding["fingerprint"] for finding in report["findings"]})
    assert seen[0]
    assert seen[0] == seen[1] == seen[2]
