"""A search for steps ends after a number of them, and what was not looked at is not known."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from kms_lint.api import load
from kms_lint.cli import access
from kms_lint.formatters.access import none_found
from kms_lint.reason.composed import Composed
from kms_lint.reason.effort import Effort
from kms_lint.reason.escalation import CUT, Chain, Escalations
from kms_lint.reason.estate import estate

from .test_escalation import DECRYPT, HEAD, ROOT, inline, named, role

_ROLES = 12


def many(folder: Path) -> Path:
    """Roles of which each may act as the next one, and the last may use the key."""
    roles = [role(f"r{at}", "arn:aws:iam::111122223333:root") for at in range(_ROLES)]
    own = [inline(f"r{at}", '"sts:AssumeRole"', f"aws_iam_role.r{at + 1}.arn") for at in range(_ROLES - 1)]
    (folder / "main.tf").write_text(HEAD % f"{ROOT}, {named(f'r{_ROLES - 1}', DECRYPT)}" + "".join(roles + own))
    return folder


def searched(folder: Path, steps: int) -> tuple[list[Chain], bool]:
    held = estate(load(str(folder), account="111122223333").documents)
    search = Escalations(held, Composed(held), Effort(steps))
    return list(search.all(held.parties)), search.cut


def test_a_search_that_may_take_few_steps_is_cut_and_says_the_same_each_time(tmp_path: Path) -> None:
    folder = many(tmp_path)
    (few, cut), (again, _) = searched(folder, 3_000), searched(folder, 3_000)
    assert cut
    assert [(each.party.shown, each.actions, len(each.steps)) for each in few] == [
        (each.party.shown, each.actions, len(each.steps)) for each in again
    ]
    whole, _ = searched(folder, 1_000_000)
    assert len(few) < len(whole)


def test_what_takes_no_step_in_iam_is_found_when_nothing_is_left(tmp_path: Path) -> None:
    put = '"kms:PutKeyPolicy"'
    (tmp_path / "main.tf").write_text(HEAD % f"{ROOT}, {named('keys', put)}" + role("keys"))
    found, cut = searched(tmp_path, 0)
    assert cut
    assert [step.action for chain in found for step in chain.steps] == ["kms:PutKeyPolicy"]


def test_nothing_found_by_a_search_that_was_cut_is_not_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "main.tf").write_text(HEAD % f"{ROOT}, {named('r0', DECRYPT)}" + role("r0") + role("r1"))
    arguments = [str(tmp_path), "--account", "111122223333", "--escalation", "-q"]
    told = CliRunner().invoke(access.command, arguments, standalone_mode=False).output
    assert told.startswith("nobody in the input can make itself able to do more with a key than it may do now\n")
    assert CUT not in " ".join(told.split())
    monkeypatch.setattr("kms_lint.reason.escalation.Effort", lambda: Effort(0))
    told = " ".join(CliRunner().invoke(access.command, arguments, standalone_mode=False).output.split())
    assert "nobody" not in told
    assert told.startswith(
        "nothing was found, but not all steps were followed: whether anybody in the input can obtain"
    )
    assert f"assuming: {CUT}" in told


@pytest.mark.parametrize(
    ("principals", "cut", "expected"),
    [
        (None, False, "nobody in the input can make itself able to do more of what was asked about than it may do now"),
        (["role/a"], False, "role/a cannot make itself able to do more of what was asked about than it may do now"),
        (
            ["role/a", "role/b"],
            False,
            "none of role/a, role/b can make itself able to do more of what was asked about than it may do now",
        ),
        (
            ["role/a"],
            True,
            "nothing was found, but not all steps were followed: whether role/a can obtain more of what was asked about is not known",
        ),
        ([], False, "steps are followed from single principals, not from classes of them: nothing was looked for"),
    ],
    ids=["everybody", "one", "two", "one, cut", "a class"],
)
def test_that_there_is_nothing_is_told_of_what_was_asked(
    principals: list[str] | None, cut: bool, expected: str
) -> None:
    assert none_found(principals, True, cut) == expected
