"""The `configuration` of a plan: which expressions give the values that are not known yet, as far as a plan tells.

A plan names what an expression refers to, not the expression: one that refers to a single thing is most likely that thing.
https://developer.hashicorp.com/terraform/internals/json-format#expression-representation
"""

from __future__ import annotations

from typing import Final

from kms_lint.load.terraform_plan.address import calls

_CREDENTIALS: Final = ("profile", "access_key", "secret_key", "token", "shared_credentials_files", "assume_role")


class Configuration:
    """What the configuration of a plan says; one of nothing for a state."""

    def __init__(self, written: object = None) -> None:
        """`written` is the member of the plan, decoded."""
        said = _object(written)
        self._providers = _object(said.get("provider_config"))
        self._root = _object(said.get("root_module"))
        self._resources: dict[int, dict[str, dict[str, object]]] = {}

    def module(self, module: str) -> dict[str, object]:
        """The configuration of a module; empty when there is none."""
        here = self._root
        for name in calls(module):
            here = _object(_object(_object(here.get("module_calls")).get(name)).get("module"))
        return here

    def resource(self, module: str, plain: str) -> dict[str, object]:
        """What is written of a resource of a module."""
        here = self.module(module)
        if id(here) not in self._resources:
            listed = here.get("resources")
            found = [_object(each) for each in listed] if isinstance(listed, list) else []
            self._resources[id(here)] = {str(each.get("address")): each for each in found}
        return self._resources[id(here)].get(plain, {})

    def output(self, module: str, name: str) -> object:
        """The expression of an output of a module."""
        return _object(_object(self.module(module).get("outputs")).get(name)).get("expression")

    def handed(self, module: str, call: str, name: str) -> object:
        """The expression that a module hands to a variable of one that it calls."""
        called = _object(_object(self.module(module).get("module_calls")).get(call))
        return _object(called.get("expressions")).get(name)

    def sensitive_variables(self) -> frozenset[str]:
        """The variables of the root that are declared as sensitive."""
        declared = _object(self._root.get("variables"))
        return frozenset(name for name, each in declared.items() if _object(each).get("sensitive") is True)

    def provider(self, module: str, plain: str) -> str:
        """The key of the provider of a resource, `aws` for the default one.

        Before Terraform 1.1, that of a resource in a module is `kms:aws`, whichever provider is handed to the module: it
        is the default one if there is no other.
        """
        key = self.resource(module, plain).get("provider_config_key")
        if not isinstance(key, str):
            return "aws"
        name = key.rpartition(":")[2]
        return name if name == key or not self._others(name) else key

    def _others(self, name: str) -> bool:
        """Whether there are several providers of a kind."""
        kind = name.partition(".")[0]
        return any(each != name and ":" not in each and each.partition(".")[0] == kind for each in self._providers)

    def region(self, provider: str) -> str | None:
        """The region that is written for a provider."""
        region = constant(_object(self._expressions(provider)).get("region"))
        return region if isinstance(region, str) else None

    def same_account(self, provider: str) -> bool:
        """Whether a provider is known to have the credentials of the default one."""
        if ":" in provider:
            return False
        default = provider.partition(".")[0]
        return provider == default or self._credentials(provider) == self._credentials(default)

    def _credentials(self, provider: str) -> list[object]:
        written = _object(self._expressions(provider))
        return [written.get(name) for name in _CREDENTIALS]

    def _expressions(self, provider: str) -> object:
        return _object(self._providers.get(provider)).get("expressions")


def constant(expression: object) -> object:
    """The value of an expression that refers to nothing; `None` for others."""
    return _object(expression).get("constant_value")


def references(expression: object) -> list[object]:
    """All that an expression refers to, with what stands in its nested blocks."""
    found: list[object] = []
    waiting = [expression]
    while waiting:
        here = waiting.pop()
        if isinstance(here, list):
            waiting.extend(reversed(here))
        elif isinstance(here, dict):
            listed = here.get("references")
            if isinstance(listed, list):
                found.extend(listed)
            elif "constant_value" not in here:
                waiting.extend(reversed(here.values()))
    return found


def inside(expression: object, name: str | int, count: int = 1) -> object:
    """The expression of a member: that of the whole where the members have none of their own.

    `count` is how many there are of a list. Its order is that of the configuration only when both are lists of as many.
    """
    if isinstance(expression, dict) and "references" not in expression and "constant_value" not in expression:
        return expression.get(name) if isinstance(name, str) else expression
    if isinstance(expression, list) and isinstance(name, int):
        return expression[0] if len(expression) == count == 1 else expression
    return expression


def _object(value: object) -> dict[str, object]:
    return value if isinstance(value, dict) else {}
