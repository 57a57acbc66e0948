"""Answers of `aws organizations`.

https://docs.aws.amazon.com/cli/latest/reference/organizations/describe-policy.html
"""

from __future__ import annotations

from typing import Final

from kms_lint.load.answers.found import Found
from kms_lint.load.answers.members import member, text
from kms_lint.load.options import Options
from kms_lint.load.policy import policies
from kms_lint.model import PolicyKind
from kms_lint.syntax.tree import Mapping, Node

_TARGETS: Final = {"SERVICE_CONTROL_POLICY": PolicyKind.SCP, "RESOURCE_CONTROL_POLICY": PolicyKind.RCP}


def control_policy(node: Mapping, value: Node, options: Options, found: Found) -> bool:
    """`describe-policy`; other kinds of policies of an organization say nothing about access."""
    summary = member(value, "PolicySummary")
    kind = _TARGETS.get(text(summary, "Type") or "")
    if kind is None:
        return False
    managed = member(summary, "AwsManaged")
    for policy in policies(member(value, "Content"), kind, text(summary, "Name") or "Policy"):
        found.add_policy(policy, managed=getattr(managed, "value", None) is True)
    return True
