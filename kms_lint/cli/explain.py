"""`kms-lint explain`: a rule, from its own file."""

from __future__ import annotations

import os
from collections.abc import Iterator

import click

from kms_lint.cli.options import Command, RuleName, option
from kms_lint.cli.output import print_out
from kms_lint.errors import ConfigError
from kms_lint.finding import About
from kms_lint.formatters import help_url

_WIDTH = 100


@click.command("explain", cls=Command)
@click.argument("rule", type=RuleName())
@option("Selection", "--rules", "folders", multiple=True, metavar="FOLDER", help="Look in this folder of rules too.")
def command(rule: str, folders: tuple[str, ...]) -> int:
    """Explains a rule: why, how to fix it, a bad and a good example, references. Also by an equivalent such as CKV_AWS_33."""
    from kms_lint.library import described, folder, from_folder
    from kms_lint.naming import Names

    files = {about.id: _file(folder(), about.id) for about in described()}
    abouts = list(described())
    for each in folders:
        for found in from_folder(each):
            abouts.append(found.about)
            files[found.id] = _file(each, found.id)
    names = Names(abouts)
    meant = sorted(names.meant(rule))
    if not meant:
        raise ConfigError(f"there is no rule `{rule}`{names.suggestion(rule)}")
    print_out("\n".join("".join(f"{line}\n" for line in explained(names.abouts[id], files[id])) for id in meant))
    return 0


def explained(about: About, path: str) -> Iterator[str]:
    """A rule in words; `path` is its file, which holds the examples."""
    yield f"{about.id} ({about.severity}{', strict' if about.persona == 'strict' else ''})"
    yield about.title
    yield ""
    yield from _wrapped(about.why)
    yield ""
    yield "How to fix it"
    for format, words in about.fix.items():
        yield from _wrapped(words if format == "any" else f"{format}: {words}", "  ")
    yield from _examples(path)
    if about.equivalents:
        yield ""
        yield "Equivalents in other tools"
        yield from _wrapped(", ".join(about.equivalents), "  ")
    yield ""
    yield "References"
    for reference in (*about.references, help_url(about)):
        yield f"  {reference}"


def _examples(path: str) -> Iterator[str]:
    """The first failing and the first passing example, as they are written."""
    with open(path, encoding="utf-8") as file:
        text = file.read()
    for word, heading in (("fail", "A bad example"), ("pass", "A good example")):
        lines = _first(text, word)
        if lines:
            yield ""
            yield heading
            yield from (f"  {line}".rstrip() for line in lines)


def _first(text: str, word: str) -> list[str]:
    """The lines of the first entry of a list of examples, without its dash and its indentation."""
    from kms_lint.examples import MARK

    _, _, rest = text.partition(f"\n{word}:\n")
    lines: list[str] = []
    depth = 0
    for line in rest.splitlines():
        here = len(line) - len(line.lstrip(" "))
        if not lines:
            depth, line = here, line.replace("- ", "  ", 1)
        elif line.strip() and here <= depth:
            break
        lines.append(MARK.sub("", line)[depth + 2 :])
    return lines


def _wrapped(text: str, indent: str = "") -> Iterator[str]:
    from textwrap import wrap

    for paragraph in text.split("\n\n"):
        yield from wrap(
            " ".join(paragraph.split()),
            _WIDTH,
            initial_indent=indent,
            subsequent_indent=indent,
            break_long_words=False,
            break_on_hyphens=False,
        )


def _file(folder: str, id: str) -> str:
    path = os.path.join(folder, f"{id}.yaml")
    return path if os.path.exists(path) else os.path.join(folder, f"{id}.yml")
