"""What `count` and `for_each` make: addresses, values, links, and findings of several instances at one place."""

from __future__ import annotations

from pathlib import Path

import pytest

from kms_lint.load.terraform.instances import MOST_INSTANCES
from tests.load.terraform_repository import (
    addresses,
    aliases,
    found,
    grants,
    key,
    keys,
    load,
    policies,
    policy_with,
    unresolved,
    values,
)

OWN = '"arn:aws:iam::111122223333:role/app"'
UNKNOWN = 'variable "u" {}\n'


@pytest.fixture(autouse=True)
def _repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


ADDRESSES = [
    ("no count", "", ["aws_kms_key.k"]),
    ("a count", "count = 2", ["aws_kms_key.k[0]", "aws_kms_key.k[1]"]),
    ("a count as text", 'count = "2"', ["aws_kms_key.k[0]", "aws_kms_key.k[1]"]),
    ("none", "count = 0", []),
    ("a count that is not known", "count = var.u", ["aws_kms_key.k[count.index]"]),
    ("a count by what is not known", "count = var.u ? 1 : 0", ["aws_kms_key.k[0]"]),
    ("a count by what is known", "count = local.off ? 1 : 0", []),
    ("a count that is itself by conditions", "count = var.u ? 3 : 1", [f"aws_kms_key.k[{i}]" for i in range(3)]),
    ("an object", "for_each = { b = 1, a = 2 }", ['aws_kms_key.k["a"]', 'aws_kms_key.k["b"]']),
    ("odd keys", 'for_each = { "a/b" = 1, "c \\" d" = 2 }', ['aws_kms_key.k["a/b"]', 'aws_kms_key.k["c \\" d"]']),
    ("an empty object", "for_each = {}", []),
    ("a set", "for_each = var.set", ['aws_kms_key.k["x"]', 'aws_kms_key.k["y"]']),
    ("what is not known", "for_each = var.u", ["aws_kms_key.k[each.key]"]),
    ("a key that is not known", "for_each = { a = 1, (var.u) = 2 }", ['aws_kms_key.k["a"]', "aws_kms_key.k[var.u]"]),
    ("one or the other", "for_each = var.u ? { a = 1 } : { b = 2 }", ['aws_kms_key.k["a"]', 'aws_kms_key.k["b"]']),
    ("one or none", "for_each = var.u ? { a = 1 } : {}", ['aws_kms_key.k["a"]']),
    ("itself", "for_each = aws_kms_key.k", ["aws_kms_key.k[each.key]"]),
]


@pytest.mark.parametrize(("meta", "expected"), [each[1:] for each in ADDRESSES], ids=[each[0] for each in ADDRESSES])
def test_addresses(meta: str, expected: list[str]) -> None:
    rest = (
        UNKNOWN + 'variable "set" {\n  type = set(string)\n  default = ["y", "x", "y"]\n}\nlocals {\n  off = false\n}\n'
    )
    assert addresses(load({"main.tf": f'resource "aws_kms_key" "k" {{\n  {meta}\n}}\n' + rest})) == expected


@pytest.mark.parametrize(("meta", "expected"), [each[1:] for each in ADDRESSES], ids=[each[0] for each in ADDRESSES])
def test_addresses_in_modules(meta: str, expected: list[str]) -> None:
    call = f'module "m" {{\n  source = "./m"\n  {meta.replace("aws_kms_key.k", "module.m")}\n}}\n'
    rest = (
        UNKNOWN + 'variable "set" {\n  type = set(string)\n  default = ["y", "x", "y"]\n}\nlocals {\n  off = false\n}\n'
    )
    world = load({"main.tf": call + rest, "m/main.tf": 'resource "aws_kms_key" "k" {}\n'})
    inside = [address.replace("aws_kms_key.k", "module.m") + ".aws_kms_key.k" for address in expected]
    assert addresses(world) == (inside or ["aws_kms_key.k"])


def test_addresses_through_modules_and_resources() -> None:
    outer = 'module "kms" {\n  source = "./m"\n  for_each = { a = 1, b = 1 }\n}\n'
    world = load({"main.tf": outer, "m/main.tf": 'resource "aws_kms_key" "this" {\n  count = 2\n}\n'})
    assert addresses(world) == [
        f'module.kms["{name}"].aws_kms_key.this[{index}]' for name in ("a", "b") for index in (0, 1)
    ]


