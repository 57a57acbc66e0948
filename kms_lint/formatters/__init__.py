"""Reports in the formats that people and programs read.

A format is a function from a report to text: it prints nothing, reads no file and knows no clock.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple, TypeAlias, cast

from kms_lint.finding import About, Finding, Report

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

HELP = "https://kms-lint.readthedocs.io/en/latest/rules/"
"""Where the page of each rule stands, by its name."""


class Look(NamedTuple):
    """How a report is to look: in colours, how much of it, and the way from the repository's root to its paths.

    `verbosity` is below 0 for findings alone and above 0 for all there is. `prefix` is empty or ends with `/`.
    """

    color: bool = False
    verbosity: int = 0
    prefix: str = ""


Formatter: TypeAlias = Callable[[Report, Look], str]
"""Writes a report as text, final line end included."""

BUILT_IN = ("concise", "github", "json", "jsonl", "sarif", "text")
"""The formats that need no other package."""


def find(name: str) -> Formatter | None:
    """The format of that name, ours or one that an installed package offers as `kms_lint.formatters`."""
    if name in BUILT_IN:
        return cast(Formatter, import_module(f"kms_lint.formatters.{name}").render)
    for entry in _offered():
        if entry.name == name:
            return cast(Formatter, entry.load())
    return None


def names() -> tuple[str, ...]:
    """The names of all formats, those of installed packages included."""
    return tuple(sorted({*BUILT_IN, *(entry.name for entry in _offered())}))


def help_url(about: About) -> str:
    """The page of a rule."""
    return f"{HELP}{about.id}/"


def rooted(path: str, look: Look) -> str:
    """A path as seen from the root of the repository, for readers that know nothing of the working directory."""
    from posixpath import isabs, normpath

    return path if isabs(path) else normpath(look.prefix + path)


def listed(report: Report) -> list[Finding]:
    """The findings, and among them those that were ignored, in the order of a report."""
    findings = [*report.findings, *report.ignored]
    if report.ignored:
        findings.sort(key=lambda finding: (finding.span.source.path, finding.span.start, finding.about.id))
    return findings


def _offered() -> tuple[EntryPoint, ...]:
    from importlib.metadata import entry_points

    return tuple(entry_points(group="kms_lint.formatters"))
