"""What is claimed of the checks of other tools is true: selected by their ids, our rules say what they say, where it is right."""

from __future__ import annotations

from pathlib import Path

import pytest

from kms_lint.peers import BEYOND, TOOLS, Peer
from tests.peers import accounts, infrastructure, naive, nobody, policies, templates
from tests.peers.case import NAMES, Case, judge

CASES: list[Case] = [
    *infrastructure.CASES,
    *templates.CASES,
    *policies.CASES,
    *accounts.CASES,
    *naive.CASES,
    *nobody.CASES,
]


def claims() -> list[tuple[Peer, str]]:
    return [(check, rule) for tool in (*TOOLS, BEYOND) for check in tool.checks for rule in check.rules]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_a_check_selected_by_its_id(case: Case, tmp_path: Path) -> None:
    judge(case, tmp_path)


@pytest.mark.parametrize(("check", "rule"), claims(), ids=lambda each: each if isinstance(each, str) else each.ids[0])
def test_each_rule_that_carries_a_check_is_shown_to_do_so(check: Peer, rule: str) -> None:
    assert any(case.check in check.ids and rule in dict(case.speaks) for case in CASES)


@pytest.mark.parametrize(
    "check", [check for tool in TOOLS for check in tool.checks if check.rules], ids=lambda check: check.ids[0]
)
def test_each_check_has_something_that_passes_it(check: Peer) -> None:
    assert any(case.check in check.ids and not case.speaks for case in CASES)


@pytest.mark.parametrize(
    "check", [check for tool in TOOLS for check in tool.checks if check.rules], ids=lambda check: check.ids[0]
)
def test_each_id_of_a_check_selects_its_rules(check: Peer) -> None:
    for id in check.ids:
        assert set(check.rules) <= NAMES.meant(id), id


def test_where_we_differ_there_is_a_reason() -> None:
    assert [case.id for case in CASES if bool(case.peer) is not bool(case.why)] == []
