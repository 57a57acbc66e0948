"""The configuration: where it is found, how files are merged, and what is said about one that is wrong."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from kms_lint.cli import main
from kms_lint.config import Configurations
from kms_lint.config.schema import SCHEMA
from kms_lint.errors import ConfigError
from kms_lint.finding import Severity
from kms_lint.naming import Names

EXAMPLE = """\
accounts: {own: ["111122223333"], trusted: ["444455556666"]}
organizations: [o-a1b2c3d4e5]
rules: [policy/kms]                     # folders of own rules
severity: {deletion-window-short: medium}
settings: {minimum_deletion_window: 14, maximum_rotation_period: 365}
ignore:
  - {rule: cross-account-use, path: "infra/shared/**", resource: aws_kms_key.shared, statement: AllowAnalytics, reason: "partner account, ticket SEC-41", until: 2027-03-01}
require_reason: true
overrides: [{paths: ["examples/**"], ignore: [{rule: rotation-disabled, reason: "examples are never applied"}]}]
"""
"""The one of the contract."""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(**files: str) -> None:
    for name, text in files.items():
        path = Path(name.replace("__", "/").replace("_yaml", ".yaml").replace("_toml", ".toml"))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def names() -> Names:
    from kms_lint.library import described

    return Names(described())


def test_the_example_of_the_contract() -> None:
    Path("kms-lint.yaml").write_text(EXAMPLE)
    found = Configurations(["."])
    base = found.base
    assert base.accounts.own == {"111122223333"}
    assert base.accounts.trusted == {"444455556666"}
    assert base.accounts.organizations == {"o-a1b2c3d4e5"}
    assert (base.settings.minimum_deletion_window, base.settings.maximum_rotation_period) == (14, 365)
    assert base.rules == (str(Path.cwd() / "policy/kms"),)
    assert base.severities("a.tf", names()) == {"deletion-window-short": Severity.MEDIUM}
    assert base.require_reason
    first, second = base.ignores
    assert (first.names[0].text, first.until, first.reason) == (
        "cross-account-use",
        "2027-03-01",
        "partner account, ticket SEC-41",
    )
    assert second.names[0].text == "rotation-disabled"


TOML = """\
[project]
name = "x"

[tool.kms-lint]
organizations = ["o-a1b2c3d4e5"]
accounts = {own = ["011122223333"]}

