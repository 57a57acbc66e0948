from __future__ import annotations

import pytest

from kms_lint.load.options import Options
from kms_lint.model import PolicyKind, Setting, Status
from kms_lint.syntax.tree import Items, Mapping, Text
from tests.load.terraform_folder import form, key, plain, policies, read, there

ROOT = """
data "aws_caller_identity" "me" {}
data "aws_iam_policy_document" "d" {
  statement {
    sid       = "Root"
    actions   = ["kms:*"]
    resources = ["*"]
    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::${data.aws_caller_identity.me.account_id}:root"]
    }
  }
}
"""
ROOT_POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Sid": "Root",
            "Effect": "Allow",
            "Action": "kms:*",
            "Resource": "*",
            "Principal": {"AWS": "arn:aws:iam::<account>:root"},
        }
    ],
}


def rendered(body: str, rest: str = "") -> object:
    """The policy of `data.aws_iam_policy_document.d` with this body."""
    text = f'data "aws_iam_policy_document" "d" {{\n{body}\n}}\n{rest}'
    consumer = 'resource "aws_kms_key" "k" { policy = data.aws_iam_policy_document.d.json }\n'
    return plain(next(iter(policies(consumer + text).values())).node)


def statements(body: str, rest: str = "") -> object:
    found = rendered(body, rest)
    assert isinstance(found, dict)
    return found["Statement"]


def test_policy_document() -> None:
    found = policies('resource "aws_kms_key" "k" { policy = data.aws_iam_policy_document.d.json }' + ROOT)
    assert plain(found["aws_kms_key.k"].node) == ROOT_POLICY
    assert found["aws_kms_key.k"].kind is PolicyKind.KEY
    assert found["aws_kms_key.k"].of == "aws_kms_key.k"
    assert found["aws_kms_key.k"].owner == "<account>"
    assert found["aws_kms_key.k"].unresolved == ()
    consumer = found["aws_kms_key.k"].consumer
    assert consumer is not None
    assert there(consumer) == "policy = data.aws_iam_policy_document.d.json"


def test_places_in_a_policy_document() -> None:
    body = """
    statement {
      not_actions = ["kms:Put*"]
      resources = ["*", local.arn]
      not_principals {
        type = "AWS"
        identifiers = ["a"]
      }
      condition {
        test = "StringEquals"
        variable = "kms:ViaService"
        values = ["s3.eu-west-1.amazonaws.com"]
      }
    }"""
    text = f'data "aws_iam_policy_document" "d" {{{body}\n}}\nlocals {{ arn = "x" }}'
    (policy,) = policies(text, Options(kind=PolicyKind.KEY)).values()
    (statement,) = policy.statements
    assert there(statement.at).startswith("statement {")
    assert statement.actions is not None
    assert there(statement.actions.name.at) == "not_actions"
    assert statement.actions.negated
    assert [there(each.at) for each in statement.actions.values] == ['"kms:Put*"']
    assert statement.resources is not None
    assert [there(each.at) for each in statement.resources.values] == ['"x"', '"*"']
    assert statement.principals is not None
    assert there(statement.principals.name.at) == "not_principals"
    (principal,) = statement.principals.values
    assert (there(principal.type.at), there(principal.value.at)) == ('"AWS"', '"a"')
    (condition,) = statement.conditions
    assert there(condition.key.at) == '"kms:ViaService"'
    assert there(condition.operator.text.at) == '"StringEquals"'
    assert there(condition.values[0].at) == '"s3.eu-west-1.amazonaws.com"'


def test_what_a_statement_renders() -> None:
    body = """
    version = "2008-10-17"
    policy_id = "p"
    statement {
      effect = "Deny"
      actions = ["a", "b"]
      principals {
        type = "*"
        identifiers = ["*"]
      }
      condition {
        test = "StringLike"
        variable = "aws:PrincipalArn"
        values = ["x/&{aws:username}"]
      }
      condition {
        test = "StringLike"
        variable = "aws:PrincipalArn"
        values = ["y", "z"]
      }
      condition {
        test = "Bool"
        variable = "aws:SecureTransport"
        values = ["true"]
      }
    }"""
    assert rendered(body) == {
        "Version": "2008-10-17",
        "Id": "p",
        "Statement": [
            {
                "Effect": "Deny",
                "Action": ["b", "a"],
                "Principal": "*",
                "Condition": {
                    "StringLike": {"aws:PrincipalArn": ["x/${aws:username}", "y", "z"]},
                    "Bool": {"aws:SecureTransport": "true"},
                },
            }
        ],
    }


