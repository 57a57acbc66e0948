"""Configuration items of AWS Config: keys, aliases and what IAM holds.

https://docs.aws.amazon.com/config/latest/APIReference/API_ConfigurationItem.html
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from kms_lint.errors import MalformedError
from kms_lint.load.answers import iam, kms
from kms_lint.load.answers.found import Found, owned
from kms_lint.load.answers.members import account, member, opened, setting, text, written
from kms_lint.load.options import Options
from kms_lint.load.policy import embedded, policies
from kms_lint.model import PolicyKind, Problem
from kms_lint.syntax.tree import Items, Mapping, Node, Text

_IDENTITIES: Final = {"AWS::IAM::Role": "Role", "AWS::IAM::User": "User", "AWS::IAM::Group": "Group"}
_OURS: Final = frozenset({*_IDENTITIES, "AWS::IAM::Policy", "AWS::KMS::Key", "AWS::KMS::Alias"})
_SEVERAL: Final = ("configurationItems", "baseConfigurationItems")
_ONE: Final = ("configurationItem", "invokingEvent", "detail")

WORDS: Final = "configuration items of AWS Config"
"""What they are called."""


def items(node: Mapping, options: Options, found: Found, depth: int = 0) -> bool:
    """A configuration item, a list of them in a snapshot or in a history, or an event about one."""
    for name in _SEVERAL:
        several = member(node, name)
        if isinstance(several, Items):
            for each in several.values:
                if isinstance(each, Mapping):
                    _item(each, options, found)
            return True
    for name in _ONE:
        one = opened(member(node, name))
        if isinstance(one, Mapping) and depth < len(_ONE):
            return items(one, options, found, depth + 1)
    return _item(node, options, found)


def _item(node: Mapping, options: Options, found: Found) -> bool:
    type = text(node, "ResourceType")
    if type is None or "configuration" not in node:
        return False
    configuration = opened(member(node, "Configuration"))
    if type in _OURS and isinstance(configuration, Text) and configuration:
        found.problems.append(_broken(configuration))
    elif type in _OURS and isinstance(configuration, Mapping):
        here = options if text(node, "AccountId") is None else replace(options, account=text(node, "AccountId"))
        _resource(type, node, configuration, here, found)
    return True


def _broken(configuration: Text) -> Problem:
    try:
        embedded(configuration)
    except MalformedError as error:
        return Problem("malformed-document", f"`configuration` should be JSON: {error.message}", error.at)
    return Problem("malformed-document", "`configuration` is text where an object belongs", configuration.at)


def _resource(type: str, item: Mapping, configuration: Mapping, options: Options, found: Found) -> None:
    if type in _IDENTITIES:
        iam.identity(configuration, _IDENTITIES[type], options, found)
    elif type == "AWS::IAM::Policy":
        iam.managed_policy(configuration, options, found)
    elif type == "AWS::KMS::Alias":
        made = kms.alias(configuration)
        if made.name is not None and not made.name.startswith("alias/aws/"):
            found.aliases.append(made)
    else:
        _key(item, configuration, options, found)


def _key(item: Mapping, configuration: Mapping, options: Options, found: Found) -> None:
    """A key with what AWS Config keeps beside its metadata: its policy and whether it rotates."""
    key = kms.described(configuration, options)
    arn = written(item, "ARN") or written(item, "arn")
    if key.arn is None and arn is not None and arn.startswith("arn:"):
        key = replace(key, arn=arn, owner=key.owner or account(arn))
    beside = opened(member(item, "SupplementaryConfiguration"))
    if isinstance(beside, Mapping):
        if member(beside, "KeyRotationStatus") is not None:
            key = replace(key, settings={**key.settings, "rotation": setting(beside, "KeyRotationStatus")})
        policy = _policy(member(beside, "Policy"))
        read = policies(policy, PolicyKind.KEY, key.address, of=key.address, owner=key.owner)
        key = replace(key, policies=tuple(owned(each, key) for each in read), policy_unknown=policy is None)
    found.keys.append(key)


def _policy(node: Node | None) -> Node | None:
    """The policy beside a key: an object or text, as text of JSON once more, or as the text of an object."""
    if isinstance(node, Text) and node.lstrip().startswith('"'):
        node = opened(node)
    wrapped = member(node, "PolicyText")
    return node if wrapped is None else wrapped
