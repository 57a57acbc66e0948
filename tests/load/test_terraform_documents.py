"""What `data "aws_iam_policy_document"` gives.

The examples, and what they evaluate to, are those of the provider's documentation, but for the empty Sids, which the
provider has left out since version 2:
https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/iam_policy_document
How it reads and merges documents: https://github.com/hashicorp/terraform-provider-aws/blob/main/internal/service/iam/policy_model.go
"""

from __future__ import annotations

import pytest

from kms_lint.load.options import Options
from tests.load.terraform_folder import plain, policies, read, there

CONSUMER = 'resource "aws_iam_policy" "p" { policy = data.aws_iam_policy_document.it.json }\n'


def rendered(text: str, attribute: str = "json") -> object:
    """The policy of `data.aws_iam_policy_document.it`."""
    consumer = CONSUMER.replace(".json", f".{attribute}")
    return plain(next(iter(policies(consumer + text).values())).node)


def statements(text: str) -> list[object]:
    found = rendered(text)
    assert isinstance(found, dict)
    return list(found.get("Statement", ()))


def block(name: str, body: str) -> str:
    return f'data "aws_iam_policy_document" "{name}" {{\n{body}\n}}\n'


def statement(sid: str, action: str, more: str = "") -> str:
    named = f'sid = "{sid}"\n' if sid else ""
    return f'statement {{\n{named}actions = ["{action}"]\nresources = ["*"]\n{more}\n}}'


def plainly(sid: str, action: str, effect: str = "Allow") -> dict[str, str]:
    named = {"Sid": sid} if sid else {}
    return {**named, "Effect": effect, "Action": action, "Resource": "*"}


