"""Trails, and endpoints of VPCs: what stands around the keys of a module and decides over them.

https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/cloudtrail
https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/vpc_endpoint
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from kms_lint.load.terraform.arguments import Path, held
from kms_lint.load.terraform.referring import resource_address
from kms_lint.load.terraform.resource import Resource
from kms_lint.load.terraform.under import cases
from kms_lint.load.terraform.value import text_of
from kms_lint.model import Endpoint, Trail
from kms_lint.syntax.expression import Block
from kms_lint.syntax.tree import Items, Node, Text

_TRAILS: Final = frozenset({"aws_cloudtrail", "aws_cloudtrail_event_data_store"})
ENDPOINTS: Final = "aws_vpc_endpoint"
"""The type of an endpoint."""

_POLICIES: Final = "aws_vpc_endpoint_policy"
_EXCLUDED: Final[Path] = ("event_selector", "exclude_management_event_sources")
_FIELDS: Final[Path] = ("advanced_event_selector", "field_selector")
TYPES: Final = _TRAILS | {ENDPOINTS, _POLICIES}
"""The types of these resources."""


class Around:
    """The trails and endpoints that were met so far. Policies of endpoints may be attached from anywhere."""

    def __init__(self) -> None:
        """Nothing has been met."""
        self._trails: list[tuple[Trail, Resource]] = []
        self._endpoints: list[tuple[Endpoint, Resource]] = []
        self._attached: set[str] = set()
        self._somewhere = False

    def take(self, itself: Resource, unwritten: bool = False) -> None:
        """Takes in one resource; `unwritten` is whether it is known to have no policy of its own, whatever AWS gives it."""
        if itself.type not in TYPES:
            return
        header = itself.block.header
        itself.scope.look_into(itself.block)
        if itself.type in _TRAILS:
            self._trails.append((Trail(itself.address, header, tuple(_excluded(itself))), itself))
        elif itself.type == ENDPOINTS:
            service = text_of(itself.written("service_name", header), header)
            policy = not unwritten and next(held(itself, ("policy",)), None) is not None
            self._endpoints.append((Endpoint(itself.address, header, service, policy), itself))
        else:
            target = text_of(itself.written("vpc_endpoint_id", header), header)
            address = resource_address(target) if target is not None else None
            self._somewhere |= address is None
            self._attached |= {address} if address is not None else set()

    def trails(self) -> Iterator[tuple[Trail, Resource]]:
        """All trails, each with its resource."""
        yield from self._trails

    def endpoints(self) -> Iterator[tuple[Endpoint, Resource]]:
        """All endpoints, each with its resource."""
        for endpoint, itself in self._endpoints:
            if endpoint.has_policy is False and endpoint.address in self._attached:
                yield replace(endpoint, has_policy=True), itself
            elif endpoint.has_policy is False and self._somewhere:
                yield replace(endpoint, has_policy=None), itself
            else:
                yield endpoint, itself


def may_stand_around(block: Block) -> bool:
    """Whether a resource is one of these."""
    return str(block.labels[0]) in TYPES


def _excluded(itself: Resource) -> Iterator[Text]:
    """The sources of events that a trail leaves out, by basic and by advanced selectors."""
    for each in held(itself, _EXCLUDED):
        yield from _texts(each.value)
    excluded = {each.block: each.value for each in held(itself, (*_FIELDS, "not_equals"))}
    for each in held(itself, (*_FIELDS, "field")):
        if isinstance(each.value, Text) and each.value == "eventSource" and each.block in excluded:
            yield from _texts(excluded[each.block])


def _texts(node: Node) -> Iterator[Text]:
    for _, whole in cases(node):
        for one in whole.values if isinstance(whole, Items) else (whole,):
            yield from (text for _, value in cases(one) if (text := text_of(value, value.at)) is not None)
