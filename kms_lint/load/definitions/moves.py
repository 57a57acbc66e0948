"""What a configuration of Terraform says of its own past: which addresses were others, and what it only let go.

https://developer.hashicorp.com/terraform/language/modules/develop/refactoring
https://developer.hashicorp.com/terraform/language/resources/syntax#remove-a-resource-from-state
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from kms_lint.errors import KmsLintError
from kms_lint.syntax.expression import Argument, Block

if TYPE_CHECKING:
    from kms_lint.files import File

_SUFFIXES: Final = (".tf", ".tofu", ".tf.json", ".tofu.json")
_SAYS_SO: Final = re.compile(rb'\b(?:moved|removed)"?\s*[:{]')
_MODULES: Final = re.compile(r"(?:module\.[\w-]+(?:\[[^\]]*\])?\.)+")
_RESOURCE: Final = re.compile(r"(?:aws|awscc)_\w+\.")
_FIRST: Final = re.compile(r"\[0\](?=:|$)")
_FIRST_OF_MODULE: Final = re.compile(r"(?<![\w.-])(module\.[\w-]+)\[0\]")
_MOST: Final = 16


class _Move(NamedTuple):
    """A `moved` block, in the folder that it is written in."""

    folder: str
    origin: str
    target: str


class Moves:
    """The `moved` and `removed` blocks of the files of one side."""

    def __init__(self, place: str, files: Sequence[File]) -> None:
        """`place` is the file or folder that the side is: the folders of the files are seen from there."""
        real = os.path.realpath(place)
        self._place = real if os.path.isdir(real) else os.path.dirname(real)
        self._moves: list[_Move] = []
        self._left: list[_Move] = []
        self._known: dict[tuple[str, str], tuple[str, ...]] = {}
        for file in files:
            if file.path.endswith(_SUFFIXES):
                self._read(file)

    def _read(self, file: File) -> None:
        folder = os.path.relpath(os.path.dirname(os.path.realpath(file.location)), self._place)
        folder = "" if folder == "." else folder.replace(os.sep, "/")
        for block in _blocks(file):
            arguments = block.arguments()
            origin, target = _address(arguments.get("from")), _address(arguments.get("to"))
            if block.type == "moved" and origin and target:
                self._moves.append(_Move(folder, origin, target))
            elif block.type == "removed" and origin and _stays(block):
                self._left.append(_Move(folder, "", origin))

    def place(self, here: str, path: str) -> str:
        """A path of the working directory, seen from what the side is."""
        return os.path.relpath(os.path.realpath(os.path.join(here, path)), self._place).replace(os.sep, "/")

    def formerly(self, address: str, place: str) -> tuple[str, ...]:
        """The addresses that something had before, by `moved` blocks, the latest first. `place` is its file."""
        known = self._known.get((address, place))
        if known is None:
            known = self._known[address, place] = self._formerly(address, place)
        return known

    def _formerly(self, address: str, place: str) -> tuple[str, ...]:
        found: dict[str, None] = {}
        waiting = [address]
        while waiting and len(found) < _MOST:
            here = waiting.pop(0)
            earlier = [each for move in self._moves if (each := _earlier(move, here, place)) is not None]
            waiting += [each for each in earlier if each not in found and each != address]
            found |= dict.fromkeys(waiting)
        return tuple(found)

    def left(self, address: str, place: str) -> bool:
        """Whether something is only let go by a `removed` block: it stays as it was, in no file."""
        return any(_earlier(move, address, place) is not None for move in self._left)

    def unsaid(self, address: str) -> tuple[str, ...]:
        """The addresses that Terraform takes for the same without a block: before `count` came, or went.

        https://developer.hashicorp.com/terraform/language/modules/develop/refactoring#enabling-count-or-for_each-for-a-resource
        """
        return _unsaid(address) if _RESOURCE.match(_MODULES.sub("", address, count=1)) else ()


def _unsaid(address: str) -> tuple[str, ...]:
    without = {_FIRST.sub("", address), _FIRST_OF_MODULE.sub(r"\1", address)}
    own, colon, rest = address.partition(":")
    counted = () if own.endswith("]") else (f"{own}[0]{colon}{rest}",)
    return (*sorted(without - {address}), *counted)


def _earlier(move: _Move, address: str, place: str) -> str | None:
    """What an address was before a move; `None` where the move is not about it."""
    if move.target not in address:
        return None
    found = _MODULES.match(address)
    steps = [0, *(each.end() for each in re.finditer(r"module\.[\w-]+(?:\[[^\]]*\])?\.", found[0]))] if found else [0]
    for start in steps:
        rest = address[start:].removeprefix(move.target)
        if not address.startswith(move.target, start) or rest[:1] not in ("", "[", ":", "."):
            continue
        if rest[:1] == "." and not _is_module(move.target):
            continue
        if move.target.startswith("module.") or os.path.dirname(place) == move.folder:
            return address[:start] + move.origin + rest
    return None


def _is_module(address: str) -> bool:
    return _MODULES.fullmatch(f"{address}.") is not None


def _stays(block: Block) -> bool:
    """Whether what is removed is not destroyed."""
    return any(
        (told := inner.arguments().get("destroy")) is not None and _text(told) == "false"
        for inner in block.blocks()
        if inner.type == "lifecycle"
    )


def _address(argument: Argument | None) -> str:
    return "" if argument is None else re.sub(r"\s+", "", _text(argument))


def _text(argument: Argument) -> str:
    at = argument.expression().at
    said = at.source.text[at.start : at.end].strip()
    if at.source.path.endswith(".json") and said.startswith('"'):
        said = said[1:-1].replace('\\"', '"')
    return said


def _blocks(file: File) -> Iterator[Block]:
    from kms_lint.files import content, decode
    from kms_lint.syntax import hcl, hcl_json

    try:
        written = content(file)
        if not _SAYS_SO.search(written):
            return
        source = decode(file.path, written)
    except KmsLintError:
        return
    parsed = hcl_json.parse(source) if file.path.endswith(".json") else hcl.parse(source)
    yield from (each for each in parsed.blocks if each.type in ("moved", "removed"))
