"""One statement of a policy, from the tree it was read into.

The grammar: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Final

from kms_lint.load.reading import Entries, Reading, described
from kms_lint.model import Condition, Effect, Operator, Patterns, PolicyKind, Principal, Principals, Statement
from kms_lint.spelling import did_you_mean
from kms_lint.syntax.tree import ANYTHING, Items, Mapping, Node, Scalar, Text, Unknown

MOST_CONDITIONS: Final = 500
"""As many entries of a statement's conditions are judged."""

_ELEMENTS: Final = frozenset(
    {"Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition"}
)
_PRINCIPAL_TYPES: Final = frozenset({"AWS", "Service", "Federated", "CanonicalUser", "*"})
_EFFECTS: Final = {"Allow": Effect.ALLOW, "Deny": Effect.DENY}
_NEEDS_ACTION_AND_RESOURCE: Final = frozenset({PolicyKind.IDENTITY, PolicyKind.SCP, PolicyKind.RCP})
_WITHOUT_PRINCIPAL: Final = frozenset({PolicyKind.IDENTITY, PolicyKind.SCP})
_WITH_PRINCIPAL: Final = frozenset({PolicyKind.KEY, PolicyKind.RCP})
_KINDS: Final = {
    PolicyKind.KEY: "a key policy",
    PolicyKind.IDENTITY: "an identity policy",
    PolicyKind.SCP: "a service control policy",
    PolicyKind.RCP: "a resource control policy",
}


def statement(reading: Reading, node: Node, index: int, kind: PolicyKind, owner: str | None) -> Statement:
    """A statement as AWS reads it; what AWS refuses in it is noted in the reading."""
    if not isinstance(node, Mapping):
        return _no_statement(reading, node, index, kind, owner)
    found = reading.entries(node)
    unknown = not _ELEMENTS.issuperset(found) and _strangers(reading, found)
    effect, effect_text = _effect(reading, found)
    result = Statement(
        kind,
        owner,
        index,
        node.at,
        _sid(reading, found, kind),
        effect,
        effect_text,
        _principals(reading, found),
        _patterns(reading, found, "Action", kind),
        _patterns(reading, found, "Resource", kind),
        _conditions(reading, found),
        unknown or (effect_text is not None and not effect_text.known),
    )
    if reading.judged and not unknown:
        _missing(reading, result, found)
    return result


def _no_statement(reading: Reading, node: Node, index: int, kind: PolicyKind, owner: str | None) -> Statement:
    if isinstance(node, Unknown):
        reading.unknown(node, "a statement")
    elif isinstance(node, Text) and not node.known:
        reading.partly(node, "a statement")
    else:
        reading.refuse(f"a statement is an object, this is {described(node)}", node.at)
    return Statement(kind, owner, index, node.at, unknown=True)


def _strangers(reading: Reading, found: Entries) -> bool:
    """Note the names that are no elements of a statement; whether one of them is not known."""
    unknown = False
    for name, (written, _) in found.items():
        if reading.full:
            break
        if not written.known:
            reading.partly(written, "the name of an element")
            unknown = True
        elif name not in _ELEMENTS:
            message = f"a statement has no element `{name}`{did_you_mean(name, _ELEMENTS)}"
            reading.refuse(message, written.at, name)
    return unknown


def _sid(reading: Reading, found: Entries, kind: PolicyKind) -> Text | None:
    if "Sid" not in found:
        return None
    _, node = found["Sid"]
    if isinstance(node, Unknown):
        return Text(f"<{node.expression}>", node.at, ANYTHING)
    if not isinstance(node, Text):
        if not isinstance(node, Scalar):
            reading.refuse(f"`Sid` is {described(node)} where text belongs", node.at)
        return Text(node.text, node.at) if isinstance(node, Scalar) and node.value is not None else None
    if kind in _NEEDS_ACTION_AND_RESOURCE and node.known and not _plain(node):
        message = f"the Sid `{node}` holds more than letters and digits, which {_KINDS[kind]} does not take"
        reading.refuse(message, node.at, str(node))
    return node


def _plain(sid: Text) -> bool:
    return not sid or (sid.isascii() and sid.isalnum()) or sid.form != sid


def _effect(reading: Reading, found: Entries) -> tuple[Effect | None, Text | None]:
    if "Effect" not in found:
        return None, None
    _, node = found["Effect"]
    if isinstance(node, Unknown):
        return None, reading.unknown(node, "Effect")
    if not isinstance(node, Text):
        reading.refuse(f"`Effect` is {described(node)}: write `Allow` or `Deny`", node.at)
        return None, Text(node.text, node.at) if isinstance(node, Scalar) else None
    if node.known:
        if node not in _EFFECTS:
            reading.refuse(f"`Effect` is `{node}`: write `Allow` or `Deny`, in this spelling", node.at, str(node))
        return _EFFECTS.get(node), node
    return None, reading.partly(node, "Effect")


def _patterns(reading: Reading, found: Entries, element: str, kind: PolicyKind) -> Patterns | None:
    negated = element not in found
    if negated:
        element = f"Not{element}"
        if element not in found:
            return None
    elif f"Not{element}" in found:
        name, _ = found[f"Not{element}"]
        reading.refuse(f"a statement has either `{element}` or `Not{element}`, this one has both", name.at)
    name, node = found[element]
    values = reading.texts(node, element)
    if values:
        return Patterns(values, negated, node.at, name)
    if isinstance(node, Items) and kind in _NEEDS_ACTION_AND_RESOURCE:
        reading.refuse(f"`{element}` is an empty list", node.at)
    return None