def test_principals_of_one_type_are_joined() -> None:
    body = """
    statement {
      actions = []
      sid = ""
      principals {
        type = "AWS"
        identifiers = ["*"]
      }
      principals {
        type = "Service"
        identifiers = ["logs.amazonaws.com"]
      }
      principals {
        type = "AWS"
        identifiers = ["b", "c"]
      }
    }"""
    assert statements(body) == [
        {"Effect": "Allow", "Principal": {"AWS": ["*", "c", "b"], "Service": "logs.amazonaws.com"}}
    ]


def test_sources_and_overrides() -> None:
    rest = """
    data "aws_iam_policy_document" "source" {
      statement {
        sid = "A"
        actions = ["source:A"]
      }
      statement {
        sid = "B"
        actions = ["source:B"]
      }
      statement { actions = ["source:none"] }
    }
    data "aws_iam_policy_document" "override" {
      statement {
        sid = "B"
        actions = ["override:B"]
      }
      statement {
        sid = "D"
        actions = ["override:D"]
      }
      statement { actions = ["override:none"] }
    }
    """
    body = """
      source_policy_documents = [data.aws_iam_policy_document.source.json, jsonencode({ Statement = { Sid = "J" } })]
      override_policy_documents = [data.aws_iam_policy_document.override.json]
      statement {
        sid = "A"
        actions = ["own:A"]
      }
      statement {
        sid = "C"
        actions = ["own:C"]
      }
    """
    found = statements(body, rest)
    assert isinstance(found, list)
    assert [(each.get("Sid"), each.get("Action")) for each in found] == [
        ("A", "own:A"),
        ("B", "override:B"),
        (None, "source:none"),
        ("J", None),
        ("C", "own:C"),
        ("D", "override:D"),
        (None, "override:none"),
    ]
    legacy = "source_json = data.aws_iam_policy_document.source.json\noverride_json = var.more"
    found = statements(legacy, rest)
    assert isinstance(found, list)
    assert found[-1] == "<var.more>"
    assert found[0] == "<var.more>", "which may replace it"


def test_documents_that_are_parts_of_others_are_not_judged_alone() -> None:
    text = """
    data "aws_iam_policy_document" "part" {
      statement { actions = ["kms:Decrypt"] }
    }
    data "aws_iam_policy_document" "whole" {
      source_policy_documents = [data.aws_iam_policy_document.part.json]
    }
    """
    assert list(policies(text)) == ["data.aws_iam_policy_document.whole"]
    attached = text + 'resource "aws_iam_policy" "p" { policy = data.aws_iam_policy_document.whole.json }'
    assert list(policies(attached)) == ["aws_iam_policy.p"]


def test_dynamic_blocks_are_unknown_and_the_rest_is_judged() -> None:
    body = """
    statement {
      actions = ["kms:Decrypt"]
      dynamic "principals" {
        for_each = var.principals
        content {
          type = "AWS"
          identifiers = principals.value
        }
      }
      principals {
        type = "AWS"
        identifiers = ["a"]
      }
      dynamic "condition" {
        for_each = var.conditions
        content {}
      }
    }
    dynamic "statement" {
      for_each = var.statements
      content {
        actions = statement.value.actions
      }
    }
    dynamic "statement" {
      for_each = []
      content {}
    }"""
    assert statements(body) == [
        {
            "Effect": "Allow",
            "Action": "kms:Decrypt",
            "Principal": {"AWS": ["<var.principals>", "a"]},
            "Condition": "<var.conditions>",
        },
        {
            "var.statements is not empty is true": {"Effect": "Allow", "Action": "<var.statements>"},
            "var.statements is not empty is false": None,
        },
    ]
    text = f'data "aws_iam_policy_document" "d" {{\n{body}\n}}'
    some, none = policies(text, Options(kind=PolicyKind.KEY)).values()
    assert {each.expression for each in some.unresolved} == {"var.principals", "var.conditions", "var.statements"}
    assert {each.expression for each in none.unresolved} == {"var.principals", "var.conditions"}