EXAMPLES = {
    "multiple condition keys": (
        """
        data "aws_iam_policy_document" "it" {
          statement {
            actions = [
              "kms:Decrypt",
              "kms:GenerateDataKey"
            ]
            resources = ["*"]
            condition {
              test     = "ForAnyValue:StringEquals"
              variable = "kms:EncryptionContext:service"
              values   = ["pi"]
            }
            condition {
              test     = "ForAnyValue:StringEquals"
              variable = "kms:EncryptionContext:aws:pi:service"
              values   = ["rds"]
            }
          }
        }
        """,
        [
            {
                "Effect": "Allow",
                "Action": ["kms:GenerateDataKey", "kms:Decrypt"],
                "Resource": "*",
                "Condition": {
                    "ForAnyValue:StringEquals": {
                        "kms:EncryptionContext:aws:pi:service": "rds",
                        "kms:EncryptionContext:service": "pi",
                    }
                },
            }
        ],
    ),
    "basic": (
        """
        variable "s3_bucket_name" { default = "b" }
        data "aws_iam_policy_document" "it" {
          statement {
            sid = "1"
            actions = ["s3:ListAllMyBuckets", "s3:GetBucketLocation"]
            resources = ["arn:aws:s3:::*"]
          }
          statement {
            actions = ["s3:ListBucket"]
            resources = ["arn:aws:s3:::${var.s3_bucket_name}"]
            condition {
              test     = "StringLike"
              variable = "s3:prefix"
              values = ["", "home/", "home/&{aws:username}/"]
            }
          }
          statement {
            actions = ["s3:*"]
            resources = [
              "arn:aws:s3:::${var.s3_bucket_name}/home/&{aws:username}",
              "arn:aws:s3:::${var.s3_bucket_name}/home/&{aws:username}/*",
            ]
          }
        }
        """,
        [
            {
                "Sid": "1",
                "Effect": "Allow",
                "Action": ["s3:ListAllMyBuckets", "s3:GetBucketLocation"],
                "Resource": "arn:aws:s3:::*",
            },
            {
                "Effect": "Allow",
                "Action": "s3:ListBucket",
                "Resource": "arn:aws:s3:::b",
                "Condition": {"StringLike": {"s3:prefix": ["", "home/", "home/${aws:username}/"]}},
            },
            {
                "Effect": "Allow",
                "Action": "s3:*",
                "Resource": ["arn:aws:s3:::b/home/${aws:username}/*", "arn:aws:s3:::b/home/${aws:username}"],
            },
        ],
    ),
    "multiple principals": (
        """
        data "aws_iam_policy_document" "it" {
          statement {
            actions = ["sts:AssumeRole"]
            principals {
              type        = "Service"
              identifiers = ["firehose.amazonaws.com"]
            }
            principals {
              type        = "AWS"
              identifiers = [var.trusted_role_arn]
            }
            principals {
              type        = "Federated"
              identifiers = ["arn:aws:iam::${var.account_id}:saml-provider/x", "cognito-identity.amazonaws.com"]
            }
          }
        }
        """,
        [
            {
                "Effect": "Allow",
                "Action": "sts:AssumeRole",
                "Principal": {
                    "Service": "firehose.amazonaws.com",
                    "AWS": ["<var.trusted_role_arn>"],
                    "Federated": [
                        "cognito-identity.amazonaws.com",
                        "arn:aws:iam::<var.account_id>:saml-provider/x",
                    ],
                },
            }
        ],
    ),
    "source document": (
        block("source", statement("", "ec2:*") + statement("SidToOverride", "s3:*"))
        + """
        data "aws_iam_policy_document" "it" {
          source_policy_documents = [data.aws_iam_policy_document.source.json]
          statement {
            sid = "SidToOverride"
            actions = ["s3:*"]
            resources = ["arn:aws:s3:::somebucket", "arn:aws:s3:::somebucket/*"]
          }
        }
        """,
        [
            plainly("", "ec2:*"),
            {
                "Sid": "SidToOverride",
                "Effect": "Allow",
                "Action": "s3:*",
                "Resource": ["arn:aws:s3:::somebucket/*", "arn:aws:s3:::somebucket"],
            },
        ],
    ),
    "override document": (
        block("override", statement("SidToOverride", "s3:*"))
        + """
        data "aws_iam_policy_document" "it" {
          override_policy_documents = [data.aws_iam_policy_document.override.json]
          statement {
            actions   = ["ec2:*"]
            resources = ["*"]
          }
          statement {
            sid = "SidToOverride"
            actions = ["s3:*"]
            resources = ["arn:aws:s3:::somebucket", "arn:aws:s3:::somebucket/*"]
          }
        }
        """,
        [plainly("", "ec2:*"), plainly("SidToOverride", "s3:*")],
    ),
    "both source and override documents": (
        block("source", statement("OverridePlaceholder", "ec2:DescribeAccountAttributes"))
        + block("override", statement("OverridePlaceholder", "s3:GetObject"))
        + """
        data "aws_iam_policy_document" "it" {
          source_policy_documents   = [data.aws_iam_policy_document.source.json]
          override_policy_documents = [data.aws_iam_policy_document.override.json]
        }
        """,
        [plainly("OverridePlaceholder", "s3:GetObject")],
    ),
    "merging source documents": (
        block("source_one", statement("", "ec2:*") + statement("UniqueSidOne", "s3:*"))
        + block("source_two", statement("UniqueSidTwo", "iam:*") + statement("", "lambda:*"))
        + """
        data "aws_iam_policy_document" "it" {
          source_policy_documents = [
            data.aws_iam_policy_document.source_one.json,
            data.aws_iam_policy_document.source_two.json
          ]
        }
        """,
        [
            plainly("", "ec2:*"),
            plainly("UniqueSidOne", "s3:*"),
            plainly("UniqueSidTwo", "iam:*"),
            plainly("", "lambda:*"),
        ],
    ),
    "merging override documents": (
        block("policy_one", statement("OverridePlaceHolderOne", "s3:*"))
        + block("policy_two", statement("", "ec2:*") + statement("OverridePlaceHolderTwo", "iam:*"))
        + block("policy_three", statement("OverridePlaceHolderOne", "logs:*", 'effect = "Deny"'))
        + """
        data "aws_iam_policy_document" "it" {
          override_policy_documents = [
            data.aws_iam_policy_document.policy_one.json,
            data.aws_iam_policy_document.policy_two.json,
            data.aws_iam_policy_document.policy_three.json
          ]
          statement {
            sid    = "OverridePlaceHolderTwo"
            effect = "Deny"
            actions   = ["*"]
            resources = ["*"]
          }
        }
        """,
        [
            plainly("OverridePlaceHolderTwo", "iam:*"),
            plainly("OverridePlaceHolderOne", "logs:*", "Deny"),
            plainly("", "ec2:*"),
        ],
    ),
}


