"""The keys, policies, grants and aliases of a plan or state."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from collections.abc import Mapping as Dictionary
from dataclasses import replace
from typing import Final

from kms_lint.errors import MalformedError
from kms_lint.load.embedded import embedded
from kms_lint.load.options import Options
from kms_lint.load.terraform import keys
from kms_lint.load.terraform.arguments import held
from kms_lint.load.terraform.around import ENDPOINTS, Around
from kms_lint.load.terraform.attachments import Attachment, attached, other_policies, owner
from kms_lint.load.terraform.consumer_places import CONSUMERS
from kms_lint.load.terraform.identity_places import IDENTITIES
from kms_lint.load.terraform.links import Links, identity_type, only_owners, owned
from kms_lint.load.terraform.places import places
from kms_lint.load.terraform.resource import Resource
from kms_lint.load.terraform.secret_places import SECRETS
from kms_lint.load.terraform.value import Encoded
from kms_lint.load.terraform.writing import Writing
from kms_lint.load.terraform_plan.blocks import block, changed, scope
from kms_lint.load.terraform_plan.configuration import constant, inside
from kms_lint.load.terraform_plan.deployment import symbol
from kms_lint.load.terraform_plan.outline import Entry
from kms_lint.load.terraform_plan.values import Values
from kms_lint.load.terraform_plan.veil import VEIL, veiled
from kms_lint.load.terraform_plan.wanted import policy_paths
from kms_lint.model import (
    Alias,
    Consumer,
    Delivery,
    Endpoint,
    Grant,
    Identity,
    Key,
    PlannedChange,
    Policy,
    PolicyKind,
    Secret,
    Setting,
    Share,
    Trail,
    Unresolved,
)
from kms_lint.syntax import locate
from kms_lint.syntax.tree import ANYTHING, Mapping, Node, Scalar, Text, Unknown

_KEYS: Final = frozenset(keys.KEYS)
_POLICIES: Final = {"aws_iam_policy": "policy", "awscc_iam_managed_policy": "policy"}
_IDENTITY: Final = ("name", "role_name", "user_name", "group_name", "arn", "id")
_NAMES: Final = {
    "key": ("arn", "key_id", "id"),
    "policy": ("arn", "policy_arn", "id"),
    "resource": ("arn", "id", "url"),
    **dict.fromkeys((kind.type for kind in IDENTITIES.values()), _IDENTITY),
}
_SHARED: Final = frozenset({"aws_s3_bucket", "aws_sqs_queue", "aws_sns_topic", "aws_secretsmanager_secret"})
"""Resources that have policies of their own elsewhere, and ids that no resource of another type has."""

_NAMED: Final = re.compile(r"<([^<>]+)\.\w+>")
_REFERENCE: Final = re.compile(r"<[^<>]+>")
_ACTIONS: Final = {
    ("create",): "create",
    ("update",): "update",
    ("delete",): "delete",
    ("delete", "create"): "replace",
    ("create", "delete"): "replace",
    ("forget",): "forget",
    ("forget", "create"): "create",
    ("create", "forget"): "create",
}


class Resources:
    """What the resources of a plan or state are, taken together: keys come last, for what is theirs stands anywhere."""

    def __init__(self, values: Values) -> None:
        """`values` are those of all resources."""
        self._values = values
        self.keys: list[Key] = []
        self.policies: list[Policy] = []
        self.grants: list[Grant] = []
        self.aliases: list[Alias] = []
        self.secrets: list[Secret] = []
        self.consumers: list[Consumer] = []
        self.identities: list[Identity] = []
        self.trails: list[Trail] = []
        self.endpoints: list[Endpoint] = []
        self.deliveries: list[Delivery] = []
        self.shares: list[Share] = []
        self._attached: dict[str, list[Policy]] = {}
        self._beside: dict[str, dict[str, Setting]] = {}
        self._aliases: dict[str, list[str]] = {}
        self._ids: dict[str, str] = {}
        self._of_alias: dict[str, str] = {}
        self._somewhere = False
        self._links = Links()
        self._around = Around()
        self._writing = Writing(lambda text: self._target(text, "resource"), self._of_address)
        entries = [each for each in values.outline.entries.values() if each.mode == "managed"]
        for entry in entries:
            self._identify(entry)
        for entry in sorted(entries, key=lambda each: each.type not in keys.ALIASES):
            if entry.type not in _KEYS:
                self._resource(entry)
        for entry in entries:
            if entry.type in _KEYS:
                self.keys.append(self._key(entry))
        for entry in values.outline.entries.values():
            self.secrets.extend(self._secrets(entry))
        self._tie()
        self._tell()

    def changes(self) -> Iterator[PlannedChange]:
        """What a plan does to the keys."""
        for entry in self._values.outline.changed:
            action = None if entry.change is None else _ACTIONS.get(entry.change.actions)
            if action is not None and entry.type in _KEYS and entry.mode == "managed" and entry.change is not None:
                before = entry.change.before or {}
                spec = before.get("customer_master_key_spec") or before.get("key_spec")
                where = self._values.header(entry)
                arn, usage = before.get("arn"), before.get("key_usage")
                yield PlannedChange(entry.address, where, action, entry.change.deposed, spec, arn, usage)

    def _identify(self, entry: Entry) -> None:
        """Notes by which ids and names others may refer to a key, an identity or a policy."""
        kind = _kind(entry.type)
        if kind is not None:
            node = self._values.of(entry)
            for name in _NAMES[kind]:
                value = node.get(name)
                if isinstance(value, Text) and value.known:
                    self._ids.setdefault(f"{kind} {value.form}", entry.address)
        self._ids.setdefault(f"<{symbol(entry.address)}>", entry.address)

    def _target(self, value: Node | None, kind: str) -> str | None:
        """The address of the key, policy or identity that an argument names, when that is in the input."""
        if not isinstance(value, Text):
            return None
        named = _NAMED.search(value.form)
        if named is not None:
            found = self._ids.get(f"<{named[1]}>")
            return self._of_alias.get(found, found) if kind == "key" and found is not None else found
        return self._ids.get(f"{kind} {value.form}")

    def _resource(self, entry: Entry) -> None:
        itself = self._read_as(entry)
        self._links.take(itself)
        self._around.take(itself, entry.type == ENDPOINTS and self._leaves_out(entry, "policy"))
        self._writing.take(itself)
        if entry.type in keys.ALIASES:
            self._alias(itself, entry)
        elif entry.type == "aws_kms_grant":
            self._grant(itself, entry)
        elif entry.type == "aws_kms_key_policy":
            self._key_policy(itself, entry)
        else:
            self._policies(itself, entry)

    def _leaves_out(self, entry: Entry, argument: str) -> bool:
        """Whether the configuration of a plan shows that an argument is not written, and what it will be is not known."""
        written = self._values.configuration.resource(entry.module, entry.plain).get("expressions")
        value = self._values.of(entry).get(argument)
        known = isinstance(value, Text) and value.known
        return isinstance(written, dict) and argument not in written and not known

    def _policies(self, itself: Resource, entry: Entry) -> None:
        whose = next((place.of for place in places(entry.type) if place.of is not None), None)
        found = tuple(other_policies(itself))
        if whose is not None:
            value, kind = self._values.of(entry).get(whose), identity_type(whose)
            of = self._shared(value) if kind == "resource" else self._target(value, kind)
            found = tuple(replace(each, of=of) for each in found)
        self.policies.extend(found)

    def _key_policy(self, itself: Resource, entry: Entry) -> None:
        whose = self._values.of(entry).get("key_id")
        of = self._target(whose, "key")
        self._somewhere |= of is None and (not isinstance(whose, Text) or not whose.known)
        argument = itself.block.arguments().get("policy")
        attachment = Attachment(PolicyKind.KEY, itself.address, of, owner(itself))
        found = () if argument is None else attached(itself.scope, itself.block, argument, attachment)
        if of is None:
            self.policies.extend(found)
            return
        self._attached.setdefault(of, []).extend(found)
        said = {name: each for name, each in keys.settings(itself).items() if each.value is not False}
        self._beside.setdefault(of, {}).update(said)

    def _key(self, entry: Entry) -> Key:
        itself, address = self._read_as(entry), entry.address
        policies, aliases = self._attached.get(address, ()), self._aliases.get(address, ())
        made = keys.key(itself, tuple(policies), self._somewhere, tuple(aliases), self._beside.get(address, {}))
        primary = self._target(made.primary, "key")
        return replace(
            made,
            settings=_shown(made.settings),
            arn=None if made.arn is None or made.arn.form == ANYTHING else made.arn,
            primary=made.primary if primary is None or made.primary is None else Text(primary, made.primary.at),
        )

    def _read_as(self, entry: Entry) -> Resource:
        """A resource as Terraform's own reader takes it."""
        values = self._values
        header, place = values.header(entry), values.deployment.place(entry)
        node: Node = values.of(entry)
        for path in policy_paths(entry.type):
            node = changed(node, path, _as_policy)
        assert isinstance(node, Mapping)
        type = "data" if entry.mode == "data" else "resource"
        written = block(type, (entry.type, entry.name), node, header, values.whole(entry))
        return Resource(written, entry.address, scope(Options(place.account, place.region, place.partition)), header)

    def _alias(self, itself: Resource, entry: Entry) -> None:
        made = keys.alias(itself)
        of = self._target(self._values.of(entry).get("target_key_id"), "key")
        if of is not None:
            self._of_alias[entry.address] = of
        self.aliases.append(replace(made, of=of, moved_from=self._moved_from(entry, made)))
        if of is not None and made.name is not None:
            self._aliases.setdefault(of, []).append(str(made.name))

    def _moved_from(self, entry: Entry, alias: Alias) -> str | None:
        """The key that an alias leaves when a plan moves it."""
        change = entry.change
        before = (change.before or {}).get("target_key_id") if change and change.actions == ("update",) else None
        if before is None or alias.target is None or alias.target.form == before:
            return None
        return self._ids.get(f"key {before}") or before

    def _grant(self, itself: Resource, entry: Entry) -> None:
        of = self._target(self._values.of(entry).get("key_id"), "key")
        declared = {} if of is None else _shown(keys.settings(self._read_as(self._values.outline.entries[of])))
        made = keys.grant(itself)
        self.grants.append(replace(made, of=of, spec=declared.get("spec"), usage=declared.get("usage")))

    def _secrets(self, entry: Entry) -> Iterator[Secret]:
        """What the configuration says as it is; values that come from outside of it are none of its faults."""
        plain = f"{'data.' * (entry.mode == 'data')}{entry.type}"
        for path, what in SECRETS.get(plain, ()):
            said = self._values.configuration.resource(entry.module, entry.plain).get("expressions")
            for name in path:
                said = inside(inside(said, 0), name)
            for each in held(self._read_as(entry), path):
                if isinstance(each.value, Text):
                    span = locate(each.value.at)
                    span.source.hide(span.start, span.end)
                    if isinstance(constant(said), str) and constant(said):
                        yield Secret(entry.address, each.value.at, what)

    def _tie(self) -> None:
        """Tells who uses which key, and what is attached to whom."""
        for consumer, itself in self._links.consumers(self._aliases):
            if consumer.key is None or not str(consumer.key).startswith(f"<{itself.address}."):  # nobody wrote one
                of = consumer.of or self._target(consumer.key, "key")
                self.consumers.append(replace(consumer, of=of, about=self._about(itself)))
        self.deliveries = [each for each, _ in self._writing.deliveries]
        self.shares = [each for each, _ in self._writing.shares]
        self.identities.extend(self._identity(each) for each, _ in self._links.identities())
        self.trails.extend(each for each, _ in self._around.trails())
        self.endpoints.extend(each for each, _ in self._around.endpoints())
        owners = only_owners(self.identities)
        self.policies[:] = [owned(policy, owners) for policy in self.policies]

    def _of_address(self, address: str, _: Resource) -> Resource | None:
        entry = self._values.outline.entries.get(address)
        return None if entry is None else self._read_as(entry)

    def _about(self, itself: Resource) -> str | None:
        """The address of the resource whose data a consumer of a key encrypts, when that is another one."""
        argument = CONSUMERS[itself.type].about
        return None if argument is None else self._shared(itself.written(argument, itself.block.header))

    def _shared(self, value: Node | None) -> str | None:
        """What an argument names: by address when that is in the input, else by what it is known as."""
        address = self._target(value, "resource")
        if address is not None or not isinstance(value, Text):
            return address
        named = _NAMED.fullmatch(value.form)
        return named[1] if named is not None else str(value) if value.known else None

    def _tell(self) -> None:
        """Says of policies what they were taken for. One of several of a resource goes by the name of its argument."""
        taken: dict[str, str] = {}
        for (address, path), text in self._values.taken.items():
            taken[address] = taken[f"{address}:{path.partition('.')[0]}"] = text
        if taken:
            self.policies[:] = _told(self.policies, taken)
            self.keys[:] = [replace(each, policies=tuple(_told(each.policies, taken))) for each in self.keys]

    def _identity(self, identity: Identity) -> Identity:
        """An identity, with the addresses of what is attached to it by its ARN or name."""
        boundary = identity.boundary
        return replace(
            identity,
            attached=tuple(self._addressed(each, "policy") for each in identity.attached),
            boundary=None if boundary is None else self._addressed(boundary, "policy"),
            groups=tuple(self._addressed(each, "group") for each in identity.groups),
        )

    def _addressed(self, text: Text, kind: str) -> Text:
        address = self._target(text, kind)
        return text if address is None else Text(address, text.at)


