"""Calls of modules: what each is given and gives back, and where what is wrong with it is told."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

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
    problems,
    shown,
    unresolved,
    values,
    write,
)

MODULE = (
    'variable "who" {\n  default = "*"\n}\n'
    + key(who="var.who")
    + 'output "arn" {\n  value = aws_kms_key.this.arn\n}\n'
)
OWN = '"arn:aws:iam::111122223333:role/app"'


@pytest.fixture(autouse=True)
def _repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def call(name: str, source: str, rest: str = "") -> str:
    return f'module "{name}" {{\n  source = "{source}"\n{rest}}}\n'


def test_what_a_caller_says_is_wrong_where_the_caller_writes_it() -> None:
    files = {"live/main.tf": call("k", "../keys", '  who = "*"\n'), "keys/main.tf": MODULE}
    assert found(files) == ['live/main.tf:3:9: "*" in module.k.aws_kms_key.this']


def test_what_a_caller_says_right_makes_a_default_harmless() -> None:
    files = {"live/main.tf": call("k", "../keys", f"  who = {OWN}\n"), "keys/main.tf": MODULE}
    assert found(files) == []


def test_a_default_is_wrong_for_the_callers_that_leave_it() -> None:
    calls = call("a", "../keys") + call("b", "../keys", f"  who = {OWN}\n") + call("c", "../keys")
    files = {"live/main.tf": calls, "keys/main.tf": MODULE}
    assert found(files) == ['keys/main.tf:2:13: "*" in module.a.aws_kms_key.this module.c.aws_kms_key.this']


def test_a_value_goes_through_modules_of_modules() -> None:
    files = {
        "live/main.tf": 'locals {\n  all = "*"\n}\n' + call("a", "../outer", "  user = local.all\n"),
        "outer/main.tf": 'variable "user" {}\n' + call("k", "./inner", "  who = var.user\n"),
        "outer/inner/main.tf": MODULE,
    }
    assert found(files) == ['live/main.tf:2:9: "*" in module.a.module.k.aws_kms_key.this']


def test_outputs_are_links() -> None:
    files = {
        "live/main.tf": call("k", "../keys")
        + 'resource "aws_kms_alias" "a" {\n  name = "alias/a"\n  target_key_id = module.k.arn\n}\n'
        + 'resource "aws_kms_grant" "g" {\n  key_id = module.k.arn\n  grantee_principal = "x"\n  operations = ["Decrypt"]\n}\n',
        "keys/main.tf": MODULE,
    }
    world = load(files)
    assert aliases(world)["aws_kms_alias.a"].of == "module.k.aws_kms_key.this"
    assert grants(world)["aws_kms_grant.g"].of == "module.k.aws_kms_key.this"
    assert keys(world)["module.k.aws_kms_key.this"].aliases == ("alias/a",)


def test_a_key_policy_beside_the_call() -> None:
    attached = (
        'resource "aws_kms_key_policy" "p" {\n  key_id = module.k.arn\n  policy = jsonencode({ Statement = [] })\n}\n'
    )
    bare = 'resource "aws_kms_key" "this" {}\noutput "arn" {\n  value = aws_kms_key.this.arn\n}\n'
    world = load({"live/main.tf": call("k", "../keys") + attached, "keys/main.tf": bare})
    (policy,) = keys(world)["module.k.aws_kms_key.this"].policies
    assert policy.address == "aws_kms_key_policy.p"


VARIABLES: list[tuple[str, str, str, object]] = [
    ("a default", 'variable "v" {\n  default = "d"\n}', "", "d"),
    ("what is given", 'variable "v" {\n  default = "d"\n}', 'v = "x"', "x"),
    ("null", 'variable "v" {\n  default = "d"\n}', "v = null", None),
    ("null where it may not be", 'variable "v" {\n  default = "d"\n  nullable = false\n}', "v = null", "d"),
    ("nothing", 'variable "v" {}', "", "<var.v>"),
    ("a number as text", 'variable "v" {\n  type = string\n}', "v = 7", "7"),
    ("a truth as text", 'variable "v" {\n  type = string\n}', "v = true", "true"),
    ("text as a number", 'variable "v" {\n  type = number\n}', 'v = "7"', 7),
    ("text as a truth", 'variable "v" {\n  type = bool\n}', 'v = "true"', True),
    ("a list", 'variable "v" {\n  type = list(string)\n}', "v = [1, true]", ["1", "true"]),
    ("a set", 'variable "v" {\n  type = set(string)\n}', 'v = ["b", "a", "b"]', ["a", "b"]),
    ("a map", 'variable "v" {\n  type = map(string)\n}', "v = { a = 1 }", {"a": "1"}),
    (
        "an object",
        'variable "v" {\n  type = object({ a = string, b = optional(number, 3), c = optional(string) })\n}',
        'v = { a = 1, z = "left out" }',
        {"a": "1", "b": 3, "c": None},
    ),
    ("a tuple", 'variable "v" {\n  type = tuple([string, number])\n}', 'v = [1, "2"]', ["1", 2]),
    ("anything", 'variable "v" {\n  type = any\n}', "v = [1, true]", [1, True]),
    ("sensitive", 'variable "v" {\n  sensitive = true\n}', 'v = "x"', "x"),
    ("a name of the call's own", 'variable "version" {\n  default = "d"\n}\nlocals {\n  v = var.version\n}', "", "d"),
]


@pytest.mark.parametrize(
    ("declared", "given", "value"), [each[1:] for each in VARIABLES], ids=[v[0] for v in VARIABLES]
)
def test_variables_of_a_module(declared: str, given: str, value: object) -> None:
    name = "local.v" if "locals" in declared else "var.v"
    files = {
        "live/main.tf": call("m", "../m", f"  {given}\n"),
        "m/main.tf": declared + "\n" + policy_with(name),
    }
    assert values(load(files), "module.m.aws_iam_policy.it") == value


PATHS = {
    "path.module": ["modules/a", ".", "modules/a/b"],
    "path.root": [".", ".", "."],
    "path.cwd": ["<path.cwd>", "<path.cwd>", "<path.cwd>"],
    "terraform.workspace": ["<terraform.workspace>"] * 3,
}


@pytest.mark.parametrize("name", PATHS)
def test_paths(name: str) -> None:
    files = {
        "main.tf": call("a", "./modules/a") + policy_with(f"[module.a.p, {name}, module.a.q]"),
        "modules/a/main.tf": f'output "p" {{\n  value = {name}\n}}\noutput "q" {{\n  value = module.b.p\n}}\n'
        + call("b", "./b"),
        "modules/a/b/main.tf": f'output "p" {{\n  value = {name}\n}}\n',
    }
    assert values(load(files)) == PATHS[name]


def test_what_depends_on_the_workspace_is_judged_both_ways() -> None:
    files = {"main.tf": key(who=f'terraform.workspace == "dev" ? "*" : {OWN}')}
    assert found(files) == ['main.tf:5:129: "*" in aws_kms_key.this']


def test_the_same_condition_in_two_modules_is_two_conditions() -> None:
    module = 'variable "on" {}\noutput "who" {\n  value = var.on ? "*" : "arn:aws:iam::111122223333:role/x"\n}\n'
    files = {
        "main.tf": 'variable "a" {}\nvariable "b" {}\n'
        + call("a", "./m", "  on = var.a\n")
        + call("b", "./m", "  on = var.b\n")
        + policy_with("[module.a.who, module.b.who]"),
        "m/main.tf": module,
    }
    world = load(files)
    branches = {p.branch for document in world.documents for p in document.policies}
    assert len(branches) == 4


def test_a_module_that_is_called_is_no_root_and_takes_no_values_from_outside() -> None:
    files = {
        "main.tf": call("k", "./keys", f"  who = {OWN}\n"),
        "keys/main.tf": MODULE,
        "keys/terraform.tfvars": 'who = "*"\n',
    }
    assert found(files, variables={"who": "*"}) == []
    assert addresses(load(files)) == ["module.k.aws_kms_key.this"]


def test_a_module_of_which_no_instance_is_made_is_judged_as_a_root() -> None:
    files = {"main.tf": call("k", "./keys", "  count = 0\n"), "keys/main.tf": MODULE}
    assert addresses(load(files)) == ["aws_kms_key.this"]
    assert found(files) == ['keys/main.tf:2:13: "*" in aws_kms_key.this']


def test_modules_that_only_call_one_another_are_judged_nevertheless() -> None:
    files = {"a/main.tf": call("b", "../b") + key("a"), "b/main.tf": call("a", "../a") + key("b")}
    world = load(files)
    assert addresses(world) == ["aws_kms_key.a", "module.b.aws_kms_key.b"]
    assert unresolved(world) == ["b/main.tf:1: module.a: the module `../a` is called by itself, in a cycle"]


def test_a_module_that_calls_itself() -> None:
    world = load({"main.tf": call("me", "./") + key()})
    assert addresses(world) == ["aws_kms_key.this"]
    assert unresolved(world) == ["main.tf:1: module.me: the module `./` is called by itself, in a cycle"]


def test_outputs_that_need_one_another_through_modules_are_no_cycle() -> None:
    module = (
        'variable "v" {\n  default = ""\n}\noutput "first" {\n  value = "x"\n}\noutput "second" {\n  value = var.v\n}\n'
    )
    calls = call("a", "./m", "  v = module.b.first\n") + call("b", "./m", "  v = module.a.first\n")
    files = {"main.tf": calls + policy_with("[module.a.second, module.b.second]"), "m/main.tf": module}
    assert values(load(files)) == ["x", "x"]


def test_outputs_that_are_defined_by_themselves_end() -> None:
    module = 'variable "v" {}\noutput "o" {\n  value = var.v\n}\n'
    calls = call("a", "./m", "  v = module.b.o\n") + call("b", "./m", "  v = module.a.o\n")
    world = load({"main.tf": calls + policy_with("module.a.o"), "m/main.tf": module})
    assert [each.message for each in policies(world)["aws_iam_policy.it"].unresolved] == [
        "`output.o` is defined by itself, in a cycle"
    ]


def test_the_folder_of_a_named_file_is_its_context_and_so_are_the_modules_beneath() -> None:
    files = {
        "main.tf": call("k", "./keys", '  who = "*"\n') + key("near"),
        "other.tf": key("other"),
        "keys/main.tf": MODULE + key("inner"),
    }
    assert found(files, "main.tf") == [
        'main.tf:3:9: "*" in module.k.aws_kms_key.this',
        'main.tf:9:98: "*" in aws_kms_key.near',
    ]


def test_a_folder_that_is_named_is_judged_by_itself() -> None:
    files = {"main.tf": call("k", "./keys", f"  who = {OWN}\n"), "keys/main.tf": MODULE}
    assert found(files, "keys") == ['keys/main.tf:2:13: "*" in aws_kms_key.this']


LEAD_OUT = {
    "above": ("../../..", "`../../..` is not read: it leads out of the repository"),
    "through a link": ("./link", "`./link` is not read: it leads out of the repository"),
    "absent": ("./none", "`./none` cannot be read: there are no Terraform files in it"),
}


@pytest.mark.parametrize("name", LEAD_OUT)
def test_what_is_not_in_the_repository_is_not_read(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source, reason = LEAD_OUT[name]
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "main.tf").write_text(key("secret"), encoding="utf-8")
    inside = tmp_path / "a" / "repository"
    inside.mkdir(parents=True)
    (tmp_path / "main.tf").write_text(key("secret"), encoding="utf-8")
    monkeypatch.chdir(inside)
    Path("link").symlink_to(outside)
    world = load({"main.tf": call("m", source) + key("own")})
    assert addresses(world) == ["aws_kms_key.own"]
    assert unresolved(world) == [f"main.tf:1: module.m: {reason}"]


def test_without_a_repository_the_folder_that_was_named_is_all() -> None:
    write({"run/live/main.tf": call("k", "../keys"), "run/keys/main.tf": MODULE, "beside/main.tf": key()}, git=False)
    write({"run/live/more.tf": call("b", "../../beside")}, git=False)
    from kms_lint import api

    world = api.load("run")
    assert addresses(world) == ["module.k.aws_kms_key.this"]
    assert unresolved(world) == [
        "run/live/more.tf:1: module.b: `../../beside` is not read: it leads out of the repository"
    ]


INSTALLED = {
    "live/main.tf": call("k", "acme/kms/aws", '  version = "1.0.0"\n  who     = "*"\n')
    + 'resource "aws_kms_alias" "a" {\n  name = "alias/a"\n  target_key_id = module.k.arn\n}\n',
    "live/.terraform/modules/modules.json": json.dumps(
        {
            "Modules": [
                {"Key": "", "Source": "", "Dir": "."},
                {"Key": "k", "Source": "registry.terraform.io/acme/kms/aws", "Dir": ".terraform/modules/k"},
                {"Key": "k.sub", "Source": "./sub", "Dir": ".terraform/modules/k/sub"},
                {"Key": "away", "Source": "acme/away/aws", "Dir": "../../../../../../etc"},
            ]
        }
    ),
    "live/.terraform/modules/k/main.tf": MODULE + call("sub", "./sub"),
    "live/.terraform/modules/k/sub/main.tf": key("sub"),
}


def test_an_installed_module_is_reported_where_it_is_called() -> None:
    assert found(INSTALLED) == [
        'live/main.tf:1:1: module "k" in module.k.module.sub.aws_kms_key.sub',
        'live/main.tf:4:13: "*" in module.k.aws_kms_key.this',
    ]
    world = load(INSTALLED)
    assert aliases(world)["aws_kms_alias.a"].of == "module.k.aws_kms_key.this"


def test_the_place_in_an_installed_module_is_told_beside() -> None:
    from kms_lint import api

    write(INSTALLED)
    finding = api.lint(".", select=("public-principal",)).findings[0]
    places = [(spot.span.source.path, spot.span.source.position(spot.span.start).line) for spot in finding.related]
    assert places == [("live/.terraform/modules/k/sub/main.tf", 5)]
    assert finding.edits == ()


def test_an_installed_module_that_leads_out_of_the_repository() -> None:
    files = {**INSTALLED, "live/main.tf": call("away", "acme/away/aws") + key("own")}
    world = load(files)
    assert addresses(world) == ["aws_kms_key.own"]
    assert unresolved(world) == [
        "live/main.tf:1: module.away: `../../../../../../etc` is not read: it leads out of the repository"
    ]


def test_a_module_that_is_not_on_disk_has_unknown_outputs() -> None:
    world = load(
        {"main.tf": call("vpc", "acme/vpc/aws") + policy_with('["${module.vpc.arn}/*", module.vpc.all["a"].id]')}
    )
    assert values(world) == ["<module.vpc.arn>/*", '<module.vpc.all["a"].id>']
    assert unresolved(world) == []


PROVIDERS = [
    ("inherited", "", "", "111122223333", "eu-west-1"),
    ("passed", "  providers = { aws = aws.east }\n", "", "111122223333", "us-east-1"),
    (
        "passed by a name of its own",
        "  providers = { aws.far = aws.east }\n",
        "  provider = aws.far\n",
        "111122223333",
        "us-east-1",
    ),
    ("of another account", "  providers = { aws = aws.other }\n", "", None, "us-west-2"),
]


@pytest.mark.parametrize(
    ("passed", "chosen", "owner", "region"), [each[1:] for each in PROVIDERS], ids=[p[0] for p in PROVIDERS]
)
def test_providers_that_are_passed_on(passed: str, chosen: str, owner: str | None, region: str) -> None:
    providers = (
        'provider "aws" {}\nprovider "aws" {\n  alias = "east"\n  region = "us-east-1"\n}\n'
        'provider "aws" {\n  alias = "other"\n  region = "us-west-2"\n  profile = "other"\n}\n'
    )
    files = {
        "main.tf": providers + call("k", "./keys", passed),
        "keys/main.tf": f'resource "aws_kms_key" "this" {{\n{chosen}}}\n',
    }
    made = keys(load(files, account="111122223333", region="eu-west-1"))["module.k.aws_kms_key.this"]
    assert made.owner == owner
    assert made.arn is not None
    assert made.arn.form.split(":")[3] == region


def test_policies_that_are_handed_to_an_unknown_module_are_judged_and_those_for_a_known_one_where_they_end() -> None:
    document = 'jsonencode({ Statement = [{ Effect = "Allow", Action = "kms:Decrypt", Resource = "*" }] })'
    files = {
        "main.tf": call("far", "acme/x/aws", f"  policy = {document}\n")
        + call("near", "./m", f"  policy = {document}\n"),
        "m/main.tf": 'variable "policy" {}\nresource "aws_iam_policy" "p" {\n  policy = var.policy\n}\n',
    }
    assert set(policies(load(files))) == {"module.far:policy", "module.near.aws_iam_policy.p"}


def test_two_environments_call_one_module() -> None:
    files = {
        "live/dev/main.tf": call("k", "../../keys", '  who = "*"\n'),
        "live/prod/main.tf": call("k", "../../keys", f"  who = {OWN}\n"),
        "keys/main.tf": MODULE,
    }
    assert found(files) == ['live/dev/main.tf:3:9: "*" in module.k.aws_kms_key.this']


def test_blocks_that_make_nothing_are_read_without_trouble() -> None:
    text = """\
