"""Operations that a key cannot do, for what it is.

https://docs.aws.amazon.com/kms/latest/developerguide/symm-asymm-compare.html
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from kms_lint.finding import Hit, Place, Severity
from kms_lint.iam import actions, specs, wildcards
from kms_lint.model import Effect, Key, Policy, Setting, World
from kms_lint.rule import check

_SYMMETRIC = "SYMMETRIC_DEFAULT"


class _Never(NamedTuple):
    """Operations that a key cannot do, what it is that says so, and where that is written."""

    operations: frozenset[str]
    words: str
    said: Setting | None


@check(Policy)
def impossible_action(policy: Policy, world: World) -> Iterator[Hit]:
    """A key policy names operations that a key of this spec, usage or origin never does.

    That somebody may manage what there is not to manage does no harm, and is told as information: where key material
    comes from only where that is written, since lists of administrators name its import for keys of every origin.
    """
    key = _owners(world).get(id(policy))
    never = [] if key is None or key.variants else list(_never(key))
    for statement in policy.statements if never else ():
        if statement.effect is not Effect.ALLOW or statement.actions is None or statement.actions.negated:
            continue
        for value in statement.actions.values:
            named = None if wildcards.has_wildcard(value.form) else next(iter(actions.expand(value.form)), None)
            found = next((each for each in never if named in each.operations), None)
            if named is not None and found is not None:
                label = f"{found.words} cannot do {named.removeprefix('kms:')}"
                related = () if found.said is None else (Place(found.said.at, "this says what the key is"),)
                severity = None if named in actions.CRYPTOGRAPHIC or named == "kms:GetPublicKey" else Severity.INFO
                yield Hit(value.at, label, severity=severity, statement=statement.index, related=related)


def _never(key: Key) -> Iterator[_Never]:
    """What a key cannot do for its spec and usage, and for where its key material comes from."""
    said = key.settings.get("spec")
    spec, usage = _known(said, _SYMMETRIC), _known(key.settings.get("usage"), "")
    if spec is not None and usage is not None:
        words = f"a {spec} key" + (f" for {usage}" if usage else "")
        yield _Never(specs.impossible(spec, usage or None), words, said)
    if spec is not None:
        yield _Never(specs.unmanageable(spec), f"a {spec} key", said)
    origin = key.settings.get("origin")
    source = None if origin is None else _known(origin, "")
    if source and _known(key.settings.get("custom_key_store"), "") is not None:
        yield _Never(specs.impossible_by_origin(source), f"a key of origin {source}", origin)


def _known(setting: Setting | None, default: str) -> str | None:
    """The value of a setting, `default` where there is none, `None` where it is not known."""
    if setting is None or (setting.known and not setting.value):
        return default
    return setting.value if setting.known and isinstance(setting.value, str) else None


@lru_cache(maxsize=1)
def _owners(world: World) -> dict[int, Key]:
    """The keys by their policies."""
    return {id(policy): key for document in world.documents for key in document.keys for policy in key.policies}
