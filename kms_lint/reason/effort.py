"""How much a search may do before it gives up, counted in steps and not in seconds: answers must be repeatable."""

from __future__ import annotations

from typing import Final

MOST_STEPS: Final = 10_000_000
"""As much is done for all principals of an estate together: some ten seconds."""

FOLLOWED: Final = 1
"""What it takes to follow one step that is known."""

CHOSEN: Final = 10
"""What it takes to see what a principal is like after a choice of changes."""

QUESTION: Final = 30
"""What it takes to find out whether one request to IAM, STS or a service is allowed."""

KEY: Final = 400
"""What it takes to work out what one principal may do with one key."""


class Effort:
    """What is left of the steps that a search may take."""

    def __init__(self, most: int = MOST_STEPS) -> None:
        self._left = most

    def spend(self, steps: int) -> None:
        """Takes down that some steps were taken."""
        self._left -= steps

    @property
    def spent(self) -> bool:
        """Whether nothing is left: what was not looked at by then is not known."""
        return self._left <= 0
