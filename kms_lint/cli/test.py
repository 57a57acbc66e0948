"""`kms-lint test`: the examples inside rule files, for people who write their own rules."""

from __future__ import annotations

import os

import click

from kms_lint.cli.options import Command
from kms_lint.cli.output import print_out, tell
from kms_lint.rule import Rule


@click.command("test", cls=Command)
@click.argument("folders", nargs=-1, required=True, type=click.Path(readable=False))
def command(folders: tuple[str, ...]) -> int:
    """Runs the examples inside the rule files of a folder; the status is 1 when one does not give what it says."""
    from kms_lint.examples import run

    lines = []
    count = 0
    for folder in folders:
        for rule, path in _rules(folder):
            count += 1
            lines += run(path, rule)
    if not count:
        tell(f"there are no rule files in {', '.join(folders)}: a rule is a file NAME.yaml")
    rules = "1 rule" if count == 1 else f"{count} rules"
    said = f"{rules}: {len(lines)} examples do not give what they say" if lines else f"{rules}: all examples are right"
    print_out("".join(f"{line}\n" for line in (*lines, said)))
    return 1 if lines else 0


def _rules(folder: str) -> list[tuple[Rule, str]]:
    """The rules of a folder with their files; the folder of the built-in rules may be named too."""
    from kms_lint.library import built_in, from_folder
    from kms_lint.library import folder as built_in_folder

    ours = os.path.isdir(folder) and os.path.samefile(folder, built_in_folder())
    rules = built_in() if ours else from_folder(folder)
    return [(rule, _file(folder, rule.id)) for rule in rules]


def _file(folder: str, id: str) -> str:
    path = os.path.join(folder, f"{id}.yaml")
    return path if os.path.exists(path) else os.path.join(folder, f"{id}.yml")
