"""Hostile answers, Markdown and services end soon, in little memory, and say what was left."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

POLICY = '{"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"}]}'
ANSWER = json.dumps({"Policy": POLICY, "PolicyName": "default"})
KEY = 'resource "aws_kms_key" "a" {\n  enable_key_rotation = false\n}\n'


def service(custom: str, resource: str) -> str:
    statement = f"{{Effect: Allow, Action: 'kms:*', Resource: '{resource}'}}"
    return f"service: a\ncustom:\n{custom}provider: {{name: aws, iamRoleStatements: [{statement}]}}\n"


def grant(number: int) -> str:
    said = {
        "GrantId": f"g{number}",
        "KeyId": f"k{number}",
        "GranteePrincipal": "111122223333",
        "Operations": ["Decrypt"],
    }
    return json.dumps({"Grants": [said]})


LEFT = "the rest of the file"
ANY: set[str] = set()
BOMBS: dict[str, tuple[Callable[[], str], set[str]]] = {
    "fences.md": (lambda: f"```json\n{POLICY}\n```\n" * 9_000, {LEFT}),
    "terraform.md": (lambda: f"```hcl\n{KEY}```\n" * 15_000, {LEFT}),
    "open.md": (lambda: "```json kms:\n" * 80_000, {"…"}),
    "quotes.md": (lambda: "> " * 300_000 + "```json\nkms: Statement", set()),
    "lists.md": (lambda: "- " * 300_000 + "```json\nkms: Statement", {"…"}),
    "ticks.md": (lambda: "`" * 1_000_000 + "x`kms: Statement", set()),
    "ignores.md": (lambda: "kms:\n" + "<!-- kms-lint: ignore[a] -->\n" * 20_000 + f"```json\n{POLICY}\n```", set()),
    "quoted.md": (lambda: "> ```json\n" + "> kms: x\n" * 100_000, {"…"}),
    "comments.md": (lambda: "```jsonc\n" + "/*" * 500_000 + "kms:\n```\n", {"…"}),
    "grants.jsonl": (lambda: "".join(f"{grant(n)}\n" for n in range(20_000)), set()),
    "policies.jsonl": (lambda: f"{ANSWER}\n" * 31_000, {LEFT}),
    "broken.jsonl": (lambda: f"{ANSWER}\n" + '{"kms:": [\n' * 100_000, {LEFT}),
    "broken.json": (lambda: '{\n"a": 1}\n{\n"b": 1}\n' + '{"kms:": [\n' * 100_000, {LEFT}),
    "nested.jsonl": (lambda: '{"kms:": 1}\n' * 2 + "[" * 100_000, set()),
    "doubling.yml": (
        lambda: service("".join(f"  a{n}: '{f'${{self:custom.a{n + 1}}}' * 2}'\n" for n in range(40)), "${self:custom.a0}"),
        ANY,
    ),
    "lists.yml": (
        lambda: service(
            "".join(f"  a{n}: ['{f'${{self:custom.a{n + 1}}}'}', '{f'${{self:custom.a{n + 1}}}'}']\n" for n in range(40)),
            "${self:custom.a0}",
        ),
        ANY,
    ),
    "itself.yml": (lambda: service("  a: '${self:}'\n", "${self:}"), set()),
    "cycle.yml": (
        lambda: service("  a: '${self:custom.b}'\n  b: '${self:custom.a}'\n", "${self:custom.a}"),
        {"self:custom.a"},
    ),
    "variables.yml": (lambda: service("  a: x\n", "${self:custom.a}" * 50_000), ANY),
    "opened.yml": (lambda: service("  a: x\n", "${self:" * 100_000), set()),
    "brackets.yml": (lambda: service("  a: x\n", "${file(" * 50_000), set()),
    "deep.yml": (lambda: service("  a: x\n", "${self:custom." * 200 + "a" + "}" * 200), ANY),
}  # fmt: skip


def limited() -> None:
    """A gigabyte of address space: an explosion ends this process, not the machine."""
    resource.setrlimit(resource.RLIMIT_AS, (1024**3, 1024**3))


@pytest.mark.parametrize("name", sorted(BOMBS))
def test_bombs_end_and_say_what_was_left(name: str, tmp_path: Path) -> None:
    text, left = BOMBS[name]
    (tmp_path / name).write_text(text(), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "kms_lint", "check", "--format", "json", "--select", "rotation-disabled", name],
        cwd=tmp_path,
        capture_output=True,
        timeout=60,
        preexec_fn=limited,
    )
    assert done.returncode in (0, 1), done.stderr.decode(errors="replace")[-2000:]
    assert b"Traceback" not in done.stderr
    unresolved = json.loads(done.stdout)["unresolved"]
    assert unresolved or left is not ANY
    assert left <= {each["expression"] for each in unresolved}
    assert all(each["message"] for each in unresolved)
