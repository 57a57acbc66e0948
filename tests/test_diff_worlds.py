"""`kms-lint diff` on real worlds: two revisions of a repository, of which one thing changed."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import kms_lint

APP, OTHER = "arn:aws:iam::111122223333:role/app", "arn:aws:iam::111122223333:role/other"


def commit(folder: Path) -> None:
    git = ["git", "-C", str(folder), "-c", "user.name=n", "-c", "user.email=e"]
    if not (folder / ".git").exists():
        subprocess.run([*git, "init", "-q"], check=True)
    subprocess.run([*git, "add", "-A"], check=True)
    subprocess.run([*git, "commit", "-q", "--allow-empty", "-m", "one"], check=True)


def put(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")


def diff(folder: Path, *arguments: str) -> dict[str, Any]:
    done = kms_lint("diff", *(arguments or ("git:HEAD", ".")), "--format", "json", cwd=folder)
    assert done.stdout, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    assert done.returncode == (0 if found["verdict"] == "no_new_access" else 1)
    return found


def changed(folder: Path, old: dict[str, str], new: dict[str, str]) -> dict[str, Any]:
    put(folder, old)
    commit(folder)
    for name in old.keys() - new.keys():
        (folder / name).unlink()
    put(folder, new)
    return diff(folder)


def statement(principal: str, action: str = '"kms:Decrypt"', effect: str = "Allow", more: str = "") -> str:
    return f'{{ Effect = "{effect}", Principal = {{ AWS = {principal} }}, Action = {action}, Resource = "*"{more} }}'


def key(*statements: str, name: str = "this") -> str:
    policy = f'jsonencode({{ Version = "2012-10-17", Statement = [{", ".join(statements)}] }})'
    return f'resource "aws_kms_key" "{name}" {{\n  policy = {policy}\n}}\n'


WIDE, NARROW = '"kms:*"', '"kms:Decrypt"'
LESS = [
    ('variable "who" {}\n', "var.who"),
    ('variable "who" {}\nlocals { one = upper(var.who) }\n', "local.one"),
    ('variable "who" {}\nlocals { one = { a = [var.who] } }\n', "local.one.a[0]"),
    ('data "aws_ssm_parameter" "r" { name = "r" }\n', "data.aws_ssm_parameter.r.value"),
    ('variable "who" {}\n', '"arn:aws:iam::111122223333:role/${var.who}"'),
    ('module "m" {\n  source = "example/m/aws"\n}\n', "module.m.role"),
    ('variable "all" { type = list(string) }\n', "[for each_one in var.all : lower(each_one)]"),
]


@pytest.mark.parametrize(("rest", "principal"), LESS, ids=[principal for _, principal in LESS])
def test_an_unknown_value_that_is_defined_as_before_is_the_same(tmp_path: Path, rest: str, principal: str) -> None:
    old, new = rest + key(statement(principal, WIDE)), rest + key(statement(principal, NARROW))
    found = changed(tmp_path, {"main.tf": old}, {"main.tf": new})
    assert (found["verdict"], found["relation"]) == ("no_new_access", "narrower"), found
    assert changed_back(tmp_path)["verdict"] == "new_access"


def changed_back(folder: Path) -> dict[str, Any]:
    return diff(folder, ".", "git:HEAD")


OTHERWISE = [
    ("a local", "locals { one = var.who }\n", "locals { one = var.other }\n", "local.one"),
    ("what a function is given", "locals { one = upper(var.who) }\n", "locals { one = lower(var.who) }\n", "local.one"),
    (
        "through two locals",
        "locals {\n  one = local.two\n  two = upper(var.who)\n}\n",
        "locals {\n  one = local.two\n  two = lower(var.who)\n}\n",
        "local.one",
    ),
    (
        "what a data source looks for",
        'data "aws_ssm_parameter" "r" { name = "r" }\n',
        'data "aws_ssm_parameter" "r" { name = "s" }\n',
        "data.aws_ssm_parameter.r.value",
    ),
    (
        "what a module is given",
        'module "m" {\n  source = "example/m/aws"\n  x = 1\n}\n',
        'module "m" {\n  source = "example/m/aws"\n  x = 2\n}\n',
        "module.m.role",
    ),
]


@pytest.mark.parametrize(
    ("old", "new", "principal"), [each[1:] for each in OTHERWISE], ids=[each[0] for each in OTHERWISE]
)
def test_an_unknown_value_whose_definition_changed_is_not_the_same(
    tmp_path: Path, old: str, new: str, principal: str
) -> None:
    variables, policy = 'variable "who" {}\nvariable "other" {}\n', key(statement(principal))
    found = changed(tmp_path, {"main.tf": variables + old + policy}, {"main.tf": variables + new + policy})
    assert found["verdict"] == ("new_access" if "var.other" in new else "unknown"), found
    assert (found["policies"][0]["reason"] or "hole").startswith("hole")


def test_a_variable_that_gets_another_default_is_not_the_same(tmp_path: Path) -> None:
    rest = 'variable "x" { default = "a" }\ndata "aws_ssm_parameter" "r" { name = var.x }\n'
    policy = key(statement("data.aws_ssm_parameter.r.value"))
    found = changed(tmp_path, {"main.tf": rest + policy}, {"main.tf": rest.replace('"a"', '"b"') + policy})
    assert found["verdict"] == "unknown"


def test_values_of_tfvars_count_as_definitions(tmp_path: Path) -> None:
    main = 'variable "x" {}\ndata "aws_ssm_parameter" "r" { name = var.x }\n' + key(
        statement("data.aws_ssm_parameter.r.value")
    )
    old, new = {"main.tf": main, "terraform.tfvars": 'x = "a"\n'}, {"main.tf": main, "terraform.tfvars": 'x = "b"\n'}
    assert changed(tmp_path, old, new)["verdict"] == "unknown"


def test_each_value_of_another_instance_is_not_the_same(tmp_path: Path) -> None:
    rest = 'variable "a" {}\nvariable "b" {}\n'
    text = 'resource "aws_kms_key" "k" {{\n  for_each = {{ one = upper(var.{0}), two = upper(var.{1}) }}\n  policy = jsonencode({{ Version = "2012-10-17", Statement = [{2}] }})\n}}\n'
    policy = statement("each.value")
    old = {"main.tf": rest + text.format("a", "b", policy)}
    found = changed(tmp_path, old, {"main.tf": rest + text.format("b", "a", policy)})
    assert found["verdict"] == "new_access", found
    put(tmp_path, {"main.tf": rest + text.format("a", "b", statement("each.value", '"kms:Nothing"'))})
    assert diff(tmp_path)["verdict"] == "no_new_access"


MODULE = 'variable "who" {}\n' + key(statement("upper(var.who)"))
CALLS = 'variable "x" {{}}\nmodule "a" {{\n  source = "./m"\n  who = {0}\n}}\nmodule "b" {{\n  source = "./m"\n  who = {1}\n}}\n'


def test_a_module_that_is_called_twice(tmp_path: Path) -> None:
    old = {"main.tf": CALLS.format("var.x", "lower(var.x)"), "m/main.tf": MODULE}
    same = changed(tmp_path, old, {**old, "m/main.tf": MODULE.replace("kms:Decrypt", "kms:Encrypt")})
    assert {each["address"]: each["verdict"] for each in same["policies"]} == {
        "module.a.aws_kms_key.this": "new_access",
        "module.b.aws_kms_key.this": "new_access",
    }
    put(tmp_path, {"m/main.tf": MODULE, "main.tf": CALLS.format("lower(var.x)", "var.x")})
    assert diff(tmp_path)["verdict"] == "unknown"


def test_what_a_data_source_finds_is_another_key_when_it_looks_for_another(tmp_path: Path) -> None:
    text = 'data "aws_kms_key" "d" {{ key_id = "alias/{0}" }}\nresource "aws_iam_policy" "p" {{\n  policy = jsonencode({{ Version = "2012-10-17", Statement = [{{ Effect = "Allow", Action = "kms:Decrypt", Resource = data.aws_kms_key.d.arn }}] }})\n}}\n'
    found = changed(tmp_path, {"main.tf": text.format("a")}, {"main.tf": text.format("b")})
    assert found["verdict"] == "unknown", found
    put(tmp_path, {"main.tf": text.format("a").replace("kms:Decrypt", "kms:Nothing")})
    assert diff(tmp_path)["verdict"] == "no_new_access"


DYNAMIC = """variable "all" { type = list(string) }
data "aws_iam_policy_document" "d" {
  dynamic "statement" {
    for_each = var.all
    content {
      actions   = ["%s"]
      resources = ["*"]
      principals {
        type        = "AWS"
        identifiers = [statement.value]
      }
    }
  }
}
resource "aws_kms_key" "this" { policy = data.aws_iam_policy_document.d.json }
"""


def test_a_dynamic_block_over_an_unknown_list(tmp_path: Path) -> None:
    found = changed(tmp_path, {"main.tf": DYNAMIC % "kms:*"}, {"main.tf": DYNAMIC % "kms:Decrypt"})
    assert (found["verdict"], found["relation"]) == ("no_new_access", "narrower"), found


def test_a_policy_of_unknown_content_that_did_not_change(tmp_path: Path) -> None:
    main = 'variable "policy" {}\nresource "aws_kms_key" "this" {\n  policy = var.policy\n}\n'
    assert changed(tmp_path, {"main.tf": main}, {"main.tf": main})["verdict"] == "no_new_access"
    put(tmp_path, {"main.tf": main.replace("= var.policy", '= replace(var.policy, "a", "b")')})
    assert diff(tmp_path)["verdict"] == "unknown"


def template(principal: Any, action: str = "kms:Decrypt", equals: str = "prod") -> str:
    allow = {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": action, "Resource": "*"}
    return json.dumps(
        {
            "Parameters": {"Stage": {"Type": "String"}, "Who": {"Type": "String"}},
            "Conditions": {"IsProd": {"Fn::Equals": [{"Ref": "Stage"}, equals]}},
            "Resources": {
                "Key": {
                    "Type": "AWS::KMS::Key",
                    "Properties": {"KeyPolicy": {"Version": "2012-10-17", "Statement": [allow]}},
                }
            },
        }
    )


def test_a_parameter_of_cloudformation(tmp_path: Path) -> None:
    who = {"Ref": "Who"}
    found = changed(tmp_path, {"t.json": template(who, "kms:*")}, {"t.json": template(who)})
    assert (found["verdict"], found["relation"]) == ("no_new_access", "narrower"), found
    put(
        tmp_path,
        {"t.json": template(who).replace('"Who": {"Type": "String"}', '"Who": {"Type": "CommaDelimitedList"}')},
    )
    assert diff(tmp_path)["verdict"] == "unknown"


CHOSEN = {"Fn::If": ["IsProd", APP, OTHER]}


@pytest.mark.parametrize(
    ("old", "new", "verdict"),
    [
        (template(CHOSEN, "kms:*"), template(CHOSEN), "no_new_access"),
        (template(CHOSEN), template(CHOSEN, "kms:*"), "new_access"),
        (template(CHOSEN), template({"Fn::If": ["IsProd", OTHER, APP]}), "new_access"),
        (template(CHOSEN), template(CHOSEN, equals="test"), "unknown"),
        (template([APP, OTHER]), template(CHOSEN), "no_new_access"),
        (template(APP), template(CHOSEN), "new_access"),
        (template(CHOSEN), template(APP), "unknown"),
    ],
    ids=["less", "more", "the other way round", "another condition", "all of it before", "one before", "one of it now"],
)
def test_branches_of_a_condition(tmp_path: Path, old: str, new: str, verdict: str) -> None:
    assert changed(tmp_path, {"t.json": old}, {"t.json": new})["verdict"] == verdict


PLAIN = 'resource "aws_kms_key" "this" {}\n'
ROOT = statement('"arn:aws:iam::111122223333:root"', WIDE)


@pytest.mark.parametrize(
    ("old", "new", "verdict", "relation"),
    [
        (PLAIN, PLAIN, "no_new_access", "equivalent"),
        (PLAIN, key(ROOT), "no_new_access", "equivalent"),
        (key(ROOT), PLAIN, "no_new_access", "equivalent"),
        (PLAIN, key(ROOT.replace("kms:*", "kms:Decrypt")), "no_new_access", "narrower"),
        (key(statement(f'"{APP}"')), PLAIN, "new_access", "incomparable"),
    ],
    ids=["none and none", "as written", "no longer written", "less of it", "instead of one role"],
)
def test_a_key_without_a_policy_has_that_of_aws(
    tmp_path: Path, old: str, new: str, verdict: str, relation: str
) -> None:
    found = changed(tmp_path, {"main.tf": old}, {"main.tf": new})
    assert (found["verdict"], found["relation"]) == (verdict, relation), found
    if old != new:
        assert any("default key policy" in line for line in found["policies"][0]["assumptions"])


def grant(
    operations: str, constraints: str = "", grantee: str = APP, name: str = "g", key_id: str = "aws_kms_key.this.key_id"
) -> str:
    return f"""resource "aws_kms_grant" "{name}" {{
  key_id            = {key_id}
  grantee_principal = "{grantee}"
  operations        = [{operations}]
  {constraints}
}}
"""


EQUALS = 'constraints { encryption_context_equals = { app = "x" } }'
SUBSET = 'constraints { encryption_context_subset = { app = "x" } }'


@pytest.mark.parametrize(
    ("old", "new", "verdict"),
    [
        (grant('"Decrypt"'), grant('"Decrypt"', name="renamed"), "no_new_access"),
        (grant('"Decrypt", "Encrypt"'), grant('"Encrypt"'), "no_new_access"),
        (grant('"Decrypt"'), grant('"Decrypt", "Encrypt"'), "new_access"),
        (grant('"Decrypt"', SUBSET), grant('"Decrypt"', EQUALS), "no_new_access"),
        (grant('"Decrypt"', EQUALS), grant('"Decrypt"', SUBSET), "new_access"),
        (grant('"Decrypt"', SUBSET), grant('"Decrypt"'), "new_access"),
        (grant('"Decrypt"'), grant('"Decrypt"', SUBSET), "no_new_access"),
        (grant('"Decrypt"'), grant('"Decrypt"', grantee=OTHER), "new_access"),
        (grant('"CreateGrant"', EQUALS), grant('"CreateGrant"', SUBSET), "unknown"),
        (grant('"CreateGrant"', EQUALS), grant('"CreateGrant"', EQUALS), "no_new_access"),
    ],
    ids=[
        "renamed",
        "an operation less",
        "an operation more",
        "no other pairs",
        "other pairs as well",
        "no constraint",
        "a constraint",
        "somebody else",
        "grants that grant",
        "grants that grant, as before",
    ],
)
def test_grants(tmp_path: Path, old: str, new: str, verdict: str) -> None:
    found = changed(tmp_path, {"main.tf": PLAIN + old}, {"main.tf": PLAIN + new})
    assert found["verdict"] == verdict, found


def test_a_grant_becomes_effective_when_a_deny_goes(tmp_path: Path) -> None:
    deny = statement(f'"{APP}"', NARROW, "Deny")
    given = grant('"Decrypt"')
    found = changed(tmp_path, {"main.tf": key(ROOT, deny) + given}, {"main.tf": key(ROOT) + given})
    groups = found["policies"][0]["groups"]
    assert found["verdict"] == "new_access"
    assert "grant aws_kms_grant.g" in {each["statement"]["name"] for each in groups}


def test_the_nearest_of_a_grant_is_a_grant(tmp_path: Path) -> None:
    found = changed(
        tmp_path, {"main.tf": PLAIN + grant('"Decrypt"')}, {"main.tf": PLAIN + grant('"Decrypt", "Encrypt"')}
    )
    first = found["policies"][0]["groups"][0]
    assert first["actions"] == ["kms:Encrypt"]
    assert first["nearest"]["name"] == "grant aws_kms_grant.g"
    assert first["differences"] == [{"element": "Action", "old": "kms:Decrypt", "new": "kms:Decrypt, kms:Encrypt"}]


IDENTITY = """resource "aws_iam_role" "r" {{
  name               = "r"
  assume_role_policy = "{{}}"
}}
resource "aws_iam_policy" "p" {{
  policy = jsonencode({{ Version = "2012-10-17", Statement = [{0}] }})
}}
resource "aws_iam_policy" "q" {{
  policy = jsonencode({{ Version = "2012-10-17", Statement = [{1}] }})
}}
resource "aws_iam_role_policy_attachment" "p" {{
  role       = aws_iam_role.r.name
  policy_arn = aws_iam_policy.p.arn
}}
{2}
"""
ATTACHED = """resource "aws_iam_role_policy_attachment" "q" {
  role       = aws_iam_role.r.name
  policy_arn = aws_iam_policy.q.arn
}"""


def may(action: str, effect: str = "Allow") -> str:
    return f'{{ Effect = "{effect}", Action = "{action}", Resource = "*" }}'


ONE, TWO, NOT = may("kms:Decrypt"), may("kms:Encrypt"), may("kms:Sign", "Deny")


@pytest.mark.parametrize(
    ("old", "new", "verdict"),
    [
        (
            (f"{ONE}, {TWO}", may("kms:Verify"), ATTACHED),
            (ONE, f"{may('kms:Verify')}, {TWO}", ATTACHED),
            "no_new_access",
        ),
        ((f"{ONE}, {NOT}", TWO, ATTACHED), (ONE, f"{TWO}, {NOT}", ATTACHED), "no_new_access"),
        ((ONE, TWO, ATTACHED), (ONE, may("kms:Sign"), ATTACHED), "new_access"),
        ((f"{ONE}, {NOT}", TWO, ATTACHED), (ONE, TWO, ATTACHED), "unknown"),
        ((ONE, TWO, ""), (ONE, TWO, ATTACHED), "new_access"),
        ((ONE, TWO, ATTACHED), (ONE, TWO, ""), "no_new_access"),
        (
            (ONE, TWO, ""),
            (ONE, TWO, ATTACHED.replace("aws_iam_policy.q.arn", '"arn:aws:iam::aws:policy/AdministratorAccess"')),
            "new_access",
        ),
        (
            (ONE, TWO, ""),
            (ONE, TWO, ATTACHED.replace("aws_iam_policy.q.arn", '"arn:aws:iam::aws:policy/AmazonSQSFullAccess"')),
            "no_new_access",
        ),
        (
            (ONE, TWO, ""),
            (ONE, TWO, ATTACHED.replace("aws_iam_policy.q.arn", '"arn:aws:iam::aws:policy/MadeUpYesterday"')),
            "unknown",
        ),
    ],
    ids=[
        "a statement moves",
        "a Deny moves",
        "another statement",
        "a Deny goes",
        "a policy is attached",
        "a policy is detached",
        "a policy of AWS that gives everything is attached",
        "a policy of AWS that says nothing of KMS is attached",
        "a policy of AWS that is not known here is attached",
    ],
)
def test_the_policies_of_a_role_count_together(
    tmp_path: Path, old: tuple[str, str, str], new: tuple[str, str, str], verdict: str
) -> None:
    found = changed(tmp_path, {"iam.tf": IDENTITY.format(*old)}, {"iam.tf": IDENTITY.format(*new)})
    assert found["verdict"] == verdict, found


ATTACHED_POLICY = 'resource "aws_kms_key_policy" "p" {{\n  key_id = aws_kms_key.this.key_id\n  policy = jsonencode({{ Version = "2012-10-17", Statement = [{0}] }})\n}}\n'


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({"main.tf": key(ROOT)}, {"main.tf": PLAIN + ATTACHED_POLICY.format(ROOT)}),
        ({"main.tf": key(ROOT)}, {"other.tf": key(ROOT)}),
        ({"main.tf": key(ROOT)}, {"main.tf": key(ROOT, name="renamed")}),
        ({"main.tf": key(ROOT) + key(statement(f'"{APP}"'), name="b")}, {"b.tf": key(statement(f'"{APP}"'), name="x"), "main.tf": key(ROOT, name="y")}),
        ({"dev/main.tf": key(ROOT), "prod/main.tf": key(statement(f'"{APP}"'))}, {"dev/main.tf": key(ROOT), "prod/main.tf": key(statement(f'"{APP}"'))}),
        ({"t.json": template(APP)}, {"t.json": template(APP).replace('"Key"', '"Renamed"')}),
    ],
    ids=["attached and inline", "another file", "renamed", "both renamed", "one address in two folders", "another logical id"],
)  # fmt: skip
def test_what_belongs_to_what(tmp_path: Path, old: dict[str, str], new: dict[str, str]) -> None:
    found = changed(tmp_path, old, new)
    assert (found["verdict"], found["relation"]) == ("no_new_access", "equivalent"), found


def test_two_folders_with_one_address_are_told_apart(tmp_path: Path) -> None:
    old = {"dev/main.tf": key(ROOT), "prod/main.tf": key(statement(f'"{APP}"'))}
    found = changed(tmp_path, old, {"dev/main.tf": old["prod/main.tf"], "prod/main.tf": old["dev/main.tf"]})
    assert [each["verdict"] for each in found["policies"]] == ["new_access", "new_access"]


@pytest.mark.parametrize("place", [".", "a", "a/main.tf"])
def test_a_revision_seen_from_a_folder_below(tmp_path: Path, place: str) -> None:
    put(tmp_path, {"x/a/main.tf": key(ROOT)})
    commit(tmp_path)
    assert diff(tmp_path / "x", "git:HEAD", place)["relation"] == "equivalent"


def test_two_revisions(tmp_path: Path) -> None:
    changed(tmp_path, {"main.tf": key(ROOT)}, {"main.tf": key(statement('"*"'))})
    commit(tmp_path)
    assert diff(tmp_path, "git:HEAD~1", "git:HEAD")["verdict"] == "new_access"
    assert diff(tmp_path, "git:HEAD", "git:HEAD")["relation"] == "equivalent"


def test_a_worktree(tmp_path: Path) -> None:
    put(tmp_path / "main", {"main.tf": key(ROOT)})
    commit(tmp_path / "main")
    subprocess.run(["git", "-C", str(tmp_path / "main"), "worktree", "add", "-q", "../other"], check=True)
    put(tmp_path / "other", {"main.tf": key(statement('"*"'))})
    assert diff(tmp_path / "other")["verdict"] == "new_access"


def test_a_link_in_a_revision_is_followed_as_in_the_working_tree(tmp_path: Path) -> None:
    put(tmp_path, {"modules/m/main.tf": key(ROOT), "main.tf": 'module "m" {\n  source = "./linked"\n}\n'})
    (tmp_path / "linked").symlink_to("modules/m")
    commit(tmp_path)
    assert diff(tmp_path)["relation"] == "equivalent"


def test_what_is_in_a_submodule_is_not_known(tmp_path: Path) -> None:
    put(tmp_path / "sub", {"main.tf": key(ROOT)})
    commit(tmp_path / "sub")
    put(tmp_path / "whole", {"main.tf": key(ROOT, name="own")})
    commit(tmp_path / "whole")
    add = ["git", "-C", str(tmp_path / "whole"), "-c", "protocol.file.allow=always", "submodule", "add", "-q", str(tmp_path / "sub"), "sub"]  # fmt: skip
    subprocess.run(add, check=True)
    commit(tmp_path / "whole")
    found = diff(tmp_path / "whole")
    assert found["verdict"] == "unknown"
    assert any("submodule" in (each["reason"] or "") for each in found["policies"])


def test_the_configuration_of_the_new_side_holds_for_both(tmp_path: Path) -> None:
    other = 'data "aws_caller_identity" "me" {}\n'
    mine = statement('"arn:aws:iam::${data.aws_caller_identity.me.account_id}:root"', WIDE)
    old, new = {"main.tf": other + key(mine)}, {"main.tf": other + key(ROOT)}
    config = {"kms-lint.yaml": 'deployment: {account: "111122223333"}\nexclude: ["left/**"]\n'}
    found = changed(tmp_path, old, new | config)
    assert found["relation"] == "equivalent", found
    assert diff(tmp_path, "git:HEAD", ".", "--account", "444455556666")["verdict"] == "new_access"
    assert diff(tmp_path, "git:HEAD", ".", "--no-config")["verdict"] != "no_new_access"
    put(tmp_path, {"left/main.tf": key(statement('"*"'))})
    assert diff(tmp_path)["relation"] == "equivalent"


@pytest.mark.parametrize(("value", "verdict"), [("app", "no_new_access"), ("other", "new_access")])
def test_a_variable_from_the_command_line_holds_for_both(tmp_path: Path, value: str, verdict: str) -> None:
    main = 'variable "x" { type = string }\n' + key(statement('"{0}"'))
    old = main.replace("{0}", APP)
    put(tmp_path, {"main.tf": old})
    commit(tmp_path)
    put(tmp_path, {"main.tf": main.replace("{0}", "arn:aws:iam::111122223333:role/${var.x}")})
    assert diff(tmp_path, "git:HEAD", ".", "--var", f"x={value}")["verdict"] == verdict


@pytest.mark.parametrize("arguments", [("--no-public",), ("--not-granted", "kms:Decrypt")])
def test_a_question_about_one_path(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    put(tmp_path, {"main.tf": key(statement('"*"'))})
    assert diff(tmp_path, ".", *arguments)["verdict"] == "new_access"
    put(tmp_path, {"main.tf": key(statement(f'"{APP}"', '"kms:Encrypt"'))})
    assert diff(tmp_path, ".", *arguments)["verdict"] == "no_new_access"


def test_a_question_about_one_path_is_answered_and_not_compared(tmp_path: Path) -> None:
    put(tmp_path, {"main.tf": key(statement('"*"'))})
    for format in ("text", "markdown"):
        printed = kms_lint("diff", ".", "--no-public", "--format", format, cwd=tmp_path).stdout.decode()
        assert "granted" in printed.splitlines()[0]
        assert "newly" not in printed
        assert "statement 1 grants" in printed.replace("`", "")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((".",), "two paths are compared"),
        (("git:nothing", "."), "`nothing` is no revision"),
        (("git:HEAD", "gone.tf"), "gone.tf"),
        (("git:HEAD", ".", "--format", "markdwon"), "did you mean `markdown`"),
        (("git:HEAD", ".", "--format", "json="), "names no file"),
    ],
    ids=["one path", "no revision", "no path", "no format", "no file"],
)
def test_what_cannot_be_done_is_said(tmp_path: Path, arguments: tuple[str, ...], said: str) -> None:
    put(tmp_path, {"main.tf": key(ROOT)})
    commit(tmp_path)
    done = kms_lint("diff", *arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert said in done.stderr.decode()


def test_a_report_for_people_tells_what_changed_first(tmp_path: Path) -> None:
    old = {"main.tf": key(ROOT) + key(statement(f'"{APP}"'), name="data")}
    changed(tmp_path, old, {"main.tf": key(ROOT) + key(statement(f'"{OTHER}"'), name="data")})
    text = kms_lint("diff", "git:HEAD", ".", "--format", "text", "--format", "markdown=comment.md", cwd=tmp_path)
    lines = text.stdout.decode().splitlines()
    assert lines[0] == "new access (incomparable)"
    assert lines[2] == "aws_kms_key.data: new access (incomparable)"
    assert "    before  statement 1 at main.tf:5 comes nearest, and differs in Principal" in lines
    assert f"            Principal: {APP} became {OTHER}" in lines
    assert "1 policy gives what it gave before: aws_kms_key.this" in lines
    comment = (tmp_path / "comment.md").read_text(encoding="utf-8")
    assert comment.startswith("### kms-lint: new access (incomparable)\n")
    assert f"  - `Principal`: `{APP}` became `{OTHER}`" in comment


def test_a_key_that_is_called_data_is_no_data_source(tmp_path: Path) -> None:
    policy = 'resource "aws_iam_policy" "p" {\n  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "kms:*", Resource = aws_kms_key.data.arn }] })\n}\n'
    old, new = (key(statement(f'"{APP}"', action), name="data") + policy for action in (WIDE, NARROW))
    assert changed(tmp_path, {"main.tf": old}, {"main.tf": new})["verdict"] == "no_new_access"


def test_roles_of_two_folders_are_not_one_role(tmp_path: Path) -> None:
    """A statement that moves from the role of one deployment to that of another is new there."""
    with_two, without = IDENTITY.format(f"{ONE}, {TWO}", ONE, ATTACHED), IDENTITY.format(ONE, ONE, ATTACHED)
    found = changed(
        tmp_path, {"dev/iam.tf": with_two, "prod/iam.tf": without}, {"dev/iam.tf": without, "prod/iam.tf": with_two}
    )
    assert found["verdict"] == "new_access"


def test_a_side_that_is_not_all_known_hides_no_grant(tmp_path: Path) -> None:
    old = {"main.tf": PLAIN, "grants.json": '{"Grants": [{"KeyId": "arn:aws:kms:'}
    found = changed(tmp_path, old, {"main.tf": PLAIN + grant('"Decrypt"'), "grants.json": "{}"})
    assert found["verdict"] == "unknown"


def test_sarif_names_each_new_access_and_what_is_not_proved(tmp_path: Path) -> None:
    old = 'variable "who" {}\n' + key(statement(f'"{APP}"')) + key(statement("upper(var.who)"), name="b")
    new = old.replace("kms:Decrypt", "kms:Encrypt", 1).replace("upper", "lower")
    changed(tmp_path, {"main.tf": old}, {"main.tf": new})
    run = json.loads(kms_lint("diff", "git:HEAD", ".", "--format", "sarif", cwd=tmp_path).stdout)["runs"][0]
    found = {
        (each["ruleId"], each["locations"][0]["physicalLocation"]["region"]["startLine"]) for each in run["results"]
    }
    assert found == {("new-access", 3), ("not-proved", 6)}
