"""Looking into answers, whose names AWS Config begins in lower case."""

from __future__ import annotations

import re
from typing import Final

from kms_lint.errors import MalformedError
from kms_lint.load.policy import embedded
from kms_lint.model import Setting
from kms_lint.syntax.tree import Items, Mapping, Node, Scalar, Text

_JSON: Final = re.compile(r'\s*(?:[{\["]|(?:true|false|null)\s*$)')


def member(node: Node | None, name: str) -> Node | None:
    """The value of a name, as the command line spells it or as AWS Config does; `None` for null as for nothing."""
    if not isinstance(node, Mapping):
        return None
    found = node.get(name)
    if found is None:
        found = node.get(name[0].lower() + name[1:])
    return None if isinstance(found, Scalar) and found.value is None else found


def text(node: Node | None, name: str) -> str | None:
    """The text of a name; `None` where it is empty."""
    value = written(node, name)
    return str(value) if value else None


def written(node: Node | None, name: str) -> Text | None:
    """The text of a name, with its place."""
    value = member(node, name)
    return value if isinstance(value, Text) else None


def objects(node: Node | None, name: str) -> list[Mapping]:
    """The objects in the list of a name."""
    value = member(node, name)
    return [each for each in value.values if isinstance(each, Mapping)] if isinstance(value, Items) else []


def opened(node: Node | None) -> Node | None:
    """A value that may be given as JSON text inside a string; the string itself where it is no JSON."""
    if not isinstance(node, Text) or not _JSON.match(node):
        return node
    try:
        return embedded(node)
    except MalformedError:
        return node


def setting(node: Mapping, name: str) -> Setting:
    """The value of a name as a setting of a key."""
    value = member(node, name)
    at = value.at if value is not None else node.at
    if isinstance(value, Text):
        truth = {"true": True, "false": False}.get(value)
        return Setting(str(value) if truth is None else truth, True, at, name)
    return Setting(value.value, True, at, name) if isinstance(value, Scalar) else Setting(None, False, at, name)


def account(arn: str | None) -> str | None:
    """The account of an ARN, or the account that a text is."""
    parts = (arn or "").split(":")
    if len(parts) == 1 and parts[0].isdecimal() and len(parts[0]) == 12:
        return parts[0]
    return parts[4] if len(parts) > 5 and parts[4].isdecimal() else None
