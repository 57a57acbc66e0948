"""The command line: options and their errors, streams, exit status, files."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

from kms_lint import files
from kms_lint.cli import COMMANDS, main
from kms_lint.errors import SourceError
from tests.conftest import PROJECT, kms_lint

BAD = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "kms:*", "Resource": "*"}]}\n'
GOOD = (
    '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "kms:Decrypt",'
    ' "Resource": "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"}]}\n'
)
UNKNOWN = 'variable "key" {}\nresource "aws_iam_policy" "a" {\n  policy = var.key\n}\n# kms:\n'


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    (tmp_path / "bad.json").write_text(BAD)
    (tmp_path / "good.json").write_text(GOOD)
    (tmp_path / "unknown.tf").write_text(UNKNOWN)
    return tmp_path


STATUS = [
    (["check", "good.json"], 0),
    (["check", "bad.json"], 1),
    (["check", "."], 1),
    (["check"], 1),
    (["check", "bad.json", "--exit-zero"], 0),
    (["check", "bad.json", "--fail-on", "critical"], 0),
    (["check", "bad.json", "--fail-on", "high"], 1),
    (["check", "bad.json", "--min-severity", "critical"], 0),
    (["check", "bad.json", "--ignore", "full-kms-access,unneeded-create-key", "--select", "full-kms-access"], 0),
    (["check", "unknown.tf"], 0),
    (["check", "unknown.tf", "--fail-on-unresolved"], 1),
    (["check", "unknown.tf", "--fail-on-unresolved", "--exit-zero"], 0),
    (["check", "nowhere"], 2),
    (["check", "bad.json", "nowhere"], 2),
    (["check", "bad.json", "--format", "sarif=nowhere/x.sarif"], 2),
    (["check", "bad.json", "--config", "nowhere.yaml"], 2),
    (["check", "bad.json", "--rules", "nowhere"], 2),
    (["check", "--nope"], 2),
    (["nope"], 2),
    (["explain", "public-principal"], 0),
    (["explain", "nope"], 2),
    (["show"], 0),
    (["show", "nowhere"], 2),
    (["rules"], 0),
    (["schema", "nope"], 2),
    (["test", "nowhere"], 2),
    (["--help"], 0),
    (["--version"], 0),
    *(([name, "--help"], 0) for name in COMMANDS),
]


@pytest.mark.parametrize(
    ("arguments", "status"), STATUS, ids=lambda value: " ".join(value) if isinstance(value, list) else ""
)
def test_exit_status(arguments: list[str], status: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == status
    said = capsys.readouterr()
    assert "Traceback" not in said.err
    assert (said.err != "") >= (status == 2)
    assert status != 2 or not said.out


MISTAKES = {
    "a format": (["--format", "sarfi"], "`sarfi` is no format: did you mean `sarif`?"),
    "a format without a file": (["--format", "json="], "`json=` names no file after `=`"),
    "a rule": (["--select", "public-prinicpal"], "--select: there is no rule `public-prinicpal`: did you mean `public-principal`?"),
    "a rule to ignore": (["--ignore", "CKV_AWS_3"], "--ignore: there is no rule `CKV_AWS_3`: `kms-lint rules --coverage` lists what there is"),
    "a check that no rule carries": (["--select", "ckv_aws_40"], "`ckv_aws_40`: no rule carries this check of checkov (it is about who is an administrator of the account; "),
    "a slip in a check of another tool": (["--select", "CKV_AW_33"], "`CKV_AW_33`: did you mean `CKV_AWS_33`?"),
    "nothing like a rule": (["--select", "zzz"], "there is no rule `zzz`: `kms-lint rules` lists what there is"),
    "a level": (["--fail-on", "hgh"], "`hgh` is no level: did you mean `high`?"),
    "another level": (["--min-severity", "LOW"], "`LOW` is no level: did you mean `low`?"),
    "a kind": (["--kind", "keypolicy"], "`keypolicy` is no kind: did you mean `key-policy`?"),
    "a persona": (["--persona", "strickt"], "`strickt` is no persona: did you mean `strict`?"),
    "a choice of colour": (["--color", "allways"], "`allways` is no choice of colour: did you mean `always`?"),
    "an account": (["--account", "1234"], "`1234` is no account id: write its 12 digits"),
    "a day": (["--now", "2027-02-30"], "`2027-02-30` is no day"),
    "a pair": (["--var", "x"], "`x` is not of the form NAME=VALUE"),
    "two formats in one place": (["--format", "json", "--format", "text"], "two formats would both go to standard output"),
    "an option": (["--formt", "json"], "'--format'"),
    "an escape sequence": (["--format", "\x1b[31m"], "`\\u001b[31m` is no format"),
}  # fmt: skip


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_named_with_what_was_meant(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    arguments, message = MISTAKES[name]
    assert main(["check", *arguments]) == 2
    assert message in capsys.readouterr().err


def test_rules_can_be_named_by_equivalents(capsys: pytest.CaptureFixture[str]) -> None:
    policy = '{"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"}]}'
    Path("public.json").write_text(policy)
    main(["check", "public.json", "--format", "concise", "--select", "CKV_AWS_33"])
    assert "critical[public-principal]" in capsys.readouterr().out
    main(["check", "public.json", "--format", "concise", "--ignore", "ckv_aws_33"])
    assert "[public-principal]" not in capsys.readouterr().out


def test_standard_output_is_the_report_alone() -> None:
    for format in ("json", "sarif"):
        done = kms_lint("check", "--format", format, "-v")
        assert done.returncode == 1
        json.loads(done.stdout)
        assert b"configuration: none" in done.stderr


def test_no_files_is_success_and_said() -> None:
    Path("empty").mkdir()
    done = kms_lint("check", "empty", "--format", "json")
    assert done.returncode == 0
    assert done.stderr.startswith(b"kms-lint: there are no files to check in empty\n")
    assert json.loads(done.stdout)["findings"] == []
    assert kms_lint("check", "empty", "-q").stdout == b""


def test_standard_input() -> None:
    done = kms_lint("check", "-", "--format", "concise", "-q", stdin=BAD.encode())
    assert done.returncode == 1
    assert done.stdout.startswith(b"<stdin>:1:")
    named = kms_lint(
        "check", "-", "--stdin-filename", "infra/x.tf", "--format", "concise", stdin=b'resource "aws_kms_key" "a" {\n'
    )
    assert named.stdout.startswith(b"infra/x.tf:")
    assert b"[malformed-document]" in named.stdout


def test_several_formats_in_one_run(capsys: pytest.CaptureFixture[str]) -> None:
    assert (
        main(["check", "bad.json", "--format", "concise", "--format", "json=a.json.out", "--format", "sarif=a.sarif"])
        == 1
    )
    assert "bad.json:1:" in capsys.readouterr().out
    assert json.loads(Path("a.json.out").read_text())["findings"]
    assert json.loads(Path("a.sarif").read_text())["runs"]
    assert sorted(path.name for path in Path().iterdir() if ".tmp" in path.name) == []


def test_an_output_file_is_replaced_as_a_whole(capsys: pytest.CaptureFixture[str]) -> None:
    Path("target").write_text("old" * 100_000)
    Path("out").symlink_to("target")
    assert main(["check", "bad.json", "--format", "concise=out"]) == 1
    assert Path("out").is_symlink()
    assert Path("target").read_text().startswith("bad.json:1:")
    capsys.readouterr()


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_full_standard_output(unbuffered: str) -> None:
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "kms_lint", "check"],
            stdout=full,
            stderr=subprocess.PIPE,
            timeout=60,
            env={**os.environ, "PYTHONUNBUFFERED": unbuffered},
        )
    assert done.returncode == 2
    assert done.stderr.endswith(b"standard output cannot be written: no space left on device\n")


def test_an_output_that_cannot_be_written() -> None:
    Path("folder").mkdir()
    assert b"folder cannot be written" in kms_lint("check", "--format", "json=folder").stderr


def test_a_reader_that_stops_early_changes_nothing() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [sys.executable, "-m", "kms_lint", "check"], stdout=writer, stderr=subprocess.PIPE, timeout=60
    )
    os.close(writer)
    assert (done.returncode, done.stderr) == (1, b"")


def test_closed_streams_are_no_traceback() -> None:
    command = [sys.executable, "-m", "kms_lint", "check", "-"]
    done = subprocess.run(["sh", "-c", '"$@" <&- >&-', "sh", *command], stderr=subprocess.PIPE, timeout=60)
    assert done.returncode == 2
    assert b"Traceback" not in done.stderr
    assert done.stderr.startswith(b"kms-lint: error: standard input")


class Interrupted(io.BytesIO):
    """A terminal on which somebody presses Control-C."""

    def read(self, size: int | None = -1, /) -> bytes:
        raise KeyboardInterrupt


def test_an_interrupt(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(Interrupted()))
    assert main(["check", "-"]) == 130
    assert "Traceback" not in capsys.readouterr().err


COLORS = [
    ([], {}, False),
    (["--color", "always"], {}, True),
    ([], {"FORCE_COLOR": "1"}, True),
    ([], {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
    (["--color", "always"], {"NO_COLOR": "1"}, True),
    (["--color", "never"], {"FORCE_COLOR": "1"}, False),
]


@pytest.mark.parametrize(("arguments", "environment", "colored"), COLORS)
def test_colours(
    arguments: list[str],
    environment: dict[str, str],
    colored: bool,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    main(["check", "bad.json", *arguments, "--format", "json=x", "--format", "text"])
    assert ("\x1b[" in capsys.readouterr().out) is colored
    assert "\x1b" not in Path("x").read_text()


def test_a_terminal_is_coloured_and_has_no_bar_on_a_short_run() -> None:
    import pty

    main_end, terminal = pty.openpty()
    environment = {**os.environ, "TERM": "xterm"}
    command = [sys.executable, "-m", "kms_lint", "check", "bad.json"]
    subprocess.run(command, stdout=terminal, stderr=terminal, env=environment, timeout=60)
    os.close(terminal)
    said = os.read(main_end, 1_000_000)
    assert b"\x1b[31mhigh[full-kms-access]" in said
    assert b"reading" not in said


PROGRESS = """
from kms_lint.cli.progress import progress
with progress(7, quiet=QUIET, patience=0) as tick:
    for _ in range(6):
        tick()
