"""Intrinsic functions that work on values only.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final, TypeAlias

from kms_lint.load.cloudformation.pieces import Expression, JsonText, composed, is_absent, joined, said
from kms_lint.load.reading import plain
from kms_lint.source import At
from kms_lint.syntax.tree import ANYTHING, Choice, Items, Mapping, Node, Scalar, Text, Unknown

Function: TypeAlias = Callable[[Sequence[Node | None], At, Expression], Node | None]
"""Takes the arguments, the place of the call and the call as it was written."""

_PARTS: Final = 500
_MOST_BLOCKS: Final = 256
_DEEPEST: Final = 60


def join(arguments: Sequence[Node | None], at: At, written: Expression) -> Node:
    """`Fn::Join`: the values of a list with a separator between them."""
    separator, values = arguments if len(arguments) == 2 else (None, None)
    if not isinstance(separator, Text) or not isinstance(values, Items):
        return Unknown(said(written), at)
    if len(values) > _PARTS:
        return Unknown(said(written), at, "it has too many parts")
    pieces: list[Node] = []
    for value in values.values:
        pieces.extend([separator, value] if pieces else [value])
    return composed(joined(pieces, at, written))


def select(arguments: Sequence[Node | None], at: At, written: Expression) -> Node | None:
    """`Fn::Select`: one value of a list, counted from 0."""
    index, *values = arguments
    which = index.text if isinstance(index, Scalar) else str(index) if isinstance(index, Text) else ""
    present = [value for value in values if not is_absent(value)]
    if not which.isascii() or not which.isdecimal() or int(which[:9]) >= len(present):
        return Unknown(said(written), at)
    found = present[int(which)]
    before = present[: int(which) + 1]
    if any(isinstance(each, Unknown) and each.reason == REST for each in before):
        return Unknown(said(written), at)
    return found


REST: Final = "a part of the text that is split is only known when it is deployed"


def split(arguments: Sequence[Node | None], at: At, written: Expression) -> Node:
    """`Fn::Split`: the parts of a text; those from the first unknown part on are not known."""
    separator, text = arguments if len(arguments) == 2 else (None, None)
    if not isinstance(separator, Text) or not isinstance(text, Text) or not separator:
        reason = text.reason if isinstance(text, Unknown) else ""
        return Unknown(said(written), at, reason)
    parts = text.form.split(separator)
    known = next((index for index, part in enumerate(parts) if ANYTHING in part), len(parts))
    found: list[Node] = [Text(part, at) for part in parts[:known]]
    return Items(found if known == len(parts) else [*found, Unknown(said(written), at, REST)], at)


def base64(arguments: Sequence[Node | None], at: At, written: Expression) -> Node:
    """`Fn::Base64`."""
    from base64 import b64encode

    text = arguments[0] if len(arguments) == 1 else None
    if not isinstance(text, Text) or text.form != text:
        return Unknown(said(written), at)
    return Text(b64encode(text.encode("utf-8", "replace")).decode(), at)


def length(arguments: Sequence[Node | None], at: At, written: Expression) -> Node:
    """`Fn::Length`: the number of values of a list."""
    present = [value for value in arguments if not is_absent(value)]
    if any(isinstance(value, Unknown) for value in present):
        return Unknown(said(written), at)
    return Scalar(str(len(present)), str(len(present)), at)


def cidr(arguments: Sequence[Node | None], at: At, written: Expression) -> Node:
    """`Fn::Cidr`: the first blocks of an address range, of as many bits as are said."""
    from ipaddress import ip_network
    from itertools import islice

    if not 2 <= len(arguments) <= 3:
        return Unknown(said(written), at)
    block, *numbers = [_number_or_text(each) for each in arguments]
    counted = [
        int(each) for each in numbers if each is not None and each.isascii() and each.isdecimal() and len(each) < 4
    ]
    if block is None or len(counted) != len(numbers):
        return Unknown(said(written), at)
    try:
        network = ip_network(block, strict=False)
        prefix = network.max_prefixlen - (counted[1] if len(counted) == 2 else 8 if network.version == 4 else 64)
        count = min(counted[0], _MOST_BLOCKS)
        blocks = [str(each) for each in islice(network.subnets(new_prefix=prefix), count)]
    except ValueError:
        return Unknown(said(written), at, "this is no range of addresses, or is too small for these blocks")
    if len(blocks) < counted[0]:
        return Unknown(said(written), at, "the range is too small for so many blocks")
    return Items([Text(each, at) for each in blocks], at)


def _number_or_text(node: Node | None) -> str | None:
    if isinstance(node, Scalar) and node.value is not None:
        return node.text
    return str(node) if isinstance(node, Text) and node.form == node else None


def json_text(value: Node | None, at: At, written: Expression) -> Node:
    """`Fn::ToJsonString`: a value as JSON, which keeps the value itself for whoever reads a policy in it."""
    if value is None or isinstance(value, Unknown):
        return Unknown(said(written), at, value.reason if value is not None else "")
    pieces = list(_json(value, at, 0))
    if len(pieces) > _PARTS * 20:
        return Unknown(said(written), at, "the text grows too long")
    text = joined(pieces, at, written)
    return _holding(text, value)


def _holding(text: Node, value: Node) -> Node:
    if isinstance(text, Text):
        return JsonText(text, value)
    if isinstance(text, Choice):
        yes, no = (branch._replace(value=_holding(branch.value, value)) for branch in text.branches)
        return Choice((yes, no), text.at)
    return text


def _json(value: Node, at: At, depth: int) -> Iterator[Node]:
    """The pieces of the JSON of a value."""
    if depth > _DEEPEST:
        yield Unknown("…", at, "it is nested too deeply")
    elif isinstance(value, Mapping):
        for index, (name, inner) in enumerate(value.entries):
            yield Text("," if index else "{", at)
            yield from (*_quoted(name, at), Text(":", at))
            yield from _json(inner, at, depth + 1)
        yield Text("}" if len(value) else "{}", at)
    elif isinstance(value, Items):
        for index, inner in enumerate(value.values):
            yield Text("," if index else "[", at)
            yield from _json(inner, at, depth + 1)
        yield Text("]" if len(value) else "[]", at)
    elif isinstance(value, Text):
        yield from _quoted(value, at)
    elif isinstance(value, Choice) and any(is_absent(branch.value) for branch in value.branches):
        yield Unknown("…", at, "a condition leaves a part of the text out")
    elif isinstance(value, Choice):
        yes, no = (
            branch._replace(value=joined(list(_json(branch.value, at, depth + 1)), at, "…"))
            for branch in value.branches
        )
        yield Choice((yes, no), at)
    elif isinstance(value, Scalar):
        yield Text("null" if value.value is None else str(plain(value)), at)
    else:
        yield value


def _quoted(text: Text, at: At) -> Iterator[Node]:
    """The pieces of a text in quotes, its unknown parts as they are."""
    import json

    shown, form = json.dumps(str(text), ensure_ascii=False), json.dumps(text.form, ensure_ascii=False)
    yield Text(shown, at, form if form != shown else None)


def as_text(node: Node) -> Text | None:
    """A text or a number as text."""
    if isinstance(node, Scalar) and node.value is not None:
        return plain(node)
    return node if isinstance(node, Text) else None


def find_in_map(mappings: Mapping | None, keys: Sequence[Node | None], at: At, written: Expression) -> Node | None:
    """The value of a map by two keys; `None` where there is none, unknown where a key is not known."""
    found: Node | None = mappings
    for key in keys:
        plainly = plain(key) if isinstance(key, Scalar) and key.value is not None else key
        if not isinstance(plainly, Text) or "<" in plainly or not plainly.known:
            return Unknown(said(written), at)
        found = found.get(str(plainly)) if isinstance(found, Mapping) else None
    return found
