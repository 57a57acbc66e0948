"""The key policy that AWS gives a key for which none is set."""

from __future__ import annotations

from kms_lint.model import Effect, Patterns, Policy, PolicyKind, Principal, Principals, Statement
from kms_lint.source import At
from kms_lint.syntax.tree import Text


def policy(address: str, at: At, account: str, partition: str) -> Policy:
    """The whole key for the account, so that its IAM policies decide.

    https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
    """

    def text(value: str) -> Text:
        return Text(value, at)

    root = Principal(text("AWS"), text(f"arn:{partition}:iam::{account}:root"))
    statement = Statement(
        PolicyKind.KEY,
        account,
        0,
        at,
        sid=text("Enable IAM policies"),
        effect=Effect.ALLOW,
        effect_text=text("Allow"),
        principals=Principals((root,), False, at, text("Principal")),
        actions=Patterns((text("kms:*"),), False, at, text("Action")),
        resources=Patterns((text("*"),), False, at, text("Resource")),
    )
    return Policy(PolicyKind.KEY, address, at, (statement,), account, address)
