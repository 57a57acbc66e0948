"""`dynamic` blocks: https://developer.hashicorp.com/terraform/language/expressions/dynamic-blocks ."""

from __future__ import annotations

import time

import pytest

from kms_lint.load.options import Options
from kms_lint.load.terraform.dynamic import MOST_BLOCKS
from kms_lint.model import PolicyKind
from tests.load.terraform_folder import plain, policies, read, there

KEY_POLICY = Options(kind=PolicyKind.KEY)


def statements(body: str, rest: str = "") -> object:
    """The statements of a document with this body."""
    text = f'resource "aws_iam_policy" "p" {{ policy = data.aws_iam_policy_document.it.json }}\n{rest}\n'
    text += f'data "aws_iam_policy_document" "it" {{\n{body}\n}}'
    node = plain(next(iter(policies(text).values())).node)
    assert isinstance(node, dict)
    return node.get("Statement")


def dynamic(type: str, arguments: str, content: str) -> str:
    return f'dynamic "{type}" {{\n{arguments}\ncontent {{\n{content}\n}}\n}}\n'


COLLECTIONS = {
    "a list": ('["a", "b"]', [("0", "a"), ("1", "b")]),
    "a map, in the order of its keys": ('{ b = "1", a = "2" }', [("a", "2"), ("b", "1")]),
    "an empty list": ("[]", []),
    "an empty map": ("{}", []),
    "a local value": ("local.names", [("0", "x")]),
    "numbers": ("[1, true]", [("0", "1"), ("1", "true")]),
}


@pytest.mark.parametrize(("collection", "expected"), COLLECTIONS.values(), ids=list(COLLECTIONS))
def test_what_blocks_are_made_for(collection: str, expected: list[tuple[str, str]]) -> None:
    content = 'sid = "${statement.key}"\nactions = ["a:${statement.value}"]'
    found = statements(dynamic("statement", f"for_each = {collection}", content), 'locals { names = ["x"] }')
    wanted = [{"Sid": key, "Effect": "Allow", "Action": f"a:{value}"} for key, value in expected]
    assert found == (wanted or None)


def test_an_iterator_has_the_name_that_is_given() -> None:
    body = dynamic("statement", 'for_each = [{ sid = "A" }]\niterator = each_one', "sid = each_one.value.sid")
    assert statements(body) == [{"Sid": "A", "Effect": "Allow"}]


def test_blocks_stand_where_they_are_written() -> None:
    body = (
        'statement {\nsid = "A"\n}\n'
        + dynamic("statement", 'for_each = ["B", "C"]', "sid = statement.value")
        + 'statement {\nsid = "D"\n}'
    )
    assert statements(body) == [{"Sid": sid, "Effect": "Allow"} for sid in "ABCD"]


def test_an_inner_block_sees_the_iterator_of_the_outer_one() -> None:
    inner = dynamic(
        "principals",
        "for_each = statement.value.principals\niterator = who",
        "type = who.key\nidentifiers = who.value",
    ) + dynamic(
        "condition",
        "for_each = statement.value.conditions",
        'test = "StringEquals"\nvariable = condition.value\nvalues = [statement.key]',
    )
    body = dynamic("statement", "for_each = local.all", "sid = statement.key\n" + inner)
    local = """
    locals {
      all = {
        One = { principals = { AWS = ["a", "b"], Service = ["c"] }, conditions = [] }
        Two = { principals = {}, conditions = ["aws:x", "aws:y"] }
      }
    }
    """
    assert statements(body, local) == [
        {"Sid": "One", "Effect": "Allow", "Principal": {"AWS": ["b", "a"], "Service": "c"}},
        {"Sid": "Two", "Effect": "Allow", "Condition": {"StringEquals": {"aws:x": "Two", "aws:y": "Two"}}},
    ]


def test_values_stand_where_they_are_written() -> None:
    text = """
    data "aws_iam_policy_document" "it" {
      dynamic "statement" {
        for_each = ["kms:Decrypt", "kms:*"]
        content {
          actions   = [statement.value]
          resources = ["*"]
        }
      }
    }
    """
    (policy,) = policies(text).values()
    found = [value for each in policy.statements for value in (each.actions.values if each.actions else ())]
    assert [str(each) for each in found] == ["kms:Decrypt", "kms:*"]
    assert all(there(each.at).startswith("content {") for each in policy.statements)


