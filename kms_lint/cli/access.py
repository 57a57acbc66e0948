"""`kms-lint access`: who can do what with which key, under which condition, and by which statements."""

from __future__ import annotations

import gc
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from kms_lint.cli.options import Command, Input, Word, input_options, option, taken
from kms_lint.cli.output import print_out, tell
from kms_lint.cli.reading import configurations_of, options_of, places_of, read

if TYPE_CHECKING:
    from kms_lint.reason.composed import Composed
    from kms_lint.reason.parties import Estate, HeldKey, Party
    from kms_lint.reason.rows import Row


@click.command("access", cls=Command)
@input_options
@option("Question", "--principal", metavar="P", help="One principal: its ARN, name or address, an account, a service.")
@option("Question", "--action", metavar="A", help="Some actions, such as kms:Decrypt or kms:*; commas between them.")
@option("Question", "--key", metavar="K", help="One key: its address, ARN, id or alias.")
@option(
    "Output",
    "--format",
    "format",
    type=Word("format of access", ("text", "json")),
    default="text",
    metavar="FORMAT",
    help="text or json.",
)
@option("Output", "-v", "--verbose", is_flag=True, help="Each principal on its own, and all assumptions.")
@option("Output", "-q", "--quiet", is_flag=True, help="Nothing on standard error.")
def command(
    format: str,
    quiet: bool,
    verbose: bool,
    principal: str | None,
    action: str | None,
    key: str | None,
    **given: Any,
) -> int:
    """Shows who can do what with each key, by key policies, IAM policies, grants and limits together.

    With --principal, --action or --key it answers one question: yes, no or on condition, and why. The exit status is 0 when
    the question was answered, whatever the answer.
    """
    gc.disable()  # as in check
    wanted = taken(Input, given)
    places = places_of(wanted)
    found = read(wanted, places, configurations_of(wanted, places), quiet)
    if not found.files and not quiet:
        tell(f"there are no files to read in {', '.join(places.named)}")
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
    rows = _rows(composed, held, keys, parties, actions)
    if parties is not None and actions is not None:
        return _answered(composed, held, keys, parties, actions, rows, format)
    if format == "json":
        from kms_lint.formatters.access import as_json

        print_out(as_json(rows, held.assumptions))
        return 0
    from kms_lint.formatters.access_matrix import as_text

    if not keys and not quiet:
        tell("there are no keys, key policies or grants in the input")
    fancy = "utf" in (getattr(sys.stdout, "encoding", None) or "").lower()
    print_out(as_text(keys, rows, held.assumptions, held.account, fancy=fancy, all_of_it=verbose))
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
    rows: Sequence[Row],
    format: str,
) -> int:
    from kms_lint.formatters.access import as_json, in_words
    from kms_lint.reason.questions import answers

    found = [each for key in keys for party in parties for each in answers(composed, key, party, actions)]
    if format == "json":
        print_out(as_json(rows, held.assumptions, found))
    else:
        print_out(in_words(found) + "".join(f"assuming: {each}\n" for each in held.assumptions))
    return 0