VALUES = [
    ("aws_kms_key.n[0].arn", "<aws_kms_key.n[0].arn>"),
    ("aws_kms_key.n.1.arn", "<aws_kms_key.n[1].arn>"),
    ("aws_kms_key.n[local.one].arn", "<aws_kms_key.n[1].arn>"),
    ('aws_kms_key.e["a"].arn', '<aws_kms_key.e["a"].arn>'),
    ('aws_kms_key.e["a"].description', "A"),
    ("aws_kms_key.n[1].description", "key 1"),
    ('aws_kms_key.e["none"].arn', '<aws_kms_key.e["none"].arn>'),
    ("aws_kms_key.maybe[0].arn", "<aws_kms_key.maybe[0].arn>"),
    ("aws_kms_key.unknown[7].arn", "<aws_kms_key.unknown[count.index].arn>"),
    ('aws_kms_key.open["z"].arn', "<aws_kms_key.open[each.key].arn>"),
    ('data.aws_kms_alias.d["a"].target_key_id', '<data.aws_kms_alias.d["a"].target_key_id>'),
    ('module.m["a"].name', "mA"),
    ("module.c[1].name", "m1"),
    ('module.m["a"].arn', '<module.m["a"].aws_kms_key.k.arn>'),
]


@pytest.mark.parametrize(("expression", "expected"), VALUES, ids=[each[0] for each in VALUES])
def test_references(expression: str, expected: str) -> None:
    text = """\
variable "u" {}
locals {
  one  = 1
  keys = { a = "A", b = "B" }
}
resource "aws_kms_key" "n" {
  count       = 2
  description = "key ${count.index}"
}
resource "aws_kms_key" "e" {
  for_each    = local.keys
  description = each.value
}
resource "aws_kms_key" "maybe" {
  count = var.u ? 1 : 0
}
resource "aws_kms_key" "unknown" {
  count = var.u
}
resource "aws_kms_key" "open" {
  for_each = var.u
}
data "aws_kms_alias" "d" {
  for_each = local.keys
  name     = "alias/${each.key}"
}
module "m" {
  source   = "./m"
  for_each = local.keys
  name     = each.value
}
module "c" {
  source = "./m"
  count  = 2
  name   = count.index
}
"""
    module = (
        'variable "name" {}\nresource "aws_kms_key" "k" {}\noutput "name" {\n  value = "m${var.name}"\n}\n'
        'output "arn" {\n  value = aws_kms_key.k.arn\n}\n'
    )
    assert values(load({"main.tf": text + policy_with(expression), "m/main.tf": module})) == expected


def test_links_to_instances() -> None:
    text = """\
resource "aws_kms_key" "k" {
  for_each = { "a/b" = 1, "a:b" = 2 }
}
resource "aws_kms_alias" "k" {
  for_each      = aws_kms_key.k
  name          = "alias/x"
  target_key_id = each.value.key_id
}
resource "aws_kms_grant" "g" {
  for_each          = { one = "a/b", two = "a:b" }
  key_id            = aws_kms_key.k[each.value].arn
  grantee_principal = "arn:aws:iam::111122223333:role/app"
  operations        = ["Decrypt"]
}
"""
    world = load({"main.tf": text})
    assert {name: each.of for name, each in grants(world).items()} == {
        'aws_kms_grant.g["one"]': 'aws_kms_key.k["a/b"]',
        'aws_kms_grant.g["two"]': 'aws_kms_key.k["a:b"]',
    }
    assert {name: each.of for name, each in aliases(world).items()} == {
        'aws_kms_alias.k["a/b"]': 'aws_kms_key.k["a/b"]',
        'aws_kms_alias.k["a:b"]': 'aws_kms_key.k["a:b"]',
    }


def test_a_finding_lists_the_instances_that_it_holds_for() -> None:
    each = f'  for_each = {{ a = "*", b = {OWN}, c = "*" }}\n'
    text = (
        key(who="local.who[each.key]", rest=each)
        + f'locals {{\n  who = {{ a = "*", b = {OWN}, c = local.all }}\n  all = "*"\n}}\n'
    )
    assert found({"main.tf": text}) == [
        'main.tf:10:15: "*" in aws_kms_key.this["a"]',
        'main.tf:11:9: "*" in aws_kms_key.this["c"]',
    ]


def test_instances_at_one_place_are_one_finding() -> None:
    assert found({"main.tf": key(rest="  count = 3\n")}) == [
        'main.tf:5:98: "*" in aws_kms_key.this[0] aws_kms_key.this[1] aws_kms_key.this[2]'
    ]


def test_the_value_of_each_is_wrong_where_it_is_written() -> None:
    text = key(who="each.value", rest=f'  for_each = {{ a = "*", b = {OWN} }}\n')
    assert found({"main.tf": text}) == ['main.tf:7:20: "*" in aws_kms_key.this["a"]']


def test_a_document_for_each_key() -> None:
    text = """\
locals {
  users = {
    a = "*"
    b = "arn:aws:iam::111122223333:role/app"
  }
}
data "aws_iam_policy_document" "d" {
  for_each = local.users
  statement {
    actions   = ["kms:Decrypt"]
    resources = ["*"]
    principals {
      type        = "AWS"
      identifiers = [each.value]
    }
  }
}
resource "aws_kms_key" "k" {
  for_each = local.users
  policy   = data.aws_iam_policy_document.d[each.key].json
}
"""
    assert found({"main.tf": text}) == ['main.tf:3:9: "*" in aws_kms_key.k["a"]']
    assert set(policies(load({"main.tf": text}))) == {'aws_kms_key.k["a"]', 'aws_kms_key.k["b"]'}


