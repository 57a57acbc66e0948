"""Keys and aliases of a template.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-kms-key.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from kms_lint.load.cloudformation.members import as_text, settled
from kms_lint.load.cloudformation.resource import Resource
from kms_lint.load.policy import policies
from kms_lint.load.variants import Settle, as_written, varied
from kms_lint.model import Alias, Key, PolicyKind, Setting, Unresolved
from kms_lint.syntax.tree import Choice, Node, Scalar, Text, Unknown

_SETTINGS: Final = {
    "EnableKeyRotation": "rotation",
    "RotationPeriodInDays": "rotation_period",
    "PendingWindowInDays": "deletion_window",
    "Enabled": "enabled",
    "MultiRegion": "multi_region",
    "KeySpec": "spec",
    "KeyUsage": "usage",
    "Origin": "origin",
    "BypassPolicyLockoutSafetyCheck": "bypass",
    "Description": "description",
}
_ATTRIBUTES: Final = {"DeletionPolicy": "deletion_policy", "UpdateReplacePolicy": "update_replace_policy"}
"""What a resource says beside its properties. https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html ."""
_TRUTHS: Final = frozenset({"rotation", "enabled", "multi_region", "bypass"})
_ONLY_SHOWN: Final = frozenset({"description"})


def key(resource: Resource) -> Key:
    """A key, or a replica of one, with its key policy."""
    arn = resource.attribute_of(resource.name, "Arn")
    made = Key(
        resource.id,
        resource.name.at,
        "cloudformation",
        resource.account,
        policies(
            resource.property("KeyPolicy"),
            PolicyKind.KEY,
            resource.id,
            of=resource.id,
            owner=resource.account,
            given=resource.given,
        ),
        isinstance(resource.property("KeyPolicy"), Unknown),
        dict(settings(resource)),
        resource.type == "AWS::KMS::ReplicaKey",
        arn if isinstance(arn, Text) else None,
        primary=_primary(resource),
    )
    values = [settled(value) for name, value in resource.entries() if _judged(name)]
    return varied(made, values, lambda settle: dict(settings(resource, settle)), resource.given)


def _primary(resource: Resource) -> Text | None:
    """The ARN of the key that a replica is of, where it is a single text."""
    value = settled(resource.property("PrimaryKeyArn")) if resource.type == "AWS::KMS::ReplicaKey" else None
    return value if isinstance(value, Text) else None


def _judged(name: str) -> bool:
    return _SETTINGS.get(name, "description") not in _ONLY_SHOWN


def settings(resource: Resource, settle: Settle = as_written) -> Iterator[tuple[str, Setting]]:
    """The settings that were written, by our names."""
    for name, value in resource.entries():
        ours = _SETTINGS.get(name)
        node = settle(settled(value)) if _judged(name) else settled(value)
        if ours is not None and node is not None:
            yield ours, _setting(node, ours, name)
    for written, ours in _ATTRIBUTES.items():
        said = resource.node.get(written)
        if isinstance(said, Text):
            yield ours, _setting(said, ours, Text(written, said.at))


def _setting(node: Node, ours: str, name: Text) -> Setting:
    at = node.at
    if isinstance(node, Scalar):
        return Setting(node.value, True, at, str(name))
    if isinstance(node, Text) and node.known:
        truth = {"true": True, "false": False}.get(node.lower()) if ours in _TRUTHS else None
        return Setting(node.form if truth is None else truth, True, at, str(name))
    return Setting(None, False, at, str(name), None if ours in _ONLY_SHOWN else _open(node, name))


def _open(node: Node, name: Text) -> Unresolved | None:
    """What stands in the way of the value of a property: it is not known, or depends on a condition."""
    if isinstance(node, Unknown):
        message = node.reason or f"`{name}` is only known when it is deployed"
        return Unresolved(node.expression, message, node.at)
    if isinstance(node, Choice):
        condition = node.branches[0].condition
        return Unresolved(f"!If {condition}", f"`{name}` depends on the condition `{condition}`", node.at)
    if isinstance(node, Text):
        return Unresolved(str(node).strip("<>"), f"part of `{name}` is only known when it is deployed", node.at)
    return None


def alias(resource: Resource) -> Alias:
    """An alias, with the name and the target as far as they are known."""
    target = settled(resource.property("TargetKeyId"))
    return Alias(
        resource.id,
        resource.name.at,
        as_text(resource.property("AliasName")),
        target if isinstance(target, Text) else None,
        deployed=f"{resource.prefix} {resource.node.get('Condition') or ''}",
    )
