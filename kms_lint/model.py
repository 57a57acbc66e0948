"""What was found in the input, whatever format it was written in. Data, with no behaviour beyond walking itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field
from enum import Enum, StrEnum
from typing import NamedTuple

from kms_lint.record import dataclass
from kms_lint.source import At, Source
from kms_lint.syntax.tree import Node, Text


class PolicyKind(StrEnum):
    """What a policy is attached to; the values are the names that users see and type."""

    KEY = "key-policy"
    IDENTITY = "identity-policy"
    SCP = "scp"
    RCP = "rcp"
    VPC_ENDPOINT = "vpc-endpoint-policy"
    TRUST = "trust-policy"
    RESOURCE = "resource-policy"


class Effect(Enum):
    """What a statement does."""

    ALLOW = "Allow"
    DENY = "Deny"


class Patterns(NamedTuple):
    """The values of `Action`, or of `NotAction` when `negated`; likewise for resources.

    A list that is unknown as a whole is one value of unknown form. `name` is the element's name as written.
    """

    values: tuple[Text, ...]
    negated: bool
    at: At
    name: Text


class Operator(NamedTuple):
    """`ForAllValues:StringNotEqualsIfExists`, taken apart.

    `text` is as written. `comparison` is AWS's spelling of the operator without quantifier and `IfExists`, with its
    `Not` (`StringNotEquals`), or `None` for one that does not exist or is not known.
    """

    text: Text
    comparison: str | None
    if_exists: bool = False
    quantifier: str | None = None


class Condition(NamedTuple):
    """One entry of a condition block: an operator, a key and the values that are compared.

    An entry of which the operator, or the block as a whole, is unknown has a `key` of unknown form. `plain` is whether
    `${` in its values begins no variable, since the policy is of the old version of the language or names none; `None`
    where that is not known.
    """

    operator: Operator
    key: Text
    values: tuple[Text, ...]
    at: At
    plain: bool | None = False


class Principal(NamedTuple):
    """One principal: `type` is `AWS`, `Service`, `Federated`, `CanonicalUser`, or `*` for a bare `"*"`."""

    type: Text
    value: Text


class Principals(NamedTuple):
    """The values of `Principal`, or of `NotPrincipal` when `negated`."""

    values: tuple[Principal, ...]
    negated: bool
    at: At
    name: Text


class Problem(NamedTuple):
    """Something wrong with how a thing is written. `rule` is the rule that reports it."""

    rule: str
    message: str
    at: At
    value: str | None = None


class Unresolved(NamedTuple):
    """An expression that could not be worked out, so that something could not be judged in full."""

    expression: str
    message: str
    at: At


@dataclass(frozen=True, eq=False, slots=True)
class Statement:
    """One statement of a policy. `None` where an element is absent; `effect` is also `None` when it is unknown.

    `unknown` is whether the statement as a whole, or its effect, is unknown. `kind` and `owner` are its policy's.
    """

    kind: PolicyKind
    owner: str | None
    index: int
    at: At
    sid: Text | None = None
    effect: Effect | None = None
    effect_text: Text | None = None
    principals: Principals | None = None
    actions: Patterns | None = None
    resources: Patterns | None = None
    conditions: tuple[Condition, ...] = ()
    unknown: bool = False

    @property
    def name(self) -> str:
        """Its Sid, or its index in brackets, as reports for programs and entries to ignore call it."""
        return str(self.sid) if self.sid else f"[{self.index}]"

    @property
    def called(self) -> str:
        """What people call it: its Sid, or which statement of the policy it is, from 1."""
        return str(self.sid) if self.sid else f"{self.index + 1}"


@dataclass(frozen=True, eq=False, slots=True)
class Policy:
    """A policy document, once for each kind of thing that consumes it and each branch of its conditions.

    `address` names it as in the report, `of` the key or identity it belongs to. `owner` is the account of that key or
    identity: twelve digits, or `<account>` for the account it will be deployed to; `None` when nothing tells.
    `consumer` is where it is attached, when it is written elsewhere. `called` is the call of the module that it is part
    of, when that module is not the user's own: what is wrong with it is told there. `branch` names the conditions under which it
    reads like this. `node` is the document that was read, for `show`.
    `taken` is what it was taken for where its format tells what an expression refers to, and not the expression: a
    reference. `managed` is whether AWS alone can change it: it is that of an AWS managed key, or an AWS managed policy.
    """

    kind: PolicyKind
    address: str
    at: At
    statements: tuple[Statement, ...] = ()
    owner: str | None = None
    of: str | None = None
    version: Text | None = None
    consumer: At | None = None
    branch: str = ""
    assumed: bool = False
    node: Node | None = None
    problems: tuple[Problem, ...] = ()
    unresolved: tuple[Unresolved, ...] = ()
    called: At | None = None
    managed: bool = False
    taken: str = ""

    @property
    def refused(self) -> bool:
        """Whether AWS refuses it as it is written, so that what is in effect is not known."""
        return any(problem.rule == "malformed-policy" for problem in self.problems)


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


class InlineIgnore(NamedTuple):
    """An ignore written as data, as CloudFormation's `Metadata` allows; `covers` is what it is about."""

    rules: tuple[Text, ...]
    reason: str | None
    until: str | None
    statement: str | None
    at: At
    covers: At


