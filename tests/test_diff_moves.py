"""`kms-lint diff` across `moved` and `removed` blocks and `count`: the same key under another address is the same key."""

from pathlib import Path
from typing import Any

import pytest

from tests.test_diff_worlds import APP, OTHER, changed, diff, key, put, statement

USE, MORE = '"kms:Decrypt"', '["kms:Decrypt", "kms:Encrypt"]'
BESIDE = key(statement(f'"{OTHER}"'), name="beside")


def moved(origin: str, target: str) -> str:
    return f"moved {{\n  from = {origin}\n  to   = {target}\n}}\n"


def named(name: str, action: str = USE, more: str = "") -> str:
    made = key(statement(f'"{APP}"', action), name=name)
    return made.replace("{\n", f"{{\n  {more}\n", 1)


CALL = 'module "{}" {{\n  source = "./keys"\n}}\n'
MOVES = {
    "renamed": ({"main.tf": named("a")}, {"main.tf": named("b", MORE) + moved("aws_kms_key.a", "aws_kms_key.b")}),
    "renamed twice": (
        {"main.tf": named("a")},
        {
            "main.tf": named("c", MORE)
            + moved("aws_kms_key.a", "aws_kms_key.b")
            + moved("aws_kms_key.b", "aws_kms_key.c")
        },
    ),
    "a chain over a name that is taken": (
        {"main.tf": named("a") + named("b")},
        {
            "main.tf": named("b", MORE)
            + named("c", MORE)
            + moved("aws_kms_key.a", "aws_kms_key.b")
            + moved("aws_kms_key.b", "aws_kms_key.c")
        },
    ),
    "into a module": (
        {"main.tf": named("a")},
        {
            "main.tf": CALL.format("keys") + moved("aws_kms_key.a", "module.keys.aws_kms_key.this"),
            "keys/main.tf": named("this", MORE),
        },
    ),
    "within a module": (
        {"main.tf": CALL.format("keys"), "keys/main.tf": named("a")},
        {"main.tf": CALL.format("keys"), "keys/main.tf": named("b", MORE) + moved("aws_kms_key.a", "aws_kms_key.b")},
    ),
    "a module that is renamed": (
        {"main.tf": CALL.format("keys"), "keys/main.tf": named("this")},
        {"main.tf": CALL.format("other") + moved("module.keys", "module.other"), "keys/main.tf": named("this", MORE)},
    ),
    "instances one by one": (
        {"main.tf": named("a", more="count = 2")},
        {
            "main.tf": named("a", MORE, 'for_each = toset(["x", "y"])')
            + moved("aws_kms_key.a[0]", 'aws_kms_key.a["x"]')
            + moved("aws_kms_key.a[1]", 'aws_kms_key.a["y"]')
        },
    ),
    "all instances": (
        {"main.tf": named("a", more="count = 2")},
        {"main.tf": named("b", MORE, "count = 2") + moved("aws_kms_key.a", "aws_kms_key.b")},
    ),
    "count that comes": ({"main.tf": named("a")}, {"main.tf": named("a", MORE, "count = 1")}),
    "count that goes": ({"main.tf": named("a", more="count = 1")}, {"main.tf": named("a", MORE)}),
    "JSON": (
        {"main.tf": named("a")},
        {"main.tf": named("b", MORE), "moves.tf.json": '{"moved": {"from": "aws_kms_key.a", "to": "aws_kms_key.b"}}'},
    ),
}


def beside(files: dict[str, str]) -> dict[str, str]:
    return {**files, "beside.tf": BESIDE}


@pytest.mark.parametrize("name", MOVES)
def test_only_what_is_new_in_a_key_that_was_moved_is_new(tmp_path: Path, name: str) -> None:
    old, new = map(beside, MOVES[name])
    found = changed(tmp_path, old, new)
    assert (found["verdict"], found["relation"]) == ("new_access", "wider"), found
    wider = [each for each in found["policies"] if each["groups"]]
    assert wider
    for each in wider:
        assert [group["actions"] for group in each["groups"]] == [["kms:Encrypt"]], each
        assert any(" is what aws_kms_key." in line or " is what module." in line for line in each["assumptions"])


