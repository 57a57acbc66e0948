"""`kms-lint access`: who can do what with which key, under which condition, and by which statements."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from kms_lint.cli.options import Command, color_option, format_option, input_options, option
from kms_lint.cli.output import print_out, tell
from kms_lint.cli.reading import options_of, read_all

if TYPE_CHECKING:
    from kms_lint.reason.composed import Composed
    from kms_lint.reason.parties import Estate, HeldKey, Party
    from kms_lint.reason.rows import Row


@click.command("access", cls=Command)
@input_options
@option("Question", "--principal", metavar="P", help="One principal: its ARN, name or address, an account, a service.")
@option("Question", "--action", metavar="A", help="Some actions, such as kms:Decrypt or kms:*; commas between them.")
@option("Question", "--escalation", is_flag=True, help="What principals can make themselves able to do, step by step.")
@option("Question", "--key", metavar="K", help="One key: its address, ARN, id or alias.")
@format_option("access", "text", "json", "markdown", help="text, json, or markdown (rows and matrices only).")
@color_option
@option("Output", "-v", "--verbose", is_flag=True, help="Each principal on its own, and all assumptions.")
@option("Output", "-q", "--quiet", is_flag=True, help="Nothing on standard error.")
def command(
    format: str,
    quiet: bool,
    verbose: bool,
    color: str,
    principal: str | None,
    action: str | None,
    key: str | None,
    escalation: bool,
    **given: Any,
) -> int:
    """Shows who can do what with each key, by key policies, IAM policies, grants and limits together.

    With --principal, --action or --key it answers one question: yes, no or on condition, and why. The exit status is 0 when
    the question was answered, whatever the answer.
    """
    if format == "markdown" and (escalation or (principal is not None and action is not None)):
        raise click.UsageError("answers and chains of steps are text or JSON: leave --format markdown out")
    wanted, found = read_all(given, quiet, for_people=format == "text")
    from kms_lint.reason import selection
    from kms_lint.reason.composed import Composed
    from kms_lint.reason.estate import estate

    options = options_of(wanted, found.configurations.base.deployment)
    own = found.configurations.base.accounts.own
    account = options.account or (next(iter(own)) if len(own) == 1 else None)
    held = estate(found.world.documents, account, options.partition or "aws")
    actions = None if action is None else selection.wanted_actions(action)
    keys = held.keys if key is None else selection.keys(held, key)
    parties: Sequence[Party] | None = None
    if principal is not None:
        held, parties = selection.parties(held, principal)
    composed = Composed(held)
    if escalation:
        return _escalated(composed, held, keys, parties, actions, format)
    if parties is not None and actions is not None:
        return _answered(composed, held, keys, parties, actions, format)
    rows = _rows(composed, held, keys, parties, actions)
    if format == "json":
        from kms_lint.formatters.access import as_json

        print_out(as_json(rows, held.assumptions))
        return 0
    if format == "markdown":
        from kms_lint.formatters.access_markdown import as_markdown

        print_out(as_markdown(keys, rows, held.assumptions, held.account))
        return 0
    from kms_lint.cli.reports import colored
    from kms_lint.formatters import Look
    from kms_lint.formatters.access_matrix import Layout, as_text

    if not keys and not quiet:
        tell("there are no keys, key policies or grants in the input")
    fancy = "utf" in (getattr(sys.stdout, "encoding", None) or "").lower()
    layout = Layout(Look(color=colored(color)), held.account, fancy, verbose)
    print_out(as_text(keys, rows, held.assumptions, layout))
    return 0


def _rows(
    composed: Composed,
    held: Estate,
    keys: Sequence[HeldKey],
    parties: Sequence[Party] | None,
    actions: Sequence[str] | None,
) -> list[Row]:
    """The rows that are asked for, with the actions that are asked for."""
    from dataclasses import replace

    from kms_lint.reason.rows import pair

    wanted = None if actions is None else frozenset(actions)
    found: list[Row] = []
    for key in keys:
        for party in held.parties if parties is None else parties:
            for row in pair(composed, key, party):
                kept = row.actions if wanted is None else tuple(each for each in row.actions if each in wanted)
                if kept:
                    found.append(row if kept == row.actions else replace(row, actions=kept))
    return found


def _answered(
    composed: Composed,
    held: Estate,
    keys: Sequence[HeldKey],
    parties: Sequence[Party],
    actions: Sequence[str],
    format: str,
) -> int:
    from kms_lint.formatters.access import as_json, in_words
    from kms_lint.reason.questions import answers

    found = [each for key in keys for party in parties for each in answers(composed, key, party, actions)]
    if format == "json":
        print_out(as_json(_rows(composed, held, keys, parties, actions), held.assumptions, found))
    else:
        print_out(in_words(found, held.assumptions))
    return 0


def _escalated(
    composed: Composed,
    held: Estate,
    keys: Sequence[HeldKey],
    parties: Sequence[Party] | None,
    actions: Sequence[str] | None,
    format: str,
) -> int:
    from kms_lint.formatters.access import chains_as_json, chains_in_words, none_found
    from kms_lint.reason.escalation import CUT, Escalations, may_begin_at

    asked = held.parties if parties is None else parties
    search = Escalations(held, composed)
    found = [
        chain for chain in search.all(asked, keys) if actions is None or not set(actions).isdisjoint(chain.actions)
    ]
    assumptions = [*held.assumptions, *([CUT] if search.cut else [])]
    if format == "json":
        print_out(chains_as_json(found, assumptions))
        return 0
    looked_at = [each.shown for each in asked if may_begin_at(each)]
    narrowed = parties is not None or actions is not None or len(keys) < len(held.keys)
    words = none_found(None if parties is None else looked_at, narrowed, search.cut)
    print_out(chains_in_words(found, assumptions, words))
    return 0
