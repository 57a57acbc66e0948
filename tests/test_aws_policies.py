"""The key policies that AWS makes and documents are clean, in every input format: nothing above `info`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from kms_lint import lint
from kms_lint.finding import Severity
from tests.conftest import PROJECT
from tests.test_formats import FORMATS

POLICIES = {
    path.stem: json.loads(path.read_text(encoding="utf-8"))
    for path in sorted((PROJECT / "fixtures" / "aws-policies").glob("*.json"))
}
OWNERS: Mapping[str, dict[str, Any]] = {
    "nothing said": {},
    "the account is named": {"account": "111122223333"},
    "own accounts are named": {"own_accounts": ["111122223333"]},
}


BARE = ("compact JSON", "YAML")
"""How the policy of an AWS managed key can be met: a key of one's own with a copy of it is locked out indeed."""

CASES = [
    (name, format)
    for name, policy in POLICIES.items()
    for format in (BARE if policy.get("Id", "").startswith("auto-") else FORMATS)
]


@pytest.mark.parametrize("owner", OWNERS)
@pytest.mark.parametrize(("name", "format"), CASES)
def test_a_policy_of_aws_is_clean(name: str, format: str, owner: str, tmp_path: Path) -> None:
    ending, written = FORMATS[format]
    path = tmp_path / f"policy.{ending}"
    path.write_text(written(POLICIES[name]), encoding="utf-8")
    report = lint(path, **OWNERS[owner])
    about_the_policy = [finding for finding in report.findings if finding.kind == "key-policy"]
    assert [
        (finding.about.id, finding.statement) for finding in about_the_policy if finding.severity > Severity.INFO
    ] == []
    assert report.summary.policies >= 1
    assert report.unresolved == ()
