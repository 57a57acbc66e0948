"""What was found, as `kms-lint show` prints it: keys, policies, grants and aliases of each file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kms_lint.accounting import unresolved
from kms_lint.finding import masked
from kms_lint.formatters.plain import plain
from kms_lint.formatters.visible import visible
from kms_lint.model import Alias, Consumer, Document, Grant, Identity, Key, Policy, Setting, World
from kms_lint.source import At, use
from kms_lint.syntax import locate
from kms_lint.syntax.tree import Text

VERSION = 1
"""The version of the shape: within one, fields are only added."""

_SETTINGS = ("spec", "usage", "origin", "rotation", "rotation_period", "deletion_window", "multi_region", "enabled")


def as_json(world: World) -> str:
    """Everything, for programs."""
    import json

    said = {
        "version": VERSION,
        "documents": [described(document) for document in world.documents],
        "unresolved": [place._asdict() for place in unresolved(world)],
    }
    return json.dumps(said, indent=2) + "\n"


def as_text(world: World) -> str:
    """Everything, for people; files in which nothing was found are left out."""
    import json

    lines: list[str] = []
    for document in world.documents:
        items = described(document)["items"]
        if not items:
            continue
        lines.append(f"{visible(document.path)} ({visible(document.kind)})")
        for item in items:
            lines += _shown(item, json.dumps)
        lines.append("")
    places = [
        f"{place.path}:{place.line}: {place.resource}: {place.expression}: {place.message}"
        for place in unresolved(world)
    ]
    if places:
        lines += ["not known:", *(f"  {visible(place)}" for place in places), ""]
    return "".join(f"{line}\n" for line in lines)


def described(document: Document) -> dict[str, Any]:
    """One file."""
    items = [item for key in document.keys for item in (_key(key), *map(_policy, key.policies))]
    items += [_policy(policy) for policy in document.policies]
    items += [_grant(grant) for grant in document.grants]
    items += [_alias(alias) for alias in document.aliases]
    items += [_consumer(consumer) for consumer in document.consumers]
    items += [_identity(identity) for identity in document.identities]
    for item in items:
        construct = document.construct(item["address"])
        if construct is not None:
            item["construct"] = construct
    return {"path": document.path, "kind": document.kind, "items": items}


def _shown(item: dict[str, Any], dumps: Any) -> Iterator[str]:
    """An item: its name, what is known of it in one line, and its policy."""
    name = item["policy_kind"] or item["type"]
    of = f" of {item['of']}" if item["of"] and item["of"] != item["address"] else ""
    yield f"  {name} {visible(item['address'])}{visible(of)} (line {item['line']})"
    left_out = ("type", "address", "line", "policy_kind", "policy", "of")
    facts = [
        f"{key}: {_word(value)}"
        for key, value in item.items()
        if (key not in left_out and value not in (None, [], "", False)) or (key in _SETTINGS and value is False)
    ]
    if facts:
        yield f"    {visible(', '.join(facts))}"
    if item["policy"] is not None:
        for line in dumps(item["policy"], indent=2, ensure_ascii=False).splitlines():
            yield f"    {visible(line)}"


def _word(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(str(each) for each in value) if isinstance(value, list) else str(value)


def _item(type: str, address: str, at: At, of: str | None = None) -> dict[str, Any]:
    span = locate(use(at))
    line = span.source.position(span.start).line
    return {"type": type, "address": address, "line": line, "policy_kind": None, "policy": None, "of": of}


def _key(key: Key) -> dict[str, Any]:
    settings = {name: _setting(key.settings.get(name)) for name in _SETTINGS}
    said = {"arn": _text(key.arn), "aliases": list(key.aliases), "replica": key.replica, **settings}
    return {**_item("key", key.address, key.called or key.at), **said}


def _policy(policy: Policy) -> dict[str, Any]:
    content = None if policy.node is None else plain(policy.node, policy.branch)
    said = {"policy_kind": policy.kind.value, "policy": content, "branch": policy.branch, "assumed": policy.assumed}
    return {**_item("policy", policy.address, policy.called or policy.at, policy.of), **said}


def _grant(grant: Grant) -> dict[str, Any]:
    constraints = [each.type for each in grant.constraints] + (["<unknown>"] if grant.constraints_unknown else [])
    said = {
        "name": _text(grant.name),
        "grantee": _text(grant.grantee),
        "operations": [str(operation) for operation in grant.operations],
        "retiring": _text(grant.retiring),
        "constraints": constraints,
    }
    return {**_item("grant", grant.address, grant.called or grant.at, grant.of or _text(grant.key)), **said}


def _alias(alias: Alias) -> dict[str, Any]:
    return {
        **_item("alias", alias.address, alias.called or alias.at, alias.of or _text(alias.target)),
        "name": _text(alias.name),
    }


def _consumer(consumer: Consumer) -> dict[str, Any]:
    of = consumer.of or _text(consumer.key)
    return {**_item("consumer", consumer.address, consumer.at, of), "service": consumer.service}


def _identity(identity: Identity) -> dict[str, Any]:
    said = {
        "identity": identity.type,
        "arn": _text(identity.arn),
        "attached": [str(each) for each in identity.attached],
        "boundary": _text(identity.boundary),
        "groups": [str(each) for each in identity.groups],
    }
    return {**_item("identity", identity.address, identity.at), **said}


def _setting(setting: Setting | None) -> str | int | bool | None:
    """The value of an argument; `None` when it was not written."""
    if setting is None:
        return None
    if not setting.known:
        return f"<{setting.open.expression}>" if setting.open is not None else "<unknown>"
    value = setting.value
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 10:
        return int(value)
    return masked(value) if isinstance(value, str) else value


def _text(text: Text | None) -> str | None:
    return None if text is None else str(text)
