"""Calls of modules: which folder each leads to, what it is given, and what it gives back.

https://developer.hashicorp.com/terraform/language/modules
"""

from __future__ import annotations

from typing import Final, NamedTuple

from kms_lint.errors import SourceError
from kms_lint.load.terraform.configuration import Configuration
from kms_lint.load.terraform.instances import Expansion, Instance, expansion
from kms_lint.load.terraform.scope import Scope
from kms_lint.load.terraform.sources import Folder, local
from kms_lint.load.terraform.value import lent
from kms_lint.model import Unresolved
from kms_lint.source import Span
from kms_lint.syntax.expression import Block
from kms_lint.syntax.tree import Mapping, Node, Text, Unknown

_DEEPEST: Final = 50
"""As many modules may call one another."""
_TOO_MANY: Final = "too many instances of modules are made in all: the rest is not judged"


class Call(NamedTuple):
    """An instance of a module: the block that calls it, in the scope of that block, and where its text is.

    `path` is the beginning of its addresses. `from_elsewhere` is the call in the user's own files, where all of a
    module is reported that is none of these. `chain` are the folders of the modules that call it, with its own.
    """

    block: Block
    scope: Scope
    path: str
    folder: Folder
    from_elsewhere: Span | None
    chain: tuple[str, ...]


class Target(NamedTuple):
    """What a call leads to: a module in a folder, or the reason why it is not known.

    `listed` is whether the reason is one to tell even when nothing depends on it.
    """

    configuration: Configuration | None
    folder: Folder
    reason: str = ""
    listed: bool = False


_NOWHERE: Final = Folder("", "")


def target(block: Block, scope: Scope) -> Target:
    """The module that a block calls."""
    found = scope.targets.get(id(block))
    if found is None:
        found = scope.targets[id(block)] = _target(block, scope)
    return found


def _target(block: Block, scope: Scope) -> Target:
    argument = block.arguments().get("source")
    source = None if argument is None else scope.unbound.evaluate(argument.expression())
    folders = scope.run.folders
    if not isinstance(source, Text) or not source.known or folders is None:
        return Target(None, _NOWHERE, "it is not known which module this is")
    try:
        folder = _folder(block, str(source), scope)
    except SourceError as error:
        return Target(None, _NOWHERE, str(error), True)
    if folder is None:
        configuration = folders.known(source)
        reason = "" if configuration else f"the module `{source}` is not in the repository: run `terraform init` before"
        return Target(configuration, _NOWHERE, reason)
    if folder.location in _chain(scope):
        return Target(None, folder, f"the module `{source}` is called by itself, in a cycle", True)
    if len(_chain(scope)) >= _DEEPEST:
        return Target(None, folder, "too many modules call one another", True)
    configuration = folders.configuration(folder)
    if configuration is None:
        return Target(None, folder, f"`{source}` cannot be read: there are no Terraform files in it", True)
    return Target(configuration, folder)


def _folder(block: Block, source: str, scope: Scope) -> Folder | None:
    """Where the text of a module is; `None` when it is not here."""
    folders = scope.run.folders
    assert folders is not None
    if local(source):
        near = next(unit.file for unit in scope.configuration.units if unit.source is block.at.source)
        folder = folders.beneath(near, source)
        return folder if scope.call is None else folder._replace(installed=scope.call.folder.installed)
    installed = folders.installed(scope.run.root)
    names = [] if scope.call is None else _names(scope.call)
    return installed.folder(".".join([*names, str(block.labels[0])]))


def _names(call: Call) -> list[str]:
    """The names by which a module is called, from the root module on."""
    before = [] if call.scope.call is None else _names(call.scope.call)
    return [*before, str(call.block.labels[0])]


def _chain(scope: Scope) -> tuple[str, ...]:
    return (_location(scope.configuration),) if scope.call is None else scope.call.chain


def _location(configuration: Configuration) -> str:
    import os

    return os.path.dirname(configuration.units[0].file.location)


def calls(block: Block, scope: Scope) -> tuple[list[tuple[Instance, Scope]], Target]:
    """The scopes of the instances of a module that a block calls, and what it leads to."""
    found = target(block, scope)
    if found.reason and found.listed:
        note(block, scope, found.reason)
    if found.configuration is None:
        return [], found
    made: list[tuple[Instance, Scope]] = []
    for instance in of(block, scope).instances:
        inner = called(block, scope, instance, found)
        if inner is None:
            break
        made.append((instance, inner))
    return made, found


def note(block: Block, scope: Scope, reason: str) -> None:
    """Says why a module was not looked into."""
    expression = f"module.{block.labels[0]}"
    scope.run.unresolved[Unresolved(expression, reason, block.header)] = None


def of(block: Block, scope: Scope) -> Expansion:
    """The instances of a module."""
    return expansion(block, f"module.{block.labels[0]}", scope)


def called(block: Block, scope: Scope, instance: Instance, found: Target) -> Scope | None:
    """The scope of one instance of a module; `None` when no more may be worked out."""
    assert found.configuration is not None
    path = f"{scope.path}module.{block.labels[0]}{instance.suffix}."
    if path not in scope.children and not scope.run.calls:
        note(block, scope, _TOO_MANY)
        return None
    foreign = None if scope.call is None else scope.call.from_elsewhere
    if foreign is None and (found.folder.installed or not found.folder.location):
        foreign = block.header
    chain = (*_chain(scope), found.folder.location)
    outer = scope.unbound.bound(instance.names)
    return scope.inside(found.configuration, Call(block, outer, path, found.folder, foreign, chain))


class Outputs(Mapping):
    """The value of `module.keys`, without an output after it: outputs are worked out one by one."""

    __slots__ = ("_name", "_scope")

    def __init__(self, scope: Scope, name: str, at: Span) -> None:
        """`scope` is that of the instance, `name` what it goes by where it is called."""
        super().__init__(self._all, at)
        self._scope = scope
        self._name = name

    def get(self, name: str) -> Node | None:
        """The value of an output."""
        assert isinstance(self.at, Span)
        return output(self._scope, name, self._name, self.at)

    def _all(self) -> list[tuple[Text, Node]]:
        found = [(name, self.get(name)) for name in self._scope.configuration.outputs()]
        return [(Text(name, self.at), value) for name, value in found if value is not None]


def output(scope: Scope, name: str, module: str, at: Span) -> Node | None:
    """What an instance of a module gives back under a name."""
    block = scope.configuration.output(name)
    argument = None if block is None else block.arguments().get("value")
    if argument is None:
        return None
    value = scope.once(f"output.{name}", at, lambda: scope.unbound.evaluate(argument.expression()))
    return lent(value, at, f"{module}.{name}")


def given_back(block: Block, scope: Scope, instance: Instance, found: Target, at: Span) -> Node:
    """What an instance of a module stands for where its name is used."""
    name = f"module.{block.labels[0]}{instance.suffix}"
    if found.configuration is None:
        return Unknown(name, at, found.reason)
    inner = called(block, scope, instance, found)
    return Unknown(name, at, _TOO_MANY) if inner is None else Outputs(inner, name, at)
