"""What is wrong with the actions of a statement, and statements that lack a part."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from kms_lint.checks.correction import corrected
from kms_lint.finding import Confidence, Hit, Place
from kms_lint.iam import actions, kms, principals, wildcards
from kms_lint.model import Effect, Patterns, PolicyKind, Statement, World
from kms_lint.rule import check
from kms_lint.syntax.tree import ANYTHING, Text

_OF_IDENTITIES: Final = frozenset({PolicyKind.IDENTITY, PolicyKind.SCP, PolicyKind.VPC_ENDPOINT})
_ANY_RESOURCE: Final = "*"
_DOES_NOTHING: Final = {Effect.ALLOW: "it allows nothing", Effect.DENY: "it blocks nothing"}


@check(Statement)
def void_statement(statement: Statement, world: World) -> Iterator[Hit]:
    """A key policy statement without Action or Resource does nothing.

    https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-overview.html
    """
    if statement.kind is not PolicyKind.KEY or statement.unknown:
        return
    missing = [
        f"`{element}`"
        for element, patterns in (("Action", statement.actions), ("Resource", statement.resources))
        if patterns is None or not patterns.values
    ]
    if missing:
        yield Hit(statement.at, f"without {' and '.join(missing)} {nothing(statement)}", value=", ".join(missing))


@check(Statement)
def repeated_principal(statement: Statement, world: World) -> Iterator[Hit]:
    """A statement names a principal twice: in the same words, or an account by its number and by its root ARN.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
    """
    seen: dict[tuple[str, str], Text] = {}
    for principal in statement.principals.values if statement.principals is not None else ():
        if not principal.value.known or not principal.type.known:
            continue
        named = principals.account(principal) if principals.is_account(principal) else None
        first = seen.setdefault((principal.type.form, named or principal.value.form), principal.value)
        if first is not principal.value:
            same = "" if first.form == principal.value.form else f", as {first}"
            yield Hit(
                principal.value.at, f"{principal.value} is named already{same}", related=(Place(first.at, "here"),)
            )


@check(Statement)
def action_outside_key_policy(statement: Statement, world: World) -> Iterator[Hit]:
    """A key policy names, not by wildcard, an operation that no key policy decides."""
    if statement.kind is not PolicyKind.KEY:
        return
    for name, value in actions.names(statement.actions).items():
        if name in actions.WITHOUT_EFFECT_IN_KEY_POLICY:
            yield Hit(value.at, f"no key policy decides about {name}: {_beside(name)}")


@check(Statement)
def foreign_action(statement: Statement, world: World) -> Iterator[Hit]:
    """A key policy names actions of another service."""
    if statement.kind is not PolicyKind.KEY or statement.actions is None or statement.actions.negated:
        return
    for value in statement.actions.values:
        service = _service(value)
        if service:
            yield Hit(value.at, f"a key policy decides about AWS KMS alone, not about `{service}`")


@check(Statement)
def action_needs_any_resource(statement: Statement, world: World) -> Iterator[Hit]:
    """An operation that concerns no key is limited to resources, and so never matches.

    https://docs.aws.amazon.com/kms/latest/developerguide/cmks-in-iam-policies.html
    """
    wanted, resources = statement.actions, statement.resources
    if statement.kind not in _OF_IDENTITIES or wanted is None or wanted.negated or resources is None:
        return
    if resources.negated or any(wildcards.surely_matches(each.form, _ANY_RESOURCE) for each in resources.values):
        return
    possible = any(wildcards.possibly_matches(each.form, _ANY_RESOURCE) for each in resources.values)
    for value in wanted.values:
        meant = actions.expand(value.form)
        if meant and meant <= actions.STAR_ONLY:
            label = f"only the resource `*` matches {_listed(meant)}: here {nothing(statement)}"
            confidence = Confidence.POSSIBLE if possible else Confidence.DEFINITE
            yield Hit(value.at, label, confidence=confidence)


@check(Statement)
def unknown_action(statement: Statement, world: World) -> Iterator[Hit]:
    """An action that is written as one of KMS, and is none."""
    if statement.actions is None:
        return
    for value in statement.actions.values:
        if actions.unknown(value.form):
            yield _unknown(value, statement.actions)
        elif f"kms:{value.form}".lower() in _LOWER:
            meant = _LOWER[f"kms:{value.form}".lower()]
            yield Hit(value.at, f"an action begins with its service: write `{meant}`", edits=corrected(value, meant))


def nothing(statement: Statement) -> str:
    """That a statement does nothing, in the words of its effect."""
    return _DOES_NOTHING[statement.effect] if statement.effect is not None else "it has no effect"


_LOWER: Final = {name.lower(): name for name in sorted(actions.ALL)}
_OTHER_NAMES: Final = frozenset(name.lower() for name in kms.NOT_ACTIONS)


def _unknown(value: Text, patterns: Patterns) -> Hit:
    wildcard = wildcards.has_wildcard(value.form)
    what = "no action of AWS KMS matches this" if wildcard else f"`{value}` is no action of AWS KMS"
    if patterns.negated:
        what += ", so it leaves nothing out"
    if value.form.lower() == "kms:reencrypt":
        return Hit(value.at, f"{what}: it is `kms:ReEncryptFrom` and `kms:ReEncryptTo`, both are `kms:ReEncrypt*`")
    meant = actions.suggestion(str(value)) if value.known else None
    if meant is None:
        return Hit(value.at, what)
    edits = corrected(value, meant) if _misspelt(value.form.lower()) else ()
    return Hit(value.at, f"{what}: did you mean `{meant}`?", edits=edits)


def _misspelt(name: str) -> bool:
    """Whether a name is so close to one action, and to no other, that nothing else can be meant."""
    import difflib

    return name not in _OTHER_NAMES and len(difflib.get_close_matches(name[:80], _LOWER, n=2, cutoff=0.9)) == 1


def _service(value: Text) -> str:
    """The service that an action surely belongs to, when it is another than KMS; empty otherwise."""
    service, colon, _ = value.form.partition(":")
    if not colon or wildcards.has_wildcard(service) or ANYTHING in service or "<" in service or "$" in service:
        return ""
    return "" if service.lower() == "kms" else service


def _beside(name: str) -> str:
    if name == "kms:RetireGrant":
        return "the grant does"
    return "it concerns no particular key"


def _listed(names: frozenset[str]) -> str:
    return " and ".join(sorted(names)) if len(names) < 3 else "these operations"
