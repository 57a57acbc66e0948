"""SARIF by Microsoft's own validator, with GitHub's rules, over every fixture.

It needs the npm package `@microsoft/sarif-multitool`; `KMS_LINT_SARIF_VALIDATOR` names its program. `.ci/run` installs
and sets it; a plain `pytest` finds it on the path, or says that it was not there.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
VALIDATOR = os.environ.get("KMS_LINT_SARIF_VALIDATOR") or shutil.which("Sarif.Multitool")


@pytest.mark.skipif(
    VALIDATOR is None, reason="Microsoft's SARIF validator is not installed (npm @microsoft/sarif-multitool)"
)
@pytest.mark.parametrize("ignored", [(), ("--show-ignored",)], ids=["open", "with ignored"])
def test_the_validator_finds_no_error(tmp_path: Path, ignored: tuple[str, ...]) -> None:
    assert VALIDATOR is not None
    report = tmp_path / "report.sarif"
    command = [
        sys.executable,
        "-m",
        "kms_lint",
        "check",
        "fixtures",
        "--exit-zero",
        "--persona",
        "strict",
        "--include-possible",
    ]
    subprocess.run([*command, *ignored, "--format", f"sarif={report}"], cwd=PROJECT, check=True)
    verdict = tmp_path / "verdict.sarif"
    subprocess.run(
        [
            VALIDATOR,
            "validate",
            str(report),
            "--rule-kind",
            "Sarif;Ghas",
            "--output",
            str(verdict),
            "--log",
            "ForceOverwrite",
        ],
        check=False,
        capture_output=True,
    )
    results = json.loads(verdict.read_text(encoding="utf-8-sig"))["runs"][0].get("results", [])
    assert [result for result in results if result.get("level", "warning") in ("error", "warning")] == []
    assert json.loads(report.read_text(encoding="utf-8"))["runs"][0]["results"]
