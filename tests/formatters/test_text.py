"""The report for people: the frame, the carets, what is shown as an escape, what is cut and what is masked."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from kms_lint.api import lint
from kms_lint.finding import Report
from kms_lint.formatters import Look
from kms_lint.formatters.concise import render as concise
from kms_lint.formatters.text import render
from tests.formatters.reports import FINDING, IGNORED, KEYS, POSSIBLE, REPORT, SUMMARY, at, span

WHOLE = """\
critical[public-principal]: A key policy statement lets in anyone
 --> infra/keys.tf:3:50
  |
3 |     Statement = [{ Sid = "AllowUse", Principal = "*" }]
  |                                                  ^^^ anyone in any AWS account
 ::: infra/keys.tf:1:1
  |
1 | resource "aws_kms_key" "payments" {
  | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ the key
  = in: aws_kms_key.payments, statement AllowUse (key-policy)
  = fix: Name the principals
  = help: https://kms-lint.readthedocs.io/en/latest/rules/public-principal/

not judged in full:
  infra/keys.tf:40: aws_kms_key.logs: var.policy: only known when deployed

1 finding (1 critical) in 12 files: 10 judged, 1 not in full, 1 skipped; 9 policies, 4 keys, 2 grants
"""


def test_a_whole_report() -> None:
    assert render(REPORT, Look()) == WHOLE


def test_quiet_is_findings_alone_and_verbose_says_why() -> None:
    quiet, verbose = render(REPORT, Look(verbosity=-1)), render(REPORT, Look(verbosity=1))
    assert quiet == WHOLE.split("not judged")[0]
    assert "  = why: Anyone can use it.\n" in verbose


def test_colours_only_add_escapes() -> None:
    import re

    colored = render(REPORT, Look(color=True))
    assert "\x1b[1;31mcritical[public-principal]\x1b[0m" in colored
    assert re.sub(r"\x1b\[[0-9;]*m", "", colored) == WHOLE


def test_possible_and_ignored_findings_say_so() -> None:
    text = render(Report((POSSIBLE,), (), SUMMARY, ignored=(IGNORED,)), Look())
    assert "low[public-principal] (possible): " in text
    assert "statement 3" in text
    assert "  = ignored: by kms-lint.yaml:3: ticket SEC-41\n" in text


def test_no_findings() -> None:
    text = render(Report(summary=replace(SUMMARY, findings={}, ignored=2)), Look())
    assert text.startswith("no findings, 2 ignored in 12 files: 10 judged")


EXCERPTS = {
    "tabs become blanks": ('\t"a": "*"', '"*"', ['1 |     "a": "*"', "  |          ^^^ anyone"]),
    "escape sequences are shown": (
        '"\x1b[31m": "*"',
        '"*"',
        ['1 | "\\u001b[31m": "*"', "  |               ^^^ anyone"],
    ),
    "bidi and zero width characters are shown": (
        '"\u202e\u200b": "*"',
        '"*"',
        ['1 | "\\u202e\\u200b": "*"', "  |                 ^^^ anyone"],
    ),
    "wide characters take two columns": ('"鍵": "*"', '"*"', ['1 | "鍵": "*"', "  |       ^^^ anyone"]),
    "a carriage return does not count": ('"a": "*"\r\n}', '"*"', ['1 | "a": "*"', "  |      ^^^ anyone"]),
    "nothing is a caret": ("", "", ["1 |", "  | ^ anyone"]),
    "an access key is masked": (
        '"AKIAIOSFODNN7EXAMPLE": "*"',
        '"*"',
        ['1 | "********************": "*"', "  |                         ^^^ anyone"],
    ),
}


@pytest.mark.parametrize("name", EXCERPTS)
def test_an_excerpt(name: str) -> None:
    text, marked, expected = EXCERPTS[name]
    lines = render(at(text, marked, message="anyone"), Look()).splitlines()
    assert lines[3:5] == expected


def test_a_long_line_is_cut_around_the_caret() -> None:
    text = "[" + '"kms:Decrypt", ' * 200_000 + '"*"' + ', "x"' * 200_000 + "]"
    lines = render(at(text, '"*"'), Look()).splitlines()
    excerpt, carets = lines[3], lines[4]
    assert len(excerpt) < 130
    assert excerpt[carets.index("^^^") :].startswith('"*", "x"')
    assert excerpt.startswith("1 | …")
    assert excerpt.endswith("…")


def test_a_place_of_several_lines_shows_the_first() -> None:
    finding = replace(FINDING, span=span(KEYS, "policy", "})"), related=())
    lines = render(Report((finding,), (), SUMMARY), Look()).splitlines()
    assert lines[3] == "2 |   policy = jsonencode({"
    assert lines[4] == "  |   ^^^^^^^^^^^^^^^^^^^^^… anyone in any AWS account"


def test_a_secret_is_not_shown_again() -> None:
    text = 'resource "aws_kms_ciphertext" "x" {\n  plaintext = "open sesame"\n}\n'
    about = replace(FINDING.about, id="key-material-in-code")
    shown = render(at(text, '"open sesame"', about=about, value=None), Look())
    masked = render(at(text, '"open sesame"', value="****"), Look())
    assert "sesame" not in shown + masked
    assert "  plaintext = *************" in shown


def test_concise_is_one_line_a_finding() -> None:
    text = concise(Report((FINDING, POSSIBLE), (), SUMMARY), Look())
    assert text == (
        "infra/keys.tf:3:50: critical[public-principal] anyone in any AWS account\n"
        "infra/keys.tf:3:50: low[public-principal] anyone in any AWS account (possible)\n"
    )


def test_a_path_cannot_make_lines_of_its_own() -> None:
    report = at('"*"', '"*"', path="a\n::error::b\x1b[31m.json")
    for text in (render(report, Look()), concise(report, Look())):
        assert "a\\u000a::error::b\\u001b[31m.json:1:1" in text


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (
            "main.tf.json",
            '{"resource": {"aws_kms_external_key": {"k": {"key_material_base64": "hunter2", "deletion_window_in_days": 7}}}}',
        ),
        ("main.tf", 'resource "aws_kms_external_key" "k" { key_material_base64 = base64encode("hunter2") }\n'),
        (
            "terraform.tfstate",
            '{"version": 4, "terraform_version": "1.9.0", "serial": 1, "lineage": "x", "resources": [{"mode": "managed", '
            '"type": "aws_kms_external_key", "name": "k", "instances": [{"attributes": {"key_material_base64": "hunter2", '
            '"deletion_window_in_days": 7}, "sensitive_attributes": []}]}]}',
        ),
    ],
    ids=["on one line of JSON", "within a call", "in a state"],
)
def test_a_secret_beside_what_is_shown_is_not_shown(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)
    said = render(lint(str(tmp_path / name)), Look())
    assert "imported-key-without-alias" in said
    assert "*" * len("hunter2") in said
    assert "hunter2" not in said
