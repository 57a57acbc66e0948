"""AWS managed keys, which their own account alone can use.

https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html#aws-managed-cmk
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Final, NamedTuple

from kms_lint.checks.consumer import home, managed_alias
from kms_lint.finding import Confidence, Hit, Place
from kms_lint.iam import principals, wildcards
from kms_lint.iam.principals import FOREIGN, Who
from kms_lint.model import Consumer, Document, Effect, Policy, PolicyKind, Principal, Share, Statement, World
from kms_lint.rule import check
from kms_lint.syntax.tree import ANYTHING, DEPLOYMENT_ACCOUNT, Text

_USING: Final = {
    "s3": ("s3:getobject", "s3:getobjectversion", "s3:putobject"),
    "sqs": ("sqs:receivemessage", "sqs:sendmessage"),
    "sns": ("sns:publish",),
    "secretsmanager": ("secretsmanager:getsecretvalue", "secretsmanager:putsecretvalue"),
}
"""Operations in lower case, by service, for which the key is used in the name of the caller, as their pages say."""


class _Stranger(NamedTuple):
    """A principal, and whether it surely is of another account and needs the key."""

    principal: Principal
    sure: bool


@check(Document)
def aws_managed_key_shared(document: Document, world: World) -> Iterator[Hit]:
    """Something is encrypted with an AWS managed key, and a policy of it lets in another account, or it is shared with one.

    https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-modifying-external-accounts.html
    """
    for consumer in document.consumers:
        key, name = consumer.key, managed_alias(consumer)
        if key is None or name is None:
            continue
        of = _policies(world).get((home(document), consumer.about or consumer.address), ())
        strangers = [each for policy in of for each in _strangers(consumer, policy, world)]
        found = next((each for each in strangers if each.sure), next(iter(strangers), None))
        if found is not None:
            value = found.principal.value
            related = (Place(value.at, "and this account is let in here"),)
            label = f"{name} belongs to AWS and serves its own account only: {value} cannot read what it encrypts"
            confidence = Confidence.DEFINITE if found.sure else Confidence.POSSIBLE
            yield Hit(
                key.at, label, str(key), related, confidence=confidence, resource=consumer.address, kind="consumer"
            )
    yield from _shared(document, world)


def _shared(document: Document, world: World) -> Iterator[Hit]:
    """Snapshots and images that are shared, and encrypted with an AWS managed key: AWS refuses to.

    https://docs.aws.amazon.com/ebs/latest/userguide/ebs-modifying-snapshot-permissions.html
    https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/sharingamis-explicit.html
    https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/share-encrypted-snapshot.html
    """
    for share in document.shares:
        others = [each for each in share.accounts if each.form not in (DEPLOYMENT_ACCOUNT, share.owner)]
        found = _managed(share, document, world)
        if found is None or not others:
            continue
        key, name = found
        sure = next((each for each in others if each.known), None)
        label = f"{name} belongs to AWS and serves its own account only: what it encrypts cannot be shared"
        yield Hit(
            share.at,
            label,
            str(sure or others[0]),
            (Place(key.at, "it is encrypted with this key"),),
            confidence=Confidence.POSSIBLE if sure is None else Confidence.DEFINITE,
            resource=share.address,
            kind="consumer",
        )


def _managed(share: Share, document: Document, world: World) -> tuple[Text, str] | None:
    """The AWS managed key of what is shared, as written, and its alias; `None` where it has none, or we do not know."""
    if share.key is not None:
        return share.key, str(share.key)
    for consumer in _encrypted(world).get((home(document), share.of), ()):
        name = managed_alias(consumer)
        if name is not None and consumer.key is not None:
            return consumer.key, name
    return None


@lru_cache(maxsize=1)
def _encrypted(world: World) -> dict[tuple[str, str], list[Consumer]]:
    """What uses a key, by home and address."""
    found: dict[tuple[str, str], list[Consumer]] = {}
    for document in world.documents:
        for consumer in document.consumers:
            found.setdefault((home(document), consumer.address), []).append(consumer)
    return found


@lru_cache(maxsize=1)
def _policies(world: World) -> dict[tuple[str, str], list[Policy]]:
    """The policies of resources, by the addresses of what they are attached to or are an argument of.

    An address names one resource of a template, or of a folder of Terraform.
    """
    found: dict[tuple[str, str], list[Policy]] = {}
    for document in world.documents:
        for policy in document.policies:
            if policy.kind is PolicyKind.RESOURCE:
                own = policy.address.partition(":")[0]
                for address in dict.fromkeys((*(policy.of or own).split(", "), own)):
                    found.setdefault((home(document), address), []).append(policy)
    return found


def _strangers(consumer: Consumer, policy: Policy, world: World) -> Iterator[_Stranger]:
    """Those of other accounts whom a policy lets read or write what is encrypted, or may."""
    for statement in policy.statements:
        named = statement.principals
        uses = _uses(consumer, statement)
        if statement.effect is not Effect.ALLOW or named is None or named.negated or uses is False:
            continue
        for principal in named.values:
            other = _of_another(principal, consumer, world)
            if other is not False:
                yield _Stranger(principal, bool(other and uses) and not statement.unknown)


def _of_another(principal: Principal, consumer: Consumer, world: World) -> bool | None:
    """Whether a principal is of another account than the key; `None` when nothing tells.

    Another account of the user's own is another one to the key, too.
    """
    account, owner = principals.account(principal), consumer.owner or ""
    if account and account.isdigit() and owner.isdigit():
        return account != owner
    who = principals.who(principal, consumer.owner, world.accounts)
    if who in FOREIGN:
        return True
    return None if who in (Who.SOME_ACCOUNT, Who.SOME_IDENTITY) else False


def _uses(consumer: Consumer, statement: Statement) -> bool | None:
    """Whether a statement gives an operation that needs the key; `None` where that is not known of the service."""
    patterns, wanted = statement.actions, _USING.get(consumer.service)
    if patterns is None:
        return False
    if wanted is None or patterns.negated:
        return None
    values = [value.form.lower() for value in patterns.values]
    if any(wildcards.matches(each, action) for each in values for action in wanted):
        return True
    return None if any(ANYTHING in each for each in values) else False
