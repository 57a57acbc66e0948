"""Where reports go: standard output, or files that appear whole or not at all."""

from __future__ import annotations

import os
import sys
from typing import TextIO

from kms_lint.errors import ConfigError


def print_out(text: str) -> None:
    """Writes to standard output, at once. Who stops reading early has seen what they wanted.

    Raises `ConfigError` when it cannot be written.
    """
    if sys.stdout is None:
        raise ConfigError("standard output is closed, and the report was to go there")
    try:
        _put(sys.stdout, text)
    except OSError as error:
        # What is left in the buffer would fail again when Python ends, and change the exit status.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if isinstance(error, BrokenPipeError):
            return
        raise ConfigError(f"standard output cannot be written: {_reason(error)}") from error


def tell(text: str) -> None:
    """Writes a line to standard error, for people."""
    from kms_lint.formatters.visible import visible

    if sys.stderr is not None:
        _put(sys.stderr, f"kms-lint: {visible(text)}\n")


def write_file(path: str, text: str) -> None:
    """Writes a file by a temporary one beside it. Raises `ConfigError` when it cannot be written."""
    target = os.path.realpath(path)
    content = text.encode("utf-8", "backslashreplace")
    try:
        if os.path.exists(path) and not os.path.isfile(path):
            with open(path, "wb") as file:  # a device or a pipe: nothing to replace
                file.write(content)
            return
        _replace(target, content)
    except OSError as error:
        raise ConfigError(f"{path} cannot be written: {_reason(error)}") from error


def _replace(target: str, content: bytes) -> None:
    temporary = f"{target}.{os.getpid()}.tmp"
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    try:
        with open(descriptor, "wb") as file:
            file.write(content)
        os.replace(temporary, target)
    except BaseException:
        os.unlink(temporary)
        raise


def _put(stream: TextIO, text: str) -> None:
    encoding = stream.encoding or "utf-8"
    stream.write(text.encode(encoding, "backslashreplace").decode(encoding))
    stream.flush()


def _reason(error: OSError) -> str:
    return (error.strerror or "no reason given").lower()
