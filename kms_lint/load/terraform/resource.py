"""A resource or data source as a value: the arguments that are written, and what the provider works out."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, NamedTuple

from kms_lint.load.terraform import policy_document
from kms_lint.load.terraform.attributes import DNS_SUFFIXES, OPAQUE, form_of
from kms_lint.load.terraform.instances import Instance, expansion
from kms_lint.load.terraform.providers import passed, root
from kms_lint.load.terraform.scope import Scope
from kms_lint.load.terraform.value import Encoded, is_null, lent, written
from kms_lint.source import Span
from kms_lint.syntax.expression import Block
from kms_lint.syntax.tree import ANYTHING, DEPLOYMENT_ACCOUNT, Mapping, Node, Scalar, Text, Unknown

_PART: Final = re.compile(r"\{([\w?]+)\}|<>")
_SEPARATORS: Final = re.compile(r"[:/*?$<>\s]+")
_KEY: Final = re.compile(r"<([^<>]*\b(?:aws|awscc)_kms_(?:external_|replica_|replica_external_)?key\.[^<>]+)\.key_id>")
_DATA: Final = re.compile(r"<([^<>]*\bdata\b[^<>]*_kms_(?:alias|key)\.[^<>]+)\.(?:target_key_id|id)>")
_LOOKED_UP_BY: Final = {"data.aws_kms_alias": "name", "data.aws_kms_key": "key_id"}
_MODULE: Final = re.compile(r'module\.[\w-]+(?:\[(?:"(?:[^"\\]|\\.)*"|[^\]"]*)\])?\.')
_CREDENTIALS: Final = ("profile", "access_key", "secret_key", "token", "shared_credentials_files", "assume_role")
_SYMBOLS: Final = frozenset({"account", "partition", "region"})


class Location(NamedTuple):
    """Where a resource is deployed; `<account>` and the like are those of the deployment as a whole."""

    partition: str
    region: str
    account: str


class Resource(Mapping):
    """The value of `aws_kms_key.main` or `data.aws_region.current`, without an attribute after it."""

    __slots__ = ("address", "block", "scope")

    def __init__(self, block: Block, address: str, scope: Scope, at: Span) -> None:
        """`address` names it, with its instance key as written."""
        super().__init__(self._written, at)
        self.block = block
        self.address = address
        self.scope = scope

    @property
    def type(self) -> str:
        """Its type, `data.` before that of a data source."""
        return f"data.{self.block.labels[0]}" if self.block.type == "data" else str(self.block.labels[0])

    def instance(self, key: str, at: Span) -> Resource:
        """One of several that `count` or `for_each` make."""
        return Resource(self.block, f"{self.address}[{key}]", self.scope, at)

    def written(self, name: str, at: Span) -> Node | None:
        """The value of an argument; `None` when it is not written, or null."""
        argument = self.block.arguments().get(name)
        if argument is None:
            return None
        scope = self.scope
        value = scope.once(f"{self.address}.{name}", at, lambda: scope.evaluate(argument.expression()))
        return None if is_null(value) else value

    def attribute(self, name: str, at: Span) -> Node:
        """The value of an attribute, at the place that refers to it."""
        if name in policy_document.ATTRIBUTES and self.type == policy_document.TYPE:
            node = policy_document.document(self, at)
            return Encoded(f"{self.address}.{name}", at, node)
        value = self.written(name, at)
        if value is not None:
            return lent(value, at, f"{self.address}.{name}")
        form = self._worked_out(name, at)
        if form is None:
            return Unknown(f"{self.address}.{name}", at)
        if form in location(self):
            return Text(form, at)
        return Text(f"<{self.address}.{name}>", at, form)

    def form(self, name: str, at: Span) -> str:
        """What an attribute is known to look like; opaque when nothing is known about it."""
        value = self.written(name, at)
        if isinstance(value, Text):
            return value.form
        if isinstance(value, Scalar):
            return value.text
        if value is not None:
            return ANYTHING
        form = self._worked_out(name, at)
        return self._opaque(name) if form is None else form

    def _worked_out(self, name: str, at: Span) -> str | None:
        special = _SPECIAL.get(f"{self.type}.{name}")
        if special is not None:
            return special(self, at)
        pattern = form_of(self.type, name)
        if pattern is None:
            return None
        prefix = self.written(f"{name}_prefix", at)
        if prefix is not None:
            return (prefix.form if isinstance(prefix, Text) else ANYTHING) + self._opaque(name)
        return _PART.sub(lambda match: self._part(match[1] or name, match[0] == OPAQUE, at), pattern)

    def _part(self, name: str, opaque: bool, at: Span) -> str:
        if opaque:
            return self._opaque(name)
        if name == "?":
            return ANYTHING
        if name in _SYMBOLS:
            return str(getattr(location(self), name))
        if name == "dns_suffix":
            return dns_suffix(location(self).partition)
        return self.form(name, at)

    def _opaque(self, name: str) -> str:
        return f"<{self._name()}.{name}>"

    def _name(self) -> str:
        """What it is called within text: its address without what means something in patterns and ARNs."""
        name = _SEPARATORS.sub("_", self.address)
        known = self.scope.run.resources
        while known.setdefault(name, self).address != self.address:
            name += "_"
        return name

    def _written(self) -> list[tuple[Text, Node]]:
        scope = self.scope
        return [(each.name, scope.evaluate(each.expression())) for each in self.block.arguments().values()]


def made(block: Block, address: str, instance: Instance, scope: Scope, at: Span) -> Resource:
    """An instance of a resource or data source; `address` names its block within the module."""
    inner = scope.unbound.bound(instance.names) if instance.names else scope.unbound
    return Resource(block, f"{scope.path}{address}{instance.suffix}", inner, at)


def key_address(text: Text | None, scope: Scope) -> str | None:
    """The address of the key that a key id or ARN is of, such as `aws_kms_key.main`, when it is one of the input."""
    match = None if text is None else _KEY.search(text.form)
    key = None if match is None else scope.run.resources.get(match[1])
    return None if key is None or key.block.type == "data" else key.address


def looked_up(text: Text | None, scope: Scope) -> str | None:
    """The alias by which a data source looks up the key of an id or ARN, where it is one, such as `alias/aws/ebs`."""
    match = None if text is None else _DATA.search(text.form)
    source = None if match is None else scope.run.resources.get(match[1])
    argument = None if source is None else _LOOKED_UP_BY.get(source.type)
    if source is None or argument is None:
        return None
    name = source.form(argument, source.block.header).rpartition(":")[2]
    return name if name.startswith("alias/") and ANYTHING not in name else None


def found(address: str, scope: Scope) -> Resource | None:
    """The resource of a full address, in whichever module it is; `None` when there is none in the input."""
    here, rest = root(scope), address
    while match := _MODULE.match(rest):
        inner = here.children.get(here.path + match[0])
        if inner is None:
            return None
        here, rest = inner, rest[match.end() :]
    name, bracket, key = rest.partition("[")
    block = here.configuration.resource(name)
    instances = () if block is None else expansion(block, name, here).instances
    instance = next((each for each in instances if each.suffix == bracket + key), None)
    return None if block is None or instance is None else made(block, name, instance, here, block.header)


def location(resource: Resource) -> Location:
    """Where a resource is deployed, from its provider and its `region`."""
    scope, arguments = resource.scope, resource.block.arguments()
    deployment = deployed(scope)
    if "provider" in arguments:
        deployment = _provided(*passed(scope, written(arguments["provider"].expression().at)), deployment)
    elif scope.call is not None:
        caller, name = passed(scope, "aws")
        deployment = deployment if name == "aws" else _provided(caller, name, deployment)
    if "region" in arguments:
        region = scope.evaluate(arguments["region"].expression())
        if isinstance(region, Text):
            deployment = deployment._replace(region=region.form)
    return deployment


def deployed(scope: Scope) -> Location:
    """Where a folder is deployed, as far as the user has said."""
    options = scope.configuration.options
    return _told(options.partition, options.region, options.account)


@lru_cache(maxsize=1)
def _told(partition: str | None, region: str | None, account: str | None) -> Location:
    return Location(
        partition or _partition(region) or "<partition>", region or "<region>", account or DEPLOYMENT_ACCOUNT
    )


def _partition(region: str | None) -> str | None:
    if region is None:
        return None
    for beginning, partition in (("cn-", "aws-cn"), ("us-gov-", "aws-us-gov"), ("us-iso-", "aws-iso")):
        if region.startswith(beginning):
            return partition
    return None if "iso" in region else "aws"


def dns_suffix(partition: str) -> str:
    """The suffix of a partition's host names; that of most partitions when it is not known which one it is."""
    return DNS_SUFFIXES.get(partition, "amazonaws.com")


