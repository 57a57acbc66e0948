"""Which files there are to read, and their text."""

from __future__ import annotations

import codecs
import os
import stat
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from kms_lint.errors import MalformedError, MissingError, SourceError
from kms_lint.source import Passage, Source, Span

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

SUFFIXES: Final = (
    ".tf", ".tofu", ".json", ".jsonl", ".ndjson", ".yaml", ".yml", ".template", ".tfvars", ".tfstate", ".md", ".markdown",
)  # fmt: skip
"""What is read when a folder is walked; a file that is named is read whatever it is called."""

LIMIT: Final = 64 * 1024 * 1024
"""The largest file that is read, in bytes."""

PASSED_OVER: Final = frozenset({".git", ".hg", ".svn", ".terraform", ".terragrunt-cache", "node_modules", ".venv"})
"""Folders that are never walked."""
_LONGEST_IGNORE: Final = 1024 * 1024
_ENCODINGS: Final = (  # UTF-32 first: its mark begins like that of UTF-16
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


class File(NamedTuple):
    """A file to read.

    `path` is how it is shown: from the working directory, with `/`. `location` is what to open. `named` is whether
    it was given by name rather than found in a folder. `content` is set where there is nothing to open, `within` where
    that is a part of a file, and tells which.
    """

    path: str
    location: str
    named: bool
    content: bytes | None = None
    within: Passage | None = None


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


def content(file: File) -> bytes:
    """The bytes of a file. Raises SourceError when it cannot be read or is larger than any policy could be."""
    if file.content is not None:
        return file.content
    try:
        with open(file.location, "rb") as opened:
            size = os.fstat(opened.fileno()).st_size
            read = opened.read(min(size, LIMIT) + 1)  # memory is set aside for as much as is asked for
            if len(read) > size:  # it is no ordinary file, or it grows
                read += opened.read(LIMIT + 1 - len(read))
    except OSError as error:
        raise SourceError(f"{file.path} cannot be read: {_reason(error)}") from error
    if len(read) > LIMIT:
        raise SourceError(f"{file.path} is larger than {LIMIT // 1024 // 1024} MiB")
    return read


def source(file: File, content: bytes) -> Source:
    """The text of a file, or of a part of one. Raises MalformedError as `decode` does."""
    if file.within is None:
        return decode(file.path, content)
    return Source(file.path, file.within.text, within=file.within)


def decode(path: str, content: bytes) -> Source:
    """The text of a file: UTF-8, or UTF-16 and UTF-32 where a byte order mark says so.

    Raises MalformedError, with a place in what could be decoded, for bytes that are not text.
    """
    encoding = "utf-8"
    for mark, name in _ENCODINGS:
        if content.startswith(mark):
            encoding, content = name, content[len(mark) :]
            break
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        at = len(content[: error.start].decode(encoding, "replace"))
        source = Source(path, content.decode(encoding, "replace"))
        raise MalformedError(f"this is not {encoding[:6].upper()} text", Span(source, at, at + 1)) from error
    source = Source(path, text)
    at = text.find("\0")
    if at >= 0:
        raise MalformedError("a NUL character: this is not a text file", Span(source, at, at + 1))
    return source


def searched(paths: Sequence[str]) -> Callable[[str], bool]:
    """Tells of a path whether it lies in one of those that are folders, where they are searched for files."""
    folders = tuple(os.path.join(os.path.abspath(path), "") for path in paths if os.path.isdir(path))

    def holds(path: str) -> bool:
        return os.path.abspath(path).startswith(folders) and PASSED_OVER.isdisjoint(path.split("/"))

    return holds


def repository(path: str) -> str:
    """The nearest folder upward that holds `.git`; the folder itself, or that of the file, when there is none."""
    start = os.path.abspath(path)
    if not os.path.isdir(start):
        start = os.path.dirname(start)
    folder = start
    while not os.path.exists(os.path.join(folder, ".git")):
        parent = os.path.dirname(folder)
        if parent == folder:
            return start
        folder = parent
    return folder


def beside(near: File, name: str) -> File:
    """The file that another one refers to, by a path that counts from the folder of that one.

    Raises SourceError, which says why, for what is not there, is no file, or lies outside of the repository: that is not
    read, by whatever links it is reached.
    """
    if near.content is not None and not os.path.exists(near.location):
        raise SourceError("the text was given on standard input: there is nothing beside it")
    return within(near, os.path.join(os.path.dirname(near.location), name), name)


def within(near: File, location: str, name: str) -> File:
    """The file at a location, if it lies in the repository of another one; `name` is what it was referred to as.

    Raises SourceError as `beside` does.
    """
    root = os.path.realpath(repository(near.location))
    try:
        real = os.path.realpath(location)
        inside = os.path.commonpath((root, real)) == root
    except ValueError as error:  # another drive, or a NUL
        raise SourceError(f"`{name}` cannot be read: it is no path") from error
    if not inside:
        raise SourceError(f"`{name}` is not read: it leads out of the repository")
    if not os.path.isfile(real):
        raise MissingError(f"`{name}` cannot be read: there is no such file")
    shown = os.path.relpath(location, os.path.dirname(near.location))
    shown = os.path.normpath(os.path.join(os.path.dirname(near.path), shown))
    return File(shown.replace(os.sep, "/"), real, False)


def _reason(error: OSError) -> str:
    """Why the system refused, in words."""
    return (error.strerror or "no reason given").lower()


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
            reason = _reason(error) if isinstance(error, OSError) else "a path holds no NUL"
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
            raise SourceError(f"{folder.shown or '.'} cannot be read: {_reason(error)}") from error
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
