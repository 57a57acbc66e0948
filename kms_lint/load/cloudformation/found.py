"""What has been found in a template so far."""

from __future__ import annotations

from typing import Final

from kms_lint.load.cloudformation import keys, serverless
from kms_lint.load.cloudformation.attachments import TYPES, attached_policies, identity, kinds_not_known
from kms_lint.load.cloudformation.cdk import construct
from kms_lint.load.cloudformation.consumers import arriving, consumers, deliveries
from kms_lint.load.cloudformation.ignores import ignores
from kms_lint.load.cloudformation.intrinsics import Member
from kms_lint.load.cloudformation.places import CONSUMERS, DELIVERIES, IDENTITIES
from kms_lint.load.cloudformation.resource import Resource
from kms_lint.load.cloudformation.stack import Stack
from kms_lint.load.cloudformation.surroundings import ENDPOINT, TRAILS, endpoint, trail
from kms_lint.load.reading import described
from kms_lint.model import (
    Alias,
    Consumer,
    Delivery,
    Document,
    Endpoint,
    Identity,
    InlineIgnore,
    Key,
    Policy,
    Problem,
    Trail,
    Unresolved,
)
from kms_lint.syntax.tree import Mapping, Node, Text, Unknown

_KEYS: Final = frozenset({"AWS::KMS::Key", "AWS::KMS::ReplicaKey"})
_ALIAS: Final = "AWS::KMS::Alias"
_OURS: Final = frozenset({*_KEYS, _ALIAS, *TRAILS, ENDPOINT, *TYPES, *CONSUMERS, *IDENTITIES})


class Found:
    """The keys, policies and the rest of one stack."""

    def __init__(self, stack: Stack) -> None:
        """Nothing is found yet."""
        self._stack = stack
        self.keys: list[Key] = []
        self.policies: list[Policy] = []
        self.aliases: list[Alias] = []
        self.consumers: list[Consumer] = []
        self.deliveries: list[Delivery] = []
        self.identities: list[Identity] = []
        self.trails: list[Trail] = []
        self.endpoints: list[Endpoint] = []
        self.problems: list[Problem] = []
        self.unresolved: list[Unresolved] = []
        self.ignores: list[InlineIgnore] = []
        self.constructs: dict[str, str] = {}

    def add(self, member: Member | Unknown) -> None:
        """Add what a resource holds."""
        if isinstance(member, Unknown):
            message = f"the resources that it makes are not known: {member.reason}"
            self.unresolved.append(Unresolved(member.expression, message, member.at))
            return
        name, node = member.name, member.value
        if name.startswith("Fn::"):
            self.unresolved.append(Unresolved(str(name), f"resources made by `{name}` are not read", name.at))
            return
        if not isinstance(node, Mapping):
            self._refuse(f"the resource `{name}` is {described(node)} where an object belongs", node)
            return
        type = node.get("Type")
        if not isinstance(type, Text) or not (type in _OURS or type in DELIVERIES):
            return
        given = self._stack.given(member)
        if given is None:
            return
        member = member._replace(intrinsics=member.intrinsics.under(given))
        told = len(self.problems), len(self.unresolved)
        properties = self._properties(member, node, str(type))
        if type not in _OURS:  # it holds nothing of ours, so that nothing is told of how it is written
            del self.problems[told[0] :], self.unresolved[told[1] :]
        if properties is None:
            return
        stack = self._stack
        resource = Resource(member, str(type), node, properties, stack.references, stack.prefix, given)
        if type in DELIVERIES:
            self.deliveries.extend(deliveries(resource))
        if type not in _OURS:
            return
        self.ignores.extend(ignores(node, name))
        made = construct(node)
        if made is not None:
            self.constructs[f"{self._stack.prefix}{name}"] = made
        self._read(resource)

    def _properties(self, member: Member, node: Mapping, type: str) -> dict[str, Member] | None:
        """The properties of a resource by name; `None` where they cannot be read."""
        written = node.get("Properties")
        if written is not None and not isinstance(written, Mapping):
            self._refuse(f"`Properties` of `{member.name}` is {described(written)} where an object belongs", written)
            return None
        found: dict[str, Member] = {}
        for each in member.intrinsics.members(written) if written is not None else ():
            if isinstance(each, Unknown) or each.name.startswith("Fn::"):
                expression, reason = (
                    (str(each.name), "") if isinstance(each, Member) else (each.expression, each.reason)
                )
                message = f"a macro makes `{member.name}`" + (f": {reason}" if reason else "")
                self.unresolved.append(Unresolved(expression, message, member.name.at))
                return None
            found[str(each.name)] = each
        return self._with_globals(member, type, found)

    def _with_globals(self, member: Member, type: str, own: dict[str, Member]) -> dict[str, Member]:
        """The properties over those that SAM takes from `Globals`."""
        sections = self._stack.node.get("Globals")
        general = sections.get(serverless.GLOBALS.get(type, "")) if isinstance(sections, Mapping) else None
        if not isinstance(general, Mapping):
            return own
        for name, value in general.entries:
            mine = own.get(str(name))
            merged = value if mine is None else serverless.merged(value, mine.value)
            own[str(name)] = Member(name if mine is None else mine.name, merged, member.intrinsics)
        return own

    def _read(self, resource: Resource) -> None:
        if resource.type in _KEYS:
            self.keys.append(keys.key(resource))
        elif resource.type == _ALIAS:
            self.aliases.append(keys.alias(resource))
        if resource.type in TYPES:
            self.policies.extend(attached_policies(resource))
            self.unresolved.extend(kinds_not_known(resource))
        if resource.type in CONSUMERS:
            self.consumers.extend(consumers(resource))
        if resource.type in TRAILS:
            self.trails.append(trail(resource))
        elif resource.type == ENDPOINT:
            self.endpoints.append(endpoint(resource))
        who = identity(resource)
        if who is not None:
            self.identities.append(who)

    def document(self, path: str, kind: str) -> Document:
        """All of it as a document."""
        return Document(
            path,
            "cloudformation",
            kind,
            self._stack.source,
            keys=tuple(self.keys),
            policies=tuple(self.policies),
            aliases=tuple(self.aliases),
            problems=tuple(self.problems),
            unresolved=tuple(self.unresolved),
            ignores=tuple(self.ignores),
            consumers=tuple(self.consumers),
            deliveries=tuple(arriving(self.deliveries, self.consumers)),
            identities=tuple(self.identities),
            constructs=self.constructs,
            trails=tuple(self.trails),
            endpoints=tuple(self.endpoints),
        )

    def _refuse(self, message: str, node: Node) -> None:
        self.problems.append(Problem("malformed-document", message, node.at))
