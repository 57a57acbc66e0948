"""How long a policy is at least, as AWS counts, and which characters it may hold.

https://docs.aws.amazon.com/kms/latest/developerguide/resource-limits.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from kms_lint.syntax.tree import ANYTHING, Choice, Items, Mapping, Node, Scalar, Text

_SYMBOL: Final = re.compile(r"<[^<>]*>")
_REFUSED: Final = re.compile(r"[^\t\n\r\u0020-\u00ff]")
_DEEPEST: Final = 60


def least_bytes(node: Node, depth: int = 0) -> int:
    """The bytes of a policy written without any white space, what is not known counted as nothing.

    Of values under a condition the shortest counts.
    """
    if depth > _DEEPEST:
        return 0
    if isinstance(node, Text):
        known = _known(node)
        return 2 + (len(known) if known.isascii() else len(known.encode("utf-8", "replace")))
    if isinstance(node, Scalar):
        return len(node.text)
    if isinstance(node, Mapping):
        inner = [least_bytes(name, depth + 1) + 1 + least_bytes(value, depth + 1) for name, value in node.entries]
        return 2 + sum(inner) + max(len(inner) - 1, 0)
    if isinstance(node, Items):
        values = [least_bytes(value, depth + 1) for value in node.values]
        return 2 + sum(values) + max(len(values) - 1, 0)
    if isinstance(node, Choice):
        return min((least_bytes(branch.value, depth + 1) for branch in node.branches), default=0)
    return 0


def refused_characters(node: Node, depth: int = 0) -> Iterator[tuple[Text, str]]:
    """The texts of a key policy that hold a character which AWS KMS refuses, each with the first of them."""
    if depth > _DEEPEST:
        return
    if isinstance(node, Text):
        known = _known(node)
        found = None if known.isascii() and known.isprintable() else _REFUSED.search(known)
        if found is not None:
            yield node, found[0]
    elif isinstance(node, Mapping):
        for name, value in node.entries:
            yield from refused_characters(name, depth + 1)
            yield from refused_characters(value, depth + 1)
    elif isinstance(node, Items):
        for value in node.values:
            yield from refused_characters(value, depth + 1)
    elif isinstance(node, Choice):
        for branch in node.branches:
            yield from refused_characters(branch.value, depth + 1)


def _known(text: Text) -> str:
    form = text.form.replace(ANYTHING, "") if ANYTHING in text.form else text.form
    return _SYMBOL.sub("", form) if "<" in form else form
