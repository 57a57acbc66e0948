"""Tries `kms-lint diff` on random pairs of policies against an SMT solver that knows nothing of it.

    pip install 'kms-lint[prove]'
    python tools/prove.py --pairs 1000 --seed 1

Both readings of each pair are asked whether the new policy grants what the old does not: of `kms_lint.reason`, and of z3
by the encoding in `encoding.py`. A disagreement is printed with policies as small as still disagree, and ends with exit
status 1. What z3 does not answer within its budget (steps, not seconds) is counted and not judged; so is where the
engine says `unknown` of what z3 can tell, which it may for policy variables and what documentation leaves open, and
for nothing else.
"""

from __future__ import annotations

import argparse
import copy
import json
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator
from itertools import product
from typing import Any, Final, NamedTuple

import z3
from encoding import Encoding
from pairs import ACCOUNT, KEY_ARN, Pair, pair
from regular import UnsupportedError

from kms_lint.files import File
from kms_lint.load import Options, load
from kms_lint.model import Policy, PolicyKind
from kms_lint.reason.compared import Settings
from kms_lint.reason.difference import difference
from kms_lint.reason.statements import Reading

PROVED, FOUND, UNKNOWN, NO_ANSWER = "no_new_access", "new_access", "unknown", "no answer"
MOST_OPEN: Final = 4
"""As many open questions are tried in all their combinations; with more, z3 gives no answer."""

_MAY_BE_UNKNOWN: Final = ("relational", "ambiguity")


class Asked(NamedTuple):
    """A question: a pair, as it is read, for a key that is known by its ARN or not."""

    pair: Pair
    reading: Reading
    key_arn: str | None


def by_engine(asked: Asked) -> tuple[str, str]:
    """What `kms-lint diff` says, and why nothing is known."""
    kind = PolicyKind.KEY if asked.pair.kind == "key" else PolicyKind.IDENTITY
    old, new = (_loaded(each, kind) for each in (asked.pair.old, asked.pair.new))
    found = difference(old, new, Settings(asked.reading, ACCOUNT, asked.key_arn))
    return str(found.verdict), found.reason


def _loaded(document: dict[str, Any], kind: PolicyKind) -> Policy:
    file = File("policy.json", "policy.json", True, json.dumps(document).encode())
    return load((file,), Options(kind=kind, account=ACCOUNT))[0].policies[0]


def by_solver(asked: Asked, budget: int) -> tuple[str, str]:
    """What z3 says, and the request that it found."""
    kms = asked.reading is Reading.KMS
    made = Encoding((asked.pair.old, asked.pair.new), asked.pair.kind, kms, ACCOUNT, asked.key_arn)
    gained = z3.And(made.allows(asked.pair.new), z3.Not(made.allows(asked.pair.old)))
    answer, request = _solved([*made.rules, gained], budget)
    if answer != FOUND or not made.free:
        return answer, request
    if len(made.free) > MOST_OPEN:
        return NO_ANSWER, ""
    each_way = [
        z3.substitute(gained, *zip(made.free.values(), map(z3.BoolVal, values), strict=True))
        for values in product((False, True), repeat=len(made.free))
    ]
    settled, request = _solved([*made.rules, *each_way], budget)
    return (UNKNOWN if settled == PROVED else settled), request


def _solved(formulas: list[Any], budget: int) -> tuple[str, str]:
    solver = z3.Solver()
    solver.set("rlimit", budget)
    solver.add(*formulas)
    answer = solver.check()
    if answer == z3.unknown:
        return NO_ANSWER, ""
    return (FOUND, str(solver.model())) if answer == z3.sat else (PROVED, "")


def judged(asked: Asked, budget: int) -> str:
    """How the two answers agree: `agreed`, `weaker`, `no answer`, `not modelled`, or `disagree` with both."""
    try:
        solver, _ = by_solver(asked, budget)
    except UnsupportedError as error:
        return f"not modelled: {error}"
    if solver == NO_ANSWER:
        return NO_ANSWER
    engine, reason = by_engine(asked)
    if engine == solver:
        return f"agreed: {engine}"
    if engine == UNKNOWN and reason.startswith(_MAY_BE_UNKNOWN):
        return f"weaker: {reason.partition(':')[0]}"
    return f"disagree: diff says {engine} ({reason}), z3 {solver}"