@pytest.mark.parametrize(("text", "expected"), EXAMPLES.values(), ids=list(EXAMPLES))
def test_an_example_of_the_documentation(text: str, expected: list[object]) -> None:
    assert rendered(text) == {"Version": "2012-10-17", "Statement": expected}
    assert rendered(text, "minified_json") == {"Version": "2012-10-17", "Statement": expected}


PRINCIPALS = {
    "everyone": ('type = "*"', '["*"]', "*"),
    "everyone of a type": ('type = "AWS"', '["*"]', {"AWS": "*"}),
    "each once, backwards": ('type = "AWS"', '["a", "c", "b", "a"]', {"AWS": ["c", "b", "a"]}),
    "variables": (
        'type = "AWS"',
        '["arn:aws:iam::1:user/&{aws:username}"]',
        {"AWS": "arn:aws:iam::1:user/${aws:username}"},
    ),
    "none": ('type = "AWS"', "[]", {"AWS": []}),
    "unknown": ('type = "AWS"', "var.arns", {"AWS": "<var.arns>"}),
    "unknown in part": ('type = "AWS"', '[var.arn, "a"]', {"AWS": ["a", "<var.arn>"]}),
    "unknown type": ("type = var.type", '["a"]', {"<var.type>": "a"}),
}


@pytest.mark.parametrize(("type", "identifiers", "expected"), PRINCIPALS.values(), ids=list(PRINCIPALS))
@pytest.mark.parametrize(("kind", "element"), [("principals", "Principal"), ("not_principals", "NotPrincipal")])
def test_principals(type: str, identifiers: str, expected: object, kind: str, element: str) -> None:
    body = f"statement {{\n{kind} {{\n{type}\nidentifiers = {identifiers}\n}}\n}}"
    assert statements(block("it", body)) == [{"Effect": "Allow", element: expected}]


CONDITIONS = {
    "in the order in which they are written": ('values = ["b", "a", "b"]', ["b", "a", "b"]),
    "one": ('values = ["a"]', "a"),
    "none": ("values = []", []),
    "variables": ('values = ["&{aws:username}"]', "${aws:username}"),
    "unknown": ("values = var.values", "<var.values>"),
}


@pytest.mark.parametrize(("values", "expected"), CONDITIONS.values(), ids=list(CONDITIONS))
def test_values_of_a_condition(values: str, expected: object) -> None:
    body = f'statement {{\ncondition {{\ntest = "StringLike"\nvariable = "aws:x"\n{values}\n}}\n}}'
    assert statements(block("it", body)) == [{"Effect": "Allow", "Condition": {"StringLike": {"aws:x": expected}}}]


def test_elements_that_are_lists() -> None:
    body = """
    statement {
      not_actions   = ["a", "b", "a"]
      not_resources = ["&{aws:username}", "*"]
    }
    statement {
      actions   = ["&{aws:username}"]
      resources = []
    }
    statement {
      actions   = var.all ? ["b", "a"] : []
      resources = null
    }
    """
    assert statements(block("it", body)) == [
        {"Effect": "Allow", "NotAction": ["b", "a"], "NotResource": ["*", "${aws:username}"]},
        {"Effect": "Allow", "Action": "&{aws:username}"},
        {"Effect": "Allow", "Action": {"var.all is true": ["b", "a"], "var.all is false": None}},
    ]


VERSIONS = {
    "its own": ('version = "2008-10-17"\npolicy_id = "own"', "2008-10-17", "own"),
    "none": ("", "2012-10-17", None),
    "a later one of a source": (
        'version = "2008-10-17"\npolicy_id = "own"\nsource_policy_documents = [local.new]',
        "2012-10-17",
        "own",
    ),
    "an earlier one of an override": ("override_policy_documents = [local.old]", "2012-10-17", "old"),
    "the last id": ('policy_id = "own"\noverride_policy_documents = [local.old, local.new, "{}"]', "2012-10-17", "new"),
    "only earlier ones": ('version = "2008-10-17"\nsource_json = local.old', "2008-10-17", "old"),
    "unknown": ("version = var.version\npolicy_id = var.id", "<var.version>", "<var.id>"),
}


