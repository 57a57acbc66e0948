"""`kms-lint`, and `python -m kms_lint`."""

from __future__ import annotations

import sys


def main() -> int:
    """Runs the command line and gives the exit status. The version is answered before anything is imported."""
    if sys.argv[1:] == ["--version"]:
        from kms_lint import __version__
        from kms_lint.iam.kms import FACTS_DATE

        sys.stdout.write(f"kms-lint {__version__} (facts of {FACTS_DATE})\n")
        return 0
    from kms_lint.cli import main as run

    return run()


if __name__ == "__main__":
    # `python -m` would import modules of the working directory, which may be the repository that is scanned.
    if not sys.flags.safe_path:
        del sys.path[0]
    sys.exit(main())
