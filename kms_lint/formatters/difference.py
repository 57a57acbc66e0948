"""What `kms-lint diff` found, as JSON and SARIF, and the words for it that all formats share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final, NamedTuple

from kms_lint.formatters.visible import visible
from kms_lint.model import PolicyKind, Statement
from kms_lint.reason.difference import Relation, Verdict
from kms_lint.reason.groups import Group, Nearest
from kms_lint.reason.worlds import Change
from kms_lint.spelling import first_of
from kms_lint.syntax import locate

_LIMITS: Final = frozenset({PolicyKind.SCP, PolicyKind.RCP, PolicyKind.VPC_ENDPOINT})
SHOWN: Final = 4
"""As many actions or values are named in a sentence."""


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
        "statement": first and place_of(first.statement),
        "nearest": first and _nearest(first.nearest),
        "reason": found.reason or None,
        "assumptions": list(found.assumptions),
        "groups": [
            {
                "statement": place_of(group.statement),
                "actions": list(group.actions),
                "counterexample": _counterexample(group),
                "nearest": _nearest(group.nearest),
                "differences": [each._asdict() for each in elements(group)],
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


def place_of(statement: Statement) -> dict[str, Any]:
    """A statement by its name and its line."""
    span = locate(statement.at)
    return {"name": statement.name, "path": span.source.path, "line": span.source.position(span.start).line}


def _nearest(nearest: Nearest | None) -> dict[str, Any] | None:
    if nearest is None:
        return None
    return {**place_of(nearest.statement), "elements": list(nearest.elements), "denied": nearest.denied}


def around(group: Group) -> Iterator[str]:
    """What besides the policy has to be so for the example."""
    found = group.around
    if found is None or group.request.caller.account is None:
        return
    if not found.account:
        yield "the caller has a permissions boundary"
        return
    if found.account != group.request.caller.account or found.identity_allows:
        yield "the caller's IAM policies allow it" if found.identity_allows else "no IAM policy of the caller allows it"
    else:
        yield "no IAM policy of the caller has to allow it"
    if not found.limits_allow:
        yield "the caller's permissions boundary or session policy does not allow it"
    if found.bounded:
        yield "the caller has a permissions boundary"


def before(nearest: Nearest) -> str:
    """The old statement that comes nearest."""
    place = place_of(nearest.statement)
    name = f"statement {place['name']} at {place['path']}:{place['line']}"
    if nearest.denied:
        return f"{name} denied this"
    return f"{name} comes nearest, and differs in {', '.join(nearest.elements)}"


def granting(group: Group) -> str:
    """What a statement does with the actions that are named after this."""
    if group.statement.kind not in _LIMITS:
        return f"statement {group.statement.name} newly grants"
    if group.nearest is not None and group.nearest.denied:
        return "no longer denied are"
    return f"statement {group.statement.name} newly lets through"


class Element(NamedTuple):
    """An element in which the nearest old statement differs, as it was and as it is; `None` where there is none."""

    element: str
    old: str | None
    new: str | None


def elements(group: Group) -> Iterator[Element]:
    """The elements in which a statement differs from the one before, with what they say."""
    if group.nearest is None or group.nearest.denied:
        return
    for name in group.nearest.elements:
        kind = name.removeprefix("Not")
        yield Element(name, _said(group.nearest.statement, kind), _said(group.statement, kind))


def _said(statement: Statement, name: str) -> str | None:
    """What a statement says in an element: `Principal`, `Action`, `Resource`, or a condition by operator and key."""
    if name == "Principal":
        named = statement.principals
        return named and ("not " if named.negated else "") + _listed(str(each.value) for each in named.values)
    if name in ("Action", "Resource"):
        patterns = statement.actions if name == "Action" else statement.resources
        return patterns and ("not " if patterns.negated else "") + _listed(map(str, patterns.values))
    for each in statement.conditions:
        if f"{each.operator.text} {each.key}" == name:
            return _listed(map(str, each.values))
    return None


def _listed(values: Iterable[str]) -> str:
    return first_of(sorted(values), SHOWN)


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
        text = (
            f"{change.address}: {granting(group)} {first_of(group.actions, SHOWN)}, for example {request.caller.shown}"
        )
        place = place_of(group.statement)
        yield _result("new-access", "error", f"{text} calls {request.action}.", place["path"], place["line"])
    if change.difference.verdict is Verdict.UNKNOWN:
        policy = change.new or change.old
        at = change.at if policy is None else policy.at
        if at is None:
            yield _result("not-proved", "warning", f"{change.address}: {change.difference.reason}", change.address, 1)
        else:
            span = locate(at)
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
