"""What is wrong with a key itself: rotation, deletion, whether it can be used."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Final, NamedTuple

from kms_lint.checks.correction import replaced
from kms_lint.finding import Confidence, Edit, Hit, Place, Severity
from kms_lint.iam import kms
from kms_lint.model import Key, Setting, World
from kms_lint.rule import check

_ROTATING: Final = frozenset(name for name, traits in kms.KEY_SPECS.items() if "rotates" in traits.split())
_DIGITS: Final = 6
_ORIGINS: Final = {
    "EXTERNAL": "imported key material",
    "AWS_CLOUDHSM": "key material in a CloudHSM key store",
    "EXTERNAL_KEY_STORE": "key material in an external key store",
}

REPLICAS_FIRST: Final = "PendingReplicaDeletion"
"""The state of a primary key whose deletion is scheduled, and that still has replicas."""


class Obstacle(NamedTuple):
    """Why a key cannot rotate its key material, and the setting that says so; `sure` unless that is not known."""

    reason: str
    setting: Setting | None
    sure: bool = True


@check(Key)
def rotation_disabled(key: Key, world: World) -> Iterator[Hit]:
    """A key that can rotate automatically does not: https://docs.aws.amazon.com/kms/latest/developerguide/rotate-keys.html ."""
    setting = key.settings.get("rotation")
    if key.format == "cli" and (setting is None or not setting.known):
        return
    if setting is not None and setting.known and truth(setting):
        return
    found = tuple(obstacles(key))
    if key.replica or managed_by_aws(key) or ending(key) or any(obstacle.sure for obstacle in found):
        return
    known = not found and (setting is None or setting.known)
    confidence = Confidence.DEFINITE if known else Confidence.POSSIBLE
    if setting is None:
        yield Hit(key.at, "automatic rotation is off unless it is switched on", confidence=confidence)
    elif not setting.known:
        yield Hit(setting.at, f"`{setting.name}` may turn out to be false", confidence=confidence)
    else:
        label = f"`{setting.name}` is off"
        yield Hit(setting.at, label, confidence=confidence, edits=_switched_on(key, setting))


@check(Key)
def rotation_unsupported(key: Key, world: World) -> Iterator[Hit]:
    """Automatic rotation is on, and AWS KMS refuses it for such a key."""
    setting = key.settings.get("rotation")
    if setting is None or key.replica or managed_by_aws(key) or (setting.known and not truth(setting)):
        return
    found = tuple(obstacles(key))
    if not found:
        return
    obstacle = next((each for each in found if each.sure), found[0])
    if not setting.known and not obstacle.sure:
        return
    certain = setting.known and obstacle.sure
    place = obstacle.setting
    yield Hit(
        setting.at,
        obstacle.reason if obstacle.sure else f"{obstacle.reason}, so the key may be one that cannot rotate",
        related=() if place is None else (Place(place.at, "this is why it cannot rotate automatically"),),
        confidence=Confidence.DEFINITE if certain else Confidence.POSSIBLE,
    )


@check(Key)
def deletion_window_short(key: Key, world: World) -> Iterator[Hit]:
    """The waiting period before deletion is shorter than wanted, or one that AWS KMS refuses."""
    setting = key.settings.get("deletion_window")
    if setting is None or not setting.known or not isinstance(setting.value, str):
        return
    days = number(setting.value)
    if days is None:
        return
    least, most = kms.DELETION_DAYS
    wanted = world.settings.minimum_deletion_window
    if not least <= days <= most:
        label = f"AWS KMS refuses this: the waiting period is {least} to {most} days"
        yield Hit(setting.at, label, severity=Severity.HIGH)
    elif days < wanted:
        yield Hit(setting.at, f"{days} days, where at least {wanted} are asked for")


@check(Key)
def key_disabled(key: Key, world: World) -> Iterator[Hit]:
    """The key is disabled from the start; one that waits for its material or its deletion is something else."""
    setting, state = key.settings.get("enabled"), key.settings.get("state")
    if setting is None or not setting.known or setting.value is None or truth(setting):
        return
    if state is not None and state.known and state.value != "Disabled":
        return  # it waits for its deletion or for key material, and nobody has disabled it
    made = key.format != "cli" and _planned(world).get(id(key), "create") == "create"
    label = "the key is created disabled" if made else "the key is disabled"
    yield Hit(setting.at, label, edits=_switched_on(key, setting))


