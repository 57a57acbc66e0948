"""Options that commands share, their groups in the help, and the kinds of values they take."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

import click

from kms_lint.finding import Severity
from kms_lint.formatters.visible import visible
from kms_lint.model import PolicyKind
from kms_lint.record import dataclass
from kms_lint.spelling import did_you_mean

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    Type: TypeAlias = click.ParamType[Any]
else:
    Type = click.ParamType  # generic only for type checkers: older versions of click know nothing of it

T = TypeVar("T")
Decorated = TypeVar("Decorated", bound=Callable[..., Any])


class Option(click.Option):
    """An option that stands in a group of the help."""

    def __init__(self, *arguments: Any, group: str = "Other", **named: Any) -> None:
        """`group` is the heading it stands under."""
        super().__init__(*arguments, **named)
        self.group = group


class Command(click.Command):
    """A command whose help shows its options by group."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The options under their headings."""
        groups: dict[str, list[tuple[str, str]]] = {}
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx)
            if record is not None:
                groups.setdefault(getattr(parameter, "group", "Other"), []).append(record)
        for name, records in sorted(groups.items(), key=lambda group: group[0] == "Other"):
            with formatter.section(name):
                formatter.write_dl(records)


class Word(Type):
    """One of a few words; another one is an error that names the nearest."""

    def __init__(self, name: str, words: Iterable[str]) -> None:
        """`name` is what the word is: `level`."""
        self.name = name
        self.words = tuple(words)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The word itself."""
        if value not in self.words:
            near = did_you_mean(value, self.words)
            self.fail(f"`{visible(value)}` is no {self.name}{near} (one of {', '.join(self.words)})", param, ctx)
        return value

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """The words that begin like that."""
        from click.shell_completion import CompletionItem

        return [CompletionItem(word) for word in self.words if word.startswith(incomplete)]


class RuleName(Type):
    """A rule; whether it exists is asked when all rules are known."""

    name = "rule"

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """The built-in rules that begin like that."""
        from click.shell_completion import CompletionItem

        from kms_lint.library import described

        return [CompletionItem(each.id, help=each.title) for each in described() if each.id.startswith(incomplete)]


class Pair(Type):
    """`NAME=VALUE`."""

    name = "name=value"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Name and value."""
        if isinstance(value, tuple):
            return value
        name, sign, said = value.partition("=")
        if not sign or not name:
            self.fail(f"`{visible(value)}` is not of the form NAME=VALUE", param, ctx)
        return name, said


class Account(Type):
    """An account id."""

    name = "id"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The twelve digits."""
        if len(value) != 12 or not (value.isascii() and value.isdigit()):
            self.fail(f"`{visible(value)}` is no account id: write its 12 digits", param, ctx)
        return value


class Region(Type):
    """A Region. AWS opens new ones, so that it only has to be made of the words that Regions are made of."""

    name = "name"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The name as it is."""
        from kms_lint.iam.kms import REGIONS

        known = [region for regions in REGIONS.values() for region in regions.split()]
        words = {word for region in known for word in region.split("-")[1:-1]}
        country, *middle, number = value.split("-") if value.count("-") >= 2 else ("", "", "")
        if not (country.isalpha() and words.issuperset(middle) and number.isdigit()):
            near = did_you_mean(value, known) or ": write it as in us-east-1"
            self.fail(f"`{visible(value)}` is no Region{near}", param, ctx)
        return value


class Partition(Type):
    """A partition of AWS."""

    name = "name"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The name as it is."""
        from kms_lint.iam.kms import PARTITIONS

        return Word("partition", PARTITIONS).convert(value, param, ctx)


class Day(Type):
    """A day."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The day as `YYYY-MM-DD`."""
        from kms_lint.ignores import is_date

        if not is_date(value):
            self.fail(f"`{visible(value)}` is no day: write it as in 2027-03-01", param, ctx)
        return value


LEVEL = Word("level", [str(level) for level in sorted(Severity, reverse=True)])
KIND = Word("kind", [kind.value for kind in PolicyKind])


@dataclass(frozen=True)
class Input:
    """The options that say what is read, and how."""

    paths: tuple[str, ...]
    config: str | None
    no_config: bool
    exclude: tuple[str, ...]
    force_exclude: bool
    kind: str | None
    var: tuple[tuple[str, str], ...]
    var_file: tuple[str, ...]
    parameter: tuple[tuple[str, str], ...]
    parameter_file: tuple[str, ...]
    account: str | None
    region: str | None
    partition: str | None
    stdin_filename: str | None


def taken(type: type[T], given: Mapping[str, Any]) -> T:
    """The options of one group out of all that were given."""
    return type(**{field.name: given[field.name] for field in fields(type)})  # type: ignore[arg-type]


def option(group: str, *names: str, **said: Any) -> Callable[[Decorated], Decorated]:
    """An option of a group."""
    return click.option(*names, cls=Option, group=group, **said)


def options(*decorators: Callable[[Any], Any]) -> Callable[[Decorated], Decorated]:
    """Several options, in this order."""

    def decorate(function: Decorated) -> Decorated:
        for decorator in reversed(decorators):
            function = decorator(function)
        return function

    return decorate


def format_option(what: str, *formats: str, help: str = "") -> Callable[[Decorated], Decorated]:
    """`--format` of a command that writes to standard output; the first format is the default."""
    listed = f"{', '.join(formats[:-1])} or {formats[-1]}."
    return option(
        "Output",
        "--format",
        "format",
        type=Word(f"format of {what}", formats),
        default=formats[0],
        metavar="FORMAT",
        help=help or listed,
    )


color_option = option(
    "Output",
    "--color",
    type=Word("choice of colour", ("auto", "always", "never")),
    default="auto",
    metavar="auto|always|never",
    help="Whether text is coloured.",
)
reading_options = options(
    option("Input", "--config", metavar="FILE", help="Use this configuration file instead of those found upward."),
    option("Input", "--no-config", is_flag=True, help="Use no configuration file."),
    option("Input", "--exclude", multiple=True, metavar="GLOB", help="Leave out what matches, as in .gitignore."),
    option("Input", "--force-exclude", is_flag=True, help="Leave it out even when it is named."),
    option("Input", "--kind", type=KIND, metavar="KIND", help="What an ambiguous policy is: " + ", ".join(KIND.words)),
    option(
        "Input", "--var", multiple=True, type=Pair(), metavar="NAME=VALUE", help="The value of a Terraform variable."
    ),
    option("Input", "--var-file", multiple=True, metavar="FILE", help="A .tfvars file."),
    option(
        "Input",
        "--parameter",
        multiple=True,
        type=Pair(),
        metavar="NAME=VALUE",
        help="The value of a CloudFormation parameter.",
    ),
    option("Input", "--parameter-file", multiple=True, metavar="FILE", help="Values of CloudFormation parameters."),
    option("Input", "--account", type=Account(), metavar="ID", help="The account of the keys."),
    option("Input", "--region", type=Region(), metavar="NAME", help="The Region that is deployed to."),
    option("Input", "--partition", type=Partition(), metavar="NAME", help="The partition, such as aws-cn."),
    option("Input", "--stdin-filename", metavar="NAME", help="What standard input (`-`) is called."),
)
input_options = options(click.argument("paths", nargs=-1, type=click.Path(readable=False)), reading_options)
