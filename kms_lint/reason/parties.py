"""Who and what decides about keys together: keys, principals with their IAM policies, and the limits of the organization.

Data only; `estate` fills it from documents.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

from kms_lint.model import Grant, Key, Policy
from kms_lint.reason.request import Caller
from kms_lint.source import At
from kms_lint.syntax.tree import Text


class Standing(StrEnum):
    """What is known of a party: an identity of the input, one that is only named, or a class of principals."""

    IDENTITY = "identity"
    """A user, a role or a permission set of the input, with its IAM policies."""
    NAMED = "named"
    """A principal that a key policy or a grant names and that the input does not describe: its IAM side is not known."""
    SERVICE = "service"
    """A service principal."""
    ROOT = "root"
    """The root user of an account, which needs no IAM policy."""
    HOLDER = "holder"
    """Whoever has a policy, or is in a group, that is attached to nobody in the input."""
    ACCOUNT = "account"
    """Any principal of an account that the input does not describe, if it has IAM permission."""
    STRANGER = "stranger"
    """Any principal of an account that nothing in the input names, if it has IAM permission there."""


@dataclass(frozen=True, eq=False, slots=True)
class Group:
    """A group of users, with its own IAM policies. `arn` is `None` when its name is not known."""

    address: str
    account: str | None
    arn: str | None = None
    inline: tuple[Policy, ...] = ()
    attached: tuple[Policy, ...] = ()
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False, slots=True)
class Party:
    """A principal, or a class of principals, of which it is asked what it may do.

    `shown` is how rows name it; `caller` is `None` for a class. `policies` are the identity policies that reach it, of
    groups too; `missing` are attached ones that the input does not hold, which may allow anything. With `bounded` it has
    a permissions boundary: `boundary`, or one that the input does not hold, named by `missing_boundary`. Where its policies
    come from stands in `inline`, `attached` and `groups`; `boundary_name` is the boundary as it is named, by ARN or address.
    """

    standing: Standing
    shown: str
    account: str | None = None
    caller: Caller | None = None
    address: str = ""
    at: At | None = None
    policies: tuple[Policy, ...] = ()
    missing: tuple[str, ...] = ()
    bounded: bool = False
    boundary: tuple[Policy, ...] = ()
    missing_boundary: str = ""
    inline: tuple[Policy, ...] = ()
    attached: tuple[Policy, ...] = ()
    groups: tuple[Group, ...] = ()
    boundary_name: str = ""

    @property
    def willing(self) -> bool:
        """Whether it is a class of those that have the IAM permission that is needed."""
        return self.standing in (Standing.ACCOUNT, Standing.STRANGER)


@dataclass(frozen=True, eq=False, slots=True)
class HeldKey:
    """A key: one of the input, or one that a lone key policy or a grant is about, and then `key` is `None`.

    `account` is twelve digits or `<account>`; `arn` its ARN, in which `<name>` stands for what AWS will choose. `policies`
    are its key policy, one for each branch of its conditions, or the one that AWS gives it when it surely has none of its
    own (`default`). `policy_unknown` is whether it may have another that the input does not show.
    """

    address: str
    account: str
    at: At
    arn: Text | None = None
    policies: tuple[Policy, ...] = ()
    policy_unknown: bool = False
    default: bool = False
    grants: tuple[Grant, ...] = ()
    aliases: tuple[str, ...] = ()
    replica: bool = False
    primary: str = ""
    key: Key | None = None


@dataclass(frozen=True, eq=False)
class Estate:
    """All that decides together. Parties stand in the order in which rows show them: identities first, classes last.

    `account` is that of the deployment, `<account>` when it is not known. `assumptions` are what had to be taken as given.
    `attachable` are managed policies of the input, and those of AWS that it names, whether or not anybody has them; `arns` are
    those of policies whose address is no ARN.
    """

    account: str
    keys: tuple[HeldKey, ...]
    parties: tuple[Party, ...]
    scps: tuple[Policy, ...] = ()
    rcps: tuple[Policy, ...] = ()
    endpoints: tuple[Policy, ...] = ()
    trusts: tuple[Policy, ...] = ()
    assumptions: tuple[str, ...] = ()
    groups: tuple[Group, ...] = ()
    attachable: tuple[Policy, ...] = ()
    arns: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def members(self) -> frozenset[str]:
        """The accounts of the input, for whose principals its SCPs hold: those of its keys and of its identities."""
        own = (Standing.IDENTITY, Standing.HOLDER)
        holders = {each.account for each in self.parties if each.standing in own and each.account is not None}
        return frozenset(holders | {key.account for key in self.keys})

    def party(self, name: str) -> Party | None:
        """The party that is shown so, has this address, or this ARN."""
        return next((each for each in self.parties if name in _names(each)), None)


def _names(party: Party) -> tuple[str | None, ...]:
    return party.shown, party.address or None, party.caller.arn if party.caller else None
