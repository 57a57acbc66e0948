"""What kind of policy a document is, told by what it says."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from kms_lint.model import PolicyKind
from kms_lint.syntax.tree import Choice, Items, Mapping, Node, Scalar, Text, Unknown

_MOST: Final = 2000
_VERSIONS: Final = frozenset({"2012-10-17", "2008-10-17"})
_NAMES: Final = frozenset({"effect", "action", "notaction", "principal", "notprincipal"})


class Guess(NamedTuple):
    """A kind, and whether the document could as well be of another kind."""

    kind: PolicyKind
    assumed: bool


def kind_of(node: Node) -> PolicyKind | None:
    """The kind of a policy by its content; `None` for what is no policy."""
    guess = guessed(node)
    return guess.kind if guess else None


def guessed(node: Node) -> Guess | None:
    """The kind of a policy by its content, and whether that is a guess; `None` for what is no policy."""
    if not isinstance(node, Mapping) or "Statement" not in node:
        return None
    values = _values(node.get("Statement"))
    statements = [each for each in values if isinstance(each, Mapping)]
    if not is_version(node.get("Version")) and not any(map(_is_statement, values)):
        return None
    if not any("Principal" in each or "NotPrincipal" in each for each in statements):
        return Guess(PolicyKind.IDENTITY, bool(statements) and all(map(_denies, statements)))
    actions = _texts(statements, "Action", "NotAction")
    if actions and all(action[:4].lower() == "sts:" for action in actions):
        return Guess(PolicyKind.TRUST, False)
    if _controls_resources(statements, actions):
        return Guess(PolicyKind.RCP, True)
    resources = _texts(statements, "Resource", "NotResource")
    named = any(action[:4].lower() == "kms:" for action in actions)
    if (actions and not named and not any(map(_means_kms, actions))) or any(map(_elsewhere, resources)):
        return Guess(PolicyKind.RESOURCE, False)
    return Guess(PolicyKind.KEY, not named or any(resource != "*" for resource in resources))


def is_version(node: Node | None) -> bool:
    """Whether a node is a version of the policy language."""
    return (isinstance(node, Text) and node in _VERSIONS) or (isinstance(node, Scalar) and node.text in _VERSIONS)


def _is_statement(node: Node) -> bool:
    """Whether a value was meant as a statement; other documents have something called `Statement` as well."""
    if isinstance(node, Mapping):
        return any(name.lower() in _NAMES for name, _ in node.entries)
    return isinstance(node, Unknown)


def _controls_resources(statements: list[Mapping], actions: list[Text]) -> bool:
    """Whether a policy reads like a resource control policy: it only denies, to everyone, over several services."""
    services = {action.partition(":")[0].lower() for action in actions}
    return len(services) > 1 and all(_denies(each) and _everyone(each) for each in statements)


def _denies(statement: Mapping) -> bool:
    return statement.get("Effect") == "Deny"


def _everyone(statement: Mapping) -> bool:
    principal = statement.get("Principal")
    if isinstance(principal, Mapping):
        principal = principal.get("AWS")
    return all(isinstance(each, Text) and each == "*" for each in _values(principal)) and principal is not None


def _means_kms(action: Text) -> bool:
    """Whether an action is one of KMS, or a pattern that can match one."""
    form = action.form.lower()
    if form.startswith("kms:"):
        return True
    fixed = len(form)
    for wildcard in ("*", "?", "\ue000", "$"):
        found = form.find(wildcard)
        fixed = found if 0 <= found < fixed else fixed
    return fixed < len(form) and "kms:".startswith(form[:fixed])


def _elsewhere(resource: Text) -> bool:
    """Whether a resource is surely of another service than KMS."""
    parts = resource.form.split(":", 3)
    return len(parts) > 2 and parts[0] == "arn" and parts[2].isascii() and parts[2].isalnum() and parts[2] != "kms"


def _texts(statements: list[Mapping], *names: str) -> list[Text]:
    """The texts of elements, of every branch of their conditions."""
    return [
        each
        for statement in statements
        for name in names
        for each in _values(statement.get(name))
        if isinstance(each, Text)
    ]


def _values(node: Node | None) -> Sequence[Node]:
    """The values of a node that is one value or several, of every branch of its conditions."""
    if isinstance(node, Text | Mapping):
        return (node,)
    if isinstance(node, Items) and all(isinstance(each, Text | Mapping) for each in node.values):
        return node.values
    found: list[Node] = []
    pending: list[Node | None] = [node]
    while pending and len(found) < _MOST:
        here = pending.pop()
        if isinstance(here, Items):
            pending.extend(reversed(here.values))
        elif isinstance(here, Choice):
            pending.extend(branch.value for branch in reversed(here.branches))
        elif here is not None:
            found.append(here)
    return found