"""


@pytest.mark.parametrize(("quiet", "shown"), [(False, True), (True, False)], ids=["waiting", "quiet"])
def test_a_bar_for_people_who_wait(quiet: bool, shown: bool) -> None:
    import pty

    main_end, terminal = pty.openpty()
    code = PROGRESS.replace("QUIET", str(quiet)) + "print('x', file=__import__('sys').stderr)"
    command = [sys.executable, "-c", code]
    done = subprocess.run(
        command, stdout=subprocess.PIPE, stderr=terminal, env={**os.environ, "TERM": "xterm"}, timeout=60
    )
    os.close(terminal)
    assert (b"/7" in os.read(main_end, 1_000_000)) is shown
    assert done.stdout == b""


def test_no_bar_where_standard_error_is_no_terminal() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRESS.replace("QUIET", "False")], capture_output=True, timeout=60)
    assert (done.stdout, done.stderr) == (b"", b"")


def test_output_in_an_encoding_that_lacks_the_characters() -> None:
    Path("bad.json").rename("schlüssel.json")
    done = kms_lint("check", environment={"PYTHONIOENCODING": "ascii"})
    assert done.returncode == 1
    assert b"schl\\xfcssel.json" in done.stdout


def test_verbosity(capsys: pytest.CaptureFixture[str]) -> None:
    main(["check", "bad.json"])
    normal = capsys.readouterr()
    main(["check", "bad.json", "-q"])
    quiet = capsys.readouterr()
    main(["check", "bad.json", "-v"])
    verbose = capsys.readouterr()
    assert (normal.err, quiet.err) == ("", "")
    assert normal.out.startswith(quiet.out)
    assert "= why:" in verbose.out
    assert "= why:" not in normal.out


def test_a_format_without_a_summary_has_it_on_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    main(["check", "unknown.tf", "--format", "concise"])
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("kms-lint: no findings in 1 file: 0 judged, 1 not in full")


def test_options_stand_in_groups(capsys: pytest.CaptureFixture[str]) -> None:
    main(["check", "--help"])
    text = capsys.readouterr().out
    headings = [line.rstrip(":") for line in text.splitlines() if line.endswith(":") and not line.startswith(" ")]
    assert headings == ["Input", "Selection", "Output", "Result", "Run", "Other"]


@pytest.mark.parametrize("arguments", [["--version"], ["--version", "check"]])
def test_version(arguments: list[str]) -> None:
    assert kms_lint(*arguments).stdout == b"kms-lint 0.1.0 (facts of 2026-11)\n"


def test_completion_knows_rules() -> None:
    environment = {"_KMS_LINT_COMPLETE": "bash_complete", "COMP_WORDS": "kms-lint explain public-", "COMP_CWORD": "2"}
    script = Path(sys.executable).parent / "kms-lint"
    done = subprocess.run([script], env={**os.environ, **environment}, capture_output=True, timeout=60)
    assert b"plain,public-principal" in done.stdout


def test_show_gives_the_policy_as_aws_would_receive_it(capsys: pytest.CaptureFixture[str]) -> None:
    Path("keys.tf").write_text(
        'variable "account" {}\n'
        'resource "aws_kms_key" "a" {\n'
        "  deletion_window_in_days = 7\n"
        "  enable_key_rotation     = true\n"
        "  policy = jsonencode({\n"
        '    Version   = "2012-10-17"\n'
        '    Statement = [{ Effect = "Allow", Principal = { AWS = "arn:aws:iam::${var.account}:root" }, Action = "kms:*", Resource = "*" }]\n'
        "  })\n"
        "}\n"
    )
    main(["show", "keys.tf", "--format", "json"])
    said = json.loads(capsys.readouterr().out)
    (document,) = said["documents"]
    key, policy = document["items"]
    assert (key["type"], key["address"], key["line"]) == ("key", "aws_kms_key.a", 2)
    assert (key["deletion_window"], key["rotation"], key["spec"]) == (7, True, None)
    assert (policy["type"], policy["policy_kind"], policy["of"]) == ("policy", "key-policy", "aws_kms_key.a")
    (statement,) = policy["policy"]["Statement"]
    assert statement["Principal"] == {"AWS": "arn:aws:iam::<var.account>:root"}
    assert [place["expression"] for place in said["unresolved"]] == ["var.account"]
    main(["show", "keys.tf"])
    text = capsys.readouterr().out
    assert "key aws_kms_key.a (line 2)" in text
    assert '"AWS": "arn:aws:iam::<var.account>:root"' in text


def test_show_writes_each_branch_of_a_condition(capsys: pytest.CaptureFixture[str]) -> None:
    Path("t.yaml").write_text(
        "Conditions: {IsProd: !Equals [!Ref AWS::Region, us-east-1]}\n"
        "Resources:\n"
        "  Key:\n"
        "    Type: AWS::KMS::Key\n"
        "    Properties:\n"
        "      KeyPolicy:\n"
        "        Statement:\n"
        "          - {Effect: Allow, Principal: !If [IsProd, '*', {AWS: 111122223333}], Action: 'kms:*', Resource: '*'}\n"
        "          - !If [IsProd, !Ref AWS::NoValue, {Effect: Deny, Principal: '*', Action: 'kms:*', Resource: '*'}]\n"
    )
    main(["show", "t.yaml", "--format", "json"])
    items = json.loads(capsys.readouterr().out)["documents"][0]["items"]
    found = {
        item["branch"]: [(each["Effect"], each["Principal"]) for each in item["policy"]["Statement"]]
        for item in items
        if item["type"] == "policy"
    }
    assert found == {
        "IsProd is true": [("Allow", "*")],
        "IsProd is false": [("Allow", {"AWS": 111122223333}), ("Deny", "*")],
    }


def test_rules_as_json_and_text(capsys: pytest.CaptureFixture[str]) -> None:
    main(["rules", "--format", "json"])
    said = {each["id"]: each for each in json.loads(capsys.readouterr().out)["rules"]}
    assert "CKV_AWS_33" in said["public-principal"]["equivalents"]
    main(["rules"])
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[1] for line in lines] == sorted(said)


def test_rules_on_a_terminal() -> None:
    import pty

    main_end, terminal = pty.openpty()
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "120"}
    with subprocess.Popen([sys.executable, "-m", "kms_lint", "rules"], stdout=terminal, env=environment) as running:
        os.close(terminal)
        shown = b""
        while b"wrong-region-or-partition" not in shown:  # a terminal holds little, and its reader must not wait
            shown += os.read(main_end, 65536)
    assert running.returncode == 0
    assert b"what is wrong" in shown


def test_explain_says_all_and_takes_equivalents(capsys: pytest.CaptureFixture[str]) -> None:
    main(["explain", "public-principal"])
    text = capsys.readouterr().out
    main(["explain", "CKV_AWS_33"])
    assert capsys.readouterr().out == text
    for heading in ("How to fix it", "A bad example", "A good example", "Equivalents in other tools", "References"):
        assert f"\n{heading}\n" in text
    assert '  Effect: Allow\n  Principal: "*"\n' in text
    assert "<- public-principal" not in text
    assert main(["explain", "public-prinicpal"]) == 2
    assert "did you mean `public-principal`?" in capsys.readouterr().err


@pytest.mark.parametrize("rule", sorted(path.stem for path in (PROJECT / "rules").glob("*.yaml")))
def test_every_rule_can_be_explained(rule: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", rule]) == 0
    text = capsys.readouterr().out
    bad, good = text.partition("\nA bad example\n")[2].split("\nA good example\n")
    assert "<-" not in bad
    for example in (bad, good.partition("\nEquivalents")[0].partition("\nReferences")[0]):
        said = [line for line in example.splitlines() if line.strip() and not line.strip().startswith("#")]
        assert len(said) > 1, "what stands before an example was taken for the example"
        assert not said[0].startswith(("  terraform:", "  cloudformation:", "  json:"))


def test_schemas_are_schemas(capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("config", "rule", "report"):
        assert main(["schema", name]) == 0
        jsonschema.Draft202012Validator.check_schema(json.loads(capsys.readouterr().out))


def test_a_real_report_follows_its_schema(capsys: pytest.CaptureFixture[str]) -> None:
    main(["check", str(PROJECT / "fixtures"), "--format", "json", "--persona", "strict", "--include-possible"])
    report = json.loads(capsys.readouterr().out)
    main(["schema", "report"])
    jsonschema.validate(report, json.loads(capsys.readouterr().out))
    assert report["findings"]


OWN_RULE = """\
title: A statement decrypts, and we do not do that
severity: low
since: 1.0.0
concept: Key policy
why: We agreed that nobody decrypts anything, in a meeting that all of us went to.
fix: Take the statement out of the policy
references: [https://example.org/decided]
match: {statement: {action: kms:Decrypt, effect: Allow}}
label: nobody decrypts here
fail:
  - Effect: Allow
    Action: kms:Decrypt  # <- we-do-not-decrypt
    Resource: "*"
pass:
  - Effect: Allow
    Action: kms:Encrypt
    Resource: "*"
"""


def test_own_rules_run_are_explained_and_tested(capsys: pytest.CaptureFixture[str]) -> None:
    Path("policy").mkdir()
    rule = Path("policy/we-do-not-decrypt.yaml")
    rule.write_text(OWN_RULE)
    main(["check", "good.json", "--rules", "policy", "--select", "we-do-not-decrypt", "--format", "concise"])
    assert "low[we-do-not-decrypt] nobody decrypts here" in capsys.readouterr().out
    assert main(["explain", "we-do-not-decrypt", "--rules", "policy"]) == 0
    assert main(["test", "policy"]) == 0
    assert "1 rule: all examples are right" in capsys.readouterr().out
    rule.write_text(OWN_RULE.replace("  # <- we-do-not-decrypt", ""))
    assert main(["test", "policy"]) == 1
    assert "we-do-not-decrypt fail 1" in capsys.readouterr().out
    rule.write_text(OWN_RULE.replace("severity: low", "severity: hgh"))
    assert main(["check", "good.json", "--rules", "policy"]) == 2
    assert "policy/we-do-not-decrypt.yaml:2:11: " in capsys.readouterr().err


def test_a_bug_of_ours_is_no_traceback(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("no bytes"))
    assert main(["check", "-"]) == 2
    assert "kms-lint itself failed" in capsys.readouterr().err


@pytest.mark.parametrize("format", ["text", "concise"])
def test_people_read_paths_as_they_gave_them(folder: Path, monkeypatch: pytest.MonkeyPatch, format: str) -> None:
    elsewhere = folder / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    both = ((str(folder), f"{folder}/bad.json:1:"), ("..", "../bad.json:1:"))
    for given, shown in both:
        printed = kms_lint("check", given, "--format", format, cwd=elsewhere).stdout.decode()
        assert f" {shown}" in f" {printed}".replace("\n", " ")


def test_programs_read_paths_from_the_working_directory(folder: Path) -> None:
    elsewhere = folder / "elsewhere"
    elsewhere.mkdir()
    found = json.loads(kms_lint("check", str(folder / "bad.json"), "--format", "json", cwd=elsewhere).stdout)
    assert {each["path"] for each in found["findings"]} == {"../bad.json"}
    both = kms_lint(
        "check", str(folder / "bad.json"), "--format", "text", "--format", "json=report.json", cwd=elsewhere
    )
    assert b"../bad.json" in both.stdout


def refusing(monkeypatch: pytest.MonkeyPatch, name: str, error: SourceError) -> None:
    """Has the system refuse a file, which it does to nobody who is root."""
    read = files.content

    def content(file: files.File) -> bytes:
        if file.path == name:
            raise error
        return read(file)

    monkeypatch.setattr(files, "content", content)


def test_a_file_that_cannot_be_read_hides_no_other(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "locked.json").write_text(BAD)
    refusing(monkeypatch, "locked.json", SourceError("locked.json cannot be read: permission denied"))
    assert main(["check", ".", "--format", "json"]) == 2
    said = capsys.readouterr()
    found = json.loads(said.out)
    assert {each["path"] for each in found["findings"]} == {"bad.json"}
    assert ("locked.json", "cannot be read: permission denied") in [
        (each["path"], each["message"]) for each in found["unresolved"]
    ]
    assert "kms-lint: error: locked.json cannot be read: permission denied\n" in said.err
    assert main(["check", "locked.json"]) == 2
    assert main(["show", "."]) == 2


def test_a_file_that_is_too_large_is_unresolved(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(files, "LIMIT", len(GOOD) - 1)
    (folder / "bad.json").write_text("{}")
    (folder / "unknown.tf").unlink()
    assert main(["check", ".", "--format", "json"]) == 0
    (left,) = json.loads(capsys.readouterr().out)["unresolved"]
    assert (left["path"], left["expression"]) == ("good.json", "the whole file")
    assert main(["check", "good.json"]) == 2


BROKEN_VARIABLES = {"v.tfvars": 'a = "x"\nb = \n', "v.tfvars.json": '{"a": ', "text.tfvars": 'a = "\udcff"\n'}


@pytest.mark.parametrize("name", BROKEN_VARIABLES)
def test_a_broken_file_of_variables_that_is_asked_for_is_told(
    folder: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / name).write_bytes(BROKEN_VARIABLES[name].encode("utf-8", "surrogateescape"))
    assert main(["check", name, "--format", "json"]) == 1
    (finding,) = json.loads(capsys.readouterr().out)["findings"]
    assert (finding["rule"], finding["path"]) == ("malformed-document", name)
    assert main(["check", "unknown.tf", "--var-file", name]) == 2
    assert f"{name}:" in capsys.readouterr().err
    assert main(["check", "unknown.tf"]) == 0


@pytest.mark.parametrize("command", ["check", "show"])
def test_a_run_that_found_nothing_for_us_says_so(
    folder: Path, command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "other.json").write_text('{"a": 1}')
    assert main([command, "other.json"]) == 0
    assert "kms-lint: other.json holds no policy, key, grant or alias that can be read\n" in capsys.readouterr().err
    assert main([command, "other.json", "-q"]) == 0
    assert capsys.readouterr().err == ""
    assert main([command, "other.json", "good.json"]) == 0
    assert "holds no policy" not in capsys.readouterr().err
    assert kms_lint(command, "-", cwd=folder).stderr.startswith(b"kms-lint: standard input holds no policy")
