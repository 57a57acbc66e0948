"""Formats of installed packages: found by their entry point, and only when ours do not have the name."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import kms_lint

PLUGIN = """
def render(report, look):
    return f"{len(report.findings)} in all\\n"
"""


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """A folder of packages with one that offers the format `tally`."""
    (tmp_path / "tally.py").write_text(PLUGIN)
    metadata = tmp_path / "tally-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: tally\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text("[kms_lint.formatters]\ntally = tally:render\n")
    (tmp_path / "work").mkdir()
    return tmp_path


def test_a_format_of_an_installed_package(installed: Path) -> None:
    work, environment = installed / "work", {"PYTHONPATH": str(installed)}
    done = kms_lint("check", "--format", "tally", "-q", cwd=work, environment=environment)
    assert (done.returncode, done.stdout) == (0, b"0 in all\n")
    missed = kms_lint("check", "--format", "taly", cwd=work, environment=environment)
    assert b"`taly` is no format: did you mean `tally`?" in missed.stderr
    assert missed.returncode == 2
