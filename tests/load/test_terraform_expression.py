from __future__ import annotations

import pytest

from kms_lint.load.options import Options
from kms_lint.syntax.tree import Text, Unknown
from tests.load.terraform_folder import NOTHING_SAID, Json, form, plain, policies, read, value

REST = """
variable "with_default" { default = "given" }
variable "without" {}
variable "absent" { default = null }
variable "on" { default = true }
locals {
  name    = "payments"
  nested  = { a = { b = ["x", "y"] } }
  both    = "${local.name}-${var.without}"
  self    = local.self
}
data "aws_caller_identity" "me" {}
data "aws_partition" "here" {}
data "aws_region" "here" {}
data "aws_region" "there" { name = "eu-west-1" }
resource "aws_kms_key" "k" { description = "the key" }
resource "aws_iam_role" "app" {
  name = "app"
  path = "/team/"
}
resource "aws_iam_role" "prefixed" { name_prefix = "app-" }
resource "aws_kms_alias" "a" {
  name          = "alias/a"
  target_key_id = aws_kms_key.k.key_id
}
data "aws_kms_key" "by_alias" { key_id = "alias/x" }
data "aws_kms_key" "by_arn" { key_id = "arn:aws:kms:eu-west-1:111122223333:key/k1" }
data "aws_kms_alias" "x" { name = "alias/x" }
resource "aws_iam_service_linked_role" "as" { aws_service_name = "autoscaling.amazonaws.com" }
resource "aws_s3_bucket" "b" { bucket = "logs" }
"""

VALUES: list[tuple[str, Json]] = [
    ('"text"', "text"),
    ("12", "12"),
    ("true", True),
    ("null", None),
    ('[1, "a", [true]]', ["1", "a", [True]]),
    ('{ a = 1, "b" = { c = "d" } }', {"a": "1", "b": {"c": "d"}}),
    ('"$${aws:username}"', "${aws:username}"),
    ('"a-${local.name}-b"', "a-payments-b"),
    ('"${local.name}"', "payments"),
    ("local.nested.a.b[1]", "y"),
    ('local.nested["a"].b', ["x", "y"]),
    ("local.both", "payments-<var.without>"),
    ("var.with_default", "given"),
    ("var.absent", None),
    ("var.without", "<var.without>"),
    ("var.undeclared", "<var.undeclared>"),
    ("local.missing", "<local.missing>"),
    ("local.self", "<local.self>"),
    ("aws_kms_key.missing.arn", "<aws_kms_key.missing.arn>"),
    ("aws_kms_key.k.description", "the key"),
    ("each.value.arn", "<each.value.arn>"),
    ("module.m.arn", "<module.m.arn>"),
    ('file("policy.json")', '<file("policy.json")>'),
    ('concat(["a"], local.x)', ["a", "<local.x>"]),
    ('["a", var.without, file("b")]', ["a", "<var.without>", '<file("b")>']),
    ('true ? "a" : "b"', "a"),
    ('var.on ? "a" : "b"', "a"),
    ('!var.on ? "a" : "b"', "b"),
    ('var.absent == null ? "a" : "b"', "a"),
    ('var.with_default != "given" ? "a" : "b"', "b"),
    ('var.on && var.with_default == "given" ? "a" : "b"', "a"),
    ('var.without ? "a" : "b"', {"var.without is true": "a", "var.without is false": "b"}),
    ('"x-${var.without ? "a" : "b"}"', {"var.without is true": "x-a", "var.without is false": "x-b"}),
    ("<<EOT\nline ${local.name}\nEOT\n", "line payments\n"),
    ("<<-EOT\n    one\n      two\n    EOT\n", "one\n  two\n"),
    ('"a ${~ local.name ~} b"', "apaymentsb"),
    ('"a%{ if var.on }b%{ endif }c"', "abc"),
]


@pytest.mark.parametrize(("expression", "expected"), VALUES, ids=[each for each, _ in VALUES])
def test_value(expression: str, expected: Json) -> None:
    assert plain(value(expression, REST)) == expected


