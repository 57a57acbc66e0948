"""Files as they were in a revision of git. They are read from its store; nothing is checked out, and nothing runs."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from kms_lint.discovery import SUFFIXES
from kms_lint.errors import SourceError
from kms_lint.files import LIMIT, repository

PREFIX: Final = "git:"
_READ: Final = (*SUFFIXES, ".tftpl", ".tpl", ".gitignore")
_MOST_FILES: Final = 20_000
_MOST_BYTES: Final = 256 * 1024 * 1024
_SECONDS: Final = 120
_LINK: Final = "120000"
_SUBMODULE: Final = "160000"


class Written(NamedTuple):
    """Where a path of a revision is, the root of its repository, and the submodules in it, whose content git does not hold."""

    path: str
    root: str
    submodules: tuple[str, ...]


class _Entry(NamedTuple):
    """One file of a commit: its mode, the name and the size of its content, and its path."""

    mode: str
    blob: str
    size: int
    name: str


def written(revision: str, path: str, folder: str) -> Written:
    """Writes what a revision holds of the repository of `path` below a folder; gives where `path` is there.

    Links are kept where they lead to something in the repository. Raises `SourceError` for what is no revision, or no
    path of it.
    """
    root = repository(path)
    if not os.path.exists(os.path.join(root, ".git")):
        raise SourceError(f"{path} is in no repository of git, so that there is no {PREFIX}{revision} of it")
    commit = _git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    if commit is None:
        raise SourceError(f"`{revision}` is no revision in {root}")
    within = os.path.relpath(os.path.abspath(path), root).replace(os.sep, "/")
    os.mkdir(os.path.join(folder, ".git"))  # what is read of it ends here, as it would in the repository
    entries = _entries(root, commit.decode().strip())
    links = [each for each in entries if each.mode == _LINK]
    files = [
        each
        for each in entries
        if each.mode.startswith("100")
        and each.size <= LIMIT
        and (each.name == within or each.name.lower().endswith(_READ))
    ]
    if sum(each.size for each in files) > _MOST_BYTES:
        raise SourceError(f"{PREFIX}{revision} holds more than {_MOST_BYTES // 1024 // 1024} MiB of such files")
    for name, content in _contents(root, [(each.name, each.blob) for each in files]):
        _put(folder, name, content)
    for name, content in _contents(root, [(each.name, each.blob) for each in links]):
        _link(folder, name, os.fsdecode(content))
    target = os.path.normpath(os.path.join(folder, within))
    if not os.path.exists(target):
        raise SourceError(f"{path} is not there in {PREFIX}{revision}")
    start = "" if within == "." else f"{within}/"
    inside = [each.name for each in entries if each.mode == _SUBMODULE and f"{each.name}/".startswith(start)]
    return Written(target, root, tuple(inside))


def _contents(root: str, wanted: Sequence[tuple[str, str]]) -> Iterator[tuple[str, bytes]]:
    """The contents of files, out of one run of git. Raises `SourceError` for one that is not there."""
    asked = "".join(f"{blob}\n" for _, blob in wanted).encode()
    given = _git(root, "cat-file", "--batch", given=asked) if wanted else b""
    at = 0
    for name, _ in wanted:
        header, _, _ = (given or b"")[at : at + 200].partition(b"\n")
        words = header.split()
        if len(words) != 3 or words[1] != b"blob":
            raise SourceError(f"git does not have the content of {name}: fetch it, and try again")
        start = at + len(header) + 1
        at = start + int(words[2]) + 1
        yield name, (given or b"")[start : at - 1]


def _entries(root: str, commit: str) -> list[_Entry]:
    """All that a commit holds."""
    listed = _git(root, "ls-tree", "-r", "-z", "-l", "--full-tree", commit) or b""
    lines = [line for line in listed.split(b"\0") if line]
    if len(lines) > _MOST_FILES:
        raise SourceError(f"there are more than {_MOST_FILES} files in this revision")
    found = []
    for line in lines:
        about, _, name = line.partition(b"\t")
        mode, _, blob, size = about.decode().split()
        found.append(_Entry(mode, blob, int(size) if size.isdigit() else 0, os.fsdecode(name)))
    return found


def _link(folder: str, name: str, to: str) -> None:
    """A link, unless it leads out of the folder; to what is not there it is of no use."""
    target = os.path.normpath(os.path.join(folder, name))
    real = os.path.realpath(os.path.join(os.path.dirname(target), to))
    if os.path.commonpath((folder, real)) == folder and os.path.exists(real) and not os.path.lexists(target):
        os.makedirs(os.path.dirname(target), exist_ok=True)
        os.symlink(to, target)


def _put(folder: str, name: str, content: bytes) -> None:
    target = os.path.normpath(os.path.join(folder, name))
    if os.path.commonpath((folder, target)) != folder or len(content) > LIMIT:
        return
    os.makedirs(os.path.dirname(target), exist_ok=True)
    with open(target, "wb") as file:
        file.write(content)


def _git(root: str, *arguments: str, given: bytes = b"") -> bytes | None:
    """What git prints; `None` when it refuses."""
    environment = {**os.environ, "GIT_OPTIONAL_LOCKS": "0", "GIT_NO_LAZY_FETCH": "1", "GIT_TERMINAL_PROMPT": "0"}
    try:
        done = subprocess.run(
            ["git", "-c", "core.fsmonitor=false", "-C", root, *arguments],
            capture_output=True,
            input=given,
            check=False,
            env=environment,
            timeout=_SECONDS,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise SourceError("git cannot be run, and the revision is read with it") from error
    return done.stdout if done.returncode == 0 else None
