"""Which files there are to read: those that are named, and those in folders, without what is ignored there."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from kms_lint.errors import SourceError
from kms_lint.files import File, refusal, repository

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

SUFFIXES: Final = (
    ".tf", ".tofu", ".json", ".jsonl", ".ndjson", ".yaml", ".yml", ".template", ".tfvars", ".tfstate", ".md", ".markdown",
)  # fmt: skip
"""What is read when a folder is walked; a file that is named is read whatever it is called."""

PASSED_OVER: Final = frozenset({".git", ".hg", ".svn", ".terraform", ".terragrunt-cache", "node_modules", ".venv"})
"""Folders that are never walked."""
_LONGEST_IGNORE: Final = 1024 * 1024


class Skipped(NamedTuple):
    """A path that is not read, and why."""

    path: str
    reason: str


def discover(
    paths: Sequence[str],
    exclude: Sequence[str] = (),
    working_directory: str = ".",
    *,
    force_exclude: bool = False,
) -> tuple[tuple[File, ...], tuple[Skipped, ...]]:
    """The files under the paths, each once, sorted by path as shown; `exclude` are patterns as in `.gitignore`.

    They count from the working directory, and for files that are named only with `force_exclude`.
    Raises SourceError for a path that does not exist, or a folder that cannot be read.
    """
    walk = _Walk(os.path.abspath(working_directory), exclude, force_exclude)
    for path in paths:
        walk.start(path)
    return tuple(sorted(walk.files.values())), tuple(sorted(set(walk.skipped)))


def searched(paths: Sequence[str]) -> Callable[[str], bool]:
    """Tells of a path whether it lies in one of those that are folders, where they are searched for files."""
    folders = tuple(os.path.join(os.path.abspath(path), "") for path in paths if os.path.isdir(path))

    def holds(path: str) -> bool:
        return os.path.abspath(path).startswith(folders) and PASSED_OVER.isdisjoint(path.split("/"))

    return holds


class _Patterns(NamedTuple):
    """Patterns as in `.gitignore`, which count from the folder they are written for."""

    folder: str
    patterns: GitIgnoreSpec

    def verdict(self, location: str) -> bool | None:
        """Whether a path is left out; `None` when no pattern says anything. A folder ends with a separator."""
        if not location.startswith(self.folder):
            return None
        return self.patterns.check_file(location[len(self.folder) :].replace(os.sep, "/")).include


def _patterns(folder: str, lines: Sequence[str]) -> _Patterns:
    from pathspec import GitIgnoreSpec

    try:
        return _Patterns(os.path.join(folder, ""), GitIgnoreSpec.from_lines(lines))
    except ValueError as error:
        raise SourceError(f"a pattern of files to leave out cannot be read: {error}") from error


class _Folder(NamedTuple):
    location: str
    shown: str
    ignored: tuple[_Patterns, ...]


class _Walk:
    """The files found so far, by where they really are."""

    def __init__(self, working_directory: str, exclude: Sequence[str], force_exclude: bool) -> None:
        self.files: dict[str, File] = {}
        self.skipped: list[Skipped] = []
        self._working_directory = working_directory
        self._exclude = (_patterns(working_directory, exclude),) if exclude else ()
        self._forced = force_exclude
        self._seen: set[str] = set()
        self._links: list[tuple[str, _Folder]] = []

    def start(self, path: str) -> None:
        """Adds a file, or all that is read in a folder."""
        location = os.path.join(self._working_directory, path)
        try:
            mode = os.stat(location).st_mode
        except (OSError, ValueError) as error:
            reason = refusal(error) if isinstance(error, OSError) else "a path holds no NUL"
            raise SourceError(f"{path} cannot be read: {reason}") from error
        real = os.path.realpath(location)
        shown = self._shown(os.path.abspath(location))
        if stat.S_ISDIR(mode):
            self._folder(real, shown)
        elif not stat.S_ISREG(mode):
            raise SourceError(f"{path} is neither a file nor a folder: give its content on standard input")
        elif self._forced and _left_out(os.path.abspath(location), self._exclude):
            self.skipped.append(Skipped(shown, "excluded"))
        else:
            self.files[real] = File(shown, real, True)

    def _left_out(self, location: str, ignored: Sequence[_Patterns]) -> bool:
        """Whether a path was excluded for this run, or is ignored in this repository."""
        return _left_out(location, self._exclude) or _left_out(location, ignored)

    def _shown(self, location: str) -> str:
        try:
            shown = os.path.relpath(location, self._working_directory)
        except ValueError:  # another drive
            shown = location
        return shown.replace(os.sep, "/")

    def _folder(self, real: str, shown: str) -> None:
        root = os.path.join(repository(real), "")
        ignored = _above(real, root)
        if _left_out(os.path.join(real, ""), ignored):
            ignored = ()  # it was named, so it is wanted
        waiting = [_Folder(real, "" if shown == "." else shown + "/", ignored)]
        while waiting or self._links:
            if not waiting:
                waiting.extend(self._linked(root))
                continue
            folder = waiting.pop()
            if folder.location not in self._seen:
                self._seen.add(folder.location)
                waiting.extend(self._entries(folder))

    def _entries(self, folder: _Folder) -> Iterator[_Folder]:
        """Adds the files of a folder; gives the folders in it."""
        try:
            with os.scandir(folder.location) as scanned:
                entries = list(scanned)
        except OSError as error:
            raise SourceError(f"{folder.shown or '.'} cannot be read: {refusal(error)}") from error
        ignored = folder.ignored
        asked = bool(ignored or self._exclude)
        if any(entry.name == ".gitignore" for entry in entries):
            asked = True
            ignored = (*_written(folder.location), *ignored)
        for entry in entries:
            name = entry.name
            if entry.is_symlink():
                self._links.append((name, folder._replace(ignored=ignored)))
            elif entry.is_dir(follow_symlinks=False):
                inside = os.path.join(entry.path, "")
                if name not in PASSED_OVER and not (asked and self._left_out(inside, ignored)):
                    yield _Folder(entry.path, f"{folder.shown}{name}/", ignored)
            elif name.lower().endswith(SUFFIXES) and not (asked and self._left_out(entry.path, ignored)):
                self._found(entry.path, folder.shown + name, regular=entry.is_file(follow_symlinks=False))

    def _found(self, location: str, shown: str, *, regular: bool) -> None:
        if regular:
            self.files.setdefault(location, File(shown, location, False))
        else:
            self.skipped.append(Skipped(shown, "neither a file nor a folder"))

    def _linked(self, root: str) -> Iterator[_Folder]:
        """What links lead to, when that is inside the repository and was not met on the way."""
        links, self._links = self._links, []
        for name, folder in sorted(links, key=lambda link: (link[1].shown, link[0])):
            location = os.path.join(folder.location, name)
            shown = folder.shown + name
            real = os.path.realpath(location)
            is_folder = os.path.isdir(real)
            if not is_folder and not name.lower().endswith(SUFFIXES):
                continue
            if self._left_out(os.path.join(location, "") if is_folder else location, folder.ignored):
                continue
            if not os.path.exists(real):
                self.skipped.append(Skipped(shown, "a link that leads nowhere"))
            elif not os.path.join(real, "").startswith(root):
                self.skipped.append(Skipped(shown, "a link that leads out of the repository"))
            elif not is_folder:
                self._found(real, shown, regular=os.path.isfile(real))
            elif name not in PASSED_OVER and not PASSED_OVER & set(real[len(root) :].split(os.sep)):
                yield _Folder(real, shown + "/", folder.ignored)


def _left_out(location: str, ignored: Sequence[_Patterns]) -> bool:
    """Whether patterns leave a path out; those of the nearest folder come first."""
    for patterns in ignored:
        verdict = patterns.verdict(location)
        if verdict is not None:
            return verdict
    return False


def _written(folder: str) -> tuple[_Patterns, ...]:
    """The patterns of the `.gitignore` of a folder, if it has one."""
    try:
        with open(os.path.join(folder, ".gitignore"), encoding="utf-8", errors="replace") as opened:
            return (_patterns(folder, opened.read(_LONGEST_IGNORE).splitlines()),)
    except OSError:
        return ()  # not there, or not for us to read: then it leaves nothing out


def _above(real: str, root: str) -> tuple[_Patterns, ...]:
    """The patterns of the folders between a folder and the root of its repository, nearest first."""
    found: list[_Patterns] = []
    folder = real
    while folder.startswith(root):
        folder = os.path.dirname(folder)
        found.extend(_written(folder))
    return tuple(found)
