"""Conditions that are written in a form that does not do what it seems to.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from kms_lint.checks.correction import corrected
from kms_lint.finding import Confidence, Hit
from kms_lint.iam import actions, comparisons, keys, wildcards
from kms_lint.model import Condition, Effect, Policy, PolicyKind, Statement, World
from kms_lint.rule import check
from kms_lint.syntax.tree import ANYTHING, Text

_ALIAS_KEYS: Final = ("kms:requestalias", "kms:resourcealiases")
_PREFIX: Final = "alias/"
_VARIABLE: Final = re.compile(r"\$\{\s*(?:aws|kms|saml|sts|cognito|graph|accounts|ec2|s3|iam):?[^{}]*\}", re.IGNORECASE)
_OLD: Final = "2008-10-17"
_REPLACED: Final = re.compile(r"\$\{[^{}]*\}")
_WITH_A_RULE: Final = (*_ALIAS_KEYS, "kms:viaservice")
_CONTEXT_OF_AWS: Final = "kms:encryptioncontext:aws:"
_FREE: Final = frozenset(
    [
        "aws:referer",
        "aws:UserAgent",
        "aws:FederatedProvider",
        "aws:SourceArn",
        "kms:EncryptionContextKeys",
        "kms:GrantConstraintSourceArn",
    ]
)
"""Keys whose values callers choose, or of which AWS does not say that they hold no wildcard."""


@check(Statement)
def set_operator_misused(statement: Statement, world: World) -> Iterator[Hit]:
    """`ForAllValues` or `ForAnyValue` on a key with one value, or neither on a key with several."""
    for condition in statement.conditions if actions.reachable(statement.actions) else ():
        key = keys.find(condition.key.form) if condition.key.known else None
        text = condition.operator.text
        operator = comparisons.parse(text)
        if key is None or operator.comparison in (None, "Null") or not text.known:
            continue
        if key.many and operator.quantifier is None:
            wanted = "ForAllValues:" if key.name == "kms:GrantOperations" else "ForAnyValue:"
            label = f"`{condition.key}` holds several values, and `{text}` compares one: write `{wanted}{text}`"
            yield Hit(text.at, label, edits=corrected(text, f"{wanted}{text}"))
        elif not key.many and operator.quantifier is not None:
            yield _needless(statement, condition, operator.quantifier)


def _needless(statement: Statement, condition: Condition, quantifier: str) -> Hit:
    text = condition.operator.text
    plain = str(text).partition(":")[2]
    absent = quantifier == comparisons.FOR_ALL and keys.can_be_absent(condition.key.form)
    why = f", and `{quantifier}` passes when it is absent" if absent else ""
    label = f"`{condition.key}` holds one value{why}: write `{plain}`"
    return Hit(text.at, label, edits=corrected(text, plain) if statement.effect is Effect.ALLOW else ())


@check(Statement)
def alias_condition_value(statement: Statement, world: World) -> Iterator[Hit]:
    """A condition on aliases compares with what no alias is called.

    https://docs.aws.amazon.com/kms/latest/developerguide/alias-authorization.html
    """
    for condition in statement.conditions:
        if condition.key.form.lower() not in _ALIAS_KEYS:
            continue
        compared = comparisons.comparison(comparisons.parse(condition.operator.text))
        if compared is None or compared.type not in ("String", "ARN"):
            continue
        for value in condition.values:
            yield from _no_alias(value, compared.wildcards)


def _no_alias(value: Text, like: bool) -> Iterator[Hit]:
    form = value.form
    name = form.partition(":alias/")
    if form.startswith("arn:"):
        meant = _PREFIX + name[2] if name[1] else ""
        advice = f": write `{meant}`" if meant and ANYTHING not in meant and "<" not in meant else ""
        yield Hit(value.at, f"aliases are compared by name, never by ARN{advice}", str(value))
    elif not (like and wildcards.possibly_matches(form, _PREFIX + "a")) and not _begins(form, like):
        edits = corrected(value, _PREFIX + form) if value.known and ":" not in form and "$" not in form else ()
        yield Hit(value.at, f"the name of an alias begins with `{_PREFIX}`", str(value), edits=edits)
    elif not like and wildcards.has_wildcard(form):
        label = "this operator takes the wildcard as it stands, and no alias has one: write `StringLike`"
        yield Hit(value.at, label, str(value))


def _begins(form: str, like: bool) -> bool:
    """Whether a value may begin as the names of aliases do."""
    if "${" in form[: len(_PREFIX)] or ANYTHING in form[: len(_PREFIX)] or "<" in form[: len(_PREFIX)]:
        return True
    if like:
        start = re.split(r"[*?]", form)[0]
        return start.startswith(_PREFIX) or (len(start) < len(form) and _PREFIX.startswith(start))
    return form.startswith(_PREFIX)


@check(Statement)
def literal_wildcard(statement: Statement, world: World) -> Iterator[Hit]:
    """A wildcard in a condition whose operator compares it as a character.

    Where the value of a request may hold one, such as an encryption context of one's own, that may be meant. Conditions on
    aliases and on services have rules of their own.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
    """
    for condition in statement.conditions if actions.reachable(statement.actions) else ():
        key = keys.find(condition.key.form) if condition.key.known else None
        operator = comparisons.parse(condition.operator.text)
        compared = comparisons.comparison(operator)
        if key is None or compared is None or compared.type != "String" or compared.wildcards:
            continue
        if key.name.lower() in _WITH_A_RULE:
            continue
        confidence = Confidence.POSSIBLE if _may_hold_wildcards(condition.key.form, key) else Confidence.DEFINITE
        like = ("Arn" if key.type == "ARN" else "String") + ("NotLike" if compared.negated else "Like")
        instead = "name it whole" if key.exact or key.name == "kms:CallerAccount" else f"write `{like}`"
        for value in condition.values:
            if wildcards.has_wildcard(_REPLACED.sub("", value.form)):
                label = f"`{operator.comparison}` compares the wildcard as it stands, and matches nothing with it: {instead}"
                yield Hit(value.at, label, str(value), confidence=confidence)


def _may_hold_wildcards(name: str, key: keys.Key) -> bool:
    """Whether requests may carry a key with `*` or `?` in its value: contexts that callers choose, and what they say of themselves."""
    return key.name in _FREE or (key.name == "kms:EncryptionContext:*" and not name.lower().startswith(_CONTEXT_OF_AWS))


@check(Policy)
def literal_variable(policy: Policy, world: World) -> Iterator[Hit]:
    """A policy variable in a policy of the old version, which takes it for plain text.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_version.html
    """
    if policy.kind not in (
        PolicyKind.KEY,
        PolicyKind.IDENTITY,
        PolicyKind.SCP,
        PolicyKind.RCP,
        PolicyKind.VPC_ENDPOINT,
    ):
        return
    if policy.version is not None and policy.version.form != _OLD:
        return
    version = "without `Version`" if policy.version is None else f"with `Version` {_OLD}"
    for statement in policy.statements:
        if not actions.reachable(statement.actions):
            continue
        for value in _texts(statement):
            found = _VARIABLE.search(value.form)
            if found is not None:
                label = f"{version} `{found[0]}` is plain text, and matches nothing"
                confidence = Confidence.DEFINITE if not statement.unknown else Confidence.POSSIBLE
                yield Hit(value.at, label, str(value), statement=statement.index, confidence=confidence)


def _texts(statement: Statement) -> Iterator[Text]:
    yield from statement.resources.values if statement.resources is not None else ()
    for condition in statement.conditions:
        yield from condition.values
