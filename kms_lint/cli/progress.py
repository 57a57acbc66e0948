"""A progress bar for people who wait: on a terminal, when it takes long, and nowhere else."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from rich.progress import Progress

_PATIENCE: Final = 1.0
"""The seconds after which it is shown."""


@contextmanager
def progress(total: int, quiet: bool, patience: float = _PATIENCE) -> Iterator[Callable[[], None]]:
    """Gives a function to call after each of so many files. `patience` is in seconds."""
    if quiet or sys.stderr is None or not sys.stderr.isatty():
        yield _nothing
        return
    bar = _Bar(total, patience)
    try:
        yield bar.tick
    finally:
        bar.close()


def _nothing() -> None:
    """Shows nothing."""


class _Bar:
    """Counts from the start, and is drawn once it was worth it."""

    def __init__(self, total: int, patience: float) -> None:
        self._total = total
        self._patience = patience
        self._done = 0
        self._start = time.monotonic()
        self._shown: Progress | None = None

    def tick(self) -> None:
        self._done += 1
        if self._shown is not None:
            self._shown.update(self._shown.task_ids[0], completed=self._done)
        elif time.monotonic() - self._start > self._patience and self._done < self._total:
            self._show()

    def close(self) -> None:
        if self._shown is not None:
            self._shown.stop()

    def _show(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

        console = Console(stderr=True)
        columns = (TextColumn("reading"), BarColumn(), MofNCompleteColumn())
        self._shown = Progress(*columns, console=console, transient=True)
        self._shown.add_task("reading", total=self._total, completed=self._done)
        self._shown.start()
