"""The engine over small worlds made by hand: folding, branches, implication, fingerprints, accounting, errors."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import pytest

from kms_lint.engine import lint
from kms_lint.errors import CheckError
from kms_lint.finding import About, Confidence, Hit, Severity
from kms_lint.model import Document, Effect, Policy, PolicyKind, Statement, Status, Unresolved, World
from kms_lint.rule import Rule
from kms_lint.source import At, Source, Span
from kms_lint.syntax.tree import Text

SOURCE = Source("policy.json", "0123456789\nabcdefghij\nklmnopqrst\n")


def span(start: int, end: int) -> Span:
    return Span(SOURCE, start, end)


def about(id: str, **changes: object) -> About:
    fields: dict[str, object] = {
        "id": id,
        "title": id,
        "severity": Severity.MEDIUM,
        "why": "",
        "fix": {"any": "mend", "json": "mend the JSON"},
        "references": (),
        "since": "0.1.0",
    }
    return About(**{**fields, **changes})  # type: ignore[arg-type]


def statement_rule(
    id: str, *hits: Hit, when: Callable[[Statement], bool] = lambda statement: True, **changes: object
) -> Rule:
    def run(statement: Statement, world: World) -> Iterator[Hit]:
        if when(statement):
            yield from hits

    return Rule(about(id, **changes), Statement, run)


def statement(sid: str = "A", at: Span | None = None) -> Statement:
    at = at or span(0, 10)
    return Statement(PolicyKind.KEY, None, 0, at, sid=Text(sid, at), effect=Effect.ALLOW, effect_text=Text("Allow", at))


def policy(
    *statements: Statement,
    address: str = "aws_kms_key.a",
    branch: str = "",
    unresolved: tuple[Unresolved, ...] = (),
    kind: PolicyKind = PolicyKind.KEY,
) -> Policy:
    return Policy(kind, address, span(0, 32), statements, branch=branch, unresolved=unresolved)


def world(*policies: Policy, status: Status = Status.JUDGED) -> World:
    return World((Document("policy.json", "json", "policy", SOURCE, status, policies=policies),))


HERE = Hit(span(2, 5), "here")


def found(rules: Iterable[Rule], of: World, **options: bool) -> list[tuple[str, str | None, str]]:
    return [(finding.about.id, finding.resource, finding.message) for finding in lint(of, rules, **options).findings]


def test_a_finding_says_where_what_and_how_to_mend_it_in_its_format() -> None:
    (finding,) = lint(world(policy(statement("Use"))), [statement_rule("flaw", HERE)]).findings
    assert (finding.span, finding.statement, finding.kind, finding.resource) == (
        span(2, 5),
        "Use",
        "key-policy",
        "aws_kms_key.a",
    )
    assert (finding.value, finding.fix, finding.severity) == ("234", "mend the JSON", Severity.MEDIUM)


def test_one_place_is_one_finding_with_its_instances() -> None:
    one = policy(statement(), address="aws_kms_key.a[0]")
    two = policy(statement(), address="aws_kms_key.a[1]")
    (finding,) = lint(world(one, two), [statement_rule("flaw", HERE)]).findings
    assert (finding.resource, finding.instances) == ("aws_kms_key.a[0]", ("aws_kms_key.a[0]", "aws_kms_key.a[1]"))


def test_one_place_consumed_as_two_kinds_is_two_findings() -> None:
    of = world(policy(statement()), policy(statement(), kind=PolicyKind.IDENTITY))
    assert {finding.kind for finding in lint(of, [statement_rule("flaw", HERE)]).findings} == {
        "key-policy",
        "identity-policy",
    }


def test_a_finding_of_some_branches_only_names_what_they_share() -> None:
    of = world(
        *(
            policy(statement(sid), branch=branch)
            for sid, branch in (
                ("A", "P is true and Q is true"),
                ("A", "P is true and Q is false"),
                ("B", "P is false and Q is true"),
                ("B", "P is false and Q is false"),
            )
        )
    )
    rules = [statement_rule("flaw", HERE, when=lambda statement: statement.sid == "A")]
    assert found(rules, of) == [("flaw", "aws_kms_key.a", "here (when P is true)")]
    assert found([statement_rule("flaw", HERE)], of) == [("flaw", "aws_kms_key.a", "here")]


def test_the_smaller_finding_is_dropped_on_the_same_statement_only() -> None:
    greater = statement_rule("greater", HERE, when=lambda statement: statement.sid == "A")
    smaller = statement_rule("smaller", Hit(span(6, 8), "small"), Hit(span(11, 13), "small"), implied_by=("greater",))
    assert found([greater, smaller], world(policy(statement("A")))) == [("greater", "aws_kms_key.a", "here")]
    assert found([smaller], world(policy(statement("A"))))[0] == ("smaller", "aws_kms_key.a", "small")
    assert [id for id, _, _ in found([greater, smaller], world(policy(statement("B"))))] == ["smaller", "smaller"]


@pytest.mark.parametrize(
    ("weight", "place", "reported"),
    [
        pytest.param(Severity.HIGH, span(6, 8), ["greater"], id="as grave"),
        pytest.param(Severity.LOW, span(6, 8), ["greater", "smaller"], id="less grave"),
        pytest.param(Severity.LOW, HERE.at, ["greater"], id="less grave, of the same place"),
    ],
)
def test_what_a_hit_says_to_be_implied_hides_nothing_graver_elsewhere(
    weight: Severity, place: At, reported: list[str]
) -> None:
    greater = statement_rule("greater", HERE._replace(severity=weight))
    smaller = statement_rule("smaller", Hit(place, "small", severity=Severity.HIGH, implied_by=("greater",)))
    assert [id for id, _, _ in found([greater, smaller], world(policy(statement())))] == reported


def test_a_possible_finding_is_reported_when_asked_for_and_silences_no_certain_one() -> None:
    maybe = statement_rule("greater", HERE._replace(confidence=Confidence.POSSIBLE))
    smaller = statement_rule("smaller", HERE, implied_by=("greater",))
    assert [id for id, _, _ in found([maybe, smaller], world(policy(statement())))] == ["smaller"]
    assert [id for id, _, _ in found([maybe, smaller], world(policy(statement())), include_possible=True)] == [
        "greater",
        "smaller",
    ]


def test_fingerprints_are_unique_and_do_not_depend_on_lines() -> None:
    def prints(shift: int) -> list[str]:
        at = span(2 + shift, 5 + shift)
        hits = (Hit(at, "x", value="v"), Hit(span(6 + shift, 8 + shift), "x", value="v"))
        return [
            finding.fingerprint
            for finding in lint(world(policy(statement())), [statement_rule("flaw", *hits)]).findings
        ]

    assert prints(0) == prints(11)
    assert len(set(prints(0))) == 2


def test_values_that_look_like_secrets_are_masked() -> None:
    key = "AKIA" + "ABCDEFGH12345678"
    (finding,) = lint(world(policy(statement())), [statement_rule("flaw", HERE._replace(value=f"id {key}"))]).findings
    assert finding.value == "id ****"


def test_every_file_is_accounted_for() -> None:
    hole = Unresolved("var.policy", "only known at apply time", span(2, 5))
    documents = (
        *world(policy(statement())).documents,
        *world(policy(unresolved=(hole,))).documents,
        *world(status=Status.MALFORMED).documents,
        *world(status=Status.SKIPPED).documents,
        *world(policy(kind=PolicyKind.TRUST, unresolved=(hole,))).documents,
    )
    report = lint(World(documents), [statement_rule("flaw", HERE)])
    counted = report.summary
    assert (counted.documents, counted.judged, counted.unresolved, counted.malformed, counted.skipped) == (
        5,
        2,
        1,
        1,
        1,
    )
    assert [(place.resource, place.expression, place.line) for place in report.unresolved] == [
        ("aws_kms_key.a", "var.policy", 1)
    ]
    assert counted.findings == {"medium": 1}


def test_a_check_that_raises_fails_the_run_and_names_rule_and_place() -> None:
    def broken(statement: Statement, world: World) -> Iterator[Hit]:
        raise ZeroDivisionError
        yield

    with pytest.raises(CheckError, match="rule broken failed") as raised:
        lint(world(policy(statement(at=span(11, 20)))), [Rule(about("broken"), Statement, broken)])
    assert str(raised.value).startswith("policy.json:2:1: ")


def test_policies_that_say_nothing_about_kms_are_passed_over() -> None:
    of = world(policy(statement(), kind=PolicyKind.TRUST), policy(statement(), kind=PolicyKind.RESOURCE))
    assert found([statement_rule("flaw", HERE)], of) == []
