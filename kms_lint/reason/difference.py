"""What a change of a policy newly grants: a proof that it is nothing, or a request that shows it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property

from kms_lint.iam import wildcards
from kms_lint.model import Effect, Policy, PolicyKind, Statement
from kms_lint.reason import callers, plain, witness
from kms_lint.reason.evaluate import Step, Trace, authorize, evaluate
from kms_lint.reason.formula import (
    MOST_STEPS,
    BudgetError,
    Formula,
    Literal,
    conjunction,
    disjunction,
    negation,
    settled,
    solve,
    unsettled_names,
)
from kms_lint.reason.public import stranger
from kms_lint.reason.request import Request, Surroundings
from kms_lint.reason.separate import separated
from kms_lint.reason.space import ACTION, RESOURCE, Space, Word
from kms_lint.reason.statements import Meant, Reading, decision, meant


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
class Settings:
    """How two policies are compared; `account` and `key_arn` are those of the key.

    `alone` is whether no other policy decides together with these, whose Allow theirs could keep in bounds.
    With `actions` only access to these counts (patterns, in any letter case), with `public` only that of strangers.
    """

    reading: Reading = Reading.KMS
    account: str | None = None
    key_arn: str | None = None
    budget: int = MOST_STEPS
    actions: frozenset[str] | None = None
    public: bool = False
    alone: bool = True


@dataclass(frozen=True, slots=True)
class Nearest:
    """The old statement that comes closest to what is new, and the elements in which it differs.

    `denied` is whether it is a Deny that took the access away.
    """

    statement: Statement
    elements: tuple[str, ...]
    denied: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """New access by one statement: all its new actions, and a replayed request.

    `around` is what besides the key policy has to agree; `None` where nothing else is looked at.
    """

    statement: Statement
    actions: tuple[str, ...]
    request: Request
    around: Surroundings | None
    nearest: Nearest | None
    context: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """The condition keys of the request as the policies spell them."""


@dataclass(frozen=True, slots=True)
class Difference:
    """The answer. `reason` says why nothing is known; `assumptions` what the answer relies on."""

    verdict: Verdict
    relation: Relation
    groups: tuple[Group, ...] = ()
    reason: str = ""
    assumptions: tuple[str, ...] = ()


@dataclass(frozen=True)
class Compared:
    """Two policies of one kind as formulas over the same classes of requests."""

    old: Policy
    new: Policy
    settings: Settings
    facts: bool

    @property
    def kind(self) -> PolicyKind:
        """What both are."""
        return self.new.kind

    @property
    def account(self) -> str | None:
        """The account of the key where KMS's own way of deciding counts."""
        by_kms = self.kind is PolicyKind.KEY and self.settings.reading is Reading.KMS
        return (self.settings.account or "<account>") if by_kms else None

    @cached_property
    def space(self) -> Space:
        """The classes of requests that both tell apart."""
        space = Space(closed=self.kind is PolicyKind.KEY)
        owner = self.settings.account or "<account>"
        if self.kind is PolicyKind.KEY:
            callers.of_account(space, owner)
            parts = (
                self.settings.key_arn.split(":", 5)[1:] if self.settings.key_arn else [None, "kms", None, owner, None]
            )
            for name, part in zip(RESOURCE, parts, strict=True):
                if part is not None:
                    space.only(name, part)
        for action in self.settings.actions or ():
            space.word(ACTION, Word(action, True, True))
        for policy, side in ((self.old, "before"), (self.new, "after")):
            meant(space, policy, self.facts, side)
        space.settle()
        return space

    @cached_property
    def before(self) -> list[Meant]:
        """The statements of the old policy."""
        return meant(self.space, self.old, self.facts, "before")

    @cached_property
    def after(self) -> list[Meant]:
        """The statements of the new policy."""
        return meant(self.space, self.new, self.facts, "after")

    def allowed(self, statements: Sequence[Meant], only: int | None = None) -> Formula:
        """What statements allow; with `only` by no other Allow than that of this index."""
        kept = [
            each if only in (None, index) or each.statement.effect is not Effect.ALLOW else replace(each, allows=False)
            for index, each in enumerate(statements)
        ]
        return decision(self.space, self.kind, kept, self.account, self.facts)

    @cached_property
    def old_allows(self) -> Formula:
        """The requests that the old policy allows."""
        return self.allowed(self.before)

    @cached_property
    def new_allows(self) -> Formula:
        """The requests that the new policy allows."""
        return self.allowed(self.after)

    def gained(self, only: int | None = None) -> Formula:
        """The requests that the new policy allows and the old does not."""
        new = self.new_allows if only is None else self.allowed(self.after, only)
        return conjunction((new, negation(self.old_allows), self._asked_for))

    @cached_property
    def _asked_for(self) -> Formula:
        wanted = self.settings.actions
        found = [stranger(self.space, self.settings.account)] if self.settings.public else []
        if wanted is not None:
            found.append(
                self.space.among(ACTION, lambda action: any(wildcards.matches(each, action.lower()) for each in wanted))
            )
        return conjunction(found)

    def lost(self) -> Formula:
        """The requests that only the old policy allows."""
        return conjunction((self.old_allows, negation(self.new_allows)))

    def undenied(self) -> Formula:
        """The requests that a Deny of the old policy covers and none of the new does."""
        before, after = (
            disjunction([conjunction((each.denies, each.whole)) for each in side]) for side in (self.before, self.after)
        )
        return conjunction((before, negation(after)))

    def solve(self, formula: Formula) -> dict[str, int] | None:
        """One request, as its class in each dimension that matters, for which a formula is true."""
        region = solve(formula, self.settings.budget)
        if region is None:
            return None
        return witness.point(self.space, witness.least(formula, region, self.settings.budget))

    def request(self, point: dict[str, int]) -> Request:
        """The request of a point."""
        key_arn = self.settings.key_arn if self.kind is PolicyKind.KEY else None
        return witness.request(self.space, point, self.settings.account, key_arn, self.facts)

    def around(self, point: dict[str, int]) -> Surroundings | None:
        """What else decides the request of a point."""
        return None if self.account is None else witness.surroundings(point, self.account)


