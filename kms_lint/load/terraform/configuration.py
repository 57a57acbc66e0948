"""The blocks of a folder of Terraform files.

Files are parsed when something in them is needed: most files of a repository say nothing about keys.
https://developer.hashicorp.com/terraform/language/files
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from kms_lint.errors import MalformedError
from kms_lint.load.options import Options
from kms_lint.source import Source
from kms_lint.syntax.expression import Argument, Block

if TYPE_CHECKING:
    from kms_lint.files import File

UNFILED: Final = "--var "
"""What the path of a source begins with that is no file, but a value from the command line."""

_OURS: Final = re.compile(rb"kms|aws_iam_|policy|policies", re.IGNORECASE)


class Given(NamedTuple):
    """The value of a variable that was given from outside of the `.tf` files."""

    argument: Argument


class Unit:
    """One `.tf` file: its bytes, and its blocks once it has been parsed."""

    __slots__ = ("blocks", "content", "error", "errors", "file", "parsed", "relevant", "source")

    def __init__(self, file: File, content: bytes) -> None:
        """`relevant` is whether something in it may be for us."""
        self.file = file
        self.content = content
        self.relevant = file.named or _OURS.search(content) is not None
        self.parsed = False
        self.source: Source | None = None
        self.blocks: Sequence[Block] = ()
        self.errors: tuple[MalformedError, ...] = ()

    def parse(self) -> None:
        """Reads the blocks. What is wrong with the text is in `errors`, and the rest is read nevertheless."""
        from kms_lint import files
        from kms_lint.syntax import hcl

        self.parsed = True
        try:
            self.source = files.source(self.file, self.content)
        except MalformedError as error:
            self.errors = (error,)
            return
        configuration = hcl.parse(self.source)
        self.blocks = configuration.blocks
        self.errors = configuration.errors


class Configuration:
    """All blocks of a folder by their addresses, and the values of its variables."""

    def __init__(self, units: Sequence[Unit], variable_files: Sequence[Source], options: Options) -> None:
        """`variable_files` are the sources of `.tfvars` files, in the order in which they count."""
        self.units = units
        self.options = options
        self.size = sum(len(unit.content) for unit in units)
        self._resources: dict[str, Block] = {}
        self._locals: dict[str, Argument] = {}
        self._variables: dict[str, Block] = {}
        self._providers: dict[str, Block] = {}
        self._variable_files = variable_files
        self._given: dict[str, Argument] | None = None
        for unit in units:
            if unit.relevant:
                self._read(unit)

    def parsed(self) -> Iterator[Unit]:
        """The files that have been parsed so far."""
        return (unit for unit in self.units if unit.parsed)

    def resource(self, address: str) -> Block | None:
        """The block of a resource (`aws_kms_key.main`) or a data source (`data.aws_region.current`)."""
        if address not in self._resources:
            self._read_those_with(address.rpartition(".")[2])
        return self._resources.get(address)

    def local(self, name: str) -> Argument | None:
        """The definition of a local value."""
        if name not in self._locals:
            self._read_those_with(name)
        return self._locals.get(name)

    def variable(self, name: str) -> Argument | None:
        """What gives a variable its value: what the user says, else a `.tfvars` file, else its default."""
        given = self.given.get(name)
        if given is not None:
            return given
        block = self.declaration(name)
        return None if block is None else block.arguments().get("default")

    def declaration(self, name: str) -> Block | None:
        """The block that declares a variable."""
        if name not in self._variables:
            self._read_those_with(name)
        return self._variables.get(name)

    def provider(self, name: str) -> Block | None:
        """The block of a provider: `aws`, or `aws.east` for one with an alias."""
        self._read_those_with("provider")
        return self._providers.get(name)

    @property
    def given(self) -> dict[str, Argument]:
        """Variables that have a value from outside of the `.tf` files."""
        if self._given is None:
            self._given = {}
            if self._variable_files or self.options.variables:
                self._given = _given(self._variable_files, self.options, self)
        return self._given

    def literal(self, name: str) -> bool:
        """Whether the text of `--var NAME=…` is the value itself, and not an expression.

        https://developer.hashicorp.com/terraform/language/values/variables#complex-typed-values
        """
        block = self.declaration(name)
        type = None if block is None else block.arguments().get("type")
        if type is None:
            return True
        at = type.expression().at
        return at.source.text[at.start : at.end] == "string"

    def _read_those_with(self, word: str) -> None:
        encoded = word.encode("utf-8", "replace")
        for unit in self.units:
            if not unit.parsed and encoded in unit.content:
                self._read(unit)

    def _read(self, unit: Unit) -> None:
        unit.parse()
        for block in unit.blocks:
            labels = block.labels
            if block.type == "resource" and len(labels) == 2:
                self._resources.setdefault(f"{labels[0]}.{labels[1]}", block)
            elif block.type == "data" and len(labels) == 2:
                self._resources.setdefault(f"data.{labels[0]}.{labels[1]}", block)
            elif block.type == "locals":
                self._locals.update(block.arguments())
            elif block.type == "variable" and labels:
                self._variables.setdefault(str(labels[0]), block)
            elif block.type == "provider" and labels:
                self._providers.setdefault(_provider_name(block), block)


def _provider_name(block: Block) -> str:
    alias = block.arguments().get("alias")
    if alias is None:
        return str(block.labels[0])
    at = alias.expression().at
    return f"{block.labels[0]}.{at.source.text[at.start : at.end].strip(chr(34))}"


def _given(variable_files: Sequence[Source], options: Options, configuration: Configuration) -> dict[str, Argument]:
    """Later ones win. https://developer.hashicorp.com/terraform/language/values/variables#variable-definition-precedence ."""
    from kms_lint.syntax import hcl

    values: dict[str, Argument] = {}
    for source in variable_files:
        values.update(hcl.parse(source).arguments)
    for name, value in options.variables.items():
        text = quoted(value) if configuration.literal(name) else value
        parsed = hcl.parse(Source(UNFILED + name, f"{name} = {text}\n"))
        if name not in parsed.arguments or parsed.errors:
            parsed = hcl.parse(Source(UNFILED + name, f"{name} = {quoted(value)}\n"))
        values.update(parsed.arguments)
    return values


def quoted(text: str) -> str:
    """The text as a quoted string of HCL."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", "\\r")
    return '"' + escaped.replace("${", "$${").replace("%{", "%%{") + '"'
