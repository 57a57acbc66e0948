"""A plan with the `.tf` files that it was made from: what is found in it is reported where it is written."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final, TypeVar

from kms_lint.load import PLAN
from kms_lint.load.options import Options
from kms_lint.load.policy import policies
from kms_lint.load.terraform_plan.address import module_of
from kms_lint.load.terraform_plan.counterpart import agrees, carried, everywhere, lent
from kms_lint.model import Alias, Document, Grant, Key, Policy, Secret, Setting, Status
from kms_lint.source import At
from kms_lint.syntax import locate
from kms_lint.syntax.tree import Node, Text, Unknown

if TYPE_CHECKING:
    from kms_lint.files import File
    from kms_lint.load.terraform.folders import Beside

_CONFIGURATION: Final = "Terraform configuration"

_DOCUMENT: Final = 'data "aws_iam_policy_document"'

Thing = TypeVar("Thing", Key, Grant, Alias)


def mapped(
    documents: Sequence[Document],
    files: Sequence[File],
    options: Options,
    context: Beside,
) -> Iterator[Document]:
    """The documents, those of plans with the places of the `.tf` files beside them, or in a folder of the run.

    A file that was not asked for, and to which something leads, is a document as well, for the ignores in it.
    `context` gives the Terraform files of a folder that were not asked for. Raises `SourceError` as `load` does.
    """
    known = {document.path for document in documents}
    by_path = {file.path: file for file in files}
    for document in documents:
        if document.kind != PLAN or document.status is Status.SKIPPED or document.path not in by_path:
            yield document
            continue
        beside = list(_beside(by_path[document.path], documents, options, context))
        elsewhere = [each for each in documents if each.kind == _CONFIGURATION and each not in beside]
        found = _Written(beside, elsewhere)
        yield found.map(document)
        for each in beside:
            if each.path in found.used and each.path not in known:
                known.add(each.path)
                yield Document(each.path, each.format, each.kind, each.source, Status.SKIPPED, context=True)


def _beside(
    file: File,
    documents: Sequence[Document],
    options: Options,
    context: Beside,
) -> Iterable[Document]:
    """What the `.tf` files in the folder of a plan hold; where there are none, those of the one folder of the run."""
    folders: dict[str, list[Document]] = {}
    for each in documents:
        if each.kind == _CONFIGURATION and each.status is not Status.SKIPPED:
            folders.setdefault(os.path.dirname(each.path), []).append(each)
    folder = os.path.dirname(file.path)
    if folder in folders:
        return folders[folder]
    beside = context(os.path.dirname(file.location), folder, [file])
    if beside:
        from kms_lint.load import terraform

        return tuple(terraform.modules(beside, context, options))
    return next(iter(folders.values())) if len(folders) == 1 else ()


class _Written:
    """What the `.tf` files hold, by address. `used` are the paths to which something of a plan leads."""

    def __init__(self, beside: Sequence[Document], elsewhere: Sequence[Document]) -> None:
        """Of what stands `elsewhere`, only modules count: nobody knows which folder called them."""
        self.used: set[str] = set()
        self._keys: dict[str, Key] = {}
        self._grants: dict[str, Grant] = {}
        self._aliases: dict[str, Alias] = {}
        self._policies: dict[tuple[str, str], list[Policy]] = {}
        self._secrets: dict[tuple[str, str], Secret] = {}
        for document in beside:
            self._take(document, "")
        for document in elsewhere:
            self._take(document, "module.")

    def _take(self, document: Document, beginning: str) -> None:
        for policy in document.every_policy():
            if policy.address.startswith(beginning):
                self._policies.setdefault((policy.address, policy.kind.value), []).append(policy)
        for secret in document.secrets:
            if secret.address.startswith(beginning):
                self._secrets.setdefault((secret.address, secret.what), secret)
        _add(self._keys, document.keys, beginning)
        _add(self._grants, document.grants, beginning)
        _add(self._aliases, document.aliases, beginning)

    def map(self, plan: Document) -> Document:
        """A plan with the places of what is written."""
        return replace(
            plan,
            keys=tuple(map(self._key, plan.keys)),
            policies=tuple(each for policy in plan.policies for each in self._policy(policy)),
            grants=tuple(map(self._grant, plan.grants)),
            aliases=tuple(map(self._alias, plan.aliases)),
            secrets=tuple(map(self._secret, plan.secrets)),
        )

    def _at(self, written: At, used: At) -> At:
        self.used.add(locate(written).source.path)
        return lent(written, used)

    def _policy(self, policy: Policy) -> tuple[Policy, ...]:
        found = _found(self._policies, policy.address, lambda address: (address, policy.kind.value))
        if not found or policy.node is None:
            return (policy,)
        node = policy.node
        unknown = isinstance(node, Unknown) and any(each.statements and each.node is not None for each in found)
        if unknown or (policy.taken and not any(_says(each, node) for each in found)):
            self.used.update(locate(each.at).source.path for each in found)
            return tuple(_decided(policy, found))
        written = next((each for each in found if each.node is not None and agrees(node, each.node)), found[0])
        otherwise = written.at if written.consumer is None else written.consumer
        self.used.update(locate(each).source.path for each in (written.at, otherwise))
        placed = everywhere(node, otherwise) if written.node is None else carried(node, written.node, otherwise)
        return policies(
            placed, policy.kind, policy.address, of=policy.of, owner=policy.owner, consumer=written.consumer
        )

    def _key(self, key: Key) -> Key:
        written = _found(self._keys, key.address, str)
        mapped = replace(key, policies=tuple(each for policy in key.policies for each in self._policy(policy)))
        if written is None:
            return mapped
        settings = {
            name: self._setting(each, written.settings.get(name), written.at) for name, each in key.settings.items()
        }
        return replace(mapped, at=self._at(written.at, key.at), settings=settings)

    def _setting(self, setting: Setting, written: Setting | None, otherwise: At) -> Setting:
        """A setting that nobody wrote is where the block begins."""
        return setting._replace(at=self._at(otherwise if written is None else written.at, setting.at))

    def _grant(self, grant: Grant) -> Grant:
        written = _found(self._grants, grant.address, str)
        if written is None:
            return grant
        at = written.at
        operations = {str(each): each for each in written.operations}
        return replace(
            grant,
            at=self._at(at, grant.at),
            operations_at=self._at(written.operations_at, grant.operations_at),
            grantee=self._text(grant.grantee, written.grantee, at),
            retiring=self._text(grant.retiring, written.retiring, at),
            key=self._text(grant.key, written.key, at),
            operations=tuple(
                _text
                for each in grant.operations
                if (_text := self._text(each, operations.get(str(each)), written.operations_at)) is not None
            ),
        )

    def _alias(self, alias: Alias) -> Alias:
        written = _found(self._aliases, alias.address, str)
        if written is None:
            return alias
        at = written.at
        name, target = self._text(alias.name, written.name, at), self._text(alias.target, written.target, at)
        return replace(alias, at=self._at(at, alias.at), name=name, target=target)

    def _secret(self, secret: Secret) -> Secret:
        found = _found(self._secrets, secret.address, lambda address: (address, secret.what))
        return secret if found is None else replace(secret, at=self._at(found.at, secret.at))

    def _text(self, text: Text | None, written: Text | None, otherwise: At) -> Text | None:
        if text is None:
            return None
        at = self._at(otherwise if written is None else written.at, text.at)
        return Text(str(text), at, None if text.form == text else text.form)


def _says(written: Policy, node: Node) -> bool:
    """Whether a policy is written as what it was taken for: a reference to a policy document, or something that gives the same."""
    if written.node is None:
        return False
    source, start, end = locate(written.node.at)
    return source.text.startswith(_DOCUMENT, start, end) or agrees(node, written.node, strictly=True)


def _decided(policy: Policy, found: Iterable[Policy]) -> Iterator[Policy]:
    """A policy as the files say it, for who has it in the plan: also one that a plan does not know before something is made."""
    for each in (each for each in found if each.node is not None):
        made = policies(
            each.node, policy.kind, policy.address, of=policy.of, owner=policy.owner, consumer=each.consumer
        )
        for one in made:
            yield replace(one, branch=each.branch, problems=each.problems, unresolved=each.unresolved)


def _add(found: dict[str, Thing], things: Iterable[Thing], beginning: str) -> None:
    for thing in things:
        if thing.address.startswith(beginning):
            found.setdefault(thing.address, thing)


_Named = TypeVar("_Named")
_Name = TypeVar("_Name")


def _found(things: dict[_Name, _Named], address: str, name: Callable[[str], _Name]) -> _Named | None:
    """What goes by an address: by that of the instance, or of the block that makes all instances."""
    found = things.get(name(address))
    return things.get(name(_block(address))) if found is None else found


def _block(address: str) -> str:
    """An address without the key of the instance; what is said after it stays."""
    start = len(module_of(address))
    opening = address.find("[", start)
    said = address.find(":", start)
    if opening < 0 or -1 < said < opening:
        return address
    closing = address.find("]", opening)
    if address.startswith('["', opening):
        closing = address.find('"]', opening) + 1
    return address[:opening] + address[closing + 1 :] if closing > opening else address
