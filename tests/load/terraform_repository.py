"""Repositories of Terraform for the tests: written to disk, read and judged as a user would have them."""

from __future__ import annotations

import os
from collections.abc import Mapping as Dictionary
from pathlib import Path

from kms_lint import api
from kms_lint.formatters.plain import plain
from kms_lint.model import Alias, Grant, Key, Policy, World
from kms_lint.syntax import locate

PUBLIC = """\
  policy = jsonencode({{ Version = "2012-10-17", Statement = [
    {{ Sid = "Root", Effect = "Allow", Action = "kms:*", Resource = "*", Principal = {{ AWS = "arn:aws:iam::111122223333:root" }} }},
    {{ Sid = "Use", Effect = "Allow", Action = "kms:Decrypt", Resource = "*", Principal = {{ AWS = {who} }} }},
  ] }})
"""


def key(name: str = "this", who: str = '"*"', rest: str = "") -> str:
    """A key whose policy lets somebody use it: six lines, that of the principal is the fifth."""
    return f'resource "aws_kms_key" "{name}" {{\n  enable_key_rotation = true\n{PUBLIC.format(who=who)}{rest}}}\n'


def write(files: Dictionary[str, str], git: bool = True) -> None:
    """Writes files below the working directory, which is the root of a repository."""
    if git:
        Path(".git").mkdir(exist_ok=True)
    for name, text in files.items():
        path = Path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def load(files: Dictionary[str, str], *paths: str, **said: object) -> World:
    """What is found in some files."""
    write(files)
    return api.load(*(paths or ["."]), **said)


def found(files: Dictionary[str, str], *paths: str, rule: str = "public-principal", **said: object) -> list[str]:
    """The findings of a rule, as `path:line:column: text` and the resources it is so for."""
    write(files)
    report = api.lint(*(paths or ["."]), select=(rule,), include_possible=False, persona="strict", **said)  # type: ignore[arg-type]
    told = []
    for each in report.findings:
        span = each.span
        line, column = span.source.position(span.start)
        resources = " ".join(each.instances or (each.resource or "",))
        told.append(f"{span.source.path}:{line}:{column}: {span.source.text[span.start : span.end]} in {resources}")
    return told


def keys(world: World) -> dict[str, Key]:
    """The keys by address."""
    return {each.address: each for document in world.documents for each in document.keys}


def addresses(world: World) -> list[str]:
    """The addresses of keys, in order."""
    return [each.address for document in world.documents for each in document.keys]


def grants(world: World) -> dict[str, Grant]:
    """The grants by address."""
    return {each.address: each for document in world.documents for each in document.grants}


def aliases(world: World) -> dict[str, Alias]:
    """The aliases by address."""
    return {each.address: each for document in world.documents for each in document.aliases}


def policies(world: World) -> dict[str, Policy]:
    """The policies by address."""
    return {each.address: each for document in world.documents for each in document.every_policy()}


def shown(policy: Policy) -> object:
    """A policy as JSON."""
    return plain(policy.node, policy.branch) if policy.node is not None else None


def values(world: World, address: str = "aws_iam_policy.it") -> object:
    """What an identity policy of a world has for `Resource`, which tests use to look at a value."""
    document = shown(policies(world)[address])
    assert isinstance(document, dict)
    return document["Statement"]["Resource"]


def policy_with(expression: str) -> str:
    """An identity policy that shows a value."""
    return (
        'resource "aws_iam_policy" "it" {\n  policy = jsonencode({ Version = "2012-10-17", Statement = '
        f'{{ Effect = "Allow", Action = "kms:Decrypt", Resource = {expression} }} }})\n}}\n'
    )


def unresolved(world: World) -> list[str]:
    """What documents say about what could not be worked out, as `path:line: expression: reason`."""
    told = []
    for document in world.documents:
        for each in document.unresolved:
            span = locate(each.at)
            line = span.source.position(span.start).line
            told.append(f"{span.source.path}:{line}: {each.expression}: {each.message}")
    return told


def problems(world: World) -> list[str]:
    """What is wrong with how files are written, as `path:line:column: message`."""
    told = []
    for document in world.documents:
        for each in document.problems:
            span = locate(each.at)
            line, column = span.source.position(span.start)
            told.append(f"{span.source.path}:{line}:{column}: {each.message}")
    return told


def relative(*parts: str) -> str:
    """A path with the separators of the system."""
    return os.path.join(*parts)
