"""`kms-lint diff`: a proof that a change grants nothing new, or a request that shows what it grants."""

from __future__ import annotations

import os
import re
import tempfile
from typing import Any

import click

from kms_lint.cli.options import Command, Input, Type, Word, option, reading_options, taken
from kms_lint.cli.output import print_out
from kms_lint.cli.reading import options_of
from kms_lint.cli.revision import PREFIX, written
from kms_lint.errors import SourceError
from kms_lint.files import discover
from kms_lint.load import load
from kms_lint.model import Document

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
@click.argument("old", type=click.Path())
@click.argument("new", type=click.Path())
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
    "format",
    type=Word("format of diff", FORMATS),
    default="text",
    metavar="FORMAT",
    help=", ".join(FORMATS) + ".",
)
@option("Output", "-q", "--quiet", is_flag=True, help="Nothing on standard error.")
def command(old: str, new: str, format: str, quiet: bool, **given: Any) -> int:
    """Proves that NEW grants no access that OLD did not grant, or shows what it grants.

    OLD and NEW are files, folders, or git:REV, which is the other path as it was in that revision.
    """
    from kms_lint.formatters import difference as formatter
    from kms_lint.reason import worlds
    from kms_lint.reason.compared import Settings
    from kms_lint.reason.difference import Verdict
    from kms_lint.reason.statements import Reading

    wanted = taken(Input, {**given, "paths": (old, new)})
    key_arn = given["key_arn"]
    account = wanted.account or (key_arn.split(":")[4] if key_arn else None)
    absolute = given["not_granted"] is not None or given["no_public"]
    settings = Settings(
        Reading(given["reading"]), account, key_arn, actions=given["not_granted"], public=given["no_public"]
    )
    before = worlds.side(() if absolute else _documents(old, new, wanted))
    found = tuple(worlds.changes(before, worlds.side(_documents(new, old, wanted)), settings))
    verdict, relation = worlds.together(found)
    render = {"json": formatter.as_json, "markdown": formatter.as_markdown, "sarif": formatter.as_sarif}
    print_out(render.get(format, formatter.as_text)(verdict, relation, found))
    return 0 if verdict is Verdict.NO_NEW_ACCESS else 1


def _documents(path: str, other: str, wanted: Input) -> tuple[Document, ...]:
    """What one side holds. Raises `SourceError` for a file that holds no policy: there is nothing to prove of it."""
    if not path.startswith(PREFIX):
        return _read(path, wanted, ".")
    place = "." if other.startswith(PREFIX) else other
    with tempfile.TemporaryDirectory(prefix="kms-lint-") as folder:
        real = os.path.realpath(folder)
        return _read(written(path.removeprefix(PREFIX), place, real), wanted, real)


def _read(path: str, wanted: Input, working_directory: str) -> tuple[Document, ...]:
    files, _ = discover((path,), wanted.exclude, working_directory, force_exclude=wanted.force_exclude)
    documents = load(files, options_of(wanted, {}))
    if os.path.isfile(os.path.join(working_directory, path)) and not any(
        document.keys or document.policies or document.problems or document.unresolved for document in documents
    ):
        raise SourceError(f"{path} holds no policy, so that there is nothing to compare")
    return documents
