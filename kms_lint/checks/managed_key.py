"""AWS managed keys, which their own account alone can use.

https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html#aws-managed-cmk
"""

from __future__ import annotations

from collections.abc import Iterator

from kms_lint.finding import Confidence, Hit, Place
from kms_lint.iam import principals
from kms_lint.iam.principals import FOREIGN, Who
from kms_lint.model import Consumer, Document, Effect, Policy, PolicyKind, Principal, World
from kms_lint.rule import check

_MANAGED = "alias/aws/"


@check(Document)
def aws_managed_key_shared(document: Document, world: World) -> Iterator[Hit]:
    """Something is encrypted with an AWS managed key, and its policy lets in another account.

    https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-modifying-external-accounts.html
    """
    for consumer in document.consumers:
        key = consumer.key
        if key is None or not key.form.rpartition(":")[2].startswith(_MANAGED):
            continue
        found = next(_strangers(consumer, document, world), None)
        if found is not None:
            principal, sure = found
            related = (Place(principal.value.at, "and this account is let in here"),)
            label = (
                f"{key} belongs to AWS and serves its own account only: {principal.value} cannot read what it encrypts"
            )
            confidence = Confidence.DEFINITE if sure else Confidence.POSSIBLE
            yield Hit(
                key.at, label, str(key), related, confidence=confidence, resource=consumer.address, kind="consumer"
            )


def _strangers(consumer: Consumer, document: Document, world: World) -> Iterator[tuple[Principal, bool]]:
    """Those of other accounts that the own policy of a resource lets in, and whether they surely are of others."""
    for policy in document.policies:
        if policy.kind is PolicyKind.RESOURCE and _of(policy) == consumer.address:
            for statement in policy.statements:
                named = statement.principals
                if statement.effect is not Effect.ALLOW or named is None or named.negated:
                    continue
                for principal in named.values:
                    who = principals.who(principal, consumer.owner, world.accounts)
                    if who in FOREIGN:
                        yield principal, True
                    elif who in (Who.SOME_ACCOUNT, Who.SOME_IDENTITY):
                        yield principal, False


def _of(policy: Policy) -> str:
    """The address of the resource that a policy is an argument of."""
    return policy.address.partition(":")[0]
