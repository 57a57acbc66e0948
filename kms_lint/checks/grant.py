"""What is wrong with a grant: https://docs.aws.amazon.com/kms/latest/developerguide/grants.html ."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from kms_lint.checks.correction import corrected
from kms_lint.checks.strange_use import severity_of
from kms_lint.finding import Confidence, Hit
from kms_lint.iam import kms, trust, wildcards
from kms_lint.iam.actions import GRANT_OPERATIONS
from kms_lint.iam.principals import account, fault, grantee_of, is_account
from kms_lint.iam.trust import STRANGE, Home, Trust
from kms_lint.model import Grant, Key, PolicyKind, Setting, World
from kms_lint.rule import check
from kms_lint.syntax.tree import ANYTHING, Text

_SYMMETRIC: Final = "SYMMETRIC_DEFAULT"
_ONLY_SYMMETRIC: Final = frozenset(each for each in GRANT_OPERATIONS if each.startswith("GenerateDataKey"))
_WITH_CONTEXT: Final = _ONLY_SYMMETRIC | {"Encrypt", "Decrypt", "ReEncryptFrom", "ReEncryptTo"}
_ENCRYPTING: Final = _ONLY_SYMMETRIC | {"Encrypt", "ReEncryptTo"}
_DECRYPTING: Final = frozenset({"Decrypt", "ReEncryptFrom"})
_CONTEXT: Final = frozenset({"EncryptionContextEquals", "EncryptionContextSubset"})
_BY_KEY: Final = {name: frozenset(names.split()) for name, names in kms.GRANT_OPERATIONS_BY_KEY.items()}
_WITHOUT_CONTEXT: Final = (
    GRANT_OPERATIONS - _WITH_CONTEXT - {"CreateGrant", "DescribeKey", "GetPublicKey", "RetireGrant"}
)
_MOST_PAIRS: Final = 8
_LOWER: Final = {name.lower(): name for name in sorted(GRANT_OPERATIONS)}
_OF_SERVICE: Final = re.compile(
    r"arn:[^:]+:(?:iam|sts)::[^:]*:(?:role/aws-service-role/|(?:assumed-)?role/aws:).+", re.DOTALL
)


@check(Grant)
def grant_to_account(grant: Grant, world: World) -> Iterator[Hit]:
    """The grantee is a whole account, or everyone."""
    grantee = grant.grantee
    if grantee is None or grant.service:
        return
    form = grantee.form
    if form == "*":
        yield Hit(grantee.at, "everyone")
    elif wildcards.has_wildcard(form) and form.endswith((":root", ":*")):
        yield Hit(grantee.at, "all of this account, or of every account")
    elif is_account(grantee_of(grantee)):
        yield Hit(grantee.at, _whole(grantee, Home(grant.owner, world.accounts)))


def _whole(grantee: Text, at: Home) -> str:
    """Who a whole account is to the user, and whom it lets use the key."""
    standing, named = trust.standing(grantee_of(grantee), at), account(grantee_of(grantee)) or ANYTHING
    if standing.trust is Trust.OWN or ANYTHING in named:
        return "whoever the administrators of this account let use the key"
    return f"whoever the administrators of account {named} let use the key: the account {standing.why}"


@check(Grant)
def grant_to_stranger(grant: Grant, world: World) -> Iterator[Hit]:
    """The grantee belongs to an account that is neither the key's nor one that the user named."""
    grantee = grant.grantee
    if grantee is None or of_service(grant):
        return
    principal = grantee_of(grantee)
    standing = trust.standing(principal, Home(grant.owner, world.accounts))
    named = account(principal)
    if named is None or standing.trust not in STRANGE | {Trust.UNRESOLVED}:
        return
    whose = "of an account" if ANYTHING in named else f"of account {named}"
    label = f"{whose}, which {standing.why}"
    severity = severity_of(standing, _given(grant))
    yield Hit(grantee.at, label, severity=severity, confidence=_confidence(standing.sure))