def smaller(asked: Asked, budget: int) -> Asked:
    """The pair without whatever can be left out so that the disagreement stays."""
    found = True
    while found:
        found = False
        for each in _reductions(asked):
            if judged(each, budget).startswith("disagree"):
                asked, found = each, True
                break
    return asked


def _reductions(asked: Asked) -> Iterator[Asked]:
    """The same with one statement, condition or value less, on one side or on both."""
    for sides in (("old", "new"), ("old",), ("new",)):
        for path in sorted({path for side in sides for path in _paths(getattr(asked.pair, side))}, key=len):
            made = {side: copy.deepcopy(getattr(asked.pair, side)) for side in ("old", "new")}
            removed = [_removed(made[side], path) for side in sides]
            if all(removed):
                yield asked._replace(pair=Pair(asked.pair.kind, made["old"], made["new"]))


def _paths(document: dict[str, Any]) -> Iterator[tuple[Any, ...]]:
    for index, statement in enumerate(document["Statement"]):
        yield (index,)
        for operator, block in statement.get("Condition", {}).items():
            yield (index, "Condition", operator)
            for key, values in block.items():
                yield (index, "Condition", operator, key)
                yield from ((index, "Condition", operator, key, at) for at in range(len(values)) if len(values) > 1)
        for name in ("Action", "Resource"):
            values = statement.get(name)
            if isinstance(values, list) and len(values) > 1:
                yield from ((index, name, at) for at in range(len(values)))


def _removed(document: dict[str, Any], path: tuple[Any, ...]) -> bool:
    """Whether there was something to leave out: each policy keeps a statement, each list a value."""
    inner: Any = document["Statement"]
    try:
        for step in path[:-1]:
            inner = inner[step]
        if isinstance(inner, str) or (isinstance(inner, list) and len(inner) < 2):
            return False
        del inner[path[-1]]
    except (KeyError, IndexError):
        return False
    for statement in document["Statement"]:
        block = statement.get("Condition", {})
        for operator in [operator for operator, entries in block.items() if not entries]:
            del block[operator]
    return True


def questions(seed: int, count: int) -> Iterator[Asked]:
    """Random pairs, each in both readings."""
    chance = random.Random(seed)
    for _ in range(count):
        one, key_arn = pair(chance), chance.choice((KEY_ARN, None))
        for reading in Reading:
            yield Asked(one, reading, key_arn)


def shown(asked: Asked) -> str:
    """A question as a line to put into a file of cases."""
    kind = f"{asked.pair.kind}_policy"
    return json.dumps(
        {"kind": kind, "reading": asked.reading, "old_policy": asked.pair.old, "new_policy": asked.pair.new, "key_account": ACCOUNT}
        | ({"key_arn": asked.key_arn} if asked.key_arn else {})
    )  # fmt: skip


def main() -> int:
    """Compares, and tells."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--pairs", type=int, default=1000, help="how many pairs")
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--budget", type=int, default=4_000_000, help="steps of z3 for one question")
    options.add_argument("--weaker", action="store_true", help="print what diff leaves unknown and z3 does not")
    options.add_argument("--seconds", type=float, help="begin no further question after so long")
    given = options.parse_args()
    begun, counts = time.monotonic(), Counter[str]()
    for asked in questions(given.seed, given.pairs):
        if given.seconds is not None and time.monotonic() - begun > given.seconds:
            break
        answer = judged(asked, given.budget)
        counts[answer if answer.startswith("agreed") else answer.partition(" (")[0]] += 1
        if answer.startswith("disagree"):
            least = smaller(asked, given.budget)
            print(f"{judged(least, given.budget)}\n{shown(least)}\n{by_solver(least, given.budget)[1]}\n", flush=True)
        elif given.weaker and answer.startswith("weaker"):
            print(f"{answer}: {by_engine(asked)} {by_solver(asked, given.budget)[0]}\n{shown(asked)}\n", flush=True)
    for answer, number in sorted(counts.items()):
        print(f"{number:6} {answer}")
    wrong = sum(number for answer, number in counts.items() if answer.startswith("disagree"))
    print(f"{sum(counts.values())} questions, {wrong} disagreements")
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
