"""What the files of the root modules of a run hold, and what the modules hold that they call."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final, TypeVar

from kms_lint.load.terraform import keys
from kms_lint.load.terraform.around import Around, may_stand_around
from kms_lint.load.terraform.attachments import Attachment, attached, module_policies, other_policies, owner
from kms_lint.load.terraform.calls import calls
from kms_lint.load.terraform.contents import Contents, Shelf
from kms_lint.load.terraform.instances import Instance, expansion
from kms_lint.load.terraform.links import Links, may_tie, owned
from kms_lint.load.terraform.places import may_hold
from kms_lint.load.terraform.resource import Resource, key_address, made
from kms_lint.load.terraform.scope import Scope
from kms_lint.load.terraform.secret_places import SECRETS, secrets
from kms_lint.load.terraform.unattached import unattached
from kms_lint.load.terraform.value import text_of
from kms_lint.load.terraform.writing import Writing, may_write
from kms_lint.model import Alias, Key, Policy, PolicyKind, Setting
from kms_lint.syntax.expression import Block

_KMS: Final = ("aws_kms_", "awscc_kms_")

Branched = TypeVar("Branched", Policy, Key)


def judge(root: Scope, shelf: Shelf) -> set[str]:
    """Puts all that a root module holds, and the modules that it calls, with the files. Gives the folders of these."""
    found = _Found(shelf)
    scopes, waiting, folders = [], [root], set[str]()
    while waiting:
        scope = waiting.pop()
        scopes.append(scope)
        if scope.call is not None:
            folders.add(scope.call.folder.location)
        waiting.extend([*_module(scope, found)][::-1])
    for scope in scopes:
        if not _foreign(scope):
            found.written_to(scope)
    found.finish()
    for scope, unit, policy in unattached([scope for scope in scopes if not _foreign(scope)]):
        shelf.of(unit.file.path, scope).policies.append(shelf.policy(policy, scope))
    shelf.problems(root.run.problems)
    for scope in scopes:
        if not _foreign(scope):
            shelf.problems(scope.configuration.problems)
    shelf.unresolved(root.run.unresolved)
    return folders


def _foreign(scope: Scope) -> bool:
    """Whether a module is not the user's own."""
    return scope.call is not None and scope.call.from_elsewhere is not None


def _module(scope: Scope, found: _Found) -> Iterator[Scope]:
    """Takes in all resources of a module; gives the instances of the modules that it calls."""
    for unit in tuple(scope.configuration.parsed()):
        found.read.add((id(scope), id(unit)))
        for block in unit.blocks:
            if len(block.labels) == 2 and block.type == "resource":
                for instance, itself in _instances(block, scope):
                    found.resource(itself, instance, scope)
            elif len(block.labels) == 2 and f"{block.type}.{block.labels[0]}" in SECRETS:
                for _, itself in _instances(block, scope):
                    found.data(itself, scope)
            elif block.labels and block.type == "module":
                inner, target = calls(block, scope)
                yield from (each for _, each in inner)
                if target.configuration is None:
                    contents = found.shelf.of(unit.file.path, scope)
                    contents.policies.extend(found.shelf.policy(each, scope) for each in module_policies(scope, block))


def _instances(block: Block, scope: Scope) -> Iterator[tuple[Instance, Resource]]:
    if not _may_matter(block):
        return
    address = ".".join((*(("data",) if block.type == "data" else ()), *map(str, block.labels)))
    for instance in expansion(block, address, scope).instances:
        yield instance, made(block, address, instance, scope, block.header)


def _may_matter(block: Block) -> bool:
    """Whether a resource may hold something for us; most do not, and are not looked into."""
    known = block.labels[0].startswith(_KMS) or may_stand_around(block) or may_write(block)
    return known or may_hold(block) or may_tie(block)


