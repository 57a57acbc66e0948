"""The IAM policies of each identity together: what moves from one of its policies to another is nothing new.

https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_managed-vs-inline.html
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from kms_lint.model import Identity, Policy, PolicyKind
from kms_lint.reason import limits
from kms_lint.reason.branches import policies, unknown
from kms_lint.reason.compared import Settings
from kms_lint.reason.difference import Difference, Relation, Verdict
from kms_lint.reason.managed import assumption, of_aws
from kms_lint.reason.sides import Held, Side
from kms_lint.syntax.tree import ANYTHING


@dataclass(frozen=True, slots=True)
class _Carried:
    """The policies of an identity on one side: those of the input, and the names of those that are not."""

    held: tuple[Policy, ...]
    missing: frozenset[str]
    attached: frozenset[str]
    boundary: str


class Attached:
    """Which identity carries which policies, on both sides."""

    def __init__(self, old: Side, new: Side, settings: Settings) -> None:
        self._settings = replace(settings, alone=False, limits=limits.of(new, PolicyKind.IDENTITY, settings))
        self._old = {each.address: _carried(each, old) for each in old.identities}
        self._new = {each.address: _carried(each, new) for each in new.identities}
        self._former = {now: before for before, now in former(old, new).items()}
        self._whole = not old.unknown
        self._repeated = _repeated(old) | _repeated(new)
        self._asked = settings.absolute
        self._answers: dict[str, Difference] = {}

    def settled(self, before: Policy | None, after: Policy | None, found: Difference) -> Difference:
        """What a change of one policy grants, seen with the other policies of all identities that have it."""
        policy = after or before
        if policy is None or policy.kind is not PolicyKind.IDENTITY or found.verdict is Verdict.NO_NEW_ACCESS:
            return found
        carriers = {name for name, each in self._new.items() if after is not None and after in each.held}
        if after is None:
            carriers = {name for name, each in self._old.items() if before in each.held and name in self._new}
        if carriers & self._repeated or policy.address in self._repeated:
            return found
        answers = [self._answer(name) for name in sorted(carriers)]
        if self._asked or not answers or any(each.verdict is not Verdict.NO_NEW_ACCESS for each in answers):
            return found
        shown = ", ".join(sorted(carriers))
        moved = f"all that {shown} may do by its other policies is taken together with this one, and nobody else has it"
        relation = answers[0].relation if len(answers) == 1 else Relation.UNKNOWN
        return Difference(Verdict.NO_NEW_ACCESS, relation, (), "", (moved, *answers[0].assumptions))

    def changes(self) -> Iterator[tuple[str, Difference]]:
        """What identities newly have: policies that were attached, and boundaries that went."""
        for name, after in [] if self._asked else self._new.items():
            before = self._before(name)
            gone = before is not None and before.boundary and after.boundary != before.boundary
            if gone and before is not None:
                yield name, unknown(f"unsupported: its permissions boundary is no longer {before.boundary}")
            strange = sorted(after.missing - (before.missing if before else frozenset()))
            if strange:
                yield name, unknown(f"unsupported: {strange[0]} was attached to it, which is not in the files")
            if after.attached - (before.attached if before else frozenset()):
                yield name, self._answer(name)

    def _before(self, name: str) -> _Carried | None:
        return self._old.get(self._former.get(name, name))

    def _answer(self, name: str) -> Difference:
        if name not in self._answers:
            before, after = self._before(name), self._new[name]
            if name in self._repeated or any(each.address in self._repeated for each in after.held):
                return unknown("unsupported: there are several identities or policies with one address")
            if before is None and not self._whole:
                return unknown("unsupported: the other side does not show it, and not all of that side is known")
            self._answers[name] = self._compared(before.held if before else (), after.held)
        return self._answers[name]

    def _compared(self, before: Sequence[Policy], after: Sequence[Policy]) -> Difference:
        if any(each.branch or each.problems for each in (*before, *after)):
            return unknown("unsupported: a policy that is attached depends on a condition, or is malformed")
        if not after:
            return Difference(Verdict.NO_NEW_ACCESS, Relation.NARROWER)
        speaking = [each for each in (*before, *after) if _has_variables(each)]
        if len({str(each.version) for each in speaking}) > 1:
            return unknown("unsupported: the policies that are attached are of different versions")
        like = speaking[0] if speaking else after[0]
        found = policies(_union(before, like), _union(after, like), self._settings)
        if not any(each.managed for each in (*before, *after)):
            return found
        return replace(found, assumptions=(*found.assumptions, assumption()))


def former(old: Side, new: Side) -> dict[str, str]:
    """The new addresses of identities that were moved, by the old ones: what is at an address on both sides stays."""
    before, after = ({each.address for each in side.identities} for side in (old, new))
    found: dict[str, str] = {}
    for name in sorted(after - before):
        known = (each for each in new.formerly.get(name, ()) if each in before - after and each not in found)
        found |= dict.fromkeys(list(known)[:1], name)
    return found


def _repeated(side: Side) -> set[str]:
    """The addresses that more than one identity, or more than one IAM policy, has: in folders that are deployed apart."""
    identities = Counter(each.address for each in side.identities)
    places = {(each.policy.address, each.place) for each in side.held if _is_identity(each)}
    found = identities + Counter(address for address, _ in places if address not in identities)
    return {address for address, number in found.items() if number > 1}


def _has_variables(policy: Policy) -> bool:
    """Whether the version of a policy matters: it says whether `${…}` is a policy variable or plain text."""
    written = (
        text
        for statement in policy.statements
        for text in (
            *(statement.resources.values if statement.resources else ()),
            *(value for condition in statement.conditions for value in condition.values),
        )
    )
    return any("${" in text.form or not text.known for text in written)


def _union(found: Sequence[Policy], like: Policy) -> Policy:
    """Several policies of one identity as one."""
    statements = [each for policy in found for each in policy.statements]
    numbered = tuple(replace(each, index=index) for index, each in enumerate(statements))
    return replace(like, statements=numbered, node=None)


def _carried(identity: Identity, side: Side) -> _Carried:
    identities = {each.address: each for each in side.identities}
    names = {each.name.form: each for each in side.identities if each.name is not None and each.type == "group"}
    found = [identity]
    for text in identity.groups:
        group = identities.get(text.form) or identities.get(str(text)) or names.get(text.form)
        found += [group] if group else []
    held: dict[int, Policy] = {}
    attached: set[str] = set()
    missing = {str(text) for text in identity.groups if ANYTHING in text.form}
    for each in found:
        inline = [one.policy for one in side.held if one.policy.of == each.address and _is_identity(one)]
        held |= {id(policy): policy for policy in inline}
        for text in each.attached:
            own = [one.policy for one in side.held if one.policy.address == str(text) and _is_identity(one)]
            own = own or of_aws(text)
            held |= {id(policy): policy for policy in own}
            (attached if own else missing).add(str(text))
    boundary = str(identity.boundary) if identity.boundary is not None else ""
    return _Carried(tuple(held.values()), frozenset(missing), frozenset(attached), boundary)


def _is_identity(held: Held) -> bool:
    return held.policy.kind is PolicyKind.IDENTITY