FORMS = [
    ("data.aws_caller_identity.me.account_id", "<account>", "<account>"),
    (
        '"arn:aws:iam::${data.aws_caller_identity.me.account_id}:root"',
        "arn:aws:iam::<account>:root",
        "arn:aws:iam::<account>:root",
    ),
    ("data.aws_partition.here.partition", "<partition>", "<partition>"),
    ('"logs.${data.aws_partition.here.dns_suffix}"', "logs.<data.aws_partition.here.dns_suffix>", "logs.amazonaws.com"),
    ("data.aws_region.here.name", "<region>", "<region>"),
    ("data.aws_region.here.region", "<region>", "<region>"),
    ("data.aws_region.here.id", "<region>", "<region>"),
    ("data.aws_region.there.id", "<data.aws_region.there.id>", "eu-west-1"),
    (
        "aws_kms_key.k.arn",
        "<aws_kms_key.k.arn>",
        "arn:<partition>:kms:<region>:<account>:key/<aws_kms_key.k.key_id>",
    ),
    ("aws_kms_key.k.key_id", "<aws_kms_key.k.key_id>", "<aws_kms_key.k.key_id>"),
    ("aws_kms_key.k.id", "<aws_kms_key.k.id>", "<aws_kms_key.k.key_id>"),
    (
        "aws_kms_key.k[0].arn",
        "<aws_kms_key.k[0].arn>",
        "arn:<partition>:kms:<region>:<account>:key/<aws_kms_key.k[0].key_id>",
    ),
    ("aws_iam_role.app.arn", "<aws_iam_role.app.arn>", "arn:<partition>:iam::<account>:role/team/app"),
    ("aws_iam_role.app.id", "<aws_iam_role.app.id>", "app"),
    (
        "aws_iam_role.prefixed.arn",
        "<aws_iam_role.prefixed.arn>",
        "arn:<partition>:iam::<account>:role/app-<aws_iam_role.prefixed.name>",
    ),
    ("aws_iam_role.app.unique_id", "<aws_iam_role.app.unique_id>", "<aws_iam_role.app.unique_id>"),
    ("aws_kms_alias.a.arn", "<aws_kms_alias.a.arn>", "arn:<partition>:kms:<region>:<account>:alias/a"),
    (
        "aws_kms_alias.a.target_key_arn",
        "<aws_kms_alias.a.target_key_arn>",
        "arn:<partition>:kms:<region>:<account>:key/<aws_kms_key.k.key_id>",
    ),
    (
        "data.aws_kms_key.by_alias.arn",
        "<data.aws_kms_key.by_alias.arn>",
        "arn:<partition>:kms:<region>:<account>:key/<data.aws_kms_key.by_alias.id>",
    ),
    (
        "data.aws_kms_key.by_arn.arn",
        "<data.aws_kms_key.by_arn.arn>",
        "arn:aws:kms:eu-west-1:111122223333:key/k1",
    ),
    (
        "data.aws_kms_alias.x.target_key_arn",
        "<data.aws_kms_alias.x.target_key_arn>",
        "arn:<partition>:kms:<region>:<account>:key/<data.aws_kms_alias.x.target_key_id>",
    ),
    ("data.aws_kms_alias.x.arn", "<data.aws_kms_alias.x.arn>", "arn:<partition>:kms:<region>:<account>:alias/x"),
    (
        "aws_iam_service_linked_role.as.arn",
        "<aws_iam_service_linked_role.as.arn>",
        "arn:<partition>:iam::<account>:role/aws-service-role/autoscaling.amazonaws.com/"
        "<aws_iam_service_linked_role.as.name>",
    ),
    ("aws_s3_bucket.b.arn", "<aws_s3_bucket.b.arn>", "arn:<partition>:s3:::logs"),
    ('"${aws_s3_bucket.b.arn}/*"', "<aws_s3_bucket.b.arn>/*", "arn:<partition>:s3:::logs/*"),
    ('"arn:aws:iam::${var.without}:root"', "arn:aws:iam::<var.without>:root", "arn:aws:iam::…:root"),
    ("data.aws_caller_identity.me.arn", "<data.aws_caller_identity.me.arn>", "arn:<partition>:…::<account>:…"),
]


@pytest.mark.parametrize(("expression", "shown", "reasoned"), FORMS, ids=[each for each, _, _ in FORMS])
def test_form(expression: str, shown: str, reasoned: str) -> None:
    got = value(expression, REST)
    assert (plain(got), form(got)) == (shown, reasoned)


def test_the_deployment_that_the_user_names() -> None:
    options = Options(account="111122223333", region="cn-north-1")
    assert form(value("aws_kms_alias.a.arn", REST, options)) == "arn:aws-cn:kms:cn-north-1:111122223333:alias/a"
    assert plain(value("data.aws_caller_identity.me.account_id", REST, options)) == "111122223333"
    assert form(value("data.aws_partition.here.dns_suffix", REST, options)) == "amazonaws.com.cn"


