"""What policies that AWS manages say of KMS, and of what leads to it.

The texts are data, as they were on a date, written by `tools/make_managed.py`; they are read when an input names one.
https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from kms_lint.iam.comparisons import parse
from kms_lint.model import Condition, Effect, Patterns, Policy, PolicyKind, Statement
from kms_lint.source import At
from kms_lint.syntax.tree import Text

_OF_AWS: Final = ":iam::aws:policy/"
_EVERYWHERE: Final = frozenset({"AdministratorAccess", "PowerUserAccess"})
"""Those that say the same in every partition; the texts of the others are known of the partition `aws` only."""


def of_aws(name: Text) -> list[Policy]:
    """The part about KMS, and about steps that lead to it, of a policy that AWS manages, if it is one that is known here.

    One that says nothing of either is a policy without statements.
    """
    if not is_of_aws(name):
        return []
    found, called = _texts(), name.rpartition("/")[2]
    elsewhere = name.startswith("arn:aws-") and called not in _EVERYWHERE
    if elsewhere or called not in found["policies"]:
        return [] if elsewhere or called not in found["silent"].split() else [_policy(name, {})]
    return [_policy(name, found["policies"][called])]


def is_of_aws(name: str) -> bool:
    """Whether an ARN is that of a policy that AWS manages."""
    return _OF_AWS in name


def date() -> str:
    """The day of the newest of the texts."""
    found: str = _texts()["date"]
    return found


def assumption() -> str:
    """What an answer relies on that reads one of the texts, in words."""
    return f"what policies that AWS manages say is of {date()}"


@lru_cache(maxsize=1)
def _texts() -> Mapping[str, Any]:
    found: Mapping[str, Any] = json.loads(Path(__file__).with_name("managed_policies.json").read_text("utf-8"))
    return found


def _policy(name: Text, document: Mapping[str, Any]) -> Policy:
    statements = tuple(_statement(index, each, name.at) for index, each in enumerate(document.get("statements", ())))
    version = Text(document.get("language", "2012-10-17"), name.at)
    return Policy(PolicyKind.IDENTITY, str(name), name.at, statements, version=version, managed=True)


def _statement(index: int, said: Mapping[str, Any], at: At) -> Statement:
    effect, sid = Effect(said["Effect"]), said.get("Sid")
    return Statement(
        PolicyKind.IDENTITY,
        None,
        index,
        at,
        sid=Text(sid, at) if sid else None,
        effect=effect,
        effect_text=Text(effect.value, at),
        actions=_patterns(said, "Action", at),
        resources=_patterns(said, "Resource", at),
        conditions=tuple(_conditions(said.get("Condition", {}), at)),
    )


def _patterns(said: Mapping[str, Any], name: str, at: At) -> Patterns | None:
    negated = f"Not{name}" in said
    written = f"Not{name}" if negated else name
    if written not in said:
        return None
    return Patterns(_values(said[written], at), negated, at, Text(written, at))


def _conditions(block: Mapping[str, Any], at: At) -> Iterator[Condition]:
    for operator, keys in block.items():
        for key, values in keys.items():
            yield Condition(parse(Text(operator, at)), Text(key, at), _values(values, at), at)


def _values(value: Any, at: At) -> tuple[Text, ...]:
    return tuple(Text(_written(each), at) for each in (value if isinstance(value, list) else [value]))


def _written(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
