"""All that was read: documents, one for each file, and what is said about where they are deployed. Data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field
from enum import Enum
from typing import NamedTuple

from kms_lint.model.declared import (
    Alias,
    Consumer,
    Delivery,
    Endpoint,
    Grant,
    Identity,
    Key,
    PlannedChange,
    PublicKeyRead,
    Secret,
    Share,
    Trail,
)
from kms_lint.model.policies import Policy, Problem, Unresolved
from kms_lint.record import dataclass
from kms_lint.source import At, Source
from kms_lint.syntax.tree import Text


class InlineIgnore(NamedTuple):
    """An ignore written as data, as CloudFormation's `Metadata` allows; `covers` is what it is about."""

    rules: tuple[Text, ...]
    reason: str | None
    until: str | None
    statement: str | None
    at: At
    covers: At


class Status(Enum):
    """What became of a file: judged, or skipped because nothing in it is for us, or malformed as a whole."""

    JUDGED = "judged"
    SKIPPED = "skipped"
    MALFORMED = "malformed"


@dataclass(frozen=True, eq=False, slots=True)
class Document:
    """All that was found in one file.

    `format` is `json`, `yaml`, `terraform`, `cloudformation` or `cli`: what a fix has to be written in. `kind` is what
    the file was taken for, in words. `constructs` are the ways of constructs of CDK by the addresses of the resources that
    they made. `nested` are the templates that this one nests, as it uses them; none are left when a run is read.
    `context` is whether the file was not asked for, and what another one shows is
    reported in it: the ignores in it count, and nobody knows whether all of them are used. `parts` are the documents that stand inside of another kind of text, each
    with a source and a format of its own; what is in them is in the whole as well.
    """

    path: str
    format: str
    kind: str
    source: Source | None = None
    status: Status = Status.JUDGED
    keys: tuple[Key, ...] = ()
    policies: tuple[Policy, ...] = ()
    grants: tuple[Grant, ...] = ()
    aliases: tuple[Alias, ...] = ()
    secrets: tuple[Secret, ...] = ()
    problems: tuple[Problem, ...] = ()
    unresolved: tuple[Unresolved, ...] = ()
    ignores: tuple[InlineIgnore, ...] = ()
    consumers: tuple[Consumer, ...] = ()
    identities: tuple[Identity, ...] = ()
    constructs: Mapping[str, str] = field(default_factory=dict)
    nested: tuple[Document, ...] = ()
    planned: tuple[PlannedChange, ...] = ()
    context: bool = False
    parts: tuple[Document, ...] = ()
    trails: tuple[Trail, ...] = ()
    endpoints: tuple[Endpoint, ...] = ()
    public_keys_read: tuple[PublicKeyRead, ...] = ()
    deliveries: tuple[Delivery, ...] = ()
    shares: tuple[Share, ...] = ()

    def every_policy(self) -> Iterator[Policy]:
        """The policies of its keys, then the others."""
        for key in self.keys:
            yield from key.policies
        yield from self.policies

    def construct(self, address: str) -> str | None:
        """The way of constructs of CDK to the resource of an address, or to the one that an argument belongs to."""
        return self.constructs.get(address) or self.constructs.get(address.partition(":")[0])


@dataclass(frozen=True, eq=False, slots=True)  # one for a run: what is kept by it need not look into four sets
class Accounts:
    """Whom the user knows: own accounts, accounts of partners, own organizations, and accounts of third parties.

    An entry of `trusted` or `third_party` is an account, or the ARN of principals, which may have wildcards after its account.
    """

    own: frozenset[str] = frozenset()
    trusted: frozenset[str] = frozenset()
    organizations: frozenset[str] = frozenset()
    third_party: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Settings:
    """The numbers that rules compare with; see the configuration's `settings`."""

    minimum_deletion_window: int = 14
    maximum_rotation_period: int = 365
    minimum_rsa_bits: int = 3072


@dataclass(frozen=True, eq=False, slots=True)
class World:
    """All documents of a run, and what the user said about the surroundings.

    `today` is the day that dates are judged by, as `2026-11-24`; when it is empty none is judged. `strict` is whether rules of opinion were asked for.
    """

    documents: tuple[Document, ...]
    accounts: Accounts = Accounts()
    settings: Settings = Settings()
    today: str = ""
    strict: bool = False
