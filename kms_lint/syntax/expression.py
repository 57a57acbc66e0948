"""Expressions of HCL as they are written, before anything is worked out.

`load/terraform` gives them their meaning. Each has `at`, its span in the file.
https://developer.hashicorp.com/terraform/language/expressions
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, TypeAlias

from kms_lint.record import dataclass
from kms_lint.source import Passage, Span
from kms_lint.syntax.tree import Text

ELEMENT: Final = "*"
"""The name of the element that a splat goes through: one that nobody can write."""


@dataclass(frozen=True, slots=True)
class Literal:
    """A number (its digits as written), `true`, `false` or `null`. A quoted string is a `Template`."""

    value: bool | str | None
    at: Span


@dataclass(frozen=True, slots=True)
class Interpolation:
    """`${expression}` within a template; `trim_left` and `trim_right` are its `~` strip markers."""

    expression: Expression
    at: Span
    trim_left: bool = False
    trim_right: bool = False


@dataclass(frozen=True, slots=True)
class IfDirective:
    """`%{ if test }…%{ else }…%{ endif }` within a template; `at` is all of it."""

    test: Expression
    yes: tuple[TemplatePart, ...]
    no: tuple[TemplatePart, ...]
    at: Span


@dataclass(frozen=True, slots=True)
class ForDirective:
    """`%{ for key, value in collection }…%{ endfor }` within a template; `at` is all of it."""

    key: str | None
    value: str
    collection: Expression
    parts: tuple[TemplatePart, ...]
    at: Span


@dataclass(frozen=True, slots=True)
class Template:
    """A quoted string, a heredoc, or the file of a template.

    A part that is text is a `Passage`: its decoded text with the way back to the file, indentation of `<<-` and the
    blanks beside `~` already taken off. `heredoc` is whether it is one.
    """

    parts: tuple[TemplatePart, ...]
    at: Span
    heredoc: bool = False


@dataclass(frozen=True, slots=True)
class Reference:
    """The first name of a traversal, such as `var`, `local`, `data`, `aws_kms_key`, `each`."""

    name: str
    at: Span


@dataclass(frozen=True, slots=True)
class Attribute:
    """`value.name`, also the legacy `value.0`, whose name is the digits."""

    value: Expression
    name: Text
    at: Span


@dataclass(frozen=True, slots=True)
class Index:
    """`value[key]`."""

    value: Expression
    key: Expression
    at: Span


@dataclass(frozen=True, slots=True)
class Splat:
    """`value[*]` (`full`) or `value.*`; `each` is what becomes of each element, which is `Reference(ELEMENT)` in it."""

    value: Expression
    each: Expression
    full: bool
    at: Span


@dataclass(frozen=True, slots=True)
class Call:
    """`name(arguments…)`; `expand` when the last argument is followed by `...`."""

    name: str
    arguments: tuple[Expression, ...]
    expand: bool
    at: Span


@dataclass(frozen=True, slots=True)
class ListOf:
    """`[a, b]`."""

    values: tuple[Expression, ...]
    at: Span


@dataclass(frozen=True, slots=True)
class ObjectOf:
    """`{a = b}`. A bare name as key is a `Template` of that text; `(expression)` keys are any expression."""

    entries: tuple[tuple[Expression, Expression], ...]
    at: Span


@dataclass(frozen=True, slots=True)
class Conditional:
    """`test ? yes : no`."""

    test: Expression
    yes: Expression
    no: Expression
    at: Span


@dataclass(frozen=True, slots=True)
class Operation:
    """`left operator right`, or `operator right` when `left` is `None`."""

    operator: str
    left: Expression | None
    right: Expression
    at: Span


@dataclass(frozen=True, slots=True)
class For:
    """`[for key, value in collection : result if test]`; with `result_key` it makes an object.

    `group` is the `...` after the result of an object.
    """

    key: str | None
    value: str
    collection: Expression
    result_key: Expression | None
    result: Expression
    test: Expression | None
    group: bool
    at: Span


@dataclass(frozen=True, slots=True)
class Broken:
    """An expression that cannot be parsed, as written."""

    text: str
    at: Span


TemplatePart: TypeAlias = "Passage | Interpolation | IfDirective | ForDirective"

Expression: TypeAlias = (
    Literal
    | Template
    | Reference
    | Attribute
    | Index
    | Splat
    | Call
    | ListOf
    | ObjectOf
    | Conditional
    | Operation
    | For
    | Broken
)


@dataclass(frozen=True, slots=True)
class Argument:
    """`name = expression` in a block. The expression is converted when `expression()` is first called."""

    name: Text
    expression: Callable[[], Expression]
    at: Span


@dataclass(frozen=True, slots=True)
class Block:
    """`type "label" { … }`.

    `header` spans from the type to the last label, `at` all of the block. `arguments` and `blocks` are worked
    out when they are first called: most blocks of a file are never looked into.
    """

    type: Text
    labels: tuple[Text, ...]
    header: Span
    at: Span
    arguments: Callable[[], dict[str, Argument]]
    blocks: Callable[[], Sequence[Block]]
    duplicates: Callable[[], Sequence[Argument]]
