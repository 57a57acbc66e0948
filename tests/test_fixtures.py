"""Golden runs: what the whole tool prints for a folder, to the letter. `pytest --update` rewrites them; the diff is the review."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import PROJECT, kms_lint

FIXTURES = PROJECT / "fixtures"
STORIES = sorted(path.name for path in FIXTURES.iterdir() if path.is_dir())


@pytest.mark.parametrize("story", STORIES)
def test_a_golden_run(story: str, request: pytest.FixtureRequest) -> None:
    done = kms_lint("check", f"fixtures/{story}", cwd=PROJECT)
    assert done.returncode in (0, 1), done.stderr.decode()
    expected = FIXTURES / story / "expected.txt"
    if request.config.getoption("--update"):
        expected.write_bytes(done.stdout)
    assert done.stdout.decode() == expected.read_text(encoding="utf-8")


def test_the_mission_page_s_examples_each_give_their_finding() -> None:
    import json

    report = json.loads(kms_lint("check", "--format", "json", "fixtures/mission-page", cwd=PROJECT).stdout)
    found = {(Path(finding["path"]).name, finding["rule"]) for finding in report["findings"]}
    assert found >= {
        ("wildcard-resource.json", "wildcard-resource"),
        ("create-key.json", "unneeded-create-key"),
        ("via-service.json", "missing-via-service"),
        ("grants.json", "unrestricted-grants"),
        ("key-id.json", "dead-resource"),
    }
