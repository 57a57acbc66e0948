"""Policies for tests, from the shape of a JSON document. `@` in a string stands for a part that is unknown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from kms_lint.model import Condition, Effect, Operator, Patterns, Policy, PolicyKind, Principal, Principals, Statement
from kms_lint.source import Passage, Root, Source
from kms_lint.syntax.tree import ANYTHING, Text

AT: Final = Root(Passage(Source("policy.json", ""), ""))
OWNER: Final = "111122223333"
FOREIGN: Final = "444455556666"
KEY: Final = "1234abcd-12ab-34cd-56ef-1234567890ab"
KEY_ARN: Final = f"arn:aws:kms:us-east-1:{OWNER}:key/{KEY}"


def text(value: str) -> Text:
    return Text(value, AT, value.replace("@", ANYTHING)) if "@" in value else Text(value, AT)


def texts(values: str | Sequence[str]) -> tuple[Text, ...]:
    return tuple(text(value) for value in ([values] if isinstance(values, str) else values))


def patterns(values: str | Sequence[str], *, negated: bool = False) -> Patterns:
    return Patterns(texts(values), negated, AT, text("Action"))


def principal(value: str, type: str = "AWS") -> Principal:
    return Principal(text(type), text(value))


def condition(operator: str, key: str, values: str | Sequence[str]) -> Condition:
    return Condition(Operator(text(operator), None), text(key), texts(values), AT)


def conditions(block: Mapping[str, Mapping[str, Any]]) -> tuple[Condition, ...]:
    return tuple(condition(operator, key, values) for operator, keys in block.items() for key, values in keys.items())


def principals(value: Any, *, negated: bool = False) -> Principals:
    if isinstance(value, str):
        return Principals((Principal(text("*"), text(value)),), negated, AT, text("Principal"))
    found = [Principal(text(type), each) for type, values in value.items() for each in texts(values)]
    return Principals(tuple(found), negated, AT, text("Principal"))


def statement(document: Mapping[str, Any], kind: PolicyKind = PolicyKind.KEY, owner: str | None = OWNER) -> Statement:
    """A statement; `Effect` and `Resource` default to `Allow` and `*`, `Unknown` makes all of it unknown."""

    def pair(name: str, default: Any = None) -> Patterns | None:
        if f"Not{name}" in document:
            return patterns(document[f"Not{name}"], negated=True)
        value = document.get(name, default)
        return None if value is None else patterns(value)

    who = None
    if "NotPrincipal" in document:
        who = principals(document["NotPrincipal"], negated=True)
    elif "Principal" in document:
        who = principals(document["Principal"])
    return Statement(
        kind,
        owner,
        0,
        AT,
        effect=None if document.get("Unknown") else Effect(document.get("Effect", "Allow")),
        principals=who,
        actions=pair("Action"),
        resources=pair("Resource", "*"),
        conditions=conditions(document.get("Condition", {})),
        unknown=bool(document.get("Unknown")),
    )


def policy(*documents: Mapping[str, Any], kind: PolicyKind = PolicyKind.KEY, owner: str | None = OWNER) -> Policy:
    return Policy(kind, "key", AT, tuple(statement(each, kind, owner) for each in documents), owner)
