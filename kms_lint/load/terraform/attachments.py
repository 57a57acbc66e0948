"""Which policies are attached to what, and of which kind that makes them.

https://registry.terraform.io/providers/hashicorp/aws/latest/docs
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from kms_lint.load.policy import guessed, policies
from kms_lint.load.terraform.arguments import Held, held
from kms_lint.load.terraform.json_text import decoded
from kms_lint.load.terraform.places import CONTROLS, ORGANIZATIONS, Place, as_objects, places
from kms_lint.load.terraform.referring import resource_address
from kms_lint.load.terraform.resource import Resource, deployed, location
from kms_lint.load.terraform.scope import Scope
from kms_lint.load.terraform.under import cases, only
from kms_lint.load.terraform.value import Encoded, Rendered, is_null, text_of
from kms_lint.model import Policy, PolicyKind, Problem
from kms_lint.source import At, Route, Span, origin
from kms_lint.syntax.expression import Argument, Block
from kms_lint.syntax.tree import ANYTHING, Choice, Mapping, Node, Text

_NAMES_POLICY: Final = re.compile(r"policy", re.IGNORECASE)


class Attachment(NamedTuple):
    """A policy of a kind that is attached under an address, and the identity, key or other resource it belongs to."""

    kind: PolicyKind
    address: str
    of: str | None
    owner: str | None


def owner(resource: Resource) -> str | None:
    """The account that a resource is made in; `None` when nothing tells."""
    account = location(resource).account
    return None if ANYTHING in account else account


def attached(scope: Scope, block: Block, argument: Argument, attachment: Attachment) -> tuple[Policy, ...]:
    """The policies that an argument of a block attaches; none for null."""
    value = scope.evaluate(argument.expression())
    return _judged(
        Held(value, argument.at, block), attachment, as_objects(str(block.labels[0]) if block.labels else "")
    )


def _judged(holding: Held, attachment: Attachment, objects: bool) -> tuple[Policy, ...]:
    """The policies that a value holds; none for null. `objects` is whether it may be an object instead of text."""
    value = holding.value
    if is_null(value):
        return ()
    problems: list[Problem] = []
    node = value if objects and isinstance(value, Mapping) else decoded(value, problems.append)
    kind, address, of, account = attachment
    if is_null(node) and problems:
        at = problems[0].at
        return (Policy(kind, address, at, owner=account, of=of, problems=tuple(problems)),)
    consumer = holding.at if _elsewhere(node, holding.block) else None
    found = policies(node, kind, address, of=of, owner=account, consumer=consumer)
    if not problems or not found:
        return found
    from dataclasses import replace

    return (replace(found[0], problems=(*found[0].problems, *problems)), *found[1:])


def _elsewhere(node: Node, block: Block) -> bool:
    """Whether a policy is written outside of the block that attaches it."""
    if isinstance(node, Choice):
        return any(_elsewhere(branch.value, block) for branch in node.branches)
    source, start = _beginning(node.at)
    return source is not block.at.source or not block.at.start <= start < block.at.end


def _beginning(at: At) -> tuple[object, int]:
    written = origin(at)
    while isinstance(written, Route):
        written = written.parent
    if isinstance(written, Span):
        return written.source, written.start
    return written.passage.source, written.passage.origin(written.start)


def other_policies(itself: Resource) -> Iterator[Policy]:
    """The policies of a resource that is no key."""
    if itself.type in ORGANIZATIONS:
        yield from _control(itself)
        return
    for place in places(itself.type):
        for each in held(itself, place.path):
            itself.scope.look_into(itself.block)
            value = only(each.value, each.under, each.at)
            attachment = Attachment(place.kind, _address(itself, place, each), _identity(itself, place), owner(itself))
            yield from _judged(each._replace(value=value), attachment, as_objects(itself.type))


def _address(itself: Resource, place: Place, holding: Held) -> str:
    """What a policy is called: a resource with several names the block, or the argument, that holds it."""
    if not place.named:
        return itself.address
    inside = f"[{holding.position}]" if len(place.path) > 1 else ""
    return f"{itself.address}:{place.path[0]}{inside}"


def _identity(itself: Resource, place: Place) -> str | None:
    """The address of the identity, or of another resource, that a policy is for."""
    if place.itself:
        return itself.address
    if place.of is None:
        return None
    header = itself.block.header
    text = text_of(itself.written(place.of, header), header)
    return None if text is None else resource_address(text)


def _control(itself: Resource) -> Iterator[Policy]:
    """A policy of an organization, when it is of a kind that speaks of permissions."""
    header = itself.block.header
    for under, type in cases(itself.written("type", header) or Text("SERVICE_CONTROL_POLICY", header)):
        kind = CONTROLS.get(str(text_of(type, header)))
        if kind is None:
            continue
        for each in held(itself, ("content",)):
            value = only(each.value, under, each.at)
            attachment = Attachment(kind, itself.address, None, None)
            yield from _judged(each._replace(value=value), attachment, as_objects(itself.type))


def module_policies(scope: Scope, block: Block) -> Iterator[Policy]:
    """The policies that are handed to a module, which may attach them to anything: judged by what they say."""
    for name, argument in block.arguments().items():
        if not _NAMES_POLICY.search(name):
            continue
        value = scope.evaluate(argument.expression())
        if isinstance(value, Encoded | Rendered):
            ignored: list[Problem] = []
            node = decoded(value, ignored.append)
            yield from by_shape(scope, node, f"{scope.path}module.{block.labels[0]}:{name}")


def by_shape(scope: Scope, node: Node, address: str) -> tuple[Policy, ...]:
    """The policies in a document that nothing is known to attach, taken for what they say."""
    guess = guessed(node)
    if guess is None:
        return ()
    wanted = scope.configuration.options.kind
    kind = wanted if wanted is not None and guess.assumed else guess.kind
    return policies(node, kind, address, owner=deployed(scope).account, assumed=guess.assumed and wanted is None)