@lru_cache(maxsize=1)
def _planned(world: World) -> dict[int, str]:
    """What plans do to the keys that they leave in place."""
    found: dict[int, str] = {}
    for document in world.documents:
        actions = {change.address: change.action for change in document.planned if not change.deposed}
        found.update((id(key), actions[key.address]) for key in document.keys if key.address in actions)
    return found


def obstacles(key: Key) -> Iterator[Obstacle]:
    """What keeps the key from automatic rotation, what may keep it included."""
    yield from _spec(key.settings.get("spec"))
    yield from _usage(key.settings.get("usage"))
    yield from _origin(key.settings.get("origin"))
    store = key.settings.get("custom_key_store")
    if store is not None and not (store.known and not store.value):
        reason = "keys in a custom key store" if store.known else f"`{store.name}` is not known"
        yield Obstacle(f"{reason} cannot rotate automatically" if store.known else reason, store, store.known)


def _spec(spec: Setting | None) -> Iterator[Obstacle]:
    if spec is None or (spec.known and (not spec.value or spec.value in _ROTATING)):
        return
    if spec.known:
        yield Obstacle(f"a key of spec {spec.value} cannot rotate automatically", spec)
    else:
        yield Obstacle(f"`{spec.name}` is not known", spec, sure=False)


def _usage(usage: Setting | None) -> Iterator[Obstacle]:
    if usage is None or (usage.known and (not usage.value or usage.value == "ENCRYPT_DECRYPT")):
        return
    if usage.known:
        yield Obstacle(f"a key for {usage.value} cannot rotate automatically", usage)
    else:
        yield Obstacle(f"`{usage.name}` is not known", usage, sure=False)


def _origin(origin: Setting | None) -> Iterator[Obstacle]:
    if origin is None or (origin.known and (not origin.value or origin.value == "AWS_KMS")):
        return
    if origin.known:
        words = _ORIGINS.get(str(origin.value), f"key material of origin {origin.value}")
        yield Obstacle(f"{words} cannot rotate automatically", origin)
    else:
        yield Obstacle(f"`{origin.name}` is not known", origin, sure=False)


def _switched_on(key: Key, setting: Setting) -> tuple[Edit, ...]:
    """The edit that writes `true` for `false`; an answer of AWS is not edited."""
    return () if key.format == "cli" else replaced(setting.at, "false", "true")


def managed_by_aws(key: Key) -> bool:
    """Whether AWS made the key for a service: nobody can change anything about it."""
    manager = key.settings.get("manager")
    return manager is not None and manager.value == "AWS"


def ending(key: Key) -> bool:
    """Whether a key waits for its deletion, and nothing else can be done with it.

    https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html
    """
    state = key.settings.get("state")
    return state is not None and state.value in ("PendingDeletion", REPLICAS_FIRST)


def truth(setting: Setting) -> bool:
    """Whether a known setting is on; CloudFormation takes `"true"` for true."""
    return setting.value is True or (isinstance(setting.value, str) and setting.value.lower() == "true")


def number(digits: str) -> int | None:
    """The whole number that the text is; `None` for other text. More digits than any limit has count as too many."""
    plain = digits.strip()
    sign = -1 if plain.startswith("-") else 1
    plain = plain.lstrip("-")
    if not (plain.isascii() and plain.isdigit()):
        return None
    return sign * int(plain[:_DIGITS])


@lru_cache(maxsize=1)
def keys_by_name(world: World) -> dict[str, list[Key]]:
    """All keys of a run by their addresses and ARNs. A name may be that of several: of folders that are deployed apart."""
    found: dict[str, list[Key]] = {}
    for document in world.documents:
        for key in document.keys:
            for name in {key.address, *((key.arn.form,) if key.arn is not None else ())}:
                found.setdefault(name, []).append(key)
    return found
