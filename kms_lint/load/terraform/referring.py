"""Which resource a text is the name, the id or the ARN of."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from kms_lint.source import At, Borrowed
from kms_lint.syntax.tree import Text

_ATTRIBUTE: Final = re.compile(
    r"((?:module\.[^<>]+\.)?(?:aws|awscc)_\w+\.[\w-]+(?:\[[^\]]*\])?)\.(?:\w*arn|\w*id|\w*name|\w*identifier|url|bucket)"
)


def resource_address(text: Text) -> str | None:
    """The address of the resource that a text is an attribute of; `None` when it does not tell.

    A text that is not written out reads `<aws_iam_role.app.arn>`; one that is remembers what it was borrowed from.
    """
    shown = _ATTRIBUTE.fullmatch(text.strip("<>"))
    if shown is not None:
        return shown[1]
    for name in _borrowed(text.at):
        match = _ATTRIBUTE.fullmatch(name)
        if match is not None:
            return match[1]
    return None


def _borrowed(at: At) -> Iterator[str]:
    """The names that a value goes by, that of its last use first."""
    while isinstance(at, Borrowed):
        yield at.name
        at = at.written
