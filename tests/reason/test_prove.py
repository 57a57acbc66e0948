"""`diff` and an SMT solver say the same of random pairs of policies: a few here, as many as one likes by tools/prove.py."""

import random
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.reason.cases import ACCOUNT, policy

TOOLS = Path(__file__).parents[2] / "tools"
BUDGET = 1_000_000


@pytest.fixture(scope="module")
def tools() -> Any:
    """The folder of tools, in which modules import one another by their names."""
    sys.path.insert(0, str(TOOLS))
    yield
    sys.path.remove(str(TOOLS))


@pytest.fixture(scope="module")
def prove(tools: None) -> ModuleType:
    pytest.importorskip("z3", reason="z3 is not installed: pip install 'kms-lint[prove]'")
    import prove

    return prove


def test_diff_and_the_solver_agree(prove: ModuleType) -> None:
    for asked in prove.questions(seed=5, count=8):
        assert not prove.judged(asked, BUDGET).startswith("disagree"), prove.shown(asked)


def test_a_wrong_answer_is_seen_and_made_small(prove: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    role = {"AWS": f"arn:aws:iam::{ACCOUNT}:role/app"}
    decrypt = {"Effect": "Allow", "Principal": role, "Action": "kms:Decrypt", "Resource": "*"}
    sign = {**decrypt, "Action": ["kms:Sign", "kms:Verify"]}
    old, new = ({"Version": "2012-10-17", "Statement": each} for each in ([decrypt], [decrypt, sign]))
    asked = prove.Asked(prove.Pair("key", old, new), prove.Reading.KMS, None)
    assert prove.judged(asked, BUDGET) == "agreed: new_access"
    monkeypatch.setattr(prove, "by_engine", lambda _: ("no_new_access", ""))
    assert prove.judged(asked, BUDGET).startswith("disagree")
    (left,) = prove.smaller(asked, BUDGET).pair.new["Statement"]
    assert left["Action"] in (["kms:Sign"], ["kms:Verify"])


def test_random_pairs_are_repeatable_and_can_be_loaded(tools: None) -> None:
    import pairs

    drawn = [pairs.pair(random.Random(seed)) for seed in range(200)]
    assert drawn == [pairs.pair(random.Random(seed)) for seed in range(200)]
    assert {each.kind for each in drawn} == {"key", "identity"}
    for each in drawn:
        assert policy(each.old).statements
        assert policy(each.new).statements
