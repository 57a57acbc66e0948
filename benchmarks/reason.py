"""Measures `diff` and `access` and prints each figure beside its goal.

    python benchmarks/reason.py              all of it; with z3 (`pip install 'kms-lint[prove]'`) side by side
    python benchmarks/reason.py --quick      less of each, to see that it works

CPU time, of this process or of the command that is run; memory is the peak of that command. A figure that misses its
goal is marked so, and nothing is averaged away: the slowest case is named.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import estate as estates

PROJECT = Path(__file__).parents[1]
sys.path += [str(PROJECT / "tools"), str(PROJECT)]

from pairs import ACCOUNT, pair  # noqa: E402

from kms_lint.files import File  # noqa: E402
from kms_lint.load import Options, load  # noqa: E402
from kms_lint.model import Policy, PolicyKind  # noqa: E402
from kms_lint.reason.compared import Settings  # noqa: E402
from kms_lint.reason.composed import Composed  # noqa: E402
from kms_lint.reason.difference import Difference, difference  # noqa: E402
from kms_lint.reason.estate import estate  # noqa: E402
from kms_lint.reason.rows import rows  # noqa: E402
from kms_lint.reason.statements import Reading  # noqa: E402


class Asked(NamedTuple):
    """A comparison by name."""

    name: str
    old: Policy
    new: Policy
    settings: Settings


def show(what: str, figure: str, goal: str, met: bool) -> None:
    print(f"{what:<58} {figure:>14}   goal {goal:<12} {'' if met else 'MISSED'}".rstrip(), flush=True)


def timed(action: Callable[[], Any]) -> tuple[float, Any]:
    """CPU seconds, and what came out."""
    begun = time.process_time()
    found = action()
    return time.process_time() - begun, found


def loaded(document: dict[str, Any], kind: PolicyKind, account: str | None) -> Policy:
    file = File("policy.json", "policy.json", True, json.dumps(document).encode())
    return load((file,), Options(kind=kind, account=account))[0].policies[0]


def cases(limit: int | None) -> Iterator[Asked]:
    """The cases of the tests, in both readings."""
    for name in ("semantic_cases", "more_cases"):
        lines = (PROJECT / "tests" / "reason" / f"{name}.jsonl").read_text("utf-8").splitlines()
        for case in map(json.loads, lines[:limit]):
            kind, account = PolicyKind(case["kind"].replace("_", "-")), case.get("key_account")
            old, new = (loaded(case[f"{side}_policy"], kind, account) for side in ("old", "new"))
            for reading in Reading:
                yield Asked(f"{case['name']} ({reading})", old, new, Settings(reading, account, case.get("key_arn")))


def drawn(count: int) -> Iterator[Asked]:
    """Random pairs of policies as people write them, in both readings."""
    chance = random.Random(2026)
    for number in range(count):
        one = pair(chance)
        kind = PolicyKind.KEY if one.kind == "key" else PolicyKind.IDENTITY
        old, new = (loaded(each, kind, ACCOUNT) for each in (one.old, one.new))
        for reading in Reading:
            yield Asked(f"random pair {number} ({reading})", old, new, Settings(reading, ACCOUNT))


def compared(what: str, asked: Sequence[Asked], median: float | None, most: float | None) -> None:
    """Milliseconds of CPU for each comparison, and how many were given up."""
    for each in asked[:3]:
        difference(each.old, each.new, each.settings)  # imports and tables are not what is measured
    taken: list[tuple[float, str]] = []
    given_up: list[str] = []
    for each in asked:
        seconds, found = timed(lambda each=each: difference(each.old, each.new, each.settings))
        taken.append((seconds * 1000, each.name))
        given_up += [each.name] if _budget(found) else []
    middle, (slowest, name) = statistics.median(ms for ms, _ in taken), max(taken)
    if median is not None:
        show(f"{what}: median of {len(taken)}", f"{middle:.1f} ms", f"< {median:g} ms", middle < median)
    else:
        print(f"{what + f': median of {len(taken)}':<58} {middle:>11.1f} ms", flush=True)
    if most is not None:
        show(f"{what}: slowest, {name}"[:58], f"{slowest:.1f} ms", f"< {most:g} ms", slowest < most)
    else:
        print(f"{f'{what}: slowest, {name}'[:58]:<58} {slowest:>11.1f} ms", flush=True)
    show(f"{what}: given up for their size", str(len(given_up)), "0", not given_up)


def _budget(found: Difference) -> bool:
    return found.reason.startswith("budget")


def estate_of(keys: int, roles: int) -> str:
    """Terraform with random policies of keys and roles."""
    chance = random.Random(7)
    policies: dict[str, list[dict[str, Any]]] = {"key": [], "identity": []}
    while len(policies["key"]) < keys or len(policies["identity"]) < roles:
        one = pair(chance, variables=False)
        policies[one.kind].append(one.old)
    parts = []
    for number, policy in enumerate(policies["key"][:keys]):
        parts.append(f'resource "aws_kms_key" "k{number}" {{\n  policy = <<E\n{json.dumps(policy)}\nE\n}}\n')
    for number, policy in enumerate(policies["identity"][:roles]):
        parts.append(f'resource "aws_iam_role" "r{number}" {{\n  name = "role-{number}"\n}}\n')
        parts.append(
            f'resource "aws_iam_role_policy" "p{number}" {{\n  role   = aws_iam_role.r{number}.name\n'
            f"  policy = <<E\n{json.dumps(policy)}\nE\n}}\n"
        )
    return "".join(parts)


def composed(keys: int, roles: int, most: float) -> None:
    """Effective access of all roles to all keys, over all actions."""
    file = File("main.tf", "main.tf", True, estate_of(keys, roles).encode())
    documents = load((file,), Options(account=ACCOUNT))
    held = estate(documents, ACCOUNT, "aws")
    named = sum(1 for party in held.parties if "role-" in party.shown)
    seconds, found = timed(lambda: sum(1 for _ in rows(held, Composed(held))))
    what = f"{len(held.keys) * named} pairs of key and role, {found} rows"
    show(what, f"{seconds:.1f} s", f"< {most:g} s", seconds < most)


def folder(keys: int, roles: int, seconds: float, mebibytes: float) -> None:
    """`access` and `diff` of two revisions of a folder, each a command of its own."""
    with tempfile.TemporaryDirectory() as name:
        place = Path(name) / "estate"
        estates.main(place, keys, roles)
        for words in (["access", str(place), "-q"], ["diff", "git:HEAD~1", str(place), "-q"]):
            code = (
                "import resource, subprocess, sys;"
                "done = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True);"
                "used = resource.getrusage(resource.RUSAGE_CHILDREN);"
                "print(done.returncode, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, done.stderr[-300:])"
            )
            command = [sys.executable, "-c", code, sys.executable, "-m", "kms_lint", *words, "--account", ACCOUNT]
            shown = subprocess.run(command, capture_output=True, text=True, check=True, cwd=place).stdout.split(None, 3)
            status, cpu, peak = int(shown[0]), float(shown[1]), float(shown[2])
            if status not in (0, 1):
                raise SystemExit(f"kms-lint {' '.join(words)} ended with {status}: {shown[3:]}")
            what = f"{words[0]}, {keys} keys and {roles} roles"
            show(what, f"{cpu:.2f} s", f"< {seconds:g} s", cpu < seconds)
            show(f"{what}: peak memory", f"{peak:.0f} MiB", f"< {mebibytes:g} MiB", peak < mebibytes)


def side_by_side(count: int) -> None:
    """The same questions to z3, by the encoding of tools/prove.py."""
    try:
        import prove
    except ImportError:
        print("z3 is not installed: nothing is compared with it (pip install 'kms-lint[prove]')")
        return
    own: list[float] = []
    other: list[float] = []
    unanswered = 0
    for asked in prove.questions(2026, count):
        try:
            seconds, (answer, _) = timed(lambda asked=asked: prove.by_solver(asked, 2_000_000))
        except prove.UnsupportedError:
            continue
        unanswered += answer == prove.NO_ANSWER
        other.append(seconds * 1000)
        own.append(timed(lambda asked=asked: prove.by_engine(asked))[0] * 1000)
    for name, taken in (("kms-lint, policies loaded", own), ("z3", other)):
        print(
            f"{f'{len(taken)} questions by {name}':<58} median {statistics.median(taken):.1f} ms, "
            f"mean {statistics.mean(taken):.1f} ms, slowest {max(taken):.0f} ms"
        )
    print(f"{'not answered by z3 within its budget':<58} {unanswered}")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--quick", action="store_true", help="small numbers, to see that it works")
    quick = options.parse_args().quick
    compared("cases", list(cases(5 if quick else None)), 5, 50)
    compared("random pairs", list(drawn(10 if quick else 200)), None, None)
    composed(*((5, 10) if quick else (50, 100)), most=15)
    folder(*((5, 10) if quick else (50, 200)), seconds=5, mebibytes=300)
    side_by_side(3 if quick else 60)


if __name__ == "__main__":
    main()