HEREDOC = """
resource "aws_kms_key" "k" {
  policy = <<-POLICY
    {
      "Version": "2012-10-17",
      "Statement": [
        {
          "Effect": "Allow",
          "Principal": {"AWS": "arn:aws:iam::${var.account}:root"},
          "Action": ${jsonencode(local.actions)},
          "Resource": "${local.everything}"
        },
        ${local.statement}
      ]
    }
  POLICY
}
locals {
  actions = ["kms:Decrypt"]
  everything = "*"
  statement = <<EOT
  {"Effect": "Deny", "Action": "kms:PutKeyPolicy"}
EOT
}
"""


def test_a_policy_in_a_heredoc() -> None:
    policy = policies(HEREDOC)["aws_kms_key.k"]
    assert plain(policy.node) == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"AWS": "arn:aws:iam::<var.account>:root"},
                "Action": ["kms:Decrypt"],
                "Resource": "*",
            },
            {"Effect": "Deny", "Action": "kms:PutKeyPolicy"},
        ],
    }
    first, second = policy.statements
    assert first.principals is not None
    assert first.actions is not None
    assert second.actions is not None
    assert there(first.principals.values[0].value.at) == '"arn:aws:iam::${var.account}:root"'
    assert form(first.principals.values[0].value) == "arn:aws:iam::…:root"
    assert there(first.actions.values[0].at) == '"kms:Decrypt"'
    assert there(second.actions.values[0].at) == '"kms:PutKeyPolicy"'
    assert [each.expression for each in policy.unresolved] == ["var.account"]
    assert policy.consumer is None


def test_places_in_a_literal_heredoc_and_an_escaped_string() -> None:
    text = """
    resource "aws_iam_policy" "h" {
      policy = <<-EOT
        {"Statement": {"Effect": "Allow",
          "Action": "kms:Encrypt", "Resource": "*"}}
      EOT
    }
    resource "aws_iam_policy" "s" { policy = "{\\"Statement\\": {\\"Action\\": \\"kms:Decrypt\\"}}" }
    """
    found = policies(text)
    heredoc, string = found["aws_iam_policy.h"].statements[0], found["aws_iam_policy.s"].statements[0]
    assert heredoc.actions is not None
    assert string.actions is not None
    assert there(heredoc.actions.values[0].at) == '"kms:Encrypt"'
    assert there(string.actions.values[0].at) == '\\"kms:Decrypt\\"'


def test_jsonencode_through_locals_and_conditions() -> None:
    text = """
    locals {
      allow = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "kms:*" }] })
      deny  = jsonencode({ Statement = [{ Effect = "Deny", Action = "kms:*" }] })
      policy = var.strict ? local.deny : local.allow
    }
    resource "aws_kms_key" "k" { policy = local.policy }
    """
    found = policies(text)
    assert {name: str(each.statements[0].effect_text) for name, each in found.items()} == {
        "aws_kms_key.k if var.strict is true": "Deny",
        "aws_kms_key.k if var.strict is false": "Allow",
    }
    allow = found["aws_kms_key.k if var.strict is false"]
    assert allow.statements[0].actions is not None
    assert there(allow.statements[0].actions.at) == '"kms:*"'
    assert there(allow.statements[0].actions.name.at) == "Action"
    assert allow.consumer is not None
    assert there(allow.consumer) == "policy = local.policy"


def test_one_document_as_two_kinds() -> None:
    text = (
        ROOT
        + """
    locals { shared = data.aws_iam_policy_document.d.json }
    resource "aws_kms_key" "k" { policy = local.shared }
    resource "aws_iam_policy" "p" { policy = local.shared }
    resource "aws_s3_bucket_policy" "b" { policy = local.shared }
    resource "aws_vpc_endpoint" "e" { policy = local.shared }
    resource "aws_iam_role_policy" "r" {
      role   = aws_iam_role.app.id
      policy = local.shared
    }
    """
    )
    found = policies(text)
    assert {name: (each.kind.value, each.of) for name, each in found.items()} == {
        "aws_kms_key.k": ("key-policy", "aws_kms_key.k"),
        "aws_iam_policy.p": ("identity-policy", None),
        "aws_s3_bucket_policy.b": ("resource-policy", None),
        "aws_vpc_endpoint.e": ("vpc-endpoint-policy", None),
        "aws_iam_role_policy.r": ("identity-policy", "aws_iam_role.app"),
    }


