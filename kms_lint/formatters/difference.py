"""What `kms-lint diff` found, as text, JSON, Markdown and SARIF."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from kms_lint.formatters.visible import visible
from kms_lint.model import Statement
from kms_lint.reason.difference import Relation, Verdict
from kms_lint.reason.groups import Group, Nearest
from kms_lint.reason.worlds import Change
from kms_lint.syntax import locate

_HEADLINES = {
    Verdict.NO_NEW_ACCESS: "no new access: proved",
    Verdict.NEW_ACCESS: "new access",
    Verdict.UNKNOWN: "not proved",
}


def as_json(verdict: Verdict, relation: Relation, changes: Sequence[Change]) -> str:
    """The report as JSON, by the contract."""
    import json

    report = {
        "version": 1,
        "verdict": verdict.value,
        "relation": relation.value,
        "policies": [_policy(change) for change in changes],
    }
    return json.dumps(report, indent=2) + "\n"


def _policy(change: Change) -> dict[str, Any]:
    found = change.difference
    first = found.groups[0] if found.groups else None
    return {
        "address": change.address,
        "verdict": found.verdict.value,
        "relation": found.relation.value,
        "counterexample": first and _counterexample(first),
        "statement": first and _place(first.statement),
        "nearest": first and _nearest(first.nearest),
        "reason": found.reason or None,
        "assumptions": list(found.assumptions),
        "groups": [
            {
                "statement": _place(group.statement),
                "actions": list(group.actions),
                "counterexample": _counterexample(group),
                "nearest": _nearest(group.nearest),
            }
            for group in found.groups
        ],
    }


def _counterexample(group: Group) -> dict[str, Any]:
    request = group.request
    found: dict[str, Any] = {
        "principal": request.caller.shown,
        "action": request.action,
        "resource": request.resource,
        "context": {key: list(values) for key, values in group.context},
    }
    if group.around is not None and not group.around.account:
        found["surroundings"] = {"permissions_boundary": group.around.bounded}
    elif group.around is not None:
        found["surroundings"] = {
            "identity_policies_allow": group.around.identity_allows,
            "limits_allow": group.around.limits_allow,
            "permissions_boundary": group.around.bounded,
        }
    return found


def _place(statement: Statement) -> dict[str, Any]:
    span = locate(statement.at)
    return {"name": statement.name, "path": span.source.path, "line": span.source.position(span.start).line}


def _nearest(nearest: Nearest | None) -> dict[str, Any] | None:
    if nearest is None:
        return None
    return {**_place(nearest.statement), "elements": list(nearest.elements), "denied": nearest.denied}


def as_text(verdict: Verdict, relation: Relation, changes: Sequence[Change]) -> str:
    """The report for people."""
    return "\n".join(visible(line) for line in _lines(verdict, relation, changes)) + "\n"


def _lines(verdict: Verdict, relation: Relation, changes: Sequence[Change]) -> Iterator[str]:
    yield f"{_HEADLINES[verdict]} ({relation.value})"
    for change in changes:
        found = change.difference
        yield ""
        yield f"{change.address}: {_HEADLINES[found.verdict]} ({found.relation.value})"
        if found.reason:
            yield f"  because {found.reason}"
        for group in found.groups:
            yield from _group(group)
        for assumption in found.assumptions:
            yield f"  assuming that {assumption}" if found.verdict is not Verdict.UNKNOWN else f"  note: {assumption}"


def _group(group: Group) -> Iterator[str]:
    place = _place(group.statement)
    yield f"  statement {place['name']} at {place['path']}:{place['line']} newly grants {_some(group.actions)}, for example:"
    yield f"    {group.request.caller.shown}"
    yield f"    calls {group.request.action} on {group.request.resource}"
    for key, values in group.context:
        yield f"    with {key} = {', '.join(values)}"
    yield from (f"    where {each}" for each in _around(group))
    if group.nearest is not None:
        yield f"    before: {_before(group.nearest)}"


def _some(actions: Sequence[str]) -> str:
    more = f" and {len(actions) - 4} more" if len(actions) > 4 else ""
    return ", ".join(actions[:4]) + more


def _around(group: Group) -> Iterator[str]:
    around = group.around
    if around is None or group.request.caller.account is None:
        return
    if not around.account:
        yield "the caller has a permissions boundary"
        return
    if around.account != group.request.caller.account or around.identity_allows:
        yield (
            "the caller's IAM policies allow it" if around.identity_allows else "no IAM policy of the caller allows it"
        )
    else:
        yield "no IAM policy of the caller has to allow it"
    if not around.limits_allow:
        yield "the caller's permissions boundary or session policy does not allow it"
    if around.bounded:
        yield "the caller has a permissions boundary"


def _before(nearest: Nearest) -> str:
    place = _place(nearest.statement)
    name = f"statement {place['name']} at {place['path']}:{place['line']}"
    if nearest.denied:
        return f"{name} denied this"
    return f"{name} comes nearest, and differs in {', '.join(nearest.elements)}"


def as_markdown(verdict: Verdict, relation: Relation, changes: Sequence[Change]) -> str:
    """The report as a comment on a pull request."""
    lines = [f"### kms-lint: {_HEADLINES[verdict]} ({relation.value})", ""]
    for change in changes:
        found = change.difference
        if found.verdict is Verdict.NO_NEW_ACCESS and len(changes) > 1:
            continue
        lines += [f"**{_code(change.address)}**: {_HEADLINES[found.verdict]} ({found.relation.value})", ""]
        lines += [f"- because {_code(found.reason)}"] if found.reason else []
        for group in found.groups:
            place = _place(group.statement)
            at = f"{place['path']}:{place['line']}"
            granted = ", ".join(map(_code, group.actions[:8])) + (" and more" if len(group.actions) > 8 else "")
            lines.append(f"- {_code(place['name'])} at {_code(at)} newly grants {granted}")
            lines.append(f"  - for example {_code(group.request.caller.shown)} calls {_code(group.request.action)}")
            lines += [
                f"  - with {_code(key)} = {_code(', '.join(values))}"
                for key, values in sorted(group.request.context.items())
            ]
            lines += [f"  - where {each}" for each in _around(group)]
            lines += [f"  - before: {_code(_before(group.nearest))}"] if group.nearest else []
        lines += [f"- assuming that {_code(each)}" for each in found.assumptions]
        lines.append("")
    return "\n".join(lines).rstrip("\n") + "\n"


def _code(text: str) -> str:
    """Text from files as code, out of which no Markdown or HTML gets."""
    return "`" + visible(text).replace("`", "'").replace("\n", " ") + "`"


def as_sarif(verdict: Verdict, relation: Relation, changes: Sequence[Change]) -> str:
    """One result for each statement that grants something new, and one for each policy that nothing was proved of."""
    import json

    from kms_lint import __version__

    results = [result for change in changes for result in _results(change)]
    rules = [
        {"id": "new-access", "shortDescription": {"text": "A change grants access that was not there before."}},
        {"id": "not-proved", "shortDescription": {"text": "It could not be proved that a change grants nothing new."}},
    ]
    driver = {
        "name": "kms-lint",
        "version": __version__,
        "informationUri": "https://kms-lint.readthedocs.io/en/latest/",
        "rules": rules,
    }
    run = {
        "tool": {"driver": driver},
        "automationDetails": {"id": "kms-lint-diff/"},
        "columnKind": "unicodeCodePoints",
        "properties": {"verdict": verdict.value, "relation": relation.value},
        "results": results,
    }
    report = {"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": [run]}
    return json.dumps(report, indent=2) + "\n"


def _results(change: Change) -> Iterator[dict[str, Any]]:
    for group in change.difference.groups:
        request = group.request
        text = f"{change.address}: {group.statement.name} newly grants {_some(group.actions)}, for example {request.caller.shown}"
        place = _place(group.statement)
        yield _result("new-access", "error", f"{text} calls {request.action}.", place["path"], place["line"])
    if change.difference.verdict is Verdict.UNKNOWN:
        policy = change.new or change.old
        if policy is None:
            yield _result("not-proved", "warning", f"{change.address}: {change.difference.reason}", change.address, 1)
        else:
            span = locate(policy.at)
            line = span.source.position(span.start).line
            yield _result(
                "not-proved", "warning", f"{change.address}: {change.difference.reason}", span.source.path, line
            )


def _result(rule: str, level: str, text: str, path: str, line: int) -> dict[str, Any]:
    place = {"artifactLocation": {"uri": path}, "region": {"startLine": line}}
    return {
        "ruleId": rule,
        "level": level,
        "message": {"text": visible(text)},
        "locations": [{"physicalLocation": place}],
    }
