"""What the AWS CLI prints, and what AWS Config records: one answer, a list of them, or an object that holds several.

https://docs.aws.amazon.com/cli/latest/reference/
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from kms_lint.syntax.tree import Mapping, Node

if TYPE_CHECKING:
    from kms_lint.load.options import Options
    from kms_lint.model import Document
    from kms_lint.source import Source

NAMES: Final = frozenset(
    {
        *("KeyMetadata", "KeyRotationEnabled", "Policy", "PolicyNames", "KeyLastUsage", "Grants", "Aliases"),
        *("PolicyVersion", "VersionId", "PolicyDocument", "Role", "User", "Group", "Policies"),
        *("TrailARN", "Records", "Events"),
        *("UserDetailList", "GroupDetailList", "RoleDetailList"),
        *("configurationItems", "baseConfigurationItems", "configurationItem", "invokingEvent", "detail"),
        *("ConfigurationItems", "BaseConfigurationItems", "ConfigurationItem", "InvokingEvent", "Detail"),
        *("resourceType", "ResourceType"),
    }
)
"""The names that tell an answer from other objects."""


def answer(node: Node, path: str, source: Source, options: Options) -> Document | None:
    """What a command printed; `None` for what none of the commands that are known prints.

    Answers that say nothing about access (`list-key-policies`, `get-key-last-usage`) are skipped.
    """
    if not isinstance(node, Mapping) or not any(name in NAMES for name, _ in node.entries):
        return None
    from kms_lint.load.answers.printed import answer as read

    return read(node, path, source, options)


def answers(node: Node, path: str, source: Source, options: Options) -> Document | None:
    """What commands printed that somebody put into a list, or into an object under names; `None` when there is none."""
    from kms_lint.load.answers.printed import answers as read

    return read(node, path, source, options)
