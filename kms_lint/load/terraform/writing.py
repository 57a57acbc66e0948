"""What has services write to encrypted topics, queues and buckets, and what shares encrypted snapshots and images."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final

from kms_lint.load.terraform.arguments import Held, Path, held
from kms_lint.load.terraform.attachments import owner
from kms_lint.load.terraform.delivery_places import (
    BY_DEFAULT,
    DELIVERIES,
    KEY_FROM_ELSEWHERE,
    MADE_FROM,
    SHARES,
    Delivering,
    Sharing,
)
from kms_lint.load.terraform.referring import resource_address
from kms_lint.load.terraform.resource import Resource, found
from kms_lint.load.terraform.under import cases
from kms_lint.load.terraform.value import text_of, written
from kms_lint.model import Delivery, Share
from kms_lint.syntax.expression import Block
from kms_lint.syntax.tree import Items, Scalar, Text

Address = Callable[[Text], "str | None"]
Find = Callable[[str, Resource], "Resource | None"]

_BELOW: Final = re.compile(r"(<[^<>]+>)/.*", re.DOTALL)
_MOST_STEPS: Final = 4


class Writing:
    """The deliveries and shares that were met so far, each with its resource."""

    def __init__(self, address: Address | None = None, resource: Find | None = None) -> None:
        """Nothing has been met. A plan has its own way to tell the `address` that a text means, and the `resource` of an address."""
        self._address = address or _address
        self._resource = resource or (lambda name, itself: found(name, itself.scope))
        self.deliveries: list[tuple[Delivery, Resource]] = []
        self.shares: list[tuple[Share, Resource]] = []

    def take(self, itself: Resource) -> None:
        """Takes in one resource."""
        for delivering in DELIVERIES.get(itself.type, ()):
            self.deliveries.extend((each, itself) for each in self._deliveries(itself, delivering))
        if itself.type in SHARES:
            self.shares.extend((each, itself) for each in self._shares(itself, SHARES[itself.type]))

    def _deliveries(self, itself: Resource, delivering: Delivering) -> Iterator[Delivery]:
        for path in delivering.paths:
            for each in held(itself, path):
                if _is_told(each, delivering.unless, delivering.only_with):
                    for text in _texts(each):
                        address = self._address(text)
                        if address is not None:
                            yield Delivery(itself.address, text.at, itself.type, delivering.service, address)

    def _shares(self, itself: Resource, sharing: Sharing) -> Iterator[Share]:
        accounts = tuple(text for path in sharing.accounts for each in held(itself, path) for text in _texts(each))
        for origin in self._origins(itself, sharing.of) if accounts else ():
            made = self._resource(origin, itself)
            key = None if made is None else _by_default(made)
            yield Share(itself.address, accounts[0].at, itself.type, origin, accounts, owner(itself), key)

    def _origins(self, itself: Resource, of: str | None) -> Iterator[str]:
        """The addresses of what names the key: followed from a snapshot to its volume, from an image to its snapshots."""
        if of is None:
            yield itself.address
            return
        left = [(address, _MOST_STEPS) for address in self._named(itself, (of,))]
        while left:
            address, steps = left.pop()
            made = self._resource(address, itself)
            path = None if made is None else MADE_FROM.get(made.type)
            before = [] if made is None or path is None or not steps else list(self._named(made, path))
            if before:
                left += [(each, steps - 1) for each in before]
            else:
                yield address

    def _named(self, itself: Resource, path: Path) -> Iterator[str]:
        for each in held(itself, path):
            for text in _texts(each):
                address = self._address(text)
                if address is not None:
                    yield address


def may_write(block: Block) -> bool:
    """Whether a resource is one of these."""
    return str(block.labels[0]) in DELIVERIES or str(block.labels[0]) in SHARES


def _is_told(each: Held, unless: str | None, only_with: str | None) -> bool:
    """Whether what stands beside an argument leaves the writing to the service."""
    arguments = each.block.arguments().items()
    beside = {name for name, argument in arguments if written(argument.expression().at) not in ("null", '""')}
    return unless not in beside and (only_with is None or only_with in beside)


def _by_default(itself: Resource) -> Text | None:
    """The key that AWS takes for a database that asks for encryption and names no key."""
    alias = BY_DEFAULT.get(itself.type)
    source, start, end = itself.block.at
    if alias is None or any(source.text.find(name, start, end) >= 0 for name in KEY_FROM_ELSEWHERE):
        return None
    argument = itself.block.arguments().get("storage_encrypted")
    asked = itself.written("storage_encrypted", itself.block.header)
    if argument is None or not isinstance(asked, Scalar) or asked.value is not True:
        return None
    return Text(alias, argument.at)


def _texts(each: Held) -> Iterator[Text]:
    for _, whole in cases(each.value):
        for one in whole.values if isinstance(whole, Items) else (whole,):
            for _, value in cases(one):
                text = text_of(value, value.at)
                if text is not None:
                    yield text


def _address(text: Text) -> str | None:
    """The address of what a text names, of a bucket also where it names a folder in it."""
    below = _BELOW.fullmatch(text)
    return resource_address(text if below is None else Text(below[1], text.at))
