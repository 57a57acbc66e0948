"""From hits to findings: one for each rule, place and kind, whatever the number of resources and branches it was found through."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from kms_lint.finding import Confidence, Finding, Hit, Severity, Spot, masked
from kms_lint.identity import statement_identity
from kms_lint.model import Document, Key, Policy, Statement, World
from kms_lint.placement import MOST_USES, Placement
from kms_lint.rule import Rule
from kms_lint.source import At, Span
from kms_lint.syntax import locate


class Context(NamedTuple):
    """What a subject belongs to, as a finding says it."""

    document: Document
    kind: str | None = None
    resource: str | None = None
    policy: Policy | None = None
    statement: Statement | None = None
    key: Key | None = None
    called: At | None = None


class Raw(NamedTuple):
    """A hit with its rule, the subject that it was found on, and its place."""

    rule: Rule
    hit: Hit
    context: Context
    place: Placement

    @property
    def span(self) -> Span:
        """Where it is reported."""
        return self.place.span


def variants(world: World) -> dict[tuple[str, str], int]:
    """How many branches each policy and each key has, by address and kind."""
    count: dict[tuple[str, str], int] = {}
    for document in world.documents:
        for key in document.keys:
            count[key.address, "key"] = len(key.variants) or 1
        for policy in document.every_policy():
            name = (policy.address, policy.kind.value)
            count[name] = count.get(name, 0) + 1
    return count


def folded(
    raw: Iterable[Raw],
    branches: Mapping[tuple[str, str], int],
    severities: Callable[[str], Mapping[str, Severity]],
) -> Iterator[Finding]:
    """One finding for each rule, place and kind, however many resources and branches it was found through."""
    groups: dict[tuple[str, str, int, int, str | None], list[Raw]] = {}
    for found in raw:
        span = found.span
        name = (found.rule.id, span.source.path, span.start, span.end, found.context.kind)
        groups.setdefault(name, []).append(found)
    for group in groups.values():
        yield finding(group, branches, severities)


def finding(
    group: Sequence[Raw],
    branches: Mapping[tuple[str, str], int],
    severities: Callable[[str], Mapping[str, Severity]],
) -> Finding:
    """The finding that stands for all hits at one place; the gravest certain hit speaks for them."""
    changed = severities(group[0].span.source.path).get(group[0].rule.id)
    chief = max(group, key=lambda raw: (raw.hit.confidence is Confidence.DEFINITE, severity_of(raw, changed)))
    about, hit, context = chief.rule.about, chief.hit, chief.context
    label = hit.label + chief.place.words + branch(group, branches)
    instances = tuple(dict.fromkeys(raw.context.resource for raw in group if raw.context.resource))
    return Finding(
        about=about,
        severity=severity_of(chief, changed),
        confidence=hit.confidence,
        span=chief.span,
        message=label,
        fix=hit.fix or about.fix_in(context.document.format),
        kind=context.kind,
        resource=instances[0] if instances else None,
        statement=context.statement.name if context.statement else None,
        value=masked(value(hit, chief.place.text)),
        related=related(group),
        instances=instances if len(instances) > 1 else (),
        fingerprint=statement_identity(context.statement),
        edits=tuple((locate(edit.at), edit.text) for edit in hit.edits) if chief.place.exact else (),
        uses=tuple(dict.fromkeys(tuple(use.span for use in raw.place.uses) for raw in group)),
        construct=context.document.construct(instances[0]) if instances else None,
    )


def severity_of(raw: Raw, changed: Severity | None) -> Severity:
    """What the configuration says, or the check, or the rule file; no more than `info` for what AWS alone can change."""
    said = raw.rule.about.severity if raw.hit.severity is None else raw.hit.severity
    said = said if changed is None else changed
    return min(said, Severity.INFO) if managed(raw.context) else said


def managed(context: Context) -> bool:
    """Whether something belongs to an AWS managed key, or is an AWS managed policy."""
    if context.policy is not None and context.policy.managed:
        return True
    manager = context.key.settings.get("manager") if context.key is not None else None
    return manager is not None and manager.value == "AWS"


def branch(group: Sequence[Raw], branches: Mapping[tuple[str, str], int]) -> str:
    """The conditions that all branches share in which something is wrong; nothing when it is so in every branch."""
    found = {id(each): each for raw in group if (each := raw.context.policy or raw.context.key) is not None}
    first = next(iter(found.values()), None)
    if first is None or not first.branch:
        return ""
    kind = first.kind.value if isinstance(first, Policy) else "key"
    if len(found) >= branches.get((first.address, kind), 1):
        return ""
    shared = first.branch.split(" and ")
    for each in found.values():
        here = each.branch.split(" and ")
        shared = [part for part in shared if part in here]
    return f" (when {' and '.join(shared)})" if shared else ""


def related(group: Sequence[Raw]) -> tuple[Spot, ...]:
    """The places that explain a finding: where the text is written, those of the check, and where it is used."""
    spots: dict[tuple[str, int, int], Spot] = {}
    uses = 0
    for raw in group:
        consumer = _consumer(raw.context.policy)
        used = [use for use in raw.place.uses if consumer is None or not _within(use.span, consumer.span)]
        found = [raw.place.written] + [Spot(locate(place.at), place.label) for place in raw.hit.related]
        for spot in (*found, *(used if uses < MOST_USES else ()), consumer):
            if spot is not None and spot.span != raw.span:
                spots.setdefault((spot.span.source.path, spot.span.start, spot.span.end), spot)
        uses += len(used)
    return tuple(spots.values())


def _consumer(policy: Policy | None) -> Spot | None:
    """Where a policy is attached that is written elsewhere."""
    if policy is None or policy.consumer is None:
        return None
    label = f"used here as the {policy.kind.value.replace('-', ' ')} of {policy.address}"
    return Spot(locate(policy.consumer), label)


def _within(inner: Span, outer: Span) -> bool:
    return inner.source is outer.source and outer.start <= inner.start and inner.end <= outer.end


def value(hit: Hit, span: Span) -> str | None:
    """The offending text: what the check says, or the short text at the place, without its quotes."""
    if hit.value is not None:
        return hit.value
    text = span.source.text[span.start : span.end]
    if not text or len(text) > 200 or "\n" in text:
        return None
    for quote in ('"', "'", '\\"', '\\\\\\"'):  # escaped where JSON stands in a string, perhaps twice
        if len(text) >= 2 * len(quote) and text.startswith(quote) and text.endswith(quote):
            return text[len(quote) : -len(quote)]
    if text.startswith("%22") and text.endswith("%22"):
        from urllib.parse import unquote

        return unquote(text[3:-3])
    return text
