"""What ties a module together: who uses which key, and which policies are attached to whom."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from collections.abc import Mapping as Dictionary
from dataclasses import field, replace
from typing import Final

from kms_lint.load.terraform.arguments import Path, held
from kms_lint.load.terraform.attachments import owner
from kms_lint.load.terraform.consumer_places import CONSUMERS, Uses
from kms_lint.load.terraform.identity_places import ATTACHMENTS, IDENTITIES, MEMBERSHIPS, Attaching, Kind, Membership
from kms_lint.load.terraform.referring import resource_address
from kms_lint.load.terraform.resource import Resource, found, key_address, looked_up
from kms_lint.load.terraform.under import cases
from kms_lint.load.terraform.value import text_of
from kms_lint.model import Consumer, Identity, Policy, PolicyKind
from kms_lint.record import dataclass
from kms_lint.source import At
from kms_lint.syntax.expression import Block
from kms_lint.syntax.tree import ANYTHING, Items, Text

_OTHERS: Final = frozenset({*IDENTITIES, *ATTACHMENTS, *MEMBERSHIPS})

_CALLED: Final = re.compile(r"(?:module|awscc_\w+|aws_\w+)\.[\w-]+")
_WRITTEN_TO: Final = frozenset({"s3", "sns", "sqs"})

_TYPES: Final = ("role", "user", "group", "permission set")


@dataclass(slots=True)
class _Ties:
    """What is attached to an identity from elsewhere."""

    attached: list[Text] = field(default_factory=list)
    groups: list[Text] = field(default_factory=list)
    boundary: Text | None = None


class Links:
    """The consumers and identities that were met so far. Attachments may be anywhere, so that they are tied last."""

    def __init__(self) -> None:
        """Nothing has been met."""
        self._consumers: list[tuple[Consumer, Resource]] = []
        self._identities: list[tuple[Identity, Resource]] = []
        self._ties: dict[tuple[str, str], _Ties] = {}

    def read(self, itself: Resource) -> None:
        """Takes in one resource, which most are not worth."""
        if may_tie(itself.block):
            self.take(itself)

    def take(self, itself: Resource) -> None:
        """Takes in one resource, whatever its text says."""
        type = itself.type
        itself.scope.look_into(itself.block)
        if type in CONSUMERS:
            self._consumers.extend((each, itself) for each in _consumers(itself, CONSUMERS[type]))
        if type in IDENTITIES:
            self._identities.append((_identity(itself, IDENTITIES[type]), itself))
        if type in ATTACHMENTS:
            self._attach(itself, ATTACHMENTS[type])
        if type in MEMBERSHIPS:
            self._join(itself, MEMBERSHIPS[type])

    def consumers(self, aliases: Dictionary[str, Iterable[str]]) -> Iterator[tuple[Consumer, Resource]]:
        """All that use a key, each with its resource; `aliases` are the names of the aliases of each key, by address."""
        keys: dict[str, set[str]] = {}
        for key, names in aliases.items():
            for name in names:
                keys.setdefault(name, set()).add(key)
        for each, itself in self._consumers:
            alias = None if each.of is not None or each.key is None else each.alias or _alias(each.key)
            meant = keys.get(alias, set()) if alias is not None else set()
            yield replace(each, of=next(iter(meant))) if len(meant) == 1 else each, itself

    def targets(self) -> set[str]:
        """What is encrypted and others may write to, as its own module calls it or those around: `aws_sns_topic.alarms`, `module.alarms`."""
        found = {each.about or each.address for each, _ in self._consumers if each.service in _WRITTEN_TO}
        return {name for address in found for name in _CALLED.findall(address)}

    def identities(self) -> Iterator[tuple[Identity, Resource]]:
        """All identities, each with its resource and with what is attached to it from anywhere."""
        for each, itself in self._identities:
            ties = [tie for name in _names(each) if (tie := self._ties.get((each.type, name))) is not None]
            attached = (*each.attached, *(text for tie in ties for text in tie.attached))
            groups = (*each.groups, *(text for tie in ties for text in tie.groups))
            boundary = next((tie.boundary for tie in ties if tie.boundary is not None), each.boundary)
            tied = replace(each, attached=_distinct(attached), groups=_distinct(groups), boundary=boundary)
            yield tied, itself

    def owners(self) -> dict[str, str]:
        """By address, the policies that are attached to one identity, with its address."""
        return only_owners(identity for identity, _ in self.identities())

    def _attach(self, itself: Resource, attaching: Attaching) -> None:
        if attaching.policies is None:
            policies = [Text(itself.address, itself.block.header)]
        else:
            policies = list(_named(itself, attaching.policies))
        for argument in attaching.identities:
            for identity in _named(itself, (argument,)):
                ties = self._ties.setdefault((identity_type(argument), str(identity)), _Ties())
                if attaching.boundary:
                    ties.boundary = policies[0] if policies else None
                else:
                    ties.attached.extend(policies)

    def _join(self, itself: Resource, membership: Membership) -> None:
        groups = list(_named(itself, (membership.groups,)))
        for user in _named(itself, (membership.users,)):
            self._ties.setdefault(("user", str(user)), _Ties()).groups.extend(groups)


def may_tie(block: Block) -> bool:
    """Whether a resource may tie something: told by its type and by a look at its text, as most are not read further."""
    type = str(block.labels[0])
    return type in _OTHERS or (type in CONSUMERS and _names_key(block, CONSUMERS[type]))


def _names_key(block: Block, uses: Uses) -> bool:
    """Whether the text of a resource has the name of an argument with a key."""
    source, start, end = block.at
    return any(source.text.find(path[-1], start, end) >= 0 for path in uses.paths)


def _consumers(itself: Resource, uses: Uses) -> Iterator[Consumer]:
    about = None if uses.about is None else _about(itself, uses.about)
    for path in uses.paths:
        for each in held(itself, path):
            if uses.unless in each.block.arguments():
                continue
            for _, value in cases(each.value):
                key = text_of(value, value.at)
                if key is None or key != "":
                    yield Consumer(
                        itself.address,
                        each.at,
                        itself.type,
                        uses.service,
                        key,
                        key_address(key, itself.scope),
                        owner(itself),
                        about,
                        uses.use.get(path[-1]),
                        looked_up(key, itself.scope),
                    )


def _about(itself: Resource, argument: str) -> str | None:
    """The address of the resource that an argument names."""
    header = itself.block.header
    text = text_of(itself.written(argument, header), header)
    return None if text is None else resource_address(text)


def _identity(itself: Resource, kind: Kind) -> Identity:
    header = itself.block.header
    name = text_of(itself.written(kind.name, header), header)
    arn = itself.attribute("arn", header)
    return Identity(
        itself.address,
        header,
        kind.type,
        name,
        arn if isinstance(arn, Text) else None,
        () if kind.attached is None else tuple(_named(itself, (kind.attached,))),
        None if kind.boundary is None else next(_named(itself, (kind.boundary,)), None),
        () if kind.groups is None else tuple(_named(itself, (kind.groups,))),
        owner(itself),
    )


def identity_type(argument: str) -> str:
    """The type of identity that an argument such as `roles` or `permission_set_arn` names, `resource` for others."""
    return next((type for type in _TYPES if argument.startswith(type.replace(" ", "_"))), "resource")


def _named(itself: Resource, path: Path) -> Iterator[Text]:
    """The resources that an argument names: their addresses where they are in the input, else as written."""
    for each in held(itself, path):
        for _, whole in cases(each.value):
            for one in whole.values if isinstance(whole, Items) else (whole,):
                for _, value in cases(one):
                    text = text_of(value, value.at)
                    if text is not None:
                        yield _addressed(text, itself, value.at)


def _addressed(text: Text, itself: Resource, at: At) -> Text:
    address = resource_address(text)
    if address is None or (text.form == ANYTHING and found(address, itself.scope) is None):
        return text
    return Text(address, at)


def _names(identity: Identity) -> Iterator[str]:
    """What others may call an identity."""
    yield identity.address
    for text in (identity.name, identity.arn):
        if text is not None and text.known:
            yield str(text)


def _alias(key: Text) -> str | None:
    """The name of an alias that is used as a key, by its name or its ARN."""
    before, found, name = key.form.rpartition("alias/")
    return f"alias/{name}" if found and (not before or before.startswith("arn:")) else None


def _distinct(texts: tuple[Text, ...]) -> tuple[Text, ...]:
    return tuple({str(text): text for text in texts}.values())


def only_owners(identities: Iterable[Identity]) -> dict[str, str]:
    """By address, the policies that are attached to one of the identities, with its address."""
    attached: dict[str, set[str]] = {}
    for identity in identities:
        for text in identity.attached:
            attached.setdefault(str(text), set()).add(identity.address)
    return {policy: next(iter(found)) for policy, found in attached.items() if len(found) == 1}


def owned(policy: Policy, owners: Dictionary[str, str]) -> Policy:
    """A policy with the identity that it is attached to, where that is one."""
    of = owners.get(policy.address)
    if of is None or policy.of is not None or policy.kind is not PolicyKind.IDENTITY:
        return policy
    return replace(policy, of=of)
