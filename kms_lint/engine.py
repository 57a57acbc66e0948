"""Runs rules over a world and makes the report: what is found is folded by place, sifted, named and sorted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from kms_lint.errors import CheckError
from kms_lint.finding import Confidence, Finding, Hit, Report, Severity, Spot, Summary, UnresolvedPlace, masked
from kms_lint.identity import fingerprints, statement_identity
from kms_lint.model import Document, Grant, Key, Policy, PolicyKind, Statement, Status, Unresolved, World
from kms_lint.placement import MOST_USES, Placement, placement
from kms_lint.rule import Rule, Subject
from kms_lint.source import At, Span, use
from kms_lint.syntax import locate

PASSED_OVER = frozenset({PolicyKind.TRUST, PolicyKind.RESOURCE})
"""Kinds of policies that say nothing about KMS: they are listed and compared, and never judged."""


class Sifted(NamedTuple):
    """Findings after the ignores were applied; `added` are the findings about ignores themselves."""

    kept: tuple[Finding, ...]
    ignored: tuple[Finding, ...] = ()
    added: tuple[Finding, ...] = ()


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


def keep_all(findings: tuple[Finding, ...]) -> Sifted:
    """Ignores nothing."""
    return Sifted(findings)


def as_written(path: str) -> Mapping[str, Severity]:
    """The severities that the rule files say."""
    return {}


def nowhere(path: str) -> bool:
    """Of no file."""
    return False


def lint(
    world: World,
    rules: Iterable[Rule],
    *,
    include_possible: bool = False,
    severities: Callable[[str], Mapping[str, Severity]] = as_written,
    sift: Callable[[tuple[Finding, ...]], Sifted] = keep_all,
    relative: Callable[[str], str] = str,
    around: Callable[[str], bool] = nowhere,
) -> Report:
    """Judges every document of a world by the rules.

    Findings are reported in the files of its documents. `around` tells of which other files they are, too: those that
    lie in a folder of the run, and are read because others refer to them.

    `severities` gives, for a path, the severities that the configuration changes; `sift` applies ignores; `relative`
    turns a path as shown into one relative to the repository's root, which is what fingerprints hold.
    Raises `CheckError` when a check raises.
    """
    by_subject = grouped(rules)
    paths = {document.path for document in world.documents}

    def wanted(path: str) -> bool:
        return path in paths or around(path)

    found = (each for document in world.documents for each in judged(document, world, by_subject))
    raw = placed((each for each in found if include_possible or each[1].confidence is Confidence.DEFINITE), wanted)
    findings = sorted(folded(raw, variants(world), severities), key=order)
    sifted = sift(tuple(fingerprints(findings, relative)))
    added = tuple(fingerprints(sorted(sifted.added, key=order), relative))
    kept = tuple(sorted((*sifted.kept, *added), key=order))
    places = tuple(unresolved(world))
    return Report(kept, places, summary(world, kept, sifted.ignored), sifted.ignored, tuple(assumptions(world)))


def order(finding: Finding) -> tuple[str, int, int, str, str]:
    """The order of a report: path, place, rule."""
    span = finding.span
    return (span.source.path, span.start, span.end, finding.about.id, finding.kind or "")


def grouped(rules: Iterable[Rule]) -> dict[type[Subject], list[Rule]]:
    """The rules by what they look at, in the order of their names."""
    groups: dict[type[Subject], list[Rule]] = {Document: [], Key: [], Policy: [], Statement: [], Grant: []}
    for rule in sorted(rules, key=lambda rule: rule.id):
        groups[rule.subject].append(rule)
    return groups


def placed(found: Iterable[tuple[Rule, Hit, Context]], wanted: Callable[[str], bool]) -> Iterator[Raw]:
    """The hits with their places, without those that are the business of files that are not `wanted`."""
    for rule, hit, context in found:
        policy = context.policy
        place = placement(hit.at, None if policy is None else policy.consumer, wanted, context.called)
        if place is not None:
            yield Raw(rule, hit, context, place)


def judged(
    document: Document, world: World, rules: Mapping[type[Subject], list[Rule]]
) -> Iterator[tuple[Rule, Hit, Context]]:
    """All that the rules find in one document, of each of its parts where it has some."""
    for part in document.parts:
        yield from judged(part, world, rules)
    if document.parts:
        return
    yield from run(rules[Document], document, Context(document), world)
    for key in document.keys:
        for variant in key.variants or (key,):
            yield from run(
                rules[Key], variant, Context(document, "key", key.address, key=variant, called=key.called), world
            )
    for grant in document.grants:
        yield from run(rules[Grant], grant, Context(document, "grant", grant.address, called=grant.called), world)
    for policy in document.every_policy():
        if policy.kind not in PASSED_OVER:
            context = Context(document, policy.kind.value, policy.address, policy, called=policy.called)
            yield from unimplied(of_policy(policy, context, world, rules))


def of_policy(
    policy: Policy, context: Context, world: World, rules: Mapping[type[Subject], list[Rule]]
) -> Iterator[tuple[Rule, Hit, Context]]:
    """What the rules find on a policy and on its statements."""
    yield from hits(rules[Policy], policy, context, world)
    for statement in policy.statements:
        yield from hits(rules[Statement], statement, context._replace(statement=statement), world)


def run(rules: Sequence[Rule], subject: Subject, context: Context, world: World) -> Iterator[tuple[Rule, Hit, Context]]:
    """What the rules find on one subject, without what a greater finding on it implies."""
    return unimplied(hits(rules, subject, context, world))


def hits(
    rules: Sequence[Rule], subject: Subject, context: Context, world: World
) -> Iterator[tuple[Rule, Hit, Context]]:
    """What the rules find on one subject; what they find on a policy may belong to one of its statements."""
    for rule in rules:
        try:
            for hit in rule.run(subject, world):
                about = context
                if hit.kind or hit.resource:
                    about = context._replace(kind=hit.kind or context.kind, resource=hit.resource or context.resource)
                if hit.statement is not None and context.policy is not None:
                    about = about._replace(statement=context.policy.statements[hit.statement])
                yield rule, hit, about
        except Exception as error:
            span = locate(subject.at) if not isinstance(subject, Document) else None
            where = "" if span else f" in {context.document.path}"
            raise CheckError(f"the check of rule {rule.id} failed{where}: {error!r}; please report it", span) from error


def unimplied(found: Iterable[tuple[Rule, Hit, Context]]) -> Iterator[tuple[Rule, Hit, Context]]:
    """What was found on one thing, without what a greater finding on the same statement, or on the thing, implies."""
    groups: dict[int, list[tuple[Rule, Hit, Context]]] = {}
    for each in found:
        groups.setdefault(id(each[2].statement), []).append(each)
    for group in groups.values():
        present = {rule.id for rule, _, _ in group}
        sure = {rule.id for rule, hit, _ in group if hit.confidence is Confidence.DEFINITE}
        for rule, hit, context in group:
            silencing = sure if hit.confidence is Confidence.DEFINITE else present
            if not any(greater in silencing for greater in (*rule.about.implied_by, *hit.implied_by)):
                yield rule, hit, context


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


def unresolved(world: World) -> Iterator[UnresolvedPlace]:
    """What could not be judged in full, each expression once for each policy."""
    seen: set[UnresolvedPlace] = set()
    for document in world.documents:
        entries = [(document.path, item) for item in document.unresolved]
        entries += [(key.address, item) for key in document.keys for item in unsettled(key)]
        entries += [(grant.address, item) for grant in document.grants for item in grant.unresolved]
        for policy in document.every_policy():
            if policy.kind not in PASSED_OVER:
                entries += [(policy.address, item) for item in policy.unresolved]
        for resource, item in entries:
            span = locate(use(item.at))
            line = span.source.position(span.start).line
            place = UnresolvedPlace(span.source.path, line, resource, item.expression, item.message)
            if place not in seen:
                seen.add(place)
                yield place


def unsettled(key: Key) -> Iterator[Unresolved]:
    """What is not known of the settings of a key, in any of its branches."""
    yield from key.unresolved
    for variant in key.variants or (key,):
        yield from (setting.open for setting in variant.settings.values() if setting.open is not None)


def summary(world: World, findings: Sequence[Finding], ignored: Sequence[Finding]) -> Summary:
    """What was looked at, and how many findings of each severity there are."""
    states = [state(document) for document in world.documents]
    levels = [str(finding.severity) for finding in findings]
    found = {(p.address, p.kind, d.path) for d in world.documents for p in d.every_policy()}
    return Summary(
        documents=len(states),
        judged=states.count("judged"),
        unresolved=states.count("unresolved"),
        malformed=states.count("malformed"),
        skipped=states.count("skipped"),
        policies=len(found),
        keys=sum(len(document.keys) for document in world.documents),
        grants=sum(len(document.grants) for document in world.documents),
        findings={
            str(level): levels.count(str(level)) for level in sorted(Severity, reverse=True) if str(level) in levels
        },
        ignored=len(ignored),
    )


def state(document: Document) -> str:
    """What became of a file: `judged`, `unresolved` in part, `malformed` or `skipped`."""
    if document.status is not Status.JUDGED:
        return str(document.status.value)
    if any(problem.rule == "malformed-document" for problem in document.problems):
        return "malformed"
    partly = any(policy.unresolved and policy.kind not in PASSED_OVER for policy in document.every_policy())
    partly |= any(grant.unresolved for grant in document.grants) or any(any(unsettled(key)) for key in document.keys)
    return "unresolved" if document.unresolved or partly else "judged"


def assumptions(world: World) -> Iterator[str]:
    """What was guessed: the kinds of policies that their content does not tell, and what plans do not tell of them."""
    for document in world.documents:
        for policy in document.every_policy():
            if policy.assumed:
                yield f"{document.path}: {policy.address} was taken for {policy.kind.value}; say --kind if it is not"
            if policy.taken:
                yield (
                    f"{document.path}: {policy.address}: the policy is taken to be {policy.taken} itself: "
                    "a plan tells what an expression refers to, and not what else it does"
                )
