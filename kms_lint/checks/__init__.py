"""The checks that need Python: importing this registers them all."""

from kms_lint.checks import (
    condition,
    document,
    grant,
    key,
    open_condition,
    principal,
    resource,
    statement,
    stranger,
    via_service,
    whole_key,
)

__all__ = [
    "condition",
    "document",
    "grant",
    "key",
    "open_condition",
    "principal",
    "resource",
    "statement",
    "stranger",
    "via_service",
    "whole_key",
]
