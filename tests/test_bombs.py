"""What is small to write and huge to work out ends within seconds and bounded memory, and says where and why it was cut."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from tests.bombs import BOMBS

MEASURED = (
    "import resource, subprocess, sys\n"
    "status = subprocess.run(sys.argv[1:]).returncode\n"
    "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=sys.stderr)\n"
    "sys.exit(status)\n"
)
"""A small parent of its own, which prints the peak of a command's resident memory (KiB)."""

WHOLE = frozenset(
    {
        "count-huge-number",
        "cycle-of-conditions",
        "documents-merged",
        "plan-of-modules",
        "quoted-fences",
        "regex-backtracking",
        "resources",
        "state-of-cycles",
    }
)
"""Those that are judged to their end: nothing of them is cut."""


def limited() -> None:
    """Two gigabytes of address space: an explosion ends this process, not the machine."""
    resource.setrlimit(resource.RLIMIT_AS, (2 * 1024**3, 2 * 1024**3))


@pytest.mark.parametrize("name", sorted(BOMBS))
def test_a_bomb_is_cut_with_a_reason(name: str, tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    for path, text in BOMBS[name]().items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text)
    check = [sys.executable, "-m", "kms_lint", "check", "--format", "json", "."]
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, *check], cwd=tmp_path, capture_output=True, timeout=60, preexec_fn=limited
    )
    assert done.returncode in (0, 1), done.stderr.decode(errors="replace")[-2000:]
    assert b"Traceback" not in done.stderr
    assert int(done.stderr.split()[-1]) < 300 * 1024
    report = json.loads(done.stdout)
    cut = [(place["path"], place["line"], place["message"]) for place in report["unresolved"]]
    broken = [
        (found["path"], found["start"]["line"], found["message"])
        for found in report["findings"]
        if found["rule"].startswith("malformed-")
    ]
    assert all(path in BOMBS[name]() and line > 0 and reason for path, line, reason in (*cut, *broken))
    assert cut or broken or name in WHOLE
