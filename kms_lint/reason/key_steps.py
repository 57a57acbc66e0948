"""The steps that a principal may make on a key, and what it may do with the key then.

https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-modifying.html
https://docs.aws.amazon.com/kms/latest/developerguide/grants.html
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from kms_lint.iam import actions
from kms_lint.model import Policy
from kms_lint.reason import alias_steps, replica_steps, tag_steps
from kms_lint.reason.authorization import Authorization, Link, LinkKind, Said
from kms_lint.reason.carried import carrying, listing
from kms_lint.reason.composed import Composed
from kms_lint.reason.formula import Formula, conjunction, negation, satisfiable, settled, within
from kms_lint.reason.held import RETIRE, Held
from kms_lint.reason.identity_access import shown
from kms_lint.reason.identity_actions import CREATE_KEY
from kms_lint.reason.identity_steps import IdentitySteps, Step
from kms_lint.reason.parties import Estate, HeldKey, Party
from kms_lint.reason.replica_steps import REQUESTED
from kms_lint.reason.request import Way
from kms_lint.reason.residual import both
from kms_lint.reason.rows import Certainty, Row, pair

_TAKE: Final = "kms:PutKeyPolicy"
_GRANT: Final = "kms:CreateGrant"
_GRANTABLE: Final = frozenset(f"kms:{name}" for name in actions.GRANT_OPERATIONS) - {RETIRE}

Gained = tuple[frozenset[str], tuple[Step, ...]]
"""Operations, and the steps on the key that give them; none for those that need none."""


class KeySteps:
    """What somebody has on a key, and what steps on the key give: worked out once, however many principals reach it."""

    def __init__(self, composed: Composed, identities: IdentitySteps) -> None:
        self.composed = composed
        self.identities = identities
        self._replicas: dict[tuple[int, str], HeldKey] = {}
        self._spelt = _tag_names(composed.estate)
        self._rows: dict[tuple[int, int], dict[str, Row]] = {}
        self._found: dict[tuple[int, int, bool], list[Gained]] = {}

    def has(self, key: HeldKey, party: Party, sure: bool) -> frozenset[str]:
        """What a party may do with a key as things are, whatever tags it has and with the aliases that the input shows.

        Surely, at least for some requests, or possibly.
        """
        rows = self.rows(key, party)
        found = frozenset(name for name, row in rows.items() if not sure or row.certainty is not Certainty.POSSIBLE)
        if len(key.policies) != 1:
            return found
        held = self._held(key, party, key.policies[0], sure)
        return found - tag_steps.depending(held, found) - alias_steps.depending(held, found)

    def rows(self, key: HeldKey, party: Party) -> dict[str, Row]:
        """The rows of a party and a key, by the operations."""
        name = (id(key), id(party))
        if name not in self._rows:
            found = pair(self.composed, key, party)
            self._rows[name] = {action: row for row in found for action in row.actions}
        return self._rows[name]

    def of(self, key: HeldKey, actor: Party, sure: bool) -> list[Gained]:
        """What an actor has, and what it can give itself on the key."""
        name = (id(key), id(actor), sure)
        if name not in self._found:
            # Which of several key policies is in force is not known: nothing is sure then.
            policies = () if sure and len(key.policies) != 1 else key.policies
            self._found[name] = [each for policy in policies for each in self._of(key, actor, policy, sure)]
        return self._found[name]

    def is_known(self, key: HeldKey, actor: Party, sure: bool) -> bool:
        """Whether it was worked out what an actor has, and can give itself on a key."""
        return (id(key), id(actor), sure) in self._found

    def _held(self, key: HeldKey, actor: Party, policy: Policy, sure: bool) -> Held:
        return Held(self.composed.authorization(key, actor, policy), self.composed.region(actor), sure)

    def _of(self, key: HeldKey, actor: Party, policy: Policy, sure: bool) -> Iterator[Gained]:
        held = self._held(key, actor, policy, sure)
        has = held.all()
        yield has, ()
        yield from self._further(key, actor, held, has)
        for step, after in (*self._tagged(key, actor, held), *self._named(key, actor, held)):
            then = after.all()
            yield then, (step,)
            yield from ((found, (step, *last)) for found, last in self._further(key, actor, after, then))
        yield from self._replicated(key, actor, held)

    def _replicated(self, key: HeldKey, actor: Party, held: Held) -> Iterator[Gained]:
        """A replica of the key with a policy of the caller's own, and what its material is for."""
        primary, space = replica_steps.replicable(key), held.given.space
        if primary is False or (held.sure and primary is None):
            return
        for region, elsewhere in replica_steps.regions(self.composed.estate, space, key):
            here = {REQUESTED: region}
            new = self.identities.identities.allowed(actor, CREATE_KEY, replica_steps.creation(key, region), here)
            may = held.may(replica_steps.REPLICATE, context=replica_steps.context(space, region))
            if not may or new is None or (held.sure and not new.sure):
                continue
            after = self._held(self._replica(key, region), actor, key.policies[0], held.sure)
            bare = {**after.region, **carrying(space, REQUESTED, region), **tag_steps.untagged(space)}
            found = taken(alias_steps.without(replace(after, region=bare))).all() & actions.CRYPTOGRAPHIC
            gain = f"a replica in {region} has the same key material and a key policy that the caller writes"
            step = self.step(key, actor, replica_steps.REPLICATE, gain)
            lacking = "" if primary else "it is the primary key of a multi-Region key"
            told = both(*dict.fromkeys((step.condition, new.condition, elsewhere, lacking)))
            sure = step.sure and new.sure and bool(primary)
            links = tuple(dict.fromkeys((*step.links, *new.links)))
            yield found, (replace(step, condition=told, links=links, sure=sure),)

    def _replica(self, key: HeldKey, region: str) -> HeldKey:
        """A replica, the same each time it is asked for."""
        if (id(key), region) not in self._replicas:
            self._replicas[id(key), region] = replica_steps.replica(key, region)
        return self._replicas[id(key), region]

    def _further(self, key: HeldKey, actor: Party, held: Held, has: frozenset[str]) -> Iterator[Gained]:
        if _TAKE in has:
            yield taken(held).all(), (self.step(key, actor, _TAKE, "the key policy says what the caller writes"),)
        if _GRANT in has and (granted := _granted(held)):
            yield granted, (self.step(key, actor, _GRANT, "a grant for the caller"),)

    def _tagged(self, key: HeldKey, actor: Party, held: Held) -> Iterator[tuple[Step, Held]]:
        """The key with tags of the caller's choice."""
        for action, tags, after in tag_steps.after_tagging(held, self._spelt):
            told = [f"{name} = {value}" if value is not None else name for name, value in tags.items()]
            gain = f"it {'no longer ' if action == tag_steps.UNTAG else ''}carries the tag {' and '.join(told)}"
            yield self.step(key, actor, action, gain), after

    def _named(self, key: HeldKey, actor: Party, held: Held) -> Iterator[tuple[Step, Held]]:
        """The key with one alias more, new or taken from another key."""
        for alias in alias_steps.trusted(held.given.space):
            other = alias_steps.owner(self.composed.estate, key, alias)
            arn = alias_steps.arn(key, alias)
            action = alias_steps.CREATE if other is None else alias_steps.MOVE
            if other is key or arn is None or not alias_steps.without(held).may(action):
                continue
            if other is not None and (
                len(other.policies) != 1
                or not self._held(other, actor, other.policies[0], held.sure).may(alias_steps.MOVE)
            ):
                continue
            allowed = self.identities.identities.allowed(actor, action, arn)
            if allowed is not None and (allowed.sure or not held.sure):
                lacking = "no other key has this alias" if other is None else ""
                step = self.step(key, actor, action, f"it has the alias {alias}")
                told = both(*dict.fromkeys((step.condition, allowed.condition, lacking)))
                links = tuple(dict.fromkeys((*step.links, *allowed.links)))
                yield replace(step, condition=told, links=links), alias_steps.having(held, alias)

    def step(self, key: HeldKey, actor: Party, action: str, gain: str) -> Step:
        """A step on a key, with what allows it."""
        row = self.rows(key, actor).get(action)
        if row is None:
            return Step(action, key.address, gain, ())
        links = tuple(map(shown, row.paths[0])) if row.paths else ()
        return Step(action, key.address, gain, links, row.condition, row.certainty is not Certainty.POSSIBLE)


