"""What is said of some 300 pairs of policies stays as it is, unless a line of frozen.jsonl says why it changed.

A line has the pair and the answer: verdict, relation, and of the first request that shows new access the kind of its
caller and its action. To add a pair, write its line without an answer. `pytest --update tests/reason/test_frozen.py`
writes the answers anew; where one changes it keeps the old one as `was` beside an empty `reason`, and the test fails
until somebody has written there why the new answer is the right one.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from kms_lint.model import PolicyKind
from kms_lint.reason.compared import Settings
from kms_lint.reason.difference import difference
from kms_lint.reason.statements import Reading
from tests.reason.cases import policy

FROZEN = Path(__file__).parent / "frozen.jsonl"
ANSWER = ("verdict", "relation", "witness")

Line = dict[str, Any]


def lines() -> list[Line]:
    return [json.loads(line) for line in FROZEN.read_text("utf-8").splitlines()]


def answer(line: Line) -> Line:
    """What the program says of a pair now."""
    kind, account = PolicyKind(line["kind"]), line["account"]
    old, new = (policy(line[side], kind, account) for side in ("old", "new"))
    found = difference(old, new, Settings(Reading(line["reading"]), account, line.get("key")))
    first = found.groups[0].request if found.groups else None
    witness = None if first is None else {"principal": first.caller.kind.value, "action": first.action}
    return {"verdict": found.verdict.value, "relation": found.relation.value, "witness": witness}


def recorded(line: Mapping[str, Any]) -> Line:
    return {name: line[name] for name in ANSWER if name in line}


def updated(line: Line, now: Line) -> Line:
    """The line with the answer of now. What was last answered for a reason that stands written is what `was` holds."""
    pair = {name: value for name, value in line.items() if name not in (*ANSWER, "was", "reason")}
    before = recorded(line)
    unexplained = "was" in line and not line.get("reason", "").strip()
    if now == before and not unexplained:
        return line
    kept = line["was"] if unexplained else before
    if now == kept or not before:
        return {**pair, **now}
    return {**pair, **now, "was": kept, "reason": ""}


def complaint(line: Line, now: Line) -> str | None:
    """What is wrong with a line."""
    if now != recorded(line):
        return f"{line['name']}: was {recorded(line)}, is {now}: mend it, or see the top of test_frozen.py"
    if "was" not in line and "reason" not in line:
        return None
    if not line.get("reason", "").strip():
        return f"{line['name']}: was {line.get('was')}, is {now}: write the reason into frozen.jsonl"
    if line.get("was") in (None, {}, now):
        return f"{line['name']}: a reason, but `was` does not say what was answered before"
    return None


def written(found: list[Line]) -> str:
    return "".join(f"{json.dumps(line, ensure_ascii=False)}\n" for line in found)


def test_nothing_changed_without_a_reason(request: pytest.FixtureRequest) -> None:
    found = lines()
    answers = [answer(line) for line in found]
    if request.config.getoption("--update"):
        found = [updated(line, now) for line, now in zip(found, answers, strict=True)]
        FROZEN.write_text(written(found), "utf-8")
    complaints = [complaint(line, now) for line, now in zip(found, answers, strict=True)]
    assert not any(complaints), "\n".join(each for each in complaints if each)


def test_names_tell_the_pairs_apart() -> None:
    names = [line["name"] for line in lines()]
    assert sorted(set(names)) == sorted(names)


NO = {"verdict": "no_new_access", "relation": "narrower", "witness": None}
NOT_KNOWN = {"verdict": "unknown", "relation": "unknown", "witness": None}
YES = {"verdict": "new_access", "relation": "wider", "witness": {"principal": "role", "action": "kms:Decrypt"}}


@pytest.mark.parametrize(
    ("line", "now", "expected"),
    [
        ({}, NO, {**NO}),
        ({**NO}, NO, {**NO}),
        ({**NO}, YES, {**YES, "was": NO, "reason": ""}),
        ({**YES, "was": NO, "reason": ""}, YES, {**YES, "was": NO, "reason": ""}),
        ({**YES, "was": NO, "reason": ""}, NOT_KNOWN, {**NOT_KNOWN, "was": NO, "reason": ""}),
        ({**YES, "was": NO, "reason": " "}, NO, {**NO}),
        ({**YES, "was": NO, "reason": "so"}, YES, {**YES, "was": NO, "reason": "so"}),
        ({**YES, "was": NO, "reason": "so"}, NO, {**NO, "was": YES, "reason": ""}),
    ],
    ids=[
        "a new pair",
        "the same",
        "changed",
        "still without a reason",
        "changed again before there is a reason",
        "as it was",
        "with a reason",
        "changed again, after there was a reason",
    ],
)
def test_an_update_keeps_the_reason_mandatory(line: Line, now: Line, expected: Line) -> None:
    assert updated({"name": "a", **line}, now) == {"name": "a", **expected}


@pytest.mark.parametrize(
    ("line", "now", "expected"),
    [
        ({**NO}, NO, None),
        ({**NO}, YES, "mend it"),
        ({}, YES, "mend it"),
        ({**YES, "was": NO, "reason": ""}, YES, "write the reason"),
        ({**YES, "was": NO}, YES, "write the reason"),
        ({**YES, "was": YES, "reason": "so"}, YES, "does not say"),
        ({**YES, "reason": "so"}, YES, "does not say"),
        ({**YES, "was": NO, "reason": "so"}, YES, None),
    ],
)
def test_a_change_needs_a_reason(line: Line, now: Line, expected: str | None) -> None:
    found = complaint({"name": "a", **line}, now)
    assert (found is None) if expected is None else (expected in (found or ""))
