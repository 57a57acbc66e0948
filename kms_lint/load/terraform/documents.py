"""What the files of a folder hold, one document for each."""

from __future__ import annotations

from typing import Final

from kms_lint.errors import MalformedError
from kms_lint.load.terraform import keys
from kms_lint.load.terraform.attachments import (
    Attachment,
    attached,
    module_policies,
    other_policies,
    owner,
    unattached,
)
from kms_lint.load.terraform.configuration import Configuration, Unit
from kms_lint.load.terraform.expression import KINDS
from kms_lint.load.terraform.links import Links, owned
from kms_lint.load.terraform.places import may_hold
from kms_lint.load.terraform.resource import Resource, key_address
from kms_lint.load.terraform.scope import Scope
from kms_lint.load.terraform.secret_places import SECRETS, secrets
from kms_lint.load.terraform.value import text_of
from kms_lint.model import (
    Alias,
    Consumer,
    Document,
    Grant,
    Identity,
    Key,
    Policy,
    PolicyKind,
    Problem,
    Secret,
    Setting,
    Status,
)
from kms_lint.source import Span
from kms_lint.syntax.expression import Block

_KIND: Final = "Terraform configuration"


class _Contents:
    """What has been found in one file so far."""

    __slots__ = ("aliases", "consumers", "grants", "identities", "keys", "policies", "problems", "secrets", "unit")

    def __init__(self, unit: Unit) -> None:
        self.unit = unit
        self.keys: list[Key] = []
        self.policies: list[Policy] = []
        self.grants: list[Grant] = []
        self.aliases: list[Alias] = []
        self.secrets: list[Secret] = []
        self.problems: list[Problem] = []
        self.consumers: list[Consumer] = []
        self.identities: list[Identity] = []

    def document(self) -> Document:
        unit = self.unit
        linked = self.consumers or self.identities
        found = self.keys or self.policies or self.grants or self.aliases or self.secrets or self.problems
        if not found and not linked and not (unit.errors and unit.relevant):
            return Document(unit.file.path, "terraform", _KIND, unit.source, Status.SKIPPED)
        problems = (*(_problem(error) for error in unit.errors), *self.problems)
        return Document(
            unit.file.path,
            "terraform",
            _KIND,
            unit.source,
            Status.JUDGED if unit.blocks else Status.MALFORMED,
            tuple(self.keys),
            tuple(self.policies),
            tuple(self.grants),
            tuple(self.aliases),
            tuple(self.secrets),
            problems,
            consumers=tuple(self.consumers),
            identities=tuple(self.identities),
        )


def _problem(error: MalformedError) -> Problem:
    return Problem("malformed-document", error.message, error.at)


def documents(configuration: Configuration) -> tuple[Document, ...]:
    """The documents of a folder, in the order of its files."""
    scope = Scope(configuration, KINDS)
    contents = {unit.file.path: _Contents(unit) for unit in configuration.units}
    folder = _Folder(scope)
    for unit in tuple(configuration.parsed()):
        for block in unit.blocks:
            if len(block.labels) == 2 and block.type == "resource":
                folder.resource(block, contents[unit.file.path])
            elif len(block.labels) == 2 and f"{block.type}.{block.labels[0]}" in SECRETS:
                folder.data(block, contents[unit.file.path])
            elif block.labels and block.type == "module":
                contents[unit.file.path].policies.extend(module_policies(scope, block))
    folder.finish(contents)
    for unit, policy in unattached(scope):
        contents[unit.file.path].policies.append(policy)
    for problem in scope.problems:
        _at_its_file(problem, contents)
    return tuple(each.document() for each in contents.values())


def _at_its_file(problem: Problem, contents: dict[str, _Contents]) -> None:
    source = problem.at.source if isinstance(problem.at, Span) else None
    for each in contents.values():
        if source is not None and each.unit.source is source:
            each.problems.append(problem)


class _Folder:
    """Resources are told apart here. Keys come last: their policies and aliases may be attached from anywhere."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self._keys: list[tuple[Block, _Contents]] = []
        self._attached: dict[str, list[Policy]] = {}
        self._aliases: dict[str, list[str]] = {}
        self._settings: dict[str, dict[str, Setting]] = {}
        self._somewhere = False
        self._links = Links()

    def resource(self, block: Block, contents: _Contents) -> None:
        """Takes in one resource."""
        type = str(block.labels[0])
        itself = self._resource(block)
        self._links.read(itself)
        if type in keys.KEYS:
            self._keys.append((block, contents))
        elif type == "aws_kms_key_policy":
            self._key_policy(itself, contents)
        elif type in keys.ALIASES:
            self._alias(keys.alias(itself), contents)
        elif type == "aws_kms_grant":
            contents.grants.append(keys.grant(itself))
        elif may_hold(block):
            contents.policies.extend(other_policies(itself))
        if type in SECRETS:
            contents.secrets.extend(secrets(itself))

    def data(self, block: Block, contents: _Contents) -> None:
        """Takes in one data source."""
        itself = Resource(block, f"data.{block.labels[0]}.{block.labels[1]}", self._scope, block.header)
        contents.secrets.extend(secrets(itself))

    def _alias(self, alias: Alias, contents: _Contents) -> None:
        contents.aliases.append(alias)
        if alias.of is not None and alias.name is not None:
            self._aliases.setdefault(alias.of, []).append(str(alias.name))

    def _resource(self, block: Block) -> Resource:
        return Resource(block, f"{block.labels[0]}.{block.labels[1]}", self._scope, block.header)

    def _key_policy(self, itself: Resource, contents: _Contents) -> None:
        block, scope = itself.block, itself.scope
        scope.look_into(block)
        target = text_of(itself.written("key_id", block.header), block.header)
        key = key_address(target, scope)
        self._somewhere |= target is None or not target.known
        argument = block.arguments().get("policy")
        if argument is None:
            return
        attachment = Attachment(PolicyKind.KEY, itself.address, key, owner(itself))
        found = attached(scope, block, argument, attachment)
        if key is not None:
            self._attached.setdefault(key, []).extend(found)
            written = {name: each for name, each in keys.settings(itself).items() if each.value is not False}
            self._settings.setdefault(key, {}).update(written)
        else:
            contents.policies.extend(found)

    def finish(self, contents: dict[str, _Contents]) -> None:
        """Puts each key together."""
        for block, found in self._keys:
            itself = self._resource(block)
            address = itself.address
            policies, aliases = self._attached.get(address, ()), self._aliases.get(address, ())
            beside = self._settings.get(address, {})
            made = keys.key(itself, tuple(policies), self._somewhere, tuple(aliases), beside)
            found.keys.append(made)
        self._tie(contents)

    def _tie(self, contents: dict[str, _Contents]) -> None:
        """Puts what is tied to others where it is written."""
        for consumer, itself in self._links.consumers(self._aliases):
            contents[itself.block.at.source.path].consumers.append(consumer)
        for identity, itself in self._links.identities():
            contents[itself.block.at.source.path].identities.append(identity)
        owners = self._links.owners()
        for each in contents.values() if owners else ():
            each.policies[:] = [owned(policy, owners) for policy in each.policies]
