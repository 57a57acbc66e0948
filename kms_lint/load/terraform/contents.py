"""What has been found in each file so far, and which file is to tell of what is found in a module."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from typing import Final

from kms_lint.errors import MalformedError
from kms_lint.files import File
from kms_lint.load.terraform.scope import Scope
from kms_lint.load.terraform.unit import Unit
from kms_lint.model import (
    Alias,
    Consumer,
    Delivery,
    Document,
    Endpoint,
    Grant,
    Identity,
    Key,
    Policy,
    Problem,
    Secret,
    Share,
    Status,
    Trail,
    Unresolved,
)
from kms_lint.source import BUILT_IN, Span, use
from kms_lint.syntax import locate

_KIND: Final = "Terraform configuration"


class Contents:
    """What has been found in one file so far."""

    __slots__ = (
        "aliases",
        "consumers",
        "deliveries",
        "endpoints",
        "grants",
        "identities",
        "keys",
        "policies",
        "problems",
        "secrets",
        "shares",
        "trails",
        "unit",
        "unresolved",
    )

    def __init__(self, unit: Unit) -> None:
        self.unit = unit
        self.keys: list[Key] = []
        self.policies: list[Policy] = []
        self.grants: list[Grant] = []
        self.aliases: list[Alias] = []
        self.secrets: list[Secret] = []
        self.problems: list[Problem] = []
        self.unresolved: list[Unresolved] = []
        self.consumers: list[Consumer] = []
        self.identities: list[Identity] = []
        self.trails: list[Trail] = []
        self.endpoints: list[Endpoint] = []
        self.deliveries: list[Delivery] = []
        self.shares: list[Share] = []

    def document(self) -> Document:
        """All of it as one document."""
        unit = self.unit
        found = self.keys or self.policies or self.grants or self.aliases or self.secrets
        linked = self.consumers or self.identities or self.trails or self.endpoints or self.shares
        if not (found or linked or self.problems or self.unresolved) and not (unit.errors and unit.relevant):
            skipped = Document(unit.file.path, "terraform", _KIND, unit.source, Status.SKIPPED)
            return replace(skipped, deliveries=tuple(self.deliveries))
        problems = (*(_problem(error) for error in unit.errors), *self.problems)
        return Document(
            unit.file.path,
            "terraform",
            _KIND,
            unit.source,
            Status.MALFORMED if unit.errors and not unit.blocks else Status.JUDGED,
            tuple(self.keys),
            tuple(self.policies),
            tuple(self.grants),
            tuple(self.aliases),
            tuple(self.secrets),
            problems,
            tuple(self.unresolved),
            consumers=tuple(self.consumers),
            identities=tuple(self.identities),
            trails=tuple(self.trails),
            endpoints=tuple(self.endpoints),
            deliveries=tuple(self.deliveries),
            shares=tuple(self.shares),
        )


def _problem(error: MalformedError) -> Problem:
    return Problem("malformed-document", error.message, error.at)


class Shelf:
    """The contents of the files that are asked for, by their paths."""

    def __init__(self, units: Iterable[Unit]) -> None:
        self._contents = {unit.file.path: Contents(unit) for unit in units}
        self._aside = Contents(Unit(File("", "", False), b""))
        self._told: set[Problem | Unresolved] = set()

    def of(self, path: str, scope: Scope) -> Contents:
        """Where to keep what is written in a file: with that file, or the nearest that calls the module it is in.

        What nobody asked for is kept aside.
        """
        while path not in self._contents and scope.call is not None:
            path, scope = scope.call.block.at.source.path, scope.call.scope
        return self._contents.get(path, self._aside)

    def problems(self, problems: Iterable[Problem]) -> None:
        """Puts problems with the files that they are in, each once."""
        for problem in problems:
            path = problem.at.source.path if isinstance(problem.at, Span) else ""
            if path in self._contents and problem not in self._told:
                self._told.add(problem)
                self._contents[path].problems.append(problem)

    def unresolved(self, unresolved: Iterable[Unresolved]) -> None:
        """Puts what could not be worked out with the files that it is in, each once."""
        for each in unresolved:
            path = locate(use(each.at)).source.path
            if path in self._contents and each not in self._told:
                self._told.add(each)
                self._contents[path].unresolved.append(each)

    def take(self, units: Iterable[Unit]) -> Iterator[Document]:
        """The documents of those of these files that are asked for, which are then complete."""
        for unit in units:
            contents = self._contents.pop(unit.file.path, None)
            if contents is not None:
                yield contents.document()

    def policy(self, policy: Policy, scope: Scope) -> Policy:
        """A policy as the files that are asked for tell of it."""
        called = None if scope.call is None else scope.call.from_elsewhere
        if scope.call is None:
            return policy
        consumer = policy.consumer
        if consumer is not None and locate(consumer).source.path.startswith(BUILT_IN):
            consumer = None
        return replace(policy, called=called, consumer=consumer, unresolved=self._open(policy.unresolved, called))

    def grant(self, grant: Grant, scope: Scope) -> Grant:
        """A grant likewise."""
        called = None if scope.call is None else scope.call.from_elsewhere
        if scope.call is None:
            return grant
        return replace(grant, called=called, unresolved=self._open(grant.unresolved, called))

    def alias(self, alias: Alias, scope: Scope) -> Alias:
        """An alias likewise."""
        return alias if scope.call is None else replace(alias, called=scope.call.from_elsewhere)

    def key(self, key: Key, scope: Scope) -> Key:
        """A key likewise, with its policies and variants."""
        if scope.call is None:
            return key
        called = scope.call.from_elsewhere
        settings = {
            name: each if each.open is None else each._replace(open=next(iter(self._open((each.open,), called)), None))
            for name, each in key.settings.items()
        }
        return replace(
            key,
            called=called,
            settings=settings,
            policies=tuple(self.policy(each, scope) for each in key.policies),
            variants=tuple(self.key(each, scope) for each in key.variants),
            unresolved=self._open(key.unresolved, called),
        )

    def _open(self, unresolved: Collection[Unresolved], called: Span | None) -> tuple[Unresolved, ...]:
        """What is unresolved in the files that are asked for, and at the call what is so in files of others."""
        found = []
        for each in unresolved:
            if locate(use(each.at)).source.path in self._contents:
                found.append(each)
            elif called is not None and called.source.path in self._contents:
                found.append(each._replace(at=called))
        return tuple(found)
