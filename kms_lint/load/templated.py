"""Policies in files that are templates: what a tool puts into them is not known before it has.

Terraform's `templatefile` and shells write `${name}`, Jinja and Helm `{{ name }}`. All policy variables of AWS have a colon
in their name: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html .
"""

from __future__ import annotations

import re
from typing import Final

from kms_lint.syntax.tree import ANYTHING, Items, Mapping, Node, Text

_SIGNS: Final = ("${", "{{")
_VARIABLE: Final = r"[*?$]|(?!AWS::)[A-Za-z0-9.-]+:[^{}\"()]*"
_PLACEHOLDER: Final = re.compile(rf"\$\{{(?!(?:{_VARIABLE})\}})([^{{}}]*)\}}|\{{\{{([^{{}}]*)\}}\}}")


def is_template(text: str) -> bool:
    """Whether something may be put into a text."""
    return any(sign in text for sign in _SIGNS)


def with_unknown(node: Node) -> Node:
    """The policy of a template, with all that is put into it unknown; policy variables stay as they are."""
    if isinstance(node, Text):
        return _text(node)
    if isinstance(node, Mapping):
        return Mapping([(_text(name), with_unknown(value)) for name, value in node.entries], node.at)
    if isinstance(node, Items):
        return Items([with_unknown(value) for value in node.values], node.at)
    return node


def _text(text: Text) -> Text:
    if not is_template(text) or text.form != text:
        return text
    shown = _PLACEHOLDER.sub(lambda found: f"<{(found[1] or found[2] or '').strip()}>", text)
    return Text(shown, text.at, _PLACEHOLDER.sub(ANYTHING, text))
