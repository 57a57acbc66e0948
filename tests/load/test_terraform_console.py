"""Expressions give what `terraform console` gives: compared with it where it is installed, and with what it gave elsewhere.

`pytest --update` writes anew what it gives.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
from functools import lru_cache
from pathlib import Path

import pytest

from kms_lint.files import File
from kms_lint.load.options import Options
from kms_lint.load.terraform.configuration import Configuration, Unit
from kms_lint.load.terraform.expression import KINDS
from kms_lint.load.terraform.functions.attempts import fails
from kms_lint.load.terraform.json_encoding import encoded
from kms_lint.load.terraform.scope import Scope
from kms_lint.source import Source
from kms_lint.syntax import hcl
from kms_lint.syntax.tree import Node, Text

FOLDER = Path(__file__).parent / "terraform_console"
FILES = FOLDER / "files"
EXPECTED = FOLDER / "expected.json"
ERROR = "<error>"

EXPRESSIONS = [
    line
    for line in (FOLDER / "expressions.txt").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
]

UNDECIDED = {
    "tolist([1]) == [1]",
}
"""What is known to be one of two things, which is all that we say."""


def evaluated(expression: str) -> Node:
    """The value of an expression beside the files of the corpus."""
    file = File("main.tf", str(FILES / "main.tf"), False)
    scope = Scope(Configuration([Unit(file, b"")], (), Options()), KINDS)
    configuration = hcl.parse(Source("main.tf", f"it = {expression}\n"))
    assert not configuration.errors, expression
    return scope.evaluate(configuration.arguments["it"].expression())


def ours(expression: str) -> str:
    """The value as JSON, an error, or what is unknown of it."""
    value = evaluated(expression)
    if fails(value):
        return ERROR
    return "".join(f"<unknown: {piece}>" if isinstance(piece, Text) else piece for piece in encoded(value))


def console(folder: Path) -> dict[str, str]:
    """What Terraform gives for each expression, as JSON: all in one process."""
    for file in FILES.iterdir():
        shutil.copy(file, folder / file.name)
    (folder / "cli.tfrc").touch()
    environment = {**os.environ, "TF_CLI_CONFIG_FILE": str(folder / "cli.tfrc"), "CHECKPOINT_DISABLE": "1"}
    questions = "\n".join(f'    try(jsonencode({expression}), "{ERROR}"),' for expression in EXPRESSIONS)
    (folder / "answers.tf").write_text(f"locals {{\n  answers = [\n{questions}\n  ]\n}}\n", encoding="utf-8")
    done = subprocess.run(
        ["terraform", "console", "-no-color"],
        input="base64encode(jsonencode(local.answers))\n",
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    answers = json.loads(base64.b64decode(json.loads(done.stdout)))
    return dict(zip(EXPRESSIONS, answers, strict=True))


@lru_cache(maxsize=1)
def expected() -> dict[str, str]:
    """What Terraform gave when it was last asked."""
    recorded: dict[str, str] = json.loads(EXPECTED.read_text(encoding="utf-8"))
    return recorded


def test_what_is_recorded_is_what_terraform_gives(request: pytest.FixtureRequest, tmp_path: Path) -> None:
    if shutil.which("terraform") is None:
        pytest.skip("terraform is not installed: expressions are compared with what it gave before")
    answers = console(tmp_path)
    if request.config.getoption("--update"):
        EXPECTED.write_text(json.dumps(answers, indent=1, ensure_ascii=True) + "\n", encoding="utf-8")
    assert answers == json.loads(EXPECTED.read_text(encoding="utf-8")), "run `pytest --update`"


def test_the_corpus_is_large() -> None:
    assert len(EXPRESSIONS) == len(set(EXPRESSIONS))
    assert len(EXPRESSIONS) > 300


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_expression(expression: str) -> None:
    found = ours(expression)
    if expression in UNDECIDED:
        assert found.startswith("<unknown")
    else:
        assert found == expected()[expression]
