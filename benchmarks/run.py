"""Measures kms-lint and prints ratios, each pair measured side by side in one run.

    python benchmarks/run.py                 everything that needs no peers
    python benchmarks/run.py --quick         small corpora, to see that it works
    python benchmarks/run.py --peers         also checkov, cfn-lint and parliament, installed into environments of their own

CPU time of the whole process (user and system), medians of pairs A B A B. kms-lint is built as a wheel and installed
into a clean environment; start-up is compared with `python -c pass` of that same environment. What all rules cost
together is compared with what it costs to read the same files, both within one process.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import venv
from collections.abc import Callable, Sequence
from pathlib import Path

from corpus import write
from plan import plan

PROJECT = Path(__file__).parents[1]

READ_AND_PARSE = {
    "terraform": """
import sys, tree_sitter, tree_sitter_hcl
parser = tree_sitter.Parser(tree_sitter.Language(tree_sitter_hcl.language()))
for path in sys.stdin.read().split(chr(10)):
    with open(path, 'rb', 0) as file: parser.parse(file.read())
""",
    "cloudformation": """
import sys, yaml
for path in sys.stdin.read().split(chr(10)):
    with open(path, 'rb', 0) as file:
        for event in yaml.parse(file.read(), Loader=yaml.CSafeLoader): pass
""",
    "json": """
import sys, json
for path in sys.stdin.read().split(chr(10)):
    with open(path, 'rb', 0) as file: json.loads(file.read())
