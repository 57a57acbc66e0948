"""`kms-lint schema`: the JSON Schemas of what users write and programs read."""

from __future__ import annotations

import os

import click

from kms_lint.cli.options import Command, Word
from kms_lint.cli.output import print_out


@click.command("schema", cls=Command)
@click.argument("name", type=Word("schema", ("config", "rule", "report")))
def command(name: str) -> int:
    """Prints a JSON Schema: of configuration files, of rule files, or of the JSON report."""
    print_out(schema(name))
    return 0


def schema(name: str) -> str:
    """The text of a schema."""
    import json

    if name == "rule":
        from kms_lint.library import folder

        with open(os.path.join(folder(), "schema.json"), encoding="utf-8") as file:
            return file.read()
    if name == "config":
        from kms_lint.config.schema import SCHEMA

        return json.dumps(SCHEMA, indent=2) + "\n"
    from kms_lint.formatters.report_schema import SCHEMA as REPORT

    return json.dumps(REPORT, indent=2) + "\n"
