"""How grants come to an end, or do not.

https://docs.aws.amazon.com/kms/latest/developerguide/grant-delete.html
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from kms_lint.checks.grant import of_service
from kms_lint.finding import Confidence, Hit, Place
from kms_lint.iam import kms, trust
from kms_lint.iam.principals import grantee_of
from kms_lint.iam.trust import Home, Trust
from kms_lint.model import Grant, World
from kms_lint.rule import check
from kms_lint.syntax.tree import ANYTHING


@check(Grant)
def grant_never_retires(grant: Grant, world: World) -> Iterator[Hit]:
    """Nobody is named who may retire the grant, and its grantee may not either."""
    if of_service(grant) or grant.retiring is not None or grant.retires_on_delete is True:
        return
    operations = [operation.form for operation in grant.operations]
    if "RetireGrant" in operations or not operations:
        return
    sure = grant.retires_on_delete is False and not any(ANYTHING in each for each in operations)
    service = grant.grantee is None or grant.grantee.form.startswith(ANYTHING)
    confidence = Confidence.DEFINITE if sure and not service else Confidence.POSSIBLE
    yield Hit(grant.at, "no retiring principal, and no RetireGrant for the grantee", confidence=confidence)


@check(Grant)
def deleted_grantee(grant: Grant, world: World) -> Iterator[Hit]:
    """The grantee is the unique id that is left of a user or role.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
    """
    for text, word in ((grant.grantee, "the grantee"), (grant.retiring, "the retiring principal")):
        if text is not None and trust.standing(grantee_of(text), Home(grant.owner)).trust is Trust.DELETED:
            yield Hit(text.at, f"{word} is what is left of a {kms.UNIQUE_IDS[text.form[:4]]} that was deleted")


class _Content(NamedTuple):
    """What a grant says; two that say the same are one too many."""

    key: str
    grantee: str
    retiring: str
    operations: frozenset[str]
    constraints: frozenset[tuple[str, frozenset[tuple[str, str]]]]


@check(Grant)
def duplicate_grant(grant: Grant, world: World) -> Iterator[Hit]:
    """Another grant gives the same on the same key.

    https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateGrant.html
    """
    first = _firsts(world).get(id(grant))
    if first is not None:
        yield Hit(grant.at, "it says the same as another one", related=(Place(first.at, "the other grant"),))


@lru_cache(maxsize=1)
def _firsts(world: World) -> dict[int, Grant]:
    """For each grant that repeats another, the first of its content. Addresses mean one key within one folder only."""
    firsts: dict[tuple[str, _Content], Grant] = {}
    found: dict[int, Grant] = {}
    for document in world.documents:
        folder = document.path.rpartition("/")[0]
        for grant in document.grants:
            content = _content(grant)
            if content is not None:
                first = firsts.setdefault((folder if grant.of else "", content), grant)
                found.update({id(grant): first} if first is not grant else {})
    return found


def _content(grant: Grant) -> _Content | None:
    """What a grant says; `None` where that is not all known, or where it is a service's own business."""
    key = grant.of or (grant.key.form if grant.key is not None and grant.key.known else None)
    texts = [each for each in (grant.grantee, grant.retiring, *grant.operations) if each is not None]
    unknown = any(ANYTHING in each.form for each in texts)
    constraints = _constraints(grant)
    if key is None or grant.grantee is None or constraints is None or unknown or of_service(grant):
        return None
    retiring = "" if grant.retiring is None else grant.retiring.form
    operations = frozenset(each.form for each in grant.operations)
    return _Content(key, grant.grantee.form, retiring, operations, constraints)


def _constraints(grant: Grant) -> frozenset[tuple[str, frozenset[tuple[str, str]]]] | None:
    """What a grant is constrained to, whichever comes first; `None` where that is not all known.

    The pairs of an encryption context are compared in their letter case, as Decrypt compares them. A context without
    pairs constrains nothing.
    """
    found: set[tuple[str, frozenset[tuple[str, str]]]] = set()
    for each in grant.constraints:
        pairs = frozenset((name.form, value.form) for name, value in each.values)
        known = not any(ANYTHING in text for pair in pairs for text in (each.type, *pair))
        if each.pairs == 0:
            continue
        if not pairs or not known or each.pairs not in (None, len(each.values)):
            return None
        found.add((each.type, pairs))
    return None if grant.constraints_unknown else frozenset(found)
