"""Pairs of policies with the verdict that follows from AWS's documentation, as files of JSON lines, and how one is tried."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from kms_lint.files import File
from kms_lint.load import Options, load
from kms_lint.model import Policy, PolicyKind
from kms_lint.reason.compared import Settings, replay
from kms_lint.reason.difference import difference
from kms_lint.reason.formula import And, Formula, Literal, Or
from kms_lint.reason.statements import Reading

ACCOUNT = "111122223333"


def cases(name: str) -> list[dict[str, Any]]:
    """The cases of a file beside this one."""
    return [json.loads(line) for line in (Path(__file__).parent / name).read_text("utf-8").splitlines()]


def policy(document: Mapping[str, Any], kind: PolicyKind = PolicyKind.KEY, account: str | None = ACCOUNT) -> Policy:
    """A document as it is loaded from a file."""
    file = File("policy.json", "policy.json", True, json.dumps(document).encode())
    return load((file,), Options(kind=kind, account=account))[0].policies[0]


def try_case(case: Mapping[str, Any], reading: Reading) -> None:
    """The verdict is the one expected, and every example is replayed on both policies."""
    kind, account = PolicyKind(case["kind"].replace("_", "-")), case.get("key_account")
    old, new = policy(case["old_policy"], kind, account), policy(case["new_policy"], kind, account)
    budget = case.get("budget", Settings().budget)
    found = difference(old, new, Settings(reading, account, case.get("key_arn"), budget=budget))
    expected = case["expected"]
    if reading is Reading.POLICY_ONLY:
        expected = case.get("expected_policy_only", expected)
    assert found.verdict == expected, (case.get("why"), found)
    assert bool(found.groups) is (expected == "new_access")
    assert found.relation == case.get("relation", found.relation), case.get("why")
    assert found.reason.startswith(case.get("reason", "")), found.reason
    for group in found.groups:
        if not case.get("holes"):
            assert replay(new, group.request, group.around).allowed is True
            assert replay(old, group.request, group.around).allowed is False


def dimensions(formula: Formula) -> Iterator[Literal]:
    """The literals of a formula."""
    if isinstance(formula, Literal):
        yield formula
    elif isinstance(formula, And | Or):
        for part in formula[0]:
            yield from dimensions(part)
