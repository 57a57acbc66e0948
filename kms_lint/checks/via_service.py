"""What is wrong with the values of `kms:ViaService`.

https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-via-service
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from kms_lint.checks.correction import corrected
from kms_lint.finding import Hit, Severity
from kms_lint.iam import comparisons, resources, wildcards
from kms_lint.iam.services import companions, via_service
from kms_lint.model import Condition, PolicyKind, Statement, World
from kms_lint.rule import check
from kms_lint.syntax.tree import ANYTHING, Text

_KEY: Final = "kms:viaservice"
_ONE_REGION: Final = frozenset(
    {resources.Kind.ONE_KEY, resources.Kind.SOME_KEYS, resources.Kind.ACCOUNT_KEYS, resources.Kind.ACCOUNTS_KEYS}
)


@check(Statement)
def malformed_via_service(statement: Statement, world: World) -> Iterator[Hit]:
    """A value of `kms:ViaService` is none that a service sends, or only one of two that it sends."""
    for condition in statement.conditions:
        if condition.key.form.lower() == _KEY and _is_text(condition):
            yield from _faults(condition, _region(statement))


def _faults(condition: Condition, region: str | None) -> Iterator[Hit]:
    faulty = False
    for value in condition.values:
        fault = via_service(value.form, condition.operator, region)
        if fault is None:
            continue
        faulty = faulty or fault.certain
        instead = f": write `{fault.instead}`" if fault.instead else ""
        elsewhere = via_service(value.form, condition.operator) is None
        edits = corrected(value, fault.instead) if fault.instead and not elsewhere else ()
        severity = None if fault.certain else Severity.INFO
        yield Hit(value.at, f"{fault.message}{instead}", severity=severity, edits=edits)
    if not faulty:
        yield from _alone(condition)


def _alone(condition: Condition) -> Iterator[Hit]:
    """A service that calls AWS KMS under two names, of which one is missing."""
    if not all(value.known for value in condition.values):
        return
    for value in condition.values:
        missing = companions([value.form])
        absent = [each for each in missing if not _among(each, condition.values)]
        if absent and value.form.startswith("elasticache."):
            label = f"ElastiCache also calls AWS KMS under another name: add `{absent[0]}`"
            yield Hit(value.at, label, severity=Severity.MEDIUM)


def _among(name: str, values: tuple[Text, ...]) -> bool:
    return any(wildcards.overlap(value.form, name) for value in values)


def _is_text(condition: Condition) -> bool:
    compared = comparisons.comparison(condition.operator)
    return compared is not None and compared.type in ("String", "ARN")


def _region(statement: Statement) -> str | None:
    """The one Region that all keys of an identity policy's statement are in; `None` where there is none."""
    if statement.kind is PolicyKind.KEY or statement.resources is None or statement.resources.negated:
        return None
    found = set()
    for _, reach in resources.reaches(statement.resources):
        region = reach.region if reach.kind in _ONE_REGION else "*"
        if wildcards.has_wildcard(region) or ANYTHING in region or "<" in region or "$" in region:
            return None
        found.add(region)
    return found.pop() if len(found) == 1 else None
