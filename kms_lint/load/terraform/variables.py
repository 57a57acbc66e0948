"""The values that are given to the variables of a root module from outside of its `.tf` files.

https://developer.hashicorp.com/terraform/language/values/variables#variable-definition-precedence
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from kms_lint.errors import ConfigError, MalformedError
from kms_lint.load.options import Options
from kms_lint.load.terraform.configuration import UNFILED, Configuration
from kms_lint.source import Source
from kms_lint.syntax.expression import Argument, Expression

if TYPE_CHECKING:
    from kms_lint.files import File
    from kms_lint.syntax import hcl


def variable_files(files: Sequence[File], options: Options) -> tuple[Source, ...]:
    """The files that give values to variables, a later one winning over an earlier one.

    Raises `SourceError` for a file that cannot be read, `ConfigError` for one named in the options that is broken.
    """
    return (*_found(files), *_named(options))


def _found(files: Sequence[File]) -> Iterator[Source]:
    """`terraform.tfvars`, then all `*.auto.tfvars` in the order of their names: those that Terraform reads by itself."""
    from kms_lint.files import content, decode

    loaded = [(_rank(os.path.basename(file.path)), file) for file in files]
    for _, file in sorted((rank, file) for rank, file in loaded if rank is not None):
        try:
            yield decode(file.path, content(file))
        except MalformedError:
            # Terraform itself would refuse it; what it would have said stays unknown.
            continue


def _rank(name: str) -> tuple[int, str] | None:
    if name == "terraform.tfvars":
        return 0, name
    if name == "terraform.tfvars.json":
        return 1, name
    return (2, name) if name.endswith((".auto.tfvars", ".auto.tfvars.json")) else None


def _named(options: Options) -> Iterator[Source]:
    from kms_lint.files import File, content, decode

    for path in options.variable_files:
        try:
            source = decode(path, content(File(path, os.path.abspath(path), True)))
            for error in read(source).errors[:1]:
                raise error
            yield source
        except MalformedError as error:
            raise ConfigError(f"the file of variables cannot be read: {error.message}", error.at) from error


def given(sources: Sequence[Source], options: Options, configuration: Configuration) -> dict[str, Expression]:
    """The values by the names of their variables. Later ones win, and what the command line says comes last."""
    from kms_lint.syntax import hcl

    values: dict[str, Expression] = {}
    for source in sources:
        values.update(_expressions(read(source).arguments))
    for name, value in options.variables.items():
        text = quoted(value) if configuration.literal(name) else value
        parsed = hcl.parse(Source(UNFILED + name, f"{name} = {text}\n"))
        if name not in parsed.arguments or parsed.errors:
            parsed = hcl.parse(Source(UNFILED + name, f"{name} = {quoted(value)}\n"))
        values.update(_expressions(parsed.arguments))
    return values


def read(source: Source) -> hcl.Configuration:
    """What a file of variables says, and what is wrong with it."""
    from kms_lint.syntax import hcl, hcl_json

    return hcl_json.variables(source) if source.path.endswith(".json") else hcl.parse(source)


def _expressions(arguments: dict[str, Argument]) -> dict[str, Expression]:
    return {name: argument.expression() for name, argument in arguments.items()}


def quoted(text: str) -> str:
    """The text as a quoted string of HCL."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", "\\r")
    return '"' + escaped.replace("${", "$${").replace("%{", "%%{") + '"'
