"""All documents of an input as one estate: which policies reach whom, and which keys there are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kms_lint.iam import principals
from kms_lint.model import Document, Grant, Identity, Key, Policy, PolicyKind, Status
from kms_lint.reason import plain
from kms_lint.reason.attachable import attachable_policies, policy_arns
from kms_lint.reason.deployment import Deployment
from kms_lint.reason.everybody import everybody
from kms_lint.reason.managed import assumption, is_of_aws
from kms_lint.reason.parties import Estate, HeldKey, Party, Standing
from kms_lint.syntax.tree import ANYTHING, DEPLOYMENT_ACCOUNT


def estate(documents: Sequence[Document], account: str | None = None, partition: str = "aws") -> Estate:
    """What decides about keys in these documents together; `account` is that of the deployment, if it is known."""
    built = _Built(tuple(documents), partition)
    return built.estate(account)


@dataclass
class _Built:
    documents: tuple[Document, ...]
    partition: str

    def estate(self, account: str | None) -> Estate:
        """The estate, with what had to be taken as given."""
        assumptions: list[str] = []
        guessed = account or self._guessed_account()
        if guessed is None:
            assumptions.append(
                "the account of the deployment is none of those that are named by number (--account says which it is)"
            )
        elif account is None:
            assumptions.append(f"the keys belong to {guessed}, the only account that key policies name")
        names = Deployment(guessed or DEPLOYMENT_ACCOUNT, self.partition, tuple(self._identities()))
        keys = tuple(self._keys(names))
        policies = [names.policy(policy) for each in self.documents for policy in each.policies]
        of_kind = {kind: tuple(each for each in policies if each.kind is kind) for kind in PolicyKind}
        scps, rcps = of_kind[PolicyKind.SCP], of_kind[PolicyKind.RCP]
        identity = of_kind[PolicyKind.IDENTITY]
        parties, groups = everybody(names, identity, keys)
        assumptions += self._given(scps, rcps, parties, keys)
        endpoints, trusts = of_kind[PolicyKind.VPC_ENDPOINT], of_kind[PolicyKind.TRUST]
        limits = (scps, rcps, endpoints, trusts)
        attachable = tuple(attachable_policies(identity, names))
        arns = policy_arns(identity, names)
        return Estate(names.account, keys, parties, *limits, tuple(assumptions), groups, attachable, arns)

    def _identities(self) -> Iterator[Identity]:
        for document in self.documents:
            yield from document.identities

    def _guessed_account(self) -> str | None:
        """The account that the owners of keys and identities are, else the one that key policies name as a whole."""
        owners = [key.owner for document in self.documents for key in document.keys]
        owners += [identity.owner for identity in self._identities()]
        found = {owner for owner in owners if owner is not None and owner != DEPLOYMENT_ACCOUNT}
        if len(found) == 1:
            return found.pop()
        held = tuple(
            policy
            for document in self.documents
            for policy in document.every_policy()
            if policy.kind is PolicyKind.KEY and policy.owner in (None, DEPLOYMENT_ACCOUNT)
        )
        guesses = {_account_of(policy) for policy in held}
        guess = guesses.pop() if len(guesses) == 1 else None
        return None if guess == DEPLOYMENT_ACCOUNT else guess

    def _keys(self, names: Deployment) -> Iterator[HeldKey]:
        grants = [names.grant(grant) for document in self.documents for grant in document.grants]
        taken: set[int] = set()
        for document in self.documents:
            for key in document.keys:
                own = [each for each in grants if _of(each, key)]
                taken |= {id(each) for each in own}
                yield names.key(key, tuple(own))
        yield from self._implied(names, [each for each in grants if id(each) not in taken])

    def _implied(self, names: Deployment, grants: list[Grant]) -> Iterator[HeldKey]:
        """Keys that the input does not describe: those of lone key policies and of lone grants."""
        lone: dict[tuple[str, str], list[Policy]] = {}
        for document in self.documents:
            for policy in document.policies:
                if policy.kind is PolicyKind.KEY:
                    lone.setdefault((document.path, policy.of or policy.address), []).append(names.policy(policy))
        for (_, address), policies in lone.items():
            unknown = any(each.refused for each in policies)
            account = policies[0].owner or names.account
            yield HeldKey(address, account, policies[0].at, policies=tuple(policies), policy_unknown=unknown)
        by_key: dict[str, list[Grant]] = {}
        for grant in grants:
            by_key.setdefault(str(grant.key or grant.of or grant.address), []).append(grant)
        for address, found in by_key.items():
            arn = found[0].key if address.startswith("arn:") else None
            owner = arn.form.split(":")[4] if arn is not None and arn.form.count(":") >= 5 else found[0].owner
            yield HeldKey(address, owner or names.account, found[0].at, arn, policy_unknown=True, grants=tuple(found))

    def _given(
        self, scps: Sequence[Policy], rcps: Sequence[Policy], parties: Sequence[Party], keys: Sequence[HeldKey]
    ) -> Iterator[str]:
        """What the rows rely on."""
        from kms_lint.iam.kms import FACTS_DATE

        for document in self.documents:
            if document.status is Status.MALFORMED:
                yield f"{document.path} could not be read: what it says is not counted"
            for each in document.unresolved:
                yield f"{document.path}: {each.expression}: {each.message}: what it stands for is not counted"
        yield _limits(
            "SCP", scps, "every principal of the accounts of the input, none of which is the management account"
        )
        yield _limits("RCP", rcps, "every key of the input")
        yield f"facts about KMS of {FACTS_DATE}: cross-account operations, actions that key policies decide, condition keys"
        if any(is_of_aws(policy.address) for party in parties for policy in (*party.policies, *party.boundary)):
            yield assumption()
        for party in parties:
            if party.standing is Standing.NAMED:
                yield f"IAM policies and the permissions boundary of {party.shown} are not in the input"
            for name in party.missing:
                yield f"{name}, attached to {party.shown}, is not in the input: what it denies is not counted"
        for key in keys:
            for policy in (each for each in key.policies if each.refused):
                why = policy.problems[0].message
                yield f"AWS refuses the policy of {key.address} ({why}): what is in effect is not known"
            if key.default:
                yield f"{key.address} has the key policy that AWS gives a key without one"


def _account_of(policy: Policy) -> str | None:
    """The account that a key policy suggests: the only one that it names as a whole, else the only one at all."""
    whole = {
        str(principals.account(each))
        for statement in policy.statements
        for each in (statement.principals.values if statement.principals else ())
        if principals.is_account(each)
    }
    if not whole:
        return plain.account_of_key((policy,))
    found = whole.pop()
    return found if not whole and ANYTHING not in found else None


def _limits(name: str, found: Sequence[Policy], whom: str) -> str:
    if not found:
        return f"no {name} limits anybody: none is in the input"
    return f"the {name}s of the input hold for {whom}"


def _of(grant: Grant, key: Key) -> bool:
    if grant.of is not None:
        return grant.of == key.address
    return grant.key is not None and key.arn is not None and _same_key(grant.key.form, key.arn.form)


def _same_key(one: str, other: str) -> bool:
    return one == other or (":" not in one and other.endswith(f":key/{one}"))
