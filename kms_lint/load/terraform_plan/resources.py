"""The keys, policies, grants and aliases of a plan or state."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from kms_lint.errors import MalformedError
from kms_lint.load.embedded import embedded
from kms_lint.load.policy import policies
from kms_lint.load.terraform import keys
from kms_lint.load.terraform.resource import Resource
from kms_lint.load.terraform_plan.blocks import block, scope
from kms_lint.load.terraform_plan.configuration import constant
from kms_lint.load.terraform_plan.deployment import symbol
from kms_lint.load.terraform_plan.outline import Entry
from kms_lint.load.terraform_plan.places import CONTROLS, ELSEWHERE, POLICIES, SECRETS, PolicyPlace
from kms_lint.load.terraform_plan.values import Values
from kms_lint.load.terraform_plan.veil import VEIL, veiled
from kms_lint.model import Alias, Grant, Key, PlannedChange, Policy, PolicyKind, Secret, Setting, Unresolved
from kms_lint.source import Span
from kms_lint.syntax.tree import ANYTHING, Items, Mapping, Node, Text, Unknown

_KEYS: Final = frozenset(keys.KEYS)
_NAMED: Final = re.compile(r"<([^<>]+)\.\w+>")
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
        self._attached: dict[str, list[Policy]] = {}
        self._names: dict[str, list[str]] = {}
        self._ids: dict[str, str] = {}
        self._somewhere = False
        entries = [each for each in values.outline.entries.values() if each.mode == "managed"]
        for entry in entries:
            self._identify(entry)
        for entry in entries:
            if entry.type not in _KEYS:
                self._resource(entry)
        for entry in entries:
            if entry.type in _KEYS:
                self.keys.append(self._key(entry))

    def changes(self) -> Iterator[PlannedChange]:
        """What a plan does to the keys."""
        for entry in self._values.outline.changed:
            action = None if entry.change is None else _ACTIONS.get(entry.change.actions)
            if action is not None and entry.type in _KEYS and entry.mode == "managed" and entry.change is not None:
                yield PlannedChange(entry.address, self._values.header(entry), action, entry.change.deposed)

    def _identify(self, entry: Entry) -> None:
        """Notes by which ids and names others may refer to a key or an identity."""
        if entry.type in _KEYS or entry.type.startswith(("aws_iam_", "awscc_iam_")):
            node = self._values.of(entry)
            for name in ("arn", "key_id", "id") if entry.type in _KEYS else ("name", "arn", "id"):
                value = node.get(name)
                if isinstance(value, Text) and value.known:
                    self._ids.setdefault(f"{_class(entry.type)} {value.form}", entry.address)
        self._ids.setdefault(f"<{symbol(entry.address)}>", entry.address)

    def _target(self, value: Node | None, kind: str) -> str | None:
        """The address of the key or identity that an argument names, when that is in the input."""
        if not isinstance(value, Text):
            return None
        named = _NAMED.search(value.form)
        if named is not None:
            return self._ids.get(f"<{named[1]}>")
        return self._ids.get(f"{kind} {value.form}")

    def _resource(self, entry: Entry) -> None:
        self.secrets.extend(self._secrets(entry))
        if entry.type == "aws_kms_alias":
            self._alias(entry)
        elif entry.type == "aws_kms_grant":
            self._grant(entry)
        elif entry.type == "aws_organizations_policy":
            self._control(entry)
        else:
            for place in POLICIES.get(entry.type, ELSEWHERE):
                self._policy(entry, place)

    def _policy(self, entry: Entry, place: PolicyPlace) -> None:
        node = self._values.of(entry)
        whose = node.get(place.of) if place.of else None
        of = self._target(whose, "key" if place.kind is PolicyKind.KEY else _class(f"aws_iam_{place.of.split('_')[0]}"))
        found = list(self._held(entry, place, entry.address if place.named else of))
        if place.kind is not PolicyKind.KEY:
            self.policies.extend(found)
        elif of is None:
            self._somewhere |= not isinstance(whose, Text) or not whose.known
            self.policies.extend(found)
        else:
            self._attached.setdefault(of, []).extend(found)

    def _held(self, entry: Entry, place: PolicyPlace, of: str | None) -> Iterator[Policy]:
        node = self._values.of(entry)
        if not place.within:
            address = f"{entry.address}:{place.argument}" if place.named else entry.address
            yield from self._read(node.get(place.argument), place.kind, address, of, entry)
            return
        nested = node.get(place.within)
        for index, each in enumerate(nested.values if isinstance(nested, Items) else (nested,)):
            address = f"{entry.address}:{place.within}[{index}]"
            if isinstance(each, Unknown):
                yield from self._read(each, place.kind, address, of, entry)
            elif isinstance(each, Mapping):
                yield from self._read(each.get(place.argument), place.kind, address, of, entry)

    def _read(
        self, node: Node | None, kind: PolicyKind, address: str, of: str | None, entry: Entry
    ) -> tuple[Policy, ...]:
        owner = self._values.deployment.owner(entry)
        if node == "":
            return ()
        node = _opened(node)
        start, end = entry.values
        at = None if node is None else node.at
        elsewhere = isinstance(at, Span) and isinstance(node, Mapping) and not start <= at.start < end
        consumer = self._values.header(entry) if elsewhere else None
        return policies(node, kind, address, of=of, owner=owner, consumer=consumer)

    def _control(self, entry: Entry) -> None:
        node = self._values.of(entry)
        type = node.get("type")
        kind = CONTROLS.get(str(type) if isinstance(type, Text) else "SERVICE_CONTROL_POLICY")
        if kind is not None:
            found = self._read(node.get("content"), kind, entry.address, None, entry)
            self.policies.extend(replace(each, owner=None) for each in found)

    def _key(self, entry: Entry) -> Key:
        node = self._values.of(entry)
        places = POLICIES.get(entry.type, (PolicyPlace("policy", PolicyKind.KEY),))
        own = [policy for place in places for policy in self._held(entry, place, entry.address)]
        found = (*own, *self._attached.get(entry.address, ()))
        arn = node.get("arn")
        if not isinstance(arn, Text):
            form = self._values.deployment.form(entry, "arn")
            arn = Text(f"<{entry.address}.arn>", self._values.header(entry), form)
        return Key(
            entry.address,
            self._values.header(entry),
            "terraform",
            owner=self._values.deployment.owner(entry),
            policies=found,
            policy_unknown=self._somewhere and not found,
            settings=self._settings(entry),
            replica="replica" in entry.type,
            arn=arn if arn.form != ANYTHING else None,
            aliases=tuple(self._names.get(entry.address, ())),
        )

    def _settings(self, entry: Entry) -> dict[str, Setting]:
        found = keys.settings(self._read_as(entry))
        return {name: _unveiled(each) if each.value == VEIL else each for name, each in found.items()}

    def _read_as(self, entry: Entry) -> Resource:
        """A resource as Terraform's own reader takes it."""
        header = self._values.header(entry)
        written = block("resource", (entry.type, entry.name), self._values.of(entry), header)
        return Resource(written, f"{entry.type}.{entry.name}", scope(), header)

    def _alias(self, entry: Entry) -> None:
        made = keys.alias(self._read_as(entry))
        of = self._target(self._values.of(entry).get("target_key_id"), "key")
        self.aliases.append(replace(made, address=entry.address, of=of))
        if of is not None and made.name is not None:
            self._names.setdefault(of, []).append(str(made.name))

    def _grant(self, entry: Entry) -> None:
        made = keys.grant(self._read_as(entry))
        of = self._target(self._values.of(entry).get("key_id"), "key")
        declared = {} if of is None else self._settings(self._values.outline.entries[of])
        self.grants.append(
            replace(
                made,
                address=entry.address,
                of=of,
                owner=self._values.deployment.owner(entry),
                spec=declared.get("spec"),
                usage=declared.get("usage"),
            )
        )

    def _secrets(self, entry: Entry) -> Iterator[Secret]:
        """What the configuration says as it is; values that come from outside of it are none of its faults."""
        written = self._values.configuration.resource(entry.module, entry.plain).get("expressions")
        for name, what in SECRETS.get(entry.type, {}).items():
            value = self._values.of(entry).get(name)
            said = constant(written.get(name)) if isinstance(written, dict) else None
            if isinstance(said, str) and said and isinstance(value, Text):
                yield Secret(entry.address, value.at, what)


def _opened(node: Node | None) -> Node | None:
    """A policy as it can be read: what is no policy but refers to something is unknown."""
    if not isinstance(node, Text) or node.form == node:
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


def _class(type: str) -> str:
    """What a resource is one of, whichever provider makes it."""
    return "key" if type in _KEYS else type.removeprefix("awscc_").removeprefix("aws_")