def _as_policy(value: Node) -> Node:
    """A policy as the value of an argument that Terraform's own reader takes for one."""
    if value == "":
        return Scalar(None, "null", value.at)
    opened = _opened(value)
    if isinstance(opened, Text | Mapping):
        return Encoded("", locate(value.at), opened)
    return opened


def _opened(node: Node) -> Node:
    """A policy as it can be read: what is no policy but refers to something is unknown."""
    if not isinstance(node, Text) or (node.form == node and not _REFERENCE.fullmatch(node)):
        return node
    if str(node) != VEIL:
        return Unknown(str(node).strip("<>"), node.at, "a plan does not tell how the policy is made of it")
    try:
        return veiled(embedded(Text(node.form, node.at)))
    except MalformedError:
        return Unknown(VEIL, node.at, "it is sensitive, and no JSON")


def _unveiled(setting: Setting) -> Setting:
    """A sensitive setting: what is said of one tells its value, so it is left unknown."""
    open = Unresolved(setting.name, f"`{setting.name}` is sensitive", setting.at)
    return setting._replace(value=None, known=False, open=None if setting.name == "description" else open)


def _told(policies: Iterable[Policy], taken: Dictionary[str, str]) -> Iterator[Policy]:
    for each in policies:
        text = taken.get(each.address)
        yield each if text is None else replace(each, taken=text)


def _shown(settings: Dictionary[str, Setting]) -> dict[str, Setting]:
    return {name: _unveiled(each) if each.value == VEIL else each for name, each in settings.items()}


def _kind(type: str) -> str | None:
    """What others may name a resource as: a key, a policy or a type of identity."""
    if type in _KEYS:
        return "key"
    if type in _SHARED:
        return "resource"
    identity = IDENTITIES.get(type)
    return identity.type if identity is not None else _POLICIES.get(type)
