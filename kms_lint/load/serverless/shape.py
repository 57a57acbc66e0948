"""What a service of the Serverless Framework is told by."""

from __future__ import annotations

from kms_lint.syntax.tree import Mapping, Text


def is_service(node: Mapping) -> bool:
    """Whether a tree is a service that is deployed to AWS."""
    provider = node.get("provider")
    if "service" not in node or "Resources" in node:
        return False
    if isinstance(provider, Text):
        return provider == "aws"
    name = provider.get("name") if isinstance(provider, Mapping) else None
    return isinstance(name, Text) and (name == "aws" or "${" in name)
