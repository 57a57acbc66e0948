"""The hook, run by the real pre-commit on a repository of its own: it fails on a bad file, passes on a good one and on none."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import PROJECT

PARTS = (
    ".pre-commit-hooks.yaml", "pyproject.toml", "hatch_build.py", "README.md", "LICENSE", "kms_lint", "rules",
)  # fmt: skip

BAD = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "kms:*", "Resource": "*"}]}\n'
GOOD = (
    '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "kms:Decrypt",'
    ' "Resource": "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"}]}\n'
)


def git(cwd: Path, *arguments: str) -> None:
    identity = ["-c", "user.name=test", "-c", "user.email=test@example.org", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *identity, *arguments], cwd=cwd, check=True, capture_output=True)


@pytest.fixture(scope="module")
def hooks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project as a repository that others name in their configuration."""
    folder = tmp_path_factory.mktemp("hooks")
    for part in PARTS:
        source = PROJECT / part
        if source.is_dir():
            shutil.copytree(source, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, folder / part)
    git(folder, "init", "-q")
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "the hook")
    return folder


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One cache for the module, so that the environment is built once."""
    return tmp_path_factory.mktemp("cache")


def try_repo(hooks: Path, cache: Path, repository: Path, files: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """`pre-commit try-repo` over a repository that holds these files."""
    git(repository, "init", "-q")
    for name, text in files.items():
        (repository / name).write_text(text)
    git(repository, "add", "-A")
    environment = {**os.environ, "PRE_COMMIT_HOME": str(cache), "GIT_CONFIG_GLOBAL": os.devnull}
    command = [sys.executable, "-m", "pre_commit", "try-repo", str(hooks), "kms-lint", "--verbose", "--all-files"]
    return subprocess.run(command, cwd=repository, capture_output=True, text=True, env=environment, timeout=300)


CASES = {
    "a bad file": ({"policy.json": BAD, "notes.txt": "kms:*\n"}, 1, "full-kms-access"),
    "a bad file among good ones": ({"good.json": GOOD, "main.tf": 'resource "aws_kms_alias" "a" {\n  name = "alias/aws/x"\n  target_key_id = "x"\n}\n'}, 1, "reserved-alias"),
    "a good file": ({"policy.json": GOOD}, 0, "Passed"),
    "no file for it": ({"notes.txt": "nothing here\n"}, 0, "no files to check"),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_the_hook(name: str, hooks: Path, cache: Path, tmp_path: Path) -> None:
    files, status, said = CASES[name]
    done = try_repo(hooks, cache, tmp_path, files)
    assert done.returncode == status, done.stdout + done.stderr
    assert said in done.stdout
