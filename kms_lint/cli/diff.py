"""`kms-lint diff`: a proof that a change grants nothing new, or a request that shows what it grants."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from kms_lint.cli.options import Command, Input, Type, Word, color_option, option, reading_options, taken
from kms_lint.cli.output import print_out, tell, write_file
from kms_lint.cli.reading import Places, configurations_of, options_of
from kms_lint.cli.reports import FormatName, asked, colored
from kms_lint.cli.revision import PREFIX, written
from kms_lint.discovery import discover
from kms_lint.errors import SourceError
from kms_lint.files import File
from kms_lint.load import load
from kms_lint.model import Document

if TYPE_CHECKING:
    from kms_lint.reason.difference import Relation, Verdict
    from kms_lint.reason.sides import Side
    from kms_lint.reason.worlds import Change

READINGS = ("kms", "policy-only")
FORMATS = ("text", "json", "markdown", "sarif")


class KeyArn(Type):
    """The ARN of a key."""

    name = "arn"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The ARN as it is."""
        if not re.fullmatch(r"arn:[\w-]+:kms:[\w-]+:\d{12}:key/[\w-]+", value):
            self.fail("this is no ARN of a key: write it as in arn:aws:kms:us-east-1:111122223333:key/…", param, ctx)
        return value


class Actions(Type):
    """Actions with commas between them; wildcards are allowed."""

    name = "actions"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The patterns in lower case."""
        if isinstance(value, frozenset):
            return value
        found = frozenset(each.strip().lower() for each in value.split(","))
        for each in found:
            if not re.fullmatch(r"\*|[a-z0-9-]+:[a-z0-9*?]+", each):
                self.fail(f"`{each}` is no action: write it as in kms:Decrypt", param, ctx)
        return found


@click.command("diff", cls=Command)
@click.argument("old", type=click.Path(readable=False))
@click.argument("new", type=click.Path(readable=False), required=False)
@reading_options
@option("Question", "--key-arn", type=KeyArn(), metavar="ARN", help="The key that the policies belong to.")
@option(
    "Question",
    "--reading",
    type=Word("reading", READINGS),
    default="kms",
    metavar="READING",
    help="kms (as KMS decides, with IAM beside the key policy) or policy-only.",
)
@option("Question", "--not-granted", type=Actions(), metavar="ACTIONS", help="Does NEW grant any of these at all?")
@option("Question", "--no-public", is_flag=True, help="Does NEW grant anything to strangers?")
@option(
    "Output",
    "--format",
    "formats",
    type=FormatName("format of diff", FORMATS),
    multiple=True,
    metavar="FORMAT[=FILE]",
    help=", ".join(FORMATS) + "; repeatable.",
)
@color_option
@option("Output", "-q", "--quiet", is_flag=True, help="Nothing on standard error.")
def command(old: str, new: str | None, **given: Any) -> int:
    """Proves that NEW grants no access that OLD did not grant, or shows what it grants.

    OLD and NEW are files, folders, or git:REV, which is the other path as it was in that revision. The questions of
    --not-granted and --no-public are about NEW alone, and take one path as well.
    """
    absolute = given["not_granted"] is not None or given["no_public"]
    if new is None and not absolute:
        message = "two paths are compared: name OLD and NEW, such as `git:main .`; one path is enough with --no-public or --not-granted"
        raise click.UsageError(message)
    new = old if new is None else new
    return _compared(old, new, absolute, given)


def _compared(old: str, new: str, absolute: bool, given: Mapping[str, Any]) -> int:
    from kms_lint.reason import worlds
    from kms_lint.reason.compared import Settings
    from kms_lint.reason.difference import Verdict
    from kms_lint.reason.statements import Reading

    asked(given["formats"])
    wanted = taken(Input, {**given, "paths": (old, new)})
    sides = _Sides(wanted, old, new)
    key_arn = given["key_arn"]
    settings = Settings(
        Reading(given["reading"]),
        sides.options.account or (key_arn.split(":")[4] if key_arn else None),
        key_arn,
        actions=given["not_granted"],
        public=given["no_public"],
    )
    before = worlds.Side() if absolute else sides.read(old, new)
    after = sides.read(new, old, before)
    found = tuple(worlds.changes(before, after, settings))
    verdict, relation = worlds.together(found)
    if not found and not given["quiet"]:
        tell(f"there is no policy in {new} to ask about" if absolute else f"there is no policy in {old} or {new}")
    _write(verdict, relation, found, given)
    return 0 if verdict is Verdict.NO_NEW_ACCESS else 1


def _write(verdict: Verdict, relation: Relation, found: tuple[Change, ...], given: Mapping[str, Any]) -> None:
    from kms_lint.formatters import Look, difference_markdown, difference_text
    from kms_lint.formatters import difference as formatter

    alone = given["not_granted"] is not None or given["no_public"]
    for name, file in asked(given["formats"]):
        if name == "text":
            look = Look(file is None and colored(given["color"]))
            text = difference_text.render(verdict, relation, found, look, asked=alone)
        elif name == "markdown":
            text = difference_markdown.render(verdict, relation, found, asked=alone)
        else:
            text = (formatter.as_json if name == "json" else formatter.as_sarif)(verdict, relation, found)
        if file is None:
            print_out(text)
        else:
            write_file(file, text)


class _Sides:
    """How both sides are read: with the same options, and the configuration of the new one, as in the working tree."""

    def __init__(self, wanted: Input, old: str, new: str) -> None:
        self._wanted = wanted
        here = next((path for path in (new, old) if not path.startswith(PREFIX)), ".")
        places = Places((here,))
        self._configurations = configurations_of(replace(wanted, paths=(here,)), places)
        self.options = options_of(wanted, self._configurations.base.deployment)

    def read(self, path: str, other: str, before: Side | None = None) -> Side:
        """What one side holds; `before` is the other one where that comes before. Raises `SourceError` for a file that holds no policy: there is nothing to prove of it."""
        if not path.startswith(PREFIX):
            return self._side(path, os.getcwd(), None, before)
        place = "." if other.startswith(PREFIX) else other
        with tempfile.TemporaryDirectory(prefix="kms-lint-") as folder:
            real = os.path.realpath(folder)
            found = written(path.removeprefix(PREFIX), place, real)
            side = self._side(found.path, real, found.root, before)
        why = f"unsupported: it is a submodule, whose content is not in {path}"
        return replace(side, unknown=(*side.unknown, *((each, why) for each in found.submodules)))

    def _side(self, path: str, here: str, repository: str | None, before: Side | None) -> Side:
        from kms_lint.load.definitions import Definitions
        from kms_lint.reason import worlds

        files, _ = discover((path,), self._wanted.exclude, here, force_exclude=self._wanted.force_exclude)
        files = tuple(each for each in files if not self._excluded(each, here, repository))
        documents = load(files, self.options)
        if os.path.isfile(path) and not any(map(_says_something, documents)):
            shown = os.path.relpath(path, here)
            raise SourceError(f"{shown} holds no policy, so that there is nothing to compare")
        known = frozenset(before.addresses) if before is not None else frozenset[str]()
        define = Definitions(path, here, files, self.options, known)
        return worlds.side(documents, define, os.path.relpath(path, here).replace(os.sep, "/"))

    def _excluded(self, file: File, here: str, repository: str | None) -> bool:
        """Whether the configuration leaves a file out; what is of a revision counts as where it is in the repository."""
        if file.named and not self._wanted.force_exclude:
            return False
        location = os.path.join(here, file.path)
        if repository is not None:
            location = os.path.join(repository, os.path.relpath(location, here))
        return self._configurations.of(location).excludes(location)


def _says_something(document: Document) -> bool:
    return bool(document.keys or document.policies or document.grants or document.problems or document.unresolved)
