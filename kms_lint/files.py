"""A file to read, its text, and the files beside it that it refers to."""

from __future__ import annotations

import codecs
import os
from typing import TYPE_CHECKING, Final, NamedTuple

from kms_lint.errors import MalformedError, MissingError, SourceError
from kms_lint.source import Passage, Source, Span

if TYPE_CHECKING:
    pass

LIMIT: Final = 64 * 1024 * 1024
"""The largest file that is read, in bytes."""

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
        raise SourceError(f"{file.path} cannot be read: {refusal(error)}") from error
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


def refusal(error: OSError) -> str:
    """Why the system refused, in words."""
    return (error.strerror or "no reason given").lower()