class Status(Enum):
    """What became of a file: judged, or skipped because nothing in it is for us, or malformed as a whole."""

    JUDGED = "judged"
    SKIPPED = "skipped"
    MALFORMED = "malformed"


@dataclass(frozen=True, eq=False, slots=True)
class Document:
    """All that was found in one file.

    `format` is `json`, `yaml`, `terraform`, `cloudformation` or `cli`: what a fix has to be written in. `kind` is what
    the file was taken for, in words. `constructs` are the ways of constructs of CDK by the addresses of the resources that
    they made. `nested` are the templates that this one nests, as it uses them; none are left when a run is read.
    `context` is whether the file was not asked for, and what another one shows is
    reported in it: the ignores in it count, and nobody knows whether all of them are used. `parts` are the documents that stand inside of another kind of text, each
    with a source and a format of its own; what is in them is in the whole as well.
    """

    path: str
    format: str
    kind: str
    source: Source | None = None
    status: Status = Status.JUDGED
    keys: tuple[Key, ...] = ()
    policies: tuple[Policy, ...] = ()
    grants: tuple[Grant, ...] = ()
    aliases: tuple[Alias, ...] = ()
    secrets: tuple[Secret, ...] = ()
    problems: tuple[Problem, ...] = ()
    unresolved: tuple[Unresolved, ...] = ()
    ignores: tuple[InlineIgnore, ...] = ()
    consumers: tuple[Consumer, ...] = ()
    identities: tuple[Identity, ...] = ()
    constructs: Mapping[str, str] = field(default_factory=dict)
    nested: tuple[Document, ...] = ()
    planned: tuple[PlannedChange, ...] = ()
    context: bool = False
    parts: tuple[Document, ...] = ()
    trails: tuple[Trail, ...] = ()
    endpoints: tuple[Endpoint, ...] = ()
    public_keys_read: tuple[PublicKeyRead, ...] = ()
    deliveries: tuple[Delivery, ...] = ()
    shares: tuple[Share, ...] = ()

    def every_policy(self) -> Iterator[Policy]:
        """The policies of its keys, then the others."""
        for key in self.keys:
            yield from key.policies
        yield from self.policies

    def construct(self, address: str) -> str | None:
        """The way of constructs of CDK to the resource of an address, or to the one that an argument belongs to."""
        return self.constructs.get(address) or self.constructs.get(address.partition(":")[0])


@dataclass(frozen=True, eq=False, slots=True)  # one for a run: what is kept by it need not look into four sets
class Accounts:
    """Whom the user knows: own accounts, accounts of partners, own organizations, and accounts of third parties.

    An entry of `trusted` or `third_party` is an account, or the ARN of principals, which may have wildcards after its account.
    """

    own: frozenset[str] = frozenset()
    trusted: frozenset[str] = frozenset()
    organizations: frozenset[str] = frozenset()
    third_party: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Settings:
    """The numbers that rules compare with; see the configuration's `settings`."""

    minimum_deletion_window: int = 14
    maximum_rotation_period: int = 365
    minimum_rsa_bits: int = 3072


@dataclass(frozen=True, eq=False, slots=True)
class World:
    """All documents of a run, and what the user said about the surroundings.

    `today` is the day that dates are judged by, as `2026-11-24`; when it is empty none is judged. `strict` is whether rules of opinion were asked for.
    """

    documents: tuple[Document, ...]
    accounts: Accounts = Accounts()
    settings: Settings = Settings()
    today: str = ""
    strict: bool = False