def branches(text: str, options: Options = KEY_POLICY) -> dict[str, object]:
    """The statements of the one policy, under each condition."""
    found = {}
    for policy in policies(text, options).values():
        found[policy.branch] = [each.name for each in policy.statements]
    return found


CONDITIONAL = {
    "a conditional block": (
        "for_each = var.on ? [1] : []",
        {"var.on is true": ["Root", "More"], "var.on is false": ["Root"]},
    ),
    "an unknown number of blocks": (
        "for_each = var.names",
        {"var.names is not empty is true": ["Root", "More"], "var.names is not empty is false": ["Root"]},
    ),
    "null": ("for_each = var.on ? [1] : null", {"var.on is true": ["Root", "More"], "var.on is false": ["Root"]}),
    "either way": (
        "for_each = var.on ? [1] : [2]",
        {"var.on is true": ["Root", "More"], "var.on is false": ["Root", "More"]},
    ),
}


@pytest.mark.parametrize(("argument", "expected"), CONDITIONAL.values(), ids=list(CONDITIONAL))
def test_a_block_that_may_be_left_out(argument: str, expected: dict[str, object]) -> None:
    body = 'statement {\nsid = "Root"\n}\n' + dynamic("statement", argument, 'sid = "More"')
    assert branches(f'data "aws_iam_policy_document" "it" {{\n{body}\n}}') == expected


def test_the_only_statement_of_a_document_is_there() -> None:
    body = dynamic(
        "statement", "for_each = var.all", 'sid = statement.key\nactions = statement.value\nresources = ["*"]'
    )
    text = f'data "aws_iam_policy_document" "it" {{\n{body}\n}}'
    (policy,) = policies(text, KEY_POLICY).values()
    (statement,) = policy.statements
    assert statement.actions is not None
    assert [str(each) for each in statement.actions.values] == ["<var.all>"]
    assert not statement.actions.values[0].known
    assert {each.expression for each in policy.unresolved} == {"var.all"}


def test_what_does_not_depend_on_an_unknown_iterator_is_known() -> None:
    inner = dynamic("principals", "for_each = var.accounts", 'type = "AWS"\nidentifiers = [principals.value]')
    assert statements(f"statement {{\n{inner}\n}}") == [{"Effect": "Allow", "Principal": {"AWS": ["<var.accounts>"]}}]
    inner = dynamic("principals", "for_each = var.accounts", 'type = principals.key\nidentifiers = ["*"]')
    assert statements(f"statement {{\n{inner}\n}}") == [{"Effect": "Allow", "Principal": "<var.accounts>"}]


def test_principals_that_may_be_left_out() -> None:
    static = 'principals {\ntype = "AWS"\nidentifiers = ["a"]\n}\n'
    everyone = dynamic("principals", "for_each = var.public", 'type = "AWS"\nidentifiers = ["*"]')
    assert statements(f"statement {{\n{static}{everyone}\n}}") == [
        {
            "Effect": "Allow",
            "Principal": {
                "AWS": ["a", {"var.public is not empty is true": "*", "var.public is not empty is false": None}]
            },
        }
    ]
    everyone = dynamic("principals", "for_each = var.public ? [1] : []", 'type = "*"\nidentifiers = ["*"]')
    assert statements(f"statement {{\n{static}{everyone}\n}}") == [
        {
            "Effect": "Allow",
            "Principal": {
                "var.public is true": {"AWS": "a", "*": "*"},
                "var.public is false": {"AWS": "a"},
            },
        }
    ]


def test_conditions_that_may_be_left_out() -> None:
    content = 'test = "Bool"\nvariable = "aws:SecureTransport"\nvalues = ["true"]'
    conditional = dynamic("condition", "for_each = var.on ? [1] : []", content)
    assert statements(f"statement {{\n{conditional}\n}}") == [
        {
            "Effect": "Allow",
            "Condition": {"var.on is true": {"Bool": {"aws:SecureTransport": "true"}}, "var.on is false": None},
        }
    ]
    unknown = dynamic("condition", "for_each = var.conditions", content)
    assert statements(f"statement {{\n{unknown}\n}}") == [{"Effect": "Allow", "Condition": "<var.conditions>"}]


