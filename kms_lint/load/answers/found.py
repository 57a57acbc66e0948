"""What has been found in answers."""

from __future__ import annotations

from dataclasses import field, replace
from typing import Final

from kms_lint.load.series import TOO_MANY
from kms_lint.model import (
    Alias,
    Document,
    Grant,
    Identity,
    Key,
    Policy,
    PolicyKind,
    Problem,
    PublicKeyRead,
    Trail,
    Unresolved,
)
from kms_lint.record import dataclass
from kms_lint.source import Source, Span

NAMELESS: Final = "KeyMetadata"
"""What a key goes by of which an answer tells no id."""


@dataclass(slots=True)
class Found:
    """What has been found so far. `kinds` are the answers that were recognised, in words, `cut` whether some were left out."""

    kinds: list[str] = field(default_factory=list)
    keys: list[Key] = field(default_factory=list)
    policies: list[Policy] = field(default_factory=list)
    grants: list[Grant] = field(default_factory=list)
    aliases: list[Alias] = field(default_factory=list)
    identities: list[Identity] = field(default_factory=list)
    trails: list[Trail] = field(default_factory=list)
    public_keys_read: list[PublicKeyRead] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    unresolved: list[Unresolved] = field(default_factory=list)
    cut: bool = False

    def add(self, other: Found) -> None:
        """Takes in what was found elsewhere."""
        self.kinds += other.kinds
        self.keys += other.keys
        self.policies += other.policies
        self.grants += other.grants
        self.aliases += other.aliases
        self.identities += other.identities
        self.trails += other.trails
        self.public_keys_read += other.public_keys_read
        self.problems += other.problems
        self.unresolved += other.unresolved
        self.cut |= other.cut

    def add_policy(self, policy: Policy, *, managed: bool) -> None:
        """Takes in a policy, `managed` when AWS alone can change it."""
        self.policies.append(replace(policy, managed=True) if managed else policy)

    def belong(self) -> None:
        """Gives what does not say of which key it is, a key policy or whether it rotates, to the only key beside it."""
        self._name_rotation()
        loose = [policy for policy in self.policies if policy.kind is PolicyKind.KEY and policy.of is None]
        if len({id(policy.node) for policy in loose}) != 1 or any(key.policies for key in self.keys):
            return  # of several policies nothing tells which is that of the key
        if len({key.address for key in self.keys}) == 1:
            key = self.keys[0]
            self.keys[0] = replace(key, policies=tuple(owned(policy, key) for policy in loose), policy_unknown=False)
            taken = {id(policy) for policy in loose}
            self.policies = [policy for policy in self.policies if id(policy) not in taken]

    def _name_rotation(self) -> None:
        """Older versions of the command line print no key beside its rotation."""
        named = [key for key in self.keys if key.address != NAMELESS]
        others = [key for key in self.keys if key.address == NAMELESS]
        if len(named) == 1 and len(others) == 1:
            told = {name: each for name, each in others[0].settings.items() if each.known}
            self.keys[:] = [replace(named[0], settings={**named[0].settings, **told})]

    def document(self, path: str, source: Source) -> Document:
        """All of it as a document."""
        # the place of what is left out would be dear to find in a file of that length
        rest = (Unresolved("the rest of the list", TOO_MANY, Span(source, 0, 0)),) if self.cut else ()
        return Document(
            path,
            "cli",
            " and ".join(dict.fromkeys(self.kinds)),
            source,
            keys=tuple(self.keys),
            policies=tuple(self.policies),
            grants=tuple(self.grants),
            aliases=tuple(self.aliases),
            problems=tuple(self.problems),
            unresolved=(*self.unresolved, *rest),
            identities=tuple(self.identities),
            trails=tuple(self.trails),
            public_keys_read=tuple(self.public_keys_read),
        )


def owned(policy: Policy, key: Key) -> Policy:
    """A key policy as that of a key."""
    owner = key.owner or policy.owner
    statements = policy.statements
    if owner != policy.owner:
        statements = tuple(replace(statement, owner=owner) for statement in statements)
    return replace(policy, address=key.address, of=key.address, owner=owner, statements=statements, assumed=False)
