"""Policies as they were found in the input, whatever format they were written in. Data, with no behaviour beyond walking itself."""

from __future__ import annotations

from enum import Enum, StrEnum
from typing import NamedTuple

from kms_lint.record import dataclass
from kms_lint.source import At
from kms_lint.syntax.tree import Node, Text


class PolicyKind(StrEnum):
    """What a policy is attached to; the values are the names that users see and type."""

    KEY = "key-policy"
    IDENTITY = "identity-policy"
    SCP = "scp"
    RCP = "rcp"
    VPC_ENDPOINT = "vpc-endpoint-policy"
    TRUST = "trust-policy"
    RESOURCE = "resource-policy"


class Effect(Enum):
    """What a statement does."""

    ALLOW = "Allow"
    DENY = "Deny"


class Patterns(NamedTuple):
    """The values of `Action`, or of `NotAction` when `negated`; likewise for resources.

    A list that is unknown as a whole is one value of unknown form. `name` is the element's name as written.
    """

    values: tuple[Text, ...]
    negated: bool
    at: At
    name: Text


class Operator(NamedTuple):
    """`ForAllValues:StringNotEqualsIfExists`, taken apart.

    `text` is as written. `comparison` is AWS's spelling of the operator without quantifier and `IfExists`, with its
    `Not` (`StringNotEquals`), or `None` for one that does not exist or is not known.
    """

    text: Text
    comparison: str | None
    if_exists: bool = False
    quantifier: str | None = None


class Condition(NamedTuple):
    """One entry of a condition block: an operator, a key and the values that are compared.

    An entry of which the operator, or the block as a whole, is unknown has a `key` of unknown form. `plain` is whether
    `${` in its values begins no variable, since the policy is of the old version of the language or names none; `None`
    where that is not known.
    """

    operator: Operator
    key: Text
    values: tuple[Text, ...]
    at: At
    plain: bool | None = False


class Principal(NamedTuple):
    """One principal: `type` is `AWS`, `Service`, `Federated`, `CanonicalUser`, or `*` for a bare `"*"`."""

    type: Text
    value: Text


class Principals(NamedTuple):
    """The values of `Principal`, or of `NotPrincipal` when `negated`."""

    values: tuple[Principal, ...]
    negated: bool
    at: At
    name: Text


class Problem(NamedTuple):
    """Something wrong with how a thing is written. `rule` is the rule that reports it."""

    rule: str
    message: str
    at: At
    value: str | None = None


class Unresolved(NamedTuple):
    """An expression that could not be worked out, so that something could not be judged in full."""

    expression: str
    message: str
    at: At


@dataclass(frozen=True, eq=False, slots=True)
class Statement:
    """One statement of a policy. `None` where an element is absent; `effect` is also `None` when it is unknown.

    `unknown` is whether the statement as a whole, or its effect, is unknown. `kind` and `owner` are its policy's.
    """

    kind: PolicyKind
    owner: str | None
    index: int
    at: At
    sid: Text | None = None
    effect: Effect | None = None
    effect_text: Text | None = None
    principals: Principals | None = None
    actions: Patterns | None = None
    resources: Patterns | None = None
    conditions: tuple[Condition, ...] = ()
    unknown: bool = False

    @property
    def name(self) -> str:
        """Its Sid, or its index in brackets, as reports for programs and entries to ignore call it."""
        return str(self.sid) if self.sid else f"[{self.index}]"

    @property
    def called(self) -> str:
        """What people call it: its Sid, or which statement of the policy it is, from 1."""
        return str(self.sid) if self.sid else f"{self.index + 1}"


@dataclass(frozen=True, eq=False, slots=True)
class Policy:
    """A policy document, once for each kind of thing that consumes it and each branch of its conditions.

    `address` names it as in the report, `of` the key or identity it belongs to. `owner` is the account of that key or
    identity: twelve digits, or `<account>` for the account it will be deployed to; `None` when nothing tells.
    `consumer` is where it is attached, when it is written elsewhere. `called` is the call of the module that it is part
    of, when that module is not the user's own: what is wrong with it is told there. `branch` names the conditions under which it
    reads like this. `node` is the document that was read, for `show`.
    `taken` is what it was taken for where its format tells what an expression refers to, and not the expression: a
    reference. `managed` is whether AWS alone can change it: it is that of an AWS managed key, or an AWS managed policy.
    """

    kind: PolicyKind
    address: str
    at: At
    statements: tuple[Statement, ...] = ()
    owner: str | None = None
    of: str | None = None
    version: Text | None = None
    consumer: At | None = None
    branch: str = ""
    assumed: bool = False
    node: Node | None = None
    problems: tuple[Problem, ...] = ()
    unresolved: tuple[Unresolved, ...] = ()
    called: At | None = None
    managed: bool = False
    taken: str = ""

    @property
    def refused(self) -> bool:
        """Whether AWS refuses it as it is written, so that what is in effect is not known."""
        return any(problem.rule == "malformed-policy" for problem in self.problems)
