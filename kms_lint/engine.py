"""Runs rules over a world and makes the report: what is found is folded by place, sifted, named and sorted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from kms_lint.accounting import PASSED_OVER, assumptions, summary, unresolved
from kms_lint.errors import CheckError
from kms_lint.finding import Confidence, Finding, Hit, Report, Severity
from kms_lint.folding import Context, Raw, folded, variants
from kms_lint.identity import fingerprints
from kms_lint.model import Document, Grant, Key, Policy, Statement, World
from kms_lint.placement import placement
from kms_lint.rule import Rule, Subject
from kms_lint.syntax import locate


class Sifted(NamedTuple):
    """Findings after the ignores were applied; `added` are the findings about ignores themselves."""

    kept: tuple[Finding, ...]
    ignored: tuple[Finding, ...] = ()
    added: tuple[Finding, ...] = ()


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
                if hit.called is not None:
                    about = about._replace(called=hit.called)
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
            weight = _severity(rule, hit)
            saying = {
                other.id
                for other, each, _ in (group if hit.implied_by else ())
                if other.id in hit.implied_by and (each.at == hit.at or _severity(other, each) >= weight)
            }
            if silencing.isdisjoint((*rule.about.implied_by, *saying)):
                yield rule, hit, context


def _severity(rule: Rule, hit: Hit) -> Severity:
    return rule.about.severity if hit.severity is None else hit.severity
