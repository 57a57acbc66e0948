"""Keys, aliases, grants and secrets of a folder.

https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/kms_key and its neighbours
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from kms_lint.load.grantee import names_service
from kms_lint.load.terraform.arguments import held
from kms_lint.load.terraform.attachments import Attachment, attached, owner
from kms_lint.load.terraform.dynamic import expanded
from kms_lint.load.terraform.resource import Resource, found, key_address
from kms_lint.load.terraform.scope import Scope
from kms_lint.load.terraform.value import is_null, text_of
from kms_lint.load.variants import Settle, as_written, varied
from kms_lint.model import Alias, Constraint, Grant, Key, Policy, PolicyKind, Setting, Unresolved
from kms_lint.source import At
from kms_lint.syntax.expression import Argument, Block
from kms_lint.syntax.tree import Choice, Items, Mapping, Node, Scalar, Text, Unknown

KEYS: Final = {
    "aws_kms_key": "policy",
    "aws_kms_external_key": "policy",
    "aws_kms_replica_key": "policy",
    "aws_kms_replica_external_key": "policy",
    "awscc_kms_key": "key_policy",
    "awscc_kms_replica_key": "key_policy",
}
"""The types of resource that are keys, and the argument with the key policy of each."""

ALIASES: Final = {"aws_kms_alias": "name", "awscc_kms_alias": "alias_name"}
"""The types of resource that are aliases, and the argument with the name of each."""

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
    "origin": "origin",
    "pending_window_in_days": "deletion_window",
    "rotation_period_in_days": "rotation_period",
    "valid_to": "valid_to",
}
_ONLY_SHOWN: Final = frozenset({"description"})
_TRUTHS: Final = frozenset({"bypass", "enabled", "multi_region", "rotation"})
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
    argument = block.arguments().get(KEYS[itself.type])
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
        primary=_primary(itself),
    )
    values = [
        itself.written(name, each.at)
        for name, each in block.arguments().items()
        if _SETTINGS.get(name, "description") not in _ONLY_SHOWN
    ]
    return varied(made, values, lambda settle: {**settings(itself, settle), **beside})


def _primary(itself: Resource) -> Text | None:
    """The key that a replica is of: its address where it is in the input, else as written."""
    text = _text(itself, "primary_key_arn")
    address = key_address(text, itself.scope)
    return text if text is None or address is None else Text(address, text.at)


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
    lasting = next(held(itself, ("lifecycle", "prevent_destroy")), None)
    if lasting is not None:
        made = setting(lasting.value, lasting.block.arguments()["prevent_destroy"], True)
        found.update({} if made is None else {"prevent_destroy": made})
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
        return _conditional(value.branches[0].condition, name, value.at)
    expression = value.expression if isinstance(value, Unknown) else str(value).strip("<>")
    reason = value.reason if isinstance(value, Unknown) else ""
    return Unresolved(expression, reason or f"`{name}` is only known when it is deployed", value.at)


def _conditional(condition: str, name: str, at: At) -> Unresolved:
    return Unresolved(condition, f"`{name}` depends on the condition `{condition}`", at)


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
    name = itself.written(ALIASES[itself.type], block.header)
    target = text_of(itself.written("target_key_id", block.header), block.header)
    shown = text_of(prefix if name is None else name, block.header)
    of = key_address(target, scope)
    prefixed = name is None and prefix is not None
    return Alias(itself.address, block.header, shown, target, prefixed, of, deployed=_deployed(itself))


def _deployed(itself: Resource) -> str:
    """By which provider, in which Region and how often a resource is made, in the module it is in."""
    said = [itself.scope.path, _region(itself)]
    for name in ("provider", "count", "for_each"):
        argument = itself.block.arguments().get(name)
        said.append("" if argument is None else argument.at.source.text[argument.at.start : argument.at.end])
    return " ".join(said)


def _region(itself: Resource) -> str:
    """The Region that a resource names, empty where it names none; one that is not known is that of no other."""
    value = itself.scope.argument(itself.block, "region")
    if value is None:
        return ""
    return value.form if isinstance(value, Text) and value.known else itself.address


def grant(itself: Resource) -> Grant:
    """A grant, with what is known of its key."""
    block, scope = itself.block, itself.scope
    scope.look_into(block)
    arguments = block.arguments()
    granted = _text(itself, "key_id")
    operations = itself.written("operations", block.header)
    constraints, unknown, doubts = _constraints(block, scope)
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
        owner=_account_of(granted) or owner(itself),
        spec=declared.get("spec"),
        usage=declared.get("usage"),
        retiring=_text(itself, "retiring_principal"),
        constraints=tuple(constraints),
        constraints_unknown=unknown,
        name=_text(itself, "name"),
        service=names_service(grantee),
        of=of,
        unresolved=(*_unresolved(itself), *doubts),
        retires_on_delete=_truth(itself, "retire_on_delete"),
    )


def _account_of(key: Text | None) -> str | None:
    """The account of a key that is named by its ARN: it may be another than the one that the grant is made from."""
    parts = key.form.split(":") if key is not None else []
    return parts[4] if len(parts) > 5 and len(parts[4]) == 12 and parts[4].isdecimal() else None


def _truth(itself: Resource, name: str) -> bool | None:
    """An argument that is true or false, and false where it is not written; `None` where that is not known."""
    value = itself.written(name, itself.block.header)
    if value is None or is_null(value):
        return False
    if isinstance(value, Scalar) and isinstance(value.value, bool):
        return value.value
    return {"true": True, "false": False}.get(str(value)) if isinstance(value, Text) and value.known else None


def _unresolved(itself: Resource) -> Iterator[Unresolved]:
    """What is not known of a grant, and would be judged."""
    for name in ("grantee_principal", "operations"):
        value = itself.written(name, itself.block.header)
        for each in value.values if isinstance(value, Items) else (value,):
            if isinstance(each, Unknown | Choice) or (isinstance(each, Text) and not each.known):
                yield _open(each, name)
    retiring = itself.written("retiring_principal", itself.block.header)
    if isinstance(retiring, Unknown | Choice):
        yield _open(retiring, "retiring_principal")


def _text(itself: Resource, name: str) -> Text | None:
    return text_of(itself.written(name, itself.block.header), itself.block.header)


def _texts(value: Node | None) -> Iterator[Text]:
    """The values of a list of text; a part that is unknown as a whole is one text of unknown form."""
    for each in value.values if isinstance(value, Items) else (value,):
        text = None if each is None else text_of(each, each.at)
        if text is not None:
            yield text


def _constraints(block: Block, scope: Scope) -> tuple[list[Constraint], bool, list[Unresolved]]:
    """The constraints that a grant surely has, whether there may be others, and what is not known of them."""
    found: list[Constraint] = []
    doubts: list[Unresolved] = []
    unknown = False
    for nested in expanded(block, scope, "constraints"):
        if isinstance(nested, Unknown) or nested.conditions:
            unknown = True
            doubts.append(
                _open(nested, "constraints")
                if isinstance(nested, Unknown)
                else _conditional(nested.conditions[0].condition, "constraints", nested.block.header)
            )
            continue
        for name, argument in nested.block.arguments().items():
            value = nested.scope.evaluate(argument.expression())
            if name not in _CONSTRAINTS:
                continue
            if isinstance(value, Choice | Unknown):
                doubts.append(_open(value, name))
            if isinstance(value, Choice) and any(is_null(branch.value) for branch in value.branches):
                unknown = True
            elif not is_null(value):
                pairs = len(value) if isinstance(value, Mapping) else None
                found.append(Constraint(_CONSTRAINTS[name], pairs, argument.at, tuple(_pairs(value))))
    return found, unknown, doubts


def _pairs(value: Node) -> Iterator[tuple[Text, Text]]:
    """The pairs of an encryption context; a text by itself has an empty name."""
    for name, each in value.entries if isinstance(value, Mapping) else ((Text("", value.at), value),):
        text = text_of(each, value.at)
        if text is not None and (name or isinstance(value, Mapping | Text)):
            yield name, text