[[tool.kms-lint.ignore]]
rule = "cross-account-use"
until = 2027-03-01
"""


def test_pyproject() -> None:
    Path("pyproject.toml").write_text(TOML)
    base = Configurations(["."]).base
    assert base.accounts.own == {"011122223333"}
    (ignore,) = base.ignores
    assert ignore.until == "2027-03-01"
    assert ignore.at.source.position(ignore.at.start) == (9, 9)


def test_a_pyproject_without_our_table_is_none() -> None:
    Path("pyproject.toml").write_text('[project]\nname = "x"\n')
    assert Configurations(["."]).base.layers == ()


FILES = ["kms-lint.yaml", ".kms-lint.yaml"]


@pytest.mark.parametrize("name", FILES)
def test_names_of_files(name: str) -> None:
    Path(name).write_text("persona: strict\n")
    assert Configurations(["."]).base.persona == "strict"


def test_where_a_folder_is_deployed_is_taken_from_the_configuration_unless_an_option_says_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    write(**{
        "kms-lint_yaml": "deployment: {account: '011122223333', region: eu-west-1}\n",
        "main.tf": 'data "aws_caller_identity" "me" {}\ndata "aws_region" "here" {}\nresource "aws_iam_policy" "p" {\n'
        '  policy = jsonencode({ Statement = [{ Effect = "Allow", Action = "kms:Decrypt", Resource = '
        '"arn:aws:kms:${data.aws_region.here.name}:${data.aws_caller_identity.me.account_id}:key/x" }] })\n}\n',
    })  # fmt: skip
    for arguments, expected in (([], "eu-west-1:011122223333"), (["--region", "us-east-1"], "us-east-1:011122223333")):
        assert main(["show", "--format", "json", *arguments]) == 0
        (item,) = [item for each in json.loads(capsys.readouterr().out)["documents"] for item in each["items"]]
        assert item["policy"]["Statement"][0]["Resource"] == f"arn:aws:kms:{expected}:key/x"


def test_leading_zeros_of_accounts_stay() -> None:
    Path("kms-lint.yaml").write_text("accounts: {own: [012345678901, '000000000001']}\n")
    assert Configurations(["."]).base.accounts.own == {"012345678901", "000000000001"}


def test_whom_the_user_knows(capsys: pytest.CaptureFixture[str]) -> None:
    said = (
        "accounts:\n  own: ['111122223333']\n  trusted: ['444455556666', 'arn:aws:iam::555566667777:role/ci-*']\n"
        "  third_party: [777788889999]\norganizations: [o-a1b2c3d4e5]\n"
    )
    Path("kms-lint.yaml").write_text(said)
    known = Configurations(["."]).base.accounts
    assert known.trusted == {"444455556666", "arn:aws:iam::555566667777:role/ci-*"}
    assert known.third_party == {"777788889999"}
    jsonschema.validate(as_json_schema_sees_it(said), SCHEMA)
    callers = ("444455556666:root", "555566667777:role/ci-1", "555566667777:role/x", "777788889999:root")
    statements = [
        {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{caller}"}, "Action": "kms:Decrypt", "Resource": "*"}
        for caller in callers
    ]
    Path("key.json").write_text(json.dumps({"Version": "2012-10-17", "Statement": statements}))
    assert main(["check", "--format", "json", "--select", "cross-account-use", "key.json"]) == 1
    found = json.loads(capsys.readouterr().out)["findings"]
    assert [(each["severity"], each["message"]) for each in found] == [
        (
            "medium",
            "role/x of account 555566667777 may use the key: kms:Decrypt; the account is not among those in the configuration of kms-lint",
        ),
        (
            "low",
            "account 777788889999, and whomever it lets in, may use the key: kms:Decrypt; the account is a third party in "
            "the configuration of kms-lint",
        ),
    ]


def tree() -> None:
    """A repository with three configurations."""
    Path(".git").mkdir()
    write(
        **{
            "kms-lint_yaml": "accounts: {own: ['111122223333'], trusted: ['444455556666']}\n"
            "settings: {minimum_deletion_window: 10}\nseverity: {public-principal: high, key-disabled: info}\n"
            "ignore: [{rule: key-lockout}]\n",
            "live__kms-lint_yaml": "accounts: {own: ['777788889999']}\nsettings: {maximum_rotation_period: 180}\n"
            "severity: {public-principal: low}\nignore: [{rule: key-disabled}]\n",
            "other__kms-lint_yaml": "root: true\npersona: strict\n",
        }
    )


def test_the_nearest_file_wins_and_is_merged_over_those_above() -> None:
    tree()
    near = Configurations(["live"]).base
    assert near.accounts.own == {"777788889999"}
    assert near.accounts.trusted == {"444455556666"}
    assert (near.settings.minimum_deletion_window, near.settings.maximum_rotation_period) == (10, 180)
    assert near.severities("live/a.tf", names()) == {"public-principal": Severity.LOW, "key-disabled": Severity.INFO}
    assert [ignore.names[0].text for ignore in near.ignores] == ["key-disabled", "key-lockout"]


def test_a_root_ends_the_search() -> None:
    tree()
    assert [layer.path for layer in Configurations(["other"]).base.layers] == ["other/kms-lint.yaml"]


def test_each_file_has_its_own_configuration_and_the_run_the_common_one() -> None:
    tree()
    found = Configurations(["live", "other"])
    found.know(names())
    assert found.base.accounts.own == {"111122223333"}
    assert found.severities("live/a.tf")["public-principal"] is Severity.LOW
    assert found.severities("other/a.tf") == {}
    assert found.unheard(["live/a.tf", "other/a.tf"]) == ["live/kms-lint.yaml", "other/kms-lint.yaml"]


def test_nothing_above_the_repository_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(**{"kms-lint_yaml": "persona: strict\n", "repository__.git__HEAD": "", "repository__infra__a.tf": ""})
    assert Configurations(["repository/infra"]).base.layers == ()
    monkeypatch.chdir(tmp_path / "repository" / "infra")
    assert Configurations(["."]).base.layers == ()


def test_without_a_repository_the_search_ends_at_the_working_directory() -> None:
    write(**{"kms-lint_yaml": "persona: strict\n", "infra__keys__a.tf": ""})
    assert Configurations(["infra/keys"]).base.persona == "strict"


def test_a_file_that_is_named_is_the_only_one() -> None:
    tree()
    found = Configurations(["live"], "other/kms-lint.yaml")
    assert found.base.persona == "strict"
    assert found.of("live/a.tf").layers == found.base.layers
    assert Configurations(["live"], off=True).of("live/a.tf").layers == ()


WRONG = {
    "an unknown key": (
        "acounts: {own: []}\n",
        "kms-lint.yaml:1:1: the configuration has no key `acounts`: did you mean `accounts`?",
    ),
    "an unknown key further in": (
        "settings:\n  minimum_deletion_windw: 14\n",
        "kms-lint.yaml:2:3: `settings` has no key `minimum_deletion_windw`: did you mean `minimum_deletion_window`?",
    ),
    "an unknown key of an ignore": (
        "ignore:\n  - rule: x\n    reasons: y\n",
        "kms-lint.yaml:3:5: entry 1 of `ignore` has no key `reasons`: did you mean `reason`?",
    ),
    "a missing key": ("ignore:\n  - path: x\n", "kms-lint.yaml:2:5: `rule` is missing here"),
    "a level": (
        "severity: {public-principal: hgh}\n",
        "kms-lint.yaml:1:30: `hgh` is no value of `public-principal`"
        " (one of critical, high, medium, low, info): did you mean `high`?",
    ),
    "an account": (
        "accounts: {own: [11112222333]}\n",
        "kms-lint.yaml:1:18: `11112222333` is no value of entry 1 of `own`: write an account id of 12 digits, in quotes",
    ),
    "a principal among the own accounts": (
        "accounts: {own: ['arn:aws:iam::444455556666:role/x']}\n",
        "is no value of entry 1 of `own`: write an account id of 12 digits, in quotes",
    ),
    "a principal of any account": (
        "accounts: {trusted: ['arn:aws:iam::*:role/x']}\n",
        "kms-lint.yaml:1:22: `arn:aws:iam::*:role/x` is no value of entry 1 of `trusted`: write an account id of 12 digits, "
        "in quotes, or an ARN such as arn:aws:iam::444455556666:role/partner",
    ),
    "a word for vendors": (
        "accounts: {thirdparty: ['444455556666']}\n",
        "`accounts` has no key `thirdparty`: did you mean `third_party`?",
    ),
    "a list": ("accounts: {own: '111122223333'}\n", "`own` is `111122223333`, and has to be a list"),
    "a number": ("settings: {minimum_deletion_window: 31}\n", "is 31, and has to be from 7 to 30"),
    "text for a number": ("settings: {minimum_deletion_window: x}\n", "is `x`, and has to be a whole number"),
    "a truth": ("require_reason: yes\n", "`require_reason` is `yes`, and has to be `true` or `false`"),
    "a date": ("ignore: [{rule: x, until: soon}]\n", "write a day as in 2027-03-01"),
    "nothing": ("rules:\n", "`rules` is empty, and has to be a list"),
    "a list at the top": ("- a\n", "kms-lint.yaml:1:1: a configuration file holds names and values"),
    "two documents": ("root: true\n---\nroot: true\n", "a configuration file is one document"),
    "a duplicate": ("root: true\nroot: false\n", "kms-lint.yaml:2:1: `root` is written twice"),
    "a tag": ("rules: !Ref x\n", "`rules` is names and values, and has to be a list"),
    "broken YAML": ("rules: [a\n", "kms-lint.yaml:"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_said_with_its_place(name: str) -> None:
    text, message = WRONG[name]
    Path("kms-lint.yaml").write_text(text)
    with pytest.raises(ConfigError) as caught:
        _ = Configurations(["."]).base
    assert message in str(caught.value)


def test_a_severity_for_no_rule_is_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    Path("kms-lint.yaml").write_text("severity:\n  public-prinicpal: low\n")
    assert main(["check"]) == 2
    expected = "kms-lint.yaml:2:3: there is no rule `public-prinicpal`: did you mean `public-principal`?"
    assert expected in capsys.readouterr().err


def test_a_severity_may_name_an_equivalent() -> None:
    Path("kms-lint.yaml").write_text("severity: {CKV_AWS_33: low}\n")
    found = Configurations(["."])
    _ = found.base
    found.know(names())
    assert found.severities("a.json")["public-principal"] is Severity.LOW


@pytest.mark.parametrize("path", ["nowhere.yaml", "."])
def test_a_file_that_cannot_be_read_is_an_error(path: str) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        _ = Configurations(["."], path).base


def test_pyproject_that_is_no_toml() -> None:
    Path("pyproject.toml").write_text("[tool.kms-lint\n")
    with pytest.raises(ConfigError, match=r"pyproject\.toml is not TOML"):
        _ = Configurations(["."]).base


def as_json_schema_sees_it(text: str) -> Any:
    return json.loads(json.dumps(yaml.load(text, Loader=WithoutDates)))


class WithoutDates(yaml.SafeLoader):
    """YAML as editors read it: dates are text."""


WithoutDates.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith(":timestamp")]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
YAML_ALONE = {"a duplicate", "two documents", "broken YAML", "a tag", "a truth", "an account"}
"""What a schema cannot see: how it is written, or where our reading is stricter than YAML's."""