def _principals(reading: Reading, found: Entries) -> Principals | None:
    negated = "Principal" not in found
    if negated and "NotPrincipal" not in found:
        return None
    if not negated and "NotPrincipal" in found:
        other, _ = found["NotPrincipal"]
        reading.refuse("a statement has either `Principal` or `NotPrincipal`, this one has both", other.at)
    name, node = found["NotPrincipal" if negated else "Principal"]
    if isinstance(node, Mapping):
        values = tuple(_typed(reading, node, name))
    else:
        values = tuple(_untyped(reading, node, name))
    return Principals(values, negated, node.at, name)


def _typed(reading: Reading, node: Mapping, element: Text) -> Iterator[Principal]:
    entries = reading.entries(node)
    if not entries:
        reading.refuse(f"`{element}` names no principal", node.at)
    for name, (type, value) in entries.items():
        if not type.known:
            reading.partly(type, element)
        elif name not in _PRINCIPAL_TYPES:
            known = _PRINCIPAL_TYPES - {"*"}
            reading.refuse(f"there is no type of principal `{name}`{did_you_mean(name, known)}", type.at, name)
        values = reading.texts(value, element)
        if not values and isinstance(value, Items):
            reading.refuse(f"`{element}` names no principal of type `{name}`: its list is empty", value.at)
        for each in values:
            yield Principal(type, each)


def _untyped(reading: Reading, node: Node, element: Text) -> Iterator[Principal]:
    values = reading.texts(node, element)
    if not values and isinstance(node, Items):
        reading.refuse(f"`{element}` names no principal", node.at)
    for value in values:
        if value == "*" or not value.known:
            yield Principal(Text("*", value.at) if value.known else Text(str(value), value.at, ANYTHING), value)
        else:
            advice = f'write {{"AWS": "{value}"}}' if not value.endswith(".com") else f'write {{"Service": "{value}"}}'
            reading.refuse(f"`{element}` is `{value}` without its type: {advice}", value.at, str(value))
            yield Principal(Text("AWS", value.at), value)


def _conditions(reading: Reading, found: Entries) -> tuple[Condition, ...]:
    if "Condition" not in found:
        return ()
    _, node = found["Condition"]
    if isinstance(node, Mapping):
        blocks = reading.entries(node).values()
        conditions = (condition for operator, block in blocks for condition in _block(reading, operator, block))
        read = tuple(islice(conditions, MOST_CONDITIONS))
        if len(read) == MOST_CONDITIONS:
            message = f"only the first {MOST_CONDITIONS} are judged: AWS takes no policy as large as this"
            reading.note("the rest of `Condition`", message, node.at)
            rest = Text("<the rest of `Condition`>", node.at, ANYTHING)
            return (*read, _unknown(rest))
        return read
    if isinstance(node, Unknown):
        return (_unknown(reading.unknown(node, "Condition")),)
    if not (isinstance(node, Scalar) and node.value is None):
        reading.refuse(f"`Condition` is {described(node)} where an object belongs", node.at)
    return ()


def _block(reading: Reading, operator: Text, block: Node) -> Iterator[Condition]:
    if not operator.known:
        reading.partly(operator, "an operator of `Condition`")
    if isinstance(block, Mapping):
        for key, values in reading.entries(block).values():
            if not key.known:
                reading.partly(key, "a condition key")
            yield Condition(Operator(operator, None), key, reading.texts(values, key), key.at, reading.plain)
    elif isinstance(block, Unknown):
        yield _unknown(reading.unknown(block, operator), operator)
    else:
        message = f"`{operator}` is {described(block)} where an object of condition keys and values belongs"
        reading.refuse(message, block.at)


def _unknown(text: Text, operator: Text | None = None) -> Condition:
    return Condition(Operator(operator or text, None), text, (text,), text.at)


def _missing(reading: Reading, read: Statement, found: Entries) -> None:
    """Note the elements that this kind of policy needs, or does not take."""
    kind = read.kind
    if "Effect" not in found:
        reading.refuse("a statement needs `Effect`: write `Allow` or `Deny`", read.at)
    if kind in _WITHOUT_PRINCIPAL and read.principals is not None:
        name = read.principals.name
        reading.refuse(f"{_KINDS[kind]} takes no `{name}`: it speaks of the identity it is attached to", name.at)
    if kind in _WITH_PRINCIPAL and read.principals is None:
        reading.refuse(f"a statement of {_KINDS[kind]} needs `Principal`", read.at)
    if kind in _NEEDS_ACTION_AND_RESOURCE:
        for element in ("Action", "Resource"):
            if element not in found and f"Not{element}" not in found:
                reading.refuse(f"a statement of {_KINDS[kind]} needs `{element}`", read.at)
    if kind is PolicyKind.RCP:
        _resource_control(reading, read)


def _resource_control(reading: Reading, read: Statement) -> None:
    """https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps_syntax.html ."""
    if read.effect is Effect.ALLOW and read.effect_text is not None:
        reading.refuse("a resource control policy only denies", read.effect_text.at, "Allow")
    for element in (read.principals, read.actions):
        if element is not None and element.negated:
            reading.refuse(f"a resource control policy takes no `{element.name}`", element.name.at)
    if read.principals is not None and not read.principals.negated:
        for principal in read.principals.values:
            if principal.value.known and principal.value != "*":
                message = "a resource control policy names every principal, `*`: limit it by conditions"
                reading.refuse(message, principal.value.at, str(principal.value))
    if read.actions is not None and not read.actions.negated:
        for action in read.actions.values:
            if action == "*":
                reading.refuse("a resource control policy names services: `*` alone is refused", action.at, "*")
