"""Managed policies that can be attached to identities, and their ARNs where the input tells them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from kms_lint import texts
from kms_lint.model import Effect, Patterns, Policy, PolicyKind, Statement
from kms_lint.reason.deployment import Deployment
from kms_lint.reason.managed import is_of_aws, of_aws
from kms_lint.source import Source, Span
from kms_lint.syntax.tree import ANYTHING, Text

_MANAGED: Final = ":policy/"
_AT: Final = Span(Source("", ""), 0, 0)
_ALL: Final = (Text("*", _AT),)

WRITTEN: Final = Policy(
    PolicyKind.IDENTITY,
    "an IAM policy that the caller writes",
    _AT,
    (
        Statement(
            PolicyKind.IDENTITY,
            None,
            0,
            _AT,
            effect=Effect.ALLOW,
            effect_text=Text("Allow", _AT),
            actions=Patterns(_ALL, False, _AT, Text("Action", _AT)),
            resources=Patterns(_ALL, False, _AT, Text("Resource", _AT)),
        ),
    ),
)
"""What somebody writes who may write policies: it allows everything. It stands in no file."""


def policy_arns(policies: Sequence[Policy], deployment: Deployment) -> dict[str, str]:
    """The ARNs of policies by their addresses, as references to them tell."""
    addresses = {name: policy.address for policy in policies for name in _called(policy)}
    found: dict[str, str] = {}
    for text in _every_text(policies, deployment):
        address = addresses.get(str(text))
        if address is not None and _MANAGED in text.form and ANYTHING not in text.form:
            found[address] = deployment.text(text).form
    return found


def attachable_policies(policies: Sequence[Policy], deployment: Deployment) -> Iterator[Policy]:
    """One that allows everything, the managed policies of the input, and those of AWS that the input names."""
    yield WRITTEN
    attached = {str(text) for identity in deployment.identities for text in identity.attached}
    yield from (each for each in policies if each.of is None or attached & set(_called(each)))
    named = {str(text): text for text in _every_text(policies, deployment) if is_of_aws(text)}
    for text in named.values():
        yield from of_aws(text)


def _called(policy: Policy) -> tuple[str, ...]:
    return policy.address, f"<{policy.address}>", f"<{policy.address}.arn>"


def _every_text(policies: Sequence[Policy], deployment: Deployment) -> Iterator[Text]:
    for policy in policies:
        yield from texts.of_policy(policy)
    for identity in deployment.identities:
        yield from identity.attached
        yield from (identity.boundary,) if identity.boundary is not None else ()