@pytest.mark.parametrize("name", sorted(WRONG.keys() - YAML_ALONE))
def test_jsonschema_refuses_what_we_refuse(name: str) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(as_json_schema_sees_it(WRONG[name][0]), SCHEMA)


def test_jsonschema_takes_what_we_take() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    jsonschema.validate(as_json_schema_sees_it(EXAMPLE), SCHEMA)
    table = tomllib.loads(TOML)["tool"]["kms-lint"]
    jsonschema.validate(json.loads(json.dumps(table, default=str)), SCHEMA)


def test_what_is_excluded_is_left_out_unless_it_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    policy = '{"Statement": [{"Effect": "Allow", "Action": "kms:*", "Resource": "*"}]}'
    write(**{"kms-lint_yaml": "exclude: [generated/]\n", "generated__a.json": policy, "b.json": policy})

    def paths(*arguments: str) -> set[str]:
        main(["check", "--format", "json", *arguments])
        return {finding["path"] for finding in json.loads(capsys.readouterr().out)["findings"]}

    assert paths() == {"b.json"}
    assert paths("generated/a.json") == {"generated/a.json"}


def test_the_persona_and_the_level_that_fails(capsys: pytest.CaptureFixture[str]) -> None:
    policy = (
        '{"Statement": [{"Effect": "Allow", "Action": "kms:Decrypt",'
        ' "Resource": "arn:aws:kms:us-east-1:111122223333:alias/x"}]}'
    )
    write(**{"a.json": policy})
    assert main(["check"]) == 1
    Path("kms-lint.yaml").write_text("fail_on: critical\n")
    assert main(["check"]) == 0
    assert main(["check", "--fail-on", "low"]) == 1
    capsys.readouterr()


def test_the_page_about_configuration_is_true() -> None:
    from tests.conftest import PROJECT

    page = (PROJECT / "docs" / "configuration.md").read_text(encoding="utf-8")
    Path("kms-lint.yaml").write_text(page.split("```yaml\n")[1].split("```")[0])
    base = Configurations(["."]).base
    assert base.fail_on is Severity.MEDIUM
    assert [ignore.until for ignore in base.ignores] == ["2027-03-01", None]
    (layer,) = base.layers
    layer.check_names(names())
    missing = [name for name in SCHEMA["properties"] if f"\n{name}:" not in page]
    assert missing == []
