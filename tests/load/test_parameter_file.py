"""Files of parameters, in the forms that AWS takes, and what is said about others."""

from __future__ import annotations

from pathlib import Path

import pytest

from kms_lint.errors import SourceError
from kms_lint.load.parameter_file import parameters
from tests.conftest import kms_lint
from tests.load.cloudformation_folder import written

FORMS = [
    ("a list of keys and values", '[{"ParameterKey": "Env", "ParameterValue": "prod"}, {"ParameterKey": "Other", "UsePreviousValue": true}]'),
    ("Parameters", '{"Parameters": {"Env": "prod"}, "Tags": {"a": "b"}, "StackPolicy": {}}'),
    ("names and values", '{"Env": "prod"}'),
    ("a list of names with values", '["Env=prod"]'),
    ("YAML", "Env: prod\n"),
]  # fmt: skip


@pytest.mark.parametrize("text", [row[1] for row in FORMS], ids=[row[0] for row in FORMS])
def test_forms(text: str, tmp_path: Path) -> None:
    (tmp_path / "p.json").write_text(text)
    assert parameters([str(tmp_path / "p.json")]) == {"Env": "prod"}


def test_numbers_truths_and_lists_are_text(tmp_path: Path) -> None:
    (tmp_path / "p.json").write_text('{"A": 012, "B": true, "C": ["x", 1]}'.replace("012", "12"))
    assert parameters([str(tmp_path / "p.json")]) == {"A": "12", "B": "true", "C": "x,1"}


BAD = [
    ("broken", "{", ":1:2: this is no file of parameters: "),
    ("text", '"words"', ":1:1: this is text: write a list of "),
    ("an entry without a key", '[{"Key": "a"}]', ":1:2: an entry has no `ParameterKey`: write a list of "),
    ("an entry without a value", '[{"ParameterKey": "a"}]', ":1:2: `a` has no `ParameterValue`: write a list of "),
    (
        "an object as value",
        '{"A": {"b": 1}}',
        ":1:7: the value of `A` is an object where text belongs: write a list of ",
    ),
]


@pytest.mark.parametrize(("text", "expected"), [row[1:] for row in BAD], ids=[row[0] for row in BAD])
def test_what_is_no_file_of_parameters(text: str, expected: str, tmp_path: Path) -> None:
    (tmp_path / "p.json").write_text(text)
    with pytest.raises(SourceError) as raised:
        parameters([str(tmp_path / "p.json")])
    assert str(raised.value).startswith(f"{tmp_path / 'p.json'}{expected}")


TEMPLATE = """
Parameters: {Who: {Type: String, Default: "*"}}
Resources:
  Key:
    Type: AWS::KMS::Key
    DeletionPolicy: Retain
    UpdateReplacePolicy: Retain
    Properties:
      EnableKeyRotation: true
      KeyPolicy:
        Version: "2012-10-17"
        Statement: [{Effect: Allow, Principal: {AWS: !Ref Who}, Action: "kms:*", Resource: "*"}]
"""


def test_on_the_command_line(tmp_path: Path) -> None:
    folder = written(tmp_path, {"t.yaml": TEMPLATE, "p.json": '{"Who": "arn:aws:iam::111122223333:root"}'})
    own = ("check", "--format", "concise", "--account", "111122223333", "t.yaml")
    assert kms_lint(*own, cwd=folder).returncode == 1
    assert kms_lint(*own, "--parameter-file", "p.json", cwd=folder).returncode == 0
    assert kms_lint(*own, "--parameter-file", "p.json", "--parameter", "Who=*", cwd=folder).returncode == 1
    (folder / "p.json").write_text("[1]")
    done = kms_lint(*own, "--parameter-file", "p.json", cwd=folder)
    assert done.returncode == 2
    assert b"p.json:1:2: an entry has no `ParameterKey`" in done.stderr
    done = kms_lint(*own, "--parameter-file", "nowhere.json", cwd=folder)
    assert (done.returncode, b"nowhere.json" in done.stderr) == (2, True)
