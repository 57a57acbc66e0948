"""Writes kms_lint/reason/managed_policies.json: what the policies that AWS manages say of KMS, and of what leads to it.

`python tools/make_managed.py FILE` reads the policies of the package moto (`moto/iam/aws_managed_policies.py`), which its
makers take from the API of IAM (`list-policies --scope AWS`, `get-policy-version`). Kept are the statements about actions
of KMS and of `kms_lint/reason/identity_actions.py`; the others say nothing of access to keys. The texts are compared now
and then with https://github.com/zoph-io/MAMIP, which takes them from the same API every day.
"""

from __future__ import annotations

import ast
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kms_lint.iam import actions, wildcards
from kms_lint.reason.identity_actions import ASKED

TARGET = Path(__file__).parent.parent / "kms_lint" / "reason" / "managed_policies.json"
_ABOUT = tuple(each.lower() for each in (*actions.ALL, *ASKED))


def make(policies: Mapping[str, Any]) -> str:
    """The text of the file: a line for each policy that says something of KMS, and the names of those that do not."""
    kept: dict[str, Any] = {}
    silent: list[str] = []
    for name, policy in sorted(policies.items()):
        statements = [each for each in map(_kept, _listed(policy["Document"]["Statement"])) if each is not None]
        if statements:
            version = policy["Document"].get("Version", "")
            kept[name] = {"v": policy["DefaultVersionId"], "language": version, "statements": statements}
        else:
            silent.append(name)
    newest = max(each["UpdateDate"] for each in policies.values())[:10]
    lines = ",\n".join(f"{json.dumps(name)}: {json.dumps(each, separators=(',', ':'))}" for name, each in kept.items())
    return f'{{"date": "{newest}",\n"policies": {{\n{lines}\n}},\n"silent": {json.dumps(" ".join(silent))}}}\n'


def _kept(statement: Mapping[str, Any]) -> dict[str, Any] | None:
    """The part of a statement that is about these actions; `None` if there is none."""
    found = {name: value for name, value in statement.items() if name != "Action" and name != "NotAction"}
    if "NotAction" in statement:
        patterns = _listed(statement["NotAction"])
        found["NotAction"] = [each for each in patterns if _is_about(each)] or patterns[:1]
        return found
    found["Action"] = [each for each in _listed(statement["Action"]) if _is_about(each)]
    return found if found["Action"] else None


def _is_about(pattern: str) -> bool:
    return any(wildcards.matches(pattern.lower(), each) for each in _ABOUT)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def read(path: Path) -> Mapping[str, Any]:
    """The policies in a module that holds them as one text."""
    (assignment,) = [each for each in ast.parse(path.read_text("utf-8")).body if isinstance(each, ast.Assign)]
    found: Mapping[str, Any] = json.loads(ast.literal_eval(assignment.value))
    return found


if __name__ == "__main__":
    TARGET.write_text(make(read(Path(sys.argv[1]))), encoding="utf-8")
