"""More pairs of policies with the verdict that follows from AWS's documentation, each with why and its source."""

from typing import Any

import pytest

from kms_lint.reason.statements import Reading
from tests.reason.cases import cases, try_case

CASES = cases("more_cases.jsonl")


@pytest.mark.parametrize("reading", list(Reading))
@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_a_case(case: dict[str, Any], reading: Reading) -> None:
    try_case(case, reading)
