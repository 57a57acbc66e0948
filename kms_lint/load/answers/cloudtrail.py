"""What CloudTrail tells: what a trail leaves out, and who has got a public key.

https://docs.aws.amazon.com/cli/latest/reference/cloudtrail/get-event-selectors.html
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
https://docs.aws.amazon.com/kms/latest/developerguide/ct-getpublickey.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from kms_lint.errors import MalformedError
from kms_lint.load.answers.found import Found
from kms_lint.load.answers.members import text
from kms_lint.load.embedded import embedded
from kms_lint.load.options import Options
from kms_lint.model import PublicKeyRead, Trail
from kms_lint.syntax.tree import Items, Mapping, Node, Text

_SOURCE: Final = "kms.amazonaws.com"


def selectors(node: Mapping, value: Node, options: Options, found: Found) -> bool:
    """`get-event-selectors`: the trail with the sources of events that it leaves out."""
    if "EventSelectors" not in node and "AdvancedEventSelectors" not in node:
        return False
    excluded = [*_basic(node.get("EventSelectors")), *_advanced(node.get("AdvancedEventSelectors"))]
    found.trails.append(Trail(text(node, "TrailARN") or "TrailARN", node.at, tuple(excluded)))
    return True


def _basic(selectors: Node | None) -> Iterator[Text]:
    for selector in _mappings(selectors):
        yield from _texts(selector.get("ExcludeManagementEventSources"))


def _advanced(selectors: Node | None) -> Iterator[Text]:
    for selector in _mappings(selectors):
        for each in _mappings(selector.get("FieldSelectors")):
            if each.get("Field") == "eventSource":
                yield from _texts(each.get("NotEquals"))


def records(node: Mapping, value: Node, options: Options, found: Found) -> bool:
    """A file of records as CloudTrail delivers it."""
    each = list(_mappings(value))
    reads = [read for record in each if (read := _read(record)) is not None]
    found.public_keys_read += reads
    return bool(reads)


def events(node: Mapping, value: Node, options: Options, found: Found) -> bool:
    """`lookup-events`: each event holds its record as text."""
    reads = [read for event in _mappings(value) if (read := _of_event(event)) is not None]
    found.public_keys_read += reads
    return bool(reads)


def _of_event(event: Mapping) -> PublicKeyRead | None:
    record = event.get("CloudTrailEvent")
    if event.get("EventName") != "GetPublicKey" or not isinstance(record, Text):
        return None
    try:
        inner = embedded(record)
    except MalformedError:
        return None
    read = _read(inner) if isinstance(inner, Mapping) else None
    return None if read is None else read._replace(at=record.at)


def _read(record: Mapping) -> PublicKeyRead | None:
    """The key whose public key a record shows to have been given away; `None` where it shows something else."""
    named, source, refused = record.get("eventName"), record.get("eventSource"), record.get("errorCode")
    if named != "GetPublicKey" or source != _SOURCE or refused is not None:
        return None
    for resource in _mappings(record.get("resources")):
        arn = resource.get("ARN") or resource.get("arn")
        if isinstance(arn, Text):
            return PublicKeyRead(arn, record.at)
    asked = record.get("requestParameters")
    key = asked.get("keyId") if isinstance(asked, Mapping) else None
    return PublicKeyRead(key, record.at) if isinstance(key, Text) else None


def _mappings(node: Node | None) -> Iterator[Mapping]:
    yield from (each for each in node.values if isinstance(each, Mapping)) if isinstance(node, Items) else ()


def _texts(node: Node | None) -> Iterator[Text]:
    yield from (each for each in node.values if isinstance(each, Text)) if isinstance(node, Items) else ()
