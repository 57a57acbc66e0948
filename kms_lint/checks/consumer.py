"""What uses which key, what services write to it, and how the resources of one deployment are told from those of others."""

from __future__ import annotations

import posixpath
from collections import Counter
from functools import lru_cache
from typing import Final

from kms_lint.checks.key import keys_by_name
from kms_lint.model import Consumer, Delivery, Document, Key, World

MANAGED: Final = "alias/aws/"
"""How the aliases of AWS managed keys begin.

https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html#aws-managed-cmk
"""


def key_of(consumer: Consumer, document: Document, world: World) -> Key | None:
    """The key that is used, where it is in the input and no other has its address."""
    if consumer.of is None:
        return None
    own = [key for key in document.keys if key.address == consumer.of]
    found = own or keys_by_name(world).get(consumer.of, [])
    return found[0] if len(found) == 1 else None


def managed_alias(consumer: Consumer) -> str | None:
    """The alias of the AWS managed key that is used; `None` for other keys, and where that is not known."""
    name = consumer.alias or ("" if consumer.key is None else consumer.key.form.rpartition(":")[2])
    return name if name.startswith(MANAGED) else None


def home(document: Document) -> str:
    """Within which an address names one resource: a template, or a folder of Terraform."""
    return posixpath.dirname(document.path) if document.format == "terraform" else document.path


def deliveries(consumer: Consumer, document: Document, world: World) -> tuple[Delivery, ...]:
    """What services write to something encrypted.

    What a module makes has its address from the root module, which the file of the module does not tell: there it has to be the only
    one of its address in the input.
    """
    address = consumer.about or consumer.address
    found = _deliveries(world).get(address, {})
    if home(document) in found:
        return tuple(found[home(document)])
    if address.startswith("module.") and len(found) == 1 and _encrypted(world)[address] == 1:
        return tuple(next(iter(found.values())))
    return ()


@lru_cache(maxsize=1)
def _deliveries(world: World) -> dict[str, dict[str, list[Delivery]]]:
    """What services write to, by address and home."""
    found: dict[str, dict[str, list[Delivery]]] = {}
    for document in world.documents:
        for delivery in document.deliveries:
            found.setdefault(delivery.to, {}).setdefault(home(document), []).append(delivery)
    return found


@lru_cache(maxsize=1)
def _encrypted(world: World) -> Counter[str]:
    """How often something of an address is encrypted."""
    return Counter(each.about or each.address for document in world.documents for each in document.consumers)
