"""A policy that is written as JSON text within `Fn::Sub`.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-sub.html
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable
from typing import Final

from kms_lint import syntax
from kms_lint.errors import MalformedError
from kms_lint.source import Passage
from kms_lint.syntax.tree import Node, Text

PLACEHOLDER: Final = re.compile(r"\$\{([^{}]*)\}")
"""A name that `Fn::Sub` replaces."""

_FIRST_HOLE: Final = 0xF0000
_HOLES: Final = 500


def is_policy(template: Text) -> bool:
    """Whether a text is meant as a policy."""
    return template.lstrip().startswith("{") and '"Statement"' in template


def substituted(template: Text, value: Callable[[str, str], Node]) -> Node | None:
    """The policy with its placeholders replaced, with places in the template; `None` where it is not JSON.

    `value` gives what stands for a placeholder, by its name and as it is written.
    """
    from kms_lint.syntax import json

    outer = syntax.passage(template)
    holes: list[Node] = []
    text: list[str] = []
    starts: list[int] = []
    origins: list[int] = []
    length = end = 0
    for found in PLACEHOLDER.finditer(outer.text):
        if len(holes) >= _HOLES:
            return None
        _copy(outer, end, found.start(), length, starts, origins)
        length += found.start() - end
        starts.append(length)
        origins.append(outer.origin(found.start()))
        text.extend((outer.text[end : found.start()], chr(_FIRST_HOLE + len(holes))))
        holes.append(value(found[1].strip(), found[0]))
        length += 1
        end = found.end()
    _copy(outer, end, len(outer.text), length, starts, origins)
    text.append(outer.text[end:])
    try:
        return json.parse(Passage(outer.source, "".join(text), tuple(starts), tuple(origins)), holes)
    except MalformedError:
        return None


def _copy(outer: Passage, start: int, end: int, to: int, starts: list[int], origins: list[int]) -> None:
    """Note where the characters `[start, end)` come from, when they stand at `to`."""
    starts.append(to)
    origins.append(outer.origin(start))
    for index in range(bisect_right(outer.starts, start), bisect_left(outer.starts, end)):
        starts.append(to + outer.starts[index] - start)
        origins.append(outer.origins[index])