moved {
  from = aws_kms_key.old
  to   = aws_kms_key.this
}
import {
  to = aws_kms_key.this
  id = "1234"
}
removed {
  from = aws_kms_key.gone
  lifecycle {
    destroy = false
  }
}
check "policy" {
  data "aws_iam_policy_document" "scoped" {
    statement {
      actions = ["kms:*"]
    }
  }
  assert {
    condition     = data.aws_iam_policy_document.scoped.json != ""
    error_message = "empty"
  }
}
ephemeral "aws_secretsmanager_secret_version" "s" {
  secret_id = "kms"
}
variable "v" {
  default = "x"
  validation {
    condition     = var.v != ""
    error_message = "empty"
  }
}
"""
    world = load({"main.tf": text + key()})
    assert addresses(world) == ["aws_kms_key.this"]
    assert problems(world) == []
    assert set(policies(world)) == {"aws_kms_key.this"}


def test_unattached_documents_of_a_module_are_judged_once_for_each_instance() -> None:
    document = 'data "aws_iam_policy_document" "d" {\n  statement {\n    actions = ["kms:Decrypt"]\n    resources = ["*"]\n  }\n}\n'
    files = {
        "main.tf": call("a", "./m")
        + call("b", "./m")
        + 'resource "aws_iam_policy" "p" {\n  policy = module.b.json\n}\n',
        "m/main.tf": document + 'output "json" {\n  value = data.aws_iam_policy_document.d.json\n}\n',
    }
    assert set(policies(load(files))) == {"module.a.data.aws_iam_policy_document.d", "aws_iam_policy.p"}


@pytest.mark.skipif(shutil.which("terraform") is None, reason="terraform is not on the path")
def test_terraform_agrees() -> None:
    files = {
        "main.tf": 'locals {\n  names = { b = "two", a = "one" }\n}\n'
        + call("one", "./m", "  names = local.names\n")
        + call("each", "./m", '  for_each = { x = "1", y = "2" }\n  names = { k = each.value }\n')
        + call("some", "./m", "  count = 2\n  names = { k = count.index }\n")
        + call("none", "./m", "  count = 0\n  names = {}\n"),
        "m/main.tf": 'variable "names" {\n  type = map(string)\n}\nvariable "mode" {\n  type = object({ on = optional(bool, true), of = optional(string) })\n'
        '  default = {}\n}\noutput "names" {\n  value = var.names\n}\noutput "mode" {\n  value = var.mode\n}\noutput "path" {\n  value = path.module\n}\n',
    }
    expressions = [
        "module.one.names",
        'module.each["x"].names',
        'module.each["y"].names.k',
        "module.some[1].names",
        "module.one.mode",
        "module.one.path",
        'module.each["x"].path',
    ]
    listed = f"[{', '.join(expressions)}]"
    world = load({**files, "show.tf": policy_with(listed)})
    Path("show.tf").unlink()
    environment = {
        "PATH": str(Path(shutil.which("terraform") or "").parent),
        "HOME": str(Path.cwd()),
        "CHECKPOINT_DISABLE": "1",
    }
    subprocess.run(["terraform", "init", "-input=false"], check=True, capture_output=True, env=environment, timeout=60)
    done = subprocess.run(
        ["terraform", "console"],
        input=f"jsonencode({listed})\n",
        capture_output=True,
        text=True,
        env=environment,
        timeout=60,
    )
    said = json.loads(json.loads(done.stdout.strip().splitlines()[-1]))
    assert values(world) == said


def test_show_is_what_the_module_makes() -> None:
    files = {"main.tf": call("k", "./keys", f"  who = {OWN}\n"), "keys/main.tf": MODULE}
    document = shown(policies(load(files))["module.k.aws_kms_key.this"])
    assert isinstance(document, dict)
    assert [each["Principal"] for each in document["Statement"]] == [
        {"AWS": "arn:aws:iam::111122223333:root"},
        {"AWS": "arn:aws:iam::111122223333:role/app"},
    ]
