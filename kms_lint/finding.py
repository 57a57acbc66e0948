"""What a check yields, and what is reported."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from enum import Enum, IntEnum
from typing import NamedTuple

from kms_lint.record import dataclass
from kms_lint.source import At, Span


class Severity(IntEnum):
    """How grave a finding is; greater is graver."""

    INFO = 0
    LOW = 1
    MEDIUM = 2
    HIGH = 3
    CRITICAL = 4

    def __str__(self) -> str:
        """The name that users see and type."""
        return self.name.lower()


class Confidence(Enum):
    """Whether a finding holds for certain, or only for some values of what is unknown."""

    DEFINITE = "definite"
    POSSIBLE = "possible"


class Place(NamedTuple):
    """A place and a few words about it."""

    at: At
    label: str


class Edit(NamedTuple):
    """A replacement of the characters at a place that mends a finding."""

    at: At
    text: str


class Hit(NamedTuple):
    """What a check yields: where, in a few words, and what differs from what the rule file says.

    `value` is the offending text; by default the string that stands at the place. `resource` and `kind` say what it
    is about when the check looks at a document, where that is not told by what it looked at; `statement` is the index of
    the statement that a check of a whole policy speaks of. `implied_by` are rules whose finding on the same statement
    says this one as well where it is no less grave or at the same place, beside those that the rule file names.
    `called` is, for what a check finds when it looks at a document, the call of the module that it is in, when that is
    not the user's own.
    """

    at: At
    label: str
    value: str | None = None
    related: tuple[Place, ...] = ()
    severity: Severity | None = None
    confidence: Confidence = Confidence.DEFINITE
    fix: str | None = None
    edits: tuple[Edit, ...] = ()
    resource: str | None = None
    kind: str | None = None
    statement: int | None = None
    implied_by: tuple[str, ...] = ()
    called: At | None = None


@dataclass(frozen=True, slots=True)
class About:
    """What the rule file says about a rule. `fix` is by format, with `any` for all others."""

    id: str
    title: str
    severity: Severity
    why: str
    fix: Mapping[str, str]
    references: tuple[str, ...]
    since: str
    equivalents: tuple[str, ...] = ()
    persona: str = "default"
    implied_by: tuple[str, ...] = ()
    concept: str = ""

    def fix_in(self, format: str) -> str:
        """How to mend it, in the words of a format."""
        return self.fix.get(format) or self.fix["any"]


class Ignored(NamedTuple):
    """Why a finding is not reported: the reason given, and where it is ignored."""

    reason: str | None
    path: str
    line: int


class Spot(NamedTuple):
    """A place as it is reported: `span` for excerpts, `label` in words."""

    span: Span
    label: str


@dataclass(frozen=True, slots=True)
class Finding:
    """What a formatter sees.

    `uses` are the other places where the text is used, for each way in which it comes to a policy or key; `related` tells
    the first of them. `construct` is the way of constructs of CDK that made the resource.
    """

    about: About
    severity: Severity
    confidence: Confidence
    span: Span
    message: str
    fix: str
    kind: str | None = None
    resource: str | None = None
    statement: str | None = None
    value: str | None = None
    related: tuple[Spot, ...] = ()
    instances: tuple[str, ...] = ()
    fingerprint: str = ""
    edits: tuple[tuple[Span, str], ...] = ()
    ignored: Ignored | None = None
    uses: tuple[tuple[Span, ...], ...] = ()
    construct: str | None = None


class UnresolvedPlace(NamedTuple):
    """A policy that could not be judged in full, and the expression that stood in the way."""

    path: str
    line: int
    resource: str
    expression: str
    message: str


@dataclass(frozen=True, slots=True)
class Summary:
    """What was looked at. `documents` = `judged` + `unresolved` + `malformed` + `skipped`, counted in files."""

    documents: int = 0
    judged: int = 0
    unresolved: int = 0
    malformed: int = 0
    skipped: int = 0
    policies: int = 0
    keys: int = 0
    grants: int = 0
    findings: Mapping[str, int] = field(default_factory=dict)
    ignored: int = 0


@dataclass(frozen=True, slots=True)
class Report:
    """The outcome of a run: findings sorted by path, place and rule; those that were ignored apart."""

    findings: tuple[Finding, ...] = ()
    unresolved: tuple[UnresolvedPlace, ...] = ()
    summary: Summary = Summary()
    ignored: tuple[Finding, ...] = ()
    assumptions: tuple[str, ...] = ()


def masked(value: str | None) -> str | None:
    """A value with what looks like an access key or key material replaced, for everything that is printed."""
    if value is None or len(value) < _SHORTEST_SECRET or value.startswith("arn:"):
        return value
    import re

    return re.sub(_SECRET, "****", value)


def blotted(text: str) -> str:
    """Text with each character of what looks like a secret replaced by `*`, so that columns stay where they are."""
    if len(text) < _SHORTEST_SECRET:
        return text
    import re

    return re.sub(_SECRET, lambda found: "*" * len(found.group()), text)


_SHORTEST_SECRET = 20
_SECRET = (
    r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"
    r"|(?<![A-Za-z0-9+/_-])(?=[A-Za-z0-9+/]*[0-9])(?=[A-Za-z0-9+/]*[a-z])(?=[A-Za-z0-9+/]*[A-Z])[A-Za-z0-9+/]{40,}={0,2}"
)
