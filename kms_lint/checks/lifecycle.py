"""From the making of a key to its end: rotation periods, imported material, deletion.

https://docs.aws.amazon.com/kms/latest/developerguide/managing-keys.html
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from kms_lint.checks.key import REPLICAS_FIRST, ending, managed_by_aws, number, truth
from kms_lint.finding import Hit, Place, Severity
from kms_lint.iam import kms
from kms_lint.iam.specs import is_asymmetric, only_usage, rsa_bits
from kms_lint.model import Document, Key, PublicKeyRead, Setting, World
from kms_lint.rule import check

if TYPE_CHECKING:
    from datetime import date

_SOON: Final = 30
_WITH_PUBLIC_KEY: Final = {
    "ENCRYPT_DECRYPT": "what others encrypt with it is lost",
    "ENCAPSULATE_DECAPSULATE": "what others encrypt with it is lost",
    "KEY_AGREEMENT": "what others agree on with it is lost",
    "SIGN_VERIFY": "whoever trusts it gets no new signatures",
}
"""What becomes of those who have the public key of a deleted key, by its usage."""

_RETAINED: Final = frozenset({"Retain", "RetainExceptOnCreate", "Snapshot"})


@check(Key)
def rotation_period_too_long(key: Key, world: World) -> Iterator[Hit]:
    """Key material is kept for longer than wanted, or for a time that AWS KMS refuses."""
    setting = key.settings.get("rotation_period")
    days = _known_number(setting)
    if setting is None or days is None or managed_by_aws(key):
        return
    least, most = kms.ROTATION_DAYS
    wanted, rotation = world.settings.maximum_rotation_period, key.settings.get("rotation")
    if not least <= days <= most:
        label = f"AWS KMS refuses this: the rotation period is {least} to {most} days"
        yield Hit(setting.at, label, severity=Severity.HIGH)
    elif days > wanted and (rotation is None or not rotation.known or truth(rotation)):
        yield Hit(setting.at, f"{days} days, where at most {wanted} are asked for")


@check(Key)
def deletion_unprotected(key: Key, world: World) -> Iterator[Hit]:
    """Removing a key from its template, or replacing it there, schedules its deletion.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html
    """
    if key.format == "cloudformation":
        yield from _unretained(key)
    elif key.format == "terraform" and world.strict:
        setting = key.settings.get("prevent_destroy")
        if setting is None:
            yield Hit(key.at, "`terraform destroy`, and a change that replaces it, deletes the key")
        elif setting.known and not truth(setting):
            yield Hit(setting.at, f"`{setting.name}` is off, so Terraform may delete the key")


def _unretained(key: Key) -> Iterator[Hit]:
    for name, written, what in (
        ("deletion_policy", "DeletionPolicy", "a stack that loses the key deletes it"),
        ("update_replace_policy", "UpdateReplacePolicy", "a change that replaces the key deletes the old one"),
    ):
        setting = key.settings.get(name)
        if setting is None:
            yield Hit(key.at, f"{what}: there is no `{written}: Retain`", value=written)
            return
        if setting.known and setting.value not in _RETAINED:
            yield Hit(setting.at, f"{what}: `{written}` is `{setting.value}`")


@check(Document)
def plan_deletes_key(document: Document, world: World) -> Iterator[Hit]:
    """A plan schedules the deletion of a key, or of the one that it replaces.

    https://docs.aws.amazon.com/kms/latest/developerguide/deleting-keys.html
    """
    for change in document.planned:
        if change.action in ("delete", "replace"):
            words = (
                "the key is deleted" if change.action == "delete" else "the key is replaced, and the old one deleted"
            )
            hit = Hit(change.at, words, resource=change.address, kind="key")
            yield _weighed(hit, change.spec, change.usage, change.arn, world)


def _weighed(hit: Hit, spec: str | None, usage: str | None, arn: str | None, world: World) -> Hit:
    """The deletion of a key, critical where its public key goes on to be used outside of AWS, or may be."""
    read = _public_keys_read(world).get(_id(arn)) if arn else None
    if read is None and not is_asymmetric(spec):
        return hit
    what = _WITH_PUBLIC_KEY.get(usage or only_usage(spec or "") or "", "what others do with its public key is in vain")
    if read is not None:
        seen = (Place(read.at, "somebody got its public key here"),)
        return hit._replace(
            label=f"{hit.label}: its public key was given away, and {what}", severity=Severity.CRITICAL, related=seen
        )
    label = f"{hit.label}: a key of spec {spec}, whose public key may be in use outside of AWS, and {what}"
    return hit._replace(label=label, severity=Severity.CRITICAL)


@check(Key)
def deletion_scheduled(key: Key, world: World) -> Iterator[Hit]:
    """The deletion of a key is scheduled, and nobody has called it off.

    https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html
    """
    state = key.settings.get("state")
    if state is None or not ending(key):
        return
    words = "the key is deleted once its replicas are" if state.value == REPLICAS_FIRST else "the key is deleted"
    date = _text(key.settings.get("deletion_date"))
    day = _day(date) if date else None
    words += f"{f' on {day}' if day else ''}, unless CancelKeyDeletion is called before"
    spec, usage = (_text(key.settings.get(each)) for each in ("spec", "usage"))
    yield _weighed(Hit(state.at, words), spec, usage, None if key.arn is None else str(key.arn), world)


@lru_cache(maxsize=1)
def _public_keys_read(world: World) -> dict[str, PublicKeyRead]:
    """Where somebody first got the public key of a key, by the key's id."""
    found: dict[str, PublicKeyRead] = {}
    for document in world.documents:
        for each in document.public_keys_read:
            found.setdefault(_id(str(each.key)), each)
    return found


