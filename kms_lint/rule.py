"""What a rule is: what its file says, the kind of thing it looks at, and the check that looks."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple, TypeAlias, TypeVar

from kms_lint.finding import About, Hit
from kms_lint.model import Document, Grant, Key, Policy, Statement, World
from kms_lint.record import dataclass

Subject: TypeAlias = Document | Key | Policy | Statement | Grant
S = TypeVar("S", Document, Key, Policy, Statement, Grant)

Check: TypeAlias = Callable[[S, World], Iterable[Hit]]
"""Looks at one subject and yields what is wrong with it. Keeps no state."""


class Registered(NamedTuple):
    """A check written in Python, and the type it looks at."""

    subject: type[Subject]
    run: Callable[..., Iterable[Hit]]


CHECKS: dict[str, Registered] = {}
"""The checks written in Python, by name: filled when `kms_lint.checks` is imported."""


def check(subject: type[S]) -> Callable[[Check[S]], Check[S]]:
    """Registers a function as the check that rule files name with `check:`; mypy compares the two types."""

    def register(function: Check[S]) -> Check[S]:
        CHECKS[function.__name__] = Registered(subject, function)
        return function

    return register


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule, ready to run. `subject` is the type of thing that `run` takes."""

    about: About
    subject: type[Subject]
    run: Callable[..., Iterable[Hit]]

    @property
    def id(self) -> str:
        """Its name, which is the name of its file."""
        return self.about.id
