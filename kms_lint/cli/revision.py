"""Files as they were in a revision of git. They are read from its store; nothing is checked out, and nothing runs."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Sequence
from typing import Final

from kms_lint.errors import SourceError
from kms_lint.files import LIMIT, SUFFIXES, repository

PREFIX: Final = "git:"
_READ: Final = (*SUFFIXES, ".tftpl", ".tpl", ".gitignore")
_MOST_FILES: Final = 20_000
_MOST_BYTES: Final = 256 * 1024 * 1024
_SECONDS: Final = 120


def written(revision: str, path: str, folder: str) -> str:
    """Writes what a revision holds of the repository of `path` below a folder; gives where `path` is there.

    Raises `SourceError` for what is no revision, or no path of it.
    """
    root = repository(path)
    if not os.path.exists(os.path.join(root, ".git")):
        raise SourceError(f"{path} is in no repository of git, so that there is no {PREFIX}{revision} of it")
    commit = _git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    if commit is None:
        raise SourceError(f"`{revision}` is no revision in {root}")
    within = os.path.relpath(os.path.abspath(path), root).replace(os.sep, "/")
    os.mkdir(os.path.join(folder, ".git"))  # what is read of it ends here, as it would in the repository
    wanted = [
        (name, blob, size)
        for name, blob, size in _blobs(root, commit.decode().strip())
        if size <= LIMIT and (name == within or name.lower().endswith(_READ))
    ]
    if sum(size for _, _, size in wanted) > _MOST_BYTES:
        raise SourceError(f"{PREFIX}{revision} holds more than {_MOST_BYTES // 1024 // 1024} MiB of such files")
    for name, content in _contents(root, [(name, blob) for name, blob, _ in wanted]):
        _put(folder, name, content)
    target = os.path.normpath(os.path.join(folder, within))
    if not os.path.exists(target):
        raise SourceError(f"{path} is not there in {PREFIX}{revision}")
    return target


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


def _blobs(root: str, commit: str) -> Iterator[tuple[str, str, int]]:
    """The ordinary files of a commit, with the names and sizes of their contents."""
    listed = _git(root, "ls-tree", "-r", "-z", "-l", "--full-tree", commit) or b""
    entries = [entry for entry in listed.split(b"\0") if entry.startswith(b"100")]
    if len(entries) > _MOST_FILES:
        raise SourceError(f"there are more than {_MOST_FILES} files in this revision")
    for entry in entries:
        about, _, name = entry.partition(b"\t")
        words = about.split()
        yield os.fsdecode(name), words[2].decode(), int(words[3]) if words[3].isdigit() else 0


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