@pytest.mark.parametrize(("body", "version", "identifier"), VERSIONS.values(), ids=list(VERSIONS))
def test_version_and_id(body: str, version: str, identifier: str | None) -> None:
    local = """
    locals {
      old = jsonencode({ Version = "2008-10-17", Id = "old", Statement = [] })
      new = jsonencode({ Version = "2012-10-17", Id = "new", Statement = [] })
    }
    """
    expected = {"Version": version} if identifier is None else {"Version": version, "Id": identifier}
    assert rendered(block("it", body) + local) == expected


def test_the_arguments_of_old_versions() -> None:
    text = block("old", statement("A", "old:A") + statement("B", "old:B")) + block(
        "it",
        """
        source_json             = data.aws_iam_policy_document.old.json
        override_json           = jsonencode({ Statement = [{ Sid = "B", Effect = "Deny" }] })
        override_policy_documents = [jsonencode({ Statement = [{ Sid = "B", Effect = "Allow" }] }), null]
        """
        + statement("C", "own:C"),
    )
    assert statements(text) == [plainly("A", "old:A"), {"Sid": "B", "Effect": "Deny"}, plainly("C", "own:C")]


def test_what_is_not_known_is_kept_as_one_statement() -> None:
    text = block(
        "it",
        "source_policy_documents = [var.base, data.aws_iam_policy_document.none.json]\n"
        "override_policy_documents = var.overrides\n" + statement("A", "own:A"),
    )
    assert statements(text) == [
        "<var.base>",
        "<data.aws_iam_policy_document.none.json>",
        "<var.overrides>",
        "<var.overrides>",
    ]
    (policy,) = policies(CONSUMER + text).values()
    assert {each.expression for each in policy.unresolved} == {
        "var.base",
        "data.aws_iam_policy_document.none.json",
        "var.overrides",
    }


def actions(text: str) -> dict[str, list[tuple[str, list[str]]]]:
    """The Sid and the actions of each statement, under each condition."""
    found = policies(CONSUMER + text)
    return {
        policy.branch: [
            (each.name, [str(value) for value in each.actions.values] if each.actions else [])
            for each in policy.statements
        ]
        for policy in found.values()
    }


def test_an_override_under_a_condition_replaces_under_that_condition() -> None:
    text = (
        block("strict", statement("A", "strict:A") + statement("N", "strict:N"))
        + block("loose", statement("B", "loose:B"))
        + block(
            "it",
            "override_policy_documents = "
            "[var.strict ? data.aws_iam_policy_document.strict.json : data.aws_iam_policy_document.loose.json]\n"
            + statement("A", "own:A")
            + statement("B", "own:B"),
        )
    )
    assert actions(text) == {
        "var.strict is true": [("A", ["strict:A"]), ("B", ["own:B"]), ("N", ["strict:N"])],
        "var.strict is false": [("A", ["own:A"]), ("B", ["loose:B"])],
    }


def test_documents_under_conditions_replace_one_another() -> None:
    text = (
        block("one", statement("A", "one:A"))
        + block("two", statement("A", "two:A"))
        + block(
            "it",
            """
            source_policy_documents   = var.one ? [data.aws_iam_policy_document.one.json] : []
            override_policy_documents = var.two ? [data.aws_iam_policy_document.two.json] : []
            """,
        )
    )
    assert actions(text) == {
        "var.one is true and var.two is true": [("A", ["two:A"])],
        "var.one is true and var.two is false": [("A", ["one:A"])],
        "var.one is false and var.two is true": [("A", ["two:A"])],
        "var.one is false and var.two is false": [],
    }


def test_places_are_those_of_the_document_that_says_it() -> None:
    text = block("base", statement("A", "kms:Decrypt")) + block(
        "it", "source_policy_documents = [data.aws_iam_policy_document.base.json]"
    )
    (policy,) = policies(CONSUMER + text).values()
    (found,) = policy.statements
    assert found.actions is not None
    assert found.sid is not None
    assert [there(each.at) for each in (found.sid, *found.actions.values)] == ['"A"', '"kms:Decrypt"']
    assert there(found.at).startswith("statement {")
    assert policy.consumer is not None
    assert there(policy.consumer) == "policy = data.aws_iam_policy_document.it.json"


