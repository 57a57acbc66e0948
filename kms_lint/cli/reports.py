"""The formats that were asked for, and where each goes."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from kms_lint.cli.options import Type
from kms_lint.cli.output import print_out, write_file
from kms_lint.finding import Report
from kms_lint.formatters import BUILT_IN, Formatter, Look, find, names
from kms_lint.formatters.visible import visible
from kms_lint.record import dataclass
from kms_lint.spelling import did_you_mean

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

_WITH_SUMMARY = ("json", "sarif", "text")


class FormatName(Type):
    """`FORMAT` or `FORMAT=FILE`, for each command that writes reports."""

    name = "format"

    def __init__(self, what: str = "format", words: Sequence[str] = ()) -> None:
        """`what` is what an unknown word is not; without `words` the formats of `check` are meant, those of packages too."""
        self._what = what
        self._words = tuple(words)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The format and the file, `None` for standard output."""
        if isinstance(value, tuple):
            return value
        name, sign, file = value.partition("=")
        if name not in self._words and (self._words or find(name) is None):
            known = self._words or tuple(names())
            near = did_you_mean(name, known)
            self.fail(f"`{visible(name)}` is no {self._what}{near} (one of {', '.join(known)})", param, ctx)
        if sign and not file:
            self.fail(f"`{visible(value)}` names no file after `=`: write it as in {name}=report.{name}", param, ctx)
        return name, file or None

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """The formats that begin like that."""
        from click.shell_completion import CompletionItem

        return [CompletionItem(each) for each in self._words or BUILT_IN if each.startswith(incomplete)]


def asked(formats: Sequence[tuple[str, str | None]]) -> Sequence[tuple[str, str | None]]:
    """The formats and their files; text on standard output when none is named. Raises `UsageError` for two there."""
    if sum(file is None for _, file in formats) > 1:
        raise click.UsageError(
            "two formats would both go to standard output: give one a file, as in sarif=kms-lint.sarif"
        )
    return formats or (("text", None),)


@dataclass(frozen=True)
class Wanted:
    """The options that say how the report looks."""

    formats: tuple[tuple[str, str | None], ...]
    color: str
    quiet: bool
    verbose: bool


class Output(NamedTuple):
    """A format, and the file it goes to; `None` for standard output."""

    name: str
    file: str | None
    formatter: Formatter
    look: Look

    def write(self, report: Report, prefix: str) -> None:
        """Writes the report. `prefix` is the way from the root of the repository to the working directory."""
        text = self.formatter(report, self.look._replace(prefix=prefix))
        if self.file is None:
            print_out(text)
        else:
            write_file(self.file, text)


def outputs(wanted: Wanted) -> tuple[Output, ...]:
    """The outputs that were asked for; text on standard output when none was."""
    look = Look(False, -1 if wanted.quiet else int(wanted.verbose))
    made = []
    for name, file in asked(wanted.formats):
        formatter = find(name)
        if formatter is not None:
            here = look._replace(color=file is None and colored(wanted.color))
            made.append(Output(name, file, formatter, here))
    return tuple(made)


def with_summary(output: Output) -> bool:
    """Whether an output tells whoever reads it how much was judged."""
    return output.file is None and output.name in _WITH_SUMMARY


def colored(wanted: str) -> bool:
    """Whether standard output is coloured. NO_COLOR is stronger than FORCE_COLOR, the option stronger than both."""
    if wanted != "auto":
        return wanted == "always"
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return sys.stdout is not None and sys.stdout.isatty() and os.environ.get("TERM") != "dumb"
