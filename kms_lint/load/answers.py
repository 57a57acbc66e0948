"""What the AWS CLI prints: key policies, policy versions, grants, keys and aliases.

https://docs.aws.amazon.com/cli/latest/reference/kms/
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from kms_lint.errors import MalformedError
from kms_lint.load.options import Options
from kms_lint.load.policy import embedded, guessed, policies
from kms_lint.model import Alias, Constraint, Document, Grant, Key, Policy, PolicyKind, Setting
from kms_lint.source import Source
from kms_lint.syntax.tree import ANYTHING, Items, Mapping, Node, Scalar, Text, Unknown

_METADATA: Final = {
    "KeySpec": "spec",
    "KeyUsage": "usage",
    "Origin": "origin",
    "Enabled": "enabled",
    "MultiRegion": "multi_region",
    "CustomKeyStoreId": "custom_key_store",
    "KeyManager": "manager",
    "Description": "description",
}
_TARGETS: Final = {"SERVICE_CONTROL_POLICY": PolicyKind.SCP, "RESOURCE_CONTROL_POLICY": PolicyKind.RCP}


def answer(node: Node, path: str, source: Source, options: Options) -> Document | None:
    """What a command printed; `None` for what none of the commands that are known prints."""
    if not isinstance(node, Mapping):
        return None
    for name, (words, read) in _ANSWERS.items():
        value = node.get(name)
        document = read(node, value, options) if value is not None else None
        if document is not None:
            return Document(
                path,
                "cli",
                words,
                source,
                keys=tuple(each for each in document if isinstance(each, Key)),
                policies=tuple(each for each in document if isinstance(each, Policy)),
                grants=tuple(each for each in document if isinstance(each, Grant)),
                aliases=tuple(each for each in document if isinstance(each, Alias)),
            )
    return None


_Found = list[Policy | Key | Grant | Alias]


def _policy(node: Mapping, value: Node, options: Options) -> _Found | None:
    if isinstance(value, Mapping):
        return _organization_policy(value)
    if not isinstance(value, Text):
        return None
    named = "PolicyName" in node
    kind, assumed = PolicyKind.KEY, not named
    if not named:
        try:
            guess = guessed(embedded(value))
        except MalformedError:
            guess = None
        if guess is None:
            return None
        kind, assumed = guess
    address = _text(node, "PolicyName") or "Policy"
    return [*policies(value, kind, address, owner=options.account, assumed=assumed)]


def _organization_policy(value: Mapping) -> _Found | None:
    summary = value.get("PolicySummary")
    kind = _TARGETS.get(_text(summary, "Type") or "")
    if kind is None:
        return None
    return [*policies(value.get("Content"), kind, _text(summary, "Name") or "Policy")]


def _policy_version(node: Mapping, value: Node, options: Options) -> _Found | None:
    document = value.get("Document") if isinstance(value, Mapping) else None
    if document is None:
        return None
    address = _text(value, "VersionId") or "PolicyVersion"
    return [*policies(document, PolicyKind.IDENTITY, address, owner=options.account)]


def _inline_policy(node: Mapping, value: Node, options: Options) -> _Found | None:
    of = _text(node, "RoleName") or _text(node, "UserName") or _text(node, "GroupName")
    name = _text(node, "PolicyName")
    if of is None and name is None:
        return None
    address = ":".join(part for part in (of, name) if part)
    return [*policies(value, PolicyKind.IDENTITY, address, of=of, owner=options.account)]


def _grants(node: Mapping, value: Node, options: Options) -> _Found | None:
    found = [each for each in value.values if isinstance(each, Mapping)] if isinstance(value, Items) else None
    if found is None or not all("Operations" in each or "KeyId" in each for each in found):
        return None
    return [_grant(each, index, options) for index, each in enumerate(found)]


def _grant(node: Mapping, index: int, options: Options) -> Grant:
    key, operations = node.get("KeyId"), node.get("Operations")
    service = node.get("GranteeServicePrincipal")
    grantee = node.get("GranteePrincipal") or service
    retiring = node.get("RetiringPrincipal") or node.get("RetiringServicePrincipal")
    name = node.get("Name")
    return Grant(
        _text(node, "GrantId") or f"Grants[{index}]",
        node.at,
        grantee if isinstance(grantee, Text) else None,
        tuple(_operations(operations)),
        operations.at if operations is not None else node.at,
        key if isinstance(key, Text) else None,
        _account(_text(node, "KeyId")) or _account(_text(node, "IssuingAccount")) or options.account,
        retiring=retiring if isinstance(retiring, Text) else None,
        constraints=tuple(_constraints(node.get("Constraints"))),
        name=name if isinstance(name, Text) and name else None,
        service=isinstance(grantee, Text) and (grantee is service or grantee.endswith(".amazonaws.com")),
    )


def _operations(node: Node | None) -> Iterator[Text]:
    for each in node.values if isinstance(node, Items) else (node,):
        if isinstance(each, Unknown):
            yield Text(f"<{each.expression}>", each.at, ANYTHING)
        elif isinstance(each, Text):
            yield each


def _constraints(node: Node | None) -> Iterator[Constraint]:
    for name, value in node.entries if isinstance(node, Mapping) else ():
        yield Constraint(str(name), len(value) if isinstance(value, Mapping) else None, value.at)


def _account(arn: str | None) -> str | None:
    parts = (arn or "").split(":")
    if len(parts) == 1 and parts[0].isdecimal() and len(parts[0]) == 12:
        return parts[0]
    return parts[4] if len(parts) > 5 and parts[4].isdecimal() else None


def _metadata(node: Mapping, value: Node, options: Options) -> _Found | None:
    if not isinstance(value, Mapping):
        return None
    settings = {ours: _setting(value, name) for name, ours in _METADATA.items() if name in value}
    replica = _text(value.get("MultiRegionConfiguration"), "MultiRegionKeyType") == "REPLICA"
    settings["rotation"] = Setting(None, False, value.at, "KeyRotationEnabled")
    return [_key(value, options, settings, replica)]


def _rotation(node: Mapping, value: Node, options: Options) -> _Found | None:
    settings = {"rotation": _setting(node, "KeyRotationEnabled")}
    if "RotationPeriodInDays" in node:
        settings["rotation_period"] = _setting(node, "RotationPeriodInDays")
    for ours in ("spec", "origin", "usage", "custom_key_store"):
        settings[ours] = Setting(None, False, node.at, ours)
    return [_key(node, options, settings, False)]


def _key(node: Mapping, options: Options, settings: dict[str, Setting], replica: bool) -> Key:
    arn = node.get("Arn") or node.get("KeyId")
    owner = _text(node, "AWSAccountId") or _account(str(arn)) or options.account
    return Key(
        _text(node, "KeyId") or _text(node, "Arn") or "KeyMetadata",
        node.at,
        "cli",
        owner,
        policy_unknown=True,
        settings=settings,
        replica=replica,
        arn=arn if isinstance(arn, Text) and arn.startswith("arn:") else None,
    )


def _setting(node: Mapping, name: str) -> Setting:
    value = node.get(name)
    at = value.at if value is not None else node.at
    if isinstance(value, Text):
        return Setting(str(value), True, at, name)
    return Setting(value.value, True, at, name) if isinstance(value, Scalar) else Setting(None, False, at, name)


def _aliases(node: Mapping, value: Node, options: Options) -> _Found | None:
    found = [each for each in value.values if isinstance(each, Mapping)] if isinstance(value, Items) else None
    if found is None or not all("AliasName" in each for each in found):
        return None
    return [_alias(each) for each in found if not (_text(each, "AliasName") or "").startswith("alias/aws/")]


def _alias(node: Mapping) -> Alias:
    name, target = node.get("AliasName"), node.get("TargetKeyId")
    return Alias(
        _text(node, "AliasName") or "",
        node.at,
        name if isinstance(name, Text) else None,
        target if isinstance(target, Text) else None,
    )


def _text(node: Node | None, name: str) -> str | None:
    value = node.get(name) if isinstance(node, Mapping) else None
    return str(value) if isinstance(value, Text) and value else None


_Read = Callable[[Mapping, Node, Options], _Found | None]
_ANSWERS: Final[dict[str, tuple[str, _Read]]] = {
    "PolicyVersion": ("answer of aws iam get-policy-version", _policy_version),
    "PolicyDocument": ("answer of aws iam get-role-policy", _inline_policy),
    "Policy": ("answer of aws kms get-key-policy", _policy),
    "Grants": ("answer of aws kms list-grants", _grants),
    "KeyMetadata": ("answer of aws kms describe-key", _metadata),
    "KeyRotationEnabled": ("answer of aws kms get-key-rotation-status", _rotation),
    "Aliases": ("answer of aws kms list-aliases", _aliases),
}