LOST = {
    "a number": (
        'Effect = "Allow", Condition = { NumericLessThan = { "aws:MultiFactorAuthAge" = 3600 } }',
        {"Effect": "Allow"},
        "the condition on `aws:MultiFactorAuthAge` is lost when documents are merged, because its value is a number: "
        'write `"3600"`',
        "3600",
    ),
    "a principal without a type": (
        'Effect = "Allow", Principal = "arn:aws:iam::111122223333:root"',
        {"Effect": "Allow", "Principal": "*"},
        "`Principal` is `arn:aws:iam::111122223333:root` without its type, which becomes `*`, everyone, when documents "
        'are merged: write {"AWS": "arn:aws:iam::111122223333:root"}',
        '"arn:aws:iam::111122223333:root"',
    ),
    "nothing": (
        'Principal = { AWS = ["a", "b"] }, Condition = { Bool = { "aws:SecureTransport" = true, x = ["y"] } }',
        {
            "Principal": {"AWS": ["b", "a"]},
            "Condition": {"Bool": {"aws:SecureTransport": "true", "x": "y"}},
        },
        None,
        None,
    ),
}


@pytest.mark.parametrize(("entries", "expected", "message", "place"), LOST.values(), ids=list(LOST))
def test_what_the_provider_makes_of_a_document_that_it_merges(
    entries: str, expected: object, message: str | None, place: str | None
) -> None:
    text = block("it", f"source_policy_documents = [jsonencode({{ Statement = [{{ {entries} }}] }})]")
    assert statements(text) == [expected]
    (document,) = read(CONSUMER + text)
    assert [(each.rule, each.message, there(each.at)) for each in document.problems] == (
        [] if message is None else [("malformed-policy", message, place)]
    )


REFUSED = {
    "a Sid twice in the block": (
        block("it", statement("A", "a") + statement("A", "b")),
        "the Sid `A` occurs twice in this document, which Terraform refuses: give one of the two another Sid",
        '"A"',
    ),
    "a Sid twice in the block, and in a source": (
        block("one", statement("A", "a"))
        + block(
            "it",
            "source_policy_documents = [data.aws_iam_policy_document.one.json]\n"
            + statement("A", "b")
            + statement("A", "c"),
        ),
        "the Sid `A` occurs twice in this document, which Terraform refuses: give one of the two another Sid",
        '"A"',
    ),
    "a Sid twice in the sources": (
        block("one", statement("A", "a"))
        + block(
            "it",
            "source_policy_documents = [data.aws_iam_policy_document.one.json, data.aws_iam_policy_document.one.json]",
        ),
        "the Sid `A` occurs twice in `source_policy_documents`, which Terraform refuses: "
        "give one of the two another Sid",
        '"A"',
    ),
    "one statement that is not in a list": (
        block("it", 'source_policy_documents = [jsonencode({ Statement = { Sid = "A" } })]'),
        "only documents whose `Statement` is a list can be merged: write `[…]` around this object",
        '{ Sid = "A" }',
    ),
    "text that is no JSON": (
        block("it", 'source_policy_documents = ["{,}"]'),
        "this should be a policy, and is not JSON: expected a name in double quotes",
        ",",
    ),
}


@pytest.mark.parametrize(("text", "message", "place"), REFUSED.values(), ids=list(REFUSED))
def test_what_terraform_refuses_to_merge(text: str, message: str, place: str) -> None:
    (document,) = read(CONSUMER + text)
    (problem,) = [each for each in document.problems if each.rule == "malformed-policy"]
    assert (problem.rule, problem.message, there(problem.at)) == ("malformed-policy", message, place)


def test_sids_that_exclude_each_other_are_not_twice_there() -> None:
    text = block("one", statement("A", "a")) + block(
        "it",
        "source_policy_documents = [var.x ? data.aws_iam_policy_document.one.json : "
        "data.aws_iam_policy_document.one.json]",
    )
    (document,) = read(CONSUMER + text)
    assert document.problems == ()


def test_statements_with_a_sid_that_is_not_known_are_all_kept() -> None:
    text = block("it", statement("${var.sid}", "a") + statement("${var.sid}", "b") + statement("", "c"))
    assert [each for _, each in actions(text)[""]] == [["a"], ["b"], ["c"]]