@check(Grant)
def grant_of_grants(grant: Grant, world: World) -> Iterator[Hit]:
    """The grantee may create grants itself. AWS services do so for what they run, and may."""
    if of_service(grant):
        return
    for operation in grant.operations:
        if operation.form == "CreateGrant":
            yield Hit(
                operation.at,
                "the grantee can pass on what it is granted",
                confidence=_confidence(not _may_be_service(grant)),
            )


@check(Grant)
def grant_too_broad(grant: Grant, world: World) -> Iterator[Hit]:
    """The grant holds all that the key can do, or encryption and decryption together with control over grants."""
    if of_service(grant):
        return
    granted = {operation.form for operation in grant.operations}
    confidence = _confidence(not _may_be_service(grant))
    if any(granted >= all_of_them for all_of_them in _possible(grant, world)):
        yield Hit(grant.operations_at, "everything that the key can do", confidence=confidence)
    elif granted & _ENCRYPTING and granted & _DECRYPTING and "CreateGrant" in granted:
        label = "encryption, decryption and new grants together"
        yield Hit(grant.operations_at, label, confidence=confidence)


@check(Grant)
def grant_without_constraint(grant: Grant, world: World) -> Iterator[Hit]:
    """Nothing ties the grant to an encryption context, though its operations take one."""
    granted = {operation.form for operation in grant.operations}
    if not granted & _WITH_CONTEXT or of_service(grant) or _constrained(grant):
        return
    symmetric = _is_symmetric(grant, granted, world)
    if symmetric is False:
        return
    sure = symmetric is True and not grant.constraints_unknown and not _may_be_service(grant)
    label = "the grantee can use the key with any encryption context, or with none"
    yield Hit(grant.at, label, confidence=_confidence(sure))


@check(Grant)
def invalid_grant(grant: Grant, world: World) -> Iterator[Hit]:
    """AWS KMS refuses the grant: https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateGrant.html ."""
    yield from _principal_faults(grant)
    possible = _possible(grant, world)
    for operation in grant.operations:
        yield from _operation_fault(operation, possible)
    names = [operation.form for operation in grant.operations]
    if names and set(names) == {"CreateGrant"}:
        yield Hit(grant.operations_at, "AWS KMS refuses a grant of nothing but CreateGrant")
    yield from _constraint_fault(grant, set(names), _described(grant, world)[0])
    key = grant.key
    if key is not None and (key.form.startswith("alias/") or (key.form.startswith("arn:") and ":alias/" in key.form)):
        yield Hit(key.at, "a grant takes the id or the ARN of a key, no alias", str(key))


def of_service(grant: Grant) -> bool:
    """Whether an AWS service is the grantee, as itself or through a role that is its own."""
    return grant.service or (grant.grantee is not None and _OF_SERVICE.match(grant.grantee.form) is not None)


def _may_be_service(grant: Grant) -> bool:
    return grant.grantee is None or grant.grantee.form.startswith(ANYTHING)


def _confidence(sure: bool) -> Confidence:
    return Confidence.DEFINITE if sure else Confidence.POSSIBLE


def _given(grant: Grant) -> frozenset[str]:
    """The actions that a grant gives, as policies write them; all of them where one is not known."""
    operations = [each.form for each in grant.operations]
    known = bool(operations) and all(each in GRANT_OPERATIONS for each in operations)
    return frozenset(f"kms:{each}" for each in (operations if known else GRANT_OPERATIONS))


def _constrained(grant: Grant) -> bool:
    return any(each.type in _CONTEXT and each.pairs != 0 for each in grant.constraints)


def _principal_faults(grant: Grant) -> Iterator[Hit]:
    """What is wrong with the grantee, and with who may retire the grant. AWS tells of services in the place of either."""
    written = "aws_kms_grant." in grant.address
    for principal, word in ((grant.grantee, "grantee"), (grant.retiring, "retiring principal")):
        if principal is None:
            continue
        if grant.service if principal is grant.grantee else _is_service(principal):
            if written:
                yield Hit(principal.at, "AWS KMS takes a user, a role or an account here, no service")
            continue
        wild = wildcards.has_wildcard(principal.form)
        why = "a grant takes no wildcard" if wild else fault(grantee_of(principal), PolicyKind.TRUST)
        if why is not None:
            yield Hit(principal.at, f"AWS KMS refuses this {word}: {why}")