""",
}
"""The floor: read and parse the same files with the same parsers, and nothing else."""

RULES_AND_PARSING = """
import gc, sys, time
from kms_lint import api, engine, library
sample, corpus, persona = sys.argv[1:]
wanted = {about.id for about in library.described() if persona == 'strict' or about.persona == 'default'}
rules = library.built_in(wanted)
gc.disable()
engine.lint(api.load(sample), rules)  # imports what a run needs
began = time.process_time()
world = api.load(corpus)
parsed = time.process_time()
engine.lint(world, rules)
print(time.process_time() - parsed, parsed - began)
"""
"""What all rules cost, and what it costs to read the same files into what they look at."""


class Bench:
    """An environment with the wheel, and a folder for corpora."""

    def __init__(self, folder: Path, pairs: int) -> None:
        self.folder, self.pairs = folder, pairs
        self.python = environment(folder / "clean", [build_wheel(folder / "wheel")])
        self.lint = str(self.python.parent / "kms-lint")

    def cpu(self, command: Sequence[str], stdin: str = "") -> float:
        """CPU seconds of a command and its children; findings (exit status 1) are welcome."""
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        clean = {"PATH": "/usr/bin:/bin", "HOME": str(self.folder), "LANG": "C.UTF-8"}
        done = subprocess.run(command, input=stdin, text=True, capture_output=True, env=clean, cwd=self.folder)
        if done.returncode not in (0, 1):
            raise SystemExit(
                f"{' '.join(command)[:200]} ended with {done.returncode}:\n{done.stdout[-500:]}{done.stderr[-2000:]}"
            )
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    def ratio(self, what: str, one: Callable[[], float], other: Callable[[], float], goal: str, pairs: int = 0) -> None:
        """Prints the median of `one / other` over pairs measured in turn."""
        one(), other()
        taken = [(one(), other()) for _ in range(pairs or self.pairs)]
        ratio = statistics.median(a / b for a, b in taken)
        seconds = [statistics.median(values) for values in zip(*taken, strict=True)]
        print(f"{what:<64} {ratio:7.2f}   goal {goal:<10} ({seconds[0]:.3f} s / {seconds[1]:.3f} s)", flush=True)

    def rules(self, what: str, sample: Path, corpus: Path, persona: str, goal: str) -> None:
        """Prints the median of what the rules cost / what parsing costs, each pair within one run."""
        command = [str(self.python), "-c", RULES_AND_PARSING, str(sample), str(corpus), persona]
        taken = []
        for _ in range(self.pairs):
            done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=self.folder)
            taken.append(tuple(map(float, done.stdout.split())))
        ratio = statistics.median(rules / parsing for rules, parsing in taken)
        seconds = [statistics.median(values) for values in zip(*taken, strict=True)]
        print(f"{what:<64} {ratio:7.2f}   goal {goal:<10} ({seconds[0]:.3f} s / {seconds[1]:.3f} s)", flush=True)

    def run(self, *arguments: str) -> Callable[[], float]:
        return lambda: self.cpu([self.lint, *arguments])

    def floor(self, kind: str, paths: Sequence[Path]) -> Callable[[], float]:
        names = "\n".join(map(str, paths))
        return lambda: self.cpu([str(self.python), "-c", READ_AND_PARSE[kind]], names)


def build_wheel(folder: Path) -> str:
    """The path of the wheel, built from the project as it is."""
    subprocess.run([sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", folder, PROJECT], check=True)
    return str(next(folder.glob("*.whl")))


def environment(folder: Path, requirements: Sequence[str]) -> Path:
    """The interpreter of a new environment with these requirements in it."""
    venv.create(folder, with_pip=True)
    python = folder / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "-q", *requirements], check=True)
    return python


def startup(bench: Bench, samples: dict[str, Path]) -> None:
    nothing = lambda: bench.cpu([str(bench.python), "-c", "pass"])  # noqa: E731
    bench.ratio("--version / python -c pass", bench.run("--version"), nothing, "<= 5", 15)
    for kind, path in samples.items():
        bench.ratio(f"one small {kind} file / python -c pass", bench.run("check", str(path)), nothing, "<= 10", 15)


def corpora(bench: Bench, count: int, samples: dict[str, Path]) -> None:
    goals = {"terraform": "<= 4", "cloudformation": "<= 4", "json": "<= 10"}
    for kind, goal in goals.items():
        small, large = bench.folder / f"{kind}-{count}", bench.folder / f"{kind}-{2 * count}"
        paths = write(small, kind, count)
        write(large, kind, 2 * count)
        lint = bench.run("check", "--format", "concise", str(small))
        bench.ratio(f"{count} {kind} files / read and parse", lint, bench.floor(kind, paths), goal)
        bench.ratio(
            f"{2 * count} {kind} files / {count}", bench.run("check", "--format", "concise", str(large)), lint, "<= 2.2"
        )
        for persona, promise in {"default": "< 1", "strict": "none"}.items():
            what = f"{count} {kind} files, rules of persona {persona} / parsing"
            bench.rules(what, samples[kind], small, persona, promise)
        print(
            f"{'peak memory, ' + str(count) + ' ' + kind + ' files':<64} {peak(bench, small):7.1f}   goal < 100 MiB",
            flush=True,
        )
        print(f"{'peak memory, ' + str(2 * count) + ' ' + kind + ' files':<64} {peak(bench, large):7.1f}", flush=True)


def modules(bench: Bench, count: int) -> None:
    """A repository of modules: CPU seconds, and the ratio to reading and parsing the same files."""
    folder = bench.folder / f"modules-{count}"
    paths = write(folder, "modules", count)
    lines = sum(path.read_bytes().count(b"\n") for path in paths)
    lint = bench.run("check", "--format", "concise", str(folder))
    what = f"{count} modules, {lines} lines / read and parse"
    bench.ratio(what, lint, bench.floor("terraform", paths), "<= 4")
    print(f"{'CPU seconds, ' + str(count) + ' modules':<64} {lint():7.2f}   goal < 10 s", flush=True)
    print(f"{'peak memory, ' + str(count) + ' modules':<64} {peak(bench, folder):7.1f}   goal < 300 MiB", flush=True)


def planned(bench: Bench, megabytes: int) -> None:
    """A plan of Terraform: the whole check, and the ratio to parsing the same text."""
    path = bench.folder / "plan" / "plan.json"
    path.parent.mkdir()
    path.write_text(plan(megabytes * 1_000_000), encoding="utf-8")
    lint = bench.run("check", "--format", "concise", str(path))
    pairs = 0 if megabytes < 10 else 2
    bench.ratio(f"a plan of {megabytes} MB / read and parse", lint, bench.floor("json", [path]), "<= 6", pairs)
    print(f"{f'peak memory, a plan of {megabytes} MB':<64} {peak(bench, path):7.1f}", flush=True)


def peak(bench: Bench, folder: Path) -> float:
    """Peak resident memory in MiB of one check, measured by a small parent of its own."""
    code = (
        "import resource, subprocess, sys; subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL);"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    command = [sys.executable, "-c", code, bench.lint, "check", str(folder)]
    return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout) / 1024


CHECKOV_CHECKS = (
    "CKV_AWS_1,CKV_AWS_7,CKV_AWS_33,CKV_AWS_40,CKV_AWS_49,CKV_AWS_60,CKV_AWS_61,CKV_AWS_62,CKV_AWS_63,CKV_AWS_107,CKV_AWS_108,"
    "CKV_AWS_109,CKV_AWS_110,CKV_AWS_111,CKV_AWS_227,CKV_AWS_274,CKV_AWS_275,CKV_AWS_283,CKV_AWS_286,CKV_AWS_287,CKV_AWS_288,"
    "CKV_AWS_289,CKV_AWS_290,CKV_AWS_355,CKV_AWS_356,CKV2_AWS_40,CKV2_AWS_56,CKV2_AWS_64"
)


def peers(bench: Bench, count: int, ready: Path | None) -> None:
    """Ratios to other linters over the same files; `ready` is a folder with environments from an earlier run."""
    home = ready or bench.folder / "peers"
    for name, wanted in {"a": ["checkov", "cfn-lint"], "b": ["setuptools<81", "parliament"]}.items():
        if not (home / name / "bin" / "python").exists():
            environment(home / name, wanted)
    run = lambda *command: lambda: bench.cpu(list(command))  # noqa: E731
    folder = bench.folder / f"terraform-{count}"
    if not folder.exists():
        write(folder, "terraform", count)
    checkov = run(
        str(home / "a/bin/checkov"),
        "-d",
        str(folder),
        "--framework",
        "terraform",
        "--check",
        CHECKOV_CHECKS,
        "--quiet",
        "--compact",
        "--skip-download",
    )
    bench.ratio(
        f"checkov / kms-lint, {count} terraform files",
        checkov,
        bench.run("check", "--format", "concise", str(folder)),
        ">= 30",
        2,
    )
    templates = write(bench.folder / "cloudformation-500", "cloudformation", 500)
    cfn_lint = run(str(home / "a/bin/cfn-lint"), *map(str, templates))
    checked = bench.run("check", "--format", "concise", str(bench.folder / "cloudformation-500"))
    bench.ratio("cfn-lint / kms-lint, 500 templates", lambda: tolerant(cfn_lint), checked, ">= 20", 2)
    policies = bench.folder / "json-500"
    write(policies, "json", 500)
    parliament = run(str(home / "b/bin/parliament"), "--directory", str(policies))
    bench.ratio(
        "parliament / kms-lint, 500 policies",
        parliament,
        bench.run("check", "--format", "concise", str(policies)),
        ">= 8",
        3,
    )


def tolerant(run: Callable[[], float]) -> float:
    """CPU time of a linter whose exit status is a mask of what it found."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    try:
        return run()
    except SystemExit:
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--quick", action="store_true", help="small corpora and few pairs")
    options.add_argument("--peers", action="store_true", help="also compare with other linters (installs them)")
    options.add_argument("--peer-environments", type=Path, help="a folder with their environments, made when absent")
    options.add_argument("--files", type=int, default=2000)
    chosen = options.parse_args()
    count = 100 if chosen.quick else chosen.files
    folder = Path(tempfile.mkdtemp(prefix="kms-lint-benchmark-"))
    try:
        bench = Bench(folder, pairs=3 if chosen.quick else 5)
        print(f"python {sys.version.split()[0]}, {os.cpu_count()} cores; CPU time, medians of pairs\n")
        one = {kind: write(folder / "one" / kind, kind, 1)[0] for kind in READ_AND_PARSE}
        startup(bench, one)
        corpora(bench, count, one)
        modules(bench, 10 if chosen.quick else 70)
        planned(bench, 2 if chosen.quick else 50)
        if chosen.peers:
            peers(bench, count, chosen.peer_environments)
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