def test_a_branch_in_which_an_instance_is_not_made_is_not_judged() -> None:
    who = f'var.u ? {OWN} : "*"'
    assert found({"main.tf": UNKNOWN + key(who=who, rest="  count = var.u ? 1 : 0\n")}) == []
    assert found({"main.tf": UNKNOWN + key(who=who)}) == ['main.tf:6:145: "*" in aws_kms_key.this']


def test_very_many_instances_are_cut() -> None:
    world = load({"main.tf": 'resource "aws_kms_key" "k" {\n  count = 1e9\n}\n'})
    assert addresses(world)[-1] == f"aws_kms_key.k[{MOST_INSTANCES - 1}]"
    assert unresolved(world) == [
        f"main.tf:2: count = 1e9: it makes 1000000000 instances: the first {MOST_INSTANCES} are judged"
    ]


def test_very_many_instances_of_modules_of_modules_end() -> None:
    files = {
        "main.tf": 'module "a" {\n  source = "./a"\n  count = 1000000000\n}\n',
        "a/main.tf": 'module "b" {\n  source = "../b"\n  count = 1000000000\n}\n',
        "b/main.tf": key(rest="  count = 1e9\n"),
    }
    (finding,) = found(files)
    assert finding.startswith('b/main.tf:5:98: "*" in module.a[0].module.b[0].aws_kms_key.this[0] ')
    reasons = {each.rpartition(": ")[0] for each in unresolved(load(files))}
    assert "b/main.tf:2: count = 1e9: it makes 1000000000 instances" not in reasons
    assert any(each.startswith("main.tf:3: count = 1000000000") for each in reasons)


def test_modules_that_each_call_the_next_twice_end() -> None:
    files = {
        f"m{n}/main.tf": f'module "x" {{\n  source = "../m{n + 1}"\n}}\nmodule "y" {{\n  source = "../m{n + 1}"\n}}\n'
        for n in range(40)
    }
    (finding,) = found({**files, "m40/main.tf": key()})
    assert finding.startswith('m40/main.tf:5:98: "*" in module.x.')
    assert any(
        each.endswith("too many instances of modules are made in all: the rest is not judged")
        for each in unresolved(load({}))
    )


def test_a_long_chain_of_modules_ends() -> None:
    files = {f"m{n}/main.tf": f'module "n" {{\n  source = "../m{n + 1}"\n}}\n' for n in range(300)}
    assert len(found({**files, "m300/main.tf": key()})) == 1
    assert "m49/main.tf:1: module.n: too many modules call one another" in unresolved(load({}))


def test_for_each_over_doubling_maps_ends() -> None:
    doubled = "".join(f"  l{n} = {{ a = local.l{n - 1}, b = local.l{n - 1} }}\n" for n in range(1, 60))
    text = f'locals {{\n  l0 = {{ a = "*", b = "*" }}\n{doubled}}}\n' + key(
        who="each.value.a", rest="  for_each = local.l59\n"
    )
    world = load({"main.tf": text})
    assert addresses(world) == ["aws_kms_key.this[each.key]"]
    assert [each.message for each in policies(world)["aws_kms_key.this[each.key]"].unresolved] == [
        "it is too large to be worked out"
    ]


def test_settings_of_instances() -> None:
    text = 'resource "aws_kms_key" "k" {\n  for_each = { a = 7, b = 30 }\n  deletion_window_in_days = each.value\n}\n'
    made = keys(load({"main.tf": text}))
    assert [each.settings["deletion_window"].value for each in made.values()] == ["7", "30"]
    assert found({"main.tf": text}, rule="deletion-window-short") == ['main.tf:2:20: 7 in aws_kms_key.k["a"]']


ODD = 'module "m" {\n  source = "./m"\n  for_each = { "a.b]" = 1 }\n}\n'


def test_a_grant_knows_the_key_of_a_module_by_its_address() -> None:
    grant = 'resource "aws_kms_grant" "g" {\n  key_id = module.m["a.b]"].id\n  grantee_principal = "x"\n  operations = ["Sign"]\n}\n'
    module = (
        'resource "aws_kms_key" "k" {\n  count = 2\n  customer_master_key_spec = "RSA_2048"\n}\n'
        'output "id" {\n  value = aws_kms_key.k[1].id\n}\n'
    )
    made = grants(load({"main.tf": ODD + grant, "m/main.tf": module}))["aws_kms_grant.g"]
    assert made.of == 'module.m["a.b]"].aws_kms_key.k[1]'
    assert made.spec is not None
    assert made.spec.value == "RSA_2048"
