"""What one side of a comparison holds: policies with their places, grants, identities, and what is not known of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import field, replace
from typing import Protocol

from kms_lint.model import Document, Grant, Identity, Key, Policy, PolicyKind, Status
from kms_lint.reason import default
from kms_lint.record import dataclass
from kms_lint.source import At
from kms_lint.syntax import locate
from kms_lint.syntax.tree import ANYTHING, DEPLOYMENT_ACCOUNT


class Past(Protocol):
    """What one side says of the addresses that were before it."""

    def formerly(self, address: str, place: str) -> tuple[str, ...]:
        """The addresses that something surely had before, the latest first; `place` is its file."""
        ...

    def unsaid(self, address: str) -> tuple[str, ...]:
        """The addresses that it may have had without that being said."""
        ...

    def left(self, address: str, place: str) -> bool:
        """Whether something of the other side is only no longer in the files, and stays as it was."""
        ...


class Define(Protocol):
    """Gives unknown values the identities of their definitions, where these are sure."""

    @property
    def past(self) -> Past:
        """What is said of earlier addresses."""
        ...

    def policy(self, document: Document, policy: Policy) -> tuple[Policy, str]:
        """The policy with its unknown values told apart, and the identity of its branch, empty where it is not sure."""
        ...

    def grant(self, document: Document, grant: Grant) -> Grant:
        """A grant likewise."""
        ...


@dataclass(frozen=True, slots=True)
class Held:
    """A policy, and where it belongs.

    `key` is the address of its key, `key_arn` that key's ARN, as far as they are known. `place` is its file, seen from what
    is compared. `condition` is the identity of the conditions under which it reads so. With `default` it is what AWS
    gives a key that has none of its own.
    """

    policy: Policy
    key_arn: str | None = None
    key: str | None = None
    place: str = ""
    condition: str = ""
    default: bool = False

    @property
    def named(self) -> tuple[PolicyKind, str, str | None]:
        """What it goes by wherever it is written."""
        return self.policy.kind, self.policy.address, self.policy.of


@dataclass(frozen=True, slots=True)
class Side:
    """All of one side. `unknown` are reasons why it may hold more, each with what it is about."""

    held: tuple[Held, ...] = ()
    unknown: tuple[tuple[str, str], ...] = ()
    grants: tuple[Grant, ...] = ()
    identities: tuple[Identity, ...] = ()
    past: Past | None = None
    formerly: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The addresses that identities may have had before, the likeliest first."""
    places: Mapping[str, At] = field(default_factory=dict)
    """Where keys and identities are written, by their addresses."""
    read: frozenset[str] = frozenset()
    """The files that policies written elsewhere are read from, seen from what is compared."""

    @property
    def files(self) -> dict[str, Held]:
        """The policies that are files of their own, by these."""
        return {each.place: each for each in self.held if each.place.rpartition("/")[2] == each.policy.address}

    def without(self, files: Collection[str]) -> Side:
        """The side without the policies that are these files."""
        gone = {id(held) for file, held in self.files.items() if file in files}
        return replace(self, held=tuple(each for each in self.held if id(each) not in gone)) if gone else self

    @property
    def addresses(self) -> Iterator[str]:
        """What its policies and grants are called."""
        yield from (each.policy.address for each in self.held)
        yield from (each.address for each in self.grants)


def side(documents: Iterable[Document], define: Define | None = None, root: str = "") -> Side:
    """What documents hold; `root` is the path of what is compared, which their paths begin with."""
    held: list[Held] = []
    unknown: list[tuple[str, str]] = []
    grants: list[Grant] = []
    identities: list[Identity] = []
    formerly: dict[str, tuple[str, ...]] = {}
    read: set[str] = set()
    places: dict[str, At] = {}
    for document in documents:
        unknown += _unknown(document)
        grants += [define.grant(document, each) if define else each for each in document.grants]
        identities += document.identities
        places |= {each.address: each.at for each in document.keys}
        places |= {each.address: each.at for each in document.identities}
        read |= {_place(each, root) for each in _read(document)}
        place = _place(document.path, root)
        if define:
            formerly |= {each.address: _formerly(define.past, each.address, place) for each in document.identities}
        for key in document.keys:
            held += _of_key(document, key, place, define)
        for policy in document.policies:
            policy, condition = define.policy(document, policy) if define else (policy, "")
            key_address = policy.of if policy.kind is PolicyKind.KEY else None
            held.append(Held(policy, None, key_address, place, condition))
    past = define.past if define else None
    return Side(tuple(held), tuple(unknown), tuple(grants), tuple(identities), past, formerly, places, frozenset(read))


def _read(document: Document) -> Iterator[str]:
    """The files that policies of a document are read from."""
    for policy in (*document.policies, *(one for key in document.keys for one in key.policies)):
        yield from {locate(each.at).source.path for each in policy.statements} - {document.path}


def _formerly(past: Past, address: str, place: str) -> tuple[str, ...]:
    return (*past.formerly(address, place), *past.unsaid(address))


def _unknown(document: Document) -> Iterator[tuple[str, str]]:
    if document.status is Status.MALFORMED:
        yield document.path, f"malformed: {document.problems[0].message}"
    for each in document.unresolved:
        yield document.path, f"unresolved: {each.message}"
    for key in document.keys:
        if not key.policies and key.policy_unknown:
            yield key.address, "unsupported: the policy of this key cannot be compared: it is not known"


def _of_key(document: Document, key: Key, place: str, define: Define | None) -> Iterator[Held]:
    arn = _arn(key)
    for policy in key.policies:
        policy, condition = define.policy(document, policy) if define else (policy, "")
        yield Held(policy, arn, key.address, place, condition)
    if not key.policies and not key.policy_unknown:
        given = default.policy(key.address, key.at, key.owner or DEPLOYMENT_ACCOUNT, "aws")
        yield Held(given, arn, key.address, place, default=True)


def _place(path: str, root: str) -> str:
    start = root.rstrip("/") + "/" if root not in ("", ".") else ""
    return path[len(start) :] if path.startswith(start) else path if path != root else ""


def _arn(key: Key) -> str | None:
    return key.arn.form if key.arn is not None and ANYTHING not in key.arn.form and "<" not in key.arn.form else None
