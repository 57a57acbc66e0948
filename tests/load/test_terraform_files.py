"""Files that expressions read: their policies have their places in those files, and nothing outside is read."""

from __future__ import annotations

from pathlib import Path

import pytest

from kms_lint import syntax
from kms_lint.files import File
from kms_lint.load.options import Options
from kms_lint.load.terraform import folder
from kms_lint.model import Policy
from kms_lint.source import At
from kms_lint.syntax.tree import Items, Mapping, Node, Text, Unknown
from tests.load.terraform_folder import plain

POLICY = """{
  "Version": "2012-10-17",
  "Statement": [
    {"Effect": "Allow", "Principal": "*", "Action": "kms:Decrypt", "Resource": "*"}
  ]
}
"""

TEMPLATE = """{
  "Statement": [
%{ for index, action in actions ~}
    {"Effect": "Allow", "Principal": {"AWS": "${arn}"}, "Action": "${action}", "Resource": "*"}%{ if index < 1 },%{ endif }
%{ endfor ~}
  ]
}
"""


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with a policy and templates, and a secret beside it."""
    (tmp_path / "secret.json").write_text(POLICY)
    root = tmp_path / "repository"
    (root / ".git").mkdir(parents=True)
    (root / "policies").mkdir()
    (root / "policies" / "key.json").write_text(POLICY)
    (root / "policies" / "key.json.tpl").write_text(TEMPLATE)
    (root / "policies" / "encoded.tpl").write_text(
        '${jsonencode({ Statement = [{ Effect = "Allow", Action = "kms:*" }] })}'
    )
    (root / "policies" / "broken.tpl").write_text("${")
    (root / "policies" / "again.tpl").write_text('${templatefile("policies/again.tpl", {})}')
    (root / "policies" / "names.tpl").write_text("${local.a}${missing}")
    (root / "outside.json").symlink_to(tmp_path / "secret.json")
    return root


def policy(root: Path, expression: str, rest: str = "") -> Policy:
    """The policy of a key whose argument is an expression."""
    text = f'resource "aws_kms_key" "k" {{\n  policy = {expression}\n}}\n{rest}'
    (root / "main.tf").write_text(text)
    (document,) = folder([File("main.tf", str(root / "main.tf"), False)], Options())
    (found,) = document.keys[0].policies
    return found


def place(at: At) -> str:
    span = syntax.locate(at)
    line, column = span.source.position(span.start)
    return f"{span.source.path}:{line}:{column}"


def actions(found: Policy) -> list[tuple[str, str]]:
    return [
        (str(action), place(action.at))
        for statement in found.statements
        if statement.actions is not None
        for action in statement.actions.values
    ]


PLACES = {
    'file("policies/key.json")': [("kms:Decrypt", "policies/key.json:4:53")],
    'file("./policies/../policies/key.json")': [("kms:Decrypt", "policies/key.json:4:53")],
    'jsonencode(jsondecode(file("policies/key.json")))': [("kms:Decrypt", "policies/key.json:4:53")],
    'templatefile("policies/key.json.tpl", { arn = "arn:aws:iam::1:root", actions = ["kms:Encrypt", "kms:Decrypt"] })': [
        ("kms:Encrypt", "main.tf:2:92"),
        ("kms:Decrypt", "main.tf:2:107"),
    ],
    'templatefile("policies/encoded.tpl", {})': [("kms:*", "policies/encoded.tpl:1:58")],
    'replace(file("policies/key.json"), "Decrypt", "Encrypt")': [("kms:Encrypt", "main.tf:2:12")],
    'format("{\\"Statement\\": [{\\"Effect\\": \\"Allow\\", \\"Action\\": \\"%s\\"}]}", "kms:*")': [("kms:*", "main.tf:2:12")],
    'trimspace(file("policies/key.json"))': [("kms:Decrypt", "policies/key.json:4:53")],
    'chomp(file("policies/key.json"))': [("kms:Decrypt", "policies/key.json:4:53")],
    'jsonencode(merge(jsondecode(file("policies/key.json")), { Id = "x" }))': [("kms:Decrypt", "policies/key.json:4:53")],
    'templatestring(local.t, { action = "kms:*" })': [("kms:*", "main.tf:2:12")],
    '"${file("policies/key.json")}"': [("kms:Decrypt", "policies/key.json:4:53")],
    "<<EOT\n${jsonencode({ Statement = [{ Effect = \"Allow\", Action = \"kms:*\" }] })}\nEOT\n": [("kms:*", "main.tf:3:58")],
}  # fmt: skip


@pytest.mark.parametrize("expression", PLACES)
def test_the_places_of_a_policy_that_is_read_from_a_file(expression: str, repository: Path) -> None:
    rest = 'locals {\n  t = "{\\"Statement\\": [{\\"Effect\\": \\"Allow\\", \\"Action\\": \\"$${action}\\"}]}"\n}\n'
    found = policy(repository, expression, rest)
    assert [problem.message for problem in found.problems if "Principal" not in problem.message] == []
    assert actions(found) == PLACES[expression]


REASONS = {
    'file("../secret.json")': "`../secret.json` is not read: it leads out of the repository",
    'file("../../../../../../../../etc/passwd")': "`../../../../../../../../etc/passwd` is not read: it leads out of the repository",
    'file("/etc/passwd")': "`/etc/passwd` is not read: it leads out of the repository",
    'file("outside.json")': "`outside.json` is not read: it leads out of the repository",
    'file("missing.json")': "`missing.json` cannot be read: there is no such file",
    'file("policies")': "`policies` cannot be read: there is no such file",
    'templatefile("../secret.json", {})': "`../secret.json` is not read: it leads out of the repository",
    'templatefile("policies/broken.tpl", {})': "policies/broken.tpl:1:2: this template cannot be read",
    'templatefile("policies/again.tpl", {})': "a template cannot be filled within another one",
    'templatefile("policies/names.tpl", { missing = 1 })': "the template is not given a variable `local`",
    'fileset("..", "*")': "`..` is not read: it leads out of the repository",
    'filemd5("outside.json")': "`outside.json` is not read: it leads out of the repository",
}  # fmt: skip


def described(root: Path, expression: str) -> Node:
    """The value of an expression in the repository."""
    found = policy(root, f"jsonencode({{ it = {expression} }})")
    assert isinstance(found.node, Mapping)
    it = found.node.get("it")
    assert it is not None
    return it


@pytest.mark.parametrize("expression", REASONS)
def test_what_is_not_read(expression: str, repository: Path) -> None:
    found = described(repository, expression)
    assert isinstance(found, Unknown)
    assert found.reason == REASONS[expression]


def test_what_there_is(repository: Path) -> None:
    values = {
        'fileexists("policies/key.json")': True,
        'fileexists("policies/none.json")': False,
        'fileexists("../secret.json")': '<fileexists("../secret.json")>',
        'fileset("policies", "*.json")': ["key.json"],
        'fileset("policies", "k*.{json,tpl}")': ["key.json", "key.json.tpl"],
        'fileset("none", "*")': [],
        'try(file("none.json"), "x")': "x",
        'try(file("../secret.json"), "x")': '<file("../secret.json")>',
        'can(file("none.json"))': False,
    }
    for expression, expected in values.items():
        assert plain(described(repository, expression)) == expected, expression


def test_a_value_out_of_a_file_tells_where_it_is_written_and_used(repository: Path) -> None:
    found = described(repository, 'jsondecode(file("policies/key.json")).Statement')
    assert isinstance(found, Items)
    statement = found.values[0]
    assert isinstance(statement, Mapping)
    effect = statement.get("Effect")
    assert isinstance(effect, Text)
    assert place(effect.at) == "policies/key.json:4:16"