def test_policies_of_a_role() -> None:
    text = """
    resource "aws_iam_role" "app" {
      assume_role_policy = jsonencode({ Statement = [] })
      inline_policy {
        name = "a"
        policy = jsonencode({ Statement = [{ Action = "kms:Decrypt" }] })
      }
      inline_policy { policy = var.policy }
    }
    """
    found = policies(text)
    assert {name: (each.kind.value, each.of) for name, each in found.items()} == {
        "aws_iam_role.app:assume_role_policy": ("trust-policy", "aws_iam_role.app"),
        "aws_iam_role.app:inline_policy[0]": ("identity-policy", "aws_iam_role.app"),
        "aws_iam_role.app:inline_policy[1]": ("identity-policy", "aws_iam_role.app"),
    }
    assert [each.expression for each in found["aws_iam_role.app:inline_policy[1]"].unresolved] == ["var.policy"]


def test_documents_that_nobody_attaches_are_judged_by_what_they_say() -> None:
    assert {name: each.kind.value for name, each in policies(ROOT).items()} == {
        "data.aws_iam_policy_document.d": "key-policy"
    }
    module = 'module "key" { policy = jsonencode({ Statement = [{ Action = "kms:Decrypt" }] }) }'
    assert {name: each.kind.value for name, each in policies(module).items()} == {
        "module.key:policy": "identity-policy"
    }


KEY = """
variable "days" { default = 7 }
resource "aws_kms_key" "k" {
  description                        = "d"
  customer_master_key_spec           = "RSA_2048"
  key_usage                          = "SIGN_VERIFY"
  deletion_window_in_days            = var.days
  enable_key_rotation                = "true"
  is_enabled                         = false
  multi_region                       = var.unknown
  bypass_policy_lockout_safety_check = true
  custom_key_store_id                = aws_kms_custom_key_store.s.id
  policy                             = null
}
"""


def settings(found: dict[str, Setting]) -> dict[str, object]:
    return {name: each.value if each.known else "?" for name, each in found.items()}


def test_settings_of_a_key() -> None:
    found = key(KEY)
    assert settings(dict(found.settings)) == {
        "bypass": True,
        "custom_key_store": "?",
        "deletion_window": "7",
        "description": "d",
        "enabled": False,
        "multi_region": "?",
        "origin": "?",
        "rotation": True,
        "spec": "RSA_2048",
        "usage": "SIGN_VERIFY",
    }
    assert there(found.settings["deletion_window"].at) == "7"
    assert there(found.settings["enabled"].at) == "false"
    assert there(found.at) == 'resource "aws_kms_key" "k"'
    assert (found.policies, found.policy_unknown, found.replica) == ((), False, False)


def test_replicas_and_imported_keys() -> None:
    (document,) = read("""
    resource "aws_kms_replica_key" "r" { primary_key_arn = "x" }
    resource "aws_kms_replica_external_key" "re" { enabled = true }
    resource "aws_kms_external_key" "e" { key_spec = "SYMMETRIC_DEFAULT" }
    """)
    assert {each.address: (each.replica, settings(dict(each.settings))) for each in document.keys} == {
        "aws_kms_replica_key.r": (True, {}),
        "aws_kms_replica_external_key.re": (True, {"enabled": True, "origin": "EXTERNAL"}),
        "aws_kms_external_key.e": (False, {"origin": "EXTERNAL", "spec": "SYMMETRIC_DEFAULT"}),
    }


def test_key_policies_that_are_attached_from_another_file() -> None:
    files = {
        "keys.tf": 'resource "aws_kms_key" "a" {}\nresource "aws_kms_key" "b" { policy = var.policy }',
        "policies.tf": """
        resource "aws_kms_key_policy" "a" {
          key_id = aws_kms_key.a.id
          policy = jsonencode({ Statement = [{ Action = "kms:*" }] })
        }
        resource "aws_kms_key_policy" "elsewhere" {
          key_id = "1234abcd-12ab-34cd-56ef-1234567890ab"
          policy = jsonencode({ Statement = [{ Action = "kms:*" }] })
        }
        """,
    }
    keys, other = read(files)
    a, b = keys.keys
    assert [(each.address, each.of) for each in a.policies] == [("aws_kms_key_policy.a", "aws_kms_key.a")]
    assert [each.expression for each in b.policies[0].unresolved] == ["var.policy"]
    assert [(each.address, each.of) for each in other.policies] == [("aws_kms_key_policy.elsewhere", None)]
    assert not a.policy_unknown


