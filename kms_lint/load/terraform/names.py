"""What the names stand for that an expression begins with: locals, variables, modules, resources, data sources.

https://developer.hashicorp.com/terraform/language/expressions/references
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Final

from kms_lint.load.terraform import calls
from kms_lint.load.terraform.configuration import UNFILED
from kms_lint.load.terraform.constraints import convert
from kms_lint.load.terraform.instances import Expansion, Instance, chosen, expansion, together
from kms_lint.load.terraform.limits import RefusedError, UndecidedError
from kms_lint.load.terraform.resource import Resource, made
from kms_lint.load.terraform.scope import Scope
from kms_lint.load.terraform.value import is_null, lent, moved, written
from kms_lint.source import Span
from kms_lint.syntax.expression import Attribute, Expression, Index, Literal, Reference
from kms_lint.syntax.tree import Node, Text, Unknown

_AT_APPLY_TIME: Final = frozenset({"each", "count", "self", "path", "terraform", "module", "ephemeral"})
_ABOUT_THE_CALL: Final = frozenset({"source", "version", "providers", "count", "for_each", "depends_on"})
_WORKSPACE: Final = "the workspace is chosen when Terraform is run: what depends on it is judged both ways"


def named(root: Reference, steps: tuple[Attribute | Index, ...], at: Span, scope: Scope) -> tuple[Node | None, int]:
    """The value that a name and the first steps after it stand for, and how many steps that were."""
    names = [str(step.name) for step in steps[:2] if isinstance(step, Attribute)]
    if not names:
        return None, 0
    if root.name == "module":
        return _module(names[0], steps, at, scope)
    if root.name == "path":
        return _path(names[0], at, scope), 1
    if root.name == "terraform":
        return (Unknown("terraform.workspace", at, _WORKSPACE) if names[0] == "workspace" else None), 1
    if root.name in _AT_APPLY_TIME:
        return None, 0
    if root.name == "data":
        return _resource(f"data.{names[0]}.{names[1]}", 2, steps, at, scope) if len(names) == 2 else (None, 0)
    if root.name == "local":
        return _local(names[0], at, scope), 1
    if root.name == "var":
        return _variable(names[0], at, scope), 1
    return _resource(f"{root.name}.{names[0]}", 1, steps, at, scope)


def _resource(
    address: str, taken: int, steps: tuple[Attribute | Index, ...], at: Span, scope: Scope
) -> tuple[Node | None, int]:
    block = scope.configuration.resource(address)
    if block is None:
        return None, 0
    found = expansion(block, address, scope)

    def make(instance: Instance) -> Resource:
        return made(block, address, instance, scope, at)

    instance = _chosen(found, steps[taken:], scope)
    return (together(found, at, make), taken) if instance is None else (make(instance), taken + 1)


def _chosen(found: Expansion, steps: tuple[Attribute | Index, ...], scope: Scope) -> Instance | None:
    """The instance that is asked for by its key. It is there then, whatever condition it is made under."""
    if not found.argument or not steps:
        return None
    step = steps[0]
    if isinstance(step, Index):
        return chosen(found, scope.evaluate(step.key))
    return chosen(found, step.name) if found.argument == "count" and step.name.isdecimal() else None


def _module(name: str, steps: tuple[Attribute | Index, ...], at: Span, scope: Scope) -> tuple[Node | None, int]:
    block = scope.configuration.module(name)
    if block is None:
        return Unknown(written(at), at, "there is no such module in this folder"), len(steps)
    target = calls.target(block, scope)
    if target.configuration is None:
        return Unknown(written(at), at, target.reason), len(steps)
    found = calls.of(block, scope)

    def make(instance: Instance) -> Node:
        return calls.given_back(block, scope, instance, target, at)

    instance = _chosen(found, steps[1:], scope)
    return (together(found, at, make), 1) if instance is None else (make(instance), 2)


def _path(name: str, at: Span, scope: Scope) -> Node | None:
    """`path.module` as Terraform has it: from the folder of the root module, which is where it is run."""
    if name == "root" or (name == "module" and scope.call is None):
        return Text(".", at)
    if name != "module" or scope.call is None or not scope.call.folder.location:
        return None
    root = os.path.dirname(scope.run.root.units[0].file.location)
    return Text(os.path.relpath(scope.call.folder.location, root).replace(os.sep, "/"), at)


def _local(name: str, at: Span, scope: Scope) -> Node | None:
    argument = scope.configuration.local(name)
    if argument is None:
        return None
    value = scope.once(f"local.{name}", at, lambda: scope.unbound.evaluate(argument.expression()))
    return lent(value, at, f"local.{name}")


def _variable(name: str, at: Span, scope: Scope) -> Node | None:
    """What the caller of a module says, or the user of a root module; else the default."""
    given, default = _given(name, scope), scope.configuration.default(name)
    value = None if given is None else scope.once(f"var.{name}", at, lambda: _typed(given(), name, scope))
    if value is not None and not (default is not None and is_null(value) and _never_null(name, scope)):
        told = scope.configuration.given.get(name) if scope.call is None else None
        if told is not None and told.at.source.path.startswith(UNFILED):
            return moved(value, at)
        return lent(value, at, f"var.{name}")
    if default is None:
        return value
    value = scope.once(f"{name}.default", at, lambda: _typed(scope.unbound.evaluate(default.expression()), name, scope))
    return lent(value, at, f"var.{name}", True)


def _given(name: str, scope: Scope) -> Callable[[], Node] | None:
    """What gives the value of a variable from outside of its module."""
    call = scope.call
    if call is not None:
        argument = None if name in _ABOUT_THE_CALL else call.block.arguments().get(name)
        return None if argument is None else lambda: call.scope.evaluate(argument.expression())
    given = scope.configuration.given.get(name)
    return None if given is None else lambda: scope.unbound.evaluate(given)


def _typed(value: Node, name: str, scope: Scope) -> Node:
    """A value as its variable declares it; one that Terraform would refuse stays as it is given."""
    type = _declared(name, "type", scope)
    if type is None:
        return value
    try:
        return convert(value, type, scope.evaluate)
    except RefusedError:
        return value
    except UndecidedError as error:
        return Unknown(f"var.{name}", value.at, str(error))


def _declared(name: str, argument: str, scope: Scope) -> Expression | None:
    block = scope.configuration.declaration(name)
    found = None if block is None else block.arguments().get(argument)
    return None if found is None else found.expression()


def _never_null(name: str, scope: Scope) -> bool:
    """Whether a variable has its default where null is given."""
    nullable = _declared(name, "nullable", scope)
    return isinstance(nullable, Literal) and nullable.value is False


def reason(name: str, steps: tuple[Attribute | Index, ...]) -> str:
    """Why the value of a name is not known; empty when there is no more to say than that it is not."""
    if name in _AT_APPLY_TIME or name == "var":
        return ""
    if name == "local":
        return "there is no such local value in this folder"
    return "there is no such resource in this folder" if steps else ""