def _tag_names(estate: Estate) -> dict[str, str]:
    """The names of tags of keys as policies write them, by their condition keys."""
    policies = [policy for party in estate.parties for policy in (*party.policies, *party.boundary)]
    every = (
        *policies,
        *estate.attachable,
        *estate.scps,
        *estate.rcps,
        *(each for key in estate.keys for each in key.policies),
    )
    texts = [condition.key.form for policy in every for each in policy.statements for condition in each.conditions]
    return {text.lower(): text.partition("/")[2] for text in texts if text.lower().startswith("aws:resourcetag/")}


def taken(held: Held) -> Held:
    """The same once the key policy says what the caller writes."""
    link = Link(LinkKind.KEY_POLICY, how="the key policy that the caller writes")
    parts = held.given.parts
    kept = tuple(each for each in parts.denies if each.link.kind is not LinkKind.KEY_POLICY)
    parts = replace(parts, ways={Way.DIRECT: (Said(True, link),)}, denies=kept)
    return replace(held, given=replace(held.given, parts=parts))


def _granted(held: Held) -> frozenset[str]:
    """The operations for which the caller may make itself a grant that nothing denies.

    Who may create grants by a grant alone can pass on no more than that grant allows.
    https://docs.aws.amazon.com/kms/latest/developerguide/create-grant-overview.html
    """
    parts = replace(held.given.parts, grants=())
    by_policy = replace(held, given=replace(held.given, parts=parts))
    context, asked = _for_itself(held.given), "kms:grantoperations" in held.given.space.condition_keys()
    if not asked and not by_policy.may(_GRANT, context):
        return frozenset()
    left = _undenied(held)
    found = [
        action
        for action in sorted(_GRANTABLE)
        if (not asked or by_policy.may(_GRANT, {**context, **_operation(held.given, action)}))
        and satisfiable(within(left, held.at(action)))
    ]
    return frozenset(found)


def _undenied(held: Held) -> Formula:
    """The requests for what a grant gives that get past all Denies and limits."""
    given = held.given
    left = within(conjunction((given.around, *(negation(each.formula) for each in given.parts.denies))), held.region)
    return settled(left) if held.sure else left


def _for_itself(given: Authorization) -> dict[str, int]:
    """That the grant is no business of a service, and that its grantee is the caller."""
    context = carrying(given.space, "kms:grantisforawsresource", "false")
    if given.party.caller is not None and given.party.caller.arn is not None:
        context |= carrying(given.space, "kms:granteeprincipal", given.party.caller.arn)
    return context


def _operation(given: Authorization, action: str) -> dict[str, int]:
    """That the operations of the grant are this one alone."""
    return listing(given.space, "kms:grantoperations", [action.removeprefix("kms:")])
