"""Flips the operators and the rules of KMS one by one, and sees whether a test notices each.

`python tools/mutants.py` runs all of tools/mutants.toml, `python tools/mutants.py NAME ...` some, `--list` names them.
Each is made in a copy of the package. It exits with 1 when a mutant survives, or does not fit the code any more.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).parent
PROJECT = HERE.parent
COPIED = ("kms_lint", "rules", "tests/__init__.py", "tests/iam", "tests/reason", "tests/conftest.py", "pyproject.toml")
DIFFERENCE, DIFFERENTIAL = "tests/reason/test_difference.py", "tests/reason/test_differential.py"
SAMPLED = f"{DIFFERENTIAL}::test_the_engine_agrees_with_the_reference_evaluator"
TESTS = (
    "tests/reason/test_mutants.py",
    "tests/reason/test_more_cases.py",
    f"{DIFFERENCE}::test_a_published_case",
    f"{DIFFERENCE}::test_the_truth_table",
    "tests/reason/test_mutants_of_access.py",
    *(f"tests/reason/test_{name}.py" for name in ("alone", "left", "relabelled")),
    "tests/reason/test_soundness.py",
    "tests/reason/test_rows.py",
    "tests/reason/test_variables.py",
    *(f"tests/iam/test_{name}.py" for name in ("actions", "comparisons", "conditions", "principals", "wildcards")),
    "tests/reason/test_truth_table.py",
    f"{DIFFERENCE}::test_the_engine_agrees_with_the_reference_evaluator",
    f"{DIFFERENCE}::test_every_counterexample_replays_and_nothing_is_left_to_chance",
    f"{DIFFERENCE}::test_laws",
    f"{DIFFERENTIAL}::test_what_failed_once",
    f"{SAMPLED}[identity-policy kms]",
    f"{SAMPLED}[key-policy policy-only]",
)
"""Those that notice most mutants soonest come first: a run ends with the first test that fails."""

LIMIT = 120
"""As many seconds a run may take. A mutant that makes it hang is noticed as well."""


class Mutant(NamedTuple):
    """A change of the code that makes it wrong; `rule` is what AWS documents and the mutant contradicts."""

    name: str
    file: str
    old: str
    new: str
    rule: str

    def occurrences(self, project: Path = PROJECT) -> int:
        """How often its old text occurs in its file: once, if it fits."""
        return (project / self.file).read_text("utf-8").count(self.old)


def mutants() -> list[Mutant]:
    """All mutants, in the order in which they are written."""
    read = tomllib.loads((HERE / "mutants.toml").read_text("utf-8"))
    return [Mutant(name, **words) for name, words in read.items()]


def copy(project: Path, target: Path) -> None:
    """Copies what the tests need; times stay, so that what is compiled stays valid."""
    for name in COPIED:
        source, there = project / name, target / name
        there.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, there)
        else:
            shutil.copy2(source, there)


def apply(mutant: Mutant, project: Path) -> None:
    """Makes a mutant in a copy of the project, and forgets what was compiled of the file."""
    path = project / mutant.file
    path.write_text(path.read_text("utf-8").replace(mutant.old, mutant.new), "utf-8")
    Path(importlib.util.cache_from_source(str(path))).unlink(missing_ok=True)


def run(project: Path) -> str:
    """Runs the tests in a copy: `passed`, `failed`, `hung`, or `broken` when they could not even begin."""
    command = [sys.executable, "-m", "pytest", "-x", "-q", "--no-header", "--tb=no", "-p", "no:cacheprovider", *TESTS]
    # the working folder comes first where Python looks for the package: an installed one must not be tested instead
    environment = {**os.environ, "PYTHONPATH": str(project)}
    try:
        done = subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, timeout=LIMIT)
    except subprocess.TimeoutExpired:
        return "hung"
    first = next((line for line in done.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))), "")
    return {0: "passed", 1: f"failed {first.partition('::')[2][:70]}"}.get(done.returncode, f"broken {first}")


def tried(mutant: Mutant, base: Path) -> bool:
    """Whether a test notices a mutant; says so."""
    before = time.monotonic()
    if mutant.occurrences() != 1:
        print(f"does not fit  {mutant.name}: its old text is not in {mutant.file} exactly once", flush=True)
        return False
    with tempfile.TemporaryDirectory() as folder:
        copy(base, Path(folder))
        apply(mutant, Path(folder))
        said = run(Path(folder))
    killed = said.startswith(("failed", "hung"))
    word = "killed" if killed else "SURVIVED" if said == "passed" else "BROKEN"
    print(f"{word:<9} {time.monotonic() - before:5.1f} s  {mutant.name}: {said}", flush=True)
    return killed


def main(arguments: Sequence[str]) -> int:
    """Tries all mutants, or those that are named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", nargs="*", help="mutants to try; all when none is named")
    parser.add_argument("--list", action="store_true", help="name the mutants and what each contradicts")
    asked = parser.parse_args(arguments)
    every = {mutant.name: mutant for mutant in mutants()}
    if strange := [name for name in asked.name if name not in every]:
        parser.error(f"there is no mutant {', '.join(strange)}")
    chosen = [every[name] for name in asked.name] or list(every.values())
    if asked.list:
        for mutant in chosen:
            print(f"{mutant.name}  {mutant.file}\n    {mutant.rule}")
        return 0
    return _all_tried(chosen)


def _all_tried(chosen: Sequence[Mutant]) -> int:
    before = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        base = Path(folder)
        copy(PROJECT, base)
        if (said := run(base)) != "passed":
            print(f"the tests fail without a mutant already: {said}")
            return 1
        left = [mutant.name for mutant in chosen if not tried(mutant, base)]
    print(f"{len(chosen) - len(left)} of {len(chosen)} mutants killed in {time.monotonic() - before:.0f} s")
    if left:
        print(f"not killed: {', '.join(left)}")
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