def test_another_provider_is_another_region_and_perhaps_another_account() -> None:
    rest = """
    provider "aws" { region = "eu-west-1" }
    provider "aws" {
      alias  = "east"
      region = "us-east-1"
    }
    provider "aws" {
      alias = "peer"
      assume_role { role_arn = "arn:aws:iam::444455556666:role/x" }
    }
    resource "aws_kms_alias" "east" {
      provider = aws.east
      name     = "alias/a"
    }
    data "aws_caller_identity" "peer" { provider = aws.peer }
    """
    assert form(value("aws_kms_alias.east.arn", rest)) == "arn:<partition>:kms:us-east-1:<account>:alias/a"
    assert form(value("data.aws_caller_identity.peer.account_id", rest)) == "…"


def test_reasons_name_what_is_not_worked_out() -> None:
    reasons = {
        'file("x")': "the text was given on standard input: there is nothing beside it",
        "timestamp()": "it depends on the time at which it is worked out",
        "frobnicate(1)": "the function `frobnicate` is not known",
        "module.m.x": "there is no such module in this folder",
        "[for a in b : a]": "",
        "aws_kms_key.none.arn": "there is no such resource in this folder",
        "1 / 0": "nothing can be divided by zero",
        "local.self": "`local.self` is defined by itself, in a cycle",
    }
    for expression, reason in reasons.items():
        got = value(expression, REST)
        assert isinstance(got, Unknown)
        assert (got.expression, got.reason) == (expression, reason)


def test_precedence_of_variables() -> None:
    main = 'variable "a" { default = "default" }\nvariable "list" { type = list(string) }'
    it = 'resource "aws_iam_policy" "it" { policy = jsonencode({ it = [var.a, var.list] }) }\n' + main
    files = {"main.tf": it}

    def given(options: Options = NOTHING_SAID) -> Json:
        node = plain(policies(files, options)["aws_iam_policy.it"].node)
        assert isinstance(node, dict)
        return node["it"]

    assert given() == ["default", "<var.list>"]
    files["other.tfvars"] = 'a = "not read"'
    files["terraform.tfvars"] = 'a = "tfvars"\nlist = ["x"]'
    assert given() == ["tfvars", ["x"]]
    files["b.auto.tfvars"] = 'a = "b"'
    files["a.auto.tfvars"] = 'a = "a"'
    assert given() == ["b", ["x"]]
    assert given(Options(variables={"a": "va${l}ue", "list": '["y", "z"]'})) == ["va${l}ue", ["y", "z"]]


def test_a_variable_file_that_is_named(tmp_path: object) -> None:
    path = f"{tmp_path}/prod.tfvars"
    with open(path, "w", encoding="utf-8") as file:
        file.write('without = "from the file"\n')
    assert plain(value("var.without", REST, Options(variable_files=(path,)))) == "from the file"
    both = Options(variable_files=(path,), variables={"without": "said"})
    assert plain(value("var.without", REST, both)) == "said"


def test_names_are_found_in_files_that_say_nothing_about_keys() -> None:
    files = {
        "main.tf": 'resource "aws_iam_policy" "it" { policy = jsonencode({ it = [local.a, var.b] }) }',
        "locals.tf": 'locals { a = "${local.c}!" }',
        "more.tf": 'locals { c = "c" }',
        "variables.tf": 'variable "b" { default = "b" }',
        "unused.tf": 'locals { unused = "x" }',
    }
    assert plain(policies(files)["aws_iam_policy.it"].node) == {"it": ["c!", "b"]}
    assert {each.path: each.status.value for each in read(files)} == {
        "locals.tf": "skipped",
        "main.tf": "judged",
        "more.tf": "skipped",
        "unused.tf": "skipped",
        "variables.tf": "skipped",
    }


def test_hostile_values_end() -> None:
    doubling = "\n".join(f"l{n} = [local.l{n + 1}, local.l{n + 1}]" for n in range(40))
    got = value("local.l0", f'locals {{\n{doubling}\nl40 = "x"\n}}')
    assert "too large" in str(got)
    growing = "\n".join(f'l{n} = "${{local.l{n + 1}}}${{local.l{n + 1}}}"' for n in range(40))
    assert len(str(plain(value("local.l0", f'locals {{\n{growing}\nl40 = "x"\n}}')))) < 1 << 21
    chain = "\n".join(f"l{n} = [local.l{n + 1}]" for n in range(3000))
    assert "too deeply" in str(value("local.l0", f'locals {{\n{chain}\nl3000 = "x"\n}}'))
    cycle = "\n".join(f'l{n} = "${{local.l{(n + 1) % 50}}}"' for n in range(50))
    assert isinstance(value("local.l0", f"locals {{\n{cycle}\n}}"), Text | Unknown)
