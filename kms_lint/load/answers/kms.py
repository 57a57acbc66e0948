"""Answers of `aws kms`: key policies, grants, keys and aliases.

https://docs.aws.amazon.com/cli/latest/reference/kms/
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from kms_lint.errors import MalformedError
from kms_lint.load.answers.found import NAMELESS, Found
from kms_lint.load.answers.members import account, member, setting, text, written
from kms_lint.load.grantee import names_service
from kms_lint.load.options import Options
from kms_lint.load.policy import embedded, guessed, policies
from kms_lint.model import Alias, Constraint, Grant, Key, PolicyKind, Setting
from kms_lint.syntax.tree import ANYTHING, Items, Mapping, Node, Text, Unknown

_METADATA: Final = {
    "CustomerMasterKeySpec": "spec",
    "KeySpec": "spec",
    "KeyUsage": "usage",
    "Origin": "origin",
    "Enabled": "enabled",
    "KeyState": "state",
    "MultiRegion": "multi_region",
    "CustomKeyStoreId": "custom_key_store",
    "KeyManager": "manager",
    "ValidTo": "valid_to",
    "Description": "description",
    "DeletionDate": "deletion_date",
}


_POLICY_NAMES: Final = frozenset({"default", "AWS_RAM"})
"""Those that a key can have. https://docs.aws.amazon.com/kms/latest/APIReference/API_GetKeyPolicy.html ."""


def key_policy(node: Mapping, value: Node, options: Options, found: Found) -> bool:
    """`get-key-policy`; what other services print under the same name is of the kind that it reads like."""
    if not isinstance(value, Text | Mapping):
        return False
    kind, assumed = PolicyKind.KEY, text(node, "PolicyName") not in _POLICY_NAMES
    if assumed or isinstance(value, Mapping):
        try:
            guess = guessed(embedded(value) if isinstance(value, Text) else value)
        except MalformedError:
            guess = None
        if guess is None:
            return False
        kind, assumed = guess if assumed else (kind, False)
    address = text(node, "PolicyName") or "Policy"
    found.policies += policies(value, kind, address, owner=options.account, assumed=assumed)
    return True


def grants(node: Mapping, value: Node, options: Options, found: Found) -> bool:
    """`list-grants`, and `list-retirable-grants`."""
    each = [one for one in value.values if isinstance(one, Mapping)] if isinstance(value, Items) else None
    if each is None or not all("Operations" in one or "KeyId" in one for one in each):
        return False
    found.grants += [_grant(one, index, options) for index, one in enumerate(each)]
    return True


def _grant(node: Mapping, index: int, options: Options) -> Grant:
    operations = node.get("Operations")
    service = node.get("GranteeServicePrincipal")
    grantee = node.get("GranteePrincipal") or service
    name = written(node, "Name")
    return Grant(
        text(node, "GrantId") or f"Grants[{index}]",
        node.at,
        grantee if isinstance(grantee, Text) else None,
        tuple(_operations(operations)),
        operations.at if operations is not None else node.at,
        written(node, "KeyId"),
        account(text(node, "KeyId")) or account(text(node, "IssuingAccount")) or options.account,
        retiring=written(node, "RetiringPrincipal") or written(node, "RetiringServicePrincipal"),
        constraints=tuple(_constraints(node.get("Constraints"))),
        name=name or None,
        service=isinstance(grantee, Text) and (grantee is service or names_service(grantee)),
    )


def _operations(node: Node | None) -> Iterator[Text]:
    for each in node.values if isinstance(node, Items) else (node,):
        if isinstance(each, Unknown):
            yield Text(f"<{each.expression}>", each.at, ANYTHING)
        elif isinstance(each, Text):
            yield each


def _constraints(node: Node | None) -> Iterator[Constraint]:
    for name, value in node.entries if isinstance(node, Mapping) else ():
        yield Constraint(str(name), len(value) if isinstance(value, Mapping) else None, value.at, tuple(_pairs(value)))


def _pairs(value: Node) -> Iterator[tuple[Text, Text]]:
    """The pairs of an encryption context; a text by itself has an empty name."""
    if isinstance(value, Text):
        yield Text("", value.at), value
    for name, each in value.entries if isinstance(value, Mapping) else ():
        if isinstance(each, Text):
            yield name, each


def metadata(node: Mapping, value: Node, options: Options, found: Found) -> bool:
    """`describe-key`, which says nothing about rotation."""
    if not isinstance(value, Mapping):
        return False
    found.keys.append(described(value, options))
    return True


def described(node: Mapping, options: Options) -> Key:
    """A key by its metadata."""
    settings = {ours: setting(node, name) for name, ours in _METADATA.items() if member(node, name) is not None}
    settings["rotation"] = Setting(None, False, node.at, "KeyRotationEnabled")
    regions = member(node, "MultiRegionConfiguration")
    replica = text(regions, "MultiRegionKeyType") == "REPLICA"
    primary = written(member(regions, "PrimaryKey"), "Arn") if replica else None
    return replace(_key(node, options, settings, replica), primary=primary)


def rotation(node: Mapping, value: Node, options: Options, found: Found) -> bool:
    """`get-key-rotation-status`, which says nothing of what kind of key it is."""
    settings = {"rotation": setting(node, "KeyRotationEnabled")}
    if "RotationPeriodInDays" in node:
        settings["rotation_period"] = setting(node, "RotationPeriodInDays")
    for ours in ("spec", "origin", "usage", "custom_key_store"):
        settings[ours] = Setting(None, False, node.at, ours)
    found.keys.append(_key(node, options, settings, False))
    return True


def _key(node: Mapping, options: Options, settings: dict[str, Setting], replica: bool) -> Key:
    arn, id = written(node, "Arn") or written(node, "KeyId"), text(node, "KeyId")
    owner = text(node, "AWSAccountId") or text(node, "awsaccountId") or account(arn) or options.account
    return Key(
        _address(id or arn, arn),
        node.at,
        "cli",
        owner,
        policy_unknown=True,
        settings=settings,
        replica=replica,
        arn=arn if arn is not None and arn.startswith("arn:") else None,
    )


def _address(id: str | None, arn: str | None) -> str:
    """The id of a key; its ARN for a multi-Region key, of which each Region has one with the same id."""
    bare = (id or "").rpartition(":key/")[2]
    if bare.startswith("mrk-") and arn is not None and arn.startswith("arn:"):
        return str(arn)
    return bare or NAMELESS


def aliases(node: Mapping, value: Node, options: Options, found: Found) -> bool:
    """`list-aliases`; those that AWS made are left out."""
    each = [one for one in value.values if isinstance(one, Mapping)] if isinstance(value, Items) else None
    if each is None or not all("AliasName" in one for one in each):
        return False
    found.aliases += [alias(one) for one in each if not (text(one, "AliasName") or "").startswith("alias/aws/")]
    return True


def alias(node: Mapping) -> Alias:
    """One alias, with the key that it points to."""
    return Alias(text(node, "AliasName") or "", node.at, written(node, "AliasName"), written(node, "TargetKeyId"))
