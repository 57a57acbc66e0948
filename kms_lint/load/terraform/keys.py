"""Keys, aliases, grants and secrets of a folder.

https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/kms_key and its neighbours
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from kms_lint.load.terraform.attachments import Attachment, attached, owner
from kms_lint.load.terraform.configuration import UNFILED
from kms_lint.load.terraform.resource import Resource, found, key_address
from kms_lint.load.terraform.scope import Scope
from kms_lint.load.terraform.value import Encoded, Rendered, is_null, text_of
from kms_lint.load.variants import Settle, as_written, varied
from kms_lint.model import Alias, Constraint, Grant, Key, Policy, PolicyKind, Secret, Setting, Unresolved
from kms_lint.source import Passage
from kms_lint.syntax.expression import Argument, Block
from kms_lint.syntax.tree import Choice, Items, Mapping, Node, Scalar, Text, Unknown

KEYS: Final = frozenset({"aws_kms_key", "aws_kms_external_key", "aws_kms_replica_key", "aws_kms_replica_external_key"})

_SETTINGS: Final = {
    "bypass_policy_lockout_safety_check": "bypass",
    "custom_key_store_id": "custom_key_store",
    "customer_master_key_spec": "spec",
    "deletion_window_in_days": "deletion_window",
    "description": "description",
    "enable_key_rotation": "rotation",
    "enabled": "enabled",
    "is_enabled": "enabled",
    "key_spec": "spec",
    "key_usage": "usage",
    "multi_region": "multi_region",
    "rotation_period_in_days": "rotation_period",
}
_ONLY_SHOWN: Final = frozenset({"description"})
_TRUTHS: Final = frozenset({"bypass", "enabled", "multi_region", "rotation"})
_SECRETS: Final = {
    "aws_kms_external_key": {"key_material_base64": "key material"},
    "aws_kms_replica_external_key": {"key_material_base64": "key material"},
    "aws_kms_custom_key_store": {"key_store_password": "the password of a key store"},
    "aws_kms_ciphertext": {
        "plaintext": "the plaintext of a ciphertext",
        "plaintext_wo": "the plaintext of a ciphertext",
    },
}
_XKS: Final = {
    "access_key_id": "the credential of a key store proxy",
    "raw_secret_access_key": "the credential of a key store proxy",
}
_CONSTRAINTS: Final = {
    "encryption_context_equals": "EncryptionContextEquals",
    "encryption_context_subset": "EncryptionContextSubset",
    "source_arn": "SourceArn",
}


def key(
    itself: Resource,
    policies: tuple[Policy, ...],
    unknown: bool,
    aliases: tuple[str, ...],
    beside: dict[str, Setting],
) -> Key:
    """A key with its own policy and those that `aws_kms_key_policy` attaches to it, with the settings beside them."""
    block = itself.block
    itself.scope.look_into(block)
    account = owner(itself)
    argument = block.arguments().get("policy")
    if argument is not None:
        attachment = Attachment(PolicyKind.KEY, itself.address, itself.address, account)
        policies = (*attached(itself.scope, block, argument, attachment), *policies)
    arn = itself.attribute("arn", block.header)
    made = Key(
        itself.address,
        block.header,
        "terraform",
        owner=account,
        policies=policies,
        policy_unknown=unknown and not policies,
        settings={**settings(itself), **beside},
        replica="replica" in itself.type,
        arn=arn if isinstance(arn, Text) else None,
        aliases=aliases,
    )
    values = [
        itself.written(name, each.at)
        for name, each in block.arguments().items()
        if _SETTINGS.get(name, "description") not in _ONLY_SHOWN
    ]
    return varied(made, values, lambda settle: {**settings(itself, settle), **beside})


def settings(itself: Resource, settle: Settle = as_written) -> dict[str, Setting]:
    """The arguments of a key by our names, as far as they are written and not null."""
    found: dict[str, Setting] = {}
    for name, argument in itself.block.arguments().items():
        ours = _SETTINGS.get(name)
        if ours is not None:
            value = itself.written(name, argument.at)
            made = setting(value if ours in _ONLY_SHOWN else settle(value), argument, ours in _TRUTHS)
            if made is not None:
                found[ours] = made
    origin = _origin(itself, found)
    if origin is not None:
        found["origin"] = origin
    return found


def setting(value: Node | None, argument: Argument, truth: bool) -> Setting | None:
    """An argument as a setting; `None` when it is null."""
    if value is None or is_null(value):
        return None
    at, name = value.at, str(argument.name)
    if isinstance(value, Scalar):
        return Setting(value.value, True, at, name)
    if isinstance(value, Text) and value.known:
        truths: dict[str, str | bool] = {"true": True, "false": False} if truth else {}
        return Setting(truths.get(str(value), str(value)), True, at, name)
    return Setting(None, False, at, name, None if name in _ONLY_SHOWN else _open(value, name))


def _open(value: Node, name: str) -> Unresolved:
    """What stands in the way of the value of an argument."""
    if isinstance(value, Choice):
        condition = value.branches[0].condition
        return Unresolved(condition, f"`{name}` depends on the condition `{condition}`", value.at)
    expression = value.expression if isinstance(value, Unknown) else str(value).strip("<>")
    reason = value.reason if isinstance(value, Unknown) else ""
    return Unresolved(expression, reason or f"`{name}` is only known when it is deployed", value.at)


def _origin(itself: Resource, found: dict[str, Setting]) -> Setting | None:
    """Where the material of a key comes from, as its type and key store tell."""
    if "external" in itself.type:
        return Setting("EXTERNAL", True, itself.block.header, itself.type)
    store = found.get("custom_key_store")
    if store is None:
        return None
    origin = "EXTERNAL_KEY_STORE" if "xks_key_id" in itself.block.arguments() else "AWS_CLOUDHSM"
    return Setting(origin if store.known else None, store.known, store.at, store.name)


def alias(itself: Resource) -> Alias:
    """An alias and the key it points to."""
    block, scope = itself.block, itself.scope
    scope.look_into(block)
    prefix = itself.written("name_prefix", block.header)
    name = itself.written("name", block.header)
    target = text_of(itself.written("target_key_id", block.header), block.header)
    shown = text_of(prefix if name is None else name, block.header)
    of = key_address(target, scope)
    return Alias(itself.address, block.header, shown, target, name is None and prefix is not None, of)


def grant(itself: Resource) -> Grant:
    """A grant, with what is known of its key."""
    block, scope = itself.block, itself.scope
    scope.look_into(block)
    arguments = block.arguments()
    granted = _text(itself, "key_id")
    operations = itself.written("operations", block.header)
    constraints, unknown = _constraints(block, scope)
    of = key_address(granted, scope)
    known = None if of is None else found(of, scope)
    declared = {} if known is None else settings(known)
    grantee = _text(itself, "grantee_principal")
    return Grant(
        itself.address,
        block.header,
        grantee,
        tuple(_texts(operations)),
        block.header if operations is None or "operations" not in arguments else operations.at,
        key=granted,
        owner=owner(itself),
        spec=declared.get("spec"),
        usage=declared.get("usage"),
        retiring=_text(itself, "retiring_principal"),
        constraints=tuple(constraints),
        constraints_unknown=unknown,
        name=_text(itself, "name"),
        service=grantee is not None and grantee.form.endswith((".amazonaws.com", ".amazonaws.com.cn")),
        of=of,
        unresolved=tuple(_unresolved(itself)),
    )


def _unresolved(itself: Resource) -> Iterator[Unresolved]:
    """What is not known of a grant, and would be judged."""
    for name in ("grantee_principal", "operations"):
        value = itself.written(name, itself.block.header)
        for each in value.values if isinstance(value, Items) else (value,):
            if isinstance(each, Unknown | Choice) or (isinstance(each, Text) and not each.known):
                yield _open(each, name)


def _text(itself: Resource, name: str) -> Text | None:
    return text_of(itself.written(name, itself.block.header), itself.block.header)


def _texts(value: Node | None) -> Iterator[Text]:
    """The values of a list of text; a part that is unknown as a whole is one text of unknown form."""
    for each in value.values if isinstance(value, Items) else (value,):
        text = None if each is None else text_of(each, each.at)
        if text is not None:
            yield text


def _constraints(block: Block, scope: Scope) -> tuple[list[Constraint], bool]:
    found: list[Constraint] = []
    unknown = False
    for nested in block.blocks():
        if nested.type == "dynamic" and nested.labels[:1] == ("constraints",):
            unknown = True
        elif nested.type == "constraints":
            for name, argument in nested.arguments().items():
                value = scope.evaluate(argument.expression())
                if name in _CONSTRAINTS and not is_null(value):
                    pairs = len(value) if isinstance(value, Mapping) else None
                    found.append(Constraint(_CONSTRAINTS[name], pairs, argument.at))
    return found, unknown


def secrets(itself: Resource) -> Iterator[Secret]:
    """The arguments of a resource that hold a secret as a literal, wherever that is written."""
    block, scope, address = itself.block, itself.scope, itself.address
    for name, what in _SECRETS.get(str(block.labels[0]), {}).items():
        argument = block.arguments().get(name)
        if argument is not None:
            yield from _written_out(address, what, scope.evaluate(argument.expression()))
    if block.labels[0] != "aws_kms_custom_key_store":
        return
    for nested in block.blocks():
        if nested.type == "xks_proxy_authentication_credential":
            for name, what in _XKS.items():
                argument = nested.arguments().get(name)
                if argument is not None:
                    yield from _written_out(address, what, scope.evaluate(argument.expression()))


def _written_out(address: str, what: str, value: Node) -> Iterator[Secret]:
    if isinstance(value, Choice):
        for branch in value.branches:
            yield from _written_out(address, what, branch.value)
    elif isinstance(value, Encoded):
        if _literal(value.node):
            yield Secret(address, value.at, what)
    elif isinstance(value, Rendered) and value and value.form == value and len(value.parts) == 1:
        part = value.parts[0]
        if isinstance(part, Passage) and not part.source.path.startswith(UNFILED):
            yield Secret(address, part.span(0, len(part.text)), what)


def _literal(node: Node) -> bool:
    """Whether all of a value is written out."""
    pending = [node]
    while pending:
        here = pending.pop()
        if isinstance(here, Mapping):
            pending.extend(value for _, value in here.entries)
        elif isinstance(here, Items):
            pending.extend(here.values)
        elif isinstance(here, Unknown | Choice) or (isinstance(here, Text) and here.form != here):
            return False
    return True
