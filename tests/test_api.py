"""The four public names, as README shows them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import kms_lint
from kms_lint.errors import ConfigError, SourceError
from tests.conftest import PROJECT

PAYMENTS = PROJECT / "fixtures" / "payments"


def places(report: kms_lint.Report) -> list[tuple[str, str, int]]:
    found = []
    for finding in report.findings:
        line, _ = finding.span.source.position(finding.span.start)
        found.append((finding.about.id, Path(finding.span.source.path).name, line))
    return found


def test_lint_gives_a_report() -> None:
    report = kms_lint.lint(PAYMENTS)
    assert isinstance(report, kms_lint.Report)
    assert all(isinstance(finding, kms_lint.Finding) for finding in report.findings)
    assert ("wildcard-resource", "access.tf", 27) in places(report)
    assert ("public-principal", "keys.tf", 39) in places(report)


def test_rules_can_be_chosen() -> None:
    assert {id for id, _, _ in places(kms_lint.lint(PAYMENTS, select=["public-principal"]))} == {"public-principal"}
    assert "public-principal" not in {id for id, _, _ in places(kms_lint.lint(PAYMENTS, ignore=["public-principal"]))}


def test_values_can_be_given() -> None:
    report = kms_lint.lint(PAYMENTS / "keys.tf", account="111122223333", variables={"partner_account": "444455556666"})
    assert ("cross-account-use", "keys.tf", 56) in places(report)
    assert report.unresolved == ()


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        ({}, ["medium"]),
        ({"third_party_accounts": ["444455556666"]}, ["low"]),
        ({"trusted_accounts": ["arn:aws:iam::444455556666:role/*"]}, []),
        ({"own_accounts": ["444455556666"]}, []),
    ],
)
def test_accounts_that_are_known(known: dict[str, list[str]], expected: list[str], tmp_path: Path) -> None:
    allow = '{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::444455556666:role/x"}, "Action": "kms:Decrypt", "Resource": "*"}'
    (tmp_path / "key.json").write_text(f'{{"Version": "2012-10-17", "Statement": [{allow}]}}')
    report = kms_lint.lint(tmp_path, account="111122223333", select=["cross-account-use"], **known)
    assert [str(finding.severity) for finding in report.findings] == expected


def test_load_gives_what_was_understood() -> None:
    world = kms_lint.load(PAYMENTS, account="111122223333")
    addresses = {key.address for document in world.documents for key in document.keys}
    assert addresses == {"aws_kms_key.payments", "ExportKey"}


def test_mistakes_are_errors() -> None:
    with pytest.raises(SourceError):
        kms_lint.load(PAYMENTS / "missing.tf")
    with pytest.raises(ConfigError, match="no-such-rule"):
        kms_lint.lint(PAYMENTS, select=["no-such-rule"])
    with pytest.raises(TypeError):
        kms_lint.load(PAYMENTS, acount="111122223333")


@pytest.mark.parametrize("order", ["lint, load", "load, lint"])
def test_the_names_are_functions_in_whatever_order_they_are_imported(order: str) -> None:
    first, second = order.split(", ")
    code = f"from kms_lint import {first}\n{first}({str(PAYMENTS)!r})\nfrom kms_lint import {second}\nprint(callable({second}), callable({first}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "True True\n"


def test_the_functions_stay_functions_whatever_was_imported_before() -> None:
    script = "import kms_lint.api, kms_lint.load.options; from kms_lint import load; import kms_lint; kms_lint.load.__call__; load(*[])"
    done = subprocess.run([sys.executable, "-c", script], cwd=PROJECT, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
