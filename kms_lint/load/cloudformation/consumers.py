"""What has a service of AWS use a key of a template, and the links from there to the key."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from collections.abc import Mapping as Dictionary
from dataclasses import replace
from typing import Final

from kms_lint.load.cloudformation.members import items, leaves, member
from kms_lint.load.cloudformation.places import BY_A_ROLE, CONSUMERS, DELIVERIES
from kms_lint.load.cloudformation.resource import Resource
from kms_lint.model import Alias, Consumer, Delivery, Key
from kms_lint.syntax.tree import ANYTHING, Choice, Node, Text, Unknown

_ALIAS: str = "alias/"
_REFERENCE: Final = re.compile(r"<([A-Za-z0-9.]+)>(?=$|/)")


def consumers(resource: Resource) -> Iterator[Consumer]:
    """The uses of keys by a resource, one for each key and branch of its conditions."""
    uses = CONSUMERS.get(resource.type)
    seen: set[str] = set()
    for way in uses.ways if uses is not None else ():
        name, *steps = way.split(".")
        for leaf in _followed(resource.property(name), steps, None if uses is None else uses.unless):
            key = _key(leaf)
            if uses is not None and key is not None and key not in seen:
                seen.add(key)
                use = uses.use.get(way.rpartition(".")[2])
                yield Consumer(resource.id, leaf.at, resource.type, uses.service, key, None, resource.account, use=use)


def deliveries(resource: Resource) -> Iterator[Delivery]:
    """What a resource has a service write to others; `to` is what names them, as in `Queue.Arn`."""
    service, ways = DELIVERIES[resource.type]
    for way in ways:
        name, *steps = way.split(".")
        for leaf in _followed(resource.property(name), steps, BY_A_ROLE):
            named = _REFERENCE.match(leaf) if isinstance(leaf, Text) else None
            if named is not None:
                yield Delivery(resource.id, leaf.at, resource.type, service, named[1])


def arriving(found: Iterable[Delivery], consumers: Iterable[Consumer]) -> Iterator[Delivery]:
    """The deliveries to these, with their addresses; others are of no interest."""
    addresses = {each.address for each in consumers}
    for each in found:
        to = next((name for name in (each.to, each.to.rpartition(".")[0]) if name in addresses), None)
        if to is not None:
            yield replace(each, to=to)


def _followed(node: Node | None, steps: list[str], unless: str | None = None) -> Iterator[Node]:
    """The values at the end of a way, in every branch, but for those that have a certain property beside them."""
    if not steps:
        yield from leaves(node)
    elif steps[0] == "*":
        for _, each in items(node):
            yield from _followed(each, steps[1:], unless)
    elif isinstance(node, Choice):
        for leaf in leaves(node):
            yield from _followed(leaf, steps, unless)
    elif unless is None or len(steps) > 1 or member(node, unless) is None:
        yield from _followed(member(node, steps[0]), steps[1:], unless)


def _key(node: Node) -> Text | None:
    if isinstance(node, Unknown):
        return Text(f"<{node.expression}>", node.at, ANYTHING)
    return node if isinstance(node, Text) and node else None


def names(keys: Iterable[Key], aliases: Iterable[Alias]) -> dict[str, str]:
    """The addresses of keys by all that names them: id, ARN, and the names and ARNs of their aliases."""
    found: dict[str, str] = {}
    for key in keys:
        found[f"<{key.address}>"] = key.address
        if key.arn is not None:
            found[key.arn.form] = key.address
    for alias in aliases:
        target = found.get(alias.target.form) if alias.target is not None else None
        if target is not None and alias.name is not None and alias.name.known:
            found[alias.name.form] = target
    return found


def key_of(text: Text | None, named: Dictionary[str, str]) -> str | None:
    """The address of the key that a text names, by id, ARN or alias."""
    if text is None or not text.known:
        return None
    form = text.form
    if ":alias/" in form:
        form = _ALIAS + form.partition(":alias/")[2]
    return named.get(form)
