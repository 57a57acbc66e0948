"""Override files, files that hide others, names that are declared twice, and values from outside."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.load.terraform_repository import addresses, found, key, keys, load, policy_with, problems, values

OWN = '"arn:aws:iam::111122223333:role/app"'


@pytest.fixture(autouse=True)
def _repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_an_argument_is_replaced() -> None:
    files = {
        "main.tf": 'resource "aws_kms_key" "k" {\n  deletion_window_in_days = 30\n  enable_key_rotation = true\n}\n',
        "override.tf": 'resource "aws_kms_key" "k" {\n  deletion_window_in_days = 7\n}\n',
    }
    settings = keys(load(files))["aws_kms_key.k"].settings
    assert (settings["deletion_window"].value, settings["rotation"].value) == ("7", True)
    assert found(files, rule="deletion-window-short") == ["override.tf:2:29: 7 in aws_kms_key.k"]


def test_a_policy_is_replaced_and_the_place_is_in_the_override() -> None:
    override = (
        f'resource "aws_kms_key" "this" {{\n{key(who=OWN).partition("true")[2].strip().rstrip("}").rstrip()}\n}}\n'
    )
    assert found({"main.tf": key(), "keys_override.tf": override}) == []
    assert found({"main.tf": key(who=OWN), "keys_override.tf": override.replace(OWN, '"*"')}) == [
        'keys_override.tf:4:98: "*" in aws_kms_key.this'
    ]


def test_later_override_files_win() -> None:
    files = {
        "main.tf": 'resource "aws_kms_key" "k" {}\n',
        "b_override.tf": 'resource "aws_kms_key" "k" {\n  deletion_window_in_days = 8\n}\n',
        "a_override.tf": 'resource "aws_kms_key" "k" {\n  deletion_window_in_days = 7\n  is_enabled = false\n}\n',
    }
    settings = keys(load(files))["aws_kms_key.k"].settings
    assert (settings["deletion_window"].value, settings["enabled"].value) == ("8", False)


def test_nested_blocks_of_a_type_are_replaced_as_a_whole() -> None:
    statement = '  statement {\n    sid       = "%s"\n    actions   = ["kms:Decrypt"]\n    resources = ["*"]\n  }\n'
    files = {
        "main.tf": 'data "aws_iam_policy_document" "d" {\n  policy_id = "kept"\n'
        + statement % "one"
        + statement % "two"
        + '}\nresource "aws_iam_policy" "it" {\n  policy = data.aws_iam_policy_document.d.json\n}\n',
        "override.tf": 'data "aws_iam_policy_document" "d" {\n' + statement % "three" + "}\n",
    }
    (policy,) = [each for document in load(files).documents for each in document.policies]
    assert [each.name for each in policy.statements] == ["three"]


def test_locals_variables_outputs_and_calls_are_merged_by_name() -> None:
    files = {
        "main.tf": 'locals {\n  a = "a"\n  b = "b"\n}\nvariable "v" {\n  type = string\n  default = 1\n}\n'
        'module "m" {\n  source = "./m"\n  x = "x"\n  y = "y"\n}\n'
        + policy_with("[local.a, local.b, var.v, module.m.x, module.m.y]"),
        "override.tf": 'locals {\n  b = "B"\n}\nvariable "v" {\n  default = 2\n}\nmodule "m" {\n  y = "Y"\n}\n',
        "m/main.tf": 'variable "x" {}\nvariable "y" {}\noutput "x" {\n  value = var.x\n}\noutput "y" {\n  value = ""\n}\n',
        "m/override.tf": 'output "y" {\n  value = var.y\n}\n',
    }
    assert values(load(files)) == ["a", "B", "2", "x", "Y"]


def test_an_override_of_nothing() -> None:
    world = load({"main.tf": key(), "override.tf": 'resource "aws_kms_key" "none" {}\n'})
    assert problems(world) == [
        "override.tf:1:1: nothing is overridden here: there is no `aws_kms_key.none` in the other files of this folder"
    ]
    assert addresses(world) == ["aws_kms_key.this", "aws_kms_key.none"]


def test_an_opentofu_file_hides_the_terraform_file_of_its_name() -> None:
    files = {"main.tf": key("terraform"), "main.tofu": key("opentofu"), "other.tf": key("other")}
    assert addresses(load(files)) == ["aws_kms_key.opentofu", "aws_kms_key.other"]


def test_an_opentofu_override() -> None:
    files = {
        "main.tofu": 'resource "aws_kms_key" "k" {}\n',
        "main_override.tofu": 'resource "aws_kms_key" "k" {\n  is_enabled = false\n}\n',
    }
    assert keys(load(files))["aws_kms_key.k"].settings["enabled"].value is False


TWICE = {
    "a resource": 'resource "aws_kms_key" "k" {}\n',
    "a data source": 'data "aws_kms_key" "k" {\n  key_id = "x"\n}\n',
    "a module": 'module "kms" {\n  source = "./kms"\n}\n',
    "a variable": 'variable "kms" {}\n',
    "an output": 'output "kms" {\n  value = 1\n}\n',
}


@pytest.mark.parametrize("name", TWICE)
def test_what_is_declared_twice(name: str) -> None:
    found = problems(load({"a.tf": TWICE[name], "b.tf": "# kms\n" + TWICE[name], "kms/main.tf": ""}))
    assert len(found) == 1
    assert found[0].startswith("b.tf:2:1: `")
    assert found[0].endswith("is declared twice in one module, first at a.tf:1: give one another name")


VALUES = [
    ("a default", {}, {}, "default"),
    ("terraform.tfvars", {"terraform.tfvars": 'v = "file"'}, {}, "file"),
    ("terraform.tfvars.json", {"terraform.tfvars": 'v = "file"', "terraform.tfvars.json": '{"v": "json"}'}, {}, "json"),
    ("auto", {"terraform.tfvars": 'v = "file"', "a.auto.tfvars": 'v = "auto"'}, {}, "auto"),
    ("auto, in order", {"b.auto.tfvars.json": '{"v": "b"}', "a.auto.tfvars": 'v = "a"'}, {}, "b"),
    ("no other", {"other.tfvars": 'v = "other"'}, {}, "default"),
    (
        "a variable file",
        {"a.auto.tfvars": 'v = "auto"', "o.json": '{"v": "named"}'},
        {"variable_files": ["o.json"]},
        "named",
    ),
    ("on the command line", {"a.auto.tfvars": 'v = "auto"'}, {"variables": {"v": "said"}}, "said"),
]


@pytest.mark.parametrize(("files", "said", "value"), [each[1:] for each in VALUES], ids=[each[0] for each in VALUES])
def test_values_from_outside(files: dict[str, str], said: dict[str, object], value: str) -> None:
    main = 'variable "v" {\n  default = "default"\n}\n' + policy_with("var.v")
    assert values(load({"main.tf": main, **files}, **said)) == value


def test_a_value_in_json_is_wrong_where_it_is_written() -> None:
    files = {"main.tf": 'variable "who" {}\n' + key(who="var.who"), "terraform.tfvars.json": '{\n  "who": "*"\n}\n'}
    assert found(files) == ['terraform.tfvars.json:2:10: "*" in aws_kms_key.this']
    assert found(files, "main.tf") == ["main.tf:6:98: var.who in aws_kms_key.this"]
