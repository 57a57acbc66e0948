"""The command line: what each command does stands in the module of its name.

Everything that a user can put right ends in one clear line on standard error and status 2.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Final

import click

from kms_lint.errors import KmsLintError
from kms_lint.formatters.visible import visible

COMMANDS: Final = {
    "check": "lints files and folders",
    "access": "who can do what with which key, and by which statements",
    "diff": "proves whether a change grants access that was not there before",
    "show": "what was understood: every key, policy, grant and alias",
    "rules": "one line per rule",
    "explain": "why a rule is there, how to fix it, examples",
    "test": "runs the examples inside rule files",
    "schema": "prints a published JSON Schema: config, rule, report",
}
"""The commands, with what `--help` says about them: none is imported before it is called."""

FAILED: Final = 2
"""The exit status when the job could not be done as asked."""

INTERRUPTED: Final = 130


class Commands(click.Group):
    """The commands by name, each imported when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Their names, in the order of the help."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """A command by its name."""
        if cmd_name not in COMMANDS:
            return None
        from importlib import import_module

        command: click.Command = import_module(f"kms_lint.cli.{cmd_name}").command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that is called. A name that is none is an error that names the nearest."""
        name = args[0]
        if name not in COMMANDS and not name.startswith("-") and not ctx.resilient_parsing:
            from kms_lint.spelling import did_you_mean

            raise click.UsageError(f"there is no command `{visible(name)}`{did_you_mean(name, COMMANDS)}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """What the commands do, without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.command(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--version",
    is_flag=True,
    expose_value=False,
    is_eager=True,
    callback=lambda context, option, wanted: _version(context) if wanted else None,
    help="Show the version and the date of the facts.",
)
def cli() -> None:
    """A static linter for AWS KMS key policies, IAM policies and grants.

    Completion in a shell: `eval "$(_KMS_LINT_COMPLETE=bash_source kms-lint)"`, likewise zsh_source and fish_source.
    """


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a command and gives the exit status."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    try:
        status = cli.main(given, prog_name="kms-lint", standalone_mode=False, windows_expand_args=False)
    except click.Abort:
        return INTERRUPTED
    except click.ClickException as error:
        error.show(sys.stderr)
        return FAILED
    except KmsLintError as error:
        return _failed(str(error))
    except BrokenPipeError:
        return _failed("what reads the output has closed it")
    except MemoryError:
        return _failed("there is not enough memory")
    except Exception as error:  # a bug of ours; a traceback would help nobody but us
        return _failed(f"{_bug(error)}; please report it")
    return status if isinstance(status, int) else 0


def _version(context: click.Context) -> None:
    from kms_lint import __version__
    from kms_lint.iam.kms import FACTS_DATE

    click.echo(f"kms-lint {__version__} (facts of {FACTS_DATE})")
    context.exit()


def _failed(message: str) -> int:
    try:
        sys.stderr.write(f"kms-lint: error: {visible(message)}\n")
    except OSError:
        return FAILED  # nobody listens
    return FAILED


def _bug(error: Exception) -> str:
    """Where our own code failed, in one line."""
    step = error.__traceback__
    while step is not None and step.tb_next is not None:
        step = step.tb_next
    where = f" in {step.tb_frame.f_code.co_name}, line {step.tb_lineno}" if step else ""
    return f"kms-lint itself failed{where}: {error!r}"
