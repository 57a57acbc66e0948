"""The other reading of wildcards in resources: that they cross the colons between the parts of an ARN.

AWS's own checks compare ARNs part by part, and its guide says that a wildcard at the end of a part can stand for more.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from kms_lint.iam import wildcards
from kms_lint.model import Policy, PolicyKind
from kms_lint.reason.compared import Compared
from kms_lint.reason.formula import BudgetError, solve
from kms_lint.syntax.tree import Text

_MOST_APART: Final = 8


def assumptions(compared: Compared, proved: bool) -> Iterator[str]:
    """The resources on whose reading it depends whether there is new access; `proved` is whether there is none."""
    patterns = {text.form: str(text) for policy in (compared.old, compared.new) for text in _patterns(policy)}
    try:
        if not patterns or not _changes(compared, frozenset(patterns), proved):
            return
        apart = [form for form in patterns if len(patterns) <= _MOST_APART]
        alone = [form for form in apart if _changes(compared, frozenset((form,)), proved)]
    except BudgetError:
        yield "each `*` in Resource is within a part of the ARN; across colons was too large to be compared"
        return
    for form in alone or patterns:
        yield f"it depends on how `*` crosses colons in Resource {patterns[form]}: here it stays within a part of the ARN"


def _changes(compared: Compared, whole: frozenset[str], proved: bool) -> bool:
    other = replace(compared, whole=whole)
    return (solve(other.gained(), other.settings.budget) is None) is not proved


def _patterns(policy: Policy) -> Iterator[Text]:
    """The resources whose wildcards could cross a colon that parts an ARN."""
    if policy.kind is PolicyKind.TRUST:
        return
    for statement in policy.statements:
        for text in statement.resources.values if statement.resources else ():
            parts = text.form.split(":", 5)
            if len(parts) == 6 and any(wildcards.has_wildcard(part) for part in parts[:5]):
                yield text
