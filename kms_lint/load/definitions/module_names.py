"""The definitions of modules of Terraform that belong together: what each name stands for, and what that refers to."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from kms_lint.errors import KmsLintError
from kms_lint.load.definitions.references import references
from kms_lint.syntax.expression import Argument, Block

if TYPE_CHECKING:
    from kms_lint.source import Source

_SUFFIXES: Final = (".tf", ".tofu")
_VARIABLES: Final = (".tfvars", ".tfvars.json")
_ABOUT: Final = ("source", "version", "providers", "for_each", "count")
_NAMED: Final = {
    "resource": "",
    "data": "data.",
    "ephemeral": "ephemeral.",
    "module": "module.",
    "variable": "var.",
    "provider": "provider.",
}


class Definition(NamedTuple):
    """One text that a name is defined by, and the names in it; `None` where these are not sure."""

    text: str
    names: frozenset[str] | None


class Folder:
    """One folder: its blocks by file, its definitions by name, and where its calls of modules lead to."""

    def __init__(self, location: str) -> None:
        """Reads all files of Terraform that lie in it."""
        self.location = location
        self.blocks: dict[str, Sequence[Block]] = {}
        self.defined: dict[str, list[Definition]] = {}
        self.calls: dict[str, str] = {}
        self.several: set[str] = set()
        self.whole = True
        for path in _listed(location):
            self._read(path)

    def _read(self, path: str) -> None:
        from kms_lint.syntax import hcl

        source = None if path.endswith(".json") else _source(path)
        if source is None:
            self.whole = False  # what is said in it is not looked at here
            return
        configuration = hcl.parse(source)
        self.whole &= not configuration.errors
        if path.endswith(_VARIABLES):
            self._given(os.path.basename(path), configuration.arguments)
            return
        self.blocks[os.path.basename(path)] = configuration.blocks
        for block in configuration.blocks:
            self._define(block)

    def _given(self, file: str, arguments: dict[str, Argument]) -> None:
        for name, argument in arguments.items():
            self._add(f"var.{name}", argument, file)

    def _define(self, block: Block) -> None:
        if block.type == "locals":
            for name, argument in block.arguments().items():
                self._add(f"local.{name}", argument)
        elif block.type == "output" and block.labels:
            self._add_block(f"output.{block.labels[0]}", block)
        elif block.type in _NAMED:
            name = _NAMED[block.type] + ".".join(block.labels)
            self._add_block(name, block)
            if block.type == "module":
                self._call(name, block)

    def _call(self, name: str, block: Block) -> None:
        """A call: its arguments are what the variables of the module are, whichever module that is."""
        arguments = block.arguments()
        about = [arguments[each] for each in _ABOUT if each in arguments]
        for key, argument in arguments.items():
            if key not in _ABOUT:
                for each in (argument, *about):
                    self._add(f"var.{key}", each, f"{name} {each.name}")
        source = written(arguments["source"]).strip('"') if "source" in arguments else ""
        if source.startswith(("./", "../")) or source in (".", ".."):
            self.calls[name] = os.path.realpath(os.path.join(self.location, source))
        if "for_each" in arguments or "count" in arguments:
            self.several.add(name)

    def _add(self, name: str, argument: Argument, by: str = "") -> None:
        """A definition; `by` is what gives the value, where it is not the name's own block."""
        names = references(argument.expression())
        self.defined.setdefault(name, []).append(Definition(f"{by} = {written(argument)}", names))

    def _add_block(self, name: str, block: Block) -> None:
        text = block.at.source.text[block.at.start : block.at.end]
        self.defined.setdefault(name, []).append(Definition(text, _in_block(block)))


def _in_block(block: Block) -> frozenset[str] | None:
    """All that a block refers to, the blocks in it as well; the iterators of its dynamic blocks are its own."""
    found: set[str] = set()
    own: set[str] = set()
    for each in _nested(block):
        if each.type == "dynamic" and each.labels:
            iterator = each.arguments().get("iterator")
            own.add(str(each.labels[0]) if iterator is None else written(iterator))
        for name, argument in each.arguments().items():
            if name in ("iterator", "providers", "provider", "depends_on", "type", "ignore_changes"):
                continue
            names = references(argument.expression())
            if names is None:
                return None
            found |= names
    return frozenset(name for name in found if name.partition(".")[0] not in own)


def _nested(block: Block) -> Iterator[Block]:
    yield block
    for each in block.blocks():
        yield from _nested(each)


def written(argument: Argument) -> str:
    """The expression of an argument as it stands in its file."""
    at = argument.expression().at
    return at.source.text[at.start : at.end]


def _listed(location: str) -> Iterable[str]:
    try:
        names = sorted(os.listdir(location))
    except OSError:
        return ()
    return [
        os.path.join(location, name) for name in names if name.endswith((*_SUFFIXES, *_VARIABLES, ".tf.json"))
    ]  # fmt: skip


def _source(path: str) -> Source | None:
    from kms_lint.files import File, content, decode

    try:
        file = File(path, path, False)
        return decode(path, content(file))
    except KmsLintError:
        return None