def test_many_documents_with_one_sid_end() -> None:
    parts = "".join(block(f"d{n}", statement("A", f"a:{n}")) for n in range(200))
    names = ", ".join(f'var.x{n} ? data.aws_iam_policy_document.d{n}.json : ""' for n in range(200))
    found = policies(CONSUMER + parts + block("it", f"override_policy_documents = [{names}]"))
    reason = "too many conditions decide which of the statements with this Sid is left"
    assert ("A", reason) in {(each.expression, each.message) for policy in found.values() for each in policy.unresolved}


def test_a_document_is_judged_by_what_it_says_when_nobody_attaches_it() -> None:
    text = block("it", statement("A", "kms:Decrypt"))
    (policy,) = policies(text, Options()).values()
    assert (policy.address, policy.kind.value) == ("data.aws_iam_policy_document.it", "identity-policy")


JOINED = """
variable "more" {{}}

data "aws_iam_policy_document" "p" {{
  statement {{
    actions   = ["kms:Decrypt"]
    resources = ["*"]
    condition {{
      test     = "{test}"
      variable = "kms:ViaService"
      values   = ["s3.us-east-1.amazonaws.com"]
    }}
    {second}
  }}
}}

resource "aws_iam_policy" "p" {{
  policy = data.aws_iam_policy_document.p.json
}}
"""
SECOND = """condition {{
      test     = "{test}"
      variable = "{variable}"
      values   = {values}
    }}"""
DYNAMIC = """dynamic "condition" {
      for_each = var.more ? ["x"] : []
      content {
        test     = "StringEquals"
        variable = "kms:ViaService"
        values   = [condition.value]
      }
    }"""


@pytest.mark.parametrize(
    ("test", "second", "told"),
    [
        pytest.param(
            "StringEquals",
            SECOND.format(test="StringEquals", variable="kms:ViaService", values='["sqs.us-east-1.amazonaws.com"]'),
            True,
            id="another value",
        ),
        pytest.param(
            "StringEquals",
            SECOND.format(test="StringEquals", variable="kms:ViaService", values='["s3.us-east-1.amazonaws.com"]'),
            False,
            id="the same value",
        ),
        pytest.param(
            "StringNotEquals",
            SECOND.format(test="StringNotEquals", variable="kms:ViaService", values='["sqs.us-east-1.amazonaws.com"]'),
            False,
            id="neither may be, joined or not",
        ),
        pytest.param(
            "StringEquals",
            SECOND.format(test="StringLike", variable="kms:ViaService", values='["s3.*"]'),
            False,
            id="another test",
        ),
        pytest.param(
            "StringEquals",
            SECOND.format(test="StringEquals", variable="var.more", values='["x"]').replace('"var.more"', "var.more"),
            False,
            id="a variable that is not known",
        ),
        pytest.param("StringEquals", DYNAMIC, False, id="one that may not be there"),
    ],
)
def test_conditions_that_the_provider_joins_are_told(test: str, second: str, told: bool) -> None:
    (document,) = read(JOINED.format(test=test, second=second))
    problems = [each for policy in document.every_policy() for each in policy.problems] + [*document.problems]
    assert ["overridden-statement"] * told == [each.rule for each in problems if each.rule == "overridden-statement"]


@pytest.mark.parametrize(
    "given",
    [
        'join("", data.aws_iam_policy_document.p[*].json)',
        'join("", data.aws_iam_policy_document.p.*.json)',
        'join(",", [data.aws_iam_policy_document.p[0].json])',
    ],
)
def test_a_document_that_is_joined_with_nothing_is_itself(given: str) -> None:
    text = """
data "aws_iam_policy_document" "p" {
  count = 1
  statement {
    actions   = ["kms:*"]
    resources = ["*"]
    principals {
      type        = "AWS"
      identifiers = ["*"]
    }
  }
}

resource "aws_kms_key" "k" {
  policy = GIVEN
}
"""
    (policy,) = policies(text.replace("GIVEN", given)).values()
    assert [str(value) for each in policy.statements for value in each.actions.values] == ["kms:*"]
    assert policy.unresolved == ()