@pytest.mark.parametrize("name", MOVES)
def test_folders_say_the_same_as_revisions(tmp_path: Path, name: str) -> None:
    for folder, files in zip(("old", "new"), MOVES[name], strict=True):
        put(tmp_path / folder, beside(files))
    found = diff(tmp_path, "old", "new")
    assert {action for each in found["policies"] for group in each["groups"] for action in group["actions"]} == {
        "kms:Encrypt"
    }


def test_a_move_of_another_folder_does_not_count(tmp_path: Path) -> None:
    old = {f"{folder}/main.tf": named("a") for folder in ("one", "two")}
    new = {f"{folder}/main.tf": named("b", MORE) for folder in ("one", "two")}
    new["one/main.tf"] += moved("aws_kms_key.a", "aws_kms_key.b")
    found = changed(tmp_path, old, new)
    actions = [sorted({one for group in each["groups"] for one in group["actions"]}) for each in found["policies"]]
    assert sorted(actions) == [[], ["kms:Decrypt", "kms:Encrypt"], ["kms:Encrypt"]], found


def test_what_is_named_after_something_that_was_moved_is_the_same(tmp_path: Path) -> None:
    role = 'resource "aws_iam_role" "{0}" {{\n  assume_role_policy = "{{}}"\n}}\n'
    old = role.format("app") + key(statement("aws_iam_role.app.arn"))
    new = role.format("worker") + key(statement("aws_iam_role.worker.arn"))
    said = changed(tmp_path, {"main.tf": old}, {"main.tf": new + moved("aws_iam_role.app", "aws_iam_role.worker")})
    assert (said["verdict"], said["relation"]) == ("no_new_access", "equivalent"), said
    put(tmp_path, {"main.tf": new})
    assert diff(tmp_path)["verdict"] == "new_access"


def test_an_unknown_value_of_a_key_that_was_moved_is_the_same(tmp_path: Path) -> None:
    variable = 'variable "who" {}\n'
    old, new = (variable + BESIDE + key(statement("var.who"), name=name) for name in ("a", "b"))
    found = changed(tmp_path, {"main.tf": old}, {"main.tf": new + moved("aws_kms_key.a", "aws_kms_key.b")})
    assert (found["verdict"], found["relation"]) == ("no_new_access", "equivalent"), found


def policy_of_role(name: str, action: str) -> str:
    policy = f'jsonencode({{ Statement = [{{ Effect = "Allow", Action = {action}, Resource = "*" }}] }})'
    role = f'resource "aws_iam_role" "{name}" {{\n  name = "app"\n  assume_role_policy = "{{}}"\n}}\n'
    return (
        f'{role}resource "aws_iam_policy" "p" {{\n  policy = {policy}\n}}\nresource "aws_iam_role_policy_attachment" "p"'
        f" {{\n  role = aws_iam_role.{name}.name\n  policy_arn = aws_iam_policy.p.arn\n}}\n"
    )


def test_a_role_that_was_moved_has_the_policies_that_it_had(tmp_path: Path) -> None:
    old, new = (policy_of_role(name, USE) for name in ("app", "worker"))
    found = changed(tmp_path, {"main.tf": old}, {"main.tf": new + moved("aws_iam_role.app", "aws_iam_role.worker")})
    assert found["verdict"] == "no_new_access", found
    put(tmp_path, {"main.tf": new})
    assert diff(tmp_path)["verdict"] == "new_access"


REMOVED = "removed {{\n  from = aws_kms_key.a\n  lifecycle {{\n    destroy = {}\n  }}\n}}\n"


@pytest.mark.parametrize(("destroy", "relation"), [("false", "equivalent"), ("true", "narrower")])
def test_a_key_that_is_only_let_go_keeps_its_policy(tmp_path: Path, destroy: str, relation: str) -> None:
    new = {"main.tf": BESIDE + REMOVED.format(destroy)}
    found: dict[str, Any] = changed(tmp_path, {"main.tf": BESIDE + named("a")}, new)
    gone = next(each for each in found["policies"] if each["address"] == "aws_kms_key.a")
    assert (gone["verdict"], gone["relation"]) == ("no_new_access", relation)
    assert any("destroy = false" in each for each in gone["assumptions"]) is (destroy == "false")
