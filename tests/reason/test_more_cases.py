"""More pairs of policies with the verdict that follows from AWS's documentation, each with why and its source."""

import json
from pathlib import Path
from typing import Any

import pytest

from kms_lint.model import PolicyKind
from kms_lint.reason.compared import Settings, replay
from kms_lint.reason.difference import difference
from kms_lint.reason.statements import Reading
from tests.reason.test_difference import policy

CASES = [json.loads(line) for line in (Path(__file__).parent / "more_cases.jsonl").read_text("utf-8").splitlines()]


@pytest.mark.parametrize("reading", list(Reading))
@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_a_case(case: dict[str, Any], reading: Reading) -> None:
    kind, account = PolicyKind(case["kind"].replace("_", "-")), case.get("key_account")
    old, new = policy(case["old_policy"], kind, account), policy(case["new_policy"], kind, account)
    found = difference(old, new, Settings(reading, account, case.get("key_arn")))
    expected = case["expected"]
    if reading is Reading.POLICY_ONLY:
        expected = case.get("expected_policy_only", expected)
    assert found.verdict == expected, (case["why"], found)
    for group in found.groups:
        assert replay(new, group.request, group.around).allowed is True
        assert replay(old, group.request, group.around).allowed is False
