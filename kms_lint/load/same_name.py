"""Identities of several accounts that have the same name: in one file they go by their ARNs."""

from __future__ import annotations

from dataclasses import replace

from kms_lint.model import Document, Identity, Policy
from kms_lint.syntax.tree import Text


def told_apart(document: Document) -> Document:
    """The document, in which no two identities go by the same address."""
    owners: dict[str, set[str | None]] = {}
    for identity in document.identities:
        owners.setdefault(identity.address, set()).add(identity.owner)
    shared = {address for address, of in owners.items() if len(of) > 1}
    if not shared:
        return document
    names = {
        (identity.address, identity.owner): identity.arn
        for identity in document.identities
        if identity.address in shared and identity.arn is not None
    }
    return replace(
        document,
        identities=tuple(_identity(identity, names) for identity in document.identities),
        policies=tuple(_policy(policy, names) for policy in document.policies),
        parts=tuple(told_apart(part) for part in document.parts),
    )


def _identity(identity: Identity, names: dict[tuple[str, str | None], Text]) -> Identity:
    groups = tuple(names.get((str(group), identity.owner), group) for group in identity.groups)
    arn = names.get((identity.address, identity.owner))
    return replace(identity, address=identity.address if arn is None else str(arn), groups=groups)


def _policy(policy: Policy, names: dict[tuple[str, str | None], Text]) -> Policy:
    arn = names.get((policy.of, policy.owner)) if policy.of is not None else None
    if arn is None or policy.of is None:
        return policy
    return replace(policy, of=str(arn), address=str(arn) + policy.address.removeprefix(policy.of))
