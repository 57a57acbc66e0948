"""kms-lint: a static linter for AWS KMS key policies, IAM policies and grants.

The public names are `lint`, `load`, `Finding` and `Report`; README shows them. They are imported when they are first
used, so that the command line starts without them.
"""

import sys
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kms_lint.api import lint, load
    from kms_lint.finding import Finding, Report

__version__ = "0.1.0"
__all__ = ["Finding", "Report", "__version__", "lint", "load"]

_HOMES = {"lint": "kms_lint.api", "load": "kms_lint.api", "Finding": "kms_lint.finding", "Report": "kms_lint.finding"}


def __getattr__(name: str) -> object:
    """A public name, imported from its home when it is first asked for."""
    if name not in _HOMES:
        raise AttributeError(f"module 'kms_lint' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)


class _Package(ModuleType):
    """`kms_lint.load` is a package as well: its first import, by whomever, does not take the place of the function."""

    def __setattr__(self, name: str, value: object) -> None:
        if name not in _HOMES or not isinstance(value, ModuleType):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package