def test_more_conditions_than_are_told_apart() -> None:
    content = 'test = "Bool"\nvariable = "aws:x"\nvalues = ["true"]'
    body = "".join(dynamic("condition", f"for_each = var.x{n} ? [1] : []", content) for n in range(8))
    found = str(statements(f"statement {{\n{body}\n}}"))
    assert "<var.x7>" in found
    assert "var.x3 is true" in found


BROKEN = {
    "no content": ('dynamic "statement" {\nfor_each = var.x\n}', "var.x"),
    "no for_each": ('dynamic "statement" {\ncontent {\n}\n}', 'dynamic "statement"'),
    "text": (dynamic("statement", 'for_each = "text"', "sid = statement.key\nactions = statement.value"), '"text"'),
    "its own iterator": (
        dynamic("statement", "for_each = statement.value", "actions = statement.value"),
        "statement.value",
    ),
}


@pytest.mark.parametrize(("body", "expression"), BROKEN.values(), ids=list(BROKEN))
def test_a_block_that_cannot_be_made(body: str, expression: str | None) -> None:
    text = f'data "aws_iam_policy_document" "it" {{\n{body}\n}}\nresource "aws_kms_key" "k" {{ policy = data.aws_iam_policy_document.it.json }}'
    assert {each.expression for policy in policies(text).values() for each in policy.unresolved} == {expression}


def test_inline_policies_and_constraints_that_are_made() -> None:
    (document,) = read("""
    resource "aws_iam_role" "r" {
      dynamic "inline_policy" {
        for_each = { a = "kms:Decrypt", b = "kms:*" }
        content {
          name   = inline_policy.key
          policy = jsonencode({ Statement = [{ Effect = "Allow", Action = inline_policy.value, Resource = "*" }] })
        }
      }
      dynamic "inline_policy" {
        for_each = var.more
        content {
          policy = inline_policy.value
        }
      }
    }
    resource "aws_kms_grant" "g" {
      operations = ["Decrypt"]
      dynamic "constraints" {
        for_each = [{ a = "b" }]
        content {
          encryption_context_equals = constraints.value
        }
      }
    }
    resource "aws_kms_grant" "maybe" {
      operations = ["Decrypt"]
      dynamic "constraints" {
        for_each = var.constrained ? [1] : []
        content {
          encryption_context_equals = { a = "b" }
        }
      }
    }
    """)
    said = [
        (
            policy.address,
            policy.branch,
            [str(value) for each in policy.statements if each.actions for value in each.actions.values],
        )
        for policy in document.policies
    ]
    assert said == [
        ("aws_iam_role.r:inline_policy[0]", "", ["kms:Decrypt"]),
        ("aws_iam_role.r:inline_policy[1]", "", ["kms:*"]),
        ("aws_iam_role.r:inline_policy[2]", "var.more is not empty is true", []),
    ]
    sure, maybe = document.grants
    assert [(each.type, each.pairs) for each in sure.constraints] == [("EncryptionContextEquals", 1)]
    assert not sure.constraints_unknown
    assert (maybe.constraints, maybe.constraints_unknown) == ((), True)


def test_more_blocks_than_are_made() -> None:
    values = ", ".join(f'"{n}"' for n in range(MOST_BLOCKS + 10))
    text = 'resource "aws_iam_policy" "p" { policy = data.aws_iam_policy_document.it.json }\n'
    text += f'data "aws_iam_policy_document" "it" {{\n{dynamic("statement", f"for_each = [{values}]", "")}\n}}'
    (policy,) = policies(text).values()
    node = plain(policy.node)
    assert isinstance(node, dict)
    found = node["Statement"]
    assert isinstance(found, list)
    assert len(found) == MOST_BLOCKS + 1
    assert isinstance(found[-1], str)


def test_blocks_within_blocks_within_blocks_end() -> None:
    ones = "[" + ", ".join(["1"] * 1500) + "]"
    innermost = dynamic("condition", "for_each = local.ones", 'test = "Bool"\nvariable = "x"\nvalues = [condition.key]')
    text = f'locals {{ ones = {ones} }}\ndata "aws_iam_policy_document" "it" {{\n'
    text += dynamic("statement", "for_each = local.ones", innermost) + "\n}"
    begun = time.process_time()
    found = policies(text)
    assert time.process_time() - begun < 20
    assert all(policy.problems == () or policy.unresolved for policy in found.values())
