"""The checks on AWS KMS of other tools, and the rules that carry them: for people who come from there.

A check without a rule says why it has none. Each id that a rule file lists among its `equivalents` stands here.
"""

from __future__ import annotations

from typing import Final

from kms_lint.peers import accounts, infrastructure, policies, templates
from kms_lint.peers.beyond import BEYOND
from kms_lint.peers.table import Peer, Tool

__all__ = ["BEYOND", "TOOLS", "Peer", "Tool", "by_rule", "why_not"]

TOOLS: Final = (*infrastructure.TOOLS, *templates.TOOLS, *policies.TOOLS, *accounts.TOOLS)
"""The tools, with their checks as of August 2026."""


def by_rule() -> dict[str, list[tuple[str, str]]]:
    """For each rule the checks that it carries: the tool, and the id."""
    found: dict[str, list[tuple[str, str]]] = {}
    for tool in TOOLS:
        for check in tool.checks:
            for rule in check.rules:
                found.setdefault(rule, []).extend((tool.name, id) for id in check.ids)
    return found


def why_not(id: str) -> str:
    """Why no rule carries a check of another tool, in whatever letter case its id is written; empty for any other text."""
    wanted = id.strip().lower()
    for tool in TOOLS:
        for check in tool.checks:
            if check.why_not and wanted in map(str.lower, check.ids):
                return f"no rule carries this check of {tool.name} ({check.why_not})"
    return ""
