"""What kind of policy a document is, told by what it says."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from kms_lint.model import PolicyKind
from kms_lint.syntax.tree import Choice, Items, Mapping, Node, Scalar, Text, Unknown

_MOST: Final = 2000
_VERSIONS: Final = frozenset({"2012-10-17", "2008-10-17"})
_ACTIONS: Final = frozenset({"Action", "NotAction"})
_RESOURCES: Final = frozenset({"Resource", "NotResource"})
_PRINCIPALS: Final = frozenset({"Principal", "NotPrincipal"})
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
    if not isinstance(node, Mapping):
        return None
    statement = node.get("Statement")
    if statement is None:
        return None
    values = _values(statement)
    if not is_version(node.get("Version")) and not any(map(_is_statement, values)):
        return None
    said = _said(values)
    if not said.principals:
        return Guess(PolicyKind.IDENTITY, said.only_denies)
    kms = any(action[:4].lower() == "kms:" for action in said.actions)
    if not kms and said.actions and all(action[:4].lower() == "sts:" for action in said.actions):
        return Guess(PolicyKind.TRUST, False)
    if said.only_denies and _controls_resources(said):
        return Guess(PolicyKind.RCP, True)
    plainly = all(resource == "*" for resource in said.resources)
    if said.actions and not kms and not any(map(_means_kms, said.actions)):
        return Guess(PolicyKind.RESOURCE, False)
    for_this_key = kms and any(resource == "*" for resource in said.resources)
    if not for_this_key and any(map(_elsewhere, said.resources)):
        return Guess(PolicyKind.RESOURCE, False)
    return Guess(PolicyKind.KEY, not kms or not plainly)


class _Said(NamedTuple):
    """What the statements of a policy say, taken together."""

    principals: list[Node]
    actions: list[Text]
    resources: list[Text]
    only_denies: bool


def _said(statements: Sequence[Node]) -> _Said:
    principals: list[Node] = []
    actions: list[Text] = []
    resources: list[Text] = []
    denies = 0
    for statement in statements:
        for name, value in statement.entries if isinstance(statement, Mapping) else ():
            if name in _ACTIONS:
                actions.extend(_texts(value))
            elif name in _RESOURCES:
                resources.extend(_texts(value))
            elif name in _PRINCIPALS:
                principals.append(value)
            elif name == "Effect" and value == "Deny":
                denies += 1
    return _Said(principals, actions, resources, 0 < denies == len(statements))


def is_version(node: Node | None) -> bool:
    """Whether a node is a version of the policy language."""
    return (isinstance(node, Text) and node in _VERSIONS) or (isinstance(node, Scalar) and node.text in _VERSIONS)


def _is_statement(node: Node) -> bool:
    """Whether a value was meant as a statement; other documents have something called `Statement` as well."""
    if isinstance(node, Mapping):
        return any(name.lower() in _NAMES for name, _ in node.entries)
    return isinstance(node, Unknown)


def _controls_resources(said: _Said) -> bool:
    """Whether Denies read like a resource control policy: to everyone, over several services."""
    services = {action.partition(":")[0].lower() for action in said.actions}
    return len(services) > 1 and all(map(_everyone, said.principals))


def _everyone(principal: Node) -> bool:
    named = principal.get("AWS") if isinstance(principal, Mapping) else principal
    return named is not None and all(isinstance(each, Text) and each == "*" for each in _values(named))


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


def _texts(node: Node) -> list[Text]:
    return [node] if isinstance(node, Text) else [each for each in _values(node) if isinstance(each, Text)]


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
