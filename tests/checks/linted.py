"""Policies as the rules see them: JSON statements of one policy, judged by the built-in rules or by some of them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

from kms_lint.engine import lint
from kms_lint.finding import Finding
from kms_lint.library import built_in
from kms_lint.load.policy import policies
from kms_lint.model import Accounts, Document, PolicyKind, World
from kms_lint.rule import Rule
from kms_lint.source import Passage, Source, Span
from kms_lint.syntax.json import parse
from kms_lint.syntax.tree import Unknown

OWN = "111122223333"
FOREIGN = "444455556666"
HOLE = chr(0xF0000)
"""A value that only exists at apply time."""


@cache
def rules(names: tuple[str, ...] | None) -> tuple[Rule, ...]:
    """The built-in rules, or those of these names."""
    return built_in(names)


def found(
    *statements: Mapping[str, Any], kind: PolicyKind = PolicyKind.IDENTITY, select: tuple[str, ...] | None = None
) -> tuple[Finding, ...]:
    """What the rules find on a policy, the possible findings among them."""
    text = json.dumps({"Version": "2012-10-17", "Statement": statements}, ensure_ascii=False)
    source = Source("policy.json", text)
    holes = [Unknown("var.x", Span(source, 0, 1))] if HOLE in text else []
    read = policies(parse(Passage(source, text), holes), kind, "policy", owner=OWN)
    document = Document("policy.json", "json", "policy", source, policies=read)
    return lint(World((document,), Accounts(frozenset({OWN}))), rules(select), include_possible=True).findings
