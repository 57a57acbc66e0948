"""`kms-lint show`: what was understood, before any rule looks at it."""

from __future__ import annotations

import gc
from typing import Any

import click

from kms_lint.cli.options import Command, Input, Word, input_options, option, taken
from kms_lint.cli.output import print_out, tell
from kms_lint.cli.reading import configurations_of, places_of, read


@click.command("show", cls=Command)
@input_options
@option(
    "Output",
    "--format",
    "format",
    type=Word("format of show", ("text", "json")),
    default="text",
    metavar="FORMAT",
    help="text or json.",
)
@option("Output", "-q", "--quiet", is_flag=True, help="Nothing on standard error.")
def command(format: str, quiet: bool, **given: Any) -> int:
    """Shows every key, policy, grant and alias as it was understood, and what stayed unknown."""
    gc.disable()  # as in check
    wanted = taken(Input, given)
    places = places_of(wanted)
    found = read(wanted, places, configurations_of(wanted, places), quiet)
    if not found.files and not quiet:
        tell(f"there are no files to read in {', '.join(places.named)}")
    from kms_lint.formatters import inventory

    print_out((inventory.as_json if format == "json" else inventory.as_text)(found.world))
    return 0
