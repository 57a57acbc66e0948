"""What became of all that was read: what was judged, what is not known, what was guessed. Nothing is lost in silence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from kms_lint.finding import Finding, Severity, Summary, UnresolvedPlace
from kms_lint.iam import wildcards
from kms_lint.model import Document, Key, PolicyKind, Status, Unresolved, World
from kms_lint.source import use
from kms_lint.syntax import locate
from kms_lint.syntax.tree import ANYTHING, Text

PASSED_OVER: Final = frozenset({PolicyKind.TRUST, PolicyKind.RESOURCE})
"""Kinds of policies that say nothing about KMS: they are listed and compared, and never judged."""

_PREFIX: Final = "alias/"
_KMS: Final = "kms.amazonaws.com"


def unresolved(world: World) -> Iterator[UnresolvedPlace]:
    """What could not be judged in full, each expression once for each policy."""
    seen: set[UnresolvedPlace] = set()
    for document in world.documents:
        entries = [(document.path, item) for item in document.unresolved]
        entries += [(key.address, item) for key in document.keys for item in unsettled(key)]
        entries += [(grant.address, item) for grant in document.grants for item in grant.unresolved]
        entries += undecided(document)
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


def undecided(document: Document) -> Iterator[tuple[str, Unresolved]]:
    """What is not known of aliases and trails that rules would judge, with the address of each."""
    for alias in document.aliases:
        if alias.name is not None and _may_be_refused(alias.name) and _of(document, alias.name):
            yield (
                alias.address,
                _unknown(alias.name, f"whether the name begins with `{_PREFIX}` is only known when it is deployed"),
            )
    for trail in document.trails:
        for source in trail.excluded:
            if not source.known and wildcards.possibly_matches(source.form, _KMS) and _of(document, source):
                yield (
                    trail.address,
                    _unknown(source, "which events the trail leaves out is only known when it is deployed"),
                )


def _may_be_refused(name: Text) -> bool:
    """Whether what is not known of the name of an alias decides how it begins."""
    known, unknown, _ = name.form.partition(ANYTHING)
    return bool(unknown) and len(known) < len(_PREFIX) and _PREFIX.startswith(known)


def _of(document: Document, text: Text) -> bool:
    """Whether a text is used in the file itself, and not in a module that another one is to tell of."""
    return locate(use(text.at)).source.path == document.path


def _unknown(text: Text, message: str) -> Unresolved:
    return Unresolved(str(text).strip("<>"), message, text.at)


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
    partly |= any(True for _ in undecided(document))
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
