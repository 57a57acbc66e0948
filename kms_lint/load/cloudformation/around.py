"""What is around a template that is read: its file, what the user says, the stacks that it is in."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping as Dictionary
from dataclasses import field

from kms_lint.files import File
from kms_lint.load.cloudformation.budget import Budget
from kms_lint.load.cloudformation.files import Files
from kms_lint.load.cloudformation.formulas import Formulas
from kms_lint.load.cloudformation.parameters import Passed
from kms_lint.load.options import Options
from kms_lint.record import dataclass


def _nothing(parameter: str) -> str | None:
    """What is handed on to a template that no other is around."""
    return None


@dataclass(frozen=True)
class Around:
    """What is around a template: the file it is in, what the user says, what all templates of one deployment share.

    `way` are the files of the templates around it, `prefix` its address among them, and `given` the conditions under
    which it is deployed at all. `passed` gives the values of its parameters, `handed_on` what those are called that are only
    handed on. `formulas` are the conditions of all of them.
    """

    options: Options
    file: File | None = None
    files: Files = field(default_factory=Files)
    budget: Budget = field(default_factory=Budget)
    way: tuple[str, ...] = ()
    prefix: str = ""
    passed: Passed | None = None
    handed_on: Callable[[str], str | None] = _nothing
    formulas: Formulas = field(default_factory=Formulas)
    given: Dictionary[str, bool] = field(default_factory=dict)
