"""kms-lint: a static linter for AWS KMS key policies, IAM policies and grants.

The public names are `lint`, `load`, `Finding` and `Report`; README shows them. They are imported when they are first
used, so that the command line starts without them.
"""

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

    if _HOMES[name] == "kms_lint.api":
        # `kms_lint.load` is a package as well, and its first import would put it in the place of the function.
        import_module("kms_lint.load")
        api = import_module("kms_lint.api")
        globals().update(lint=api.lint, load=api.load)
    return getattr(import_module(_HOMES[name]), name)
