"""What is wrong with the resources of a statement: they match no key, or not the key that is meant."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from kms_lint.checks.statement import nothing
from kms_lint.finding import Confidence, Hit
from kms_lint.iam import actions
from kms_lint.iam.resources import DEAD, Kind, Reach, is_key, reach
from kms_lint.model import Patterns, PolicyKind, Statement, World
from kms_lint.rule import check
from kms_lint.source import At, Borrowed
from kms_lint.syntax.tree import Text

_NAMING_KEYS: Final = frozenset({PolicyKind.IDENTITY, PolicyKind.SCP, PolicyKind.RCP, PolicyKind.VPC_ENDPOINT})
_ONLY_KMS: Final = "kms:"
_ALSO_DEAD_ALONE: Final = frozenset({Kind.OTHER_SERVICE, Kind.MALFORMED})
_TERRAFORM_KEY: Final = re.compile(
    r"<((?:data\.)?aws_kms_(?:key|replica_key|external_key|replica_external_key)\.[^<>]+)\.(?:key_id|id)>"
)
_LOGICAL_ID: Final = re.compile(r"<([A-Za-z0-9]+)>")
_ALIAS_NAME: Final = re.compile(r"((?:.*\.)?aws_kms_alias\..+)\.name")
_TERRAFORM_ALIAS: Final = re.compile(r"<((?:data\.)?aws_kms_alias\.[^<>]+)\.(?:arn|name|id)>")


@check(Statement)
def dead_resource(statement: Statement, world: World) -> Iterator[Hit]:
    """A resource that names a key in a way that never matches a key.

    https://docs.aws.amazon.com/kms/latest/developerguide/cmks-in-iam-policies.html
    """
    resources = statement.resources
    if statement.kind not in _NAMING_KEYS or resources is None:
        return
    sure = actions.covered(statement.actions)
    if not sure - actions.STAR_ONLY:
        return
    for value in resources.values:
        found = reach(value)
        confidence = _death(found, statement, sure)
        if confidence is not None:
            does = "it leaves nothing out" if resources.negated else nothing(statement)
            yield Hit(_referred(value.at), f"{found.why}: {does}", confidence=confidence, fix=_better(value, found))


@check(Statement)
def key_policy_resource(statement: Statement, world: World) -> Iterator[Hit]:
    """A resource in a key policy that is not the key itself.

    https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-overview.html
    """
    resources = statement.resources
    if statement.kind is not PolicyKind.KEY or resources is None or resources.negated:
        return
    for value in resources.values:
        if value.form == "*":
            continue
        found = reach(value)
        own = _is_own(value, found, statement, world)
        if own is None and found.kind is not Kind.UNKNOWN:
            label = f"unless this is the key itself, {nothing(statement)}"
            yield Hit(value.at, label, confidence=Confidence.POSSIBLE)
        elif own is False:
            yield Hit(value.at, f"{found.why or 'it is another key'}: {nothing(statement)}")


def _referred(at: At) -> At:
    """Where a resource is written: the name of an alias is right where the alias has it, and wrong where it is referred to."""
    if not isinstance(at, Borrowed):
        return at
    return at.used if _ALIAS_NAME.fullmatch(at.name) else replace(at, written=_referred(at.written))


def _alias(at: At) -> str | None:
    """The alias whose name is referred to."""
    while isinstance(at, Borrowed):
        match = _ALIAS_NAME.fullmatch(at.name)
        if match is not None:
            return match[1]
        at = at.written
    return None


def _death(found: Reach, statement: Statement, sure: frozenset[str]) -> Confidence | None:
    """Whether a resource is dead in a statement: surely, possibly, or (`None`) not."""
    if found.kind in _ALSO_DEAD_ALONE:
        return Confidence.DEFINITE if _only_kms(statement.actions) else None
    if found.kind not in DEAD:
        return None
    if found.kind is not Kind.ALIAS_ARN:
        return Confidence.DEFINITE
    if sure & actions.ALIAS:
        return None
    return Confidence.POSSIBLE if actions.reachable(statement.actions) & actions.ALIAS else Confidence.DEFINITE


def _only_kms(patterns: Patterns | None) -> bool:
    """Whether a statement surely has actions of KMS and of no other service."""
    if patterns is None or patterns.negated:
        return False
    return all(value.form.lower().startswith(_ONLY_KMS) for value in patterns.values)


def _better(resource: Text, found: Reach) -> str | None:
    """What to write in the place of a reference that gives an id or an alias."""
    logical = _LOGICAL_ID.fullmatch(resource) if found.kind is Kind.KEY_ID else None
    if logical:
        return f"Write `!GetAtt {logical[1]}.Arn`."
    key = _TERRAFORM_KEY.search(resource)
    if key:
        return f"Write `{key[1]}.arn`."
    alias = _TERRAFORM_ALIAS.search(resource)
    if alias:
        return f"Write `{alias[1]}.target_key_arn`."
    named = _alias(resource.at)
    return None if named is None else f"Write `{named}.target_key_arn`."


def _is_own(value: Text, found: Reach, statement: Statement, world: World) -> bool | None:
    """Whether a resource is the key that the policy belongs to; `None` when nothing tells."""
    owner = statement.owner
    if found.kind is Kind.ACCOUNT_KEYS and owner is not None and found.account == owner and found.region == "*":
        return True
    if is_key(value, None, owner) is not None:
        return is_key(value, None, owner)
    own, others = _arns(statement, world)
    if own is None:
        return None
    if found.name.startswith("<"):  # what is looked up, or one of several instances, may be the same key
        return own.form == value.form or (False if value.form in others else None)
    return is_key(value, own, owner)


def _arns(statement: Statement, world: World) -> tuple[Text | None, set[str]]:
    """The ARN of the key that a statement belongs to, where it is known, and those of the other keys."""
    own, others = None, set()
    for document in world.documents:
        for key in document.keys:
            if key.arn is None:
                continue
            if any(statement in policy.statements for policy in key.policies):
                own = key.arn
            else:
                others.add(key.arn.form)
    return own, others
