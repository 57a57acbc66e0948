"""Which policies are attached to what, and of which kind that makes them.

https://registry.terraform.io/providers/hashicorp/aws/latest/docs
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from kms_lint.load.policy import guessed, policies
from kms_lint.load.terraform.json_text import decoded
from kms_lint.load.terraform.resource import Resource, deployed, location
from kms_lint.load.terraform.scope import Scope
from kms_lint.load.terraform.traversal import referred
from kms_lint.load.terraform.value import Encoded, Rendered, is_null, text_of, unknown
from kms_lint.model import Policy, PolicyKind, Problem
from kms_lint.source import At, Route, Span, origin
from kms_lint.syntax.expression import Argument, Block
from kms_lint.syntax.tree import ANYTHING, Choice, Node

_IDENTITY_ARGUMENTS: Final = {
    "aws_iam_policy": ("policy", None),
    "aws_iam_role_policy": ("policy", "role"),
    "aws_iam_user_policy": ("policy", "user"),
    "aws_iam_group_policy": ("policy", "group"),
    "aws_ssoadmin_permission_set_inline_policy": ("inline_policy", None),
}
_ENDPOINTS: Final = frozenset({"aws_vpc_endpoint", "aws_vpc_endpoint_policy"})
_CONTROLS: Final = {
    "SERVICE_CONTROL_POLICY": PolicyKind.SCP,
    "RESOURCE_CONTROL_POLICY": PolicyKind.RCP,
}
_NAMES_POLICY: Final = re.compile(r"policy", re.IGNORECASE)


class Attachment(NamedTuple):
    """A policy of a kind that is attached under an address, and the identity or key it belongs to."""

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
    if is_null(value):
        return ()
    problems: list[Problem] = []
    node = decoded(value, problems.append)
    kind, address, of, account = attachment
    if is_null(node) and problems:
        at = problems[0].at
        return (Policy(kind, address, at, owner=account, of=of, problems=tuple(problems)),)
    consumer = argument.at if _elsewhere(node, block) else None
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
    block, scope = itself.block, itself.scope
    arguments = block.arguments()
    type, address, account = itself.type, itself.address, owner(itself)
    if type == "aws_iam_role":
        yield from _role(scope, block, address, account)
    elif type in _IDENTITY_ARGUMENTS:
        name, identity = _IDENTITY_ARGUMENTS[type]
        of = None if identity is None else referred(arguments.get(identity))
        if name in arguments:
            scope.look_into(block)
            yield from attached(scope, block, arguments[name], Attachment(PolicyKind.IDENTITY, address, of, account))
    elif type == "aws_organizations_policy":
        yield from _control(scope, block, address)
    elif "policy" in arguments:
        kind = PolicyKind.VPC_ENDPOINT if type in _ENDPOINTS else PolicyKind.RESOURCE
        yield from attached(scope, block, arguments["policy"], Attachment(kind, address, None, account))


def _role(scope: Scope, block: Block, address: str, account: str | None) -> Iterator[Policy]:
    scope.look_into(block)
    trust = block.arguments().get("assume_role_policy")
    if trust is not None:
        attachment = Attachment(PolicyKind.TRUST, f"{address}:assume_role_policy", address, account)
        yield from attached(scope, block, trust, attachment)
    index = 0
    for nested in block.blocks():
        attachment = Attachment(PolicyKind.IDENTITY, f"{address}:inline_policy[{index}]", address, account)
        if nested.type == "inline_policy" and "policy" in nested.arguments():
            scope.look_into(nested)
            yield from attached(scope, nested, nested.arguments()["policy"], attachment)
            index += 1
        elif nested.type == "dynamic" and nested.labels[:1] == ("inline_policy",):
            node = unknown(nested.header, "the blocks that `dynamic` makes are not worked out")
            yield from policies(node, attachment.kind, attachment.address, of=address, owner=account)
            index += 1


def _control(scope: Scope, block: Block, address: str) -> Iterator[Policy]:
    content = block.arguments().get("content")
    kind = _CONTROLS.get(str(text_of(scope.argument(block, "type"), block.header) or "SERVICE_CONTROL_POLICY"))
    if content is not None and kind is not None:
        yield from attached(scope, block, content, Attachment(kind, address, None, None))


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
