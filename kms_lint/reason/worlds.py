"""Two sets of documents policy by policy: which belongs to which, and what the change of each grants."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from kms_lint.model import Document, Effect, Grant, Key, Policy, PolicyKind, Status
from kms_lint.reason import plain
from kms_lint.reason.compared import Settings
from kms_lint.reason.difference import Difference, Relation, Verdict, difference
from kms_lint.syntax.tree import ANYTHING


@dataclass(frozen=True, slots=True)
class Change:
    """One policy before and after; `None` where there is none. `address` is that of the new one, if there is one."""

    address: str
    old: Policy | None
    new: Policy | None
    difference: Difference


@dataclass(frozen=True, slots=True)
class Held:
    """A policy with the ARN of the key that it belongs to, as far as that is known."""

    policy: Policy
    key_arn: str | None = None


@dataclass(frozen=True, slots=True)
class Side:
    """What one side holds: its policies, its grants by address with what they say, and reasons why it may hold more, each with what it is about."""

    held: tuple[Held, ...]
    unknown: tuple[tuple[str, str], ...]
    grants: tuple[tuple[str, str], ...] = ()


def side(documents: Iterable[Document]) -> Side:
    """The policies of documents."""
    held: list[Held] = []
    unknown: list[tuple[str, str]] = []
    grants: list[tuple[str, str]] = []
    for document in documents:
        if document.status is Status.MALFORMED:
            unknown.append((document.path, f"malformed: {document.problems[0].message}"))
        unknown += [(document.path, f"unresolved: {each.message}") for each in document.unresolved]
        grants += [(each.address, _said(each)) for each in document.grants]
        for key in document.keys:
            held += [Held(policy, _arn(key)) for policy in key.policies]
            if not key.policies or key.policy_unknown:
                why = (
                    "it is not known"
                    if key.policy_unknown
                    else "it has none here, and the one that AWS gives it is not read"
                )
                unknown.append((key.address, f"unsupported: the policy of this key cannot be compared: {why}"))
        held += [Held(policy) for policy in document.policies]
    return Side(tuple(held), tuple(unknown), tuple(grants))


def _said(grant: Grant) -> str:
    """What a grant gives, to be compared; empty where it cannot be: something is unknown, or constraints bound it."""
    texts = (grant.grantee, grant.key, grant.retiring, *grant.operations)
    if grant.constraints or grant.constraints_unknown or any(ANYTHING in each.form for each in texts if each):
        return ""
    grantee, key, retiring = (each and each.form for each in texts[:3])
    return repr((grantee, key, retiring, sorted(each.form for each in grant.operations)))


def _arn(key: Key) -> str | None:
    return key.arn.form if key.arn is not None and ANYTHING not in key.arn.form and "<" not in key.arn.form else None


def changes(old: Side, new: Side, settings: Settings) -> Iterator[Change]:
    """What the change of each policy grants: the same address or key, else the same content, else added or removed."""
    for before, after in _pairs(list(old.held), list(new.held)):
        found = after or before
        if found is None:
            continue
        wanted = replace(settings, key_arn=settings.key_arn or found.key_arn, alone=_alone(found, old, new))
        answer = _difference(before.policy if before else None, after.policy if after else None, wanted)
        if before and after and before.policy.address != after.policy.address:
            same = f"{after.policy.address} is what {before.policy.address} was"
            answer = replace(answer, assumptions=(*answer.assumptions, same))
        if (before is None and old.unknown) or (after is None and new.unknown):
            answer = Difference(Verdict.UNKNOWN, Relation.UNKNOWN, (), _NO_COUNTERPART)
        several = [each for each in (*old.held, *new.held) if _same_place(each, found) and each.policy.branch]
        if _repeated(found, old) or _repeated(found, new) or several:
            answer = replace(answer, verdict=Verdict.UNKNOWN, relation=Relation.UNKNOWN, groups=(), reason=_SEVERAL)
        yield Change(found.policy.address, before.policy if before else None, after.policy if after else None, answer)
    yield from _granted(old, new)
    yield from _unknown(old, new)


def _granted(old: Side, new: Side) -> Iterator[Change]:
    """Grants are access too: one that is not there before as well, word for word, may give more."""
    known = {said for _, said in old.grants}
    for address, said in new.grants:
        if not said or said not in known:
            why = "unsupported: this grant is new, changed, constrained or unknown in part, and grants are not compared"
            yield Change(address, None, None, Difference(Verdict.UNKNOWN, Relation.UNKNOWN, (), why))


_NO_COUNTERPART: Final = "unsupported: the other side shows no such policy, and not all of that side is known"
_SEVERAL: Final = "unsupported: there are several policies at this address, by condition or repeated"


def _same_place(one: Held, other: Held) -> bool:
    return (one.policy.kind, one.policy.address, one.policy.of) == (
        other.policy.kind,
        other.policy.address,
        other.policy.of,
    )


def _repeated(found: Held, side: Side) -> bool:
    return sum(_same_place(each, found) for each in side.held) > 1


def _alone(found: Held, old: Side, new: Side) -> bool:
    """Whether no other policy decides with this one: a key has one policy, and what one side holds alone has no other."""
    return found.policy.kind is PolicyKind.KEY or (len(old.held) <= 1 and len(new.held) <= 1)


def _unknown(old: Side, new: Side) -> Iterator[Change]:
    same = set(old.unknown) & set(new.unknown)
    for address, reason in dict.fromkeys((*new.unknown, *old.unknown)):
        more = ", before and after" if (address, reason) in same else ""
        yield Change(address, None, None, Difference(Verdict.UNKNOWN, Relation.UNKNOWN, (), reason + more))


def _pairs(old: list[Held], new: list[Held]) -> Iterator[tuple[Held | None, Held | None]]:
    if len(old) == len(new) == 1 and old[0].policy.kind is new[0].policy.kind and not _other_key(old[0], new[0]):
        yield old[0], new[0]
        return
    pairs: dict[int, Held] = {}
    for same in (_same_address, _same_key, _same_content):
        for index, after in enumerate(new):
            found = next((each for each in old if same(each, after)), None) if index not in pairs else None
            if found is not None:
                pairs[index] = found
                old.remove(found)
    for index, after in enumerate(new):
        yield pairs.get(index), after
    for before in old:
        yield before, None


def _same_address(one: Held, other: Held) -> bool:
    return one.policy.kind is other.policy.kind and (one.policy.address, one.policy.of, one.policy.branch) == (
        other.policy.address,
        other.policy.of,
        other.policy.branch,
    )


def _same_key(one: Held, other: Held) -> bool:
    return one.key_arn is not None and one.key_arn == other.key_arn and one.policy.branch == other.policy.branch


def _other_key(one: Held, other: Held) -> bool:
    return None not in (one.key_arn, other.key_arn) and one.key_arn != other.key_arn


def _same_content(one: Held, other: Held) -> bool:
    """For key policies only: what an identity is allowed is new to another identity with the same policy."""
    if _other_key(one, other):
        return False
    return one.policy.kind is other.policy.kind is PolicyKind.KEY and _content(one.policy) == _content(other.policy)


def _content(policy: Policy) -> object:
    return plain.document(policy)["Statement"]


def _difference(old: Policy | None, new: Policy | None, settings: Settings) -> Difference:
    for policy in (old, new):
        if policy is not None and (broken := _broken(policy)):
            return Difference(Verdict.UNKNOWN, Relation.UNKNOWN, (), f"malformed: {broken}")
    if new is None:
        assert old is not None
        denies = any(each.effect is not Effect.ALLOW for each in old.statements)
        if old.kind in (PolicyKind.KEY, PolicyKind.RESOURCE, PolicyKind.TRUST) or not denies:
            return Difference(
                Verdict.NO_NEW_ACCESS, Relation.NARROWER, (), "", ("the policy went with what it belongs to",)
            )
        return Difference(
            Verdict.UNKNOWN,
            Relation.UNKNOWN,
            (),
            "unsupported: a policy with a Deny was removed, which may have kept others in bounds",
        )
    if old is not None and old.kind is not new.kind:
        return Difference(
            Verdict.UNKNOWN, Relation.UNKNOWN, (), f"unsupported: a {old.kind.value} became a {new.kind.value}"
        )
    return difference(old or replace(new, statements=()), new, settings)


def _broken(policy: Policy) -> str:
    return next((problem.message for problem in policy.problems if problem.rule.startswith("malformed")), "")


def together(found: Sequence[Change]) -> tuple[Verdict, Relation]:
    """The verdict and the relation of all changes as one."""
    verdicts = {each.difference.verdict for each in found}
    verdict = next((each for each in (Verdict.NEW_ACCESS, Verdict.UNKNOWN) if each in verdicts), Verdict.NO_NEW_ACCESS)
    relations = {each.difference.relation for each in found} - {Relation.EQUIVALENT}
    if Relation.UNKNOWN in relations:
        return verdict, Relation.UNKNOWN
    if len(relations) > 1:
        return verdict, Relation.INCOMPARABLE
    return verdict, next(iter(relations), Relation.EQUIVALENT)
