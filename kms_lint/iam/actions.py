"""Which actions of KMS a pattern means, and groups of actions that rules ask about.

Names are written as policies write them, `kms:Decrypt`; letter case does not count in patterns.
The groups follow https://docs.aws.amazon.com/kms/latest/developerguide/kms-api-permissions-reference.html.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from kms_lint.iam import kms, wildcards
from kms_lint.model import Patterns
from kms_lint.spelling import nearest
from kms_lint.syntax.tree import ANYTHING, Text


def _set(names: str) -> frozenset[str]:
    return frozenset(f"kms:{name}" for name in names.split())


ALL: Final = _set(kms.ACTIONS)
"""Every permission of KMS."""

_LOWER: Final = {name.lower(): name for name in sorted(ALL)}
_NONE: Final[frozenset[str]] = frozenset()

STAR_ONLY: Final = _set(kms.BY_RESOURCE["*"])
"""Actions that concern no key: an identity policy has to allow them on `*`."""

ALIAS: Final = _set(kms.BY_RESOURCE["alias and key"])
"""Actions that need permission on an alias and on a key."""

KEY: Final = ALL - STAR_ONLY - ALIAS
"""Actions that need permission on a key, and on nothing else."""

CROSS_ACCOUNT: Final = _set(kms.CROSS_ACCOUNT)
"""What principals of another account can do with a key."""

WITHOUT_EFFECT_IN_KEY_POLICY: Final = _set(kms.IN_KEY_POLICY["no"])
"""Actions that no key policy decides."""

CRYPTOGRAPHIC: Final = _set(kms.CRYPTOGRAPHIC) - {"kms:GenerateRandom"}
"""Cryptographic operations with a key. `kms:GenerateRandom` uses none."""

DECRYPTING: Final = _set("Decrypt ReEncryptFrom DeriveSharedSecret Decapsulate")
"""Operations that turn what is protected into what is readable, or move it under another key."""

ENCRYPTING: Final = _set(
    "Encrypt ReEncryptTo GenerateDataKey GenerateDataKeyPair GenerateDataKeyPairWithoutPlaintext "
    "GenerateDataKeyWithoutPlaintext Encapsulate"
)
"""Operations that protect data under a key."""

SIGNING: Final = _set("Sign GenerateMac")
"""Operations that speak in the name of a key."""

GRANTING: Final = _set("CreateGrant RevokeGrant")
"""Control over grants; creating one gives any operation to anybody."""

ADMINISTRATION: Final = _set(
    "CancelKeyDeletion CreateAlias CreateGrant DeleteAlias DeleteImportedKeyMaterial DisableKey DisableKeyRotation "
    "EnableKey EnableKeyRotation ImportKeyMaterial PutKeyPolicy ReplicateKey RevokeGrant RotateKeyOnDemand "
    "ScheduleKeyDeletion TagResource UntagResource UpdateAlias UpdateKeyDescription UpdatePrimaryRegion"
)
"""Operations that change a key or who may use it. Reading about a key is not among them."""

UPKEEP: Final = _set(
    "CancelKeyDeletion DisableKeyRotation EnableKey EnableKeyRotation RotateKeyOnDemand UpdateKeyDescription"
)
"""Administration that neither lets anybody in nor takes anything away from those who use the key."""

DESTRUCTIVE: Final = _set("ScheduleKeyDeletion DeleteImportedKeyMaterial DeleteCustomKeyStore DisableKeyRotation")
"""Operations that can make data unreadable for good, and those that weaken a key in silence."""

READING: Final = _set(kms.BY_LEVEL["Read"]) | _set(kms.BY_LEVEL["List"])
"""Operations that only tell about keys."""

CHECKING: Final = _set("Verify VerifyMac")
"""Operations that only check what a key has signed."""

GRANT_OPERATIONS: Final = frozenset(kms.GRANT_OPERATIONS.split())
"""What a grant can allow, as grants write it: `Decrypt`, without `kms:`."""


@lru_cache(maxsize=4096)
def expand(pattern: str) -> frozenset[str]:
    """The actions of KMS that a pattern surely means; a part that is unknown means nothing for sure."""
    return frozenset(_LOWER[name] for name in _LOWER if wildcards.surely_matches(pattern.lower(), name))


@lru_cache(maxsize=4096)
def expand_possibly(pattern: str) -> frozenset[str]:
    """The actions of KMS that a pattern means for some content of its unknown parts."""
    if ANYTHING not in pattern:
        return expand(pattern)
    return frozenset(_LOWER[name] for name in _LOWER if wildcards.possibly_matches(pattern.lower(), name))


def covered(patterns: Patterns | None) -> frozenset[str]:
    """The actions that `Action` or `NotAction` surely includes; none when the element is absent."""
    if patterns is None:
        return _NONE
    forms = tuple([value.form for value in patterns.values])
    return ALL - _reached(forms) if patterns.negated else _meant(forms)


def reachable(patterns: Patterns | None) -> frozenset[str]:
    """The actions that `Action` or `NotAction` includes for some content of what is unknown."""
    if patterns is None:
        return _NONE
    forms = tuple([value.form for value in patterns.values])
    return ALL - _meant(forms) if patterns.negated else _reached(forms)


@lru_cache(maxsize=4096)
def _meant(forms: tuple[str, ...]) -> frozenset[str]:
    """The actions that patterns surely mean."""
    return _union(expand(form) for form in forms)


@lru_cache(maxsize=4096)
def _reached(forms: tuple[str, ...]) -> frozenset[str]:
    """The actions that patterns possibly mean."""
    return _union(expand_possibly(form) for form in forms)


def names(patterns: Patterns | None) -> dict[str, Text]:
    """The actions of KMS that `Action` names without a wildcard, each with the value that names it first."""
    found: dict[str, Text] = {}
    if patterns is not None and not patterns.negated:
        for value in patterns.values:
            action = _LOWER.get(value.form.lower())
            if action:
                found.setdefault(action, value)
    return found


def meaning(patterns: Patterns | None, wanted: frozenset[str]) -> tuple[Text, ...]:
    """The values of `Action` that surely mean at least one of the wanted actions, in order; for `NotAction` none."""
    if patterns is None or patterns.negated:
        return ()
    return tuple(value for value in patterns.values if expand(value.form) & wanted)


def unknown(pattern: str) -> bool:
    """Whether a pattern is meant for KMS and matches no action of it, whatever its unknown parts are."""
    return pattern.lower().startswith("kms:") and not expand_possibly(pattern)


def foreign(pattern: str) -> bool:
    """Whether a pattern surely means actions of another service only."""
    return not pattern.lower().startswith("kms:") and not expand_possibly(pattern)


def every_service(pattern: str) -> bool:
    """Whether a pattern surely means every action of every service: `*`, `*:*`."""
    return wildcards.includes(pattern, "*:*")


@lru_cache(maxsize=256)
def suggestion(name: str) -> str | None:
    """What was probably meant by a name that is no action: `kms:Decrypt` for `kms:Decrpyt`."""
    known = {written.lower(): meant for written, meant in kms.NOT_ACTIONS.items()}
    if name.lower() in known:
        return known[name.lower()]
    return nearest(name.rstrip("*"), _LOWER.values())


@lru_cache(maxsize=128)
def condition_keys(action: str) -> frozenset[str]:
    """The keys of KMS that a request for an action can carry; families end in `*`.

    https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html
    """
    name = action.removeprefix("kms:")
    keys = set(kms.OWN_KEYS.get(name, "").split())
    if name in kms.KEY_OPERATIONS.split():
        keys.update(kms.KEY_OPERATION_KEYS.split())
    if "kms:KeySpec" in keys:
        keys.update(("kms:CustomerMasterKeySpec", "kms:CustomerMasterKeyUsage"))
    return frozenset(keys)


def _union(sets: Iterable[frozenset[str]]) -> frozenset[str]:
    return _NONE.union(*sets)
