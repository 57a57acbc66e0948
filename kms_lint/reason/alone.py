"""Questions about one policy on its own: what its Denies leave, who keeps it, and which of its statements change nothing.

Each unknown value is one of its own wherever it stands, so that what is proved holds whatever the values are. All
questions raise `BudgetError` when they are too large to be answered.

https://docs.aws.amazon.com/kms/latest/developerguide/policy-evaluation.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import cached_property, lru_cache
from typing import Final

from kms_lint.iam import keys
from kms_lint.model import Effect, Policy, PolicyKind, Statement
from kms_lint.reason import callers
from kms_lint.reason.formula import BudgetError as BudgetError
from kms_lint.reason.formula import Formula, conjunction, disjunction, negation, solve
from kms_lint.reason.separate import separated
from kms_lint.reason.space import ACTION, RESOURCE, Space, Word
from kms_lint.reason.statements import Meant, decision, meant
from kms_lint.syntax.tree import DEPLOYMENT_ACCOUNT

MOST_STEPS: Final = 20_000
"""A rule gives up sooner than a comparison that somebody asked for."""

MOST_STATEMENTS: Final = 100
"""Policies with more statements are not looked at by rules that compare each with the others."""

_DIRECTLY_MISSING: Final = keys.SERVICE_ONLY | {"kms:viaservice"}
"""Condition keys in lower case that no call carries which somebody makes directly."""


class Alone:
    """One policy as formulas. `owner` is the account of the key or identity, `<account>` where it has no number."""

    def __init__(self, policy: Policy, owner: str | None) -> None:
        self.policy = separated(policy, "here")
        self.owner = owner or DEPLOYMENT_ACCOUNT
        self.by_kms = policy.kind is PolicyKind.KEY

    @cached_property
    def space(self) -> Space:
        """The classes of requests that the policy tells apart."""
        space = Space(closed=self.by_kms)
        callers.of_account(space, self.owner)
        space.word(ACTION, Word("kms:PutKeyPolicy"))
        if self.by_kms:
            space.keys_only()
            space.only(RESOURCE[1], "kms")
            space.only(RESOURCE[3], self.owner)
        meant(space, self.policy, True, "here")
        space.settle()
        return space

    @cached_property
    def statements(self) -> list[Meant]:
        """What each statement is about."""
        return meant(self.space, self.policy, True, "here")

    def allowed(self, kept: Iterable[int]) -> Formula:
        """What the statements of these indexes allow together, after all Denies among them."""
        found = [self.statements[index] for index in kept]
        return decision(self.space, self.policy.kind, found, self.owner if self.by_kms else None, True)

    def denied(self, kept: Iterable[int]) -> Formula:
        """What those of these statements deny that are Denies, or may be."""
        return disjunction([conjunction((each.denies, each.whole)) for each in map(self.statements.__getitem__, kept)])

    def is_empty(self, formula: Formula) -> bool:
        """Whether a formula is true of no request, whatever the unknown values are."""
        return solve(self.over_tls(formula), MOST_STEPS) is None

    def over_tls(self, formula: Formula) -> Formula:
        """Those of the requests that can be, for KMS answers over TLS only."""
        return conjunction((formula, self._over_tls))

    @cached_property
    def _over_tls(self) -> Formula:
        """That the request came over TLS, as KMS demands.

        https://docs.aws.amazon.com/kms/latest/developerguide/infrastructure-security.html
        """
        key = "aws:securetransport"
        if key not in self.space.condition_keys():
            return True
        return self.space.value(
            key, sum(1 << index for index, each in enumerate(self.space.chosen[key]) if each == "true")
        )

    def by_administrators(self, through_services: bool) -> Formula:
        """Calls of identities of the account itself, not of services, to change a key policy.

        They carry nothing that only calls of services as themselves carry. Whether a service ever makes such a call for
        somebody, AWS does not say: `through_services` is whether to count on it.
        """
        missing = keys.SERVICE_ONLY if through_services else _DIRECTLY_MISSING
        absent = [negation(self.space.presence(key)) for key in self.space.condition_keys() if key in missing]
        change = self.space.word(ACTION, Word("kms:PutKeyPolicy"))
        return conjunction((change, callers.of_account(self.space, self.owner), *absent))


@lru_cache(maxsize=2)  # several rules ask about the same policy
def alone(policy: Policy, owner: str | None) -> Alone:
    """The policy as formulas."""
    return Alone(policy, owner)


def nobody_keeps(policy: Policy, owner: str | None, through_services: bool = True) -> bool:
    """Whether it is proved that no identity of the key's account can call kms:PutKeyPolicy, whatever IAM allows.

    Without `through_services` it is proved of calls that are made directly only, not of those that a service makes.
    """
    read = alone(policy, owner)
    allowed = read.allowed(range(len(policy.statements)))
    return read.is_empty(conjunction((allowed, read.by_administrators(through_services))))


def taken_away(policy: Policy, statement: Statement, owner: str | None) -> tuple[Statement, ...]:
    """The Denies that together take away all that an Allow gives, one alone where one does; none where they do not.

    A statement that gives nothing to begin with is not taken away.
    """
    read = alone(policy, owner)
    box = read.statements[statement.index].whole
    denies = [each.index for each in policy.statements if each.effect is Effect.DENY and not each.unknown]
    if read.is_empty(box) or not read.is_empty(conjunction((box, negation(read.denied(denies))))):
        return ()
    for index in denies:
        if read.is_empty(conjunction((box, negation(read.denied((index,)))))):
            return (policy.statements[index],)
    return tuple(
        policy.statements[index] for index in denies if not read.is_empty(conjunction((box, read.denied((index,)))))
    )


def redundant(policy: Policy, owner: str | None) -> dict[int, tuple[Statement, ...]]:
    """The statements without which the policy says the same, later ones first, each with those that say it already.

    An Allow is redundant when others allow it as well, a Deny when others deny it as well: who gives access beside this
    policy, by a grant or another policy, finds all Denies unchanged.
    """
    read = alone(policy, owner)
    kept = list(range(len(policy.statements)))
    found: dict[int, tuple[Statement, ...]] = {}
    for index in reversed(range(len(policy.statements))):
        others = [each for each in kept if each != index]
        if not _says_nothing(read, index, others):
            continue
        effect = policy.statements[index].effect
        alike = [each for each in others if policy.statements[each].effect is effect]
        single = next((each for each in alike if _says_nothing(read, index, [each, *_denies(policy, others)])), None)
        found[index] = () if single is None else (policy.statements[single],)
        kept = others
    return found


def _denies(policy: Policy, among: Collection[int]) -> list[int]:
    return [index for index in among if policy.statements[index].effect is Effect.DENY]


def _says_nothing(read: Alone, index: int, others: list[int]) -> bool:
    """Whether a statement that is about something adds nothing to others, Denies aside that take it away."""
    meant = read.statements[index]
    if meant.statement.effect is Effect.DENY:
        rest = negation(read.denied(each for each in others if each != index))
        return not read.is_empty(meant.whole) and read.is_empty(conjunction((meant.whole, rest)))
    given = read.allowed([index, *(each for each in others if read.statements[each].statement.effect is Effect.DENY)])
    if read.is_empty(given):
        return False
    return read.is_empty(conjunction((read.allowed([index, *others]), negation(read.allowed(others)))))
