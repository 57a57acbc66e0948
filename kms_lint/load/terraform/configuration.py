"""The blocks of a folder of Terraform files, which is a module.

Files are parsed when something in them is needed: most files of a repository say nothing about keys.
https://developer.hashicorp.com/terraform/language/files
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from kms_lint.load.options import Options
from kms_lint.load.terraform.overrides import merged, overrides, unhidden
from kms_lint.load.terraform.unit import Unit
from kms_lint.model import Problem
from kms_lint.source import Source
from kms_lint.syntax.expression import Argument, Block, Expression

UNFILED: Final = "--var "
"""What the path of a source begins with that is no file, but a value from the command line."""

_NAMED: Final = {
    "resource": ("", 2),
    "data": ("data.", 2),
    "ephemeral": ("ephemeral.", 2),
    "module": ("module.", 1),
    "variable": ("var.", 1),
    "output": ("output.", 1),
}
"""By type of block, how its address begins, and how many labels it has."""


class Configuration:
    """All blocks of a folder by their addresses, and the values of its variables."""

    def __init__(self, units: Sequence[Unit], variable_files: Sequence[Source], options: Options) -> None:
        """`variable_files` are the sources of `.tfvars` files, in the order in which they count."""
        self.units = unhidden(units)
        self.options = options
        self.size = sum(len(unit.content) for unit in self.units)
        self.problems: list[Problem] = []
        self._blocks: dict[str, Block] = {}
        self._locals: dict[str, Argument] = {}
        self._overriding: dict[str, Argument] = {}
        self._providers: dict[str, Block] = {}
        self._variable_files = variable_files
        self._given: dict[str, Expression] | None = None
        for unit in self.units:
            if unit.needed and not overrides(unit.file.path):
                self._read(unit)
        for unit in self.units:
            if overrides(unit.file.path):
                self._override(unit)

    def parsed(self) -> Iterator[Unit]:
        """The files that have been parsed so far."""
        return (unit for unit in self.units if unit.parsed)

    def mentioning(self, words: Iterable[str]) -> Iterator[Unit]:
        """The files in which one of these texts stands, which are then parsed."""
        encoded = [word.encode("utf-8", "replace") for word in words]
        for unit in self.units:
            if any(each in unit.content for each in encoded):
                if not unit.parsed:
                    self._read(unit)
                yield unit

    def resource(self, address: str) -> Block | None:
        """The block of a resource (`aws_kms_key.main`) or a data source (`data.aws_region.current`)."""
        return self._block(address)

    def module(self, name: str) -> Block | None:
        """The block that calls a module."""
        return self._block(f"module.{name}")

    def output(self, name: str) -> Block | None:
        """The block of an output."""
        return self._block(f"output.{name}")

    def outputs(self) -> list[str]:
        """The names of all outputs."""
        self._read_those_with("output")
        return [address.removeprefix("output.") for address in self._blocks if address.startswith("output.")]

    def local(self, name: str) -> Argument | None:
        """The definition of a local value."""
        if name not in self._locals:
            self._read_those_with(name)
        return self._overriding.get(name) or self._locals.get(name)

    def default(self, name: str) -> Argument | None:
        """What a variable is as long as nobody gives it a value."""
        block = self.declaration(name)
        return None if block is None else block.arguments().get("default")

    def declaration(self, name: str) -> Block | None:
        """The block that declares a variable."""
        return self._block(f"var.{name}")

    def provider(self, name: str) -> Block | None:
        """The block of a provider: `aws`, or `aws.east` for one with an alias."""
        self._read_those_with("provider")
        return self._providers.get(name)

    @property
    def given(self) -> dict[str, Expression]:
        """Variables that have a value from outside of the `.tf` files. They are those of a root module."""
        if self._given is None:
            self._given = {}
            if self._variable_files or self.options.variables:
                from kms_lint.load.terraform.variables import given

                self._given = given(self._variable_files, self.options, self)
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

    def _block(self, address: str) -> Block | None:
        if address not in self._blocks:
            self._read_those_with(address.rpartition(".")[2])
        return self._blocks.get(address)

    def _read_those_with(self, word: str) -> None:
        encoded = word.encode("utf-8", "replace")
        for unit in self.units:
            if not unit.parsed and encoded in unit.content:
                self._read(unit)

    def _read(self, unit: Unit) -> None:
        unit.parse()
        for block in unit.blocks:
            address = _address(block)
            if address is not None:
                first = self._blocks.setdefault(address, block)
                if first is not block:
                    self._twice(address, first, block)
            elif block.type == "locals":
                self._define(block)
            elif block.type == "provider" and block.labels:
                self._providers.setdefault(_provider_name(block), block)

    def _define(self, block: Block) -> None:
        for name, argument in block.arguments().items():
            self._locals[name] = argument

    def _twice(self, address: str, first: Block, second: Block) -> None:
        source = first.header.source
        line = source.position(first.header.start).line
        message = f"`{address}` is declared twice in one module, first at {source.path}:{line}: give one another name"
        self.problems.append(Problem("malformed-document", message, second.header, address))

    def _override(self, unit: Unit) -> None:
        """Merges the blocks of an override file into those that they override."""
        unit.parse()
        left: list[Block] = []
        for block in unit.blocks:
            address = _address(block)
            if block.type == "locals":
                self._overriding.update(block.arguments())
            elif block.type == "provider" and block.labels:
                self._merge_provider(block)
            elif address is None:
                left.append(block)
            elif self._block(address) is not None:
                self._replace(address, self._blocks[address], block)
            else:
                self._blocks[address] = block
                left.append(block)
                message = f"nothing is overridden here: there is no `{address}` in the other files of this folder"
                self.problems.append(Problem("malformed-document", message, block.header, address))
        unit.blocks = left

    def _merge_provider(self, block: Block) -> None:
        name = _provider_name(block)
        base = self.provider(name)
        self._providers[name] = block if base is None else merged(base, block)

    def _replace(self, address: str, base: Block, override: Block) -> None:
        whole = self._blocks[address] = merged(base, override)
        for unit in self.units:
            if unit.source is base.at.source:
                unit.blocks = [whole if each is base else each for each in unit.blocks]


def _address(block: Block) -> str | None:
    beginning, count = _NAMED.get(block.type, ("", 0))
    if count == 0 or len(block.labels) != count:
        return None
    return beginning + ".".join(block.labels)


def _provider_name(block: Block) -> str:
    alias = block.arguments().get("alias")
    if alias is None:
        return str(block.labels[0])
    at = alias.expression().at
    return f"{block.labels[0]}.{at.source.text[at.start : at.end].strip(chr(34))}"
