"""Strings and heredocs, and the JSON inside them.

https://developer.hashicorp.com/terraform/language/expressions/strings
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from kms_lint.load.terraform.scope import TOO_LARGE, Scope
from kms_lint.load.terraform.value import Hole, Part, Rendered, placed, unknown
from kms_lint.source import Passage, Span
from kms_lint.syntax.expression import Directive, Interpolation, Template
from kms_lint.syntax.tree import ANYTHING, Branch, Choice, Node, Scalar, Text, Unknown

_CONDITIONS: Final = 3
_LONGEST: Final = 1 << 20
_DIRECTIVE_REASON: Final = "what `%{ if }` and `%{ for }` leave of a text is not worked out"


def template(expression: Template, scope: Scope) -> Node:
    """The value of a template: text, or whatever stands alone in `"${…}"`."""
    parts = expression.parts
    if len(parts) == 1:
        only = parts[0]
        if isinstance(only, Passage):
            return Rendered(only.text, expression.at, None, (only,))
        if isinstance(only, Interpolation):
            return placed(scope.evaluate(only.expression), expression.at)
    filled = tuple(_filled(_trimmed(parts), scope))
    return _varied(filled, expression.at, _CONDITIONS)


def _trimmed(parts: Sequence[Passage | Interpolation | Directive]) -> Iterator[Passage | Interpolation | Directive]:
    """The parts with the blanks taken off that `~` strips."""
    strip = False
    for index, part in enumerate(parts):
        if isinstance(part, Passage):
            following = parts[index + 1] if index + 1 < len(parts) else None
            before = isinstance(following, Interpolation) and following.trim_left
            yield _stripped(part, strip, before) if strip or before else part
        strip = isinstance(part, Interpolation) and part.trim_right
        if not isinstance(part, Passage):
            yield part


def _stripped(passage: Passage, left: bool, right: bool) -> Passage:
    text = passage.text
    start = len(text) - len(text.lstrip()) if left else 0
    end = len(text.rstrip()) if right else len(text)
    later = [(at - start, origin) for at, origin in zip(passage.starts, passage.origins, strict=True) if at > start]
    starts = (0, *(at for at, _ in later))
    origins = (passage.origin(start), *(origin for _, origin in later))
    return Passage(passage.source, text[start : max(start, end)], starts, origins)


def _filled(parts: Iterator[Passage | Interpolation | Directive], scope: Scope) -> Iterator[Part]:
    """The parts with their values; a directive, with all that it governs, is one hole."""
    for part in parts:
        if isinstance(part, Passage):
            yield part
        elif isinstance(part, Directive):
            yield Hole(unknown(part.at, _DIRECTIVE_REASON), part.at)
        else:
            yield Hole(scope.evaluate(part.expression), part.at)


def _varied(parts: tuple[Part, ...], at: Span, conditions: int) -> Node:
    """The text; where a part depends on a condition, the text under each outcome of it."""
    choice = next((part.value for part in parts if isinstance(part, Hole) and isinstance(part.value, Choice)), None)
    if choice is None or conditions == 0:
        return _joined(parts, at)
    condition = choice.branches[0].condition
    yes, no = (
        Branch(condition, holds, _varied(tuple(_settled(parts, condition, holds)), at, conditions - 1))
        for holds in (True, False)
    )
    return Choice((yes, no), at)


def _settled(parts: tuple[Part, ...], condition: str, holds: bool) -> Iterator[Part]:
    for part in parts:
        if isinstance(part, Hole):
            value = part.value
            while isinstance(value, Choice) and value.branches[0].condition == condition:
                value = next(branch.value for branch in value.branches if branch.holds is holds)
            part = Hole(value, part.at)
        yield part


def _joined(parts: tuple[Part, ...], at: Span) -> Node:
    shown: list[str] = []
    form: list[str] = []
    for part in parts:
        one, other = (part.text, part.text) if isinstance(part, Passage) else _inside(part)
        shown.append(one)
        form.append(other)
    if sum(map(len, shown)) > _LONGEST:
        return unknown(at, TOO_LARGE)
    text, reasoned = "".join(shown), "".join(form)
    return Rendered(text, at, None if reasoned == text else reasoned, parts)


def _inside(hole: Hole) -> tuple[str, str]:
    """A value within other text: as shown, and as reasoned about."""
    value = hole.value
    if isinstance(value, Text):
        return str(value), value.form
    if isinstance(value, Scalar) and value.value is not None:
        return value.text, value.text
    if isinstance(value, Unknown):
        return f"<{value.expression}>", ANYTHING
    expression = unknown(Span(hole.at.source, hole.at.start + 2, hole.at.end - 1)).expression
    return f"<{expression}>", ANYTHING
