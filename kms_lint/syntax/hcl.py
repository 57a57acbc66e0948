"""HCL: files that are well written are read here, those that are not by tree-sitter, which goes on after an error.

https://developer.hashicorp.com/terraform/language/syntax/configuration
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from kms_lint.errors import MalformedError
from kms_lint.source import Source, Span
from kms_lint.syntax.expression import Argument, Block, Expression, Template
from kms_lint.syntax.hcl_expression import convert
from kms_lint.syntax.hcl_plain import Body, NotPlainError, Reader
from kms_lint.syntax.hcl_text import Written, digits_repaired, pieces, written
from kms_lint.syntax.tree import Text

if TYPE_CHECKING:
    from tree_sitter import Node, Parser


_MOST_LOOKS: Final = 50
"""How many broken blocks of a file are looked at a second time: each look may go through all of the file."""


class Configuration(NamedTuple):
    """What a file holds at its top level; `errors` say where it could not be read."""

    blocks: tuple[Block, ...]
    arguments: dict[str, Argument]
    errors: tuple[MalformedError, ...]


def parse(source: Source) -> Configuration:
    """The blocks of a file, without those that are broken: each of these is an error."""
    try:
        return _plain(source)
    except NotPlainError:
        return parsed(source)


def parsed(source: Source) -> Configuration:
    """The same, all of it by the parser, which does not know all of HCL."""
    whole = written(source)
    root = _parser().parse(whole.content).root_node
    if not root.has_error:
        return _configuration(root, whole)
    repaired = digits_repaired(whole.content)
    if repaired != whole.content:
        root = _parser().parse(repaired).root_node
        if not root.has_error:
            return _configuration(root, whole)
    return _piecewise(whole, repaired)


def blocks(source: Source) -> tuple[Span, ...]:
    """The spans of all blocks of a file, at any depth, in the order in which they begin."""
    found: list[Span] = []
    waiting = list(parse(source).blocks)
    while waiting:
        block = waiting.pop()
        found.append(block.at)
        waiting.extend(block.blocks())
    return tuple(sorted(found, key=lambda span: span.start))


def _plain(source: Source) -> Configuration:
    """A file that is read without the parser. Raises NotPlainError when it is broken, or nested too deeply."""
    body = Body()
    reader = _reader(source)
    complete: Reader | None = None
    while not reader.ended():
        start = reader.at
        try:
            reader.item(body)
        except NotPlainError:
            complete = complete or _complete(source)
            complete.go(start)
            complete.item(body)
            reader.go(complete.at)
    return Configuration(tuple(body.blocks()), body.arguments(), ())


def _reader(source: Source) -> Reader:
    try:
        return Reader(source)
    except NotPlainError:
        return _complete(source)


def _complete(source: Source) -> Reader:
    from kms_lint.syntax.hcl_complete import Complete

    return Complete(source)


def template(source: Source) -> Template:
    """A whole file as a template. Raises MalformedError where it is none."""
    from kms_lint.syntax.hcl_complete import Complete

    reader = Complete(source)
    try:
        return reader.template()
    except NotPlainError as error:
        at = min(reader.at, max(0, len(source.text) - 1))
        raise MalformedError("this template cannot be read", Span(source, at, at + 1)) from error


@lru_cache(maxsize=1)
def _parser() -> Parser:
    import tree_sitter
    import tree_sitter_hcl

    return tree_sitter.Parser(tree_sitter.Language(tree_sitter_hcl.language()))


def _configuration(root: Node, written: Written) -> Configuration:
    for child in root.named_children:
        if child.type == "body":
            body = _Body(child, written)
            return Configuration(tuple(body.blocks()), body.arguments(), ())
        if child.type != "comment":
            message = "expected a block, not a value: JSON belongs into a file that ends with .tf.json"
            return Configuration((), {}, (MalformedError(message, written.at(child)),))
    return Configuration((), {}, ())


def _piecewise(written: Written, content: bytes) -> Configuration:
    """Each top-level block parsed by itself: the parser alone loses most of a file around one error."""
    found: list[Block] = []
    arguments: dict[str, Argument] = {}
    errors: list[MalformedError] = []
    for start, end in pieces(content):
        piece = written.part(start)
        root = _parser().parse(content[start:end] + b"\n").root_node
        if root.has_error:
            whole = _well_written(piece, end - start) if len(errors) < _MOST_LOOKS else None
            if whole is None:
                errors.append(_broken(root, content[start:end], piece))
            else:
                found.extend(whole.blocks())
                arguments.update(whole.arguments())
            continue
        configuration = _configuration(root, piece)
        found.extend(configuration.blocks)
        arguments.update(configuration.arguments)
    return Configuration(tuple(found), arguments, tuple(errors))


def _well_written(piece: Written, length: int) -> Body | None:
    """What a piece holds that only the parser takes for broken; `None` when it is."""
    body = Body()
    end = piece.offset(length)
    try:
        reader = _again(piece.source)
        reader.go(piece.offset(0))
        while not reader.ended() and reader.at < end:
            reader.item(body)
    except NotPlainError:
        return None
    return body if reader.at >= end or reader.ended() else None


@lru_cache(maxsize=1)
def _again(source: Source) -> Reader:
    return _complete(source)


def _broken(root: Node, content: bytes, written: Written) -> MalformedError:
    """What is wrong with a piece, at the first place where the parser stumbled."""
    from kms_lint.syntax.hcl_fault import fault

    message, start, end = fault(root, content)
    return MalformedError(message, Span(written.source, written.offset(start), written.offset(end)))


class _Body:
    """The arguments and blocks of a body, told apart when one of them is first asked for."""

    __slots__ = ("_arguments", "_blocks", "_duplicates", "_node", "_written")

    def __init__(self, node: Node | None, written: Written) -> None:
        self._node = node
        self._written = written
        self._arguments: dict[str, Argument] = {}
        self._blocks: list[Block] = []
        self._duplicates: list[Argument] = []

    def arguments(self) -> dict[str, Argument]:
        """The arguments by name, the first of each."""
        if self._node is not None:
            self._read(self._node)
        return self._arguments

    def blocks(self) -> Sequence[Block]:
        """The blocks, in order."""
        if self._node is not None:
            self._read(self._node)
        return self._blocks

    def duplicates(self) -> Sequence[Argument]:
        """The arguments whose name has occurred before."""
        if self._node is not None:
            self._read(self._node)
        return self._duplicates

    def _read(self, node: Node) -> None:
        self._node = None
        written = self._written
        for child in node.named_children:
            if child.type == "block":
                self._blocks.append(_block(child, written))
            elif child.type == "attribute":
                parts = child.named_children  # a comment may stand between the two
                argument = Argument(written.name(parts[0]), _Lazy(parts[-1], written), written.at(child))
                if self._arguments.setdefault(argument.name, argument) is not argument:
                    self._duplicates.append(argument)


class _Lazy:
    """An expression that is converted when it is first called for."""

    __slots__ = ("_converted", "_node", "_written")

    def __init__(self, node: Node, written: Written) -> None:
        self._node: Node | None = node
        self._written = written
        self._converted: Expression | None = None

    def __call__(self) -> Expression:
        if self._converted is None:
            assert self._node is not None
            self._converted = convert(self._node, self._written)
            self._node = None
        return self._converted


def _block(node: Node, written: Written) -> Block:
    names: list[Text] = []
    body: Node | None = None
    for child in node.named_children:
        kind = child.type
        if kind == "identifier":
            names.append(written.name(child))
        elif kind == "string_lit":
            names.append(written.label(child))
        elif kind == "body":
            body = child
    inside = _Body(body, written)
    first, last = names[0].at, names[-1].at
    assert isinstance(first, Span)
    assert isinstance(last, Span)
    header = Span(written.source, first.start, last.end)
    return Block(
        names[0], tuple(names[1:]), header, written.at(node), inside.arguments, inside.blocks, inside.duplicates
    )
