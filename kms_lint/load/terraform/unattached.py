"""Policy documents that nothing in the input attaches to anything."""

from __future__ import annotations

from collections.abc import Iterator

from kms_lint.load.terraform.attachments import by_shape
from kms_lint.load.terraform.instances import expansion
from kms_lint.load.terraform.policy_document import TYPE, document
from kms_lint.load.terraform.resource import Resource, made
from kms_lint.load.terraform.scope import Run, Scope
from kms_lint.load.terraform.unit import Unit
from kms_lint.model import Policy
from kms_lint.syntax.expression import Block


def unattached(scopes: list[Scope]) -> Iterator[tuple[Scope, Unit, Policy]]:
    """The policy documents of these modules that nothing attaches, judged by what they say, with the file of each."""
    if not scopes:
        return
    run = scopes[0].run
    consumed = _closure(run)
    left = [
        (scope, unit, itself)
        for scope in scopes
        for unit in scope.configuration.parsed()
        for block in unit.blocks
        if block.type == "data" and len(block.labels) == 2 and f"data.{block.labels[0]}" == TYPE
        for itself in _instances(block, scope)
        if itself.address not in consumed
    ]
    nodes = [document(itself, itself.block.header) for _, _, itself in left]
    parts = {inner for _, _, each in left for inner in run.within.get(each.address, ()) if inner != each.address}
    for (scope, unit, itself), node in zip(left, nodes, strict=True):
        if itself.address not in parts:
            for policy in by_shape(itself.scope, node, itself.address):
                yield scope, unit, policy


def _instances(block: Block, scope: Scope) -> Iterator[Resource]:
    address = f"{TYPE}.{block.labels[1]}"
    for instance in expansion(block, address, scope).instances:
        yield made(block, address, instance, scope, block.header)


def _closure(run: Run) -> set[str]:
    """All documents that were looked into for somebody who attaches them, with those that they are made from."""
    found: set[str] = set()
    waiting = list(run.documents)
    while waiting:
        address = waiting.pop()
        if address not in found:
            found.add(address)
            waiting.extend(run.within.get(address, ()))
    return found