def test_a_key_policy_for_a_key_that_is_not_known_may_be_for_any() -> None:
    (document,) = read("""
    resource "aws_kms_key" "k" {}
    resource "aws_kms_key_policy" "p" {
      key_id = var.key
      policy = "{}"
    }
    """)
    assert document.keys[0].policy_unknown


def test_aliases() -> None:
    (document,) = read("""
    resource "aws_kms_key" "k" {}
    resource "aws_kms_alias" "a" {
      name          = "alias/a"
      target_key_id = aws_kms_key.k.key_id
    }
    resource "aws_kms_alias" "p" {
      name_prefix   = "alias/p-"
      target_key_id = aws_kms_key.k.arn
    }
    """)
    assert [(each.address, str(each.name), each.name_is_prefix) for each in document.aliases] == [
        ("aws_kms_alias.a", "alias/a", False),
        ("aws_kms_alias.p", "alias/p-", True),
    ]
    assert document.keys[0].aliases == ("alias/a", "alias/p-")


def test_grants() -> None:
    (document,) = read("""
    resource "aws_kms_key" "k" { key_usage = "SIGN_VERIFY" }
    resource "aws_kms_grant" "g" {
      name              = "g"
      key_id            = aws_kms_key.k.key_id
      grantee_principal = aws_iam_role.app.arn
      retiring_principal = "arn:aws:iam::111122223333:role/x"
      operations        = ["Decrypt", var.more]
      constraints {
        encryption_context_equals = { a = "b", c = "d" }
      }
    }
    resource "aws_iam_role" "app" { name = "app" }
    resource "aws_kms_grant" "dynamic" {
      operations = var.operations
      dynamic "constraints" { for_each = var.x }
    }
    """)
    first, second = document.grants
    assert [str(each) for each in first.operations] == ["Decrypt", "<var.more>"]
    assert there(first.operations_at) == '["Decrypt", var.more]'
    assert first.grantee is not None
    assert form(first.grantee) == "arn:<partition>:iam::<account>:role/app"
    assert [(each.type, each.pairs) for each in first.constraints] == [("EncryptionContextEquals", 2)]
    assert first.usage is not None
    assert (first.usage.value, str(first.retiring), str(first.name)) == (
        "SIGN_VERIFY",
        "arn:aws:iam::111122223333:role/x",
        "g",
    )
    assert not first.constraints_unknown
    assert second.constraints_unknown
    assert [form(each) for each in second.operations] == ["…"]


def test_secrets_are_placed_where_they_are_written() -> None:
    files = {
        "main.tf": """
        variable "password" { default = "hunter22" }
        resource "aws_kms_external_key" "literal" { key_material_base64 = "c2VjcmV0" }
        resource "aws_kms_external_key" "given" { key_material_base64 = var.material }
        resource "aws_kms_external_key" "encoded" { key_material_base64 = base64encode("secret") }
        resource "aws_kms_external_key" "made" { key_material_base64 = base64encode(var.material) }
        resource "aws_kms_custom_key_store" "s" {
          key_store_password = var.password
          xks_proxy_authentication_credential {
            access_key_id         = "AKIA"
            raw_secret_access_key = random_password.p.result
          }
        }
        resource "aws_kms_ciphertext" "c" { plaintext = jsonencode({ password = "x" }) }
        """
    }
    (document,) = read(files)
    assert [(each.address, there(each.at)) for each in document.secrets] == [
        ("aws_kms_external_key.literal", "c2VjcmV0"),
        ("aws_kms_external_key.encoded", 'base64encode("secret")'),
        ("aws_kms_custom_key_store.s", "hunter22"),
        ("aws_kms_custom_key_store.s", "AKIA"),
        ("aws_kms_ciphertext.c", 'jsonencode({ password = "x" })'),
    ]


