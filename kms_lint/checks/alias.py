"""Aliases, and the keys that have none.

https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from kms_lint.checks.key import managed_by_aws, truth
from kms_lint.finding import Confidence, Hit, Place
from kms_lint.iam import specs
from kms_lint.model import Alias, Document, Key, Setting, World
from kms_lint.rule import check
from kms_lint.syntax.tree import ANYTHING


@check(Key)
def imported_key_without_alias(key: Key, world: World) -> Iterator[Hit]:
    """Key material was imported, and no alias stands in front of the key.

    https://docs.aws.amazon.com/kms/latest/developerguide/rotate-keys-manually.html
    """
    origin = key.settings.get("origin")
    if origin is not None and origin.known and origin.value == "EXTERNAL" and not key.replica:
        yield from _without_alias(
            key, world, "its material can only be rotated by a new key, and no alias is there to switch over"
        )


@check(Key)
def key_without_alias(key: Key, world: World) -> Iterator[Hit]:
    """No alias names the key."""
    yield from _without_alias(key, world, "nothing but its id names the key")


def _without_alias(key: Key, world: World, label: str) -> Iterator[Hit]:
    if key.aliases or key.format == "cli" or managed_by_aws(key):
        return
    confidence = Confidence.POSSIBLE if _some_alias_is_open(world) else Confidence.DEFINITE
    yield Hit(key.at, label, confidence=confidence)


@lru_cache(maxsize=1)
def _some_alias_is_open(world: World) -> bool:
    """Whether it is not known of some alias which key it is of."""
    aliases = (alias for document in world.documents for alias in document.aliases)
    return any(each.of is None and _open(each) for each in aliases)


def _open(alias: Alias) -> bool:
    return alias.target is None or ANYTHING in alias.target.form or "<" in alias.target.form


@check(Document)
def alias_target(document: Document, world: World) -> Iterator[Hit]:
    """An alias leads to a key that cannot be used, is moved to one of another kind, or another alias has its name.

    https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateAlias.html
    """
    if document.format == "cli":
        return
    keys = {key.address: key for key in document.keys}
    for alias in document.aliases:
        key = keys.get(alias.of or "")
        enabled = None if key is None else key.settings.get("enabled")
        if (
            key is not None
            and enabled is not None
            and enabled.known
            and enabled.value is not None
            and not truth(enabled)
        ):
            off = (Place(enabled.at, "the key is disabled here"),)
            yield Hit(
                alias.at,
                "the key that it names is disabled",
                resource=alias.address,
                kind="alias",
                called=alias.called,
                related=off,
            )
        yield from _moved(alias, document)
    yield from _namesakes(document)


class _Described(NamedTuple):
    """What is known of a key: its spec, and its usage."""

    spec: str | None
    usage: str | None


def _moved(alias: Alias, document: Document) -> Iterator[Hit]:
    """A plan moves an alias to a key of another type or usage.

    https://docs.aws.amazon.com/kms/latest/APIReference/API_UpdateAlias.html
    """
    if alias.moved_from is None:
        return
    old, new = _described(alias.moved_from, document), _described(alias.of, document)
    types = [specs.family(each.spec or "") for each in (old, new)]
    differs = None
    if None not in types and types[0] != types[1]:
        differs = f"from {_article(types[0])} key to {_article(types[1])} one"
    elif old.usage and new.usage and old.usage != new.usage:
        differs = f"from a key for {old.usage} to one for {new.usage}"
    if differs is not None:
        label = f"it moves {differs}, which AWS KMS refuses, because what uses the alias would fail: give the key an alias of its own"
        yield Hit(alias.at, label, resource=alias.address, kind="alias", called=alias.called)


def _described(name: str | None, document: Document) -> _Described:
    """The key of an address, an id or an ARN, as it is after the plan, or was when that deletes it."""
    for key in document.keys:
        if key.address == name:
            spec, usage = (_text(key.settings.get(each)) for each in ("spec", "usage"))
            return _Described(spec, usage or specs.only_usage(spec or ""))
    for change in document.planned:
        if name and change.arn is not None and name in (change.arn, change.arn.rpartition("key/")[2]):
            return _Described(change.spec, change.usage or specs.only_usage(change.spec or ""))
    return _Described(None, None)


def _text(setting: Setting | None) -> str | None:
    return setting.value if setting is not None and setting.known and isinstance(setting.value, str) else None


def _article(type: str | None) -> str:
    return f"{'a' if type == 'symmetric' else 'an'} {type}"


def _namesakes(document: Document) -> Iterator[Hit]:
    first: dict[tuple[str, str], Alias] = {}
    for alias in document.aliases:
        if alias.name is None or not alias.name.known or alias.name_is_prefix or "<" in alias.name.form:
            continue
        other = first.setdefault((alias.name.form, alias.deployed), alias)
        if other is not alias and other.name is not None:
            label = "an account has each alias once in a Region, and another one takes this name"
            related = (Place(other.name.at, "the other alias of this name"),)
            yield Hit(
                alias.name.at,
                label,
                str(alias.name),
                resource=alias.address,
                kind="alias",
                called=alias.called,
                related=related,
            )
