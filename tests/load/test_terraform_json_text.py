"""Policies that are given as text."""

from __future__ import annotations

import pytest

from kms_lint.load.terraform.json_text import decoded
from kms_lint.load.terraform.value import Encoded, Hole, Rendered
from kms_lint.model import Problem
from kms_lint.source import Passage, Source, Span
from kms_lint.syntax.tree import ANYTHING, Items, Mapping, Node, Text, Unknown
from tests.load.terraform_folder import key, plain, policies, there

EXPRESSION = 'replace(jsonencode(local.policy), "x", var.y)'
AT = Span(Source("main.tf", f"policy = {EXPRESSION}\n"), 9, 9 + len(EXPRESSION))


def read(value: Node) -> tuple[Node, list[Problem]]:
    problems: list[Problem] = []
    return decoded(value, problems.append), problems


TEXTS = {
    "known": ('{"Statement": [{"Sid": "A"}]}', {"Statement": [{"Sid": "A"}]}),
    "unknown within text": (f'{{"Sid": "a/{ANYTHING}/b"}}', {"Sid": "a/<x>/b"}),
    "unknown in place of a value": (
        f'{{"Statement": [{ANYTHING}, {{"Sid": "A"}}]}}',
        {"Statement": ["<x>", {"Sid": "A"}]},
    ),
    "unknown as a whole": (ANYTHING, "<x>"),
    "unknown around it": (f"{ANYTHING}}}]}}", "<x>"),
    "names of things to come": ('{"Resource": "<aws_kms_key.k.arn>"}', {"Resource": "<aws_kms_key.k.arn>"}),
}


@pytest.mark.parametrize(("form", "expected"), TEXTS.values(), ids=list(TEXTS))
def test_text_that_a_function_has_made(form: str, expected: object) -> None:
    node, problems = read(Text(form.replace(ANYTHING, "<x>"), AT, form))
    assert problems == []
    assert plain(node) == expected
    pending = [node]
    while pending:
        here = pending.pop()
        assert there(here.at) == EXPRESSION
        if isinstance(here, Mapping):
            pending.extend(each for entry in here.entries for each in entry)
        elif isinstance(here, Items):
            pending.extend(here.values)


def test_the_unknown_parts_stay_unknown() -> None:
    node, _ = read(Text('{"a": "b<x>", "c": "d"}', AT, f'{{"a": "b{ANYTHING}", "c": "d"}}'))
    assert isinstance(node, Mapping)
    a, c = node.get("a"), node.get("c")
    assert isinstance(a, Text)
    assert isinstance(c, Text)
    assert (a.form, a.known, c.known) == (f"b{ANYTHING}", False, True)


def test_text_that_a_function_has_made_and_is_no_json() -> None:
    node, (problem,) = read(Text('{"a": 1,}', AT))
    assert problem.rule == "malformed-policy"
    assert there(problem.at) == EXPRESSION
    assert plain(node) is None
    unsure, problems = read(Text("<aws_x.y.name>", AT))
    assert (plain(unsure), problems) == ("<aws_x.y.name>", [])


def test_text_from_several_files() -> None:
    """Places can be told in one file only: here the whole expression is the place."""
    first, second = Source("a.json", '{"Statement": ['), Source("b.json", '{"Sid": "A"}]}')
    parts = (Passage(first, first.text), Passage(second, second.text))
    node, problems = read(Rendered(first.text + second.text, AT, None, parts))
    assert (plain(node), problems) == ({"Statement": [{"Sid": "A"}]}, [])
    assert there(node.at) == EXPRESSION


def test_text_from_another_file() -> None:
    """As `templatefile` makes it: the places are those in the template."""
    template = Source("policy.json.tpl", '{"Statement": [{"Sid": "${sid}", "Action": ${actions}}]}')
    start, end = template.text.index("${sid}"), template.text.index("${actions}")
    actions = Items([Text("kms:Decrypt", AT)], AT)
    parts = (
        Passage(template, template.text[:start]),
        Hole(Text("Mine", AT), Span(template, start, start + 6)),
        Passage(template, template.text[start + 6 : end], (0,), (start + 6,)),
        Hole(Encoded("jsonencode(actions)", AT, actions), Span(template, end, end + 10)),
        Passage(template, template.text[end + 10 :], (0,), (end + 10,)),
    )
    node, problems = read(Rendered("", AT, ANYTHING, parts))
    assert problems == []
    assert plain(node) == {"Statement": [{"Sid": "Mine", "Action": ["kms:Decrypt"]}]}
    assert isinstance(node, Mapping)
    found = node.get("Statement")
    assert isinstance(found, Items)
    (statement,) = found.values
    assert there(statement.at) == '{"Sid": "${sid}", "Action": ${actions}}'


MALFORMED = {
    "a trailing comma": ('{"Statement": [{"Sid": "A"},]}', ","),
    "a comment": ('{"Statement": [] /* all */}', "/"),
    "a comment of one line": ('{\n  // none\n  "Statement": []}', "/"),
    "single quotes": ("{'Statement': []}", "'"),
}


@pytest.mark.parametrize(("policy", "place"), MALFORMED.values(), ids=list(MALFORMED))
def test_what_is_no_json_is_placed_where_it_breaks(policy: str, place: str) -> None:
    (found,) = key(f'resource "aws_kms_key" "k" {{\npolicy = <<EOT\n{policy}\nEOT\n}}').policies
    (problem,) = found.problems
    assert problem.rule == "malformed-policy"
    assert there(problem.at)[:1] == place


def test_jsonencode_within_text() -> None:
    text = """
    resource "aws_kms_key" "k" {
      policy = <<-EOT
        {"Statement": [${jsonencode({ Sid = "A", Action = local.actions })}, ${jsonencode(var.more)}]}
      EOT
    }
    locals { actions = ["kms:Decrypt"] }
    """
    (policy,) = policies(text).values()
    assert plain(policy.node) == {"Statement": [{"Sid": "A", "Action": ["kms:Decrypt"]}, "<var.more>"]}
    assert policy.statements[0].actions is not None
    assert there(policy.statements[0].actions.values[0].at) == '"kms:Decrypt"'
    assert isinstance(decoded(Unknown("x", AT), lambda _: None), Unknown)
