"""Strings and heredocs, and what their directives leave of them.

https://developer.hashicorp.com/terraform/language/expressions/strings
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kms_lint.load.terraform.choices import CONDITIONS, conditions_of, settled, worked_out
from kms_lint.load.terraform.limits import LARGEST
from kms_lint.load.terraform.scope import TOO_LARGE, Scope
from kms_lint.load.terraform.value import (
    Failed,
    Hole,
    Part,
    Rendered,
    failed,
    is_null,
    opaque,
    placed,
    unknown,
    written,
)
from kms_lint.source import Passage, Span
from kms_lint.syntax.expression import ForDirective, IfDirective, Interpolation, Template, TemplatePart
from kms_lint.syntax.tree import ANYTHING, Branch, Choice, Items, Mapping, Node, Scalar, Text, Unknown


class _Fragment(Rendered):
    """What a directive leaves: its parts belong to the template around it."""

    __slots__ = ()


def template(expression: Template, scope: Scope) -> Node:
    """The value of a template: text, or whatever stands alone in `"${…}"`."""
    parts = expression.parts
    if len(parts) == 1:
        only = parts[0]
        if isinstance(only, Passage):
            return Rendered(only.text, expression.at, None, (only,))
        if isinstance(only, Interpolation):
            return placed(scope.evaluate(only.expression), expression.at)
    return _varied(_filled(parts, scope), expression.at, CONDITIONS)


def _filled(parts: Sequence[TemplatePart], scope: Scope) -> tuple[Part, ...]:
    """The parts with their values."""
    filled: list[Part] = []
    for part in parts:
        if isinstance(part, Passage):
            filled.append(part)
        elif isinstance(part, Interpolation):
            filled.append(Hole(scope.evaluate(part.expression), part.at))
        else:
            value = _if(part, scope) if isinstance(part, IfDirective) else _for(part, scope)
            filled.extend(value.parts if isinstance(value, _Fragment) else (Hole(value, part.at),))
    return tuple(filled)


def _fragment(parts: Sequence[TemplatePart], at: Span, scope: Scope) -> Node:
    return _Fragment("", at, None, _filled(parts, scope))


def _if(directive: IfDirective, scope: Scope) -> Node:
    from kms_lint.load.terraform.conditions import condition, decided

    return decided(
        scope.evaluate(directive.test),
        lambda: condition(directive.test, scope),
        directive.at,
        lambda: _fragment(directive.yes, directive.at, scope),
        lambda: _fragment(directive.no, directive.at, scope),
    )


def _for(directive: ForDirective, scope: Scope) -> Node:
    """The parts once for each element; where there may be further elements, anything may follow."""
    return worked_out(
        [scope.evaluate(directive.collection)], directive.at, lambda values: _each(directive, values[0], scope)
    )


def _each(directive: ForDirective, collection: Node, scope: Scope) -> Node:
    from kms_lint.load.terraform.comprehension import bound, elements

    found = elements(collection, directive.at)
    if isinstance(found, Unknown):
        return found._replace(expression=written(directive.at), at=directive.at)
    filled: list[Part] = []
    for element in found:
        if isinstance(element, Unknown):
            filled.append(Hole(unknown(directive.at), directive.at))
        else:
            filled.extend(_filled(directive.parts, bound(scope, directive.key, directive.value, element)))
    return _Fragment("", directive.at, None, tuple(filled))


def _varied(parts: tuple[Part, ...], at: Span, left: int) -> Node:
    """The text; where a part depends on a condition, the text under each outcome of it."""
    conditions = conditions_of([part.value for part in parts if isinstance(part, Hole)])
    if not conditions or left == 0:
        return _joined(parts, at)
    condition = conditions[0]
    yes, no = (
        Branch(condition, holds, _varied(tuple(_settled(parts, condition, holds)), at, left - 1))
        for holds in (True, False)
    )
    return Choice((yes, no), at)


def _settled(parts: tuple[Part, ...], condition: str, holds: bool) -> Iterator[Part]:
    for part in parts:
        if not isinstance(part, Hole):
            yield part
            continue
        value = settled(part.value, condition, holds)
        if isinstance(value, _Fragment):
            yield from _settled(value.parts, condition, holds)
        else:
            yield Hole(value, part.at)


def _joined(parts: tuple[Part, ...], at: Span) -> Node:
    shown: list[str] = []
    form: list[str] = []
    length = 0
    for part in parts:
        if isinstance(part, Hole):
            refused = _refused(part.value, at)
            if refused is not None:
                return refused
            one, other = _inside(part)
        else:
            one = other = part.text
        length += len(one)
        if length > LARGEST:
            return unknown(at, TOO_LARGE)
        shown.append(one)
        form.append(other)
    text, reasoned = "".join(shown), "".join(form)
    return Rendered(text, at, None if reasoned == text else reasoned, parts)


def _refused(value: Node, at: Span) -> Failed | None:
    if isinstance(value, Failed):
        return value._replace(at=at)
    if is_null(value):
        return failed(at, "null cannot be part of a text")
    if isinstance(value, Items | Mapping):
        return failed(at, "a list or an object cannot be part of a text: write `jsonencode(…)` around it")
    return None


def _inside(hole: Hole) -> tuple[str, str]:
    """A value within other text: as shown, and as reasoned about."""
    value = hole.value
    if isinstance(value, Text):
        return str(value), value.form
    if isinstance(value, Scalar):
        return value.text, value.text
    if isinstance(value, Unknown):
        return str(opaque(value)), ANYTHING
    return f"<{written(Span(hole.at.source, hole.at.start + 2, hole.at.end - 1))}>", ANYTHING
