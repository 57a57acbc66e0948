"""What is declared beside policies: keys, aliases and grants, what uses keys, and what is around them. Data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import NamedTuple

from kms_lint.model.policies import Policy, Unresolved
from kms_lint.record import dataclass
from kms_lint.source import At
from kms_lint.syntax.tree import Text


class Setting(NamedTuple):
    """The value of an argument of a key: text, a truth, `None` for null. `known` is false when it is unknown.

    A number is its digits. `at` is where the value is written, `name` the argument as written. `open` is what stands in
    the way of an unknown value that rules would judge.
    """

    value: str | bool | None
    known: bool
    at: At
    name: str
    open: Unresolved | None = None


@dataclass(frozen=True, eq=False, slots=True)
class Key:
    """A KMS key.

    `settings` holds, by our names, the arguments that were written: `rotation`, `rotation_period`, `deletion_window`,
    `enabled`, `multi_region`, `spec`, `usage`, `origin`, `custom_key_store`, `bypass` (of the lockout safety check),
    `description`, `manager`, `valid_to` (the end of imported material), `state` and `deletion_date` (in answers), `prevent_destroy`, `deletion_policy`,
    `update_replace_policy`. An argument that was not written is not there.
    `policies` are its key policy, one for each branch; empty when it has none that was found, and then `policy_unknown` tells whether it may have one.
    `replica` is true for a replica of a multi-Region key, and `primary` then names the key it is of, by address where that
    is in the input and by ARN where it is not. `format` is `terraform`, `cloudformation` or `cli`.
    `variants` are the key under each branch of the conditions that its settings depend on, which `branch` names there;
    none when there are no conditions. What could not be looked at under all of them is in `unresolved`. `called` is as
    for a policy.
    """

    address: str
    at: At
    format: str
    owner: str | None = None
    policies: tuple[Policy, ...] = ()
    policy_unknown: bool = False
    settings: Mapping[str, Setting] = field(default_factory=dict)
    replica: bool = False
    arn: Text | None = None
    aliases: tuple[str, ...] = ()
    branch: str = ""
    variants: tuple[Key, ...] = ()
    unresolved: tuple[Unresolved, ...] = ()
    primary: Text | None = None
    called: At | None = None


@dataclass(frozen=True, eq=False, slots=True)
class Alias:
    """An alias, with the name as written (`alias/…`) and the key it points to.

    `target` is that key as written, `of` its address, when it is in the input. `called` is as for a policy. `deployed` tells
    by which provider, in which Region and under which conditions it is made. `moved_from` is the key from which a plan
    moves it: by address when that key stays, else by its id or ARN.
    """

    address: str
    at: At
    name: Text | None
    target: Text | None = None
    name_is_prefix: bool = False
    of: str | None = None
    called: At | None = None
    deployed: str = ""
    moved_from: str | None = None


class Constraint(NamedTuple):
    """A constraint of a grant: `type` is `EncryptionContextEquals`, `EncryptionContextSubset` or `SourceArn`.

    `pairs` counts the pairs of an encryption context, `None` when that is unknown. `values` are these pairs, and for
    `SourceArn` the ARN with an empty name; there are none when they are unknown.
    """

    type: str
    pairs: int | None
    at: At
    values: tuple[tuple[Text, Text], ...] = ()


@dataclass(frozen=True, eq=False, slots=True)
class Grant:
    """A grant.

    `key` is the key as written; `spec` and `usage` are that key's, when it is in the input. `constraints_unknown` is
    whether there may be others than those listed. `service` is whether the grantee is a service principal. `of` is the
    address of its key, when that is in the input. `called` is as for a policy. `retires_on_delete` is whether it is retired,
    and not revoked, when it is taken out of the configuration; `None` when that is not known.
    """

    address: str
    at: At
    grantee: Text | None
    operations: tuple[Text, ...]
    operations_at: At
    key: Text | None = None
    owner: str | None = None
    spec: Setting | None = None
    usage: Setting | None = None
    retiring: Text | None = None
    constraints: tuple[Constraint, ...] = ()
    constraints_unknown: bool = False
    name: Text | None = None
    service: bool = False
    of: str | None = None
    unresolved: tuple[Unresolved, ...] = ()
    called: At | None = None
    retires_on_delete: bool | None = False


@dataclass(frozen=True, eq=False, slots=True)
class Consumer:
    """Something that has a service of AWS use a key: a queue, a log group, a bucket.

    `type` is the type of the resource as its format names it, `service` the service in the spelling of its ARNs (`sqs`).
    `key` is the key as written; `of` is its address, when it is in the input. `about` is the address of the resource whose
    data is encrypted, when that is another one, as for the encryption of a bucket. `use` is what of a service uses the key,
    where the service alone does not tell (`inventory` of `s3`), `alias` the alias by which a data source looks the key up.
    """

    address: str
    at: At
    type: str
    service: str
    key: Text | None
    of: str | None = None
    owner: str | None = None
    about: str | None = None
    use: str | None = None
    alias: str | None = None


@dataclass(frozen=True, eq=False, slots=True)
class Delivery:
    """Something that has a service of AWS write to another resource, or read from it, as itself: an alarm to a topic, flow logs to a bucket.

    `service` is that service in the spelling of its ARNs or of its principal, `to` the address of the other resource.
    """

    address: str
    at: At
    type: str
    service: str
    to: str


@dataclass(frozen=True, eq=False, slots=True)
class Share:
    """A snapshot or an image that other accounts may use, and whom it is shared with: numbers of accounts, or `all`.

    `of` is the address of what holds its data and names the key, itself or the volume or database that it was made from. `key`
    is the key that AWS takes there when encryption is asked for and no key is named, where its documentation says which.
    """

    address: str
    at: At
    type: str
    of: str
    accounts: tuple[Text, ...]
    owner: str | None = None
    key: Text | None = None


@dataclass(frozen=True, eq=False, slots=True)
class Identity:
    """A user, a group, a role or a permission set.

    `type` is one of these words. `attached` are the managed policies that are attached to it, by address where they are
    in the input and by ARN where they are not; `boundary` is its permissions boundary, named likewise. `groups` are the
    groups that a user is in, by address or name. Its inline policies are policies whose `of` is its address.
    """

    address: str
    at: At
    type: str
    name: Text | None = None
    arn: Text | None = None
    attached: tuple[Text, ...] = ()
    boundary: Text | None = None
    groups: tuple[Text, ...] = ()
    owner: str | None = None


@dataclass(frozen=True, eq=False, slots=True)
class Trail:
    """A trail of CloudTrail, or a store of its events; `excluded` are the sources of events that it is told to leave out, such as `kms.amazonaws.com`."""

    address: str
    at: At
    excluded: tuple[Text, ...] = ()


@dataclass(frozen=True, eq=False, slots=True)
class Endpoint:
    """An endpoint of a VPC for a service of AWS.

    `service` is the service as written (`com.amazonaws.us-east-1.kms`). `has_policy` is whether it has a policy of its
    own, which stands among the policies then; `None` when nothing tells. Without one it lets everything pass.
    """

    address: str
    at: At
    service: Text | None
    has_policy: bool | None = False


class PublicKeyRead(NamedTuple):
    """A record of CloudTrail which shows that somebody has got the public key of `key`, an ARN or a key id."""

    key: Text
    at: At


@dataclass(frozen=True, eq=False, slots=True)
class Secret:
    """Secret material written out in a file: where, and what it is. The value itself is never kept."""

    address: str
    at: At
    what: str


class PlannedChange(NamedTuple):
    """What a plan does to a key: `create`, `update`, `delete`, `replace`, or `forget` (it stays, out of Terraform's sight).

    A key that is deleted or forgotten is not among the keys of the document. `deposed` is whether it is what an earlier
    replacement has left. `spec`, `usage` and `arn` are those of the key before, where the plan tells them.
    """

    address: str
    at: At
    action: str
    deposed: bool = False
    spec: str | None = None
    arn: str | None = None
    usage: str | None = None
