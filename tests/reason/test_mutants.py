"""What only the mutants of tools/mutants.toml showed to be untested, and that each mutant still fits the code."""

import sys
from pathlib import Path
from typing import Any

import pytest

from kms_lint.reason import reference
from kms_lint.reason.request import Caller, CallerKind, Request
from kms_lint.reason.statements import Reading
from tests.reason.cases import cases, try_case

PROJECT = Path(__file__).parents[2]
CASES = cases("mutant_cases.jsonl")


@pytest.mark.parametrize("reading", list(Reading))
@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_a_case(case: dict[str, Any], reading: Reading) -> None:
    try_case(case, reading)


def test_a_variable_without_a_value_matches_nothing() -> None:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html"""
    key, written = "kms:EncryptionContext:App", ["team-${aws:PrincipalTag/team}"]
    caller = Caller(CallerKind.USER, "user/ann", "111122223333")
    request = Request(caller, "kms:Decrypt", "arn:aws:kms:::key/1", {key.lower(): ("team-",)})
    assert reference.condition("StringEquals", key, written, request) is False
    assert reference.condition("StringNotEquals", key, written, request) is True


TOOLS = PROJECT / "tools"
if (TOOLS / "mutants.py").exists():  # not where a mutant is tried
    sys.path.insert(0, str(TOOLS))
    import mutants

    @pytest.mark.parametrize("mutant", mutants.mutants(), ids=lambda mutant: mutant.name)
    def test_a_mutant_fits_the_code(mutant: mutants.Mutant) -> None:
        """Its old text occurs exactly once, and stays valid code when it is changed."""
        assert mutant.occurrences() == 1
        assert mutant.old != mutant.new
        changed = (PROJECT / mutant.file).read_text("utf-8").replace(mutant.old, mutant.new)
        compile(changed, mutant.file, "exec")

    def test_there_are_mutants_enough() -> None:
        assert len(mutants.mutants()) >= 25
