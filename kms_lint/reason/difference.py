"""What a change of a policy newly grants: a proof that it is nothing, or a request that shows it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from kms_lint.model import Policy, PolicyKind
from kms_lint.reason import colons, plain, variables
from kms_lint.reason.compared import Compared, Settings
from kms_lint.reason.formula import BudgetError, Formula, settled, solve, unsettled_names
from kms_lint.reason.groups import Group, groups
from kms_lint.reason.separate import separated
from kms_lint.reason.statements import Reading
from kms_lint.syntax.tree import DEPLOYMENT_ACCOUNT

UNCONFIRMED: Final = (
    "two readings of the policies disagree about a request, which is a mistake of this program: please report it"
)


class Verdict(StrEnum):
    """Whether a policy grants what another does not."""

    NO_NEW_ACCESS = "no_new_access"
    NEW_ACCESS = "new_access"
    UNKNOWN = "unknown"


class Relation(StrEnum):
    """How the access that a policy gives compares with that of another."""

    EQUIVALENT = "equivalent"
    NARROWER = "narrower"
    WIDER = "wider"
    INCOMPARABLE = "incomparable"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Difference:
    """The answer. `reason` says why nothing is known; `assumptions` what the answer relies on."""

    verdict: Verdict
    relation: Relation
    groups: tuple[Group, ...] = ()
    reason: str = ""
    assumptions: tuple[str, ...] = ()


def difference(old: Policy, new: Policy, settings: Settings | None = None) -> Difference:
    """Whether `new` grants what `old` does not, both of the same kind."""
    old, new = plain.marked(old), plain.marked(new)
    settings, assumed = _with_account(old, new, settings or Settings())
    facts = settings.reading is Reading.KMS
    compared = Compared(old, new, settings, facts)
    apart = Compared(separated(old, "before"), separated(new, "after"), settings, facts)
    try:
        return _answered(compared, apart, assumed)
    except BudgetError as error:
        return Difference(Verdict.UNKNOWN, Relation.UNKNOWN, (), f"budget: {error}", tuple(assumed))


def _with_account(old: Policy, new: Policy, settings: Settings) -> tuple[Settings, list[str]]:
    """The settings with the account of the key, as it is given or as the policies suggest it."""
    if new.kind is not PolicyKind.KEY or settings.reading is not Reading.KMS:
        return settings, []
    named = settings.account or (settings.key_arn.split(":")[4] if settings.key_arn else None) or new.owner or old.owner
    if named is not None and named != DEPLOYMENT_ACCOUNT:
        return replace(settings, account=named), []
    guessed = plain.account_of_key((old, new))
    if guessed is None or guessed == DEPLOYMENT_ACCOUNT:
        return replace(settings, account=DEPLOYMENT_ACCOUNT), [
            "the account of the key is none of those that are named by number"
        ]
    return replace(settings, account=guessed), [
        f"the key belongs to {guessed}, the only account that is named as a whole"
    ]


def _answered(compared: Compared, apart: Compared, assumed: list[str]) -> Difference:
    """Proved where unknown values may be anything on each side; shown where those of one text are the same."""
    gained = apart.gained()
    if solve(gained, apart.settings.budget) is None:
        if not apart.settings.alone and solve(apart.undenied(), apart.settings.budget) is not None:
            why = "unsupported: a Deny covers less, which may have kept other policies in bounds"
            return Difference(Verdict.UNKNOWN, Relation.UNKNOWN, (), why, tuple(assumed))
        relation = _relation(compared, apart, Relation.EQUIVALENT, Relation.NARROWER)
        relied = (*_relied_on(apart, proof=True), *colons.assumptions(apart, proved=True))
        return Difference(Verdict.NO_NEW_ACCESS, relation, (), "", (*assumed, *relied))
    found = _new_access(compared)
    if not found:
        return Difference(Verdict.UNKNOWN, Relation.UNKNOWN, (), _why(compared, gained), tuple(assumed))
    relation = _relation(compared, apart, Relation.WIDER, Relation.INCOMPARABLE)
    relied = (*_given_values(compared), *_relied_on(compared, proof=False), *colons.assumptions(compared, proved=False))
    return Difference(Verdict.NEW_ACCESS, relation, found, "", (*assumed, *relied))


def _new_access(compared: Compared) -> tuple[Group, ...]:
    """The new access by each statement, shown with the first values of what is unknown that show it."""
    found: dict[int, Group] = {}
    for instance in _instances(compared):
        found.update(groups(instance, found))
    return tuple(found[index] for index in sorted(found))


def _relation(compared: Compared, apart: Compared, kept: Relation, lost: Relation) -> Relation:
    """`kept` when it is proved that nothing is lost, `lost` when it is shown that something is."""
    if solve(apart.lost(), apart.settings.budget) is None:
        return kept
    shown = any(solve(settled(each.lost()), each.settings.budget) is not None for each in _instances(compared))
    return lost if shown else Relation.UNKNOWN


def _instances(compared: Compared) -> Iterator[Compared]:
    """The policies with values for what is unknown: each of its own, then for variables what they may stand for."""
    account = compared.settings.account or "111122223333"
    old, new = plain.generic(compared.old, account), plain.generic(compared.new, account)
    known = (plain.document(old), plain.document(new)) == (plain.document(compared.old), plain.document(compared.new))
    generic = compared if known else replace(compared, old=old, new=new)
    yield generic
    for given in variables.combinations((old, new), account):
        yield replace(generic, given=given)


def _given_values(compared: Compared) -> Iterator[str]:
    account = compared.settings.account or "111122223333"
    old, new = plain.generic(compared.old, account), plain.generic(compared.new, account)
    if plain.document(old) != plain.document(compared.old) or plain.document(new) != plain.document(compared.new):
        yield "each unknown value is one of its own, which nothing else in the policies names"


def _relied_on(compared: Compared, proof: bool) -> Iterator[str]:
    """What the answer takes as given. A request that was shown needs no reading of what is left open; a `proof` may."""
    if compared.account is not None:
        yield "what IAM policies, permissions boundaries and session policies allow is the same before and after"
        yield "no SCP, RCP or VPC endpoint policy and no grant was looked at"
    else:
        yield "the policy is read on its own; what else decides, and whom it belongs or is attached to, is the same before and after"
    if compared.facts:
        without = replace(compared, facts=False)
        if solve(without.gained(), compared.settings.budget) is not None and solve(compared.gained()) is None:
            from kms_lint.iam.kms import FACTS_DATE

            yield f"facts about KMS of {FACTS_DATE}: cross-account operations, actions that key policies decide, condition keys"
    names = unsettled_names(compared.gained())
    if any("<hole:" in name for name in names):
        yield "a value written <hole:name> is the same wherever the name occurs"
    for name in sorted(names) if proof else ():
        if name.startswith("ambiguity"):
            yield f"AWS's documentation leaves open: {name.partition(': ')[2]}"


def _why(compared: Compared, gained: Formula) -> str:
    """Why nothing could be concluded: what the difference that was found depends on, the first of it by name."""
    first = next(_instances(compared))
    if solve(settled(first.gained()), first.settings.budget) is not None:
        return f"unsupported: {UNCONFIRMED}"
    region = solve(gained, compared.settings.budget) or {}
    names = sorted(set(region) & unsettled_names(gained)) or sorted(unsettled_names(gained))
    kind, _, text = names[0].partition(": ")
    more = f" and {len(names) - 1} more" if len(names) > 1 else ""
    return f"{kind}: it depends on {text}{more}"
