"""`Fn::Sub`, and the identifiers of loops in texts.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-sub.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from collections.abc import Mapping as Dictionary
from typing import Final

from kms_lint.load.cloudformation.pieces import Expression, joined
from kms_lint.load.cloudformation.policy_text import PLACEHOLDER, is_policy, substituted
from kms_lint.source import At
from kms_lint.syntax.tree import Mapping, Node, Text, Unknown

_PARTS: Final = 500
_IDENTIFIER: Final = re.compile(r"([$&])\{([^{}]*)\}")
_COMPOSED: Final = re.compile(r"&\{|\$\{[^{}]*[$&]\{")
_NO_LETTER_OR_DIGIT: Final = re.compile(r"[^A-Za-z0-9]")
_DYNAMIC: Final = re.compile(r"\{\{(resolve:[^{}]*)\}\}")


def sub(
    template: Text,
    values: Mapping | None,
    at: At,
    expression: Expression,
    value: Callable[[str, Node | None], Node | None],
) -> Node:
    """A text with its placeholders replaced; a policy in it keeps its places.

    `values` are those that the call brings along. `value` gives what stands for a name, or the value that is brought along.
    """

    def placeholder(name: str, literal: str) -> Node:
        if name.startswith("!"):
            return Text("${" + name[1:] + "}", template.at)
        given = values.get(name) if values is not None else None
        if given is None and ":" in name and not name.startswith("AWS::"):
            # a policy variable such as `${aws:username}`, which CloudFormation wants written `${!aws:username}`
            return Text(literal, template.at)
        found = value(name, given)
        if found is None or isinstance(found, Unknown):
            return Unknown(name, at, "" if found is None else found.reason)
        return found

    if is_policy(template):
        policy = substituted(template, placeholder)
        if policy is not None:
            return policy
    return joined(list(_substituted(template, placeholder)), template.at, expression)


def _substituted(template: Text, placeholder: Callable[[str, str], Node]) -> Iterator[Node]:
    end = 0
    for count, found in enumerate(PLACEHOLDER.finditer(template)):
        if count >= _PARTS:
            yield Unknown("!Sub", template.at, "it has too many parts")
            return
        yield Text(template[end : found.start()], template.at)
        yield placeholder(found[1].strip(), found[0])
        end = found.end()
    yield Text(template[end:], template.at)


def identified(text: Text, bound: Dictionary[str, Text]) -> Text:
    """A text with the identifiers of loops replaced: `${Name}` by the value, `&{Name}` by its letters and digits."""
    if "{" not in text:
        return text

    def value(found: re.Match[str]) -> str:
        named = bound.get(found[2].strip())
        if named is None:
            return found[0]
        return str(named) if found[1] == "$" else _NO_LETTER_OR_DIGIT.sub("", named)

    replaced = _IDENTIFIER.sub(value, text)
    return text if replaced == text else Text(replaced, text.at)


def is_composed(template: Text) -> bool:
    """Whether the names in a text for `Fn::Sub` are themselves put together from identifiers of loops."""
    return _COMPOSED.search(template) is not None


def dynamic(text: Text) -> Node:
    """A text with references to Systems Manager or Secrets Manager, which are only known when it is deployed."""
    pieces: list[Node] = []
    for index, part in enumerate(_DYNAMIC.split(text)):
        pieces.append(Unknown(part, text.at) if index % 2 else Text(part, text.at))
    return joined(pieces, text.at, str(text))
