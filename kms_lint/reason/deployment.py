"""The names that only the deployment gives: its account and partition, and one ARN for each identity."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

from kms_lint import texts
from kms_lint.model import Grant, Identity, Key, Policy
from kms_lint.reason import default
from kms_lint.reason.parties import HeldKey
from kms_lint.reason.request import Caller, CallerKind
from kms_lint.syntax.tree import ANYTHING, DEPLOYMENT_ACCOUNT, Text

_PARTITION: Final = "<partition>"


@dataclass(frozen=True)
class Deployment:
    """What is known of the deployment, and the identities that it makes."""

    account: str
    partition: str
    identities: tuple[Identity, ...]

    @cached_property
    def arns(self) -> dict[str, str]:
        """The ARN of each identity whose name is not known, by the expression that stands for it."""
        return {
            str(each.arn): caller.arn
            for each in self.identities
            if each.arn is not None and ANYTHING in each.arn.form and (caller := self.caller(each)) and caller.arn
        }

    def text(self, text: Text) -> Text:
        """A text as it will be once the account and the partition are known."""
        form = self.arns.get(str(text)) or text.form
        form = form.replace(_PARTITION, self.partition).replace(DEPLOYMENT_ACCOUNT, self.account)
        return text if form == text.form else Text(str(text), text.at, form)

    def policy(self, policy: Policy) -> Policy:
        """A policy with the names put in."""
        owner = self.account if policy.owner in (None, DEPLOYMENT_ACCOUNT) else policy.owner
        return replace(texts.changed_by_part(policy, self.text, self.text), owner=owner)

    def grant(self, grant: Grant) -> Grant:
        """A grant with the names put in."""
        texts = [each and self.text(each) for each in (grant.grantee, grant.retiring, grant.key)]
        return replace(grant, grantee=texts[0], retiring=texts[1], key=texts[2])

    def key(self, key: Key, grants: tuple[Grant, ...]) -> HeldKey:
        """A key with its policy, or the one that AWS gives it."""
        owner = self.account if key.owner in (None, DEPLOYMENT_ACCOUNT) else key.owner
        arn = key.arn and self.text(key.arn)
        policies = tuple(self.policy(each) for each in key.policies)
        refused = any(each.refused for each in policies)
        unknown = key.policy_unknown or refused or (not policies and key.format == "cli")
        given = not policies and not unknown
        if given:
            policies = (default.policy(key.address, key.at, owner, self.partition),)
        return HeldKey(
            key.address,
            owner,
            key.at,
            arn,
            policies,
            unknown,
            given,
            grants,
            key.aliases,
            key.replica,
            str(key.primary or ""),
            key,
        )

    def caller(self, identity: Identity) -> Caller | None:
        """The caller that an identity makes; groups make none."""
        owner = self.account if identity.owner in (None, DEPLOYMENT_ACCOUNT) else identity.owner
        name = str(identity.name or f"<{identity.address}>")
        if identity.type == "permission set":
            reserved = f"role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_{name}_<id>"
            return Caller(CallerKind.ROLE, reserved, owner, self.partition)
        if identity.type == "group":
            return None
        kind = CallerKind.USER if identity.type == "user" else CallerKind.ROLE
        arn = identity.arn.form if identity.arn is not None and ANYTHING not in identity.arn.form else ""
        own = arn.split(":", 5)[5] if arn.count(":") >= 5 else f"{kind.value}/{name}"
        return Caller(kind, own, owner, self.partition)
