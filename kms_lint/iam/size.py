"""How long a policy is at least, as AWS counts, and which characters it may hold.

https://docs.aws.amazon.com/kms/latest/developerguide/resource-limits.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
"""

from __future__ import annotations

import re
from typing import Final

from kms_lint.syntax.tree import ANYTHING, Choice, Items, Mapping, Node, Scalar, Text

_SYMBOL: Final = re.compile(r"<[^<>]*>")
_REFUSED: Final = re.compile(r"[^\t\n\r\u0020-\u00ff]")
_DEEPEST: Final = 60


def least_bytes(node: Node) -> int:
    """The bytes of a policy written without any white space, what is not known counted as nothing.

    Of values under a condition the shortest counts.
    """
    return _measured(node, [], 0)


def measured(node: Node) -> tuple[int, list[tuple[Text, str]]]:
    """The bytes of a key policy, and its texts that hold a character which AWS KMS refuses, each with the first of them."""
    refused: list[tuple[Text, str]] = []
    return _measured(node, refused, 0), refused


def _measured(node: Node, refused: list[tuple[Text, str]], depth: int) -> int:
    if depth > _DEEPEST:
        return 0
    if isinstance(node, Text):
        form = node.form
        if "<" not in form and form.isascii() and form.isprintable():  # as nearly all are: known, and nothing refused
            return 2 + len(form)
        known = _known(node)
        if known.isascii() and known.isprintable():
            return 2 + len(known)
        found = _REFUSED.search(known)
        if found is not None:
            refused.append((node, found[0]))
        return 2 + len(known.encode("utf-8", "replace"))
    if isinstance(node, Scalar):
        return len(node.text)
    if isinstance(node, Mapping):
        entries = node.entries
        inner = 0
        for name, value in entries:
            inner += _measured(name, refused, depth + 1) + 1 + _measured(value, refused, depth + 1)
        return 2 + inner + max(len(entries) - 1, 0)
    if isinstance(node, Items):
        values = [_measured(value, refused, depth + 1) for value in node.values]
        return 2 + sum(values) + max(len(values) - 1, 0)
    if isinstance(node, Choice):
        return min([_measured(branch.value, refused, depth + 1) for branch in node.branches], default=0)
    return 0


def _known(text: Text) -> str:
    form = text.form.replace(ANYTHING, "") if ANYTHING in text.form else text.form
    return _SYMBOL.sub("", form) if "<" in form else form
