"""A case from a thread of users: what they had, and what is found in it at default settings."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from kms_lint import lint
from kms_lint.finding import Finding, Severity

OWNER = "111122223333"
FOREIGN = "444455556666"
ROOT: dict[str, Any] = {
    "Sid": "Enable IAM User Permissions",
    "Effect": "Allow",
    "Principal": {"AWS": f"arn:aws:iam::{OWNER}:root"},
    "Action": "kms:*",
    "Resource": "*",
}
KEY_ARN = f"arn:aws:kms:us-east-1:{OWNER}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
GITHUB = "https://github.com/"


class Case(NamedTuple):
    """A thread, the files, and the findings above `info`: the rule and a part of the line where it stands.

    `whole` is whether there may be no other; without it the case is about the rules in `speaks` and `silent` alone.
    `account` is said where the mistake cannot be known without it.
    """

    thread: str
    files: Mapping[str, str]
    speaks: tuple[tuple[str, str], ...] = ()
    silent: tuple[str, ...] = ()
    whole: bool = True
    linted: str = ""
    account: str | None = None
    about: str = ""

    @property
    def id(self) -> str:
        """The address or the name of the thread, and what the case shows of it."""
        return f"{self.thread} {self.about}".strip()


def allow(principal: object, actions: object, **condition: Mapping[str, object]) -> dict[str, Any]:
    """A statement of a key policy; conditions by operator, `:` written as `__`."""
    found: dict[str, Any] = {"Effect": "Allow", "Principal": principal, "Action": actions, "Resource": "*"}
    if condition:
        found["Condition"] = {operator.replace("__", ":"): entries for operator, entries in condition.items()}
    return found


def key_policy(*statements: Mapping[str, Any], root: bool = True) -> dict[str, str]:
    """A key policy as a file, one value a line."""
    document = {"Version": "2012-10-17", "Statement": [*([ROOT] if root else []), *statements]}
    return {"policy.json": json.dumps(document, indent=1)}


def identity_policy(*statements: Mapping[str, Any]) -> dict[str, str]:
    """An IAM policy as a file, one value a line."""
    return {"policy.json": json.dumps({"Version": "2012-10-17", "Statement": list(statements)}, indent=1)}


def terraform(text: str) -> dict[str, str]:
    """A file of Terraform."""
    return {"main.tf": text}


def line_of(finding: Finding) -> str:
    """The line that a finding stands on, without the spaces around it."""
    span = finding.span.in_file()
    text = span.source.text
    start = text.rfind("\n", 0, span.start) + 1
    end = text.find("\n", span.start)
    return text[start : end if end >= 0 else len(text)].strip()


def judge(case: Case, folder: Path) -> None:
    """Lints the files of a case as a user would, and compares what is said with what is expected."""
    for name, text in case.files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    report = lint(folder / case.linted if case.linted else folder, account=case.account)
    said = sorted({(each.about.id, line_of(each)) for each in report.findings if each.severity > Severity.INFO})
    missing = [
        (rule, part) for rule, part in case.speaks if not any(rule == one and part in line for one, line in said)
    ]
    assert missing == [], said
    named = {*case.silent, *(rule for rule, _ in case.speaks)}
    more = [
        (rule, line)
        for rule, line in said
        if (case.whole or rule in named) and not any(rule == one and part in line for one, part in case.speaks)
    ]
    assert more == [], more