MALFORMED = [
    ('policy = "not json"', "expected a value: text is written in double quotes"),
    ('policy = <<EOT\n{"Statement": [}\nEOT\n', "expected a value before this bracket"),
    ('policy = ""', "the text ends here, but a value was expected"),
]


@pytest.mark.parametrize(("argument", "message"), MALFORMED, ids=[each for each, _ in MALFORMED])
def test_text_that_is_no_policy(argument: str, message: str) -> None:
    (policy,) = key(f'resource "aws_kms_key" "k" {{\n{argument}\n}}').policies
    (problem,) = policy.problems
    assert problem.rule == "malformed-policy"
    assert problem.message == f"this should be a policy, and is not JSON: {message}"


def test_an_object_where_text_belongs() -> None:
    (policy,) = key('resource "aws_kms_key" "k" { policy = { Statement = [] } }').policies
    assert "jsonencode" in "".join(each.message for each in policy.problems)


UNREADABLE = [
    ('policy = "${var.whole}"', "var.whole"),
    ('policy = <<EOT\n{"Statement": [${join(",", local.all)} {"a": 1}]}\nEOT\n', 'join(",", local.all)'),
    (
        'policy = <<EOT\n{"Statement": [%{ for a in var.b } {} %{ endfor } {}]}\nEOT\n',
        "%{ for a in var.b } {} %{ endfor }",
    ),
    ('policy = file("policy.json")', 'file("policy.json")'),
    ("policy = data.aws_iam_policy_document.none.json", "data.aws_iam_policy_document.none.json"),
]


@pytest.mark.parametrize(("argument", "expression"), UNREADABLE, ids=[each for each, _ in UNREADABLE])
def test_a_policy_that_is_not_known_is_unresolved_and_not_malformed(argument: str, expression: str) -> None:
    (policy,) = key(f'resource "aws_kms_key" "k" {{\n{argument}\n}}').policies
    assert policy.problems == ()
    assert [each.expression for each in policy.unresolved] == [expression]


def test_one_broken_block_does_not_hide_the_others() -> None:
    (document,) = read('resource "aws_kms_key" "a" {}\nresource "aws_kms_key" {{ =\n\nresource "aws_kms_key" "c" {}\n')
    assert "aws_kms_key.a" in [each.address for each in document.keys]
    assert [each.rule for each in document.problems] == ["malformed-document"]
    assert document.status is Status.JUDGED


def test_an_argument_that_is_written_twice() -> None:
    (document,) = read('resource "aws_kms_key" "a" {\n  is_enabled = true\n  is_enabled = false\n}')
    (problem,) = document.problems
    assert (problem.rule, there(problem.at)) == ("malformed-document", "is_enabled = false")


def test_files_that_are_not_for_us_are_skipped() -> None:
    (document,) = read('resource "aws_instance" "a" {\n')
    assert (document.status, document.problems) == (Status.SKIPPED, ())


def test_a_file_that_is_no_text() -> None:
    from kms_lint.files import File
    from kms_lint.load.terraform import folder

    (document,) = folder([File("a.tf", "/a.tf", False, b"aws_kms_key \xff")], Options())
    assert document.status is Status.MALFORMED
    assert [each.rule for each in document.problems] == ["malformed-document"]


def test_values_of_unknown_items_keep_the_known_ones() -> None:
    text = """
    resource "aws_iam_policy" "p" {
      policy = jsonencode({
        Statement = [{ Effect = "Allow", Action = concat(local.a, ["kms:*"]), Resource = [aws_kms_key.k.arn, var.x] }]
      })
    }
    resource "aws_kms_key" "k" {}
    """
    (policy,) = [each for each in policies(text).values() if each.kind is PolicyKind.IDENTITY]
    assert isinstance(policy.node, Mapping)
    found = policy.node.get("Statement")
    assert isinstance(found, Items)
    (statement,) = policy.statements
    assert statement.resources is not None
    assert [form(each) for each in statement.resources.values] == [
        "arn:<partition>:kms:<region>:<account>:key/<aws_kms_key.k.key_id>",
        "…",
    ]
    assert isinstance(statement.resources.values[0], Text)
    assert [each.expression for each in policy.unresolved] == ["local.a", "var.x"]
