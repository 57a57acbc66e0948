"""A case of a check of another tool: a document, what we say of it, and whether the other tool says so too."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from kms_lint import load
from kms_lint.engine import lint
from kms_lint.library import built_in, described
from kms_lint.naming import Names
from tests.peers.documents import Files
from tests.threads import OWNER, line_of

NAMES = Names(described())
TODAY = "2026-11-24"


class Case(NamedTuple):
    """A document for the check of this id; `speaks` are the rules that find something, each with a part of the line.

    `peer` is what the other tool does, "flags" or "passes", where it is not what we do, and `why` is why we differ. `of`
    names rules where those that the id stands for are not meant: where the other tool does not look at all.
    """

    check: str
    files: Files
    speaks: tuple[tuple[str, str], ...] = ()
    peer: str = ""
    why: str = ""
    of: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """For the names of tests."""
        return f"{self.check}: {self.why or ('flagged' if self.speaks else 'passed')}"


def fails(check: str, files: Files, *speaks: tuple[str, str]) -> Case:
    """The other tool flags this document, and so do we, at these places."""
    return Case(check, files, speaks)


def passes(check: str, files: Files) -> Case:
    """The other tool says nothing about this document, and neither do we."""
    return Case(check, files)


def spared(check: str, files: Files, why: str) -> Case:
    """The other tool flags what is right: we say nothing."""
    return Case(check, files, (), "flags", why)


def caught(check: str, files: Files, why: str, *speaks: tuple[str, str]) -> Case:
    """The other tool lets pass what is wrong: we say so, by the rules that its check stands for or by others."""
    own = NAMES.meant(check)
    return Case(check, files, speaks, "passes", why, () if {rule for rule, _ in speaks} <= own else tuple(dict(speaks)))


def judge(case: Case, folder: Path) -> None:
    """Lints a document with the rules that the other tool's id stands for, and compares the findings with what is expected."""
    write(case.files, folder)
    rules = set(case.of) or NAMES.meant(case.check)
    assert rules, f"no rule carries {case.check}"
    report = lint(replace(load(folder, account=OWNER), today=TODAY), built_in(rules))
    said = {(each.about.id, line_of(each)) for each in report.findings}
    unmet = [(rule, part) for rule, part in case.speaks if not any(rule == one and part in line for one, line in said)]
    assert unmet == [], sorted(said)
    more = [(rule, line) for rule, line in said if not any(rule == one and part in line for one, part in case.speaks)]
    assert more == [], sorted(more)


def write(files: Mapping[str, str], folder: Path) -> None:
    """Writes the files of a case."""
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
