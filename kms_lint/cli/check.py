"""`kms-lint check`: reads, judges, reports."""

from __future__ import annotations

import gc
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import click

from kms_lint.cli import FAILED
from kms_lint.cli.options import (
    LEVEL,
    Command,
    Day,
    Input,
    RuleName,
    Word,
    color_option,
    input_options,
    option,
    options,
    taken,
)
from kms_lint.cli.output import tell
from kms_lint.cli.reading import Places, Read, configurations_of, places_of, read, tell_of_nothing
from kms_lint.cli.reports import FormatName, Output, Wanted, for_people, outputs, with_summary
from kms_lint.cli.selection import Chosen, Selection, selection
from kms_lint.engine import Sifted, lint
from kms_lint.finding import Finding, Report, Severity
from kms_lint.ignores import Ignore, Sieve
from kms_lint.ignores.inline import inline
from kms_lint.record import dataclass


@dataclass(frozen=True)
class Judging:
    """The options that say how findings are judged, and when they fail the run."""

    min_severity: str
    include_possible: bool
    no_inline_ignores: bool
    show_ignored: bool
    now: str | None
    fail_on: str | None
    exit_zero: bool
    fail_on_unresolved: bool


selection_options = options(
    option("Selection", "--select", multiple=True, type=RuleName(), metavar="RULE", help="Run only this rule; also by an equivalent such as CKV_AWS_33."),
    option("Selection", "--ignore", multiple=True, type=RuleName(), metavar="RULE", help="Do not run this rule."),
    option("Selection", "--rules", multiple=True, metavar="FOLDER", help="Run the rules of this folder too."),
    option("Selection", "--persona", type=Word("persona", ("default", "strict")), metavar="default|strict", help="Whether rules of opinion run."),
    option("Selection", "--min-severity", type=LEVEL, default="info", metavar="LEVEL", help="Leave out findings below: " + ", ".join(LEVEL.words)),
    option("Selection", "--include-possible", is_flag=True, help="Also findings that hold for some values of what is unknown."),
    option("Selection", "--no-inline-ignores", is_flag=True, help="Pay no heed to ignores in the files themselves."),
)  # fmt: skip
output_options = options(
    option("Output", "--format", "formats", multiple=True, type=FormatName(), metavar="FORMAT[=FILE]", help="text, concise, json, jsonl, sarif, github; repeatable."),
    option("Output", "--show-ignored", is_flag=True, help="Also show the findings that are ignored."),
    color_option,
    option("Output", "-q", "--quiet", is_flag=True, help="Findings only."),
    option("Output", "-v", "--verbose", is_flag=True, help="All there is to say."),
)  # fmt: skip
result_options = options(
    option("Result", "--fail-on", type=LEVEL, metavar="LEVEL", help="The status is 1 for findings from here up (default: low)."),
    option("Result", "--exit-zero", is_flag=True, help="The status is 0 whatever is found."),
    option("Result", "--fail-on-unresolved", is_flag=True, help="The status is 1 when something could not be judged in full."),
    option("Run", "--now", type=Day(), metavar="DATE", help="The day that dates are judged by (default: today)."),
)  # fmt: skip


@click.command("check", cls=Command)
@input_options
@selection_options
@output_options
@result_options
def command(**given: Any) -> int:
    """Lints files and folders; the working directory when none is named, standard input for `-`.

    The exit status is 0 when no finding reaches --fail-on, 1 when one does, 2 when the job could not be done.
    """
    gc.disable()  # models live to the end: collecting would only walk over them, again and again (see `cli.reading`)
    wanted, how, judging = taken(Input, given), taken(Wanted, given), taken(Judging, given)
    chosen_outputs = outputs(how)
    places = places_of(wanted)
    configurations = configurations_of(wanted, places)
    chosen = selection(taken(Selection, given), configurations.base)
    configurations.know(chosen.names)
    found = read(wanted, places, configurations, how.quiet, as_given=for_people(chosen_outputs), whole=False)
    report = judged(found, chosen, judging)
    _remarks(found, how)
    _write(chosen_outputs, report, places, how)
    for each in found.refused:
        tell(f"error: {each}")
    return FAILED if found.refused else status(report, judging, configurations.base.fail_on or Severity.LOW)


def judged(found: Read, chosen: Chosen, judging: Judging) -> Report:
    """What the rules find, without what is ignored or below the level that is asked for."""
    inlined = {} if judging.no_inline_ignores else _inline(found)
    configured = {document.path: found.configurations.of(document.path).ignores for document in found.world.documents}
    everything = [ignore for ignores in (*inlined.values(), *configured.values()) for ignore in ignores]

    def of(path: str) -> tuple[Ignore, ...]:
        return (*inlined.get(path, ()), *found.configurations.of(path).ignores)

    ran = frozenset(rule.id for rule in chosen.rules)
    severities = found.configurations.severities
    today = judging.now or _today()
    sift = Sieve(list(dict.fromkeys(everything)), of, chosen.names, ran, today, severities)
    report = lint(
        replace(found.world, today=today, strict=chosen.strict),
        chosen.rules,
        include_possible=judging.include_possible,
        severities=severities,
        sift=lambda findings: Sifted(*sift(findings)),
        relative=found.places.relative,
        around=found.around,
    )
    notes = tuple(f"{path} is not read: {reason}" for path, reason in found.skipped)
    return trimmed(replace(report, assumptions=(*report.assumptions, *notes)), judging)


def trimmed(report: Report, judging: Judging) -> Report:
    """The report without what nobody wants to see."""
    least = Severity[judging.min_severity.upper()]
    kept = tuple(finding for finding in report.findings if finding.severity >= least)
    ignored = tuple(finding for finding in report.ignored if finding.severity >= least)
    counted = {str(level): number for level in sorted(Severity, reverse=True) if (number := _number(kept, level))}
    summary = replace(report.summary, findings=counted, ignored=len(ignored))
    return replace(report, findings=kept, ignored=ignored if judging.show_ignored else (), summary=summary)


def status(report: Report, judging: Judging, default: Severity) -> int:
    """The exit status of a job that was done."""
    least = Severity[judging.fail_on.upper()] if judging.fail_on else default
    failed = any(finding.severity >= least for finding in report.findings)
    failed = failed or (judging.fail_on_unresolved and bool(report.unresolved))
    return 1 if failed and not judging.exit_zero else 0


def _number(findings: Iterable[Finding], level: Severity) -> int:
    return sum(finding.severity is level for finding in findings)


def _inline(found: Read) -> dict[str, tuple[Ignore, ...]]:
    ignores = {}
    for document in found.world.documents:
        needs_reason = found.configurations.of(document.path).require_reason
        ignores[document.path] = tuple(inline(document, needs_reason))
    return ignores


def _today() -> str:
    from datetime import date

    return date.today().isoformat()


def _remarks(found: Read, how: Wanted) -> None:
    """What people should know about the run itself, on standard error."""
    tell_of_nothing(found, "check", how.quiet)
    if how.quiet:
        return
    for path in found.configurations.unheard(document.path for document in found.world.documents):
        tell(
            f"{path}: accounts, organizations, deployment, settings, rules, persona and fail_on are taken from further up in this run"
        )
    if how.verbose:
        layers = found.configurations.base.layers
        tell(f"configuration: {', '.join(layer.path for layer in layers) if layers else 'none'}")


def _write(chosen: tuple[Output, ...], report: Report, places: Places, how: Wanted) -> None:
    for output in chosen:
        output.write(report, places.prefix)
    if not how.quiet and not any(with_summary(output) for output in chosen):
        from kms_lint.formatters.text import summary

        tell(summary(report))
