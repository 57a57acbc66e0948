"""What policies that AWS manages allow of KMS, for those that are attached most; others are not known."""

from __future__ import annotations

from typing import Final

from kms_lint.model import Effect, Patterns, Policy, PolicyKind, Statement
from kms_lint.source import At
from kms_lint.syntax.tree import Text

_ALLOWED: Final[dict[str, str]] = {
    "AdministratorAccess": "kms:*",
    "PowerUserAccess": "kms:*",
}
"""Only those whose part about KMS their purpose settles. AWS changes the others, and what is not known here is said to be missing."""


def of_aws(name: Text) -> list[Policy]:
    """The part about KMS of a policy that AWS manages, if it is one that is known here.

    https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html
    """
    if ":iam::aws:policy/" not in name:
        return []
    allowed = _ALLOWED.get(name.rpartition("/")[2])
    return [] if allowed is None else [_policy(name, allowed.split(), name.at)]


def _policy(name: Text, allowed: list[str], at: At) -> Policy:
    def text(value: str) -> Text:
        return Text(value, at)

    statement = Statement(
        PolicyKind.IDENTITY,
        None,
        0,
        at,
        effect=Effect.ALLOW,
        effect_text=text("Allow"),
        actions=Patterns(tuple(map(text, allowed)), False, at, text("Action")),
        resources=Patterns((text("*"),), False, at, text("Resource")),
    )
    return Policy(PolicyKind.IDENTITY, str(name), at, (statement,), managed=True)
