"""What keys of each spec and usage can do.

https://docs.aws.amazon.com/kms/latest/developerguide/symm-asymm-choose-key-spec.html
https://docs.aws.amazon.com/kms/latest/developerguide/symm-asymm-compare.html
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from kms_lint.iam import kms

_SYMMETRIC: Final = frozenset({"symmetric", "hmac"})
_BY_KEY: Final = {name: frozenset(names.split()) for name, names in kms.GRANT_OPERATIONS_BY_KEY.items()}
_GRANTS: Final = frozenset({"CreateGrant", "RetireGrant", "DescribeKey"})


def is_asymmetric(spec: str | None) -> bool:
    """Whether keys of a spec have a public key; false for a spec that does not exist."""
    traits = kms.KEY_SPECS.get(spec or "")
    return traits is not None and traits.split()[0] not in _SYMMETRIC


def family(spec: str) -> str | None:
    """What AWS KMS calls the type of a key of a spec: `symmetric`, `HMAC` or `asymmetric`; `None` for no spec."""
    traits = kms.KEY_SPECS.get(spec)
    if traits is None:
        return None
    return {"symmetric": "symmetric", "hmac": "HMAC"}.get(traits.split()[0], "asymmetric")


def only_usage(spec: str) -> str | None:
    """The usage of keys of a spec, where they can have one only."""
    usages = [each for each in kms.KEY_SPECS.get(spec, "").split()[1:] if each.isupper()]
    return usages[0] if len(usages) == 1 else None


def rsa_bits(spec: str) -> int | None:
    """The length of an RSA key; `None` for other specs."""
    return int(spec[4:]) if spec in kms.KEY_SPECS and spec.startswith("RSA_") else None


def grantable(spec: str, usage: str | None) -> tuple[frozenset[str], ...]:
    """What can be granted on a key of a spec, for each usage that it may have; none for a spec that does not exist."""
    fitting = (
        name for name in _BY_KEY if name.startswith(f"{spec}/") and (usage is None or name.endswith(f"/{usage}"))
    )
    return tuple(_BY_KEY[name] for name in fitting)


@lru_cache(maxsize=256)
def impossible(spec: str, usage: str | None) -> frozenset[str]:
    """The operations, as `kms:Sign`, that no key of this spec and usage can do, though others can; none where nothing is known."""
    able = grantable(spec, usage)
    if not able:
        return frozenset()
    every = frozenset[str]().union(*_BY_KEY.values()) - _GRANTS
    return frozenset(f"kms:{name}" for name in every.difference(*able))


@lru_cache(maxsize=64)
def impossible_by_origin(origin: str) -> frozenset[str]:
    """The operations, as `kms:ImportKeyMaterial`, that no key whose material comes from there can do."""
    return frozenset(
        f"kms:{name}"
        for name, needed in kms.REQUIREMENTS.items()
        if origin in needed.get("origins_not", "").split() or origin not in needed.get("origins", origin).split()
    )


@lru_cache(maxsize=64)
def unmanageable(spec: str) -> frozenset[str]:
    """The operations of management, as `kms:EnableKeyRotation`, that no key of a spec knows."""
    return frozenset(
        f"kms:{name}"
        for name, needed in kms.REQUIREMENTS.items()
        if "usage" not in needed and spec not in needed.get("specs", spec).split()
    ) - {"kms:GetPublicKey"}
