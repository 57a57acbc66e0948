"""The engine against the reference evaluator, on random policies: at the engine's own points, and on requests apart."""

import json
import random
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from kms_lint.model import Policy, PolicyKind
from kms_lint.reason.compared import Compared, Settings, replay
from kms_lint.reason.difference import Relation, Verdict, difference
from kms_lint.reason.formula import Formula, holds
from kms_lint.reason.statements import Reading
from tests.reason.cases import dimensions, policy
from tests.reason.strategies import ACCOUNT, KEY, KINDS, Document, pairs, requests

FAILURES = Path(__file__).parent / "failures"
POINTS, REQUESTS = 16, 50
EXAMPLES = {PolicyKind.KEY: 260}
"""Pairs for each kind and reading; 110 where nothing else is said. Two sides and `POINTS` each make over 20,000 points."""


def check(old_document: Document, new_document: Document, kind: PolicyKind, reading: Reading, number: int) -> None:
    """All that has to be so of a pair of policies; `number` chooses the requests."""
    chance = random.Random(number)
    old, new = (policy(each, kind) for each in (old_document, new_document))
    asked = Settings(reading, ACCOUNT, KEY)
    compared = Compared(old, new, asked, reading is Reading.KMS)
    agrees(compared, old, compared.old_allows, chance)
    agrees(compared, new, compared.new_allows, chance)
    found = difference(old, new, asked)
    assert not found.reason.startswith(("budget", "unsupported")), found.reason
    assert bool(found.groups) is (found.verdict is Verdict.NEW_ACCESS)
    for group in found.groups:
        assert replay(new, group.request, group.around).allowed is True, group
        assert replay(old, group.request, group.around).allowed is False, group
    asking = requests(kind, compared.facts, (old_document, new_document), chance)
    for request, around in islice(asking, REQUESTS):
        beside = around if compared.account is not None else replace(around, account="")
        before, after = (replay(side, request, beside).allowed for side in (old, new))
        if found.verdict is Verdict.NO_NEW_ACCESS:
            assert not (after is True and before is False), ("proved", request, beside)
        if found.relation in (Relation.EQUIVALENT, Relation.WIDER):
            assert not (before is True and after is False), (found.relation, request, beside)


def agrees(compared: Compared, side: Policy, formula: Formula, chance: random.Random) -> None:
    literals = {each.dimension: each for each in dimensions(formula)}
    for _ in range(POINTS):
        point = {name: chance.randrange(each.full.bit_length()) for name, each in literals.items()}
        request, around = compared.request(point), compared.around(point)
        said = replay(side, request, around).allowed
        if said is not None:
            assert holds(formula, point) is said, (request, around)


def stored(pair: tuple[Document, Document], kind: PolicyKind, reading: Reading, number: int) -> Path:
    """Writes down a pair that failed, for the test below."""
    case: dict[str, Any] = {
        "kind": kind.value,
        "reading": reading.value,
        "seed": number,
        "old_policy": pair[0],
        "new_policy": pair[1],
    }
    text = json.dumps(case, indent=1)
    FAILURES.mkdir(exist_ok=True)
    path = FAILURES / f"{kind.value}-{reading.value}.json"  # the last one that is tried is the smallest
    path.write_text(text + "\n", "utf-8")
    return path


TOGETHER = [
    (kind, reading) for kind in KINDS for reading in Reading if kind is PolicyKind.KEY or reading is Reading.KMS
]


@pytest.mark.parametrize(
    ("kind", "reading"), TOGETHER, ids=[f"{kind.value} {reading.value}" for kind, reading in TOGETHER]
)
def test_the_engine_agrees_with_the_reference_evaluator(kind: PolicyKind, reading: Reading) -> None:
    """A pair that fails is kept, by a name of its own if need be, until the test below passes with it."""

    @seed(20261124)
    @settings(
        max_examples=EXAMPLES.get(kind, 110), database=None, deadline=None, suppress_health_check=list(HealthCheck)
    )
    @given(pair=pairs(kind), number=st.integers(0, 2**20))
    def each(pair: tuple[Document, Document], number: int) -> None:
        try:
            check(*pair, kind, reading, number)
        except Exception as error:
            error.add_note(f"kept in {stored(pair, kind, reading, number).name}")
            raise

    each()


@pytest.mark.parametrize("path", sorted(FAILURES.glob("*.json")), ids=lambda path: path.stem)
def test_what_failed_once(path: Path) -> None:
    case = json.loads(path.read_text("utf-8"))
    check(case["old_policy"], case["new_policy"], PolicyKind(case["kind"]), Reading(case["reading"]), case["seed"])