def replay(policy: Policy, request: Request, around: Surroundings | None) -> Trace:
    """What the reference evaluator says of a request."""
    document = plain.document(policy)
    return evaluate(document, request, policy.kind) if around is None else authorize(document, request, around)


def difference(old: Policy, new: Policy, settings: Settings = Settings()) -> Difference:
    """Whether `new` grants what `old` does not, both of the same kind."""
    old, new = plain.marked(old), plain.marked(new)
    settings, assumed = _with_account(old, new, settings)
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
    if named is not None and named != "<account>":
        return replace(settings, account=named), []
    guessed = plain.account_of_key((old, new))
    if guessed is None or guessed == "<account>":
        return replace(settings, account="<account>"), [
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
        relation = Relation.EQUIVALENT if _proved_empty(apart) else Relation.NARROWER
        return Difference(Verdict.NO_NEW_ACCESS, relation, (), "", (*assumed, *_relied_on(apart)))
    for instance in _instances(compared):
        groups = tuple(_groups(instance))
        if groups:
            relation = Relation.WIDER if _proved_empty(apart) else Relation.INCOMPARABLE
            return Difference(
                Verdict.NEW_ACCESS, relation, groups, "", (*assumed, *_given_values(compared), *_relied_on(compared))
            )
    return Difference(Verdict.UNKNOWN, Relation.UNKNOWN, (), _why(gained), tuple(assumed))


def _proved_empty(compared: Compared) -> bool:
    """Whether nothing is lost."""
    return solve(compared.lost(), compared.settings.budget) is None


def _instances(compared: Compared) -> Iterator[Compared]:
    """The policies with values for what is unknown: each of its own, then for variables what they may stand for."""
    account = compared.settings.account or "111122223333"
    old, new = plain.generic(compared.old, account), plain.generic(compared.new, account)
    if (plain.document(old), plain.document(new)) == (plain.document(compared.old), plain.document(compared.new)):
        yield compared
    else:
        yield replace(compared, old=old, new=new)


def _groups(compared: Compared) -> Iterator[Group]:
    """The new access by each statement that gives some, if the reference evaluator agrees."""
    for index, each in enumerate(compared.after):
        if each.statement.effect is not Effect.ALLOW:
            continue
        formula = settled(compared.gained(index))
        point = compared.solve(formula)
        if point is not None:
            found = _group(compared, index, formula, point)
            if found is not None:
                yield found
    if compared.kind is PolicyKind.RCP and (point := compared.solve(settled(compared.gained()))):
        found = _group(compared, None, settled(compared.gained()), point)
        if found is not None:
            yield found


def _group(compared: Compared, index: int | None, formula: Formula, point: dict[str, int]) -> Group | None:
    request, around = compared.request(point), compared.around(point)
    before, after = replay(compared.old, request, around), replay(compared.new, request, around)
    if after.allowed is not True or before.allowed is not False:
        return None
    near = _nearest(compared.old, before)
    statements = compared.new.statements
    statement = statements[index] if index is not None else near.statement if near else statements[0]
    return Group(
        statement, tuple(_actions(compared, formula, request.action)), request, around, near, _spelt(compared, request)
    )


def _spelt(compared: Compared, request: Request) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The condition keys of a request as the author writes them, the newer spelling first."""
    names: dict[str, str] = {}
    for policy in (compared.new, compared.old):
        for statement in policy.statements:
            for condition in statement.conditions:
                names.setdefault(condition.key.form.lower(), str(condition.key))
    return tuple((names.get(key, key), values) for key, values in sorted(request.context.items()))


def _actions(compared: Compared, formula: Formula, first: str) -> Iterator[str]:
    """All actions for which a formula can be true."""
    yield first
    texts = compared.space.chosen[ACTION]
    full = (1 << len(texts)) - 1
    left = full & ~(1 << texts.index(first))
    while left:
        region = solve(conjunction((formula, Literal(ACTION, left, full))), compared.settings.budget)
        if region is None:
            return
        found = region.get(ACTION, left) & left
        for index, text in enumerate(texts):
            if found >> index & 1:
                yield text
        left &= ~found


def _nearest(policy: Policy, trace: Trace) -> Nearest | None:
    """The Deny that stood in the way, or the Allow that lacks the least."""
    allows = [step for step in trace.steps if step.effect == "Allow"]
    denied = next((step for step in trace.steps if step.effect == "Deny" and step.matches), None)
    if denied is not None and (policy.kind is PolicyKind.RCP or any(step.matches for step in allows)):
        return Nearest(policy.statements[denied.index], (), True)
    if not allows:
        return None
    closest = min(allows, key=lambda step: len(_lacking(step)))
    return Nearest(policy.statements[closest.index], _lacking(closest))


def _lacking(step: Step) -> tuple[str, ...]:
    lacking = tuple(name for name, answer in step.elements.items() if answer is not True)
    return lacking or ("Principal",)


def _given_values(compared: Compared) -> Iterator[str]:
    account = compared.settings.account or "111122223333"
    old, new = plain.generic(compared.old, account), plain.generic(compared.new, account)
    if plain.document(old) != plain.document(compared.old) or plain.document(new) != plain.document(compared.new):
        yield "each unknown value is one of its own, which nothing else in the policies names"


def _relied_on(compared: Compared) -> Iterator[str]:
    """What the answer takes as given."""
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
    for name in sorted(names):
        if name.startswith("ambiguity"):
            yield f"AWS's documentation leaves open: {name.partition(': ')[2]}"


def _why(formula: Formula) -> str:
    """Why nothing could be concluded: the kinds of what was left open, and the first of it."""
    names = sorted(unsettled_names(formula))
    if not names:
        return "unsupported: the counterexample could not be confirmed"
    kind, _, text = names[0].partition(": ")
    more = f" and {len(names) - 1} more" if len(names) > 1 else ""
    return f"{kind}: it depends on {text}{more}"
