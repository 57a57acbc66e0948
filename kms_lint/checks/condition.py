"""What is wrong with the conditions of a statement: keys and operators that do not exist or do not fit."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from kms_lint.checks.correction import corrected
from kms_lint.finding import Confidence, Hit, Severity
from kms_lint.iam import actions, comparisons, keys
from kms_lint.model import Condition, Effect, Operator, Statement, World
from kms_lint.rule import check

_REGISTER: Final = re.compile(r"kms:recipientattestation:(?P<kind>nitrotpm)?pcr(?P<number>.*)")
_LAST_REGISTER: Final = 31
_LAST_REGISTER_OF_TPM: Final = 23
_EVERYTHING: Final = frozenset({"String", "Numeric", "Date", "Bool", "Binary", "IPAddress", "ARN"})
_FITTING: Final = {
    "String": _EVERYTHING,
    "Null": _EVERYTHING,
    "ARN": frozenset({"ARN", "String"}),
    "Bool": frozenset({"Bool"}),
    "Numeric": frozenset({"Numeric", "Date"}),
    "Date": frozenset({"Date"}),
    "IP": frozenset({"IPAddress"}),
    "Binary": frozenset({"Binary"}),
}
"""The types of keys that an operator can compare. ARNs in text and dates in seconds are common practice."""
_WORDS: Final = {
    "String": "text",
    "Numeric": "a number",
    "Date": "a date",
    "Bool": "true or false",
    "IPAddress": "an IP address",
    "ARN": "an ARN",
}
_CONSEQUENCES: Final = {
    (Effect.ALLOW, False): "this Allow never allows",
    (Effect.ALLOW, True): "it limits nothing",
    (Effect.DENY, False): "this Deny never blocks",
    (Effect.DENY, True): "this Deny always blocks",
}


@check(Statement)
def unknown_condition_key(statement: Statement, world: World) -> Iterator[Hit]:
    """A condition looks at a key that is written as one of KMS, and is none, or by a slip of the pen as none of AWS's.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
    """
    for condition in statement.conditions:
        key = condition.key
        if not key.known or _exists(key.form):
            continue
        of_kms = key.form.lower().startswith("kms:")
        meant = _meant(key.form) if of_kms else keys.global_slip(key.form)
        if not of_kms and (meant is None or not actions.reachable(statement.actions)):
            continue
        advice = f": did you mean `{meant}`?" if meant else ""
        absent = comparisons.passes_when_absent(condition)
        words = "" if statement.effect is None or absent is None else _CONSEQUENCES[statement.effect, absent]
        label = f"no request carries `{key}`{f', so {words}' if words else ''}{advice}"
        yield Hit(key.at, label, edits=corrected(key, meant) if meant and "KEY" not in meant else ())


@check(Statement)
def unknown_operator(statement: Statement, world: World) -> Iterator[Hit]:
    """A condition has an operator that does not exist, or one for another type of value than its key's.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
    """
    for condition in statement.conditions:
        text = condition.operator.text
        if not text.known:
            continue
        operator = comparisons.parse(text)
        if operator.comparison is None:
            yield _no_operator(operator)
        elif actions.reachable(statement.actions):
            yield from _misfit(condition, operator)
            yield from _neither(condition, operator.comparison)


def _exists(name: str) -> bool:
    """Whether a key of KMS exists; of the families of platform registers, whether that register does."""
    if keys.find(name) is None:
        return False
    register = _REGISTER.fullmatch(name.lower())
    if register is None:
        return True
    number = register["number"]
    last = _LAST_REGISTER_OF_TPM if register["kind"] else _LAST_REGISTER
    return number.isascii() and number.isdigit() and len(number) < 3 and int(number) <= last


def _meant(name: str) -> str | None:
    if name.lower().rstrip(":") == "kms:encryptioncontext":
        return "kms:EncryptionContext:KEY"
    meant = keys.suggestion(name)
    return None if meant is None or meant.endswith("*") else meant


def _no_operator(operator: Operator) -> Hit:
    text = operator.text
    if text.endswith("NullIfExists"):
        return Hit(text.at, "`Null` takes no `IfExists`: it asks itself whether the key is there")
    meant = comparisons.suggestion(str(text))
    advice = f": did you mean `{meant}`?" if meant else ""
    spelling = meant is not None and meant.lower() == text.lower()
    return Hit(
        text.at,
        f"there is no operator `{text}`{advice}",
        confidence=Confidence.POSSIBLE if spelling else Confidence.DEFINITE,
        edits=corrected(text, meant) if meant else (),
    )


def _neither(condition: Condition, compared: str) -> Iterator[Hit]:
    """A value that is neither true nor false, where the operator takes nothing else: it matches no request."""
    if compared not in ("Bool", "Null"):
        return
    for value in condition.values:
        if value.known and "$" not in value.form and value.form.lower() not in ("true", "false"):
            label = f"`{compared}` takes `true` or `false`: with `{value}` it matches no request"
            yield Hit(value.at, label, str(value), severity=Severity.MEDIUM)


def _misfit(condition: Condition, operator: Operator) -> Iterator[Hit]:
    """A key of which the type is known, and not one that the operator compares; tags and the like hold anything."""
    compared = comparisons.comparison(operator)
    key = keys.find(condition.key.form) if condition.key.known else None
    if compared is None or key is None or key.name.endswith("*") or key.type in _FITTING[compared.type]:
        return
    label = f"`{condition.key}` is {_WORDS[key.type]}, which `{operator.comparison}` does not compare"
    yield Hit(condition.key.at, label, severity=Severity.MEDIUM)