def _provided(scope: Scope, name: str, deployment: Location) -> Location:
    """Another provider may be another account, unless it has the same credentials; and mostly is another region."""
    block = scope.configuration.provider(name)
    if block is None:
        return Location(deployment.partition, f"<{name}.region>", ANYTHING)
    region = scope.argument(block, "region")
    default = scope.configuration.provider(name.partition(".")[0])
    same = _credentials(block) == (() if default is None else _credentials(default))
    return Location(
        deployment.partition,
        region.form if isinstance(region, Text) else f"<{name}.region>",
        deployment.account if same else ANYTHING,
    )


def _credentials(provider: Block) -> tuple[str, ...]:
    arguments = [written(each.at) for name, each in provider.arguments().items() if name in _CREDENTIALS]
    blocks = [written(block.at) for block in provider.blocks() if block.type.startswith("assume_role")]
    return tuple(sorted(arguments + blocks))


def _region(resource: Resource, at: Span) -> str:
    """`data.aws_region`, which may ask for a region by name or endpoint."""
    if "endpoint" in resource.block.arguments():
        return ANYTHING
    for name in ("region", "name"):
        if name in resource.block.arguments():
            return resource.form(name, at)
    return location(resource).region


def _key_arn(resource: Resource, at: Span) -> str:
    """`data.aws_kms_key`, which is looked up by id, ARN, alias name or alias ARN."""
    given = resource.form("key_id", at)
    if ":key/" in given and ANYTHING not in given:
        return given
    opaque = resource._opaque("id")
    if given.startswith("arn:") and ":alias/" in given and ANYTHING not in given:
        return f"{given.partition(':alias/')[0]}:key/{opaque}"
    partition, region, account = location(resource)
    if ANYTHING in given:
        return f"arn:{partition}:kms:{ANYTHING}:{ANYTHING}:key/{opaque}"
    return f"arn:{partition}:kms:{region}:{account}:key/{opaque if given.startswith('alias/') else given}"


def _key_id(resource: Resource, at: Span) -> str:
    return _key_arn(resource, at).rpartition(":key/")[2]


def _target_arn(resource: Resource, at: Span) -> str:
    """The key of an alias, which is given by id or by ARN."""
    target = resource.form("target_key_id", at)
    if target.startswith("arn:") or target == ANYTHING:
        return target
    partition, region, account = location(resource)
    return f"arn:{partition}:kms:{region}:{account}:key/{target}"


_SPECIAL: Final = {
    "data.aws_region.name": _region,
    "data.aws_region.region": _region,
    "data.aws_region.id": _region,
    "data.aws_kms_key.arn": _key_arn,
    "data.aws_kms_key.id": _key_id,
    "aws_kms_alias.target_key_arn": _target_arn,
}
