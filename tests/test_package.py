"""The wheel carries the rules, compiled and as files, and runs in an environment that has nothing of the checkout."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.conftest import PROJECT


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "-q",
        "--no-deps",
        "--disable-pip-version-check",
        "-w",
        str(folder),
        str(PROJECT),
    ]
    subprocess.run(command, check=True, capture_output=True)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def unpacked(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


def test_the_wheel_carries_every_rule_file(unpacked: Path) -> None:
    names = {path.name for path in (PROJECT / "rules").iterdir() if path.suffix in (".yaml", ".json")}
    assert {path.name for path in (unpacked / "kms_lint" / "rules").iterdir()} == names
    assert (unpacked / "kms_lint" / "py.typed").exists()


def run(unpacked: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs the unpacked wheel, from outside the checkout."""
    code = f"import sys; sys.path.insert(0, {str(unpacked)!r}); sys.argv = ['kms-lint', *sys.argv[1:]]; from kms_lint.__main__ import main; main()"
    return subprocess.run(
        [sys.executable, "-c", code, *arguments], cwd=unpacked, capture_output=True, text=True, timeout=60
    )


def test_the_wheel_knows_the_same_rules(unpacked: Path) -> None:
    done = run(unpacked, "rules", "--format", "json")
    assert done.returncode == 0, done.stderr
    listed = json.loads(done.stdout)
    rules = listed["rules"] if isinstance(listed, dict) else listed
    assert {rule["id"] for rule in rules} == {path.stem for path in (PROJECT / "rules").glob("*.yaml")}


def test_a_run_of_the_wheel_reads_no_yaml(unpacked: Path) -> None:
    (unpacked / "policy.json").write_text('{"Statement": [{"Effect": "Allow", "Action": "kms:*", "Resource": "*"}]}')
    code = (
        f"import sys; sys.path.insert(0, {str(unpacked)!r}); sys.argv = ['kms-lint', 'check', 'policy.json']\n"
        "from kms_lint.__main__ import main\n"
        "try: main()\nexcept SystemExit: pass\n"
        "print('yaml' in sys.modules, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=unpacked, capture_output=True, text=True, timeout=60)
    assert done.stderr.split()[-1] == "False"
    assert "full-kms-access" in done.stdout
