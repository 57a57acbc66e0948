"""Rules of users: read from a folder, checked with places, never executed."""

from pathlib import Path

import pytest

from kms_lint import examples, library
from kms_lint.errors import RuleError, SourceError
from kms_lint.model import Key, Statement

RULE = """\
# yaml-language-server: $schema=schema.json
title: A statement speaks of the partner account
severity: low
since: 1.0.0
concept: Our own
why: Partners get grants here, and no statements; see our handbook.
fix: Ask for a grant instead.
references: [https://example.com/handbook]
match:
  statement:
    principal: foreign-identity
    effect: Allow
label: a principal of another account
fail:
  - Effect: Allow
    Principal: {AWS: "arn:aws:iam::444455556666:role/partner"}  # <- no-partners
    Action: kms:DescribeKey
    Resource: "*"
pass:
  - Effect: Deny
    Principal: {AWS: "arn:aws:iam::444455556666:role/partner"}
    Action: kms:DescribeKey
    Resource: "*"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "no-partners.yaml").write_text(RULE, encoding="utf-8")
    return tmp_path


def changed(folder: Path, old: str, new: str) -> str:
    """Changes the rule file of a user; what is said about it then, without the folder."""
    path = folder / "no-partners.yaml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(RuleError) as raised:
        library.from_folder(str(folder))
    return str(raised.value).replace(f"{folder.as_posix()}/", "")


def test_a_rule_of_a_user_is_read_and_its_examples_hold(folder: Path) -> None:
    (rule,) = library.from_folder(str(folder))
    assert (rule.id, rule.subject, str(rule.about.severity)) == ("no-partners", Statement, "low")
    assert examples.run(str(folder / "no-partners.yaml"), rule) == []


def test_an_example_that_is_not_found_is_told_with_its_place(folder: Path) -> None:
    path = folder / "no-partners.yaml"
    path.write_text(RULE.replace("- Effect: Allow\n", "- Effect: Deny\n"), encoding="utf-8")
    (rule,) = library.from_folder(str(folder))
    assert examples.run(str(path), rule) == [f"{path.as_posix()}:16: no-partners fail 1: expected here, and not found"]


MISTAKES = {
    "a word that is none": (
        "principal: foreign-identity",
        "principle: foreign-identity",
        "no-partners.yaml:11:5: match.statement: Additional properties are not allowed ('principle' was unexpected)",
    ),
    "a severity that is none": (
        "severity: low",
        "severity: hgh",
        "no-partners.yaml:3:11: severity: 'hgh' is not one of ['critical', 'high', 'medium', 'low', 'info']",
    ),
    "no label": (
        "label: a principal of another account\n",
        "",
        "no-partners.yaml:2:1: the rule: ",
    ),
    "a check that does not exist": (
        "match:\n  statement:\n    principal: foreign-identity\n    effect: Allow\nlabel: a principal of another account\n",
        "check: no_such_check\n",
        "no-partners.yaml:9:8: rule no-partners names the check `no_such_check`, which neither exists",
    ),
    "text that is no YAML": (
        "title: A",
        "title: [A",
        "no-partners.yaml:",
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_told_with_its_place(folder: Path, mistake: str) -> None:
    old, new, said = MISTAKES[mistake]
    assert changed(folder, old, new).startswith(said)


def test_a_name_that_is_taken_is_refused(folder: Path) -> None:
    (folder / "no-partners.yaml").rename(folder / "public-principal.yaml")
    with pytest.raises(RuleError, match=r"public-principal\.yaml:2:1: there is a rule public-principal already"):
        library.from_folder(str(folder))


def test_a_name_that_is_no_name_of_a_rule_is_refused(folder: Path) -> None:
    (folder / "no-partners.yaml").rename(folder / "No_Partners.yaml")
    with pytest.raises(RuleError, match="`No_Partners` is no name for a rule"):
        library.from_folder(str(folder))


def test_a_folder_that_does_not_exist_is_told() -> None:
    with pytest.raises(SourceError, match="no-such-folder: the folder of rules cannot be read"):
        library.from_folder("no-such-folder")


def test_a_check_of_an_installed_package_is_found_by_its_entry_point(
    folder: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = tmp_path_factory.mktemp("site")
    (site / "our_checks.py").write_text(
        "from kms_lint.finding import Hit\n"
        "from kms_lint.model import Key\n"
        "from kms_lint.rule import check\n\n\n"
        "@check(Key)\n"
        "def our_check(key, world):\n"
        "    yield Hit(key.at, 'ours')\n",
        encoding="utf-8",
    )
    information = site / "our_checks-1.0.dist-info"
    information.mkdir()
    (information / "METADATA").write_text("Metadata-Version: 2.1\nName: our-checks\nVersion: 1.0\n", encoding="utf-8")
    (information / "entry_points.txt").write_text(
        "[kms_lint.checks]\nour_check = our_checks:our_check\n", encoding="utf-8"
    )
    monkeypatch.syspath_prepend(str(site))
    head, _, rest = RULE.partition("match:")
    text = f"{head}check: our_check\n{rest[rest.index('fail:') :]}"
    (folder / "no-partners.yaml").write_text(text, encoding="utf-8")
    (rule,) = library.from_folder(str(folder))
    assert rule.subject is Key


def test_the_rules_that_are_wanted_are_built_and_no_others() -> None:
    assert [rule.id for rule in library.built_in({"public-principal", "key-lockout"})] == [
        "key-lockout",
        "public-principal",
    ]
