"""Folders of Terraform for the tests: written, read, and rendered to plain JSON."""

from __future__ import annotations

from collections.abc import Mapping as Dictionary
from typing import TypeAlias

from kms_lint import syntax
from kms_lint.files import File
from kms_lint.load.options import Options
from kms_lint.load.terraform import folder
from kms_lint.model import Document, Key, Policy
from kms_lint.source import At
from kms_lint.syntax.tree import Choice, Items, Mapping, Node, Scalar, Text, Unknown

Json: TypeAlias = "str | bool | list[Json] | dict[str, Json] | None"

NOTHING_SAID = Options()


def read(files: Dictionary[str, str] | str, options: Options = NOTHING_SAID) -> tuple[Document, ...]:
    """The documents of a folder, given by the text of each file."""
    texts = {"main.tf": files} if isinstance(files, str) else files
    return folder([File(name, f"/{name}", False, text.encode()) for name, text in texts.items()], options)


def policies(files: Dictionary[str, str] | str, options: Options = NOTHING_SAID) -> dict[str, Policy]:
    """All policies by address and branch."""
    found = [policy for document in read(files, options) for policy in document.every_policy()]
    named = {policy.address + (f" if {policy.branch}" if policy.branch else ""): policy for policy in found}
    assert len(named) == len(found)
    return named


def key(text: str, options: Options = NOTHING_SAID) -> Key:
    """The one key of a file."""
    (document,) = read(text, options)
    (found,) = document.keys
    return found


def value(expression: str, rest: str = "", options: Options = NOTHING_SAID) -> Node:
    """The value of an expression, as the description of a key beside the rest."""
    policy = f'resource "aws_iam_policy" "it" {{ policy = jsonencode({{ it = {expression} }}) }}\n{rest}'
    node = next(iter(policies(policy, options).values())).node
    assert isinstance(node, Mapping)
    found = node.get("it")
    assert found is not None
    return found


def plain(node: Node | None) -> Json:
    """A node as JSON: texts as shown, numbers as their digits."""
    if isinstance(node, Mapping):
        return {str(name): plain(each) for name, each in node.entries}
    if isinstance(node, Items):
        return [plain(each) for each in node.values]
    if isinstance(node, Unknown):
        return f"<{node.expression}>"
    if isinstance(node, Choice):
        return {f"{each.condition} is {str(each.holds).lower()}": plain(each.value) for each in node.branches}
    return node.value if isinstance(node, Scalar) else None if node is None else str(node)


def form(node: Node) -> str:
    """What is reasoned about, `…` where anything may stand."""
    assert isinstance(node, Text), node
    return node.form.replace("\ue000", "…")


def there(at: At) -> str:
    """The text of the file at a place."""
    span = syntax.locate(at)
    return span.source.text[span.start : span.end]
