"""Workflow commands: levels, columns and the exact escaping."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kms_lint.finding import Report, Severity
from kms_lint.formatters import Look
from kms_lint.formatters.github import render
from tests.formatters.reports import FINDING, IGNORED, KEYS, SUMMARY, at, span


def test_a_finding() -> None:
    assert render(Report((FINDING,), (), SUMMARY, ignored=(IGNORED,)), Look()) == (
        "::error file=infra/keys.tf,line=3,endLine=3,col=50,endColumn=53,"
        "title=critical[public-principal]%3A A key policy statement lets in anyone"
        "::anyone in any AWS account%0Afix: Name the principals%0A"
        "https://kms-lint.readthedocs.io/en/latest/rules/public-principal/\n"
    )


LEVELS = [("critical", "error"), ("high", "error"), ("medium", "warning"), ("low", "notice"), ("info", "notice")]


@pytest.mark.parametrize(("severity", "command"), LEVELS)
def test_levels(severity: str, command: str) -> None:
    finding = replace(FINDING, severity=Severity[severity.upper()])
    assert render(Report((finding,), (), SUMMARY), Look()).startswith(f"::{command} file=")


def test_columns_are_left_out_over_several_lines() -> None:
    finding = replace(FINDING, span=span(KEYS, "policy", "})"))
    assert "file=infra/keys.tf,line=2,endLine=4,title=" in render(Report((finding,), (), SUMMARY), Look())


def test_escaping() -> None:
    report = at('"*"', '"*"', path="a:b,c%d\n::x.json", message="50% of: a, b\r\n::error::\x1b[31m")
    text = render(report, Look())
    assert "file=a%3Ab%2Cc%25d%0A%3A%3Ax.json,line=1" in text
    assert "::50%25 of: a, b%0D%0A::error::\\u001b[31m%0Afix" in text
    assert len(text.splitlines()) == 1


def test_paths_are_seen_from_the_root_of_the_repository() -> None:
    assert "file=live/infra/keys.tf," in render(Report((FINDING,), (), SUMMARY), Look(prefix="live/"))
    outside = at('"*"', '"*"', path="../keys.json")
    assert "file=keys.json," in render(outside, Look(prefix="live/"))
