"""The names of AWS services that use keys, in `kms:ViaService` and as principals, and what ties them to a source.

https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-via-service
https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Final, NamedTuple

from kms_lint.iam import keys, kms, pins, wildcards
from kms_lint.iam.comparisons import comparison, parse
from kms_lint.iam.conditions import limits, on
from kms_lint.model import Condition, Operator
from kms_lint.syntax.tree import ANYTHING, DEPLOYMENT_ACCOUNT


class Fault(NamedTuple):
    """What is wrong with a value of `kms:ViaService`, in words, and what to write instead.

    `certain` is false for a name that AWS may have added since the facts were collected.
    """

    message: str
    instead: str | None = None
    certain: bool = True


_SUFFIX: Final = ".amazonaws.com"
_MEANT: Final = {"ebs": "ec2", "efs": "elasticfilesystem", "opensearch": "es", "cloudwatchlogs": "logs"}
_REGIONS: Final = frozenset(region for names in kms.REGIONS.values() for region in names.split())


def via_service(value: str, operator: Operator | None = None, region: str | None = None) -> Fault | None:
    """Why a value of `kms:ViaService` never matches, or may not; `None` when nothing is wrong with it.

    The value is `PREFIX.REGION.amazonaws.com`, with this ending in every partition. `operator` tells whether wildcards
    work; `region` is that of the key, where it is known.
    """
    if ANYTHING in value or "${" in value:
        return None
    compared = comparison(parse(operator.text)) if operator is not None else None
    like = compared is None or compared.wildcards
    if wildcards.has_wildcard(value):
        return _pattern(value) if like else _literal_wildcard(value)
    return _plain(value, region)


def companions(values: Iterable[str]) -> tuple[str, ...]:
    """The names that are missing beside these: ElastiCache calls KMS both as `elasticache` and as `dax`."""
    missing: list[str] = []
    written = tuple(values)
    for names in kms.VIA_SERVICE_TOGETHER.values():
        first, second = names.split()
        for value in written:
            other = second + value[len(first) :] if value.startswith(first + ".") else None
            if other is not None and not any(wildcards.possibly_matches(each, other) for each in written):
                missing.append(other)
    return tuple(missing)


def source_limited(conditions: tuple[Condition, ...]) -> bool | None:
    """Whether conditions tie a service to certain resources, accounts or organizations; `None` when that is unknown.

    Either by a key that only services send (`aws:SourceArn`, `aws:SourceAccount`, …), or by an encryption context
    that names an ARN or an account. A service for which neither is asked works for anybody who points it at the key.
    """
    found = [limits(each, conditions) for each in on(conditions, *keys.SERVICE_ONLY)]
    found += [context_limited(each, conditions) for each in on(conditions, "kms:EncryptionContext:*")]
    found += [None for each in conditions if ANYTHING in each.key.form]
    return True if True in found else None if None in found else False


def context_limited(condition: Condition, among: tuple[Condition, ...] = ()) -> bool | None:
    """Whether a condition on an encryption context ties a service to certain accounts; `None` when that is unknown."""
    return _context_pins(condition) if limits(condition, among) else limits(condition, among)


def _context_pins(condition: Condition) -> bool | None:
    """Whether the values of an encryption context name accounts, in ARNs or by number."""
    compared = comparison(parse(condition.operator.text))
    like = compared is not None and compared.wildcards
    forms = [value.form for value in condition.values]
    each = [pins.arn(form, like) if form.startswith("arn:") else _account_or_unknown(form, like) for form in forms]
    return False if False in each else None if None in each else True


def _account_or_unknown(form: str, like: bool) -> bool | None:
    if form == DEPLOYMENT_ACCOUNT or (len(form) == 12 and form.isdigit()):
        return True
    return False if like and wildcards.has_wildcard(form) else None


def is_service(grantee: str) -> bool:
    """Whether the principal of a grant, for which no type is written, is a service."""
    return grantee.endswith((_SUFFIX, f"{_SUFFIX}.cn"))


def service_name(principal: str) -> str:
    """The name of the service of a service principal, without Region and domain: `logs` of `logs.eu-west-1.amazonaws.com`."""
    name = principal.lower()
    for suffix in (".amazonaws.com.cn", _SUFFIX, *(f".{each}" for each in kms.PARTITIONS.values())):
        if name.endswith(suffix):
            name = name[: -len(suffix)]
            break
    parts = name.split(".")
    return ".".join(part for part in parts if part not in _REGIONS and not part.startswith(("<", ANYTHING)))


def _plain(value: str, region: str | None) -> Fault | None:
    """What is wrong with a value without wildcards."""
    if value.endswith(".amazonaws.com.cn"):
        return Fault("the ending is .amazonaws.com in every partition, China too", value.removesuffix(".cn"))
    if not value.endswith(_SUFFIX):
        return Fault("it has to end in .amazonaws.com", None)
    prefix, dot, where = value.removesuffix(_SUFFIX).rpartition(".")
    if not dot:
        return Fault("the Region is missing: without it the value never matches", _filled(where, region))
    if "." in prefix or not prefix:
        return Fault("it has to read SERVICE.REGION.amazonaws.com", None)
    if prefix in _REGIONS:
        return Fault("service and Region are the wrong way round", f"{where}.{prefix}{_SUFFIX}")
    if prefix != prefix.lower() or where != where.lower():
        return Fault("names of services are in lower case", value.lower())
    if where not in _REGIONS and "<" not in where:
        return Fault(f"`{where}` is not among the Regions that AWS names", certain=False)
    if region is not None and where != region and "<" not in region + where:
        return Fault(
            f"the key is in {region}, and keys are used in their own Region only", f"{prefix}.{region}{_SUFFIX}"
        )
    return _prefix(prefix, f".{where}{_SUFFIX}")


def _prefix(prefix: str, rest: str) -> Fault | None:
    if prefix in _MEANT:
        return Fault(f"`{prefix}` calls KMS under the name `{_MEANT[prefix]}`", _MEANT[prefix] + rest)
    if prefix in _known() or "<" in prefix:
        return None
    return Fault(f"`{prefix}` is not among the services that AWS names for kms:ViaService", certain=False)


@lru_cache(maxsize=1)
def _known() -> frozenset[str]:
    """The names that AWS documents: in the guide of KMS, in its managed policies, on the pages of services."""
    from kms_lint.iam import service_table

    by_pages = frozenset(row["via"] for row in service_table.USES if "via" in row and "doubt" not in row)
    return by_pages | frozenset(kms.VIA_SERVICE.split()) | frozenset(kms.VIA_SERVICE_OBSERVED.split())


def _filled(prefix: str, region: str | None) -> str | None:
    return f"{prefix}.{region}{_SUFFIX}" if region is not None and "<" not in region else None


def _pattern(value: str) -> Fault | None:
    """What is wrong with a pattern: nothing of the right form matches it, or its service is unknown."""
    if not wildcards.overlap(value, f"?*.?*-?*{_SUFFIX}"):
        if value.endswith(".amazonaws.com.cn"):
            return Fault("the ending is .amazonaws.com in every partition, China too", value.removesuffix(".cn"))
        return Fault("no service calls by a name like this, it has to read SERVICE.REGION.amazonaws.com", None)
    prefix, _, rest = value.partition(".")
    return None if wildcards.has_wildcard(prefix) else _prefix(prefix, f".{rest}")


def _literal_wildcard(value: str) -> Fault:
    return Fault("wildcards do not work with this operator: use StringLike, or name the Region", None)