def _is_service(principal: Text) -> bool:
    return ":" not in principal.form and principal.form.endswith(tuple(kms.PARTITIONS.values()))


def _constraint_fault(grant: Grant, names: set[str], spec: str | None) -> Iterator[Hit]:
    """What is wrong with the constraints to an encryption context, given the operations and the spec of the key."""
    context = [each for each in grant.constraints if each.type in _CONTEXT and each.pairs != 0]
    if {each.type for each in context} == _CONTEXT:
        label = "a grant takes EncryptionContextEquals or EncryptionContextSubset, not both"
        yield Hit(context[-1].at, label)
    for each in context:
        if each.pairs is not None and each.pairs > _MOST_PAIRS:
            yield Hit(
                each.at, f"a constraint takes {_MOST_PAIRS} pairs of an encryption context, this has {each.pairs}"
            )
    without = sorted(names & _WITHOUT_CONTEXT)
    if context and spec not in (None, _SYMMETRIC) and names & _WITH_CONTEXT:
        yield Hit(context[0].at, f"a key of spec {spec} takes no encryption context, so no constraint can name one")
    elif context and without:
        label = f"{' and '.join(without)} take{'s' if len(without) == 1 else ''} no encryption context"
        yield Hit(context[0].at, f"{label}, so no constraint can name one")


def _operation_fault(operation: Text, possible: tuple[frozenset[str], ...]) -> Iterator[Hit]:
    name = operation.form
    if ANYTHING in name or "<" in name:
        return
    if name not in GRANT_OPERATIONS:
        meant = _LOWER.get(name.lower().removeprefix("kms:"))
        edits = corrected(operation, meant) if meant else ()
        advice = f": write `{meant}`" if meant else ""
        yield Hit(operation.at, f"`{operation}` is no operation that can be granted{advice}", edits=edits)
    elif possible and not any(name in each for each in possible):
        yield Hit(operation.at, f"the key cannot do {name}, so AWS KMS refuses the grant")


def _possible(grant: Grant, world: World) -> tuple[frozenset[str], ...]:
    """What can be granted on the key, for each spec and usage that it may have; none when nothing tells."""
    spec, usage = _described(grant, world)
    if spec is None:
        return ()
    fitting = (
        name for name in _BY_KEY if name.startswith(f"{spec}/") and (usage is None or name.endswith(f"/{usage}"))
    )
    return tuple(_BY_KEY[name] for name in fitting)


def _described(grant: Grant, world: World) -> tuple[str | None, str | None]:
    """The spec and the usage of the key, as far as they are known."""
    spec, usage = grant.spec, grant.usage
    if spec is None:
        key = key_of(grant, world)
        if key is None:
            return None, None
        spec, usage = key.settings.get("spec"), key.settings.get("usage")
        if spec is None:
            return _SYMMETRIC, _text(usage)
    return _text(spec), _text(usage)


def _text(setting: Setting | None) -> str | None:
    return setting.value if setting is not None and setting.known and isinstance(setting.value, str) else None


def _is_symmetric(grant: Grant, granted: set[str], world: World) -> bool | None:
    spec, _ = _described(grant, world)
    if spec is not None:
        return spec == _SYMMETRIC
    return True if granted & _ONLY_SYMMETRIC else None


def key_of(grant: Grant, world: World) -> Key | None:
    """The key that the grant is for, when it is in the input."""
    return _keys(world).get(grant.key.form) if grant.key is not None and grant.key.known else None


@lru_cache(maxsize=1)
def _keys(world: World) -> dict[str, Key]:
    """The keys of the input by their ARNs and ids."""
    found: dict[str, Key] = {}
    for document in world.documents:
        for key in document.keys:
            if key.arn is not None and key.arn.known:
                for name in (key.arn.form, key.arn.form.rpartition("key/")[2]):
                    found.setdefault(name, key)
    return found
