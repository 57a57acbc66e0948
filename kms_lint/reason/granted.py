"""Grants as statements: what each gives to whom, to be compared together with the key policy, whose Denies hold for it.

https://docs.aws.amazon.com/kms/latest/developerguide/grants.html
https://docs.aws.amazon.com/kms/latest/APIReference/API_GrantConstraints.html
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from kms_lint.iam import actions, keys, services
from kms_lint.model import (
    Condition,
    Constraint,
    Effect,
    Grant,
    Operator,
    Patterns,
    Policy,
    PolicyKind,
    Principal,
    Principals,
    Statement,
)
from kms_lint.reason.sides import Held
from kms_lint.record import dataclass
from kms_lint.syntax.tree import ANYTHING, Defined, Text

EQUALS: Final = "EncryptionContextEquals"
SUBSET: Final = "EncryptionContextSubset"
ON_CONTEXT: Final = (EQUALS, SUBSET)
"""The constraints on the encryption context."""

CONTEXT: Final = "kms:EncryptionContext:"
_CONTEXT_KEYS: Final = "kms:EncryptionContextKeys"
ASSUMED: Final = (
    "the names in the encryption context of a grant are compared in any letter case, as AWS's API reference says"
)


@dataclass(frozen=True, eq=False, slots=True)
class OfGrant(Statement):
    """What a grant gives, as a statement of the policy of its key. It needs no more than the grant."""

    grant: Grant | None = None


def statements(grant: Grant, names: frozenset[str] = frozenset()) -> Iterator[OfGrant]:
    """What a grant gives: the operations that its constraints bound, and those that they do not.

    `names` are, in lower case, those in encryption contexts that anything compared speaks of.
    """
    bound = (
        [each for each in grant.operations if bounded(f"kms:{each.form}")]
        if grant.constraints or grant.constraints_unknown
        else []
    )
    free = [each for each in grant.operations if each not in bound]
    for operations, conditions in ((bound, tuple(_conditions(grant, names))), (free, ())):
        if operations and grant.grantee is not None:
            yield _statement(grant, operations, conditions)


def unsupported(grant: Grant) -> str:
    """Why what a grant gives cannot be told; empty where it can."""
    if grant.grantee is None:
        return "whom it is for is not known"
    constrained = grant.constraints or grant.constraints_unknown
    if constrained and any(each.form in ("CreateGrant", ANYTHING) for each in grant.operations):
        return "it lets its grantee create grants within its constraints, and such grants are not followed"
    if any(each.type not in ON_CONTEXT for each in grant.constraints):
        return "it has a constraint other than on the encryption context"
    if grant.grantee.form.endswith(":root") or grant.grantee.form.isdigit():
        return "its grantee is a whole account"
    return ""


def bounded(action: str) -> bool:
    """Whether constraints on the encryption context bound an action: requests for it carry one. Retiring is always free.

    https://docs.aws.amazon.com/kms/latest/APIReference/API_GrantConstraints.html
    """
    if action == "kms:RetireGrant":
        return False
    return action not in actions.ALL or keys.in_request(CONTEXT.lower() + "x", action) is not False


def _statement(grant: Grant, operations: list[Text], conditions: tuple[Condition, ...]) -> OfGrant:
    at = grant.at

    def text(value: str) -> Text:
        return Text(value, at)

    grantee = grant.grantee or text("")
    kind = grantee.form.split(":", 5)[-1].partition("/")[0]
    if kind == "role" and grantee.form.startswith("arn:"):
        # a permissions boundary does not bound what a grant gives: that is as for everyone, with this ARN
        principal = Principal(text("AWS"), text("*"))
        conditions = (*conditions, condition(grant, "ArnEquals", "aws:PrincipalArn", (grantee,)))
    else:
        principal = Principal(text("Service" if grant.service or services.is_service(grantee.form) else "AWS"), grantee)
    given = tuple(Text(f"kms:{each}", each.at, f"kms:{each.form}") for each in operations)
    return OfGrant(
        PolicyKind.KEY,
        grant.owner,
        0,
        at,
        sid=text(f"grant {grant.address}"),
        effect=Effect.ALLOW,
        effect_text=text("Allow"),
        principals=Principals((principal,), False, at, text("grantee")),
        actions=Patterns(given, False, grant.operations_at, text("operations")),
        resources=Patterns((text("*"),), False, at, text("key")),
        conditions=conditions,
        grant=grant,
    )


def _conditions(grant: Grant, names: frozenset[str]) -> Iterator[Condition]:
    at = grant.at
    if grant.constraints_unknown:
        unknown = Text("<constraints>", at, ANYTHING)
        yield Condition(Operator(unknown, None), unknown, (Text(f"of {grant.address}", at),), at)
    for each in grant.constraints:
        if not is_known(each):
            unknown = Text(f"<{each.type}>", at, ANYTHING)
            yield Condition(Operator(unknown, None), unknown, (Text(f"of {grant.address}", at),), at)
            continue
        yield from conditions(grant, each)
        own = {name.form.lower() for name, _ in each.values}
        for other in sorted(names - own) if each.type == EQUALS else ():
            yield condition(grant, "Null", f"{CONTEXT}{other}", (Text("true", at),))


def is_known(constraint: Constraint) -> bool:
    """Whether the names in a constraint are known, and how many there are."""
    return constraint.pairs == len(constraint.values) and all(name.known for name, _ in constraint.values)


def conditions(grant: Grant, constraint: Constraint) -> Iterator[Condition]:
    """What a constraint on the encryption context asks of a request."""
    for name, value in constraint.values:
        yield condition(grant, "StringEquals", f"{CONTEXT}{name}", (value,))
    if constraint.type == EQUALS:
        names = tuple(name for name, _ in constraint.values)
        yield condition(grant, "ForAllValues:StringEqualsIgnoreCase", _CONTEXT_KEYS, names)


def condition(grant: Grant, operator: str, key: str, values: tuple[Text, ...]) -> Condition:
    """What a grant asks of a request, as an entry of a condition."""
    quantifier, _, comparison = operator.rpartition(":")
    parsed = Operator(Text(operator, grant.at), comparison, False, quantifier or None)
    return Condition(parsed, Text(key, grant.at), values, grant.at)


@dataclass(frozen=True, slots=True)
class Given:
    """The grants of a key before and after. `left_out` is whether some, which did not change, are not among these."""

    before: tuple[Grant, ...] = ()
    after: tuple[Grant, ...] = ()
    left_out: bool = False
    reason: str = ""

    @property
    def assumptions(self) -> tuple[str, ...]:
        """What a comparison with these grants relies on."""
        constrained = any(each.constraints for each in (*self.before, *self.after))
        return (ASSUMED,) if constrained else ()

    def sides(self, old: Policy, new: Policy) -> tuple[Policy, Policy]:
        """A key policy before and after, each with what the grants of its side give."""
        names = frozenset(_names((old, new), (*self.before, *self.after)))
        return _with_grants(old, self.before, names), _with_grants(new, self.after, names)


def _with_grants(policy: Policy, grants: tuple[Grant, ...], names: frozenset[str]) -> Policy:
    given = [each for grant in grants for each in statements(grant, names)]
    count = len(policy.statements)
    numbered = tuple(replace(each, index=count + index) for index, each in enumerate(given))
    return replace(policy, statements=(*policy.statements, *numbered), node=None)


def _names(policies: Sequence[Policy], grants: Sequence[Grant]) -> Iterator[str]:
    """The names in encryption contexts that policies and grants speak of, in lower case."""
    for policy in policies:
        for statement in policy.statements:
            keys_ = (each.key.form.lower() for each in statement.conditions if each.key.known)
            yield from (key.removeprefix(CONTEXT.lower()) for key in keys_ if key.startswith(CONTEXT.lower()))
    for grant in grants:
        for constraint in grant.constraints if grant.constraints else ():
            if constraint.type in ON_CONTEXT:
                yield from (name.form.lower() for name, _ in constraint.values if name.known)


NOTHING: Final = Given()
"""No grant on either side."""


class Granted:
    """The grants of both sides, by the keys that they are of."""

    def __init__(self, old: Sequence[Grant], new: Sequence[Grant], whole: bool = True) -> None:
        """`whole` is whether `old` are surely all grants that were there."""
        self._whole = whole
        self._old, self._new = list(old), list(new)

    def of(self, before: Sequence[Held], after: Sequence[Held]) -> Given:
        """The grants of the key that policies belong to, which are then no longer left."""
        if (after or before)[0].policy.kind is not PolicyKind.KEY:
            return NOTHING
        old, new = (_taken(left, held) for left, held in ((self._old, before), (self._new, after)))
        return given(old, new, self._whole) if old or new else NOTHING

    def left(self) -> Iterator[tuple[str, Policy, Policy, Given]]:
        """The grants of keys without a policy in the input, key by key, each with policies that say nothing."""
        for name in dict.fromkeys(map(_key, self._new)):
            new = [each for each in self._new if _key(each) == name]
            old = [each for each in self._old if _key(each) == name]
            policy = Policy(PolicyKind.KEY, name, new[0].at, (), new[0].owner, name)
            yield new[0].address, policy, policy, given(old, new, self._whole)


def given(old: Sequence[Grant], new: Sequence[Grant], whole: bool = True) -> Given:
    """The grants of one key before and after, or the reason why they cannot be compared."""
    known = {_said(each) for each in old} - {""}
    left_out = False
    kept: list[Grant] = []
    for each in new:
        why = unsupported(each)
        if not whole and _said(each) not in known:
            return Given(
                reason=f"unsupported: {each.address} is new or changed, and not all that was there before is known"
            )
        if why and _said(each) not in known:
            return Given(reason=f"unsupported: {each.address} is new or changed, and {why}")
        left_out |= bool(why)
        kept += [] if why else [each]
    retiring = {each.retiring.form for each in old if each.retiring}
    for each in new:
        if each.retiring and each.retiring.form not in retiring and _said(each) not in known:
            return Given(reason=f"unsupported: {each.retiring} may newly retire {each.address}, which is not compared")
    return Given(tuple(each for each in old if not unsupported(each)), tuple(kept), left_out)


def _taken(left: list[Grant], held: Sequence[Held]) -> list[Grant]:
    found = [each for each in left if any(_is_of(each, one) for one in held)]
    left[:] = [each for each in left if each not in found]
    return found


def _is_of(grant: Grant, held: Held) -> bool:
    if grant.of is not None and held.key is not None:
        return grant.of == held.key
    form = grant.key.form if grant.key else ""
    arn = held.key_arn
    return bool(form) and (form == held.key or (arn is not None and form in (arn, arn.rpartition("/")[2])))


def _key(grant: Grant) -> str:
    return grant.of or (str(grant.key) if grant.key else "")


def _said(grant: Grant) -> str:
    """What a grant says, its name apart; empty where that need not be the same each time it is said."""
    pairs = [text for each in grant.constraints for pair in each.values for text in pair]
    texts = [text for text in (grant.grantee, grant.retiring, *grant.operations, *pairs) if text is not None]
    if grant.constraints_unknown or any(not _sure(each) for each in texts):
        return ""
    if any(each.pairs is not None and each.pairs != len(each.values) for each in grant.constraints):
        return ""
    words = [(each.form, each.definition if isinstance(each, Defined) else "") for each in texts]
    shape = [(each.type, len(each.values)) for each in grant.constraints]
    return repr((words, grant.retiring is None, len(grant.operations), shape))


def _sure(text: Text) -> bool:
    return bool(text.definition) if isinstance(text, Defined) else text.known
