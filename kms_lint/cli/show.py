"""`kms-lint show`: what was understood, before any rule looks at it."""

from __future__ import annotations

from typing import Any

import click

from kms_lint.cli.options import Command, format_option, input_options, option
from kms_lint.cli.output import print_out
from kms_lint.cli.reading import read_all


@click.command("show", cls=Command)
@input_options
@format_option("show", "text", "json")
@option("Output", "-q", "--quiet", is_flag=True, help="Nothing on standard error.")
def command(format: str, quiet: bool, **given: Any) -> int:
    """Shows every key, policy, grant and alias as it was understood, and what stayed unknown."""
    _, found = read_all(given, quiet, for_people=format == "text")
    from kms_lint.formatters import inventory

    print_out((inventory.as_json if format == "json" else inventory.as_text)(found.world))
    return 0
