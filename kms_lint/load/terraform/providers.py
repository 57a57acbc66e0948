"""Which provider a name means in a module: callers pass theirs on.

https://developer.hashicorp.com/terraform/language/modules/develop/providers
"""

from __future__ import annotations

from kms_lint.load.terraform.scope import Scope
from kms_lint.load.terraform.value import written
from kms_lint.syntax.expression import Block, ObjectOf


def passed(scope: Scope, name: str) -> tuple[Scope, str]:
    """The module that has the provider of a name, and its name there.

    What is not said to be passed is inherited under the same name, and what a module declares itself is its own.
    """
    if not any_passed(scope):
        return scope if "." in name else root(scope), name
    while scope.call is not None:
        given = _given(scope.call.block)
        if name not in given and ("." in name or scope.configuration.provider(name) is not None):
            break
        scope, name = scope.call.scope, given.get(name, name)
    return scope, name


def any_passed(scope: Scope) -> bool:
    """Whether one of the calls that led here passes providers."""
    while scope.call is not None:
        if "providers" in scope.call.block.arguments():
            return True
        scope = scope.call.scope
    return False


def root(scope: Scope) -> Scope:
    """The scope of the root module."""
    while scope.call is not None:
        scope = scope.call.scope
    return scope


def _given(block: Block) -> dict[str, str]:
    """The providers that a call passes, by their names in the module."""
    argument = block.arguments().get("providers")
    value = None if argument is None else argument.expression()
    if not isinstance(value, ObjectOf):
        return {}
    return {written(key.at).strip('"'): written(each.at).strip('"') for key, each in value.entries}