class _Found:
    """Resources are told apart here. Keys come last: their policies and aliases may be attached from anywhere."""

    def __init__(self, shelf: Shelf) -> None:
        self.shelf = shelf
        self._keys: list[tuple[Resource, Instance, Contents, Scope]] = []
        self._attached: dict[str, list[Policy]] = {}
        self._aliases: dict[str, list[str]] = {}
        self._settings: dict[str, dict[str, Setting]] = {}
        self._somewhere = False
        self._links = Links()
        self._around = Around()
        self._writing = Writing()
        self._holding: dict[Contents, None] = {}
        self.read: set[tuple[int, int]] = set()

    def resource(self, itself: Resource, instance: Instance, scope: Scope) -> None:
        """Takes in one instance of a resource."""
        type, contents = itself.type, self.shelf.of(itself.block.at.source.path, scope)
        self._links.read(itself)
        self._around.take(itself)
        self._writing.take(itself)
        if type in keys.KEYS:
            self._keys.append((itself, instance, contents, scope))
        elif type == "aws_kms_key_policy":
            self._key_policy(itself, instance, contents, scope)
        elif type in keys.ALIASES:
            self._alias(self.shelf.alias(keys.alias(itself), scope), contents)
        elif type == "aws_kms_grant":
            contents.grants.append(self.shelf.grant(keys.grant(itself), scope))
        elif may_hold(itself.block):
            made = _existing(tuple(other_policies(itself)), instance)
            contents.policies.extend(self.shelf.policy(each, scope) for each in made)
            self._holding[contents] = None
        if type in SECRETS:
            contents.secrets.extend(secrets(itself))

    def written_to(self, scope: Scope) -> None:
        """Takes in what writes to something encrypted in files that say nothing about keys themselves."""
        for unit in scope.configuration.mentioning(self._links.targets()):
            if (id(scope), id(unit)) not in self.read:
                for block in unit.blocks:
                    if len(block.labels) == 2 and block.type == "resource" and may_write(block):
                        for _, itself in _instances(block, scope):
                            self._writing.take(itself)

    def data(self, itself: Resource, scope: Scope) -> None:
        """Takes in one instance of a data source."""
        self.shelf.of(itself.block.at.source.path, scope).secrets.extend(secrets(itself))

    def _alias(self, alias: Alias, contents: Contents) -> None:
        contents.aliases.append(alias)
        if alias.of is not None and alias.name is not None:
            self._aliases.setdefault(alias.of, []).append(str(alias.name))

    def _key_policy(self, itself: Resource, instance: Instance, contents: Contents, module: Scope) -> None:
        block, scope = itself.block, itself.scope
        scope.look_into(block)
        target = text_of(itself.written("key_id", block.header), block.header)
        key = key_address(target, scope)
        self._somewhere |= target is None or not target.known
        argument = block.arguments().get("policy")
        if argument is None:
            return
        attachment = Attachment(PolicyKind.KEY, itself.address, key, owner(itself))
        policies = _existing(attached(scope, block, argument, attachment), instance)
        found = [self.shelf.policy(each, module) for each in policies]
        if key is not None:
            self._attached.setdefault(key, []).extend(found)
            written = {name: each for name, each in keys.settings(itself).items() if each.value is not False}
            self._settings.setdefault(key, {}).update(written)
        else:
            contents.policies.extend(found)

    def finish(self) -> None:
        """Puts each key together."""
        for itself, instance, contents, scope in self._keys:
            address = itself.address
            policies, aliases = self._attached.get(address, ()), self._aliases.get(address, ())
            beside = self._settings.get(address, {})
            made = keys.key(itself, tuple(policies), self._somewhere, tuple(aliases), beside)
            made = replace(
                made, policies=_existing(made.policies, instance), variants=_existing(made.variants, instance)
            )
            contents.keys.append(self.shelf.key(made, scope))
        self._tie()

    def _tie(self) -> None:
        """Puts what is tied to others where it is written."""
        for consumer, itself in self._links.consumers(self._aliases):
            self.shelf.of(itself.block.at.source.path, itself.scope).consumers.append(consumer)
        for delivery, itself in self._writing.deliveries:
            self.shelf.of(itself.block.at.source.path, itself.scope).deliveries.append(delivery)
        for share, itself in self._writing.shares:
            self.shelf.of(itself.block.at.source.path, itself.scope).shares.append(share)
        for identity, itself in self._links.identities():
            self.shelf.of(itself.block.at.source.path, itself.scope).identities.append(identity)
        for trail, itself in self._around.trails():
            self.shelf.of(itself.block.at.source.path, itself.scope).trails.append(trail)
        for endpoint, itself in self._around.endpoints():
            self.shelf.of(itself.block.at.source.path, itself.scope).endpoints.append(endpoint)
        owners = self._links.owners()
        for contents in self._holding if owners else ():
            contents.policies[:] = [owned(policy, owners) for policy in contents.policies]


def _existing(found: tuple[Branched, ...], instance: Instance) -> tuple[Branched, ...]:
    """The policies, or variants of a key, without those of branches in which the instance itself is not made."""
    if instance.condition is None:
        return found
    condition, holds = instance.condition
    never = f"{condition} is {'false' if holds else 'true'}"
    return tuple(each for each in found if never not in each.branch.split(" and ")) or found
