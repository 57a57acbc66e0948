"""What the names stand for that an expression begins with: locals, variables, resources, data sources.

https://developer.hashicorp.com/terraform/language/expressions/references
"""

from __future__ import annotations

from typing import Final

from kms_lint.load.terraform.configuration import UNFILED
from kms_lint.load.terraform.resource import Resource
from kms_lint.load.terraform.scope import Scope
from kms_lint.load.terraform.value import lent, moved
from kms_lint.source import Span
from kms_lint.syntax.expression import Attribute, Index, Reference
from kms_lint.syntax.tree import Node

_AT_APPLY_TIME: Final = frozenset({"each", "count", "self", "path", "terraform", "module", "ephemeral"})


def named(root: Reference, steps: tuple[Attribute | Index, ...], at: Span, scope: Scope) -> tuple[Node | None, int]:
    """The value that a name and the first steps after it stand for, and how many steps that were."""
    if root.name in _AT_APPLY_TIME:
        return None, 0
    names = [str(step.name) for step in steps[:2] if isinstance(step, Attribute)]
    if root.name == "data" and len(names) == 2:
        return _resource(f"data.{names[0]}.{names[1]}", at, scope), 2
    if not names or root.name == "data":
        return None, 0
    if root.name == "local":
        return _local(names[0], at, scope), 1
    if root.name == "var":
        return _variable(names[0], at, scope), 1
    return _resource(f"{root.name}.{names[0]}", at, scope), 1


def _resource(address: str, at: Span, scope: Scope) -> Node | None:
    block = scope.configuration.resource(address)
    return None if block is None else Resource(block, address, scope, at)


def _local(name: str, at: Span, scope: Scope) -> Node | None:
    argument = scope.configuration.local(name)
    if argument is None:
        return None
    value = scope.once(f"local.{name}", at, lambda: scope.unbound.evaluate(argument.expression()))
    return lent(value, at, f"local.{name}")


def _variable(name: str, at: Span, scope: Scope) -> Node | None:
    argument = scope.configuration.variable(name)
    if argument is None:
        return None
    value = scope.once(f"var.{name}", at, lambda: scope.unbound.evaluate(argument.expression()))
    if argument.at.source.path.startswith(UNFILED):
        return moved(value, at)
    return lent(value, at, f"var.{name}", name not in scope.configuration.given)


def reason(name: str, steps: tuple[Attribute | Index, ...]) -> str:
    """Why the value of a name is not known; empty when there is no more to say than that it is not."""
    if name == "module":
        return "what a module gives back is not worked out"
    if name in _AT_APPLY_TIME or name == "var":
        return ""
    if name == "local":
        return "there is no such local value in this folder"
    return "there is no such resource in this folder" if steps else ""
