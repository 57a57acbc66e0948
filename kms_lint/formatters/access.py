"""Who can do what with which key, as `kms-lint access` prints it: JSON for programs, answers in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from kms_lint.formatters.visible import visible
from kms_lint.reason.authorization import TRUSTS, Link, LinkKind
from kms_lint.reason.escalation import Chain
from kms_lint.reason.parties import Standing
from kms_lint.reason.questions import Answer, Verdict
from kms_lint.reason.rows import Certainty, Row
from kms_lint.source import At, use
from kms_lint.spelling import first_of
from kms_lint.syntax import locate

_KINDS = {
    LinkKind.KEY_POLICY: "the key policy",
    LinkKind.IDENTITY_POLICY: "the IAM policy",
    LinkKind.BOUNDARY: "the permissions boundary",
    LinkKind.GRANT: "the grant",
    LinkKind.SCP: "the SCP",
    LinkKind.RCP: "the RCP",
    LinkKind.VPC_ENDPOINT: "the policy of the VPC endpoint",
    LinkKind.UNKNOWN: "what is not in the input",
}


WIDTH = 100
"""The columns that a line of text takes, where it can be broken."""


def as_json(rows: Sequence[Row], assumptions: Sequence[str], answers: Sequence[Answer] | None = None) -> str:
    """The report by the contract; a question adds its answers."""
    import json

    said: dict[str, Any] = {"version": 1, "rows": [_row(row) for row in rows], "assumptions": list(assumptions)}
    if answers is not None:
        said["answers"] = [_answer(each) for each in answers]
    return json.dumps(said, indent=2) + "\n"


def chains_as_json(chains: Sequence[Chain], assumptions: Sequence[str]) -> str:
    """The chains of steps by which principals obtain more than they have."""
    import json

    said = {"version": 1, "rows": [], "escalation": [_chain(each) for each in chains], "assumptions": list(assumptions)}
    return json.dumps(said, indent=2) + "\n"


def _chain(chain: Chain) -> dict[str, Any]:
    return {
        "key": chain.key.address,
        "principal": chain.party.shown,
        "actions": list(chain.actions),
        "certainty": chain.certainty.value,
        "steps": [
            {
                "action": step.action,
                "target": step.target,
                "gain": step.gain,
                "condition": step.condition or None,
                "because_of": [_link(link) for link in step.links],
            }
            for step in chain.steps
        ],
    }


def none_found(principals: Sequence[str] | None, narrowed: bool, cut: bool) -> str:
    """What it means that there are no chains: from these principals, or from all; for what was asked about alone, if `narrowed`.

    A search that was cut off has shown nothing.
    """
    if principals is not None and not principals:
        return "steps are followed from single principals, not from classes of them: nothing was looked for"
    who = "nobody in the input" if principals is None else f"none of {first_of(principals, 3)}"
    if principals is not None and len(principals) == 1:
        who = principals[0]
    what = "more of what was asked about" if narrowed else "more with a key"
    if cut:
        may = "anybody in the input" if principals is None else who.replace("none of", "one of")
        return f"nothing was found, but not all steps were followed: whether {may} can obtain {what} is not known"
    ends = "cannot" if principals is not None and len(principals) == 1 else "can"
    return f"{who} {ends} make itself able to do {what} than it may do now"


def chains_in_words(chains: Sequence[Chain], assumptions: Sequence[str], nothing: str) -> str:
    """The chains for people, or the words for there being none."""
    lines: list[str] = []
    for alike in _chains_alike(chains):
        chain, count = alike[0], len(alike[0].steps)
        sure = "" if chain.certainty is Certainty.ALWAYS else f", {certainty_words(chain.certainty)}"
        keys, steps = first_of([each.key.address for each in alike], 3), f"{count} step{'s' if count != 1 else ''}"
        lines.append(
            f"{chain.party.shown} can obtain {first_of(gravest_first(chain.actions), 4)} on {keys} in {steps}{sure}"
        )
        for number, step in enumerate(chain.steps, 1):
            lines.append(
                f"  {number} {step.action} on {step.target if step.target != chain.key.address else 'the key'}: {step.gain}"
            )
            lines += [f"      {asked(step.condition)}"] if step.condition else []
            lines += [f"      {each}" for each in told_path(step.links)]
        lines.append("")
    if not chains:
        lines += [nothing, ""]
    lines += (f"assuming: {each}" for each in assumptions)
    return "".join(f"{each}\n" for line in lines for each in wrapped(line))


def _chains_alike(chains: Iterable[Chain]) -> Iterator[list[Chain]]:
    """Chains of one principal that differ in the key only, together."""
    groups: dict[object, list[Chain]] = {}
    for chain in chains:
        steps = tuple(
            replace(step, target="" if step.target == chain.key.address else step.target, links=())
            for step in chain.steps
        )
        groups.setdefault((id(chain.party), chain.actions, steps), []).append(chain)
    yield from groups.values()


def _row(row: Row) -> dict[str, Any]:
    return {
        "key": row.key.address,
        "principal": row.principal,
        "actions": list(row.actions),
        "certainty": row.certainty.value,
        "condition": row.condition or None,
        "paths": _paths(row),
    }


def _paths(row: Row) -> list[list[dict[str, Any]]]:
    """The ways in, each once."""
    found: list[list[dict[str, Any]]] = []
    for path in row.paths:
        links = [_link(link) for link in path]
        if links not in found:
            found.append(links)
    return found


def _answer(answer: Answer) -> dict[str, Any]:
    row, obstacle = answer.row, answer.obstacle
    return {
        "key": answer.key.address,
        "principal": answer.party.shown,
        "action": answer.action,
        "answer": answer.verdict.value,
        "condition": row.condition or None if row else None,
        "paths": _paths(row) if row else [],
        "reason": obstacle.words if obstacle else None,
        "because_of": [_link(link) for link in obstacle.links] if obstacle else [],
        "fix": obstacle.fix or None if obstacle else None,
    }


def _link(link: Link) -> dict[str, Any]:
    at = _at(link)
    path, line = place(at) if at is not None else (None, None)
    name = link.statement.name if link.statement is not None else link.grant.address if link.grant else None
    return {"kind": link.kind.value, "path": path, "line": line, "statement": name, "how": link.how or None}


def _at(link: Link) -> At | None:
    if link.statement is not None:
        return link.statement.at
    return link.grant.at if link.grant is not None else None


def place(at: At) -> tuple[str, int]:
    """The file and the line of something."""
    span = locate(use(at))
    return span.source.path, span.source.position(span.start).line


def told(link: Link) -> str:
    """A link in words, with its place."""
    at = _at(link)
    if at is None:
        return link.how or _KINDS[link.kind]
    path, line = place(at)
    kind = TRUSTS if link.how == TRUSTS else _KINDS[link.kind]
    if link.statement is not None:
        return f"statement {link.statement.called} of {kind} at {path}:{line}"
    return f"{kind} {link.grant.address if link.grant else ''} at {path}:{line}"


def told_path(path: Iterable[Link]) -> tuple[str, ...]:
    """A way in, a line for each link."""
    return tuple(f"{'and' if number else 'by'} {told(link)}" for number, link in enumerate(path))


def told_paths(paths: Iterable[Iterable[Link]]) -> list[tuple[str, ...]]:
    """The ways in, each once: branches of a policy may say the same."""
    return list(dict.fromkeys(told_path(path) for path in paths))


def told_ways(paths: Iterable[tuple[str, ...]]) -> Iterator[str]:
    """Several ways in, line by line."""
    for number, path in enumerate(paths):
        first, *others = path
        yield f"or {first}" if number else first
        yield from (f"  {each}" for each in others)


def asked(condition: str, certainty: Certainty = Certainty.CONDITIONAL) -> str:
    """A condition as it follows what it is about."""
    if condition.startswith("it depends on"):
        return condition
    return f"{'only ' if certainty is Certainty.POSSIBLE else ''}if {condition}"


def wrapped(line: str) -> list[str]:
    """A line as lines that fit, indented as it is and a little more."""
    text = visible(line)
    if len(text) <= WIDTH and text.isascii():
        return [text]
    from textwrap import wrap

    indent = " " * (len(text) - len(text.lstrip()) + 4)
    return wrap(text, WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False) or [""]


def assumed(assumptions: Iterable[str]) -> Iterator[str]:
    """What was taken as given, line by line."""
    for each in assumptions:
        yield from wrapped(f"assuming: {each}")


def in_words(answers: Sequence[Answer], assumptions: Sequence[str]) -> str:
    """Answers for people: those that are alike together."""
    lines: list[str] = []
    for alike in _alike(answers):
        lines += [each for line in _told(alike) for each in wrapped(line)]
        lines.append("")
    lines += assumed(assumptions)
    return "".join(f"{line}\n" for line in lines)


def _alike(answers: Iterable[Answer]) -> Iterator[list[Answer]]:
    groups: dict[tuple[object, ...], list[Answer]] = {}
    for each in answers:
        row = each.row
        why = (each.obstacle.words.replace(each.action, "ACTION"), each.obstacle.links) if each.obstacle else None
        how = (row.condition, row.paths) if row else None
        groups.setdefault((id(each.key), id(each.party), each.verdict, how, why), []).append(each)
    yield from groups.values()


def _told(alike: Sequence[Answer]) -> Iterator[str]:
    first = alike[0]
    names = first_of(gravest_first([each.action for each in alike]), 6)
    who = f"{first.party.shown} may {'not ' if first.verdict is Verdict.NO else ''}"
    if first.verdict is Verdict.NO and first.party.standing is Standing.STRANGER:
        who = "nobody of an account that the input does not name may "
    about = f"{who}call {names} on {first.key.address}"
    if first.row is None:
        assert first.obstacle is not None
        words = _within(first, first.obstacle.words, "" if len(alike) == 1 else "any of them")
        yield f"{'no' if first.verdict is Verdict.NO else 'cannot be told'}: {about}"
        yield f"  because {words}"
        yield from (f"  see {told(link)}" for link in first.obstacle.links)
        if first.obstacle.fix:
            yield f"  to allow it: {_within(first, first.obstacle.fix, '' if len(alike) == 1 else 'them')}"
        return
    heading = {Verdict.YES: "yes", Verdict.CONDITIONAL: "on condition", Verdict.POSSIBLE: "cannot be told"}
    yield f"{heading[first.verdict]}: {about}"
    if first.row.condition:
        yield f"  {asked(first.row.condition, first.row.certainty)}"
    yield from (f"  {line}" for line in told_ways(told_paths(first.row.paths)))


def _within(answer: Answer, words: str, actions: str) -> str:
    """Words about an answer after it was told whose and of what it is."""
    caller = answer.party.caller
    if caller is not None and caller.arn == answer.party.shown:
        words = words.replace(answer.party.shown, caller.name)
    return words.replace(answer.action, actions) if actions else words


_GRAVEST = ("kms:Decrypt", "kms:PutKeyPolicy", "kms:CreateGrant", "kms:ScheduleKeyDeletion", "kms:Sign", "kms:Encrypt")


def gravest_first(names: Iterable[str]) -> list[str]:
    """Operations with those first that matter most."""
    return sorted(names, key=lambda name: (_GRAVEST.index(name) if name in _GRAVEST else len(_GRAVEST), name))


def certainty_words(certainty: Certainty) -> str:
    """How sure access is, in a word or two."""
    return {
        Certainty.ALWAYS: "always",
        Certainty.CONDITIONAL: "on condition",
        Certainty.POSSIBLE: "possibly",
    }[certainty]
