"""From the options that say what to read to the documents that are in it."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any

import click

from kms_lint.cli.options import Input, taken
from kms_lint.cli.output import tell
from kms_lint.cli.progress import progress
from kms_lint.config import Configurations, beneath
from kms_lint.discovery import Skipped, discover, searched
from kms_lint.errors import SourceError
from kms_lint.files import LIMIT, File, repository
from kms_lint.load import load
from kms_lint.load.options import Options
from kms_lint.model import PolicyKind, Status, World
from kms_lint.record import dataclass
from kms_lint.spelling import first_of

STANDARD_INPUT = "-"
_UNNAMED = "<stdin>"
_MOST_LOOSE = 250_000
"""As many objects may be new before those of them that nothing needs any more are looked for: some 25 MiB."""


@dataclass(frozen=True)
class Places:
    """The paths that were named, and the roots that other paths are seen from."""

    named: tuple[str, ...]

    @cached_property
    def absolute(self) -> tuple[str, ...]:
        """The named paths, standard input apart."""
        return tuple(os.path.abspath(path) for path in self.named if path != STANDARD_INPUT)

    def whole(self, path: str) -> bool:
        """Whether all that is beneath a path is part of the run."""
        return any(path == each or (beneath(path, each) and os.path.isdir(each)) for each in self.absolute)

    @cached_property
    def searched(self) -> Callable[[str], bool]:
        """Tells whether a path lies in one of the folders that were named."""
        return searched(self.absolute)

    def relative(self, path: str) -> str:
        """A path as seen from the root of its repository, wherever kms-lint was started."""
        whole = os.path.abspath(path)
        return os.path.relpath(whole, self._root(os.path.dirname(whole))).replace(os.sep, "/")

    @cached_property
    def prefix(self) -> str:
        """The way from the root of the repository to the working directory: empty, or with a `/` at its end."""
        here = os.getcwd()
        way = os.path.relpath(here, repository(here)).replace(os.sep, "/")
        return "" if way == "." else f"{way}/"

    @cached_property
    def _roots(self) -> dict[str, str]:
        return {}

    def _root(self, folder: str) -> str:
        if folder not in self._roots:
            root = repository(folder)
            if root == folder and not os.path.exists(os.path.join(folder, ".git")):
                around = [each for each in self.absolute if beneath(folder, each) and os.path.isdir(each)]
                root = min(around, key=len, default=folder)
            self._roots[folder] = root
        return self._roots[folder]


@dataclass(frozen=True)
class Read:
    """What was read: the files, what was left out, the documents and the configuration.

    `refused` is why some of what was found in folders could not be read.
    """

    places: Places
    files: tuple[File, ...]
    skipped: tuple[Skipped, ...]
    world: World
    configurations: Configurations
    refused: tuple[str, ...] = ()

    def around(self, path: str) -> bool:
        """Whether a file that others refer to lies in a folder of the run, and is not left out of it."""
        return self.places.searched(path) and not self.configurations.of(path).excludes(path)


def places_of(wanted: Input) -> Places:
    """The named paths; the working directory when there are none."""
    return Places(wanted.paths or (".",))


def configurations_of(wanted: Input, places: Places) -> Configurations:
    """The configuration files that hold for the named paths."""
    named = [wanted.stdin_filename or "." if path == STANDARD_INPUT else path for path in places.named]
    return Configurations(named, wanted.config, off=wanted.no_config, whole=places.whole)


def read(
    wanted: Input, places: Places, configurations: Configurations, quiet: bool, *, as_given: bool, whole: bool
) -> Read:
    """Reads all that was asked for; `as_given` is how `discover` shows paths.

    Raises `SourceError` for what cannot be read; unless the `whole` is needed, only for what was named.
    """
    told: list[str] = []
    refused = None if whole else lambda error: told.append(str(error))
    files, skipped = _files(wanted, places, configurations, as_given, refused)
    with progress(len(files), quiet) as tick:
        options = options_of(wanted, configurations.base.deployment)
        documents = load(files, options, _tidied(tick), refused)
    base = configurations.base
    own = base.accounts.own | ({options.account} if options.account else frozenset())
    accounts = replace(base.accounts, own=own)
    world = World(documents, accounts, base.settings)
    return Read(places, files, skipped, world, configurations, tuple(told))


def read_all(given: Mapping[str, Any], quiet: bool, *, for_people: bool) -> tuple[Input, Read]:
    """Everything that the options of input name, for commands that judge nothing; says where there is nothing.

    What is `for_people` shows paths as they were given; programs get them from the working directory.
    """
    gc.disable()  # as in check
    wanted = taken(Input, given)
    places = places_of(wanted)
    found = read(wanted, places, configurations_of(wanted, places), quiet, as_given=for_people, whole=True)
    if found.files or not quiet:
        tell_of_nothing(found, "read", quiet)
    return wanted, found


def tell_of_nothing(found: Read, wanted: str, quiet: bool) -> None:
    """Says on standard error that there are no files, or that none of them holds anything for us; `wanted` is what for."""
    named = first_of(["standard input" if path == STANDARD_INPUT else path for path in found.places.named], 3)
    if not found.files:
        tell(f"there are no files to {wanted} in {named}")
    elif not quiet and all(document.status is Status.SKIPPED for document in found.world.documents):
        tell(f"{named} holds no policy, key, grant or alias that can be read")


def _tidied(tick: Callable[[], None]) -> Callable[[], None]:
    """`tick`, and now and then the trees of files that have been read are let go.

    They hold one another in circles, and `check` has switched off the collector, which would walk over all documents
    again and again: only what is new since the last time is looked at here, and nothing at all while that is little.
    """

    def tidied() -> None:
        tick()
        if gc.get_count()[0] > _MOST_LOOSE:
            gc.collect(0)

    return tidied


def _files(
    wanted: Input,
    places: Places,
    configurations: Configurations,
    as_given: bool,
    refused: Callable[[SourceError], None] | None,
) -> tuple[tuple[File, ...], tuple[Skipped, ...]]:
    named = [path for path in places.named if path != STANDARD_INPUT]
    files: tuple[File, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    if named:
        forced = wanted.force_exclude
        files, skipped = discover(named, wanted.exclude, force_exclude=forced, as_given=as_given, refused=refused)
    kept = tuple(
        file
        for file in files
        if (file.named and not wanted.force_exclude) or not configurations.of(file.path).excludes(file.path)
    )
    if len(named) == len(places.named):
        return kept, skipped
    return (*kept, _standard_input(wanted.stdin_filename or _UNNAMED)), skipped


def _standard_input(name: str) -> File:
    if sys.stdin is None:
        raise SourceError("standard input is closed")
    content = sys.stdin.buffer.read(LIMIT + 1)
    if len(content) > LIMIT:
        raise SourceError(f"standard input is larger than {LIMIT // 1024 // 1024} MiB")
    return File(name.replace(os.sep, "/"), os.path.abspath(name), True, content)


def options_of(wanted: Input, deployment: Mapping[str, str]) -> Options:
    """What the user says about the surroundings of the files; an option is stronger than the configuration."""
    for file in wanted.var_file:
        if not os.path.isfile(file):
            raise click.BadParameter(f"`{file}` cannot be read", param_hint="--var-file")
    return Options(
        account=wanted.account or deployment.get("account"),
        region=wanted.region or deployment.get("region"),
        partition=wanted.partition or deployment.get("partition"),
        kind=PolicyKind(wanted.kind) if wanted.kind else None,
        variables=dict(wanted.var),
        variable_files=wanted.var_file,
        parameters={**_parameters(wanted.parameter_file), **dict(wanted.parameter)},
    )


def _parameters(files: tuple[str, ...]) -> dict[str, str]:
    """The values that files give to parameters of CloudFormation; those of the last one count."""
    if not files:
        return {}
    from kms_lint.load.parameter_file import parameters

    try:
        return parameters(files)
    except SourceError as error:
        raise click.BadParameter(str(error), param_hint="--parameter-file") from error
