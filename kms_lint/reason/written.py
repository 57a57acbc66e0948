"""Policies as their authors wrote them, read once more with the standard library alone.

A counterexample is tried on this where a file is a policy in JSON, so that what loading made of it is tested as well.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from kms_lint.model import Policy
from kms_lint.reason import plain
from kms_lint.source import Root, origin
from kms_lint.syntax import tree

_LISTED = ("Action", "NotAction", "Resource", "NotResource")


def document(policy: Policy) -> Mapping[str, Any]:
    """The document of a policy: its own text where the whole file is the policy, else the policy as it was loaded."""
    plainly = isinstance(policy.node, tree.Mapping) and not policy.problems and not policy.unresolved
    at = origin(policy.node.at) if policy.node is not None and plainly else None
    found = _parsed(at.passage.source.text) if isinstance(at, Root) else None
    if found is None or len(_statements(found)) != len(policy.statements):
        return plain.document(policy)  # one that was made out of another has other statements
    return found


@lru_cache(maxsize=8)
def _parsed(text: str) -> Mapping[str, Any] | None:
    """The policy that a text is; `None` when it is none, or one that has to be mended first."""
    if "<hole:" in text:
        return None
    try:
        found = json.loads(text, object_pairs_hook=_once, parse_int=str, parse_float=str)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) and _is_regular(found) else None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError
    return found


def _is_regular(document: Mapping[str, Any]) -> bool:
    return all(isinstance(each, dict) and _is_statement(each) for each in _statements(document))


def _statements(document: Mapping[str, Any]) -> list[Any]:
    found = document.get("Statement")
    return found if isinstance(found, list) else [found]


def _is_statement(statement: Mapping[str, Any]) -> bool:
    principals = [statement[name] for name in ("Principal", "NotPrincipal") if name in statement]
    condition = statement.get("Condition", {})
    return (
        statement.get("Effect") in ("Allow", "Deny")
        and all(_are_texts(statement[name]) for name in _LISTED if name in statement)
        and all(each == "*" or (isinstance(each, dict) and all(map(_are_texts, each.values()))) for each in principals)
        and isinstance(condition, dict)
        and all(isinstance(each, dict) and all(map(_are_scalars, each.values())) for each in condition.values())
    )


def _are_texts(value: object) -> bool:
    return all(isinstance(each, str) for each in (value if isinstance(value, list) else [value]))


def _are_scalars(value: object) -> bool:
    return all(isinstance(each, str | bool) for each in (value if isinstance(value, list) else [value]))