def _id(key: str) -> str:
    """The id of a key, out of its ARN too; for a multi-Region key, whose replicas share it, the whole."""
    id = key.rpartition(":key/")[2]
    return key if id.startswith("mrk-") else id


@check(Key)
def imported_material_expires(key: Key, world: World) -> Iterator[Hit]:
    """Imported material has a date on which AWS KMS deletes it, and the key is of no use from then on.

    https://docs.aws.amazon.com/kms/latest/developerguide/importing-keys-import-key-material.html
    """
    setting = key.settings.get("valid_to")
    if setting is None or not setting.known or not isinstance(setting.value, str) or not world.today:
        return
    end = _day(setting.value)
    if end is None:
        return
    from datetime import date

    today = date.fromisoformat(world.today)
    if end < today:
        yield Hit(setting.at, f"the key material ended on {end}: the key cannot be used without a new import")
    elif (end - today).days <= _SOON:
        yield Hit(setting.at, f"the key material ends on {end}, in {(end - today).days} days")


@check(Key)
def weak_key_spec(key: Key, world: World) -> Iterator[Hit]:
    """The key is of a length that is not recommended any more.

    https://csrc.nist.gov/pubs/sp/800/57/pt1/r5/final
    """
    setting = key.settings.get("spec")
    if setting is None or not setting.known or not isinstance(setting.value, str) or managed_by_aws(key):
        return
    bits, wanted = rsa_bits(setting.value), world.settings.minimum_rsa_bits
    if bits is not None and bits < wanted:
        yield Hit(setting.at, f"{setting.value}, where at least {wanted} bits are asked for")


@check(Key)
def multi_region_key(key: Key, world: World) -> Iterator[Hit]:
    """The key is a multi-Region key, and no replica of it is in the input."""
    setting = key.settings.get("multi_region")
    if setting is None or not setting.known or not truth(setting) or key.replica or managed_by_aws(key):
        return
    names = {key.address, *((key.arn.form,) if key.arn is not None else ())}
    replicated = _replicated(world)
    if None not in replicated and not names & replicated:
        yield Hit(setting.at, "its key material can be copied to any Region, and no replica is here")


@lru_cache(maxsize=1)
def _replicated(world: World) -> frozenset[str | None]:
    """The names of the keys that the replicas of a run are of; `None` is among them when one is of an unknown key."""
    replicas = [each for document in world.documents for each in document.keys if each.replica]
    return frozenset(
        each.primary.form if each.primary is not None and each.primary.known else None for each in replicas
    )


@check(Document)
def trail_excludes_kms(document: Document, world: World) -> Iterator[Hit]:
    """A trail leaves out what is done with keys.

    https://docs.aws.amazon.com/kms/latest/developerguide/logging-using-cloudtrail.html
    """
    for trail in document.trails:
        for source in trail.excluded:
            if source.form == "kms.amazonaws.com":
                label = "what is done with keys is not recorded here"
                yield Hit(source.at, label, str(source), resource=trail.address, kind="trail")


def _text(setting: Setting | None) -> str | None:
    return setting.value if setting is not None and setting.known and isinstance(setting.value, str) else None


def _known_number(setting: Setting | None) -> int | None:
    if setting is None or not setting.known or not isinstance(setting.value, str):
        return None
    return number(setting.value)


def _day(text: str) -> date | None:
    """The day of an instant, as RFC 3339 or AWS writes it; `None` for other text."""
    from datetime import datetime

    try:
        return datetime.fromisoformat(text).date()
    except ValueError:
        pass
    try:
        return datetime.fromtimestamp(float(text)).date() if text[:10].isdigit() else None
    except (ValueError, OverflowError, OSError):
        return None
