"""Operations that a key cannot do, for what it is.

https://docs.aws.amazon.com/kms/latest/developerguide/symm-asymm-compare.html
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from kms_lint.finding import Hit, Place
from kms_lint.iam import actions, specs, wildcards
from kms_lint.model import Effect, Key, Policy, Setting, World
from kms_lint.rule import check

_SYMMETRIC = "SYMMETRIC_DEFAULT"


@check(Policy)
def impossible_action(policy: Policy, world: World) -> Iterator[Hit]:
    """A key policy names operations that a key of this spec and usage never does."""
    key = _owners(world).get(id(policy))
    spec = None if key is None else _known(key.settings.get("spec"), _SYMMETRIC)
    if key is None or spec is None or key.variants:
        return
    usage = _known(key.settings.get("usage"), "")
    never = specs.impossible(spec, usage or None)
    said = key.settings.get("spec")
    for statement in policy.statements if never and usage is not None else ():
        if statement.effect is not Effect.ALLOW or statement.actions is None or statement.actions.negated:
            continue
        for value in statement.actions.values:
            named = None if wildcards.has_wildcard(value.form) else next(iter(actions.expand(value.form)), None)
            if named is not None and named in never:
                words = f"a {spec} key" + (f" for {usage}" if usage else "")
                label = f"{words} cannot do {named.removeprefix('kms:')}"
                related = () if said is None else (Place(said.at, "the spec of the key"),)
                yield Hit(value.at, label, statement=statement.index, related=related)


def _known(setting: Setting | None, default: str) -> str | None:
    """The value of a setting, `default` where there is none, `None` where it is not known."""
    if setting is None or (setting.known and not setting.value):
        return default
    return setting.value if setting.known and isinstance(setting.value, str) else None


@lru_cache(maxsize=1)
def _owners(world: World) -> dict[int, Key]:
    """The keys by their policies."""
    return {id(policy): key for document in world.documents for key in document.keys for policy in key.policies}
