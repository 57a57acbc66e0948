"""What tags and plain words of YAML mean.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference.html
"""

from __future__ import annotations

import re
from typing import Final

from kms_lint.source import Span
from kms_lint.syntax.tree import Items, Mapping, Node, Scalar, Text, Unknown

STANDARD: Final = "tag:yaml.org,2002:"

_FUNCTIONS: Final = frozenset({
    "And", "Base64", "Cidr", "Contains", "EachMemberEquals", "EachMemberIn", "Equals", "FindInMap", "GetAZs", "GetAtt",
    "If", "ImportValue", "Join", "Length", "Not", "Or", "RefAll", "Select", "Split", "Sub", "ToJsonString",
    "Transform", "ValueOf", "ValueOfAll",
})  # fmt: skip
_CONSTANTS: Final[dict[str, bool | None]] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip
_NUMBER: Final = re.compile(
    r"[-+]?[0-9]+|0x[0-9a-fA-F]+|0o[0-7]+|[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?"
    r"|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)"
)
_FIRST_OF_NUMBER: Final = frozenset("0123456789+-.")


def core(value: str, at: Span) -> Node:
    """A plain scalar: null, a boolean, a number with its digits, or text, which dates, `yes` and `on` are."""
    if value in _CONSTANTS:
        return Scalar(_CONSTANTS[value], value, at)
    if value[0] in _FIRST_OF_NUMBER and _NUMBER.fullmatch(value):
        return Scalar(value, value, at)
    return Text(value, at, value)


def meant(tag: str, node: Node, at: Span, *, plain: bool = False) -> Node:
    """What a tag makes of a value: the long form of CloudFormation's functions, or the value as it is.

    A word under a tag that nobody here knows is unknown: it stands for something else.
    """
    function = tag.removeprefix("!")
    name = function if function in ("Ref", "Condition") else f"Fn::{function}"
    if tag.startswith("!") and (function in _FUNCTIONS or name == function):
        written = Text(name, Span(at.source, at.start, min(at.start + len(tag), at.end)))
        return Mapping([(written, _attribute(node) if function == "GetAtt" else node)], at)
    if not isinstance(node, Text) or tag == "!":
        return node
    if tag.startswith(STANDARD):
        kept = tag == f"{STANDARD}str" or not isinstance(node.at, Span) or not plain
        return node if kept else core(str(node), _span(node))
    return Unknown(f"{tag} {node}", at)


def _attribute(node: Node) -> Node:
    """`A.Arn` as the list of its two parts: the resource's name ends at the first dot."""
    if not isinstance(node, Text) or "." not in node:
        return node
    source, start, end = _span(node)
    start += source.text.startswith(("'", '"'), start)
    resource, _, attribute = str(node).partition(".")
    dot = start + len(resource)
    last = min(dot + 1 + len(attribute), end)
    return Items([Text(resource, Span(source, start, dot)), Text(attribute, Span(source, dot + 1, last))], node.at)


def _span(node: Text) -> Span:
    assert isinstance(node.at, Span)
    return node.at
