"""Policies that go by one name, compared: one with one, branch by branch, or each new one with each old one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from kms_lint import texts
from kms_lint.model import Effect, Policy, PolicyKind
from kms_lint.reason import default, limits, plain
from kms_lint.reason.compared import Settings
from kms_lint.reason.difference import Difference, Relation, Verdict, difference
from kms_lint.reason.granted import NOTHING, Given
from kms_lint.reason.separate import aligned, same, without_shared
from kms_lint.reason.sides import Held
from kms_lint.spelling import first_of
from kms_lint.syntax.tree import DEPLOYMENT_ACCOUNT, Defined

_MOST_PAIRS: Final = 256
_SEVERAL: Final = (
    "unsupported: there are several policies here, by condition or repeated, and which one becomes which is not known"
)
_REMOVED_DENY: Final = "unsupported: a policy with a Deny was removed, which may have kept others in bounds"
_NO_LONGER_LIMITS: Final = (
    "unsupported: it may have kept others in bounds, and what AWS puts in its place lets everything through"
)
_FIRST_OF_ENDPOINT: Final = (
    "unsupported: an endpoint without a policy lets everything through, and whether it is new is not known"
)
_BESIDE_SCP: Final = "unsupported: one of these SCPs allows something and the other only denies: what is attached beside them is not known"
_DEFAULT: Final = (
    "a key without a policy of its own has the default key policy of AWS, with which IAM policies of the account decide"
)
_SAME_DEFINITION: Final = "an unknown value whose definition did not change is the same before and after"
_GRANTS: Final = "no SCP, RCP or VPC endpoint policy and no grant was looked at"


def unknown(reason: str, assumptions: tuple[str, ...] = ()) -> Difference:
    """That nothing is known, and why."""
    return Difference(Verdict.UNKNOWN, Relation.UNKNOWN, (), reason, assumptions)


def compared(before: Sequence[Held], after: Sequence[Held], settings: Settings, given: Given = NOTHING) -> Difference:
    """What all that goes by one name newly grants, with what the grants of its key give."""
    if given.reason:
        return unknown(given.reason)
    if len(before) <= 1 and len(after) <= 1:
        return _one(before[0] if before else None, after[0] if after else None, settings, given)
    old, new = ({each.condition: each for each in side} for side in (before, after))
    if old.keys() == new.keys() and "" not in old and len(old) == len(before) and len(new) == len(after):
        each = [_under(new[name], _one(old[name], new[name], settings, given)) for name in new]
        return _all(each)
    if len(before) * len(after) > _MOST_PAIRS:
        return unknown(_SEVERAL)
    if not before or not after:
        alone = [(None, each) for each in after] + [(each, None) for each in before]
        return _all([_under(two or one, _one(one, two, settings, given)) for one, two in alone])
    return _each_with_each(before, after, settings, given)


def _each_with_each(before: Sequence[Held], after: Sequence[Held], settings: Settings, given: Given) -> Difference:
    """Proved where no new one grants what any old one does not; shown where one grants what none of the old ones does."""
    found: list[Difference] = []
    for new in after:
        against = [_one(old, new, settings, given) for old in before]
        if all(each.verdict is Verdict.NEW_ACCESS for each in against):
            shown = min(against, key=lambda each: len(each.groups))
            return _under(new, replace(shown, relation=Relation.UNKNOWN if len(against) > 1 else shown.relation))
        found += against
    if all(each.verdict is Verdict.NO_NEW_ACCESS for each in found):
        return _all(found)
    return unknown(_SEVERAL)


def _under(held: Held | None, answer: Difference) -> Difference:
    if held is None or not held.policy.branch or answer.verdict is Verdict.NO_NEW_ACCESS:
        return answer
    return replace(answer, assumptions=(f"it is so where {held.policy.branch}", *answer.assumptions))


def _all(found: Sequence[Difference]) -> Difference:
    verdict, relation = together(found)
    kept = [each for each in found if each.verdict is verdict]
    groups = tuple(group for each in kept for group in each.groups)
    assumptions = tuple(dict.fromkeys(line for each in kept for line in each.assumptions))
    return Difference(verdict, relation, groups, next((each.reason for each in kept if each.reason), ""), assumptions)


def together(found: Sequence[Difference]) -> tuple[Verdict, Relation]:
    """The verdict and the relation of several answers as one."""
    verdicts = {each.verdict for each in found}
    verdict = next((each for each in (Verdict.NEW_ACCESS, Verdict.UNKNOWN) if each in verdicts), Verdict.NO_NEW_ACCESS)
    relations = {each.relation for each in found} - {Relation.EQUIVALENT}
    if Relation.UNKNOWN in relations:
        return verdict, Relation.UNKNOWN
    if len(relations) > 1:
        return verdict, Relation.INCOMPARABLE
    return verdict, next(iter(relations), Relation.EQUIVALENT)


def _one(before: Held | None, after: Held | None, settings: Settings, given: Given) -> Difference:
    """One policy before and after, each with the grants of its key."""
    old, new = _policy(before, after, settings), _policy(after, before, settings)
    for policy in (old, new):
        if policy is not None and (broken := _broken(policy)):
            return unknown(f"malformed: {broken}")
    assumed = [_DEFAULT] if any(each is not None and each.default for each in (before, after)) else []
    if new is None:
        assert old is not None
        return _removed(old)
    if old is not None and old.kind is not new.kind:
        return unknown(f"unsupported: a {old.kind.value} became a {new.kind.value}")
    if old is None and new.kind is PolicyKind.VPC_ENDPOINT:
        return unknown(_FIRST_OF_ENDPOINT)
    old = old or replace(new, statements=(), node=None)
    if given is not NOTHING:
        old, new = given.sides(old, new)
        settings = replace(settings, alone=settings.alone and not given.left_out)
        assumed += given.assumptions
    answer = policies(old, new, settings)
    lines = [_looked_at(settings, given) if line == _GRANTS else line for line in answer.assumptions]
    return replace(answer, assumptions=(*assumed, *lines))


def _looked_at(settings: Settings, given: Given) -> str:
    """What of all that decides beside key policies and IAM was looked at."""
    grants = "no grant was looked at" if given is NOTHING else "no grant was looked at but those in the files"
    if not settings.limits:
        return f"no SCP, RCP or VPC endpoint policy and {grants}"
    names = first_of([each.address for each in settings.limits], 3)
    return (
        f"no proof relies on {names}, and nothing that these deny is shown: where SCPs and RCPs are attached is not known; "
        f"no VPC endpoint policy and {grants}"
    )


def policies(old: Policy, new: Policy, settings: Settings) -> Difference:
    """One policy and another: at once where they say the same, else as formulas."""
    if same(old, new) and not settings.absolute:
        return Difference(Verdict.NO_NEW_ACCESS, Relation.EQUIVALENT, (), "", _defined_alike(old))
    if new.kind is PolicyKind.SCP:
        return _scp(old, new, settings)
    return _unlimited(old, new, settings)


def _scp(old: Policy, new: Policy, settings: Settings) -> Difference:
    """Two SCPs. Another is always attached beside one of them, or may be: a Deny that covers less counts by itself."""
    whole_old, whole_new = limits.with_full_access(old, new)
    answer = _unlimited(whole_old, whole_new, replace(settings, alone=False))
    kept = answer.verdict is Verdict.NO_NEW_ACCESS and any(each.effect is not Effect.DENY for each in old.statements)
    if limits.mixed(old, new) and not kept:
        return unknown(_BESIDE_SCP)
    if whole_new is not new:
        answer = replace(answer, assumptions=(*answer.assumptions, limits.BESIDE))
    return answer


def _unlimited(old: Policy, new: Policy, settings: Settings) -> Difference:
    """What is new, if need be only that which no SCP or RCP of the input may deny."""
    answer = _told(old, new, replace(settings, limits=()))
    if answer.verdict is not Verdict.NEW_ACCESS or not settings.limits:
        return answer
    beyond = _told(old, new, settings)
    denying = [one for one in settings.limits if any(limits.may_deny(one, each.request) for each in answer.groups)]
    names = first_of([each.address for each in denying or settings.limits], 3)
    if beyond.verdict is Verdict.NEW_ACCESS:
        shown = [each.statement.index for each in beyond.groups]
        hidden = [each.statement.name for each in answer.groups if each.statement.index not in shown]
        more = [f"what {each} newly grants may be denied by {names} and is not shown" for each in hidden]
        return replace(beyond, assumptions=(*beyond.assumptions, *more))
    granted = "what is granted" if settings.absolute else "what is new"
    why = f"unsupported: {granted} may be denied by {names}, and where that is attached is not known"
    return unknown(why, answer.assumptions)


def _told(old: Policy, new: Policy, settings: Settings) -> Difference:
    bare_old, bare_new, left_out = without_shared(old, new)
    if left_out:
        return _beside(bare_old, bare_new, left_out, replace(settings, alone=False))
    return _difference(old, new, settings)


def _difference(old: Policy, new: Policy, settings: Settings) -> Difference:
    """The difference as formulas, in which what is defined alike is the same."""
    before, after = aligned(old, new)
    answer = difference(before, after, settings)
    return replace(answer, assumptions=(*answer.assumptions, *_defined_alike(after)))


def _defined_alike(policy: Policy) -> tuple[str, ...]:
    """What is taken as given of unknown values."""
    shared = any(isinstance(text, Defined) for text in texts.of_policy(policy))
    return (_SAME_DEFINITION,) if shared else ()


def _beside(old: Policy, new: Policy, left_out: tuple[str, ...], settings: Settings) -> Difference:
    """Beside statements of unknown content that did not change: what they allow or deny, they do before and after."""
    old, new = replace(old, node=None), replace(new, node=None)
    answer = _difference(old, new, settings)
    names = ", ".join(left_out)
    if answer.verdict is Verdict.NEW_ACCESS:
        return unknown(f"hole: it depends on {names}, which did not change, but may allow or deny anything")
    return replace(answer, assumptions=(*answer.assumptions, f"{names} is the same before and after"))


def _policy(held: Held | None, other: Held | None, settings: Settings) -> Policy | None:
    """The policy itself; that of AWS for the account that the other one speaks of, when nothing else tells."""
    if held is None:
        return None
    if not held.default or held.policy.owner not in (None, DEPLOYMENT_ACCOUNT):
        return held.policy
    account = settings.account or (settings.key_arn.split(":")[4] if settings.key_arn else None)
    if account is None and other is not None:
        account = plain.account_of_key((other.policy,))
    return default.policy(held.policy.address, held.policy.at, account or DEPLOYMENT_ACCOUNT, "aws")


def _removed(old: Policy) -> Difference:
    if old.kind in limits.GRANT_NOTHING:
        return unknown(_NO_LONGER_LIMITS)
    denies = any(each.effect is not Effect.ALLOW for each in old.statements)
    if denies and old.kind not in (PolicyKind.KEY, PolicyKind.RESOURCE, PolicyKind.TRUST):
        return unknown(_REMOVED_DENY)
    gone = "the policy went with what it belongs to"
    return Difference(Verdict.NO_NEW_ACCESS, Relation.NARROWER, (), "", (gone,))


def _broken(policy: Policy) -> str:
    return next((problem.message for problem in policy.problems if problem.rule.startswith("malformed")), "")
