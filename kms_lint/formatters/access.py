"""Who can do what with which key, as `kms-lint access` prints it: JSON for programs, answers in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from kms_lint.formatters.visible import visible
from kms_lint.reason.authorization import Link, LinkKind
from kms_lint.reason.questions import Answer, Verdict
from kms_lint.reason.rows import Certainty, Row
from kms_lint.source import At, use
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


def as_json(rows: Sequence[Row], assumptions: Sequence[str], answers: Sequence[Answer] | None = None) -> str:
    """The report by the contract; a question adds its answers."""
    import json

    said: dict[str, Any] = {"version": 1, "rows": [_row(row) for row in rows], "assumptions": list(assumptions)}
    if answers is not None:
        said["answers"] = [_answer(each) for each in answers]
    return json.dumps(said, indent=2) + "\n"


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
    name = link.statement.name if link.statement is not None else link.grant.address if link.grant else ""
    return (
        f"{name} of {_KINDS[link.kind]} at {path}:{line}"
        if link.statement
        else f"{_KINDS[link.kind]} {name} at {path}:{line}"
    )


def told_path(path: Iterable[Link]) -> str:
    """A way in."""
    return " and ".join(told(link) for link in path)


def told_paths(paths: Iterable[Iterable[Link]]) -> list[str]:
    """The ways in, each once: branches of a policy may say the same."""
    return list(dict.fromkeys(told_path(path) for path in paths))


def in_words(answers: Sequence[Answer]) -> str:
    """Answers for people: those that are alike together."""
    lines: list[str] = []
    for alike in _alike(answers):
        lines += [visible(line) for line in _told(alike)]
        lines.append("")
    return "\n".join(lines)


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
    names = some(sorted(each.action for each in alike), 6)
    about = (
        f"{first.party.shown} may {'not ' if first.verdict is Verdict.NO else ''}call {names} on {first.key.address}"
    )
    if first.row is None:
        assert first.obstacle is not None
        words = first.obstacle.words if len(alike) == 1 else first.obstacle.words.replace(first.action, "each of them")
        yield f"no: {about}"
        yield f"  because {words}"
        yield from (f"  {told(link)}" for link in first.obstacle.links)
        return
    heading = {Verdict.YES: "yes", Verdict.CONDITIONAL: "on condition", Verdict.POSSIBLE: "cannot be told"}
    yield f"{heading[first.verdict]}: {about}"
    if first.row.condition:
        yield f"  {'if' if first.verdict is not Verdict.POSSIBLE else 'only if'} {first.row.condition}"
    yield from (f"  by {path}" for path in told_paths(first.row.paths))


def some(names: Sequence[str], most: int) -> str:
    """The first of several names, and how many more there are."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def certainty_words(certainty: Certainty) -> str:
    """How sure access is, in a word or two."""
    return {
        Certainty.ALWAYS: "always",
        Certainty.CONDITIONAL: "on condition",
        Certainty.POSSIBLE: "possibly",
    }[certainty]
