"""Trails, and endpoints of VPCs: what stands around the keys of a template and decides over them.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudtrail-trail.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-vpcendpoint.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from kms_lint.load.cloudformation.members import as_text, items, leaves, member, settled
from kms_lint.load.cloudformation.resource import Resource
from kms_lint.model import Endpoint, Trail
from kms_lint.syntax.tree import Node, Text

TRAILS: Final = frozenset({"AWS::CloudTrail::Trail", "AWS::CloudTrail::EventDataStore"})
ENDPOINT: Final = "AWS::EC2::VPCEndpoint"


def trail(resource: Resource) -> Trail:
    """A trail with what it leaves out."""
    return Trail(resource.id, resource.name.at, tuple(_excluded(resource)))


def endpoint(resource: Resource) -> Endpoint:
    """An endpoint. A policy that only one branch of a condition gives it leaves open whether it has one."""
    service = settled(resource.property("ServiceName"))
    document = resource.property("PolicyDocument")
    policies = len(list(leaves(document)))
    has_policy = None if policies and settled(document) is not document else policies > 0
    return Endpoint(resource.id, resource.name.at, service if isinstance(service, Text) else None, has_policy)


def _excluded(resource: Resource) -> Iterator[Text]:
    for _, selector in items(resource.property("EventSelectors")):
        yield from _texts(member(selector, "ExcludeManagementEventSources"))
    for _, selector in items(resource.property("AdvancedEventSelectors")):
        for _, field in items(member(selector, "FieldSelectors")):
            if any(each == "eventSource" for each in leaves(member(field, "Field"))):
                yield from _texts(member(field, "NotEquals"))


def _texts(node: Node | None) -> Iterator[Text]:
    for _, value in items(node):
        yield from (text for each in leaves(value) if (text := as_text(each)) is not None)
