"""Aliases, and the keys that have none.

https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from kms_lint.checks.key import managed_by_aws, truth
from kms_lint.finding import Confidence, Hit, Place
from kms_lint.model import Alias, Document, Key, World
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
    """An alias leads to a key that cannot be used, or another alias has its name.

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
            yield Hit(alias.at, "the key that it names is disabled", resource=alias.address, kind="alias", related=off)
    yield from _namesakes(document)


def _namesakes(document: Document) -> Iterator[Hit]:
    first: dict[tuple[str, str], Alias] = {}
    for alias in document.aliases:
        if alias.name is None or not alias.name.known or alias.name_is_prefix or "<" in alias.name.form:
            continue
        other = first.setdefault((alias.name.form, alias.deployed), alias)
        if other is not alias and other.name is not None:
            label = "an account has each alias once in a Region, and another one takes this name"
            related = (Place(other.name.at, "the other alias of this name"),)
            yield Hit(alias.name.at, label, str(alias.name), resource=alias.address, kind="alias", related=related)
